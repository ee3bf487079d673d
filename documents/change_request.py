"""Asking for changes, deciding on them, answering them by revisions (a42-a45; O2, D12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of, working_days_after
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.organisation import Body, root_unit
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    OPEN_STATES,
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    ChangeState,
    Document,
    ExternalDocument,
    Revision,
    RevisionState,
    Withdrawal,
    WithdrawalState,
)
from documents.permissions import DocumentPermission, answers_for, decides_for
from documents.routing import holders

USUAL_DAYS = 20  # working days that are proposed for a change
MOST_DOCUMENTS = 200
_LONGEST = 4000


@dataclass(frozen=True)
class ChangeData:
    """What somebody says when asking for a change."""

    reason: str
    source: ChangeSource = ChangeSource.WORK
    impact: str = ""
    external: ExternalDocument | None = None


def usual_due(body: Body, today: date) -> date:
    """Propose a day by which a change is made."""
    return working_days_after(body, today, USUAL_DAYS)


def ask_for_change(work: Work, data: ChangeData, documents: Sequence[Document]) -> ChangeRequest:
    """File a request over one document or several; whoever decides is told (a42, a44).

    The documents are locked first: one that is withdrawn meanwhile is found to be gone.
    """
    for document in documents:
        work.require(DocumentPermission.ASK_CHANGE, document)
    work.fresh_all(documents)
    for document in documents:
        if obstacle := ask_obstacle(work.session, work.standing, document):
            raise obstacle
    request = file_request(work, data, documents)
    work.record(DocumentFact.CHANGE_ASKED, request)
    work.notify(
        DocumentNotice.CHANGE_ASKED,
        request,
        to=_deciders(work, request),
        number=request.number,
        codes=request.codes,
    )
    return request


def ask_obstacle(session: Session, standing: Standing, document: Document) -> InvalidInput | None:
    """Say that a document is withdrawn and what replaces it; None where it can still change (D8).

    One that is being brought back can, for who may know of its new revision.
    """
    found = session.scalars(
        sa.select(Revision).where(
            Revision.document_id == document.id,
            Revision.state.in_((RevisionState.EFFECTIVE, RevisionState.WITHDRAWN, *OPEN_STATES)),
        )
    ).all()
    states = {revision.state for revision in found}
    if RevisionState.EFFECTIVE in states or RevisionState.WITHDRAWN not in states:
        return None
    if states & set(OPEN_STATES) and register.sees(session, standing, document):
        return None
    withdrawn = max(
        (one for one in found if one.state is RevisionState.WITHDRAWN), key=lambda one: one.id
    )
    by = session.scalars(
        sa.select(Withdrawal)
        .where(
            Withdrawal.revision_id == withdrawn.id,
            Withdrawal.state == WithdrawalState.CARRIED_OUT,
        )
        .order_by(Withdrawal.id.desc())
        .limit(1)
    ).one_or_none()
    said = {"code": document.code or document.title, "day": _day(document, withdrawn)}
    instead = by.replaced_by if by is not None else None
    if instead is None or not register.sees(session, standing, instead):
        return InvalidInput(
            N_(
                "%(code)s was withdrawn on %(day)s, so there is nothing of it to change. "
                "Leave it out."
            ),
            field="documents",
            rule="D8",
            **said,
        )
    return InvalidInput(
        N_(
            "%(code)s was withdrawn on %(day)s; %(instead)s replaces it. "
            "Ask for a change of %(instead)s."
        ),
        field="documents",
        rule="D8",
        instead=instead.code or instead.title,
        **said,
    )


def _day(document: Document, revision: Revision) -> date | None:
    ended_at = revision.ended_at
    return today_of(document.body, ended_at) if ended_at is not None else None


def file_request(
    work: Work,
    data: ChangeData,
    documents: Sequence[Document],
    passages: Sequence[str] = (),
    *,
    asked_by: Person | None = None,
) -> ChangeRequest:
    """Write a request down under the next number of its body and year; told by the caller.

    `asked_by` is whose act it follows from, where a job carries that act out.
    """
    reason = nfc(data.reason).strip()
    if not reason:
        raise InvalidInput(N_("Say what should change, and why."), field="reason")
    if not documents:
        raise InvalidInput(N_("Name at least one document."), field="documents")
    if len(documents) > MOST_DOCUMENTS:
        raise InvalidInput(N_("One request is about 200 documents at most."), field="documents")
    body_id = documents[0].body_id
    if any(document.body_id != body_id for document in documents):
        raise InvalidInput(N_("One request is about documents of one body."), field="documents")
    serial = next_number(work.session, body_id, f"change {work.today.year}")
    request = ChangeRequest(
        body_id=body_id,
        number=f"DN-{work.today.year}-{serial:03d}",
        source=data.source,
        reason=reason[:_LONGEST],
        impact=nfc(data.impact).strip()[:_LONGEST],
        external_id=data.external.id if data.external is not None else None,
        asked_by=asked_by or work.actor,
        asked_by_id=(asked_by or work.actor).id,
        asked_at=work.now,
    )
    shown = [*passages, *[""] * len(documents)]
    request.items = [
        ChangeItem(document=document, passage=passage)
        for document, passage in zip(dict.fromkeys(documents), shown, strict=False)
    ]
    return work.add(request)


def _deciders(work: Work, request: ChangeRequest) -> list[Person]:
    root = root_unit(work.session, request.body_id)
    people = holders(work.session, Role.QUALITY_OFFICER, root.id, work.today)
    keepers = [item.document.keeper for item in request.items]
    return [*people, *(one for one in keepers if one is not None and one.disabled_at is None)]


def accept_change(
    work: Work,
    request: ChangeRequest,
    *,
    owner: Person | None,
    due_on: date | None,
    reason: str = "",
    seen: int | None = None,
) -> None:
    """Accept a request: somebody answers for it by a day; they and the asker are told."""
    request = _to_decide(work, request, seen)
    if owner is None or owner.disabled_at is not None or owner.body_id != request.body_id:
        raise InvalidInput(N_("Choose who answers for the change."), field="owner")
    if due_on is None or due_on < work.today:
        raise InvalidInput(N_("Give a day that is still to come."), field="due_on")
    request.accept(work.actor, nfc(reason), owner, due_on, at=work.now)
    work.record(DocumentFact.CHANGE_ACCEPTED, request, owner=owner, due_on=due_on, reason=reason)
    work.notify(
        DocumentNotice.CHANGE_ACCEPTED,
        request,
        to=[owner, request.asked_by],
        number=request.number,
        owner=owner.name,
        codes=request.codes,
        due_on=due_on,
    )


def reject_change(
    work: Work, request: ChangeRequest, *, reason: str, seen: int | None = None
) -> None:
    """Decline a request, with the reason its asker reads."""
    request = _to_decide(work, request, seen)
    if not reason.strip():
        raise InvalidInput(N_("Give the reason; whoever asked reads it."), field="reason")
    request.reject(work.actor, nfc(reason), at=work.now)
    work.record(DocumentFact.CHANGE_REJECTED, request, reason=reason)
    work.notify(
        DocumentNotice.CHANGE_REJECTED,
        request,
        to=[request.asked_by],
        number=request.number,
        reason=reason,
    )


def park_change(
    work: Work, request: ChangeRequest, *, reason: str, seen: int | None = None
) -> None:
    """Keep a minor request for the next revision, which will be offered it (a43)."""
    request = _to_decide(work, request, seen)
    if not reason.strip():
        raise InvalidInput(N_("Give the reason; whoever asked reads it."), field="reason")
    request.park(work.actor, nfc(reason), at=work.now)
    work.record(DocumentFact.CHANGE_PARKED, request, reason=reason)
    work.notify(
        DocumentNotice.CHANGE_PARKED,
        request,
        to=[request.asked_by],
        number=request.number,
        reason=reason,
    )


def _to_decide(work: Work, request: ChangeRequest, seen: int | None) -> ChangeRequest:
    """Lock the request: of two who decide at once the second reads what the first said."""
    work.require(DocumentPermission.DECIDE_CHANGE, request)
    request = work.fresh(request)
    if obstacle := request.decide_obstacle():
        raise obstacle
    request = work.fresh(request, seen=seen)
    work.acting_for = decides_for(work.standing, request)
    request.act_for(work.acting_for)
    return request


def take_up(work: Work, request: ChangeRequest, revision: Revision) -> None:
    """Let a revision on its way answer a request; a parked one is accepted by that (a43)."""
    work.require(DocumentPermission.DRAFT_REVISION, revision)
    revision, request = work.fresh(revision), work.fresh(request)
    request.take_up(
        revision, work.actor, usual_due(revision.document.body, work.today), at=work.now
    )
    work.record(
        DocumentFact.CHANGE_TAKEN_UP,
        request,
        code=revision.code,
        edition=revision.label,
        revision=revision.id,
    )


def leave_unchanged(work: Work, request: ChangeRequest, document: Document, *, reason: str) -> None:
    """Say that one document of an accepted request needs no change after all, and why."""
    work.require(DocumentPermission.ANSWER_CHANGE, request)
    request = work.fresh(request)
    work.acting_for = answers_for(work.standing, request)
    item = request.item_for(document.id)
    if item is None:
        raise RuleBroken(N_("This request is not about that document."))
    if not reason.strip():
        raise InvalidInput(N_("Say why it needs no change."), field="reason")
    request.leave(item, nfc(reason), at=work.now)
    work.record(DocumentFact.CHANGE_LEFT, request, code=document.code, reason=reason)
    _tell_closed(work, request)


def revisions_in_force(work: Work, revisions: Sequence[Revision]) -> None:
    """Settle what revisions answer, in the transaction that puts them into force together."""
    keys = {revision.id for revision in revisions}
    for request in _answered_by(work, keys):
        for item in request.items:
            if item.revision_id in keys:
                item.come_into_force(at=work.now)
        request.settle(at=work.now)
        work.record(DocumentFact.CHANGE_IN_FORCE, request, revisions=_named(revisions))
        _tell_closed(work, request)


def revisions_given_up(work: Work, revisions: Sequence[Revision]) -> None:
    """Let requests wait again when the revisions that were to answer them are cancelled."""
    for request in _answered_by(work, {revision.id for revision in revisions}):
        for revision in revisions:
            request.let_go(revision, at=work.now)
        work.record(DocumentFact.CHANGE_LET_GO, request, revisions=_named(revisions))


def _named(revisions: Sequence[Revision]) -> str:
    return ", ".join(f"{revision.code} {revision.label}" for revision in revisions)


def _answered_by(work: Work, revision_ids: set[int]) -> list[ChangeRequest]:
    found = work.session.scalars(
        sa.select(ChangeRequest).where(
            sa.exists().where(
                ChangeItem.request_id == ChangeRequest.id,
                ChangeItem.revision_id.in_(revision_ids),
                ChangeItem.settled_at.is_(None),
            )
        )
    ).all()
    return work.fresh_all(found)


def _tell_closed(work: Work, request: ChangeRequest) -> None:
    if request.state is ChangeState.CLOSED:
        work.notify(
            DocumentNotice.CHANGE_CLOSED,
            request,
            to=[request.asked_by],
            number=request.number,
            codes=request.codes,
        )
