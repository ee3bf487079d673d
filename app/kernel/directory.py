"""Reads of bodies, units and people that are more than one line (5.3; rules O1, O3, O4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.access import KernelPermission
from app.kernel.accounts import SignInSession
from app.kernel.errors import NotFound
from app.kernel.organisation import Body, Unit, UnitClosure, ancestor_ids
from app.kernel.people import Appointment, Delegation, Person, Role, SecondaryPost
from app.kernel.permissions import Standing, may
from app.kernel.search import fold, nfc, words

PAGE = 50


def bodies_for(session: Session, standing: Standing) -> list[Body]:
    """Give the body one works in and those it oversees."""
    return list(
        session.scalars(
            sa.select(Body)
            .where(Body.id.in_({standing.body_id, *standing.overseen_body_ids}))
            .order_by(Body.id != standing.body_id, Body.name, Body.id)
        )
    )


def unit(session: Session, standing: Standing, unit_id: int) -> Unit:
    """Give a unit by its key; NotFound when there is none for this person."""
    found = session.get(Unit, unit_id)
    if found is None or not may(standing, KernelPermission.VIEW_ORGANISATION, found):
        raise NotFound()
    return found


def person(session: Session, standing: Standing, person_id: int) -> Person:
    """Give a person by their key; NotFound when there is none for this person."""
    found = session.get(Person, person_id)
    if found is None or not may(standing, KernelPermission.VIEW_PEOPLE, found):
        raise NotFound()
    return found


def appointment(session: Session, standing: Standing, appointment_id: int) -> Appointment:
    """Give an appointment by its key; NotFound when there is none for this person."""
    found = session.get(Appointment, appointment_id)
    if found is None or not may(standing, KernelPermission.VIEW_PEOPLE, found.person):
        raise NotFound()
    return found


def post(session: Session, standing: Standing, post_id: int) -> SecondaryPost:
    """Give a second post by its key; NotFound when there is none for this person."""
    found = session.get(SecondaryPost, post_id)
    if found is None or not may(standing, KernelPermission.VIEW_PEOPLE, found.person):
        raise NotFound()
    return found


def holds_on(record: type[Appointment] | type[SecondaryPost], on: date) -> Any:
    """Condition: a dated record counts on a day; its last day counts too."""
    return sa.and_(record.from_on <= on, sa.or_(record.until_on.is_(None), record.until_on >= on))


def _folded(column: Any, typed: str) -> Any:
    """Condition: every typed word stands in a folded column, with or without tone marks."""
    wanted = [fold(word) for word in words(nfc(typed))][:8]
    if not wanted:
        return sa.false()
    return sa.and_(*(column.contains(word, autoescape=True) for word in wanted))


def find_units(session: Session, body: Body, typed: str, on: date) -> list[Unit]:
    """Give the units whose name or code holds what was typed, those of today first."""
    wanted = nfc(typed).strip()
    if not wanted:
        return []
    is_gone = sa.or_(Unit.active_from > on, sa.func.coalesce(Unit.active_until, on) < on)
    return list(
        session.scalars(
            sa.select(Unit)
            .where(
                Unit.body_id == body.id,
                sa.or_(
                    _folded(Unit.name_folded, wanted),
                    sa.func.lower(Unit.code) == wanted.lower(),
                ),
            )
            .order_by(is_gone, Unit.sort_key, Unit.id)
            .limit(PAGE)
        )
    )


def units_above(session: Session, found: Unit) -> list[Unit]:
    """Give the units above one, the whole body first."""
    ids = [unit_id for unit_id in ancestor_ids(session, found.id) if unit_id != found.id]
    known = {each.id: each for each in session.scalars(sa.select(Unit).where(Unit.id.in_(ids)))}
    return [known[unit_id] for unit_id in reversed(ids)]


def units_below(session: Session, found: Unit, on: date) -> list[Unit]:
    """Give the units right below one that exist on a day."""
    below = session.scalars(
        sa.select(Unit).where(Unit.parent_id == found.id).order_by(Unit.sort_key, Unit.id)
    )
    return [each for each in below if each.is_active(on)]


@dataclass(frozen=True)
class Member:
    """Somebody in a unit, by home or by a second post."""

    person: Person
    post: str
    is_second: bool
    until_on: date | None = None


def members(session: Session, found: Unit, on: date) -> list[Member]:
    """Give the people of a unit on a day by given name; closed accounts are left out."""
    at_home = session.scalars(
        sa.select(Person).where(Person.home_unit_id == found.id, Person.disabled_at.is_(None))
    )
    posts = session.scalars(
        sa.select(SecondaryPost)
        .options(joinedload(SecondaryPost.person))
        .join(SecondaryPost.person)
        .where(
            SecondaryPost.unit_id == found.id,
            holds_on(SecondaryPost, on),
            Person.disabled_at.is_(None),
        )
    )
    both = [Member(each, each.post, False) for each in at_home]
    both += [Member(each.person, each.title, True, each.until_on) for each in posts]
    return sorted(both, key=lambda member: (member.person.sort_key, member.person.id))


def appointments_over(session: Session, found: Unit, on: date) -> list[Appointment]:
    """Give the appointments that count over a unit on a day: its own first, then from above."""
    return list(
        session.scalars(
            sa.select(Appointment)
            .options(joinedload(Appointment.person), joinedload(Appointment.unit))
            .join(UnitClosure, UnitClosure.ancestor_id == Appointment.unit_id)
            .join(Person, Person.id == Appointment.person_id)
            .where(UnitClosure.descendant_id == found.id, holds_on(Appointment, on))
            .order_by(UnitClosure.depth, Person.sort_key, Appointment.id)
        )
    )


@dataclass(frozen=True)
class PeopleFilter:
    """What a list of people is narrowed by; it lives in the address."""

    typed: str = ""
    unit_id: int | None = None
    role: Role | None = None
    accounts: str = "open"  # open, closed, all


@dataclass(frozen=True)
class PeoplePage:
    """One page of people and the keys of its neighbours."""

    people: list[Person]
    total: int
    before: int | None
    after: int | None


def _people_where(body: Body, wanted: PeopleFilter, on: date) -> Any:
    conditions = [Person.body_id == body.id]
    if wanted.typed.strip():
        conditions.append(
            sa.or_(
                _folded(Person.name_folded, wanted.typed),
                Person.login == nfc(wanted.typed).strip().casefold(),
            )
        )
    if wanted.accounts == "open":
        conditions.append(Person.disabled_at.is_(None))
    elif wanted.accounts == "closed":
        conditions.append(Person.disabled_at.is_not(None))
    if wanted.unit_id is not None:
        below = sa.select(UnitClosure.descendant_id).where(
            UnitClosure.ancestor_id == wanted.unit_id
        )
        second = sa.exists().where(
            SecondaryPost.person_id == Person.id,
            SecondaryPost.unit_id.in_(below),
            holds_on(SecondaryPost, on),
        )
        conditions.append(sa.or_(Person.home_unit_id.in_(below), second))
    if wanted.role is not None:
        conditions.append(
            sa.exists().where(
                Appointment.person_id == Person.id,
                Appointment.role == wanted.role,
                holds_on(Appointment, on),
            )
        )
    return sa.and_(*conditions)


def people(
    session: Session,
    body: Body,
    wanted: PeopleFilter,
    on: date,
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> PeoplePage:
    """Give one page of a body's people by given name, after or before the person of a key."""
    where = _people_where(body, wanted, on)
    total = session.scalar(sa.select(sa.func.count()).select_from(Person).where(where)) or 0
    edge = session.get(Person, after or before) if after or before else None
    backwards = bool(before) and not after
    query = sa.select(Person).where(where)
    if edge is not None and edge.body_id == body.id:
        key = sa.tuple_(Person.sort_key, Person.id)
        here = sa.tuple_(sa.literal(edge.sort_key), sa.literal(edge.id))
        query = query.where(key < here if backwards else key > here)
    order = (
        (Person.sort_key.desc(), Person.id.desc()) if backwards else (Person.sort_key, Person.id)
    )
    rows = list(
        session.scalars(
            query.options(
                joinedload(Person.home_unit),
                selectinload(Person.appointments).joinedload(Appointment.unit),
            )
            .order_by(*order)
            .limit(size + 1)
        )
    )
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_before = more if backwards else edge is not None
    has_after = (edge is not None) if backwards else more
    return PeoplePage(
        people=rows,
        total=total,
        before=rows[0].id if rows and has_before else None,
        after=rows[-1].id if rows and has_after else None,
    )


def find_people(
    session: Session, body: Body, typed: str, *, limit: int = 10, without: int | None = None
) -> list[Person]:
    """Give people for a picker: open accounts first, by given name; two letters at least."""
    if len(nfc(typed).strip()) < 2:
        return []
    return list(
        session.scalars(
            sa.select(Person)
            .options(joinedload(Person.home_unit))
            .where(
                Person.body_id == body.id,
                Person.disabled_at.is_(None),
                Person.id != (without or 0),
                _folded(Person.name_folded, typed),
            )
            .order_by(Person.login.is_(None), Person.sort_key, Person.id)
            .limit(limit)
        )
    )


def open_sessions(session: Session, found: Person, now: datetime) -> list[SignInSession]:
    """Give the browsers somebody is signed in with, the latest used first."""
    rows = session.scalars(
        sa.select(SignInSession)
        .options(joinedload(SignInSession.person))
        .where(SignInSession.person_id == found.id, SignInSession.ended_at.is_(None))
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )
    return [each for each in rows if each.is_alive(now)]


def posts_lent(session: Session, found: Person, on: date) -> list[Appointment]:
    """Give the posts somebody holds on a day or will hold, each of which they may lend alone."""
    return list(
        session.scalars(
            sa.select(Appointment)
            .options(joinedload(Appointment.unit))
            .where(
                Appointment.person_id == found.id,
                Appointment.role.not_in((Role.STAFF, Role.INSPECTOR)),
                sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
            )
            .order_by(Appointment.id)
        )
    )


def delegations(session: Session, found: Person) -> list[Delegation]:
    """Give what somebody has delegated and what was delegated to them, the newest first."""
    return list(
        session.scalars(
            sa.select(Delegation)
            .options(
                joinedload(Delegation.delegator),
                joinedload(Delegation.deputy),
                joinedload(Delegation.unit),
            )
            .where(
                sa.or_(Delegation.delegator_id == found.id, Delegation.deputy_id == found.id),
            )
            .order_by(Delegation.until_on.desc(), Delegation.id.desc())
            .limit(100)
        )
    )


def delegation(session: Session, standing: Standing, delegation_id: int) -> Delegation:
    """Give a delegation one may end; NotFound when there is none for this person."""
    found = session.get(Delegation, delegation_id)
    if found is None or not may(standing, KernelPermission.DELEGATE, found.delegator):
        raise NotFound()
    return found


def people_by_id(session: Session, ids: set[int]) -> dict[int, Person]:
    """Give people by their keys, for names beside dates."""
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(sa.select(Person).where(Person.id.in_(ids)))}


@dataclass(frozen=True)
class Node:
    """A unit in its body's tree on a day, with how deep it stands."""

    unit: Unit
    depth: int
    children: list[Node]


def tree(session: Session, body: Body, on: date) -> list[Node]:
    """Give the units that exist on a day as a tree; below a unit that is gone, its next above."""
    every = {
        each.id: each
        for each in session.scalars(
            sa.select(Unit).where(Unit.body_id == body.id).order_by(Unit.sort_key, Unit.id)
        )
    }

    def standing_parent(found: Unit) -> int | None:
        above = every.get(found.parent_id or 0)
        while above is not None and not above.is_active(on):
            above = every.get(above.parent_id or 0)
        return above.id if above is not None else None

    below: dict[int | None, list[Unit]] = {}
    for each in every.values():
        if each.is_active(on):
            below.setdefault(standing_parent(each), []).append(each)

    def nodes(parent: int | None, depth: int) -> list[Node]:
        return [Node(each, depth, nodes(each.id, depth + 1)) for each in below.get(parent, [])]

    return nodes(None, 0)


def in_order(nodes: list[Node]) -> list[Node]:
    """Give a tree as a list, each unit before those below it."""
    found: list[Node] = []
    for node in nodes:
        found += [node, *in_order(node.children)]
    return found
