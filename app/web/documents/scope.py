"""What the system covers: its draft, its signature, its printed declaration (4.3; O5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body, Unit, root_unit
from app.kernel.people import Role
from app.kernel.permissions import Standing
from app.kernel.work import unit_of_work
from app.web.administration.units import asked_day
from app.web.body_address import shown_body
from app.web.documents.own_forms import for_declaration, on_form
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.signing import proof_of
from documents import scope as scopes
from documents.assignment_register import matrix
from documents.models import Scope, TemplatePurpose
from documents.permissions import DocumentPermission
from documents.scope import ScopeData, approve_scope, draft_scope
from forms.paper.declaration import Declaration, build_declaration
from forms.screen.assignment import ScopeApprovalForm, ScopeForm

bp = Blueprint("scope", __name__)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/scope")
@requires(DocumentPermission.SEE_ASSIGNMENTS)
def show() -> ResponseReturnValue:
    """Show what the system covered on a day, and the draft of the next version."""
    body = shown_body()
    return _page(body, _form(body), ScopeApprovalForm(prefix="sign-", formdata=None))


@bp.post("/scope")
@requires(DocumentPermission.KEEP_ASSIGNMENTS)
def draft() -> ResponseReturnValue:
    """Draft the next version, or change the draft."""
    body = signed_in().body
    form, sign = _form(body), ScopeApprovalForm(prefix="sign-", formdata=None)
    if not form.validate_on_submit():
        return _page(body, form, sign, 422)
    try:
        with unit_of_work(signed_in()) as work:
            units = work.session.scalars(sa.select(Unit).where(Unit.id.in_(form.units.data or [])))
            data = ScopeData(
                covers=form.covers.data or "",
                units=list(units),
                effective_on=form.effective_on.data,
                address=form.address.data or "",
                standard=form.standard.data or "",
                exclusions=_exclusions(form.exclusions.data or ""),
            )
            draft_scope(work, work.actor.body, data, seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(body, form, sign, at_field(form, refused))
    return done(gettext("The draft of the scope is saved."), to=url_for("scope.show"))


@bp.post("/scope/approval")
@requires(DocumentPermission.APPROVE_SCOPE)
def approve() -> ResponseReturnValue:
    """Sign the draft: it is what the system covers from its day on."""
    body = signed_in().body
    form = ScopeApprovalForm(prefix="sign-")
    waiting = scopes.draft_of(db.session(), body.id)
    if waiting is None:
        raise RuleBroken(N_("No version of the scope waits to be signed."), rule="O5")
    if not form.validate_on_submit():
        return _page(body, _form(body, is_fresh=True), form, 422)
    proof = proof_of(form)
    try:
        with unit_of_work(signed_in()) as work:
            fresh = work.fresh(waiting)
            approve_scope(work, fresh, proof=proof, seen=form.row_version.data)
    except (RuleBroken, Stale) as refused:
        return _page(body, _form(body, is_fresh=True), form, at_field(form, refused))
    return done(gettext("The scope is signed."), to=url_for("scope.show"))


@bp.post("/scope/<int:version>/declaration")
@requires(DocumentPermission.SEE_ASSIGNMENTS)
def declaration(version: int) -> ResponseReturnValue:
    """Give the declaration of conformity as a Word file to sign and number (9.23)."""
    body = shown_body()
    found = scopes.scope_of(db.session(), body.id, version)
    said = declaration_of(db.session(), standing(), body, found)
    content = on_form(
        TemplatePurpose.DECLARATION,
        body,
        lambda: for_declaration(said, body, standing().on),
        lambda: build_declaration(said),
    )
    with unit_of_work(signed_in()) as work:
        work.record_outside(
            KernelFact.EXPORTED, "scope", what="declaration", count=version, body=body.code
        )
    answer = Response(content, mimetype=DOCX)
    answer.headers["Content-Disposition"] = f'attachment; filename="cong-bo-{version:02d}.docx"'
    return answer


def declaration_of(session: Session, held: Standing, body: Body, found: Scope) -> Declaration:
    """Give the declaration of conformity as it is printed."""
    day = found.effective_on or today_of(body, datetime.now(UTC))
    listed = matrix(session, held, body, day, limit=None)
    capacity = found.signature.capacity if found.signature is not None else None
    return Declaration(
        body=body.name,
        superior=body.overseer.name if body.overseer is not None else "",
        address=found.address,
        standard=found.standard,
        covers=found.covers,
        units=tuple(one.unit.name for one in found.units),
        exclusions=tuple((one.clause, one.reason) for one in found.exclusions),
        procedures=tuple((line.row.code, line.row.name) for line in listed.lines),
        effective_on=day,
        signer=found.approved_by.name if found.approved_by is not None else "",
        capacity=str(capacity) if capacity is not None else "own",
    )


def _exclusions(text: str) -> dict[str, str]:
    """Read one line for each clause: 8.3: the reason."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip():
            clause, _colon, reason = line.partition(":")
            found[clause.strip()] = reason.strip()
    return found


def _form(body: Body, *, is_fresh: bool = False) -> ScopeForm:
    form = ScopeForm(formdata=None) if is_fresh else ScopeForm()
    session = db.session()
    draft_now = scopes.draft_of(session, body.id)
    source = draft_now or scopes.approved_scope(session, body.id)
    counted = scopes.units_that_count(session, body.id, standing().on)
    form.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in counted]
    if is_fresh or not form.is_submitted():
        form.effective_on.data = source.effective_on if source else standing().on
        form.units.data = (
            [one.unit_id for one in source.units] if source else [unit.id for unit in counted]
        )
        if source is not None:
            form.covers.data, form.address.data = source.covers, source.address
            form.standard.data = source.standard
            form.exclusions.data = "\n".join(
                f"{one.clause}: {one.reason}" for one in source.exclusions
            )
        form.row_version.data = draft_now.row_version if draft_now else None
    return form


def _page(
    body: Body, form: ScopeForm, sign: ScopeApprovalForm, status: int = 200
) -> ResponseReturnValue:
    session, (on, wrong) = db.session(), asked_day()
    shown = scopes.scope_on(session, body.id, on)
    waiting = scopes.draft_of(session, body.id)
    may_keep = may_now(DocumentPermission.KEEP_ASSIGNMENTS, body)
    may_sign = waiting is not None and may_now(DocumentPermission.APPROVE_SCOPE, waiting)
    if not sign.row_version.data and waiting is not None:
        sign.row_version.data = waiting.row_version
    return page(
        "documents/scope.html",
        status=status,
        body=body,
        on=on,
        wrong=wrong,
        shown=shown,
        waiting=waiting if may_keep or may_sign else None,
        form=form,
        sign=sign,
        figures=_figures(shown, scopes.units_that_count(session, body.id, on)),
        versions=scopes.versions_of(session, body.id),
        may_keep=may_keep,
        may_sign=may_sign,
        capacity=standing().capacity_for((Role.LEADER,), root_unit(session, body.id).id),
    )


def _figures(shown: Scope | None, counted: list[Unit]) -> tuple[int, int, list[str]]:
    """Count the units that apply it among those there are, and name the others."""
    applying = {one.unit_id for one in shown.units} if shown is not None else set()
    missing: list[Any] = [unit.name for unit in counted if unit.id not in applying]
    return len(counted) - len(missing), len(counted), missing
