"""How much a unit is at risk: plain factors, each with its visible weight (A5; b5).

A factor gives 0 to 1 of what is known of a unit; later issues add theirs to FACTORS, and nowhere
else: earlier findings and complaints come with the records that hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.kernel.coded import N_

MONTHS_FULL = 24  # never audited, or as long ago as this: the factor is full
CHANGES_FULL = 5
OVERDUE_FULL = 5


@dataclass(frozen=True)
class UnitFacts:
    """What is known of a unit on a day."""

    months_since: int | None = None  # none: never audited
    importance: int = 3
    changes: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Factor:
    """One thing that makes up risk: its code, its name, and how full it is."""

    code: str
    label: str
    fullness: Callable[[UnitFacts], float]


def _since(facts: UnitFacts) -> float:
    return 1.0 if facts.months_since is None else min(facts.months_since / MONTHS_FULL, 1.0)


FACTORS: tuple[Factor, ...] = (
    Factor("since", N_("Time since the last audit"), _since),
    Factor("importance", N_("Importance of the unit"), lambda facts: (facts.importance - 1) / 4),
    Factor(
        "changes",
        N_("Changes of its documents"),
        lambda facts: min(facts.changes / CHANGES_FULL, 1.0),
    ),
    Factor(
        "overdue",
        N_("What is overdue there"),
        lambda facts: min(facts.overdue / OVERDUE_FULL, 1.0),
    ),
)


@dataclass(frozen=True)
class Part:
    """What one factor adds to the risk of a unit."""

    factor: Factor
    weight: int
    points: float


@dataclass(frozen=True)
class Risk:
    """The risk of a unit from 1 to 99, and what it is made of."""

    score: int
    parts: tuple[Part, ...]
    facts: UnitFacts

    @property
    def due_month(self) -> int:
        """Give the month by whose end the first visit is due, as the planner counts it."""
        return 4 if self.score >= 76 else 8 if self.score >= 50 else 12


def risk_of(facts: UnitFacts, weights: Mapping[str, int]) -> Risk:
    """Weigh what is known of a unit."""
    total = sum(weights.get(factor.code, 0) for factor in FACTORS) or 1
    parts = tuple(
        Part(
            factor,
            weights.get(factor.code, 0),
            99 * weights.get(factor.code, 0) * factor.fullness(facts) / total,
        )
        for factor in FACTORS
    )
    return Risk(max(1, min(99, round(sum(part.points for part in parts)))), parts, facts)
