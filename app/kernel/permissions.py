"""Who may try what: one table per domain, read afresh on every request (rules O1, O2, O4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.organisation import Body, Unit, UnitClosure, bodies_above, bodies_below
from app.kernel.people import Appointment, Capacity, Delegation, Person, Role, SecondaryPost


@dataclass(frozen=True)
class Grant:
    """One appointment as it counts on a day: a role over a unit and everything below it."""

    role: Role
    body_id: int
    unit_id: int
    covers: frozenset[int]
    is_whole_body: bool
    capacity: Capacity
    appointment_id: int
    unit_name: str = ""
    from_on: date | None = None


class Above:
    """Which bodies oversee those of some standings: asked where it is needed, once for each."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[int, frozenset[int]] = {}

    def of(self, person: Person) -> frozenset[int]:
        """Give the bodies above a person's; most have none and cost no question."""
        if person.body.overseer_id is None:
            return frozenset()
        if person.body_id not in self._found:
            self._found[person.body_id] = bodies_above(self._session, person.body_id)
        return self._found[person.body_id]


@dataclass(frozen=True)
class Standing:
    """What a person is and may on a day; an ended appointment is simply not in it (O1)."""

    person: Person
    body_id: int
    on: date
    grants: tuple[Grant, ...] = ()
    unit_ids: frozenset[int] = frozenset()
    overseen_body_ids: frozenset[int] = frozenset()
    above: Above | None = field(default=None, repr=False, compare=False)
    delegators: tuple[Standing, ...] = field(default=(), repr=False)
    post: tuple[Role, int] | None = None  # of a delegator: what alone is lent; None: everything

    @property
    def is_below(self) -> bool:
        """Say whether a body oversees the person's own; costs no question."""
        return self.person.body.overseer_id is not None

    @property
    def above_body_ids(self) -> frozenset[int]:
        """Give the bodies that oversee the person's own (O4)."""
        return self.above.of(self.person) if self.above is not None else frozenset()

    def has(self, *roles: Role, unit_id: int | None = None, body_id: int | None = None) -> bool:
        """Say whether one of the roles is held: anywhere, over a unit, or over a whole body."""
        for grant in self.grants:
            if grant.role not in roles:
                continue
            if unit_id is not None:
                if unit_id in grant.covers:
                    return True
            elif body_id is not None:
                if grant.body_id == body_id and grant.is_whole_body:
                    return True
            else:
                return True
        return False

    def capacity_for(self, roles: tuple[Role, ...], unit_id: int) -> Capacity:
        """Give the capacity in which this person signs for a unit."""
        for grant in self.grants:
            if grant.role in roles and unit_id in grant.covers:
                return grant.capacity
        return Capacity.OWN


def standing_of(session: Session, person: Person, on: date) -> Standing:
    """Read a person's standing on a day from the database."""
    return standings_of(session, [person], on)[person.id]


def standings_of(
    session: Session, people: Sequence[Person], on: date, *, deputising: bool = True
) -> dict[int, Standing]:
    """Read the standings of many people on a day; as many queries as for one."""
    session.flush()  # what follows asks the tables, past the records
    asked = {"ids": [person.id for person in people], "day": on}
    appointments = session.execute(_APPOINTMENTS, asked).all()
    posts = session.execute(_POSTS, asked).all()
    below = _covers(session, {appointment.unit_id for appointment in appointments})
    deputised = _delegators(session, asked) if deputising else {}
    overseen: dict[int, frozenset[int]] = {}
    above = Above(session)
    found = {}
    for person in people:
        grants = tuple(
            _grant(appointment, below)
            for appointment in appointments
            if appointment.person_id == person.id and person.disabled_at is None
        )
        if _oversees(grants) and person.body_id not in overseen:
            overseen[person.body_id] = bodies_below(session, person.body_id)
        found[person.id] = Standing(
            person=person,
            body_id=person.body_id,
            on=on,
            grants=grants,
            unit_ids=frozenset(
                {person.home_unit_id, *(unit_id for who, unit_id in posts if who == person.id)}
            ),
            overseen_body_ids=overseen[person.body_id] if _oversees(grants) else frozenset(),
            above=above,
            delegators=deputised.get(person.id, ()),
        )
    return found


def _grant(appointment: Any, below: dict[int, frozenset[int]]) -> Grant:
    return Grant(
        role=appointment.role,
        body_id=appointment.body_id,
        unit_id=appointment.unit_id,
        covers=below.get(appointment.unit_id, frozenset()),
        is_whole_body=appointment.parent_id is None,
        capacity=appointment.capacity,
        appointment_id=appointment.id,
        unit_name=appointment.unit_name,
        from_on=appointment.from_on,
    )


def _covers(session: Session, unit_ids: set[int]) -> dict[int, frozenset[int]]:
    """Give for each unit the ids at or below it."""
    found: dict[int, set[int]] = {}
    if unit_ids:
        for above, below in session.execute(_BELOW, {"units": list(unit_ids)}):
            found.setdefault(above, set()).add(below)
    return {unit_id: frozenset(ids) for unit_id, ids in found.items()}


def _delegators(session: Session, asked: dict[str, Any]) -> dict[int, tuple[Standing, ...]]:
    """Give for each deputy the standings acted for.

    A delegation cannot be passed on: only the delegator's own grants count (O2).
    """
    delegations = session.execute(_DELEGATIONS, asked).all()
    if not delegations:
        return {}
    lent = [(each, who) for each in delegations for who in _lending(session, each, asked["day"])]
    people = session.scalars(sa.select(Person).where(Person.id.in_({who for _, who in lent}))).all()
    standings = standings_of(session, people, asked["day"], deputising=False)
    found: dict[int, list[Standing]] = {}
    for delegation, who in lent:
        held = found.setdefault(delegation.deputy_id, [])
        standing = standings[who]
        if delegation.role is not None:
            standing = _of_post(standing, delegation.role, delegation.unit_id)
        if standing not in held:
            held.append(standing)
    return {deputy: tuple(held) for deputy, held in found.items()}


def _lending(session: Session, delegation: Any, day: date) -> list[int]:
    """Give who is acted for: the delegator; of a post, whoever holds it on the day."""
    if delegation.role is None:
        return [delegation.delegator_id]
    held = {"role": delegation.role, "unit": delegation.unit_id, "day": day}
    holders = session.scalars(_HOLDERS, held)
    return [who for who in dict.fromkeys(holders) if who != delegation.deputy_id]


def _of_post(standing: Standing, role: Role, unit_id: int) -> Standing:
    """Give what of a standing comes with one post alone."""
    grants = tuple(
        grant for grant in standing.grants if (grant.role, grant.unit_id) == (role, unit_id)
    )
    return replace(
        standing,
        grants=grants,
        unit_ids=frozenset(),
        overseen_body_ids=frozenset(),
        post=(role, unit_id),
    )


def _tables() -> tuple[Any, Any, Any, Any, Any]:
    """Prepare the questions every request asks: built once, answered afresh each time."""
    appointment, unit = Appointment.__table__, Unit.__table__
    post, closure, delegation = (
        SecondaryPost.__table__,
        UnitClosure.__table__,
        Delegation.__table__,
    )
    ids: Any = sa.bindparam("ids", expanding=True)
    day: Any = sa.bindparam("day", type_=sa.Date())

    def holds_on_day(table: Any) -> Any:
        ends = sa.or_(table.c.until_on.is_(None), table.c.until_on >= day)
        return sa.and_(table.c.from_on <= day, ends)

    appointments = (
        sa.select(
            *(appointment.c[name] for name in ("id", "person_id", "role", "body_id", "unit_id")),
            *(appointment.c[name] for name in ("capacity", "from_on")),
            unit.c.name.label("unit_name"),
            unit.c.parent_id,
        )
        .join_from(appointment, unit, unit.c.id == appointment.c.unit_id)
        .where(appointment.c.person_id.in_(ids), holds_on_day(appointment))
        .order_by(appointment.c.id)
    )
    posts = sa.select(post.c.person_id, post.c.unit_id).where(
        post.c.person_id.in_(ids), holds_on_day(post)
    )
    below = sa.select(closure.c.ancestor_id, closure.c.descendant_id).where(
        closure.c.ancestor_id.in_(sa.bindparam("units", expanding=True))
    )
    delegations = (
        sa.select(
            *(delegation.c[name] for name in ("deputy_id", "delegator_id", "role", "unit_id"))
        )
        .where(
            delegation.c.deputy_id.in_(ids), delegation.c.ended_at.is_(None),
            holds_on_day(delegation),
        )
        .order_by(delegation.c.id)
    )  # fmt: skip
    holders = (
        sa.select(appointment.c.person_id)
        .where(
            appointment.c.role == sa.bindparam("role", type_=appointment.c.role.type),
            appointment.c.unit_id == sa.bindparam("unit"),
            holds_on_day(appointment),
        )
        .order_by(appointment.c.id)
    )
    return appointments, posts, below, delegations, holders


_APPOINTMENTS, _POSTS, _BELOW, _DELEGATIONS, _HOLDERS = _tables()

_OVERSEEING = {Role.LEADER, Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.INSPECTOR}


def _oversees(grants: tuple[Grant, ...]) -> bool:
    return any(grant.role in _OVERSEEING and grant.is_whole_body for grant in grants)


class Permission(StrEnum):
    """Base of every list of permissions; values read area.record.act."""


Condition = Callable[[Standing, Any], bool]

TABLE: dict[Permission, Condition] = {}


def add_table(table: dict[Any, Condition]) -> None:
    """Add one domain's table; a permission is given its conditions once."""
    for permission, condition in table.items():
        if permission in TABLE:
            raise ValueError(f"{permission} has its conditions already")
        TABLE[permission] = condition


def may(standing: Standing, permission: Permission, record: Any = None) -> bool:
    """Say whether a person may try an act; without a record, whether there could be one."""
    if standing.person.disabled_at is not None:
        return False
    return TABLE[permission](standing, record)


@dataclass(frozen=True)
class Reason:
    """Why somebody may try an act: a sentence (an English message id) and its values."""

    text: str
    role: Role | None = None
    unit_name: str = ""
    from_on: date | None = None
    is_everybody: bool = False


Why = Callable[[Standing, Any], list[Reason]]
_WHY: dict[Condition, Why] = {}
BY_RULE = Reason(N_("By a rule of its own"))
BY_ROLE = N_("%(role)s over %(unit)s since %(from_on)s")


def because(text: str, *, is_everybody: bool = False) -> Callable[[Condition], Condition]:
    """Say of a condition, in words people read, why it lets somebody in."""

    return because_of(lambda _standing, _record: [Reason(text, is_everybody=is_everybody)])


def because_of(why: Why) -> Callable[[Condition], Condition]:
    """Say of a condition how its reasons are found."""

    def told(condition: Condition) -> Condition:
        _WHY[condition] = why
        return condition

    return told


def reasons(standing: Standing, condition: Condition, record: Any) -> list[Reason]:
    """Give every reason for which a condition holds; nothing where it does not."""
    if not condition(standing, record):
        return []
    why = _WHY.get(condition)
    return why(standing, record) if why is not None else [BY_RULE]


def reasons_for(standing: Standing, permission: Permission, record: Any) -> list[Reason]:
    """Give why a person may try an act on a record; nothing when they may not."""
    if not may(standing, permission, record):
        return []
    return reasons(standing, TABLE[permission], record) or [BY_RULE]


def any_of(*conditions: Condition) -> Condition:
    """One of the conditions is enough."""

    def condition(standing: Standing, record: Any) -> bool:
        return any(check(standing, record) for check in conditions)

    _WHY[condition] = lambda standing, record: _all_reasons(standing, conditions, record)
    return condition


def all_of(*conditions: Condition) -> Condition:
    """Every condition must hold."""

    def condition(standing: Standing, record: Any) -> bool:
        return all(check(standing, record) for check in conditions)

    _WHY[condition] = lambda standing, record: _all_reasons(standing, conditions, record)
    return condition


def _all_reasons(
    standing: Standing, conditions: tuple[Condition, ...], record: Any
) -> list[Reason]:
    found: list[Reason] = []
    for each in conditions:
        found += [why for why in reasons(standing, each, record) if why not in found]
    # a bare condition beside one that says more adds nothing
    return [why for why in found if why != BY_RULE] or found


def _by_roles(roles: tuple[Role, ...], standing: Standing, unit_id: int | None) -> list[Reason]:
    return [
        Reason(BY_ROLE, grant.role, grant.unit_name, grant.from_on)
        for grant in standing.grants
        if grant.role in roles and (unit_id is None or unit_id in grant.covers)
    ]


def _unit_of(record: Any) -> int | None:
    """Give the unit a record belongs to; None for records of the whole body."""
    if record is None or isinstance(record, Body):
        return None
    return record.id if isinstance(record, Unit) else getattr(record, "place_unit_id", None)


def holds(*roles: Role) -> Condition:
    """Hold one of the roles over the record's unit (or over the whole body, if it has none)."""

    def condition(standing: Standing, record: Any) -> bool:
        if record is None:
            return standing.has(*roles)
        unit_id = _unit_of(record)
        if unit_id is None:
            return standing.has(*roles, body_id=record.body_id)
        return standing.has(*roles, unit_id=unit_id)

    _WHY[condition] = lambda standing, record: _by_roles(roles, standing, _unit_of(record))
    return condition


def holds_over_body(*roles: Role) -> Condition:
    """Hold one of the roles over the whole body: what concerns all its units asks for that (O1)."""

    def condition(standing: Standing, record: Any) -> bool:
        if record is not None and record.body_id != standing.body_id:
            return False
        return standing.has(*roles, body_id=standing.body_id)

    def why(standing: Standing, _record: Any) -> list[Reason]:
        return [
            Reason(BY_ROLE, grant.role, grant.unit_name, grant.from_on)
            for grant in standing.grants
            if grant.role in roles and grant.is_whole_body
        ]

    _WHY[condition] = why
    return condition


@because(N_("Works in this body"), is_everybody=True)
def same_body(standing: Standing, record: Any) -> bool:
    """The record is of the body one works in."""
    return record is None or record.body_id == standing.body_id


def _by_oversight(standing: Standing, _record: Any) -> list[Reason]:
    return [
        Reason(BY_ROLE, grant.role, grant.unit_name, grant.from_on)
        for grant in standing.grants
        if grant.role in _OVERSEEING and grant.is_whole_body
    ]


@because_of(_by_oversight)
def overseen_body(standing: Standing, record: Any) -> bool:
    """The record is of a body that one's own oversees (O4)."""
    if record is None:
        return bool(standing.overseen_body_ids)
    return record.body_id in standing.overseen_body_ids


@because(N_("Is signed in"), is_everybody=True)
def anybody(_standing: Standing, _record: Any) -> bool:
    """Whoever is signed in."""
    return True
