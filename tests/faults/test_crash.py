"""Killed without warning, the server loses nothing it confirmed and leaves nothing half (T01)."""

from __future__ import annotations

import os

import pytest

from tests.conftest import DATABASES
from tests.faults.crashes import RESTART, Crashes
from tests.faults.stage import staged

ROUNDS = {"sqlite": 6, "postgresql": 4}  # `python -m tests.bench.crash --rounds 50` is longer


@pytest.mark.slow
@pytest.mark.covers("T01", "T1", "T2", "D2")
@pytest.mark.parametrize("kind", DATABASES)
def test_a_killed_server_keeps_what_it_confirmed_and_halves_nothing(kind, tmp_path):
    name = f"nenep_crash_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with staged(kind, tmp_path, name) as world:
        found = Crashes(world, tmp_path, seed=2026).run(ROUNDS[kind])
    assert sum(found.confirmed.values()) > 0
    # what it finds after a death costs no more than a start that finds nothing
    assert min(found.restarts) < max(RESTART, 2 * found.first_start)
