"""Making a backup while everybody works: one moment of the database, and every file it names."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.backup import archive as parts_of
from app.backup import rows
from app.kernel.facts import KernelFact
from app.kernel.files import FileStore, named_files, whole_file
from app.kernel.install import installation
from app.kernel.keys import to_text
from app.kernel.work import unit_of_work

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """What went into a backup."""

    rows: int
    files: int
    size: int
    moment: datetime


class _Writer:
    """An archive being written: every part is digested on its way in."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.parts: dict[str, dict[str, Any]] = {}

    @contextmanager
    def part(self, name: str, *, packed: bool) -> Iterator[_Part]:
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self.archive.open(info, "w", force_zip64=True) as target:
            part = _Part(target)
            yield part
        self.parts[name] = {"size": part.size, "sha256": part.known.hexdigest()}


class _Part:
    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.size, self.known = target, 0, hashlib.sha256()

    def write(self, content: bytes) -> None:
        self.target.write(content)
        self.known.update(content)
        self.size += len(content)


def back_up(path: Path, engine: Engine, *, carries_keys: bool, progress: Progress) -> Made:
    """Write a backup of this installation; it appears whole under its name, or not at all.

    `carries_keys` puts the keys of the data folder into it: whoever holds it holds them too.
    """
    with unit_of_work(None) as work:
        work.record_outside(KernelFact.BACKED_UP, "installation", name=path.name)
    with (
        whole_file(path) as target,
        zipfile.ZipFile(target, "w", compresslevel=6, allowZip64=True) as archive,
    ):
        made = _fill(_Writer(archive), engine, carries_keys, progress)
    return Made(made.rows, made.files, path.stat().st_size, made.moment)


def _fill(writer: _Writer, engine: Engine, carries_keys: bool, progress: Progress) -> Made:
    place = installation()
    _put_kept(writer, place.data)  # before the rows: a kept head is never ahead of them
    with one_moment(engine) as connection:
        moment = datetime.now(UTC)
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        counted = _put_rows(writer, connection, progress)
        wanted = sorted(named_files(connection))
    _put_files(writer, place.store, wanted, progress)
    if carries_keys:
        with writer.part(parts_of.KEYS, packed=False) as part:
            part.write(to_text(place.keys).encode())
    manifest = json.dumps(
        {
            "product": "nenep",
            "format": parts_of.FORMAT,
            "installation": place.keys.installation,
            "moment": moment.isoformat(),
            "tables_version": revision,
            "tables": counted,
            "parts": writer.parts,
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    writer.archive.writestr(parts_of.MANIFEST, manifest)
    writer.archive.writestr(parts_of.SEAL, parts_of.sealed(place.keys, manifest))
    return Made(sum(one["rows"] for one in counted.values()), len(wanted), 0, moment)


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Read the database as it stands at one moment, however much is written meanwhile."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        yield connection


def _put_kept(writer: _Writer, data: Path) -> None:
    for name in parts_of.KEPT:
        if (data / name).exists():
            with writer.part(name, packed=True) as part:
                part.write((data / name).read_bytes())


def _put_rows(writer: _Writer, connection: Connection, progress: Progress) -> dict[str, Any]:
    counted: dict[str, Any] = {}
    tables = rows.tables()
    for number, table in enumerate(tables, start=1):
        count = 0
        name = f"rows/{table.name}.jsonl"
        with writer.part(name, packed=True) as part:
            for line in rows.lines(connection, table):
                part.write(line)
                count += 1
        counted[table.name] = {"rows": count, "sha256": writer.parts[name]["sha256"]}
        progress("rows", number, len(tables))
    return counted


def _put_files(writer: _Writer, store: FileStore, wanted: list[str], progress: Progress) -> None:
    for number, sha256 in enumerate(wanted, start=1):
        with (
            store.path(sha256).open("rb") as source,
            writer.part(f"store/{sha256[:2]}/{sha256}", packed=False) as part,
        ):
            while chunk := source.read(parts_of.CHUNK):
                part.write(chunk)
        progress("files", number, len(wanted))
