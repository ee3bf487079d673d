"""What is told of a document that is no longer in force, to those who once read it (D5, D6).

Never its text: nobody works by it. Who could not have read it learns nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.errors import NotFound
from app.kernel.permissions import Standing
from app.kernel.search import code_key
from app.kernel.work import Work
from documents import register
from documents.facts import DocumentFact
from documents.models import Document, Revision, Withdrawal
from documents.models.revision import ENDED_STATES
from documents.visibility import could_read
from documents.withdrawal import withdrawal_of


@dataclass(frozen=True)
class Ended:
    """A document that was in force: its last edition, how it ended, what stands in its place."""

    document: Document
    revision: Revision
    withdrawal: Withdrawal | None
    instead: Document | None  # only where the reader may know of it


def ended_document(
    session: Session, standing: Standing, code: str, *, body_id: int | None = None
) -> Ended:
    """Give what is told of a document that ended; NotFound for who never could read it."""
    bodies = {body_id} if body_id else {standing.body_id, *standing.overseen_body_ids}
    document = session.scalars(
        sa.select(Document)
        .options(joinedload(Document.keeper), joinedload(Document.lead_unit))
        .where(
            Document.body_id.in_(bodies),
            Document.code_key == code_key(code),
            could_read(standing),
        )
        .order_by(Document.body_id != standing.body_id, Document.id)
        .limit(1)
    ).one_or_none()
    if document is None:
        raise NotFound()
    revision = session.scalars(
        sa.select(Revision)
        .where(Revision.document_id == document.id, Revision.state.in_(ENDED_STATES))
        .order_by(Revision.ended_at.desc(), Revision.id.desc())
        .limit(1)
    ).one()
    withdrawal = withdrawal_of(session, revision)
    instead = withdrawal.replaced_by if withdrawal is not None else None
    if instead is not None and not register.sees(session, standing, instead):
        instead = None
    return Ended(document, revision, withdrawal, instead)


def learn_of_ending(work: Work, revision: Revision) -> None:
    """Tell that somebody named learnt of the end of a document for named people (T1)."""
    code = revision.document.code or ""
    ended_document(work.session, work.standing, code, body_id=revision.body_id)
    work.record(DocumentFact.CONFIDENTIAL_OPENED, revision.document, edition=revision.label)
