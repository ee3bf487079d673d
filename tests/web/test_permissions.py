"""Every route with every method, role and relation answers as the tables say (T05, T06)."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from app.kernel.access import KernelPermission
from app.kernel.permissions import TABLE
from documents.permissions import DocumentPermission
from tests.documents.content.hostile import TAKEN
from tests.matrix import Route, acts, expected_at, routes
from tests.web.conftest import Ground
from tests.web.world import ASKING, OF_A_REFUSAL, World, forgotten

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
LEADS_TO_THE_DOOR = {"work.start", "sign_in.leave"}
FILES = {"@docx": TAKEN["Word"], "@pdf": TAKEN["PDF"], "@xlsx": TAKEN["workbook"]}


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint with the methods of its own; HEAD is GET without its body."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(world: World, route: Route) -> str:
    """Build the path of a row."""
    values = dict(parse_qsl(world.filled(route.path), keep_blank_values=True))
    adapter = world.app.url_map.bind("localhost")
    return adapter.build(route.endpoint, values)


def typed(world: World, route: Route, name: str) -> dict[str, object]:
    """Fill in the form of a row as somebody would, with their own form token."""
    form: dict[str, object] = {"csrf_token": world.tokens[name]}
    for field, value in parse_qsl(world.filled(route.form), keep_blank_values=True):
        if value in FILES:
            file_name, content = FILES[value]
            form[field] = (BytesIO(content), file_name)
        else:
            form[field] = value
    return form


def verdict(endpoint: str, status: int, location: str) -> str:
    """Say in the words of the tables what an answer was."""
    if endpoint == "health.health" and status == 503:  # nothing runs the jobs of this world
        return "allow"
    if status == 303 and location.startswith("/login"):
        return "redirect"
    return "deny" if status in (403, 404) else "allow" if status < 500 else "broken"


@pytest.mark.covers("T05")
def test_every_route_and_every_permission_has_its_row(small_ground: Ground) -> None:
    """A new route or permission without a row fails here first."""
    written = {(route.endpoint, route.method) for route in routes()}
    existing = rules_of(small_ground.world.app)
    assert not existing - written, "add these to tests/routes.csv"
    assert not written - existing, "these are gone"
    assert {str(permission) for permission in TABLE} == acts()
    assert {str(one) for one in (*KernelPermission, *DocumentPermission)} <= acts()
    used = {route.permission for route in routes()} - {"open"}
    assert used <= acts()


@pytest.mark.covers("T05")
def test_rows_name_the_permission_the_code_asks_for(small_ground: Ground) -> None:
    app = small_ground.world.app
    wrong = []
    for route in routes():
        if route.endpoint == "static":
            continue
        view = app.view_functions[route.endpoint]
        asked = str(getattr(view, "permission", "")) or "open"
        if asked == "open":
            assert getattr(view, "open_reason", ""), route.endpoint
        if asked != route.permission and not _reads(asked, route.permission):
            wrong.append((route.name, asked))
    assert not wrong


def _reads(asked: str, written: str) -> bool:
    """Reading has two permissions; which one counts depends on the revision's state."""
    pair = {"documents.revision.read", "documents.effective.read"}
    return {asked, written} <= pair


@pytest.mark.covers("T05", "O1", "O4", "D6", "T1")
def test_every_route_answers_as_the_table_says(small_ground: Ground) -> None:
    """Deny: 403 or 404, nothing changed but one entry; redirect: to sign-in, nothing changed."""
    world, wrong = small_ground.world, []
    for route in routes():
        path = address(world, route)
        for name, (role, relation) in ASKING.items():
            wanted = expected_at(route, role, relation)
            with forgotten(small_ground.connection):
                data = typed(world, route, name) if route.method != "GET" else None
                answer = world.ask(name, route.method, path, data=data)
                answer.close()
                got = verdict(
                    route.endpoint, answer.status_code, answer.headers.get("Location", "")
                )
                if got == "redirect" and route.endpoint in LEADS_TO_THE_DOOR:
                    continue
                if got != wanted:
                    wrong.append(
                        f"{route.name} by {name}: {got} {answer.status_code}, not {wanted}"
                    )
                elif wanted != "allow":
                    touched, new = small_ground.differs(), small_ground.new_entries()
                    limit = OF_A_REFUSAL if wanted == "deny" else set()
                    if not touched <= limit or new != (wanted == "deny"):
                        wrong.append(f"{route.name} by {name}: {touched} changed, {new} entries")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)
