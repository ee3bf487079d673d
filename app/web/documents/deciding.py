"""The seat somebody decides from where one person decides: their own, or one they deputise for."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.db import db
from app.kernel.organisation import root_unit
from app.kernel.people import Capacity, Person, Role
from app.web.guard import signed_in, standing
from app.web.page import words
from documents.models import Disposal, Withdrawal
from forms.screen.withdrawal import SigningForm, WhyForm

_SIGNING = (Role.LEADER, Role.MANAGER, Role.QUALITY_REPRESENTATIVE, Role.QUALITY_OFFICER)


@dataclass(frozen=True)
class Deciding:
    """Both answers as forms, from which seat, in which capacity, and what stands in the way."""

    agree: SigningForm
    refuse: WhyForm
    seat: Person
    capacity: Capacity
    obstacle: str


def deciding_about(record: Withdrawal | Disposal) -> Deciding | None:
    """Give the viewer's decision about a proposal; None when nothing is asked of them."""
    seat = seat_of(record)
    if seat is None:
        return None
    agree, refuse = SigningForm(prefix="a-"), WhyForm(prefix="b-")
    if not agree.row_version.data:
        agree.row_version.data = record.row_version
    agree.seat.data = agree.seat.data or str(seat.id)
    refuse.seat.data = refuse.seat.data or str(seat.id)
    unit_id = (
        record.place_unit_id
        if isinstance(record, Withdrawal)
        else root_unit(db.session(), record.body_id).id
    )
    holder = next((one for one in standing().delegators if one.person.id == seat.id), standing())
    obstacle = record.decide_obstacle(signed_in(), seat)
    return Deciding(
        agree,
        refuse,
        seat,
        holder.capacity_for(_SIGNING, unit_id),
        words(obstacle) if obstacle is not None else "",
    )


def seat_of(record: Withdrawal | Disposal) -> Person | None:
    """Give the seat the viewer answers from: a free one before one that may not answer."""
    seats = {seat.person_id for seat in record.seats}
    asked = [signed_in(), *(deputised.person for deputised in standing().delegators)]
    sitting = [person for person in asked if person.id in seats]
    free = [one for one in sitting if record.decide_obstacle(signed_in(), one) is None]
    return next(iter([*free, *sitting]), None)


def seat_named(record: Withdrawal | Disposal, typed: str) -> Person | None:
    """Give the seat a form named, among those of the record."""
    return next((seat.person for seat in record.seats if str(seat.person_id) == typed), None)
