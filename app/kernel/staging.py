"""Files that came in and that nobody looked at yet: beside the store, never named by a row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.kernel.files import FileStore
from app.kernel.install import installation

KEPT: Final = timedelta(days=2)


def sweep_staged(now: datetime) -> int:
    """Throw away what was brought two days ago and never looked at; give how many."""
    oldest = (now - KEPT).timestamp()
    gone = 0
    for _sha256, path, changed in staging().everything():
        if changed < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def staging() -> FileStore:
    """Give the place where brought files wait until they were looked at."""
    waiting = FileStore(installation().data / "brought")
    waiting.prepare()
    return waiting
