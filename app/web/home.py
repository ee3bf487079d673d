"""My work: what waits for me, overdue first, with the decision beside the list (P1, P2; e21)."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.web.guard import open_to_all, requires, signed_in_or_none, standing, to_sign_in
from app.web.navigation import landing
from app.web.page import page

bp = Blueprint("work", __name__)


@bp.get("/")
@open_to_all("the short address leads to sign-in or to one's first screen")
def start() -> ResponseReturnValue:
    """Lead to the first screen of whoever asks."""
    if signed_in_or_none() is None:
        return to_sign_in()
    return redirect(landing(standing()))


@bp.get("/work")
@requires(KernelPermission.WORK)
def inbox() -> ResponseReturnValue:
    """Show what waits for the viewer."""
    return page("work/inbox.html")
