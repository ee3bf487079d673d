"""A document and its translation under one code; how far behind the translation is (D16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.permissions import Standing
from app.kernel.work import Work
from documents import register
from documents.drafting import DocumentData, open_document
from documents.facts import DocumentFact
from documents.models import Document, Revision, RevisionState
from documents.permissions import DocumentPermission


@dataclass(frozen=True)
class Lag:
    """How a translation stands to its original; `behind` counts revisions, 0 is up to date."""

    behind: int
    follows: str
    original: str  # the edition of the original in force; empty when none is any more


def open_obstacle(session: Session, original: Document) -> RuleBroken | None:
    """Say why no translation of a document can be opened; None when one can."""
    if original.translates_id is not None:
        return RuleBroken(N_("This is a translation itself. Open its original."), rule="D16")
    if original.code is None or register.effective_revision(session, original) is None:
        return RuleBroken(
            N_("Only an edition in force is translated. Bring the document into force first."),
            rule="D16",
        )
    if translation_of(session, original) is not None:
        return RuleBroken(N_("There is a translation already. Open that one."), rule="D16")
    return None


def open_translation(work: Work, original: Document, title: str) -> Document:
    """Open the English translation of a document; it has an approval of its own."""
    work.require(DocumentPermission.OPEN_DOCUMENT, original.lead_unit)
    original = work.fresh(original)
    if obstacle := open_obstacle(work.session, original):
        raise obstacle
    translation = open_document(
        work,
        DocumentData(
            kind=original.kind,
            lead_unit=original.lead_unit,
            title=title,
            parent=original.parent,
            confidentiality=original.confidentiality,
            clauses=tuple(original.clauses),
            process=original.process,
            keeper=original.keeper,
            review_months=original.review_months,
            retention_years=original.retention_years,
            units=tuple(link.unit for link in original.units),
            readers=tuple(reader.person for reader in original.readers),
        ),
    )
    translation.translates_id = original.id
    work.record(DocumentFact.TRANSLATION_OPENED, translation, original=original.code)
    return translation


def translation_of(session: Session, original: Document) -> Document | None:
    """Give the translation of a document."""
    return session.scalars(
        sa.select(Document).where(Document.translates_id == original.id)
    ).one_or_none()


def counterpart(session: Session, standing: Standing, found: Document) -> Document | None:
    """Give the same document in the other language, where the viewer may know of it."""
    other = (
        session.get(Document, found.translates_id)
        if found.translates_id is not None
        else translation_of(session, found)
    )
    return other if other is not None and register.sees(session, standing, other) else None


def lag_of(session: Session, revision: Revision | None) -> Lag | None:
    """Say how a revision of a translation stands; None for what is no translation."""
    if revision is None or revision.follows_id is None:
        return None
    return lags_of(session, [revision.id])[revision.id]


def lags_of(session: Session, revision_ids: Iterable[int]) -> dict[int, Lag]:
    """Say of revisions of translations how they stand; one question for a whole page."""
    rows = session.execute(_LAGS, {"revisions": list(revision_ids)})
    return {
        key: Lag(
            # an original that is no longer in force leaves nothing to be current by
            max(count, 1) if edition is None else count,
            f"{followed_edition:02d}/{followed_amendment:02d}",
            f"{edition:02d}/{amendment:02d}" if edition is not None else "",
        )
        for key, followed_edition, followed_amendment, count, edition, amendment in rows
    }


def _lags() -> Any:
    """Put the question of `lags_of` together, once: it takes longer than asking it."""
    followed, later, current = aliased(Revision), aliased(Revision), aliased(Revision)
    behind = (
        sa.select(sa.func.count())
        .where(
            later.document_id == followed.document_id,
            later.effective_at > followed.effective_at,
        )
        .correlate(followed)
        .scalar_subquery()
    )
    in_force = sa.and_(
        current.document_id == followed.document_id, current.state == RevisionState.EFFECTIVE
    )
    columns = Revision.id, followed.edition, followed.amendment, behind
    return (
        sa.select(*columns, current.edition, current.amendment)
        .join(followed, followed.id == Revision.follows_id)
        .outerjoin(current, in_force)
        .where(Revision.id.in_(sa.bindparam("revisions", expanding=True)))
    )


_LAGS: Final = _lags()
