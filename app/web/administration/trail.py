"""Pages of trail."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.trail_keeping import last_check
from app.web.guard import requires, standing
from app.web.page import page

bp = Blueprint("trail", __name__)


@bp.get("/trail")
@requires(KernelPermission.READ_TRAIL)
def entries() -> ResponseReturnValue:
    """Show the page."""
    return page("work/inbox.html", check=last_check(db.session(), standing().body_id))
