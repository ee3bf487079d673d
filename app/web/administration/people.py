"""People: the list by given name, one person, adding and changing (screen 32)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.account import link_obstacle
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.factors import factor_of
from app.kernel.organisation import Body, Unit
from app.kernel.organising import PersonData, add_person, appointment_obstacle, change_person
from app.kernel.people import Person, Role
from app.kernel.permissions import may
from app.kernel.work import Work, unit_of_work
from app.web.body_address import shown_body
from app.web.drafts import draft_url, refill
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from forms.screen.fields import offered
from forms.screen.organisation import PersonForm

bp = Blueprint("people", __name__)
ACCOUNTS = ("open", "closed", "all")


def unit_choices(body: Body) -> list[tuple[int, str]]:
    """Give the units of a body today, each below its own, as a choice."""
    nodes = directory.in_order(directory.tree(db.session(), body, standing().on))
    return [(node.unit.id, "\N{EM SPACE}" * node.depth + node.unit.name) for node in nodes]


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _wanted() -> directory.PeopleFilter:
    roles = {str(role): role for role in Role}
    accounts = request.args.get("accounts", "open")
    return directory.PeopleFilter(
        typed=request.args.get("q", "")[:200],
        unit_id=_whole(request.args.get("unit", "")),
        role=roles.get(request.args.get("role", "")),
        accounts=accounts if accounts in ACCOUNTS else "open",
    )


def _address(wanted: directory.PeopleFilter, **more: Any) -> str:
    kept = {
        "q": wanted.typed,
        "unit": wanted.unit_id,
        "role": str(wanted.role) if wanted.role else "",
        "accounts": wanted.accounts if wanted.accounts != "open" else "",
    }
    return url_for("people.listing", **{k: v for k, v in {**kept, **more}.items() if v})


@bp.get("/people")
@requires(KernelPermission.VIEW_PEOPLE)
def listing() -> ResponseReturnValue:
    """List the people of a body by given name; the filter stands in the address."""
    body = shown_body()
    wanted = _wanted()
    found = directory.people(
        db.session(),
        body,
        wanted,
        standing().on,
        after=_whole(request.args.get("after", "")),
        before=_whole(request.args.get("before", "")),
    )
    return page(
        "administration/people.html",
        body=body,
        wanted=wanted,
        found=found,
        on=standing().on,
        units=unit_choices(body),
        roles=list(Role),
        accounts={
            "open": gettext("Open accounts and people without one"),
            "closed": gettext("Closed accounts"),
            "all": gettext("Everybody"),
        },
        previous=_address(wanted, before=found.before) if found.before else None,
        following=_address(wanted, after=found.after) if found.after else None,
        root=_root(body),
    )


def _root(body: Body) -> Unit:
    return directory.tree(db.session(), body, standing().on)[0].unit


@bp.get("/people/find")
@requires(KernelPermission.VIEW_PEOPLE)
def find() -> ResponseReturnValue:
    """Give the people a picker offers for two letters or more, tone marks or not."""
    body = shown_body()
    people = directory.find_people(
        db.session(),
        body,
        request.args.get("q", "")[:200],
        without=_whole(request.args.get("not", "")),
    )
    return render_template(
        "administration/_people_options.html",
        people=[
            {"id": each.id, "name": each.name, "post": each.post, "unit": each.home_unit.name}
            for each in people
        ],
    )


@bp.get("/people/<int:person_id>")
@requires(KernelPermission.VIEW_PEOPLE)
def show(person_id: int) -> ResponseReturnValue:
    """Show a person: data, posts, appointments; for administrators the account too."""
    person = directory.person(db.session(), standing(), person_id)
    return person_page(person)


def person_page(person: Person, *, link: str = "") -> ResponseReturnValue:
    """Show a person's page; `link` is a one-time link just made, shown this once."""
    may_change = may(standing(), KernelPermission.CHANGE_PEOPLE, person)
    may_delegate = may(standing(), KernelPermission.DELEGATE, person)
    appointments = sorted(
        person.appointments, key=lambda each: (not each.holds(standing().on), -each.id)
    )
    makers = {each.appointed_by_id for each in appointments if each.appointed_by_id is not None}
    return page(
        "administration/person.html",
        person=person,
        on=standing().on,
        appointments=appointments,
        appointed_by=directory.people_by_id(db.session(), makers),
        posts=sorted(person.posts, key=lambda each: (each.from_on, each.id), reverse=True),
        delegations=directory.delegations(db.session(), person) if may_delegate else [],
        sessions=directory.open_sessions(db.session(), person, datetime.now(UTC))
        if may_change
        else [],
        may_change=may_change,
        why_not_appoint=_told(appointment_obstacle(signed_in(), person)),
        why_no_link=_told(link_obstacle(person)),
        factor=factor_of(db.session(), person) if may_change else None,
        link=link,
    )


def _told(obstacle: RuleBroken | None) -> str | None:
    return words(obstacle) if obstacle is not None else None


def _data(work: Work, form: PersonForm, body: Body) -> PersonData:
    unit = work.session.get(Unit, form.unit.data)
    if unit is None or unit.body_id != body.id:
        raise NotFound()
    return PersonData(
        name=form.name.data,
        unit=unit,
        post=form.post.data or "",
        email=form.email.data or "",
        login=form.login.data or "",
        language=form.language.data,
    )


@bp.route("/people/new", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def add() -> ResponseReturnValue:
    """Add somebody; with an account name they get a one-time link afterwards."""
    body = signed_in().body
    form = PersonForm()
    form.unit.choices = offered(unit_choices(body))
    saved, status = None, 422
    if not form.is_submitted():
        form.unit.data = _whole(request.args.get("unit", ""))
        saved, status = refill(form, request.path), 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                person = add_person(work, _data(work, form, body))
                forget_draft(work, request.path)
            return done(
                gettext("%(name)s is added.", name=person.name),
                to=url_for("people.show", person_id=person.id),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        "administration/person_form.html",
        status=status,
        form=form,
        person=None,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )


@bp.route("/people/<int:person_id>/data", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_PEOPLE)
def change(person_id: int) -> ResponseReturnValue:
    """Change a person's data; a new home unit counts from now on."""
    person = directory.person(db.session(), standing(), person_id)
    must(KernelPermission.CHANGE_PEOPLE, person)
    form = PersonForm(obj=person)
    form.unit.choices = offered(_with_home(unit_choices(person.body), person))
    saved, status, is_stale = None, 422, False
    if not form.is_submitted():
        form.unit.data = person.home_unit_id
        saved, status = refill(form, request.path), 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                person = work.fresh(person, seen=form.row_version.data)
                change_person(work, person, _data(work, form, person.body))
                forget_draft(work, request.path)
            return done(
                gettext("%(name)s is changed.", name=person.name),
                to=url_for("people.show", person_id=person.id),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status, is_stale = at_field(form, refused), isinstance(refused, Stale)
    if is_stale:  # what is typed stays; sending it again is a decision made in knowledge
        form.row_version.raw_data, form.row_version.data = None, person.row_version
    return page(
        "administration/person_form.html",
        status=status,
        form=form,
        person=person,
        is_stale=is_stale,
        draft_url=draft_url(request.path),
        draft_saved=saved,
    )


def _with_home(choices: list[tuple[int, str]], person: Person) -> list[tuple[int, str]]:
    """Keep a home unit that is gone among the choices, so that it is not changed by accident."""
    if person.home_unit_id in {unit_id for unit_id, _name in choices}:
        return choices
    return [(person.home_unit_id, person.home_unit.name), *choices]
