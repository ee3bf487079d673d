"""Putting audits into the programme and moving them: what, when, why (9.2.2 a; b5-b7, b12, b13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.organisation import Body, Unit
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.coverage_register import asked_clauses, leads
from audits.facts import AuditFact
from audits.models import (
    Audit,
    AuditClause,
    AuditKind,
    AuditMethod,
    AuditMove,
    AuditProcedure,
    AuditState,
    AuditUnit,
    Clause,
    Programme,
    ProgrammeState,
)
from audits.permissions import AuditPermission
from audits.plan_facts import PlanNotice
from audits.team import team_free
from audits.telling import tell_all
from documents.models import Confidentiality, Document, DocumentKind, Revision, RevisionState

MOST_UNITS = 40
_OUTSIDE_PLAN = (AuditKind.UNSCHEDULED, AuditKind.FOLLOW_UP)


@dataclass(frozen=True)
class AuditData:
    """What an audit is about and when; without clauses it asks all that is asked of its units."""

    units: Sequence[Unit]
    window: tuple[date | None, date | None]
    days: tuple[date | None, date | None] = (None, None)
    kind: AuditKind = AuditKind.PLANNED
    method: AuditMethod = AuditMethod.ON_SITE
    reason: str = ""
    objective: str = ""
    clauses: Sequence[Clause] | None = None
    procedures: Sequence[Document] | None = None


def plan_audit(work: Work, programme: Programme, data: AuditData) -> Audit:
    """Add an audit: to a draft any, to a signed programme only an unscheduled one, with reason."""
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    programme = work.fresh(programme)
    audit = add_audit(work, programme, data)
    names = audit.unit_names
    if data.kind is AuditKind.UNSCHEDULED:
        work.record(AuditFact.AUDIT_ADDED, audit, units=names, reason=audit.reason)
    else:
        work.record(AuditFact.AUDIT_PLANNED, audit, units=names)
    return audit


def add_audit(work: Work, programme: Programme, data: AuditData) -> Audit:
    """Add an audit to a programme that is locked; the act tells the fact."""
    reason = nfc(data.reason).strip()[:4000]
    _check_kind(programme, data.kind, reason)
    window, days = _dates(data.window, data.days)
    units = checked_units(programme, data.units)
    serial = next_number(work.session, programme.body_id, f"audit {programme.year}")
    audit = Audit(
        body_id=programme.body_id,
        programme=programme,
        serial=serial,
        number=f"DG-{programme.year}-{serial:02d}",
        kind=data.kind,
        state=AuditState.PLANNED,
        method=data.method,
        reason=reason,
        objective=nfc(data.objective).strip()[:4000],
        planned_by_id=work.actor.id,
        planned_at=work.now,
        units=[AuditUnit(unit=unit) for unit in units],
    )
    audit.place(window, days)
    work.add(audit)
    body = work.session.get_one(Body, programme.body_id)
    wanted = data.clauses if data.clauses is not None else usual_clauses(work, body, audit)
    audit.clauses = [AuditClause(clause=one) for one in dict.fromkeys(wanted)]
    chosen = data.procedures
    if chosen is None:
        chosen = usual_procedures(work.session, {unit.id for unit in units})
    audit.procedures = [AuditProcedure(document=one) for one in dict.fromkeys(chosen)]
    return audit


def _check_kind(programme: Programme, kind: AuditKind, reason: str) -> None:
    if programme.state is ProgrammeState.CLOSED:
        raise RuleBroken(N_("The programme of %(year)s is closed."), year=str(programme.year))
    if kind is AuditKind.UNSCHEDULED and not reason:
        raise InvalidInput(N_("Say why this audit was not planned."), field="reason")
    if kind not in _OUTSIDE_PLAN and (obstacle := programme.change_obstacle()):
        raise obstacle


def checked_units(programme: Programme, units: Sequence[Unit]) -> list[Unit]:
    """Give the units of an audit: at least one, not too many, all of the body."""
    found = list(dict.fromkeys(units))
    if not found:
        raise InvalidInput(N_("Choose at least one unit."), field="units")
    if len(found) > MOST_UNITS:
        raise InvalidInput(N_("One audit is of 40 units at most."), field="units")
    if any(unit.body_id != programme.body_id for unit in found):
        raise InvalidInput(N_("A unit is of another body."), field="units")
    return found


def _dates(
    window: tuple[date | None, date | None], days: tuple[date | None, date | None]
) -> tuple[tuple[date, date], tuple[date, date] | None]:
    """Give window and days as they are kept: days widen the window, one day is first and last."""
    first, last = days[0], days[1] or days[0]
    if first is None and last is not None:
        raise InvalidInput(N_("Give the first day."), field="from_on")
    if first is not None and last is not None and last < first:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    opens, ends = window[0] or first, window[1] or window[0] or last
    if opens is None or ends is None:
        raise InvalidInput(N_("Give the window or the days."), field="window_from")
    if first is not None and last is not None:
        opens, ends = min(opens, first), max(ends, last)
    if ends < opens:
        raise InvalidInput(N_("The last day lies before the first."), field="window_until")
    return (opens, ends), (first, last) if first is not None and last is not None else None


def usual_clauses(work: Work, body: Body, audit: Audit) -> list[Clause]:
    """Give every clause of the year's criteria that is asked of one of the audited units."""
    asked, clauses = asked_clauses(work.session, body, audit.programme.year)
    sorts = {leads(one.unit) for one in audit.units}
    return [
        clauses[key]
        for key, of in asked.items()
        if any(of.reaches(leadership=sort) for sort in sorts)
    ]


def usual_procedures(session: Session, unit_ids: set[int], *, most: int = 200) -> list[Document]:
    """Give the procedures in force that the units lead: the processes an audit looks at."""
    return list(
        session.scalars(
            sa.select(Document)
            .join(Revision, Revision.document_id == Document.id)
            .where(
                Document.lead_unit_id.in_(unit_ids),
                Document.kind == DocumentKind.PROCEDURE,
                Document.confidentiality != Confidentiality.NAMED,
                Document.translates_id.is_(None),
                Revision.state == RevisionState.EFFECTIVE,
            )
            .order_by(Document.code_sort, Document.id)
            .limit(most)
        )
    )


def move_audit(
    work: Work,
    audit: Audit,
    *,
    days: tuple[date | None, date | None],
    reason: str,
    seen: int | None = None,
) -> None:
    """Give an audit other days: no new approval, but a reason, and everybody of its team free."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit, seen=seen)
    work.fresh_all([one.auditor for one in audit.team])  # whoever plans with them waits here
    if obstacle := audit.move_obstacle():
        raise obstacle
    reason = nfc(reason).strip()[:2000]
    if not reason and audit.programme.state is not ProgrammeState.DRAFT:
        raise InvalidInput(N_("Give the reason."), field="reason")
    if days[0] is None:
        raise InvalidInput(N_("Give the first day."), field="from_on")
    window, fixed = _dates((None, None), days)
    team_free(work, audit, window[0], window[1])
    move = AuditMove(
        old_from=audit.first_on,
        old_until=audit.last_on,
        new_from=window[0],
        new_until=window[1],
        reason=reason,
        moved_by_id=work.actor.id,
        moved_at=work.now,
    )
    audit.moves.append(move)
    old_on = audit.first_on
    audit.place(window, fixed)
    is_told = audit.tell_anew()
    work.record(
        AuditFact.AUDIT_MOVED,
        audit,
        from_on=window[0],
        until_on=window[1],
        reason=reason or "–",
        meetings=[one for one in audit.meetings if not one.signatures] or None,
    )
    if is_told:
        tell_all(
            work, audit, PlanNotice.MOVED, old_on=old_on, due_on=window[0], reason=reason or "–"
        )


def postpone_audit(work: Work, audit: Audit, *, reason: str) -> None:
    """Let an audit wait for other days, with the reason; its team is free again (b13)."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    reason = _said(reason)
    audit = work.fresh(audit)
    audit.moves.append(
        AuditMove(
            old_from=audit.first_on,
            old_until=audit.last_on,
            reason=reason,
            moved_by_id=work.actor.id,
            moved_at=work.now,
        )
    )
    audit.postpone(reason)
    audit.tell_anew()
    work.record(AuditFact.AUDIT_POSTPONED, audit, reason=reason)
    tell_all(work, audit, PlanNotice.POSTPONED, reason=reason)


def cancel_audit(work: Work, audit: Audit, *, reason: str) -> None:
    """Call an audit off, with the reason; nothing of a programme is deleted (b3)."""
    work.require(AuditPermission.KEEP_PROGRAMME, audit)
    reason = _said(reason)
    audit = work.fresh(audit)
    audit.cancel(reason)
    audit.tell_anew()
    work.record(AuditFact.AUDIT_CANCELLED, audit, reason=reason)
    tell_all(work, audit, PlanNotice.CANCELLED, reason=reason)


def _said(reason: str) -> str:
    reason = nfc(reason).strip()[:2000]
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    return reason


def announce_audit(work: Work, audit: Audit) -> None:
    """Announce an audit: from now on its units see it; their heads and the team are told."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := audit.announce_obstacle():
        raise obstacle
    team_free(work, audit, audit.first_on, audit.last_on)
    audit.announce(at=work.now)
    work.record(AuditFact.AUDIT_ANNOUNCED, audit)
    tell_all(work, audit, PlanNotice.ANNOUNCED, due_on=audit.first_on)


def begin_audit(work: Work, audit: Audit) -> None:
    """Begin the fieldwork."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := audit.begin_obstacle(work.today):
        raise obstacle
    team_free(work, audit, audit.first_on, audit.last_on)
    audit.begin(at=work.now, on=work.today)
    work.record(AuditFact.AUDIT_BEGUN, audit)


def end_fieldwork(work: Work, audit: Audit) -> None:
    """End the fieldwork."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    audit.end_fieldwork(at=work.now)
    work.record(AuditFact.FIELDWORK_ENDED, audit)


def reopen_fieldwork(work: Work, audit: Audit, *, reason: str) -> None:
    """Take the fieldwork up again before the report is issued: never in silence, with a reason."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    reason = _said(reason)
    audit = work.fresh(audit)
    audit.reopen()
    work.record(AuditFact.FIELDWORK_REOPENED, audit, reason=reason)


def close_audit(work: Work, audit: Audit) -> None:
    """Close an audit."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    audit.close(at=work.now)
    work.record(AuditFact.AUDIT_CLOSED, audit)
