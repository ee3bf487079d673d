"""Routes as a body sets them: who reviews and approves what, whom it concerns (a10-a14)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.organisation import Body, Unit, UnitClosure
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.facts import DocumentFact
from documents.models import (
    Document,
    DocumentKind,
    Need,
    Package,
    RouteStep,
    RouteTemplate,
    StepKind,
)
from documents.permissions import DocumentPermission
from documents.routing import best_route

MOST_STEPS = 6


@dataclass(frozen=True)
class StepData:
    """One step: a post, or people by name; all, any one, or a number of them."""

    kind: StepKind
    role: Role | None = None
    people: tuple[Person, ...] = ()
    need: Need = Need.ANY
    quorum: int | None = None


@dataclass(frozen=True)
class RouteData:
    """A route: its name, for which documents, its steps in order."""

    name: str
    kind: DocumentKind | None = None
    unit: Unit | None = None
    steps: tuple[StepData, ...] = field(default=())


def route(session: Session, standing: Standing, route_id: int) -> RouteTemplate:
    """Give a route by its key; NotFound for whoever may not change it."""
    found = session.get(RouteTemplate, route_id)
    if found is None or not may(standing, DocumentPermission.CHANGE_ROUTES, found):
        raise NotFound()
    return found


def routes_of(session: Session, body_id: int) -> list[RouteTemplate]:
    """Give a body's routes with their steps, those in use first."""
    return list(
        session.scalars(
            sa.select(RouteTemplate)
            .options(selectinload(RouteTemplate.steps), selectinload(RouteTemplate.unit))
            .where(RouteTemplate.body_id == body_id)
            .order_by(RouteTemplate.is_active.desc(), RouteTemplate.name, RouteTemplate.id)
        )
    )


def uses(session: Session, body_id: int, *, routes: list[RouteTemplate]) -> Counter[int]:
    """Count the documents of a body by the route they would take; 0 stands for the usual one."""
    groups = session.execute(
        sa.select(Document.kind, Document.lead_unit_id, sa.func.count())
        .where(Document.body_id == body_id)
        .group_by(Document.kind, Document.lead_unit_id)
    ).all()
    above: dict[int, list[int]] = {}
    for pair in session.execute(
        sa.select(UnitClosure.descendant_id, UnitClosure.ancestor_id)
        .where(UnitClosure.descendant_id.in_({unit_id for _, unit_id, _ in groups}))
        .order_by(UnitClosure.depth)
    ):
        above.setdefault(pair.descendant_id, []).append(pair.ancestor_id)
    active = [one for one in routes if one.is_active]
    counted: Counter[int] = Counter()
    for kind, unit_id, count in groups:
        chosen = best_route(active, kind, above.get(unit_id, []))
        counted[chosen.id if chosen is not None else 0] += count
    return counted


def under_way(session: Session, body_id: int) -> int:
    """Count what is on its route now: a change of routes leaves it as it was submitted."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Package)
            .where(Package.body_id == body_id, Package.current_position.is_not(None))
        )
        or 0
    )


def would_use(
    session: Session, body_id: int, data: RouteData, changed: RouteTemplate | None = None
) -> int:
    """Count the documents that would take a route if it were set like this; nothing is written."""
    key = changed.id if changed is not None else 1 << 60
    tried = RouteTemplate(
        id=key,
        body_id=body_id,
        name=data.name,
        kind=data.kind,
        unit_id=data.unit.id if data.unit is not None else None,
        is_active=True,
    )
    others = [one for one in routes_of(session, body_id) if one.id != key]
    return uses(session, body_id, routes=[*others, tried])[key]


def check_route(body_id: int, data: RouteData) -> None:
    """Refuse a route that could leave a document without an approval, or a step without people."""
    if not data.name.strip():
        raise InvalidInput(N_("Give the route a name."), field="name")
    if data.unit is not None and data.unit.body_id != body_id:
        raise NotFound()
    if not any(step.kind is StepKind.APPROVAL for step in data.steps):
        raise InvalidInput(
            N_("A route needs at least one approval step."), field="steps", rule="D4"
        )
    if data.steps[-1].kind is not StepKind.APPROVAL:
        raise InvalidInput(N_("The last step is an approval: reviews come before."), field="steps")
    if len(data.steps) > MOST_STEPS:
        raise InvalidInput(
            N_("A route has %(count)s steps at most."), field="steps", count=MOST_STEPS
        )
    for position, step in enumerate(data.steps, start=1):
        _check_step(body_id, position, step)


def _check_step(body_id: int, position: int, step: StepData) -> None:
    if any(person.body_id != body_id for person in step.people):
        raise NotFound()
    if bool(step.people) == (step.role is not None):
        raise InvalidInput(
            N_("Step %(position)s asks either a post or people by name."),
            field="steps",
            position=position,
        )
    if any(person.disabled_at is not None or not person.login for person in step.people):
        raise InvalidInput(
            N_("Step %(position)s names somebody without an open account."),
            field="steps",
            position=position,
        )
    if step.need is Need.QUORUM:
        if step.quorum is None or step.quorum < 1:
            raise InvalidInput(
                N_("Step %(position)s: say how many must answer."), field="steps", position=position
            )
        if step.people and step.quorum > len(step.people):
            raise InvalidInput(
                N_("Step %(position)s asks for more answers than it names people."),
                field="steps",
                position=position,
            )


def add_route(work: Work, body: Body, data: RouteData) -> RouteTemplate:
    """Set a route for documents of a kind, of a unit and below, or of the whole body."""
    work.require(DocumentPermission.CHANGE_ROUTES, body)
    check_route(body.id, data)
    made = RouteTemplate(body_id=body.id, name="", is_active=True)
    _put(made, data)
    work.add(made)
    _put_steps(work, made, data)
    work.record(DocumentFact.ROUTE_CHANGED, made, steps=[[], told_steps(made)])
    return made


def change_route(work: Work, changed: RouteTemplate, data: RouteData) -> None:
    """Change a route for what is submitted from now on; what is on its way keeps its steps."""
    work.require(DocumentPermission.CHANGE_ROUTES, changed)
    check_route(changed.body_id, data)
    before = told_steps(changed)
    _put(changed, data)
    _put_steps(work, changed, data)
    after = told_steps(changed)
    if before != after:
        work.record(DocumentFact.ROUTE_CHANGED, changed, steps=[before, after])
    elif work.has_changed(changed):
        work.record(DocumentFact.ROUTE_CHANGED, changed)


def use_route(work: Work, changed: RouteTemplate, *, is_active: bool) -> None:
    """Take a route out of use, or back into use; it is kept with its history."""
    work.require(DocumentPermission.CHANGE_ROUTES, changed)
    changed.is_active = is_active
    if work.has_changed(changed):
        work.record(DocumentFact.ROUTE_CHANGED, changed)


def _put(changed: RouteTemplate, data: RouteData) -> None:
    changed.name = " ".join(nfc(data.name).split())[:200]
    changed.kind = data.kind
    changed.unit_id = data.unit.id if data.unit is not None else None


def _put_steps(work: Work, changed: RouteTemplate, data: RouteData) -> None:
    wanted = [_row(position, step) for position, step in enumerate(data.steps, start=1)]
    if [_values(row) for row in changed.steps] == [_values(row) for row in wanted]:
        return
    for row in list(changed.steps):
        work.session.delete(row)
    work.session.flush()  # a position is free again before another step takes it
    work.session.expire(changed, ["steps"])
    changed.steps = wanted
    work.session.flush()


def _row(position: int, step: StepData) -> RouteStep:
    return RouteStep(
        position=position,
        kind=step.kind,
        need=step.need,
        quorum=step.quorum if step.need is Need.QUORUM else None,
        role=step.role,
        person_ids=[str(person.id) for person in step.people],
    )


def _values(row: RouteStep) -> tuple[Any, ...]:
    return row.position, row.kind, row.need, row.quorum, row.role, list(row.person_ids)


def told_steps(changed: RouteTemplate) -> list[dict[str, Any]]:
    """Give the steps as the trail keeps them: codes and keys, no names (T4)."""
    return [
        {
            "kind": str(row.kind),
            "need": str(row.need),
            "quorum": row.quorum,
            "role": str(row.role) if row.role is not None else None,
            "people": [int(key) for key in row.person_ids],
        }
        for row in changed.steps
    ]
