"""Why a visit could not be placed: over every open period, and for every name (A1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from audits.planning.board import Board
from audits.planning.plan import Reason, Unplaced
from audits.planning.problem import Auditor, Unit
from audits.planning.rules import ALWAYS, Why, obstacles
from audits.planning.tables import bits
from audits.planning.teams import free_for


def open_to(board: Board, number: int) -> list[int]:
    """Periods in which the unit is not closed and its placed visits lie far enough."""
    unit = board.tables.units[number]
    placed = [stop[1] for stop in board.placed[number]]
    return [
        period
        for period in board.tables.problem.periods
        if period not in unit.blackout and all(abs(period - one) >= unit.gap for one in placed)
    ]


def reason(board: Board, number: int, periods: list[int]) -> Reason:
    """Name the narrowest reason that is true in every open period."""
    if not periods:
        return Reason.NO_PERIOD
    tables = board.tables
    pools = [free_for(board, number, period) for period in periods]
    if all(not pool & tables.leads for pool in pools):
        return Reason.NO_LEAD
    needs = tables.needs[number]
    if all(any(not pool & tables.holders[c] for c in bits(needs)) for pool in pools):
        return Reason.NO_COMPETENCE
    return Reason.NO_TEAM


def refusals(board: Board, number: int, auditor: int, periods: list[int]) -> tuple[Why, ...]:
    """Say why one name was not taken: few reasons that together explain every open period."""
    problem = board.tables.problem
    unit, person = problem.units[number], problem.auditors[auditor]
    return fewest(_codes(unit, person, period, board, auditor) for period in periods)


def _codes(unit: Unit, person: Auditor, period: int, board: Board, auditor: int) -> list[Why]:
    given = 0 if person.days[period - 1] == 0 else board.used(auditor, period)
    return obstacles(board.tables.problem, unit, person, period, given) or [Why.SPARE]


def fewest(by_period: Iterable[list[Why]]) -> tuple[Why, ...]:
    """Choose few codes so that each period is explained by one of them; lasting ones first."""
    waiting = []
    for codes in by_period:
        for code in codes:
            if code in ALWAYS:  # true in every period: nothing else needs saying
                return (code,)
        waiting.append(codes)
    chosen: list[Why] = []
    while waiting:
        count: dict[Why, int] = defaultdict(int)
        for codes in waiting:
            for code in codes:
                count[code] += 1
        best = max(Why, key=lambda code: count[code])
        chosen.append(best)
        waiting = [codes for codes in waiting if best not in codes]
    return tuple(chosen)


def unplaced(board: Board) -> tuple[Unplaced, ...]:
    """Explain every visit not made; where the unit alone would not get it, no plan could help."""
    tables = board.tables
    found = []
    for number, unit in enumerate(tables.units):
        missing = board.missing(number)
        if not missing:
            continue
        never = unit.visits - min(unit.visits, tables.most_visits(number, tables.possible[number]))
        periods = open_to(board, number)
        why = reason(board, number, periods)
        names = {
            person.id: refusals(board, number, a, periods)
            for a, person in enumerate(tables.problem.auditors)
            if periods
        }
        found += [Unplaced(unit.id, why, n < never, names) for n in range(missing)]
    return tuple(found)
