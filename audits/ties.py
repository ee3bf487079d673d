"""What ties auditors to units: read from organisation, trail and document control (A1).

Homes left are read from the trail, where every change of a person's unit stands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body, Unit, UnitClosure
from app.kernel.people import Appointment, Person, Role, SecondaryPost
from app.kernel.trail import TrailEntry
from app.kernel.unit_succession import UnitSuccessor
from audits.independence import AuditorTies, Bond, Independence, Permit, Place, Tie
from audits.models import Auditor, AuditorConflict, IndependenceException
from documents.models import (
    Confidentiality,
    Document,
    DocumentKind,
    Revision,
    RevisionAuthor,
    RevisionState,
)

_LEADS = (Role.MANAGER, Role.LEADER)
_WORKS = (Role.STAFF,)
_PROCEDURES = (DocumentKind.PROCEDURE, DocumentKind.WORK_INSTRUCTION)
_WRITTEN = (RevisionState.APPROVED, RevisionState.EFFECTIVE)


def independence_of(body: Body) -> Independence:
    """Give what a body sets about independence."""
    return Independence(
        former_months=int(body.setting("audit_former_months")),
        counts_wrote=bool(body.setting("audit_counts_wrote")),
    )


def places_of(session: Session, body_id: int) -> dict[int, Place]:
    """Give every unit of a body as the rule sees it; three queries, however many units."""
    units = session.execute(sa.select(Unit.id, Unit.parent_id).where(Unit.body_id == body_id)).all()
    whole_body = next((unit.id for unit in units if unit.parent_id is None), 0)
    below: dict[int, set[int]] = defaultdict(set)
    above: dict[int, set[int]] = defaultdict(set)
    closure = sa.select(UnitClosure.ancestor_id, UnitClosure.descendant_id).join(
        Unit, Unit.id == UnitClosure.ancestor_id
    )
    for high, low in session.execute(closure.where(Unit.body_id == body_id)):
        below[high].add(low)
        if high != low:
            above[low].add(high)
    before = _predecessors(session)
    return {
        unit.id: Place(
            unit.id,
            frozenset(below[unit.id]),
            frozenset(above[unit.id]),
            whole_body,
            frozenset(one for part in below[unit.id] for one in before.get(part, ())),
            frozenset(
                one for part in above[unit.id] if part != whole_body for one in before.get(part, ())
            ),
        )
        for unit in units
    }


def _predecessors(session: Session) -> dict[int, set[int]]:
    """Give for each unit everything it took over from, all the way back."""
    first: dict[int, set[int]] = defaultdict(set)
    for former, later in session.execute(
        sa.select(UnitSuccessor.unit_id, UnitSuccessor.successor_id)
    ):
        first[later].add(former)

    def back(key: int, seen: set[int]) -> set[int]:
        for one in first.get(key, set()) - seen:
            seen.add(one)
            back(one, seen)
        return seen

    return {key: back(key, set()) for key in list(first)}


def ties_of(session: Session, auditors: Sequence[Auditor]) -> dict[int, AuditorTies]:
    """Give what ties each auditor to units; as many queries for many as for one."""
    people = {one.person_id: one.id for one in auditors if one.person_id is not None}
    ids = {one.id for one in auditors}
    found: dict[int, list[Tie]] = {one.id: [] for one in auditors}
    for person_id, tie in [
        *_homes(session, set(people)),
        *_posts(session, set(people)),
        *_appointments(session, set(people)),
        *_written(session, set(people)),
    ]:
        found[people[person_id]].append(tie)
    for conflict in session.scalars(
        sa.select(AuditorConflict).where(AuditorConflict.auditor_id.in_(ids))
    ):
        found[conflict.auditor_id].append(
            Tie(Bond.CONFLICT, conflict.unit_id, conflict.from_on, conflict.until_on)
        )
    permits: dict[int, list[Permit]] = defaultdict(list)
    for signed in session.scalars(
        sa.select(IndependenceException).where(IndependenceException.auditor_id.in_(ids))
    ):
        permits[signed.auditor_id].append(Permit(signed.unit_id, signed.from_on, signed.until_on))
    return {key: AuditorTies(key, tuple(ties), tuple(permits[key])) for key, ties in found.items()}


def _homes(session: Session, people: set[int]) -> Iterable[tuple[int, Tie]]:
    """Give present homes, and those that were left, with the day of leaving."""
    moves: dict[int, list[tuple[date, int]]] = defaultdict(list)
    entries = session.execute(
        sa.select(TrailEntry.record_id, TrailEntry.at, TrailEntry.details)
        .where(
            TrailEntry.record_type == "person",
            TrailEntry.record_id.in_(people),
            TrailEntry.fact == str(KernelFact.PERSON_CHANGED),
        )
        .order_by(TrailEntry.id)
    )
    for person_id, at, details in entries:
        left = _home_left(details)
        if left is not None and person_id is not None:
            moves[person_id].append((today_of(None, at), left))
    for person in session.scalars(sa.select(Person).where(Person.id.in_(people))):
        since: date | None = None
        for day, left in moves[person.id]:
            yield person.id, Tie(Bond.HOME, left, since, day - timedelta(days=1))
            since = day
        yield person.id, Tie(Bond.HOME, person.home_unit_id, since)


def _home_left(details: str) -> int | None:
    """Read off an entry which home unit somebody left by it."""
    try:
        changes = json.loads(details).get("changes", {})
        old = changes.get("home_unit_id", [None])[0]
    except (ValueError, AttributeError, LookupError, TypeError):
        return None  # spoilt from outside: the check of the trail names it
    return old if isinstance(old, int) else None


def _posts(session: Session, people: set[int]) -> Iterable[tuple[int, Tie]]:
    for post in session.scalars(
        sa.select(SecondaryPost).where(SecondaryPost.person_id.in_(people))
    ):
        yield post.person_id, Tie(Bond.POST, post.unit_id, post.from_on, post.until_on)


def _appointments(session: Session, people: set[int]) -> Iterable[tuple[int, Tie]]:
    found = session.scalars(
        sa.select(Appointment).where(
            Appointment.person_id.in_(people), Appointment.role.in_((*_LEADS, *_WORKS))
        )
    )
    for one in found:
        if one.until_on is not None and one.until_on < one.from_on:
            continue  # ended on its first day: it never counted
        bond = Bond.LEADS if one.role in _LEADS else Bond.HOME
        yield one.person_id, Tie(bond, one.unit_id, one.from_on, one.until_on)


def _written(session: Session, people: set[int]) -> Iterable[tuple[int, Tie]]:
    """Give what is in force, or about to be, by the hand of each."""
    rows = session.execute(
        sa.select(
            RevisionAuthor.person_id, Document.lead_unit_id, Document.code, Document.confidentiality
        )
        .join(Revision, Revision.id == RevisionAuthor.revision_id)
        .join(Document, Document.id == Revision.document_id)
        .where(
            RevisionAuthor.person_id.in_(people),
            Revision.state.in_(_WRITTEN),
            Document.kind.in_(_PROCEDURES),
        )
        .distinct()
    )
    for person_id, unit_id, code, confidentiality in rows:
        is_named = confidentiality is Confidentiality.NAMED  # whose code is not for everybody
        yield person_id, Tie(Bond.WROTE, unit_id, what="" if is_named else code or "")
