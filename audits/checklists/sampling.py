"""Drawing a sample: the same seed draws the same items, whoever draws (ISO 19011, A.6; b32, L22).

At random: every place n of the population is given the SHA-256 of "seed:n", and the places with the
smallest digests are drawn. Every so many: the first place follows from the seed, the others stand
at even distances. Both can be checked with any tool that makes a SHA-256.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from audits.models import SampleMethod

LEAST = 3


def usual_size(population: int) -> int:
    """Propose how many to look at: the square root, three at least."""
    return min(population, max(LEAST, math.ceil(math.sqrt(population))))


def places(population: int, size: int, seed: str, method: SampleMethod) -> list[int]:
    """Give the places drawn, counted from 1, in their order; of a judgement there are none."""
    if method is SampleMethod.RANDOM:
        by_digest = sorted(range(1, population + 1), key=lambda place: _digest(f"{seed}:{place}"))
        return sorted(by_digest[:size])
    if method is SampleMethod.SYSTEMATIC:
        first = int(_digest(seed), 16) % population
        return sorted((first + step * population // size) % population + 1 for step in range(size))
    return []


def draw(
    population: int, size: int, seed: str, method: SampleMethod, listed: Sequence[str] = ()
) -> list[str]:
    """Give the items drawn: by name where the population is listed, otherwise by place."""
    found = places(population, size, seed, method)
    return [listed[place - 1] if listed else str(place) for place in found]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
