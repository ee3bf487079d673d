"""Answers: whole pages, their fragments, and what comes after an act."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext

from app.kernel.coded import Coded
from app.kernel.errors import Refusal
from app.web.formats import as_date, as_moment


def page(template: str, *, part: str = "", status: int = 200, **values: Any) -> Response:
    """Render a page, or only its fragment where htmx asked for that."""
    wants_part = bool(part) and request.headers.get("HX-Request") == "true"
    response = make_response(render_template(part if wants_part else template, **values), status)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def done(message: str, *, to: str) -> Response:
    """Say what was done and go on; never from words in an address."""
    flash(message)
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 204)
        response.headers["HX-Redirect"] = to
        return response
    return make_response(redirect(to, 303))


def words(refusal: Refusal) -> str:
    """Turn a refusal of the domain into words of the reader's language."""
    return str(gettext(refusal.text, **{name: shown(v) for name, v in refusal.values.items()}))


def shown(value: Any) -> Any:
    """Turn a coded value into its label, a date into the reader's form; leave the rest."""
    if isinstance(value, Coded):
        return gettext(value.label)
    if isinstance(value, datetime):
        return as_moment(value)
    if isinstance(value, date):
        return as_date(value)
    return value


def safe_next(target: str) -> str:
    """Give an address inside this site, or an empty text: nothing typed sends anybody away."""
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    if any(ord(char) < 33 or char == "\\" for char in target) or len(target) > 500:
        return ""
    return target


def at_field(form: Any, refused: Refusal) -> int:
    """Show a refusal where it was typed, or above the form; give the status to answer with."""
    name = getattr(refused, "field", "")
    if name and name in form:
        form[name].errors = [*form[name].errors, words(refused)]
    else:
        form.form_errors.append(words(refused))
    return refused.status
