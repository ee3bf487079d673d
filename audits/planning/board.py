"""A plan being made: who is where, what is left of whom, what it costs so far.

Every change goes through `add` and `remove`, which keep all sums, so that asking the price of a
change is making it, reading `cost`, and taking it back. Fairness is priced against target shares
set by `retarget`; `prices.py` says the true figure.
"""

from __future__ import annotations

from audits.planning.fairness import level
from audits.planning.tables import Tables, bits

# unit, period, team with its lead first; all as numbers of the tables
Stop = tuple[int, int, tuple[int, ...]]


class Board:
    """The mutable state of the search."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.prices = tables.problem.prices
        self.left = [row[:] for row in tables.given]
        self.free = [row[:] for row in tables.free]
        self.load = [0] * tables.count
        self.placed: list[list[Stop]] = [[] for _ in tables.units]
        self.stops: list[dict[int, list[Stop]]] = [{} for _ in tables.at_site]
        self.crowd: list[dict[int, int]] = [{} for _ in tables.at_site]
        self.pinned: set[Stop] = set()
        self.points = sum(unit.visits * unit.points for unit in tables.units)
        self.cost = float(sum(tables.calendar_cost(n, []) for n in range(len(tables.units))))
        self.below = tables.everyone  # who carries less than a fair share
        self.above = 0  # whom one more day would bring over it
        self._share: list[list[float]] = []
        self._bottom: list[int] = []
        self._top: list[int] = []
        self.retarget()

    # ---- changing it

    def add(self, stop: Stop) -> None:
        """Make a visit; the caller has seen to it that it is lawful."""
        number, period, team = stop
        tables = self.tables
        days, site = tables.unit_days[number], tables.site[number]
        before = self.placed[number]
        self.cost -= self._calendar(number, before)
        before.append(stop)
        self.cost += self._calendar(number, before) + self.prices.third * days * (
            len(team) - tables.problem.team_min
        )
        self.points -= tables.units[number].points
        crowd = self.crowd[site].get(period, 0)
        at_home = tables.local[site] | crowd
        left, free, load = self.left[period], self.free[period], self.load
        for a in team:
            bit = 1 << a
            if not at_home & bit:
                self.cost += self.prices.trip
            crowd |= bit
            have = left[a]
            left[a] = have - days
            for n in range(have - days + 1, have + 1):
                free[n] ^= bit
            share = self._share[a]
            self.cost += share[load[a] + days] - share[load[a]]
            load[a] += days
            self._mark(a, bit)
        self.crowd[site][period] = crowd
        self.stops[site].setdefault(period, []).append(stop)

    def remove(self, stop: Stop) -> None:
        """Take a visit back."""
        number, period, team = stop
        tables = self.tables
        days, site = tables.unit_days[number], tables.site[number]
        before = self.placed[number]
        self.cost -= self._calendar(number, before)
        before.remove(stop)
        self.cost += self._calendar(number, before) - self.prices.third * days * (
            len(team) - tables.problem.team_min
        )
        self.points += tables.units[number].points
        here = self.stops[site][period]
        here.remove(stop)
        crowd = 0
        for _, _, others in here:
            for a in others:
                crowd |= 1 << a
        at_home = tables.local[site] | crowd
        left, free, load = self.left[period], self.free[period], self.load
        for a in team:
            bit = 1 << a
            if not at_home & bit:
                self.cost -= self.prices.trip
            have = left[a]
            left[a] = have + days
            for n in range(have + 1, have + days + 1):
                free[n] ^= bit
            share = self._share[a]
            self.cost += share[load[a] - days] - share[load[a]]
            load[a] -= days
            self._mark(a, bit)
        self.crowd[site][period] = crowd

    def _mark(self, a: int, bit: int) -> None:
        load = self.load[a]
        if load < self._bottom[a]:
            self.below |= bit
            self.above &= ~bit
        elif load >= self._top[a]:
            self.above |= bit
            self.below &= ~bit
        else:
            self.below &= ~bit
            self.above &= ~bit

    def _calendar(self, number: int, stops: list[Stop]) -> int:
        if len(stops) == 1:
            return self.tables.alone[number][stops[0][1]]
        return self.tables.calendar_cost(number, [stop[1] for stop in stops])

    # ---- fair shares

    def retarget(self) -> None:
        """Set everybody's fair share of what is given now, or will be when all is placed."""
        tables = self.tables
        if self._share:
            self.cost -= sum(self._share[a][self.load[a]] for a in range(tables.count))
        missing = sum(
            tables.unit_days[n] * (unit.visits - len(self.placed[n]))
            for n, unit in enumerate(tables.units)
        )
        self._share = [[]] * tables.count
        self._bottom, self._top = [0] * tables.count, [0] * tables.count
        for leads, extra in ((True, missing), (False, missing * (tables.problem.team_min - 1))):
            people = [a for a in range(tables.count) if (tables.leads >> a & 1 == 1) is leads]
            self._set_shares(people, sum(self.load[a] for a in people) + extra)
        self.cost += sum(self._share[a][self.load[a]] for a in range(tables.count))
        for a in range(tables.count):
            self._mark(a, 1 << a)

    def _set_shares(self, people: list[int], days: int) -> None:
        capacity = [self.tables.capacity[a] for a in people]
        top, bottom = level(capacity, days, up=True), level(capacity, days, up=False)
        half = self.prices.unfair / 2
        made: dict[tuple[int, int], list[float]] = {}
        for a in people:
            most = self.tables.capacity[a]
            low = min(bottom, most)
            key = (low, most)
            if key not in made:
                made[key] = [
                    half * (max(0, load - top) + max(0, low - load)) for load in range(most + 1)
                ]
            self._share[a] = made[key]
            self._bottom[a], self._top[a] = low, top

    def share_cost(self, a: int, days: int) -> float:
        """What so many more days for this auditor change in the price of fairness."""
        share, load = self._share[a], self.load[a]
        return share[load + days] - share[load]

    def share_now(self, a: int) -> float:
        """What this auditor's load costs in fairness at present."""
        return self._share[a][self.load[a]]

    def fair_share(self, a: int) -> int:
        """Days in the year that would be this auditor's equal share within the role."""
        return self._bottom[a]

    # ---- asking

    def open_periods(self, number: int) -> int:
        """Periods in which one more visit of the unit may lie and leave room for those after it."""
        tables = self.tables
        found = tables.possible[number]
        placed = self.placed[number]
        for stop in placed:
            found &= ~tables.window(number, stop[1])
        wanted = tables.units[number].visits - len(placed)
        if wanted <= 1:
            return found
        most = tables.most_visits(number, found)
        if most < wanted:
            wanted = most
        if wanted <= 1:
            return found
        return sum(
            1 << p
            for p in bits(found)
            if tables.most_visits(number, found & ~tables.window(number, p)) >= wanted - 1
        )

    def used(self, a: int, period: int) -> int:
        """Days this plan uses of an auditor in a period."""
        return self.tables.given[period][a] - self.left[period][a]

    def missing(self, number: int) -> int:
        """Visits of the unit not made yet."""
        return self.tables.units[number].visits - len(self.placed[number])

    def all_stops(self) -> list[Stop]:
        """Every visit, by unit and then in the order made."""
        return [stop for stops in self.placed for stop in stops]
