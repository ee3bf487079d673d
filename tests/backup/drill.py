"""One backup drill: people work, a backup is made, it comes up elsewhere equal and proved (T19)."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.factory import create_app
from app.kernel.db import Record, db
from app.kernel.errors import Refusal
from app.kernel.trail import TrailEntry
from config import for_tests
from documents.models import Revision
from tests.faults.stage import World
from tests.installed import Installed


@dataclass
class Drilled:
    """What a drill saw."""

    archive: Path
    restored: Installed
    known_before: set[int]
    made_during: int
    seconds: float


def drill(world: World, folder: Path, to_url: str, *, writers: int = 2) -> Drilled:
    """Back up under load and restore into an empty installation."""
    source = Installed(
        world.app.extensions["nenep"].data, world.app.config["SQLALCHEMY_DATABASE_URI"]
    )
    with world.app.app_context():
        known = set(db.session.scalars(sa.select(Revision.id)))
        db.session.remove()
    stop, made = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            with suppress(Refusal):
                made.extend(world.drafts(1))

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    try:
        while writers and not made:
            time.sleep(0.01)
        archive = folder / "backup.zip"
        started = time.monotonic()
        source.nenep_child("backup", str(archive))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    restored = Installed(folder / "restored", to_url)
    restored.nenep("restore", str(archive))
    return Drilled(archive, restored, known, len(made), time.monotonic() - started)


def opened(installed: Installed) -> Flask:
    """Open a restored installation as a server would."""
    return create_app(for_tests(installed.data, installed.database_url))


def everything(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of every table, as the database itself says it."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.text(f"SELECT * FROM {table.name} ORDER BY id"))
            ]
            for table in Record.metadata.sorted_tables
        }


def closed(app: Flask) -> None:
    """Let go of an installation that was opened."""
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def entries(app: Flask) -> int:
    """Count the trail."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(TrailEntry.id))) or 0
