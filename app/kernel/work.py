"""The unit of work: one act, one transaction, one trail entry per fact (rule T1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from app.kernel.calendar import today_of
from app.kernel.db import WRITING, Record, db
from app.kernel.errors import Busy, Forbidden, NotFound, Stale, TrailIncomplete
from app.kernel.install import installation
from app.kernel.keys import Keys
from app.kernel.notices import Notice, NoticeKind, urgency_of
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.permissions import Permission, Standing, may, standing_of
from app.kernel.trail import (
    Fact,
    Trailed,
    TrailEntry,
    TrailHead,
    append,
    is_told,
    plain,
)

R = TypeVar("R", bound=Record)
_ACTIVE = "nenep_work"


class Work:
    """What an act is given: who acts, when, in which transaction; the only way to the trail."""

    def __init__(
        self, session: Session, actor: Person | None, now: datetime, acting_for: Person | None
    ) -> None:
        self.session = session
        self.actor_or_none = actor
        self.acting_for = acting_for
        self.now = now
        self._told: list[dict[str, Any]] = []
        self._keys: set[tuple[str, str, int]] = set()
        self._changes: dict[Record, dict[str, list[Any]]] = {}
        self._noticed: set[tuple[str, int, int]] = set()

    @property
    def actor(self) -> Person:
        """Give the person who acts; a job has none and must not ask."""
        if self.actor_or_none is None:
            raise Forbidden("system")
        return self.actor_or_none

    @cached_property
    def today(self) -> date:
        """Give the day it is where the actor works."""
        body = self.actor_or_none.body if self.actor_or_none is not None else None
        return today_of(body, self.now)

    @cached_property
    def standing(self) -> Standing:
        """Give what the actor may, read inside this transaction."""
        return standing_of(self.session, self.actor, self.today)

    def read_standing_again(self) -> None:
        """Forget what the actor may: a unit added since is below one of theirs."""
        self.__dict__.pop("standing", None)

    def require(self, permission: Permission, record: Any = None) -> None:
        """Refuse the act unless the actor may try it on this record."""
        if not may(self.standing, permission, record):
            raise Forbidden(str(permission), record)

    def fresh(self, record: R, *, seen: int | None = None) -> R:
        """Lock a record and give its present state; Stale when it is not the one that was seen."""
        copy = self.session.get(
            type(record), record.id, populate_existing=True, with_for_update=True
        )
        if copy is None:
            raise NotFound()
        if seen is not None and getattr(copy, "row_version", seen) != seen:
            raise Stale()
        return copy

    def fresh_all(self, records: Iterable[R]) -> list[R]:
        """Lock several records in the one order that avoids deadlocks: by type and id."""
        ordered = sorted(set(records), key=lambda record: (type(record).__name__, record.id))
        return [self.fresh(record) for record in ordered]

    def add(self, record: R) -> R:
        """Add a new record and give it its id."""
        self.session.add(record)
        self.session.flush()
        return record

    def has_changed(self, record: Record) -> bool:
        """Say whether a trailed record holds changes that no fact has told yet."""
        self.session.flush()
        return record in self._changes

    def record(self, fact: Fact, record: Record, **values: Any) -> None:
        """Tell one fact about one record, once; changes made to it since are told with it (e1).

        Records among the values count as told too, each with its own changes.
        """
        self.session.flush()
        key = (str(fact), type(record).__name__, record.id)
        if key in self._keys:
            raise TrailIncomplete(f"{fact} told twice of {type(record).__name__} {record.id}")
        self._keys.add(key)
        changes = self._take_changes(record)
        also = []
        for value in values.values():
            for other in value if isinstance(value, list | tuple) else [value]:
                if isinstance(other, Record) and (fields := self._take_changes(other)):
                    also.append(
                        {"record": other.__tablename__, "record_id": other.id, "changes": fields}
                    )
        details = {name: plain(value) for name, value in values.items() if value is not None}
        details["subject"] = plain(record.told()) if isinstance(record, Trailed) else {}
        if changes:
            details["changes"] = changes
        if also:
            details["also"] = also
        body_id = getattr(record, "body_id", None)
        self._tell(str(fact), record.__tablename__, record.id, body_id, details)

    def record_outside(self, fact: Fact, record_type: str, **values: Any) -> None:
        """Tell a fact about no record: a refusal, a wrong file, a check of the chain."""
        body_id = self.actor_or_none.body_id if self.actor_or_none is not None else None
        self._tell(
            str(fact),
            record_type,
            None,
            body_id,
            {name: plain(value) for name, value in values.items() if value is not None},
        )

    def notify(
        self, kind: NoticeKind, record: Record, *, to: Iterable[Person], **values: Any
    ) -> None:
        """Store a line for each person concerned; it leaves after the transaction, by a job."""
        for person in to:
            key = (str(kind), record.id, person.id)
            if key in self._noticed or person == self.actor_or_none:
                continue
            self._noticed.add(key)
            kept = plain({**values})
            self.session.add(
                Notice(
                    body_id=person.body_id,
                    person_id=person.id,
                    kind=str(kind),
                    record_type=record.__tablename__,
                    record_id=record.id,
                    values=kept,
                    urgency=urgency_of(kind, kept, person, self.now),
                    made_at=self.now,
                )
            )

    def _tell(
        self, fact: str, record: str, record_id: int | None, body_id: int | None, details: Any
    ) -> None:
        self._told.append(
            {
                "chain": body_id or 0,
                "actor": self.actor_or_none.id if self.actor_or_none is not None else None,
                "acting_for": self.acting_for.id if self.acting_for is not None else None,
                "fact": fact,
                "record": record,
                "record_id": record_id,
                "body": body_id,
                "details": details,
            }
        )

    def _take_changes(self, record: Record) -> dict[str, list[Any]]:
        return self._changes.pop(record, {})

    def collect(self) -> None:
        """Note what was just flushed of trailed records (called within every flush).

        At that moment a key set through a relationship stands in its column too.
        """
        for record in [*self.session.new, *self.session.dirty]:
            if not isinstance(record, Trailed) or not isinstance(record, Record):
                continue
            fields = _changed_fields(record)
            if fields is None:
                continue
            known = self._changes.setdefault(record, {})
            for name, (old, new) in fields.items():
                known[name] = [known[name][0] if name in known else old, new]

    def close(self, keys: Keys) -> None:
        """Check that nothing trailed changed in silence, then write the entries."""
        self.session.flush()
        if self._changes:
            silent = ", ".join(
                f"{type(record).__name__} {record.id} {sorted(fields)}"
                for record, fields in self._changes.items()
            )
            raise TrailIncomplete(f"changed without a fact: {silent}")
        if self._told:
            try:
                append(self.session, keys, self._told, self.now)
            except OperationalError:
                raise
            except DBAPIError as refused:  # no entry, no act (T1)
                raise Busy() from refused


def _changed_fields(record: Record) -> dict[str, tuple[Any, Any]] | None:
    """Give old and new of every changed column; None when nothing changed."""
    untold = record.untold if isinstance(record, Trailed) else frozenset()
    derived = record.derived if isinstance(record, Trailed) else frozenset()
    silent = {"id", "row_version", *derived}
    state = sa.inspect(record)
    changed = False
    fields: dict[str, tuple[Any, Any]] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if not history.has_changes():
            continue
        new = history.added[0] if history.added else None
        old = history.deleted[0] if history.deleted else None
        if attribute.key in silent or (state.persistent and old == new):
            continue
        changed = True
        if not is_told(attribute.key):
            continue
        if attribute.key in untold:
            fields[attribute.key] = (None, "…")
        elif not (state.pending and new is None):
            fields[attribute.key] = (plain(old), plain(new))
    if not changed and not state.pending:
        return None
    return fields


@event.listens_for(db.session, "before_flush")
def _guard_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Refuse changes outside a unit of work, changes to the trail, deletions of evidence."""
    work: Work | None = session.info.get(_ACTIVE)
    if work is None and (session.new or session.deleted or _really_dirty(session)):
        raise RuntimeError("records change only inside a unit of work")
    for record in session.deleted:
        if isinstance(record, Trailed | TrailEntry | TrailHead):
            raise RuntimeError(f"{type(record).__name__} is evidence and is never deleted")
    for record in session.dirty:
        if isinstance(record, TrailEntry | TrailHead) and session.is_modified(record):
            raise RuntimeError("the trail is only added to")


@event.listens_for(db.session, "after_flush")
def _collect_changes(session: Session, _context: UOWTransaction) -> None:
    work: Work | None = session.info.get(_ACTIVE)
    if work is not None:
        work.collect()


def _really_dirty(session: Session) -> bool:
    return any(session.is_modified(record) for record in session.dirty)


@event.listens_for(db.session, "do_orm_execute")
def _guard_bulk(state: ORMExecuteState) -> None:
    """Refuse bulk changes of trailed records: they would leave no fact."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    if table is not None and table.name in _trailed_tables():
        raise RuntimeError("trailed records change one by one, with a fact")


@cache
def _trailed_tables() -> frozenset[str]:
    return frozenset(
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Record.registry.mappers
        if issubclass(mapper.class_, Trailed | TrailEntry | TrailHead)
    )


@contextmanager
def unit_of_work(
    actor: Person | None, *, now: datetime | None = None, acting_for: Person | None = None
) -> Iterator[Work]:
    """Open the one transaction of an act; commit once at the end, roll back on any exception."""
    session = db.session()
    if _ACTIVE in session.info:
        raise RuntimeError("one unit of work at a time")
    actor_id = actor.id if actor is not None else None
    for_id = acting_for.id if acting_for is not None else None
    session.rollback()  # end the reading transaction; everything is read again below
    try:
        session.connection(execution_options={WRITING: True})
        work = Work(
            session,
            session.get(Person, actor_id) if actor_id is not None else None,
            now or datetime.now(UTC),
            session.get(Person, for_id) if for_id is not None else None,
        )
        session.info[_ACTIVE] = work
        if actor_id is not None and (
            work.actor_or_none is None or work.actor_or_none.disabled_at is not None
        ):
            raise Forbidden("signed_in")
        yield work
        work.close(installation().keys)
        session.commit()
    except (StaleDataError, IntegrityError) as refused:
        session.rollback()
        raise Stale() from refused
    except OperationalError as refused:
        session.rollback()
        if "deadlock" in str(refused):
            raise Stale() from refused
        raise Busy() from refused
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_ACTIVE, None)


def body_of(session: Session, code: str) -> Body:
    """Give a body by its code."""
    body = session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if body is None:
        raise NotFound()
    return body
