"""The register of records: filled forms, where they are, how long they are kept (7.5.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.documents.serving import DAMAGED
from app.web.documents.uploads import take_in
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register
from documents.disposing import disposal_of
from documents.models import Document, QualityRecord
from documents.permissions import DocumentPermission
from documents.records import (
    RecordData,
    RecordFilters,
    annotate,
    keep_record,
    record_by_id,
    records,
    take_record_file,
    units_for_records,
)
from documents.retention import hold_over
from forms.screen.retention import NoteForm, RecordForm

bp = Blueprint("records", __name__)


def read_filters() -> RecordFilters:
    """Give what the address asks for."""
    return RecordFilters(
        text=" ".join(request.args.get("q", "")[:100].split()),
        unit_id=whole(request.args.get("unit")),
        disposed=request.args.get("disposed") == "y",
    )


@bp.get("/records")
@requires(DocumentPermission.LIST_RECORDS)
def listing() -> ResponseReturnValue:
    """List the records one may see, newest first; the filter stands in the address."""
    filters = read_filters()
    found = records(
        db.session(),
        standing(),
        filters,
        before=whole(request.args.get("before")),
        after=whole(request.args.get("after")),
    )
    return page(
        "documents/records.html",
        found=found,
        filters=filters,
        newer=_address(after=found.newer_than) if found.newer_than else None,
        older=_address(before=found.older_than) if found.older_than else None,
        pills=[
            {
                "label": gettext("All"),
                "url": _address(disposed=""),
                "current": not filters.disposed,
            },
            {
                "label": gettext("Disposed of"),
                "url": _address(disposed="y"),
                "current": filters.disposed,
            },
        ],
        link_to=link_to,
        paper=url_for("paper.record_list", **_asked()),
        may_keep=bool(units_for_records(db.session(), standing())),
    )


def _asked(**changed: Any) -> dict[str, Any]:
    kept = {name: request.args.get(name, "")[:100] for name in ("q", "unit", "disposed")}
    return {name: value for name, value in {**kept, **changed}.items() if value}


def _address(**changed: Any) -> str:
    query = urlencode(_asked(**changed))
    return request.script_root + "/records" + (f"?{query}" if query else "")


@bp.route("/records/new", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_RECORD)
def keep() -> ResponseReturnValue:
    """Enter a record: with its file, or with the place where its paper is."""
    units = units_for_records(db.session(), standing())
    form, status = RecordForm(), 200
    form.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return _kept(form, units)
            except (InvalidInput, RuleBroken) as refused:
                status = at_field(form, refused)
    else:
        home = signed_in().home_unit_id
        form.unit.data = home if home in {unit.id for unit in units} else None
        form.made_on.data = standing().on
        form.form.data = request.args.get("form", "")[:80]
    holder = db.session.get(Person, form.holder.data[0]) if form.holder.data else None
    return page(
        "documents/record_form.html",
        status=status,
        form=form,
        holder=[holder] if holder is not None and holder.body_id == standing().body_id else [],
    )


def _kept(form: RecordForm, units: list[Unit]) -> ResponseReturnValue:
    unit = next((one for one in units if one.id == form.unit.data), None)
    if unit is None:
        raise NotFound()
    wanted = _form_named(form.form.data)
    sent = form.file.data if form.file.data and form.file.data.filename else None
    brought = take_in(sent)[0] if sent is not None else None
    with unit_of_work(signed_in()) as work:
        holder = work.session.get(Person, form.holder.data[0]) if form.holder.data else None
        data = RecordData(
            unit=work.fresh(unit),
            title=form.title.data or "",
            made_on=form.made_on.data,
            form=work.session.get(Document, wanted.id) if wanted is not None else None,
            number=form.number.data or "",
            period=form.period.data or "",
            holder=holder,
            place=form.place.data or "",
            keep_years=form.keep_years.data,
        )
        made = keep_record(work, data, brought).id
    return done(gettext("The record is entered."), to=url_for("records.show", record_id=made))


def _form_named(typed: str | None) -> Document | None:
    if not (typed or "").strip():
        return None
    try:
        return register.document(db.session(), standing(), typed or "", body_id=standing().body_id)
    except NotFound as unknown:
        raise InvalidInput(
            N_("No document %(code)s is known."), field="form", code=typed
        ) from unknown


@bp.get("/records/<int:record_id>")
@requires(DocumentPermission.LIST_RECORDS)
def show(record_id: int) -> ResponseReturnValue:
    """Show one record, its notes, until when it is kept, what holds it."""
    return _page(record_by_id(db.session(), standing(), record_id))


def _page(
    found: QualityRecord, *, status: int = 200, form: NoteForm | None = None
) -> ResponseReturnValue:
    return page(
        "documents/record_page.html",
        status=status,
        found=found,
        form=form or NoteForm(),
        may_note=may_now(DocumentPermission.KEEP_RECORD, found),
        may_hold=found.disposed_at is None and may_now(DocumentPermission.PLACE_HOLD, found),
        hold=hold_over(db.session(), found, standing().on),
        disposal=disposal_of(db.session(), found) if found.disposed_at is not None else None,
        sees_disposals=may_now(DocumentPermission.SEE_DISPOSALS, found),
        link_to=link_to,
    )


@bp.post("/records/<int:record_id>/notes")
@requires(DocumentPermission.KEEP_RECORD)
def note(record_id: int) -> ResponseReturnValue:
    """Add a remark beside a record."""
    found = record_by_id(db.session(), standing(), record_id)
    form = NoteForm()
    if not form.validate_on_submit():
        return _page(found, status=422, form=form)
    with unit_of_work(signed_in()) as work:
        annotate(work, work.fresh(found), form.text.data or "")
    return done(gettext("The note is kept."), to=url_for("records.show", record_id=record_id))


@bp.post("/records/<int:record_id>/file")
@requires(DocumentPermission.LIST_RECORDS)
def file(record_id: int) -> ResponseReturnValue:
    """Give the file of a record, checked against its digest; taking it away is told."""
    found = record_by_id(db.session(), standing(), record_id)
    if found.sha256 is None or found.disposed_at is not None:
        raise NotFound()
    store = installation().store
    if store.digest_of(found.sha256) != found.sha256:
        raise RuleBroken(DAMAGED)
    with unit_of_work(signed_in()) as work:
        take_record_file(work, work.fresh(found))
    media_type = db.session.scalar(
        sa.select(StoredFile.media_type).where(StoredFile.sha256 == found.sha256)
    )
    return send_file(
        store.path(found.sha256),
        mimetype=media_type or "application/octet-stream",
        as_attachment=True,
        download_name=found.file_name,
        conditional=False,
        etag=False,
    )
