"""Which documents a body gives to those below, and where each of them stands (O4): pages by key.

However many documents and bodies there are, a page takes the same number of questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from app.kernel.organisation import Body, bodies_below
from app.kernel.permissions import Standing
from app.kernel.search import sort_key
from documents.models import (
    Adoption,
    AdoptionEnd,
    Document,
    Publication,
    PublicationBody,
    PublicationMode,
    Revision,
    RevisionState,
)
from documents.visibility import current_for

PAGE = 50
T = TypeVar("T")


@dataclass(frozen=True)
class BodyStatus:
    """One body a document was given to, with what it adopted of it."""

    body: Body
    adoption: Adoption | None
    is_present: bool


@dataclass(frozen=True)
class Published:
    """One published document, how many bodies it reaches and how many work by this edition."""

    publication: Publication
    document: Document
    current: Revision | None
    reached: int
    present: int
    earlier: int

    @property
    def missing(self) -> int:
        """Count the bodies that have not adopted the edition in force."""
        if self.publication.mode is PublicationMode.BINDING:
            return 0
        return self.reached - self.present


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows by code, and the documents its neighbours go on from."""

    rows: list[T]
    before_id: int | None = None
    after_id: int | None = None


@dataclass(frozen=True)
class Standings:
    """One body below: how many documents it is to adopt, and how many it has."""

    body: Body
    asked: int
    present: int


CURRENT: Any = aliased(Revision)


def in_force(document: Any = Document) -> Any:
    return sa.and_(CURRENT.document_id == document.id, CURRENT.state == RevisionState.EFFECTIVE)


def page_of(
    session: Session, query: Any, *, after: int | None, before: int | None
) -> tuple[list[Any], int | None, int | None]:
    """Give 50 rows by code from a document on, or up to one, with the way on and back."""
    order = (Document.code_sort, Document.id)
    edge = session.execute(
        sa.select(Document.code_sort, Document.id).where(Document.id == (after or before or 0))
    ).one_or_none()
    backwards = edge is not None and not after
    if edge is not None:
        key = sa.tuple_(sa.literal(edge.code_sort), sa.literal(edge.id))
        query = query.where(sa.tuple_(*order) < key if backwards else sa.tuple_(*order) > key)
    ordered = [column.desc() for column in order] if backwards else list(order)
    rows = list(session.execute(query.order_by(*ordered).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    back = more if backwards else edge is not None
    on = True if backwards else more
    first = rows[0].Document.id if rows and back else None
    return rows, first, rows[-1].Document.id if rows and on else None


def _reached_count(below: frozenset[int]) -> Any:
    named = (
        sa.select(sa.func.count())
        .where(
            PublicationBody.publication_id == Publication.id,
            PublicationBody.body_id.in_(below),
        )
        .correlate(Publication)
        .scalar_subquery()
    )
    return sa.case((Publication.is_for_all, len(below)), else_=named)


def _adopted_count(below: frozenset[int], *conditions: Any) -> Any:
    return (
        sa.select(sa.func.count())
        .where(
            Adoption.publication_id == Publication.id,
            Adoption.ended_at.is_(None),
            Adoption.body_id.in_(below),
            *conditions,
        )
        .correlate(Publication, CURRENT)
        .scalar_subquery()
    )


def published(
    session: Session,
    standing: Standing,
    body_id: int,
    *,
    only_missing: bool = False,
    missing_at: int | None = None,
    after: int | None = None,
    before: int | None = None,
) -> Page[Published]:
    """Give a page of what a body has published, with the counts of each document."""
    below = bodies_below(session, body_id)
    reached = _reached_count(below)
    present = _adopted_count(below, Adoption.revision_id == CURRENT.id)
    every = _adopted_count(below)
    query = (
        sa.select(
            Publication, Document, CURRENT, reached.label("reached"),
            present.label("present"), every.label("every"),
        )
        .join(Document, Document.id == Publication.document_id)
        .outerjoin(CURRENT, in_force())
        .where(
            Publication.body_id == body_id, Publication.ended_at.is_(None), current_for(standing)
        )
    )  # fmt: skip
    if only_missing or missing_at is not None:
        query = query.where(Publication.mode == PublicationMode.TO_ADOPT)
    if only_missing:
        query = query.where(present < reached)
    if missing_at is not None:
        query = query.where(reaches(missing_at), ~_has_present(missing_at))
    rows, first, last = page_of(session, query, after=after, before=before)
    return Page(
        [
            Published(row[0], row[1], row[2], row.reached, row.present, row.every - row.present)
            for row in rows
        ],
        first,
        last,
    )


def reaches(body_id: int) -> Any:
    named = sa.exists().where(
        PublicationBody.publication_id == Publication.id, PublicationBody.body_id == body_id
    )
    return sa.or_(Publication.is_for_all, named)


def _has_present(body_id: int) -> Any:
    return sa.exists().where(
        Adoption.publication_id == Publication.id,
        Adoption.body_id == body_id,
        Adoption.ended_at.is_(None),
        Adoption.revision_id == CURRENT.id,
    )


def standings_below(session: Session, body_id: int) -> list[Standings]:
    """Give every body below by name: of how many documents to adopt it works by how many."""
    below = bodies_below(session, body_id)
    open_ones = (
        Publication.body_id == body_id,
        Publication.ended_at.is_(None),
        Publication.mode == PublicationMode.TO_ADOPT,
    )
    for_all = session.scalar(
        sa.select(sa.func.count()).where(*open_ones, Publication.is_for_all)
    ) or 0  # fmt: skip
    named = dict(
        session.execute(
            sa.select(PublicationBody.body_id, sa.func.count())
            .join(Publication, Publication.id == PublicationBody.publication_id)
            .where(*open_ones, ~Publication.is_for_all)
            .group_by(PublicationBody.body_id)
        ).all()
    )
    present = dict(
        session.execute(
            sa.select(Adoption.body_id, sa.func.count())
            .join(Publication, Publication.id == Adoption.publication_id)
            .join(Revision, Revision.id == Adoption.revision_id)
            .where(
                *open_ones,
                Adoption.ended_at.is_(None),
                Revision.state == RevisionState.EFFECTIVE,
            )
            .group_by(Adoption.body_id)
        ).all()
    )
    bodies = session.scalars(sa.select(Body).where(Body.id.in_(below)))
    return [
        Standings(body, for_all + named.get(body.id, 0), present.get(body.id, 0))
        for body in sorted(bodies, key=lambda body: sort_key(body.name))
    ]


def statuses(
    session: Session, publication: Publication, current: Revision | None
) -> list[BodyStatus]:
    """Give every body a document reaches by name, with the edition it has adopted."""
    below = bodies_below(session, publication.body_id)
    bodies = session.scalars(sa.select(Body).where(Body.id.in_(below))).all()
    adopted = {
        adoption.body_id: adoption
        for adoption in session.scalars(
            sa.select(Adoption)
            .where(Adoption.publication_id == publication.id, Adoption.ended_at.is_(None))
            .options(
                joinedload(Adoption.revision).joinedload(Revision.document),
                joinedload(Adoption.adopted_by),
            )
        )
    }
    return [
        BodyStatus(
            body,
            found := adopted.get(body.id),
            found is not None and current is not None and found.revision_id == current.id,
        )
        for body in sorted(bodies, key=lambda body: sort_key(body.name))
        if publication.reaches(body.id)
    ]


def taken_back(session: Session, document: Document) -> list[Adoption]:
    """Give the adoptions that ended because the document was taken back, newest first."""
    return list(
        session.scalars(
            sa.select(Adoption)
            .join(Publication, Publication.id == Adoption.publication_id)
            .where(
                Publication.document_id == document.id,
                Adoption.ended_because == AdoptionEnd.WITHDRAWN,
            )
            .options(joinedload(Adoption.body), joinedload(Adoption.revision))
            .order_by(Adoption.ended_at.desc(), Adoption.id.desc())
            .limit(500)
        )
    )
