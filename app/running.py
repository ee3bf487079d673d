"""What `make run` starts: web and jobs as two children that live and end together (e24, e25)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from app.serving import listen

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 25.0  # seconds a child has to end by itself
START = 60.0  # seconds the web part has to answer for the first time


class Together:
    """Two children of this process: when one ends, both do."""

    def __init__(self, environment: dict[str, str], say: Callable[[str], None]) -> None:
        self._environment = environment
        self._say = say
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.told_to_stop = False

    def start(self, name: str, *arguments: str) -> None:
        """Start a part; it ends by itself when this process is gone."""
        self._children[name] = subprocess.Popen(
            [sys.executable, "-m", "app.commands", *arguments, "--with-parent"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches them through us, once and in order
        )

    def listen_for_the_end(self) -> None:
        """Take Ctrl-C and SIGTERM as the wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True

    def dead(self) -> str:
        """Give the name of a part that has ended; empty while all run."""
        for name, child in self._children.items():
            if child.poll() is not None:
                return name
        return ""

    def watch(self) -> int:
        """Stay until told to stop (0), or until a part ends by itself (1)."""
        while not self.told_to_stop:
            if name := self.dead():
                code = self._children[name].returncode
                self._say(f"The {name} part ended by itself (code {code}). Ending everything.")
                return 1
            time.sleep(0.3)
        return 0

    def wait_until_it_answers(self, url: str) -> bool:
        """Wait for the first page; False when a part ended or nobody answered in time."""
        until = time.monotonic() + START
        while time.monotonic() < until and not self.told_to_stop and not self.dead():
            try:
                with urllib.request.urlopen(f"{url}/login", timeout=5) as answer:  # noqa: S310
                    return bool(answer.status == 200)
            except urllib.error.HTTPError:
                return False
            except OSError:
                time.sleep(0.2)
        return False

    def end(self) -> None:
        """End every part, gently, then by force; only those started here."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + PATIENCE
        for name, child in self._children.items():
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"The {name} part did not end in time and is stopped by force.")
                child.kill()
                child.wait()


def check_port(host: str, port: int) -> None:
    """Find out now, before anything is made, whether the port is free."""
    listen(host, port).close()
