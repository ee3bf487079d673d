"""Writing findings down, the unit's word on them, the lead's decision (9.2.2 d; A3, A8, A9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body, Unit, ancestor_ids
from app.kernel.people import Person, Role
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.finding_facts import FindingFact, FindingNotice
from audits.models import (
    AFTER_ISSUE,
    WRITABLE,
    Answer,
    Audit,
    Claim,
    Clause,
    Finding,
    FindingAnswer,
    FindingClause,
    FindingGrade,
    FindingState,
    LeadDecision,
    UnitResponse,
)
from audits.permissions import AuditPermission, answers_in_place_of
from audits.recurrence import earlier_finding, found_elsewhere
from documents.models import Document
from documents.routing import holders

_LONGEST = 8000
_SAID = {
    UnitResponse.ACCEPT: FindingFact.ACCEPTED,
    UnitResponse.COMMENT: FindingFact.COMMENTED,
    UnitResponse.DISPUTE: FindingFact.DISPUTED,
}
_DECIDED = {
    LeadDecision.UPHOLD: FindingFact.UPHELD,
    LeadDecision.REGRADE: FindingFact.REGRADED,
    LeadDecision.WITHDRAW: FindingFact.WITHDRAWN,
}


@dataclass(frozen=True)
class FindingData:
    """What is found: of which unit, judged by which clauses, on which evidence."""

    unit: Unit | None
    statement: str
    grade: FindingGrade
    clause: Clause | None = None
    others: Sequence[Clause] = ()
    evidence: str = ""
    document: Document | None = None
    answers: Sequence[Answer] = ()


def data_from(answer: Answer, audit: Audit) -> FindingData:
    """Begin a finding from a line: words of its notes, criterion of its question (b28)."""
    question = answer.question
    unit = question.unit or (audit.units[0].unit if audit.units else None)
    grades = {str(one): one for one in FindingGrade}
    return FindingData(
        unit=unit,
        statement=answer.notes.strip() or question.text,
        grade=grades.get(str(answer.grade), FindingGrade.OBSERVATION),
        clause=question.clause,
        document=question.document,
        answers=(answer,),
    )


def write_finding(work: Work, audit: Audit, data: FindingData) -> Finding:
    """Write a finding down under the next number of its audit; never deleted afterwards."""
    work.require(AuditPermission.WRITE_FINDING, audit)
    audit = work.fresh(audit)
    if audit.state not in WRITABLE:
        raise RuleBroken(
            N_("The findings of %(number)s are not written now: %(state)s."),
            number=audit.number,
            state=audit.state,
        )
    unit = _unit(audit, data.unit)
    last = work.session.scalar(
        sa.select(sa.func.max(Finding.serial)).where(Finding.audit_id == audit.id)
    )
    serial = (last or 0) + 1
    finding = Finding(
        body_id=audit.body_id,
        audit=audit,
        audit_id=audit.id,
        unit=unit,
        unit_id=unit.id,
        serial=serial,
        number=f"{audit.number}.{serial:02d}",
        first_grade=data.grade,
        state=FindingState.DRAFT,
        written_by_id=work.actor.id,
        written_at=work.now,
    )
    _fill(work, finding, data)
    work.add(finding)
    _propose(work, finding)
    work.record(FindingFact.WRITTEN, finding)
    return finding


def change_finding(
    work: Work, finding: Finding, data: FindingData, *, seen: int | None = None
) -> None:
    """Change a finding's words until the unit has answered; what it saw is then another version."""
    work.require(AuditPermission.WRITE_FINDING, finding)
    audit = work.fresh(finding.audit)
    finding = work.fresh(finding, seen=seen)
    if obstacle := finding.write_obstacle():
        raise obstacle
    finding.unit = unit = _unit(audit, data.unit)
    finding.unit_id = unit.id
    if finding.state is FindingState.DRAFT and finding.grade is finding.first_grade:
        finding.first_grade = data.grade  # not said to anybody yet
    _fill(work, finding, data)
    if finding.is_sent and finding.gaps():
        raise InvalidInput(
            N_("The unit has this finding: criterion and evidence cannot be taken out."),
            field="clause" if finding.clause_id is None else "evidence",
            rule="A3",
        )
    _propose(work, finding)
    if work.has_changed(finding):
        work.record(FindingFact.CHANGED, finding)


def _unit(audit: Audit, unit: Unit | None) -> Unit:
    if unit is None or all(one.unit_id != unit.id for one in audit.units):
        raise InvalidInput(N_("Choose a unit that is audited."), field="unit")
    return unit


def _fill(work: Work, finding: Finding, data: FindingData) -> None:
    statement = nfc(data.statement).strip()[:_LONGEST]
    if not statement:
        raise InvalidInput(N_("Say what was found."), field="statement")
    answers = list(dict.fromkeys(data.answers))
    if any(one.question.checklist.audit_id != finding.audit_id for one in answers):
        raise InvalidInput(N_("An answer is of another audit."), field="answers")
    finding.statement, finding.grade = statement, data.grade
    finding.evidence = nfc(data.evidence).strip()[:_LONGEST]
    finding.clause = data.clause
    finding.clause_id = data.clause.id if data.clause is not None else None
    finding.document = data.document
    finding.document_id = data.document.id if data.document is not None else None
    main = finding.clause_id
    clauses = {one.id: one for one in data.others if one.id != main}
    kept = [one for one in finding.others if one.clause_id in clauses]
    new = [key for key in clauses if key not in {one.clause_id for one in kept}]
    finding.others = [*kept, *(FindingClause(clause_id=key, clause=clauses[key]) for key in new)]
    wanted = {one.id: one for one in answers}
    held = [one for one in finding.answers if one.answer_id in wanted]
    more = [key for key in wanted if key not in {one.answer_id for one in held}]
    finding.answers = [*held, *(FindingAnswer(answer_id=key, answer=wanted[key]) for key in more)]


def _propose(work: Work, finding: Finding) -> None:
    """Look for what it repeats and where else the same fails, each time its clause is known."""
    body = work.session.get_one(Body, finding.body_id)
    with work.session.no_autoflush:
        earlier = earlier_finding(work.session, finding)
        elsewhere = bool(found_elsewhere(work.session, finding, body, work.today))
    finding.propose(earlier, elsewhere=elsewhere)


def send_findings(work: Work, audit: Audit) -> int:
    """Make the findings known to their units, whose heads answer within some working days."""
    work.require(AuditPermission.DECIDE_FINDING, audit)
    audit = work.fresh(audit)
    if audit.state not in WRITABLE:
        raise RuleBroken(
            N_("The findings of %(number)s are not written now: %(state)s."),
            number=audit.number,
            state=audit.state,
        )
    drafts = [one for one in findings_now(work, audit) if one.state is FindingState.DRAFT]
    if not drafts:
        raise RuleBroken(N_("There is no finding left to make known."))
    if wanting := [one.number for one in drafts if one.gaps()]:
        raise RuleBroken(
            N_("These lack their criterion or evidence: %(numbers)s."),
            rule="A3",
            numbers=", ".join(wanting[:10]),
        )
    body = work.session.get_one(Body, audit.body_id)
    due = working_days_after(body, work.today, int(body.setting("finding_response_days")))
    asked: dict[int, int] = {}
    for finding in drafts:
        _propose(work, finding)
        finding.send(due, at=work.now)
        work.record(FindingFact.SENT, finding, unit=finding.unit.name)
        if finding.state is FindingState.WAITING:
            asked[finding.unit_id] = asked.get(finding.unit_id, 0) + 1
    for unit_id, count in asked.items():
        work.notify(
            FindingNotice.RESPONSE_ASKED,
            audit,
            to=heads_of(work.session, unit_id, work),
            number=audit.number,
            count=count,
            due_on=due,
        )
    return len(drafts)


def findings_now(work: Work, audit: Audit) -> list[Finding]:
    """Give the findings of an audit as they are, under the lock of the audit."""
    return list(
        work.session.scalars(
            sa.select(Finding)
            .where(Finding.audit_id == audit.id)
            .order_by(Finding.serial)
            .execution_options(populate_existing=True)
        )
    )


def heads_of(session: Session, unit_id: int, work: Work) -> list[Person]:
    """Give who answers for a unit: its managers, else those of the nearest unit above, leaders."""
    for place in ancestor_ids(session, unit_id):
        if found := holders(session, Role.MANAGER, place, work.today):
            return found
    above = ancestor_ids(session, unit_id)
    return [one for place in above for one in holders(session, Role.LEADER, place, work.today)]


def respond(
    work: Work,
    finding: Finding,
    response: UnitResponse,
    *,
    words: str = "",
    seen: int | None = None,
) -> None:
    """Answer a finding for its unit: accept it, with a comment or not, or dispute it."""
    work.require(AuditPermission.ANSWER_FINDING, finding)
    audit = work.fresh(finding.audit)
    finding = work.fresh(finding)
    if obstacle := finding.respond_obstacle():
        raise obstacle
    finding = work.fresh(finding, seen=seen)
    not_of_team(work, audit)
    words = nfc(words).strip()[:_LONGEST]
    if response is not UnitResponse.ACCEPT and not words:
        raise InvalidInput(N_("Say why; the auditors read it."), field="words")
    work.acting_for = answers_in_place_of(work.standing, finding.unit_id)
    finding.respond(response, words, work.actor, work.acting_for, at=work.now)
    said = {"words": words} if response is not UnitResponse.ACCEPT else {}
    work.record(_SAID[response], finding, **said)
    disputed = response is UnitResponse.DISPUTE
    work.notify(
        FindingNotice.DISPUTED if disputed else FindingNotice.ANSWERED,
        finding,
        to=team_people(audit),
        number=finding.number,
        unit=finding.unit.name,
        words=words,
    )


def not_of_team(work: Work, audit: Audit) -> None:
    """Refuse an answer for the unit by somebody who audits it."""
    if any(one.auditor.person_id == work.actor.id for one in audit.team):
        raise RuleBroken(N_("Whoever audits does not answer for the unit."), rule="A1")


def team_people(audit: Audit) -> list[Person]:
    """Give those of the team who have an account."""
    return [one.auditor.person for one in audit.team if one.auditor.person is not None]


def decide_finding(
    work: Work,
    finding: Finding,
    decision: LeadDecision,
    *,
    reason: str,
    grade: FindingGrade | None = None,
    seen: int | None = None,
) -> None:
    """Decide on a dispute, a comment or a silence: uphold, regrade or withdraw, with a reason."""
    work.require(AuditPermission.DECIDE_FINDING, finding)
    work.fresh(finding.audit)
    finding = work.fresh(finding, seen=seen)
    reason = _said(reason)
    if decision is LeadDecision.REGRADE and grade in (None, finding.grade):
        raise InvalidInput(N_("Choose another grade."), field="grade")
    if decision is not LeadDecision.WITHDRAW and (obstacle := finding.decide_obstacle(work.today)):
        raise obstacle
    finding.decide(decision, reason, work.actor, at=work.now, grade=grade)
    work.record(_DECIDED[decision], finding, reason=reason)
    tell_decided(work, finding, reason)


def tell_decided(work: Work, finding: Finding, reason: str) -> None:
    """Tell the unit what was decided; nobody is told of what they never saw."""
    if not finding.is_sent:
        return
    people = heads_of(work.session, finding.unit_id, work)
    work.notify(
        FindingNotice.DECIDED,
        finding,
        to=[*people, *([finding.responded_by] if finding.responded_by is not None else [])],
        number=finding.number,
        reason=reason,
    )


def _said(reason: str) -> str:
    reason = nfc(reason).strip()[:_LONGEST]
    if not reason:
        raise InvalidInput(N_("Give the reason; the unit reads it."), field="reason")
    return reason


def withdraw_finding(work: Work, finding: Finding, *, reason: str, seen: int | None = None) -> None:
    """Withdraw a finding: it stays with its number, the answer it had, and the reason."""
    decide_finding(work, finding, LeadDecision.WITHDRAW, reason=reason, seen=seen)


def settle_claim(
    work: Work, finding: Finding, *, repeat: bool | None = None, systemic: bool | None = None
) -> None:
    """Confirm or refuse what the system proposed; only what is confirmed counts (A8)."""
    work.require(AuditPermission.DECIDE_FINDING, finding)
    audit = work.fresh(finding.audit)
    finding = work.fresh(finding)
    if audit.state in AFTER_ISSUE:
        raise RuleBroken(
            N_("The report of %(number)s is issued: amend it, with the reason."),
            rule="A4",
            number=audit.number,
        )
    if repeat is not None:
        finding.settle_repeat(Claim.CONFIRMED if repeat else Claim.REFUSED)
        earlier = finding.repeats.number if finding.repeats is not None else "–"
        work.record(FindingFact.REPEAT_SETTLED, finding, earlier=earlier)
    if systemic is not None:
        finding.settle_systemic(Claim.CONFIRMED if systemic else Claim.REFUSED)
        work.record(FindingFact.SYSTEMIC_SETTLED, finding)
