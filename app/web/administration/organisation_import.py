"""Bringing units, people and appointments: a file, what each row would do, then doing it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from app.kernel.access import KernelPermission
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.drafts import draft_of, forget_draft, keep_draft, typed_in
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body, root_unit
from app.kernel.organisation_import import (
    PEOPLE_COLUMNS,
    UNIT_COLUMNS,
    import_people,
    import_units,
)
from app.kernel.row_import import (
    MOST_BYTES,
    ImportResult,
    Outcome,
    Row,
    RowResult,
    looked_at,
    rows_of_csv,
    rows_of_table,
)
from app.kernel.work import Work, unit_of_work
from app.web.documents.uploads import BUSY, told_refusal, workshop
from app.web.guard import must, requires, signed_in
from app.web.page import at_field, done, page, shown
from documents.content.intake import Refused
from documents.content.workshop import WorkshopBusy
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
            result = looked_at(signed_in(), lambda work: ACTS[what](work, body_in(work), rows))
            with unit_of_work(signed_in()) as work:
                keep_draft(work, _place(what), {"rows": [json.dumps(rows)]}, most=2 * MOST_BYTES)
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
    draft = draft_of(db.session(), signed_in(), _place(what), datetime.now(UTC))
    if what not in ACTS or draft is None:
        raise RuleBroken(N_("This list was brought already, or too long ago. Bring it again."))
    rows = cast(list[Row], json.loads(typed_in(draft)["rows"][0]))
    with unit_of_work(signed_in()) as work:
        work.require(KernelPermission.CHANGE_UNITS, root_unit(work.session, work.actor.body_id))
        result = ACTS[what](work, body_in(work), rows)
        forget_draft(work, _place(what))
    refused = result.count(Outcome.REFUSE)
    told = ngettext("%(num)s row is done.", "%(num)s rows are done.", result.changes)
    if refused:
        told += " " + ngettext(
            "%(num)s row could not be done.", "%(num)s rows could not be done.", refused
        )
    return done(told, to=url_for("units.tree" if what == "units" else "people.listing"))


def told_row(row: RowResult) -> str:
    """Tell in the reader's language what a row does, or why it cannot be done."""
    return str(gettext(row.text, **{name: shown(value) for name, value in row.values.items()}))


def rows_of_file(file: FileStorage) -> list[Row]:
    """Read a .csv here, an .xlsx only in the limited children of the workshop."""
    name = file.filename or ""
    content = file.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidInput(N_("The list is too long: 5 MB at most."), field="file")
    if name.lower().endswith(".csv"):
        return rows_of_csv(content)
    if not name.lower().endswith(".xlsx"):
        raise InvalidInput(N_("Bring a .csv or an .xlsx."), field="file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.xlsx")
        path.write_bytes(content)
        try:
            reading = workshop().read(path, name)
        except Refused as refused:
            raise told_refusal(refused, "file") from None
        except WorkshopBusy:
            raise InvalidInput(BUSY, field="file") from None
    tables = [block.rows for block in reading.blocks if block.kind == "table"]
    if not tables:
        raise InvalidInput(N_("The table is empty."), field="file")
    return rows_of_table([[cell.text for cell in row] for row in tables[0]])
