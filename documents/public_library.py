"""What anybody may find and read without an account: public documents in force (section 7; O4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from app.kernel.errors import NotFound
from app.kernel.organisation import Body, Unit
from app.kernel.search import code_key, fold, sort_key, words
from documents.models import (
    Assignment,
    Confidentiality,
    Document,
    DocumentKind,
    Revision,
    RevisionFile,
    RevisionState,
)

PAGE = 50
MOST_FORMS = 50
MOST_FIELDS = 100


@dataclass(frozen=True)
class PublicForm:
    """A form that goes with a procedure, to be taken along."""

    code: str
    title: str
    document_id: int


@dataclass(frozen=True)
class Library:
    """One page of a body's public documents, with the units and fields they belong to."""

    revisions: Sequence[Revision]
    units: Sequence[Unit]
    fields: Sequence[str]
    after: int | None


def _is_public() -> Any:
    """Condition on documents joined with a revision: everybody may read this one now."""
    return sa.and_(
        Document.confidentiality == Confidentiality.PUBLIC,
        Document.code.is_not(None),
        Revision.state == RevisionState.EFFECTIVE,
    )


def public_bodies(session: Session) -> Sequence[Body]:
    """Give the bodies that show anything to everybody, by name."""
    shows = (
        sa.exists()
        .where(Document.body_id == Body.id, Revision.document_id == Document.id, _is_public())
        .correlate(Body)
    )
    return session.scalars(sa.select(Body).where(shows).order_by(Body.name, Body.id)).all()


def body_by_code(session: Session, code: str) -> Body:
    """Give a body by its code; NotFound where it shows nothing to everybody."""
    found = next((body for body in public_bodies(session) if body.code == code), None)
    if found is None:
        raise NotFound()
    return found


def library(
    session: Session,
    body: Body,
    *,
    text: str = "",
    unit_id: int | None = None,
    field: str = "",
    after: int | None = None,
) -> Library:
    """Give public documents by code: procedures before their forms; tone marks are not needed."""
    own = (Document.body_id == body.id, _is_public())
    query = (
        sa.select(Revision)
        .join(Revision.document)
        .join(Document.lead_unit)
        .options(contains_eager(Revision.document).contains_eager(Document.lead_unit))
        .where(*own)
    )
    asked = [fold(word) for word in words(text)]
    if asked:
        by_title = sa.and_(
            *(Document.title_folded.contains(word, autoescape=True) for word in asked)
        )
        key = code_key(text)
        by_code = Document.code_key.contains(key, autoescape=True)
        query = query.where(sa.or_(by_title, by_code) if key else by_title)
    else:  # who looks around wants procedures; forms stand with theirs
        query = query.where(Document.kind != DocumentKind.FORM)
    if unit_id is not None:
        query = query.where(Document.lead_unit_id == unit_id)
    if field:
        query = query.where(_of_field(Assignment.procedure_field == field))
    edge = session.get(Document, after) if after is not None else None
    if edge is not None and edge.body_id == body.id:
        order = sa.tuple_(Document.code_sort, Document.id)
        query = query.where(order > sa.tuple_(sa.literal(edge.code_sort), sa.literal(edge.id)))
    found = session.scalars(query.order_by(Document.code_sort, Document.id).limit(PAGE + 1)).all()
    units = session.scalars(
        sa.select(Unit)
        .where(
            sa.exists()
            .where(Document.lead_unit_id == Unit.id, Revision.document_id == Document.id, *own)
            .correlate(Unit)
        )
        .order_by(Unit.sort_key, Unit.id)
    ).all()
    fields = session.scalars(
        sa.select(Assignment.procedure_field)
        .where(
            Assignment.procedure_field != "",
            sa.exists()
            .where(Document.id == Assignment.document_id, Revision.document_id == Document.id, *own)
            .correlate(Assignment),
        )
        .distinct()
        .limit(MOST_FIELDS)
    )
    more = len(found) > PAGE
    found = found[:PAGE]
    return Library(
        found, units, sorted(fields, key=sort_key), found[-1].document_id if more else None
    )


def _of_field(condition: Any) -> Any:
    """Condition on documents: they govern a procedure of a field, by the matrix of their body."""
    return sa.exists().where(
        Assignment.document_id == Document.id,
        Assignment.body_id == Document.body_id,
        Assignment.valid_until.is_(None),
        condition,
    )


def public_revision(session: Session, body: Body, code: str) -> Revision:
    """Give what of a public document is in force; NotFound for everything else alike."""
    found = session.scalars(
        sa.select(Revision)
        .join(Revision.document)
        .options(
            contains_eager(Revision.document).joinedload(Document.lead_unit),
            selectinload(Revision.all_files),
        )
        .where(Document.body_id == body.id, Document.code_key == code_key(code), _is_public())
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def forms_of(session: Session, document: Document) -> tuple[PublicForm, ...]:
    """Give the forms that belong to a public document and may be taken by everybody."""
    rows = session.execute(
        sa.select(Document.code, Revision.title, Document.id)
        .join(Revision, Revision.document_id == Document.id)
        .where(
            Document.parent_id == document.id,
            Document.body_id == document.body_id,
            Document.kind == DocumentKind.FORM,
            _is_public(),
        )
        .order_by(Document.code_sort, Document.id)
        .limit(MOST_FORMS)
    )
    return tuple(PublicForm(code or "", title, key) for code, title, key in rows)


def public_file(session: Session, document_id: int) -> tuple[Revision, RevisionFile]:
    """Give the main file of a public document in force; NotFound for everything else alike."""
    found = session.scalars(
        sa.select(Revision)
        .join(Revision.document)
        .options(contains_eager(Revision.document), joinedload(Revision.package))
        .where(Document.id == document_id, _is_public())
    ).one_or_none()
    main = found.main_file if found is not None else None
    if found is None or main is None:
        raise NotFound()
    return found, main
