"""Pages of people."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.web.guard import requires
from app.web.page import page

bp = Blueprint("people", __name__)


@bp.get("/people")
@requires(KernelPermission.VIEW_PEOPLE)
def listing() -> ResponseReturnValue:
    """Show the page."""
    return page("work/inbox.html")
