"""The reader's language: chosen by link, kept in a cookie, Vietnamese by default (e17)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, request
from flask_babel import Babel

from app.kernel.install import installation
from app.web.guard import cookie_name, signed_in_or_none

LANGUAGES = ("vi", "en")
COOKIE = "nenep_language"


def chosen() -> str:
    """Give the language of this request."""
    for language in (request.args.get("lang", ""), request.cookies.get(cookie_name(COOKIE), "")):
        if language in LANGUAGES:
            return language
    person = signed_in_or_none()
    return person.language if person is not None and person.language in LANGUAGES else "vi"


def language_urls() -> dict[str, str]:
    """Give the address of this very page in each language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    base = (
        request.script_root + request.path if request.method == "GET" else request.script_root + "/"
    )
    return {code: f"{base}?{urlencode([*kept, ('lang', code)])}" for code in LANGUAGES}


def keep_choice(response: Response) -> Response:
    """Remember a language that was chosen by its link."""
    language = request.args.get("lang", "")
    if language in LANGUAGES:
        response.set_cookie(
            cookie_name(COOKIE),
            language,
            max_age=31536000,
            httponly=True,
            secure=installation().secure_cookies,
            samesite="Lax",
            path="/",
        )
    return response


def init_languages(app: Flask) -> None:
    """Set up translations; one catalogue made of the parts people edit."""
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(app.root_path) / "translations")
    Babel(app, locale_selector=chosen, default_timezone="Asia/Ho_Chi_Minh")
    app.after_request(keep_choice)
