"""Taking turns to write an SQLite file: whoever came first writes first.

SQLite lets writers that find it busy sleep and try again, so the one who waits longest may wait
for seconds while others pass. Here threads queue, and the first thread of each process queues at
two file locks: holding `next` gives the right to wait for `turn`, so no process passes another.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

_STEP = 0.0005  # seconds between two looks at a lock another process holds


class Turns:
    """The queue of one database file; every process that writes it has one."""

    def __init__(self, database: Path) -> None:
        self._paths = [database.with_name(database.name + end) for end in (".next", ".turn")]
        self._handles: list[int] = []
        self._process = 0
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False when it did not come in time."""
        until = time.monotonic() + seconds
        mine = threading.Event()
        with self._guard:
            if self._process != os.getpid():  # a child has handles and a queue of its own
                self._handles, self._process = [], os.getpid()
                self._waiting.clear()
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        if mine.wait(seconds) and self._take_locks(until):
            return True
        self._leave(mine)
        return False

    def give(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._handles[1], fcntl.LOCK_UN)
        with self._guard:
            first = self._waiting[0]
        self._leave(first)

    def _leave(self, mine: threading.Event) -> None:
        with self._guard:
            self._waiting.remove(mine)
            if self._waiting:
                self._waiting[0].set()

    def _take_locks(self, until: float) -> bool:
        if not self._handles:
            self._handles = [
                os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths
            ]
        following, turn = self._handles
        if not _locked(following, until):
            return False
        try:
            return _locked(turn, until)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)


def _locked(handle: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(_STEP)
