"""The rows of files that lie in the store already: written once, whoever brings them (D2)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Stale
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.work import Work
from documents.models import FileReading


@dataclass(frozen=True)
class BroughtFile:
    """A file that passed intake and lies in the store already, with what was read from it."""

    sha256: str
    name: str
    size: int
    media_type: str
    reader: str
    reading: str  # canonical JSON of the blocks


def store_rows(work: Work, brought: BroughtFile) -> None:
    """Write the rows of a file that is in the store: once, whoever brings it again."""
    known = work.session.scalars(  # locked: whoever lets go of this very file waits, or was first
        sa.select(StoredFile)
        .where(StoredFile.sha256 == brought.sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if known is not None and known.released_at is not None:
        if not installation().store.path(brought.sha256).exists():
            raise Stale()  # its bytes went between upload and this act; sent again it is stored
        known.released_at = known.removed_at = None
    if known is None:
        _add_once(
            work,
            StoredFile(
                sha256=brought.sha256,
                size=brought.size,
                media_type=brought.media_type,
                stored_at=work.now,
            ),
        )
    read = work.session.scalar(
        sa.select(FileReading.id).where(
            FileReading.sha256 == brought.sha256, FileReading.reader == brought.reader
        )
    )
    if read is None and brought.reader:
        _add_once(
            work,
            FileReading(
                sha256=brought.sha256,
                reader=brought.reader,
                content=brought.reading,
                read_at=work.now,
            ),
        )


def _add_once(work: Work, row: StoredFile | FileReading) -> None:
    """Add a row that somebody else may be adding at this very moment: theirs serves as well."""
    with contextlib.suppress(IntegrityError), work.session.begin_nested():
        work.session.add(row)
