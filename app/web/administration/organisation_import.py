"""Bringing units, people and appointments: a file, what each row would do, then doing it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Body, root_unit
from app.kernel.organisation_import import (
    PEOPLE_COLUMNS,
    UNIT_COLUMNS,
    import_people,
    import_units,
)
from app.kernel.row_import import ImportResult, Row
from app.kernel.work import Work, unit_of_work
from app.web.guard import must, requires, signed_in
from app.web.list_import import kept_rows, look, rows_of_file, told_done, told_row
from app.web.page import at_field, done, page
from forms.screen.organisation import ImportForm

bp = Blueprint("organisation_import", __name__)
ACTS: dict[str, Callable[[Work, Body, list[Row]], ImportResult]] = {
    "units": import_units,
    "people": import_people,
}


def _place(what: str) -> str:
    return f"import:{what}"


@bp.route("/organisation/import", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_UNITS)
def upload() -> ResponseReturnValue:
    """Take a file and show what each of its rows would do; nothing is written yet."""
    body = signed_in().body
    must(KernelPermission.CHANGE_UNITS, root_unit(db.session(), body.id))
    form = ImportForm()
    if not form.is_submitted():
        form.what.data = "people" if request.args.get("what") == "people" else "units"
    result, status = None, 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        what = form.what.data
        try:
            rows = rows_of_file(form.file.data)
            result = look(rows, _place(what), lambda work: ACTS[what](work, body_in(work), rows))
            status = 200
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        "administration/organisation_import.html",
        status=status,
        form=form,
        result=result,
        told=told_row,
        columns={"units": UNIT_COLUMNS, "people": PEOPLE_COLUMNS},
    )


def body_in(work: Work) -> Body:
    """Give the actor's body inside the transaction."""
    return work.actor.body


@bp.post("/organisation/import/<what>")
@requires(KernelPermission.CHANGE_UNITS)
def act(what: str) -> ResponseReturnValue:
    """Do what was looked at, all of it in one transaction."""
    rows = kept_rows(_place(what))
    if what not in ACTS:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        work.require(KernelPermission.CHANGE_UNITS, root_unit(work.session, work.actor.body_id))
        result = ACTS[what](work, body_in(work), rows)
        forget_draft(work, _place(what))
    place = "units.tree" if what == "units" else "people.listing"
    return done(told_done(result), to=url_for(place))
