"""The page behind the square code: one answer, no account, no script (screen 15; F8, L2, a39)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.guard import open_to_all, signed_in_or_none, standing
from app.web.page import page
from documents.permissions import DocumentPermission
from documents.verification import Answer, Verdict, report_still_used, verdict_on
from forms.screen.verification import StillUsedForm

bp = Blueprint("verification", __name__)
LOOKS = {
    Answer.CURRENT: ("", "shield"),
    Answer.REPLACED: ("bad", "ban"),
    Answer.BEHIND: ("bad", "alert"),
    Answer.WITHDRAWN: ("mute", "ban"),
    Answer.NOT_YET: ("mute", "clock"),
    Answer.UNKNOWN: ("mute", "help"),
}


@bp.get("/v/<token>")
@open_to_all("whoever holds a printed page may ask whether it is current")
def show(token: str) -> ResponseReturnValue:
    """Say whether a printed page is current, and nothing else unless the document is public."""
    return _shown(token, StillUsedForm(), was_told="told" in request.args)


@bp.post("/v/<token>")
@open_to_all("whoever finds an old page still in use may say where")
def report(token: str) -> ResponseReturnValue:
    """Take the report of an old page; nothing about who gives it is kept."""
    if verdict_on(db.session(), token).answer not in (Answer.REPLACED, Answer.WITHDRAWN):
        raise NotFound()
    form = StillUsedForm()
    if not form.validate_on_submit():
        return _shown(token, form), 422
    with unit_of_work(None) as work:
        report_still_used(work, token, form.place.data)
    return redirect(url_for("verification.show", token=token, told="y"), 303)


def _shown(token: str, form: StillUsedForm, *, was_told: bool = False) -> Any:
    verdict = verdict_on(db.session(), token)
    colour, icon = LOOKS[verdict.answer]
    return page(
        "documents/verification.html",
        verdict=verdict,
        form=form,
        token=token,
        was_told=was_told,
        colour=colour,
        icon_name=icon,
        url=_address(verdict),
        asked_at=datetime.now(UTC),
        status=404 if verdict.answer is Answer.UNKNOWN else 200,
    )


def _address(verdict: Verdict) -> str:
    """Give the way to the text, for those who are signed in and may read it."""
    document = verdict.document
    if document is None or not verdict.current_edition or signed_in_or_none() is None:
        return ""
    return link_to(document) if may(standing(), DocumentPermission.LIST, document) else ""
