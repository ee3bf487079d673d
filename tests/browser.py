"""A real server and a real Chromium for tests: `live` serves an empty body of its own (SQLite)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from app.kernel.db import db
from app.kernel.people import Person
from tests.builders import PASSWORD

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1440, 390, 320)


@dataclass
class Live:
    """A running server: its address and its application."""

    url: str
    app: Flask

    def run(self, build: Callable[[], Any]) -> Any:
        """Run something inside the application, as the server's own code would."""
        with self.app.app_context():
            made = build()
            db.session.remove()
        return made


@contextmanager
def serving(app: Flask) -> Iterator[Live]:
    """Serve an application on a free port until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}", app)
    finally:
        server.shutdown()
        thread.join(10)


def enter(page: Page, live: Live, login: str | Person, language: str = "vi") -> None:
    """Sign in through the real form."""
    name = login if isinstance(login, str) else (login.login or "")
    page.goto(f"{live.url}/login?lang={language}")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button.primary")
    page.wait_for_url(lambda url: "/login" not in url)


def axe(page: Page) -> list[str]:
    """Run axe on the page as it is; give what it found."""
    height = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size or {"width": 1440, "height": 900}
    # as tall as the page: else the bottom bar of phones lies over whatever is under it
    page.set_viewport_size({"width": size["width"], "height": max(int(height), 900)})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(done => done.violations.map("
        "one => one.id + ' ' + one.nodes.slice(0, 3).map(node => node.target).join(', ')))",
        RULES,
    )
    page.set_viewport_size(size)
    return list(found)


def scrolls_sideways(page: Page) -> bool:
    """Say whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
