"""The world the walks share, and the ground on which each request is forgotten again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.accounts import SignInSession
from app.kernel.db import db
from tests.conftest import DATABASES, _engines, migrated_app
from tests.web.world import World, a_world, changed, entries, forgotten, state


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """One world per database, made when first asked for."""
    made: dict[str, World] = {}

    class Made(dict[str, World]):
        def __missing__(self, kind: str) -> World:
            app = migrated_app(kind, tmp_path_factory.mktemp("world"), "nenep_world")
            with app.app_context():
                self[kind] = a_world(app)
                db.session.remove()
            return self[kind]

    made = Made()
    yield made
    for world in made.values():
        world.app.extensions["nenep.workshop"].close()
        with world.app.app_context():
            db.engine.dispose()


@dataclass
class Ground:
    """A world inside one transaction: what a request does can be seen and is forgotten."""

    world: World
    connection: sa.Connection
    before: dict[str, str]
    entries: int
    rows: int = 0

    def differs(self) -> set[str]:
        """Name the tables that are not as they were since the last `forgotten` began.

        SQLite counts changed rows: none means that there is nothing to compare, two with one
        new entry are that entry and the end of its chain.
        """
        if self.connection.dialect.name == "sqlite":
            touched = self._counted() - self.rows
            if touched == 0:
                return set()
            if touched == 2 and self.new_entries() == 1:
                return {"trail_entry", "trail_chain"}
        return changed(self.before, state(self.connection))

    def _counted(self) -> int:
        return int(self.connection.connection.driver_connection.total_changes)

    @contextmanager
    def forgotten(self) -> Iterator[None]:
        """Take back whatever happens inside."""
        if self.connection.dialect.name == "sqlite":
            self.rows = self._counted()
        with forgotten(self.connection):
            yield

    def new_entries(self) -> int:
        """Count the entries of the trail that came."""
        return entries(self.connection) - self.entries


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, worlds: dict[str, World]) -> Iterator[Ground]:
    """A world on each database, left as it was."""
    yield from _standing_on(worlds[request.param])


@pytest.fixture
def small_ground(worlds: dict[str, World]) -> Iterator[Ground]:
    """A world on the embedded database only, for walks that take every route with everybody."""
    yield from _standing_on(worlds["sqlite"])


def _standing_on(world: World) -> Iterator[Ground]:
    app = world.app
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        _engines(app, db)[None] = connection
        db.session.configure(join_transaction_mode="create_savepoint")
        # nobody's last use is noted while the walk goes on, however long it takes
        later = datetime.now(UTC) + timedelta(minutes=30)
        connection.execute(sa.update(SignInSession).values(seen_at=later))
        yield Ground(world, connection, state(connection), entries(connection))
        db.session.remove()
        db.session.configure(join_transaction_mode="conditional_savepoint")
        if outer.is_active:
            outer.rollback()
        connection.close()
        _engines(app, db)[None] = engine
