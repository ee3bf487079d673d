"""Composition: the only place, with the commands and jobs, that knows every part."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask.templating import Environment
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect, generate_csrf

import documents.models  # noqa: F401 -- registers the records
from app.kernel import access, accounts, factors, numbering, signatures  # noqa: F401 -- registers the records
from app.kernel.db import db, init_database
from app.kernel.files import FileStore
from app.kernel.install import Installation, SealSource
from app.kernel.keys import load_or_make, parse
from app.logs import init_logs
from app.web import fragments, register_blueprints
from app.web.addresses import url_for, words
from app.web.body_address import init_body_addresses
from app.web.compression import init_compression
from app.web.documents.links import link_within
from app.web.errors import init_errors
from app.web.formats import register as register_formats
from app.web.guard import may_now, note_use
from app.web.headers import init_headers
from app.web.language import init_languages
from app.web.names import acting_name
from app.web.navigation import frame_values
from app.web.numbers import RecordNumber
from app.web.origin import init_origin
from app.web.signing import asks_code, offers_passkey
from config import Settings
from documents.content.intake import MAX_FILE_BYTES
from documents.content.workshop import Workshop
from documents.permissions import DocumentPermission

MIGRATIONS = Path(__file__).parent / "migrations"


class Templates(Environment):
    """Flask's templates; each sees the globals themselves, which is quicker than through a map.

    No template is loaded with globals of its own, so nothing can be left in those of all.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give a template the globals of all."""
        return super().make_globals(d) if d else self.globals


class Application(Flask):
    """The web application with its own way to load templates."""

    jinja_environment = Templates


def create_app(settings: Settings) -> Flask:
    """Build the application from its settings."""
    app = Application("app", root_path=str(Path(__file__).parent))
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = (
        parse(settings.keys_json)
        if settings.keys_json
        else load_or_make(settings.data / "keys.json")
    )
    store = FileStore(settings.data / "store")
    store.prepare()
    app.extensions["nenep"] = Installation(
        data=settings.data,
        public_url=settings.public_url,
        is_production=settings.is_production,
        secure_cookies=settings.secure_cookies,
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        keys=keys,
        store=store,
        seals={
            name: SealSource(found.path, found.passphrase) for name, found in settings.seals.items()
        },
        timestamp_url=settings.timestamp_url,
        trust=settings.trust or settings.data / "trust",
    )
    # some threads always stay with those who read: files wait their turn, people do not
    app.extensions["nenep.workshop"] = Workshop(line=settings.threads - 3)
    app.config.update(
        SECRET_KEY=keys.session_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        SESSION_COOKIE_NAME="__Host-nenep-form" if settings.secure_cookies else "nenep_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=MAX_FILE_BYTES + (2 << 20),
        MAX_FORM_MEMORY_SIZE=2 << 20,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
        DEBUG=False,
        TESTING=settings.environment == "testing",
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    init_logs(settings.data, to_file=settings.log_to_file)
    init_database(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    init_origin(app)
    CSRFProtect(app).exempt("app.web.health.csp_report")  # browsers report without a form
    init_languages(app)
    init_compression(app)
    init_headers(app)
    init_errors(app)
    register_formats(app)
    fragments.register(app)
    app.url_map.converters["int"] = RecordNumber
    register_blueprints(app)
    _init_pages(app)
    init_body_addresses(app)
    return app


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        # a worker asks a few hundred different questions: each is prepared once
        kept = {"cached_statements": 600}
        return {"connect_args": {"timeout": 20, "check_same_thread": False, **kept}}
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 10,
        "pool_pre_ping": True,
        # wait as long as SQLite does; compiling a query takes longer than any of ours
        "connect_args": {"options": "-c lock_timeout=20000 -c jit=off"},
    }


def _init_pages(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    known: dict[tuple[str, str], str] = {}

    def static_url(name: str) -> str:
        """Address of a static file that changes when its content does."""
        key = (request.script_root, name)
        if key not in known:
            path = Path(app.static_folder or "") / name
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            known[key] = url_for("static", filename=name, v=digest)
        return known[key]

    # globals, not context: macros see these without being handed them
    app.jinja_env.globals.update(
        static_url=static_url,
        url_for=url_for,
        _=words,
        csrf_token=generate_csrf,
        may=may_now,
        acting_name=acting_name,
        asks_code=asks_code,
        offers_passkey=offers_passkey,
        permission=DocumentPermission,
        link_within=link_within,
    )
    app.context_processor(frame_values)

    def keep_session_alive() -> None:
        if request.endpoint not in ("static", "health.health"):
            note_use()

    app.before_request(keep_session_alive)
