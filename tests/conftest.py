"""What tests stand on: both databases, a savepoint per test, a closed network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_sqlalchemy.extension import SQLAlchemy

from app.factory import create_app
from app.kernel.db import db
from config import for_tests
from tests.browser import Live, serving

POSTGRES = os.environ.get("NENEP_TEST_POSTGRES", "")
DATABASES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]
_REAL_CONNECT = socket.socket.connect


def pytest_report_header() -> str:
    """Say which databases this run proves; `make test` always has both."""
    return f"databases: {', '.join(DATABASES)}"


def _local_only(self: socket.socket, address: object) -> None:
    host = address[0] if isinstance(address, tuple) else ""
    if self.family in (socket.AF_INET, socket.AF_INET6) and host not in (
        "127.0.0.1",
        "::1",
        "localhost",
    ):
        raise OSError(f"the network is closed in tests: {address}")
    return _REAL_CONNECT(self, address)


@pytest.fixture(scope="session", autouse=True)
def _closed_network() -> Iterator[None]:
    socket.socket.connect = _local_only  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _REAL_CONNECT  # type: ignore[method-assign]


def fresh_postgres(name: str) -> str:
    """Make an empty database on the test server; give its address."""
    server = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    server.dispose()
    return postgres(name)


def postgres(name: str) -> str:
    """Give the address of a database on the test server."""
    return str(sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))


def migrated_app(kind: str, folder: Path, name: str) -> Flask:
    """Make an application on an empty, migrated database of a kind."""
    url = fresh_postgres(name) if kind == "postgresql" else ""
    app = create_app(for_tests(folder, url))
    app.test_client_class = Browser
    with app.app_context():
        upgrade(directory=str(Path(app.root_path) / "migrations"))
        db.session.remove()
    return app


class Browser(FlaskClient):
    """A browser whose every request has a context and a session of its own, as on a server."""

    def open(self, *args: Any, **more: Any) -> Any:
        """Send one request; what the test read before is read again afterwards."""
        db.session.rollback()  # no savepoint of the test stays open around the request
        with self.application.app_context():
            response = super().open(*args, **more)
        db.session.expire_all()
        return response


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """One application per database for the whole run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = {
        kind: migrated_app(kind, tmp_path_factory.mktemp(kind), f"nenep_{worker}")
        for kind in DATABASES
    }
    yield made
    for app in made.values():
        app.extensions["nenep.workshop"].close()
        with app.app_context():
            db.engine.dispose()


def _engines(app: Flask, extension: SQLAlchemy) -> dict[str | None, object]:
    return extension._app_engines[app]  # type: ignore[return-value]


@pytest.fixture(params=DATABASES)
def app(request: pytest.FixtureRequest, apps: dict[str, Flask]) -> Iterator[Flask]:
    """An application whose database forgets the test: real commits inside one savepoint."""
    app = apps[request.param]
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        _engines(app, db)[None] = connection
        db.session.configure(join_transaction_mode="create_savepoint")
        yield app
        db.session.remove()
        db.session.configure(join_transaction_mode="conditional_savepoint")
        if outer.is_active:
            outer.rollback()
        connection.close()
        _engines(app, db)[None] = engine
        # heads kept outside outlive a database that was rolled back: that is what they are for
        (app.extensions["nenep"].data / "heads.jsonl").unlink(missing_ok=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of nobody."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The distribution's Chromium, quiet and without the network."""
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-quic",
        ],
    }


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A server of its own on an empty SQLite installation."""
    app = migrated_app("sqlite", tmp_path, "")
    with serving(app) as running:
        yield running
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()
