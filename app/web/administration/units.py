"""Pages of units."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.web.guard import requires
from app.web.page import page

bp = Blueprint("units", __name__)


@bp.get("/units")
@requires(KernelPermission.VIEW_ORGANISATION)
def tree() -> ResponseReturnValue:
    """Show the page."""
    return page("work/inbox.html")
