"""Addresses and words of pages, looked up once and kept: every page asks for a hundred of them."""

from __future__ import annotations

from typing import Any

import flask
from flask import g, request
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

_known: dict[tuple[str, str], str] = {}
_catalogues: dict[str, Any] = {}


def url_for(endpoint: str, **values: Any) -> str:
    """Give the address of an endpoint; one without values is worked out once a body's front."""
    if values or endpoint.startswith(".") or not flask.has_request_context():
        return flask.url_for(endpoint, **values)
    key = (request.script_root, endpoint)
    if key not in _known:
        _known[key] = flask.url_for(endpoint)
    return _known[key]


def spoken() -> str:
    """Give the code of the language of this request; empty where there is none.

    A page asks a hundred times: what Flask-Babel found out before is read from where it keeps it.
    """
    try:
        locale = getattr(g.get("_flask_babel"), "babel_locale", None)
    except RuntimeError:  # no application at hand
        return ""
    locale = locale or get_locale()
    return locale.language if locale is not None else ""


def translated(text: str, /, **values: Any) -> str:
    """Give a text in the reader's language, straight from its catalogue."""
    language = spoken()
    if language not in _catalogues:
        _catalogues[language] = get_translations()
    found = str(_catalogues[language].ugettext(text))
    return found % values if values else found


@pass_eval_context
def words(where: EvalContext, text: str, /, **values: Any) -> str:
    """Translate a text of a template; values are escaped where the page is HTML."""
    found = translated(text)
    if where.autoescape:
        found = Markup(found)  # noqa: S704 -- our own catalogue, as Jinja does it
    return found % values if values or "%" in found else found
