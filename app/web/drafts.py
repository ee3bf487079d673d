"""Drafts of forms: what autosave.js sends is kept, and is back after signing in again (P5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.drafts import draft_of, keep_draft, typed_in
from app.kernel.errors import InvalidInput
from app.kernel.work import unit_of_work
from app.web.guard import requires, signed_in
from app.web.page import safe_next

bp = Blueprint("drafts", __name__)


def draft_url(place: str) -> str:
    """Give the address that keeps the draft of a form; `place` is the form's own path."""
    return url_for("drafts.save", place=place)


@bp.post("/drafts")
@requires(KernelPermission.WORK)
def save() -> ResponseReturnValue:
    """Keep what was typed into a form so far; tokens, passwords and files are never part of it."""
    place = safe_next(request.args.get("place", ""))
    if not place:
        raise InvalidInput("A draft needs the address of its form.")
    typed = {
        name: texts
        for name, texts in request.form.lists()
        if name != "csrf_token" and "password" not in name
    }
    with unit_of_work(signed_in()) as work:
        keep_draft(work, place, typed)
    return make_response("", 204)


def kept(place: str) -> dict[str, str | list[str]]:
    """Give what the viewer was typing at a place; empty when nothing was, or too long ago."""
    draft = draft_of(db.session(), signed_in(), place, datetime.now(UTC))
    if draft is None:
        return {}
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in typed_in(draft).items()}


def kept_at(place: str) -> datetime | None:
    """Give when the viewer's draft of a place was kept."""
    draft = draft_of(db.session(), signed_in(), place, datetime.now(UTC))
    return draft.saved_at if draft is not None else None


def refill(form: Any, place: str) -> datetime | None:
    """Put what the viewer was typing back into a form that is only shown; give when it was kept."""
    draft = draft_of(db.session(), signed_in(), place, datetime.now(UTC))
    if draft is None:
        return None
    typed: MultiDict[str, str] = MultiDict(
        [(name, text) for name, texts in typed_in(draft).items() for text in texts]
    )
    for field in form:
        if field.name in typed or field.type == "BooleanField":
            field.process(typed)
            field.process_errors = []
    return draft.saved_at
