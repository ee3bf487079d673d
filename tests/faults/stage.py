"""A real server in processes of its own, people signed in to it, and a world made beforehand."""

from __future__ import annotations

import http.client
import io
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from app.kernel.db import db
from app.kernel.organisation import Unit
from app.kernel.people import Person, Role
from app.kernel.signing_in import open_session
from app.kernel.work import unit_of_work
from documents.facts import DocumentFact
from documents.models import Need, Revision, RouteTemplate
from tests.builders import (
    MONDAY,
    PASSWORD,
    TODAY,
    Office,
    a_document,
    a_draft,
    a_person,
    a_route,
    a_step,
    answered,
    submitted,
)
from tests.conftest import migrated_app

ROOT = Path(__file__).resolve().parents[2]
FAR = (datetime.now(UTC) + timedelta(days=60)).date()  # nothing comes into force by itself
PATIENCE = 60.0
IDLE = 2.0
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"|name="csrf-token" content="([^"]+)"')


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server under test: gunicorn with its workers, in a process group of its own."""

    port: int
    process: subprocess.Popen[bytes]
    seconds: float = 0.0
    is_killed: bool = False

    def kill(self) -> None:
        """End the whole group at once (kill -9), once: its number may be another's afterwards."""
        if self.is_killed:
            return
        self.is_killed = True
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


@contextmanager
def running(
    app: Flask, port: int, *, log: Path, workers: int = 2, threads: int = 8
) -> Iterator[Server]:
    """Serve an application's database and store; whatever happens, the group ends with the block.

    It also ends by itself when this process is gone, however it went.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "NENEP_DATA": str(app.extensions["nenep"].data),
        "NENEP_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "NENEP_WORKERS": str(workers),
        "NENEP_THREADS": str(threads),
    }
    started = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.commands", "serve", "--with-parent"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = Server(port, process)
    try:
        _wait(server, log)
        server.seconds = time.monotonic() - started
        yield server
    finally:
        server.kill()


def _wait(server: Server, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            try:
                connection.request("GET", "/login")
                if connection.getresponse().status == 200:
                    return
            finally:
                connection.close()
        time.sleep(0.05)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-3000:]}")


@dataclass
class Answer:
    """What the server said."""

    status: int
    location: str
    text: str
    seconds: float


@dataclass
class Browser:
    """One person's browser: a connection, the session cookie, the form token."""

    port: int
    token: str
    name: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    form_token: str = ""
    language: str = "vi"
    used_at: float = 0.0

    def __post_init__(self) -> None:
        self.cookies["nenep"] = self.token
        self.cookies["nenep_language"] = self.language
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def get(self, path: str) -> Answer:
        """Open a page; its form token is remembered."""
        answer = self._send("GET", path, None, {})
        if found := _TOKEN.search(answer.text):
            self.form_token = found.group(1) or found.group(2)
        return answer

    def post(
        self, path: str, fields: dict[str, Any], *, file: tuple[str, bytes] | None = None
    ) -> Answer:
        """Send a form, with a file where there is one."""
        if not self.form_token:
            self.get("/work")
        fields = {**fields, "csrf_token": self.form_token}
        if file is None:
            body = urlencode(fields, doseq=True).encode()
            kind = "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(fields, file)
        return self._send("POST", path, body, {"Content-Type": kind})

    def _send(self, method: str, path: str, body: bytes | None, more: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        started = time.monotonic()
        if started - self.used_at > IDLE:
            self.connection.close()  # the server closes idle ones after five seconds
        self.connection.request(method, path, body, {"Cookie": cookies, **more})
        response = self.connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        self.used_at = time.monotonic()
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        place = response.headers.get("Location") or ""
        return Answer(response.status, place, text, time.monotonic() - started)


def _multipart(fields: dict[str, Any], file: tuple[str, bytes]) -> tuple[bytes, str]:
    boundary = secrets.token_hex(16)
    out = io.BytesIO()
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            out.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode())
            out.write(f"\r\n\r\n{each}\r\n".encode())
    out.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '.encode())
    out.write(f'filename="{file[0]}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode())
    out.write(file[1] + f"\r\n--{boundary}--\r\n".encode())
    return out.getvalue(), f"multipart/form-data; boundary={boundary}"


class World:
    """A body with many people, whose documents are approved in one step by any of its leaders."""

    def __init__(self, app: Flask, *, leaders: int = 5, officers: int = 4) -> None:
        self.app = app
        self.tokens: dict[int, str] = {}
        self.browsers: list[Browser] = []
        with app.app_context():
            office = Office()
            people = [
                a_person(office.body, Role.LEADER, name=f"Lãnh đạo {number}")
                for number in range(1, leaders + 1)
            ]
            checkers = [
                a_person(office.body, Role.QUALITY_OFFICER, name=f"Thư ký {number}")
                for number in range(1, officers + 1)
            ]
            a_route(office.body, a_step(*people, need=Need.ANY), name="Bất kỳ lãnh đạo nào")
            self.ids = {
                person.id: person.name
                for person in [office.author, office.officer, *people, *checkers]
            }
            self.author_id, self.officer_id = office.author.id, office.officer.id
            self.leader_ids = [person.id for person in people]
            self.officer_ids = [person.id for person in checkers]
            self.unit_id, self.body_id = office.unit.id, office.body.id
            db.session.remove()

    def person(self, person_id: int) -> Person:
        """Give a person anew, for a builder."""
        return db.session.get_one(Person, person_id)

    def session_of(self, person_id: int) -> str:
        """Open a signed-in session without the password's slow check; give its cookie."""
        if person_id not in self.tokens:
            with self.app.app_context():
                with unit_of_work(None, now=datetime.now(UTC)) as work:
                    person = work.fresh(db.session.get_one(Person, person_id))
                    _, token = open_session(work, person, browser="test")
                self.tokens[person_id] = token
                db.session.remove()
        return self.tokens[person_id]

    def browser(self, port: int, person_id: int) -> Browser:
        """Sit a person down at a browser that has a page open already."""
        browser = Browser(port, self.session_of(person_id), name=self.ids.get(person_id, ""))
        self.browsers.append(browser)
        browser.get("/work")
        return browser

    def drafts(self, count: int) -> list[int]:
        """Make drafts ready to submit; give their keys."""
        return [self._make(submit=False) for _ in range(count)]

    def asked(self, count: int) -> list[int]:
        """Make revisions that wait for any leader's approval; give their keys."""
        return [self._make(submit=True) for _ in range(count)]

    def effective(self, count: int) -> list[str]:
        """Make documents in force; give their codes."""
        found = []
        for _ in range(count):
            with self.app.app_context():
                revision = db.session.get_one(Revision, self._make(submit=True, on=TODAY))
                answered(revision, self.person(self.leader_ids[0]))
                found.append(revision.code)
                db.session.remove()
        return found

    def end_route(self, route_id: int) -> None:
        """Take a route out of use again."""
        with self.app.app_context(), unit_of_work(None, now=MONDAY) as work:
            route = work.session.get_one(RouteTemplate, route_id)
            route.is_active = False
            work.record(DocumentFact.ROUTE_CHANGED, route)

    def _make(self, *, submit: bool, on: date = FAR) -> int:
        with self.app.app_context():
            author = self.person(self.author_id)
            document = a_document(
                self.person(self.officer_id),
                db.session.get_one(Unit, self.unit_id),
                title=f"Tài liệu {secrets.token_hex(4)}",
                keeper=author,
            )
            revision = a_draft(author, document, effective_on=on)
            if submit:
                submitted(revision, author)
            found = revision.id
            db.session.remove()
        return found


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do several things at the same moment; give what each gave, or the exception it raised."""
    barrier = threading.Barrier(len(acts))
    given: list[Any] = [None] * len(acts)

    def one(index: int) -> None:
        barrier.wait()
        try:
            given[index] = acts[index]()
        except Exception as problem:
            given[index] = problem

    threads = [
        threading.Thread(target=one, args=(index,), daemon=True) for index in range(len(acts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 2)
    return given


def decision(answer: str = "approve", comment: str = "", version: int = 0) -> dict[str, Any]:
    """Give the fields of a signed decision as the page sends them."""
    mark = "b-" if answer == "return" else "a-"
    fields = {"answer": answer, f"{mark}password": PASSWORD, f"{mark}comment": comment}
    return {**fields, f"{mark}row_version": version} if version else fields


def draft_fields(revision: Revision) -> dict[str, Any]:
    """Give the fields of a draft's page with its button pressed."""
    return {
        "title": revision.title,
        "code": revision.proposed_code,
        "edition": revision.label,
        "effective_on": revision.effective_on.strftime("%d/%m/%Y"),
        "reason": revision.reason,
        "change_summary": revision.change_summary,
        "authors": [str(person.id) for person in revision.authors],
        "row_version": revision.row_version,
        "go": "submit",
    }


@contextmanager
def staged(kind: str, folder: Path, name: str, **more: Any) -> Iterator[World]:
    """Make an application of its own on a database of a kind, and a world in it."""
    app = migrated_app(kind, folder, name)
    world = World(app, **more)
    try:
        yield world
    finally:
        for browser in world.browsers:
            browser.connection.close()
        app.extensions["nenep.workshop"].close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
