"""Refusals as pages: what happened, why, what to do; 500 pages carry a number to quote."""

from __future__ import annotations

import contextlib
import logging
import secrets
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import Busy, Forbidden, NotFound, Refusal
from app.kernel.facts import KernelFact
from app.kernel.work import unit_of_work
from app.web.guard import record_refusal, signed_in_or_none, told_path
from app.web.page import words

log = logging.getLogger("nenep")

TITLES = {
    400: N_("This request cannot be used"),
    403: N_("You may not do this"),
    404: N_("There is nothing here"),
    405: N_("This address does not work that way"),
    409: N_("This cannot be done now"),
    413: N_("The file is too large"),
    415: N_("This kind of content is not taken"),
    422: N_("Something is missing or wrong"),
    429: N_("Too many requests"),
    500: N_("Something went wrong here"),
    503: N_("Please try again in a minute"),
}
ADVICE = {
    400: N_("Go back, load the page again and repeat the step."),
    403: N_("Ask your quality officer if you need this."),
    404: N_("The address may be wrong, or you may not see what stands there. Search for it."),
    405: N_("Go back and use the button on the page."),
    413: N_("Files may have 100 MB at most. Make it smaller, for example by smaller pictures."),
    429: N_("Wait a minute, then try again."),
    503: N_("Go back, wait a minute, then try again. If it stays so, tell your administrator."),
    500: N_("Nothing was changed. Try again; if it stays so, ask for help and quote the number."),
}


def error_page(status: int, *, what: str = "", advice: str = "", number: str = "") -> Response:
    """Render a refusal; works with nobody signed in and without a database."""
    title = gettext(TITLES.get(status, TITLES[400]))
    body = render_template(
        "errors/error.html",
        status=status,
        title=title,
        what=what,
        advice=advice or (gettext(ADVICE[status]) if status in ADVICE else ""),
        number=number,
    )
    return make_response(body, status)


def _refused(refusal: Refusal) -> Response:
    if isinstance(refusal, Forbidden | NotFound):
        try:
            record_refusal(refusal)
        except (Busy, DBAPIError):  # it stays refused, and nobody learns more than that
            log.exception("a refusal could not be recorded", extra={"path": told_path()})
            return error_page(503, what=words(Busy()))
        permission = refusal.permission if isinstance(refusal, Forbidden) else ""
        log.info("refused", extra={"permission": permission, "path": told_path()})
    return error_page(refusal.status, what=words(refusal))


def _http_error(problem: HTTPException) -> Any:
    status = problem.code or 500
    if status < 400:
        return problem
    response = error_page(status)
    if status == 405 and problem.get_response().headers.get("Allow"):
        response.headers["Allow"] = problem.get_response().headers["Allow"]
    return response


def _csrf_refused(problem: CSRFError) -> Response:
    person = signed_in_or_none()
    log.info("request refused", extra={"why": "csrf", "path": told_path()})
    if person is not None:
        try:
            with unit_of_work(person) as work:
                work.record_outside(
                    KernelFact.REQUEST_REFUSED, "door", why="csrf", path=told_path()
                )
        except (Busy, DBAPIError):
            log.exception("a refusal could not be recorded", extra={"path": told_path()})
            return error_page(503, what=words(Busy()))
    return error_page(
        400,
        what=gettext("This form was open too long, or it did not come from this site."),
        advice=gettext("Load the page again; what you typed in long forms is kept."),
    )


def _broken(problem: Exception) -> Response:
    number = secrets.token_hex(4).upper()
    try:
        db.session.rollback()
    except Exception:
        log.exception("rollback failed", extra={"number": number})
    log.error(
        "broken",
        exc_info=problem,
        extra={"number": number, "path": told_path(), "method": request.method},
    )
    return error_page(500, number=number)


def _no_database(problem: OperationalError) -> Response:
    """Answer for a database that is gone, locked or restarting; the next request tries afresh."""
    with contextlib.suppress(Exception):
        db.session.rollback()
    log.error("the database does not answer", exc_info=problem, extra={"path": told_path()})
    return error_page(503, what=words(Busy()))


def init_errors(app: Flask) -> None:
    """Give every refusal its page."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf_refused)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _broken)
