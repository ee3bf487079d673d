"""The first lawful plan: site by site, then whatever is left, in one pass."""

from __future__ import annotations

from random import Random

from audits.planning.board import Board
from audits.planning.crews import Effort, Settling
from audits.planning.teams import place_rest


def construct(board: Board, seed: int) -> None:
    """Place all that can be placed beside what the board already holds.

    Sites whose units have few possible periods come first: they have the least choice.
    """
    tables, rng = board.tables, Random(seed)  # noqa: S311  the same seed shall give the same plan
    choice = [
        min((tables.possible[n].bit_count() for n in numbers if board.missing(n)), default=0)
        for numbers in tables.at_site
    ]
    for site in sorted(range(len(tables.at_site)), key=lambda one: (choice[one], one)):
        Settling(board, site, rng, Effort()).run()
    place_rest(board, list(range(len(tables.units))))
    board.retarget()
