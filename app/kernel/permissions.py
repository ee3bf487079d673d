"""Who may try what: one table per domain, read afresh on every request (rules O1, O2, O4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.organisation import Body, Unit, subtree_ids
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


@dataclass(frozen=True)
class Standing:
    """What a person is and may on a day; an ended appointment is simply not in it (O1)."""

    person: Person
    body_id: int
    on: date
    grants: tuple[Grant, ...] = ()
    unit_ids: frozenset[int] = frozenset()
    overseen_body_ids: frozenset[int] = frozenset()
    delegators: tuple[Standing, ...] = field(default=(), repr=False)

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


def standing_of(session: Session, person: Person, on: date, *, deputising: bool = True) -> Standing:
    """Read a person's standing on a day from the database."""
    appointments = session.scalars(
        sa.select(Appointment)
        .options(joinedload(Appointment.unit))
        .where(
            Appointment.person_id == person.id,
            Appointment.from_on <= on,
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
        )
        .order_by(Appointment.id)
    ).all()
    posts = session.scalars(
        sa.select(SecondaryPost.unit_id).where(
            SecondaryPost.person_id == person.id,
            SecondaryPost.from_on <= on,
            sa.or_(SecondaryPost.until_on.is_(None), SecondaryPost.until_on >= on),
        )
    ).all()
    grants = tuple(
        Grant(
            role=appointment.role,
            body_id=appointment.body_id,
            unit_id=appointment.unit_id,
            covers=subtree_ids(session, {appointment.unit_id}),
            is_whole_body=appointment.unit.parent_id is None,
            capacity=appointment.capacity,
            appointment_id=appointment.id,
        )
        for appointment in appointments
        if person.disabled_at is None
    )
    delegators: tuple[Standing, ...] = ()
    if deputising:
        delegations = session.scalars(
            sa.select(Delegation)
            .options(joinedload(Delegation.delegator))
            .where(
                Delegation.deputy_id == person.id,
                Delegation.ended_at.is_(None),
                Delegation.from_on <= on,
                Delegation.until_on >= on,
            )
        ).all()
        delegators = tuple(  # a delegation cannot be passed on: only the delegator's own grants
            standing_of(session, delegation.delegator, on, deputising=False)
            for delegation in delegations
        )
    return Standing(
        person=person,
        body_id=person.body_id,
        on=on,
        grants=grants,
        unit_ids=frozenset({person.home_unit_id, *posts}),
        overseen_body_ids=_overseen(session, person.body_id, grants),
        delegators=delegators,
    )


_OVERSEEING = {Role.LEADER, Role.QUALITY_OFFICER, Role.QUALITY_REPRESENTATIVE, Role.INSPECTOR}


def _overseen(session: Session, body_id: int, grants: tuple[Grant, ...]) -> frozenset[int]:
    """Bodies below one's own, all the way down, for those who oversee the whole of it (O4)."""
    if not any(grant.role in _OVERSEEING and grant.is_whole_body for grant in grants):
        return frozenset()
    below: set[int] = set()
    edge = {body_id}
    while edge:
        edge = set(session.scalars(sa.select(Body.id).where(Body.overseer_id.in_(edge)))) - below
        below |= edge
    return frozenset(below)


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


def any_of(*conditions: Condition) -> Condition:
    """One of the conditions is enough."""
    return lambda standing, record: any(check(standing, record) for check in conditions)


def all_of(*conditions: Condition) -> Condition:
    """Every condition must hold."""
    return lambda standing, record: all(check(standing, record) for check in conditions)


def holds(*roles: Role) -> Condition:
    """Hold one of the roles over the record's unit (or over the whole body, if it has none)."""

    def condition(standing: Standing, record: Any) -> bool:
        if record is None:
            return standing.has(*roles)
        if isinstance(record, Body):
            return standing.has(*roles, body_id=record.id)
        unit_id = record.id if isinstance(record, Unit) else getattr(record, "place_unit_id", None)
        if unit_id is None:
            return standing.has(*roles, body_id=record.body_id)
        return standing.has(*roles, unit_id=unit_id)

    return condition


def holds_anywhere(*roles: Role) -> Condition:
    """Hold one of the roles somewhere in the record's body."""

    def condition(standing: Standing, record: Any) -> bool:
        if not standing.has(*roles):
            return False
        return record is None or record.body_id == standing.body_id

    return condition


def same_body(standing: Standing, record: Any) -> bool:
    """The record is of the body one works in."""
    return record is None or record.body_id == standing.body_id


def overseen_body(standing: Standing, record: Any) -> bool:
    """The record is of a body that one's own oversees (O4)."""
    if record is None:
        return bool(standing.overseen_body_ids)
    return record.body_id in standing.overseen_body_ids


def anybody(_standing: Standing, _record: Any) -> bool:
    """Whoever is signed in."""
    return True
