"""The periodic review: evidence beside the decision, verdict with its reason (D7; a30, a31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import months_after, today_of
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.people import Person
from app.kernel.permissions import Standing
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.change_register import waiting_for_document
from documents.change_request import ChangeData, file_request, usual_due
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    Citation,
    Comment,
    Document,
    ExternalDocument,
    ExternalState,
    PeriodicReview,
    Revision,
    RevisionState,
    Verdict,
)
from documents.models.change_request import WAITING
from documents.permissions import KEEPS, DocumentPermission

PAGE = 50
AHEAD = 60  # days within which a review counts as coming
_FACTS = {
    Verdict.KEEP: DocumentFact.REVIEW_KEPT,
    Verdict.REVISE: DocumentFact.REVIEW_TO_REVISE,
    Verdict.WITHDRAW: DocumentFact.REVIEW_TO_WITHDRAW,
}


@dataclass(frozen=True)
class Evidence:
    """What speaks for or against a document on a day; only what exists."""

    in_force_since: date
    months: int
    laws: tuple[ExternalDocument, ...]
    requests: tuple[ChangeRequest, ...]
    comments: int
    revisions: int
    last: PeriodicReview | None

    @property
    def is_quiet(self) -> bool:
        """Say whether nothing speaks against keeping it."""
        return not self.laws and not self.requests

    def plain(self) -> dict[str, Any]:
        """Give the evidence as plain values, to be kept with the review as it was."""
        return {
            "in_force_since": self.in_force_since.isoformat(),
            "months": self.months,
            "laws": [
                {
                    "number": law.number,
                    "state": str(law.state),
                    "changed_on": law.changed_on.isoformat() if law.changed_on else None,
                    "by": law.changed_by.number if law.changed_by is not None else None,
                }
                for law in self.laws
            ],
            "requests": [request.number for request in self.requests],
            "comments": self.comments,
            "revisions": self.revisions,
        }


@dataclass(frozen=True)
class Due:
    """One document due for review, with what is counted beside it in the list."""

    document: Document
    revision: Revision
    laws: int
    requests: int


@dataclass(frozen=True)
class DueList:
    """A page of the documents due, soonest first."""

    rows: list[Due]
    following: tuple[date, int] | None


def evidence_of(
    session: Session, standing: Standing, document: Document, revision: Revision, today: date
) -> Evidence:
    """Gather what speaks for or against keeping a document as it is."""
    since = today_of(document.body, revision.effective_at or revision.drafted_at)
    changed = session.scalars(
        sa.select(ExternalDocument)
        .join(Citation, Citation.external_id == ExternalDocument.id)
        .where(
            Citation.revision_id == revision.id,
            ExternalDocument.state != ExternalState.IN_FORCE,
        )
        .options(joinedload(ExternalDocument.changed_by))
        .order_by(ExternalDocument.number_sort)
    ).all()
    comments, revisions = session.execute(
        sa.select(
            sa.select(sa.func.count())
            .select_from(Comment)
            .join(Revision, Revision.id == Comment.revision_id)
            .where(Revision.document_id == document.id)
            .scalar_subquery(),
            sa.select(sa.func.count())
            .select_from(Revision)
            .where(Revision.document_id == document.id, Revision.effective_at.is_not(None))
            .scalar_subquery(),
        )
    ).one()
    return Evidence(
        in_force_since=since,
        months=(today.year - since.year) * 12 + today.month - since.month,
        laws=tuple(changed),
        requests=tuple(waiting_for_document(session, standing, document)),
        comments=comments,
        revisions=revisions,
        last=last_review(session, document),
    )


def last_review(session: Session, document: Document) -> PeriodicReview | None:
    """Give the newest review of a document."""
    return next(iter(reviews_of(session, document, most=1)), None)


def reviews_of(session: Session, document: Document, *, most: int = 20) -> list[PeriodicReview]:
    """Give the reviews of a document, newest first."""
    return list(
        session.scalars(
            sa.select(PeriodicReview)
            .where(PeriodicReview.document_id == document.id)
            .options(
                joinedload(PeriodicReview.reviewed_by),
                joinedload(PeriodicReview.revision),
                joinedload(PeriodicReview.request),
            )
            .order_by(PeriodicReview.id.desc())
            .limit(most)
        )
    )


def review_document(
    work: Work,
    document: Document,
    verdict: Verdict,
    *,
    reason: str,
    revision_id: int,
    seen: int | None = None,
) -> PeriodicReview:
    """Say that a document is still right, or has to change or go; its next review is set (D7)."""
    work.require(DocumentPermission.REVIEW_DOCUMENT, document)
    document = work.fresh(document)
    revision = register.effective_revision(work.session, document)
    if revision is None or revision.id != revision_id:
        raise RuleBroken(
            N_("The edition you looked at is no longer in force. Look at the present one first."),
            rule="D7",
        )
    document = work.fresh(document, seen=seen)
    reason = nfc(reason).strip()
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    evidence = evidence_of(work.session, work.standing, document, revision, work.today)
    due_on = document.next_review_on
    request = None
    next_on = months_after(work.today, document.months_between_reviews)
    if verdict is not Verdict.KEEP:
        request = _ask(work, document, reason)
        next_on = usual_due(
            document.body, work.today
        )  # looked at again then, unless a new revision came first
    review = PeriodicReview(
        body_id=document.body_id,
        document=document,
        document_id=document.id,
        revision=revision,
        revision_id=revision.id,
        verdict=verdict,
        reason=reason[:4000],
        evidence=evidence.plain(),
        due_on=due_on,
        next_on=next_on,
        reviewed_by=work.actor,
        reviewed_by_id=work.actor.id,
        reviewed_at=work.now,
        request_id=request.id if request is not None else None,
    )
    document.next_review_on = next_on
    work.add(review)
    work.record(_FACTS[verdict], review, document=document, reason=reason)
    return review


def _ask(work: Work, document: Document, reason: str) -> ChangeRequest:
    """Raise the accepted request that follows from a review."""
    keeper = document.keeper
    owner: Person = keeper if keeper is not None and keeper.disabled_at is None else work.actor
    due_on = usual_due(document.body, work.today)
    request = file_request(work, ChangeData(reason, ChangeSource.REVIEW), [document])
    work.record(DocumentFact.CHANGE_ASKED, request)
    request.accept(work.actor, "", owner, due_on, at=work.now)
    work.record(DocumentFact.CHANGE_ACCEPTED, request, owner=owner, due_on=due_on)
    work.notify(
        DocumentNotice.CHANGE_ACCEPTED,
        request,
        to=[owner],
        number=request.number,
        owner=owner.name,
        codes=request.codes,
        due_on=due_on,
    )
    return request


def in_charge(standing: Standing) -> Any:
    """Condition on documents: this person reviews them, as keeper or by post."""
    covered: set[int] = set()
    for grant in standing.grants:
        if grant.role in KEEPS or str(grant.role) == "quality_representative":
            covered |= grant.covers
    conditions: list[Any] = [Document.keeper_id == standing.person.id]
    if covered:
        conditions.append(Document.lead_unit_id.in_(covered))
    return sa.and_(Document.body_id == standing.body_id, sa.or_(*conditions))


def due_reviews(
    session: Session,
    standing: Standing,
    until: date | None,
    *,
    after: tuple[date, int] | None = None,
) -> DueList:
    """Give a page of the documents in this person's charge whose review comes by a day."""
    order = sa.tuple_(Document.next_review_on, Document.id)
    query = (
        sa.select(Document, Revision)
        .join(Revision, Revision.document_id == Document.id)
        .where(
            Revision.state == RevisionState.EFFECTIVE,
            Document.next_review_on.is_not(None),
            in_charge(standing),
        )
        .options(joinedload(Document.lead_unit), joinedload(Document.keeper))
    )
    if until is not None:
        query = query.where(Document.next_review_on <= until)
    if after is not None:
        query = query.where(order > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    found = session.execute(
        query.order_by(Document.next_review_on, Document.id).limit(PAGE + 1)
    ).all()
    shown = found[:PAGE]
    laws = _laws_changed(session, [revision.id for _, revision in shown])
    requests = _requests_waiting(session, [document.id for document, _ in shown])
    following = None
    last = shown[-1][0] if len(found) > PAGE else None
    if last is not None and last.next_review_on is not None:
        following = (last.next_review_on, last.id)
    return DueList(
        [
            Due(document, revision, laws.get(revision.id, 0), requests.get(document.id, 0))
            for document, revision in shown
        ],
        following,
    )


def _laws_changed(session: Session, revision_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        sa.select(Citation.revision_id, sa.func.count())
        .join(ExternalDocument, ExternalDocument.id == Citation.external_id)
        .where(
            Citation.revision_id.in_(revision_ids),
            ExternalDocument.state != ExternalState.IN_FORCE,
        )
        .group_by(Citation.revision_id)
    )
    return {row[0]: row[1] for row in rows}


def _requests_waiting(session: Session, document_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        sa.select(ChangeItem.document_id, sa.func.count())
        .join(ChangeRequest, ChangeRequest.id == ChangeItem.request_id)
        .where(
            ChangeItem.document_id.in_(document_ids),
            ChangeItem.settled_at.is_(None),
            ChangeRequest.state.in_(WAITING),
        )
        .group_by(ChangeItem.document_id)
    )
    return {row[0]: row[1] for row in rows}
