"""Reading the trail: by record, person, day and fact, newest first, paged by key (T4; O4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.access import KernelPermission
from app.kernel.errors import NotFound
from app.kernel.organisation import Body
from app.kernel.permissions import Standing, may
from app.kernel.trail import TrailEntry

PAGE = 50
Records = Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; what is left out does not narrow."""

    records: Records = field(default_factory=dict)
    person_id: int | None = None
    day: date | None = None
    fact: str = ""


@dataclass(frozen=True)
class Entries:
    """One page of entries, newest first, and the keys of the pages beside it."""

    entries: list[TrailEntry]
    newer_than: int | None = None  # ask for what came after this sequence
    older_than: int | None = None


def entries_of_body(
    session: Session,
    standing: Standing,
    body: Body,
    wanted: Wanted,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Entries:
    """Give a page of a body's trail; NotFound for whoever may not read it."""
    if not may(standing, KernelPermission.READ_TRAIL, body):
        raise NotFound()
    return entries_in_chain(session, body, wanted, before=before, after=after)


def entries_of(
    session: Session,
    standing: Standing,
    body: Body,
    record_type: str,
    record_id: int,
    *,
    before: int | None = None,
) -> Entries:
    """Give a page of what was told of one record, for those who may read the body's trail."""
    wanted = Wanted(records={record_type: frozenset({record_id})})
    return entries_of_body(session, standing, body, wanted, before=before)


def entries_in_chain(
    session: Session,
    body: Body,
    wanted: Wanted,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> Entries:
    """Give a page of a body's chain; whoever calls this has asked for the permission."""
    query = sa.select(TrailEntry).where(TrailEntry.chain == body.id, *_conditions(body, wanted))
    if after is not None:
        found = session.scalars(
            query.where(TrailEntry.sequence > after).order_by(TrailEntry.sequence).limit(size + 1)
        ).all()
        has_newer, entries = len(found) > size, list(reversed(found[:size]))
        has_older = bool(entries)
    else:
        if before is not None:
            query = query.where(TrailEntry.sequence < before)
        found = session.scalars(query.order_by(TrailEntry.sequence.desc()).limit(size + 1)).all()
        has_older, entries = len(found) > size, list(found[:size])
        has_newer = before is not None and bool(entries)
    return Entries(
        entries,
        newer_than=entries[0].sequence if has_newer else None,
        older_than=entries[-1].sequence if has_older else None,
    )


def _conditions(body: Body, wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.records:
        conditions.append(
            sa.or_(
                *(
                    sa.and_(TrailEntry.record_type == kind, TrailEntry.record_id.in_(ids))
                    for kind, ids in wanted.records.items()
                )
            )
        )
    if wanted.person_id is not None:
        conditions.append(
            sa.or_(
                TrailEntry.actor_id == wanted.person_id,
                TrailEntry.acting_for_id == wanted.person_id,
                sa.and_(
                    TrailEntry.record_type == "person", TrailEntry.record_id == wanted.person_id
                ),
            )
        )
    if wanted.day is not None:
        zone = ZoneInfo(body.time_zone)
        start = datetime.combine(wanted.day, time(), zone)
        end = datetime.combine(wanted.day + timedelta(days=1), time(), zone)
        conditions += [TrailEntry.at >= start, TrailEntry.at < end]
    if wanted.fact:
        conditions.append(TrailEntry.fact == wanted.fact)
    return conditions
