"""Opening the English translation of a document, with the file of its first revision (D16, a61)."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.documents.revise import fill_draft
from app.web.documents.uploads import take_in
from app.web.guard import requires, signed_in, standing
from app.web.page import at_field, page
from documents import register
from documents.drafting import begin_revision
from documents.models import Document
from documents.permissions import DocumentPermission
from documents.translation import open_obstacle, open_translation
from forms.screen.drafting import UploadForm

bp = Blueprint("translation", __name__)


def _original(code: str) -> Document:
    """Give a document beside which the viewer may open one; what stands in the way is said."""
    found = register.document(db.session(), standing(), code)
    if not may(standing(), DocumentPermission.OPEN_DOCUMENT, found.lead_unit):
        raise NotFound()
    if obstacle := open_obstacle(db.session(), found):
        raise obstacle
    return found


@bp.get("/d/<path:code>/translation")
@requires(DocumentPermission.OPEN_DOCUMENT)
def begin(code: str) -> ResponseReturnValue:
    """Ask for the file of the translation."""
    return _page(_original(code), UploadForm())


def _page(original: Document, form: UploadForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "documents/translation.html",
        status=status,
        original=original,
        original_url=link_to(original),
        current=register.effective_revision(db.session(), original),
        form=form,
    )


@bp.post("/d/<path:code>/translation")
@requires(DocumentPermission.OPEN_DOCUMENT)
def bring(code: str) -> ResponseReturnValue:
    """Open the translation with the draft of its first revision."""
    original, form = _original(code), UploadForm()
    form.validate_on_submit()
    try:
        brought, reading = take_in(form.file.data)
    except InvalidInput as refused:
        return _page(original, form, at_field(form, refused))
    title = reading.proposal.title or original.title_en or original.title
    with unit_of_work(signed_in()) as work:
        translation = open_translation(work, work.fresh(original), title[:500])
        revision = begin_revision(work, translation)
        fill_draft(work, revision, brought, reading)
    return redirect(url_for("revise.draft", revision_id=revision.id), 303)
