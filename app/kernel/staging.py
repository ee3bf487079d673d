"""Files that came in and that nobody looked at yet: beside the store, never named by a row."""

from __future__ import annotations

from app.kernel.files import FileStore
from app.kernel.install import installation


def staging() -> FileStore:
    """Give the place where brought files wait until they were looked at."""
    waiting = FileStore(installation().data / "brought")
    waiting.prepare()
    return waiting
