"""A document and its forms go to the bodies below together, and come back together (a24; O4)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.work import Work
from documents.models import (
    Adoption,
    Confidentiality,
    Document,
    DocumentKind,
    Publication,
    Revision,
    RevisionState,
)
from documents.publication import PublicationData, end_publication, open_publication, publish


def forms_in_force(session: Session, document: Document) -> list[Document]:
    """Give the forms of a document that are in force and could go with it."""
    return list(
        session.scalars(
            sa.select(Document)
            .join(Revision, Revision.document_id == Document.id)
            .where(
                Document.parent_id == document.id,
                Document.body_id == document.body_id,
                Document.kind == DocumentKind.FORM,
                Document.confidentiality != Confidentiality.NAMED,
                Revision.state == RevisionState.EFFECTIVE,
            )
            .order_by(Document.id)
        )
    )


def publish_with_forms(work: Work, document: Document, data: PublicationData) -> list[Publication]:
    """Give a document and its forms in force to the same bodies, all of them or none."""
    together = [document, *forms_in_force(work.session, document)]
    return [publish(work, work.fresh(one), data) for one in together]


def end_with_forms(work: Work, publication: Publication, *, reason: str) -> list[Adoption]:
    """Take a document back with those of its forms that went below; give what ended."""
    ended = end_publication(work, publication, reason=reason)
    for form in forms_in_force(work.session, publication.document):
        given = open_publication(work.session, form)
        if given is not None:
            ended += end_publication(work, given, reason=reason)
    return ended
