"""What a plan costs: five plain numbers, each with what causes it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from audits.planning.board import Board
from audits.planning.fairness import unfair_days
from audits.planning.plan import Plan, Visit
from audits.planning.problem import Problem
from audits.planning.tables import Tables, late_points


@dataclass(frozen=True, slots=True)
class Part:
    """One price: how much of it, what that costs, and who or what brings it about."""

    name: str
    count: int
    cost: int
    visits: tuple[Visit, ...] = ()
    units: tuple[str, ...] = ()  # of visits that were not made, or made outside a window
    auditors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What is left out first, then the five parts; plans compare by `worth`, lower is better."""

    unplaced: int
    points: int
    parts: tuple[Part, ...]

    @property
    def cost(self) -> int:
        """The sum of the five parts."""
        return sum(part.cost for part in self.parts)

    @property
    def worth(self) -> tuple[int, int]:
        """What decides between two plans."""
        return (self.points, self.cost)


def true_cost(board: Board) -> int:
    """Price the plan on a board with the true figure of fairness."""
    tables, prices = board.tables, board.prices
    shares = sum(board.share_now(a) for a in range(tables.count))
    unfair = 0
    for leads in (True, False):
        people = [a for a in range(tables.count) if (tables.leads >> a & 1 == 1) is leads]
        unfair += unfair_days([tables.capacity[a] for a in people], [board.load[a] for a in people])
    return round(board.cost - shares) + prices.unfair * unfair


def price(problem: Problem, plan: Plan) -> Price:
    """Price a plan, part by part."""
    visits: dict[str, list[Visit]] = defaultdict(list)
    for visit in plan.visits:
        visits[visit.unit].append(visit)
    points = sum(
        unit.points * (unit.visits - len(visits.get(unit.id, ()))) for unit in problem.units
    )
    wanted = sum(unit.visits for unit in problem.units)
    return Price(
        wanted - len(plan.visits),
        points,
        (
            _late(problem, visits),
            _missed(problem, visits),
            _trips(problem, plan),
            _unfair(problem, plan),
            _third(problem, plan),
        ),
    )


def _late(problem: Problem, visits: dict[str, list[Visit]]) -> Part:
    """Risk times months after the due month; no visit at all counts as month 13 (A5)."""
    count, late, without = 0, [], []
    for unit in problem.units:
        first = min(visits.get(unit.id, ()), key=lambda one: one.period, default=None)
        points = late_points(unit, 13 if first is None else problem.month(first.period))
        count += points
        if points and first is None:
            without.append(unit.id)
        elif points and first is not None:
            late.append(first)
    return Part("late", count, count * problem.prices.late, tuple(late), tuple(without))


def _missed(problem: Problem, visits: dict[str, list[Visit]]) -> Part:
    """Inspections by others that none of our visits of the unit meets (A6)."""
    units = [
        unit.id
        for unit in problem.units
        for other in unit.others
        if not any(other.first <= one.period <= other.last for one in visits.get(unit.id, ()))
    ]
    return Part("missed", len(units), len(units) * problem.prices.missed, (), tuple(units))


def _trips(problem: Problem, plan: Plan) -> Part:
    """Different (auditor, period, site), but for the site of their own unit."""
    site = {unit.id: unit.site for unit in problem.units}
    home = {auditor.id: site.get(auditor.home) for auditor in problem.auditors}
    seen: set[tuple[str, int, str]] = set()
    causing = []
    for visit in plan.visits:
        there = site[visit.unit]
        fresh = {(name, visit.period, there) for name in visit.team if home[name] != there} - seen
        if fresh:
            seen |= fresh
            causing.append(visit)
    return Part("trip", len(seen), len(seen) * problem.prices.trip, tuple(causing))


def loads(problem: Problem, plan: Plan) -> dict[str, int]:
    """Audit days of everybody in the plan."""
    days = {unit.id: unit.days for unit in problem.units}
    found = {auditor.id: 0 for auditor in problem.auditors}
    for visit in plan.visits:
        for name in visit.team:
            found[name] += days[visit.unit]
    return found


def _unfair(problem: Problem, plan: Plan) -> Part:
    """Days that would have to change hands within a role for equal shares."""
    given = loads(problem, plan)
    capacity = Tables.capacities(problem)
    count = 0
    names: list[str] = []
    for leads in (True, False):
        people = [one for one in problem.auditors if one.lead is leads]
        role = [given[one.id] for one in people]
        moved = unfair_days([capacity[one.id] for one in people], role)
        count += moved
        if moved:
            most, least = max(role), min(role)
            names += [one.id for one in people if given[one.id] in (most, least)]
    return Part("unfair", count, count * problem.prices.unfair, auditors=tuple(names))


def _third(problem: Problem, plan: Plan) -> Part:
    """Days given by members beyond the smallest team."""
    days = {unit.id: unit.days for unit in problem.units}
    bigger = [one for one in plan.visits if len(one.team) > problem.team_min]
    count = sum((len(one.team) - problem.team_min) * days[one.unit] for one in bigger)
    return Part("third", count, count * problem.prices.third, tuple(bigger))
