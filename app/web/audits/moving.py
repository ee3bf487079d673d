"""Moving an audit by hand: what days would mean, asked first; then the days (b12, b13)."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.calendar import parse_date
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.work import unit_of_work
from app.web.audits.audits import audit_page, one_audit
from app.web.audits.loading import address_of
from app.web.audits.year_page import year_page
from app.web.body_address import shown_body
from app.web.guard import may_now, must, requires, signed_in
from app.web.page import at_field, done, page
from audits.moving import check_days
from audits.permissions import AuditPermission
from audits.planned_audit import move_audit
from forms.screen.programme import MoveForm

bp = Blueprint("moving", __name__)
LONGEST = 62  # days of one audit that are looked at


@bp.get("/audits/<number>/days")
@requires(AuditPermission.LEAD_AUDIT)
def days(number: str) -> ResponseReturnValue:
    """Say what other days would mean: lawful, or which rule, and who would be free."""
    found = one_audit(number)
    must(AuditPermission.LEAD_AUDIT, found)
    first = parse_date(request.args.get("move-from_on", ""))
    last = parse_date(request.args.get("move-until_on", "")) or first
    if request.headers.get("HX-Request") != "true":
        if not may_now(AuditPermission.SEE_PROGRAMME, found):
            return redirect(url_for("audits.show", number=address_of(found)))
        year, to = found.programme.year, first.isoformat() if first else ""
        return redirect(url_for("programmes.show", year=year, audit=found.number, to=to))
    answer = None
    if first is not None and last is not None and first <= last and (last - first).days < LONGEST:
        answer = check_days(db.session(), shown_body(), found, first, last)
    return page(
        "audits/_days_check.html",
        answer=answer,
        audit=found,
        names={one.unit_id: one.unit.name for one in found.units},
    )


@bp.post("/audits/<number>/move")
@requires(AuditPermission.LEAD_AUDIT)
def move(number: str) -> ResponseReturnValue:
    """Give an audit other days; from the programme one stays there."""
    found, form = one_audit(number), MoveForm(prefix="move-")
    must(AuditPermission.LEAD_AUDIT, found)
    year, own, address = found.programme.year, found.number, address_of(found)
    in_programme = request.form.get("back") == "programme"
    in_programme = in_programme and may_now(AuditPermission.SEE_PROGRAMME, found)

    def again(status: int) -> ResponseReturnValue:
        if in_programme:
            return year_page(year, status, number=own, to=form.from_on.data, move=form)
        return audit_page(one_audit(number), status, move=form)

    if not form.validate_on_submit():
        return again(422)
    try:
        with unit_of_work(signed_in()) as work:
            move_audit(
                work,
                work.fresh(found),
                days=(form.from_on.data, form.until_on.data),
                reason=form.reason.data or "",
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return again(at_field(form, refused))
    if in_programme:
        to = url_for("programmes.show", year=year, audit=own)
    else:
        to = url_for("audits.show", number=address)
    return done(gettext("The days are changed."), to=to)
