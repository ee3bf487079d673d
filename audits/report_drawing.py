"""The PDF of every issued report, made by a job outside any lock from the sheet that was signed."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.errors import Stale
from app.kernel.files import FileStore
from audits.models import AuditReport
from documents.content.intake import Refused
from documents.content.rendition import WarmOffice
from documents.content.workshop import WorkFailed, Workshop, WorkshopBusy
from documents.models import FileRendition
from documents.rendering import (
    AGAIN_AFTER,
    MOST_TRIES,
    Made,
    Wanted,
    keep_rendition,
    make_rendition,
)

_NAME = "bao-cao.docx"


def reports_wanted(session: Session, *, now: datetime, limit: int = 1) -> list[Wanted]:
    """Give the issued sheets without a PDF; failures wait before the next try."""
    made = FileRendition
    rows = session.execute(
        sa.select(made.source_sha256, made.tries)
        .join(AuditReport, AuditReport.docx_sha256 == made.source_sha256)
        .where(
            made.sha256.is_(None),
            sa.or_(
                made.tries == 0,
                sa.and_(made.tries < MOST_TRIES, made.made_at < now - AGAIN_AFTER),
            ),
        )
        .order_by(made.id)
        .limit(limit)
    )
    return [Wanted(sha256, _NAME, tries) for sha256, tries in rows]


def draw_reports(
    session: Session,
    store: FileStore,
    workshop: Workshop,
    *,
    limit: int = 1,
    warm: WarmOffice | None = None,
) -> int:
    """Make the PDFs of reports that are wanted; give how many. Safe to run twice."""
    wanted = reports_wanted(session, now=datetime.now(UTC), limit=limit)
    session.rollback()
    count = 0
    for one in wanted:
        try:
            reading = workshop.read(store.path(one.sha256), _NAME)
            made = make_rendition(store, workshop, one, reading, warm)
        except WorkshopBusy:
            break
        except (Refused, WorkFailed, OSError):
            made = Made(None, "failed")
        try:
            keep_rendition(one, made)
        except Stale:
            continue  # somebody else has made it meanwhile
        count += made.sha256 is not None
    return count
