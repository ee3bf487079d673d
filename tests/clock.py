"""A clock that tests set forward for the whole program: years pass between two requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import pytest

OURS = ("app.", "documents.", "audits.", "forms.")


class Clock:
    """The time it is for the program: the real one, moved forward, never back."""

    def __init__(self, earliest: datetime) -> None:
        self._ahead = max(timedelta(), earliest - datetime.now(UTC))

    def now(self, zone: tzinfo | None = UTC) -> datetime:
        """Give the moment it is for the program."""
        return datetime.now(zone) + self._ahead

    @property
    def today(self) -> date:
        """Give the day it is in an office of Vietnam."""
        return (self.now() + timedelta(hours=7)).date()

    def go_to(self, day: date) -> None:
        """Let it be the morning of a day that is still to come."""
        ahead = datetime.combine(day, time(2), UTC) - self.now()
        assert ahead > timedelta(), f"{day} is over"
        self._ahead += ahead


class _AnyMoment(type):
    """A moment is one whichever class made it."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


@contextmanager
def moved(clock: Clock) -> Iterator[Clock]:
    """Let every module of the program ask this clock until the end of the block."""

    class Moved(datetime, metaclass=_AnyMoment):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return clock.now(tz)

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith(OURS) and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Moved)
        yield clock
