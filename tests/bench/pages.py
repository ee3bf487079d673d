"""Pages as production serves them, each beside the bare page of the same rows."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Flask

from app.kernel.db import db
from app.kernel.organisation import Unit
from app.kernel.people import Person, Role
from app.kernel.signing_in import open_session
from app.kernel.work import unit_of_work
from documents.models import Document
from tests.bench.population import person_with
from tests.bench.processes import cpu_seconds, memory_mib
from tests.builders import TODAY, a_document, a_draft, answered, submitted
from tests.faults.stage import FAR, ROOT, free_port, running


def token_of(person: Person) -> str:
    """Open a signed-in session without the password's slow check."""
    with unit_of_work(None, now=datetime.now(UTC)) as work:
        _, token = open_session(work, work.fresh(person), browser="bench")
    return token


def living(body_id: int) -> tuple[str, list[int]]:
    """Add to a populated body what acts make: one document in force, ten that wait for the head."""
    officer, leader = person_with(Role.QUALITY_OFFICER, body_id), person_with(Role.LEADER, body_id)
    author, manager = person_with(Role.STAFF, body_id), person_with(Role.MANAGER, body_id)
    unit = db.session.get_one(Unit, author.home_unit_id)
    code, waiting = "", []
    for number in range(11):
        document = a_document(officer, unit, title=f"Quy trình mẫu {number}", keeper=author)
        day = TODAY if number == 0 else FAR
        revision = submitted(a_draft(author, document, effective_on=day), author)
        for person in (manager, officer):
            answered(revision, person)
        if number == 0:
            answered(revision, leader)
            code = revision.code
        else:
            waiting.append(revision.id)
    return code, waiting


def addresses(body_id: int, code: str) -> dict[str, str]:
    """Give the pages to measure: the first, a deep one, filters, a document, one's work."""
    deep = db.session.scalars(
        sa.select(Document.id)
        .where(Document.body_id == body_id)
        .order_by(Document.code_sort.desc(), Document.id.desc())
        .offset(200)
        .limit(1)
    ).one()
    unit = db.session.scalars(
        sa.select(Document.lead_unit_id)
        .where(Document.body_id == body_id)
        .order_by(Document.id)
        .limit(1)
    ).one()
    return {
        "master list": "/documents",
        "deep page": f"/documents?after={deep}",
        "filter: kind": "/documents?kind=work_instruction",
        "filter: kind with none": "/documents?kind=manual",
        "filter: unit": f"/documents?unit={unit}",
        "filter: state": "/documents?state=withdrawn",
        "filter: overdue": "/documents?review=overdue",
        "filter: words": f"/documents?q={quote('quy trình mẫu')}",
        "by title": "/documents?sort=title",
        "document": f"/d/{code}",
        "work": "/work",
        "search: phrase in half": f"/search?q={quote('kiểm soát thông tin dạng văn bản')}",
        "search: absent phrase": f"/search?q={quote('chính nhân hành thủ công tục')}",
    }


class Load:
    """Requests of some clients to one server, and what they took."""

    def __init__(self, port: int, process: int, cookie: str) -> None:
        self.port, self.process, self.cookie = port, process, cookie

    def run(self, path: str, clients: int, seconds: float) -> dict[str, Any]:
        """Ask for one page again and again."""
        self._ask(path, time.monotonic() + 0.5, [])
        times: list[float] = []
        before, began = cpu_seconds(self.process), time.monotonic()
        threads = [
            threading.Thread(target=self._ask, args=(path, began + seconds, times))
            for _ in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        times.sort()
        return {
            "cpu_ms": round((cpu_seconds(self.process) - before) * 1000 / len(times), 2),
            "per_second": round(len(times) / took, 1),
            "p50_ms": round(times[len(times) // 2] * 1000, 1),
            "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 1),
        }

    def _ask(self, path: str, until: float, times: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                connection.request("GET", path, headers={"Cookie": self.cookie})
                answer = connection.getresponse()
                answer.read()
            except (http.client.HTTPException, ConnectionError):
                connection.close()  # a worker that ended after its share of requests
                continue
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}")
            times.append(time.monotonic() - began)
        connection.close()


@contextmanager
def bare(app: Flask, log: Path) -> Iterator[tuple[int, int]]:
    """Serve the bare page the same way: gunicorn with two workers of four threads."""
    port = free_port()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers"),
                *("2", "--worker-class", "gthread", "--threads", "4", "tests.bench.bare:create()"),
            ],
            cwd=ROOT,
            env={**os.environ, "BARE_URL": url},
            stdout=output,
            stderr=output,
        )
    try:
        for _ in range(100):
            time.sleep(0.1)
            with suppress(OSError):
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def measured(
    app: Flask, body_id: int, folder: Path, clients: list[int], seconds: float
) -> Iterator[dict[str, Any]]:
    """Measure every page; the bare one first."""
    with bare(app, folder / "bare.out") as (port, process):
        for count in clients:
            figures = Load(port, process, "").run(f"/?body={body_id}", count, seconds)
            yield {"page": "bare", "clients": count, **figures}
    with app.app_context():
        code, _waiting = living(body_id)
        pages = addresses(body_id, code)
        token = token_of(person_with(Role.LEADER, body_id))
        reader = token_of(person_with(Role.STAFF, body_id))
        db.session.remove()
    port = free_port()
    with running(app, port, log=folder / "server.out", workers=2, threads=4) as server:
        yield {"page": "start", "clients": 1, "seconds": round(server.seconds, 2)}
        for who, cookie in (("leader", token), ("reader", reader)):
            load = Load(port, server.process.pid, f"nenep={cookie}")
            for page, path in pages.items():
                if who == "reader" and page not in ("master list", "search: phrase in half"):
                    continue
                for count in clients:
                    yield {
                        "page": page,
                        "who": who,
                        "clients": count,
                        **load.run(path, count, seconds),
                    }
        yield {"page": "memory", "clients": 0, "mib": round(memory_mib(server.process.pid), 1)}
