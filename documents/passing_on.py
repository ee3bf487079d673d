"""A seat that comes with a post goes to whoever holds the post next (O1, O6; a21, L16).

A step that names a person waits for that person; a seat by post never waits for whoever left it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.db import db
from app.kernel.organisation import UnitClosure
from app.kernel.people import Appointment, Person
from app.kernel.work import Work, unit_of_work
from documents.models import Decision, Need, Package, Step, StepPerson
from documents.routing import Seat, seats_of_post
from documents.together_facts import TogetherFact, TogetherNotice


def seat_is_left(seat: Any, unit_id: Any, on: date) -> Any:
    """Say, as a condition, that a seat by post is held by nobody: the post or the account ended."""
    held = (
        sa.exists()
        .where(Appointment.person_id == seat.person_id)
        .where(Appointment.role == seat.role)
        .where(Appointment.from_on <= on)
        .where(sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on))
        .where(UnitClosure.ancestor_id == Appointment.unit_id)
        .where(UnitClosure.descendant_id == unit_id)
        .correlate_except(Appointment, UnitClosure)
    )
    return sa.and_(seat.role.is_not(None), sa.or_(~held, Person.disabled_at.is_not(None)))


def packages_left(session: Session, body_id: int, on: date) -> list[int]:
    """Give the packages on their way where an unanswered seat's post is no longer held."""
    answered = (
        sa.exists()
        .where(Decision.step_id == Step.id, Decision.seat_id == StepPerson.person_id)
        .correlate(Step, StepPerson)
    )
    return list(
        session.scalars(
            sa.select(Package.id)
            .join(Step, Step.package_id == Package.id)
            .join(StepPerson, StepPerson.step_id == Step.id)
            .join(Person, Person.id == StepPerson.person_id)
            .where(
                Package.body_id == body_id,
                Package.current_position.is_not(None),
                Step.round == Package.round,
                Step.position >= Package.current_position,
                seat_is_left(StepPerson, Package.lead_unit_id, on),
                ~answered,
            )
            .distinct()
            .order_by(Package.id)
        )
    )


def pass_a_seat_on(work: Work, package: Package, on: date) -> bool:
    """Give the first seat whose post changed hands to whoever holds it; both are told.

    Where nobody holds it yet the seat waits: it is looked at again, and whoever left the post
    cannot answer meanwhile (O1). One seat a unit of work: each is a fact of its own.
    """
    package = work.fresh(package)
    return any(
        _pass_on(work, package, step, seat, on)
        for step in package.steps
        if package.current_position is not None and step.position >= package.current_position
        for seat in list(step.seats)
        if _is_left(work, package, step, seat, on)
    )


def pass_seats_on(body_id: int, on: date, now: datetime) -> int:
    """Pass on every seat of a body whose post changed hands; return how many."""
    passed = 0
    for package_id in packages_left(db.session(), body_id, on):
        more = True
        while more:
            with unit_of_work(None, now=now) as work:
                more = pass_a_seat_on(work, work.session.get_one(Package, package_id), on)
            passed += more
    return passed


def _is_left(work: Work, package: Package, step: Step, seat: StepPerson, on: date) -> bool:
    if any(one.seat_id == seat.person_id for one in step.decisions):
        return False
    left = seat_is_left(StepPerson, package.lead_unit_id, on)
    return work.session.scalar(_this(StepPerson, seat.id).where(left)) is not None


def _this(kind: Any, seat_id: int) -> Any:
    return sa.select(kind.id).join(Person, Person.id == kind.person_id).where(kind.id == seat_id)


def _pass_on(work: Work, package: Package, step: Step, seat: StepPerson, on: date) -> bool:
    former, role = seat.person, seat.role
    if role is None:
        return False
    sitting = {one.person_id for one in step.seats if one is not seat}
    sitting |= {one.decided_by_id for one in step.decisions}
    authors = {author.id for author in package.authors}
    others = [one for one in step.seats if one is not seat and one.role is role]
    new = seats_of_post(work.session, role, package.lead_unit, on, authors | sitting | {former.id})
    # only who holds the post itself takes it while others of the same post still answer
    is_spare = step.need is not Need.QUORUM or step.needed < len(step.seats)
    if others and is_spare and not (new and _holds_same(new[0], others)):
        step.seats.remove(seat)
        work.session.delete(seat)
        work.session.flush()
        work.record(
            TogetherFact.SEAT_LET_GO, package, former_holder=former.id, position=step.position
        )
        return True
    if not new:
        return False
    seat.person, seat.person_id = new[0].person, new[0].person.id
    seat.reason, seat.role = new[0].reason, new[0].role
    work.session.flush()
    _tell(work, package, step, former, new[0].person)
    return True


def _holds_same(seat: Seat, others: list[StepPerson]) -> bool:
    return seat.role is others[0].role and seat.reason is others[0].reason


def _tell(work: Work, package: Package, step: Step, former: Person, person: Person) -> None:
    work.record(
        TogetherFact.SEAT_PASSED_ON,
        package,
        person=person.id,
        former_holder=former.id,
        position=step.position,
    )
    said = {"code": package.lead.code, "edition": package.lead.label}
    work.notify(
        TogetherNotice.SEAT_TAKEN,
        package,
        to=[person],
        due_on=step.due_on,
        former=former.name,
        **said,
    )
    if former.disabled_at is None:
        work.notify(TogetherNotice.SEAT_PASSED, package, to=[former], successor=person.name, **said)
