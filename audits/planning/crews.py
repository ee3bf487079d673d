"""Site by site: pairs who travel together and do several visits in one trip.

A site is settled by choosing again and again the pair, in some period, whose trip costs least for
the days of work it does there: first extending who is on the spot, then somebody new.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from random import Random

from audits.planning.board import Board, Stop
from audits.planning.tables import bits

# score, units, and for each the team, its lead first
Crew = tuple[float, list[int], list[tuple[int, ...]]]
# order of urgency, unit, days, price above its cheapest period, who may, what must be known
Work = tuple[float, int, int, int, int, int]
TRIED = 3  # leads of whom any two are tried as two of three


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one settling tries."""

    periods: int = 8  # looked at, drawn from those open
    leads: int = 3  # tried in each
    bend: float = 1.0  # how much a trip with more work is preferred: its days to this power
    threes: bool = True  # whether three people taking turns are tried beside pairs
    patience: float = 25.0  # price a day of work may pay to wait for a better period


def pick(mask: int, width: int, rng: Random) -> int:
    """Draw one bit of a mask that has some."""
    turn = int(rng.random() * width)
    upper = mask >> turn
    if upper:
        return (upper & -upper).bit_length() - 1 + turn
    return (mask & -mask).bit_length() - 1


def some(mask: int, count: int, width: int, rng: Random) -> list[int]:
    """Draw up to so many bits of a mask."""
    if mask.bit_count() <= count:
        return list(bits(mask))
    found: list[int] = []
    for _ in range(count):
        bit = pick(mask, width, rng)
        found.append(bit)
        mask &= ~(1 << bit)
    return found


class Settling:
    """One site being given its visits."""

    def __init__(self, board: Board, site: int, rng: Random, effort: Effort) -> None:
        self.board, self.tables, self.site = board, board.tables, site
        self.rng, self.effort = rng, effort
        self.open: dict[int, int] = {}
        self.price: dict[int, list[int]] = {}
        self.least: dict[int, int] = {}
        for number in self.tables.at_site[site]:
            if board.missing(number):
                self._look(number)
        self.best: dict[int, Crew | None] = {}

    def _look(self, number: int) -> None:
        """Find where a unit may go now and what each period would cost it."""
        board, tables = self.board, self.tables
        found = board.open_periods(number)
        self.open[number] = found
        if not board.placed[number]:
            self.price[number] = price = tables.alone[number]
        else:
            taken = [stop[1] for stop in board.placed[number]]
            now = tables.calendar_cost(number, taken)
            price = [0] * (tables.last + 1)
            for p in bits(found):
                price[p] = tables.calendar_cost(number, [*taken, p]) - now
            self.price[number] = price
        if found:
            least = min(price[p] for p in bits(found))
            days = tables.unit_days[number]
            self.least[number] = least
            patience = self.effort.patience * days
            # periods that cost so much more that waiting for another is cheaper
            for p in bits(found):
                if price[p] - least > patience:
                    found &= ~(1 << p)
            self.open[number] = found

    def run(self) -> list[Stop]:
        """Place what can be placed by pairs; answer the visits made."""
        made: list[Stop] = []
        if self.tables.problem.team_min != 2:
            return made  # `teams.place_rest` makes teams of every size
        while True:
            union = 0
            for mask in self.open.values():
                union |= mask
            found = self._cheapest(union)
            if found is None:
                return made
            made += self._make(*found)

    def _cheapest(self, union: int) -> tuple[int, Crew] | None:
        """Find period and crew: where somebody is or was looked at, and in some other periods.

        Only when these offer nothing are all the others looked at.
        """
        known = 0
        for p in self.board.crowd[self.site]:
            known |= 1 << p
        for p in self.best:
            known |= 1 << p
        rest = union & ~known
        fresh = self.effort.periods - len(self.best)
        look = list(bits(union & known))
        if fresh > 0:
            drawn = some(rest, fresh, self.tables.last + 1, self.rng)
            look += drawn
            for p in drawn:
                rest &= ~(1 << p)
        found = self._best_of(look)
        return found or self._best_of(list(bits(rest)))

    def _best_of(self, periods: list[int]) -> tuple[int, Crew] | None:
        found: tuple[int, Crew] | None = None
        for p in periods:
            if p in self.best:
                crew = self.best[p]
            else:
                crew = self.best[p] = self._crew(p)
            if crew is not None and (found is None or crew[0] < found[1][0]):
                found = (p, crew)
        return found

    def _make(self, p: int, crew: Crew) -> list[Stop]:
        board = self.board
        made: list[Stop] = []
        _, units, teams = crew
        for number, team in zip(units, teams, strict=True):
            stop: Stop = (number, p, team)
            board.add(stop)
            made.append(stop)
            if board.missing(number):
                self._look(number)
            else:
                del self.open[number]
        done = set(units)
        self.best = {
            q: one
            for q, one in self.best.items()
            if q != p and (one is None or done.isdisjoint(one[1]))
        }
        return made

    def _work(self, p: int) -> list[Work]:
        """What the site could have done in this period, what waits worst first."""
        tables, rng = self.tables, self.rng
        found: list[Work] = []
        for number, mask in self.open.items():
            if mask >> p & 1:
                extra = self.price[number][p] - self.least[number]
                days = tables.unit_days[number]
                urgency = extra / days + rng.random() * 8 - 4 * days
                fit = tables.independent[number][p]
                found.append((urgency, number, days, extra, fit, tables.needs[number]))
        found.sort()
        return found

    def _crew(self, p: int) -> Crew | None:
        """Find the two or three whose trip in this period costs least for the work they do."""
        work = self._work(p)
        if not work:
            return None
        board, trip = self.board, self.board.prices.trip
        fewest = min(item[2] for item in work)
        total = min(sum(item[2] for item in work), self.tables.most_days)
        free = board.free[p]
        here = (board.crowd[self.site].get(p, 0) | self.tables.local[self.site]) & free[fewest]
        best: Crew | None = None
        leads = self._leads(free, here, fewest, total)
        for lead in leads:
            cost = 0 if here >> lead & 1 else trip
            if here:
                crew = self._with(p, work, lead, here, cost)
                if crew is not None:
                    if best is None or crew[0] < best[0]:
                        best = crew
                    if len(crew[1]) == len(work):
                        continue
            crew = self._with(p, work, lead, 0, cost)
            if crew is not None and (best is None or crew[0] < best[0]):
                best = crew
        if self.effort.threes and (best is None or len(best[1]) < len(work)):
            for one, two in combinations(leads[:TRIED], 2):
                crew = self._three(p, work, one, two, here)
                if crew is not None and (best is None or crew[0] < best[0]):
                    best = crew
        return best

    def _leads(self, free: list[int], here: int, fewest: int, total: int) -> list[int]:
        """Who may lead: those on the spot, then who has most days for the work."""
        board, rng, width = self.board, self.rng, self.tables.count
        leads = self.tables.leads & free[fewest]
        tried = some(here & leads, 3, width, rng)
        others = leads & ~here
        count = self.effort.leads
        n = total
        while n >= fewest and count > 0 and others:
            pool = others & free[n]
            if pool:
                good = pool & board.below
                most = count if good else min(count, 2)
                found = some(good or pool & ~board.above or pool, most, width, rng)
                for a in found:
                    others &= ~(1 << a)
                count -= len(found)
                tried += found
            n -= 1
        return tried

    def _with(self, p: int, work: list[Work], lead: int, among: int, cost: float) -> Crew | None:
        """Give this lead the member, out of these or of all, who lets them do most together."""
        tables, board = self.tables, self.board
        free, lacks, limit = board.free[p], ~tables.knows[lead], board.left[p][lead]
        holding = tables.holding
        bit = 1 << lead
        pool = (among or tables.everyone) & ~bit
        total = 0
        units: list[int] = []
        for _, number, days, extra, fit, needs in work:
            if total + days > limit or not fit & bit:
                continue
            rest = pool & free[total + days] & fit
            if needs & lacks:
                rest &= holding[needs & lacks]
            if rest:
                pool = rest
                total += days
                cost += extra
                units.append(number)
        if not units:
            return None
        if not among:
            cost += board.prices.trip
        member = self._member(pool, total, free)
        cost += board.share_cost(lead, total) + board.share_cost(member, total)
        return (self._score(cost, total), units, [(lead, member)] * len(units))

    def _score(self, cost: float, total: int) -> float:
        cost += 1  # of two that cost the same for each day, the one that does more
        return cost / total**self.effort.bend if cost > 0 else cost

    def _three(self, p: int, work: list[Work], one: int, two: int, here: int) -> Crew | None:
        """Let two leads and a third take turns in pairs: three trips carry what else needs four."""
        tables, board = self.tables, self.board
        left, free, holding = board.left[p], board.free[p], tables.holding
        rest = [left[one], left[two], max(left[one], left[two])]
        lacks = (~tables.knows[one], ~tables.knows[two])
        pool = tables.everyone & ~(1 << one | 1 << two)
        used = [0, 0, 0]
        cost = 0.0
        pairs: list[tuple[int, int]] = []
        units: list[int] = []
        for _, number, days, extra, fit, needs in work:
            able = [rest[0] >= days and fit >> one & 1, rest[1] >= days and fit >> two & 1]
            best: tuple[int, int, int, int] | None = None
            if able[0] and able[1] and not needs & lacks[0] & lacks[1]:
                best = (rest[0] + rest[1], 0, 1, pool)
            for k in (0, 1):
                if able[k] and rest[2] >= days:
                    fewer = pool & free[used[2] + days] & fit & holding[needs & lacks[k]]
                    if fewer and (best is None or rest[k] + rest[2] > best[0]):
                        best = (rest[k] + rest[2], k, 2, fewer)
            if best is not None:
                _, first, second, pool = best
                for k in (first, second):
                    rest[k] -= days
                    used[k] += days
                cost += extra
                pairs.append((first, second))
                units.append(number)
        if not all(used):
            return None
        third = self._member(pool & here or pool, used[2], free)
        people = (one, two, third)
        for k, a in enumerate(people):
            cost += board.share_cost(a, used[k])
            if not here >> a & 1:
                cost += board.prices.trip
        teams: list[tuple[int, ...]] = [(people[k], people[m]) for k, m in pairs]
        return (self._score(cost, sum(used) // 2), units, teams)

    def _member(self, pool: int, total: int, free: list[int]) -> int:
        """Choose: no lead if others can, a small load, and no more days than needed."""
        tables, board = self.tables, self.board
        good = pool & ~tables.leads or pool
        good = good & board.below or good & ~board.above or good
        exact = good & ~free[total + 1] or good
        return pick(exact, tables.count, self.rng)
