"""Scores of an audit: by section and in all, with weights; what does not apply is left out (b20).

How many points a grade is worth is our own choice and is shown beside every score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audits.models import Grade

POINTS: dict[Grade, int] = {
    Grade.CONFORMS: 100,
    Grade.STRENGTH: 100,
    Grade.OPPORTUNITY: 100,
    Grade.OBSERVATION: 75,
    Grade.MINOR: 25,
    Grade.MAJOR: 0,
}


@dataclass(frozen=True)
class Line:
    """One question that is asked: where it stands, what it weighs, the grade that counts."""

    section: str
    weight: int
    grade: Grade | None
    is_undecided: bool = False  # several graded it otherwise, and the lead has not decided


@dataclass(frozen=True)
class Score:
    """The score of a section or of the whole; None is "no score", never nought."""

    section: str
    points: float | None
    answered: int
    asked: int
    undecided: int = 0


def score_of(section: str, lines: Iterable[Line]) -> Score:
    """Weigh what was graded; nothing graded is no score."""
    found = list(lines)
    graded = [
        (line.weight, POINTS[line.grade])
        for line in found
        if line.grade is not None and line.grade is not Grade.NOT_APPLICABLE and line.weight
    ]
    weights = sum(weight for weight, _points in graded)
    points = sum(weight * worth for weight, worth in graded) / weights if weights else None
    return Score(
        section,
        points,
        sum(1 for line in found if line.grade is not None or line.is_undecided),
        len(found),
        sum(1 for line in found if line.is_undecided),
    )


def scores_of(lines: Iterable[Line]) -> tuple[Score, list[Score]]:
    """Give the score of the whole and of each section, in the order in which they are asked."""
    found = list(lines)
    sections = list(dict.fromkeys(line.section for line in found))
    return score_of("", found), [
        score_of(section, [line for line in found if line.section == section])
        for section in sections
    ]
