"""Who reviews and approves what: the routes of a body (screen 33; a10-a14)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Unit, units_of
from app.kernel.people import Person, Role
from app.kernel.search import fold
from app.kernel.work import unit_of_work
from app.web.administration.settings import own_body, typed_again
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, words
from documents.models import DocumentKind, Need, RouteTemplate, StepKind
from documents.permissions import DocumentPermission
from documents.route_settings import (
    MOST_STEPS,
    RouteData,
    StepData,
    add_route,
    change_route,
    check_route,
    route,
    routes_of,
    under_way,
    use_route,
    uses,
    would_use,
)
from documents.routing import DEFAULT_STEPS
from forms.screen.settings import RouteForm

bp = Blueprint("routes", __name__)
ASKED = (
    Role.MANAGER,
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
    Role.LEADER,
    Role.LEAD_AUDITOR,
)


@bp.get("/settings/routes")
@requires(DocumentPermission.CHANGE_ROUTES)
def listing() -> ResponseReturnValue:
    """Show every route, what it is for and how many documents take it."""
    session, body_id = db.session(), standing().body_id
    routes = routes_of(session, body_id)
    counted = uses(session, body_id, routes=routes)
    names = _names({int(key) for one in routes for step in one.steps for key in step.person_ids})
    return page(
        "administration/routes.html",
        routes=[
            {"route": one, "steps": _in_words(one, names), "documents": counted[one.id]}
            for one in routes
        ],
        usual=[
            _step_words(kind, [gettext(role.label)], Need.ANY, None) for kind, role in DEFAULT_STEPS
        ],
        usual_documents=counted[0],
    )


@bp.get("/settings/routes/new")
@requires(DocumentPermission.CHANGE_ROUTES)
def new() -> ResponseReturnValue:
    """Ask for a new route, with the usual steps filled in."""
    steps = [
        {"kind": str(kind), "role": str(role), "need": str(Need.ANY)}
        for kind, role in DEFAULT_STEPS
    ]
    return _asked(_form({"kind": "", "unit": "", "steps": steps}), None)


@bp.post("/settings/routes/new")
@requires(DocumentPermission.CHANGE_ROUTES)
def add() -> ResponseReturnValue:
    """Show what a new route means; set it when that is confirmed."""
    return _answer(None)


@bp.get("/settings/routes/<int:route_id>")
@requires(DocumentPermission.CHANGE_ROUTES)
def show(route_id: int) -> ResponseReturnValue:
    """Show a route to change it."""
    found = route(db.session(), standing(), route_id)
    steps = [
        {
            "kind": str(step.kind),
            "role": str(step.role or ""),
            "need": str(step.need),
            "quorum": step.quorum,
            "people": [int(key) for key in step.person_ids],
        }
        for step in found.steps
    ]
    present = {
        "name": found.name,
        "kind": str(found.kind or ""),
        "unit": str(found.unit_id or ""),
        "row_version": found.row_version,
        "steps": steps,
    }
    return _asked(_form(present), found)


@bp.post("/settings/routes/<int:route_id>")
@requires(DocumentPermission.CHANGE_ROUTES)
def change(route_id: int) -> ResponseReturnValue:
    """Show what a change means; save it when that is confirmed."""
    return _answer(route(db.session(), standing(), route_id))


@bp.post("/settings/routes/<int:route_id>/use")
@requires(DocumentPermission.CHANGE_ROUTES)
def use(route_id: int) -> ResponseReturnValue:
    """Take a route out of use, or back into use."""
    found = route(db.session(), standing(), route_id)
    is_active = request.form.get("is_active") == "y"
    with unit_of_work(signed_in()) as work:
        use_route(work, work.fresh(found), is_active=is_active)
    message = (
        gettext("The route is in use again.")
        if is_active
        else gettext("The route is out of use; what is on its way keeps it.")
    )
    return done(message, to=url_for("routes.listing"))


def _answer(found: RouteTemplate | None) -> ResponseReturnValue:
    form = _form(None)
    if not form.validate_on_submit():
        return _asked(form, found), 422
    if request.form.get("again"):
        return _asked(form, found)
    session, body = db.session(), own_body()
    try:
        data = _data(form)
        check_route(body.id, data)
        if request.form.get("confirmed"):
            with unit_of_work(signed_in()) as work:
                if found is None:
                    add_route(work, work.fresh(body), data)
                else:
                    change_route(work, work.fresh(found, seen=form.row_version.data), data)
            return done(gettext("The route is saved."), to=url_for("routes.listing"))
    except InvalidInput as refused:
        if refused.field == "name":
            form.name.errors = (words(refused),)
        else:
            form.form_errors.append(words(refused))
        return _asked(form, found), 422
    return page(
        "administration/route_change.html",
        name=data.name,
        data=data,
        steps=[
            _step_words(
                step.kind,
                [gettext(step.role.label)] if step.role else [one.name for one in step.people],
                step.need,
                step.quorum,
            )
            for step in data.steps
        ],
        documents=would_use(session, body.id, data, found),
        before=uses(session, body.id, routes=routes_of(session, body.id))[found.id]
        if found is not None
        else 0,
        under_way=under_way(session, body.id),
        typed=typed_again(),
        action=_address(found),
    )


def _address(found: RouteTemplate | None) -> str:
    return url_for("routes.add") if found is None else url_for("routes.change", route_id=found.id)


def _form(present: dict[str, Any] | None) -> RouteForm:
    form = RouteForm(data=present)
    if present is not None:  # room for one step more
        while len(form.steps) < min(MOST_STEPS, max(4, len(present["steps"]) + 1)):
            form.steps.append_entry()
    form.kind.choices = [
        SelectChoice("", gettext("any kind")),
        *(SelectChoice(str(kind), gettext(kind.label)) for kind in DocumentKind),
    ]
    units = units_of(db.session(), standing().body_id, standing().on)
    form.unit.choices = [
        SelectChoice("", gettext("the whole body")),
        *(SelectChoice(str(unit.id), unit.name) for unit in units if unit.parent_id is not None),
    ]
    for entry in form.steps:
        step = entry.form
        step.kind.choices = [
            SelectChoice("", gettext("nothing: leave this step out")),
            *(SelectChoice(str(kind), gettext(kind.label)) for kind in StepKind),
        ]
        step.role.choices = [
            SelectChoice("", gettext("people by name")),
            *(SelectChoice(str(role), gettext(role.label)) for role in ASKED),
        ]
        step.need.choices = [SelectChoice(str(need), gettext(need.label)) for need in _NEEDS]
    return form


_NEEDS = (Need.ANY, Need.ALL, Need.QUORUM)


def _data(form: RouteForm) -> RouteData:
    session = db.session()
    unit = session.get(Unit, int(form.unit.data)) if form.unit.data else None
    return RouteData(
        name=form.name.data or "",
        kind=DocumentKind(form.kind.data) if form.kind.data else None,
        unit=unit,
        steps=tuple(
            StepData(
                kind=StepKind(entry.form.kind.data),
                role=Role(entry.form.role.data) if entry.form.role.data else None,
                people=_people(entry.form.people) if not entry.form.role.data else (),
                need=Need(entry.form.need.data),
                quorum=entry.form.quorum.data,
            )
            for entry in form.steps
            if entry.form.kind.data
        ),
    )


def _people(chosen: Any) -> tuple[Person, ...]:
    """Give the people chosen with the picker or, without script, typed by name."""
    of_body = sa.select(Person).where(Person.body_id == standing().body_id)
    keys = chosen.data or []
    found = list(
        db.session.scalars(of_body.where(Person.id.in_(keys)).order_by(Person.sort_key, Person.id))
    )
    for typed in request.form.get(f"{chosen.name}_typed", "")[:500].split(","):
        if not typed.strip():
            continue
        named = of_body.where(Person.name_folded == fold(typed.strip())).limit(2)
        people = db.session.scalars(named).all()
        if len(people) != 1:
            raise InvalidInput(
                N_("%(name)s: choose one person from the list."),
                field="steps",
                name=typed.strip(),
            )
        found += [person for person in people if person not in found]
    return tuple(found)


def _names(keys: set[int]) -> dict[int, str]:
    if not keys:
        return {}
    rows = db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(keys)))
    return {row.id: row.name for row in rows}


def _in_words(one: RouteTemplate, names: dict[int, str]) -> list[str]:
    return [
        _step_words(
            step.kind,
            [gettext(step.role.label)]
            if step.role
            else [names.get(int(key), f"#{key}") for key in step.person_ids],
            step.need,
            step.quorum,
        )
        for step in one.steps
    ]


def _step_words(kind: StepKind, who: list[str], need: Need, quorum: int | None) -> str:
    """Write a step as people say it: Review: Head of unit (any one of them)."""
    how = gettext("%(count)s of them", count=quorum) if need is Need.QUORUM else gettext(need.label)
    return f"{gettext(kind.label)}: {', '.join(who)} ({how})"


def _asked(form: RouteForm, found: RouteTemplate | None) -> Any:
    keys = {key for entry in form.steps for key in entry.form.people.data or []}
    names = _names(keys)
    return page(
        "administration/route.html",
        form=form,
        route=found,
        action=_address(found),
        chosen={
            entry.form.people.name: [
                {"id": key, "name": names[key]}
                for key in entry.form.people.data or []
                if key in names
            ]
            for entry in form.steps
        },
    )
