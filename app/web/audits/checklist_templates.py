"""What is usually asked of each kind of unit: the list of templates and one of them (b16)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, Stale
from app.kernel.organisation import UnitKind
from app.kernel.work import unit_of_work
from app.web.guard import may_now, must, requires, signed_in
from app.web.page import at_field, done, page
from audits.checklists.templates import (
    MOST_LINES,
    TemplateLine,
    change_template,
    lines_by_kind,
    lines_of,
    template_of,
)
from audits.permissions import AuditPermission
from forms.screen.base import without_controls
from forms.screen.checklist import TemplateForm
from forms.screen.fields import key_of

bp = Blueprint("checklist_templates", __name__)
_EMPTY_LINES = 3


@bp.get("/settings/audits/templates")
@requires(AuditPermission.SEE_CRITERIA)
def listing() -> ResponseReturnValue:
    """List the templates, one for each kind of unit."""
    body = signed_in().body
    must(AuditPermission.SEE_CRITERIA, body)
    found = lines_by_kind(db.session(), body.id)
    return page("audits/templates.html", found=[(kind, len(found[kind])) for kind in UnitKind])


@bp.get("/settings/audits/templates/<kind>")
@requires(AuditPermission.SEE_CRITERIA)
def show(kind: str) -> ResponseReturnValue:
    """Show one template, to be changed by whoever may."""
    body = signed_in().body
    must(AuditPermission.SEE_CRITERIA, body)
    return _page(_kind(kind))


def _kind(code: str) -> UnitKind:
    found = next((one for one in UnitKind if str(one) == code), None)
    if found is None:
        raise NotFound()
    return found


def _page(
    kind: UnitKind,
    form: TemplateForm | None = None,
    lines: list[TemplateLine] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    body = signed_in().body
    own = template_of(db.session(), body.id, kind)
    form = form or TemplateForm(formdata=None)
    if form.row_version.data is None:
        form.row_version.data = own.row_version if own is not None else None
    may_change = may_now(AuditPermission.CHANGE_CRITERIA, body)
    shown = lines if lines is not None else lines_of(own, kind)
    if may_change:
        shown = [*shown, *(TemplateLine("", "", "") for _ in range(_EMPTY_LINES))]
    return page(
        "audits/template.html",
        status=status,
        kind=kind,
        is_own=own is not None,
        lines=shown,
        form=form,
        may_change=may_change,
    )


@bp.post("/settings/audits/templates/<kind>")
@requires(AuditPermission.CHANGE_CRITERIA)
def change(kind: str) -> ResponseReturnValue:
    """Set what is asked of units of a kind."""
    found, form, lines = _kind(kind), TemplateForm(), _typed()
    must(AuditPermission.CHANGE_CRITERIA, signed_in().body)
    if not form.validate_on_submit():
        return _page(found, form, lines, 422)
    try:
        with unit_of_work(signed_in()) as work:
            changed = change_template(
                work, work.actor.body, found, lines, seen=form.row_version.data
            )
    except (InvalidInput, Stale) as refused:
        return _page(found, form, lines, at_field(form, refused))
    said = gettext("The template is saved.") if changed else gettext("Nothing was changed.")
    return done(said, to=url_for("checklist_templates.show", kind=kind))


def _typed() -> list[TemplateLine]:
    """Read the lines as they were sent, each with its fields; empty ones are no lines."""
    found = []
    for at in range(MOST_LINES + 2 * _EMPTY_LINES):
        said = {
            name: str(without_controls(request.form.get(f"{name}-{at}", "")))
            for name in ("section", "clause", "text", "how", "weight")
        }
        if not said["text"].strip():
            continue
        weight = key_of(said["weight"].strip() or "1")
        found.append(
            TemplateLine(
                section=said["section"],
                clause=said["clause"],
                text=said["text"],
                weight=weight if weight is not None else -1,
                how=said["how"],
                for_auditee=request.form.get(f"for_auditee-{at}") == "y",
            )
        )
    return found
