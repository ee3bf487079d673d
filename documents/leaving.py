"""Somebody left: personal data goes by decision, signed names stay (T4)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.access import KernelPermission
from app.kernel.accounts import OneTimeLink
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.people import Appointment, Delegation, Person, SecondaryPost
from app.kernel.search import nfc
from app.kernel.signing_in import end_sessions
from app.kernel.work import Work
from documents.models import (
    OPEN_STATES,
    ChangeRequest,
    Disposal,
    DisposalSeat,
    DisposalState,
    Document,
    Package,
    QualityRecord,
    Revision,
    RevisionAuthor,
    Step,
    StepPerson,
    Withdrawal,
    WithdrawalSeat,
    WithdrawalState,
)
from documents.models.change_request import WAITING

# data, not a message: it is kept in the language of the body and shown as it is
PSEUDONYMS: Final = {"vi": "Người đã nghỉ %s", "en": "Former member %s"}
_MOST_SHOWN = 8


def open_work(session: Session, person: Person) -> list[str]:
    """Name what somebody still holds, by its codes and numbers; empty when nothing is left."""
    revision = sa.select(sa.func.coalesce(Document.code, Document.title)).join(Document.revisions)
    queries: list[Any] = [
        sa.select(sa.func.coalesce(Document.code, Document.title)).where(
            Document.keeper_id == person.id
        ),
        revision.join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id).where(
            RevisionAuthor.person_id == person.id, Revision.state.in_(OPEN_STATES)
        ),
        revision.join(Package, Package.id == Revision.package_id)
        .join(Step, Step.package_id == Package.id)
        .join(StepPerson, StepPerson.step_id == Step.id)
        .where(
            StepPerson.person_id == person.id,
            Step.round == Package.round,
            Step.position >= Package.current_position,
            Revision.state.in_(OPEN_STATES),
        ),
        sa.select(ChangeRequest.number).where(
            ChangeRequest.owner_id == person.id, ChangeRequest.state.in_(WAITING)
        ),
        sa.select(Document.code)
        .join(Withdrawal, Withdrawal.document_id == Document.id)
        .join(WithdrawalSeat, WithdrawalSeat.withdrawal_id == Withdrawal.id)
        .where(WithdrawalSeat.person_id == person.id, Withdrawal.state == WithdrawalState.PROPOSED),
        sa.select(Disposal.number)
        .join(DisposalSeat, DisposalSeat.disposal_id == Disposal.id)
        .where(DisposalSeat.person_id == person.id, Disposal.state == DisposalState.PROPOSED),
        sa.select(QualityRecord.number).where(
            QualityRecord.holder_id == person.id, QualityRecord.disposed_at.is_(None)
        ),
    ]
    found: dict[str, None] = {}
    for query in queries:
        for code in session.scalars(query.limit(_MOST_SHOWN)):
            found[code or "–"] = None
    return list(found)


def leaving_obstacle(session: Session, person: Person, today: date) -> RuleBroken | None:
    """Say why somebody's personal data cannot be replaced; None when it can."""
    if person.pseudonym_at is not None:
        return RuleBroken(N_("This was done already; it cannot be undone."))
    lasts = (
        (Appointment, Appointment.person_id == person.id),
        (SecondaryPost, SecondaryPost.person_id == person.id),
        (
            Delegation,
            sa.and_(
                sa.or_(Delegation.delegator_id == person.id, Delegation.deputy_id == person.id),
                Delegation.ended_at.is_(None),
            ),
        ),
    )
    for kind, condition in lasts:
        still: Any = sa.or_(kind.until_on.is_(None), kind.until_on >= today)
        if session.scalar(sa.select(kind.id).where(condition, still).limit(1)) is not None:
            return RuleBroken(
                N_(
                    "%(name)s still holds a post, an appointment or a delegation. "
                    "End it first; it counts to the end of its last day."
                ),
                name=person.name,
            )
    held = open_work(session, person)
    if held:
        return RuleBroken(
            N_("%(name)s still holds open work: %(what)s. Pass it on first."),
            name=person.name,
            what=", ".join(held[:_MOST_SHOWN]),
        )
    return None


def pseudonymise(work: Work, person: Person, *, decision_number: str, reason: str) -> None:
    """Replace the personal data of somebody who left; what they signed keeps their name."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    person = work.fresh(person)
    if person.id == work.actor.id:
        raise RuleBroken(N_("Nobody does this to themselves. Ask another administrator."))
    if not decision_number.strip():
        raise InvalidInput(N_("Give the number of the decision."), field="decision_number")
    if not reason.strip():
        raise InvalidInput(N_("Give the reason."), field="reason")
    if obstacle := leaving_obstacle(work.session, person, work.today):
        raise obstacle
    name = PSEUDONYMS.get(person.body.locale, PSEUDONYMS["vi"]) % person.id
    person.take_pseudonym(name, at=work.now)
    end_sessions(work, person)
    work.session.execute(sa.delete(OneTimeLink).where(OneTimeLink.person_id == person.id))
    work.record(
        KernelFact.PERSON_PSEUDONYMISED,
        person,
        reason=nfc(reason).strip(),
        decision_number=nfc(decision_number).strip()[:80],
    )
