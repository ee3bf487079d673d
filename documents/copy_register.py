"""Reads of numbered copies: those of a document, those somebody has to see to (a32, a33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from documents.models import (
    OUT_STATES,
    PAST_STATES,
    ControlledCopy,
    CopyQuestion,
    CopyRound,
    CopyState,
    Document,
    Revision,
)
from documents.permissions import KEEPS, DocumentPermission

PAGE = 50
_LOADED = (
    joinedload(ControlledCopy.unit),
    joinedload(ControlledCopy.holder),
    joinedload(ControlledCopy.revision),
    joinedload(ControlledCopy.replaces),
    joinedload(ControlledCopy.document),
)


@dataclass(frozen=True)
class Copies:
    """One page of a document's copies, and how many there are of each sort."""

    copies: Sequence[ControlledCopy]
    out: int
    to_come_back: int
    gone: int
    after: int | None


@dataclass(frozen=True)
class ToSeeTo:
    """What of paper waits for somebody."""

    to_come_back: list[ControlledCopy] = field(default_factory=list)
    asked: list[tuple[CopyQuestion, date]] = field(default_factory=list)


def has_to_come_back() -> Any:
    """Condition on copies joined with their revision: out, and asked back or of the past (D5)."""
    return sa.and_(
        ControlledCopy.state.in_(OUT_STATES),
        sa.or_(ControlledCopy.state == CopyState.RECALLED, Revision.state.in_(PAST_STATES)),
    )


def copies_of(
    session: Session, document: Document, *, which: str = "out", after: int | None = None
) -> Copies:
    """Give copies of a document by number: those in use, those to come back, or those gone.

    Each copy is of one sort only, so that the three figures are all there are.
    """
    own = ControlledCopy.document_id == document.id
    is_out = ControlledCopy.state.in_(OUT_STATES)
    in_use = sa.and_(is_out, ~has_to_come_back())
    conditions = {"back": has_to_come_back(), "gone": ~is_out}
    chosen = (
        sa.select(ControlledCopy)
        .join(Revision, Revision.id == ControlledCopy.revision_id)
        .options(*_LOADED)
        .where(own, conditions.get(which, in_use), ControlledCopy.number > (after or 0))
        .order_by(ControlledCopy.number)
        .limit(PAGE + 1)
    )
    found = session.scalars(chosen).all()
    counts = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((in_use, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((has_to_come_back(), 1), else_=0)), 0),
        )
        .select_from(ControlledCopy)
        .join(Revision, Revision.id == ControlledCopy.revision_id)
        .where(own)
    ).one()
    more = len(found) > PAGE
    found = found[:PAGE]
    return Copies(
        copies=found,
        out=int(counts[1]),
        to_come_back=int(counts[2]),
        gone=int(counts[0]) - int(counts[1]) - int(counts[2]),
        after=found[-1].number if more else None,
    )


def every_copy(session: Session, document: Document) -> Sequence[ControlledCopy]:
    """Give all copies of a document ever issued, by number: the list of distribution (9.4)."""
    return session.scalars(
        sa.select(ControlledCopy)
        .options(*_LOADED, joinedload(ControlledCopy.issued_by))
        .where(ControlledCopy.document_id == document.id)
        .order_by(ControlledCopy.number)
        .limit(5000)
    ).all()


def copy_by_id(session: Session, standing: Standing, copy_id: int) -> ControlledCopy:
    """Give a copy; NotFound when there is none for this person."""
    found = session.get(ControlledCopy, copy_id, options=list(_LOADED))
    if found is None or not may(standing, DocumentPermission.SEE_COPIES, found):
        raise NotFound()
    return found


def round_by_id(session: Session, standing: Standing, round_id: int) -> CopyRound:
    """Give a round; NotFound when there is none for this person."""
    found = session.get(CopyRound, round_id)
    if found is None or not may(standing, DocumentPermission.SEE_COPIES, found):
        raise NotFound()
    return found


def latest_round(session: Session, document: Document) -> CopyRound | None:
    """Give the round under way, or the last one; None when holders were never asked."""
    return session.scalars(
        sa.select(CopyRound)
        .options(
            joinedload(CopyRound.begun_by),
            selectinload(CopyRound.questions)
            .joinedload(CopyQuestion.copy)
            .options(
                joinedload(ControlledCopy.holder),
                joinedload(ControlledCopy.unit),
            ),
        )
        .where(CopyRound.document_id == document.id)
        .order_by(CopyRound.id.desc())
        .limit(1)
    ).one_or_none()


def question_about(session: Session, copy: ControlledCopy) -> CopyQuestion | None:
    """Give what the round under way asks about a copy and nobody answered; else None."""
    return session.scalars(
        sa.select(CopyQuestion)
        .join(CopyRound, CopyRound.id == CopyQuestion.round_id)
        .options(joinedload(CopyQuestion.round))
        .where(
            CopyQuestion.copy_id == copy.id,
            CopyQuestion.answer.is_(None),
            CopyRound.closed_on.is_(None),
        )
    ).one_or_none()


def of_the_past_unreplaced(document_id: int) -> Any:
    """Query for copies out of revisions of the past that no newer copy stands for yet."""
    newer = aliased(ControlledCopy)
    return (
        sa.select(ControlledCopy)
        .join(Revision, Revision.id == ControlledCopy.revision_id)
        .where(
            ControlledCopy.document_id == document_id,
            ControlledCopy.state.in_(OUT_STATES),
            Revision.state.in_(PAST_STATES),
            ~sa.exists().where(newer.replaces_id == ControlledCopy.id),
        )
        .order_by(ControlledCopy.number)
    )


def waiting_for_renewal(session: Session, document: Document) -> int:
    """Count the copies of the past whose holders have no newer one yet."""
    found = of_the_past_unreplaced(document.id).order_by(None).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def copies_to_see_to(session: Session, standing: Standing) -> ToSeeTo:
    """Give what waits for a person: copies to give back or to take back, copies to confirm."""
    people = {standing.person.id, *(one.person.id for one in standing.delegators)}
    held = ControlledCopy.holder_id.in_(people)
    kept: list[Any] = [held, Document.keeper_id == standing.person.id]
    units = {unit for grant in standing.grants if grant.role in KEEPS for unit in grant.covers}
    if units:
        kept.append(Document.lead_unit_id.in_(units))
    back = session.scalars(
        sa.select(ControlledCopy)
        .join(Revision, Revision.id == ControlledCopy.revision_id)
        .join(Document, Document.id == ControlledCopy.document_id)
        .options(*_LOADED)
        .where(ControlledCopy.body_id == standing.body_id, has_to_come_back(), sa.or_(*kept))
        .order_by(ControlledCopy.document_id, ControlledCopy.number)
        .limit(200)
    ).all()
    asked = session.execute(
        sa.select(CopyQuestion, CopyRound.due_on)
        .join(CopyRound, CopyRound.id == CopyQuestion.round_id)
        .join(ControlledCopy, ControlledCopy.id == CopyQuestion.copy_id)
        .options(joinedload(CopyQuestion.copy).options(*_LOADED))
        .where(
            held,
            CopyRound.closed_on.is_(None),
            CopyQuestion.answer.is_(None),
            ControlledCopy.state.in_(OUT_STATES),
        )
        .order_by(CopyRound.due_on, CopyQuestion.id)
        .limit(200)
    ).all()
    return ToSeeTo(list(back), [(question, due) for question, due in asked])
