"""What a check of the trail says: all holds, or which record is the first that does not (T3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wrong:
    """The first record that does not hold: which, where in its chain, and why."""

    record: str
    text: str
    chain: int | None = None
    sequence: int | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a check looked at and found; `notes` are files nobody names, perhaps on their way."""

    entries: dict[int, int]
    heads: int
    files: int
    wrong: Wrong | None = None
    notes: tuple[str, ...] = ()
    is_complete: bool = True
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Say whether everything was looked at and holds."""
        return self.wrong is None and self.is_complete

    @property
    def total(self) -> int:
        """Give the number of entries looked at."""
        return sum(self.entries.values())
