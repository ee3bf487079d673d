"""Audits as people set them up, plan them and see them (screens 16 to 18; b1-b13; A1, A2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from docx import Document as read_word

from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.auditor import enter_leave
from audits.models import Audit, Auditor, AuditState, ProgrammeState
from tests.audits.world import YEAR, Auditing
from tests.builders import MONDAY, PASSWORD, Office, form_token, sign_in


def in_days(count: int) -> date:
    """Give the day that lies so many days ahead of the pages' own clock."""
    return today_of(None, datetime.now(UTC)) + timedelta(days=count)


def signed_in_as(client, person):
    client.delete_cookie("nenep")
    sign_in(client, person)


def sent(client, path, page, **values):
    return client.post(path, data={"csrf_token": form_token(client, page), **values})


def text_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


@pytest.mark.covers("b4", "A5")
def test_a_body_sets_how_it_audits_and_of_whom_clauses_are_asked(app, client):
    office = Auditing()
    signed_in_as(client, office.officer)
    page = "/settings/audits"
    assert "ISO 9001:2015" in text_of(client, page)
    values = {
        "programme_name": "Chương trình đánh giá chất lượng nội bộ",
        "audit_cycle_years": "2",
        "audit_former_months": "6",
        "weight_since": "50",
        "weight_importance": "50",
        "weight_changes": "0",
        "weight_overdue": "0",
    }
    wrong = sent(client, page, page, **{**values, "weight_since": "200"})
    assert wrong.status_code == 422
    assert sent(client, page, page, **values).status_code == 303
    db.session.refresh(office.body)
    assert office.body.setting("audit_former_months") == 6
    assert office.body.setting("audit_counts_wrote") is False
    assert office.body.setting("risk_weights")["overdue"] == 0
    assert "Chương trình đánh giá chất lượng nội bộ" in text_of(client, f"/programmes/{YEAR}")
    none = {**values, "weight_since": "0", "weight_importance": "0"}
    assert sent(client, page, page, **none).status_code == 422
    standard = db.session.scalar(sa.text("SELECT id FROM standard WHERE name = 'ISO 9001:2015'"))
    clause = db.session.scalar(sa.text("SELECT id FROM clause WHERE number = '9.2' AND "
                                       f"standard_id = {standard}"))  # fmt: skip
    page = f"/settings/audits/criteria/{standard}"
    assert "Đánh giá nội bộ" in text_of(client, page)
    assert sent(client, page, page, **{f"of-{clause}": "both"}).status_code == 303
    assert "thông lệ: Hỏi lãnh đạo" in text_of(client, page)
    signed_in_as(client, office.leader)
    assert "thông lệ: Hỏi lãnh đạo" in text_of(client, page)
    assert "<select" not in text_of(client, page)
    assert "Trọng số rủi ro" in text_of(client, "/settings/audits")
    assert client.get("/settings/audits/criteria/999999").status_code == 404


@pytest.mark.covers("b10", "b11", "O4")
def test_the_officer_keeps_the_list_of_auditors(app, client):
    office, other = Auditing(), Office()
    signed_in_as(client, office.officer)
    page, days = "/auditors/new", {"days_per_week": "1", "days_per_year": "9"}
    assert sent(client, page, page, **days).status_code == 422  # nobody chosen
    own = sent(client, page, page, person=str(office.staff.id), competences="Hộ tịch, Đất", **days)
    assert own.status_code == 303
    again = sent(client, page, page, person=str(office.staff.id), **days)
    assert "DGV-03" in again.get_data(as_text=True)
    stranger = {"person": str(other.staff.id), **days}
    assert sent(client, page, page, **stranger).status_code == 422  # of another body
    guess = {"login": other.staff.login, "name": "Ai đó", **days}
    assert sent(client, page, page, **guess).status_code == 422
    invited = {"login": other.staff.login, "name": other.staff.name, **days}
    assert sent(client, page, page, **invited).status_code == 303
    guest = {"name": "Lê Khách", "organisation": "Chi cục", **days}
    assert sent(client, page, page, **guest).status_code == 303
    text = text_of(client, "/auditors")
    for name in ("Bùi Thị Lan", "Lê Khách", "Hộ tịch", "được mời"):
        assert name in text
    assert "Lê Khách" not in text_of(client, "/auditors?q=bui")
    assert "Lê Khách" not in text_of(client, "/auditors?which=leads")
    assert "Thái Bá Dũng" in text_of(client, "/auditors?which=all")
    signed_in_as(client, office.manager)
    assert client.get("/auditors").status_code == 403


@pytest.mark.covers("A1", "b9", "b10")
def test_one_auditors_page_says_where_they_may_not_audit_and_why(app, client):
    office = Auditing()
    page = f"/auditors/{office.lead.number}"
    signed_in_as(client, office.officer)
    text = text_of(client, page)
    assert "Phòng Văn hóa" in text
    assert "đang làm việc ở đó" in text
    assert text.count('class="btn primary"') == 1
    qualified = {"competences": "Văn hóa", "days_per_week": "3", "days_per_year": "30"}
    bad = sent(client, f"{page}/qualification", page, **{**qualified, "days_per_week": "9"})
    assert bad.status_code == 422
    assert sent(client, f"{page}/qualification", page, **qualified).status_code == 303
    for path, values in (
        ("leaves", {"leave-from_on": "1/6/2027", "leave-until_on": "3/6/2027"}),
        ("conflicts", {"conflict-unit": office.economy.id, "conflict-reason": "Vợ làm ở đó"}),
        ("entries", {"entry-kind": "course", "entry-held_on": "1/6/2025", "entry-title": "ISO"}),
    ):
        assert sent(client, f"{page}/{path}", page).status_code == 422, path
        assert sent(client, f"{page}/{path}", page, **values).status_code == 303, path
    late = {"leave-from_on": "3/6/2027", "leave-until_on": "1/6/2027"}
    assert sent(client, f"{page}/leaves", page, **late).status_code == 422
    text = text_of(client, page)
    for said in ("01/06/2027", "Vợ làm ở đó", "đã khai xung đột lợi ích", "Văn hóa"):
        assert said in text
    auditor = db.session.get_one(Auditor, office.lead.id)
    leave, conflict = auditor.leaves[0].id, auditor.conflicts[0].id
    assert sent(client, f"{page}/leaves/{leave}/end", page).status_code == 303
    assert sent(client, f"{page}/conflicts/{conflict}/end", page).status_code == 303
    assert sent(client, f"{page}/leaves/999999/end", page).status_code == 404
    assert sent(client, f"{page}/conflicts/999999/end", page).status_code == 404
    signed_in_as(client, office.leader)
    values = {
        "sign-unit": office.unit.id,
        "sign-from_on": "1/6/2027",
        "sign-until_on": "3/6/2027",
        "sign-reason": "Thiếu người",
        "sign-safeguards": "Hai người cùng xem",
        "sign-password": PASSWORD,
    }
    signing = f"{page}/exceptions"
    assert sent(client, signing, page, **{**values, "sign-safeguards": ""}).status_code == 422
    assert sent(client, signing, page, **values).status_code == 303
    assert "Hai người cùng xem" in text_of(client, page)
    signed_in_as(client, office.officer)
    assert sent(client, f"{page}/end", page).status_code == 422
    assert sent(client, f"{page}/end", page, **{"end-reason": "Nghỉ hưu"}).status_code == 303
    assert "Nghỉ hưu" in text_of(client, page)


@pytest.mark.covers("b10", "T1")
def test_the_auditors_record_is_printed_and_that_it_was_is_told(app, client):
    office = Auditing()
    audit = office.audit(office.programme())
    office.joins(audit, office.lead)
    office.taken_to(audit, AuditState.UNDER_WAY)
    signed_in_as(client, office.officer)
    page = f"/auditors/{office.lead.number}"
    assert audit.number in text_of(client, page)
    answer = sent(client, f"{page}/record", page)
    assert answer.status_code == 200
    paper = read_word(BytesIO(answer.get_data()))
    texts = [one.text for one in paper.paragraphs]
    texts += [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    for said in ("HỒ SƠ ĐÁNH GIÁ VIÊN", "Thái Bá Dũng", "Trưởng đoàn, đánh giá viên", audit.number):
        assert said in texts
    assert db.session.scalar(sa.select(TrailEntry.id).where(TrailEntry.fact == "access.exported"))


@pytest.mark.covers("b1", "b2", "A2", "F6")
def test_a_year_is_drawn_up_submitted_and_signed_on_its_page(app, client):
    office = Auditing()
    signed_in_as(client, office.officer)
    page = f"/programmes/{YEAR}"
    assert "Chưa ai lập chương trình" in text_of(client, page)
    assert client.get("/programmes/1800").status_code == 404
    assert client.get(f"{page}/audits/new").status_code == 404
    standard = db.session.scalar(sa.text("SELECT id FROM standard WHERE name = 'ISO 9001:2015'"))
    said = {"objectives": "Mục tiêu", "scope_text": "Toàn bộ", "standards": str(standard)}
    assert sent(client, page, page, **{**said, "standards": "999999"}).status_code == 422
    assert sent(client, page, page, **said).status_code == 303
    assert "Chương trình chưa có cuộc đánh giá nào" in text_of(client, page)
    adding = f"{page}/audits/new?unit={office.unit.id}"
    assert sent(client, adding, adding, kind="planned", method="on_site").status_code == 422
    day = in_days(9).strftime("%d/%m/%Y")
    values = {
        "kind": "planned",
        "method": "on_site",
        "units": str(office.unit.id),
        "from_on": day,
        "lead": str(office.lead.id),
    }
    assert sent(client, adding, adding, **values).status_code == 303
    text = text_of(client, page)
    assert f"DG-{YEAR}-01" in text
    assert text.count('class="btn primary"') == 1
    assert "Thái Bá Dũng" in text_of(client, f"{page}?view=table&audit=DG-{YEAR}-01")
    assert sent(client, f"{page}/submission", page).status_code == 303
    signed_in_as(client, office.leader)
    assert "chưa bao phủ" in text_of(client, page)
    assert sent(client, f"{page}/return", page).status_code == 422
    assert sent(client, f"{page}/approval", page).status_code == 422
    signing = {"sign-password": PASSWORD}
    assert sent(client, f"{page}/approval", page, **signing).status_code == 303
    audit = db.session.scalars(sa.select(Audit)).one()
    assert audit.programme.state is ProgrammeState.APPROVED
    assert sent(client, f"{page}/approval", page, **signing).status_code == 409
    signed_in_as(client, office.officer)
    text = text_of(client, page)
    assert "Đỗ Minh Anh" in text
    assert sent(client, page, page, **said).status_code == 409
    assert sent(client, f"{page}/version", page).status_code == 422
    assert sent(client, f"{page}/closing", page).status_code == 409
    reason = {"revise-reason": "Thêm đơn vị"}
    assert sent(client, f"{page}/version", page, **reason).status_code == 303
    assert audit.programme.version == 2
    signed_in_as(client, office.staff)
    assert client.get(page).status_code == 403


@pytest.mark.covers("A5", "b5")
def test_a_units_risk_is_taken_apart_and_its_needs_are_kept(app, client):
    office = Auditing()
    office.programme()
    signed_in_as(client, office.officer)
    page = f"/programmes/{YEAR}/units/{office.unit.id}"
    text = text_of(client, page)
    assert "Rủi ro gồm những gì" in text
    assert "8.5.1" in text  # a gap, by name
    values = {"importance": "5", "visits": "2", "days": "1", "needs": "Hộ tịch"}
    wrong = sent(client, page, page, **values, closed_days="8/5/2026 - 1/5/2026")
    assert wrong.status_code == 422
    assert sent(client, page, page, **{**values, "visits": "99"}).status_code == 422
    kept = sent(client, page, page, **values, closed_days="1/5/2026 - 8/5/2026\n2/9/2026")
    assert kept.status_code == 303
    text = text_of(client, page)
    assert "01/05/2026 - 08/05/2026" in text
    assert "5 trên 5" in text
    assert client.get(f"/programmes/{YEAR}/units/999999").status_code == 404
    signed_in_as(client, office.leader)
    assert "Hộ tịch" in text_of(client, page)


@pytest.mark.covers("b7", "b8", "b9", "b13", "A1")
def test_an_audit_is_a_task_list_and_what_cannot_be_says_why(app, client):
    office = Auditing()
    audit = office.audit(office.programme(), days=(in_days(0), in_days(0)))
    office.joins(audit, office.lead)
    signed_in_as(client, office.lead_person)
    page = f"/audits/{audit.number}"
    text = text_of(client, page)
    assert "Chưa kết thúc đánh giá tại chỗ." in text
    assert text.count('class="btn primary"') == 1
    refused = sent(client, f"{page}/team", page, **{"join-auditor": "999", "join-part": "auditor"})
    assert refused.status_code == 422
    guest = {"join-auditor": str(office.second.id), "join-part": "lead"}
    assert "đang là trưởng đoàn" in sent(client, f"{page}/team", page, **guest).get_data(
        as_text=True
    )
    guest["join-part"] = "auditor"
    assert sent(client, f"{page}/team", page, **guest).status_code == 303
    member = next(one.id for one in audit.team if one.auditor_id == office.second.id)
    assert sent(client, f"{page}/team/{member}/leave", page).status_code == 422
    left = sent(client, f"{page}/team/{member}/leave", page, **{"leave-reason": "Bận"})
    assert left.status_code == 303
    assert sent(client, f"{page}/team/999999/leave", page).status_code == 404
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        enter_leave(work, work.fresh(office.lead), from_on=in_days(0), until_on=in_days(1))
    assert "Lịch đã xếp không còn đúng" in text_of(client, page)
    moved = {"move-from_on": in_days(1).strftime("%d/%m/%Y")}
    assert sent(client, f"{page}/move", page).status_code == 422
    assert sent(client, f"{page}/move", page, **moved).status_code == 409  # still away
    moved["move-from_on"] = in_days(5).strftime("%d/%m/%Y")
    assert sent(client, f"{page}/move", page, **moved).status_code == 303
    assert sent(client, f"{page}/announcement", page).status_code == 303
    assert sent(client, f"{page}/beginning", page).status_code == 409
    assert sent(client, f"{page}/stop", page).status_code == 422
    stopped = sent(client, f"{page}/stop", page, **{"stop-reason": "Bão", "answer": "postpone"})
    assert stopped.status_code == 303
    assert "Bão" in text_of(client, page)
    calling = {"stop-reason": "Bão", "answer": "cancel"}
    assert sent(client, f"{page}/stop", page, **calling).status_code == 403
    assert client.get("/audits/DG-1-1").status_code == 404
    text = text_of(client, "/audits?mine=y")
    assert audit.number in text
    assert audit.number not in text_of(client, "/audits?state=closed")


@pytest.mark.covers("b7", "O4")
def test_an_audit_is_taken_to_its_end_and_staff_see_it_once_announced(app, client):
    office = Auditing()
    audit = office.audit(office.programme(), days=(in_days(0), in_days(0)))
    office.joins(audit, office.lead)
    page = f"/audits/{audit.number}"
    signed_in_as(client, office.staff)
    assert client.get(page).status_code == 404
    assert audit.number not in text_of(client, "/audits")
    office.taken_to(audit, AuditState.ANNOUNCED)
    assert audit.number in text_of(client, "/audits")
    assert "Đưa ra khỏi đoàn" not in text_of(client, page)
    signed_in_as(client, office.lead_person)
    assert sent(client, f"{page}/beginning", page).status_code == 303
    assert sent(client, f"{page}/fieldwork-end", page).status_code == 303
    assert sent(client, f"{page}/closing", page).status_code == 409
    assert "Báo cáo" in text_of(client, page)
    assert client.get(f"{page}/report").status_code == 200
    assert audit.state is AuditState.REPORTING
