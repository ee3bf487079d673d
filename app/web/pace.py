"""How fast one address may ask for pages that need no account (T27): enough for a busy office.

Only a keyed digest of the address is held, in memory, for a minute; nothing of it is written down.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from math import ceil

from flask import Flask, Response, current_app, request
from flask_babel import gettext, ngettext

from app.web.errors import error_page

WINDOW = 60  # seconds
MOST_PAGES = 300  # of one address in a minute: a whole office may sit behind it
MOST_FILES = 100
MOST_ADDRESSES = 20_000  # known at a time; more begin to count anew
OPEN = ("public.", "verification.", "calendars.feed")
FILES = frozenset({"public.file"})
NEAR = frozenset({"127.0.0.1", "::1", ""})


class Pace:
    """Counts what each address asked for in the minute that runs."""

    def __init__(self) -> None:
        self.most_pages, self.most_files = MOST_PAGES, MOST_FILES
        self._guard = threading.Lock()
        self._salt, self._began = b"", float("-inf")
        self._counts: dict[bytes, int] = {}

    def wait(self, address: str, *, is_file: bool, now: float) -> int:
        """Count one more; give the seconds to wait where it was too many, else 0."""
        with self._guard:
            if now - self._began >= WINDOW or len(self._counts) > MOST_ADDRESSES:
                self._salt, self._began, self._counts = secrets.token_bytes(16), now, {}
            kind = b"file" if is_file else b"page"
            key = hashlib.blake2b(
                kind + address.encode("utf-8", "replace"), key=self._salt, digest_size=12
            ).digest()
            self._counts[key] = self._counts.get(key, 0) + 1
            most = self.most_files if is_file else self.most_pages
            over = self._counts[key] > most
            return max(1, ceil(self._began + WINDOW - now)) if over else 0


def _address() -> str:
    """Give who asks: what the web server in front says, and only where it stands beside us."""
    peer = request.remote_addr or ""
    if peer in NEAR:
        # the last one is what that server saw; those before it are what somebody says
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return told[:60] or peer
    return peer


def keep_pace() -> Response | None:
    """Answer 429 to an address that asks too fast, with the time to try again."""
    if not (request.endpoint or "").startswith(OPEN):
        return None
    pace: Pace = current_app.extensions["nenep.pace"]
    seconds = pace.wait(_address(), is_file=request.endpoint in FILES, now=time.monotonic())
    if not seconds:
        return None
    answer = error_page(
        429,
        what=ngettext(
            "From your network very many pages were asked for within a minute. "
            "Try again in %(num)s second.",
            "From your network very many pages were asked for within a minute. "
            "Try again in %(num)s seconds.",
            seconds,
        ),
        advice=gettext("A printed page can wait: its answer stays the same."),
    )
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def init_pace(app: Flask) -> None:
    """Stand before the pages that need no account."""
    app.extensions["nenep.pace"] = Pace()
    app.before_request(keep_pace)
