"""Is the page in my hand current? Asked by anybody, answered without an account (a39, L2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.coded import N_, Coded
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.trail import TrailEntry
from app.kernel.work import Work
from documents.facts import DocumentFact, DocumentNotice
from documents.finding import whom_to_tell
from documents.models import Confidentiality, Document, Revision, RevisionState
from documents.public_library import PublicForm, forms_of
from documents.translation import lags_of

LONGEST_TOKEN: Final = 60
LONGEST_PLACE: Final = 200
WINDOW: Final = timedelta(hours=1)
MOST_REPORTS: Final = 3  # of one edition within the hour: the fourth tells nobody anything new
MOST_OF_A_BODY: Final = 30


class Answer(Coded):
    """What can be said of a printed page."""

    CURRENT = "current", N_("This page is current")
    REPLACED = "replaced", N_("This page is no longer in force")
    NOT_YET = "not_yet", N_("This page is not in force yet")
    BEHIND = "behind", N_("This translation is behind its original")
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
    forms: tuple[PublicForm, ...] = ()
    behind: int = 0


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
    lags = lags_of(session, [revision.id if revision is not None else -1])
    if revision is None:
        return Verdict(Answer.UNKNOWN)
    document = revision.document
    is_public = document.confidentiality is Confidentiality.PUBLIC

    def day(moment: datetime | None) -> date | None:
        return today_of(document.body, moment) if moment is not None else None

    answer = _answer(revision, current)
    shown = document if is_public and answer is not Answer.NOT_YET else None
    lag = lags.get(revision.id)
    if answer is Answer.CURRENT and lag is not None and lag.behind:
        answer = Answer.BEHIND
    since = (
        revision.effective_at if answer in (Answer.CURRENT, Answer.BEHIND) else revision.ended_at
    )
    return Verdict(
        answer=answer,
        since=day(since),
        edition=revision.label if is_public else "",
        current_edition=current.label if current is not None else "",
        current_since=day(current.effective_at) if current is not None else None,
        document=shown,
        forms=forms_of(session, document) if shown is not None and current is not None else (),
        behind=lag.behind if lag is not None else 0,
    )


def report_still_used(work: Work, token: str, place: str) -> None:
    """Tell whoever keeps a document that a page no longer in force still hangs somewhere.

    Anybody may; where it hangs goes to those people alone, never into the trail (T4). NotFound
    where the page is not one of the past, RuleBroken where it was told often enough.
    """
    revision = work.session.scalars(
        sa.select(Revision).where(Revision.token == token[:LONGEST_TOKEN])
    ).one_or_none()
    if revision is None or revision.state not in (
        RevisionState.OBSOLETE,
        RevisionState.WITHDRAWN,
    ):
        raise NotFound()
    told = sa.select(sa.func.count()).where(
        TrailEntry.chain == revision.body_id,
        TrailEntry.fact == str(DocumentFact.OLD_PAGE_REPORTED),
        TrailEntry.at > work.now - WINDOW,
    )
    of_this = told.where(TrailEntry.record_id == revision.id)
    often = (work.session.scalar(of_this) or 0) >= MOST_REPORTS
    if often or (work.session.scalar(told) or 0) >= MOST_OF_A_BODY:
        raise RuleBroken(N_("The office was told already. Thank you; nothing more is needed."))
    document = revision.document
    officer = whom_to_tell(work.session, revision.body_id, today_of(document.body, work.now))
    keepers = [person for person in (officer, document.keeper) if person is not None]
    work.record(DocumentFact.OLD_PAGE_REPORTED, revision)
    work.notify(
        DocumentNotice.OLD_PAGE_FOUND,
        revision,
        to=keepers,
        code=revision.code,
        edition=revision.label,
        place=" ".join(place.split())[:LONGEST_PLACE],
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
