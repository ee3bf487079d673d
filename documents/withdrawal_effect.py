"""The day a document is withdrawn: out of force, marked, whoever cites it told (D5, D8, D12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.people import Person, Role
from app.kernel.work import Work
from documents import register
from documents.change_request import ChangeData, file_request, usual_due
from documents.controlled_copy import tell_holders
from documents.external_document import proposed_owners
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    Citation,
    Document,
    Revision,
    RevisionState,
    Withdrawal,
    WithdrawalState,
)
from documents.models.change_request import WAITING
from documents.publication import document_withdrawn
from documents.routing import holders

MOST_CITING = 500


def overtaken(work: Work, withdrawal: Withdrawal) -> RuleBroken | None:
    """Say that the revision in force is no longer the one whose withdrawal was proposed."""
    current = register.effective_revision(work.session, withdrawal.document)
    if current is not None and current.id == withdrawal.revision_id:
        return None
    return RuleBroken(
        N_(
            "%(edition)s of %(code)s is no longer in force, so there is nothing to withdraw. "
            "Give the proposal up."
        ),
        rule="D8",
        code=withdrawal.revision.code,
        edition=withdrawal.revision.label,
    )


def carry_out_if_due(work: Work, withdrawal: Withdrawal) -> bool:
    """Withdraw a document when its day has come; doing it twice changes nothing (D5, D12)."""
    document = work.fresh(withdrawal.document)
    withdrawal = work.fresh(withdrawal)
    if withdrawal.state is not WithdrawalState.AGREED:
        return False
    if withdrawal.withdraw_on > today_of(document.body, work.now):
        return False
    if overtaken(work, withdrawal):
        withdrawal.give_up("", at=work.now)
        work.record(DocumentFact.WITHDRAWAL_OVERTAKEN, withdrawal)
        return False
    revision = work.fresh(withdrawal.revision)
    revision.withdraw(at=work.now)
    withdrawal.carry_out(at=work.now)
    document.next_review_on = None
    work.record(
        DocumentFact.REVISION_WITHDRAWN,
        revision,
        document=document,
        withdrawal=withdrawal,
        reason=withdrawal.reason,
    )
    register.index_revision(work.session, revision)
    _end_changes(work, withdrawal)
    _raise_changes(work, withdrawal)
    tell_holders(work, revision)
    document_withdrawn(work, document, reason=withdrawal.reason)
    work.notify(
        DocumentNotice.WITHDRAWN,
        revision,
        to=_hold_copies(work, withdrawal),
        code=revision.code,
        edition=revision.label,
    )
    return True


def changes_waiting(session: Session, document: Document) -> Sequence[ChangeRequest]:
    """Give the requests that wait for a change of a document, whoever may read them."""
    return session.scalars(
        sa.select(ChangeRequest)
        .join(ChangeItem, ChangeItem.request_id == ChangeRequest.id)
        .where(
            ChangeItem.document_id == document.id,
            ChangeItem.settled_at.is_(None),
            ChangeRequest.state.in_(WAITING),
        )
        .order_by(ChangeRequest.id)
    ).all()


def _end_changes(work: Work, withdrawal: Withdrawal) -> None:
    """Let what asked for a change of the document ask nothing more of it; of others it does."""
    document = withdrawal.document
    for request in work.fresh_all(changes_waiting(work.session, document)):
        if request.end_with(withdrawal, at=work.now) is None:
            continue
        work.record(
            DocumentFact.CHANGE_ENDED,
            request,
            code=document.code,
            withdrawal=withdrawal.id,
            reason=withdrawal.reason,
        )
        work.notify(
            DocumentNotice.CHANGE_ENDED,
            request,
            to=[request.asked_by, *([request.owner] if request.owner is not None else [])],
            number=request.number,
            code=document.code,
            reason=withdrawal.reason,
        )


def _raise_changes(work: Work, withdrawal: Withdrawal) -> None:
    """Ask for a change of every document in force that cites what is gone, with passage (D12)."""
    rows = work.session.scalars(
        sa.select(Citation)
        .join(Citation.revision)
        .where(
            Citation.cited_id == withdrawal.document_id,
            Revision.state == RevisionState.EFFECTIVE,
            Revision.document_id != withdrawal.document_id,
        )
        .order_by(Citation.id)
        .limit(MOST_CITING)
    ).all()
    citing = [row.revision.document for row in rows]
    decided_by = withdrawal.decided_by
    if not citing or decided_by is None:
        return
    today = today_of(withdrawal.document.body, work.now)
    due_on = usual_due(withdrawal.document.body, today)
    owners = proposed_owners(work.session, citing, today, withdrawal.proposed_by)
    data = ChangeData(withdrawal.reason, ChangeSource.DOCUMENT)
    for row, document in zip(rows, citing, strict=True):
        request = file_request(
            work, data, [document], [row.passage], asked_by=withdrawal.proposed_by
        )
        work.record(DocumentFact.CHANGE_ASKED, request)
        owner = owners[document.id]
        request.accept(decided_by, "", owner, due_on, at=work.now)
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


def _hold_copies(work: Work, withdrawal: Withdrawal) -> list[Person]:
    """Give who takes printed copies out of use: keeper, proposer, heads of where it was sent."""
    document = withdrawal.document
    sent_to = withdrawal.revision.distribution
    units = {document.lead_unit_id, *(link.unit_id for link in document.units)}
    units |= {link.unit_id for link in sent_to.units} if sent_to is not None else set()
    today = today_of(document.body, work.now)
    heads = [
        person
        for unit_id in sorted(units)
        for person in holders(work.session, Role.MANAGER, unit_id, today)
    ]
    people = {person.id: person for person in [*concerned(withdrawal), *heads]}
    return [person for person in people.values() if person.disabled_at is None]


def withdrawals_due(session: Session, body_id: int, today: date) -> list[int]:
    """Give the ids of approved withdrawals whose day has come."""
    return list(
        session.scalars(
            sa.select(Withdrawal.id)
            .where(
                Withdrawal.body_id == body_id,
                Withdrawal.state == WithdrawalState.AGREED,
                Withdrawal.withdraw_on <= today,
            )
            .order_by(Withdrawal.id)
            .limit(200)
        )
    )


def concerned(withdrawal: Withdrawal) -> list[Person]:
    """Give who is told what becomes of a proposal: its proposer and the keeper."""
    keeper = withdrawal.document.keeper
    return [withdrawal.proposed_by, *([keeper] if keeper is not None else [])]
