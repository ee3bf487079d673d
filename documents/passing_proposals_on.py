"""Seats at withdrawals and disposals go with the post they came by, as those of reviews (O1, L16).

One of those seated decides, so a seat whose post others hold too is let go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.db import db
from app.kernel.organisation import Unit, root_unit
from app.kernel.people import Person
from app.kernel.work import Work, unit_of_work
from documents.models import (
    Disposal,
    DisposalSeat,
    DisposalState,
    Document,
    Withdrawal,
    WithdrawalSeat,
    WithdrawalState,
)
from documents.passing_on import seat_is_left
from documents.routing import seats_of_post
from documents.together_facts import TogetherFact, TogetherNotice


@dataclass(frozen=True)
class _Kind:
    """How the seats of one kind of proposal are found, and what is told of them."""

    waiting: Any  # from the seats of those that wait, with the unit their post must reach
    passed_on: TogetherFact
    let_go: TogetherFact
    taken: TogetherNotice
    passed: TogetherNotice


def _waiting_withdrawals(body_id: int, on: date) -> Any:
    return (
        sa.select(Withdrawal.id, WithdrawalSeat.id.label("seat_id"))
        .join(Withdrawal, Withdrawal.id == WithdrawalSeat.withdrawal_id)
        .join(Document, Document.id == Withdrawal.document_id)
        .join(Person, Person.id == WithdrawalSeat.person_id)
        .where(
            Withdrawal.body_id == body_id,
            Withdrawal.state == WithdrawalState.PROPOSED,
            seat_is_left(WithdrawalSeat, Document.lead_unit_id, on),
        )
        .order_by(Withdrawal.id, WithdrawalSeat.id)
    )


def _waiting_disposals(body_id: int, on: date) -> Any:
    return (
        sa.select(Disposal.id, DisposalSeat.id.label("seat_id"))
        .join(Disposal, Disposal.id == DisposalSeat.disposal_id)
        .join(Unit, sa.and_(Unit.body_id == Disposal.body_id, Unit.parent_id.is_(None)))
        .join(Person, Person.id == DisposalSeat.person_id)
        .where(
            Disposal.body_id == body_id,
            Disposal.state == DisposalState.PROPOSED,
            seat_is_left(DisposalSeat, Unit.id, on),
        )
        .order_by(Disposal.id, DisposalSeat.id)
    )


Kind = type[Withdrawal] | type[Disposal]
_KINDS: dict[Kind, _Kind] = {
    Withdrawal: _Kind(
        _waiting_withdrawals,
        TogetherFact.WITHDRAWAL_SEAT_PASSED_ON,
        TogetherFact.WITHDRAWAL_SEAT_LET_GO,
        TogetherNotice.WITHDRAWAL_TAKEN,
        TogetherNotice.WITHDRAWAL_PASSED,
    ),
    Disposal: _Kind(
        _waiting_disposals,
        TogetherFact.DISPOSAL_SEAT_PASSED_ON,
        TogetherFact.DISPOSAL_SEAT_LET_GO,
        TogetherNotice.DISPOSAL_TAKEN,
        TogetherNotice.DISPOSAL_PASSED,
    ),
}


def proposals_left(session: Session, body_id: int, on: date) -> list[tuple[Kind, int]]:
    """Give kind and id of the proposals that wait at a seat whose post is no longer held."""
    return [
        (kind, proposal_id)
        for kind, how in _KINDS.items()
        for proposal_id in dict.fromkeys(session.scalars(how.waiting(body_id, on)))
    ]


def pass_a_decision_on(work: Work, proposal: Withdrawal | Disposal, on: date) -> bool:
    """Give the first seat whose post changed hands to whoever holds it; both are told.

    Where nobody holds it yet the seat waits and is looked at again. One seat a unit of work.
    """
    if isinstance(proposal, Withdrawal):
        work.fresh(proposal.document)  # a document before its withdrawal, as where one is decided
    proposal = work.fresh(proposal)
    how = _KINDS[type(proposal)]
    left = {
        row.seat_id
        for row in work.session.execute(how.waiting(proposal.body_id, on))
        if row.id == proposal.id
    }
    return any(
        _pass_on(work, proposal, seat, how, on) for seat in list(proposal.seats) if seat.id in left
    )


def pass_decisions_on(body_id: int, on: date, now: datetime) -> int:
    """Pass on every such seat of a body; return how many."""
    passed = 0
    for kind, key in proposals_left(db.session(), body_id, on):
        more = True
        while more:
            with unit_of_work(None, now=now) as work:
                proposal: Any = work.session.get_one(kind, key)
                more = pass_a_decision_on(work, proposal, on)
            passed += more
    return passed


def _pass_on(work: Work, proposal: Withdrawal | Disposal, seat: Any, how: _Kind, on: date) -> bool:
    former, others = seat.person, [one for one in proposal.seats if one is not seat]
    barred = {proposal.proposed_by_id, former.id, *(one.person_id for one in others)}
    new = seats_of_post(work.session, seat.role, _unit(work, proposal), on, barred)
    same = [one for one in others if one.role is seat.role]
    # only who holds the post itself takes it while others of the same post still decide
    if same and not (new and (new[0].role, new[0].reason) == (same[0].role, same[0].reason)):
        proposal.seats.remove(seat)
        work.session.delete(seat)
        work.session.flush()
        work.record(how.let_go, proposal, former_holder=former.id)
        return True
    if not new:
        return False
    seat.person, seat.person_id = new[0].person, new[0].person.id
    seat.reason, seat.role = new[0].reason, new[0].role
    work.session.flush()
    _tell(work, proposal, how, former, new[0].person)
    return True


def _unit(work: Work, proposal: Withdrawal | Disposal) -> Unit:
    if isinstance(proposal, Withdrawal):
        return proposal.document.lead_unit
    return root_unit(work.session, proposal.body_id)


def _tell(
    work: Work, proposal: Withdrawal | Disposal, how: _Kind, former: Person, person: Person
) -> None:
    work.record(how.passed_on, proposal, person=person.id, former_holder=former.id)
    said = (
        {"code": proposal.revision.code, "edition": proposal.revision.label}
        if isinstance(proposal, Withdrawal)
        else {"number": proposal.number}
    )
    work.notify(
        how.taken, proposal, to=[person], due_on=proposal.due_on, former=former.name, **said
    )
    if former.disabled_at is None:
        work.notify(how.passed, proposal, to=[former], successor=person.name, **said)
