"""Remarks and suggested wordings on a passage, and how each is dealt with (a18, a19; screen 7)."""

from __future__ import annotations

import re

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.review import review_page
from app.web.guard import requires, signed_in, standing
from app.web.page import at_field, done
from documents import register
from documents.commenting import (
    answer_suggestion,
    comment_on,
    resolve_comment,
    suggest_wording,
)
from documents.models import Comment, Revision
from documents.permissions import DocumentPermission
from forms.screen.comment import CommentForm, ResolutionForm, SuggestionForm

bp = Blueprint("comments", __name__)


@bp.post("/r/<int:revision_id>/comments")
@requires(DocumentPermission.COMMENT)
def make(revision_id: int) -> ResponseReturnValue:
    """Make a remark on a passage."""
    revision = register.revision(db.session(), standing(), revision_id)
    form = CommentForm()
    if not form.validate_on_submit():
        return review_page(revision, status=422, comment_form=form)
    with unit_of_work(signed_in()) as work:
        made = comment_on(
            work,
            work.fresh(revision),
            form.text.data or "",
            block=_block(form.block.data),
            quote=form.quote.data or "",
        )
    return done(gettext("Your comment is kept."), to=_at(revision, made.id))


def _block(typed: str | None) -> int | None:
    return int(typed) if typed and re.fullmatch("[0-9]{1,5}", typed) else None


def _at(revision: Revision, comment_id: int) -> str:
    return url_for("review.show", revision_id=revision.id) + f"#comment-{comment_id}"


@bp.post("/r/<int:revision_id>/suggestions")
@requires(DocumentPermission.COMMENT)
def suggest(revision_id: int) -> ResponseReturnValue:
    """Suggest a wording for a passage; an author accepts it or not."""
    revision = register.revision(db.session(), standing(), revision_id)
    form = SuggestionForm(prefix="s-")
    if not form.validate_on_submit():
        return review_page(revision, status=422, suggestion_form=form)
    try:
        with unit_of_work(signed_in()) as work:
            made = suggest_wording(
                work,
                work.fresh(revision),
                old=form.quote.data or "",
                new=form.proposed.data or "",
                reason=form.text.data or "",
                block=_block(request.form.get("block")),
            )
    except InvalidInput as refused:
        status = at_field(form, refused)
        return review_page(revision, status=status, suggestion_form=form)
    return done(gettext("Your suggestion is kept."), to=_at(revision, made.id))


def _comment(comment_id: int) -> Comment:
    found = db.session.get(Comment, comment_id)
    if found is None or not may(standing(), DocumentPermission.READ_REVISION, found.revision):
        raise NotFound()
    return found


@bp.post("/comments/<int:comment_id>/answer")
@requires(DocumentPermission.ACCEPT_SUGGESTION)
def answer(comment_id: int) -> ResponseReturnValue:
    """Accept a suggested wording, or decline it with a word."""
    found, form = _comment(comment_id), ResolutionForm()
    if not form.validate_on_submit():
        return review_page(found.revision, status=422)
    accepted = request.form.get("answer") == "accept"
    with unit_of_work(signed_in()) as work:
        answer_suggestion(
            work, work.fresh(found), accepted=accepted, word=form.resolution.data or ""
        )
    said = gettext("The wording is accepted.") if accepted else gettext("The wording is declined.")
    return done(said, to=_at(found.revision, comment_id))


@bp.post("/comments/<int:comment_id>/resolution")
@requires(DocumentPermission.RESOLVE_COMMENT)
def resolve(comment_id: int) -> ResponseReturnValue:
    """Mark a remark as dealt with."""
    found, form = _comment(comment_id), ResolutionForm()
    if not form.validate_on_submit():
        return review_page(found.revision, status=422)
    with unit_of_work(signed_in()) as work:
        resolve_comment(work, found, resolution=form.resolution.data or "")
    return done(gettext("The comment is resolved."), to=_at(found.revision, comment_id))
