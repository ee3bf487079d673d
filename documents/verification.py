"""Is the page in my hand current? Asked by anybody, answered without an account (a39, L2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.coded import N_, Coded
from documents.models import Confidentiality, Document, Revision, RevisionState

LONGEST_TOKEN: Final = 60


class Answer(Coded):
    """What can be said of a printed page."""

    CURRENT = "current", N_("This page is current")
    REPLACED = "replaced", N_("This page is no longer in force")
    NOT_YET = "not_yet", N_("This page is not in force yet")
    WITHDRAWN = "withdrawn", N_("This document has been withdrawn")
    UNKNOWN = "unknown", N_("Nothing can be said about this page")


@dataclass(frozen=True)
class Verdict:
    """The answer; the document itself only where it is public."""

    answer: Answer
    since: date | None = None
    edition: str = ""
    current_edition: str = ""
    current_since: date | None = None
    document: Document | None = None


def verdict_on(session: Session, token: str) -> Verdict:
    """Judge a printed page by its token; an unknown one costs the same questions as a known one."""
    revision = session.scalars(
        sa.select(Revision)
        .options(joinedload(Revision.document).joinedload(Document.body))
        .where(Revision.token == token[:LONGEST_TOKEN])
    ).one_or_none()
    current = session.scalars(
        sa.select(Revision).where(
            Revision.document_id == (revision.document_id if revision is not None else -1),
            Revision.state == RevisionState.EFFECTIVE,
        )
    ).one_or_none()
    if revision is None:
        return Verdict(Answer.UNKNOWN)
    document = revision.document
    is_public = document.confidentiality is Confidentiality.PUBLIC

    def day(moment: datetime | None) -> date | None:
        return today_of(document.body, moment) if moment is not None else None

    answer = _answer(revision, current)
    since = revision.effective_at if answer is Answer.CURRENT else revision.ended_at
    return Verdict(
        answer=answer,
        since=day(since),
        edition=revision.label if is_public else "",
        current_edition=current.label if current is not None else "",
        current_since=day(current.effective_at) if current is not None else None,
        document=document if is_public and answer is not Answer.NOT_YET else None,
    )


def _answer(revision: Revision, current: Revision | None) -> Answer:
    match revision.state:
        case RevisionState.EFFECTIVE:
            return Answer.CURRENT
        case RevisionState.OBSOLETE:
            return Answer.REPLACED if current is not None else Answer.WITHDRAWN
        case RevisionState.WITHDRAWN:
            return Answer.WITHDRAWN
        case RevisionState.CANCELLED:
            return Answer.UNKNOWN
    return Answer.NOT_YET
