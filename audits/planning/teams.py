"""Any lawful team, of any size allowed: where no pair will do, and to be sure that none is left.

The search works with pairs; this finds a team whenever one exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from audits.planning.board import Board, Stop
from audits.planning.tables import bits


def free_for(board: Board, number: int, period: int) -> int:
    """Who could still join a visit of the unit in the period."""
    tables = board.tables
    return board.free[period][tables.unit_days[number]] & tables.independent[number][period]


def periods_left(board: Board, number: int) -> int:
    """Periods in which a team of unused auditors could come and which the gap leaves open."""
    found = board.tables.possible[number]
    for stop in board.placed[number]:
        found &= ~board.tables.window(number, stop[1])
    return found


def teams(board: Board, number: int, period: int, pool: int) -> Iterator[tuple[int, ...]]:
    """Yield smallest lawful teams out of a pool, one for each way to cover the needs."""
    tables = board.tables
    size = tables.smallest_team(number, pool)
    if not size:
        return
    needs = tables.needs[number]
    site = tables.site[number]
    here = tables.local[site] | board.crowd[site].get(period, 0)
    classes = [(sig, who & pool) for sig, who in tables.classes(needs) if who & pool]
    for signature, who in classes:
        leads = who & tables.leads
        if not leads:
            continue
        lead = _liked(board, leads, here)
        others = [(sig, one) for sig, one in classes if sig & ~signature]
        for count in range(size):
            for chosen in combinations(others, count):
                covered = signature
                for sig, _ in chosen:
                    covered |= sig
                if covered != needs:
                    continue
                team = [lead]
                for _, one in chosen:
                    team.append(_liked(board, one & ~_mask(team), here))
                while len(team) < size:
                    team.append(_liked(board, pool & ~_mask(team), here, spare_leads=True))
                yield tuple(team)


def _mask(team: list[int]) -> int:
    return sum(1 << a for a in team)


def _liked(board: Board, pool: int, here: int, *, spare_leads: bool = False) -> int:
    """Choose who needs no trip, may not lead if a member is sought, and carries little."""
    good = pool & here or pool
    if spare_leads:
        good = good & ~board.tables.leads or good
    good = good & board.below or good & ~board.above or good
    return min(bits(good), key=lambda a: (board.load[a], a))


def cheapest_stop(board: Board, number: int, periods: int) -> Stop | None:
    """Find the cheapest lawful visit of the unit in these periods, with whoever is free."""
    best: Stop | None = None
    least = 0.0
    before = board.cost
    for period in bits(periods):
        for team in teams(board, number, period, free_for(board, number, period)):
            stop = (number, period, team)
            board.add(stop)
            cost = board.cost - before
            board.remove(stop)
            if best is None or cost < least:
                best, least = stop, cost
    return best


def place_rest(board: Board, numbers: list[int]) -> list[Stop]:
    """Place what the pairs left over, the most points first; answer the visits made."""
    made: list[Stop] = []
    waiting = [n for n in numbers if board.missing(n) and board.tables.possible[n]]
    for number in sorted(waiting, key=lambda n: (-board.tables.units[n].points, n)):
        while board.missing(number):
            periods = board.open_periods(number) or periods_left(board, number)
            stop = cheapest_stop(board, number, periods)
            if stop is None:
                stop = cheapest_stop(board, number, periods_left(board, number))
            if stop is None:
                break
            board.add(stop)
            made.append(stop)
    return made
