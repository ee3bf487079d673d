"""Letting go of stored files: only what nothing holds, told in the trail, then removed (D2, D5).

The bytes go after the transaction, by a job that may run any number of times; whoever brings the
same file meanwhile waits for the same row.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.db import Record
from app.kernel.facts import KernelFact
from app.kernel.files import FileStore, StoredFile, naming_columns
from app.kernel.work import Work
from documents.models import (
    Citation,
    DigitalCopy,
    FileReading,
    FileRecognition,
    FileRendition,
    ImportBatch,
    ImportFile,
    ImportState,
    QualityRecord,
    Revision,
    RevisionFile,
)

AT_ONCE = 50


def release_files(work: Work, digests: Iterable[str], *, number: str) -> list[str]:
    """Let go of those files that nothing else holds; give them. Told once, with their digests."""
    made = work.session.scalars(
        sa.select(FileRendition.sha256).where(
            FileRendition.source_sha256.in_(list(digests)), FileRendition.sha256.is_not(None)
        )
    )
    wanted = {*digests, *(sha256 for sha256 in made if sha256 is not None)}
    rows = work.session.scalars(
        sa.select(StoredFile)
        .where(StoredFile.sha256.in_(wanted), StoredFile.released_at.is_(None))
        .order_by(StoredFile.sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    held = still_held(work.session, {row.sha256 for row in rows})
    released = [row for row in rows if row.sha256 not in held]
    gone = [row.sha256 for row in released]
    for row in released:
        row.released_at = work.now
    forget_contents(work.session, gone)
    if gone:
        work.record_outside(
            KernelFact.FILES_RELEASED,
            StoredFile.__tablename__,
            count=len(gone),
            number=number,
            files=[{"sha256": sha256} for sha256 in gone],
        )
    return gone


def still_held(session: Session, digests: set[str]) -> set[str]:
    """Give those files that some row needs: a revision, a record, an import, anything to come.

    What was disposed of holds nothing; what was made of a file goes with it.
    """
    held: set[str] = set()
    if not digests:
        return held
    for column in naming_columns():
        if column.table is StoredFile.__table__:
            continue
        query = sa.select(column).where(column.in_(digests))
        if (condition := _holding(column, digests)) is not None:
            query = query.where(condition)
        held.update(session.scalars(query.distinct()))
    return held


def _holding(column: Any, digests: set[str]) -> Any:
    """Condition on the rows of a column that hold what they name; None where all of them do."""
    table = column.table
    if table in (RevisionFile.__table__, DigitalCopy.__table__):
        return sa.exists().where(Revision.id == table.c.revision_id, Revision.disposed_at.is_(None))
    if table is QualityRecord.__table__:
        return table.c.disposed_at.is_(None)
    if table is ImportFile.__table__:  # a finished import has given its files to the documents
        return sa.exists().where(
            ImportBatch.id == table.c.batch_id, ImportBatch.state != ImportState.DONE
        )
    if table is FileRendition.__table__:  # holds its PDF while its source is kept
        sources = StoredFile.sha256 == table.c.source_sha256
        return sa.and_(
            table.c.source_sha256.not_in(digests),
            sa.exists().where(sources, StoredFile.released_at.is_(None)),
        )
    return None


def digital_copies(session: Session, things: Iterable[Record]) -> set[str]:
    """Give the sealed and signed copies of revisions: the same text, so they go with it."""
    ids = [thing.id for thing in things if isinstance(thing, Revision)]
    query = sa.select(DigitalCopy.sha256).where(DigitalCopy.revision_id.in_(ids))
    return set(session.scalars(query))


def forget_contents(session: Session, digests: Iterable[str]) -> None:
    """Throw away what was read from files and made of them."""
    gone = list(digests)
    session.execute(sa.delete(FileReading).where(FileReading.sha256.in_(gone)))
    session.execute(sa.delete(FileRecognition).where(FileRecognition.source_sha256.in_(gone)))
    session.execute(sa.delete(FileRendition).where(FileRendition.source_sha256.in_(gone)))
    session.execute(
        sa.update(ImportFile).where(ImportFile.kept_sha256.in_(gone)).values(reading="")
    )


def forget_citations(session: Session, revision: Revision) -> None:
    """Throw away the passages kept of a revision's text."""
    session.execute(sa.delete(Citation).where(Citation.revision_id == revision.id))


def files_to_remove(session: Session) -> list[int]:
    """Give the ids of files that were let go of and whose bytes may still be there."""
    return list(
        session.scalars(
            sa.select(StoredFile.id)
            .where(StoredFile.released_at.is_not(None), StoredFile.removed_at.is_(None))
            .order_by(StoredFile.id)
            .limit(AT_ONCE)
        )
    )


def remove_file(work: Work, file_id: int, store: FileStore, drawn: Path) -> bool:
    """Remove the bytes of a file that was let go of, under the lock of its row.

    `drawn` is the folder of marked copies made for showing: they are made again when asked for.
    """
    row = work.session.get(StoredFile, file_id, populate_existing=True, with_for_update=True)
    if row is None or row.released_at is None or row.removed_at is not None:
        return False  # brought again meanwhile, or gone already
    made = work.session.scalars(
        sa.select(FileRendition.sha256).where(FileRendition.source_sha256 == row.sha256)
    ).all()
    release_files(work, [sha256 for sha256 in made if sha256 is not None], number="")
    forget_contents(work.session, [row.sha256])
    store.path(row.sha256).unlink(missing_ok=True)
    for copy in drawn.glob("*.pdf"):
        copy.unlink(missing_ok=True)
    row.removed_at = work.now
    return True
