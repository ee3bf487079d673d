"""The master list: what is in force and what is on its way, for one person (7.5.3; a3, a60)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.kernel.coded import N_, Coded
from app.kernel.db import Moment
from app.kernel.organisation import Unit, UnitClosure
from app.kernel.people import Person
from app.kernel.permissions import Standing
from app.kernel.search import code_key, fold, words
from app.kernel.search_index import titled
from documents.adoption_register import publishers_to
from documents.models import (
    OPEN_STATES,
    Confidentiality,
    Document,
    DocumentKind,
    Revision,
    RevisionState,
)
from documents.visibility import (
    Sight,
    current_for,
    published_to,
    sight_of,
    takes_part_in,
    visible,
    works_on,
)

PAGE: Final = 50
MOST_EXPORTED: Final = 20_000
COUNTED: Final = 1_000  # documents of a body up to which they are counted for a page
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


@dataclass(frozen=True, slots=True)
class Named:
    """A unit or a person by name."""

    name: str


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """What the list shows of a document."""

    id: int
    body_id: int
    code: str | None
    title: str
    kind: DocumentKind
    confidentiality: Confidentiality
    next_review_on: date | None
    lead_unit: Named
    keeper: Named | None


@dataclass(frozen=True, slots=True)
class ListedRevision:
    """What the list shows of a revision."""

    id: int
    edition: int
    amendment: int
    state: RevisionState
    effective_at: datetime | None
    cancel_reason: str

    @property
    def label(self) -> str:
        """Give edition and amendment as people write them: 02/01."""
        return f"{self.edition:02d}/{self.amendment:02d}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a document, its revision in force, and the one on its way for those who may."""

    document: ListedDocument
    current: ListedRevision | None
    coming: ListedRevision | None
    cancelled: ListedRevision | None = None


@dataclass(frozen=True)
class Listed:
    """One page of the list, with the documents before and after it to go on from.

    `by_unit` counts what is listed by lead unit; neither it nor `total` is known where counting
    would take longer than reading the page.
    """

    rows: list[Row]
    total: int | None
    by_unit: dict[int, int] | None = None
    before_id: int | None = None
    after_id: int | None = None


_REVISION = ("id", "edition", "amendment", "state", "effective_at", "cancel_reason")


def _columns_of(revision: Any) -> list[Any]:
    return [getattr(revision, name) for name in _REVISION]


def _row(found: Any) -> Row:
    """Make a line of the columns of the query."""
    values: Any = tuple(found)
    keeper = Named(values[8]) if values[8] is not None else None
    document = ListedDocument(*(*values[:7], Named(values[7]), keeper))
    current, coming = values[9:15], values[15:21]
    return Row(
        document,
        ListedRevision(*current) if current[0] is not None else None,
        ListedRevision(*coming) if coming[0] is not None else None,
    )


class _Query:
    """What the list is asked for by one person in one body, as expressions; kept between requests.

    Edge and length of a page and the words looked for are handed in with each question.
    """

    def __init__(
        self,
        sight: Sight,
        body_id: int,
        filters: Filters,
        today: date,
        publishers: frozenset[int],
    ) -> None:
        self.sight, self.filters, self.body_id = sight, filters, body_id
        self.current, self.coming = aliased(Revision), aliased(Revision)
        self.own = [self._is_listed(publishers), self._is_seen()]
        self.conditions = [*self.own, *self._narrowing(filters, today)]
        self._rows: dict[tuple[bool, bool], Any] = {}

    def _is_listed(self, publishers: frozenset[int]) -> Any:
        """Give what belongs to the body's list: its own, and what was published to it (O4)."""
        own = Document.body_id == self.body_id
        if not publishers:
            return own
        given = published_to(self.body_id, publishers)
        return sa.or_(own, sa.and_(given, self.current.id.is_not(None)))

    def _is_seen(self) -> Any:
        return sa.or_(
            sa.and_(self.current.id.is_not(None), current_for(self.sight)),
            self.coming.id.is_not(None),
            visible(self.sight),
        )

    def _narrowing(self, filters: Filters, today: date) -> list[Any]:
        found = [self._in_state(filters.state)]
        if filters.kind is not None:
            found.append(Document.kind == filters.kind)
        if filters.confidentiality is not None:
            found.append(Document.confidentiality == filters.confidentiality)
        if filters.is_overdue:
            found += [self.current.id.is_not(None), Document.next_review_on < today]
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
        # few documents have one of these: they are named first, by an index
        having = sa.select(in_it.document_id).where(
            in_it.body_id == self.body_id, in_it.state == state
        )
        return sa.and_(Document.id.in_(having), ~alive)

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
                sa.or_(works_on(self.sight), takes_part_in(self.sight, coming)),
            ),
        )

    @cached_property
    def value(self) -> Any:
        """Give what the list is sorted by, before the number of the document."""
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

    def rows(self, *, falling: bool, has_edge: bool) -> Any:
        """Give the query for rows in order, from an edge on where there is one."""
        if (falling, has_edge) not in self._rows:
            self._rows[falling, has_edge] = self._ordered(falling=falling, has_edge=has_edge)
        return self._rows[falling, has_edge]

    def _ordered(self, *, falling: bool, has_edge: bool) -> Any:
        value = self.value
        shown = (
            *(Document.id, Document.body_id, Document.code, Document.title, Document.kind),
            *(Document.confidentiality, Document.next_review_on, Unit.name, Person.name),
        )
        query = self._joined(
            sa.select(*shown, *_columns_of(self.current), *_columns_of(self.coming)).select_from(
                Document
            )
        )
        query = (
            query.join(Unit, Unit.id == Document.lead_unit_id)
            .outerjoin(Person, Person.id == Document.keeper_id)
            .where(*self.conditions)
        )
        if has_edge:
            edge = sa.bindparam("edge", type_=value.type)
            number = sa.bindparam("edge_id", type_=sa.BigInteger())
            # one comparison the index can begin at, and the exact one
            begins = value <= edge if falling else value >= edge
            beyond = sa.or_(
                value < edge if falling else value > edge,
                Document.id < number if falling else Document.id > number,
            )
            query = query.where(begins, beyond)
        order = (value.desc(), Document.id.desc()) if falling else (value.asc(), Document.id.asc())
        return query.order_by(*order)

    @cached_property
    def edge(self) -> Any:
        """Give the query for the sort value a page goes on from, where the document is seen."""
        query = self._joined(sa.select(self.value).select_from(Document))
        query = query.join(Unit, Unit.id == Document.lead_unit_id)
        return query.where(Document.id == sa.bindparam("edge_id"), *self.own)

    @cached_property
    def by_unit(self) -> Any:
        """Give the query for the number of documents of every lead unit."""
        query = self._joined(sa.select(Document.lead_unit_id, sa.func.count()))
        return query.where(*self.conditions).group_by(Document.lead_unit_id)


_query = lru_cache(maxsize=512)(_Query)


class _Reading:
    """One reading of the list: the kept query with this request's words, unit and page."""

    def __init__(
        self, session: Session, standing: Standing, body_id: int, filters: Filters, today: date
    ) -> None:
        self.session, self.body_id, self.filters = session, body_id, filters
        day = today if filters.is_overdue else _FAR_DAY
        kept = replace(filters, text="", unit_id=None)
        self.publishers = publishers_to(session, body_id)
        self.query = _query(sight_of(standing), body_id, kept, day, self.publishers)
        self.units = self._units(filters.unit_id)

    @cached_property
    def is_large(self) -> bool:
        """Say whether the body has too many documents to count them for a page."""
        some = sa.select(Document.id).where(Document.body_id == self.body_id).limit(COUNTED + 1)
        count = sa.select(sa.func.count()).select_from(some.subquery())
        return (self.session.scalar(count) or 0) > COUNTED

    def _units(self, unit_id: int | None) -> list[int] | None:
        if unit_id is None:
            return None
        below = sa.select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit_id)
        return list(self.session.scalars(below))

    def narrowed(self, query: Any) -> Any:
        """Add the words asked for."""
        text = [fold(word) for word in words(self.filters.text)]
        if not text:
            return query
        if self.is_large:  # reading every title takes long; the index knows words by their start
            return query.where(Document.id.in_(self._found()))
        by_title = sa.and_(
            *(Document.title_folded.contains(word, autoescape=True) for word in text)
        )
        by_code = Document.code_key.contains(code_key(self.filters.text), autoescape=True)
        return query.where(sa.or_(by_title, by_code))

    def _found(self) -> set[int]:
        """Look words up in the index of search, and codes by their beginning."""
        key = code_key(self.filters.text)
        bodies = {self.body_id, *self.publishers}
        found: set[int] = set()
        for body_id in bodies:
            found |= set(titled(self.session, self.filters.text, body_id=body_id))
        if key:
            begins = sa.select(Document.id).where(
                Document.body_id.in_(bodies),
                Document.code_key >= key,
                Document.code_key < key[:-1] + chr(ord(key[-1]) + 1),
            )
            found |= set(self.session.scalars(begins.limit(500)))
        return found

    def rows(
        self, *, limit: int, after_id: int | None = None, before_id: int | None = None
    ) -> list[Row]:
        """Give rows in order, from a document on or (backwards) up to one."""
        falling = self.filters.is_descending is not (before_id is not None)
        values: dict[str, Any] = {}
        if (edge_id := before_id or after_id) is not None:
            edge = self.session.scalar(self.query.edge, {"edge_id": edge_id})
            if edge is not None:
                values = {"edge": edge, "edge_id": edge_id}
        query = self.narrowed(self.query.rows(falling=falling, has_edge=bool(values)))
        if self.units is not None:
            only = self.units[0] if len(self.units) == 1 else None
            query = query.where(
                Document.lead_unit_id == only
                if only is not None
                else Document.lead_unit_id.in_(self.units)
            )
        return [_row(found) for found in self.session.execute(query.limit(limit), values)]

    def counts(self) -> dict[int, int] | None:
        """Count what is listed by lead unit, whatever unit is chosen; None where it takes long."""
        if self.is_large:
            return None
        found = self.session.execute(self.narrowed(self.query.by_unit))
        return {row[0]: row[1] for row in found}

    def total(self, counts: dict[int, int] | None) -> int | None:
        """Give how many documents the chosen unit, or the whole list, has."""
        if counts is None:
            return None
        wanted = counts if self.units is None else set(self.units)
        return sum(count for unit_id, count in counts.items() if unit_id in wanted)


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
    reading = _Reading(session, standing, body_id, filters, today)
    rows = reading.rows(limit=limit + 1, after_id=after_id, before_id=before_id)
    is_more = len(rows) > limit
    rows = rows[:limit]
    if before_id is not None:
        rows.reverse()
    if filters.state is RevisionState.CANCELLED:
        rows = _with_reasons(session, rows)
    back = is_more if before_id is not None else after_id is not None
    on = is_more if before_id is None else True
    counts = reading.counts()
    total = reading.total(counts)
    if total is None and not back and not on:
        total = len(rows)
    return Listed(
        rows=rows,
        total=total,
        by_unit=counts,
        before_id=rows[0].document.id if rows and back else None,
        after_id=rows[-1].document.id if rows and on else None,
    )


def everything(
    session: Session, standing: Standing, body_id: int, filters: Filters, *, today: date
) -> list[Row]:
    """Give every row of the list, for paper and spreadsheets: exactly what is shown (a60)."""
    rows = _Reading(session, standing, body_id, filters, today).rows(limit=MOST_EXPORTED)
    return _with_reasons(session, rows) if filters.state is RevisionState.CANCELLED else rows


def _with_reasons(session: Session, rows: list[Row]) -> list[Row]:
    """Add the cancelled draft that used up the code, with its reason (D9)."""
    latest: dict[int, ListedRevision] = {}
    for document_id, *columns in session.execute(
        sa.select(Revision.document_id, *_columns_of(Revision))
        .where(
            Revision.document_id.in_([row.document.id for row in rows]),
            Revision.state == RevisionState.CANCELLED,
        )
        .order_by(Revision.id)
    ):
        latest[document_id] = ListedRevision(*columns)
    return [replace(row, cancelled=latest.get(row.document.id)) for row in rows]
