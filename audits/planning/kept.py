"""The best plan met so far on a board that goes on changing."""

from __future__ import annotations

from audits.planning.board import Board
from audits.planning.prices import true_cost


class Kept:
    """What a search ends with, however far it strayed: never worse than what it came with."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.stops = board.all_stops()
        self.worth = (board.points, true_cost(board))

    def look(self) -> None:
        """Set the fair shares anew, and keep the plan on the board where it is the best so far."""
        self.board.retarget()
        worth = (self.board.points, true_cost(self.board))
        if worth < self.worth:
            self.worth, self.stops = worth, self.board.all_stops()

    def restore(self) -> None:
        """Lay the best plan out again."""
        board = self.board
        wanted, now = set(self.stops), set(board.all_stops())
        for stop in sorted(now - wanted):
            board.remove(stop)
        for stop in sorted(wanted - now):
            board.add(stop)
        board.retarget()
