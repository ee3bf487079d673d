"""One document and its life (screen 5)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.web.guard import requires, standing
from app.web.page import page
from documents import register
from documents.permissions import DocumentPermission

bp = Blueprint("document", __name__)


@bp.get("/d/<path:code>")
@requires(DocumentPermission.READ_EFFECTIVE)
def show(code: str) -> ResponseReturnValue:
    """Show a document: the text of the revision in force first."""
    found = register.document(db.session(), standing(), code)
    return page("documents/document.html", document=found)
