"""A PostgreSQL server for one command: started in a temporary folder, stopped and removed with it.

    postgres.py -- COMMAND...              run COMMAND with NENEP_TEST_POSTGRES naming the server
    postgres.py --durable -- COMMAND...    the same, waiting for the disk as a real server does

It listens on a Unix socket in its own folder only, so that two runs on one machine never meet and
nothing is open on the network. The server refuses to run as root: there it runs as `postgres`, or
as `nobody`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from ensure import postgres_programs

NAME = "nenep"
# nothing here outlives the command, so nothing waits for the disk
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
PATIENCE = 60  # seconds for starting and for stopping, on a busy machine


class NoServer(Exception):
    """The server could not be started; the message says why."""


def unprivileged() -> dict[str, Any]:
    """Return how to start a child as somebody who is not root; empty when we are not."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`")


def _make(programs: Path, folder: Path, who: dict[str, Any]) -> None:
    made = subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={folder / 'data'}",
            f"--username={NAME}",
            "--auth=trust",  # the folder is closed to everybody else
            "--encoding=UTF8",
            "--locale=C",  # orders are ours to compute, never the machine's
            "--no-sync",
        ],
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **who,
    )
    if made.returncode:
        raise NoServer(f"initdb failed:\n{made.stdout}{made.stderr}")


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    probe = [programs / "psql", "-X", "-q", "-h", folder, "-U", NAME, "-d", "postgres", "-c"]
    while server.poll() is None and time.monotonic() < deadline:
        # making the database is the proof that it takes connections
        if subprocess.run([*probe, f"CREATE DATABASE {NAME}"], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    raise NoServer(f"the server did not start:\n{log.read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT):  # fast, then at once
        if server.poll() is None:
            server.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(PATIENCE)
            return
    server.kill()
    server.wait()


@contextlib.contextmanager
def throwaway(*, durable: bool = False) -> Iterator[str]:
    """Start a server of our own, give its address, and leave nothing behind."""
    programs = postgres_programs()
    if programs is None:
        raise NoServer("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    who = unprivileged()
    # /tmp and not TMPDIR: a socket's path may have 107 bytes, and another user must reach it
    folder = Path(tempfile.mkdtemp(prefix="nenep-pg-", dir="/tmp"))
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        _make(programs, folder, who)
        log = folder / "log"
        asked = {**SETTINGS, **DURABLE} if durable else SETTINGS
        settings = [part for name, value in asked.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-k", folder, *settings],
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the command; we stop the server after it
                **who,
            )
        try:
            _wait(programs, folder, server, log)
            yield f"postgresql+psycopg://{NAME}@/{NAME}?host={folder}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """Run a command beside a server and answer with its exit code."""
    durable = arguments[:1] == ["--durable"]
    arguments = arguments[1:] if durable else arguments
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: postgres.py [--durable] -- COMMAND...", file=sys.stderr)
        return 2
    # a build that is cancelled sends SIGTERM: it must take the server along
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        with throwaway(durable=durable) as address:
            child = subprocess.Popen(command, env=os.environ | {"NENEP_TEST_POSTGRES": address})
            try:
                return child.wait()
            except KeyboardInterrupt:
                return child.wait()  # it heard Ctrl-C too and is ending
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
    except NoServer as error:
        print(f"postgres: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
