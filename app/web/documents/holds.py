"""Holds: what must be kept although its time is over, by whose word, until when (a50)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.work import unit_of_work
from app.web.administration.settings import own_body
from app.web.body_address import named_body_id
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register
from documents.models import Document, QualityRecord
from documents.permissions import DocumentPermission
from documents.records import record_by_id
from documents.retention import PAGE, hold_by_id, holds_of, lift_hold, place_hold
from forms.screen.retention import HoldForm
from forms.screen.withdrawal import WhyForm

bp = Blueprint("holds", __name__)


@bp.get("/holds")
@requires(DocumentPermission.PLACE_HOLD)
def listing() -> ResponseReturnValue:
    """List the holds of the body that were not lifted."""
    return _list()


def _list(
    *, status: int = 200, lifted: int = 0, form: WhyForm | None = None
) -> ResponseReturnValue:
    body = own_body()
    must(DocumentPermission.PLACE_HOLD, body)
    rows = list(holds_of(db.session(), body.id, after=whole(request.args.get("after"))))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return page(
        "documents/holds.html",
        status=status,
        rows=rows,
        older=url_for("holds.listing", after=rows[-1].id) if more else None,
        form=form or WhyForm(),
        lifted=lifted,
        on=standing().on,
        link_to=link_to,
    )


@bp.route("/d/<path:code>/hold", methods=["GET", "POST"])
@requires(DocumentPermission.PLACE_HOLD)
def place(code: str) -> ResponseReturnValue:
    """Put a hold on a document, with all its editions."""
    return _placed(register.document(db.session(), standing(), code, body_id=named_body_id()))


@bp.route("/records/<int:record_id>/hold", methods=["GET", "POST"])
@requires(DocumentPermission.PLACE_HOLD)
def place_on_record(record_id: int) -> ResponseReturnValue:
    """Put a hold on a record."""
    return _placed(record_by_id(db.session(), standing(), record_id))


def _placed(thing: Document | QualityRecord) -> ResponseReturnValue:
    must(DocumentPermission.PLACE_HOLD, thing)
    form, status = HoldForm(), 200
    if form.is_submitted():
        status = 422
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                place_hold(
                    work,
                    work.fresh(thing),
                    reason=form.reason.data or "",
                    until_on=form.until_on.data,
                )
            return done(gettext("The hold is in place."), to=url_for("holds.listing"))
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        "documents/hold_form.html",
        status=status,
        form=form,
        thing=thing,
        is_document=isinstance(thing, Document),
        link_to=link_to,
    )


@bp.post("/holds/<int:hold_id>/lifting")
@requires(DocumentPermission.PLACE_HOLD)
def lift(hold_id: int) -> ResponseReturnValue:
    """Lift a hold with the reason."""
    hold = hold_by_id(db.session(), standing().body_id, hold_id)
    must(DocumentPermission.PLACE_HOLD, hold)
    form = WhyForm()
    if not form.validate_on_submit():
        return _list(status=422, lifted=hold_id, form=form)
    with unit_of_work(signed_in()) as work:
        lift_hold(work, work.fresh(hold), reason=form.reason.data or "")
    return done(gettext("The hold is lifted."), to=url_for("holds.listing"))
