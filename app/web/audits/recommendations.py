"""The register of recommendations: from which finding, by when, what the unit answered (b27)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.pages import whole
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from audits.finding_register import recommendation_of
from audits.finding_register import recommendations as recommendations_of
from audits.permissions import AuditPermission
from audits.report_following import answer_recommendation
from forms.screen.finding import AnswerForm

bp = Blueprint("recommendations", __name__)


@bp.get("/recommendations")
@requires(AuditPermission.LIST_FINDINGS)
def listing() -> ResponseReturnValue:
    """List the recommendations one may see, the newest first."""
    return _page()


def _page(status: int = 200, **given: Any) -> ResponseReturnValue:
    body, open_only = shown_body(), request.args.get("state") == "open"
    before = whole(request.args.get("before"))
    found = recommendations_of(db.session(), standing(), body, open_only=open_only, before=before)
    kept = "open" if open_only else None
    return page(
        "audits/recommendations.html",
        status=status,
        found=found,
        on=standing().on,
        open_only=open_only,
        older=url_for("recommendations.listing", before=found.before, state=kept)
        if found.before
        else None,
        answering={
            one.id
            for one in found.rows
            if one.is_open and may_now(AuditPermission.ANSWER_FINDING, one)
        },
        wrong=given.get("wrong"),
        form=given.get("form"),
    )


@bp.post("/recommendations/<number>/answer")
@requires(AuditPermission.ANSWER_FINDING)
def answer(number: str) -> ResponseReturnValue:
    """Say what the unit did about a recommendation, or why nothing is done."""
    found = recommendation_of(db.session(), standing(), shown_body().id, number[:40])
    must(AuditPermission.ANSWER_FINDING, found)
    form = AnswerForm(prefix="answer-")
    if not form.validate_on_submit():
        return _page(422, wrong=found.number, form=form)
    try:
        with unit_of_work(signed_in()) as work:
            answer_recommendation(
                work, work.fresh(found), form.words.data or "", seen=form.row_version.data
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(at_field(form, refused), wrong=number, form=form)
    return done(gettext("The answer is recorded."), to=url_for("recommendations.listing"))
