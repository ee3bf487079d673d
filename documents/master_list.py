"""The master list: what is in force and what is on its way, for one person (7.5.3; a3, a60)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from app.kernel.coded import N_, Coded
from app.kernel.db import Moment
from app.kernel.organisation import Unit, UnitClosure
from app.kernel.permissions import Standing
from app.kernel.search import code_key, fold, words
from documents.models import (
    OPEN_STATES,
    Confidentiality,
    Document,
    DocumentKind,
    Revision,
    RevisionState,
)
from documents.visibility import current_for, takes_part_in, visible, works_on

PAGE: Final = 50
MOST_EXPORTED: Final = 20_000
_FAR_MOMENT, _FAR_DAY = datetime(9999, 1, 1, tzinfo=UTC), date(9999, 1, 1)


class SortBy(Coded):
    """The columns the list can be sorted by, each by a stored key."""

    CODE = "code", N_("Code")
    TITLE = "title", N_("Title")
    EFFECTIVE = "effective", N_("Effective since")
    REVIEW = "review", N_("Next review")
    UNIT = "unit", N_("Lead unit")


@dataclass(frozen=True)
class Filters:
    """What of the list is asked for; it lives in the address."""

    kind: DocumentKind | None = None
    unit_id: int | None = None
    state: RevisionState | None = None
    confidentiality: Confidentiality | None = None
    is_overdue: bool = False
    text: str = ""
    sort: SortBy = SortBy.CODE
    is_descending: bool = False

    @property
    def narrows(self) -> bool:
        """Say whether anything but the order is asked for."""
        return self != Filters(sort=self.sort, is_descending=self.is_descending)


@dataclass(frozen=True)
class Row:
    """One line: a document, its revision in force, and the one on its way for those who may."""

    document: Document
    current: Revision | None
    coming: Revision | None
    cancelled: Revision | None = None


@dataclass(frozen=True)
class Listed:
    """One page of the list, with the documents before and after it to go on from."""

    rows: list[Row]
    total: int
    before_id: int | None = None
    after_id: int | None = None


class _Query:
    """One reading of the list by one person in one body."""

    def __init__(
        self, session: Session, standing: Standing, body_id: int, filters: Filters, today: date
    ) -> None:
        self.session, self.standing, self.filters = session, standing, filters
        self.current, self.coming = aliased(Revision), aliased(Revision)
        self.conditions = [
            Document.body_id == body_id,
            self._is_seen(),
            *self._narrowing(filters, today),
        ]

    def _is_seen(self) -> Any:
        return sa.or_(
            sa.and_(self.current.id.is_not(None), current_for(self.standing)),
            self.coming.id.is_not(None),
            visible(self.standing),
        )

    def _narrowing(self, filters: Filters, today: date) -> list[Any]:
        found = [self._in_state(filters.state)]
        if filters.kind is not None:
            found.append(Document.kind == filters.kind)
        if filters.confidentiality is not None:
            found.append(Document.confidentiality == filters.confidentiality)
        if filters.is_overdue:
            found += [self.current.id.is_not(None), Document.next_review_on < today]
        if text := [fold(word) for word in words(filters.text)]:
            by_title = sa.and_(
                *(Document.title_folded.contains(word, autoescape=True) for word in text)
            )
            by_code = Document.code_key.contains(code_key(filters.text), autoescape=True)
            found.append(sa.or_(by_title, by_code))
        return found

    def _in_state(self, state: RevisionState | None) -> Any:
        """Narrow to a state; without one: what is in force, on its way, or has nothing yet."""
        any_one, in_it = aliased(Revision), aliased(Revision)
        alive = sa.or_(self.current.id.is_not(None), self.coming.id.is_not(None))
        match state:
            case None:
                nothing = ~sa.exists().where(any_one.document_id == Document.id)
                return sa.or_(alive, nothing)
            case RevisionState.EFFECTIVE:
                return self.current.id.is_not(None)
            case _ if state in OPEN_STATES:
                return self.coming.state == state
        having = sa.exists().where(in_it.document_id == Document.id, in_it.state == state)
        return sa.and_(~alive, having)

    def _in_unit(self) -> list[Any]:
        if self.filters.unit_id is None:
            return []
        below = sa.select(UnitClosure.descendant_id).where(
            UnitClosure.ancestor_id == self.filters.unit_id
        )
        return [Document.lead_unit_id.in_(below)]

    def _joined(self, query: Any) -> Any:
        current, coming = self.current, self.coming
        return query.outerjoin(
            current,
            sa.and_(current.document_id == Document.id, current.state == RevisionState.EFFECTIVE),
        ).outerjoin(
            coming,
            sa.and_(
                coming.document_id == Document.id,
                coming.state.in_(OPEN_STATES),
                sa.or_(works_on(self.standing), takes_part_in(self.standing, coming)),
            ),
        )

    @property
    def _value(self) -> Any:
        match self.filters.sort:
            case SortBy.TITLE:
                return Document.title_sort
            case SortBy.EFFECTIVE:
                return sa.func.coalesce(
                    self.current.effective_at, sa.literal(_FAR_MOMENT, Moment())
                )
            case SortBy.REVIEW:
                return sa.func.coalesce(Document.next_review_on, sa.literal(_FAR_DAY))
            case SortBy.UNIT:
                return Unit.sort_key
        return Document.code_sort

    def rows(
        self, *, limit: int, after_id: int | None = None, before_id: int | None = None
    ) -> list[Any]:
        """Give rows in order, from a document on or (backwards) up to one."""
        value, backwards = self._value, before_id is not None
        query = self._joined(sa.select(Document, self.current, self.coming).select_from(Document))
        query = (
            query.join(Unit, Unit.id == Document.lead_unit_id)
            .options(joinedload(Document.lead_unit), joinedload(Document.keeper))
            .where(*self.conditions, *self._in_unit())
        )
        falling = self.filters.is_descending is not backwards
        if (edge_id := before_id or after_id) is not None:
            edge = self._edge(edge_id)
            if edge is not None:
                query = query.where(
                    sa.or_(
                        value < edge if falling else value > edge,
                        sa.and_(
                            value == edge,
                            Document.id < edge_id if falling else Document.id > edge_id,
                        ),
                    )
                )
        order = (value.desc(), Document.id.desc()) if falling else (value.asc(), Document.id.asc())
        return list(self.session.execute(query.order_by(*order).limit(limit)))

    def _edge(self, document_id: int) -> Any:
        """Give the sort value of the document a page goes on from, where it is seen at all."""
        query = self._joined(sa.select(self._value).select_from(Document))
        return self.session.scalar(
            query.join(Unit, Unit.id == Document.lead_unit_id).where(
                Document.id == document_id, self.conditions[0], self.conditions[1]
            )
        )

    def total(self) -> int:
        query = self._joined(sa.select(sa.func.count()).select_from(Document))
        return self.session.scalar(query.where(*self.conditions, *self._in_unit())) or 0

    def by_unit(self) -> dict[int, int]:
        """Count the documents of every lead unit, whatever unit is chosen."""
        query = self._joined(sa.select(Document.lead_unit_id, sa.func.count()))
        found = self.session.execute(query.where(*self.conditions).group_by(Document.lead_unit_id))
        return {row[0]: row[1] for row in found}


def listed(
    session: Session,
    standing: Standing,
    body_id: int,
    filters: Filters,
    *,
    today: date,
    after_id: int | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
) -> Listed:
    """Give one page of the master list of a body, as this person may see it."""
    query = _Query(session, standing, body_id, filters, today)
    found = query.rows(limit=limit + 1, after_id=after_id, before_id=before_id)
    is_more = len(found) > limit
    found = found[:limit]
    if before_id is not None:
        found.reverse()
    rows = [Row(document, current, coming) for document, current, coming in found]
    if filters.state is RevisionState.CANCELLED:
        rows = _with_reasons(session, rows)
    back = is_more if before_id is not None else after_id is not None
    on = is_more if before_id is None else True
    return Listed(
        rows=rows,
        total=query.total(),
        before_id=rows[0].document.id if rows and back else None,
        after_id=rows[-1].document.id if rows and on else None,
    )


def everything(
    session: Session, standing: Standing, body_id: int, filters: Filters, *, today: date
) -> list[Row]:
    """Give every row of the list, for paper and spreadsheets: exactly what is shown (a60)."""
    query = _Query(session, standing, body_id, filters, today)
    rows = [Row(*found) for found in query.rows(limit=MOST_EXPORTED)]
    return _with_reasons(session, rows) if filters.state is RevisionState.CANCELLED else rows


def counts_by_unit(
    session: Session, standing: Standing, body_id: int, filters: Filters, *, today: date
) -> dict[int, int]:
    """Count the listed documents by lead unit, for the tree beside the list."""
    everywhere = replace(filters, unit_id=None)
    return _Query(session, standing, body_id, everywhere, today).by_unit()


def _with_reasons(session: Session, rows: list[Row]) -> list[Row]:
    """Add the cancelled draft that used up the code, with its reason (D9)."""
    latest: dict[int, Revision] = {}
    for revision in session.scalars(
        sa.select(Revision)
        .where(
            Revision.document_id.in_([row.document.id for row in rows]),
            Revision.state == RevisionState.CANCELLED,
        )
        .order_by(Revision.id)
    ):
        latest[revision.document_id] = revision
    return [replace(row, cancelled=latest.get(row.document.id)) for row in rows]
