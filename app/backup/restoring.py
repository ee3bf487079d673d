"""Restoring a backup into an empty installation: all of it, proved, or nothing.

The archive is checked whole before anything is touched; files are laid beside the store, rows go
into one transaction, and the trail is verified inside it. Only then files move in and it commits.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.backup import archive as parts_of
from app.backup import rows
from app.backup.archive import BadArchive, Contents
from app.kernel.db import WRITING
from app.kernel.files import FileStore
from app.kernel.keys import save
from app.kernel.sealing import HEADS
from app.kernel.trail_check import verify
from app.kernel.trail_keeping import read_heads
from app.kernel.trail_verdict import Verdict

Progress = Callable[[str, int, int], None]
_ROOM = 50 << 20  # bytes that must stay free on the disk


def why_not_empty(connection: Connection) -> str:
    """Say what a database holds already; an empty text when nothing would be lost."""
    here = set(sa.inspect(connection).get_table_names())
    for table in rows.tables():
        if table.name in here and connection.scalar(
            sa.select(sa.func.count()).select_from(table.select().limit(1).subquery())
        ):
            return table.name
    return ""


def restore(
    contents: Contents,
    engine: Engine,
    data: Path,
    *,
    tables_version: str,
    saves_keys: bool,
    reindex: Callable[[Session], None],
    progress: Progress,
) -> Verdict:
    """Put a checked archive into an empty installation whose tables are there.

    Raises BadArchive with nothing changed. `reindex` makes anew what is derived from the rows.
    """
    manifest = contents.manifest
    if manifest["tables_version"] != tables_version:
        raise BadArchive(
            f"{contents.path.name} was made by a version with tables {manifest['tables_version']}; "
            f"this one has {tables_version}. Restore it with that version, then upgrade."
        )
    wanted = {table.name for table in rows.tables()}
    if set(manifest["tables"]) != wanted or any(
        f"rows/{name}.jsonl" not in manifest["parts"] for name in wanted
    ):
        raise BadArchive(f"{contents.path.name} has other tables than this version.")
    need = sum(part["size"] for name, part in manifest["parts"].items())
    if shutil.disk_usage(data).free < need + _ROOM:
        raise BadArchive(f"The disk has no room for {need >> 20} MB. Make room first.")
    aside = Path(tempfile.mkdtemp(dir=data, prefix="restoring-"))
    try:
        with zipfile.ZipFile(contents.path) as archive:
            return _restored(archive, contents, engine, data, aside, saves_keys, reindex, progress)
    except (rows.UnreadableRow, DBAPIError, zipfile.BadZipFile, ValueError) as problem:
        what = str(problem).splitlines()[0][:200]
        raise BadArchive(f"{contents.path.name} cannot be restored: {what}") from problem
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _restored(
    archive: zipfile.ZipFile,
    contents: Contents,
    engine: Engine,
    data: Path,
    aside: Path,
    saves_keys: bool,
    reindex: Callable[[Session], None],
    progress: Progress,
) -> Verdict:
    store = FileStore(aside / "store")
    store.prepare()
    _lay_files(archive, contents, store, aside, progress)
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        _put_rows(archive, contents, connection, progress)
        heads = read_heads(aside / HEADS, is_growing=True)
        with (
            Session(bind=connection, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            verdict = verify(session, contents.keys, store, kept_heads=heads)
            _demand_sound(contents, verdict)
            progress("search index", 0, 1)
            reindex(session)
        _move_in(contents, store, aside, data, saves_keys=saves_keys)
    return verdict


def _demand_sound(contents: Contents, verdict: Verdict) -> None:
    if (wrong := verdict.wrong) is not None:
        said = wrong.text % wrong.values if wrong.values else wrong.text
        raise BadArchive(f"{contents.path.name}: {wrong.record}: {said}")


def _lay_files(
    archive: zipfile.ZipFile,
    contents: Contents,
    store: FileStore,
    aside: Path,
    progress: Progress,
) -> None:
    names = sorted(name for name in contents.manifest["parts"] if name.startswith("store/"))
    for number, name in enumerate(names, start=1):
        with archive.open(name) as source:
            path, sha256, _size = store.receive(
                source, at_most=contents.manifest["parts"][name]["size"]
            )
        if not name.endswith(sha256):
            raise BadArchive(f"{contents.path.name}: {name} holds other bytes than its name says.")
        store.keep(path, sha256)
        progress("files", number, len(names))
    for name in parts_of.KEPT:
        if name in contents.manifest["parts"]:
            with archive.open(name) as source, (aside / name).open("xb") as target:
                shutil.copyfileobj(source, target)


def _put_rows(
    archive: zipfile.ZipFile, contents: Contents, connection: Connection, progress: Progress
) -> None:
    tables = rows.tables()
    for number, table in enumerate(tables, start=1):
        content = parts_of.lines_of(archive, f"rows/{table.name}.jsonl", rows.LONGEST_LINE)
        rows.put(connection, table, content)
        told = contents.tables[table.name]
        if rows.digest(connection, table) != (told["rows"], told["sha256"]):
            raise BadArchive(f"{contents.path.name}: {table.name} does not come out as it went in.")
        progress("rows", number, len(tables))


def _move_in(
    contents: Contents, store: FileStore, aside: Path, data: Path, *, saves_keys: bool
) -> None:
    """Bring files and keys to their places; a kill after this finds them there already."""
    final = FileStore(data / "store")
    final.prepare()
    for sha256, path, _changed in store.everything():
        final.keep(path, sha256)
    for name in parts_of.KEPT:
        if (aside / name).exists():
            (aside / name).chmod(0o600)
            (aside / name).replace(data / name)
    if saves_keys:
        save(contents.keys, data / "keys.json")


def summary(contents: Contents) -> dict[str, Any]:
    """Give what an operator should see of an archive before it replaces nothing."""
    manifest = contents.manifest
    return {
        "installation": manifest["installation"],
        "moment": manifest["moment"],
        "rows": sum(one["rows"] for one in contents.tables.values()),
        "files": sum(name.startswith("store/") for name in manifest["parts"]),
    }
