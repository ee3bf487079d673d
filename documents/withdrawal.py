"""Proposing to take a document out of force, and deciding on that (D3, D8; a28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.signatures import Proof
from app.kernel.work import Work
from documents import register
from documents.deciding import refused, signed, to_decide
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    Document,
    Revision,
    StepKind,
    Withdrawal,
    WithdrawalSeat,
    WithdrawalState,
)
from documents.models.withdrawal import PENDING
from documents.permissions import DocumentPermission, places_for
from documents.routing import Seat, planned_route
from documents.withdrawal_effect import carry_out_if_due, concerned, overtaken

_LONGEST = 4000
_DECIDE = DocumentPermission.DECIDE_WITHDRAWAL


@dataclass(frozen=True)
class WithdrawalData:
    """What somebody says who proposes to withdraw a document."""

    reason: str
    withdraw_on: date | None
    replaced_by: Document | None = None


def pending_withdrawal(session: Session, document: Document) -> Withdrawal | None:
    """Give the proposal to withdraw a document that is still open; at most one."""
    return session.scalars(
        sa.select(Withdrawal).where(
            Withdrawal.document_id == document.id, Withdrawal.state.in_(PENDING)
        )
    ).one_or_none()


def withdrawal_of(session: Session, revision: Revision) -> Withdrawal | None:
    """Give the decision by which a revision was withdrawn."""
    return session.scalars(
        sa.select(Withdrawal)
        .where(
            Withdrawal.revision_id == revision.id,
            Withdrawal.state == WithdrawalState.CARRIED_OUT,
        )
        .order_by(Withdrawal.id.desc())
        .limit(1)
    ).one_or_none()


def withdrawal_by_id(session: Session, standing: Standing, withdrawal_id: int) -> Withdrawal:
    """Give a proposal by its key; NotFound when there is none for this person."""
    found = session.get(Withdrawal, withdrawal_id)
    if found is None or not may(standing, DocumentPermission.SEE_WITHDRAWAL, found):
        raise NotFound()
    return found


def withdrawals_to_decide(session: Session, standing: Standing) -> list[Withdrawal]:
    """Give the proposals that wait for this person, or for whom they deputise."""
    people = {standing.person.id, *(deputised.person.id for deputised in standing.delegators)}
    found = session.scalars(
        sa.select(Withdrawal)
        .join(WithdrawalSeat, WithdrawalSeat.withdrawal_id == Withdrawal.id)
        .where(
            Withdrawal.state == WithdrawalState.PROPOSED,
            WithdrawalSeat.person_id.in_(people),
            Withdrawal.proposed_by_id != standing.person.id,
        )
        .options(joinedload(Withdrawal.document), joinedload(Withdrawal.proposed_by))
        .order_by(Withdrawal.due_on, Withdrawal.id)
    )
    return [one for one in found.unique() if places_for(standing, one)]


def withdrawal_obstacle(session: Session, document: Document) -> RuleBroken | None:
    """Say why nobody can propose to withdraw a document now; None when somebody can."""
    if pending_withdrawal(session, document) is not None:
        return RuleBroken(
            N_("The withdrawal of %(code)s is proposed already."), rule="D8", code=document.code
        )
    if register.effective_revision(session, document) is None:
        return RuleBroken(
            N_("No edition of %(code)s is in force; there is nothing to withdraw."),
            rule="D8",
            code=document.code or document.title,
        )
    coming = register.open_revision(session, document)
    if coming is not None:
        return RuleBroken(
            N_("%(edition)s of %(code)s is %(state)s. Cancel it first, then withdraw."),
            rule="D1",
            code=document.code,
            edition=coming.label,
            state=coming.state,
        )
    return None


def deciders(session: Session, document: Document, proposer: Person, on: date) -> Sequence[Seat]:
    """Give whoever approves revisions of a document, without the proposer (D3, O6)."""
    steps = [
        step
        for step in planned_route(session, document, [proposer], on)
        if step.kind is StepKind.APPROVAL
    ]
    return steps[-1].seats if steps else ()


def propose_withdrawal(
    work: Work, document: Document, data: WithdrawalData, *, revision_id: int
) -> Withdrawal:
    """Propose to withdraw the revision in force; whoever approves its revisions is asked (D8)."""
    work.require(DocumentPermission.PROPOSE_WITHDRAWAL, document)
    document = work.fresh(document)
    if obstacle := withdrawal_obstacle(work.session, document):
        raise obstacle
    revision = register.effective_revision(work.session, document)
    if revision is None or revision.id != revision_id:
        raise Stale()
    reason = nfc(data.reason).strip()
    if not reason:
        raise InvalidInput(N_("Say why it is withdrawn."), field="reason")
    if data.withdraw_on is None or data.withdraw_on < work.today:
        raise InvalidInput(N_("Give today or a day that is still to come."), field="withdraw_on")
    if (wrong := _replacement_obstacle(work, document, data.replaced_by)) is not None:
        raise wrong
    seats = deciders(work.session, document, work.actor, work.today)
    if not seats:
        raise RuleBroken(
            N_("Nobody may decide on this. Ask the quality officer to set the route."), rule="O6"
        )
    withdrawal = Withdrawal(
        body_id=document.body_id,
        document=document,
        revision=revision,
        replaced_by=data.replaced_by,
        reason=reason[:_LONGEST],
        withdraw_on=data.withdraw_on,
        due_on=working_days_after(
            document.body, work.today, int(document.body.setting("answer_days"))
        ),
        proposed_by=work.actor,
        proposed_at=work.now,
    )
    withdrawal.seats = [
        WithdrawalSeat(person=seat.person, reason=seat.reason, role=seat.role) for seat in seats
    ]
    work.add(withdrawal)
    work.record(DocumentFact.WITHDRAWAL_PROPOSED, withdrawal, reason=reason)
    work.notify(
        DocumentNotice.WITHDRAWAL_ASKED,
        withdrawal,
        to=[seat.person for seat in seats],
        code=revision.code,
        edition=revision.label,
        due_on=withdrawal.due_on,
    )
    return withdrawal


def _replacement_obstacle(
    work: Work, document: Document, other: Document | None
) -> InvalidInput | None:
    if other is None:
        return None
    if other.id == document.id or other.body_id != document.body_id:
        return InvalidInput(N_("A document cannot be replaced by this one."), field="replaced_by")
    if register.effective_revision(work.session, other) is None:
        return InvalidInput(
            N_("No edition of %(code)s is in force yet."), field="replaced_by", code=other.code
        )
    return None


def agree_to_withdrawal(
    work: Work,
    withdrawal: Withdrawal,
    *,
    proof: Proof,
    seat: Person | None = None,
    seen: int | None = None,
) -> None:
    """Approve a withdrawal with a signature; where its day has come it happens at once (D8)."""
    withdrawal, seat = to_decide(work, _DECIDE, withdrawal, seat, seen=seen)
    if obstacle := overtaken(work, withdrawal):
        raise obstacle
    signature = signed(work, _DECIDE, withdrawal, proof, seat)
    work.record(
        DocumentFact.WITHDRAWAL_AGREED,
        withdrawal,
        signature=signature,
        content_sha256=signature.content_sha256,
        withdraw_on=withdrawal.withdraw_on,
    )
    work.notify(
        DocumentNotice.WITHDRAWAL_AGREED,
        withdrawal,
        to=concerned(withdrawal),
        code=withdrawal.revision.code,
        edition=withdrawal.revision.label,
        withdraw_on=withdrawal.withdraw_on,
    )
    carry_out_if_due(work, withdrawal)


def refuse_withdrawal(
    work: Work, withdrawal: Withdrawal, *, reason: str, seat: Person | None = None
) -> None:
    """Refuse a withdrawal with the reason its proposer reads (D8)."""
    withdrawal, seat = to_decide(work, _DECIDE, withdrawal, seat)
    kept = refused(work, withdrawal, reason, seat)
    work.record(DocumentFact.WITHDRAWAL_REFUSED, withdrawal, reason=kept)
    work.notify(
        DocumentNotice.WITHDRAWAL_REFUSED,
        withdrawal,
        to=[withdrawal.proposed_by],
        code=withdrawal.revision.code,
        edition=withdrawal.revision.label,
        reason=kept,
    )


def give_up_withdrawal(work: Work, withdrawal: Withdrawal, *, reason: str) -> None:
    """Let a proposal go before its day, approved or not, with a reason."""
    work.fresh(withdrawal.document)
    withdrawal = work.fresh(withdrawal)
    work.require(DocumentPermission.GIVE_UP_WITHDRAWAL, withdrawal)
    if not reason.strip():
        raise InvalidInput(N_("Give the reason."), field="reason")
    withdrawal.give_up(nfc(reason), at=work.now)
    work.record(DocumentFact.WITHDRAWAL_GIVEN_UP, withdrawal, reason=reason.strip())
