"""Files of an import looked at in the limited children, outside any transaction (a52, T15).

What cannot be taken leaves nothing in the store; an old Word file is kept and may be converted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.files import FileStore
from app.kernel.work import unit_of_work
from documents.content.blocks import to_json
from documents.content.intake import MAX_FILE_BYTES, Reason, Refused
from documents.content.office_intake import EICAR, OLE, has_macro
from documents.content.rendition import converted_to_docx
from documents.content.workshop import Workshop
from documents.importing.found_files import FoundFile, not_understood, understood
from documents.importing.items import Plan
from documents.models import ImportFile

log = logging.getLogger("nenep")
AT_ONCE: Final = 16  # files looked at between two looks at the clock
READERS: Final = 2


@dataclass(frozen=True)
class Tools:
    """What an import works with besides the database."""

    store: FileStore
    staging: FileStore  # files that nobody looked at yet
    workshop: Workshop


def look_at(
    path: Path, shown: str, sha256: str, size: int, workshop: Workshop
) -> tuple[FoundFile, str]:
    """Read one file in the limited child; give what it says, and its reading as it is kept."""
    try:
        reading, signs = workshop.look(path, shown.rpartition("/")[2])
    except Refused as refused:
        with path.open("rb") as file:
            head = file.read(4 * 1024 * 1024)
        hostile = head.startswith(OLE) and (has_macro(head) or EICAR in head)
        why = Refused(Reason.MACRO) if hostile else refused
        return not_understood(shown, sha256, size, why, head), ""
    return understood(shown, sha256, size, reading, signs), to_json(reading)


def read_files(session: Session, batch_id: int, tools: Tools, *, until: Callable[[], bool]) -> int:
    """Look at files nobody looked at yet, some at a time; give how many."""
    count = 0
    while not until():
        rows = session.execute(
            sa.select(ImportFile.id, ImportFile.path, ImportFile.sha256, ImportFile.size)
            .where(ImportFile.batch_id == batch_id, ImportFile.found.is_(None))
            .order_by(ImportFile.id)
            .limit(AT_ONCE)
        ).all()
        session.rollback()
        if not rows:
            break
        with ThreadPoolExecutor(READERS) as pool:
            looked = list(pool.map(lambda row: _look_and_keep(row, tools), rows))
        with unit_of_work(None) as work:
            for row, (found, reading, kept) in zip(rows, looked, strict=True):
                file = work.session.get_one(ImportFile, row[0])
                file.found, file.reading = found.to_plain(), reading
                file.kept_sha256 = kept
        count += len(rows)
        _clear_away(session, tools, {row.sha256 for row in rows})
    return count


def _clear_away(session: Session, tools: Tools, looked: set[str]) -> None:
    """Throw staged files away that nobody will look at again; what was taken lies in the store."""
    if tools.staging is tools.store:
        return
    waiting = set(
        session.scalars(
            sa.select(ImportFile.sha256).where(
                ImportFile.sha256.in_(looked), ImportFile.found.is_(None)
            )
        )
    )
    session.rollback()
    for sha256 in looked - waiting:
        with contextlib.suppress(OSError):
            tools.staging.path(sha256).unlink(missing_ok=True)


def _look_and_keep(row: sa.Row[Any], tools: Tools) -> tuple[FoundFile, str, str | None]:
    """Look at one staged file; what may stay goes into the store before any row names it."""
    shown, sha256, size = row.path, row.sha256, row.size
    staged = tools.staging.path(sha256)
    path = staged if staged.exists() else tools.store.path(sha256)
    if not path.exists():
        gone = Refused(Reason.DAMAGED, "gone")
        return not_understood(shown, sha256, size, gone, b""), "", None
    found, reading = look_at(path, shown, sha256, size, tools.workshop)
    if found.refused not in ("", "doc"):
        return found, "", None
    if path is staged:
        with staged.open("rb") as stream:
            received, digest, _size = tools.store.receive(stream, at_most=MAX_FILE_BYTES)
        tools.store.keep(received, digest)
    return found, reading, sha256


def convert_wanted(session: Session, batch_id: int, plan: Plan, tools: Tools) -> int:
    """Convert old Word files somebody asked to be converted; the original stays beside."""
    wanted = {
        item.file.path
        for item in plan.ready
        if item.convert and item.file is not None and item.file.refused == "doc"
    }
    count = 0
    for path in sorted(wanted):
        row = session.scalars(
            sa.select(ImportFile).where(ImportFile.batch_id == batch_id, ImportFile.path == path)
        ).one()
        file_id, sha256, done = row.id, row.kept_sha256, row.converted_sha256
        session.rollback()
        if done is not None or sha256 is None:
            continue
        _convert(file_id, path, sha256, tools)
        count += 1
    return count


def _convert(file_id: int, path: str, sha256: str, tools: Tools) -> None:
    with tempfile.TemporaryDirectory(prefix="nenep-doc-") as folder:
        out = Path(folder, "out.docx")
        name = f"{path.rpartition('/')[2].rpartition('.')[0]}.docx"
        made, reading, digest, size = None, "", None, 0
        try:
            converted_to_docx(tools.store.path(sha256), out)
            made, reading = look_at(out, name, "", 0, tools.workshop)
            if not made.refused:
                with out.open("rb") as stream:
                    received, digest, size = tools.store.receive(stream, at_most=MAX_FILE_BYTES)
                tools.store.keep(received, digest)
        except Refused as problem:
            log.warning("no conversion", extra={"sha256": sha256, "why": str(problem)})
    with unit_of_work(None) as work:
        file = work.session.get_one(ImportFile, file_id)
        if digest is None or made is None:
            file.found = {**(file.found or {}), "refused": str(Reason.DAMAGED)}
            return
        file.converted_sha256, file.reading = digest, reading
        merged = dataclasses.replace(made, path=file.path, sha256=file.sha256, size=file.size)
        file.found = {**merged.to_plain(), "converted_size": size}


def found_in(kept: dict[str, Any]) -> FoundFile:
    """Build what was found in a file from what the database keeps of it."""
    names = FoundFile.__dataclass_fields__
    return FoundFile.from_plain({name: kept[name] for name in names})
