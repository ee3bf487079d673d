"""Pages of profile."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.web.guard import requires
from app.web.page import page

bp = Blueprint("profile", __name__)


@bp.get("/profile")
@requires(KernelPermission.WORK)
def show() -> ResponseReturnValue:
    """Show the page."""
    return page("work/inbox.html")
