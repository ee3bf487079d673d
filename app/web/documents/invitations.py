"""Inviting somebody from outside the route to read a revision and to suggest (a18, a19; O4)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.people import Person
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.review import review_page
from app.web.guard import requires, signed_in, standing
from app.web.page import at_field, done
from documents import register
from documents.inviting import by_account, end_invitation, invite, reachable_bodies
from documents.models import Invitation, Revision
from documents.permissions import DocumentPermission
from forms.screen.comment import InvitationForm
from forms.screen.fields import key_of

bp = Blueprint("invitations", __name__)


def _chosen(revision: Revision) -> Person | None:
    """Give who was picked from the list, else whom a typed account or whole name means."""
    session, body = db.session(), revision.document.body
    for text in request.form.getlist("guest"):
        key = key_of(text)
        found = session.get(Person, key) if key is not None else None
        if found is not None and found.body_id in reachable_bodies(session, body):
            return found
    typed = request.form.get("guest_typed", "").strip()[:200]
    if not typed:
        return None
    if (known := by_account(session, body, typed)) is not None:
        return known
    people = directory.find_people(session, body, typed, limit=2)
    return people[0] if len(people) == 1 else None


@bp.post("/r/<int:revision_id>/invitations")
@requires(DocumentPermission.INVITE)
def make(revision_id: int) -> ResponseReturnValue:
    """Invite somebody until a day; they read this and what goes with it, and suggest."""
    revision = register.revision(db.session(), standing(), revision_id)
    if revision.package is None or not may(standing(), DocumentPermission.INVITE, revision):
        raise NotFound()
    form, guest, status, wrong = InvitationForm(prefix="i-"), _chosen(revision), 422, ""
    is_whole = form.validate_on_submit()
    if guest is None:
        wrong = gettext(
            "Nobody was found. Choose a name from the list, or type the account name of somebody "
            "of a body above or below."
        )
    elif is_whole:
        try:
            with unit_of_work(signed_in()) as work:
                invite(
                    work,
                    work.fresh(revision.package),
                    work.fresh(guest),
                    until_on=form.until_on.data,
                    reason=form.reason.data or "",
                )
            return done(
                gettext("%(name)s is invited.", name=guest.name),
                to=url_for("review.show", revision_id=revision.id) + "#invited",
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return review_page(
        revision, status=status, invitation_form=form, guest=guest, wrong_guest=wrong
    )


@bp.post("/invitations/<int:invitation_id>/end")
@requires(DocumentPermission.END_INVITATION)
def end(invitation_id: int) -> ResponseReturnValue:
    """End an invitation before its last day."""
    found = db.session.get(Invitation, invitation_id)
    if found is None or not may(standing(), DocumentPermission.END_INVITATION, found):
        raise NotFound()
    back = url_for("review.show", revision_id=found.package.lead.id) + "#invited"
    with unit_of_work(signed_in()) as work:
        end_invitation(work, found)
    return done(gettext("The invitation is ended."), to=back)
