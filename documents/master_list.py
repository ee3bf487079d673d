"""The master list: what is in force and what is on its way, for one person (7.5.3; a3, a60)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.kernel.coded import N_, Coded
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
from documents.models.document import FAR_MOMENT
from documents.visibility import (
    Sight,
    among,
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
_FAR_DAY = FAR_MOMENT.date()


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
    is_given: bool = False  # only what higher bodies published to this one (O4)
    text: str = ""
    sort: SortBy = SortBy.CODE
    is_descending: bool = False

    @property
    def narrows(self) -> bool:
        """Say whether anything but the order is asked for."""
        return self != Filters(sort=self.sort, is_descending=self.is_descending)


class Named(NamedTuple):
    """A unit or a person by name."""

    name: str


class ListedDocument(NamedTuple):
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


class ListedRevision(NamedTuple):
    """What the list shows of a revision."""

    id: int
    edition: int
    amendment: int
    state: RevisionState
    effective_at: datetime | None
    cancel_reason: str
    follows_id: int | None = None  # the revision a translation was made from (D16)

    @property
    def label(self) -> str:
        """Give edition and amendment as people write them: 02/01."""
        return f"{self.edition:02d}/{self.amendment:02d}"


class Row(NamedTuple):
    """One line: a document, its revision in force, and the one on its way for those who may."""

    document: ListedDocument
    current: ListedRevision | None
    coming: ListedRevision | None
    cancelled: ListedRevision | None = None
    behind: int = 0  # revisions by which a translation is behind its original (D16)


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
    has_given: bool = False  # higher bodies have published something to this one


_REVISION = ("id", "edition", "amendment", "state", "effective_at", "cancel_reason", "follows_id")


def _columns_of(revision: Any) -> list[Any]:
    return [getattr(revision, name) for name in _REVISION]


def _row(found: Any) -> Row:
    """Make a line of the columns of the query."""
    values: Any = tuple(found)
    keeper = Named(values[8]) if values[8] is not None else None
    document = ListedDocument(*(*values[:7], Named(values[7]), keeper))
    current, coming = values[9:16], values[16:23]
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
        self.own = [*self._in_body(publishers), self._is_seen()]
        self.conditions = [*self.own, *self._narrowing(filters, today)]
        self._rows: dict[tuple[bool, bool], Any] = {}

    def _in_body(self, publishers: frozenset[int]) -> tuple[Any, ...]:
        """Give what belongs to the body's list: its own, and what was published to it (O4)."""
        given = sa.and_(published_to(self.body_id, publishers), self.current.id.is_not(None))
        if self.filters.is_given:
            return (given,)
        if publishers:
            return (sa.or_(Document.body_id == self.body_id, given),)
        if self.filters.sort is not SortBy.UNIT:
            return (Document.body_id == self.body_id,)
        # begun at the units, which are in order; a sum keeps SQLite from beginning at documents
        return Unit.body_id == self.body_id, Document.body_id + 0 == self.body_id

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
            case RevisionState.WITHDRAWN:
                # nothing of it is in force; asked as a question of its own, or PostgreSQL takes
                # it that hardly any document is left, and sorts them all
                return sa.and_(Document.is_left.is_(True), ~self._is_coming())
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
            self._comes(coming),
        )

    def _comes(self, coming: Any) -> Any:
        """Say of a revision that it is on its way, and that this viewer may know of it."""
        return sa.and_(
            coming.document_id == Document.id,
            coming.state.in_(OPEN_STATES),
            sa.or_(works_on(self.sight), takes_part_in(self.sight, coming)),
        )

    def _is_coming(self) -> Any:
        return sa.exists().where(self._comes(aliased(Revision)))

    @cached_property
    def keys(self) -> tuple[Any, ...]:
        """Give what the list is sorted by; the last is the number of the document."""
        match self.filters.sort:
            case SortBy.TITLE:
                first: Any = Document.title_sort
            case SortBy.EFFECTIVE:
                first = Document.effect_sort
            case SortBy.REVIEW:
                first = Document.review_sort
            case SortBy.UNIT:
                return Unit.sort_key, Unit.id, Document.code_sort, Document.id
            case _:
                first = Document.code_sort
        return first, Document.id

    def _from(self) -> Any:
        """Begin with what the list is sorted by, so that nothing needs sorting."""
        if self.filters.sort is SortBy.UNIT:
            return sa.join(Unit, Document, Unit.id == Document.lead_unit_id)
        return sa.join(Document, Unit, Unit.id == Document.lead_unit_id)

    def rows(self, *, falling: bool, has_edge: bool) -> Any:
        """Give the query for rows in order, from an edge on where there is one."""
        if (falling, has_edge) not in self._rows:
            self._rows[falling, has_edge] = self._ordered(falling=falling, has_edge=has_edge)
        return self._rows[falling, has_edge]

    def _ordered(self, *, falling: bool, has_edge: bool) -> Any:
        shown = (
            *(Document.id, Document.body_id, Document.code, Document.title, Document.kind),
            *(Document.confidentiality, Document.next_review_on, Unit.name, Person.name),
        )
        query = self._joined(
            sa.select(*shown, *_columns_of(self.current), *_columns_of(self.coming)).select_from(
                self._from()
            )
        )
        query = query.outerjoin(Person, Person.id == Document.keeper_id).where(*self.conditions)
        if has_edge:
            query = query.where(*self._beyond(falling=falling))
        order = [key.desc() if falling else key.asc() for key in self.keys]
        return query.order_by(*order).limit(sa.bindparam("most", type_=sa.Integer()))

    def _beyond(self, *, falling: bool) -> tuple[Any, Any]:
        """Give the conditions for what comes after an edge: where an index begins, and exactly."""
        edges = [sa.bindparam(f"edge_{n}", type_=key.type) for n, key in enumerate(self.keys)]
        first, edge = self.keys[0], edges[0]
        exact: Any = sa.false()
        for key, at in reversed(list(zip(self.keys, edges, strict=True))):
            exact = sa.or_(key < at if falling else key > at, sa.and_(key == at, exact))
        return (first <= edge if falling else first >= edge), exact

    @cached_property
    def edge(self) -> Any:
        """Give the query for the sort keys a page goes on from, where the document is seen."""
        query = self._joined(sa.select(*self.keys).select_from(self._from()))
        return query.where(Document.id == sa.bindparam("edge_id"), *self.own)

    @cached_property
    def by_unit(self) -> Any:
        """Give the query for the number of documents of every lead unit."""
        query = self._joined(
            sa.select(Document.lead_unit_id, sa.func.count()).select_from(self._from())
        )
        return query.where(*self.conditions).group_by(Document.lead_unit_id)


_SOME = sa.select(sa.func.count()).select_from(
    sa.select(Document.__table__.c.id)
    .where(Document.__table__.c.body_id == sa.bindparam("body"))
    .limit(sa.literal_column(str(COUNTED + 1)))
    .subquery()
)
_query = lru_cache(maxsize=512)(_Query)


class _Reading:
    """One reading of the list: the kept query with this request's words, unit and page."""

    def __init__(
        self, session: Session, standing: Standing, body_id: int, filters: Filters, today: date
    ) -> None:
        self.session, self.body_id, self.filters = session, body_id, filters
        day = today if filters.is_overdue else _FAR_DAY
        kept = replace(filters, text="", unit_id=None)
        self.publishers = publishers_to(session, body_id, standing)
        self.query = _query(sight_of(standing), body_id, kept, day, self.publishers)
        self.units = self._units(filters.unit_id)

    @cached_property
    def is_large(self) -> bool:
        """Say whether the body has too many documents to count them for a page."""
        return (self._ask(_SOME, {"body": self.body_id}).scalar() or 0) > COUNTED

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
            edge = self._ask(self.query.edge, {"edge_id": edge_id}).one_or_none()
            if edge is not None:
                values = {f"edge_{n}": key for n, key in enumerate(edge)}
        query = self.narrowed(self.query.rows(falling=falling, has_edge=bool(values)))
        if self.units is not None:
            only = self.units[0] if len(self.units) == 1 else None
            query = query.where(
                Document.lead_unit_id == only
                if only is not None
                else among(Document.lead_unit_id, self.units)
            )
        return [_row(found) for found in self._ask(query, {**values, "most": limit})]

    def _ask(self, query: Any, values: dict[str, Any] | None = None) -> Any:
        """Ask for plain columns: past the records, which takes half the time."""
        self.session.flush()
        return self.session.connection().execute(query, values or {})

    def counts(self) -> dict[int, int] | None:
        """Count what is listed by lead unit, whatever unit is chosen; None where it takes long."""
        if self.is_large:
            return None
        found = self._ask(self.narrowed(self.query.by_unit))
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
        has_given=bool(reading.publishers),
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
    return [row._replace(cancelled=latest.get(row.document.id)) for row in rows]
