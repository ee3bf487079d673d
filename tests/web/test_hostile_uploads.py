"""Every route that takes a file refuses every kind of bad one, in words, leaving nothing (T15)."""

from __future__ import annotations

import gettext as catalogues
import html
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kernel.install import installation
from documents.content.intake import Reason
from tests.documents.content.hostile import REFUSED, TAKEN
from tests.matrix import Route, expected_at, routes
from tests.structure.house import ROOT
from tests.web.conftest import Ground
from tests.web.test_permissions import address, typed
from tests.web.world import ASKING, OF_A_REFUSAL

# one file for each reason; what only a child of a size or a time can refuse is tested there
ONE_OF_EACH = {reason: (name, data) for reason, name, data in REFUSED.values()}
# a list of units, people or procedures is read by another door, which says its own words
OTHER_WORDS = {"organisation_import.upload", "assignments.bring", "calendar.upload"}
A_LIST_ALONE = {
    "imports.listing"
}  # takes a workbook only: other kinds are refused in its own words
A_PHOTO_ALONE = {"copies.bring_photo", "evidence.add"}  # refuses documents in words of its own
KEEPS_WORDS = {"evidence.add": {"answer_draft"}}  # typed beside the file: nothing is lost
# take signed PDFs only and read nothing but their signatures; tests/documents/test_sealing.py
PDF_ALONE = {"digital_copy.bring", "digital_copy.check"}
LATER = PDF_ALONE | {
    "imports.bring_files"
}  # keeps files aside and says of each, on its page, what it is


def _uploads() -> list[Route]:
    return [route for route in routes() if "=@" in route.form]


def _sentence(reason: Reason, language: str) -> str:
    """The beginning of what a page says, in words of the reader, up to a number in it."""
    text = reason.sentence
    if language == "vi":
        with (ROOT / "app/translations/vi/LC_MESSAGES/messages.mo").open("rb") as source:
            text = catalogues.GNUTranslations(source).gettext(text)
        assert text != reason.sentence
    return str(text.split("%(")[0][:40])


def _left(ground: Ground) -> list[Path]:
    with ground.world.app.app_context():
        return list(installation().store.incoming.iterdir())


def _stored(ground: Ground) -> set[str]:
    with ground.world.app.app_context():
        return {name for name, _path, _time in installation().store.everything()}


@pytest.mark.covers("T15")
def test_every_route_of_files_is_among_the_uploads(small_ground: Ground) -> None:
    """A form with a file field on any page leads to a route whose row sends a file."""
    world = small_ground.world
    sending = {address(world, route) for route in _uploads()}
    found = set()
    for route in routes():
        if route.method != "GET" or route.endpoint in ("static", "styleguide.show"):
            continue
        for name in ("officer", "administrator", "author"):
            if expected_at(route, *ASKING[name]) != "allow":
                continue
            answer = world.ask(name, "GET", address(world, route))
            if answer.mimetype == "text/html":
                page = answer.get_data(as_text=True)
                for form in page.split("<form")[1:]:
                    form = form.split("</form>")[0]
                    if 'type="file"' in form:
                        action = form.partition('action="')[2].partition('"')[0]
                        found.add(html.unescape(action) or address(world, route))
            answer.close()
    assert found - sending <= {address(world, r) for r in routes() if r.endpoint in OTHER_WORDS}
    assert len(sending) >= 4


@pytest.mark.covers("T15", "T1")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_reason_is_said_and_nothing_is_left(small_ground: Ground, language: str) -> None:
    """4xx with the sentence of the reason; one entry; no file in the store, none half received."""
    world, wrong, seen = small_ground.world, [], set()
    before = _stored(small_ground)
    for route in [one for one in _uploads() if one.endpoint not in LATER]:
        name = next(n for n, who in ASKING.items() if expected_at(route, *who) == "allow")
        path = address(world, route)
        for reason, (file_name, data) in ONE_OF_EACH.items():
            if language == "en" and seen and reason is not Reason.EMPTY:
                continue  # the words come from one place; one route says them all in English too
            with small_ground.forgotten():
                form = typed(world, route, name)
                field = next(key for key, value in form.items() if isinstance(value, tuple))
                form[field] = (BytesIO(data), file_name)
                query = {"lang": language}
                answer = world.ask(name, "POST", path, data=form, query_string=query)
                page = html.unescape(answer.get_data(as_text=True))
                what = f"{route.name} {reason}: {answer.status_code}"
                if answer.status_code != 422:
                    wrong.append(what)
                bad_name = reason is Reason.BAD_NAME  # said by the detail of the name
                if route.endpoint in A_LIST_ALONE and not file_name.endswith(".xlsx"):
                    bad_name = True
                bad_name = bad_name or route.endpoint in A_PHOTO_ALONE
                if not bad_name and _sentence(reason, language) not in page:
                    wrong.append(f"{what} does not say {_sentence(reason, language)!r}")
                touched, new = small_ground.differs(), small_ground.new_entries()
                touched -= KEEPS_WORDS.get(route.endpoint, set())
                if not touched <= OF_A_REFUSAL or new != 1:
                    wrong.append(f"{what}: {touched} changed, {new} entries")
                if _left(small_ground):
                    wrong.append(f"{what}: {_left(small_ground)} left")
        seen.add(route.endpoint)
    assert not wrong, "\n".join(wrong)
    assert _stored(small_ground) == before


@pytest.mark.covers("T15", "D2")
def test_honest_files_come_back_byte_for_byte(small_ground: Ground) -> None:
    """Brought by the form, fetched by its link: the same bytes, as an attachment, of its name."""
    world = small_ground.world
    for _label, (file_name, data) in TAKEN.items():
        with small_ground.forgotten():
            route = next(r for r in _uploads() if r.endpoint == "revise.replace_file")
            form = typed(world, route, "author")
            form["file"] = (BytesIO(data), file_name)
            answer = world.ask("author", "POST", address(world, route), data=form)
            assert answer.status_code == 303, (file_name, answer.get_data(as_text=True)[:2000])
            newest = small_ground.connection.scalar(
                sa.text("SELECT max(id) FROM revision_file WHERE replaced_at IS NULL")
            )
            path = f"/r/{world.values['draft.id']}/file/{newest}"
            fetched = world.ask("author", "GET", path)
            assert fetched.status_code == 200, path
            assert fetched.get_data() == data
            assert fetched.headers["Content-Disposition"].startswith("attachment")
            assert fetched.headers["X-Content-Type-Options"] == "nosniff"
            fetched.close()


@pytest.mark.covers("T15")
@pytest.mark.parametrize(
    "name",
    [
        "../../../tmp/a.docx",
        "..\\..\\a.docx",
        "C:\\windows\\a.docx",
        "\\\\share\\a.docx",
        'a";filename="b.html.docx',
        "<img src=x onerror=alert(1)>.docx",
        "a\r\nSet-Cookie: x=y.docx",
        "\u202excod.docx",
        "x" * 400 + ".docx",
        "CON.docx",
        ".docx",
        "ă" * 200 + ".docx",
        "a.docx\u200b",
    ],
)
def test_odd_names_are_shown_safely_or_refused(small_ground: Ground, name: str) -> None:
    world = small_ground.world
    route = next(r for r in _uploads() if r.endpoint == "revise.replace_file")
    with small_ground.forgotten():
        form = typed(world, route, "author")
        form["file"] = (BytesIO(TAKEN["Word"][1]), name)
        answer = world.ask("author", "POST", address(world, route), data=form)
        assert answer.status_code in (303, 400, 422)  # 400: no whole form arrived
        page = world.ask("author", "GET", f"/r/{world.values['draft.id']}/draft")
        body = page.get_data(as_text=True)
        assert "<img src=x" not in body
        assert "x=y" not in str(page.headers)
    assert not _left(small_ground)
