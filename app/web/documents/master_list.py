"""The master list: browse, filter, export (screen 4; a60)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.web.guard import requires
from app.web.page import page
from documents.permissions import DocumentPermission

bp = Blueprint("documents", __name__)


@bp.get("/documents")
@requires(DocumentPermission.LIST)
def master_list() -> ResponseReturnValue:
    """Show the master list."""
    return page("documents/master_list.html")
