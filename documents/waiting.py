"""What waits for somebody to decide, as plain lines: the first question of a day (P1, D3, O2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.permissions import Standing
from documents.models import (
    ChangeRequest,
    ChangeState,
    ControlledCopy,
    Decision,
    Disposal,
    DisposalSeat,
    DisposalState,
    Document,
    IssuanceDecision,
    Package,
    Revision,
    RevisionAuthor,
    RevisionState,
    Step,
    StepKind,
    StepPerson,
    Withdrawal,
    WithdrawalSeat,
    WithdrawalState,
)
from documents.models.controlled_copy import OUT_STATES
from documents.permissions import may_take_seat, still_has_post
from documents.register import read_routes


@dataclass
class Waiting:
    """A package that waits for an answer, by its leading revision.

    `seat_id` is the person asked: the viewer, or whom they act for.
    """

    package_id: int
    seat_id: int
    kind: StepKind
    due_on: date | None
    revision_id: int = 0
    code: str = ""
    title: str = ""
    label: str = ""
    unit_name: str = ""
    submitted_at: datetime | None = None
    authors: list[str] = field(default_factory=list)


def _asked() -> Any:
    """Give the question for open steps that wait for some people, answered by `me` (D3)."""
    me: Any = sa.bindparam("me")
    member, wrote, answered = Revision.__table__.alias(), RevisionAuthor, Decision
    is_author = sa.exists().where(
        member.c.package_id == Package.id,
        wrote.revision_id == member.c.id,
        wrote.person_id.in_([me, StepPerson.person_id]),
    )
    has_answered = sa.exists().where(
        answered.step_id == Step.id,
        sa.or_(answered.decided_by_id == me, answered.seat_id == StepPerson.person_id),
    )
    is_open = sa.exists().where(
        member.c.package_id == Package.id,
        member.c.state.in_([RevisionState.IN_REVIEW, RevisionState.IN_APPROVAL]),
    )
    return (
        sa.select(
            *(Package.id, StepPerson.person_id, Step.kind, Step.due_on),
            *(StepPerson.role, Package.lead_unit_id),
        )
        .join(Step, Step.package_id == Package.id)
        .join(StepPerson, StepPerson.step_id == Step.id)
        .where(
            Package.current_position.is_not(None),
            Step.position == Package.current_position,
            Step.round == Package.round,
            Step.left_out_reason == "",
            StepPerson.person_id.in_(sa.bindparam("people", expanding=True)),
            is_open,
            ~is_author,
            ~has_answered,
        )
        .order_by(Step.due_on, Package.id)
    )


_ASKED = _asked()
_MEMBERS = (
    sa.select(
        *(Revision.package_id, Revision.id, Revision.document_id, Document.parent_id),
        *(sa.func.coalesce(Document.code, Revision.proposed_code), Revision.title),
        *(Revision.edition, Revision.amendment, Unit.name, Revision.submitted_at),
    )
    .join(Document, Document.id == Revision.document_id)
    .join(Unit, Unit.id == Document.lead_unit_id)
    .where(Revision.package_id.in_(sa.bindparam("packages", expanding=True)))
)  # sorted below: asked for in order, SQLite reads the whole table by its key
_AUTHORS = (
    sa.select(RevisionAuthor.revision_id, Person.name)
    .join(Person, Person.id == RevisionAuthor.person_id)
    .where(RevisionAuthor.revision_id.in_(sa.bindparam("revisions", expanding=True)))
    .order_by(RevisionAuthor.id)
)


class Possible(NamedTuple):
    """Of what is seldom there at all: whether any of it might wait for somebody.

    Never False where something waits; what might is then read by those whose subject it is.
    """

    changes_to_decide: bool
    changes_to_make: bool
    copies: bool
    issuances: bool
    withdrawals: bool
    disposals: bool


def _possible() -> Any:
    body: Any = sa.bindparam("body", type_=sa.BigInteger())
    people: Any = sa.bindparam("people", expanding=True)
    return sa.select(
        sa.exists().where(ChangeRequest.body_id == body, ChangeRequest.state == ChangeState.OPEN),
        sa.exists().where(
            ChangeRequest.owner_id.in_(people), ChangeRequest.state == ChangeState.ACCEPTED
        ),
        sa.exists().where(ControlledCopy.body_id == body, ControlledCopy.state.in_(OUT_STATES)),
        sa.exists().where(
            IssuanceDecision.body_id == body,
            IssuanceDecision.confirmed_at.is_(None),
            IssuanceDecision.refused_at.is_(None),
        ),
        sa.exists().where(
            WithdrawalSeat.person_id.in_(people),
            Withdrawal.id == WithdrawalSeat.withdrawal_id,
            Withdrawal.state == WithdrawalState.PROPOSED,
        ),
        sa.exists().where(
            DisposalSeat.person_id.in_(people),
            Disposal.id == DisposalSeat.disposal_id,
            Disposal.state == DisposalState.PROPOSED,
        ),
    )


_POSSIBLE = _possible()


def possible_for(session: Session, standing: Standing) -> Possible:
    """Say what might wait for this person, or for whom they deputise, with one question."""
    session.flush()
    people = {standing.person.id, *(deputised.person.id for deputised in standing.delegators)}
    asked = {"body": standing.body_id, "people": people}
    return Possible(*map(bool, session.connection().execute(_POSSIBLE, asked).one()))


def waiting_for(session: Session, standing: Standing) -> list[Waiting]:
    """Give the packages whose open step waits for this person, or for whom they deputise."""
    me = standing.person.id
    people = {me, *(deputised.person.id for deputised in standing.delegators)}
    session.flush()
    connection = session.connection()
    rows = connection.execute(_ASKED, {"me": me, "people": people})
    # who lends one post lends no other seat (O2)
    found = [
        Waiting(*row[:4])
        for row in rows
        if may_take_seat(standing, row[1], row[4], row[5])
        and still_has_post(standing, row[1], row[4], row[5])
    ]
    if not found:
        return []
    members: dict[int | None, list[Any]] = {}
    packages = {one.package_id for one in found}
    known = connection.execute(_MEMBERS, {"packages": packages})
    for row in sorted(known, key=lambda row: row[1]):
        members.setdefault(row[0], []).append(row)
    for one in found:
        (_, one.revision_id, _, _, one.code, one.title, edition, amendment, *rest) = _lead(
            members[one.package_id]
        )
        one.label = f"{edition:02d}/{amendment:02d}"
        one.unit_name, one.submitted_at = rest
    authors: dict[int, list[str]] = {}
    revisions = {one.revision_id for one in found}
    for revision_id, name in connection.execute(_AUTHORS, {"revisions": revisions}):
        authors.setdefault(revision_id, []).append(name)
    for one in found:
        one.authors = authors.get(one.revision_id, [])
    return found


def _lead(members: list[Any]) -> Any:
    """Give the revision the others go with, as `Package.lead` does."""
    documents = {row[2] for row in members}
    return next((row for row in members if row[3] not in documents), members[0])


_WHOLE = (
    sa.select(Revision)
    .where(Revision.id == sa.bindparam("revision_id"))
    .options(
        joinedload(Revision.all_files),
        joinedload(Revision.author_links).joinedload(RevisionAuthor.person),
        joinedload(Revision.document).joinedload(Document.lead_unit),
        joinedload(Revision.package),
    )
)


def whole(session: Session, revision_id: int) -> Revision:
    """Give a revision with all that is shown beside the list, in few questions."""
    found = session.scalars(_WHOLE, {"revision_id": revision_id}).unique().one()
    read_routes(session, [found])
    return found
