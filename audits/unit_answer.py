"""What units answer to the plan they were told, and the lead's reply (b13, b22; 9.9)."""

from __future__ import annotations

from datetime import date

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Role
from app.kernel.permissions import Standing
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.models import Audit, AuditState, UnitAnswer
from audits.permissions import AuditPermission
from audits.plan_facts import PlanFact, PlanNotice
from audits.telling import answers_for, tell

_OPEN = (AuditState.ANNOUNCED, AuditState.UNDER_WAY)


def newest_answers(audit: Audit) -> dict[int, UnitAnswer]:
    """Give the newest answer of each unit."""
    return {one.unit_id: one for one in audit.answers}


def owed_by(audit: Audit, standing: Standing) -> list[Unit]:
    """Give the units for which this person still owes an answer to the plan as it is told."""
    if audit.state not in _OPEN:
        return []
    newest = newest_answers(audit)
    return [
        one.unit
        for one in audit.units
        if standing.has(Role.MANAGER, Role.LEADER, unit_id=one.unit_id)
        and (one.unit_id not in newest or newest[one.unit_id].edition < audit.told_edition)
    ]


def answer_plan(
    work: Work,
    audit: Audit,
    unit: Unit,
    *,
    is_confirmed: bool,
    unsuited_on: date | None = None,
    words: str = "",
) -> UnitAnswer:
    """Confirm the plan for a unit, or say which day does not suit and why; the lead is told."""
    work.require(AuditPermission.ANSWER_PLAN, audit)
    audit = work.fresh(audit)
    if unit.id not in {one.unit_id for one in audit.units}:
        raise InvalidInput(N_("Choose one of the units audited."), field="unit")
    if not work.standing.has(Role.MANAGER, Role.LEADER, unit_id=unit.id):
        raise Forbidden(str(AuditPermission.ANSWER_PLAN), audit)
    if audit.state not in _OPEN:
        raise RuleBroken(N_("There is no announced plan to answer."))
    words = nfc(words).strip()[:1000]
    if not is_confirmed and not words:
        raise InvalidInput(N_("Say what does not suit, and what would."), field="words")
    if unsuited_on is not None and not audit.is_own_day(unsuited_on):
        raise InvalidInput(N_("Choose one of the audit's days."), field="unsuited_on")
    answer = UnitAnswer(
        body_id=audit.body_id,
        audit=audit,
        audit_id=audit.id,
        unit_id=unit.id,
        unit=unit,
        edition=audit.told_edition,
        person_id=work.actor.id,
        answered_at=work.now,
        is_confirmed=is_confirmed,
        unsuited_on=None if is_confirmed else unsuited_on,
        words=words,
    )
    work.add(answer)
    if is_confirmed:
        work.record(PlanFact.PLAN_CONFIRMED, answer)
        return answer
    work.record(PlanFact.PLAN_OBJECTED, answer)
    tell(
        work,
        audit,
        PlanNotice.OBJECTED,
        answers_for(work.session, audit, work.today),
        unit=unit.name,
        words=words,
    )
    return answer


def reply_to(work: Work, answer: UnitAnswer, *, words: str) -> None:
    """Answer what a unit said of the plan; whoever said it is told."""
    audit = work.fresh(answer.audit)
    work.require(AuditPermission.LEAD_AUDIT, audit)
    words = nfc(words).strip()[:1000]
    if not words:
        raise InvalidInput(N_("Say what you decided."), field="reply")
    answer = work.fresh(answer)
    answer.give_reply(work.actor, words, at=work.now)
    work.record(PlanFact.OBJECTION_ANSWERED, answer)
    tell(work, audit, PlanNotice.ANSWERED, [answer.person], words=words)
