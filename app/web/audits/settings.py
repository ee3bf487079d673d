"""How a body audits: independence, weights, of whom each clause is asked (screen 33; b4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, Stale
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from audits.body_settings import FACTORS, change_audit_settings, present
from audits.models import AskedOf, Standard
from audits.permissions import AuditPermission
from audits.standards import (
    ask_clauses,
    asked_by_body,
    asked_record,
    leaves_of,
    standard_of,
    standards_of,
)
from forms.screen.audit_settings import AskedForm, AuditSettingsForm

bp = Blueprint("audit_settings", __name__)


@bp.get("/settings/audits")
@requires(AuditPermission.SEE_CRITERIA)
def show() -> ResponseReturnValue:
    """Show how the body audits, and what it can audit against."""
    return _page(_form())


def _form() -> AuditSettingsForm:
    body = shown_body()
    now: dict[str, Any] = present(body)
    weights = now.pop("risk_weights")
    now |= {f"weight_{factor}": weights[factor] for factor in FACTORS}
    return AuditSettingsForm(data={**now, "row_version": body.row_version})


def _page(form: AuditSettingsForm, status: int = 200) -> ResponseReturnValue:
    body = shown_body()
    must(AuditPermission.SEE_CRITERIA, body)
    standards = standards_of(db.session(), body.id)
    return page(
        "audits/settings.html",
        status=status,
        form=form,
        body=body,
        standards=[(one, len(leaves_of(one))) for one in standards],
        may_change=may_now(AuditPermission.CHANGE_CRITERIA, body),
    )


@bp.post("/settings/audits")
@requires(AuditPermission.CHANGE_CRITERIA)
def change() -> ResponseReturnValue:
    """Change how the body audits from now on."""
    form = AuditSettingsForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        with unit_of_work(signed_in()) as work:
            body = work.fresh(work.actor.body, seen=form.row_version.data)
            work.require(AuditPermission.CHANGE_CRITERIA, body)
            changed = change_audit_settings(work, body, form.wanted())
    except (InvalidInput, Stale) as refused:
        return _page(form, at_field(form, refused))
    said = gettext("The settings are saved.") if changed else gettext("Nothing was changed.")
    return done(said, to=url_for("audit_settings.show"))


@bp.get("/settings/audits/criteria/<int:standard_id>")
@requires(AuditPermission.SEE_CRITERIA)
def clauses(standard_id: int) -> ResponseReturnValue:
    """Show the clauses of a standard and of whom the body asks each."""
    body = shown_body()
    must(AuditPermission.SEE_CRITERIA, body)
    return _clauses(standard_of(db.session(), body.id, standard_id), AskedForm(formdata=None))


def _clauses(standard: Standard, form: AskedForm, status: int = 200) -> ResponseReturnValue:
    body, session = shown_body(), db.session()
    own = asked_record(session, body.id, standard)
    if form.row_version.data is None:
        form.row_version.data = own.row_version if own is not None else None
    return page(
        "audits/clauses.html",
        status=status,
        standard=standard,
        asked={one.clause.id: one for one in asked_by_body(session, body.id, standard)},
        choices=list(AskedOf),
        form=form,
        may_change=may_now(AuditPermission.CHANGE_CRITERIA, body),
    )


@bp.post("/settings/audits/criteria/<int:standard_id>")
@requires(AuditPermission.CHANGE_CRITERIA)
def ask(standard_id: int) -> ResponseReturnValue:
    """Say of whom the clauses of a standard are asked."""
    standard, form = standard_of(db.session(), standing().body_id, standard_id), AskedForm()
    if not form.validate_on_submit():
        return _clauses(standard, form, 422)
    codes = {str(one): one for one in AskedOf}
    try:
        with unit_of_work(signed_in()) as work:
            standard = standard_of(work.session, work.actor.body_id, standard_id)
            wanted = {
                one.clause.number: codes.get(request.form.get(f"of-{one.clause.id}", ""), one.of)
                for one in asked_by_body(work.session, work.actor.body_id, standard)
            }
            changed = ask_clauses(
                work, work.actor.body, standard, wanted, seen=form.row_version.data
            )
    except Stale as refused:
        return _clauses(standard, form, at_field(form, refused))
    said = gettext("The settings are saved.") if changed else gettext("Nothing was changed.")
    return done(said, to=url_for("audit_settings.clauses", standard_id=standard_id))
