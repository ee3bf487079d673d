"""Backups under load come back equal in every row and byte, on and between both databases (T19)."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.search_index import Scope, find
from documents.models import Revision
from tests.backup.drill import closed, drill, everything, opened
from tests.builders import a_unit, raw, sign_in
from tests.conftest import DATABASES, Browser, fresh_postgres
from tests.faults.stage import World, staged
from tests.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.covers("T19", "a53")]
WAYS = [(one, other) for one in DATABASES for other in DATABASES]


def address(kind: str, worker: str) -> str:
    return fresh_postgres(f"nenep_restored_{worker}") if kind == "postgresql" else ""


@pytest.mark.parametrize(("one", "other"), WAYS)
def test_a_backup_made_while_people_work_comes_up_equal_and_proved(
    one: str, other: str, tmp_path: Path, worker_id: str
) -> None:
    with staged(one, tmp_path / "live", f"nenep_backed_{worker_id}") as world:
        codes = world.effective(2)
        done = drill(world, tmp_path, address(other, worker_id))
        app = opened(done.restored)
        app.test_client_class = Browser
        with app.app_context():
            kept = set(db.session.scalars(sa.select(Revision.id)))
            assert done.known_before < kept
            assert len(kept) <= len(done.known_before) + done.made_during
            for sha256, path, _at in installation().store.everything():
                original = world.app.extensions["nenep"].store.path(sha256)
                assert path.read_bytes() == original.read_bytes()
            body = Scope(world.body_id)
            hits = find(db.session(), codes[0], scope=body)
            assert [hit.entry.code for hit in hits][:1] == codes[:1]
            assert find(db.session(), "tai lieu", scope=body)
            client = app.test_client()
            sign_in(client, world.person(world.officer_id))
            assert codes[0] in client.get("/documents").get_data(as_text=True)
        closed(app)
        (verdict,) = done.restored.objects("trail", "verify", "--json")
        assert verdict["sound"]
        assert "not empty" in done.restored.nenep("restore", str(done.archive), code=1)


@pytest.mark.parametrize("kind", DATABASES)
def test_a_quiet_backup_holds_every_row_as_the_database_says_it(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    with staged(kind, tmp_path / "live", f"nenep_backed_{worker_id}") as world:
        world.effective(2)
        _nested_units(world)
        done = drill(world, tmp_path, address(kind, worker_id), writers=0)
        app = opened(done.restored)
        before, after = everything(world.app), everything(app)
        assert {name for name in before if before[name] != after[name]} == set()
        assert sum(map(len, after.values())) > 100
        closed(app)
        _goes_on(done.restored)


def _nested_units(world: World) -> None:
    """Let a unit stand under one that was made after it."""
    with world.app.app_context():
        unit = db.session.get_one(Unit, world.unit_id)
        later = a_unit(unit.body, code="SAU", name="Phòng lập sau")
        raw("UPDATE unit SET parent_id = :parent WHERE id = :id", parent=later.id, id=unit.id)


def _goes_on(installed: Installed) -> None:
    """New rows find free keys, and the chain goes on from where it stood."""
    installed.nenep("body", "create", "MOI", "UBND xã Mới")
    (verdict,) = installed.objects("trail", "verify", "--json")
    assert verdict["sound"]
