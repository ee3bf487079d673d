"""Whom an audit concerns, and telling them of its plan and of what changed (b13; 9.2.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.organisation import Body, root_unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.work import Work
from audits.models import Audit
from audits.plan_facts import PlanNotice


def heads_of(session: Session, audit: Audit, on: date) -> list[Person]:
    """Give who heads the units audited; of a unit without a head, who leads the body."""
    wanted = {one.unit_id for one in audit.units}
    held = _holders(session, Role.MANAGER, wanted, on)
    found = [person for person, _unit in held]
    if wanted - {unit for _person, unit in held}:
        root = root_unit(session, audit.body_id)
        found += [person for person, _unit in _holders(session, Role.LEADER, {root.id}, on)]
    return list(dict.fromkeys(found))


def _holders(
    session: Session, role: Role, unit_ids: set[int], on: date
) -> list[tuple[Person, int]]:
    """Give who holds a role over these very units on a day, each with the unit."""
    rows = session.execute(
        sa.select(Person, Appointment.unit_id)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.role == role,
            Appointment.unit_id.in_(unit_ids),
            Appointment.from_on <= on,
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    )
    return [(row[0], row[1]) for row in rows]


def leaders_of(session: Session, body_id: int, on: date) -> list[tuple[Person, str]]:
    """Give who leads a body on a day, each with the capacity in which papers are signed."""
    root = root_unit(session, body_id)
    rows = session.execute(
        sa.select(Person, Appointment.capacity)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.role == Role.LEADER,
            Appointment.unit_id == root.id,
            Appointment.from_on <= on,
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
            Person.disabled_at.is_(None),
        )
        .order_by(Appointment.id)
    )
    return [(row[0], str(row[1])) for row in rows]


def team_of(audit: Audit) -> list[Person]:
    """Give who of the team can be told: those with an account, guests too."""
    people = [one.auditor.person for one in audit.team]
    return [one for one in people if one is not None and one.disabled_at is None]


def answers_for(session: Session, audit: Audit, on: date) -> list[Person]:
    """Give who answers for an audit: its lead, or without an account the quality officers."""
    lead = audit.lead
    if lead is not None and lead.auditor.person is not None:
        return [lead.auditor.person]
    root = root_unit(session, audit.body_id)
    held = _holders(session, Role.QUALITY_OFFICER, {root.id}, on)
    return [person for person, _unit in held]


def tell(work: Work, audit: Audit, kind: PlanNotice, to: list[Person], **values: Any) -> None:
    """Tell people of an audit: its number, its units, the body whose address leads to it."""
    body = work.session.get_one(Body, audit.body_id)
    work.notify(
        kind,
        audit,
        to=to,
        number=audit.number,
        units=audit.unit_names,
        body=body.code,
        **values,
    )


def tell_all(work: Work, audit: Audit, kind: PlanNotice, **values: Any) -> None:
    """Tell the team, and the heads of the units once the audit was announced to them."""
    heads = heads_of(work.session, audit, work.today) if audit.announced_at is not None else []
    tell(work, audit, kind, [*heads, *team_of(audit)], **values)
