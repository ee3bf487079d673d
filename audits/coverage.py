"""What a programme covers, units by clauses, and what is left open, by name (A2; b4, b6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from audits.models.criteria import AskedOf


@dataclass(frozen=True)
class Cells:
    """The cells that must be covered in the cycle, and those that are."""

    wanted: frozenset[tuple[int, int]]  # unit, clause
    covered: frozenset[tuple[int, int]]

    @property
    def missing(self) -> dict[int, list[int]]:
        """Give the clauses left open of each unit."""
        found: dict[int, list[int]] = {}
        for unit, clause in sorted(self.wanted - self.covered):
            found.setdefault(unit, []).append(clause)
        return found


def cells(
    units: Mapping[int, bool], asked: Mapping[int, AskedOf], done: Iterable[tuple[int, int]]
) -> Cells:
    """Lay units by clauses: `units` says whether each is the leadership, `done` what is audited."""
    wanted = frozenset(
        (unit, clause)
        for unit, leadership in units.items()
        for clause, of in asked.items()
        if of.reaches(leadership=leadership)
    )
    return Cells(wanted, wanted & frozenset(done))


def is_excluded(number: str, excluded: Set[str]) -> bool:
    """Say whether a clause, or one it is part of, is excluded from what the system covers."""
    parts = number.split(".")
    return any(".".join(parts[:length]) in excluded for length in range(1, len(parts) + 1))
