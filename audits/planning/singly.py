"""A small year improved visit by visit: any few are taken back and made anew, of all the year.

Where a site has few visits and few people can make them, settling whole sites leaves many
combinations untried. Several runs from hot to cold: one alone may cool into the wrong corner.
"""

from __future__ import annotations

import math
import time
from itertools import combinations
from random import Random

from audits.planning.board import Board, Stop
from audits.planning.kept import Kept
from audits.planning.tables import Tables, bits
from audits.planning.teams import free_for

Team = tuple[int, ...]
PEOPLE, VISITS = 9, 60  # a year that is small: all teams of so many people can be listed
RUNS = 3
HOT, COLD = 15.0, 1.0  # price a step may add at first and at last, roughly
PERIODS, TEAMS = 3, 4  # looked at for one visit
LOOK_UP = 300  # steps between two looks at fairness and at the best so far


def is_small(tables: Tables) -> bool:
    """Say whether a year is small enough to be improved visit by visit."""
    visits = sum(unit.visits for unit in tables.units)
    return tables.count <= PEOPLE and visits <= VISITS


class _Run:
    """One cooling of one board."""

    def __init__(self, board: Board, seed: int, listed: dict[tuple[int, int], list[Team]]) -> None:
        self.board, self.tables, self.listed = board, board.tables, listed
        self.rng = Random(seed)  # noqa: S311  the same seed shall give the same plan
        self.kept = Kept(board)

    def cool(self, steps: int, until: float) -> None:
        """Search; the board then holds the best plan met, never a worse one than it came with."""
        for step in range(steps):
            if step % LOOK_UP == 0:
                self.kept.look()
                if time.monotonic() > until:
                    break
            self._step(HOT * (COLD / HOT) ** (step / steps))
        self.kept.look()
        self.kept.restore()

    def _step(self, heat: float) -> None:
        board, rng = self.board, self.rng
        points, cost = board.points, board.cost
        stops = [stop for stop in board.all_stops() if stop not in board.pinned]
        taken = self._take(stops) if stops else []
        for stop in taken:
            board.remove(stop)
        wanted = [n for n in range(len(self.tables.units)) for _ in range(board.missing(n))]
        rng.shuffle(wanted)
        towards = rng.choice(stops)[1] if stops and rng.random() < 0.5 else 0
        made = [one for number in wanted if (one := self._make(number, towards)) is not None]
        chance = heat * -math.log(rng.random() + 1e-12)
        if board.points > points or (board.points == points and board.cost > cost + chance):
            for stop in reversed(made):
                board.remove(stop)
            for stop in taken:
                board.add(stop)

    def _take(self, stops: list[Stop]) -> list[Stop]:
        """Choose what is taken back: any one to three visits, or some of one period."""
        rng = self.rng
        if rng.random() < 0.3:
            period = rng.choice(stops)[1]
            stops = [stop for stop in stops if stop[1] == period]
            return stops if len(stops) <= 4 else rng.sample(stops, 3)
        count = 1 if rng.random() < 0.5 else 2 if rng.random() < 0.7 else 3
        return rng.sample(stops, min(count, len(stops)))

    def _make(self, number: int, towards: int) -> Stop | None:
        """Make a visit where and by whom it costs least of what is looked at."""
        board, rng = self.board, self.rng
        periods = board.open_periods(number)
        if not periods:
            return None
        looked_at = [towards]
        if not periods >> towards & 1 or rng.random() > 0.7:
            listed = list(bits(periods))
            looked_at = rng.sample(listed, min(PERIODS, len(listed)))
        best: tuple[float, Stop] | None = None
        for period in looked_at:
            for team in self._teams(number, free_for(board, number, period)):
                one = (number, period, team)
                board.add(one)
                cost = board.cost
                board.remove(one)
                if best is None or cost < best[0]:
                    best = (cost, one)
        if best is None:
            return None
        board.add(best[1])
        return best[1]

    def _teams(self, number: int, pool: int) -> list[Team]:
        """Draw lawful teams out of those free for a visit."""
        listed = self.listed.get((number, pool))
        if listed is None:
            listed = self.listed[number, pool] = _lawful(self.tables, number, pool)
        return self.rng.sample(listed, min(TEAMS, len(listed)))


def _lawful(tables: Tables, number: int, pool: int) -> list[Team]:
    """List every team that may make a visit; of two who may lead the first does: prices agree."""
    people = list(bits(pool))
    found: list[Team] = []
    for size in range(tables.problem.team_min, tables.problem.team_max + 1):
        for team in combinations(people, size):
            lacking = tables.needs[number]
            for a in team:
                lacking &= ~tables.knows[a]
            lead = next((a for a in team if tables.leads >> a & 1), None)
            if not lacking and lead is not None:
                found.append((lead, *(a for a in team if a != lead)))
    return found


def improve_singly(board: Board, seed: int, steps: int, until: float) -> None:
    """Make the plan of a small year better; pinned visits stay where they are."""
    listed: dict[tuple[int, int], list[Team]] = {}
    for turn in range(RUNS):
        _Run(board, seed * RUNS + turn, listed).cool(steps, until)
