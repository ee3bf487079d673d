"""The problem as numbers and bit masks: bit `a` of a mask is auditor `a`, bit `p` period `p`.

What one may or may not do stands in `rules.py` in words; here the same is laid out once for the
search, which asks it millions of times.
"""

from __future__ import annotations

from collections.abc import Iterator

from audits.planning.problem import Problem, Unit
from audits.planning.rules import barred_always, former_until


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Holding(dict[int, int]):
    """Who holds every competence of a mask; found out when first asked."""

    def __init__(self, everyone: int, holders: list[int]) -> None:
        super().__init__({0: everyone})
        self._everyone, self._holders = everyone, holders

    def __missing__(self, wanted: int) -> int:
        found = self._everyone
        for number in bits(wanted):
            found &= self._holders[number]
        self[wanted] = found
        return found


class Tables:
    """Everything that follows from the problem alone; made once, never changed."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.units = problem.units
        self.count = len(problem.auditors)
        self.last = len(problem.months)  # the last period
        self.unit_number = {unit.id: n for n, unit in enumerate(problem.units)}
        self.auditor_number = {auditor.id: n for n, auditor in enumerate(problem.auditors)}
        self.everyone = (1 << self.count) - 1
        self.leads = sum(1 << n for n, one in enumerate(problem.auditors) if one.lead)
        self._lay_out_competences()
        self._lay_out_days()
        self._lay_out_independence()
        self._lay_out_sites()
        self.unit_days = [unit.days for unit in problem.units]
        self.possible = [self._possible(n) for n in range(len(problem.units))]
        self.alone = [self._alone(n) for n in range(len(problem.units))]

    def _lay_out_competences(self) -> None:
        """Number the competences; say who holds each."""
        problem = self.problem
        names = sorted(
            {name for unit in problem.units for name in unit.needs}
            | {name for auditor in problem.auditors for name in auditor.competences}
        )
        number = {name: n for n, name in enumerate(names)}
        self.competences = names
        self.knows = [sum(1 << number[c] for c in one.competences) for one in problem.auditors]
        self.needs = [sum(1 << number[c] for c in unit.needs) for unit in problem.units]
        self.holders = [
            sum(1 << n for n, knows in enumerate(self.knows) if knows >> c & 1)
            for c in range(len(names))
        ]
        self.holding = Holding(self.everyone, self.holders)
        self._classed: dict[int, list[tuple[int, int]]] = {}
        self._sizes: dict[tuple[int, tuple[tuple[int, bool], ...]], int] = {}

    def _lay_out_days(self) -> None:
        """Days each auditor gives in each period: none while away or no longer qualified."""
        problem = self.problem
        self.given = [[0] * self.count]
        for period in problem.periods:
            month = problem.absolute_month(period)
            self.given.append(
                [
                    0 if period in one.leave or month > one.qualified_until
                    else one.days[period - 1]
                    for one in problem.auditors
                ]
            )  # fmt: skip
        self.most_days = max(
            [max(row, default=0) for row in self.given]
            + [unit.days for unit in problem.units]
            + [1]
        )
        self.free = [self._thresholds(row) for row in self.given]
        most = self.capacities(problem)
        self.capacity = [most[auditor.id] for auditor in problem.auditors]

    @staticmethod
    def capacities(problem: Problem) -> dict[str, int]:
        """The most days everybody could give in the year."""
        return {
            one.id: sum(
                one.days[period - 1]
                for period in problem.periods
                if period not in one.leave and problem.absolute_month(period) <= one.qualified_until
            )
            for one in problem.auditors
        }

    def _thresholds(self, days: list[int]) -> list[int]:
        """For n = 0, 1, ... the auditors who have at least n of these days."""
        masks = [0] * (self.most_days + 2)
        for number, have in enumerate(days):
            for n in range(have + 1):
                masks[n] |= 1 << number
        return masks

    def _lay_out_independence(self) -> None:
        """Who may audit a unit in each period as far as independence goes (A1)."""
        problem = self.problem
        self.independent: list[list[int]] = []
        always = barred_always(problem)
        former = former_until(problem)
        for unit in problem.units:
            mask = self.everyone & ~always[unit.id]
            left = former.get(unit.id)
            if left is None:
                self.independent.append([mask] * (self.last + 1))
                continue
            row = [0]
            for period in problem.periods:
                month = problem.absolute_month(period)
                row.append(mask & ~sum({1 << a for a, until in left if month <= until}))
            self.independent.append(row)

    def _lay_out_sites(self) -> None:
        """Units lying together, and the auditors at home there, who need no trip."""
        problem = self.problem
        names = sorted({unit.site for unit in problem.units})
        number = {name: n for n, name in enumerate(names)}
        self.site = [number[unit.site] for unit in problem.units]
        self.at_site: list[list[int]] = [[] for _ in names]
        for n, site in enumerate(self.site):
            self.at_site[site].append(n)
        home = {unit.id: unit.site for unit in problem.units}
        self.local = [0] * len(names)
        for n, auditor in enumerate(problem.auditors):
            if auditor.home in home:
                self.local[number[home[auditor.home]]] |= 1 << n

    def _possible(self, number: int) -> int:
        """Periods in which the unit, alone in the world, could be audited."""
        unit = self.units[number]
        found = 0
        for period in self.problem.periods:
            if period not in unit.blackout:
                pool = self.free[period][unit.days] & self.independent[number][period]
                if self.smallest_team(number, pool):
                    found |= 1 << period
        return found

    def smallest_team(self, number: int, pool: int) -> int:
        """Size of the smallest lawful team for a unit among these auditors; 0: there is none."""
        problem = self.problem
        leads = pool & self.leads
        if not leads or pool.bit_count() < problem.team_min:
            return 0
        known = tuple(
            (signature, bool(holders & leads))
            for signature, holders in self.classes(self.needs[number])
            if holders & pool
        )
        return self._smallest(self.needs[number], known, pool.bit_count())

    def classes(self, needs: int) -> list[tuple[int, int]]:
        """Everybody, sorted by which part of the needs they cover."""
        found = self._classed.get(needs)
        if found is None:
            sorted_out: dict[int, int] = {}
            for a, knows in enumerate(self.knows):
                sorted_out[knows & needs] = sorted_out.get(knows & needs, 0) | 1 << a
            found = self._classed[needs] = sorted(sorted_out.items())
        return found

    def _smallest(self, needs: int, known: tuple[tuple[int, bool], ...], people: int) -> int:
        problem = self.problem
        key = (needs, known)
        size = self._sizes.get(key)
        if size is None:
            reach, size = {signature for signature, leads in known if leads}, 1
            while needs not in reach and size < problem.team_max:
                reach = {one | two for one in reach for two, _ in known} | reach
                size += 1
            size = self._sizes[key] = max(size, problem.team_min) if needs in reach else 0
        return size if size <= people else 0

    def window(self, number: int, period: int) -> int:
        """Periods too close to a visit of this unit in this period, itself included."""
        gap = self.units[number].gap
        low = max(0, period - gap + 1)
        return ((1 << (period + gap)) - 1) & ~((1 << low) - 1)

    def most_visits(self, number: int, periods: int) -> int:
        """The most visits of a unit that these periods hold, its gap kept."""
        gap, made = self.units[number].gap, 0
        while periods:
            made += 1
            low = periods & -periods
            periods &= ~((low << gap) - 1)
        return made

    def calendar_cost(self, number: int, periods: list[int]) -> int:
        """Price of late and missed of a unit visited in these periods (A5, A6)."""
        unit, prices = self.units[number], self.problem.prices
        first = self.problem.month(min(periods)) if periods else 13
        cost = prices.late * late_points(unit, first)
        for other in unit.others:
            if not any(other.first <= p <= other.last for p in periods):
                cost += prices.missed
        return cost

    def _alone(self, number: int) -> list[int]:
        return [0, *(self.calendar_cost(number, [p]) for p in self.problem.periods)]


def late_points(unit: Unit, first_month: int) -> int:
    """Risk times the months the first visit comes after its due month (A5)."""
    return unit.risk * max(0, first_month - unit.due)
