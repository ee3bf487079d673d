"""The words of scans, recognised page by page by a job outside any lock (a54; 7.5.3.1 a).

Kept apart from what was read of files: never the original, never a fact, only a help for finding.
Safe to run twice, and by two processes: a page that somebody else kept meanwhile is kept once.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.errors import Stale
from app.kernel.files import FileStore
from app.kernel.work import Work, unit_of_work
from documents import register
from documents.content.blocks import Reading, from_json, to_json
from documents.content.intake import Refused
from documents.content.recogniser import MOST_PAGES, PAGE_SECONDS, Recogniser, recogniser
from documents.content.workshop import WorkFailed, Workshop, WorkshopBusy
from documents.models import SHOWN, FileRecognition, FileRole, Revision, RevisionFile
from documents.trying_again import why

log = logging.getLogger("nenep")

MOST_TRIES: Final = 3
AGAIN_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Next:
    """The next page to look at, of which scan; page 0 asks how many pages it has."""

    sha256: str
    done: int
    pages: int
    wanted: int
    texts: tuple[str, ...]

    @property
    def is_last(self) -> bool:
        """Say whether nothing is left after this page."""
        return 0 < self.wanted <= self.done + 1


def next_page(session: Session, *, now: datetime) -> Next | None:
    """Give the next page of the scan asked for first; failures wait, drafts may still change."""
    asked = FileRecognition
    found = session.scalars(
        sa.select(asked)
        .where(
            asked.ended_at.is_(None),
            sa.or_(asked.tries == 0, asked.tried_at < now - AGAIN_AFTER),
            sa.exists()
            .where(RevisionFile.sha256 == asked.source_sha256)
            .where(RevisionFile.role == FileRole.MAIN, RevisionFile.replaced_at.is_(None))
            .where(Revision.id == RevisionFile.revision_id, Revision.state.in_(SHOWN))
            .where(Revision.disposed_at.is_(None)),
        )
        .order_by(asked.done == 0, asked.id)  # what was begun is finished first
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return Next(found.source_sha256, found.done, found.pages, found.wanted, tuple(found.texts))


def recognise_next(
    session: Session, store: FileStore, workshop: Workshop, found: Recogniser | None = None
) -> int:
    """Recognise one page of one scan and keep it; return how many. It may take a minute.

    Reading ends before the page is looked at, and writing begins after it: no lock is held.
    """
    found = found or recogniser()
    if found is None:
        return 0
    page = next_page(session, now=datetime.now(UTC))
    session.rollback()
    if page is None:
        return 0
    try:
        page, text, said = _looked_at(store, workshop, found, page)
    except WorkshopBusy:
        return 0
    except (Refused, WorkFailed, OSError) as problem:
        log.warning("page not recognised", extra={"sha256": page.sha256, "why": str(problem)})
        with contextlib.suppress(Stale):
            keep_failure(page, why(problem))
        return 0
    try:
        keep_page(page, text, said)
    except Stale:
        log.info("page recognised twice", extra={"sha256": page.sha256})
        return 0
    return 1


def _looked_at(
    store: FileStore, workshop: Workshop, found: Recogniser, page: Next
) -> tuple[Next, str, Reading | None]:
    """Give the words of the page and, after the last one, what all of them seem to say."""
    path = store.path(page.sha256)
    if not page.wanted:
        pages = workshop.page_count(path)
        page = Next(page.sha256, 0, pages, min(pages, MOST_PAGES), ())
    text = workshop.recognise(path, page.done + 1, found, seconds=PAGE_SECONDS)
    said = workshop.interpret([*page.texts, text]) if page.is_last else None
    return page, text, said


def _row(work: Work, page: Next) -> FileRecognition:
    """Give the row of a scan as this page left it; Stale when somebody else went on meanwhile."""
    row = work.session.scalars(
        sa.select(FileRecognition)
        .where(FileRecognition.source_sha256 == page.sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or row.done != page.done or row.ended_at is not None:
        raise Stale()
    return row


def keep_page(page: Next, text: str, said: Reading | None) -> None:
    """Write the words of a page; with the last one they can be found by search."""
    with unit_of_work(None) as work:
        row = _row(work, page)
        row.pages, row.wanted = page.pages, page.wanted
        row.texts = [*row.texts, text]
        row.done, row.tries, row.tried_at = page.done + 1, 0, work.now
        if said is None:
            return
        row.said, row.ended_at = to_json(said), work.now
        work.session.flush()
        for revision in _revisions(work.session, page.sha256):
            register.index_revision(work.session, revision)


def keep_failure(page: Next, problem: str) -> None:
    """Count a try that failed and why; after the last one the scan stays pictures until asked."""
    with unit_of_work(None) as work:
        row = _row(work, page)
        row.tries += 1
        row.tried_at = work.now
        row.problem = problem
        if row.tries >= MOST_TRIES:
            row.failed, row.ended_at = True, work.now


def _revisions(session: Session, sha256: str) -> list[Revision]:
    """Give the revisions beyond their draft whose text a scan is."""
    return list(
        session.scalars(
            sa.select(Revision)
            .join(RevisionFile, RevisionFile.revision_id == Revision.id)
            .where(
                RevisionFile.sha256 == sha256,
                RevisionFile.role == FileRole.MAIN,
                RevisionFile.replaced_at.is_(None),
                Revision.state.in_(SHOWN),
            )
            .distinct()
            .order_by(Revision.id)
        )
    )


def recognition_of(session: Session, sha256: str) -> FileRecognition | None:
    """Give how far a scan is recognised; None for what is no scan."""
    return session.scalars(
        sa.select(FileRecognition).where(FileRecognition.source_sha256 == sha256)
    ).one_or_none()


def doubtful(found: FileRecognition) -> Reading:
    """Give the recognised words as paragraphs, and what they seem to say: nobody confirmed it."""
    return from_json(found.said)
