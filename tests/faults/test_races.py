"""People who act at the same moment: one wins where one may, nothing is lost or doubled (T03)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import DATABASES
from tests.faults.races import ALL, Races
from tests.faults.stage import free_port, running, staged

ROUNDS = 4  # of each of nine races; `python -m tests.bench.races` runs hundreds


@pytest.fixture(scope="module", params=DATABASES)
def races(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Races]:
    """One server of two processes for all races on a database."""
    folder = tmp_path_factory.mktemp("races")
    name = f"nenep_races_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with staged(request.param, folder, name) as world:
        port = free_port()
        with running(world.app, port, log=folder / "server.out"):
            yield Races(world, port)


@pytest.mark.slow
@pytest.mark.covers("T03", "D1", "D2", "D3", "D9", "T1")
@pytest.mark.parametrize("race", ALL)
def test_acts_at_the_same_moment_end_as_if_one_came_first(races, race):
    tally = getattr(races, race)(ROUNDS)
    assert sum(tally.outcomes.values()) >= ROUNDS
    assert sorted(tally.seconds)[-1] < 30
