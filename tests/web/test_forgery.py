"""What another site, an old page or a missing token asks for does not happen (T07)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.builders import form_token
from tests.matrix import Route, expected_at, routes
from tests.web.conftest import Ground
from tests.web.test_permissions import FILES, NOT_MADE_YET, address, typed
from tests.web.world import ASKING, OF_A_REFUSAL

# browsers report without a form, and nothing is kept of it but a count in the operators' log
WITHOUT_TOKEN = {"health.csp_report"}
ATTACKS = {
    "no token": {"csrf_token": None},
    "empty token": {"csrf_token": ""},
    "random token": {"csrf_token": "IjEyMzQ1Njc4OTAi.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "token of somebody else": {"csrf_token": "staff of another body"},
    "token of an older session": {"csrf_token": "old"},
}
ELSEWHERE = {
    "form of another site": {"Origin": "https://evil.example"},
    "form of a page without origin": {"Origin": "null"},
    "same name, other port": {"Origin": "http://localhost:8081"},
    "fetch of another site": {"Sec-Fetch-Site": "cross-site"},
    "fetch of a sister site": {"Sec-Fetch-Site": "same-site"},
}


def _allowed(route: Route) -> str:
    """Somebody who may do it, so that only the forgery stands in the way."""
    for name, (role, relation) in ASKING.items():
        if name != "stranger" and expected_at(route, role, relation) == "allow":
            return name
    raise LookupError(route.name)


def _changing() -> list[Route]:
    """Every route that is no reading, once each."""
    once = {(r.endpoint, r.method): r for r in routes() if r.method != "GET"}
    return [route for route in once.values() if route.endpoint not in WITHOUT_TOKEN]


@pytest.mark.covers("T07", "T1")
def test_nothing_is_done_without_the_token_of_this_session(small_ground: Ground) -> None:
    """Refused with 400, nothing changed but one entry that says so."""
    world, wrong = small_ground.world, []
    old = form_token(world.app.test_client(), "/login")
    for route in _changing():
        name, path = _allowed(route), address(world, route)
        for attack, change in ATTACKS.items():
            given = change["csrf_token"]
            token = {"old": old}.get(given or "") or world.tokens.get(given or "", given)
            form = typed(world, route, name) | {"csrf_token": token}
            if token is None:
                del form["csrf_token"]
            with small_ground.forgotten():
                answer = world.ask(name, route.method, path, data=form)
                touched, new = small_ground.differs(), small_ground.new_entries()
                if answer.status_code != 400 or not touched <= OF_A_REFUSAL or new != 1:
                    wrong.append(f"{route.name}, {attack}: {answer.status_code} {touched} {new}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T07", "T1")
def test_other_sites_change_nothing_even_with_the_right_token(small_ground: Ground) -> None:
    world, wrong = small_ground.world, []
    for route in _changing():
        name, path = _allowed(route), address(world, route)
        for attack, headers in ELSEWHERE.items():
            with small_ground.forgotten():
                form = typed(world, route, name)
                answer = world.ask(name, route.method, path, data=form, headers=headers)
                touched, new = small_ground.differs(), small_ground.new_entries()
                if answer.status_code != 400 or not touched <= OF_A_REFUSAL or new != 1:
                    wrong.append(f"{route.name}, {attack}: {answer.status_code} {touched} {new}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T07", "T1")
def test_what_a_stranger_forges_is_in_the_operators_log(
    small_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody to name in the trail, so the log has it."""
    told: list[str] = []
    monkeypatch.setattr("app.web.errors.log.info", lambda what, **_: told.append(what))
    with small_ground.forgotten():
        answer = small_ground.world.ask("stranger", "POST", "/login", data={"login": "x"})
        assert answer.status_code == 400
        assert told == ["request refused"]
        assert not small_ground.differs()


@pytest.mark.covers("T07")
def test_our_own_pages_may(small_ground: Ground) -> None:
    """The same request with our own origin is done: the refusals above refuse the forgery."""
    world = small_ground.world
    route = next(route for route in routes() if route.endpoint == "comments.make")
    path, name = address(world, route), "author"
    for headers in (
        {},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        with small_ground.forgotten():
            form = typed(world, route, name)
            answer = world.ask(name, "POST", path, data=form, headers=headers)
            assert answer.status_code == 303, headers
            assert "comment" in small_ground.differs()


@pytest.mark.covers("T07")
def test_forms_of_other_kinds_change_nothing(small_ground: Ground) -> None:
    """Bodies as plain text or JSON, and a method named in a header or a field, do nothing."""
    world, wrong = small_ground.world, []
    for route in _changing():
        name, path = _allowed(route), address(world, route)
        text = "&".join(f"{k}={v}" for k, v in typed(world, route, name).items())
        for kind in ("text/plain", "application/json"):
            with small_ground.forgotten():
                answer = world.ask(name, route.method, path, data=text, content_type=kind)
                if answer.status_code != 400 or not small_ground.differs() <= OF_A_REFUSAL:
                    wrong.append(f"{route.name} as {kind}: {answer.status_code}")
        with small_ground.forgotten():
            headers = {"X-HTTP-Method-Override": route.method}
            query = {k: v for k, v in typed(world, route, name).items() if isinstance(v, str)}
            query["_method"] = route.method
            asked = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"
            answer = world.ask(name, "GET", asked, headers=headers)
            answer.close()
            if small_ground.differs() - OF_A_REFUSAL:
                wrong.append(f"{route.name} as GET: {small_ground.differs()}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.covers("T07")
def test_reading_changes_nothing(small_ground: Ground) -> None:
    """Every GET by whoever may: the database is as before, but for what reading must record."""
    world, wrong = small_ground.world, []
    for route in routes():
        if route.method != "GET" or route.endpoint in NOT_MADE_YET:
            continue
        path = address(world, route)
        path += "&lang=en" if "?" in path else "?lang=en"
        names = [
            name
            for name in ("officer", "administrator", "author", "leader", "inspector")
            if expected_at(route, *ASKING[name]) == "allow"
        ]
        for name in names:
            for part in ({}, {"HX-Request": "true"}):
                with small_ground.forgotten():
                    answer = world.ask(name, "GET", path, headers=part)
                    answer.close()
                    touched = small_ground.differs()
                    # opening what is for named people is a fact (T1)
                    limit = OF_A_REFUSAL if "(named)" in route.act else set()
                    if not touched <= limit or small_ground.new_entries() > len(limit):
                        wrong.append(f"{route.name} by {name}: {touched}")
    assert not wrong, "\n".join(wrong)
    assert FILES  # the uploads among the routes above were sent with real files
