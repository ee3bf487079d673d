"""An import whose process is killed at any moment, then started again (T01, T17)."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from documents.models import Document, ImportedHistory, Revision, RevisionFile
from tests.documents.importing.wards import UNITS, a_mixed_ward
from tests.installed import Installed

OPTIONS = ("--on-paper", "--accept")
EARLY = 0.3  # of the kills: while files are taken in and read
MOST_KILLS = 2  # a round; then it may end in peace


@dataclass
class Kills:
    """What the rounds came to."""

    rounds: int = 0
    killed: int = 0
    lost: int = 0
    twice: int = 0
    different: int = 0
    unsound: int = 0
    seconds: float = 0.0
    expected: list[Any] = field(default_factory=list)

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"rounds {self.rounds}; killed {self.killed} times; {len(self.expected)} revisions "
            f"each; lost {self.lost}; twice {self.twice}; different {self.different}; "
            f"trail unsound {self.unsound}; a whole import takes {self.seconds:.1f} s"
        )


def run(folder: Path, rounds: int, *, seed: int = 1, size: int = 30, tell: Any = None) -> Kills:
    """Import once in peace, then again and again with kills; each must end the same."""
    choice, found = random.Random(seed), Kills()
    ward = a_mixed_ward(folder / "ward", more=size)
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    whole = _prepared(folder / "whole", folder)
    began = time.monotonic()
    whole.nenep_child(*_import(ward.folder))
    found.seconds = time.monotonic() - began
    found.expected = _snapshot(whole)
    assert len(found.expected) > size
    empty = _prepared(folder / "empty", folder)
    for number in range(rounds):
        place = folder / f"round-{number}"
        shutil.copytree(empty.data, place)
        _round(Installed(place), ward.folder, choice, found)
        shutil.rmtree(place)
        if tell is not None:
            tell(found)
    return found


def _prepared(data: Path, folder: Path) -> Installed:
    made = Installed(data)
    made.nenep("migrate")
    made.nenep_child(
        "body", "create", "tb", "UBND phường Tân Bình", "--units", f"{folder}/units.csv"
    )
    return made


def _import(folder: Path) -> tuple[str, ...]:
    return ("import", "--body", "tb", f"{folder}/danh-muc.xlsx", f"{folder}/files", *OPTIONS)


def _reached(database: Path, table: str, goal: int, child: subprocess.Popen[str]) -> bool:
    """Wait until a table holds so many rows; False when the import ended before."""
    count = f"SELECT count(*) FROM {table}"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as seen:
        while child.poll() is None:
            if seen.execute(count).fetchone()[0] >= goal:
                return True
            time.sleep(0.005)
    assert child.returncode == 0, child.stdout.read() if child.stdout else ""
    return False


def _round(place: Installed, folder: Path, choice: random.Random, found: Kills) -> None:
    """Start and kill until it ends by itself; then compare."""
    found.rounds += 1
    for _start in range(MOST_KILLS):
        with place.running(*_import(folder)) as child:
            table = "import_file" if choice.random() < EARLY else "document"
            goal = choice.randint(1, len(found.expected) - 2)
            if not _reached(place.data / "nenep.db", table, goal, child):
                break
            time.sleep(choice.uniform(0, 0.04))  # somewhere within the next transaction
            child.send_signal(signal.SIGKILL)
            child.wait()
            found.killed += 1
    place.nenep_child(*_import(folder))  # once more: what is in does not come in again
    there = _snapshot(place)
    codes = [(row[0], row[1]) for row in there]
    wanted = [(row[0], row[1]) for row in found.expected]
    found.lost += len(set(wanted) - set(codes))
    found.twice += len(codes) - len(set(codes))
    found.different += there != found.expected
    answer = json.loads(place.nenep("trail", "verify", "--json").splitlines()[0])
    found.unsound += not (answer.get("sound") or answer.get("is_sound"))


def _snapshot(place: Installed) -> list[Any]:
    """Give every revision with its history and files, and how often the trail tells of it."""
    with place.opened():
        rows = db.session.execute(
            sa.select(
                Document.code,
                sa.cast(Revision.edition, sa.String) + "/" + sa.cast(Revision.amendment, sa.String),
                Document.title,
                Document.next_review_on,
                Revision.state,
                Revision.effective_on,
                ImportedHistory.row_number,
                ImportedHistory.path,
                ImportedHistory.approver_name,
                RevisionFile.sha256,
                Document.parent_id.is_(None),
            )
            .join(Revision, Revision.document_id == Document.id)
            .outerjoin(ImportedHistory, ImportedHistory.revision_id == Revision.id)
            .outerjoin(RevisionFile, RevisionFile.revision_id == Revision.id)
            .order_by(Document.code, Revision.edition, Revision.amendment)
        )
        return [tuple(str(value) for value in row) for row in rows]
