"""Every component in every state; what the accessibility test walks."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.web import styleguide
from app.web.guard import open_to_all
from app.web.page import page

bp = Blueprint("styleguide", __name__)


@bp.get("/styleguide")
@open_to_all("shows invented values only")
def show() -> ResponseReturnValue:
    """Show every component."""
    return page("styleguide.html", **styleguide.samples())
