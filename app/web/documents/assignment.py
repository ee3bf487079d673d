"""The assignment matrix: as of a day, by hand, from a spreadsheet and as one (O5, L24)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.facts import KernelFact
from app.kernel.organisation import Unit, units_of
from app.kernel.row_import import ImportResult, Outcome, Row
from app.kernel.search import nfc
from app.kernel.work import Work, unit_of_work
from app.web.administration.units import asked_day
from app.web.body_address import shown_body
from app.web.documents.given import publisher_ids
from app.web.documents.links import link_to
from app.web.documents.master_list import XLSX
from app.web.documents.pages import whole
from app.web.formats import as_date
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.list_import import kept_rows, look, rows_of_file, told_done, told_row
from app.web.page import at_field, done, page
from documents import assignment_register, register
from documents.assignment import (
    COLUMNS,
    AssignmentData,
    add_assignment,
    change_assignment,
    import_assignments,
    named_as_ours,
)
from documents.assignment_register import Lack, Line, matrix
from documents.models import Assignment, Document
from documents.permissions import DocumentPermission
from forms.paper.master_list import MasterListSheet, build_master_list
from forms.screen.assignment import AssignmentForm, AssignmentListForm

bp = Blueprint("assignments", __name__)
PLACE = "import:assignments"
FIRST_ROW = 2  # the heads are row 1
MOST_MENDED = 100  # rows shown to be mended at a time
LONGEST_CELL = 500
_CELL = re.compile(r"row-(?P<row>\d{1,5})-(?P<column>[a-z_]{1,40})")


@bp.get("/assignments")
@requires(DocumentPermission.SEE_ASSIGNMENTS)
def listing() -> ResponseReturnValue:
    """Show the matrix as of a day: figures, gaps and overlaps by name."""
    body, (on, wrong) = shown_body(), asked_day()
    found = matrix(
        db.session(),
        standing(),
        body,
        on,
        lack=_lack(),
        unit_id=whole(request.args.get("unit")),
        text=_text(),
        after=whole(request.args.get("after")),
        before=whole(request.args.get("before")),
    )
    return page(
        "documents/assignments.html",
        body=body,
        on=on,
        wrong=wrong,
        found=found,
        coverage=found.coverage,
        lack=_lack(),
        lacks=Lack,
        text=_text(),
        units=units_of(db.session(), body.id, on),
        unit_id=whole(request.args.get("unit")),
        pills=_pills(found.coverage),
        previous=_address(before=found.before_id) if found.before_id else None,
        following=_address(after=found.after_id) if found.after_id else None,
        export_url=_address("assignments.export"),
        is_narrowed=bool(_lack() or _text() or request.args.get("unit")),
        may_keep=may_now(DocumentPermission.KEEP_ASSIGNMENTS, body),
        link_to=link_to,
    )


def _lack() -> Lack | None:
    asked = request.args.get("lack", "")
    return next((one for one in Lack if str(one) == asked), None)


def _text() -> str:
    return " ".join(request.args.get("q", "")[:100].replace("\0", " ").split())


def _address(endpoint: str = "assignments.listing", **changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:100] for name in ("on", "lack", "unit", "q")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for(endpoint) + (f"?{query}" if query else "")


def _pills(coverage: assignment_register.Coverage) -> list[dict[str, Any]]:
    return [
        {
            "label": gettext("All"),
            "url": _address(lack=""),
            "current": _lack() is None,
            "count": coverage.total,
        },
        *(
            {
                "label": gettext(one.label),
                "url": _address(lack=one),
                "current": one is _lack(),
                "count": coverage.count(one),
            }
            for one in Lack
        ),
    ]


@bp.post("/assignments/export")
@requires(DocumentPermission.SEE_ASSIGNMENTS)
def export() -> ResponseReturnValue:
    """Give exactly what is shown as a spreadsheet; taking it away is a fact."""
    body, (on, _wrong) = shown_body(), asked_day()
    found = matrix(
        db.session(),
        standing(),
        body,
        on,
        lack=_lack(),
        unit_id=whole(request.args.get("unit")),
        text=_text(),
        limit=None,
    )
    sheet = MasterListSheet(
        title=gettext("Assignment matrix"),
        remark=" · ".join([body.name, gettext("as of %(day)s", day=as_date(on))]),
        columns=tuple(zip(_heads(), (14, 50, 18, 20, 30, 36, 18, 12, 12, 30, 26, 24), strict=True)),
        rows=tuple(_sheet_row(line) for line in found.lines),
    )
    content = build_master_list(sheet)
    with unit_of_work(signed_in()) as work:
        work.record_outside(
            KernelFact.EXPORTED,
            "assignment",
            what="assignment_matrix",
            count=len(found.lines),
            body=body.code,
        )
    answer = Response(content, mimetype=XLSX)
    name = f"ma-tran-phan-cong-{on:%Y-%m-%d}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _heads() -> tuple[str, ...]:
    return (
        gettext("Code"),
        gettext("Name"),
        gettext("What it is"),
        gettext("Field of work"),
        gettext("Lead unit"),
        gettext("Coordinating units"),
        gettext("Governing document"),
        gettext("From"),
        gettext("Until, last day"),
        gettext("Legal owner"),
        gettext("Delegated"),
        gettext("What is lacking"),
    )


def _sheet_row(line: Line) -> tuple[Any, ...]:
    row = line.row
    days = [as_date(day) for day in (row.delegated_from, row.delegated_until) if day is not None]
    return (
        row.code,
        row.name,
        gettext(row.kind.label),
        row.procedure_field,
        line.lead.name if line.lead is not None else "",
        "; ".join(unit.name for unit in line.others),
        line.document.code if line.document is not None else "",
        row.valid_from,
        row.valid_until,
        row.legal_owner,
        " – ".join(days),
        "; ".join(gettext(lack.label) for lack in line.lacks),
    )


@bp.route("/assignments/new", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_ASSIGNMENTS)
def add() -> ResponseReturnValue:
    """Put a function or procedure into the matrix by hand."""
    form = _form(None)
    if not form.is_submitted():
        form.valid_from.data = standing().on
        return _form_page(form, None, 200)
    if not form.validate_on_submit():
        return _form_page(form, None, 422)
    try:
        with unit_of_work(signed_in()) as work:
            row = add_assignment(work, work.actor.body, _data(work, form))
            code = row.code
    except (InvalidInput, RuleBroken) as refused:
        return _form_page(form, None, at_field(form, refused))
    return done(gettext("%(code)s is in the matrix.", code=code), to=url_for("assignments.listing"))


@bp.route("/assignments/<int:row_id>", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_ASSIGNMENTS)
def change(row_id: int) -> ResponseReturnValue:
    """Change who does what, or until when."""
    row = assignment_register.assignment(db.session(), standing(), row_id)
    form = _form(row)
    if not form.is_submitted():
        return _form_page(form, row, 200)
    if not form.validate_on_submit():
        return _form_page(form, row, 422)
    try:
        with unit_of_work(signed_in()) as work:
            fresh = work.fresh(row, seen=form.row_version.data)
            change_assignment(work, fresh, _data(work, form))
    except (InvalidInput, RuleBroken, Stale) as refused:
        status = at_field(form, refused)
        row = assignment_register.assignment(db.session(), standing(), row_id)
        return _form_page(form, row, status)
    return done(gettext("%(code)s is changed.", code=form.code.data),
                to=url_for("assignments.listing"))  # fmt: skip


def _form(row: Assignment | None) -> AssignmentForm:
    form = AssignmentForm()
    units = units_of(db.session(), signed_in().body_id)
    form.lead_unit.choices = [
        SelectChoice("", gettext("None yet")),
        *(SelectChoice(str(unit.id), unit.name) for unit in units),
    ]
    form.others.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    if row is not None and not form.is_submitted():
        _fill(form, row)
    return form


def _fill(form: AssignmentForm, row: Assignment) -> None:
    for name in ("code", "name", "procedure_field", "legal_owner", "valid_from", "valid_until",
                 "delegated_from", "delegated_until", "row_version"):  # fmt: skip
        form[name].data = getattr(row, name)
    form.kind.data = str(row.kind)
    form.lead_unit.data = str(row.lead_unit_id or "")
    form.others.data = [one.unit_id for one in row.others]
    form.document.data = row.document.code if row.document is not None else ""


def _form_page(form: AssignmentForm, row: Assignment | None, status: int) -> ResponseReturnValue:
    must(DocumentPermission.KEEP_ASSIGNMENTS, signed_in().body)
    return page("documents/assignment_form.html", status=status, form=form, row=row)


def _data(work: Work, form: AssignmentForm) -> AssignmentData:
    def unit(key: int) -> Unit | None:
        return work.session.get(Unit, key)

    lead = unit(int(form.lead_unit.data)) if form.lead_unit.data else None
    others = [found for key in form.others.data or [] if (found := unit(key)) is not None]
    return AssignmentData(
        kind=form.kind.coded,
        code=form.code.data or "",
        name=form.name.data or "",
        valid_from=form.valid_from.data,
        valid_until=form.valid_until.data,
        lead_unit=lead,
        others=tuple(others),
        document=_document(work, form.document.data or ""),
        procedure_field=form.procedure_field.data or "",
        legal_owner=form.legal_owner.data or "",
        delegated_from=form.delegated_from.data,
        delegated_until=form.delegated_until.data,
    )


def _document(work: Work, code: str) -> Document | None:
    """Give the document of a code: one's own, else one a higher body has given."""
    if not code.strip():
        return None
    for body_id in (work.actor.body_id, *publisher_ids()):
        found = register.find_document(work.session, work.standing, code, body_id=body_id)
        if found is not None:
            return found
    raise InvalidInput(N_("There is no document %(code)s."), field="document", code=code)


@bp.route("/assignments/import", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_ASSIGNMENTS)
def bring() -> ResponseReturnValue:
    """Take a list and show what each of its rows would do; nothing is written yet."""
    must(DocumentPermission.KEEP_ASSIGNMENTS, signed_in().body)
    form = AssignmentListForm()
    if not form.validate_on_submit():
        return _import_page(form, status=422 if form.is_submitted() else 200)
    try:
        rows = named_as_ours(rows_of_file(form.file.data))
        return _looked_at(form, rows)
    except (InvalidInput, RuleBroken) as refused:
        return _import_page(form, status=at_field(form, refused))


def _looked_at(form: AssignmentListForm, rows: list[Row]) -> ResponseReturnValue:
    """Show what rows would do, and keep them as they are typed now."""
    result = look(rows, PLACE, lambda work: import_assignments(work, work.actor.body, rows))
    return _import_page(form, rows=rows, result=result)


def _import_page(
    form: AssignmentListForm,
    *,
    rows: Sequence[Row] = (),
    result: ImportResult | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    refused = [one for one in result.rows if one.outcome is Outcome.REFUSE] if result else []
    return page(
        "documents/assignments_import.html",
        status=status,
        form=form,
        result=result,
        doubtful=[(one, rows[one.number - FIRST_ROW]) for one in refused[:MOST_MENDED]],
        told=told_row,
        columns=COLUMNS,
    )


def _mended(rows: list[Row]) -> list[Row]:
    """Give the rows with what was typed on the page in the place of what stood there."""
    mended = [dict(row) for row in named_as_ours(rows)]
    for name, typed in request.form.items():
        match = _CELL.fullmatch(name)
        if match is None or match["column"] not in COLUMNS:
            continue
        place = int(match["row"]) - FIRST_ROW
        if 0 <= place < len(mended):
            mended[place][match["column"]] = " ".join(nfc(typed).split())[:LONGEST_CELL]
    return mended


@bp.post("/assignments/import/rows")
@requires(DocumentPermission.KEEP_ASSIGNMENTS)
def act() -> ResponseReturnValue:
    """Do what was looked at, all of it in one transaction; or look again at what was mended."""
    must(DocumentPermission.KEEP_ASSIGNMENTS, signed_in().body)
    rows = _mended(kept_rows(PLACE))
    if request.form.get("answer") == "look":
        return _looked_at(AssignmentListForm(formdata=None), rows)
    with unit_of_work(signed_in()) as work:
        result = import_assignments(work, work.actor.body, rows)
        forget_draft(work, PLACE)
    return done(told_done(result), to=url_for("assignments.listing"))
