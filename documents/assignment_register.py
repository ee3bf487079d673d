"""The assignment matrix as of a day: gaps and overlaps by name (5.3; rules O3, O5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.coded import N_, Coded
from app.kernel.errors import NotFound
from app.kernel.organisation import Body, Unit, units_of
from app.kernel.permissions import Standing
from app.kernel.search import code_key, fold
from app.kernel.unit_succession import UnitSuccessor
from documents.adoption_register import publishers_to
from documents.models import Assignment, AssignmentUnit, Document, Revision
from documents.visibility import published_to, visible

PAGE = 50


class Lack(Coded):
    """What is not as it should be with a row of the matrix."""

    UNIT = "unit", N_("No lead unit")
    OVERLAP = "overlap", N_("Two lead units")
    DOCUMENT = "document", N_("No document")


@dataclass(frozen=True)
class Line:
    """A row as it counted on a day: the unit that led it then, what is lacking."""

    row: Assignment
    lead: Unit | None
    others: tuple[Unit, ...]
    lacks: tuple[Lack, ...]
    document: Document | None = None
    is_delegated: bool = False


@dataclass(frozen=True)
class Coverage:
    """The figures of a day, and the rows behind each."""

    total: int
    lacking: dict[Lack, frozenset[int]] = field(default_factory=dict)

    @property
    def covered(self) -> int:
        """Count the rows with one lead unit and a document in force."""
        return self.total - len(frozenset().union(*self.lacking.values()))

    def count(self, lack: Lack) -> int:
        """Count the rows that lack this."""
        return len(self.lacking.get(lack, ()))


@dataclass(frozen=True)
class Matrix:
    """A page of the matrix, where its neighbours begin, and the figures of the whole."""

    lines: list[Line]
    coverage: Coverage
    before_id: int | None = None
    after_id: int | None = None


class Succession:
    """Which unit stands for another on a day: itself while it exists, then who took over (O3)."""

    def __init__(self, session: Session, body_id: int, on: date) -> None:
        self.on = on
        self.units = {unit.id: unit for unit in units_of(session, body_id)}
        self.next: dict[int, int] = {}
        for row in session.scalars(
            sa.select(UnitSuccessor)
            .where(UnitSuccessor.unit_id.in_(self.units))
            .order_by(UnitSuccessor.id.desc())
        ):
            self.next[row.unit_id] = row.successor_id

    def on_day(self, unit_id: int | None) -> Unit | None:
        """Give the unit that answers on the day; None where nobody took over."""
        seen: set[int] = set()
        while unit_id is not None and unit_id not in seen:
            unit = self.units.get(unit_id)
            if unit is not None and unit.is_active(self.on):
                return unit
            seen.add(unit_id)
            unit_id = self.next.get(unit_id)
        return None


def _valid(on: date) -> Any:
    return sa.and_(
        Assignment.valid_from <= on,
        sa.or_(Assignment.valid_until.is_(None), Assignment.valid_until >= on),
    )


def _in_force(session: Session, body: Body, on: date) -> frozenset[int]:
    """Give the documents with a revision in force on a day that the body works by."""
    zone = ZoneInfo(body.time_zone)
    end = datetime.combine(on + timedelta(days=1), time(), zone).astimezone(UTC)
    own = Document.body_id == body.id
    publishers = publishers_to(session, body.id)
    if publishers:
        own = sa.or_(own, published_to(body.id, publishers))
    return frozenset(
        session.scalars(
            sa.select(Revision.document_id)
            .join(Document, Document.id == Revision.document_id)
            .join(Assignment, Assignment.document_id == Document.id)
            .where(
                Assignment.body_id == body.id,
                own,
                Revision.effective_at.is_not(None),
                Revision.effective_at < end,
                sa.or_(Revision.ended_at.is_(None), Revision.ended_at >= end),
            )
        )
    )


def coverage(
    session: Session, body: Body, on: date, succession: Succession | None = None
) -> Coverage:
    """Give the figures of a day: every row of the body is looked at, in four questions."""
    known = succession or Succession(session, body.id, on)
    in_force = _in_force(session, body, on)
    rows = session.execute(
        sa.select(
            Assignment.id, Assignment.code_key, Assignment.name_folded, Assignment.lead_unit_id,
            Assignment.document_id,
        ).where(Assignment.body_id == body.id, _valid(on))
    ).all()  # fmt: skip
    leads: dict[tuple[str, str], dict[int, int]] = {}
    without_unit, without_document = set(), set()
    for row in rows:
        lead = known.on_day(row.lead_unit_id)
        if lead is None:
            without_unit.add(row.id)
        else:
            for key in (("code", row.code_key), ("name", row.name_folded)):
                leads.setdefault(key, {})[row.id] = lead.id
        if row.document_id not in in_force:
            without_document.add(row.id)
    twice = {row_id for found in leads.values() if len(set(found.values())) > 1 for row_id in found}
    return Coverage(
        len(rows),
        {
            Lack.UNIT: frozenset(without_unit),
            Lack.OVERLAP: frozenset(twice),
            Lack.DOCUMENT: frozenset(without_document),
        },
    )


def matrix(
    session: Session,
    standing: Standing,
    body: Body,
    on: date,
    *,
    lack: Lack | None = None,
    unit_id: int | None = None,
    text: str = "",
    after: int | None = None,
    before: int | None = None,
    limit: int | None = PAGE,
) -> Matrix:
    """Give a page of the matrix as of a day, by code."""
    known = Succession(session, body.id, on)
    figures = coverage(session, body, on, known)
    query = (
        sa.select(Assignment)
        .where(Assignment.body_id == body.id, _valid(on))
        .options(
            joinedload(Assignment.document).joinedload(Document.body),
            selectinload(Assignment.others).joinedload(AssignmentUnit.unit),
        )
    )
    if lack is not None:
        query = query.where(Assignment.id.in_(figures.lacking[lack]))
    if unit_id is not None:
        led = [key for key in known.units if (at := known.on_day(key)) and at.id == unit_id]
        query = query.where(Assignment.lead_unit_id.in_(led))
    if key := code_key(text):
        query = query.where(
            sa.or_(
                Assignment.code_key.contains(key, autoescape=True),
                Assignment.name_folded.contains(fold(text), autoescape=True),
            )
        )
    rows, first, last = _page(session, query, body.id, after, before, limit)
    seen = _seen(session, standing, rows)
    return Matrix([_line(row, known, figures, seen, on) for row in rows], figures, first, last)


def _page(
    session: Session, query: Any, body_id: int, after: int | None, before: int | None,
    limit: int | None,
) -> tuple[list[Assignment], int | None, int | None]:  # fmt: skip
    order = (Assignment.code_sort, Assignment.id)
    edge = session.get(Assignment, after or before or 0)
    if edge is not None and edge.body_id != body_id:
        edge = None
    backwards = edge is not None and not after
    if edge is not None:
        key = sa.tuple_(sa.literal(edge.code_sort), sa.literal(edge.id))
        query = query.where(sa.tuple_(*order) < key if backwards else sa.tuple_(*order) > key)
    query = query.order_by(*([one.desc() for one in order] if backwards else order))
    rows = list(session.scalars(query.limit(limit + 1) if limit else query))
    more = limit is not None and len(rows) > limit
    rows = rows[:limit] if limit else rows
    if backwards:
        rows.reverse()
    back, on = (more, True) if backwards else (edge is not None, more)
    return rows, rows[0].id if rows and back else None, rows[-1].id if rows and on else None


def _seen(session: Session, standing: Standing, rows: list[Assignment]) -> frozenset[int]:
    """Give which of the governing documents the viewer may know of (D6, O4)."""
    ids = {row.document_id for row in rows if row.document_id is not None}
    if not ids:
        return frozenset()
    return frozenset(
        session.scalars(sa.select(Document.id).where(Document.id.in_(ids), visible(standing)))
    )


def _line(
    row: Assignment, known: Succession, figures: Coverage, seen: frozenset[int], on: date
) -> Line:
    others = (known.on_day(one.unit_id) for one in row.others)
    return Line(
        row,
        known.on_day(row.lead_unit_id),
        tuple(dict.fromkeys(unit for unit in others if unit is not None)),
        tuple(lack for lack in Lack if row.id in figures.lacking[lack]),
        row.document if row.document_id in seen else None,
        row.delegated_from is not None
        and row.delegated_from <= on
        and (row.delegated_until is None or on <= row.delegated_until),
    )


def assignment(session: Session, standing: Standing, row_id: int) -> Assignment:
    """Give a row of one's own body's matrix; NotFound when there is none."""
    found = session.get(Assignment, row_id)
    if found is None or found.body_id != standing.body_id:
        raise NotFound()
    return found
