"""Appointments and second posts: given for some time, ended with a last day (O1, O4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Unit
from app.kernel.organising import appoint, end_appointment, end_post, give_post
from app.kernel.people import Person
from app.kernel.work import Work, unit_of_work
from app.web.administration.people import unit_choices
from app.web.drafts import draft_url, refill
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents.passing_on import pass_seats_on
from documents.passing_proposals_on import pass_decisions_on
from forms.screen.fields import offered
from forms.screen.organisation import AppointmentForm, EndForm, PostForm

bp = Blueprint("appointments", __name__)


def _unit(work: Work, unit_id: int, person: Person) -> Unit:
    unit = work.session.get(Unit, unit_id)
    if unit is None or unit.body_id != person.body_id:
        raise NotFound()
    return unit


@bp.route("/people/<int:person_id>/appointments", methods=["GET", "POST"])
@requires(KernelPermission.APPOINT)
def make(person_id: int) -> ResponseReturnValue:
    """Appoint somebody to a role over a unit; nobody appoints themselves."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form = AppointmentForm()
    form.unit.choices = offered(unit_choices(person.body))
    if not form.is_submitted():
        form.unit.data, form.from_on.data = person.home_unit_id, standing().on
        form.role.data = "staff"

    def act(work: Work) -> None:
        appoint(
            work,
            work.fresh(person),
            form.role.coded,
            _unit(work, form.unit.data, person),
            from_on=form.from_on.data,
            until_on=form.until_on.data,
            decision_number=form.decision_number.data or "",
            capacity=form.capacity.coded,
            field=form.field.data or "",
        )

    return _given(
        "administration/appointment_form.html",
        form,
        person,
        act,
        gettext("%(name)s is appointed.", name=person.name),
    )


@bp.route("/people/<int:person_id>/posts", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def give(person_id: int) -> ResponseReturnValue:
    """Give somebody a dated second post."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form = PostForm()
    form.unit.choices = offered(unit_choices(person.body))
    if not form.is_submitted():
        form.from_on.data = standing().on

    def act(work: Work) -> None:
        give_post(
            work,
            work.fresh(person),
            _unit(work, form.unit.data, person),
            title=form.title.data,
            from_on=form.from_on.data,
            until_on=form.until_on.data,
        )

    return _given(
        "administration/post_form.html",
        form,
        person,
        act,
        gettext("%(name)s has a second post.", name=person.name),
    )


@bp.route("/appointments/<int:appointment_id>/end", methods=["GET", "POST"])
@requires(KernelPermission.APPOINT)
def end(appointment_id: int) -> ResponseReturnValue:
    """End an appointment with its last day; from the day after it gives nothing."""
    appointment = directory.appointment(db.session(), standing(), appointment_id)
    must(KernelPermission.APPOINT, appointment.unit)

    def act(work: Work, form: EndForm) -> None:
        end_appointment(work, work.fresh(appointment), until_on=form.until_on.data)

    return _ended(
        appointment.person,
        gettext(
            "%(role)s over %(unit)s",
            role=gettext(appointment.role.label),
            unit=appointment.unit.name,
        ),
        act,
        gettext("The appointment is ended."),
    )


@bp.route("/posts/<int:post_id>/end", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def end_second(post_id: int) -> ResponseReturnValue:
    """End a second post with its last day."""
    post = directory.post(db.session(), standing(), post_id)
    must(KernelPermission.CHANGE_PEOPLE, post.person)

    def act(work: Work, form: EndForm) -> None:
        end_post(work, work.fresh(post), until_on=form.until_on.data)

    return _ended(
        post.person,
        gettext("%(title)s in %(unit)s", title=post.title, unit=post.unit.name),
        act,
        gettext("The second post is ended."),
    )


def _given(template: str, form: Any, person: Person, act: Any, message: str) -> ResponseReturnValue:
    """Show a form about a person, keep its draft, act when it is sent and whole."""
    saved, status = None, 422
    if not form.is_submitted():
        saved, status = refill(form, request.path), 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                act(work)
                forget_draft(work, request.path)
            _pass_on(person)
            return done(message, to=url_for("people.show", person_id=person.id))
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        template,
        status=status,
        form=form,
        person=person,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )


def _pass_on(person: Person) -> None:
    """Let what waits for a post go to whoever holds it now; the jobs do so on later days."""
    today, now = standing().on, datetime.now(UTC)
    pass_seats_on(person.body_id, today, now)
    pass_decisions_on(person.body_id, today, now)


def _ended(person: Person, what: str, act: Any, message: str) -> ResponseReturnValue:
    """Ask for the last day of something, then end it."""
    form = EndForm()
    status = 422
    if not form.is_submitted():
        form.until_on.data, status = standing().on, 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                act(work, form)
            _pass_on(person)
            return done(message, to=url_for("people.show", person_id=person.id))
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page("administration/end_form.html", status=status, form=form, person=person, what=what)
