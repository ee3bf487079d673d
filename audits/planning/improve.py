"""Making a plan better by counted steps: take some visits of a few sites back, settle them anew.

A step is kept when it leaves less out, or costs less, or by a chance that shrinks to nothing
(simulated annealing). Steps are counted, not timed: the same seed gives the same plan on any
machine; the clock only stops a search that runs away.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from random import Random

from audits.planning.board import Board, Stop
from audits.planning.crews import Effort, Settling, pick
from audits.planning.kept import Kept
from audits.planning.problem import Problem
from audits.planning.singly import improve_singly, is_small
from audits.planning.tables import Tables, bits
from audits.planning.teams import free_for, periods_left, place_rest

HOT, COLD = 15.0, 0.8  # price a step may add at first and at last, roughly
EXCHANGES = 6  # tries to put one person in another's place, a step
LOOK_UP = 500  # steps between two looks at fairness, at the clock and at the best so far


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to search; `seconds` is an emergency stop and not part of the result."""

    steps: int
    seconds: float = math.inf


def steps_for(problem: Problem) -> int:
    """The work a year of this size is worth, well inside what people will wait for it.

    A step settles a few sites, so their number decides; where auditors have days to spare a step
    looks at more of them, takes longer and gains less. On one slow processor about ten seconds
    for a district, forty for a province, two minutes for a nation.
    """
    sites = len({unit.site for unit in problem.units})
    wanted = sum(unit.visits * unit.days for unit in problem.units) * problem.team_min
    spare = sum(Tables.capacities(problem).values()) >= 2.5 * wanted
    return 16_000 + (60 if spare else 200) * sites


class Search:
    """One improvement of one board."""

    def __init__(self, board: Board, seed: int, steps: int, until: float) -> None:
        self.board, self.tables = board, board.tables
        self.rng = Random(seed)  # noqa: S311  the same seed shall give the same plan
        self.steps, self.until = steps, until
        self.sites = list(range(len(self.tables.at_site)))
        self.kept = Kept(board)
        self.missing: list[int] = []

    def run(self) -> None:
        """Search; the board then holds the best plan met, never a worse one than it came with."""
        for step in range(self.steps):
            if step % LOOK_UP == 0:
                self._look_up()
                if time.monotonic() > self.until:
                    break
            heat = HOT * (COLD / HOT) ** (step / self.steps)
            self._step(heat)
            for _ in range(EXCHANGES):
                self._exchange(heat)
        self.kept.look()
        self.kept.restore()

    def _look_up(self) -> None:
        self.kept.look()
        board = self.board
        self.missing = [
            n for n in range(len(self.tables.units)) if board.missing(n) and periods_left(board, n)
        ]

    # ---- one step

    def _step(self, heat: float) -> None:
        board, rng = self.board, self.rng
        points, cost = board.points, board.cost
        made: list[Stop] = []
        if self.missing and rng.random() < 0.25:
            taken = self._make_room(made)
        else:
            taken = self._ruin()
            for stop in taken:
                board.remove(stop)
        if not taken and not made:
            return
        sites = sorted({self.tables.site[stop[0]] for stop in taken})
        rng.shuffle(sites)
        effort = Effort(
            bend=rng.uniform(0.7, 1.2), patience=rng.uniform(10, 40), threes=rng.random() < 0.4
        )
        for site in sites:
            made += Settling(board, site, rng, effort).run()
            rest = [n for n in self.tables.at_site[site] if board.missing(n)]
            if rest:
                made += place_rest(board, rest)
        chance = heat * -math.log(rng.random() + 1e-12)
        if board.points > points or (board.points == points and board.cost > cost + chance):
            for stop in reversed(made):
                board.remove(stop)
            for stop in taken:
                board.add(stop)

    def _exchange(self, heat: float) -> None:
        """Put somebody else in the place of one person on one trip: fairer, or already there."""
        board, rng = self.board, self.rng
        site = rng.choice(self.sites)
        visited = [p for p, here in board.stops[site].items() if here]
        if not visited:
            return
        period = rng.choice(visited)
        stop = rng.choice(board.stops[site][period])
        a = rng.choice(stop[2])
        trip = [stop]
        if not self.tables.local[site] >> a & 1 or rng.random() < 0.5:
            trip = [one for one in board.stops[site][period] if a in one[2]]
        if board.pinned and not board.pinned.isdisjoint(trip):
            return
        pool = self._in_place_of(a, period, trip)
        here = pool & (self.tables.local[site] | board.crowd[site][period])
        chosen = here if here and rng.random() < 0.5 else pool & board.below or pool
        if not chosen:
            return
        b = pick(chosen, self.tables.count, rng)
        changed = [
            (number, p, tuple(b if one == a else one for one in team)) for number, p, team in trip
        ]
        cost = board.cost
        for one in trip:
            board.remove(one)
        for one in changed:
            board.add(one)
        if board.cost > cost - heat * math.log(rng.random() + 1e-12):
            for one in reversed(changed):
                board.remove(one)
            for one in trip:
                board.add(one)

    def _in_place_of(self, a: int, period: int, trip: list[Stop]) -> int:
        """Who could take one person's part in all these visits of a trip."""
        board, tables = self.board, self.tables
        days = sum(tables.unit_days[number] for number, _, _ in trip)
        if days > tables.most_days:
            return 0
        pool = board.free[period][days]
        for number, _, team in trip:
            lacking = tables.needs[number]
            for one in team:
                pool &= ~(1 << one)
                if one != a:
                    lacking &= ~tables.knows[one]
            pool &= tables.independent[number][period] & tables.holding[lacking]
            if team[0] == a:
                pool &= tables.leads
        return pool

    def _ruin(self) -> list[Stop]:
        """Choose visits to take back: a whole site, part of it, or sites that share a period."""
        rng, board = self.rng, self.board
        site = rng.choice(self.sites)
        visited = [p for p, here in board.stops[site].items() if here]
        kind = rng.random()
        taken: list[Stop]
        if not visited:
            return []
        if kind < 0.12:
            taken = [stop for n in self.tables.at_site[site] for stop in board.placed[n]]
        elif kind < 0.4:
            count = min(len(visited), rng.randint(1, 3))
            taken = [stop for p in rng.sample(visited, count) for stop in board.stops[site][p]]
        else:
            taken = self._meeting(site, visited)
        if board.pinned:
            taken = [stop for stop in taken if stop not in board.pinned]
        return taken

    def _meeting(self, site: int, visited: list[int]) -> list[Stop]:
        """Visits of up to three sites in one period, so that they can exchange their people."""
        rng, board = self.rng, self.board
        period = rng.choice(visited)
        taken = list(board.stops[site][period])
        if rng.random() < 0.5 and (other := rng.choice(visited)) != period:
            taken += board.stops[site][other]
        chosen = [site]
        for _ in range(12):
            near = rng.choice(self.sites)
            here = board.stops[near].get(period)
            if here and near not in chosen:
                taken += here
                chosen.append(near)
                if len(chosen) == 3:
                    break
        return taken

    def _make_room(self, made: list[Stop]) -> list[Stop]:
        """Take visits back that stand in the way of one left out, and make that one first."""
        rng, board, tables = self.rng, self.board, self.tables
        number = rng.choice(self.missing)
        periods = board.open_periods(number) or periods_left(board, number)
        if not board.missing(number) or not periods:
            return []
        period = pick(periods, tables.last + 1, rng)
        days = tables.unit_days[number]
        pool = tables.free[period][days] & tables.independent[number][period]
        team = self._wanted_team(number, pool, free_for(board, number, period))
        if team is None:
            return []
        taken: list[Stop] = []
        for a in team:
            busy = self._stops_of(a, period)
            rng.shuffle(busy)
            while board.left[period][a] < days and busy:
                stop = busy.pop()
                if stop in board.pinned or stop in taken:
                    continue
                board.remove(stop)
                taken.append(stop)
            if board.left[period][a] < days:
                break
        else:
            stop = (number, period, team)
            board.add(stop)
            made.append(stop)
        return taken

    def _stops_of(self, a: int, period: int) -> list[Stop]:
        board = self.board
        return [
            stop
            for site, crowd in enumerate(board.crowd)
            if crowd.get(period, 0) >> a & 1
            for stop in board.stops[site][period]
            if a in stop[2]
        ]

    def _wanted_team(self, number: int, pool: int, free: int) -> tuple[int, ...] | None:
        """Draw a lawful team out of all who might come, the free ones rather than the busy."""
        tables, rng = self.tables, self.rng
        size = tables.smallest_team(number, pool)
        if not size:
            return None
        width = tables.count
        for _ in range(8):
            leads = pool & tables.leads
            lead = pick(leads & free if leads & free and rng.random() < 0.7 else leads, width, rng)
            team, mask = [lead], 1 << lead
            lacking = tables.needs[number] & ~tables.knows[lead]
            while len(team) < size:
                rest = pool & ~mask
                if lacking and len(team) == size - 1:
                    rest &= tables.holding[lacking]
                elif lacking:
                    rest &= tables.holders[rng.choice(list(bits(lacking)))]
                if not rest:
                    break
                a = pick(rest & free if rest & free and rng.random() < 0.7 else rest, width, rng)
                team.append(a)
                mask |= 1 << a
                lacking &= ~tables.knows[a]
            if len(team) == size and not lacking:
                return tuple(team)
        return None


def improve_board(board: Board, seed: int, limits: Limits) -> None:
    """Make a board's plan better; pinned visits stay where they are."""
    if len(board.all_stops()) == len(board.pinned) and not board.points:
        return
    until = time.monotonic() + limits.seconds
    Search(board, seed, limits.steps, until).run()
    if is_small(board.tables):
        improve_singly(board, seed, limits.steps, until)
