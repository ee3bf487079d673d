"""Stop, back up, migrate, verify: on the data every earlier version left (T26, a53)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from app.factory import create_app
from app.kernel.db import db
from app.kernel.organisation import Body
from app.kernel.search_index import Scope, find
from config import for_tests
from documents.models import Document, Revision, RevisionState
from tests.backup.drill import closed, opened
from tests.conftest import DATABASES, fresh_postgres
from tests.installed import ROOT, Installed

pytestmark = [pytest.mark.slow, pytest.mark.covers("T26", "a53")]
HERE = Path(__file__).parent
VERSIONS = sorted(path.name[8:12] for path in HERE.glob("version-*.tar.xz"))


def left_by(version: str, folder: Path) -> Path:
    """Unpack what an installation of that version left; give its data folder."""
    with tarfile.open(HERE / f"version-{version}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def in_postgres(version: str, data: Path, name: str) -> str:
    """Put the rows of an SQLite database of that version into PostgreSQL, as it was then."""
    url = fresh_postgres(name)
    app = create_app(for_tests(data, url))
    with app.app_context():
        upgrade(directory=str(Path(app.root_path) / "migrations"), revision=version)
        there = sa.MetaData()
        there.reflect(db.engine)
        source = sa.create_engine(f"sqlite:///{data / 'nenep.db'}")
        with source.connect() as old, db.engine.begin() as new:
            for table in there.sorted_tables:
                if table.name != "alembic_version":
                    rows = [aware(row._asdict()) for row in old.execute(sa.select(table))]
                    if rows:
                        new.execute(sa.insert(table), rows)
                        new.execute(
                            sa.text(
                                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                                f"max(id)) FROM {table.name}"
                            )
                        )
        source.dispose()
    closed(app)
    return url


def aware(row: dict[str, object]) -> dict[str, object]:
    """Give moments their zone, which SQLite does not keep."""
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def facts(app_of: Installed) -> tuple[dict[str, int], list[str]]:
    """Give how many revisions are in each state, and the codes in force."""
    app = opened(app_of)
    with app.app_context():
        states = {
            str(state): count
            for state, count in db.session.execute(
                sa.select(Revision.state, sa.func.count()).group_by(Revision.state)
            )
        }
        codes = sorted(
            db.session.scalars(
                sa.select(Document.code)
                .join(Revision, Revision.document_id == Document.id)
                .where(Revision.state == RevisionState.EFFECTIVE)
            )
        )
    closed(app)
    return states, codes


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", DATABASES)
def test_data_of_an_earlier_version_is_upgraded_proved_and_found(
    kind: str, version: str, tmp_path: Path, worker_id: str
) -> None:
    data = left_by(version, tmp_path / "data")
    url = in_postgres(version, data, f"nenep_old_{worker_id}") if kind == "postgresql" else ""
    installed = Installed(data, url)
    assert "run `nenep migrate`" in installed.nenep("trail", "verify", code=1)
    installed.nenep("migrate")
    (verdict,) = installed.objects("trail", "verify", "--json")
    assert verdict["sound"]
    assert verdict["entries"] >= 118
    states, codes = facts(installed)
    assert states == {"effective": 4, "in_approval": 2, "draft": 2, "obsolete": 1}
    app = opened(installed)
    with app.app_context():
        for code in codes:
            bodies = db.session.scalars(sa.select(Body.id)).all()
            hits = [hit for body in bodies for hit in find(db.session(), code, scope=Scope(body))]
            assert code in {hit.entry.code for hit in hits}
    closed(app)
    if kind == "sqlite":
        kept = [path.name for path in data.iterdir() if ".before-upgrade" in path.name]
        assert len(kept) == 1
    installed.nenep("backup", str(tmp_path / "after.zip"))
    again = Installed(tmp_path / "again")
    again.nenep("restore", str(tmp_path / "after.zip"))
    assert facts(again) == (states, codes)


@pytest.mark.parametrize("kind", DATABASES)
def test_a_killed_upgrade_goes_on_as_if_it_never_was(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    for number in range(3):
        data = left_by(VERSIONS[0], tmp_path / str(number))
        name = f"nenep_killed_{worker_id}"
        url = in_postgres(VERSIONS[0], data, name) if kind == "postgresql" else ""
        installed = Installed(data, url)
        child = subprocess.Popen(
            [sys.executable, "-m", "app.commands", "migrate"],
            cwd=ROOT,
            env=installed.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1.2 + 0.25 * number)
        child.send_signal(signal.SIGKILL)
        child.wait()
        installed.nenep("migrate")
        (verdict,) = installed.objects("trail", "verify", "--json")
        assert verdict["sound"]
        assert facts(installed)[0]["effective"] == 4


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    data = left_by(VERSIONS[0], tmp_path / "data")
    engine = sa.create_engine(f"sqlite:///{data / 'nenep.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    said = Installed(data).nenep("migrate", code=1)
    assert "newer version" in said
    assert json.dumps(sorted(path.name for path in data.iterdir())).count("before") == 0
