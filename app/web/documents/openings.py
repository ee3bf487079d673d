"""Opening a document for named people is a fact, told once a reading (T1)."""

from __future__ import annotations

from datetime import UTC, datetime

from app.kernel.db import db
from app.kernel.work import unit_of_work
from app.web.guard import signed_in
from documents import serving
from documents.models import Revision


def note_opening(revision: Revision) -> None:
    """Tell that the viewer opens this revision, where it is confidential and not told yet."""
    document = revision.document
    if not serving.is_confidential(document):
        return
    now = datetime.now(UTC)
    if serving.opened_lately(db.session(), signed_in(), document, now):
        return
    with unit_of_work(signed_in(), now=now) as work:
        serving.open_confidential(work, work.fresh(revision))
