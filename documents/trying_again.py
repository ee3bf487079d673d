"""What was given up after some tries, why, and asking for it again (L19, a54; 7.5.3.1 a)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body
from app.kernel.work import Work
from documents.content.intake import Reason, Refused
from documents.content.workshop import WorkFailed
from documents.models import (
    DigitalCopy,
    DigitalKind,
    Document,
    FileRecognition,
    FileRole,
    Revision,
    RevisionFile,
    RevisionState,
    SealTry,
)
from documents.permissions import DocumentPermission
from documents.together_facts import TogetherFact

MOST_SEAL_TRIES: Final = 5

WHY: Final = {
    "damaged": N_("The file is damaged or a page of it cannot be drawn."),
    "too_much": N_(
        "The program that works on the pages broke, or needed more time or memory than it may take."
    ),
    "store": N_("The stored file could not be read; tell whoever runs this system."),
    "no_hold": N_("The finished seal did not hold when it was checked."),
    "other": N_("The work ended in the middle; the operator's log says more."),
}


def why(failure: Exception) -> str:
    """Give one of the words above for a failure."""
    match failure:
        case Refused(reason=Reason.TOO_COMPLEX):
            return "too_much"
        case Refused():
            return "damaged"
        case OSError():
            return "store"
        case WorkFailed():
            return "too_much" if "limit" in str(failure) else "other"
    return "other"


def why_words(code: str) -> str:
    """Give a word in a sentence (a message id); what is not known stays general."""
    return WHY.get(code.partition(":")[0], WHY["other"])


def given_up_seal(session: Session, revision: Revision) -> SealTry | None:
    """Give the tries of a revision whose sealing was given up; None for any other."""
    query = _given_up().where(SealTry.revision_id == revision.id)
    found: SealTry | None = session.scalars(query).one_or_none()
    return found


def seals_given_up(session: Session, body: Body | None = None) -> list[SealTry]:
    """Give what is in force and was given up, of a body or of all."""
    query = _given_up().order_by(SealTry.revision_id)
    if body is not None:
        query = query.where(Document.body_id == body.id)
    return list(session.scalars(query))


def count_seals_given_up(session: Session) -> int:
    """Count what is in force and was given up, for /health."""
    return session.scalar(sa.select(sa.func.count()).select_from(_given_up().subquery())) or 0


def _given_up() -> Any:
    sealed = sa.exists().where(
        DigitalCopy.revision_id == SealTry.revision_id, DigitalCopy.kind == DigitalKind.SEALED
    )
    return (
        sa.select(SealTry)
        .join(Revision, Revision.id == SealTry.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .where(SealTry.tries >= MOST_SEAL_TRIES, Revision.state == RevisionState.EFFECTIVE, ~sealed)
    )


def seal_again(work: Work, revision: Revision) -> None:
    """Have a seal that was given up tried again, by an officer or (no actor) the operator."""
    if work.actor_or_none is not None:
        work.require(DocumentPermission.TRY_AGAIN, revision)
    known = given_up_seal(work.session, revision)
    if known is None:
        raise RuleBroken(N_("This is not given up: the jobs still try it by themselves."))
    work.session.delete(work.fresh(known))
    work.record(TogetherFact.SEAL_ASKED_AGAIN, revision, reason=known.problem or None)


def recognise_again(work: Work, revision: Revision) -> None:
    """Have a scan whose recognition failed looked at again from its first page that is missing."""
    if work.actor_or_none is not None:
        work.require(DocumentPermission.TRY_AGAIN, revision)
    main = revision.main_file
    known = None
    if main is not None:
        known = work.session.scalars(
            sa.select(FileRecognition).where(FileRecognition.source_sha256 == main.sha256)
        ).one_or_none()
    if known is None or not known.failed:
        raise RuleBroken(N_("This is not given up: the jobs still try it by themselves."))
    known = work.fresh(known)
    reason = known.problem
    known.ask_again()
    work.record(TogetherFact.RECOGNITION_ASKED_AGAIN, revision, reason=reason or None)


def scans_given_up(session: Session, body: Body | None = None) -> list[Revision]:
    """Give a revision for each scan whose recognition failed, of a body or of all."""
    query = (
        sa.select(Revision)
        .join(RevisionFile, RevisionFile.revision_id == Revision.id)
        .join(FileRecognition, FileRecognition.source_sha256 == RevisionFile.sha256)
        .where(
            FileRecognition.failed,
            RevisionFile.role == FileRole.MAIN,
            RevisionFile.replaced_at.is_(None),
            Revision.disposed_at.is_(None),
        )
        .order_by(Revision.id)
    )
    if body is not None:
        query = query.where(Revision.body_id == body.id)
    seen: dict[str, Revision] = {}
    for revision in session.scalars(query):
        if revision.main_file is not None:
            seen.setdefault(revision.main_file.sha256, revision)
    return list(seen.values())
