"""Findings: written down, answered by the unit, decided by the lead (A3, A8, A9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.unit_succession import name_successor
from app.kernel.work import unit_of_work
from audits.finding import (
    FindingData,
    change_finding,
    decide_finding,
    respond,
    send_findings,
    settle_claim,
    withdraw_finding,
    write_finding,
)
from audits.models import (
    Audit,
    AuditState,
    Claim,
    Clause,
    ClauseCounterpart,
    Finding,
    FindingGrade,
    FindingState,
    LeadDecision,
    UnitResponse,
)
from audits.permissions import AuditPermission
from tests.audits.world import Auditing, in_days
from tests.builders import MONDAY, TODAY, a_deputy


def an_audit(office: Auditing, *units, state: AuditState = AuditState.REPORTING) -> Audit:
    """Make an audit whose fieldwork has ended."""
    programmes = getattr(office, "_programme", None) or office.programme()
    office._programme = programmes
    audit = office.audit(programmes, *units)
    office.joins(audit, office.lead)
    return office.taken_to(audit, state)


def _told(record: Finding) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(TrailEntry.record_type == "finding", TrailEntry.record_id == record.id)
            .order_by(TrailEntry.id)
        )
    )


def _notices(kind: str) -> list[int]:
    return sorted(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind)))


@pytest.mark.covers("b27", "b28", "A3", "T1")
def test_a_finding_gets_its_number_and_names_what_it_lacks(app):
    office = Auditing()
    audit = an_audit(office, state=AuditState.UNDER_WAY)
    whole = office.finding(audit)
    bare = office.finding(audit, "Chưa rõ", clause="0", evidence="")
    praise = office.finding(audit, "Trả kết quả sớm", FindingGrade.STRENGTH)
    assert [one.number for one in (whole, bare, praise)] == [
        f"{audit.number}.01",
        f"{audit.number}.02",
        f"{audit.number}.03",
    ]
    assert (whole.gaps(), bare.gaps()) == ([], ["no criterion", "no evidence"])
    with pytest.raises(RuleBroken) as refused:
        office.sent(audit)
    assert (refused.value.rule, refused.value.values["numbers"]) == ("A3", bare.number)
    assert _told(whole) == ["finding.written"]


@pytest.mark.covers("b27")
def test_only_the_team_writes_and_only_of_units_it_audits(app):
    office = Auditing()
    audit = an_audit(office, state=AuditState.UNDER_WAY)
    data = FindingData(office.unit, "Thiếu", FindingGrade.MINOR)
    for person in (office.officer, office.manager, office.second_person):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            write_finding(work, work.fresh(audit), data)
    for wrong, field in (
        (FindingData(office.economy, "Thiếu", FindingGrade.MINOR), "unit"),
        (FindingData(None, "Thiếu", FindingGrade.MINOR), "unit"),
        (FindingData(office.unit, " ", FindingGrade.MINOR), "statement"),
    ):
        with (
            pytest.raises(InvalidInput) as refused,
            unit_of_work(office.lead_person, now=MONDAY) as work,
        ):
            write_finding(work, work.fresh(audit), wrong)
        assert refused.value.field == field
    planned = office.audit(office._programme, office.economy, days=(in_days(3), None))
    office.joins(planned, office.lead)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        write_finding(
            work, work.fresh(planned), FindingData(office.economy, "Sớm", FindingGrade.MINOR)
        )


@pytest.mark.covers("b30", "A9", "e18")
def test_the_head_of_the_unit_or_a_deputy_answers_within_working_days(app):
    office = Auditing()
    audit = an_audit(office)
    first, second, third = (office.finding(audit, f"Điều {n}") for n in range(3))
    with pytest.raises(RuleBroken):
        office.answered_by(office.manager, first)  # not sent yet
    assert not may(
        standing_of(db.session(), office.manager, TODAY), AuditPermission.SEE_FINDING, first
    )
    office.sent(audit)
    assert may(standing_of(db.session(), office.manager, TODAY), AuditPermission.SEE_FINDING, first)
    assert first.response_due_on == TODAY + timedelta(days=7)  # five working days
    assert _notices("finding.response_asked") == [office.manager.id]
    for person in (office.staff, office.lead_person, office.officer):
        with pytest.raises(Forbidden):
            office.answered_by(person, first)
    office.answered_by(office.manager, first)
    with pytest.raises(InvalidInput):
        office.answered_by(office.manager, second, UnitResponse.COMMENT)
    a_deputy(office.manager, office.staff)
    office.answered_by(office.staff, second, UnitResponse.COMMENT, "Đã bổ sung ngày hôm sau.")
    assert (second.responded_by_id, second.responded_for_id) == (
        office.staff.id,
        office.manager.id,
    )
    office.answered_by(office.manager, third, UnitResponse.DISPUTE, "Hồ sơ có, để ở kho.")
    states = [FindingState.ACCEPTED, FindingState.ACCEPTED, FindingState.DISPUTED]
    assert [one.state for one in (first, second, third)] == states
    assert _notices("finding.disputed") == [office.lead_person.id]
    with pytest.raises(RuleBroken):
        office.answered_by(office.manager, first, UnitResponse.DISPUTE, "Đổi ý")  # once
    assert _told(second) == ["finding.written", "finding.sent", "finding.commented"]


@pytest.mark.covers("A9")
def test_the_lead_upholds_regrades_or_withdraws_with_a_reason_and_the_first_grade_stays(app):
    office = Auditing()
    audit = an_audit(office)
    found = [office.finding(audit, f"Điều {n}") for n in range(4)]
    office.sent(audit)
    for one in found[:3]:
        office.answered_by(office.manager, one, UnitResponse.DISPUTE, "Không đúng.")

    def decides(finding, decision, reason="Đã xem lại", person=office.lead_person, **more):
        with unit_of_work(person, now=more.pop("now", MONDAY)) as work:
            decide_finding(work, work.fresh(finding), decision, reason=reason, **more)

    with pytest.raises(Forbidden):
        decides(found[0], LeadDecision.UPHOLD, person=office.officer)
    with pytest.raises(InvalidInput):
        decides(found[0], LeadDecision.UPHOLD, reason=" ")
    with pytest.raises(InvalidInput):
        decides(found[1], LeadDecision.REGRADE)
    with pytest.raises(RuleBroken):
        decides(found[3], LeadDecision.UPHOLD)  # its days are not over
    decides(found[0], LeadDecision.UPHOLD)
    decides(found[1], LeadDecision.REGRADE, grade=FindingGrade.OBSERVATION)
    decides(found[2], LeadDecision.WITHDRAW)
    decides(found[3], LeadDecision.UPHOLD, now=MONDAY + timedelta(days=9))  # silence
    assert all(one.has_decision for one in found)
    assert (found[1].first_grade, found[1].grade) == (
        FindingGrade.MINOR,
        FindingGrade.OBSERVATION,
    )
    assert [one.is_unresolved for one in found] == [True, True, False, False]
    with pytest.raises(RuleBroken):
        decides(found[2], LeadDecision.WITHDRAW)


@pytest.mark.covers("A9")
def test_what_was_withdrawn_is_not_answered_and_stays_with_its_number(app):
    office = Auditing()
    audit = an_audit(office)
    first, second = office.finding(audit), office.finding(audit, "Hai")
    office.sent(audit)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        withdraw_finding(work, work.fresh(first), reason="Nhầm hồ sơ của đơn vị khác.")
    with pytest.raises(RuleBroken, match="withdrawn"):
        office.answered_by(office.manager, first, UnitResponse.DISPUTE, "Không đúng.")
    assert office.finding(audit, "Ba").number.endswith(".03")
    office.answered_by(office.manager, second)
    with pytest.raises(RuntimeError), unit_of_work(office.lead_person, now=MONDAY) as work:
        work.session.delete(work.fresh(second))


@pytest.mark.covers("A9", "D13")
def test_words_change_until_the_answer_and_whoever_answers_has_seen_them(app):
    office = Auditing()
    audit = an_audit(office)
    finding = office.finding(audit)
    office.sent(audit)
    seen = finding.row_version
    data = FindingData(office.unit, "Câu khác", FindingGrade.MINOR, finding.clause, (), "Sổ")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        change_finding(work, work.fresh(finding), data)
    with pytest.raises(Stale), unit_of_work(office.manager, now=MONDAY) as work:
        respond(work, work.fresh(finding), UnitResponse.ACCEPT, seen=seen)
    bare = FindingData(office.unit, "Câu khác", FindingGrade.MINOR)
    with pytest.raises(InvalidInput), unit_of_work(office.lead_person, now=MONDAY) as work:
        change_finding(work, work.fresh(finding), bare)
    office.answered_by(office.manager, finding)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        change_finding(work, work.fresh(finding), data)


@pytest.mark.covers("A8", "b31", "L6")
def test_what_repeats_is_proposed_and_counts_only_when_the_lead_confirms(app):
    office = Auditing()
    audit = an_audit(office)
    first = office.finding(audit)
    office.sent(audit)
    office.answered_by(office.manager, first)
    office.issued(audit)
    again = an_audit(office)
    second = office.finding(again)
    other = office.finding(again, "Khác yêu cầu", clause="7.5.3")
    assert (second.repeats_id, second.repeat_claim) == (first.id, Claim.PROPOSED)
    assert other.repeat_claim is None
    assert (second.is_repeated, second.times_reported) == (False, 1)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        settle_claim(work, work.fresh(other), repeat=True)
    with pytest.raises(Forbidden), unit_of_work(office.officer, now=MONDAY) as work:
        settle_claim(work, work.fresh(second), repeat=True)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        settle_claim(work, work.fresh(second), repeat=True)
    assert (second.is_repeated, second.times_reported) == (True, 2)
    office.sent(again)
    for one in (second, other):
        office.answered_by(office.manager, one)
    office.issued(again)
    third = office.finding(an_audit(office))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        settle_claim(work, work.fresh(third), repeat=True)
    assert (third.repeats_id, third.times_reported) == (second.id, 3)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        settle_claim(work, work.fresh(second), repeat=False)  # it is printed


@pytest.mark.covers("A8", "O3")
def test_the_same_requirement_is_known_through_editions_and_units_that_took_over(app):
    office = Auditing()
    audit = an_audit(office, office.unit, office.economy)
    old = office.finding(audit, clause="10.2", unit=office.unit)
    office.sent(audit)
    office.answered_by(office.manager, old)
    office.issued(audit)
    with unit_of_work(None, now=MONDAY) as work:
        name_successor(work.session, office.unit.id, office.economy.id)
        later = work.session.scalars(sa.select(Clause).where(Clause.number == "10.1")).first()
        work.session.add(ClauseCounterpart(clause_id=old.clause_id, later_id=later.id))
    new = office.finding(an_audit(office, office.economy), clause="10.1")
    assert new.repeats_id == old.id


@pytest.mark.covers("A8", "L6")
def test_what_other_units_fail_too_is_proposed_as_systemic(app):
    office = Auditing()
    audit = an_audit(office, office.unit, office.economy)
    alone = office.finding(audit, unit=office.unit)
    both = office.finding(audit, unit=office.economy)
    assert (alone.systemic_claim, both.systemic_claim) == (None, Claim.PROPOSED)
    office.sent(audit)
    assert alone.systemic_claim is Claim.PROPOSED  # looked at again when all are written
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        settle_claim(work, work.fresh(alone), systemic=True)
        settle_claim(work, work.fresh(both), systemic=False)
    assert (alone.is_systemic, both.is_systemic) == (True, False)
    stranger = Auditing()
    theirs = stranger.finding(an_audit(stranger))
    assert theirs.systemic_claim is None  # never of another body


@pytest.mark.covers("O4")
def test_nobody_of_another_body_knows_of_a_finding(app):
    office, other = Auditing(), Auditing()
    finding = office.finding(an_audit(office))
    office.sent(finding.audit)
    for person in (other.officer, other.leader, other.lead_person, other.manager):
        held = standing_of(db.session(), person, TODAY)
        for permission in (AuditPermission.SEE_FINDING, AuditPermission.ANSWER_FINDING):
            assert not may(held, permission, finding)
    with pytest.raises(Forbidden), unit_of_work(other.lead_person, now=MONDAY) as work:
        send_findings(work, work.fresh(finding.audit))
