"""Coverage of a year's programme and its cycle, read for one body (A2; b6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.organisation import Body, Unit, UnitKind
from audits.auditor_register import audited_units
from audits.coverage import cells, is_excluded
from audits.models import (
    Audit,
    AuditClause,
    AuditProcedure,
    AuditState,
    AuditUnit,
    Clause,
    Programme,
)
from audits.models.criteria import AskedOf
from audits.standards import DEFAULT_STANDARD, asked_by_body, latest_counterparts, standards_of
from documents.models import Confidentiality, Document, DocumentKind, Revision, RevisionState
from documents.scope import approved_scope


@dataclass(frozen=True)
class Gap:
    """A unit and the clauses nobody audits there within the cycle."""

    unit: Unit
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Coverage:
    """How many cells are covered, and every gap by name; procedures beside."""

    covered: int
    wanted: int
    gaps: tuple[Gap, ...]
    procedures: int
    open_procedures: tuple[str, ...]


def leads(unit: Unit) -> bool:
    """Say whether a unit is asked what the leadership is asked."""
    return unit.kind is UnitKind.LEADERSHIP


def coverage_of(session: Session, body: Body, year: int, *, also: Iterable[int] = ()) -> Coverage:
    """Lay what is to be covered beside what the audits of the cycle cover, and units to come."""
    units = {unit.id: unit for unit in _units(session, body, year)}
    asked, clauses = asked_clauses(session, body, year)
    done = _done(session, body, year)
    for key in set(also) & set(units):
        sort = leads(units[key])
        done |= {(key, clause) for clause, of in asked.items() if of.reaches(leadership=sort)}
    alike = latest_counterparts(session, {clause for _, clause in done})
    audited = {(unit, new) for unit, clause in done for new in alike[clause]}
    found = cells({key: leads(unit) for key, unit in units.items()}, asked, audited)
    gaps = tuple(
        Gap(units[key], tuple(sorted((clauses[one] for one in missing), key=_place)))
        for key, missing in found.missing.items()
    )
    order = {key: at for at, key in enumerate(units)}
    open_procedures, count = _procedures(session, body, year, set(units))
    return Coverage(
        len(found.covered),
        len(found.wanted),
        tuple(sorted(gaps, key=lambda gap: order[gap.unit.id])),
        count,
        open_procedures,
    )


def _place(clause: Clause) -> tuple[int, int]:
    return clause.standard_id, clause.position


def _units(session: Session, body: Body, year: int) -> list[Unit]:
    """Give the units to be covered: those of the signed scope, else all that are audited."""
    units = audited_units(session, body.id, date(year, 12, 31))
    scope = approved_scope(session, body.id)
    if scope is None:
        return units
    applying = {one.unit_id for one in scope.units}
    return [unit for unit in units if unit.id in applying or leads(unit)]


def asked_clauses(
    session: Session, body: Body, year: int
) -> tuple[dict[int, AskedOf], dict[int, Clause]]:
    """Give of whom each clause of the year's criteria is asked, without what is excluded."""
    programme = session.scalars(
        sa.select(Programme).where(Programme.body_id == body.id, Programme.year == year)
    ).one_or_none()
    chosen = {one.standard_id for one in programme.criteria} if programme is not None else set()
    scope = approved_scope(session, body.id)
    excluded = {one.clause for one in scope.exclusions} if scope is not None else set()
    asked: dict[int, AskedOf] = {}
    clauses: dict[int, Clause] = {}
    for standard in standards_of(session, body.id):
        if standard.id not in chosen and (chosen or standard.name != DEFAULT_STANDARD):
            continue
        for one in asked_by_body(session, body.id, standard):
            if standard.name == DEFAULT_STANDARD and is_excluded(one.clause.number, excluded):
                continue
            asked[one.clause.id], clauses[one.clause.id] = one.of, one.clause
    return asked, clauses


def _cycle(body: Body, year: int) -> tuple[int, int]:
    return year - int(body.setting("audit_cycle_years")) + 1, year


def _counted(body: Body, year: int) -> tuple[object, ...]:
    first, last = _cycle(body, year)
    return (
        Audit.body_id == body.id,
        Audit.state.not_in((AuditState.CANCELLED, AuditState.POSTPONED)),
        Programme.year.between(first, last),
    )


def _done(session: Session, body: Body, year: int) -> set[tuple[int, int]]:
    rows = session.execute(
        sa.select(AuditUnit.unit_id, AuditClause.clause_id)
        .join(Audit, Audit.id == AuditUnit.audit_id)
        .join(AuditClause, AuditClause.audit_id == Audit.id)
        .join(Programme, Programme.id == Audit.programme_id)
        .where(*_counted(body, year))  # type: ignore[arg-type]
    )
    return {(unit, clause) for unit, clause in rows}


def _procedures(
    session: Session, body: Body, year: int, units: set[int]
) -> tuple[tuple[str, ...], int]:
    """Give the codes of procedures in force that no audit looks at, and how many there are."""
    in_force = session.execute(
        sa.select(Document.id, Document.code)
        .join(Revision, Revision.document_id == Document.id)
        .where(
            Document.body_id == body.id,
            Document.kind == DocumentKind.PROCEDURE,
            Document.lead_unit_id.in_(units),
            Document.translates_id.is_(None),
            Document.confidentiality != Confidentiality.NAMED,  # whose code is not for everybody
            Revision.state == RevisionState.EFFECTIVE,
        )
        .order_by(Document.code_sort, Document.id)
    ).all()
    looked_at = set(
        session.scalars(
            sa.select(AuditProcedure.document_id)
            .join(Audit, Audit.id == AuditProcedure.audit_id)
            .join(Programme, Programme.id == Audit.programme_id)
            .where(*_counted(body, year))  # type: ignore[arg-type]
        )
    )
    left = tuple(code or "" for key, code in in_force if key not in looked_at)
    return left, len(in_force)
