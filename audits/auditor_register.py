"""Reads of auditors: the list, one of them, where they may not audit and why (A1; b10, b11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.organisation import Body, Unit, UnitKind, units_of
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from app.kernel.search import fold, words
from app.kernel.signatures import Signature
from audits.availability import AuditorDays, Span
from audits.independence import Place, Refusal, is_independent, refusals
from audits.models import (
    DONE,
    Audit,
    Auditor,
    AuditorCompetence,
    AuditorConflict,
    AuditorLeave,
    AuditUnit,
    IndependenceException,
    TeamMember,
)
from audits.permissions import AuditPermission
from audits.ties import independence_of, places_of, ties_of

PAGE = 50


@dataclass(frozen=True)
class AuditorFilter:
    """What a list of auditors is narrowed to."""

    text: str = ""
    field_key: str = ""
    leads: bool = False
    former: bool = False


@dataclass(frozen=True)
class AuditorPage:
    """Some auditors in the order of their names, and where the next ones begin."""

    rows: list[Auditor]
    after: int | None = None


def _whole() -> tuple[object, ...]:
    return (
        joinedload(Auditor.person).joinedload(Person.home_unit),
        joinedload(Auditor.person).joinedload(Person.body),
        selectinload(Auditor.competences),
    )


def auditors(
    session: Session,
    standing: Standing,
    body: Body,
    wanted: AuditorFilter,
    *,
    after: int | None = None,
) -> AuditorPage:
    """List the auditors of a body by given name; those who are none any more only when asked."""
    if not may(standing, AuditPermission.LIST_AUDITORS, body):
        raise NotFound()
    query = sa.select(Auditor).where(Auditor.body_id == body.id).options(*_whole())  # type: ignore[arg-type]
    if not wanted.former:
        query = query.where(sa.or_(Auditor.ended_on.is_(None), Auditor.ended_on >= standing.on))
    if wanted.leads:
        query = query.where(Auditor.may_lead)
    if wanted.field_key:
        query = query.where(
            sa.exists().where(
                AuditorCompetence.auditor_id == Auditor.id,
                AuditorCompetence.field_key == wanted.field_key,
            )
        )
    for word in [fold(one) for one in words(wanted.text)][:8]:
        query = query.where(
            sa.or_(
                sa.exists().where(
                    Person.id == Auditor.person_id,
                    Person.name_folded.contains(word, autoescape=True),
                ),
                sa.func.lower(Auditor.number).contains(word, autoescape=True),
            )
        )
    if after is not None and (last := session.get(Auditor, after)) is not None:
        query = query.where(
            sa.tuple_(Auditor.sort_key, Auditor.id) > sa.tuple_(last.sort_key, last.id)
        )
    rows = list(
        session.scalars(query.order_by(Auditor.sort_key, Auditor.id).limit(PAGE + 1)).unique()
    )
    return AuditorPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def auditor_of(session: Session, standing: Standing, body_id: int, number: str) -> Auditor:
    """Give one auditor by number; NotFound when there is none for this person."""
    found = session.scalars(
        sa.select(Auditor)
        .where(Auditor.body_id == body_id, Auditor.number == number.upper())
        .options(*_whole())  # type: ignore[arg-type]
    ).one_or_none()
    if found is None or not may(standing, AuditPermission.SEE_AUDITOR, found):
        raise NotFound()
    return found


def leave_of(session: Session, auditor: Auditor, leave_id: int) -> AuditorLeave:
    """Give one leave of an auditor."""
    found = session.get(AuditorLeave, leave_id)
    if found is None or found.auditor_id != auditor.id:
        raise NotFound()
    return found


def conflict_of(session: Session, auditor: Auditor, conflict_id: int) -> AuditorConflict:
    """Give one declared conflict of an auditor."""
    found = session.get(AuditorConflict, conflict_id)
    if found is None or found.auditor_id != auditor.id:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Barred:
    """A unit an auditor may not audit on a day, with every reason."""

    unit: Unit
    reasons: tuple[Refusal, ...]

    @property
    def is_excepted(self) -> bool:
        """Say whether a leader has signed an exception for every reason."""
        return is_independent(self.reasons)


def audited_units(session: Session, body_id: int, on: date) -> list[Unit]:
    """Give the units audits are planned for: sections go with theirs, the body with its leaders."""
    units = [unit for unit in units_of(session, body_id, on) if unit.kind is not UnitKind.TEAM]
    below = [unit for unit in units if unit.parent_id is not None]
    if any(unit.kind is UnitKind.LEADERSHIP for unit in below):
        return below
    return units


def barred_from(session: Session, body: Body, auditor: Auditor, on: date) -> list[Barred]:
    """Give where an auditor may not audit on a day, and why."""
    ties = ties_of(session, [auditor])[auditor.id]
    places, rule = places_of(session, body.id), independence_of(body)
    found = []
    for unit in audited_units(session, body.id, on):
        reasons = refusals(ties, places.get(unit.id, Place(unit.id)), on, rule)
        if reasons:
            found.append(Barred(unit, reasons))
    return found


def days_of(auditor: Auditor, elsewhere: tuple[Span, ...] = ()) -> AuditorDays:
    """Give when an auditor may audit, as plain facts."""
    return AuditorDays(
        auditor.id,
        auditor.qualified_from,
        auditor.qualified_until,
        auditor.ended_on,
        tuple(
            Span(leave.from_on, leave.until_on)
            for leave in auditor.leaves
            if leave.ended_at is None
        ),
        elsewhere,
    )


def exceptions_of(session: Session, auditor: Auditor) -> list[IndependenceException]:
    """Give the exceptions leaders signed for an auditor, newest first."""
    return list(
        session.scalars(
            sa.select(IndependenceException)
            .where(IndependenceException.auditor_id == auditor.id)
            .options(
                joinedload(IndependenceException.unit),
                joinedload(IndependenceException.signature).joinedload(Signature.person),
            )
            .order_by(IndependenceException.id.desc())
        )
    )


def taken_part(session: Session, auditor: Auditor) -> list[TeamMember]:
    """Give the audits an auditor took part in, the latest first; those to come do not count."""
    return list(
        session.scalars(
            sa.select(TeamMember)
            .join(Audit, Audit.id == TeamMember.audit_id)
            .where(
                TeamMember.auditor_id == auditor.id,
                TeamMember.left_at.is_(None),
                Audit.state.in_(DONE),
            )
            .options(
                joinedload(TeamMember.audit).selectinload(Audit.units).joinedload(AuditUnit.unit)
            )
            .order_by(Audit.window_from.desc(), Audit.id.desc())
            .limit(200)
        )
    )
