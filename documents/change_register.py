"""Which change requests there are, for whom, in pages by key (screen 11; a42-a45, O4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.people import Person
from app.kernel.permissions import Standing
from app.kernel.search import nfc
from documents.models import (
    ChangeItem,
    ChangeRequest,
    ChangeState,
    Document,
    Withdrawal,
)
from documents.models.change_request import WAITING
from documents.permissions import KEEPS
from documents.visibility import could_read, visible

PAGE = 50


@dataclass(frozen=True)
class ChangeFilters:
    """What the address asks for."""

    state: ChangeState | None = None
    is_mine: bool = False
    code_key: str = ""
    text: str = ""
    law_id: int | None = None


@dataclass(frozen=True)
class Changes:
    """A page of requests, newest first, and where its neighbours begin."""

    rows: list[ChangeRequest]
    newer_than: int | None
    older_than: int | None


def seen_by(standing: Standing) -> Any:
    """Condition on requests: every document they are about may be known to this person.

    Whoever asked for one or answers for it named no document they may not see.
    """
    hidden = sa.exists().where(
        ChangeItem.request_id == ChangeRequest.id,
        ChangeItem.document_id == Document.id,
        sa.not_(visible(standing)),
    )
    own = sa.or_(
        ChangeRequest.asked_by_id == standing.person.id,
        ChangeRequest.owner_id == standing.person.id,
    )
    bodies = {standing.body_id, *standing.overseen_body_ids}
    return sa.and_(ChangeRequest.body_id.in_(bodies), sa.or_(own, sa.not_(hidden)))


def _whole() -> Any:
    return (
        selectinload(ChangeRequest.items).options(
            joinedload(ChangeItem.document).joinedload(Document.lead_unit),
            joinedload(ChangeItem.revision),
        ),
        joinedload(ChangeRequest.asked_by),
        joinedload(ChangeRequest.owner),
        joinedload(ChangeRequest.decided_by),
        joinedload(ChangeRequest.decided_for),
        joinedload(ChangeRequest.external),
    )


def changes(
    session: Session,
    standing: Standing,
    body_id: int,
    filters: ChangeFilters,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Changes:
    """Give a page of a body's requests that this person may see."""
    query = (
        sa.select(ChangeRequest)
        .where(ChangeRequest.body_id == body_id, seen_by(standing), *_narrowed(standing, filters))
        .options(*_whole())
    )
    if after is not None:
        query = query.where(ChangeRequest.id > after).order_by(ChangeRequest.id)
    else:
        if before is not None:
            query = query.where(ChangeRequest.id < before)
        query = query.order_by(ChangeRequest.id.desc())
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if after is not None:
        rows.reverse()
    older = more if after is None else True
    newer = more if after is not None else before is not None
    return Changes(
        rows,
        newer_than=rows[0].id if rows and newer else None,
        older_than=rows[-1].id if rows and older else None,
    )


def whole_list(
    session: Session, standing: Standing, body_id: int, filters: ChangeFilters, *, most: int
) -> list[ChangeRequest]:
    """Give all of a body's requests that this person may see, oldest first, for spreadsheets."""
    return list(
        session.scalars(
            sa.select(ChangeRequest)
            .where(
                ChangeRequest.body_id == body_id, seen_by(standing), *_narrowed(standing, filters)
            )
            .options(*_whole(), joinedload(ChangeRequest.asked_by).joinedload(Person.home_unit))
            .order_by(ChangeRequest.id)
            .limit(most)
        )
    )


def _narrowed(standing: Standing, filters: ChangeFilters) -> list[Any]:
    found: list[Any] = []
    if filters.state is not None:
        found.append(ChangeRequest.state == filters.state)
    if filters.is_mine:
        me = standing.person.id
        found.append(sa.or_(ChangeRequest.asked_by_id == me, ChangeRequest.owner_id == me))
    if filters.code_key:
        found.append(
            sa.exists().where(
                ChangeItem.request_id == ChangeRequest.id,
                ChangeItem.document_id == Document.id,
                Document.code_key == filters.code_key,
            )
        )
    if filters.law_id is not None:
        found.append(ChangeRequest.external_id == filters.law_id)
    if filters.text:
        found.append(
            sa.or_(
                ChangeRequest.number.icontains(filters.text, autoescape=True),
                ChangeRequest.reason.icontains(nfc(filters.text), autoescape=True),
            )
        )
    return found


def change(session: Session, standing: Standing, body_id: int, number: str) -> ChangeRequest:
    """Give a request by its number; NotFound when there is none for this person."""
    found = session.scalars(
        sa.select(ChangeRequest)
        .where(
            ChangeRequest.body_id == body_id,
            ChangeRequest.number == number.strip().upper(),
            seen_by(standing),
        )
        .options(*_whole())
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def waiting_for_document(
    session: Session, standing: Standing, document: Document
) -> list[ChangeRequest]:
    """Give what waits for a change of a document, oldest first: offered to its next revision."""
    return list(
        session.scalars(
            sa.select(ChangeRequest)
            .join(ChangeItem, ChangeItem.request_id == ChangeRequest.id)
            .where(
                ChangeItem.document_id == document.id,
                ChangeItem.settled_at.is_(None),
                ChangeRequest.state.in_(WAITING),
                seen_by(standing),
            )
            .options(*_whole())
            .order_by(ChangeRequest.id)
            .limit(100)
        ).unique()
    )


def ended_by(session: Session, standing: Standing, found: Withdrawal) -> list[ChangeRequest]:
    """Give the requests that a withdrawal left with nothing to ask of its document."""
    return list(
        session.scalars(
            sa.select(ChangeRequest)
            .join(ChangeItem, ChangeItem.request_id == ChangeRequest.id)
            .where(ChangeItem.withdrawal_id == found.id, seen_by(standing))
            .options(*_whole())
            .order_by(ChangeRequest.id)
            .limit(100)
        ).unique()
    )


def to_decide(session: Session, standing: Standing) -> list[ChangeRequest]:
    """Give the new requests this person decides on: they keep every document, or deputise (O2)."""
    ways = []
    for one in (standing, *standing.delegators):
        covered = {key for grant in one.grants if grant.role in KEEPS for key in grant.covers}
        if covered:
            foreign = sa.exists().where(
                ChangeItem.request_id == ChangeRequest.id,
                ChangeItem.document_id == Document.id,
                Document.lead_unit_id.not_in(covered),
            )
            ways.append(sa.not_(foreign))
    if not ways:
        return []
    return list(
        session.scalars(
            sa.select(ChangeRequest)
            .where(
                ChangeRequest.body_id == standing.body_id,
                ChangeRequest.state == ChangeState.OPEN,
                sa.or_(*ways),
                seen_by(standing) if standing.delegators else sa.true(),
            )
            .options(*_whole())
            .order_by(ChangeRequest.id)
            .limit(100)
        )
    )


def to_answer(session: Session, standing: Standing) -> list[ChangeRequest]:
    """Give the accepted requests this person answers for, or deputises for (O2)."""
    lent = {one.person.id for one in standing.delegators if one.post is None}
    people = {standing.person.id, *lent}
    return list(
        session.scalars(
            sa.select(ChangeRequest)
            .where(
                ChangeRequest.owner_id.in_(people),
                ChangeRequest.body_id == standing.body_id,
                ChangeRequest.state == ChangeState.ACCEPTED,
            )
            .options(*_whole())
            .order_by(ChangeRequest.due_on, ChangeRequest.id)
            .limit(100)
        )
    )


def documents_named(session: Session, standing: Standing, keys: list[str]) -> dict[str, Document]:
    """Give the documents of one's own body with these codes that one may know of, by key.

    What is withdrawn is among them for who could read it: they are told that it is (D5).
    """
    found = session.scalars(
        sa.select(Document).where(
            Document.body_id == standing.body_id,
            Document.code_key.in_(keys),
            sa.or_(visible(standing), could_read(standing)),
        )
    )
    return {document.code_key or "": document for document in found}


def proposed_owner(request: ChangeRequest) -> Person | None:
    """Propose who answers for a change: whoever keeps its first document."""
    keepers = [item.document.keeper for item in request.items]
    return next((one for one in keepers if one is not None and one.disabled_at is None), None)
