"""What follows from the state of a revision, whatever way it came there (7.5.3.2 a; a59).

Beyond its draft its file wants a PDF, asked for once; a scan asks for its words as soon as it was
read (a54); a document that was withdrawn and has nothing in force is known as left, so that the
list finds such ones by index.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from documents.models.document import Document
from documents.models.file import FileReading, FileRecognition, FileRendition
from documents.models.revision import FileRole, Revision, RevisionFile, RevisionState

SHOWN = frozenset(RevisionState) - {RevisionState.DRAFT, RevisionState.CANCELLED}
"""States in which people see the file of a revision; drafts may still change (D2)."""

_SCAN = '"scan":true'  # as `to_json` writes it; within texts, quotes have a stroke before them


def _ask(connection: Connection, revision_id: int) -> None:
    """Ask for the PDF of the main files of a revision, where nobody has yet."""
    made, file, revision = (one.__table__ for one in (FileRendition, RevisionFile, Revision))
    wanted = (
        sa.select(
            file.c.sha256,
            sa.literal("", sa.String()),
            sa.literal(0, sa.Integer()),
            revision.c.drafted_at,
            sa.literal(0, sa.Integer()),
        )
        .distinct()
        .join_from(file, revision, revision.c.id == file.c.revision_id)
        .where(
            revision.c.id == revision_id,
            revision.c.state.in_(SHOWN),
            file.c.role == FileRole.MAIN,
            file.c.replaced_at.is_(None),
        )
    )
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(made)
        .from_select(["source_sha256", "method", "pages", "made_at", "tries"], wanted)
        .on_conflict_do_nothing()
    )


@event.listens_for(FileReading, "after_insert")
def _read(_mapper: Any, connection: Connection, reading: FileReading) -> None:
    if _SCAN not in reading.content:
        return
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    asked = insert(FileRecognition.__table__).values(
        source_sha256=reading.sha256,
        pages=0,
        wanted=0,
        done=0,
        tries=0,
        tried_at=reading.read_at,
        failed=False,
        texts=[],
        said="",
    )
    connection.execute(asked.on_conflict_do_nothing())


def _place(connection: Connection, document_id: int) -> None:
    """Say of a document whether it was withdrawn and nothing of it is in force."""
    document: Any = Document.__table__
    revision = Revision.__table__

    def has(state: RevisionState) -> Any:
        return sa.exists().where(revision.c.document_id == document_id, revision.c.state == state)

    left = sa.and_(has(RevisionState.WITHDRAWN), ~has(RevisionState.EFFECTIVE))
    connection.execute(
        sa.update(document)
        .where(document.c.id == document_id, document.c.is_left != left)
        .values(is_left=left)
    )


@event.listens_for(Revision, "after_insert")
def _came(_mapper: Any, connection: Connection, revision: Revision) -> None:
    if revision.state is not RevisionState.DRAFT:
        _place(connection, revision.document_id)


@event.listens_for(Revision, "after_update")
def _moved_on(_mapper: Any, connection: Connection, revision: Revision) -> None:
    if not sa.inspect(revision).attrs.state.history.has_changes():
        return
    _place(connection, revision.document_id)
    if revision.state in SHOWN:
        _ask(connection, revision.id)


@event.listens_for(RevisionFile, "after_insert")
def _brought(_mapper: Any, connection: Connection, file: RevisionFile) -> None:
    if file.role is FileRole.MAIN:
        _ask(connection, file.revision_id)
