"""Whatever brings a revision beyond its draft asks for the PDF of its file (7.5.3.2 a; a59).

Told by the records themselves, so that no way into force forgets it; asked once a file.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from documents.models.file import FileRendition
from documents.models.revision import FileRole, Revision, RevisionFile, RevisionState

SHOWN = frozenset(RevisionState) - {RevisionState.DRAFT, RevisionState.CANCELLED}
"""States in which people see the file of a revision; drafts may still change (D2)."""


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


@event.listens_for(Revision, "after_update")
def _moved_on(_mapper: Any, connection: Connection, revision: Revision) -> None:
    changed = sa.inspect(revision).attrs.state.history.has_changes()
    if changed and revision.state in SHOWN:
        _ask(connection, revision.id)


@event.listens_for(RevisionFile, "after_insert")
def _brought(_mapper: Any, connection: Connection, file: RevisionFile) -> None:
    if file.role is FileRole.MAIN:
        _ask(connection, file.revision_id)
