"""Acts on bodies, units and people (ISO 9001:2015, 5.3; rules O1, O2, O4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.access import KernelPermission
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.notices import KernelNotice
from app.kernel.organisation import Body, Unit, UnitKind, place_unit, root_unit
from app.kernel.people import (
    Appointment,
    Capacity,
    Delegation,
    Person,
    Role,
    SecondaryPost,
)
from app.kernel.search import nfc
from app.kernel.signing_in import end_sessions, login_name
from app.kernel.work import Work


def _name(text: str, field: str = "name") -> str:
    text = " ".join(nfc(text).split())
    if not text:
        raise InvalidInput(N_("Give a name."), field=field)
    if len(text) > 200:
        raise InvalidInput(N_("The name is too long: 200 characters at most."), field=field)
    return text


def create_body(
    work: Work,
    code: str,
    name: str,
    *,
    active_from: date,
    overseer: Body | None = None,
    is_demo: bool = False,
    root_code: str = "",
    kind: UnitKind = UnitKind.LEADERSHIP,
) -> Body:
    """Set up a body with its root unit; done by the operator, from the command line."""
    code = code.strip().casefold()
    if not code or not all(char.isascii() and (char.isalnum() or char == "-") for char in code):
        raise InvalidInput(N_("A body's code holds letters a-z, digits and hyphens."), field="code")
    if work.session.scalar(sa.select(Body.id).where(Body.code == code)) is not None:
        raise RuleBroken(N_("There is a body with the code %(code)s already."), code=code)
    body = Body(code=code, name=_name(name), settings={}, is_demo=is_demo)
    body.overseer_id = overseer.id if overseer is not None else None
    work.add(body)
    root = Unit(body_id=body.id, code=root_code or code.upper(), kind=kind, active_from=active_from)
    root.rename(body.name)
    work.add(root)
    place_unit(work.session, root)
    work.record(KernelFact.BODY_CREATED, body, root=root)
    return body


def add_unit(
    work: Work,
    parent: Unit,
    code: str,
    name: str,
    kind: UnitKind,
    *,
    active_from: date,
    active_until: date | None = None,
    name_en: str = "",
) -> Unit:
    """Add a unit below another; the operator (no actor) or an administrator over the parent."""
    if work.actor_or_none is not None:
        work.require(KernelPermission.CHANGE_UNITS, parent)
    if active_until is not None and active_until < active_from:
        raise InvalidInput(N_("The last day lies before the first."), field="active_until")
    code = " ".join(nfc(code).split())
    if not code:
        raise InvalidInput(N_("Give the unit a code; document codes use it."), field="code")
    _check_code(work, parent.body_id, code, active_from, active_until)
    unit = Unit(
        body_id=parent.body_id,
        parent_id=parent.id,
        code=code[:40],
        kind=kind,
        active_from=active_from,
        active_until=active_until,
    )
    unit.rename(_name(name), nfc(name_en).strip())
    work.add(unit)
    place_unit(work.session, unit)
    work.read_standing_again()
    work.record(KernelFact.UNIT_ADDED, unit)
    return unit


def _check_code(
    work: Work, body_id: int, code: str, first: date, last: date | None, unit_id: int | None = None
) -> None:
    """Refuse a code that another unit of the body has on one of the same days."""
    with work.session.no_autoflush:
        others = work.session.scalars(
            sa.select(Unit).where(
                Unit.body_id == body_id,
                Unit.id != (unit_id or 0),
                sa.func.upper(Unit.code) == code.upper(),
                sa.or_(Unit.active_until.is_(None), Unit.active_until >= first),
            )
        ).all()
    for other in others:
        if last is None or other.active_from <= last:
            raise InvalidInput(
                N_("%(name)s has the code %(code)s. Give this unit another one."),
                field="code",
                name=other.name,
                code=other.code,
            )


def change_unit(
    work: Work,
    unit: Unit,
    *,
    code: str,
    name: str,
    name_en: str,
    kind: UnitKind,
    active_until: date | None,
) -> None:
    """Change a unit's data; its place in the tree moves only by succession (O3)."""
    if work.actor_or_none is not None:
        work.require(KernelPermission.CHANGE_UNITS, unit)
    if active_until is not None and active_until < unit.active_from:
        raise InvalidInput(N_("The last day lies before the first."), field="active_until")
    code = " ".join(nfc(code).split())[:40] or unit.code
    _check_code(work, unit.body_id, code, unit.active_from, active_until, unit.id)
    unit.code = code
    unit.rename(_name(name), nfc(name_en).strip())
    unit.kind, unit.active_until = kind, active_until
    if work.has_changed(unit):
        work.record(KernelFact.UNIT_CHANGED, unit)


@dataclass(frozen=True)
class PersonData:
    """What is kept of a person; an empty login means: only named, cannot sign in."""

    name: str
    unit: Unit
    post: str = ""
    email: str = ""
    login: str = ""
    language: str = "vi"


def add_person(work: Work, data: PersonData) -> Person:
    """Add somebody; with a login name they get a one-time link to set their password."""
    if work.actor_or_none is not None:
        work.require(KernelPermission.CHANGE_PEOPLE, data.unit)
    person = Person(body_id=data.unit.body_id, home_unit_id=data.unit.id)
    person.home_unit, person.body = data.unit, data.unit.body
    _put_person(work, person, data)
    work.add(person)
    work.record(KernelFact.PERSON_ADDED, person)
    return person


def change_person(work: Work, person: Person, data: PersonData) -> None:
    """Change a person's data; a new home unit counts from now on."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    _refuse_pseudonym(person)
    if data.unit.id != person.home_unit_id:
        work.require(KernelPermission.CHANGE_PEOPLE, data.unit)
        person.home_unit_id = data.unit.id
    _put_person(work, person, data)
    if work.has_changed(person):
        work.record(KernelFact.PERSON_CHANGED, person)


def _put_person(work: Work, person: Person, data: PersonData) -> None:
    login = login_name(data.login) or None
    if login is not None and any(char.isspace() for char in login):
        raise InvalidInput(N_("An account name has no spaces."), field="login")
    taken = sa.select(Person.id).where(Person.login == login)
    if person.id is not None:
        taken = taken.where(Person.id != person.id)
    with work.session.no_autoflush:
        if login is not None and work.session.scalar(taken) is not None:
            raise RuleBroken(
                N_("The account name %(login)s is taken. Choose another."), login=login
            )
    email = data.email.strip()
    if email and ("@" not in email or any(char.isspace() or ord(char) < 32 for char in email)):
        raise InvalidInput(N_("This is no e-mail address."), field="email")
    person.rename(_name(data.name))
    person.post, person.email = nfc(data.post).strip()[:200], email[:254]
    person.login = login
    person.language = data.language if data.language in ("vi", "en") else "vi"


def _refuse_pseudonym(person: Person) -> None:
    if person.pseudonym_at is not None:
        raise RuleBroken(
            N_("This person left; their data was replaced for good. Add them anew if they return.")
        )


def disable_person(work: Work, person: Person, *, reason: str) -> None:
    """Close an account: every signed-in browser ends at once, appointments stay in history."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    if person.id == work.actor.id:
        raise RuleBroken(N_("Nobody closes their own account. Ask another administrator."))
    if not reason.strip():
        raise InvalidInput(N_("Say why the account is closed."), field="reason")
    person.disabled_at = work.now
    end_sessions(work, person)
    work.record(KernelFact.PERSON_DISABLED, person, reason=reason.strip())


def enable_person(work: Work, person: Person) -> None:
    """Open a closed account again."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    _refuse_pseudonym(person)
    person.disabled_at = None
    work.record(KernelFact.PERSON_ENABLED, person)


def appointment_obstacle(actor: Person | None, person: Person) -> RuleBroken | None:
    """Say why this actor cannot appoint this person; None when nothing stands in the way."""
    if actor is not None and actor.id == person.id:
        return RuleBroken(N_("Nobody appoints themselves."), rule="O4")
    return None


def appoint(
    work: Work,
    person: Person,
    role: Role,
    unit: Unit,
    *,
    from_on: date,
    until_on: date | None = None,
    decision_number: str = "",
    capacity: Capacity = Capacity.OWN,
    field: str = "",
) -> Appointment:
    """Give a person a role over a unit and everything below it; never oneself (O1, O4)."""
    actor = work.actor_or_none
    _refuse_pseudonym(person)
    if obstacle := appointment_obstacle(actor, person):
        raise obstacle
    if actor is not None:
        work.require(KernelPermission.APPOINT, unit)
    if unit.body_id != person.body_id:
        raise RuleBroken(N_("People are appointed within their own body."), rule="O4")
    if until_on is not None and until_on < from_on:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    appointment = Appointment(
        body_id=unit.body_id,
        person_id=person.id,
        person=person,
        unit_id=unit.id,
        unit=unit,
        role=role,
        capacity=capacity,
        field=field.strip()[:200],
        decision_number=decision_number.strip()[:80],
        from_on=from_on,
        until_on=until_on,
        appointed_by_id=actor.id if actor is not None else None,
    )
    work.add(appointment)
    work.record(KernelFact.APPOINTED, appointment)
    return appointment


def end_appointment(work: Work, appointment: Appointment, *, until_on: date) -> None:
    """End an appointment; with a last day that is past it gives nothing from the next request on.

    One that began only today and ends at once keeps the day before as its last: it counts no day.
    """
    work.require(KernelPermission.APPOINT, appointment.unit)
    if appointment.person_id == work.actor.id:
        raise RuleBroken(
            N_("Nobody ends their own appointment. Ask another administrator."), rule="O4"
        )
    if appointment.until_on is not None and appointment.until_on < work.today:
        raise RuleBroken(N_("This appointment has ended already."))
    appointment.until_on = max(until_on, appointment.from_on - timedelta(days=1))
    work.record(KernelFact.APPOINTMENT_ENDED, appointment)


def give_post(
    work: Work, person: Person, unit: Unit, *, title: str, from_on: date, until_on: date | None
) -> SecondaryPost:
    """Give a person a dated second post."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    if unit.body_id != person.body_id:
        raise RuleBroken(N_("People are appointed within their own body."), rule="O4")
    if until_on is not None and until_on < from_on:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    post = SecondaryPost(
        body_id=person.body_id,
        person_id=person.id,
        unit_id=unit.id,
        unit=unit,
        title=nfc(title).strip()[:200],
        from_on=from_on,
        until_on=until_on,
    )
    work.add(post)
    work.record(KernelFact.POST_GIVEN, post)
    return post


def end_post(work: Work, post: SecondaryPost, *, until_on: date) -> None:
    """End a second post."""
    work.require(KernelPermission.CHANGE_PEOPLE, post.person)
    post.until_on = max(until_on, post.from_on)
    work.record(KernelFact.POST_ENDED, post)


def delegate(
    work: Work,
    delegator: Person,
    deputy: Person,
    *,
    from_on: date,
    until_on: date,
    reason: str,
    post: Appointment | None = None,
) -> Delegation:
    """Let a deputy act for some dates, by oneself or an administrator; it is not passed on (O2).

    With a post only that is lent, for whoever holds it on those days; without one, everything.
    """
    work.require(KernelPermission.DELEGATE, delegator)
    if deputy.id == delegator.id:
        raise InvalidInput(N_("Choose somebody else as deputy."), field="deputy")
    if deputy.body_id != delegator.body_id:
        raise RuleBroken(N_("A deputy is of the same body."), rule="O4")
    if deputy.disabled_at is not None or not deputy.login:
        raise RuleBroken(N_("A deputy needs an open account."))
    if until_on < from_on:
        raise InvalidInput(N_("The last day lies before the first."), field="until_on")
    if until_on < work.today:
        raise InvalidInput(N_("The last day lies in the past."), field="until_on")
    if not reason.strip():
        raise InvalidInput(N_("Say why, for example a leave or a journey."), field="reason")
    delegation = Delegation(
        body_id=delegator.body_id,
        delegator_id=delegator.id,
        deputy_id=deputy.id,
        from_on=from_on,
        until_on=until_on,
        reason=reason.strip()[:500],
    )
    fact = KernelFact.DELEGATED
    if post is not None:
        if post.person_id != delegator.id or not post.holds(max(from_on, work.today)):
            raise InvalidInput(N_("Choose a post that is held on these days."), field="post")
        delegation.role, delegation.unit_id, delegation.unit = post.role, post.unit_id, post.unit
        fact = KernelFact.POST_DELEGATED
    work.add(delegation)
    work.record(fact, delegation, from_on=from_on, until_on=until_on, reason=reason)
    work.notify(
        KernelNotice.DELEGATED,
        delegation,
        to=[deputy],
        delegator=delegator.name,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
    )
    return delegation


def end_delegation(work: Work, delegation: Delegation) -> None:
    """End a delegation before its last day."""
    work.require(KernelPermission.DELEGATE, delegation.delegator)
    if delegation.ended_at is not None:
        raise RuleBroken(N_("This delegation has ended already."))
    delegation.ended_at = work.now
    work.record(KernelFact.DELEGATION_ENDED, delegation)


def change_settings(work: Work, body: Body, changes: dict[str, Any]) -> None:
    """Change settings of a body; old and new values go into the trail."""
    work.require(KernelPermission.CHANGE_SETTINGS, body)
    body.settings = {**body.settings, **changes}
    work.record(KernelFact.SETTINGS_CHANGED, body)


def root_of(work: Work, body: Body) -> Unit:
    """Give the unit that stands for the whole body."""
    return root_unit(work.session, body.id)
