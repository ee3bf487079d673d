"""The smallest single change that would place a visit left out: proposed, never made.

Every proposal was tried: with it, and nothing else changed, a lawful team is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from audits.planning.board import Board
from audits.planning.plan import Plan, laid_out
from audits.planning.problem import Problem
from audits.planning.reasons import open_to
from audits.planning.tables import Tables, bits
from audits.planning.teams import free_for


class Change(StrEnum):
    """What could be changed, the easiest to bring about first."""

    OPEN_PERIOD = "open_period"  # the unit lets itself be audited in a period it had closed
    SHORTER_GAP = "shorter_gap"  # two of its visits lie closer
    MORE_DAYS = "more_days"  # somebody gives more days in a period
    LEAVE = "leave"  # somebody's leave is moved
    COMPETENCE = "competence"  # somebody learns one competence more
    LEAD = "lead"  # somebody is allowed to lead
    QUALIFICATION = "qualification"  # somebody's qualification is renewed
    LARGER_TEAM = "larger_team"  # one person more than a team may have


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change: in which period it lets the visit be made, and what of it."""

    change: Change
    period: int
    auditor: str = ""
    competence: str = ""
    amount: int = 0  # the new gap, the days missing, the people in the team


def relaxations(
    problem: Problem, plan: Plan, unit: str, *, board: Board | None = None
) -> list[Relaxation]:
    """For each kind of change the smallest that would place one more visit, the nearest first."""
    board = board or laid_out(problem, plan)
    tables = board.tables
    number = tables.unit_number[unit]
    if not board.missing(number):
        return []
    found = [
        *_opened(board, number),
        *_closer(board, number),
        *_freed(board, number),
        *_taught(board, number),
        *_led(board, number),
        *_enlarged(board, number),
    ]
    order = list(Change)
    found.sort(key=lambda one: (order.index(one.change), one.amount, one.period, one.auditor))
    smallest: dict[Change, Relaxation] = {}
    for one in found:
        smallest.setdefault(one.change, one)
    return list(smallest.values())


def _team_free(board: Board, number: int, period: int, more: int = 0) -> bool:
    return bool(board.tables.smallest_team(number, free_for(board, number, period) | more))


def _apart(board: Board, number: int, period: int) -> int:
    """Periods to the nearest visit of the unit that is placed."""
    return min(
        (abs(period - stop[1]) for stop in board.placed[number]), default=board.tables.last + 1
    )


def _opened(board: Board, number: int) -> Iterator[Relaxation]:
    unit = board.tables.units[number]
    for period in sorted(unit.blackout):
        if _apart(board, number, period) >= unit.gap and _team_free(board, number, period):
            yield Relaxation(Change.OPEN_PERIOD, period)


def _closer(board: Board, number: int) -> Iterator[Relaxation]:
    """The largest gap below the one asked comes first: it is the smallest change."""
    tables = board.tables
    unit = tables.units[number]
    near = [
        (_apart(board, number, period), period)
        for period in tables.problem.periods
        if period not in unit.blackout
    ]
    for apart, period in sorted(near, key=lambda one: (-one[0], one[1])):
        if 0 < apart < unit.gap and _team_free(board, number, period):
            yield Relaxation(Change.SHORTER_GAP, period, amount=apart)
            return


def _freed(board: Board, number: int) -> Iterator[Relaxation]:
    """One person more in one period: by days, by leave moved, by a qualification renewed."""
    tables = board.tables
    problem, unit = tables.problem, tables.units[number]
    for period in open_to(board, number):
        free = free_for(board, number, period)
        for a in bits(tables.independent[number][period] & ~free):
            if not tables.smallest_team(number, free | 1 << a):
                continue
            person = problem.auditors[a]
            away = period in person.leave
            lapsed = problem.absolute_month(period) > person.qualified_until
            short = unit.days - (person.days[period - 1] - board.used(a, period))
            if away + lapsed + (short > 0) != 1:
                continue
            if short > 0:
                yield Relaxation(Change.MORE_DAYS, period, person.id, amount=short)
            else:
                change = Change.LEAVE if away else Change.QUALIFICATION
                yield Relaxation(change, period, person.id)


def _taught(board: Board, number: int) -> Iterator[Relaxation]:
    """One competence more for somebody free: enough if a team would do without its need."""
    tables = board.tables
    needs = tables.needs[number]
    for period in open_to(board, number):
        free = free_for(board, number, period)
        for c in bits(needs):
            for a in bits(free & ~tables.holders[c]):
                if _covers(tables, number, free, a, c):
                    yield Relaxation(
                        Change.COMPETENCE,
                        period,
                        tables.problem.auditors[a].id,
                        competence=tables.competences[c],
                    )
                    break


def _covers(tables: Tables, number: int, pool: int, learner: int, competence: int) -> bool:
    """Whether a lawful team exists once the learner holds this competence too."""
    knows = [(tables.knows[a] | (1 << competence if a == learner else 0), a) for a in bits(pool)]
    needs = tables.needs[number]
    return (
        _reaches(
            needs,
            {k & needs for k, a in knows if tables.leads >> a & 1},
            {k & needs for k, _ in knows},
            tables.problem.team_max,
        )
        and pool.bit_count() >= tables.problem.team_min
    )


def _reaches(needs: int, reach: set[int], have: set[int], most: int) -> bool:
    for _ in range(most - 1):
        reach = reach | {one | two for one in reach for two in have}
    return needs in reach


def _led(board: Board, number: int) -> Iterator[Relaxation]:
    """Somebody free who may not lead yet, and with whom as lead a team would be lawful."""
    tables = board.tables
    needs = tables.needs[number]
    for period in open_to(board, number):
        free = free_for(board, number, period)
        if free.bit_count() < tables.problem.team_min:
            continue
        have = {tables.knows[a] & needs for a in bits(free)}
        for a in bits(free & ~tables.leads):
            if _reaches(needs, {tables.knows[a] & needs}, have, tables.problem.team_max):
                yield Relaxation(Change.LEAD, period, tables.problem.auditors[a].id)
                break


def _enlarged(board: Board, number: int) -> Iterator[Relaxation]:
    tables = board.tables
    needs, size = tables.needs[number], tables.problem.team_max + 1
    for period in open_to(board, number):
        free = free_for(board, number, period)
        have = {tables.knows[a] & needs for a in bits(free)}
        leads = {tables.knows[a] & needs for a in bits(free & tables.leads)}
        if leads and free.bit_count() >= size and _reaches(needs, leads, have, size):
            yield Relaxation(Change.LARGER_TEAM, period, amount=size)
            return
