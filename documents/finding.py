"""Finding the document in force as people type (7.5.3.1 a; D6, L20, a54, a55)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.kernel.passages import Spans, passage
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import Standing
from app.kernel.search import Scope, SearchEntry, find, nearest
from documents.models import (
    Confidentiality,
    DocumentKind,
    FileReading,
    Revision,
)
from documents.models.document import Document
from documents.register import current_for, takes_part_in, works_on

# who looks for a procedure by its name wants it before its forms
_BEHIND = frozenset({str(DocumentKind.FORM), str(DocumentKind.RECORD_TYPE)})


@dataclass(frozen=True)
class Found:
    """A revision that was found, with the passage where the words stand."""

    revision: Revision
    spans: Spans = field(default_factory=list)

    @property
    def document(self) -> Document:
        return self.revision.document


def search(
    session: Session,
    standing: Standing,
    text: str,
    *,
    body_id: int,
    kind: DocumentKind | None = None,
    every_revision: bool = False,
    limit: int = 20,
    with_passages: bool = True,
) -> list[Found]:
    """Find what a person may read: the revisions in force, or every one they may see."""
    hits = find(
        session,
        text,
        scope=Scope(body_id, is_current_only=not every_revision, behind=_BEHIND),
        where=_readable(standing, kind, every_revision=every_revision),
        limit=limit,
    )
    revisions = _revisions(session, [hit.entry.revision_id for hit in hits])
    shown = {
        hit.entry.revision_id
        for hit in hits
        if with_passages
        and hit.entry.revision_id in revisions
        and revisions[hit.entry.revision_id].document.confidentiality is not Confidentiality.NAMED
    }
    texts = _texts(session, [revisions[revision_id] for revision_id in shown])
    return [
        Found(
            revisions[hit.entry.revision_id],
            passage(texts.get(hit.entry.revision_id, []), text),
        )
        for hit in hits
        if hit.entry.revision_id in revisions
    ]


def nearest_titles(
    session: Session, standing: Standing, text: str, *, body_id: int
) -> list[Revision]:
    """Give three documents whose titles look like what was typed, for when nothing was found."""
    entries = nearest(session, text, scope=Scope(body_id), where=_readable(standing, None))
    revisions = _revisions(session, [entry.revision_id for entry in entries])
    return [revisions[entry.revision_id] for entry in entries if entry.revision_id in revisions]


def whom_to_tell(session: Session, body_id: int, on: date) -> Person | None:
    """Give the quality officer of a body: who is told when something cannot be found."""
    return session.scalars(
        sa.select(Person)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.body_id == body_id,
            Appointment.role == Role.QUALITY_OFFICER,
            Appointment.from_on <= on,
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
            Person.disabled_at.is_(None),
        )
        .order_by(Appointment.id)
        .limit(1)
    ).one_or_none()


def _readable(
    standing: Standing, kind: DocumentKind | None, *, every_revision: bool = False
) -> Any:
    """Condition on entries of search: this person may read that revision (D6, O4)."""
    in_force = sa.exists().where(Document.id == SearchEntry.document_id, current_for(standing))
    condition: Any = sa.and_(SearchEntry.is_current, in_force)
    taken = aliased(Revision)
    part = sa.exists().where(taken.id == SearchEntry.revision_id, takes_part_in(standing, taken))
    condition = sa.or_(condition, part)
    if every_revision:
        charge = sa.exists().where(Document.id == SearchEntry.document_id, works_on(standing))
        condition = sa.or_(condition, charge)
    if kind is not None:
        condition = sa.and_(SearchEntry.kind == str(kind), condition)
    return condition


def _revisions(session: Session, ids: list[int]) -> dict[int, Revision]:
    if not ids:
        return {}
    found = session.scalars(
        sa.select(Revision)
        .where(Revision.id.in_(ids))
        .options(
            joinedload(Revision.document).joinedload(Document.lead_unit),
            selectinload(Revision.all_files),
        )
    )
    return {revision.id: revision for revision in found}


def _texts(session: Session, revisions: list[Revision]) -> dict[int, list[str]]:
    """Give the kept paragraphs and cells of revisions, without opening any file."""
    digests = {
        revision.id: revision.main_file.sha256 for revision in revisions if revision.main_file
    }
    if not digests:
        return {}
    readings = dict[str, list[str]]()
    for sha256, content in session.execute(
        sa.select(FileReading.sha256, FileReading.content)
        .where(FileReading.sha256.in_(set(digests.values())))
        .order_by(FileReading.id)
    ):
        readings[sha256] = _paragraphs(content)
    return {
        revision_id: readings[sha256]
        for revision_id, sha256 in digests.items()
        if sha256 in readings
    }


def _paragraphs(content: str) -> list[str]:
    found: list[str] = []
    for block in json.loads(content)["blocks"]:
        if block["rows"]:
            found += [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
        else:
            found.append(block["text"])
    return found
