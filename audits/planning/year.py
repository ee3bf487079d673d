"""A whole year in one call: a first lawful plan, made better, with a reason for what is left out.

Pure: the same problem, seed and steps give the same plan (ISO 9001:2015, 9.2.2; A1, A5, A6).
"""

from __future__ import annotations

from collections.abc import Callable

from audits.planning.board import Board
from audits.planning.construct import construct
from audits.planning.improve import Limits, improve_board, steps_for
from audits.planning.lawful import breaches
from audits.planning.plan import Plan, Visit, board_of, visits_of
from audits.planning.prices import price
from audits.planning.problem import Problem
from audits.planning.reasons import unplaced
from audits.planning.tables import Tables
from audits.planning.teams import place_rest


class Unlawful(ValueError):
    """The plan given breaks rules and cannot be improved before they are put right."""


def plan_year(
    problem: Problem,
    *,
    seed: int = 1,
    limits: Limits | None = None,
    pinned: tuple[Visit, ...] = (),
    first: Callable[[Plan], None] | None = None,
) -> Plan:
    """Propose the year around the visits set by hand; `first` is handed the first lawful plan."""
    tables = Tables(problem)
    board = _started(tables, tuple(_pin(visit) for visit in pinned))
    construct(board, seed)
    if first is not None:
        first(_read(board))
    improve_board(board, seed, limits or Limits(steps_for(problem)))
    place_rest(board, list(range(len(tables.units))))
    return _read(board)


def improve(problem: Problem, plan: Plan, *, seed: int = 1, limits: Limits | None = None) -> Plan:
    """Make a lawful plan better; pinned visits stay, and the answer is never worse."""
    tables = Tables(problem)
    board = _started(tables, plan.visits)
    place_rest(board, list(range(len(tables.units))))
    improve_board(board, seed, limits or Limits(steps_for(problem)))
    place_rest(board, list(range(len(tables.units))))
    found = _read(board)
    return found if price(problem, found).worth <= price(problem, plan).worth else plan


def complete(problem: Problem, visits: tuple[Visit, ...]) -> Plan:
    """Answer these visits as a plan, with the reasons of what they leave out; nothing is moved."""
    return _read(_started(Tables(problem), visits))


def _started(tables: Tables, visits: tuple[Visit, ...]) -> Board:
    broken = breaches(tables.problem, visits)
    if broken:
        raise Unlawful("; ".join(sorted({str(one) for one in broken})))
    return board_of(tables, visits)


def _pin(visit: Visit) -> Visit:
    return Visit(visit.unit, visit.period, visit.lead, visit.members, pinned=True)


def _read(board: Board) -> Plan:
    return Plan(board.tables.problem.name, visits_of(board), unplaced(board))
