"""Who may do something with a record, and why (ISO 9001:2015, 7.5.3.1 b; rules O1, O4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.organisation import bodies_above
from app.kernel.people import Person
from app.kernel.permissions import Permission, Reason, reasons_for, standings_of


def who_may(
    session: Session, permission: Permission, record: Any, on: date
) -> list[tuple[Person, Reason]]:
    """Give everybody who may try an act on a record on a day, once for each of their reasons.

    People of the record's own body and of those that oversee it, by given name.
    """
    people = session.scalars(
        sa.select(Person)
        .options(joinedload(Person.home_unit), joinedload(Person.body))
        .where(
            Person.body_id.in_([record.body_id, *bodies_above(session, record.body_id)]),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.sort_key, Person.id)
    ).all()
    standings = standings_of(session, people, on)
    return [
        (person, reason)
        for person in people
        for reason in reasons_for(standings[person.id], permission, record)
    ]
