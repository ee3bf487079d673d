"""What the trail says of one document, and to whom it may say it (rules T4, D6, O4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.access import KernelPermission
from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from app.kernel.trail import TrailEntry
from app.kernel.trail_register import Entries, Records, Wanted, entries_in_chain
from documents import register
from documents.models import (
    AsideFile,
    ChangeItem,
    CheckOut,
    Comment,
    Confidentiality,
    ControlledCopy,
    CopyRound,
    DigitalCopy,
    DisposalItem,
    Document,
    Hold,
    Invitation,
    IssuanceItem,
    PeriodicReview,
    Publication,
    Revision,
    RevisionFile,
    Withdrawal,
)


def records_of(session: Session, document: Document) -> Records:
    """Give every record whose entries belong to a document's history."""
    revisions = session.execute(
        sa.select(Revision.id, Revision.package_id).where(Revision.document_id == document.id)
    ).all()
    revision_ids = frozenset(row.id for row in revisions)
    package_ids = frozenset(row.package_id for row in revisions if row.package_id is not None)

    def ids(column: Any, condition: Any) -> frozenset[int]:
        return frozenset(session.scalars(sa.select(column).where(condition)))

    return {
        "document": frozenset({document.id}),
        "revision": revision_ids,
        "package": package_ids,
        "check_out": ids(CheckOut.id, CheckOut.revision_id.in_(revision_ids)),
        "aside_file": ids(AsideFile.id, AsideFile.revision_id.in_(revision_ids)),
        "comment": ids(Comment.id, Comment.revision_id.in_(revision_ids)),
        "invitation": ids(Invitation.id, Invitation.package_id.in_(package_ids)),
        "revision_file": ids(RevisionFile.id, RevisionFile.revision_id.in_(revision_ids)),
        "change_request": ids(ChangeItem.request_id, ChangeItem.document_id == document.id),
        "publication": ids(Publication.id, Publication.document_id == document.id),
        "periodic_review": ids(PeriodicReview.id, PeriodicReview.document_id == document.id),
        "controlled_copy": ids(ControlledCopy.id, ControlledCopy.document_id == document.id),
        "copy_round": ids(CopyRound.id, CopyRound.document_id == document.id),
        "digital_copy": ids(DigitalCopy.id, DigitalCopy.revision_id.in_(revision_ids)),
        "withdrawal": ids(Withdrawal.id, Withdrawal.document_id == document.id),
        "hold": ids(Hold.id, Hold.document_id == document.id),
        "disposal": ids(DisposalItem.disposal_id, DisposalItem.revision_id.in_(revision_ids)),
        "issuance_decision": ids(
            IssuanceItem.decision_id, IssuanceItem.package_id.in_(package_ids)
        ),
    }


def entries_of_document(
    session: Session,
    standing: Standing,
    document: Document,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Entries:
    """Give a page of a document's history, its revisions, packages and comments included.

    Whoever may read the document may read it; so may those who read the body's trail, unless
    the document is for named people.
    """
    if document.body_id in standing.above_body_ids:
        raise NotFound()  # what happened to it is its own body's (O4)
    if not register.sees(session, standing, document) and (
        document.confidentiality is Confidentiality.NAMED
        or not may(standing, KernelPermission.READ_TRAIL, document)
    ):
        raise NotFound()
    wanted = Wanted(records=records_of(session, document))
    return entries_in_chain(session, document.body, wanted, before=before, after=after)


def hidden_from(
    session: Session, standing: Standing, entries: Iterable[TrailEntry]
) -> frozenset[int]:
    """Give the keys of those entries that would tell of a document for named people only."""
    about: dict[str, set[int]] = {}
    listed = list(entries)
    for entry in listed:
        if entry.record_id is not None:
            about.setdefault(entry.record_type, set()).add(entry.record_id)
    behind: dict[tuple[str, int], int] = {}
    ways: dict[str, Any] = {
        "document": sa.select(Document.id, Document.id),
        "revision": sa.select(Revision.id, Revision.document_id),
        "package": sa.select(Revision.package_id, Revision.document_id),
        "comment": sa.select(Comment.id, Revision.document_id).join(Comment.revision),
        "check_out": sa.select(CheckOut.id, Revision.document_id).join(CheckOut.revision),
        "aside_file": sa.select(AsideFile.id, Revision.document_id).join(AsideFile.revision),
        "revision_file": sa.select(RevisionFile.id, Revision.document_id).join(
            RevisionFile.revision
        ),
        "digital_copy": sa.select(DigitalCopy.id, Revision.document_id).join(DigitalCopy.revision),
        "invitation": sa.select(Invitation.id, Revision.document_id).join(
            Revision, Revision.package_id == Invitation.package_id
        ),
    }
    about_document: dict[str, Any] = {
        "change_request": sa.select(ChangeItem.request_id, ChangeItem.document_id).join(
            ChangeItem.document
        ),
        "periodic_review": sa.select(PeriodicReview.id, PeriodicReview.document_id).join(
            PeriodicReview.document
        ),
        "controlled_copy": sa.select(ControlledCopy.id, ControlledCopy.document_id).join(
            ControlledCopy.document
        ),
        "copy_round": sa.select(CopyRound.id, CopyRound.document_id).join(CopyRound.document),
        "withdrawal": sa.select(Withdrawal.id, Withdrawal.document_id).join(Withdrawal.document),
        "hold": sa.select(Hold.id, Hold.document_id).join(Hold.document),
    }
    named = Document.confidentiality == Confidentiality.NAMED
    for kind, query in about_document.items():
        if kind in about:
            key = query.selected_columns[0]
            for record_id, document_id in session.execute(query.where(key.in_(about[kind]), named)):
                behind[kind, record_id] = document_id
    for kind, query in ways.items():
        if kind in about:
            key = query.selected_columns[0]
            if kind != "document":
                query = query.join(Document, Document.id == Revision.document_id)
            rows = session.execute(query.where(key.in_(about[kind]), named))
            behind.update({(kind, record_id): document_id for record_id, document_id in rows})
    secret = {
        document.id
        for document in session.scalars(
            sa.select(Document).where(Document.id.in_(set(behind.values())))
        )
        if not register.sees(session, standing, document)
    }
    return frozenset(
        entry.id
        for entry in listed
        if behind.get((entry.record_type, entry.record_id or 0)) in secret
    )
