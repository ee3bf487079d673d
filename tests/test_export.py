"""A body goes out with everything and comes in elsewhere the same (a52, a53, L11)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.trail import TrailEntry
from documents.models import Document, Revision, RevisionState
from tests.backup.drill import closed, opened
from tests.conftest import DATABASES, fresh_postgres
from tests.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.covers("a52", "a53", "L11")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The demo body, whose documents are real Word files in every state."""
    made = Installed(tmp_path_factory.mktemp("demo") / "data")
    made.nenep("demo")
    return made


def gone_out(installed: Installed, code: str, target: Path) -> zipfile.ZipFile:
    """Export a body and open what came out."""
    installed.nenep("export", "--body", code, str(target))
    return zipfile.ZipFile(target)


def register_of(archive: zipfile.ZipFile) -> list[tuple[object, ...]]:
    """Give head and rows of the list."""
    book = openpyxl.load_workbook(io.BytesIO(archive.read("danh-muc.xlsx")))
    return [tuple(row) for row in book.active.iter_rows(min_row=4, values_only=True)]


def files_of(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Give the files of listed revisions by path."""
    return {name: archive.read(name) for name in archive.namelist() if name.startswith("tai-lieu/")}


@pytest.mark.parametrize("kind", DATABASES)
def test_what_goes_out_comes_in_elsewhere_as_the_same_register(
    kind: str, demo: Installed, tmp_path: Path, worker_id: str
) -> None:
    archive = gone_out(demo, "demo", tmp_path / "out.zip")
    archive.extractall(tmp_path / "out")
    url = fresh_postgres(f"nenep_out_{worker_id}") if kind == "postgresql" else ""
    other = Installed(tmp_path / "other", url)
    other.nenep("migrate")
    out = tmp_path / "out"
    other.nenep("body", "create", "khac", "UBND quận", "--units", str(out / "don-vi.csv"))
    listed, folder = str(out / "danh-muc.xlsx"), str(out / "tai-lieu")
    found = other.objects("import", "--body", "khac", listed, folder, "--dry-run", "--json")
    assert [one for one in found if one.get("severity") in ("refuse", "doubt")] == []
    other.nenep("import", "--body", "khac", listed, folder)
    again = gone_out(other, "khac", tmp_path / "again.zip")
    assert register_of(again) == register_of(archive)
    assert files_of(again) == files_of(archive)
    assert len(register_of(archive)) > 60
    app = opened(other)
    with app.app_context():
        states = dict(
            db.session.execute(
                sa.select(Revision.state, sa.func.count()).group_by(Revision.state)
            ).all()
        )
    closed(app)
    assert states[RevisionState.APPROVED] >= 3
    assert states[RevisionState.OBSOLETE] >= 10
    assert json.loads(other.nenep("trail", "verify", "--json"))["sound"]


def test_every_file_of_every_revision_leaves_under_its_code(
    demo: Installed, tmp_path: Path
) -> None:
    archive = gone_out(demo, "demo", tmp_path / "out.zip")
    app = opened(demo)
    with app.app_context():
        revisions = db.session.scalars(sa.select(Revision)).all()
        wanted = {
            (
                (revision.document.code or f"so-{revision.document_id}").replace("/", "_"),
                file.sha256,
            )
            for revision in revisions
            for file in revision.files
        }
        store = app.extensions["nenep"].store
        kept = {
            (name.split("/")[1], archive.read(name))
            for name in archive.namelist()
            if name.startswith(("tai-lieu/", "ban-nhap/"))
        }
        assert {(code, store.path(sha256).read_bytes()) for code, sha256 in wanted} == kept
        units = list(csv.reader(io.StringIO(archive.read("don-vi.csv").decode("utf-8-sig"))))
        assert len(units) == 34
        assert db.session.scalar(sa.select(sa.func.count(Document.id))) > 50
        told = db.session.scalars(
            sa.select(TrailEntry).where(TrailEntry.fact == "access.exported")
        ).all()
        assert told
        named = sa.select(sa.func.count()).where(TrailEntry.fact == "document.file_taken")
        assert db.session.scalar(named)  # confidential ones each for itself (T1)
    closed(app)
    trail = archive.read("nhat-ky.jsonl").decode().splitlines()
    assert json.loads(trail[0])["type"] == "export"


def test_an_export_replaces_no_file_and_needs_its_body(demo: Installed, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("x")
    assert "there already" in demo.nenep(
        "export", "--body", "demo", str(tmp_path / "there.zip"), code=1
    )
    demo.nenep("export", "--body", "nobody", str(tmp_path / "new.zip"), code=1)
    assert not (tmp_path / "new.zip").exists()
