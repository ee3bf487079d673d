"""What is told of reading controlled documents: opened, taken away, printed (7.5.3.2 a; T1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.kernel.people import Person
from app.kernel.trail import TrailEntry
from app.kernel.work import Work
from documents.facts import DocumentFact
from documents.models import Confidentiality, Document, Revision, RevisionFile
from documents.permissions import DocumentPermission

ONE_OPENING: Final = timedelta(minutes=10)  # the pages of one reading are one opening


def is_confidential(document: Document) -> bool:
    """Say whether opening this document is a fact: it is for named people only."""
    return document.confidentiality is Confidentiality.NAMED


def opened_lately(session: Session, person: Person, document: Document, now: datetime) -> bool:
    """Say whether this reading was told already, so that each page of it is not told again."""
    return (
        session.scalar(
            sa.select(TrailEntry.id)
            .where(
                TrailEntry.record_type == Document.__tablename__,
                TrailEntry.record_id == document.id,
                TrailEntry.fact == str(DocumentFact.CONFIDENTIAL_OPENED),
                TrailEntry.actor_id == person.id,
                TrailEntry.at > now - ONE_OPENING,
            )
            .limit(1)
        )
        is not None
    )


def open_confidential(work: Work, revision: Revision) -> None:
    """Tell that somebody opened a revision of a document for named people."""
    work.require(DocumentPermission.READ_REVISION, revision)
    work.record(DocumentFact.CONFIDENTIAL_OPENED, revision.document, edition=revision.label)


def take_file(work: Work, revision: Revision, file: RevisionFile) -> None:
    """Tell that somebody took an original file away."""
    work.require(DocumentPermission.READ_REVISION, revision)
    if file.revision_id != revision.id:
        raise NotFound()
    work.record(DocumentFact.FILE_TAKEN, revision, name=file.name, files=[{"sha256": file.sha256}])


def print_copy(work: Work, revision: Revision, *, pages: int) -> None:
    """Tell that somebody printed a controlled copy, in which state and of how many pages."""
    work.require(DocumentPermission.PRINT, revision)
    work.record(DocumentFact.COPY_PRINTED, revision, state=revision.state, pages=pages)
