"""Read and understood: one's own word, or the head's for people without accounts (7.3; O2, D6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Unit, UnitClosure
from app.kernel.people import Person, Role
from app.kernel.permissions import holds
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.facts import DocumentFact
from documents.models import Acknowledgement, Distribution, Revision, RevisionState, UnitMeeting
from documents.models.distribution import reading_obstacle
from documents.permissions import DocumentPermission
from documents.readers import (
    distribution_of,
    must_read,
    own_acknowledgement,
    readers_of,
    unread_people,
)


@dataclass(frozen=True)
class MeetingData:
    """A unit's meeting as its head enters it."""

    held_on: date
    minutes_number: str
    people: tuple[Person, ...]
    others_present: int = 0


def acknowledge(work: Work, revision: Revision) -> Acknowledgement:
    """Say of exactly this revision that one read and understood it; twice changes nothing."""
    work.require(DocumentPermission.ACKNOWLEDGE, revision)
    revision = work.fresh(revision)  # it may be superseded at this very moment
    distribution = asking(work, revision)
    if (
        distribution.questions
        and own_acknowledgement(work.session, distribution, work.actor) is None
    ):
        raise RuleBroken(N_("Answer the questions on this revision to confirm it."))
    return give_word(work, revision, distribution)


def give_word(work: Work, revision: Revision, distribution: Distribution) -> Acknowledgement:
    """Keep the actor's word over a revision that is locked and asks for it; once in a cycle."""
    known = work.session.scalars(
        sa.select(Acknowledgement).where(
            Acknowledgement.revision_id == revision.id,
            Acknowledgement.person_id == work.actor.id,
            Acknowledgement.cycle == distribution.cycle,
        )
    ).one_or_none()
    if known is not None:
        return known
    given = work.add(_given(work, distribution, work.actor, None))
    work.record(DocumentFact.ACKNOWLEDGED, distribution.told_of, acknowledgement=given)
    return given


def asking(work: Work, revision: Revision) -> Distribution:
    """Give the distribution by which the actor may confirm a revision now; refuse otherwise."""
    current = register.effective_revision(work.session, revision.document)
    distribution = distribution_of(work.session, revision, work.standing)
    obstacle = reading_obstacle(revision, current if current != revision else None, distribution)
    if obstacle or distribution is None:
        raise obstacle or NotFound()
    if revision.state is RevisionState.APPROVED and not must_read(
        work.session, distribution, work.actor, work.today
    ):
        raise RuleBroken(N_("Before it is in force only those asked to read it confirm it."))
    return distribution


def _given(
    work: Work, distribution: Distribution, person: Person, meeting: UnitMeeting | None
) -> Acknowledgement:
    return Acknowledgement(
        body_id=distribution.body_id,
        revision_id=distribution.revision_id,
        counts_from_id=distribution.counts_from_id,
        cycle=distribution.cycle,
        person_id=person.id,
        acknowledged_at=work.now,
        meeting_id=meeting.id if meeting is not None else None,
    )


def acknowledge_for_unit(
    work: Work, revision: Revision, unit: Unit, data: MeetingData
) -> UnitMeeting:
    """Enter a unit's meeting: who of its people without accounts went through a revision there."""
    work.require(DocumentPermission.ACKNOWLEDGE_FOR_UNIT, unit)
    work.require(DocumentPermission.ACKNOWLEDGE, revision)
    revision = work.fresh(revision)
    distribution = asking(work, revision)
    _check(work, revision, data)
    owing = {person.id for person in without_accounts(work.session, distribution, unit, work.today)}
    if any(person.id not in owing for person in data.people):
        raise InvalidInput(
            N_(
                "Choose only people of this unit without accounts who have not confirmed yet; "
                "whoever has an account confirms in person."
            ),
            field="people",
        )
    if not data.people and not data.others_present:
        raise InvalidInput(N_("Say who was present."), field="people")
    _act_for_head(work, unit)
    meeting = UnitMeeting(
        body_id=distribution.body_id,
        revision_id=revision.id,
        held_on=data.held_on,
        minutes_number=nfc(data.minutes_number).strip(),
        others_present=data.others_present,
        recorded_by_id=work.actor.id,
        recorded_for_id=work.acting_for.id if work.acting_for is not None else None,
        recorded_at=work.now,
    )
    meeting.unit, meeting.unit_id = unit, unit.id
    work.add(meeting)
    given = [_given(work, distribution, person, meeting) for person in data.people]
    work.session.add_all(given)
    work.session.flush()
    work.record(
        DocumentFact.UNIT_ACKNOWLEDGED,
        distribution.told_of,
        meeting=meeting,
        acknowledgements=given,
        unit=unit.name,
        minutes_number=meeting.minutes_number,
        held_on=meeting.held_on,
        present=[person.id for person in data.people],
        others_present=data.others_present or None,
    )
    return meeting


def _check(work: Work, revision: Revision, data: MeetingData) -> None:
    if not data.minutes_number.strip():
        raise InvalidInput(N_("Give the number of the minutes."), field="minutes_number")
    if data.held_on > work.today:
        raise InvalidInput(N_("The meeting cannot lie in the future."), field="held_on")
    body = revision.document.body
    if revision.approved_at is not None and data.held_on < today_of(body, revision.approved_at):
        raise InvalidInput(
            N_("The meeting cannot have been before this revision was approved."), field="held_on"
        )
    if not 0 <= data.others_present <= 9999:
        raise InvalidInput(N_("Type a whole number."), field="others_present")


def without_accounts(
    session: Session, distribution: Distribution, unit: Unit, day: date
) -> list[Person]:
    """Give the people of a unit, below included, who owe their word and have no account."""
    readers = readers_of(distribution, day)
    below = sa.select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit.id)
    return list(
        session.scalars(
            unread_people(session, distribution, day)
            .where(
                Person.login.is_(None),
                Person.id.in_(sa.select(readers.c.person_id).where(readers.c.unit_id.in_(below))),
            )
            .order_by(None)
            .order_by(Person.sort_key, Person.id)
        )
    )


def _act_for_head(work: Work, unit: Unit) -> None:
    """Record a deputy as themselves for the head they act for (O2)."""
    heads = holds(Role.MANAGER)
    if heads(work.standing, unit):
        return
    for deputised in work.standing.delegators:
        if heads(deputised, unit):
            work.acting_for = deputised.person
            return
