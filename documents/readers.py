"""Who must read a revision on a day, and who has: derived from units, never copied (7.5.3.2 a).

Nothing is kept for each person but what happened: a bar, a list and a morning's reading are asked
of the database as the organisation stands on the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.organisation import Unit, UnitClosure
from app.kernel.people import Appointment, Person, Role, SecondaryPost
from app.kernel.permissions import Standing
from documents.models import (
    Acknowledgement,
    Confidentiality,
    Distribution,
    DistributionPerson,
    DistributionUnit,
    Document,
    DocumentReader,
    ReadingRequest,
    Revision,
)
from documents.models.distribution import READABLE
from documents.visibility import visible

MOST = 100  # what one screen of work shows; the list of all goes page by page
PAGE = 50


@dataclass(frozen=True)
class ToRead:
    """A revision somebody has still to read."""

    revision: Revision
    due_on: date
    is_again: bool


@dataclass(frozen=True)
class Bar:
    """How far one unit has come."""

    unit: Unit
    confirmed: int
    asked: int


@dataclass(frozen=True)
class Reader:
    """Somebody who must read a revision, and whether they have."""

    person: Person
    confirmed_at: datetime | None
    by_minutes: str
    of_edition: str
    due_on: date | None
    reminded_on: date | None


def _on(day: date, record: Any) -> Any:
    return sa.and_(record.from_on <= day, sa.or_(record.until_on.is_(None), record.until_on >= day))


def _counted(body_id: int, day: date) -> Any:
    """Condition on people: of the body, still there, and no inspector for a few days."""
    visiting = sa.exists().where(
        Appointment.person_id == Person.id,
        Appointment.role == Role.INSPECTOR,
        _on(day, Appointment),
    )
    return sa.and_(Person.body_id == body_id, Person.disabled_at.is_(None), ~visiting)


def distribution_of(
    session: Session, revision: Revision, standing: Standing
) -> Distribution | None:
    """Give whom a revision asks to read it: in its own body, or where the viewer's was given it."""
    if revision.body_id == standing.body_id or revision.body_id not in standing.above_body_ids:
        return revision.distribution
    return _distribution_in(session, revision, standing.body_id)


def _distribution_in(session: Session, revision: Revision, body_id: int) -> Distribution | None:
    if revision.body_id == body_id:
        return revision.distribution
    return session.scalars(
        sa.select(Distribution).where(
            Distribution.revision_id == revision.id, Distribution.body_id == body_id
        )
    ).one_or_none()


def readers_of(distribution: Distribution, day: date) -> Any:
    """Give a subquery of (person_id, unit_id): everybody who must read a revision on a day."""
    counted = _counted(distribution.body_id, day)
    at_home = sa.select(Person.id.label("person_id"), Person.home_unit_id.label("unit_id"))
    document = distribution.revision.document
    if document.confidentiality is Confidentiality.NAMED:
        return (
            at_home.join(DocumentReader, DocumentReader.person_id == Person.id)
            .where(DocumentReader.document_id == document.id, counted)
            .subquery("reader")
        )
    covered = (
        sa.select(UnitClosure.descendant_id)
        .join(DistributionUnit, DistributionUnit.unit_id == UnitClosure.ancestor_id)
        .where(DistributionUnit.distribution_id == distribution.id)
    )
    second = (
        sa.select(SecondaryPost.person_id, SecondaryPost.unit_id)
        .join(Person, Person.id == SecondaryPost.person_id)
        .where(SecondaryPost.unit_id.in_(covered), _on(day, SecondaryPost), counted)
    )
    beside = at_home.join(DistributionPerson, DistributionPerson.person_id == Person.id).where(
        DistributionPerson.distribution_id == distribution.id, counted
    )
    return sa.union(
        at_home.where(Person.home_unit_id.in_(covered), counted), second, beside
    ).subquery("reader")


def _confirms(distribution: Distribution, person_id: Any) -> Any:
    """Condition on acknowledgements: of this person, counting for this distribution now."""
    return sa.and_(
        Acknowledgement.counts_from_id == distribution.counts_from_id,
        Acknowledgement.cycle == distribution.cycle,
        Acknowledgement.person_id == person_id,
    )


def bars(session: Session, distribution: Distribution, day: date) -> list[Bar]:
    """Give a bar for each unit whose people read a revision, in Vietnamese order."""
    readers = readers_of(distribution, day)
    rows = session.execute(
        sa.select(
            Unit,
            sa.func.count(sa.distinct(readers.c.person_id)),
            sa.func.count(sa.distinct(Acknowledgement.person_id)),
        )
        .join(readers, readers.c.unit_id == Unit.id)
        .outerjoin(Acknowledgement, _confirms(distribution, readers.c.person_id))
        .group_by(Unit.id)
        .order_by(Unit.sort_key, Unit.id)
    )
    return [Bar(unit, confirmed, asked) for unit, asked, confirmed in rows]


def totals(session: Session, distribution: Distribution, day: date) -> tuple[int, int]:
    """Give how many have confirmed and how many must, each person once."""
    readers = readers_of(distribution, day)
    row = session.execute(
        sa.select(
            sa.func.count(sa.distinct(Acknowledgement.person_id)),
            sa.func.count(sa.distinct(readers.c.person_id)),
        )
        .select_from(readers)
        .outerjoin(Acknowledgement, _confirms(distribution, readers.c.person_id))
    ).one()
    return int(row[0]), int(row[1])


def empty_units(session: Session, distribution: Distribution, day: date) -> list[Unit]:
    """Give units a revision goes to where nobody is recorded who could read it."""
    readers = readers_of(distribution, day)
    return list(
        session.scalars(
            sa.select(Unit)
            .join(DistributionUnit, DistributionUnit.unit_id == Unit.id)
            .where(
                DistributionUnit.distribution_id == distribution.id,
                ~sa.exists().where(
                    UnitClosure.ancestor_id == Unit.id,
                    UnitClosure.descendant_id == readers.c.unit_id,
                ),
            )
            .order_by(Unit.sort_key, Unit.id)
        )
    )


def people_of(
    session: Session,
    distribution: Distribution,
    day: date,
    *,
    unit_ids: frozenset[int] | None = None,
    unread: bool = False,
    after: tuple[str, int] | None = None,
) -> list[Reader]:
    """Give a page of those who must read a revision, by given name, one more than a page."""
    readers = readers_of(distribution, day)
    among = sa.select(readers.c.person_id)
    if unit_ids is not None:
        among = among.where(readers.c.unit_id.in_(unit_ids))
    newest = (
        sa.select(sa.func.max(Acknowledgement.id))
        .where(_confirms(distribution, Person.id))
        .correlate(Person)
        .scalar_subquery()
    )
    query = (
        sa.select(Person, Acknowledgement, ReadingRequest)
        .outerjoin(Acknowledgement, Acknowledgement.id == newest)
        .outerjoin(
            ReadingRequest,
            sa.and_(
                ReadingRequest.person_id == Person.id,
                ReadingRequest.distribution_id == distribution.id,
                ReadingRequest.cycle == distribution.cycle,
            ),
        )
        .options(
            joinedload(Person.home_unit),
            joinedload(Acknowledgement.meeting),
            joinedload(Acknowledgement.revision),
        )
        .where(Person.id.in_(among))
        .order_by(Person.sort_key, Person.id)
        .limit(PAGE + 1)
    )
    if unread:
        query = query.where(Acknowledgement.id.is_(None))
    if after is not None:
        query = query.where(sa.tuple_(Person.sort_key, Person.id) > sa.tuple_(*after))
    return [
        Reader(
            person,
            given.acknowledged_at if given is not None else None,
            given.meeting.minutes_number if given is not None and given.meeting else "",
            given.revision.label
            if given is not None and given.revision_id != distribution.revision_id
            else "",
            asked.due_on if asked is not None else distribution.due_on,
            asked.reminded_on if asked is not None else None,
        )
        for person, given, asked in session.execute(query)
    ]


def unread_people(session: Session, distribution: Distribution, day: date) -> Any:
    """Give the query of those who must read a revision and have not."""
    readers = readers_of(distribution, day)
    return (
        sa.select(Person)
        .where(
            Person.id.in_(sa.select(readers.c.person_id)),
            ~sa.exists().where(_confirms(distribution, Person.id)),
        )
        .order_by(Person.id)
    )


def must_read(session: Session, distribution: Distribution, person: Person, day: date) -> bool:
    """Say whether a person is among those who read a revision."""
    readers = readers_of(distribution, day)
    return bool(session.scalar(sa.select(sa.exists().where(readers.c.person_id == person.id))))


def owes(session: Session, revision: Revision, person: Person) -> bool:
    """Say whether somebody was asked to read a revision and has still to confirm it."""
    distribution = _distribution_in(session, revision, person.body_id)
    return (
        distribution is not None
        and distribution.is_asking
        and revision.state in READABLE
        and own_acknowledgement(session, distribution, person) is None
    )


def _asked_of(person: Any, units: Any) -> Any:
    """Condition on distributions joined with their document: a person is among the readers."""
    above = sa.select(UnitClosure.ancestor_id).where(UnitClosure.descendant_id.in_(units))
    by_unit = sa.exists().where(
        DistributionUnit.distribution_id == Distribution.id, DistributionUnit.unit_id.in_(above)
    )
    beside = sa.exists().where(
        DistributionPerson.distribution_id == Distribution.id,
        DistributionPerson.person_id == person,
    )
    named = sa.exists().where(
        DocumentReader.document_id == Document.id, DocumentReader.person_id == person
    )
    return sa.or_(
        sa.and_(Document.confidentiality != Confidentiality.NAMED, sa.or_(by_unit, beside)),
        sa.and_(Document.confidentiality == Confidentiality.NAMED, named),
    )


def _to_read() -> Any:
    """Put the question together that every page of one's work asks."""
    person: Any = sa.bindparam("person")
    due = sa.func.coalesce(ReadingRequest.due_on, Distribution.due_on)
    return (
        sa.select(Revision, due, Distribution.cycle)
        .join(Distribution, Distribution.revision_id == Revision.id)
        .join(Document, Document.id == Revision.document_id)
        .outerjoin(
            ReadingRequest,
            sa.and_(
                ReadingRequest.distribution_id == Distribution.id,
                ReadingRequest.cycle == Distribution.cycle,
                ReadingRequest.person_id == person,
            ),
        )
        .options(joinedload(Revision.document).joinedload(Document.lead_unit))
        .where(
            Distribution.body_id == sa.bindparam("body"),
            Distribution.asks_reading.is_(True),
            Distribution.asked_on.is_not(None),
            Revision.state.in_(READABLE),
            _asked_of(person, sa.bindparam("units", expanding=True)),
            ~sa.exists().where(
                Acknowledgement.counts_from_id == Distribution.counts_from_id,
                Acknowledgement.cycle == Distribution.cycle,
                Acknowledgement.person_id == person,
            ),
        )
        .order_by(due, Revision.id)
        .limit(sa.bindparam("most"))
    )


_TO_READ = _to_read()


def to_read(session: Session, standing: Standing, *, limit: int = MOST) -> list[ToRead]:
    """Give what a person has still to read, the earliest due first (a37)."""
    if standing.has(Role.INSPECTOR):
        return []
    asked = {"person": standing.person.id, "body": standing.body_id, "most": limit}
    rows = session.execute(_TO_READ, {**asked, "units": list(standing.unit_ids)})
    return [ToRead(revision, due_on, cycle > 1) for revision, due_on, cycle in rows]


def own_acknowledgement(
    session: Session, distribution: Distribution | None, person: Person
) -> Acknowledgement | None:
    """Give a person's word that counts for a revision now; None while they owe it."""
    if distribution is None:
        return None
    return session.scalars(
        sa.select(Acknowledgement)
        .options(joinedload(Acknowledgement.revision))
        .where(_confirms(distribution, person.id))
        .order_by(Acknowledgement.id.desc())
        .limit(1)
    ).one_or_none()


def due_for(session: Session, distribution: Distribution, person: Person) -> date | None:
    """Give the day a person has read a revision by: whoever came later has as many days."""
    own = session.scalar(
        sa.select(ReadingRequest.due_on).where(
            ReadingRequest.distribution_id == distribution.id,
            ReadingRequest.cycle == distribution.cycle,
            ReadingRequest.person_id == person.id,
        )
    )
    return own or distribution.due_on


def read_before(session: Session, revision: Revision, person: Person) -> Revision | None:
    """Give the latest earlier revision of the document that this person confirmed."""
    return session.scalars(
        sa.select(Revision)
        .join(Acknowledgement, Acknowledgement.revision_id == Revision.id)
        .where(
            Revision.document_id == revision.document_id,
            Revision.id != revision.id,
            Acknowledgement.person_id == person.id,
        )
        .order_by(Revision.edition.desc(), Revision.amendment.desc(), Revision.id.desc())
        .limit(1)
    ).one_or_none()


def training_of(
    session: Session, standing: Standing, person: Person, *, before: int | None = None
) -> list[Acknowledgement]:
    """Give a page of a person's training record, newest first, one more than a page (a38).

    Only what the viewer may know of: a document for named people shows to them alone. What a
    higher body gave stays in the record after it was taken back.
    """
    was_given = sa.and_(
        Acknowledgement.body_id == standing.body_id,
        Document.body_id != standing.body_id,
        Document.confidentiality != Confidentiality.NAMED,
    )
    query = (
        sa.select(Acknowledgement)
        .join(Revision, Revision.id == Acknowledgement.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .options(
            joinedload(Acknowledgement.revision).joinedload(Revision.document),
            joinedload(Acknowledgement.meeting),
        )
        .where(Acknowledgement.person_id == person.id, sa.or_(visible(standing), was_given))
        .order_by(Acknowledgement.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Acknowledgement.id < before)
    return list(session.scalars(query))
