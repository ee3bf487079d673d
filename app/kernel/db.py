"""The database: one typed base for every record, SQLite or PostgreSQL underneath."""

import sqlite3
import time
from datetime import UTC, datetime
from enum import Enum as PythonEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.kernel.coded import Coded
from app.kernel.turns import Turns

WRITING = "nenep_writing"  # execution option: this transaction takes the write lock at once

_TURN = "nenep_turn"
_PATIENCE = 20  # seconds somebody waits to write

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; refuses naive ones, which hide a wrong zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _codes(members: type[PythonEnum]) -> list[str]:
    return [str(member.value) for member in members]


class Record(DeclarativeBase):
    """Base of every record kept in the database."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment(),
        Coded: sa.Enum(
            Coded,
            native_enum=False,
            create_constraint=True,
            values_callable=_codes,
            length=32,
        ),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }

    id: Mapped[int] = mapped_column(BigId, primary_key=True)

    def __eq__(self, other: object) -> bool:
        """Two copies of one stored row are the same record; `is` would not survive a proxy."""
        if self is other:
            return True
        if not isinstance(other, Record) or type(self) is not type(other):
            return NotImplemented
        return self.id is not None and self.id == other.id

    __hash__ = object.__hash__  # one session holds one copy of a row, so the two agree there


db = SQLAlchemy(metadata=Record.metadata, session_options={"autoflush": True})


def _sqlite_connects(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _begins
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL loses acknowledged approvals in a power cut
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_within(connection: Connection, seconds: float) -> None:
    """Begin to write; what was spent waiting for one's turn is not waited once more."""
    if seconds > _PATIENCE - 1:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(seconds * 1000)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE * 1000}")


class _Writing:
    """Begin and end of the transactions of one SQLite file: one writer at a time, in turn."""

    def __init__(self, turns: Turns | None) -> None:
        self._turns = turns

    def begins(self, connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITING, False):
            connection.exec_driver_sql("BEGIN")
            return
        if self._turns is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        began = time.monotonic()
        if not self._turns.take(_PATIENCE):
            locked = sqlite3.OperationalError("database is locked by writers before this one")
            raise OperationalError("BEGIN IMMEDIATE", None, locked)
        left = max(_PATIENCE - (time.monotonic() - began), 1.0)
        try:
            _begin_within(connection, left)
        except BaseException:
            self._turns.give()
            raise
        connection.info[_TURN] = self._turns

    @staticmethod
    def ends(_connection: Any, record: Any, *_more: Any) -> None:
        """Let the next one write: the transaction is committed or given up by now."""
        turns = record.info.pop(_TURN, None)
        if turns is not None:
            turns.give()


def prepare_engine(engine: Engine) -> None:
    """Give an engine the settings that the promises of the product rest on."""
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        writing = _Writing(Turns(Path(name)) if name and name != ":memory:" else None)
        event.listen(engine, "connect", _sqlite_connects)
        event.listen(engine, "begin", writing.begins)
        event.listen(engine, "checkin", writing.ends)
        event.listen(engine, "invalidate", writing.ends)


def init_database(app: Flask) -> None:
    """Bind the database to the application and set up its engine."""
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
