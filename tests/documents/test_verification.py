"""The page behind the square code: a verdict for everybody, a document only if public (a39, L2)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.kernel.db import db
from app.kernel.notices import Notice
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import Confidentiality
from documents.submission import cancel_package
from documents.verification import Answer, verdict_on
from tests.builders import Office, a_document, a_draft, form_token, sign_in, submitted


def a_public_document(office, title="Đăng ký khai tử"):
    return a_document(
        office.officer,
        office.unit,
        title=title,
        confidentiality=Confidentiality.PUBLIC,
        keeper=office.author,
    )


@pytest.mark.covers("L2", "a39")
def test_a_printed_page_is_current_replaced_not_in_force_or_unknown(app):
    office = Office()
    first = office.effective()
    assert verdict_on(db.session(), first.token).answer is Answer.CURRENT
    second = office.effective(first.document, text="Bản hai.")
    verdict = verdict_on(db.session(), first.token)
    assert (verdict.answer, verdict.current_edition) == (Answer.REPLACED, "02/00")
    assert verdict_on(db.session(), second.token).answer is Answer.CURRENT
    draft = submitted(a_draft(office.author, first.document), office.author)
    assert verdict_on(db.session(), draft.token).answer is Answer.NOT_YET
    with unit_of_work(office.author) as work:
        cancel_package(work, work.fresh(draft), reason="Thôi")
    assert verdict_on(db.session(), draft.token).answer is Answer.UNKNOWN
    for token in ("", "x", "a" * 500, "'; --", first.token[:-1]):
        assert verdict_on(db.session(), token).answer is Answer.UNKNOWN


@pytest.mark.covers("L2", "a39")
def test_the_page_tells_strangers_of_public_documents_only(app, client):
    office = Office()
    first = office.effective(a_public_document(office))
    office.effective(first.document, text="Bản hai.")
    closed = office.effective(office.document("Việc nội bộ"))
    page = client.get(f"/v/{first.token}").get_data(as_text=True)
    for word in ("đã hết hiệu lực", "02/00", first.code, "Đăng ký khai tử", office.body.name):
        assert word in page
    page = client.get(f"/v/{closed.token}").get_data(as_text=True)
    assert "Bản này đang hiệu lực" in page
    for word in (closed.code, "Việc nội bộ", office.body.name, "01/00", "/d/"):
        assert word not in page
    sign_in(client, office.staff)
    assert f"/d/{first.code}" in client.get(f"/v/{first.token}").get_data(as_text=True)


@pytest.mark.covers("L2", "a39")
def test_the_answer_is_small_needs_no_script_and_asks_one_stylesheet(app, client):
    office = Office()
    revision = office.effective(a_public_document(office))
    answer = client.get(f"/v/{revision.token}")
    page = answer.get_data(as_text=True)
    assert len(answer.data) < 6_000
    assert "<script" not in page
    assert page.count('rel="stylesheet"') == 1
    assert "<img" not in page
    english = client.get(f"/v/{revision.token}?lang=en").get_data(as_text=True)
    assert "This page is current" in english


@pytest.mark.covers("L2", "T06")
def test_an_unknown_token_costs_the_same_questions_and_tells_nothing(app, client):
    office = Office()
    revision = office.effective()
    asked = []

    def count(_connection, _cursor, statement, *_more):
        asked.append(statement)

    def statements(token):
        asked.clear()
        db.session.rollback()
        verdict_on(db.session(), token)
        return [one for one in asked if "revision" in one]

    event.listen(db.engine, "before_cursor_execute", count)
    known, unknown = statements(revision.token), statements("x" * 24)
    event.remove(db.engine, "before_cursor_execute", count)
    assert known == unknown
    answer = client.get("/v/" + "x" * 24)
    assert answer.status_code == 404
    assert "Không trả lời được về bản này" in answer.get_data(as_text=True)


@pytest.mark.covers("L2", "a39", "T4")
def test_an_old_page_that_still_hangs_is_told_to_those_who_keep_the_document(app, client):
    office = Office()
    first = office.effective()
    office.effective(first.document, text="Bản hai.")
    address = f"/v/{first.token}"
    token = form_token(client, address)
    assert client.post(address, data={"csrf_token": token, "place": " "}).status_code == 422
    told = client.post(address, data={"csrf_token": token, "place": "Bảng tin tầng 1"})
    assert told.status_code == 303
    assert "Xin cảm ơn" in client.get(told.location).get_data(as_text=True)
    notices = db.session.scalars(
        sa.select(Notice).where(Notice.kind == "revision.old_page_found")
    ).all()
    assert office.officer.id in {notice.person_id for notice in notices}
    assert all(notice.values["place"] == "Bảng tin tầng 1" for notice in notices)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "revision.old_page_reported")
    ).one()
    assert "tầng 1" not in entry.details  # what a stranger typed never enters the trail
    for _ in range(2):
        client.post(address, data={"csrf_token": token, "place": "Nơi khác"})
    assert client.post(address, data={"csrf_token": token, "place": "Lần bốn"}).status_code == 409


@pytest.mark.covers("L2")
def test_only_a_page_of_the_past_can_be_told_of(app, client):
    office = Office()
    current = office.effective()
    assert "<form" not in client.get(f"/v/{current.token}").get_data(as_text=True)
    office.effective(current.document, text="Bản hai.")
    token = form_token(client, f"/v/{current.token}")
    newest = current.document.revisions[-1]
    for known in (newest.token, "khong-co"):
        answer = client.post(f"/v/{known}", data={"csrf_token": token, "place": "Đâu đó"})
        assert answer.status_code == 404
