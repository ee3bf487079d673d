"""What higher bodies have given to one, what of it applies and what waits for a decision (O4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.kernel.coded import N_, Coded
from app.kernel.errors import NotFound
from app.kernel.organisation import Body, bodies_above
from app.kernel.permissions import Standing
from documents.models import (
    Adoption,
    Confidentiality,
    Document,
    Publication,
    PublicationMode,
    Revision,
    RevisionState,
)
from documents.publication_register import CURRENT, Page, in_force, page_of, reaches
from documents.visibility import current_for


class OfferState(Coded):
    """Where a body stands with a document it was given."""

    WAITING = "waiting", N_("Waits for a decision")
    ADOPTED = "adopted", N_("Adopted")
    BINDING = "binding", N_("Binding")


@dataclass(frozen=True)
class Offered:
    """One document of a higher body as a body below sees it."""

    publication: Publication
    document: Document
    current: Revision
    adoption: Adoption | None

    @property
    def state(self) -> OfferState:
        """Say where the body stands with the edition in force."""
        if self.publication.mode is PublicationMode.BINDING:
            return OfferState.BINDING
        if self.adoption is not None and self.adoption.revision_id == self.current.id:
            return OfferState.ADOPTED
        return OfferState.WAITING


@dataclass(frozen=True)
class Mark:
    """What a list says of a document of another body: whose it is, whether it applies."""

    body_name: str
    mode: PublicationMode
    decided_on: date | None = None
    edition: str = ""
    is_present: bool = False
    number: str = ""  # of the decision it was adopted by


def _above(session: Session, standing: Standing, body_id: int) -> frozenset[int]:
    """Give who oversees a body: of the viewer's own it is known already."""
    own = body_id == standing.body_id
    return standing.above_body_ids if own else bodies_above(session, body_id)


def _given(session: Session, standing: Standing, body_id: int) -> Any:
    above = _above(session, standing, body_id)
    return (
        sa.select(Publication, Document, CURRENT, Adoption)
        .join(Document, Document.id == Publication.document_id)
        .join(CURRENT, in_force())
        .outerjoin(
            Adoption,
            sa.and_(
                Adoption.publication_id == Publication.id,
                Adoption.body_id == body_id,
                Adoption.ended_at.is_(None),
            ),
        )
        .where(
            Publication.body_id.in_(above),
            Publication.ended_at.is_(None),
            reaches(body_id),
            Document.confidentiality != Confidentiality.NAMED,
            current_for(standing),
        )
    )


def _in_state(state: OfferState) -> Any:
    match state:
        case OfferState.BINDING:
            return Publication.mode == PublicationMode.BINDING
        case OfferState.ADOPTED:
            return sa.and_(
                Publication.mode == PublicationMode.TO_ADOPT,
                Adoption.revision_id == CURRENT.id,
            )
    return sa.and_(
        Publication.mode == PublicationMode.TO_ADOPT,
        sa.or_(Adoption.id.is_(None), Adoption.revision_id != CURRENT.id),
    )


def offered(
    session: Session,
    standing: Standing,
    body_id: int,
    *,
    state: OfferState | None = None,
    document_id: int | None = None,
    after: int | None = None,
    before: int | None = None,
) -> Page[Offered]:
    """Give a page of what higher bodies have published to one, by code."""
    query = _given(session, standing, body_id).options(
        joinedload(Document.body),
        joinedload(Adoption.revision),
        joinedload(Adoption.adopted_by),
    )
    if state is not None:
        query = query.where(_in_state(state))
    if document_id is not None:
        query = query.where(Document.id == document_id)
    rows, first, last = page_of(session, query, after=after, before=before)
    return Page([Offered(*row) for row in rows], first, last)


def offered_counts(session: Session, standing: Standing, body_id: int) -> dict[OfferState, int]:
    """Count what applies to a body from above, and what waits for its decision."""
    if not _above(session, standing, body_id):
        return dict.fromkeys(OfferState, 0)
    given = _given(session, standing, body_id).with_only_columns(
        *(sa.func.coalesce(sa.func.sum(sa.case((_in_state(state), 1), else_=0)), 0)
          for state in OfferState),
        maintain_column_froms=True,
    )  # fmt: skip
    return dict(zip(OfferState, map(int, session.execute(given).one()), strict=True))


def offer_of(
    session: Session, standing: Standing, publication_id: int, revision_id: int
) -> tuple[Publication, Revision]:
    """Give what somebody ticked; NotFound for what was never given to their body."""
    found = session.execute(
        sa.select(Publication, Revision)
        .join(Revision, Revision.document_id == Publication.document_id)
        .where(
            Publication.id == publication_id,
            Revision.id == revision_id,
            Publication.body_id.in_(standing.above_body_ids),
            reaches(standing.body_id),
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found.Publication, found.Revision


def marks(session: Session, body_id: int, document_ids: list[int]) -> dict[int, Mark]:
    """Give for documents of other bodies in a list whose they are and whether they apply."""
    if not document_ids:
        return {}
    query = (
        sa.select(Publication, Body.name, Adoption)
        .join(Body, Body.id == Publication.body_id)
        .outerjoin(
            Adoption,
            sa.and_(
                Adoption.publication_id == Publication.id,
                Adoption.body_id == body_id,
                Adoption.ended_at.is_(None),
            ),
        )
        .outerjoin(Revision, Revision.id == Adoption.revision_id)
        .options(contains_eager(Adoption.revision))
        .where(
            Publication.document_id.in_(document_ids),
            Publication.ended_at.is_(None),
            reaches(body_id),
        )
    )
    found = {}
    for publication, name, adoption in session.execute(query):
        mark = Mark(name, publication.mode)
        if adoption is not None:
            revision = adoption.revision
            is_present = revision.state is RevisionState.EFFECTIVE
            mark = Mark(
                name, publication.mode, adoption.decided_on, revision.label, is_present,
                adoption.decision_number,
            )  # fmt: skip
        found[publication.document_id] = mark
    return found


def publishers_to(
    session: Session, body_id: int, standing: Standing | None = None
) -> frozenset[int]:
    """Give the bodies that have published something to one; nothing for most bodies."""
    above = (
        bodies_above(session, body_id) if standing is None else _above(session, standing, body_id)
    )
    if not above:
        return frozenset()
    return frozenset(
        session.scalars(
            sa.select(Publication.body_id)
            .where(
                Publication.body_id.in_(above),
                Publication.ended_at.is_(None),
                reaches(body_id),
            )
            .distinct()
        )
    )
