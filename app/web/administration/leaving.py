"""Replacing the personal data of somebody who left by a pseudonym, by decision (T4)."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.work import unit_of_work
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from documents.leaving import leaving_obstacle, pseudonymise
from forms.screen.retention import LeavingForm

bp = Blueprint("leaving", __name__)


@bp.route("/people/<int:person_id>/leaving", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def leave(person_id: int) -> ResponseReturnValue:
    """Say what goes and what stays, then do it once and for good."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form, status = LeavingForm(), 200
    if form.is_submitted():
        status = 422
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                pseudonymise(
                    work,
                    work.fresh(person),
                    decision_number=form.decision_number.data or "",
                    reason=form.reason.data or "",
                )
            return done(
                gettext("Their personal data is replaced."),
                to=url_for("people.show", person_id=person_id),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    obstacle = leaving_obstacle(db.session(), person, standing().on)
    return page(
        "administration/leaving.html",
        status=status,
        form=form,
        person=person,
        obstacle=words(obstacle) if obstacle is not None else "",
    )
