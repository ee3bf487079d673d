"""Deciding: review, approval, return, each signed, each once (7.5.2 c; D3, D8, O2)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Capacity, Person, Role
from app.kernel.signatures import Proof
from app.kernel.work import Work
from documents import register
from documents.distribution import begin_training, distribute
from documents.facts import DocumentFact, DocumentNotice
from documents.impact import Gathered, keep_impacts
from documents.issue import issue_if_due
from documents.models import Answer, Decision, Package, RevisionState, StepKind
from documents.permissions import DocumentPermission, open_seats_for
from documents.submission import ask_current_step


def answer_package(
    work: Work,
    package: Package,
    answer: Answer,
    *,
    proof: Proof,
    comment: str = "",
    seat: Person | None = None,
    impacts: Gathered | None = None,
) -> Decision:
    """Give one person's signed answer at the open step, for oneself or for whom one deputises.

    The last one needed approves the package; where its date has come it is in force at once (D4).
    """
    package = work.fresh(package)  # one answer at a time: each counts those before it
    work.fresh_all(package.revisions)
    work.require(DocumentPermission.DECIDE, package)
    if proof.person_id != work.actor.id:
        raise Forbidden(DocumentPermission.DECIDE, package)
    if seat is not None and seat.id != work.actor.id:
        open_step = package.current_step
        lent = open_seats_for(work.standing, open_step) if open_step is not None else []
        if seat.id not in {one.person_id for one in lent}:
            raise RuleBroken(N_("Nobody has let you act for them today."), rule="O2")
        work.acting_for = seat
    step = package.current_step
    decision = package.answer(
        work.actor,
        answer,
        proof,
        at=work.now,
        comment=comment,
        seat=seat,
        capacity=_capacity(work, package, seat),
    )
    work.session.add(decision)
    facts = {
        "decision": decision,
        "signature": decision.signature,
        "revisions": package.revisions,
        "content_sha256": decision.signature.content_sha256,
        "round": decision.round,
        "impacts": keep_impacts(work, package, impacts, decision) or None,
    }
    if decision.answer is Answer.RETURN and package.state is not RevisionState.DRAFT:
        work.record(DocumentFact.RETURN_COUNTED, package, comment=comment, **facts)
        return decision
    if decision.answer is Answer.RETURN:
        work.record(DocumentFact.REVISION_RETURNED, package, comment=comment, **facts)
        work.notify(
            DocumentNotice.RETURNED,
            package,
            to=package.authors,
            code=package.lead.code,
            edition=package.lead.label,
            comment=comment,
        )
        return decision
    reviewed = step is not None and step.kind is StepKind.REVIEW
    fact = DocumentFact.REVIEW_GIVEN if reviewed else DocumentFact.APPROVAL_GIVEN
    work.record(fact, package, comment=comment or None, **facts)
    if package.state is RevisionState.APPROVED:
        approved(work, package)
    elif package.current_step is not step:
        ask_current_step(work, package)
    return decision


def approved(work: Work, package: Package) -> None:
    """Tell that a package is approved, and put it into force where its day has come.

    Where the body sets training days, people are asked to read it now, and it waits for them (D4).
    """
    begin_training(work, package)
    for revision in package.revisions:
        work.record(DocumentFact.REVISION_APPROVED, revision, effective_on=revision.in_force_from)
        register.index_revision(work.session, revision)
    work.notify(
        DocumentNotice.APPROVED,
        package,
        to=package.authors,
        code=package.lead.code,
        edition=package.lead.label,
    )
    if package.lead.training_until is not None:
        for revision in package.revisions:
            distribute(work, revision)
    issue_if_due(work, package)


def remind(work: Work, package: Package) -> None:
    """Remind those who hold a package; a second time on one day is refused."""
    work.require(DocumentPermission.REMIND, package)
    package = work.fresh(package)
    step = package.current_step
    waiting = [person for person in step.waiting if person != work.actor] if step else []
    if not waiting:
        raise RuleBroken(N_("Nobody else is asked to decide now."))
    if reminded_on(work.session, package, work.today):
        raise RuleBroken(N_("They were reminded today already."))
    work.record(DocumentFact.REMINDED, package, people=[person.id for person in waiting])
    work.notify(
        DocumentNotice.REMINDER,
        package,
        to=waiting,
        code=package.lead.code,
        edition=package.lead.label,
    )


def reminded_on(session: Session, package: Package, day: date) -> bool:
    """Say whether somebody reminded the holders of a package on a day."""
    newest = session.scalar(
        sa.select(sa.func.max(Notice.made_at)).where(
            Notice.kind == str(DocumentNotice.REMINDER),
            Notice.record_type == Package.__tablename__,
            Notice.record_id == package.id,
        )
    )
    return newest is not None and today_of(package.lead.document.body, newest) >= day


def _capacity(work: Work, package: Package, seat: Person | None) -> Capacity:
    """Give the standing capacity of the signer over the package's unit."""
    roles = (Role.LEADER, Role.MANAGER, Role.QUALITY_REPRESENTATIVE, Role.QUALITY_OFFICER)
    if seat is not None and seat.id != work.actor.id:
        for deputised in work.standing.delegators:
            if deputised.person.id == seat.id:
                return deputised.capacity_for(roles, package.lead_unit_id)
    return work.standing.capacity_for(roles, package.lead_unit_id)
