"""Kill the server at work, start it again, and look at everything it left (T01)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.db import db
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.sweeping import sweep_incoming
from app.kernel.trail import TrailEntry
from app.kernel.trail_check import verify
from documents.models import (
    OPEN_STATES,
    Comment,
    Decision,
    Document,
    Revision,
    RevisionFile,
    RevisionState,
)
from tests.faults.driver import ACTS
from tests.faults.stage import PATIENCE, ROOT, Server, World, draft_fields, free_port, running

RESTART = 5.0  # seconds at most, on a machine that has time


@dataclass
class Findings:
    """What the rounds came to."""

    rounds: int = 0
    confirmed: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    cut_but_there: Counter[str] = field(default_factory=Counter)
    first_start: float = 0.0
    restarts: list[float] = field(default_factory=list)
    entries: int = 0
    files: int = 0


class Crashes:
    """Rounds of work and sudden death on one world."""

    def __init__(self, world: World, folder: Path, *, seed: int) -> None:
        self.world, self.folder = world, folder
        self.random = random.Random(seed)
        self.found = Findings()
        self.talk = world.asked(1)[0]
        self.drafts: list[int] = []
        self.asked: list[int] = []
        self.lines: list[dict[str, Any]] = []

    def run(self, rounds: int, *, tell: Callable[[Findings], object] = lambda _: None) -> Findings:
        """Work, die at some moment, start again, check; the server that comes back works on."""
        port, output = free_port(), self.folder / "server.out"
        with ExitStack() as servers:
            server = servers.enter_context(running(self.world.app, port, log=output))
            self.found.first_start = server.seconds
            for _ in range(rounds):
                self._stock(12)
                log = self.folder / "acknowledged"
                log.unlink(missing_ok=True)
                self._work_until_killed(server, log)
                self.lines = [json.loads(line) for line in log.read_text().splitlines()]
                server = servers.enter_context(running(self.world.app, port, log=output))
                self.found.restarts.append(server.seconds)
                self._check()
                self.found.rounds += 1
                tell(self.found)
        return self.found

    def _stock(self, most: int) -> None:
        """Lay drafts and asked revisions ready, so that all four kinds of work go on at once."""
        self.drafts += self.world.drafts(most - len(self.drafts))
        self.asked += self.world.asked(most - len(self.asked))

    def _work_until_killed(self, server: Server, log: Path) -> None:
        people = {
            "upload": self.world.officer_ids[0],
            "submit": self.world.officer_ids[1],
            "comment": self.world.officer_ids[2],
            "approve": self.world.leader_ids[0],
        }
        with self.world.app.app_context():
            drafts = [(key, draft_fields(db.session.get_one(Revision, key))) for key in self.drafts]
            db.session.remove()
        plan = {
            "port": server.port,
            "log": str(log),
            "people": {act: self.world.session_of(key) for act, key in people.items()},
            "unit": self.world.unit_id,
            "drafts": drafts,
            "asked": self.asked,
            "talk": self.talk,
        }
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert driver.stdin is not None
            assert driver.stdout is not None
            driver.stdin.write(json.dumps(plan))
            driver.stdin.close()
            assert driver.stdout.readline() == "ready\n"
            _until_everybody_is_confirmed(log)
            time.sleep(self.random.uniform(0.1, 3.0))
            server.kill()
            driver.wait(60)
        finally:
            driver.kill()
            driver.wait()
            with suppress(OSError):
                driver.stdout.close()

    def _check(self) -> None:
        with self.world.app.app_context():
            session = db.session()
            try:
                self._check_confirmed(session)
                check_whole(session)
                verdict = verify(session, installation().keys, installation().store)
                assert verdict.is_sound, verdict.wrong
                self.found.entries, self.found.files = verdict.total, verdict.files
                store = installation().store
                sweep_incoming(store, datetime.now(UTC) + timedelta(days=2))
                assert list(store.incoming.iterdir()) == []
            finally:
                db.session.remove()

    def _check_confirmed(self, session: Session) -> None:
        done = [line for line in self.lines if line["said"] == "done"]
        for line in done:
            assert self._is_there(session, line), f"confirmed and lost: {line}"
            self.found.confirmed[line["act"]] += 1
        keys = [_key(line) for line in done]
        for line in self.lines:
            if line["said"] == "tried" and _key(line) not in keys:
                self.found.cut[line["act"]] += 1
                self.found.cut_but_there[line["act"]] += self._is_there(session, line)
        gone = {line["revision"] for line in self.lines if "revision" in line}
        self.drafts = [key for key in self.drafts if key not in gone]
        self.asked = [key for key in self.asked if key not in gone]

    def _is_there(self, session: Session, line: dict[str, Any]) -> bool:
        match line["act"]:
            case "upload":
                title = f"Tải lên {line['mark']}"
                found = session.scalars(sa.select(Revision).where(Revision.title.ilike(title)))
                return [one.main_file is not None for one in found] == [True]
            case "comment":
                query = sa.select(sa.func.count()).where(Comment.text == line["text"])
                return session.scalar(query) == 1
            case "submit":
                return session.get_one(Revision, line["revision"]).submitted_at is not None
        revision = session.get_one(Revision, line["revision"])
        return revision.state is RevisionState.APPROVED


def _until_everybody_is_confirmed(log: Path) -> None:
    """Let the first act of each through, so that death comes while all four are at work."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        text = log.read_text() if log.exists() else ""
        if all(f'"done", "act": "{act}"' in text for act in ACTS):
            return
        time.sleep(0.02)
    raise AssertionError(f"somebody got nothing done:\n{text}")


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    if line["act"] in ("submit", "approve"):
        return line["act"], line["revision"]
    return line["act"], line.get("mark") or line.get("text")


def check_whole(session: Session) -> None:
    """Every effect has its one entry, every row its file, every file its digest; none is half."""
    if session.get_bind().dialect.name == "sqlite":
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    facts = Counter(session.scalars(sa.select(TrailEntry.fact)))

    def count(record: Any, *conditions: Any) -> int:
        query = sa.select(sa.func.count()).select_from(record).where(*conditions)
        return session.scalar(query) or 0

    assert facts["document.created"] == count(Document)
    assert facts["document.code_given"] == count(Document, Document.code.is_not(None))
    assert facts["revision.drafted"] == count(Revision)
    assert facts["revision.file_brought"] == count(RevisionFile)
    assert facts["comment.made"] == count(Comment)
    given = facts["revision.approval_given"] + facts["revision.review_given"]
    assert given + facts["revision.returned"] == count(Decision)
    assert facts["revision.submitted"] == count(Revision, Revision.submitted_at.is_not(None))
    assert facts["revision.approved"] == count(Revision, Revision.approved_at.is_not(None))
    for revision in session.scalars(sa.select(Revision).where(Revision.state.in_(OPEN_STATES))):
        _check_revision(revision)
    store = installation().store
    rows = set(session.scalars(sa.select(StoredFile.sha256)))
    assert rows >= set(session.scalars(sa.select(RevisionFile.sha256)))
    kept = {name for name, _, _ in store.everything()}
    assert rows <= kept, "a row names a file that is not there"
    for name in kept:
        assert store.digest_of(name) == name


def _check_revision(revision: Revision) -> None:
    package = revision.package
    assert package is not None
    assert revision.authors
    assert revision.main_file is not None
    match revision.state:
        case RevisionState.DRAFT:
            assert package.current_step is None
            assert not package.steps
        case RevisionState.IN_REVIEW | RevisionState.IN_APPROVAL:
            assert package.current_step is not None
            assert package.current_step.seats
            assert revision.document.code
        case RevisionState.APPROVED:
            assert package.is_signed_through()
