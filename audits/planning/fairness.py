"""Equal shares of audit days within a role, and how far a plan is from them."""

from __future__ import annotations

from collections.abc import Sequence


def level(capacity: Sequence[int], days: int, *, up: bool) -> int:
    """The share at which everybody together gives these days, nobody more than they can.

    The smallest whole share that reaches them (`up`), or the largest that stays within them.
    """
    low, high = 0, max(capacity, default=0)
    while low < high:
        middle = (low + high + (not up)) // 2
        reached = sum(min(middle, most) for most in capacity)
        if up:
            low, high = (low, middle) if reached >= days else (middle + 1, high)
        else:
            low, high = (middle, high) if reached <= days else (low, middle - 1)
    return low


def unfair_days(capacity: Sequence[int], load: Sequence[int]) -> int:
    """Days that would have to change hands until everybody carries an equal share."""
    top = level(capacity, sum(load), up=True)
    bottom = level(capacity, sum(load), up=False)
    over = sum(max(0, days - top) for days in load)
    under = sum(max(0, min(bottom, most) - days) for days, most in zip(load, capacity, strict=True))
    return max(over, under)
