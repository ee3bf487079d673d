"""Who may join a visit, and why not: the one place that says so (A1, and ISO 19011:2018, 5.5.4).

The search, changes by hand and every explanation ask here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from audits.planning.problem import Auditor, Problem, Unit

# who led or worked in a unit may not audit it before as many months have passed (A1)
MONTHS_APART = 12


class Why(StrEnum):
    """Why a name was not taken; the first four are independence (A1)."""

    HOME = "home"
    FORMER = "former"
    WROTE = "wrote"
    CONFLICT = "conflict"
    UNQUALIFIED = "unqualified"
    LEAVE = "leave"
    NO_DAYS = "no_days"
    FULL = "full"
    SPARE = "spare"


# true in every period alike
ALWAYS = frozenset({Why.HOME, Why.WROTE, Why.CONFLICT})


def former_bars(problem: Problem, unit: Unit, auditor: Auditor, period: int) -> bool:
    """Whether the auditor left this unit too short a time before the period (A1)."""
    month = problem.absolute_month(period)
    return any(one.unit == unit.id and month <= one.left + MONTHS_APART for one in auditor.former)


def obstacles(
    problem: Problem, unit: Unit, auditor: Auditor, period: int, taken: int = 0
) -> list[Why]:
    """Every reason that keeps a person from a visit of the unit in the period.

    `taken` are the days of that period the plan already uses of them. Empty: they may join.
    """
    found = []
    if auditor.home == unit.id:
        found.append(Why.HOME)
    if former_bars(problem, unit, auditor, period):
        found.append(Why.FORMER)
    if auditor.wrote & unit.procedures:
        found.append(Why.WROTE)
    if unit.id in auditor.conflicts:
        found.append(Why.CONFLICT)
    if problem.absolute_month(period) > auditor.qualified_until:
        found.append(Why.UNQUALIFIED)
    if period in auditor.leave:
        found.append(Why.LEAVE)
    given = auditor.days[period - 1]
    if given < unit.days:
        found.append(Why.NO_DAYS)
    elif given - taken < unit.days:
        found.append(Why.FULL)
    return found


def team_faults(problem: Problem, unit: Unit, team: Sequence[Auditor]) -> list[str]:
    """Which rules of a team as a whole are broken; its lead stands first."""
    found = []
    if len({one.id for one in team}) != len(team):
        found.append("team_repeat")
    if not problem.team_min <= len(team) <= problem.team_max:
        found.append("team_size")
    if not team or not team[0].lead:
        found.append("lead")
    if unit.needs - frozenset[str]().union(*(one.competences for one in team)):
        found.append("competence")
    return found


def barred_always(problem: Problem) -> dict[str, int]:
    """For every unit the auditors, as a mask, whom independence bars in every period."""
    home: dict[str, int] = defaultdict(int)
    wrote: dict[str, int] = defaultdict(int)
    for number, auditor in enumerate(problem.auditors):
        for place in {auditor.home, *auditor.conflicts}:
            home[place] |= 1 << number
        for code in auditor.wrote:
            wrote[code] |= 1 << number
    barred = {}
    for unit in problem.units:
        mask = home.get(unit.id, 0)
        for code in unit.procedures:
            mask |= wrote.get(code, 0)
        barred[unit.id] = mask
    return barred


def former_until(problem: Problem) -> dict[str, list[tuple[int, int]]]:
    """For every unit: (auditor, last month in which they are barred from it)."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, auditor in enumerate(problem.auditors):
        for one in auditor.former:
            found[one.unit].append((number, one.left + MONTHS_APART))
    return dict(found)
