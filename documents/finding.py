"""Finding the document in force as people type (7.5.3.1 a; D6, L20, a54, a55)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, load_only

from app.kernel.organisation import Unit
from app.kernel.passages import Spans, passage
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import Standing
from app.kernel.search_index import Hits, Scope, SearchEntry, find, nearest
from documents.adoption_register import publishers_to
from documents.models import (
    Confidentiality,
    DocumentKind,
    FileReading,
    FileRole,
    Revision,
    RevisionFile,
)
from documents.models.document import Document
from documents.register import recognised_words
from documents.visibility import (
    Sight,
    current_for,
    published_to,
    sight_of,
    takes_part_in,
    works_on,
)

# who looks for a procedure by its name wants it before its forms
_BEHIND = frozenset({str(DocumentKind.FORM), str(DocumentKind.RECORD_TYPE)})
_SHOWN = (
    Revision.body_id,
    Revision.document_id,
    Revision.edition,
    Revision.amendment,
    Revision.state,
    Revision.title,
    Revision.proposed_code,
    Revision.effective_at,
)
_SHOWN_OF_DOCUMENT = (
    Document.body_id,
    Document.lead_unit_id,
    Document.code,
    Document.title,
    Document.kind,
    Document.confidentiality,
)


@dataclass(frozen=True)
class Found:
    """A revision that was found, with the passage where the words stand."""

    revision: Revision
    spans: Spans = field(default_factory=list)
    is_recognised: bool = False  # the passage is what a machine saw on a scan (a54)

    @property
    def document(self) -> Document:
        return self.revision.document


class Results(list[Found]):
    """What was found, best first; `is_cut` where the search gave up looking for more in time."""

    is_cut = False


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
) -> Results:
    """Find what a person may read: the revisions in force, or every one they may see.

    What a higher body has published to this one is found as well (O4), after one's own that
    match as closely.
    """
    hits = find(
        session,
        text,
        scope=Scope(body_id, is_current_only=not every_revision, behind=_BEHIND),
        where=_readable(standing, kind, every_revision=every_revision),
        limit=limit,
    )
    publishers = publishers_to(session, body_id, standing)
    if publishers:
        hits = _with_published(session, standing, text, hits, body_id, publishers, kind, limit)
    revisions = _revisions(session, [hit.entry.revision_id for hit in hits])
    shown = {
        hit.entry.revision_id
        for hit in hits
        if with_passages
        and hit.entry.revision_id in revisions
        and revisions[hit.entry.revision_id].document.confidentiality is not Confidentiality.NAMED
    }
    texts = _texts(session, shown)
    results = Results(
        _found(revisions[hit.entry.revision_id], texts.get(hit.entry.revision_id), text)
        for hit in hits
        if hit.entry.revision_id in revisions
    )
    results.is_cut = hits.is_cut
    return results


@dataclass
class _Texts:
    """The paragraphs of one revision: as read, and as recognised on a scan."""

    read: list[str] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)


def _found(revision: Revision, texts: _Texts | None, text: str) -> Found:
    if texts is None:
        return Found(revision)
    if texts.recognised and (seen := passage(texts.recognised, text)):
        return Found(revision, seen, is_recognised=True)
    return Found(revision, passage(texts.read, text))


def _with_published(
    session: Session,
    standing: Standing,
    text: str,
    hits: Hits,
    body_id: int,
    publishers: frozenset[int],
    kind: DocumentKind | None,
    limit: int,
) -> Hits:
    """Add what was found among the documents given to the body, best first."""
    given = sa.exists().where(
        Document.id == SearchEntry.document_id, published_to(body_id, publishers)
    )
    where = sa.and_(_readable(standing, kind), given)
    found = Hits(hits)
    found.is_cut = hits.is_cut
    for other in sorted(publishers):
        more = find(session, text, scope=Scope(other, behind=_BEHIND), where=where, limit=limit)
        found += more
        found.is_cut |= more.is_cut
    found.sort(key=lambda hit: hit.tier)
    del found[limit:]
    return found


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
    condition = _seen(sight_of(standing), every_revision)
    if kind is not None:
        condition = sa.and_(SearchEntry.kind == str(kind), condition)
    return condition


@lru_cache(maxsize=512)
def _seen(sight: Sight, every_revision: bool) -> Any:
    in_force = sa.exists().where(Document.id == SearchEntry.document_id, current_for(sight))
    condition: Any = sa.and_(SearchEntry.is_current, in_force)
    taken = aliased(Revision)
    part = sa.exists().where(taken.id == SearchEntry.revision_id, takes_part_in(sight, taken))
    condition = sa.or_(condition, part)
    if every_revision:
        charge = sa.exists().where(Document.id == SearchEntry.document_id, works_on(sight))
        condition = sa.or_(condition, charge)
    return condition


def _revisions(session: Session, ids: list[int]) -> dict[int, Revision]:
    """Give revisions with what a list of results shows of them."""
    if not ids:
        return {}
    found = session.scalars(
        sa.select(Revision)
        .where(Revision.id.in_(ids))
        .join(Revision.document)
        .join(Document.lead_unit)
        .options(
            load_only(*_SHOWN),
            contains_eager(Revision.document).options(
                load_only(*_SHOWN_OF_DOCUMENT),
                contains_eager(Document.lead_unit).load_only(Unit.name),
            ),
        )
    )
    return {revision.id: revision for revision in found}


def _texts(session: Session, revision_ids: set[int]) -> dict[int, _Texts]:
    """Give the kept paragraphs and cells of revisions, without opening any file."""
    digests = _main_files(session, revision_ids)
    if not digests:
        return {}
    readings = dict[str, _Texts]()
    scans = set[str]()
    for sha256, content in session.execute(
        sa.select(FileReading.sha256, FileReading.content)
        .where(FileReading.sha256.in_(set(digests.values())))
        .order_by(FileReading.id)
    ):
        kept = json.loads(content)
        readings[sha256] = _Texts(_paragraphs(kept))
        if kept.get("scan"):
            scans.add(sha256)
    if scans:
        for sha256, said in recognised_words(session, scans).items():
            readings[sha256].recognised = _paragraphs(json.loads(said))
    return {
        revision_id: readings[sha256]
        for revision_id, sha256 in digests.items()
        if sha256 in readings
    }


def _main_files(session: Session, revision_ids: set[int]) -> dict[int, str]:
    """Give the digest of each revision's main file: the first one of its newest round."""
    rows = session.execute(
        sa.select(
            RevisionFile.revision_id, RevisionFile.round, RevisionFile.role, RevisionFile.sha256
        )
        .where(RevisionFile.revision_id.in_(revision_ids), RevisionFile.replaced_at.is_(None))
        .order_by(RevisionFile.revision_id, RevisionFile.round.desc(), RevisionFile.id)
    ).all()
    newest: dict[int, int] = {}
    found: dict[int, str] = {}
    for revision_id, number, role, sha256 in rows:
        if newest.setdefault(revision_id, number) == number and role is FileRole.MAIN:
            found.setdefault(revision_id, sha256)
    return found


def _paragraphs(kept: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for block in kept["blocks"]:
        if block["rows"]:
            found += [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
        else:
            found.append(block["text"])
    return found
