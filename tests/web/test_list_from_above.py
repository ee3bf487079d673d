"""One pill of a master list finds what higher bodies published to the body (O4, a3)."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from app.kernel.db import db
from documents.master_list import Filters, everything, listed
from documents.models import RevisionState
from tests.builders import TODAY, form_token
from tests.counting import queries
from tests.documents.test_publications import (
    BINDING,
    TO_ADOPT,
    Province,
    adopted,
    held,
    published,
)
from tests.web.test_publications import looked_at, path_of

pytestmark = pytest.mark.covers("O4", "a3", "a60")
PILL = "from=above"


def given(person, body=None, **filters):
    standing = held(person)
    body_id = body.id if body is not None else standing.body_id
    return listed(db.session(), standing, body_id, Filters(is_given=True, **filters), today=TODAY)


def texts(shown: str) -> str:
    return " ".join(shown.split())


def test_the_pill_shows_only_what_comes_from_above_and_what_it_is_worth_here(app, client):
    place = Province()
    an, binh = place.wards
    offer = published(place, TO_ADOPT)
    adopted(an, offer, place.revision)
    status, shown = looked_at(client, an.officer, f"/documents?{PILL}&lang=en")
    assert status == 200
    assert path_of(place) in shown, "the row leads to where it is read"
    assert "01/00" in shown
    mark = f"of {place.office.body.name}, adopted by 15/QĐ-UBND of 23/11/2026"
    assert mark[1:] in texts(shown)
    assert f'href="/documents?{PILL}" aria-current="true"' in shown
    assert place.office.author.name not in shown, "nobody here knows who keeps it there"
    status, shown = looked_at(client, binh.staff, f"/documents?{PILL}&lang=en")
    assert f"{place.office.body.name}, not adopted yet" in shown
    adopted(binh, offer, place.revision, number="")
    assert "adopted on 23/11/2026" in texts(client.get(f"/documents?{PILL}&lang=en").text)
    later = place.office.effective(place.document, text="Bản hai.")
    shown = texts(client.get(f"/documents?{PILL}&lang=vi").text)
    assert later.label in shown
    assert "Của cấp trên" in shown
    _, shown = looked_at(client, an.officer, f"/documents?{PILL}&lang=vi")
    assert "đã áp dụng lần 01/00 theo 15/QĐ-UBND ngày 23/11/2026; lần này chưa" in texts(shown)


def test_its_own_documents_are_not_among_them_and_others_bodies_neither(app):
    place, other = Province(), Province()
    an = place.wards[0]
    published(place, BINDING)
    published(other, BINDING)
    rows = given(an.officer).rows
    assert [row.document.id for row in rows] == [place.document.id]
    assert given(an.officer).total == 1
    assert given(place.office.officer).rows == [], "nothing comes from above to the highest"
    assert given(place.stranger.officer).rows == []
    assert given(place.office.officer, an.body).rows != [], "who oversees it sees its list"
    assert given(an.officer, state=RevisionState.WITHDRAWN).rows == []
    assert given(an.officer, text="khai sinh").rows != []
    assert given(an.officer, text="không có").rows == []


def test_where_nothing_comes_from_above_there_is_no_pill(app, client):
    place = Province()
    an = place.wards[0]
    for person in (place.office.officer, an.officer):
        _, shown = looked_at(client, person, "/documents")
        assert PILL not in shown
    published(place, BINDING, an)
    assert PILL in looked_at(client, an.staff, "/documents")[1]
    assert PILL not in looked_at(client, place.wards[1].officer, "/documents")[1]
    _, shown = looked_at(client, place.office.officer, f"/documents?{PILL}&lang=en")
    assert "No document like this" in shown, "a saved address stays understandable"


def test_it_pages_by_key_and_costs_no_more_questions_than_the_other_pills(app):
    place = Province()
    an = place.wards[0]
    published(place, BINDING)
    standing = held(an.officer)

    def count(**filters) -> int:
        db.session.expire_all()
        with queries() as asked:
            listed(db.session(), standing, an.body.id, Filters(**filters), today=TODAY)
        return len(asked)

    count(is_given=True)
    before = count(is_given=True)
    assert before == count()
    for _ in range(4):
        place.revision = place.office.effective(text="Thêm một tài liệu.")
        published(place, BINDING)
    assert count(is_given=True) == before
    ids, after = [], None
    while True:
        page = listed(
            db.session(), standing, an.body.id, Filters(is_given=True),
            today=TODAY, after_id=after, limit=2,
        )  # fmt: skip
        ids += [row.document.id for row in page.rows]
        after = page.after_id
        if after is None:
            break
    assert len(ids) == len(set(ids)) == 5
    whole = everything(db.session(), standing, an.body.id, Filters(is_given=True), today=TODAY)
    assert ids == [row.document.id for row in whole]


def test_paper_and_spreadsheet_hold_exactly_what_the_pill_shows(app, client):
    place = Province()
    an = place.wards[0]
    adopted(an, published(place, TO_ADOPT), place.revision)
    _, printed = looked_at(client, an.officer, f"/documents/print?{PILL}&lang=en")
    assert "Of higher bodies" in printed
    assert "adopted by 15/QĐ-UBND" in texts(printed)
    token = form_token(client, "/documents")
    answer = client.post(f"/documents/export?{PILL}", data={"csrf_token": token})
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert place.document.code in cells
    assert any("15/QĐ-UBND" in str(cell) for cell in cells)
