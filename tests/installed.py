"""An installation of its own in a temporary folder, driven from outside by the command `nenep`."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask

from app.commands import call
from app.factory import create_app
from app.kernel.db import db
from config import for_tests

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


class Installed:
    """One data folder and database; commands run as child processes, as an operator runs them."""

    def __init__(self, data: Path, database_url: str = "", **environ: str) -> None:
        self.data = data
        self.database_url = database_url
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NENEP_")},
            "NENEP_DATA": str(data),
            "NENEP_DATABASE_URL": database_url,
            "NENEP_WORKERS": "1",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C",
            **environ,
        }

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app.commands", *arguments]

    def nenep(self, *arguments: str, code: int = 0, **environ: str) -> str:
        """Run a command to its end in this process, demand its exit code, give what it wrote."""
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, {**self.environ, **environ}, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            given = call(list(arguments))
        return self._checked(given, code, out.getvalue(), err.getvalue())

    def nenep_child(self, *arguments: str, code: int = 0, **environ: str) -> str:
        """Run a command to its end as a child process."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=ROOT,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=180,
        )
        return self._checked(done.returncode, code, done.stdout, done.stderr)

    def _checked(self, given: int, wanted: int, out: str, err: str) -> str:
        assert given == wanted, out + err
        assert "Traceback" not in out + err
        return out if wanted == 0 else out + err

    def objects(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        """Run a command with --json and read its lines."""
        return [json.loads(line) for line in self.nenep(*arguments, code=code).splitlines()]

    @contextmanager
    def running(self, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
        """Keep a command running; end it, and only it, at the end."""
        child = subprocess.Popen(
            self._command(*arguments),
            cwd=ROOT,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(40)
                except subprocess.TimeoutExpired:
                    child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()

    @contextmanager
    def opened(self) -> Iterator[Flask]:
        """Open the same database and store in this process."""
        app = create_app(for_tests(self.data, self.database_url))
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                app.extensions["nenep.workshop"].close()
                db.engine.dispose()


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until something holds; give it."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {patience:.0f} s for: {what}")


def answer_of(url: str) -> tuple[int, str]:
    """Ask for a page; give status and text, 0 while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
    except OSError:
        return 0, ""
