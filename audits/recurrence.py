"""What the system proposes of a finding: that it repeats one, that others fail the same (A8, L6).

The same requirement is the same clause, also in another edition by the map between editions.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.organisation import Body
from app.kernel.unit_succession import UnitSuccessor
from audits.models import (
    AFTER_ISSUE,
    FAILURES,
    RECOMMENDING,
    Audit,
    AuditState,
    ClauseCounterpart,
    Finding,
    FindingClause,
    FindingGrade,
    FindingState,
)

_MOST_STEPS = 12  # editions and units follow one another; never in a circle for ever


def same_requirement(session: Session, clause_ids: set[int]) -> set[int]:
    """Give these clauses and those that ask the same in earlier and later editions."""
    found, fresh = set(clause_ids), set(clause_ids)
    for _ in range(_MOST_STEPS):
        if not fresh:
            break
        rows = session.execute(
            sa.select(ClauseCounterpart.clause_id, ClauseCounterpart.later_id).where(
                sa.or_(
                    ClauseCounterpart.clause_id.in_(fresh), ClauseCounterpart.later_id.in_(fresh)
                )
            )
        )
        fresh = {key for row in rows for key in row} - found
        found |= fresh
    return found


def with_predecessors(session: Session, unit_id: int) -> set[int]:
    """Give a unit and those it took over from (O3)."""
    found, fresh = {unit_id}, {unit_id}
    for _ in range(_MOST_STEPS):
        if not fresh:
            break
        rows = session.scalars(
            sa.select(UnitSuccessor.unit_id).where(UnitSuccessor.successor_id.in_(fresh))
        )
        fresh = set(rows) - found
        found |= fresh
    return found


def _asked_by(clauses: set[int]) -> sa.ColumnElement[bool]:
    further = sa.exists().where(
        FindingClause.finding_id == Finding.id, FindingClause.clause_id.in_(clauses)
    )
    return sa.or_(Finding.clause_id.in_(clauses), further)


def earlier_finding(session: Session, finding: Finding) -> Finding | None:
    """Give the newest reported finding of the same requirement in the same unit."""
    if finding.clause_id is None or finding.grade is FindingGrade.STRENGTH:
        return None
    return session.scalars(
        sa.select(Finding)
        .join(Audit, Audit.id == Finding.audit_id)
        .where(
            Finding.body_id == finding.body_id,
            Finding.audit_id != finding.audit_id,
            Finding.unit_id.in_(with_predecessors(session, finding.unit_id)),
            Finding.state != FindingState.WITHDRAWN,
            Finding.grade.in_((*FAILURES, *RECOMMENDING)),
            Audit.state.in_(AFTER_ISSUE),
            _asked_by(same_requirement(session, {finding.clause_id})),
        )
        .order_by(Audit.reported_on.desc(), Finding.id.desc())
        .limit(1)
    ).one_or_none()


def found_elsewhere(session: Session, finding: Finding, body: Body, on: date) -> list[Finding]:
    """Give what other units of the body failed of the same requirement within the cycle."""
    if finding.clause_id is None or finding.grade not in FAILURES:
        return []
    since = on - timedelta(days=366 * int(body.setting("audit_cycle_years")))
    return list(
        session.scalars(
            sa.select(Finding)
            .join(Audit, Audit.id == Finding.audit_id)
            .where(
                Finding.body_id == finding.body_id,
                Finding.unit_id != finding.unit_id,
                Finding.state != FindingState.WITHDRAWN,
                Finding.grade.in_(FAILURES),
                Audit.state != AuditState.CANCELLED,
                Audit.window_until >= since,
                _asked_by(same_requirement(session, {finding.clause_id})),
            )
            .order_by(Finding.id.desc())
            .limit(20)
        )
    )
