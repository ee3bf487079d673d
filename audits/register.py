"""Reads of programmes and audits that are more than one line (screens 16 to 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing, may
from audits.auditor_register import audited_units
from audits.models import (
    DONE,
    OVER,
    AgendaItem,
    Audit,
    AuditClause,
    AuditDocument,
    AuditedUnit,
    AuditMeeting,
    Auditor,
    AuditProcedure,
    AuditState,
    AuditUnit,
    MeetingSignature,
    Programme,
    ProgrammeStandard,
    ProgrammeVersion,
    TeamMember,
    UnitAnswer,
)
from audits.permissions import AuditPermission
from audits.risk import Risk, UnitFacts, risk_of
from documents.models import Document, Revision, RevisionState

PAGE = 50
_MOST_OF_A_TIME = 500  # audits in one calendar
_CHANGED_WITHIN = 365  # days looked back where a unit was never audited


def _team() -> tuple[object, ...]:
    return (
        selectinload(Audit.units).joinedload(AuditUnit.unit),
        selectinload(Audit.members).joinedload(TeamMember.auditor).options(
            joinedload(Auditor.person),
            selectinload(Auditor.leaves),
        ),
    )  # fmt: skip


def _whole() -> tuple[object, ...]:
    return (
        *_team(),
        selectinload(Audit.clauses).joinedload(AuditClause.clause),
        selectinload(Audit.procedures).joinedload(AuditProcedure.document),
        selectinload(Audit.moves),
    )


def _plan() -> tuple[object, ...]:
    return (
        selectinload(Audit.agenda).options(
            joinedload(AgendaItem.unit), selectinload(AgendaItem.auditors)
        ),
        selectinload(Audit.documents).joinedload(AuditDocument.document),
        selectinload(Audit.answers).options(
            joinedload(UnitAnswer.unit),
            joinedload(UnitAnswer.person),
            joinedload(UnitAnswer.replied_by),
        ),
        selectinload(Audit.meetings).options(
            selectinload(AuditMeeting.present),
            selectinload(AuditMeeting.signatures).joinedload(MeetingSignature.person),
        ),
    )


def programme_of(session: Session, standing: Standing, body: Body, year: int) -> Programme | None:
    """Give the programme of a year with its audits; None where nobody began it."""
    if not may(standing, AuditPermission.SEE_PROGRAMME, body):
        raise NotFound()
    return session.scalars(
        sa.select(Programme)
        .where(Programme.body_id == body.id, Programme.year == year)
        .options(
            selectinload(Programme.criteria).joinedload(ProgrammeStandard.standard),
            selectinload(Programme.versions).joinedload(ProgrammeVersion.approved_by),
            selectinload(Programme.audits).options(*_whole()),  # type: ignore[arg-type]
        )
    ).one_or_none()


def audit_of(session: Session, standing: Standing, body_id: int, number: str) -> Audit:
    """Give one audit by number; NotFound when there is none for this person."""
    found = session.scalars(
        sa.select(Audit)
        .where(Audit.body_id == body_id, Audit.number == number.upper())
        .options(joinedload(Audit.programme), *_whole(), *_plan())  # type: ignore[arg-type]
    ).one_or_none()
    if found is None or not may(standing, AuditPermission.SEE_AUDIT, found):
        raise NotFound()
    return found


@dataclass(frozen=True)
class AuditFilter:
    """What a list of audits is narrowed to."""

    year: int | None = None
    state: AuditState | None = None
    mine: bool = False


@dataclass(frozen=True)
class AuditPage:
    """Some audits, the latest first, and where the next ones begin."""

    rows: list[Audit]
    before: int | None = None


def audits(
    session: Session,
    standing: Standing,
    body: Body,
    wanted: AuditFilter,
    *,
    before: int | None = None,
) -> AuditPage:
    """List the audits one may see: all, or of one's own units once announced, or one's teams'."""
    query = sa.select(Audit).where(Audit.body_id == body.id).options(*_team())  # type: ignore[arg-type]
    own = _own(standing)
    if not may(standing, AuditPermission.SEE_PROGRAMME, body):
        query = query.where(sa.or_(own, _audited(standing)))
    if wanted.mine:
        query = query.where(own)
    if wanted.state is not None:
        query = query.where(Audit.state == wanted.state)
    if wanted.year is not None:
        query = query.join(Programme, Programme.id == Audit.programme_id)
        query = query.where(Programme.year == wanted.year)
    if before is not None and (last := session.get(Audit, before)) is not None:
        query = query.where(
            sa.tuple_(Audit.window_from, Audit.id) < sa.tuple_(last.window_from, last.id)
        )
    ordered = query.order_by(Audit.window_from.desc(), Audit.id.desc()).limit(PAGE + 1)
    rows = list(session.scalars(ordered))
    return AuditPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def _own(standing: Standing) -> sa.ColumnElement[bool]:
    """Be in its team now."""
    return sa.exists().where(
        TeamMember.audit_id == Audit.id,
        TeamMember.left_at.is_(None),
        TeamMember.auditor_id == Auditor.id,
        Auditor.person_id == standing.person.id,
    )


def _audited(standing: Standing) -> sa.ColumnElement[bool]:
    """Work in one of its units, once it was announced to them."""
    here = sa.exists().where(
        AuditUnit.audit_id == Audit.id, AuditUnit.unit_id.in_(standing.unit_ids)
    )
    return sa.and_(Audit.announced_at.is_not(None), here)


def audits_between(
    session: Session, standing: Standing, body: Body | None, first: date, last: date
) -> list[Audit]:
    """Give the audits of some days that one may see: of a body, or of one's own and as a guest."""
    own = _own(standing)
    home = standing.person.body if body is None else body
    seen = sa.and_(Audit.body_id == home.id, sa.or_(own, _audited(standing)))
    if may(standing, AuditPermission.SEE_PROGRAMME, home):
        seen = sa.and_(Audit.body_id == home.id)
    if body is None:
        seen = sa.or_(seen, own)
    query = (
        sa.select(Audit)
        .where(seen, Audit.window_from <= last, Audit.window_until >= first)
        .options(
            *_team(),  # type: ignore[arg-type]
            selectinload(Audit.moves),
            selectinload(Audit.agenda).options(
                joinedload(AgendaItem.unit), selectinload(AgendaItem.auditors)
            ),
        )
        .order_by(Audit.window_from, Audit.id)
        .limit(_MOST_OF_A_TIME)
    )
    return list(session.scalars(query))


def audits_of_person(session: Session, standing: Standing) -> list[Audit]:
    """Give the audits somebody is in the team of and that are not over, also elsewhere (O4)."""
    return list(
        session.scalars(
            sa.select(Audit)
            .where(
                _own(standing),
                Audit.state.not_in((*OVER, AuditState.POSTPONED)),
                sa.or_(Audit.announced_at.is_not(None), Audit.body_id != standing.body_id),
            )
            .options(selectinload(Audit.units).joinedload(AuditUnit.unit))
            .order_by(Audit.window_from, Audit.id)
            .limit(PAGE)
        )
    )


def units_headed(standing: Standing) -> set[int]:
    """Give the units somebody answers for: those they head, and those below."""
    return {
        unit_id
        for grant in standing.grants
        if grant.role in (Role.MANAGER, Role.LEADER)
        for unit_id in grant.covers
    }


def audits_to_answer(session: Session, standing: Standing) -> list[Audit]:
    """Give the announced audits of units somebody heads, for the answers they owe."""
    units = units_headed(standing)
    if not units:
        return []
    here = sa.exists().where(AuditUnit.audit_id == Audit.id, AuditUnit.unit_id.in_(units))
    return list(
        session.scalars(
            sa.select(Audit)
            .where(
                Audit.body_id == standing.body_id,
                Audit.state == AuditState.ANNOUNCED,
                here,
            )
            .options(
                selectinload(Audit.units).joinedload(AuditUnit.unit), selectinload(Audit.answers)
            )
            .order_by(Audit.window_from, Audit.id)
            .limit(PAGE)
        )
    )


def is_guest(session: Session, person: Person, body_id: int) -> bool:
    """Say whether somebody of another body is in a team of this one now (O4)."""
    found = session.scalar(
        sa.select(TeamMember.id)
        .join(Auditor, Auditor.id == TeamMember.auditor_id)
        .where(
            TeamMember.body_id == body_id,
            TeamMember.left_at.is_(None),
            Auditor.person_id == person.id,
        )
        .limit(1)
    )
    return found is not None


def guest_audit(session: Session, standing: Standing, number: str) -> Audit | None:
    """Give the one audit of another body with this number that somebody is in the team of."""
    found = list(
        session.scalars(
            sa.select(Audit)
            .where(
                _own(standing), Audit.body_id != standing.body_id, Audit.number == number.upper()
            )
            .limit(2)
        )
    )
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class WeighedUnit:
    """A unit with its risk and what its audits take."""

    unit: Unit
    risk: Risk
    needs: AuditedUnit | None
    last_on: date | None


def weighed_units(session: Session, body: Body, on: date) -> list[WeighedUnit]:
    """Give the units audits are planned for by risk, the highest first; five queries in all."""
    units = audited_units(session, body.id, on)
    last = _last_audits(session, body.id, on)
    changes = _changes(session, body.id, last, on)
    overdue = _overdue(session, body.id, on)
    needs = {
        one.unit_id: one
        for one in session.scalars(sa.select(AuditedUnit).where(AuditedUnit.body_id == body.id))
    }
    weights = body.setting("risk_weights")
    found = []
    for unit in units:
        known, day = needs.get(unit.id), last.get(unit.id)
        facts = UnitFacts(
            months_since=_months(day, on) if day is not None else None,
            importance=known.importance if known is not None else 3,
            changes=changes.get(unit.id, 0),
            overdue=overdue.get(unit.id, 0),
        )
        found.append(WeighedUnit(unit, risk_of(facts, weights), known, day))
    return sorted(found, key=lambda one: -one.risk.score)


def _months(day: date, on: date) -> int:
    return max((on.year - day.year) * 12 + on.month - day.month, 0)


def _last_audits(session: Session, body_id: int, on: date) -> dict[int, date]:
    rows = session.execute(
        sa.select(AuditUnit.unit_id, sa.func.max(Audit.window_until))
        .join(Audit, Audit.id == AuditUnit.audit_id)
        .where(Audit.body_id == body_id, Audit.state.in_(DONE), Audit.window_from <= on)
        .group_by(AuditUnit.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def _changes(session: Session, body_id: int, last: dict[int, date], on: date) -> dict[int, int]:
    """Count per unit the revisions that came into force since its last audit, or in a year."""
    rows = session.execute(
        sa.select(Document.lead_unit_id, Revision.effective_at)
        .join(Document, Document.id == Revision.document_id)
        .where(
            Document.body_id == body_id,
            Revision.state.in_((RevisionState.EFFECTIVE, RevisionState.OBSOLETE)),
            Revision.effective_at.is_not(None),
        )
    )
    found: dict[int, int] = {}
    year_ago = on - timedelta(days=_CHANGED_WITHIN)
    for unit_id, moment in rows:
        if moment is not None and last.get(unit_id, year_ago) < moment.date() <= on:
            found[unit_id] = found.get(unit_id, 0) + 1
    return found


def _overdue(session: Session, body_id: int, on: date) -> dict[int, int]:
    """Count per unit the periodic reviews that are overdue."""
    rows = session.execute(
        sa.select(Document.lead_unit_id, sa.func.count())
        .where(Document.body_id == body_id, Document.next_review_on < on, ~Document.is_left)
        .group_by(Document.lead_unit_id)
    )
    return {row[0]: int(row[1]) for row in rows}
