"""The register: every read of documents that is more than one line (7.5.3; rules D6, O4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.kernel.calendar import today_of
from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from app.kernel.search import SearchEntry, code_key, put_entry
from documents.content.blocks import Reading, from_json, plain_text
from documents.models import (
    OPEN_STATES,
    Confidentiality,
    Document,
    DocumentReader,
    FileReading,
    FileRendition,
    ImportedHistory,
    Package,
    Revision,
    RevisionAuthor,
    RevisionState,
    Step,
    StepPerson,
)
from documents.permissions import READS_BODY, READS_UNIT, DocumentPermission


def document(
    session: Session, standing: Standing, code: str, *, body_id: int | None = None
) -> Document:
    """Give a document by code, in any spelling; NotFound when there is none for this person.

    Codes are unique within a body: the one the address names, else one's own before those one's
    own oversees (O4).
    """
    bodies = {body_id} if body_id else {standing.body_id, *standing.overseen_body_ids}
    found = session.scalars(
        sa.select(Document)
        .options(joinedload(Document.lead_unit), joinedload(Document.keeper))
        .where(
            Document.body_id.in_(bodies),
            Document.code_key == code_key(code),
            visible(standing),
        )
        .order_by(Document.body_id != standing.body_id, Document.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def document_by_id(session: Session, standing: Standing, document_id: int) -> Document:
    """Give a document by its key; NotFound when there is none for this person."""
    found = session.get(Document, document_id)
    if found is None or not sees(session, standing, found):
        raise NotFound()
    return found


def sees(session: Session, standing: Standing, found: Document) -> bool:
    """Say whether a person may know of a document: it is in force for them, or they work on it."""
    return bool(
        session.scalar(sa.select(Document.id).where(Document.id == found.id, visible(standing)))
    )


def revision(session: Session, standing: Standing, revision_id: int) -> Revision:
    """Give a revision by its key; NotFound when there is none for this person (D6)."""
    found = session.get(Revision, revision_id)
    if found is None or not may(standing, DocumentPermission.READ_REVISION, found):
        raise NotFound()
    return found


def package(session: Session, standing: Standing, package_id: int) -> Package:
    """Give a package by its key; NotFound when there is none for this person."""
    found = session.get(Package, package_id)
    if found is None or not may(standing, DocumentPermission.READ_REVISION, found):
        raise NotFound()
    return found


def effective_revision(session: Session, found: Document) -> Revision | None:
    """Give the one revision in force; None before the first and after withdrawal."""
    return session.scalars(
        sa.select(Revision).where(
            Revision.document_id == found.id, Revision.state == RevisionState.EFFECTIVE
        )
    ).one_or_none()


def open_revision(session: Session, found: Document) -> Revision | None:
    """Give the one revision on its way; None when nobody is working on one (D1)."""
    return session.scalars(
        sa.select(Revision).where(Revision.document_id == found.id, Revision.state.in_(OPEN_STATES))
    ).one_or_none()


def newest_in_force(session: Session, found: Document) -> Revision | None:
    """Give the latest revision that is or was in force: what the next one follows on."""
    return session.scalars(
        sa.select(Revision)
        .where(Revision.document_id == found.id, Revision.effective_at.is_not(None))
        .order_by(Revision.edition.desc(), Revision.amendment.desc(), Revision.id.desc())
        .limit(1)
    ).one_or_none()


def newest_imported(session: Session, found: Document) -> Revision | None:
    """Give the revision that was taken over last: what the next imported one follows on."""
    return session.scalars(
        sa.select(Revision)
        .where(Revision.document_id == found.id)
        .order_by(Revision.id.desc())
        .limit(1)
    ).one_or_none()


def history_of(session: Session, found: Revision | None) -> ImportedHistory | None:
    """Give what a revision brought along from before this system; None for one made here."""
    if found is None:
        return None
    return session.scalars(
        sa.select(ImportedHistory).where(ImportedHistory.revision_id == found.id)
    ).one_or_none()


def reading_of(session: Session, sha256: str) -> Reading | None:
    """Give what was read from a file; None when nothing was, as with documents on paper."""
    content = session.scalar(
        sa.select(FileReading.content)
        .where(FileReading.sha256 == sha256)
        .order_by(FileReading.id.desc())
        .limit(1)
    )
    return from_json(content) if content else None


def rendition_of(session: Session, sha256: str) -> FileRendition | None:
    """Give the unstamped PDF of a file; None until the job made it."""
    return session.scalars(
        sa.select(FileRendition).where(
            FileRendition.source_sha256 == sha256, FileRendition.sha256.is_not(None)
        )
    ).one_or_none()


def index_revision(session: Session, found: Revision) -> None:
    """Write what search knows of a revision, in the transaction that changed it."""
    entry = session.scalars(
        sa.select(SearchEntry).where(SearchEntry.revision_id == found.id)
    ).one_or_none()
    entry = entry or SearchEntry(revision_id=found.id)
    entry.body_id, entry.document_id = found.body_id, found.document_id
    entry.kind = str(found.document.kind)
    entry.is_current = found.state is RevisionState.EFFECTIVE
    entry.code, entry.title = found.code, found.title
    main = found.main_file
    reading = reading_of(session, main.sha256) if main is not None else None
    entry.text = plain_text(reading) if reading is not None else ""
    day = found.effective_at or found.submitted_at or found.drafted_at
    entry.dated_on = today_of(found.document.body, day)
    put_entry(session, entry)


def current_for(standing: Standing) -> Any:
    """Condition on documents: their effective revision may be read by this person (D6, O4)."""
    named = sa.exists().where(
        DocumentReader.document_id == Document.id,
        DocumentReader.person_id == standing.person.id,
    )
    return sa.or_(
        sa.and_(
            Document.body_id.in_({standing.body_id, *standing.overseen_body_ids}),
            Document.confidentiality != Confidentiality.NAMED,
        ),
        sa.and_(Document.body_id == standing.body_id, named),
        works_on(standing),
    )


def works_on(standing: Standing) -> Any:
    """Condition on documents: this person may read every revision of them."""
    covered: set[int] = set()
    for grant in standing.grants:
        if grant.role in READS_UNIT:
            covered |= grant.covers
    conditions = [Document.keeper_id == standing.person.id]
    if covered:
        conditions.append(Document.lead_unit_id.in_(covered))
    if standing.has(*READS_BODY):
        conditions.append(
            sa.and_(
                Document.body_id == standing.body_id,
                Document.confidentiality != Confidentiality.NAMED,
            )
        )
    return sa.or_(*conditions)


def takes_part_in(standing: Standing, taken: Any = Revision) -> Any:
    """Condition on revisions: this person wrote one of its package, or sits on its route (O2)."""
    people = {standing.person.id, *(deputised.person.id for deputised in standing.delegators)}
    member = aliased(Revision)
    return sa.or_(
        sa.exists().where(
            RevisionAuthor.revision_id == member.id,
            RevisionAuthor.person_id == standing.person.id,
            sa.or_(member.id == taken.id, member.package_id == taken.package_id),
        ),
        sa.exists().where(
            Step.package_id == taken.package_id,
            StepPerson.step_id == Step.id,
            StepPerson.person_id.in_(people),
        ),
    )


def visible(standing: Standing) -> Any:
    """Condition on documents: this person may know of them at all (D6, O4).

    They are in force for them, or in their charge, or they took part in one of their revisions.
    """
    in_force, part = aliased(Revision), aliased(Revision)
    return sa.or_(
        works_on(standing),
        sa.and_(
            current_for(standing),
            sa.exists().where(
                in_force.document_id == Document.id, in_force.state == RevisionState.EFFECTIVE
            ),
        ),
        sa.exists().where(part.document_id == Document.id, takes_part_in(standing, part)),
    )


@dataclass(frozen=True)
class Waiting:
    """A package that waits for somebody's answer, and since when it is due."""

    package: Package
    seat_id: int
    due_on: date | None


def waiting_for(session: Session, standing: Standing) -> list[Waiting]:
    """Give the packages whose open step waits for this person, or for whom they deputise."""
    people = {standing.person.id, *(deputised.person.id for deputised in standing.delegators)}
    rows = session.execute(
        sa.select(Package, StepPerson.person_id, Step.due_on)
        .join(Step, Step.package_id == Package.id)
        .join(StepPerson, StepPerson.step_id == Step.id)
        .where(
            Package.current_position.is_not(None),
            Step.position == Package.current_position,
            Step.round == Package.round,
            StepPerson.person_id.in_(people),
        )
        .options(
            selectinload(Package.revisions).options(
                joinedload(Revision.document).joinedload(Document.lead_unit),
                selectinload(Revision.author_links).joinedload(RevisionAuthor.person),
            ),
            selectinload(Package.all_steps).options(
                selectinload(Step.seats).joinedload(StepPerson.person),
                selectinload(Step.decisions),
            ),
            joinedload(Package.submitted_by),
        )
        .order_by(Step.due_on, Package.id)
    ).unique()
    waiting = []
    for found, seat_id, due_on in rows:
        seat = next(
            seat.person for step in found.steps for seat in step.seats if seat.person_id == seat_id
        )
        if found.answer_obstacle(standing.person, seat) is None:
            waiting.append(Waiting(found, seat_id, due_on))
    return waiting


def own_open_revisions(session: Session, standing: Standing) -> list[Revision]:
    """Give the open revisions this person wrote: to finish, or held by others."""
    return list(
        session.scalars(
            sa.select(Revision)
            .join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
            .where(RevisionAuthor.person_id == standing.person.id, Revision.state.in_(OPEN_STATES))
            .options(
                joinedload(Revision.document),
                joinedload(Revision.package)
                .selectinload(Package.all_steps)
                .options(
                    selectinload(Step.seats).joinedload(StepPerson.person),
                    selectinload(Step.decisions),
                ),
            )
            .order_by(Revision.drafted_at, Revision.id)
        ).unique()
    )


def reviews_due(session: Session, standing: Standing, before: date) -> list[Document]:
    """Give the documents in this person's charge whose periodic review is due by a day (D7)."""
    covered: set[int] = set()
    for grant in standing.grants:
        if grant.role in READS_UNIT and str(grant.role) != "leader":
            covered |= grant.covers
    conditions: list[Any] = [Document.keeper_id == standing.person.id]
    if covered:
        conditions.append(Document.lead_unit_id.in_(covered))
    return list(
        session.scalars(
            sa.select(Document)
            .where(
                Document.next_review_on.is_not(None),
                Document.next_review_on <= before,
                sa.or_(*conditions),
                sa.exists().where(
                    Revision.document_id == Document.id,
                    Revision.state == RevisionState.EFFECTIVE,
                ),
            )
            .order_by(Document.next_review_on, Document.id)
            .limit(100)
        )
    )
