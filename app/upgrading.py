"""Bringing the tables of an installation to this version: a copy first, then all or nothing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy.engine import Engine

from app.factory import MIGRATIONS
from app.kernel.db import db


class NewerTables(Exception):
    """The database was made by a newer version: this one must not touch it."""


def wanted_version() -> str:
    """Give the version of the tables this code works with."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def present_version(engine: Engine) -> str | None:
    """Give the version of the tables that are there; None where there are none."""
    if "alembic_version" not in sa.inspect(engine).get_table_names():
        return None
    with engine.connect() as connection:
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return str(found) if found is not None else None


def bring_up_to_date() -> Path | None:
    """Migrate the database of the current application; give the copy made before, if any.

    Of an SQLite database a copy stays beside it under the version it had. Safe to repeat.
    """
    present, wanted = present_version(db.engine), wanted_version()
    if present is not None and present > wanted:
        raise NewerTables(
            f"The database is of a newer version (tables {present}, this version has {wanted}). "
            "Nothing was touched: install that version, or restore a backup of this one."
        )
    copy = None
    if present is not None and present < wanted and db.engine.dialect.name == "sqlite":
        copy = _copied(Path(db.engine.url.database or ""), present)
    upgrade(directory=str(MIGRATIONS))
    db.session.remove()
    return copy


def _copied(database: Path, version: str) -> Path:
    """Copy an SQLite database whole, also while it is read; an earlier copy is never replaced."""
    copy = database.with_name(f"{database.name}.before-upgrade-from-{version}")
    if copy.exists():
        return copy
    half = copy.with_name(f"{copy.name}.half")
    half.unlink(missing_ok=True)
    with sqlite3.connect(database) as source, sqlite3.connect(half) as target:
        source.backup(target)
    source.close()
    target.close()
    half.chmod(0o600)
    with half.open("rb") as written:
        os.fsync(written.fileno())
    half.rename(copy)
    return copy
