"""What a document stands among: its revisions, forms, the documents it cites (7.5.3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.permissions import Standing, may
from app.kernel.search import code_key
from documents import register
from documents.content.blocks import Citation, Reading
from documents.models import (
    DigitalCopy,
    Document,
    ExternalDocument,
    ImportedHistory,
    Revision,
    RevisionAuthor,
    RevisionState,
    SealTry,
    Withdrawal,
)
from documents.models.external_document import number_key
from documents.permissions import DocumentPermission
from documents.visibility import visible


@dataclass(frozen=True)
class Related:
    """A document beside this one, with its revision in force if there is one."""

    document: Document
    current: Revision | None


@dataclass(frozen=True)
class Cited:
    """A citation of the text, with what it names: a document the viewer may see, or a law.

    `is_gone` says that the document it names has no revision in force (a47).
    """

    citation: Citation
    document: Document | None
    law: ExternalDocument | None = None
    is_gone: bool = False


class Traces(NamedTuple):
    """What there is of a document beside its revisions: most have none of it.

    One question instead of one for each; what is there is then read by those whose subject it is.
    """

    is_translated: bool
    is_withdrawn_or_to_be: bool
    has_digital_copies: bool
    is_imported: bool
    has_failed_seals: bool


def _traces() -> Any:
    document_id: Any = sa.bindparam("document_id", type_=sa.BigInteger())
    revisions = sa.select(Revision.id).where(Revision.document_id == document_id)
    return sa.select(
        sa.exists().where(Document.translates_id == document_id),
        sa.exists().where(Withdrawal.document_id == document_id),
        sa.exists().where(DigitalCopy.revision_id.in_(revisions)),
        sa.exists().where(ImportedHistory.revision_id.in_(revisions)),
        sa.exists().where(SealTry.revision_id.in_(revisions)),
    )


_TRACES = _traces()
# put together once: building it takes as long as asking it
_REVISIONS = (
    sa.select(Revision)
    .where(Revision.document_id == sa.bindparam("document_id"))
    .options(
        # few rows each: one wide question costs less than many narrow ones
        joinedload(Revision.all_files),
        joinedload(Revision.distribution),
        joinedload(Revision.author_links).joinedload(RevisionAuthor.person),
        joinedload(Revision.package),
    )
    .order_by(Revision.edition, Revision.amendment, Revision.id)
)


@dataclass(frozen=True)
class Life:
    """The revisions of a document as one person may know of them.

    `readable` are those they may read, oldest first; `editions` those that are or were in force,
    in the order they came: the document's life, known to every reader. `traces` says what else
    there is of the document.
    """

    readable: list[Revision]
    editions: list[Revision]
    traces: Traces


def life_of(session: Session, standing: Standing, document: Document) -> Life:
    """Give the revisions of a document, for this person (D5, D6)."""
    found = session.scalars(_REVISIONS, {"document_id": document.id}).unique().all()
    register.read_routes(session, found)
    in_force = [(one.effective_at, one.id, one) for one in found if one.effective_at is not None]
    traces = session.connection().execute(_TRACES, {"document_id": document.id}).one()
    return Life(
        [one for one in found if may(standing, DocumentPermission.READ_REVISION, one)],
        [one for _moment, _number, one in sorted(in_force, key=lambda entry: entry[:2])],
        Traces(*map(bool, traces)),
    )


def children_of(session: Session, standing: Standing, document: Document) -> list[Related]:
    """Give the forms and other documents below this one that the viewer may see (a3)."""
    rows = session.execute(
        sa.select(Document, Revision)
        .outerjoin(
            Revision,
            sa.and_(Revision.document_id == Document.id, Revision.state == RevisionState.EFFECTIVE),
        )
        .where(Document.parent_id == document.id, visible(standing))
        .order_by(Document.code_sort, Document.id)
        .limit(200)
    )
    return [Related(child, current) for child, current in rows]


def cited_by_text(
    session: Session, standing: Standing, document: Document, reading: Reading | None
) -> list[Cited]:
    """Give what the text refers to; documents of the body are joined where they may be seen."""
    if reading is None:
        return []
    keys = {code_key(citation.number) for citation in reading.citations}
    known = {
        found.code_key: found
        for found in session.scalars(
            sa.select(Document).where(
                Document.body_id == document.body_id,
                Document.code_key.in_(keys),
                visible(standing),
            )
        )
    }
    in_force = set(
        session.scalars(
            sa.select(Revision.document_id).where(
                Revision.document_id.in_([found.id for found in known.values()]),
                Revision.state == RevisionState.EFFECTIVE,
            )
        )
    )
    # who reads another body's document finds the laws in their own body's register (O4)
    is_given = document.body_id in standing.above_body_ids
    laws = {
        law.number_key: law
        for law in session.scalars(
            sa.select(ExternalDocument)
            .options(joinedload(ExternalDocument.changed_by))
            .where(
                ExternalDocument.body_id == (standing.body_id if is_given else document.body_id),
                ExternalDocument.number_key.in_(
                    {number_key(one.number) for one in reading.citations if _is_law(one)}
                ),
            )
        )
    }
    listed = []
    for one in reading.citations:
        if _is_law(one):
            listed.append(Cited(one, None, laws.get(number_key(one.number))))
            continue
        named = known.get(code_key(one.number))
        listed.append(Cited(one, named, None, named is not None and named.id not in in_force))
    return listed


def _is_law(citation: Citation) -> bool:
    return citation.kind in ("law", "standard")
