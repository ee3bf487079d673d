"""The planner's pages: asked for, waited for, taken; moving by hand answered at once (b8, b12)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.work import unit_of_work
from audits.auditor import enter_leave
from audits.models import Audit, Auditor, AuditState, ProgrammeProposal, ProposalState
from audits.programme import UnitData, weigh_unit
from audits.proposal import span_of, work_out
from tests.audits.test_proposals import NEXT, Planning
from tests.audits.world import Auditing
from tests.builders import MONDAY, Office
from tests.counting import queries
from tests.web.test_audit_pages import sent, signed_in_as, text_of

PAGE = f"/programmes/{NEXT}"
ASKED = {"HX-Request": "true"}


def proposal_now() -> ProgrammeProposal:
    return db.session.scalars(
        sa.select(ProgrammeProposal).order_by(ProgrammeProposal.id.desc()).limit(1)
    ).one()


@pytest.mark.covers("b8", "L1", "F6")
def test_a_year_is_asked_for_waited_for_and_taken(app, client):
    office = Planning()
    signed_in_as(client, office.officer)
    assert f"Lập chương trình {NEXT}" in text_of(client, PAGE)
    assert sent(client, f"{PAGE}/proposal", PAGE).status_code == 303
    waiting = text_of(client, f"{PAGE}/proposal")
    assert "Chờ đến lượt" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "Có đề xuất" not in waiting
    assert "Đang lập đề xuất" in text_of(client, PAGE)
    part = client.get(f"{PAGE}/proposal", headers=ASKED).get_data(as_text=True)
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    assert work_out(proposal_now().id, MONDAY)
    part = client.get(f"{PAGE}/proposal", headers=ASKED).get_data(as_text=True)
    assert "hx-get" not in part
    assert "data-go" in part
    text = text_of(client, f"{PAGE}/proposal?visit=1")
    assert text.count('class="btn primary"') == 1
    assert "Người không chọn và lý do" in text
    assert "đang làm việc ở đó" in text
    assert "Mời đánh giá viên của cơ quan khác" in text  # the whole body: everybody works there
    assert "Có đề xuất chờ xem" in text_of(client, PAGE)
    assert text_of(client, f"{PAGE}/proposal?visit=99")
    assert sent(client, f"{PAGE}/proposal", PAGE, wish="x", team_min="2").status_code == 422
    assert sent(client, f"{PAGE}/proposal", PAGE, wish="even", team_min="9").status_code == 422
    stale = sent(client, f"{PAGE}/proposal/taking", PAGE, row_version="99")
    assert stale.status_code == 409
    count = len(proposal_now().visits)
    assert sent(client, f"{PAGE}/proposal/taking", PAGE).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(Audit.id))) == count
    assert "Trình phê duyệt" in text_of(client, PAGE)
    assert sent(client, f"{PAGE}/proposal/taking", PAGE).status_code == 404
    assert sent(client, f"{PAGE}/proposal/dropping", PAGE).status_code == 404
    again = text_of(client, f"{PAGE}/proposal")
    assert "Ưu tiên của cả năm" in again


@pytest.mark.covers("b8", "A1")
def test_a_proposal_that_no_longer_holds_says_who_and_is_not_taken(app, client):
    office = Planning()
    proposal = office.proposed()
    first, last = span_of(proposal.visits[0])
    lead = db.session.get_one(Auditor, proposal.visits[0]["lead"])
    with unit_of_work(office.officer, now=MONDAY) as work:
        enter_leave(work, work.fresh(lead), from_on=first, until_on=last)
    signed_in_as(client, office.officer)
    page = f"{PAGE}/proposal"
    assert "1 cuộc không còn đúng" in text_of(client, page)
    refused = sent(client, f"{page}/taking", page)
    assert refused.status_code == 409
    text = refused.get_data(as_text=True)
    assert "Chưa xếp cuộc nào" in text
    assert lead.shown_name in text
    assert sent(client, f"{page}/dropping", page).status_code == 303
    assert db.session.get_one(ProgrammeProposal, proposal.id).state is ProposalState.DROPPED


@pytest.mark.covers("b8")
def test_a_year_without_auditors_is_calm_and_says_what_to_do(app, client):
    office = Office()
    signed_in_as(client, office.officer)
    for page in (PAGE, f"{PAGE}/proposal"):
        text = text_of(client, page)
        assert "Chưa có đánh giá viên nào" in text
        assert "/auditors/new" in text
        assert text.count('class="btn primary"') == 1
    refused = sent(client, f"{PAGE}/proposal", PAGE)
    assert refused.status_code == 409
    assert db.session.scalar(sa.select(ProgrammeProposal.id)) is None


@pytest.mark.covers("b8", "O1", "O4")
def test_only_who_keeps_the_programme_sees_a_proposal(app, client):
    office = Planning()
    office.proposed()
    for person, status in ((office.leader, 403), (office.lead_person, 403), (office.staff, 403)):
        signed_in_as(client, person)
        assert client.get(f"{PAGE}/proposal").status_code == status
    signed_in_as(client, Auditing().officer)
    assert "Nhận đề xuất" not in text_of(client, f"{PAGE}/proposal")
    assert client.get("/programmes/1800/proposal").status_code == 404


@pytest.mark.covers("b8")
def test_what_failed_and_a_year_that_is_over_are_said(app, client):
    office = Planning()
    asked = office.asked()
    with unit_of_work(None, now=MONDAY) as work:
        work.fresh(asked).fail(at=MONDAY)
    signed_in_as(client, office.officer)
    assert "Chưa lập được chương trình" in text_of(client, f"{PAGE}/proposal")
    assert "đã hết" in text_of(client, f"/programmes/{NEXT - 2}/proposal")
    assert "/proposal" not in text_of(client, f"/programmes/{NEXT - 2}")


@pytest.mark.covers("b12", "A1", "b9")
def test_other_days_are_answered_at_once_with_who_is_free_and_the_nearest(app, client):
    office = Planning()
    programme = office.programme(NEXT)
    day = date(NEXT, 3, 2)
    audit = office.audit(programme, office.unit, days=(day, day))
    office.joins(audit, office.lead)
    away = date(NEXT, 3, 9)
    with unit_of_work(office.officer, now=MONDAY) as work:
        enter_leave(work, work.fresh(office.lead), from_on=away, until_on=away)
        weigh_unit(
            work, work.fresh(office.unit), UnitData(closed_days=(f"{NEXT}-03-16/{NEXT}-03-16",))
        )
    signed_in_as(client, office.officer)

    def asked(first: date) -> str:
        path = f"/audits/{audit.number}/days?move-from_on={first.isoformat()}"
        return client.get(path, headers=ASKED).get_data(as_text=True)

    assert "xếp được ngày 03/03" in asked(date(NEXT, 3, 3))
    text = asked(away)
    assert "Không xếp được" in text
    assert "Thái Bá Dũng" in text
    assert "Rảnh và độc lập" in text
    assert "Ông Văn Phú" in text
    assert f"move-from_on={NEXT}-03-02" in text  # the nearest week, the earlier of two
    assert "không đánh giá được" in asked(date(NEXT, 3, 16))
    assert "Không phải ngày làm việc" in asked(date(NEXT, 3, 6))
    assert asked(date(NEXT, 3, 3)).count("<html") == 0
    plain = client.get(f"/audits/{audit.number}/days?move-from_on={away.isoformat()}")
    assert plain.status_code == 302
    assert "Không xếp được" in text_of(client, plain.headers["Location"])
    assert audit.first_on == day
    with queries() as made:
        asked(away)
    assert len(made) < 60


@pytest.mark.covers("b12", "b13", "A1")
def test_an_audit_is_moved_within_the_programme_and_the_reason_is_asked_once_it_is_signed(
    app, client
):
    office = Planning()
    programme = office.programme(NEXT)
    day = date(NEXT, 3, 2)
    audit = office.audit(programme, office.unit, days=(day, day))
    office.joins(audit, office.lead)
    signed_in_as(client, office.officer)
    page = f"{PAGE}?audit={audit.number}"
    text = text_of(client, page)
    assert "Muộn 1 tuần" in text
    assert 'name="move-reason"' not in text
    later = (day + timedelta(days=7)).strftime("%d/%m/%Y")
    move = {"move-from_on": later, "move-until_on": later, "back": "programme"}
    answer = sent(client, f"/audits/{audit.number}/move", page, **move)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert audit.first_on == day + timedelta(days=7)
    assert sent(client, f"/audits/{audit.number}/move", page, back="programme").status_code == 422
    with unit_of_work(office.officer, now=MONDAY) as work:
        enter_leave(work, work.fresh(office.lead), from_on=day, until_on=day)
    back = day.strftime("%d/%m/%Y")
    away = {"move-from_on": back, "move-until_on": back, "back": "programme"}
    refused = sent(client, f"/audits/{audit.number}/move", page, **away)
    assert refused.status_code == 409
    assert "Ngày gần nhất xếp được" in refused.get_data(as_text=True)
    office.signed(programme)
    text = text_of(client, page)
    assert 'name="move-reason"' in text
    assert f"to={NEXT}-03-16" in text  # a week later asks for the reason first
    nextly = (day + timedelta(days=14)).strftime("%d/%m/%Y")
    move = {"move-from_on": nextly, "back": "programme"}
    assert sent(client, f"/audits/{audit.number}/move", page, **move).status_code == 422
    move["move-reason"] = "Trùng kỳ họp"
    assert sent(client, f"/audits/{audit.number}/move", page, **move).status_code == 303
    assert (audit.state, audit.programme.version) == (AuditState.PLANNED, 1)


@pytest.mark.covers("b9")
def test_a_month_hangs_as_a_table_and_everybodys_load_stands_beside(app, client):
    office = Planning()
    programme = office.programme(NEXT)
    day = date(NEXT, 3, 2)
    audit = office.audit(programme, office.unit, days=(day, day + timedelta(days=1)))
    office.joins(audit, office.lead)
    signed_in_as(client, office.officer)
    text = text_of(client, f"{PAGE}?view=month")
    assert f"Tháng 3 năm {NEXT}" in text
    assert text.count(f'aria-label="{audit.number}, Phòng Tư pháp"') == 2
    assert "2 trên 20 ngày" in text
    assert text.count("<meter") == 5  # everybody on the list, also who has nothing yet
    assert audit.number not in text_of(client, f"{PAGE}?view=month&month=4").split("</table>")[0]
    assert text_of(client, f"{PAGE}?view=month&month=13")
