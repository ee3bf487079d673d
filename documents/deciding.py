"""Deciding on a withdrawal or a disposal: somebody seated signs, or refuses (D3, D8, O2)."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.organisation import root_unit
from app.kernel.people import Capacity, Person, Role
from app.kernel.permissions import Permission, Standing
from app.kernel.search import nfc
from app.kernel.signatures import Proof, Signature
from app.kernel.work import Work
from documents.models import Disposal, Withdrawal
from documents.permissions import places_for

P = TypeVar("P", Withdrawal, Disposal)
_SIGNING = (Role.LEADER, Role.MANAGER, Role.QUALITY_REPRESENTATIVE, Role.QUALITY_OFFICER)


def to_decide(
    work: Work, permission: Permission, record: P, seat: Person | None, *, seen: int | None = None
) -> tuple[P, Person | None]:
    """Lock a proposal and give it with the seat that is taken; None for one's own.

    Of two who decide at once the second reads what the first said. A document is locked before
    its withdrawal, in the order of the job that carries one out.
    """
    if isinstance(record, Withdrawal):
        work.fresh(record.document)
    record = work.fresh(record)
    work.require(permission, record)
    seat = _taken(work, record, seat)
    if obstacle := record.decide_obstacle(work.actor, seat):
        raise obstacle
    return work.fresh(record, seen=seen), seat


def _taken(work: Work, record: Withdrawal | Disposal, seat: Person | None) -> Person | None:
    if seat is None or seat.id == work.actor.id:
        return None
    if seat not in places_for(work.standing, record):
        raise RuleBroken(N_("Nobody has let you act for them today."), rule="O2")
    work.acting_for = seat
    return seat


def signed(
    work: Work,
    permission: Permission,
    record: Withdrawal | Disposal,
    proof: Proof,
    seat: Person | None,
) -> Signature:
    """Sign what is proposed, in the capacity of the seat that is taken."""
    if proof.person_id != work.actor.id:
        raise Forbidden(permission, record)
    capacity = capacity_of(work.session, work.standing, record, seat or work.actor)
    return work.add(record.sign(work.actor, proof, at=work.now, seat=seat, capacity=capacity))


def refused(work: Work, record: Withdrawal | Disposal, reason: str, seat: Person | None) -> str:
    """Refuse what is proposed; give the reason as it is kept."""
    if not reason.strip():
        raise InvalidInput(N_("Give the reason; whoever proposed it reads it."), field="reason")
    record.refuse(work.actor, nfc(reason), at=work.now, seat=seat)
    return record.decision_reason


def capacity_of(
    session: Session, standing: Standing, record: Withdrawal | Disposal, seat: Person
) -> Capacity:
    """Give the capacity in which a seat is signed from, by whoever takes it."""
    unit_id = (
        record.place_unit_id
        if isinstance(record, Withdrawal)
        else root_unit(session, record.body_id).id
    )
    holder = next((one for one in standing.delegators if one.person.id == seat.id), standing)
    return holder.capacity_for(_SIGNING, unit_id)
