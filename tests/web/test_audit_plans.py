"""The plan of an audit as people make, read and answer it; guests; calendars (b13-b15, b33; O4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.work import unit_of_work
from audits.auditor import Qualification, name_auditor
from audits.models import Audit, AuditMeeting, AuditState, CalendarFeed, TeamPart, UnitAnswer
from tests.audits.reading_ical import events_in
from tests.audits.world import Auditing
from tests.builders import MONDAY, PASSWORD, Office, form_token, sign_in
from tests.counting import queries
from tests.web.test_audit_pages import sent, signed_in_as, text_of


def in_days(count: int) -> date:
    """Give the day that lies so many days ahead of the pages' own clock."""
    return today_of(None, datetime.now(UTC)) + timedelta(days=count)


class Ready(Auditing):
    """An audit of one department in a week's time, with its lead."""

    def __init__(self) -> None:
        super().__init__()
        self.first = in_days(7)
        self.audited = self.audit(self.programme(), days=(self.first, in_days(8)))
        self.joins(self.audited, self.lead)
        self.page = f"/audits/{self.audited.number}/plan"

    def lines(self, *lines, **said):
        version = db.session.get_one(Audit, self.audited.id).row_version
        values = {"count": str(len(lines)), "row_version": str(version), **said}
        for at, line in enumerate(lines):
            full = {
                "held_on": self.first.isoformat(),
                "subject": "Tiếp nhận hồ sơ, 8.2",
                "auditors": str(self.lead.id),
                **line,
            }
            values |= {f"lines-{at}-{name}": value for name, value in full.items()}
        return values


@pytest.mark.covers("b14", "b11")
def test_the_lead_writes_the_agenda_and_is_told_at_the_line_what_is_wrong(app, client):
    office = Ready()
    signed_in_as(client, office.lead_person)
    text = text_of(client, office.page)
    assert text.count('class="btn primary"') == 1
    wrong = office.lines({"begins": "8:30", "ends": "9:30"}, {"begins": "sáng", "ends": "9"})
    answer = sent(client, office.page, office.page, **wrong)
    assert answer.status_code == 400 or answer.status_code == 422
    said = answer.get_data(as_text=True)
    assert "Dòng 2: Gõ giờ, ví dụ 8:30." in said
    assert 'value="sáng"' in said  # what was typed is kept
    empty = {"begins": "", "ends": "", "subject": ""}
    good = office.lines({"begins": "8:30", "ends": "9:30", "place": "Phòng 2"}, empty)
    assert sent(client, office.page, office.page, **good).status_code == 303
    assert "Phòng 2" in text_of(client, office.page)
    stale = sent(client, office.page, office.page, **{**good, "row_version": "1"})
    assert stale.status_code == 409
    signed_in_as(client, office.officer)
    assert "Phòng 2" in text_of(client, office.page)
    signed_in_as(client, office.manager)
    text = text_of(client, office.page)
    assert "lines-0-begins" not in text
    assert sent(client, office.page, "/profile", **good).status_code == 403


@pytest.mark.covers("b13", "b22")
def test_the_unit_answers_where_it_reads_and_the_lead_replies(app, client):
    office = Ready()
    audit = f"/audits/{office.audited.number}"
    signed_in_as(client, office.lead_person)
    assert sent(client, f"{audit}/announcement", audit).status_code == 303
    signed_in_as(client, office.manager)
    assert office.audited.number in text_of(client, "/work")
    assert office.audited.number in text_of(client, "/notices")
    text = text_of(client, office.page)
    assert text.count('class="btn primary"') == 1
    unit = str(office.unit.id)
    silent = {"answer-unit": unit, "answer-answer": "object"}
    assert sent(client, f"{audit}/answers", office.page, **silent).status_code == 422
    said = {**silent, "answer-words": "Họp HĐND", "answer-unsuited_on": f"{in_days(8):%d/%m/%Y}"}
    assert sent(client, f"{audit}/answers", office.page, **said).status_code == 303
    assert "Họp HĐND" in text_of(client, office.page)
    signed_in_as(client, office.lead_person)
    key = db.session.scalar(sa.select(UnitAnswer.id))
    replying = f"{audit}/answers/{key}"
    assert sent(client, replying, office.page).status_code == 422
    assert sent(client, replying, office.page, **{"reply-reply": "Dời lên sáng"}).status_code == 303
    assert sent(client, f"{audit}/answers/999999", office.page).status_code == 404
    signed_in_as(client, office.manager)
    assert "Dời lên sáng" in text_of(client, office.page)
    agreed = {"answer-unit": unit, "answer-answer": "agree"}
    assert sent(client, f"{audit}/answers", office.page, **agreed).status_code == 303
    assert "đã xác nhận" in text_of(client, office.page)
    signed_in_as(client, office.staff)
    assert sent(client, f"{audit}/answers", office.page, **agreed).status_code == 403


@pytest.mark.covers("b4", "b36", "L5")
def test_units_method_and_reading_are_changed_on_the_plan(app, client):
    office = Ready()
    revision = office.effective()
    code, audit = revision.document.code, f"/audits/{office.audited.number}"
    signed_in_as(client, office.officer)

    def seen():
        return str(db.session.get_one(Audit, office.audited.id).row_version)

    units = {"units-units": str(office.culture.id), "units-row_version": seen()}
    refused = sent(client, f"{audit}/units", office.page, **units)
    assert refused.status_code == 409
    assert "Phòng Văn hóa" in refused.get_data(as_text=True)
    units = {"units-units": str(office.economy.id), "units-row_version": seen()}
    assert sent(client, f"{audit}/units", office.page, **units).status_code == 303
    assert "Phòng Kinh tế" in text_of(client, audit)
    afar = {"method-method": "remote", "method-row_version": seen()}
    assert sent(client, f"{audit}/method", office.page, **afar).status_code == 422
    afar["method-remote_address"] = "hop.example.vn/5"
    assert sent(client, f"{audit}/method", office.page, **afar).status_code == 303
    assert "hop.example.vn/5" in text_of(client, audit)
    none = {"reading-documents": "KHONG-CO"}
    assert sent(client, f"{audit}/reading", office.page, **none).status_code == 422
    chosen = {"reading-documents": code}
    assert sent(client, f"{audit}/reading", office.page, **chosen).status_code == 303
    signed_in_as(client, office.lead_person)
    assert "Tôi đã đọc" in text_of(client, office.page)
    assert sent(client, f"{audit}/reading/{revision.id}", office.page).status_code == 303
    assert "Tôi đã đọc" not in text_of(client, office.page)
    assert sent(client, f"{audit}/reading/999999", office.page).status_code == 404


@pytest.mark.covers("b26", "b33")
def test_minutes_are_written_and_signed_by_both_sides(app, client):
    office = Ready()
    audit = f"/audits/{office.audited.number}"
    page = f"{audit}/meetings/opening"
    signed_in_as(client, office.lead_person)
    assert sent(client, f"{audit}/announcement", audit).status_code == 303
    assert client.get(f"{audit}/meetings/other").status_code == 404
    assert sent(client, page, page).status_code == 422
    said = {"meeting-held_on": f"{in_days(0):%d/%m/%Y}", "meeting-begins": "8:00"}
    assert sent(client, page, page, **{**said, "meeting-ends": "7:00"}).status_code == 422
    row = {"meeting-people": str(office.manager.id), "meeting-typed": "Trần Kín, Trưởng thôn"}
    full = {**said, **row, "meeting-notes": "Thống nhất lịch"}
    assert sent(client, page, page, **full).status_code == 303
    text = text_of(client, page)
    assert "Trưởng thôn" in text
    assert text.count('class="btn primary"') == 1
    assert sent(client, f"{page}/signature", page, **{"sign-password": "sai"}).status_code == 422
    signing = {"sign-password": PASSWORD}
    assert sent(client, f"{page}/signature", page, **signing).status_code == 303
    assert sent(client, page, page, **full).status_code == 409
    signed_in_as(client, office.manager)
    assert sent(client, f"{page}/signature", page, **signing).status_code == 303
    (meeting,) = db.session.scalars(sa.select(AuditMeeting)).all()
    assert len(meeting.signatures) == 2
    assert "Thay mặt đơn vị được đánh giá" in text_of(client, page)
    printed = sent(client, f"{audit}/papers/opening_minutes", page)
    assert printed.status_code == 200
    assert printed.get_data()[:2] == b"PK"
    assert sent(client, f"{audit}/papers/closing_minutes", page).status_code == 404
    for kind in ("audit_plan", "team_decision"):
        assert sent(client, f"{audit}/papers/{kind}", page).status_code == 200
    signed_in_as(client, office.officer)
    year = office.audited.programme.year
    assert sent(client, f"/programmes/{year}/paper", f"/programmes/{year}").status_code == 200
    assert sent(client, "/programmes/2031/paper", f"/programmes/{year}").status_code == 404


@pytest.mark.covers("O4", "b11")
def test_a_guest_finds_the_one_audit_and_nothing_else_of_that_body(app, client):
    office, other = Ready(), Office()
    beside = office.audit(office.audited.programme, office.economy, days=(in_days(20), in_days(20)))
    office.effective()
    with unit_of_work(office.officer, now=MONDAY) as work:
        guest = name_auditor(
            work, work.fresh(office.body), Qualification(), person=work.fresh(other.staff)
        )
    office.joins(office.audited, guest, TeamPart.AUDITOR)
    signed_in_as(client, other.staff)
    number, code = office.audited.number, office.body.code
    assert f"/audits/{number}@{code}" in text_of(client, "/work")
    moved = client.get(f"/audits/{number}")
    assert moved.status_code == 302
    assert moved.location.endswith(f"/audits/{number}@{code}")
    for page in ("", "/plan", "/meetings/opening"):
        assert number in text_of(client, f"/audits/{number}@{code}{page}")
    text = text_of(client, f"/audits/{number}@{code}")
    for hidden in (office.second.shown_name, "/programmes/", beside.number):
        assert hidden not in text
    assert client.get(f"/audits/{beside.number}@{code}").status_code == 404
    assert client.get(f"/audits/{beside.number}").status_code == 404
    assert client.get(f"/audits/{number}@khong-co").status_code == 404
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static":
            answer = client.get(f"/b/{code}{rule.rule}")
            assert answer.status_code == 404, rule.rule
    text = text_of(client, "/audits") + text_of(client, "/audits/calendar")
    assert number not in text
    signed_in_as(client, other.manager)  # somebody else of the guest's body
    for page in (f"/audits/{number}", f"/audits/{number}@{code}", f"/audits/{number}@{code}/plan"):
        assert client.get(page).status_code == 404
    assert number not in text_of(client, "/work")


@pytest.mark.covers("b14")
def test_the_month_is_a_table_with_the_days_of_each_audit(app, client):
    office = Ready()
    signed_in_as(client, office.officer)
    text = text_of(client, f"/audits/calendar?month={office.first:%Y-%m}")
    assert text.count(f'/audits/{office.audited.number}"') >= 1
    assert text.count("<tr>") in range(5, 8)
    for asked in ("2026-13", "0-1", "x" * 50, "9999-12"):
        assert client.get(f"/audits/calendar?month={asked}").status_code == 200
    december = text_of(client, "/audits/calendar?month=2026-12")
    assert "month=2027-01" in december
    with queries() as few:
        text_of(client, f"/audits/calendar?month={office.first:%Y-%m}")
    for at in range(6):
        more = office.audit(office.audited.programme, office.economy, days=(office.first, None))
        if at < 1:
            office.taken_to(office.audited, AuditState.ANNOUNCED)
        assert more.number
    with queries() as many:
        text_of(client, f"/audits/calendar?month={office.first:%Y-%m}")
    assert len(many) <= len(few) + 1


@pytest.mark.covers("b15", "T27")
def test_the_feed_opens_without_signing_in_until_it_is_renewed_or_stopped(app, client):
    office = Ready()
    signed_in_as(client, office.lead_person)
    assert "Tạo địa chỉ" in text_of(client, "/calendar")
    made = sent(client, "/calendar", "/calendar").get_data(as_text=True)
    first = made.partition("/ical/")[2].partition(".ics")[0]
    assert len(first) > 40
    assert first not in text_of(client, "/calendar")  # shown once
    client.delete_cookie("nenep")
    answer = client.get(f"/ical/{first}.ics")
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    (event,) = events_in(answer.get_data().decode())
    assert event["SUMMARY"].startswith(office.audited.number)
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get("/ical/khong-co.ics").status_code == 404
    sign_in(client, office.lead_person)
    assert sent(client, "/calendar", "/calendar").status_code == 200
    assert client.get(f"/ical/{first}.ics").status_code == 404
    assert sent(client, "/calendar/end", "/calendar").status_code == 303
    assert db.session.scalar(
        sa.select(CalendarFeed.id).where(CalendarFeed.ended_at.is_(None))
    ) is None  # fmt: skip
    app.extensions["nenep.pace"].most_pages = 3
    try:
        answers = [client.get("/ical/x.ics").status_code for _ in range(8)]
        assert 429 in answers
    finally:
        app.extensions["nenep.pace"].most_pages = 300
    assert form_token(client, "/calendar")
