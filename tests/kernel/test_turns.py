"""Writers of an SQLite file take turns: nobody passes, nobody waits for ever (T03)."""

import subprocess
import sys
import threading
import time

import pytest

from app.kernel.turns import Turns


@pytest.mark.covers("T03")
def test_who_comes_first_writes_first(tmp_path):
    turns = Turns(tmp_path / "a.db")
    assert turns.take(1)
    order = []

    def write(name):
        assert turns.take(5)
        order.append(name)
        time.sleep(0.01)
        turns.give()

    threads = []
    for name in range(6):
        threads.append(threading.Thread(target=write, args=(name,)))
        threads[-1].start()
        time.sleep(0.05)
    turns.give()
    for thread in threads:
        thread.join()
    assert order == list(range(6))


@pytest.mark.covers("T03")
def test_a_turn_that_does_not_come_is_given_up_and_blocks_nobody_after(tmp_path):
    mine, theirs = Turns(tmp_path / "a.db"), Turns(tmp_path / "a.db")
    assert mine.take(1)
    began = time.monotonic()
    assert not theirs.take(0.2)
    assert 0.15 < time.monotonic() - began < 2
    assert not mine.take(0.1)
    mine.give()
    assert theirs.take(1)
    theirs.give()
    assert mine.take(1)
    mine.give()


@pytest.mark.covers("T03", "T01")
def test_a_process_that_is_killed_gives_its_turn_back(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from app.kernel.turns import Turns;"
        "turns = Turns(Path(sys.argv[1])); turns.take(1); print('mine', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.db")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "mine\n"
    turns = Turns(tmp_path / "a.db")
    assert not turns.take(0.1)
    child.kill()
    child.wait()
    child.stdout.close()
    assert turns.take(2)
    turns.give()
