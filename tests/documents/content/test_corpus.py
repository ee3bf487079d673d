"""The whole set of real, odd and hostile files, where it is at hand; else our own files again."""

import csv
import os
import threading
import time
from pathlib import Path

import pytest

from documents.content.intake import Refused
from documents.content.workshop import Workshop
from tests.documents.content.hostile import REFUSED, TAKEN

pytestmark = pytest.mark.covers("T15", "T16", "D11")

ROOT = Path(__file__).parents[3]


def corpus() -> Path | None:
    """The folder of the set: named by the environment, or beside the project."""
    places = [os.environ.get("NENEP_CORPUS", ""), ROOT.parent / "shared" / "corpus"]
    return next((Path(p) for p in places if p and Path(p, "manifest.csv").is_file()), None)


def cases(folder: Path) -> list[tuple[str, Path, str]]:
    """Name to send, file and expectation, for every file of the set or of our own."""
    found = corpus()
    if found is not None:
        with (found / "manifest.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [(r["file"], found / r["class"] / r["file"], r["expect"]) for r in rows]
    own = [(name, data, "refuse") for _reason, name, data in REFUSED.values()]
    own += [(name, data, "accept") for name, data in TAKEN.values()]
    for number, (_name, data, _expect) in enumerate(own):
        (folder / str(number)).write_bytes(data)
    return [(name, folder / str(n), expect) for n, (name, _data, expect) in enumerate(own)]


def judged(workshop: Workshop, name: str, path: Path) -> tuple[str, float]:
    begin = time.monotonic()
    try:
        workshop.read(path, name)
    except Refused as refusal:
        answer = "refuse" if refusal.reason.sentence else "no reason"
    else:
        answer = "accept"
    return answer, time.monotonic() - begin


def test_every_file_is_judged_as_it_should_within_ten_seconds(workshop, tmp_path):
    all_cases = cases(tmp_path)
    waiting = iter(all_cases)
    turn = threading.Lock()
    wrong: list[str] = []
    done: list[str] = []

    def work() -> None:
        while True:
            with turn:
                case = next(waiting, None)
            if case is None:
                return
            name, path, expect = case
            answer, seconds = judged(workshop, name, path)
            done.append(name)
            if answer not in expect.split("|") or seconds > 10:
                wrong.append(f"{path.name}: {answer} after {seconds:.1f} s, not {expect}")

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(done) == len(all_cases)
