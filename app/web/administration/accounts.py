"""Accounts of others: opening and closing, one-time links, ending sign-ins (T08)."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.account import end_all_sessions, give_link
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.install import installation
from app.kernel.organising import disable_person, enable_person
from app.kernel.second_factor import reset
from app.kernel.work import unit_of_work
from app.web.administration.people import person_page
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from forms.screen.account import FactorResetForm
from forms.screen.organisation import ClosingForm

bp = Blueprint("accounts", __name__)


@bp.route("/people/<int:person_id>/closing", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def close(person_id: int) -> ResponseReturnValue:
    """Close an account, with the reason; every signed-in browser of it ends at once."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form = ClosingForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                disable_person(work, work.fresh(person), reason=form.reason.data)
            return done(
                gettext("The account of %(name)s is closed.", name=person.name),
                to=url_for("people.show", person_id=person.id),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page("administration/closing.html", status=status, form=form, person=person)


@bp.post("/people/<int:person_id>/opening")
@requires(KernelPermission.CHANGE_PEOPLE)
def reopen(person_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    person = directory.person(db.session(), standing(), person_id)
    with unit_of_work(signed_in()) as work:
        enable_person(work, work.fresh(person))
    return done(
        gettext("The account of %(name)s is open again.", name=person.name),
        to=url_for("people.show", person_id=person.id),
    )


@bp.post("/people/<int:person_id>/link")
@requires(KernelPermission.CHANGE_PEOPLE)
def link(person_id: int) -> ResponseReturnValue:
    """Make a one-time link and show it this once; its address is the installation's own."""
    person = directory.person(db.session(), standing(), person_id)
    with unit_of_work(signed_in()) as work:
        token = give_link(work, work.fresh(person))
    return person_page(person, link=f"{installation().public_url}/link/{token}")


@bp.post("/people/<int:person_id>/sessions")
@requires(KernelPermission.CHANGE_PEOPLE)
def end_sessions(person_id: int) -> ResponseReturnValue:
    """End every signed-in browser of somebody."""
    person = directory.person(db.session(), standing(), person_id)
    with unit_of_work(signed_in()) as work:
        count = end_all_sessions(work, work.fresh(person))
    return done(
        ngettext("%(num)s sign-in is ended.", "%(num)s sign-ins are ended.", count),
        to=url_for("people.show", person_id=person.id),
    )


@bp.route("/people/<int:person_id>/second-factor", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def reset_factor(person_id: int) -> ResponseReturnValue:
    """Take off the second factor of somebody who lost it, with the reason; they are told."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form = FactorResetForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                reset(work, work.fresh(person), reason=form.reason.data)
            return done(
                gettext("The second factor of %(name)s is off.", name=person.name),
                to=url_for("people.show", person_id=person.id),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page("administration/factor_reset.html", status=status, form=form, person=person)
