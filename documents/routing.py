"""Who is asked at each step: posts become people, and nobody is left without a judge (D3, O6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body, Unit, ancestor_ids, root_unit
from app.kernel.people import Appointment, Person, Role
from documents.models import (
    Document,
    DocumentKind,
    Need,
    Package,
    RouteTemplate,
    SeatReason,
    Step,
    StepKind,
    StepPerson,
)
from documents.models.route import named_people


@dataclass(frozen=True)
class Seat:
    """A person asked at a step, and why they."""

    person: Person
    reason: SeatReason
    role: Role | None = None  # the post it comes with, which may be deputised for on its own


@dataclass(frozen=True)
class PlannedStep:
    """A step as it would be for a document, before submission writes it down."""

    position: int
    kind: StepKind
    need: Need
    quorum: int | None
    seats: tuple[Seat, ...]
    role: Role | None = None
    left_out: str = ""


# an English message id: it is kept with the step and shown in the reader's language
REPEATED = N_("Whoever would review this sits at a later step anyway.")

DEFAULT_STEPS: tuple[tuple[StepKind, Role], ...] = (
    (StepKind.REVIEW, Role.MANAGER),
    (StepKind.REVIEW, Role.QUALITY_OFFICER),
    (StepKind.APPROVAL, Role.LEADER),
)


def holders(session: Session, role: Role, unit_id: int, on: date) -> list[Person]:
    """Give the people who hold a role over exactly this unit on a day."""
    return list(
        session.scalars(
            sa.select(Person)
            .join(Appointment, Appointment.person_id == Person.id)
            .where(
                Appointment.role == role,
                Appointment.unit_id == unit_id,
                Appointment.from_on <= on,
                sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
                Person.disabled_at.is_(None),
            )
            .order_by(Person.sort_key, Person.id)
        ).unique()
    )


def seats_of_post(
    session: Session, role: Role, unit: Unit, on: date, excluded: set[int]
) -> tuple[Seat, ...]:
    """Fill a post: the nearest holder up the tree who did not write it, then the overseer (O6)."""
    passed = False
    for unit_id in ancestor_ids(session, unit.id):
        people = holders(session, role, unit_id, on)
        allowed = [person for person in people if person.id not in excluded]
        if allowed:
            reason = SeatReason.PASSED_UP if passed else SeatReason.POST
            return tuple(Seat(person, reason, role) for person in allowed)
        passed = passed or bool(people)
    if role is not Role.LEADER:
        root = root_unit(session, unit.body_id)
        leaders = [
            person
            for person in holders(session, Role.LEADER, root.id, on)
            if person.id not in excluded
        ]
        if leaders:
            return tuple(Seat(person, SeatReason.PASSED_UP, Role.LEADER) for person in leaders)
    return _overseer(session, unit.body, excluded)


def _overseer(session: Session, body: Body, excluded: set[int]) -> tuple[Seat, ...]:
    person_id = body.setting("escalation_person_id")
    person = session.get(Person, int(person_id)) if person_id else None
    if person is None or person.id in excluded or person.disabled_at is not None:
        return ()
    if person.body_id not in _above(session, body):
        return ()
    return (Seat(person, SeatReason.OVERSEER),)


def _above(session: Session, body: Body) -> set[int]:
    """Give the bodies that oversee this one, all the way up."""
    found: set[int] = set()
    above = body.overseer_id
    while above is not None and above not in found:
        found.add(above)
        above = session.scalar(sa.select(Body.overseer_id).where(Body.id == above))
    return found


def template_for(session: Session, document: Document) -> RouteTemplate | None:
    """Give the route set for a document: nearest unit first, its kind before any kind (a14)."""
    templates = session.scalars(
        sa.select(RouteTemplate).where(
            RouteTemplate.body_id == document.body_id, RouteTemplate.is_active.is_(True)
        )
    ).all()
    return best_route(templates, document.kind, ancestor_ids(session, document.lead_unit_id))


def best_route(
    templates: Iterable[RouteTemplate], kind: DocumentKind, unit_ids: list[int]
) -> RouteTemplate | None:
    """Choose among active routes for a kind of document; `unit_ids` go up from its lead unit."""
    distance = {unit_id: steps for steps, unit_id in enumerate(unit_ids)}
    fitting = [
        (
            distance[template.unit_id] if template.unit_id else len(distance),
            template.kind is None,
            template.id,
            template,
        )
        for template in templates
        if template.kind in (None, kind)
        and (template.unit_id is None or template.unit_id in distance)
    ]
    return min(fitting, key=lambda found: found[:3])[3] if fitting else None


def planned_route(
    session: Session, document: Document, authors: list[Person], on: date
) -> list[PlannedStep]:
    """Say who would be asked, step by step, if this document were submitted today."""
    return [step for step in whole_route(session, document, authors, on) if not step.left_out]


def whole_route(
    session: Session, document: Document, authors: list[Person], on: date
) -> list[PlannedStep]:
    """Give every step of the route, those that are left out too, each with why (O6)."""
    excluded = {person.id for person in authors}
    template = template_for(session, document)
    wanted: list[tuple[int, StepKind, Need, int | None, Role | None, list[Person]]]
    if template is None:
        wanted = [
            (position, kind, Need.ANY, None, role, [])
            for position, (kind, role) in enumerate(DEFAULT_STEPS, start=1)
        ]
    else:
        wanted = [
            (
                step.position,
                step.kind,
                step.need,
                step.quorum,
                step.role,
                named_people(session, step),
            )
            for step in template.steps
        ]
    planned = []
    for position, kind, need, quorum, role, people in wanted:
        seats = tuple(
            Seat(person, SeatReason.NAMED) for person in people if person.id not in excluded
        )
        if not seats and role is not None:
            seats = seats_of_post(session, role, document.lead_unit, on, excluded)
        elif not seats:  # only authors were named: the act passes on (O6)
            seats = seats_of_post(session, Role.LEADER, document.lead_unit, on, excluded)
        planned.append(PlannedStep(position, kind, need, quorum, seats, role))
    return _without_repeats(planned)


def _without_repeats(planned: list[PlannedStep]) -> list[PlannedStep]:
    """Leave out a review step whose only people sit at a later step anyway (small office, O6)."""
    kept: list[PlannedStep] = []
    for index, step in enumerate(planned):
        people = {seat.person.id for seat in step.seats}
        later = {seat.person.id for rest in planned[index + 1 :] for seat in rest.seats}
        passed_up = all(seat.reason is SeatReason.PASSED_UP for seat in step.seats)
        if step.kind is StepKind.REVIEW and people and passed_up and people <= later:
            step = replace(step, left_out=REPEATED)
        kept.append(step)
    return kept


def lay_route(
    session: Session,
    package: Package,
    *,
    on: date,
    authors: list[Person],
    leave_out: dict[int, str] | None = None,
) -> None:
    """Write the steps of the present round; left-out review steps keep their reason (O6)."""
    document = package.lead.document
    due_on = on
    for step in whole_route(session, document, authors, on):
        left_out = (leave_out or {}).get(step.position, "").strip() or step.left_out
        if not left_out:
            due_on = working_days_after(
                document.body, due_on, int(document.body.setting("answer_days"))
            )
        row = Step(
            package=package,
            round=package.round,
            position=step.position,
            kind=step.kind,
            need=step.need,
            quorum=step.quorum,
            due_on=None if left_out else due_on,
            left_out_reason=left_out,
        )
        row.seats = [
            StepPerson(person=seat.person, reason=seat.reason, role=seat.role)
            for seat in (() if left_out else step.seats)
        ]
        session.add(row)
    session.flush()
    session.refresh(package, ["all_steps"])


def leave_out_obstacle(
    session: Session, package: Package, leave_out: dict[int, str], on: date
) -> RuleBroken | None:
    """Say why these steps cannot be left out; None when they can (O6)."""
    reviews = {
        step.position
        for step in planned_route(session, package.lead.document, package.authors, on)
        if step.kind is StepKind.REVIEW
    }
    if not set(leave_out) <= reviews:
        return RuleBroken(N_("Only a review step of the route may be left out."), rule="O6")
    if not all(reason.strip() for reason in leave_out.values()):
        return RuleBroken(N_("Leaving out a step needs a reason."), rule="O6")
    return None
