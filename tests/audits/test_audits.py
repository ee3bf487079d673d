"""One audit: its team by the rules, its days, its stages, races (b7-b13; A1, O4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.organising import PersonData, change_person, end_appointment
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.auditor import ExceptionData, Qualification, enter_leave, name_auditor, sign_exception
from audits.availability import Hindrance
from audits.independence import Bond
from audits.models import Audit, AuditKind, AuditState, TeamPart
from audits.permissions import AuditPermission
from audits.planned_audit import (
    announce_audit,
    begin_audit,
    cancel_audit,
    close_audit,
    end_fieldwork,
    move_audit,
    postpone_audit,
)
from audits.register import AuditFilter, audit_of, audits
from audits.team import breaks_of, candidates, join_team, leave_team
from tests.audits.world import YEAR, Auditing, in_days
from tests.builders import MONDAY, TODAY, Office, a_proof


def _breaks(office: Auditing, audit: Audit) -> list[str]:
    broken = breaks_of(db.session(), office.body, [audit]).get(audit.id, [])
    return [
        *(str(why.bond) for one in broken for _unit, why in one.refused if not why.is_excepted),
        *(str(why.by) for one in broken for why in one.hindered),
    ]


@pytest.mark.covers("b4", "b7")
def test_an_audit_asks_what_is_asked_of_its_units_and_gets_its_number(app):
    office = Auditing()
    programme = office.programme()
    first, second = office.audit(programme), office.audit(programme, office.economy)
    assert [first.number, second.number] == [f"DG-{YEAR}-01", f"DG-{YEAR}-02"]
    numbers = {one.clause.number for one in first.clauses}
    assert {"7.5.3", "8.5.1", "10.2"} <= numbers
    assert not {"4.1", "9.3.1"} & numbers


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"days": (None, None)}, "window_from"),
        ({"days": (None, TODAY)}, "from_on"),
        ({"days": (in_days(2), TODAY)}, "until_on"),
        ({"days": (None, None), "window": (in_days(2), TODAY)}, "window_until"),
    ],
)
def test_days_that_cannot_be_are_told_at_their_field(app, said, field):
    office = Auditing()
    programme = office.programme()
    with pytest.raises(InvalidInput) as refused:
        office.audit(programme, **said)
    assert refused.value.field == field
    with pytest.raises(InvalidInput):
        office.audit(programme, Office().unit)


@pytest.mark.covers("A1", "b8", "b11")
def test_the_team_takes_nobody_of_the_audited_unit_and_one_lead_alone(app):
    office = Auditing()
    programme = office.programme()
    audit = office.audit(programme, office.unit, office.economy)
    with pytest.raises(RuleBroken) as refused:
        office.joins(audit, office.second, TeamPart.AUDITOR)  # works in one of the two
    assert (refused.value.rule, refused.value.values["why"]) == ("A1", Bond.HOME)
    office.joins(audit, office.second, TeamPart.OBSERVER)  # who only watches may be of the unit
    with pytest.raises(RuleBroken):
        office.joins(audit, office.second, TeamPart.TRAINEE)  # twice
    third = office.auditor(office.author)
    with pytest.raises(RuleBroken, match="may not lead"):
        office.joins(office.audit(programme, office.culture), third)
    member = office.joins(audit, office.lead)
    other = office.auditor(office.officer, may_lead=True)
    with pytest.raises(RuleBroken, match="leads"):
        office.joins(audit, other)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        leave_team(work, work.fresh(member), reason=" ")
    with unit_of_work(office.officer, now=MONDAY) as work:
        leave_team(work, work.fresh(member), reason="Bận")
    office.joins(audit, other)
    assert [one.part for one in audit.team] == [TeamPart.LEAD, TeamPart.OBSERVER]
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        leave_team(work, work.fresh(member), reason="Bận")


@pytest.mark.covers("A1")
def test_a_signed_exception_lets_somebody_into_the_team(app):
    office = Auditing()
    office.effective()  # written by the author, of the justice department
    with unit_of_work(office.administrator, now=MONDAY) as work:
        author = work.fresh(office.author)
        data = PersonData(name=author.name, unit=work.fresh(office.culture), login=author.login)
        change_person(work, author, data)
    auditor = office.auditor(office.author)
    audit = office.audit(office.programme(), days=(in_days(3), in_days(3)))
    with pytest.raises(RuleBroken):
        office.joins(audit, auditor, TeamPart.AUDITOR)
    signed = ExceptionData(office.unit, TODAY, in_days(9), "Thiếu người", "Hai người cùng xem")
    with unit_of_work(office.leader, now=MONDAY) as work:
        sign_exception(work, work.fresh(auditor), signed, proof=a_proof(office.leader))
    with pytest.raises(RuleBroken):  # still appointed there: no signature lifts that
        office.joins(audit, auditor, TeamPart.AUDITOR)
    with unit_of_work(office.administrator, now=MONDAY) as work:
        (held,) = work.fresh(office.author).appointments
        end_appointment(work, held, until_on=in_days(-1))
    office.joins(audit, auditor, TeamPart.AUDITOR)
    assert _breaks(office, audit) == []


@pytest.mark.covers("A1", "b8")
def test_two_people_scheduling_the_same_auditor_the_second_is_told(app):
    office = Auditing()
    programme = office.programme()
    days = (in_days(5), in_days(6))
    first = office.audit(programme, days=days)
    second = office.audit(programme, office.economy, days=(in_days(6), in_days(7)))
    office.joins(first, office.lead)
    with pytest.raises(RuleBroken) as refused:
        office.joins(second, office.lead)
    assert (refused.value.values["why"], refused.value.values["what"]) == (
        Hindrance.BUSY,
        first.number,
    )
    with unit_of_work(office.officer, now=MONDAY) as work:
        postpone_audit(work, work.fresh(first), reason="Trùng kỳ họp")
    office.joins(second, office.lead)  # a postponed audit takes nobody's days
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(first), days=days, reason="Xếp lại")
    assert _breaks(office, second) == []


@pytest.mark.covers("A1", "b8")
def test_an_auditor_who_moves_unit_breaks_the_plan_at_once(app):
    office = Auditing()
    audit = office.audit(office.programme(), days=(in_days(5), in_days(5)))
    office.joins(audit, office.lead)
    assert _breaks(office, audit) == []
    with unit_of_work(office.administrator, now=MONDAY) as work:
        person = work.fresh(office.lead_person)
        data = PersonData(name=person.name, unit=work.fresh(office.unit), login=person.login)
        change_person(work, person, data)
    assert _breaks(office, audit) == ["home"]
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(in_days(6), None), reason="x")


@pytest.mark.covers("b9")
def test_leave_entered_over_a_planned_audit_breaks_it_and_moving_mends_it(app):
    office = Auditing()
    programme = office.programme()
    audit = office.audit(programme, days=(in_days(5), in_days(6)))
    office.joins(audit, office.lead)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        auditor = work.fresh(office.lead)
        enter_leave(work, auditor, from_on=in_days(6), until_on=in_days(9))
    assert _breaks(office, audit) == ["leave"]
    office.signed(programme)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(in_days(12), None), reason="")
    with unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(in_days(12), None), reason="Trưởng đoàn vắng")
    assert _breaks(office, audit) == []
    assert programme.version == 1  # no new approval
    (move,) = audit.moves
    assert (move.old_from, move.new_from, move.reason) == (
        in_days(5),
        in_days(12),
        "Trưởng đoàn vắng",
    )
    told = db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == "audit.moved")).all()
    assert len(told) == 1


@pytest.mark.covers("b8", "b10")
def test_everybody_is_offered_with_the_reason_why_not(app):
    office = Auditing()
    audit = office.audit(office.programme(), office.economy, days=(in_days(5), None))
    office.auditor(office.staff, qualified_until=in_days(1))
    offered = candidates(db.session(), office.body, audit)
    said = {
        one.auditor.number: (
            [str(why.bond) for _unit, why in one.broken.refused],
            [str(why.by) for why in one.broken.hindered],
        )
        for one in offered
    }
    assert said == {
        office.lead.number: ([], []),
        office.second.number: (["home"], []),
        "DGV-03": ([], ["unqualified"]),
    }
    assert [one.broken.is_broken for one in offered] == [False, True, True]


@pytest.mark.covers("b7", "b13", "b33")
def test_an_audit_goes_through_its_stages_and_names_why_not_yet(app):
    office = Auditing()
    audit = office.audit(office.programme(), days=(None, None), window=(TODAY, in_days(9)))
    assert "days" in audit.announce_obstacle().text
    with unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(in_days(1), None), reason="")
    assert "leads" in audit.announce_obstacle().text
    office.joins(audit, office.lead)
    assert "Announce" in audit.begin_obstacle(TODAY).text
    office.taken_to(audit, AuditState.ANNOUNCED)
    assert audit.begin_obstacle(TODAY).values["day"] == in_days(1)
    for obstacle in (audit.end_obstacle(), audit.report_obstacle(), audit.close_obstacle()):
        assert obstacle is not None
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        move_audit(work, work.fresh(audit), days=(TODAY, None), reason="Sớm hơn")
    for act in (begin_audit, end_fieldwork):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            act(work, work.fresh(audit))
    assert audit.state is AuditState.REPORTING
    office.issued(audit)
    assert (audit.state, audit.reported_on) == (AuditState.REPORTED, TODAY)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        close_audit(work, work.fresh(audit))
    assert (audit.state, audit.is_over) == (AuditState.CLOSED, True)
    for act in (announce_audit, begin_audit, end_fieldwork, close_audit):
        with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
            act(work, work.fresh(audit))
    with pytest.raises(RuleBroken):
        office.joins(audit, office.second, TeamPart.OBSERVER)


@pytest.mark.covers("b12", "b13")
def test_an_unscheduled_audit_may_begin_unannounced_and_others_wait_or_are_called_off(app):
    office = Auditing()
    programme = office.programme()
    sudden = office.audit(programme, kind=AuditKind.UNSCHEDULED, reason="Phản ánh của dân")
    assert sudden.begin_obstacle(TODAY) is not None  # nobody leads it
    office.joins(sudden, office.lead)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        begin_audit(work, work.fresh(sudden))
    assert sudden.state is AuditState.UNDER_WAY
    waiting = office.audit(programme, office.economy, days=(in_days(5), None))
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        postpone_audit(work, work.fresh(waiting), reason="")
    with unit_of_work(office.officer, now=MONDAY) as work:
        postpone_audit(work, work.fresh(waiting), reason="Bão")
    assert (waiting.state, waiting.from_on) == (AuditState.POSTPONED, None)
    with unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(waiting), days=(in_days(9), None), reason="Hết bão")
    assert (waiting.state, waiting.state_reason) == (AuditState.PLANNED, "")
    with pytest.raises(Forbidden), unit_of_work(office.lead_person, now=MONDAY) as work:
        cancel_audit(work, work.fresh(waiting), reason="x")
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_audit(work, work.fresh(waiting), reason="Đơn vị giải thể")
    assert waiting.counts is False
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        move_audit(work, work.fresh(waiting), days=(TODAY, None), reason="x")


@pytest.mark.covers("O4", "O1", "b11")
def test_an_audit_is_seen_by_its_team_and_by_its_units_once_announced(app):
    office, other = Auditing(), Office()
    with unit_of_work(office.officer, now=MONDAY) as work:
        invited = name_auditor(
            work, work.fresh(office.body), Qualification(), person=work.fresh(other.staff)
        )
    programme = office.programme()
    audit, unseen = office.audit(programme), office.audit(programme, office.economy)
    office.joins(audit, office.lead)
    office.joins(audit, invited, TeamPart.AUDITOR)
    session = db.session()

    def sees(person, one: Audit) -> bool:
        held = standing_of(session, person, TODAY)
        try:
            audit_of(session, held, office.body.id, one.number)
        except NotFound:
            assert not may(held, AuditPermission.SEE_AUDIT, one)
            return False
        return True

    assert sees(other.staff, audit)  # invited: this one
    assert not sees(other.staff, unseen)  # and no other
    assert sees(office.lead_person, audit)
    assert not sees(office.staff, audit)  # not announced yet
    office.taken_to(audit, AuditState.ANNOUNCED)
    assert sees(office.staff, audit)
    assert not sees(other.officer, audit)
    held = standing_of(session, office.staff, TODAY)
    assert audits(session, held, office.body, AuditFilter()).rows == [audit]
    every = standing_of(session, office.officer, TODAY)
    assert len(audits(session, every, office.body, AuditFilter(year=YEAR)).rows) == 2
    announced = AuditFilter(state=AuditState.ANNOUNCED)
    assert audits(session, every, office.body, announced).rows == [audit]
    mine = standing_of(session, office.lead_person, TODAY)
    assert audits(session, mine, office.body, AuditFilter(mine=True)).rows == [audit]
    with pytest.raises(Forbidden), unit_of_work(office.second_person, now=MONDAY) as work:
        announce_audit(work, work.fresh(unseen))
    with pytest.raises(Forbidden), unit_of_work(other.staff, now=MONDAY) as work:
        join_team(work, work.fresh(audit), work.fresh(office.second), TeamPart.OBSERVER)
