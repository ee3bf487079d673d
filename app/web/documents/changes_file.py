"""What changed, to take along: a Word file with tracked changes (a23, a24, L7, D11)."""

from __future__ import annotations

import io

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.web.documents.openings import note_opening
from app.web.documents.review import compared_with
from app.web.guard import requires, standing
from documents import register
from documents.content.blocks import Reading
from documents.content.comparison import compare
from documents.content.redline_docx import Hand, tracked_docx
from documents.models import Revision
from documents.permissions import DocumentPermission
from forms.screen.fields import key_of

bp = Blueprint("changes_file", __name__)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/r/<int:revision_id>/changes.docx")
@requires(DocumentPermission.READ_REVISION)
def tracked(revision_id: int) -> ResponseReturnValue:
    """Give the changes of a revision as Word shows them, against what its page compares it with."""
    revision = register.revision(db.session(), standing(), revision_id)
    new, old = _text_of(revision), _old_text(revision)
    if new is None or old is None:
        raise NotFound()
    note_opening(revision)
    hand = Hand(
        ", ".join(author.name for author in revision.authors) or revision.document.lead_unit.name,
        revision.drafted_at,
    )
    name = f"{revision.code or revision.document.id} {revision.label} redline.docx"
    return send_file(
        io.BytesIO(tracked_docx(compare(old, new), hand)),
        mimetype=DOCX,
        as_attachment=True,
        download_name=name.replace("/", "-"),
        etag=False,
    )


def _text_of(revision: Revision) -> Reading | None:
    main = revision.main_file
    return _words(main.sha256) if main is not None else None


def _old_text(revision: Revision) -> Reading | None:
    """Give the text compared with: of the edition asked for, else as the review page does."""
    asked = request.args.get("old", "")
    if not asked:
        return _words(compared_with(revision)[0])
    key = key_of(asked)
    if key is None:
        raise NotFound()
    if revision.predecessor_id == key and revision.predecessor is not None:
        return _text_of(revision.predecessor)  # its page shows what changed since then
    other = register.revision(db.session(), standing(), key)
    if other.document_id != revision.document_id:
        raise NotFound()
    note_opening(other)
    return _text_of(other)


def _words(sha256: str) -> Reading | None:
    """Give what was read of a file; None for a scan, which has no words."""
    reading = register.reading_of(db.session(), sha256) if sha256 else None
    return None if reading is None or reading.scan else reading
