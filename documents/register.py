"""The register: every read of documents that is more than one line (7.5.3; rules D6, O4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from app.kernel.search import code_key
from app.kernel.search_index import SearchEntry, put_entry, put_keys
from documents.content.blocks import Reading, from_json, plain_text
from documents.models import (
    OPEN_STATES,
    Decision,
    Document,
    FileReading,
    FileRecognition,
    FileRendition,
    ImportedHistory,
    Package,
    Revision,
    RevisionAuthor,
    RevisionState,
    Step,
    StepPerson,
    Withdrawal,
)
from documents.models.withdrawal import PENDING
from documents.permissions import READS_UNIT, DocumentPermission
from documents.visibility import Sight, among, sight_of, visible


def document(
    session: Session, standing: Standing, code: str, *, body_id: int | None = None
) -> Document:
    """Give a document by code, in any spelling; NotFound when there is none for this person.

    Codes are unique within a body: the one the address names, else one's own before those one's
    own oversees (O4).
    """
    found = find_document(session, standing, code, body_id=body_id)
    if found is None:
        raise NotFound()
    return found


def find_document(
    session: Session, standing: Standing, code: str, *, body_id: int | None = None
) -> Document | None:
    """Give the same document, or None where there is none for this person."""
    bodies = {body_id} if body_id else {standing.body_id, *standing.overseen_body_ids}
    query = _by_code(sight_of(standing), frozenset(bodies))
    found: Document | None = session.scalars(query, {"code": code_key(code)}).one_or_none()
    return found


@lru_cache(maxsize=512)
def _by_code(sight: Sight, bodies: frozenset[int]) -> Any:
    """Give the question for a document by its code, put together once for each sight."""
    return (
        sa.select(Document)
        .options(joinedload(Document.lead_unit), joinedload(Document.keeper))
        .where(
            Document.body_id.in_(bodies),
            Document.code_key == sa.bindparam("code"),
            visible(sight),
        )
        .order_by(Document.body_id != sight.body_id, Document.id)
        .limit(1)
    )


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


def is_being_withdrawn(session: Session, found: Document) -> bool:
    """Say whether a proposal to withdraw a document is open."""
    pending = sa.select(Withdrawal.id).where(
        Withdrawal.document_id == found.id, Withdrawal.state.in_(PENDING)
    )
    return session.scalar(pending) is not None


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


_NEWEST_READING = (
    sa.select(FileReading.__table__.c.id)
    .where(FileReading.__table__.c.sha256 == sa.bindparam("sha256"))
    .order_by(FileReading.__table__.c.id.desc())
    .limit(1)
)


def reading_of(session: Session, sha256: str) -> Reading | None:
    """Give what was read from a file; None when nothing was, as with documents on paper."""
    session.flush()
    number = session.connection().execute(_NEWEST_READING, {"sha256": sha256}).scalar()
    if number is None:
        return None
    return _READINGS.get((sha256, number)) or _read(session, sha256, number)


# what was read from a file never changes: the last ones that are not long stay at hand
_READINGS: dict[tuple[str, int], Reading] = {}
_KEPT_READINGS, _KEPT_LETTERS = 64, 100_000


def _read(session: Session, sha256: str, number: int) -> Reading | None:
    content = session.scalar(sa.select(FileReading.content).where(FileReading.id == number))
    found = from_json(content) if content else None
    if content and found is not None and len(content) <= _KEPT_LETTERS:
        while len(_READINGS) >= _KEPT_READINGS:
            _READINGS.pop(next(iter(_READINGS)), None)
        _READINGS[sha256, number] = found
    return found


def rendition_of(session: Session, sha256: str) -> FileRendition | None:
    """Give the unstamped PDF of a file; None until the job made it."""
    return session.scalars(
        sa.select(FileRendition).where(
            FileRendition.source_sha256 == sha256, FileRendition.sha256.is_not(None)
        )
    ).one_or_none()


def index_again(session: Session) -> None:
    """Make the search index anew from the rows, as after a restore into empty tables."""
    pairs = session.execute(
        sa.select(SearchEntry, Revision)
        .join(Revision, Revision.id == SearchEntry.revision_id)
        .order_by(SearchEntry.id)
        .execution_options(yield_per=200)
    )
    for entry, found in pairs:
        put_keys(session, entry, found.title, _text_of(session, found))


def _text_of(session: Session, found: Revision) -> str:
    main = found.main_file if found.disposed_at is None else None
    reading = reading_of(session, main.sha256) if main is not None else None
    if main is None or reading is None:
        return ""
    said = recognised_words(session, {main.sha256}) if reading.scan else {}
    return "\n".join((plain_text(reading), *(plain_text(from_json(one)) for one in said.values())))


def recognised_words(session: Session, digests: set[str]) -> dict[str, str]:
    """Give what was recognised of scans, as `to_json` wrote it; nothing before all of it was."""
    made = FileRecognition
    rows = session.execute(
        sa.select(made.source_sha256, made.said).where(
            made.source_sha256.in_(digests), made.ended_at.is_not(None), made.failed.is_(False)
        )
    )
    return {row.source_sha256: row.said for row in rows}


def _text_mark(session: Session, sha256: str) -> str:
    """Give what names the text of a file: another one once the words of a scan are known."""
    return f"{sha256} recognised" if recognised_words(session, {sha256}) else sha256


def index_revision(session: Session, found: Revision) -> None:
    """Write what search knows of a revision, in the transaction that changed it."""
    main = found.main_file
    day = found.effective_at or found.submitted_at or found.drafted_at
    put_entry(
        session,
        revision_id=found.id,
        title=found.title,
        file=_text_mark(session, main.sha256) if main and found.disposed_at is None else "",
        read=lambda: _text_of(session, found),
        body_id=found.body_id,
        document_id=found.document_id,
        kind=str(found.document.kind),
        is_current=found.state is RevisionState.EFFECTIVE,
        code=found.code,
        dated_on=today_of(found.document.body, day),
    )


_PACKAGES = sa.select(Package).where(Package.id.in_(sa.bindparam("packages", expanding=True)))
# asked for one after the other and not with `selectinload`, which puts its question together anew
_MEMBERS = _PACKAGES.options(
    joinedload(Package.revisions).options(
        joinedload(Revision.author_links).joinedload(RevisionAuthor.person),
        joinedload(Revision.document),
    )
)
_ROUTES = _PACKAGES.options(
    joinedload(Package.all_steps).options(
        joinedload(Step.seats).joinedload(StepPerson.person),
        joinedload(Step.decisions).joinedload(Decision.decided_by),
    )
)


def read_routes(session: Session, revisions: Iterable[Revision]) -> None:
    """Read what goes together with revisions, and their routes with every seat and answer."""
    numbers = sorted({one.package_id for one in revisions if one.package_id is not None})
    for start in range(0, len(numbers), 500):
        asked = {"packages": numbers[start : start + 500]}
        for question in (_MEMBERS, _ROUTES):
            session.scalars(question, asked).unique().all()


# every page of one's work asks this: it is put together once
_OWN_OPEN = (
    sa.select(Revision)
    .join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
    .where(RevisionAuthor.person_id == sa.bindparam("person_id"), Revision.state.in_(OPEN_STATES))
    .options(joinedload(Revision.document), joinedload(Revision.package))
    .order_by(Revision.drafted_at, Revision.id)
)


def own_open_revisions(session: Session, standing: Standing) -> list[Revision]:
    """Give the open revisions this person wrote: to finish, or held by others."""
    found = session.scalars(_OWN_OPEN, {"person_id": standing.person.id}).all()
    read_routes(session, found)
    return list(found)


def reviews_due(session: Session, standing: Standing, before: date) -> list[Document]:
    """Give the documents in this person's charge whose periodic review is due by a day (D7)."""
    covered: set[int] = set()
    for grant in standing.grants:
        if grant.role in READS_UNIT and str(grant.role) != "leader":
            covered |= grant.covers
    query = _reviews(standing.person.id, frozenset(covered))
    return list(session.scalars(query, {"before": before}))


@lru_cache(maxsize=512)
def _reviews(person_id: int, covered: frozenset[int]) -> Any:
    """Give the question for reviews in somebody's charge, put together once for each charge."""
    conditions: list[Any] = [Document.keeper_id == person_id]
    if covered:
        conditions.append(among(Document.lead_unit_id, covered))
    return (
        sa.select(Document)
        .where(
            Document.next_review_on.is_not(None),
            Document.next_review_on <= sa.bindparam("before", type_=sa.Date()),
            sa.or_(*conditions),
            sa.exists().where(
                Revision.document_id == Document.id,
                Revision.state == RevisionState.EFFECTIVE,
            ),
        )
        .order_by(Document.next_review_on, Document.id)
        .limit(100)
    )
