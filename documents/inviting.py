"""Asking somebody from outside the route to read a revision and to suggest (a18, a19; O4, D3)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body, bodies_above, bodies_below
from app.kernel.people import Person
from app.kernel.search import nfc
from app.kernel.signing_in import login_name
from app.kernel.work import Work
from documents.models import Invitation, Package, invitation_obstacle
from documents.permissions import DocumentPermission
from documents.together_facts import TogetherFact, TogetherNotice


def reachable_bodies(session: Session, body: Body) -> set[int]:
    """Give the bodies whose people may be invited: one's own, those above and those below (O4)."""
    return {body.id} | bodies_above(session, body.id) | bodies_below(session, body.id)


def by_account(session: Session, body: Body, typed: str) -> Person | None:
    """Give who has an account name here, above or below; None for anybody else's (O4)."""
    found = session.scalars(
        sa.select(Person).where(Person.login == login_name(typed), Person.disabled_at.is_(None))
    ).one_or_none()
    if found is None or found.body_id not in reachable_bodies(session, body):
        return None
    return found


def invite(
    work: Work, package: Package, person: Person, *, until_on: date, reason: str
) -> Invitation:
    """Let somebody read what goes together and comment until a day; they are told."""
    work.require(DocumentPermission.INVITE, package)
    package = work.fresh(package)
    reason = nfc(reason).strip()[:500]
    body = package.lead.document.body
    if person.body_id not in reachable_bodies(work.session, body) or person.disabled_at:
        raise InvalidInput(
            N_("Choose somebody of this body, or of one above or below it."), field="who"
        )
    if not person.login:
        raise InvalidInput(N_("This person has no account and could not read it."), field="who")
    if obstacle := invitation_obstacle(package, person):
        raise obstacle
    if until_on < work.today:
        raise InvalidInput(N_("The last day lies in the past."), field="until_on")
    if not reason:
        raise InvalidInput(N_("Say what they shall look at."), field="reason")
    for former in package.invitations:
        if former.person_id == person.id and former.ended_at is None:
            former.end(at=work.now)  # a new day or another question: the one before ends
            work.session.flush()
            work.record(TogetherFact.INVITATION_ENDED, former, person=person.id)
    made = Invitation(
        body_id=package.body_id,
        package=package,
        person=person,
        invited_by_id=work.actor.id,
        reason=reason,
        invited_at=work.now,
        until_on=until_on,
    )
    work.add(made)
    work.record(TogetherFact.INVITED, made, person=person.id, until_on=until_on, reason=reason)
    work.notify(
        TogetherNotice.INVITED,
        package.lead,
        to=[person],
        code=package.lead.code,
        edition=package.lead.label,
        until_on=until_on,
    )
    return made


def end_invitation(work: Work, invitation: Invitation) -> None:
    """End an invitation before its last day."""
    work.require(DocumentPermission.END_INVITATION, invitation)
    invitation = work.fresh(invitation)
    invitation.end(at=work.now)
    work.record(TogetherFact.INVITATION_ENDED, invitation, person=invitation.person_id)
