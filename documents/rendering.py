"""The unstamped PDF of every submitted file, made by a job outside any lock (7.5.3.2 a; a59).

Safe to run twice, and by two processes: the first row wins, the file is stored once.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.errors import Stale
from app.kernel.files import FileStore, StoredFile
from app.kernel.work import Work, unit_of_work
from documents.content import rendition
from documents.content.blocks import READER, Reading
from documents.content.intake import Refused
from documents.content.workshop import WorkFailed, Workshop, WorkshopBusy
from documents.models import FileRendition, FileRole, Revision, RevisionFile, RevisionState
from documents.register import reading_of, rendition_of
from documents.releasing import forget_contents, release_files

log = logging.getLogger("nenep")

MOST_TRIES: Final = 3
AGAIN_AFTER: Final = timedelta(minutes=10)
SECONDS_EACH: Final = 15  # what a file takes, roughly: for telling people how long it will be
_AT_ONCE: Final = 1000  # of those asked for, the newest are put in order
_MOST_BYTES: Final = 300 * 1024 * 1024
_URGENCY: Final = (
    RevisionState.EFFECTIVE,
    RevisionState.APPROVED,
    RevisionState.IN_APPROVAL,
    RevisionState.IN_REVIEW,
    RevisionState.OBSOLETE,
    RevisionState.WITHDRAWN,
)


@dataclass(frozen=True)
class Wanted:
    """A file whose PDF is still to be made, and how often that was tried."""

    sha256: str
    name: str
    tries: int


def renditions_wanted(session: Session, *, now: datetime, limit: int = 5) -> list[Wanted]:
    """Give the files without a PDF, those in force first; failures wait before the next try.

    Drafts have none yet: their files may still change (D2).
    """
    made = FileRendition
    urgency = sa.case({state: place for place, state in enumerate(_URGENCY)}, value=Revision.state)
    may_try = sa.or_(
        made.tries == 0, sa.and_(made.tries < MOST_TRIES, made.made_at < now - AGAIN_AFTER)
    )
    # the text alone is a makeshift where the layout could be drawn
    makeshift = sa.and_(made.method == "text", sa.literal(rendition.is_installed()))
    asked = (  # begun here, by the index that holds only these
        sa.select(made.source_sha256, made.tries)
        .where(
            sa.or_(made.sha256.is_(None), made.method == "text"),
            sa.or_(made.sha256.is_(None), makeshift),
            may_try,
        )
        .order_by(made.id.desc())
        .limit(_AT_ONCE)
        .subquery()
    )
    rows = session.execute(
        sa.select(asked.c.source_sha256, sa.func.min(RevisionFile.name), sa.func.max(asked.c.tries))
        .join(RevisionFile, RevisionFile.sha256 == asked.c.source_sha256)
        .join(Revision, Revision.id == RevisionFile.revision_id)
        .where(
            RevisionFile.role == FileRole.MAIN,
            RevisionFile.replaced_at.is_(None),
            Revision.state.in_(_URGENCY),
            Revision.disposed_at.is_(None),
        )
        .group_by(asked.c.source_sha256)
        .order_by(sa.func.min(urgency), sa.func.max(RevisionFile.id).desc())
        .limit(limit)
    )
    return [Wanted(sha256, name, tries) for sha256, name, tries in rows]


def seconds_until(session: Session, sha256: str, *, now: datetime) -> int | None:
    """Say how long a PDF will be in coming, roughly; None when it will not come by itself."""
    waiting = [wanted.sha256 for wanted in renditions_wanted(session, now=now, limit=200)]
    if sha256 in waiting:
        return (waiting.index(sha256) + 1) * SECONDS_EACH
    tried = session.scalars(
        sa.select(FileRendition).where(FileRendition.source_sha256 == sha256)
    ).one_or_none()
    if tried is None or tried.sha256 is not None or tried.tries >= MOST_TRIES:
        return None
    return max(int((tried.made_at + AGAIN_AFTER - now).total_seconds()), SECONDS_EACH)


def base_of(session: Session, revision: Revision) -> str | None:
    """Give the PDF a revision is shown and stamped from; a PDF that was brought is its own."""
    main = revision.main_file
    if main is None or revision.disposed_at is not None:
        return None
    made = rendition_of(session, main.sha256)
    if made is not None:
        return made.sha256
    return main.sha256 if main.name.lower().endswith(".pdf") else None


def make_wanted_renditions(
    session: Session,
    store: FileStore,
    workshop: Workshop,
    *,
    limit: int = 5,
    warm: rendition.WarmOffice | None = None,
) -> int:
    """Make the PDFs that are wanted; return how many. Call it from a job: it may take minutes.

    Reading ends before the conversion begins, and writing begins after it: no lock is held.
    """
    wanted = renditions_wanted(session, now=datetime.now(UTC), limit=limit)
    readings = {one.sha256: reading_of(session, one.sha256) for one in wanted}
    session.rollback()
    count = 0
    for one in wanted:
        reading = readings[one.sha256] or Reading(reader=READER, blocks=())
        try:
            made = make_rendition(store, workshop, one, reading, warm)
        except WorkshopBusy:
            break
        try:
            keep_rendition(one, made)
        except Stale:
            log.info("rendition made twice", extra={"sha256": one.sha256})
            continue
        count += made.sha256 is not None
    return count


@dataclass(frozen=True)
class Made:
    """A PDF in the store, or the mark that none could be made."""

    sha256: str | None
    method: str
    pages: int = 0
    size: int = 0


def make_rendition(
    store: FileStore,
    workshop: Workshop,
    wanted: Wanted,
    reading: Reading,
    warm: rendition.WarmOffice | None,
) -> Made:
    """Draw one file into the store; a failure is told as a made thing without a PDF."""
    source = store.path(wanted.sha256)
    with tempfile.TemporaryDirectory(prefix="nenep-pdf-") as folder:
        out = Path(folder, "out.pdf")
        try:
            done = rendition.render(
                source,
                wanted.name,
                out,
                reading=reading,
                count=workshop.page_count,
                warm=warm,
            )
            pages = done.pages or workshop.page_count(out)
        except (Refused, WorkFailed, OSError) as problem:
            log.warning("no rendition", extra={"sha256": wanted.sha256, "why": str(problem)})
            return Made(None, "failed")
        if done.method == "original":
            return Made(wanted.sha256, done.method, pages)
        with out.open("rb") as stream:
            path, sha256, size = store.receive(stream, at_most=_MOST_BYTES)
        store.keep(path, sha256)
    return Made(sha256, done.method, pages, size)


def keep_rendition(wanted: Wanted, made: Made) -> None:
    """Write what was made of a file; an earlier PDF is never taken back for a failure."""
    with unit_of_work(None) as work:
        source = _stored(work, wanted.sha256)
        is_gone = source is not None and source.released_at is not None
        row = work.session.scalars(
            sa.select(FileRendition).where(FileRendition.source_sha256 == wanted.sha256)
        ).one_or_none()
        if row is None:
            row = FileRendition(source_sha256=wanted.sha256, method=made.method, tries=0)
            work.session.add(row)
        row.tries = wanted.tries + 1
        row.made_at = work.now
        if made.sha256 is None:
            row.method = row.method or made.method
            return
        row.sha256, row.method, row.pages = made.sha256, made.method, made.pages
        known = _stored(work, made.sha256)
        if known is not None and known.released_at is not None and not is_gone:
            known.released_at = known.removed_at = None
        if known is None:
            work.session.add(
                StoredFile(
                    sha256=made.sha256,
                    size=made.size,
                    media_type="application/pdf",
                    stored_at=work.now,
                )
            )
        if is_gone:  # it was disposed of while its PDF was drawn: that goes too
            work.session.flush()
            release_files(work, [wanted.sha256, made.sha256], number="")
            forget_contents(work.session, [wanted.sha256])


def _stored(work: Work, sha256: str) -> StoredFile | None:
    return work.session.scalars(
        sa.select(StoredFile).where(StoredFile.sha256 == sha256).with_for_update()
    ).one_or_none()
