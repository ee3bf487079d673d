"""Why this period and this team: each choice of a plan in figures, and each name not taken (A1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audits.planning.board import Board, Stop
from audits.planning.plan import Plan, Visit, board_of, laid_out, stop_of
from audits.planning.prices import true_cost
from audits.planning.problem import Inspection, Problem
from audits.planning.rules import Why, obstacles
from audits.planning.tables import Tables, bits, late_points
from audits.planning.teams import cheapest_stop


@dataclass(frozen=True, slots=True)
class NotTaken:
    """One name: what bars them, or if nothing does, what taking them would have cost more.

    `dearer` is nothing when they are barred, and also when no lawful team holds them in the place
    of one who was taken.
    """

    why: tuple[Why, ...]
    dearer: int | None = None


@dataclass(frozen=True, slots=True)
class OtherPeriod:
    """Another period: closed to the unit, too near its other visit, no team, or dearer by so much.

    Exactly one of `rule` (`blackout`, `gap`, `no_team`) and `dearer` is given.
    """

    period: int
    rule: str = ""
    dearer: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What speaks for one visit as it is planned."""

    visit: Visit
    risk: int
    due: int
    month: int
    late: int  # points of risk times months; 0: in time
    meets: tuple[Inspection, ...]  # inspections by others that this visit joins (A6)
    together: tuple[str, ...]  # other units of the site visited in the same trip
    no_trip: tuple[str, ...]  # who is at home on the site
    load: Mapping[str, tuple[int, int]]  # of each in the team: days in the year, a fair share
    not_taken: Mapping[str, NotTaken]
    periods: tuple[OtherPeriod, ...]


def explain(
    problem: Problem, plan: Plan, visit: Visit, *, board: Board | None = None
) -> Explanation:
    """Explain one visit of a lawful plan; who explains many lays it out once (`laid_out`)."""
    board = board or laid_out(problem, plan)
    tables = board.tables
    stop = stop_of(tables, visit)
    number, period, team = stop
    unit = tables.units[number]
    first = min(placed[1] for placed in board.placed[number]) == period
    home = tables.local[tables.site[number]]
    people = problem.auditors
    return Explanation(
        visit,
        unit.risk,
        unit.due,
        problem.month(period),
        late_points(unit, problem.month(period)) if first else 0,
        tuple(one for one in unit.others if one.first <= period <= one.last),
        _together(board, stop),
        tuple(people[a].id for a in team if home >> a & 1),
        {people[a].id: (board.load[a], board.fair_share(a)) for a in team},
        _not_taken(board, stop),
        _other_periods(board, stop),
    )


def _together(board: Board, stop: Stop) -> tuple[str, ...]:
    tables = board.tables
    number, period, team = stop
    return tuple(
        sorted(
            tables.units[other].id
            for other, _, others in board.stops[tables.site[number]][period]
            if other != number and set(others) & set(team)
        )
    )


def _not_taken(board: Board, stop: Stop) -> dict[str, NotTaken]:
    """Every name outside the team: its obstacles, or the price of taking it instead of one."""
    tables = board.tables
    problem, (number, period, team) = tables.problem, stop
    unit = tables.units[number]
    cost = true_cost(board)
    found = {}
    for a, person in enumerate(problem.auditors):
        if a in team:
            continue
        why = obstacles(problem, unit, person, period, board.used(a, period))
        if why:
            found[person.id] = NotTaken(tuple(why))
        else:
            found[person.id] = NotTaken((Why.SPARE,), _instead(board, stop, a, cost))
    return found


def _instead(board: Board, stop: Stop, a: int, cost: int) -> int | None:
    """What the plan would cost more with this person in the place of the least needed."""
    tables = board.tables
    number, period, team = stop
    least: int | None = None
    board.remove(stop)
    for place in range(len(team)):
        changed = (*team[:place], a, *team[place + 1 :])
        knows = 0
        for one in changed:
            knows |= tables.knows[one]
        if not tables.leads >> changed[0] & 1 or tables.needs[number] & ~knows:
            continue
        other = (number, period, changed)
        board.add(other)
        dearer = true_cost(board) - cost
        board.remove(other)
        least = dearer if least is None else min(least, dearer)
    board.add(stop)
    return least


def _other_periods(board: Board, stop: Stop) -> tuple[OtherPeriod, ...]:
    tables = board.tables
    number, period, _ = stop
    unit = tables.units[number]
    cost = true_cost(board)
    board.remove(stop)
    near = 0
    for placed in board.placed[number]:
        near |= tables.window(number, placed[1])
    found = []
    for p in tables.problem.periods:
        if p == period:
            continue
        if p in unit.blackout:
            found.append(OtherPeriod(p, "blackout"))
        elif near >> p & 1:
            found.append(OtherPeriod(p, "gap"))
        else:
            other = cheapest_stop(board, number, 1 << p)
            if other is None:
                found.append(OtherPeriod(p, "no_team"))
                continue
            board.add(other)
            found.append(OtherPeriod(p, dearer=true_cost(board) - cost))
            board.remove(other)
    board.add(stop)
    return tuple(found)


def visit_obstacles(
    problem: Problem, plan: Plan, visit: Visit, auditor: str, period: int | None = None
) -> list[Why]:
    """Every reason against one person joining this visit, now or in another period.

    The days the rest of the plan uses count, those of the visit itself do not. Nothing against
    them: `spare` alone, if they are not in the team.
    """
    at = visit.period if period is None else period
    units = {unit.id: unit for unit in problem.units}
    person = next(one for one in problem.auditors if one.id == auditor)
    taken = sum(
        units[one.unit].days
        for one in plan.visits
        if one != visit and one.period == at and auditor in one.team
    )
    found = obstacles(problem, units[visit.unit], person, at, taken)
    return found or ([] if auditor in visit.team else [Why.SPARE])


def free_people(problem: Problem, plan: Plan, visit: Visit, period: int) -> tuple[str, ...]:
    """Whom nothing keeps from this visit in a period, as the picker of names offers them."""
    tables = Tables(problem)
    board = board_of(tables, tuple(one for one in plan.visits if one != visit))
    number = tables.unit_number[visit.unit]
    pool = board.free[period][tables.unit_days[number]] & tables.independent[number][period]
    return tuple(problem.auditors[a].id for a in bits(pool))
