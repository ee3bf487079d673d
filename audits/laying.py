"""From weeks to days: when in its week each visit is, so that nobody is in two places (b9).

What cannot be laid, or would take more of somebody's days than they give in a year, is left; the
planner is asked again with those days cut, until everything it places can be kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audits.availability import Span, hindrances
from audits.planning.improve import Limits
from audits.planning.plan import Plan, Visit
from audits.planning.problem import Problem
from audits.planning.year import complete, plan_year
from audits.year_facts import AuditorOfYear, UnitOfYear, Year, problem_of

ROUNDS = 5
_LOOKS = 20_000  # tries to lay one week


@dataclass(frozen=True)
class LaidYear:
    """A plan that holds on its very days, and the problem it answers."""

    problem: Problem
    plan: Plan
    days: dict[tuple[str, int], Span]  # unit, week


def lay_year(
    year: Year, limits: Limits, *, seed: int = 1, first: Callable[[Plan], None] | None = None
) -> LaidYear:
    """Plan a year and lay every visit on its days."""
    cut: dict[tuple[int, int], int] = {}
    kept: dict[Visit, Span] = {}
    for turn in range(ROUNDS):
        problem = problem_of(year, cut)
        plan = plan_year(problem, seed=seed, limits=limits, pinned=tuple(kept), first=first)
        kept, rejected = _lay(year, plan.visits)
        if not rejected:
            return LaidYear(problem, plan, _by_place(kept))
        _tighten(year, kept, rejected, cut, is_last=turn == ROUNDS - 1)
        limits = Limits(max(limits.steps // 3, 1), limits.seconds / 3)
    problem = problem_of(year, cut)
    return LaidYear(problem, complete(problem, tuple(kept)), _by_place(kept))


def _by_place(kept: dict[Visit, Span]) -> dict[tuple[str, int], Span]:
    return {(visit.unit, visit.period): span for visit, span in kept.items()}


def _lay(year: Year, visits: Sequence[Visit]) -> tuple[dict[Visit, Span], list[tuple[Visit, str]]]:
    """Give the visits that can be kept with their days, and the others with what is short."""
    units = {str(unit.id): unit for unit in year.units}
    people = {str(one.id): one for one in year.auditors}
    used = Counter({name: one.used for name, one in people.items()})
    rejected: list[tuple[Visit, str]] = []
    by_week: dict[int, list[Visit]] = defaultdict(list)
    ordered = sorted(visits, key=lambda one: (not one.pinned, -units[one.unit].risk, one.period))
    for visit in ordered:
        days = units[visit.unit].days
        if any(used[name] + days > people[name].per_year for name in visit.team):
            rejected.append((visit, "year"))
            continue
        used.update(dict.fromkeys(visit.team, days))
        by_week[visit.period].append(visit)
    kept: dict[Visit, Span] = {}
    for period in sorted(by_week):
        left = by_week[period]
        while (laid := _week(year, period, left, units, people)) is None:
            rejected.append((left.pop(), "week"))
        kept |= {_pinned(visit): span for visit, span in laid.items()}
    return kept, rejected


def _pinned(visit: Visit) -> Visit:
    return Visit(visit.unit, visit.period, visit.lead, visit.members, pinned=True)


def _week(
    year: Year,
    period: int,
    visits: Sequence[Visit],
    units: dict[str, UnitOfYear],
    people: dict[str, AuditorOfYear],
) -> dict[Visit, Span] | None:
    """Lay the visits of one week, nobody twice on a day; None: it cannot be."""
    week = year.week(period)
    runs = {
        visit: [
            run
            for run in units[visit.unit].runs(week)
            if not any(hindrances(people[name].days, run.first, run.last) for name in visit.team)
        ]
        for visit in visits
    }
    order = sorted(visits, key=lambda one: len(runs[one]))
    laid: dict[Visit, Span] = {}
    looks = 0

    def place(at: int) -> bool:
        nonlocal looks
        if at == len(order):
            return True
        visit = order[at]
        for run in runs[visit]:
            looks += 1
            if looks > _LOOKS:
                return False
            if any(
                span.meets(run.first, run.last) and set(other.team) & set(visit.team)
                for other, span in laid.items()
            ):
                continue
            laid[visit] = run
            if place(at + 1):
                return True
            del laid[visit]
        return False

    return laid if place(0) else None


def _tighten(
    year: Year,
    kept: dict[Visit, Span],
    rejected: list[tuple[Visit, str]],
    cut: dict[tuple[int, int], int],
    *,
    is_last: bool,
) -> None:
    """Cut the days of those by whom a visit failed to what is kept of them, and no more."""
    days = {str(unit.id): unit.days for unit in year.units}
    people = {str(one.id): one for one in year.auditors}
    taken: Counter[tuple[str, int]] = Counter()
    used = Counter({name: one.used for name, one in people.items()})
    for visit in kept:
        for name in visit.team:
            taken[name, visit.period] += days[visit.unit]
            used[name] += days[visit.unit]
    for visit, short in rejected:
        for name in visit.team:
            if short == "week":
                cut[people[name].id, visit.period] = taken[name, visit.period]
                continue
            left = people[name].per_year - used[name]
            if left >= days[visit.unit] and not is_last:
                continue  # somebody else of the team had no days left
            for period in range(1, len(year.weeks) + 1):
                cut[people[name].id, period] = taken[name, period]
