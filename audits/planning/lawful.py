"""Whether a plan keeps the rules, and which it breaks: asked at once after every change by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from audits.planning.plan import Plan, Visit
from audits.planning.problem import Auditor, Problem, Unit
from audits.planning.rules import obstacles, team_faults


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule broken: by which unit's visit, when, and by whom where it is one person.

    Rules: the codes of `Why` for a person; `team_size`, `team_repeat`, `lead`, `competence` for a
    team; `period`, `blackout`, `gap`, `count` for the calendar. `full` is the days of a period.
    """

    rule: str
    unit: str
    period: int
    auditor: str = ""

    def __str__(self) -> str:
        who = f" {self.auditor}" if self.auditor else ""
        return f"{self.rule}: {self.unit} in period {self.period}{who}"


def breaches(problem: Problem, visits: Sequence[Visit]) -> list[Breach]:
    """Every rule these visits break."""
    units = {unit.id: unit for unit in problem.units}
    people = {auditor.id: auditor for auditor in problem.auditors}
    taken: dict[tuple[str, int], int] = defaultdict(int)
    of_unit: dict[str, list[int]] = defaultdict(list)
    for visit in visits:
        of_unit[visit.unit].append(visit.period)
        for name in visit.team:
            taken[name, visit.period] += units[visit.unit].days
    found = []
    for visit in visits:
        unit = units[visit.unit]
        team = [people[name] for name in visit.team]
        found += _of_calendar(problem, unit, visit.period)
        if visit.period in problem.periods:
            found += [
                Breach(fault, unit.id, visit.period) for fault in team_faults(problem, unit, team)
            ]
            for person in team:
                others = taken[person.id, visit.period] - unit.days
                found += _of_person(problem, unit, person, visit.period, others)
    for name, periods in of_unit.items():
        found += _of_unit(units[name], sorted(periods))
    return found


def _of_calendar(problem: Problem, unit: Unit, period: int) -> list[Breach]:
    if period not in problem.periods:
        return [Breach("period", unit.id, period)]
    return [Breach("blackout", unit.id, period)] if period in unit.blackout else []


def _of_person(
    problem: Problem, unit: Unit, person: Auditor, period: int, others: int
) -> list[Breach]:
    return [
        Breach(why.value, unit.id, period, person.id)
        for why in obstacles(problem, unit, person, period, others)
    ]


def _of_unit(unit: Unit, periods: list[int]) -> list[Breach]:
    found = [
        Breach("gap", unit.id, later)
        for sooner, later in pairwise(periods)
        if later - sooner < unit.gap
    ]
    if len(periods) > unit.visits:
        found.append(Breach("count", unit.id, periods[-1]))
    return found


@dataclass(frozen=True, slots=True)
class MoveCheck:
    """What a change by hand would break, and where the same team could go instead."""

    broken: tuple[Breach, ...]
    nearest: int | None

    @property
    def lawful(self) -> bool:
        """Whether the change may be made as asked."""
        return not self.broken


def move(visit: Visit, *, period: int | None = None, team: Sequence[str] | None = None) -> Visit:
    """Give the visit another period or team (lead first); it is then pinned."""
    names = tuple(team) if team else visit.team
    return Visit(visit.unit, period or visit.period, names[0], names[1:], pinned=True)


def check_move(
    problem: Problem,
    plan: Plan,
    visit: Visit,
    *,
    period: int | None = None,
    team: Sequence[str] | None = None,
) -> MoveCheck:
    """Check one visit's change against the rest of the plan.

    `nearest` is the lawful period closest to the one asked for with the team asked for (the
    earlier of two as close), or nothing if the team could go in no period of the year.
    """
    rest = list(plan.visits)
    rest.remove(visit)
    before = set(breaches(problem, rest))
    wanted = move(visit, period=period, team=team)

    def broken(at: int) -> tuple[Breach, ...]:
        moved = move(wanted, period=at)
        near = [one for one in rest if one.period == at or one.unit == visit.unit]
        return tuple(one for one in breaches(problem, [*near, moved]) if one not in before)

    asked = broken(wanted.period)
    if not asked:
        return MoveCheck((), wanted.period)
    order = sorted(problem.periods, key=lambda at: (abs(at - wanted.period), at))
    return MoveCheck(asked, next((at for at in order if not broken(at)), None))
