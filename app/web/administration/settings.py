"""Pages of settings."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.web.guard import requires
from app.web.page import page

bp = Blueprint("settings", __name__)


@bp.get("/settings")
@requires(KernelPermission.CHANGE_SETTINGS)
def overview() -> ResponseReturnValue:
    """Show the page."""
    return page("work/inbox.html")
