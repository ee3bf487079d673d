"""Holding the file of a draft, giving it back, and what was kept aside (a7; D14)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.openings import note_opening
from app.web.documents.redlines import redline_of
from app.web.documents.serving import DAMAGED
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page
from documents import register
from documents.checking_out import (
    aside_file,
    check_out,
    end_check_out,
    held,
    kept_aside,
    use_aside,
)
from documents.models import CheckOut, Revision
from documents.permissions import DocumentPermission

bp = Blueprint("check_out", __name__)


def _draft(revision_id: int) -> Revision:
    revision = register.revision(db.session(), standing(), revision_id)
    if not may(standing(), DocumentPermission.DRAFT_REVISION, revision):
        raise NotFound()
    return revision


def holding(revision: Revision) -> dict[str, Any]:
    """Give who holds the file of a draft, what the viewer may do, and what was kept aside."""
    holder = held(db.session(), revision, datetime.now(UTC))
    return {
        "holder": holder,
        "holds_it": holder is not None and holder.person_id == signed_in().id,
        "may_break": may(standing(), DocumentPermission.BREAK_CHECK_OUT, revision),
        "aside": kept_aside(db.session(), revision),
        "hours": int(revision.document.body.setting("check_out_hours")),
    }


@bp.post("/r/<int:revision_id>/check-out")
@requires(DocumentPermission.DRAFT_REVISION)
def take(revision_id: int) -> ResponseReturnValue:
    """Take the file of a draft to edit it: it downloads at once, and is held until its time."""
    revision = _draft(revision_id)
    with unit_of_work(signed_in()) as work:
        check_out(work, work.fresh(revision))
    main = revision.main_file
    if main is None:
        raise NotFound()
    return redirect(url_for("serving.fetch", revision_id=revision.id, file_id=main.id), 303)


@bp.post("/check-outs/<int:check_out_id>/end")
@requires(DocumentPermission.BREAK_CHECK_OUT)
def end(check_out_id: int) -> ResponseReturnValue:
    """Give the file back, or take it back from somebody with a reason."""
    found = db.session.get(CheckOut, check_out_id)
    if found is None or not may(standing(), DocumentPermission.DRAFT_REVISION, found.revision):
        raise NotFound()
    try:
        with unit_of_work(signed_in()) as work:
            end_check_out(work, work.fresh(found), reason=request.form.get("reason", "")[:500])
    except InvalidInput as refused:
        raise RuleBroken(refused.text) from refused
    return done(
        gettext("The file is free again."),
        to=url_for("revise.draft", revision_id=found.revision_id),
    )


@bp.get("/r/<int:revision_id>/aside/<int:aside_id>")
@requires(DocumentPermission.DRAFT_REVISION)
def compare(revision_id: int, aside_id: int) -> ResponseReturnValue:
    """Show what a file kept aside changes against the draft's."""
    revision = _draft(revision_id)
    kept = aside_file(db.session(), revision, aside_id)
    main = revision.main_file
    note_opening(revision)
    session = db.session()
    before = register.reading_of(session, main.sha256) if main is not None else None
    reading = register.reading_of(session, kept.sha256)
    return page(
        "documents/aside.html",
        revision=revision,
        late=kept,
        redline=redline_of(before, reading) if reading is not None else None,
    )


@bp.get("/r/<int:revision_id>/aside/<int:aside_id>/file")
@requires(DocumentPermission.DRAFT_REVISION)
def fetch(revision_id: int, aside_id: int) -> ResponseReturnValue:
    """Give a file kept aside, unchanged."""
    revision = _draft(revision_id)
    kept = aside_file(db.session(), revision, aside_id)
    store = installation().store
    if store.digest_of(kept.sha256) != kept.sha256:
        raise RuleBroken(DAMAGED)
    media_type = db.session.scalar(
        sa.select(StoredFile.media_type).where(StoredFile.sha256 == kept.sha256)
    )
    note_opening(revision)
    return send_file(
        store.path(kept.sha256),
        mimetype=media_type or "application/octet-stream",
        as_attachment=True,
        download_name=kept.name,
        conditional=False,
        etag=False,
    )


@bp.post("/r/<int:revision_id>/aside/<int:aside_id>/use")
@requires(DocumentPermission.DRAFT_REVISION)
def use(revision_id: int, aside_id: int) -> ResponseReturnValue:
    """Let a file kept aside become the draft's, by whoever compared the two."""
    revision = _draft(revision_id)
    kept = aside_file(db.session(), revision, aside_id)
    with unit_of_work(signed_in()) as work:
        use_aside(work, work.fresh(kept))
    return done(
        gettext("%(name)s is the draft's file now.", name=kept.name),
        to=url_for("revise.draft", revision_id=revision.id),
    )
