"""Issuance decisions made on paper or in e-office: entered by one, confirmed by another (D4)."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, Refusal
from app.kernel.install import installation
from app.kernel.people import Capacity
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.impact import gather_all, impact_of
from app.web.documents.uploads import take_in
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, words
from documents import register
from documents.issuance import (
    IssuanceData,
    confirm_issuance,
    enter_issuance,
    refuse_issuance,
)
from documents.models import IssuanceDecision, Package, Revision, RevisionState
from documents.permissions import DocumentPermission
from forms.screen.issuance import IssuanceForm, RefusalForm

bp = Blueprint("issuance", __name__)


@bp.get("/issuances")
@requires(DocumentPermission.ENTER_ISSUANCE)
def listing() -> ResponseReturnValue:
    """Show the entered decisions and the form for the next one."""
    return page("documents/issuances.html", form=_form(), decisions=_decisions())


def _decisions() -> list[IssuanceDecision]:
    return list(
        db.session.scalars(
            sa.select(IssuanceDecision)
            .where(IssuanceDecision.body_id == standing().body_id)
            .order_by(IssuanceDecision.id.desc())
            .limit(50)
        )
    )


def _form() -> IssuanceForm:
    form = IssuanceForm()
    form.signer_capacity.choices = [
        SelectChoice(str(capacity), gettext(capacity.label)) for capacity in Capacity
    ]
    form.packages.choices = [
        SelectChoice(
            str(package.id),
            " + ".join(f"{revision.code} {revision.label}" for revision in package.revisions),
        )
        for package in _submitted()
    ]
    return form


def _submitted() -> list[Package]:
    return list(
        db.session.scalars(
            sa.select(Package)
            .join(Revision, Revision.package_id == Package.id)
            .where(
                Package.body_id == standing().body_id,
                Revision.state.in_((RevisionState.IN_REVIEW, RevisionState.IN_APPROVAL)),
            )
            .distinct()
            .order_by(Package.id)
            .limit(500)
        )
    )


@bp.post("/issuances")
@requires(DocumentPermission.ENTER_ISSUANCE)
def enter() -> ResponseReturnValue:
    """Enter a decision with its signed file; another person confirms it."""
    form = _form()
    if not form.validate_on_submit():
        return page("documents/issuances.html", form=form, decisions=_decisions()), 422
    session = db.session()
    packages = [register.package(session, standing(), one) for one in form.packages.data or []]
    try:
        scan, _reading = take_in(form.file.data)
        with unit_of_work(signed_in()) as work:
            decision = enter_issuance(
                work,
                IssuanceData(
                    number=form.number.data or "",
                    happened_on=form.happened_on.data,
                    signer_name=form.signer_name.data or "",
                    signer_capacity=Capacity(form.signer_capacity.data),
                ),
                work.fresh_all(packages),
                scan,
            )
    except InvalidInput as refused:
        name = refused.field if refused.field in form else "number"
        form[name].errors = (words(refused),)
        return page("documents/issuances.html", form=form, decisions=_decisions()), 422
    return done(
        gettext(
            "Decision %(number)s is entered. Somebody else confirms it.", number=decision.number
        ),
        to=url_for("issuance.show", decision_id=decision.id),
    )


def _decision(decision_id: int) -> IssuanceDecision:
    found = db.session.get(IssuanceDecision, decision_id)
    if found is None or not (
        may(standing(), DocumentPermission.CONFIRM_ISSUANCE, found)
        or may(standing(), DocumentPermission.ENTER_ISSUANCE, found)
    ):
        raise NotFound()
    return found


@bp.get("/issuances/<int:decision_id>")
@requires(DocumentPermission.CONFIRM_ISSUANCE)
def show(decision_id: int) -> ResponseReturnValue:
    """Show an entered decision beside its signed file."""
    return _page(_decision(decision_id), RefusalForm())


def _page(
    decision: IssuanceDecision, form: RefusalForm, status: int = 200, problem: str = ""
) -> Response:
    obstacle = decision.confirm_obstacle(signed_in())
    is_waiting = decision.confirmed_at is None and decision.refused_at is None
    covered = [revision for item in decision.items for revision in item.package.revisions]
    return page(
        "documents/issuance.html",
        status=status,
        decision=decision,
        form=form,
        obstacle=words(obstacle) if obstacle is not None else "",
        problem=problem,
        covered=[(one, impact_of(one) if is_waiting else []) for one in covered],
    )


@bp.get("/issuances/<int:decision_id>/file")
@requires(DocumentPermission.CONFIRM_ISSUANCE)
def signed_file(decision_id: int) -> ResponseReturnValue:
    """Give the signed decision as it was brought."""
    decision = _decision(decision_id)
    return send_file(
        installation().store.path(decision.file_sha256),
        as_attachment=True,
        download_name=decision.file_name,
        mimetype="application/octet-stream",
    )


@bp.post("/issuances/<int:decision_id>/confirmation")
@requires(DocumentPermission.CONFIRM_ISSUANCE)
def confirmation(decision_id: int) -> ResponseReturnValue:
    """Confirm what was entered; everything it covers becomes approved."""
    decision = _decision(decision_id)
    try:
        with unit_of_work(signed_in()) as work:
            decision = work.fresh(decision)
            gathered = {
                number: groups
                for item in decision.items
                for number, groups in gather_all(work.session, item.package).items()
            }
            confirm_issuance(work, decision, impacts=gathered)
    except Refusal as refused:
        if refused.status != 409:
            raise
        return _page(_decision(decision_id), RefusalForm(), 409, words(refused))
    return done(
        gettext("Decision %(number)s is confirmed.", number=decision.number),
        to=url_for("work.inbox"),
    )


@bp.post("/issuances/<int:decision_id>/refusal")
@requires(DocumentPermission.CONFIRM_ISSUANCE)
def refusal(decision_id: int) -> ResponseReturnValue:
    """Say that what was entered is not so, with the reason."""
    decision = _decision(decision_id)
    form = RefusalForm()
    if not form.validate_on_submit():
        return _page(decision, form, 422)
    with unit_of_work(signed_in()) as work:
        refuse_issuance(work, work.fresh(decision), reason=form.reason.data or "")
    return done(
        gettext("Decision %(number)s is refused.", number=decision.number),
        to=url_for("work.inbox"),
    )
