"""Reads of findings and reports that are more than one line (screens 18 and 21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.organisation import Body
from app.kernel.permissions import Standing, may
from audits.models import (
    AFTER_ISSUE,
    SETTLED,
    Answer,
    Audit,
    AuditUnit,
    Checklist,
    Clause,
    Finding,
    FindingAnswer,
    FindingClause,
    FindingGrade,
    FindingState,
    Programme,
    Question,
    Recommendation,
    TeamMember,
)
from audits.models.answer import WORTH_REPORTING
from audits.models.auditor import Auditor
from audits.permissions import AuditPermission
from audits.recurrence import same_requirement, with_predecessors
from audits.register import units_headed

PAGE = 50


def _whole() -> tuple[object, ...]:
    return (
        joinedload(Finding.unit),
        joinedload(Finding.clause).joinedload(Clause.standard),
        joinedload(Finding.document),
        joinedload(Finding.repeats),
        joinedload(Finding.responded_by),
        joinedload(Finding.responded_for),
        joinedload(Finding.decided_by),
        joinedload(Finding.written_by),
        selectinload(Finding.others).joinedload(FindingClause.clause),
        selectinload(Finding.answers)
        .joinedload(FindingAnswer.answer)
        .options(joinedload(Answer.question), selectinload(Answer.every_evidence)),
    )


def findings_of(session: Session, audit: Audit) -> list[Finding]:
    """Give the findings of an audit in their order; as many queries for many as for one."""
    return list(
        session.scalars(
            sa.select(Finding)
            .where(Finding.audit_id == audit.id)
            .options(*_whole())  # type: ignore[arg-type]
            .order_by(Finding.serial)
        ).unique()
    )


def finding_of(session: Session, standing: Standing, body_id: int, number: str) -> Finding:
    """Give one finding by number; NotFound when there is none for this person."""
    found = (
        session.scalars(
            sa.select(Finding)
            .where(Finding.body_id == body_id, Finding.number == number.upper())
            .options(*_whole(), *_team())  # type: ignore[arg-type]
        )
        .unique()
        .one_or_none()
    )
    if found is None or not may(standing, AuditPermission.SEE_FINDING, found):
        raise NotFound()
    return found


def _team() -> tuple[object, ...]:
    audit = joinedload(Finding.audit)
    return (
        audit.selectinload(Audit.members).joinedload(TeamMember.auditor).joinedload(Auditor.person),
        audit.selectinload(Audit.units).joinedload(AuditUnit.unit),
    )


@dataclass(frozen=True)
class FindingFilter:
    """What a list of findings is narrowed to."""

    grade: FindingGrade | None = None
    open_only: bool = False
    unit_id: int | None = None
    clause: str = ""
    year: int | None = None


@dataclass(frozen=True)
class FindingPage:
    """Some findings, the newest first, and where the next ones begin."""

    rows: list[Finding]
    before: int | None = None


def findings(
    session: Session,
    standing: Standing,
    body: Body,
    wanted: FindingFilter,
    *,
    before: int | None = None,
) -> FindingPage:
    """List the findings of all audits one may see: those made known, and those of one's teams."""
    query = (
        sa.select(Finding)
        .join(Audit, Audit.id == Finding.audit_id)
        .where(Finding.body_id == body.id)
        .options(joinedload(Finding.unit), joinedload(Finding.clause), joinedload(Finding.audit))
    )
    query = _visible(query, standing, body)
    if wanted.grade is not None:
        query = query.where(Finding.grade == wanted.grade)
    if wanted.open_only:
        query = query.where(Finding.state.not_in(SETTLED))
    if wanted.unit_id is not None:
        query = query.where(Finding.unit_id == wanted.unit_id)
    if wanted.clause:
        asked = sa.select(Clause.id).where(Clause.number == wanted.clause)
        clauses = same_requirement(session, set(session.scalars(asked)))
        query = query.where(Finding.clause_id.in_(clauses))
    if wanted.year is not None:
        query = query.join(Programme, Programme.id == Audit.programme_id)
        query = query.where(Programme.year == wanted.year)
    if before is not None:
        query = query.where(Finding.id < before)
    rows = list(session.scalars(query.order_by(Finding.id.desc()).limit(PAGE + 1)))
    return FindingPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def _visible(query: Any, standing: Standing, body: Body) -> Any:
    if may(standing, AuditPermission.KEEP_PROGRAMME, body):
        return query
    own = sa.exists().where(
        TeamMember.audit_id == Finding.audit_id,
        TeamMember.left_at.is_(None),
        TeamMember.auditor_id == Auditor.id,
        Auditor.person_id == standing.person.id,
    )
    known: sa.ColumnElement[bool] = Finding.asked_at.is_not(None)
    if not may(standing, AuditPermission.SEE_PROGRAMME, body):
        known = sa.and_(known, Finding.unit_id.in_(standing.unit_ids))
    return query.where(sa.or_(own, known))


def findings_to_answer(session: Session, standing: Standing) -> list[Finding]:
    """Give the findings that wait for the answer of a unit somebody heads, the first due first."""
    units = units_headed(standing)
    if not units:
        return []
    return list(
        session.scalars(
            sa.select(Finding)
            .where(
                Finding.body_id == standing.body_id,
                Finding.state == FindingState.WAITING,
                Finding.unit_id.in_(units),
            )
            .options(joinedload(Finding.unit))
            .order_by(Finding.response_due_on, Finding.id)
            .limit(PAGE)
        )
    )


def lines_without_finding(session: Session, audit: Audit) -> list[Answer]:
    """Give the answers that are worth reporting and that no finding rests on yet (b28)."""
    used = sa.exists().where(
        FindingAnswer.answer_id == Answer.id,
        FindingAnswer.finding_id == Finding.id,
        Finding.state != FindingState.WITHDRAWN,
    )
    return list(
        session.scalars(
            sa.select(Answer)
            .join(Question, Question.id == Answer.question_id)
            .join(Checklist, Checklist.id == Question.checklist_id)
            .where(Checklist.audit_id == audit.id, Answer.grade.in_(WORTH_REPORTING), ~used)
            .options(
                joinedload(Answer.question).joinedload(Question.clause),
                selectinload(Answer.every_evidence),
                joinedload(Answer.author),
            )
            .order_by(Question.position, Answer.id)
            .limit(200)
        )
    )


def answers_of(session: Session, audit: Audit) -> list[Answer]:
    """Give the auditors' answers of an audit that a finding may rest on."""
    return list(
        session.scalars(
            sa.select(Answer)
            .join(Question, Question.id == Answer.question_id)
            .join(Checklist, Checklist.id == Question.checklist_id)
            .where(Checklist.audit_id == audit.id, Answer.grade.is_not(None))
            .options(joinedload(Answer.question))
            .order_by(Question.position, Answer.id)
            .limit(500)
        )
    )


@dataclass(frozen=True)
class LastTime:
    """What was found before in the same units, beside what is found now (9.14)."""

    audits: tuple[str, ...] = ()
    before: dict[FindingGrade, int] = field(default_factory=dict)
    now: dict[FindingGrade, int] = field(default_factory=dict)
    repeated: int = 0
    systemic: int = 0


def last_time(session: Session, audit: Audit, findings: Sequence[Finding]) -> LastTime:
    """Compare with the newest reported audit of the same units (9.14)."""
    units = set().union(*(with_predecessors(session, one.unit_id) for one in audit.units))
    standing = [one for one in findings if one.counts]
    counted = Counter(one.grade for one in standing)
    earlier = session.scalars(
        sa.select(Audit)
        .join(AuditUnit, AuditUnit.audit_id == Audit.id)
        .where(
            AuditUnit.unit_id.in_(units),
            Audit.id != audit.id,
            Audit.state.in_(AFTER_ISSUE),
            Audit.window_from <= audit.window_from,
        )
        .order_by(Audit.reported_on.desc(), Audit.id.desc())
        .limit(1)
    ).first()
    rows = (
        session.execute(
            sa.select(Finding.grade, sa.func.count())
            .where(
                Finding.audit_id == earlier.id,
                Finding.unit_id.in_(units),
                Finding.state != FindingState.WITHDRAWN,
            )
            .group_by(Finding.grade)
        ).all()
        if earlier is not None
        else []
    )
    return LastTime(
        (earlier.number,) if earlier is not None else (),
        {grade: int(count) for grade, count in rows},
        dict(counted),
        sum(one.is_repeated for one in standing),
        sum(one.is_systemic for one in standing),
    )


@dataclass(frozen=True)
class Progress:
    """How far the findings of an audit are, in figures."""

    total: int = 0
    drafts: int = 0
    disputed: int = 0
    undecided: int = 0


def progress_of(session: Session, audit: Audit) -> Progress:
    """Count the findings of an audit by where they stand, in one query."""
    rows = session.execute(
        sa.select(Finding.state, sa.func.count())
        .where(Finding.audit_id == audit.id)
        .group_by(Finding.state)
    ).all()
    counts = {state: int(count) for state, count in rows}
    standing = {key: many for key, many in counts.items() if key is not FindingState.WITHDRAWN}
    return Progress(
        sum(standing.values()),
        counts.get(FindingState.DRAFT, 0),
        counts.get(FindingState.DISPUTED, 0),
        sum(many for key, many in standing.items() if key not in SETTLED),
    )


@dataclass(frozen=True)
class RecommendationPage:
    """Some recommendations, the newest first, and where the next ones begin."""

    rows: list[Recommendation]
    before: int | None = None


def recommendations(
    session: Session,
    standing: Standing,
    body: Body,
    *,
    open_only: bool = False,
    before: int | None = None,
) -> RecommendationPage:
    """List the recommendations one may see, those of one's own units where one sees no more."""
    query = (
        sa.select(Recommendation)
        .where(Recommendation.body_id == body.id)
        .options(
            joinedload(Recommendation.unit),
            joinedload(Recommendation.answered_by),
            joinedload(Recommendation.finding).joinedload(Finding.audit),
        )
    )
    if not may(standing, AuditPermission.SEE_PROGRAMME, body):
        query = query.where(Recommendation.unit_id.in_(standing.unit_ids))
    if open_only:
        query = query.where(Recommendation.answered_at.is_(None))
    if before is not None:
        query = query.where(Recommendation.id < before)
    rows = list(session.scalars(query.order_by(Recommendation.id.desc()).limit(PAGE + 1)))
    return RecommendationPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def recommendation_of(
    session: Session, standing: Standing, body_id: int, number: str
) -> Recommendation:
    """Give one recommendation by number; NotFound when there is none for this person."""
    found = session.scalars(
        sa.select(Recommendation).where(
            Recommendation.body_id == body_id, Recommendation.number == number.upper()
        )
    ).one_or_none()
    if found is None or not may(standing, AuditPermission.SEE_FINDING, found):
        raise NotFound()
    return found
