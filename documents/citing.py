"""What cites what: rows read from the texts in force, in both directions (a46, a47, D12, L23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.kernel.permissions import Standing
from app.kernel.search import code_key
from documents import register
from documents.models import (
    Citation,
    Confidentiality,
    Document,
    ExternalDocument,
    Revision,
    RevisionState,
)
from documents.models.external_document import number_key
from documents.visibility import visible

PAGE = 50


@dataclass(frozen=True)
class Unknown:
    """A law or standard that texts cite and nobody has registered, and how many cite it."""

    key: str
    number: str
    documents: int


@dataclass(frozen=True)
class Cited:
    """A page of the revisions in force that cite something."""

    rows: list[Citation]
    following: int | None


def keep_citations(session: Session, revision: Revision) -> None:
    """Write what a revision's text cites as rows, in the transaction that puts it into force."""
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    if reading is None:
        return
    found: dict[str, Citation] = {}
    for one in reading.citations:
        law = one.kind in ("law", "standard")
        key = (number_key(one.number) if law else code_key(one.number))[:120]
        if not key or key == revision.document.code_key:
            continue
        if key in found:
            found[key].times += one.times
            continue
        found[key] = Citation(
            body_id=revision.body_id,
            revision_id=revision.id,
            is_law=law,
            number=one.number[:120],
            number_key=key,
            times=one.times,
            passage=one.passage,
        )
    session.execute(sa.delete(Citation).where(Citation.revision_id == revision.id))
    laws = _by_key(session, ExternalDocument, ExternalDocument.number_key, revision, found)
    documents = _by_key(session, Document, Document.code_key, revision, found)
    for key, row in found.items():
        row.external_id = laws.get(key) if row.is_law else None
        row.cited_id = documents.get(key) if not row.is_law else None
    session.add_all(found.values())
    _meet(session, revision)
    session.flush()


def _by_key(
    session: Session, kind: Any, column: Any, revision: Revision, keys: Iterable[str]
) -> dict[str, int]:
    rows = session.execute(
        sa.select(column, kind.id).where(kind.body_id == revision.body_id, column.in_(list(keys)))
    )
    return {row[0]: row[1] for row in rows}


def _meet(session: Session, revision: Revision) -> None:
    """Tie earlier citations of this document's code to it: it was cited before it existed."""
    session.execute(
        sa.update(Citation)
        .where(
            Citation.body_id == revision.body_id,
            Citation.number_key == revision.document.code_key,
            Citation.is_law.is_(False),
            Citation.cited_id.is_(None),
        )
        .values(cited_id=revision.document_id)
    )


def tie_to(session: Session, law: ExternalDocument) -> None:
    """Tie what cites a number to the law that is registered under it now."""
    session.execute(
        sa.update(Citation)
        .where(
            Citation.body_id == law.body_id,
            Citation.number_key == law.number_key,
            Citation.is_law.is_(True),
        )
        .values(external_id=law.id)
    )


def _in_force(standing: Standing) -> Any:
    return (
        sa.select(Citation)
        .join(Citation.revision)
        .join(Revision.document)
        .where(Revision.state == RevisionState.EFFECTIVE, visible(standing))
        .options(
            contains_eager(Citation.revision)
            .contains_eager(Revision.document)
            .options(joinedload(Document.keeper), joinedload(Document.lead_unit))
        )
    )


def where_used(
    session: Session,
    standing: Standing,
    *,
    law: ExternalDocument | None = None,
    document: Document | None = None,
    after: int | None = None,
    most: int = PAGE,
) -> Cited:
    """Give the revisions in force that cite a law or a document, with the passage (a46)."""
    query = _in_force(standing)
    if law is not None:
        query = query.where(Citation.external_id == law.id)
    if document is not None:
        query = query.where(Citation.cited_id == document.id)
    if after is not None:
        query = query.where(Citation.id > after)
    rows = list(session.scalars(query.order_by(Citation.id).limit(most + 1)))
    return Cited(rows[:most], rows[most - 1].id if len(rows) > most else None)


def cited_by(session: Session, revision: Revision) -> list[Citation]:
    """Give what a revision cites, laws first, as its rows say."""
    return list(
        session.scalars(
            sa.select(Citation)
            .where(Citation.revision_id == revision.id)
            .options(
                joinedload(Citation.external).joinedload(ExternalDocument.changed_by),
                joinedload(Citation.cited),
            )
            .order_by(Citation.is_law.desc(), Citation.number_key)
        )
    )


def passage_of(citation: Citation) -> str:
    """Give the passage as witness; nothing of a text that named people alone may read."""
    if citation.revision.document.confidentiality is Confidentiality.NAMED:
        return ""
    return citation.passage


def use_counts(session: Session, standing: Standing, law_ids: list[int]) -> dict[int, int]:
    """Count for each law the documents in force that cite it, as far as one may know of them."""
    rows = session.execute(
        sa.select(Citation.external_id, sa.func.count())
        .join(Revision, Revision.id == Citation.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .where(
            Citation.external_id.in_(law_ids),
            Revision.state == RevisionState.EFFECTIVE,
            visible(standing),
        )
        .group_by(Citation.external_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def unknown_numbers(
    session: Session, standing: Standing, body_id: int, *, after: str = "", most: int = PAGE
) -> tuple[list[Unknown], str]:
    """Give a page of the numbers cited and not registered, and the key the next begins after."""
    rows = session.execute(
        sa.select(Citation.number_key, sa.func.min(Citation.number), sa.func.count())
        .join(Revision, Revision.id == Citation.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .where(
            Citation.body_id == body_id,
            Citation.is_law.is_(True),
            Citation.external_id.is_(None),
            Citation.number_key > after,
            Revision.state == RevisionState.EFFECTIVE,
            visible(standing),
        )
        .group_by(Citation.number_key)
        .order_by(Citation.number_key)
        .limit(most + 1)
    ).all()
    found = [Unknown(key, number, count) for key, number, count in rows[:most]]
    return found, found[-1].key if len(rows) > most else ""


def passages_naming(session: Session, standing: Standing, body_id: int, key: str) -> list[str]:
    """Give some passages that name a number, longest first: what they say of it is known."""
    rows = session.scalars(
        _in_force(standing)
        .where(Citation.body_id == body_id, Citation.number_key == key, Citation.is_law.is_(True))
        .order_by(Citation.id)
        .limit(20)
    )
    return sorted((passage_of(row) for row in rows), key=len, reverse=True)
