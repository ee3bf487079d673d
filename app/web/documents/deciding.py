"""The seat somebody decides from where one person decides: their own, or one they deputise for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.people import Capacity, Person
from app.kernel.work import unit_of_work
from app.web.guard import signed_in, standing
from app.web.page import at_field, words
from app.web.signing import proof_of
from documents.deciding import capacity_of
from documents.models import Disposal, Withdrawal
from documents.permissions import places_for
from forms.screen.withdrawal import SigningForm, WhyForm


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
    obstacle = record.decide_obstacle(signed_in(), seat)
    return Deciding(
        agree,
        refuse,
        seat,
        capacity_of(db.session(), standing(), record, seat),
        words(obstacle) if obstacle is not None else "",
    )


def seat_of(record: Withdrawal | Disposal) -> Person | None:
    """Give the seat the viewer answers from: a free one before one that may not answer."""
    sitting = places_for(standing(), record)
    free = [one for one in sitting if record.decide_obstacle(signed_in(), one) is None]
    return next(iter([*free, *sitting]), None)


@dataclass(frozen=True)
class Taken:
    """What a form came to: which answer it was, and the status to show it again with, if any."""

    refuses: bool
    status: int | None = None

    @property
    def opened(self) -> str:
        """Name the form that stays open."""
        return "refuse" if self.refuses else "agree"


def take_answer(
    record: Withdrawal | Disposal,
    deciding: Deciding,
    *,
    sign: Callable[..., None],
    refuse: Callable[..., None],
) -> Taken:
    """Take the viewer's answer: signed over the whole, or refused with the reason."""
    refuses = request.form.get("answer") == "refuse"
    form = deciding.refuse if refuses else deciding.agree
    if not form.validate_on_submit():
        return Taken(refuses, 422)
    places = (seat.person for seat in record.seats)
    seat = next((one for one in places if str(one.id) == form.seat.data), None)
    try:
        if refuses:
            reason = deciding.refuse.reason.data or ""
            with unit_of_work(signed_in()) as work:
                refuse(work, record, reason=reason, seat=seat)
        else:
            proof = proof_of(deciding.agree)
            with unit_of_work(signed_in()) as work:
                seen = deciding.agree.row_version.data
                sign(work, record, proof=proof, seat=seat, seen=seen)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return Taken(refuses, at_field(form, refused))
    return Taken(refuses)
