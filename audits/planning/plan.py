"""A plan as frozen values: the visits made, and what of the year could not be placed and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audits.planning.board import Board, Stop
from audits.planning.problem import Problem
from audits.planning.rules import Why
from audits.planning.tables import Tables

FORMAT = "planner-plan/1"


class PlanUnreadable(ValueError):
    """The plan breaks its form, or names what the problem does not have."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One unit audited in one period by one team; `pinned` ones were set by hand and stay."""

    unit: str
    period: int
    lead: str
    members: tuple[str, ...]
    pinned: bool = False

    @property
    def team(self) -> tuple[str, ...]:
        """Everybody who goes, the lead first."""
        return (self.lead, *self.members)


class Reason(StrEnum):
    """Why a visit was not placed, over every period still open to it."""

    NO_PERIOD = "no_period"
    NO_LEAD = "no_lead"
    NO_COMPETENCE = "no_competence"
    NO_TEAM = "no_team"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """One visit not made: why, whether any plan could have made it, and what bars each name."""

    unit: str
    reason: Reason
    impossible: bool
    auditors: Mapping[str, tuple[Why, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A year: comparable by the points left out first, then by price."""

    instance: str
    visits: tuple[Visit, ...]
    unplaced: tuple[Unplaced, ...] = ()


def plan_values(plan: Plan) -> dict[str, Any]:
    """Write a plan in the `planner-plan/1` form."""
    visits = []
    for visit in plan.visits:
        row: dict[str, Any] = {
            "unit": visit.unit,
            "period": visit.period,
            "lead": visit.lead,
            "members": list(visit.members),
        }
        if visit.pinned:
            row["pinned"] = True
        visits.append(row)
    return {
        "format": FORMAT,
        "instance": plan.instance,
        "visits": visits,
        "unplaced": [
            {
                "unit": one.unit,
                "reason": one.reason.value,
                "impossible": one.impossible,
                "auditors": {
                    name: [w.value for w in codes] for name, codes in one.auditors.items()
                },
            }
            for one in plan.unplaced
        ],
    }


def read_plan(problem: Problem, values: object) -> Plan:
    """Read a plan of this problem; who is lawful where is another question."""
    if not isinstance(values, Mapping) or values.get("format") != FORMAT:
        raise PlanUnreadable(f"the format is not {FORMAT}")
    if values.get("instance") != problem.name:
        raise PlanUnreadable(f"the plan is not one of {problem.name}")
    try:
        plan = Plan(
            problem.name,
            tuple(
                Visit(
                    one["unit"],
                    one["period"],
                    one["lead"],
                    tuple(one["members"]),
                    bool(one.get("pinned", False)),
                )
                for one in values["visits"]
            ),
            tuple(
                Unplaced(
                    one["unit"],
                    Reason(one["reason"]),
                    bool(one["impossible"]),
                    {
                        name: tuple(Why(code) for code in codes)
                        for name, codes in (one.get("auditors") or {}).items()
                    },
                )
                for one in values["unplaced"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise PlanUnreadable(f"missing or unknown: {fault}") from fault
    _known(problem, plan)
    return plan


def _known(problem: Problem, plan: Plan) -> None:
    units = {unit.id for unit in problem.units}
    people = {auditor.id for auditor in problem.auditors}
    for visit in plan.visits:
        if visit.unit not in units:
            raise PlanUnreadable(f"there is no unit {visit.unit!r}")
        if type(visit.period) is not int or visit.period not in problem.periods:
            raise PlanUnreadable(f"{visit.unit}: there is no period {visit.period!r}")
        for name in visit.team:
            if name not in people:
                raise PlanUnreadable(f"{visit.unit}: there is no auditor {name!r}")
    for one in plan.unplaced:
        if one.unit not in units:
            raise PlanUnreadable(f"there is no unit {one.unit!r}")


def stop_of(tables: Tables, visit: Visit) -> Stop:
    """Write a visit in the numbers of the tables."""
    return (
        tables.unit_number[visit.unit],
        visit.period,
        tuple(tables.auditor_number[name] for name in visit.team),
    )


def board_of(tables: Tables, visits: tuple[Visit, ...]) -> Board:
    """Lay lawful visits out for the search; the pinned ones are marked."""
    board = Board(tables)
    for visit in visits:
        stop = stop_of(tables, visit)
        board.add(stop)
        if visit.pinned:
            board.pinned.add(stop)
    board.retarget()
    return board


def laid_out(problem: Problem, plan: Plan) -> Board:
    """Lay a whole plan out once, for whoever asks many things of it."""
    return board_of(Tables(problem), plan.visits)


def visits_of(board: Board) -> tuple[Visit, ...]:
    """Read the visits back, by unit and period."""
    tables = board.tables
    people, units = tables.problem.auditors, tables.problem.units
    return tuple(
        Visit(
            units[number].id,
            period,
            people[team[0]].id,
            tuple(people[a].id for a in team[1:]),
            (number, period, team) in board.pinned,
        )
        for number, period, team in sorted(board.all_stops())
    )
