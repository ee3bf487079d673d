"""Findings and the report as people write, answer, sign and read them (screens 18, 21; F10)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from docx import Document as read_word

from app.kernel.db import db
from app.kernel.work import unit_of_work
from audits.facts import AuditFact
from audits.models import (
    AuditState,
    Clause,
    Finding,
    FindingGrade,
    FindingState,
    Recommendation,
    Standard,
    UnitResponse,
)
from tests.audits.test_findings import an_audit
from tests.audits.world import Auditing
from tests.builders import MONDAY, PASSWORD, Office
from tests.counting import queries
from tests.web.test_audit_pages import sent, signed_in_as, text_of

WORDS = {"words-conclusions": "Hệ thống phù hợp.", "words-comparison": "Ít hơn."}


def _clause(number: str = "8.5.1") -> int:
    asked = sa.select(Clause.id).join(Standard).where(Standard.name == "ISO 9001:2015")
    return int(db.session.scalars(asked.where(Clause.number == number)).one())


@pytest.mark.covers("b27", "b28", "A3")
def test_a_finding_is_written_without_a_line_and_changed(app, client):
    office = Auditing()
    audit = an_audit(office)
    signed_in_as(client, office.lead_person)
    page = f"/audits/{audit.number}/findings/new"
    assert sent(client, page, page, unit=office.unit.id, grade="minor").status_code == 422
    values = {"unit": office.unit.id, "grade": "minor", "statement": "Sổ ghi thiếu."}
    made = sent(client, page, page, **values)
    assert made.location.endswith(f"/findings/{audit.number}.01")
    text = text_of(client, made.location)
    assert "Sổ ghi thiếu." in text
    assert "chưa có chuẩn mực" in text
    edit = f"{made.location}/edit"
    found = db.session.scalars(sa.select(Finding)).one()
    seen = {"row_version": found.row_version}
    whole = {**values, "clause": _clause(), "others": _clause("7.5.3"), "evidence": "Sổ, trang 4"}
    assert sent(client, edit, edit, **whole, **seen).status_code == 303
    stale = sent(client, edit, edit, **{**whole, "statement": "Câu khác"}, **seen)
    assert stale.status_code == 409
    assert "Câu khác" in stale.get_data(as_text=True)  # what was typed is still there
    assert db.session.get_one(Finding, found.id).clause_numbers == "8.5.1, 7.5.3"
    signed_in_as(client, office.manager)
    assert client.get(made.location).status_code == 404  # nobody told the unit yet
    assert client.get(page).status_code == 403


@pytest.mark.covers("b30", "A9", "b31", "A8")
def test_the_unit_disputes_on_its_page_and_the_lead_decides(app, client):
    office = Auditing()
    before = an_audit(office)
    old = office.finding(before)
    office.sent(before)
    office.answered_by(office.manager, old)
    office.issued(before)
    audit = an_audit(office)
    finding = office.finding(audit, "Vẫn thiếu hồ sơ")
    signed_in_as(client, office.lead_person)
    report = f"/audits/{audit.number}/report"
    send = sent(client, f"/audits/{audit.number}/findings/sending", report)
    assert send.status_code == 303
    page = f"/findings/{finding.number}"
    assert old.number in text_of(client, page)
    assert sent(client, f"{page}/claims", page, answer="repeats").status_code == 303
    assert sent(client, f"{page}/claims", page, answer="perhaps").status_code == 404
    signed_in_as(client, office.manager)
    assert page in text_of(client, "/work")  # it waits for whoever heads the unit
    text = text_of(client, page)
    assert text.count('class="btn primary"') == 1
    answer = {"answer-response": "dispute", "answer-row_version": finding.row_version}
    assert sent(client, f"{page}/response", page, **answer).status_code == 422  # no words
    answer["answer-words"] = "Hồ sơ để ở kho."
    assert sent(client, f"{page}/response", page, **answer).status_code == 303
    assert page not in text_of(client, "/work")
    assert sent(client, f"{page}/response", page, **answer).status_code == 409
    assert sent(client, f"{page}/decision", page, **{"decide-reason": "x"}).status_code == 403
    signed_in_as(client, office.lead_person)
    text = text_of(client, report)
    assert "Hồ sơ để ở kho." in text
    assert "đã được báo cáo 2 lần" in text
    seen = {"decide-row_version": db.session.get_one(Finding, finding.id).row_version}
    assert sent(client, f"{page}/decision", page, **seen).status_code == 422
    reason = {"decide-reason": "Sổ là nơi quy định.", "back": "report", **seen}
    assert sent(client, f"{page}/decision", page, **reason).location.endswith("/report")
    assert db.session.get_one(Finding, finding.id).state is FindingState.DECIDED
    assert "Đã giữ nguyên" in text_of(client, page)


@pytest.mark.covers("A4", "A9", "b34", "b35", "b26")
def test_the_report_is_signed_once_kept_as_printed_and_followed(app, client):
    office = Auditing()
    audit = an_audit(office)
    finding = office.finding(audit)
    office.finding(audit, "Nên gộp sổ", FindingGrade.OPPORTUNITY)
    signed_in_as(client, office.lead_person)
    page = f"/audits/{audit.number}/report"
    issue = f"{page}/issue"
    assert "chưa được gửi cho đơn vị" in text_of(client, page)
    sent(client, f"/audits/{audit.number}/findings/sending", page)
    for one in db.session.scalars(sa.select(Finding)):
        office.answered_by(office.manager, one)
    signed = {**WORDS, "words-password": PASSWORD}
    wrong = sent(client, issue, page, **{**signed, "words-password": "sai"})
    assert wrong.status_code == 422
    assert "Hệ thống phù hợp." in wrong.get_data(as_text=True)
    empty = sent(client, issue, page, **{**signed, "words-conclusions": ""})
    assert empty.status_code == 409
    assert sent(client, page, page, **WORDS).status_code == 303
    seen = {"words-row_version": db.session.scalar(sa.text("SELECT row_version FROM audit_report"))}
    late = sent(client, issue, page, **signed)
    assert late.status_code == 409  # somebody wrote meanwhile
    assert "Hệ thống phù hợp." in late.get_data(as_text=True)
    done = sent(client, issue, page, **signed, **seen)
    assert done.status_code == 303, done.get_data(as_text=True)
    assert sent(client, issue, page, **signed, **seen).status_code == 409
    sheet = sent(client, f"{page}/sheet", page, what="docx")
    words = "\n".join(one.text for one in read_word(io.BytesIO(sheet.data)).paragraphs)
    assert "Hệ thống phù hợp." in words
    notice = sent(client, f"{page}/sheet", page, what="notice")
    assert notice.data[:2] == b"PK"
    for nothing in ("pdf", "signed", "draft", "else"):
        assert sent(client, f"{page}/sheet", page, what=nothing).status_code == 404
    amend = {"amend-reason": "Sai số", "amend-text": "Bốn hồ sơ.", "amend-password": PASSWORD}
    assert sent(client, f"{page}/amendment", page).status_code == 422
    change = {"amend-finding": finding.id, "amend-change": "withdraw"}
    assert sent(client, f"{page}/amendment", page, **amend, **change).status_code == 303
    text = text_of(client, page)
    assert "Bốn hồ sơ." in text
    registering = {"register-registry_number": "12/BC", "register-registered_on": "1/6/2026"}
    assert sent(client, f"{page}/registration", page).status_code == 422
    assert sent(client, f"{page}/registration", page, **registering).status_code == 303
    assert sent(client, f"{page}/registration", page, **registering).status_code == 409
    signed_in_as(client, office.manager)
    receipt = {"unit": office.unit.id}
    assert sent(client, f"{page}/receipt", page, unit="0").status_code == 404
    refuse = sent(client, f"{page}/receipt", page, **receipt, answer="refuse")
    assert refuse.status_code == 422
    assert sent(client, f"{page}/receipt", page, **receipt).status_code == 303
    assert "đã nhận" in text_of(client, page)
    rating = {f"rating-{name}": "4" for name in
              ("announced", "competent", "fair", "undisturbed", "helpful")}  # fmt: skip
    assert sent(client, f"{page.removesuffix('/report')}/rating", page).status_code == 422
    assert sent(client, f"{page.removesuffix('/report')}/rating", page, **rating).status_code == 303
    signed_in_as(client, office.officer)
    assert "1 người đã trả lời" in text_of(client, page)
    signed_in_as(client, office.lead_person)
    assert "người đã trả lời" not in text_of(client, page)
    one = f"/audits/{audit.number}"
    assert sent(client, f"{one}/closing", one).status_code == 303
    assert "12/BC" in text_of(client, one)


@pytest.mark.covers("b27")
def test_recommendations_are_listed_and_answered_by_their_unit(app, client):
    office = Auditing()
    audit = an_audit(office)
    hint = office.finding(audit, "Nên gộp sổ", FindingGrade.OPPORTUNITY)
    office.sent(audit)
    office.answered_by(office.manager, hint)
    office.issued(audit)
    made = db.session.scalars(sa.select(Recommendation)).one()
    signed_in_as(client, office.manager)
    page = "/recommendations"
    assert made.number in text_of(client, f"{page}?state=open")
    answer = f"{page}/{made.number}/answer"
    assert sent(client, answer, page, **{"answer-words": ""}).status_code == 422
    said = {"answer-words": "Đã gộp.", "answer-row_version": made.row_version}
    assert sent(client, answer, page, **said).status_code == 303
    assert sent(client, answer, page, **said).status_code == 409
    assert made.number not in text_of(client, f"{page}?state=open")
    assert "Đã gộp." in text_of(client, page)
    stranger = Office()
    signed_in_as(client, stranger.manager)
    assert sent(client, answer, page, **said).status_code == 404
    assert made.number not in text_of(client, page)


@pytest.mark.covers("b31", "O4")
def test_the_list_of_findings_narrows_pages_by_key_and_asks_as_much_for_many(app, client):
    office = Auditing()
    audit = an_audit(office, office.unit, office.economy)
    office.finding(audit)
    office.finding(audit, "Khen", FindingGrade.STRENGTH, clause="8.2.1", unit=office.economy)
    office.sent(audit)
    signed_in_as(client, office.officer)
    text_of(client, "/findings")
    with queries() as few:
        text = text_of(client, "/findings?lang=vi")
    assert text.count(f">{audit.number}.0") == 2
    for query, count in (
        ("grade=strength", 1),
        ("clause=8.5.1", 1),
        ("clause=9.9", 0),
        (f"unit={office.economy.id}", 1),
        ("state=open", 1),
        ("year=1999", 0),
    ):
        assert text_of(client, f"/findings?{query}").count(f">{audit.number}.0") == count, query
    for number in range(60):
        office.finding(audit, f"Điều {number}")
    with queries() as many:
        text = text_of(client, "/findings")
    assert len(many) <= len(few) + 1
    assert "before=" in text
    signed_in_as(client, office.staff)
    assert text_of(client, "/findings").count(f">{audit.number}.") == 1  # of the own unit, sent
    signed_in_as(client, office.lead_person)
    assert text_of(client, f"/audits/{audit.number}/report").count("<article") == 62


@pytest.mark.covers("A9", "b33")
def test_the_audit_says_why_it_cannot_close_and_old_reports_stay_readable(app, client):
    office = Auditing()
    audit = an_audit(office)
    office.finding(audit)
    office.sent(audit)
    office.issued(audit, now=MONDAY + timedelta(days=9))
    signed_in_as(client, office.lead_person)
    text = text_of(client, f"/audits/{audit.number}")
    assert f"Chưa ai quyết định về {audit.number}.01" in text
    old = an_audit(office, office.economy)
    with unit_of_work(None, now=MONDAY) as work:
        fresh = work.fresh(old)
        fresh.report(fresh.first_on)
        fresh.report_number = "15/BC-ĐGNB"
        work.record(AuditFact.AUDIT_REPORTED, fresh, report="15/BC-ĐGNB")
    assert old.state is AuditState.REPORTED
    signed_in_as(client, office.officer)
    assert "15/BC-ĐGNB" in text_of(client, f"/audits/{old.number}")
    assert "trước khi báo cáo được viết ở đây" in text_of(client, f"/audits/{old.number}/report")


@pytest.mark.covers("O4")
def test_nobody_else_learns_of_a_report(app, client):
    office, other = Auditing(), Auditing()
    audit = an_audit(office)
    finding = office.finding(audit)
    office.sent(audit)
    office.answered_by(office.manager, finding, UnitResponse.COMMENT, "Đã sửa")
    page = f"/audits/{audit.number}/report"
    for person, status in (
        (office.manager, 404),  # being written
        (office.officer, 200),
        (other.officer, 404),
        (other.lead_person, 404),
    ):
        signed_in_as(client, person)
        assert client.get(page).status_code == status, person.name
