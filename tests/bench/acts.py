"""How many trailed acts a second: `python -m tests.bench.acts` (T03).

Each act is one unit of work with its trail entry, synced: a comment, or a signed approval (its
password check left out, which costs a twentieth of a second on purpose). Threads and processes
write into one body, so that all of them meet at the end of one chain.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.factory import create_app
from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from config import for_tests
from documents.approval import answer_package
from documents.commenting import comment_on
from documents.models import Answer, Revision
from tests.builders import a_proof
from tests.conftest import DATABASES
from tests.faults.stage import ROOT, staged


def _comment(person_id: int, key: int) -> None:
    person = db.session.get_one(Person, person_id)
    with unit_of_work(person) as work:
        comment_on(work, work.session.get_one(Revision, key), "Thiếu thời hạn.")


def _approve(person_id: int, key: int) -> None:
    person = db.session.get_one(Person, person_id)
    with unit_of_work(person, now=datetime.now(UTC)) as work:
        package = work.session.get_one(Revision, key).package
        answer_package(work, package, Answer.APPROVE, proof=a_proof(person))


ACTS = {"comment": _comment, "approve": _approve}


def worker(plan: dict[str, Any]) -> None:
    """One process with its threads: wait for the word, act, give the times."""
    app = create_app(for_tests(Path(plan["data"]), plan["url"]))
    times: list[float] = []
    go = threading.Event()

    def act(keys: list[int]) -> None:
        with app.app_context():
            db.session.get_one(Person, plan["person"])
            db.session.remove()
            go.wait()
            for key in keys:
                started = time.monotonic()
                ACTS[plan["act"]](plan["person"], key)
                db.session.remove()
                times.append(time.monotonic() - started)

    threads = [threading.Thread(target=act, args=(keys,)) for keys in plan["keys"]]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    go.set()
    for thread in threads:
        thread.join()
    print(json.dumps(times), flush=True)
    app.extensions["nenep.workshop"].close()


def measure(world: Any, act: str, processes: int, threads: int, each: int) -> str:
    """Let processes with threads act as fast as they can."""
    world.session_of(world.officer_id)
    total = processes * threads * each
    if act == "comment":
        person, keys = world.officer_id, world.asked(1) * total
    else:
        person, keys = world.leader_ids[0], world.asked(total)
    with world.app.app_context():
        before = db.session.query(TrailEntry).count()
        db.session.remove()
    shares = [keys[start : start + each] for start in range(0, total, each)]
    started_all = []
    for number in range(processes):
        plan = {
            "data": str(world.app.extensions["nenep"].data),
            "url": world.app.config["SQLALCHEMY_DATABASE_URI"],
            "person": person,
            "act": act,
            "keys": shares[number * threads : (number + 1) * threads],
        }
        started_all.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.bench.acts", "--plan", json.dumps(plan)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    try:
        for process in started_all:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        started = time.monotonic()
        for process in started_all:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        times = sorted(
            one for process in started_all for one in json.loads(process.communicate()[0])
        )
        seconds = time.monotonic() - started
    finally:
        for process in started_all:
            process.kill()
            process.wait()
    with world.app.app_context():
        entries = db.session.query(TrailEntry).count() - before
        db.session.remove()
    assert len(times) == total
    assert entries == total * (1 if act == "comment" else 2)
    return (
        f"{act:<8} {processes} x {threads}: {total / seconds:7.1f} acts a second; "
        f"p50 {times[total // 2] * 1000:.0f} ms, p99 {times[int(total * 0.99)] * 1000:.0f} ms"
    )


def main() -> None:
    """Measure both acts alone, with threads, and with processes, on every database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=25, help="acts of each thread")
    parser.add_argument("--plan", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.plan:
        worker(json.loads(given.plan))
        return
    for kind in DATABASES:
        with (
            tempfile.TemporaryDirectory(prefix="nenep-acts-") as folder,
            staged(kind, Path(folder), "nenep_bench_acts") as world,
        ):
            for act in ACTS:
                for processes, threads in ((1, 1), (1, 8), (2, 4)):
                    print(kind, measure(world, act, processes, threads, given.each), flush=True)


if __name__ == "__main__":
    main()
