"""Whole registers for paper and spreadsheets: every row a person may see, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.permissions import Standing
from documents.change_register import ChangeFilters, whole_list
from documents.models import (
    Acknowledgement,
    ChangeRequest,
    Citation,
    Document,
    ExternalDocument,
    Revision,
    RevisionState,
)
from documents.visibility import visible

MOST = 5_000


def every_law(session: Session, body_id: int) -> Sequence[ExternalDocument]:
    """Give a body's register of external documents, by number."""
    return session.scalars(
        sa.select(ExternalDocument)
        .where(ExternalDocument.body_id == body_id)
        .options(joinedload(ExternalDocument.changed_by))
        .order_by(ExternalDocument.number_sort, ExternalDocument.id)
        .limit(MOST)
    ).all()


def codes_citing(session: Session, standing: Standing, body_id: int) -> dict[int, tuple[str, ...]]:
    """Give for each law the codes of what is in force and cites it, as far as one may know."""
    rows = session.execute(
        sa.select(Citation.external_id, Document.code)
        .join(Revision, Revision.id == Citation.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .where(
            Citation.body_id == body_id,
            Citation.external_id.is_not(None),
            Revision.state == RevisionState.EFFECTIVE,
            visible(standing),
        )
        .order_by(Document.code_sort, Document.id)
    )
    found: dict[int, dict[str, None]] = {}
    for law_id, code in rows:
        if law_id is not None:
            found.setdefault(law_id, {})[code or ""] = None
    return {law_id: tuple(codes) for law_id, codes in found.items()}


def every_change(
    session: Session, standing: Standing, body_id: int, filters: ChangeFilters
) -> Sequence[ChangeRequest]:
    """Give a body's change requests this person may see, oldest first."""
    return whole_list(session, standing, body_id, filters, most=MOST)


def read_at(session: Session, revision_ids: set[int]) -> dict[tuple[int, int], datetime]:
    """Give when each person confirmed each of some revisions, by revision and person."""
    rows = session.execute(
        sa.select(
            Acknowledgement.revision_id,
            Acknowledgement.person_id,
            sa.func.max(Acknowledgement.acknowledged_at),
        )
        .where(Acknowledgement.revision_id.in_(revision_ids))
        .group_by(Acknowledgement.revision_id, Acknowledgement.person_id)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def approved_on(session: Session, revision_ids: list[int]) -> dict[int, datetime]:
    """Give when each of some revisions was approved."""
    rows = session.execute(
        sa.select(Revision.id, Revision.approved_at).where(
            Revision.id.in_(revision_ids), Revision.approved_at.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}
