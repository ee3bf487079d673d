"""Rows as lines of text, the same for every database, and back again.

One line is one row: a JSON list of its values in the order of the columns. What a row says is
therefore compared byte by byte, also between SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.kernel.db import Moment, Record

LONGEST_LINE = 64 << 20
_AT_ONCE = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class UnreadableRow(ValueError):
    """A line that is no row of its table; the message says which and why."""


def tables() -> list[sa.Table]:
    """Give every table in an order in which each finds those it refers to."""
    return Record.metadata.sorted_tables


def _written(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    if isinstance(kind, Moment | sa.Date):
        return lambda value: value.isoformat()
    if isinstance(kind, sa.Enum):
        return str
    if isinstance(kind, sa.Integer | sa.String | sa.Float | sa.JSON | sa.Boolean):
        return lambda value: value
    raise TypeError(f"{column}: no rule for {kind!r}")


def _read(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    wanted: type | tuple[type, ...]
    make: Callable[[Any], Any] = lambda value: value  # noqa: E731 -- most values stay as they are
    if isinstance(kind, Moment):
        wanted, make = str, datetime.fromisoformat
    elif isinstance(kind, sa.Date):
        wanted, make = str, date.fromisoformat
    elif isinstance(kind, sa.Enum):
        wanted, make = str, kind.enum_class or str
    elif isinstance(kind, sa.Boolean):
        wanted = bool
    elif isinstance(kind, sa.Integer):
        wanted = int
    elif isinstance(kind, sa.Float):
        wanted = (int, float)
    elif isinstance(kind, sa.String):
        wanted = str
    else:
        wanted = (dict, list, str, int, float, bool)

    def read(value: Any) -> Any:
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int):
            raise ValueError(f"{column.name} cannot be {type(value).__name__}")
        return make(value)

    return read


def lines(connection: Connection, table: sa.Table) -> Iterator[bytes]:
    """Give every row of a table, in the order of their keys."""
    written = [_written(column) for column in table.columns]
    query = sa.select(table).order_by(*table.primary_key.columns)
    result = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for row in result:
        values = [
            None if value is None else write(value)
            for value, write in zip(row, written, strict=True)
        ]
        yield _ENCODER.encode(values).encode() + b"\n"


def digest(connection: Connection, table: sa.Table) -> tuple[int, str]:
    """Give how many rows a table has and the digest of what they say."""
    count, known = 0, hashlib.sha256()
    for line in lines(connection, table):
        count += 1
        known.update(line)
    return count, known.hexdigest()


def parsed(table: sa.Table, content: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read rows back; UnreadableRow names the first line that is none."""
    columns = list(table.columns)
    readers = [_read(column) for column in columns]
    for number, line in enumerate(content, start=1):
        try:
            values = json.loads(line)
            if not isinstance(values, list) or len(values) != len(columns):
                raise ValueError("the columns are others")
            yield {
                column.name: None if value is None else read(value)
                for column, value, read in zip(columns, values, readers, strict=True)
            }
        except (ValueError, RecursionError) as problem:
            raise UnreadableRow(f"{table.name}, row {number}: {problem}") from problem


def _in_turn(table: sa.Table, content: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Give rows so that each comes after those of its own table it refers to.

    They arrive by ascending id, so only rows that refer to a later one have to wait.
    """
    own = [
        column.name
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    waiting: dict[int, dict[str, Any]] = {}
    for row in parsed(table, content):
        if any(row[name] is not None and row[name] > row["id"] for name in own) or any(
            row[name] in waiting for name in own
        ):
            waiting[row["id"]] = row
        else:
            yield row
    while waiting:
        free = [row for row in waiting.values() if not any(row[name] in waiting for name in own)]
        if not free:
            raise UnreadableRow(f"{table.name}: rows refer to each other in a ring")
        for row in free:
            del waiting[row["id"]]
        yield from free


def put(connection: Connection, table: sa.Table, content: Iterable[bytes]) -> int:
    """Insert rows, each after those it refers to; give how many."""
    count = 0
    rows = _in_turn(table, content)
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(sa.insert(table), batch)
        count += len(batch)
    if count and connection.dialect.name == "postgresql":
        name = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, "id")))
        if name:
            highest = connection.scalar(sa.select(sa.func.max(table.c.id)))
            connection.execute(sa.select(sa.func.setval(name, highest)))
    return count
