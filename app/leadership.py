"""Which of several jobs processes works: one holds the lock, the others wait for it (T17)."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

JOBS_LOCK = 7_311_731  # one number for all installations: each has a database of its own


class FileLeadership:
    """A lock on a file of the data folder; the kernel lets go when the process ends, however."""

    def __init__(self, data: Path) -> None:
        self.path = data / "jobs.lock"
        self._handle: int | None = None

    def take(self) -> bool:
        """Try to become the one that works."""
        if self._handle is not None:
            return True
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def holds(self) -> bool:
        """Say whether this process still is the one that works."""
        return self._handle is not None

    def release(self) -> None:
        """Let the next one work."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class DatabaseLeadership:
    """A lock in PostgreSQL, held by a connection of its own: it goes when the connection goes."""

    def __init__(self, url: sa.URL) -> None:
        self._engine: Engine = sa.create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Try to become the one that works."""
        if self._connection is not None:
            return self.holds()
        try:
            connection = self._engine.connect()
        except SQLAlchemyError:
            return False  # no database, no work; asked again in a moment
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(JOBS_LOCK))):
            connection.close()
            return False
        self._connection = connection
        return True

    def holds(self) -> bool:
        """Say whether the connection that holds the lock is alive."""
        if self._connection is None:
            return False
        try:
            self._connection.scalar(sa.select(1))
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let the next one work."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(JOBS_LOCK)))
        except SQLAlchemyError:
            connection.invalidate()  # the server has let go already, or will
        connection.close()


Leadership = FileLeadership | DatabaseLeadership


def leadership_for(url: str, data: Path) -> Leadership:
    """Give the lock that fits the database."""
    if url.startswith("sqlite"):
        return FileLeadership(data)
    return DatabaseLeadership(sa.make_url(url))
