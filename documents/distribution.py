"""Distributing a revision: to whom, by when, asked once, reminded, asked again (7.5.3.2 a; D14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of, working_days_after
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person
from app.kernel.work import Work
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    Confidentiality,
    Distribution,
    DistributionPerson,
    DistributionUnit,
    DocumentKind,
    ImportedHistory,
    Package,
    ReadingCall,
    ReadingRequest,
    Revision,
    RevisionState,
)
from documents.models.distribution import READABLE
from documents.permissions import DocumentPermission
from documents.readers import distribution_of, unread_people

# forms and record types are filled in, not studied: they go out with their procedure
READ_KINDS = frozenset(
    {
        DocumentKind.MANUAL,
        DocumentKind.POLICY,
        DocumentKind.PROCEDURE,
        DocumentKind.WORK_INSTRUCTION,
    }
)
AT_ONCE = 200  # people asked in one unit of work


@dataclass(frozen=True)
class Readers:
    """Who reads a revision, as the keeper or quality officer wants it."""

    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    asks_reading: bool
    due_on: date | None
    reask_months: int | None
    reason: str


def asks_to_read(session: Session, revision: Revision) -> bool:
    """Say whether a revision asks anybody to read it: the one place where that is decided.

    What was taken over from before this system asks nobody. The keeper or the quality officer
    may decide otherwise for one revision.
    """
    return bool(those_read(session, [revision]))


def those_read(session: Session, revisions: Sequence[Revision]) -> list[Revision]:
    """Give those of some revisions that ask people to read them: one question for all."""
    studied = [one for one in revisions if is_studied(one)]
    imported = imported_ones(session, studied)
    return [one for one in studied if one.id not in imported]


def is_studied(revision: Revision) -> bool:
    """Say whether it is of a kind that people read and confirm at all."""
    return revision.document.kind in READ_KINDS


def imported_ones(session: Session, revisions: Sequence[Revision]) -> frozenset[int]:
    """Give the ids of those that were taken over from before this system."""
    if not revisions:
        return frozenset()
    query = sa.select(ImportedHistory.revision_id).where(
        ImportedHistory.revision_id.in_([one.id for one in revisions])
    )
    return frozenset(session.scalars(query))


def in_charge(
    work: Work, revision: Revision, permission: DocumentPermission
) -> Distribution | None:
    """Give the distribution an act is about, one's own body's of what was given to it (O4).

    The permission is asked over that distribution; over the revision where there is none yet.
    """
    distribution = distribution_of(work.session, revision, work.standing)
    if distribution is None or not distribution.is_given:
        work.require(permission, revision)
        return distribution
    work.require(permission, distribution)
    return work.fresh(distribution)


def planned(work: Work, revision: Revision) -> Distribution:
    """Give a revision's distribution, made from where the document applies if there is none yet."""
    if revision.distribution is not None:
        return revision.distribution
    document = revision.document
    former = revision.predecessor.distribution if revision.predecessor is not None else None
    distribution = Distribution(
        body_id=revision.body_id,
        counts_from_id=revision.id,
        asks_reading=asks_to_read(work.session, revision),
        reask_months=former.reask_months if former is not None else None,
    )
    distribution.revision = revision
    work.add(distribution)
    units = {document.lead_unit_id, *(link.unit_id for link in document.units)}
    distribution.units = [DistributionUnit(unit_id=unit_id) for unit_id in sorted(units)]
    work.session.flush()
    return distribution


def distribute(work: Work, revision: Revision) -> Distribution:
    """Send a revision out to where it applies and begin to ask; a second time changes nothing.

    Called when it comes into force; the letters follow by a job, some people at a time.
    """
    distribution = planned(work, revision)
    if distribution.asked_on is not None:
        return distribution
    former = revision.predecessor.distribution if revision.predecessor is not None else None
    if distribution.keeps_earlier and former is not None:
        distribution.keep(former, distribution.keep_reason)  # a cycle may have begun meanwhile
    body = revision.document.body
    today = today_of(body, work.now)
    before_effect = revision.in_force_from if revision.training_until is not None else None
    distribution.ask(on=today, due_on=distribution.due_on or before_effect or _due(body, today))
    named = revision.document.confidentiality is Confidentiality.NAMED
    work.record(
        DocumentFact.DISTRIBUTED,
        revision,
        distribution=distribution,
        where=", ".join(_names(work, distribution)) if not named else "–",
        due_on=distribution.due_on if distribution.asks_reading else None,
    )
    return distribution


def _due(body: Body, today: date) -> date:
    return working_days_after(body, today, int(body.setting("reading_days")))


def _names(work: Work, distribution: Distribution) -> list[str]:
    ids = [link.unit_id for link in distribution.units]
    return list(
        work.session.scalars(
            sa.select(Unit.name).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.id)
        )
    )


def begin_training(work: Work, package: Package) -> None:
    """Hold an approved package back for the body's training days, if people read any of it (a26).

    A minor amendment that keeps what was confirmed needs no training.
    """
    days = int(package.lead.document.body.setting("training_days"))
    read = [one for one in package.revisions if asks_to_read(work.session, one) and not _keeps(one)]
    if not days or not read:
        return
    body = package.lead.document.body
    until = working_days_after(body, today_of(body, work.now), days)
    for revision in package.revisions:  # they come into force together
        revision.train_until(until)


def _keeps(revision: Revision) -> bool:
    return revision.distribution is not None and revision.distribution.keeps_earlier


def ask_to_read(work: Work, revision: Revision) -> Distribution:
    """Ask for a revision in force that asked nobody so far, as one from before this was kept."""
    revision = work.fresh(revision)
    distribution = in_charge(work, revision, DocumentPermission.ADJUST_DISTRIBUTION)
    if revision.state is not RevisionState.EFFECTIVE:
        raise RuleBroken(N_("Only a revision in force is sent out to be read."), rule="D14")
    if distribution is not None and distribution.is_asking:
        raise RuleBroken(N_("People are asked to read this revision already."))
    distribution = distribution or planned(work, revision)
    distribution.asks_reading = True
    if distribution.asked_on is None and not distribution.is_given:
        return distribute(work, revision)
    _begin(work, distribution)
    work.record(
        DocumentFact.DISTRIBUTION_CHANGED,
        distribution.told_of,
        distribution=distribution,
        reason="–",
    )
    return distribution


def _begin(work: Work, distribution: Distribution) -> None:
    """Begin to ask where nobody was asked: nobody is late on the day they first hear of it."""
    body = work.actor.body
    today = today_of(body, work.now)
    due_on = distribution.due_on or today
    distribution.ask(
        on=distribution.asked_on or today, due_on=due_on if due_on > today else _due(body, today)
    )


def change_readers(work: Work, revision: Revision, wanted: Readers) -> Distribution:
    """Change who reads one revision and by when, with a reason that stays in the trail."""
    revision = work.fresh(revision)
    distribution = in_charge(work, revision, DocumentPermission.ADJUST_DISTRIBUTION)
    if not revision.is_open and revision.state is not RevisionState.EFFECTIVE:
        raise RuleBroken(
            N_("This revision is %(state)s; nobody reads it now."), state=revision.state
        )
    if not wanted.reason.strip():
        raise InvalidInput(N_("Give the reason."), field="reason")
    distribution = distribution or planned(work, revision)
    _check(distribution, wanted)
    links = _put_links(work, distribution, wanted)
    distribution.asks_reading = wanted.asks_reading
    distribution.due_on = wanted.due_on or distribution.due_on
    distribution.reask_months = wanted.reask_months
    is_in_force = revision.state is RevisionState.EFFECTIVE
    if is_in_force and wanted.asks_reading and distribution.asked_on is None:
        _begin(work, distribution)
    work.session.execute(  # whoever joins is asked with the next round of the job
        sa.delete(ReadingCall).where(ReadingCall.distribution_id == distribution.id)
    )
    work.record(
        DocumentFact.DISTRIBUTION_CHANGED,
        distribution.told_of,
        distribution=distribution,
        reason=wanted.reason.strip(),
        **links,
    )
    return distribution


def _check(distribution: Distribution, wanted: Readers) -> None:
    if not wanted.units and not wanted.people:
        raise InvalidInput(N_("Choose at least one unit or person."), field="units")
    if any(unit.body_id != distribution.body_id for unit in wanted.units) or any(
        person.body_id != distribution.body_id for person in wanted.people
    ):
        raise InvalidInput(N_("Choose units and people of this body."), field="units", rule="O4")
    if wanted.reask_months is not None and not 1 <= wanted.reask_months <= 120:
        raise InvalidInput(
            N_("Give a number from %(least)s to %(most)s."), field="reask_months", least=1, most=120
        )


def _put_links(
    work: Work, distribution: Distribution, wanted: Readers
) -> dict[str, list[list[int]]]:
    """Write units and people; give what the trail says of it."""
    units, people = {unit.id for unit in wanted.units}, {person.id for person in wanted.people}
    present_units = {link.unit_id for link in distribution.units}
    present_people = {link.person_id for link in distribution.people}
    for unit_link in list(distribution.units):
        if unit_link.unit_id not in units:
            distribution.units.remove(unit_link)
            work.session.delete(unit_link)
    for person_link in list(distribution.people):
        if person_link.person_id not in people:
            distribution.people.remove(person_link)
            work.session.delete(person_link)
    distribution.units += [DistributionUnit(unit_id=key) for key in sorted(units - present_units)]
    distribution.people += [
        DistributionPerson(person_id=key) for key in sorted(people - present_people)
    ]
    work.session.flush()
    told = {}
    if units != present_units:
        told["units"] = [sorted(present_units), sorted(units)]
    if people != present_people:
        told["readers"] = [sorted(present_people), sorted(people)]
    return told


def keep_acknowledgements(work: Work, revision: Revision, reason: str) -> None:
    """Let earlier acknowledgements count for a minor amendment, by its owner, with the reason."""
    revision = work.fresh(revision)
    work.require(DocumentPermission.ADJUST_DISTRIBUTION, revision)
    distribution = planned(work, revision)
    if obstacle := distribution.keep_obstacle():
        raise obstacle
    former = revision.predecessor.distribution if revision.predecessor is not None else None
    if former is None:
        raise RuleBroken(N_("Nobody was asked to read the edition before, so nothing can be kept."))
    if not reason.strip():
        raise InvalidInput(N_("Say why nobody needs to read it again."), field="reason")
    distribution.keep(former, reason)
    work.record(
        DocumentFact.ACKNOWLEDGEMENTS_KEPT,
        revision,
        distribution=distribution,
        reason=reason.strip(),
        predecessor=former.revision.label,
    )


def ask_everybody(work: Work, revision: Revision) -> None:
    """Take back that earlier acknowledgements count."""
    revision = work.fresh(revision)
    work.require(DocumentPermission.ADJUST_DISTRIBUTION, revision)
    distribution = planned(work, revision)
    if obstacle := distribution.keep_obstacle():
        raise obstacle
    if not distribution.keeps_earlier:
        raise RuleBroken(N_("Everybody is asked to read this revision already."))
    distribution.ask_everybody()
    work.record(DocumentFact.KEEPING_TAKEN_BACK, revision, distribution=distribution)


def remind_readers(work: Work, revision: Revision) -> int:
    """Remind everybody who has not read a revision, each at most once a day; give how many."""
    revision = work.fresh(revision)
    distribution = in_charge(work, revision, DocumentPermission.REMIND_READERS)
    if distribution is None or not distribution.is_asking or revision.state not in READABLE:
        raise RuleBroken(N_("Nobody is asked to read this revision."))
    people = work.session.scalars(
        unread_people(work.session, distribution, work.today).where(Person.login.is_not(None))
    ).all()
    known = {
        asked.person_id: asked
        for asked in work.session.scalars(
            sa.select(ReadingRequest).where(
                ReadingRequest.distribution_id == distribution.id,
                ReadingRequest.cycle == distribution.cycle,
            )
        )
    }
    reminded = []
    for person in people:
        asked = known.get(person.id) or _request(work, distribution, person, work.today)
        if asked.reminded_on is None or asked.reminded_on < work.today:
            asked.reminded_on = work.today
            reminded.append((person, asked))
    if not reminded:
        raise RuleBroken(
            N_("Everybody who has not read it was reminded today already.")
            if people
            else N_("Everybody with an account has read it.")
        )
    work.record(
        DocumentFact.READERS_REMINDED,
        distribution.told_of,
        count=len(reminded),
        people=[person.id for person, _asked in reminded],
    )
    for person, asked in reminded:
        work.notify(
            DocumentNotice.READING_REMINDER,
            revision,
            to=[person],
            code=revision.code,
            edition=revision.label,
            due_on=asked.due_on,
        )
    return len(reminded)


def _request(work: Work, distribution: Distribution, person: Person, today: date) -> ReadingRequest:
    """Write that somebody is asked; whoever comes later has as many days as the others had."""
    due_on = distribution.due_on or today
    if distribution.cycle_began_on is not None and distribution.cycle_began_on < today:
        due_on = max(due_on, _due(person.body, today))
    request = ReadingRequest(
        distribution_id=distribution.id,
        cycle=distribution.cycle,
        person_id=person.id,
        requested_on=today,
        due_on=due_on,
    )
    work.session.add(request)
    return request


def calls_due(session: Session, body_id: int, today: date) -> list[int]:
    """Give distributions whose people were not gone through today, those never first.

    Once a day is enough: it finds whoever moved to where a revision applies, and whom a day's
    asking again concerns.
    """
    return list(
        session.scalars(
            sa.select(Distribution.id)
            .join(Revision, Revision.id == Distribution.revision_id)
            .outerjoin(ReadingCall, ReadingCall.distribution_id == Distribution.id)
            .where(
                Distribution.body_id == body_id,
                Distribution.asks_reading.is_(True),
                Distribution.asked_on.is_not(None),
                Revision.state.in_(READABLE),
                sa.or_(ReadingCall.id.is_(None), ReadingCall.called_on < today),
            )
            .order_by(ReadingCall.called_on.is_not(None), ReadingCall.called_on, Distribution.id)
            .limit(AT_ONCE)
        )
    )


def call_readers(work: Work, distribution: Distribution, today: date) -> int:
    """Ask those who must read a revision and were not asked yet; some at a time, each once."""
    distribution = work.fresh(distribution)
    revision = work.fresh(distribution.revision)
    if not distribution.is_asking or revision.state not in READABLE:
        return 0
    _ask_again_if_due(work, distribution, today)
    asked = sa.exists().where(
        ReadingRequest.distribution_id == distribution.id,
        ReadingRequest.cycle == distribution.cycle,
        ReadingRequest.person_id == Person.id,
    )
    people = work.session.scalars(
        unread_people(work.session, distribution, today).where(~asked).limit(AT_ONCE)
    ).all()
    for person in people:
        request = _request(work, distribution, person, today)
        if person.login is None:
            continue  # confirms at a meeting; a letter would reach nobody
        work.notify(
            DocumentNotice.READING_ASKED,
            revision,
            to=[person],
            code=revision.code,
            edition=revision.label,
            due_on=request.due_on,
        )
    if people:
        work.record(
            DocumentFact.READING_ASKED,
            distribution.told_of,
            count=len(people),
            people=[person.id for person in people],
        )
    if len(people) < AT_ONCE:
        _note_call(work, distribution, today)
    return len(people)


def _note_call(work: Work, distribution: Distribution, today: date) -> None:
    call = work.session.scalars(
        sa.select(ReadingCall).where(ReadingCall.distribution_id == distribution.id)
    ).one_or_none()
    if call is None:
        work.session.add(ReadingCall(distribution_id=distribution.id, called_on=today))
    else:
        call.called_on = today


def _ask_again_if_due(work: Work, distribution: Distribution, today: date) -> None:
    """Begin another cycle where the interval of asking again has passed (a35)."""
    again_on, revision = distribution.asks_again_on(), distribution.revision
    if again_on is None or again_on > today or revision.state is not RevisionState.EFFECTIVE:
        return
    body = work.session.get_one(Body, distribution.body_id)
    distribution.begin_cycle(on=today, due_on=_due(body, today))
    work.record(
        DocumentFact.ASKED_AGAIN,
        distribution.told_of,
        distribution=distribution,
        due_on=distribution.due_on,
    )
