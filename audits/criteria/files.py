"""Reading the files of criteria: clauses, counterparts in later editions, of whom they are asked.

Every set of criteria comes in one format: standard, number, title_en, title_vi, parent.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.search import nfc
from audits.models.criteria import AskedOf, CriterionKind

HERE = Path(__file__).parent
# what comes with the product, in the order in which it is loaded
OWN: tuple[tuple[str, CriterionKind], ...] = (
    ("iso-9001-2008.csv", CriterionKind.STANDARD),
    ("iso.csv", CriterionKind.STANDARD),
    ("reform.csv", CriterionKind.REFORM),
)
COLUMNS = ("standard", "number", "title_en", "title_vi", "parent")
MOST_LINES = 5000


@dataclass(frozen=True)
class ClauseLine:
    """One line of a file of criteria."""

    number: str
    title_en: str
    title_vi: str
    parent: str


def read_criteria(text: str) -> dict[str, list[ClauseLine]]:
    """Read a file of criteria: the clauses of each standard in their order, faults by line."""
    found: dict[str, list[ClauseLine]] = defaultdict(list)
    reader = csv.DictReader(io.StringIO(nfc(text.removeprefix("\ufeff"))))
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise InvalidInput(
            N_("The first line must name the columns %(columns)s."), columns=", ".join(COLUMNS)
        )
    known: set[tuple[str, str]] = set()
    for place, row in enumerate(reader, start=2):
        if place > MOST_LINES:
            raise InvalidInput(N_("One file holds 5,000 clauses at most."))
        standard, number, parent = (_short(row[name]) for name in ("standard", "number", "parent"))
        if not standard or not number or len(standard) > 120 or len(number) > 40:
            raise InvalidInput(N_("Line %(line)s names no standard or no number."), line=place)
        if (standard, number) in known:
            raise InvalidInput(
                N_("Line %(line)s: %(number)s stands in the file twice."), line=place, number=number
            )
        if parent and (standard, parent) not in known:
            raise InvalidInput(
                N_("Line %(line)s: %(parent)s, which it belongs to, does not stand above it."),
                line=place,
                parent=parent,
            )
        known.add((standard, number))
        english, title = (_short(row[name])[:500] for name in ("title_en", "title_vi"))
        found[standard].append(ClauseLine(number, english, title, parent))
    if not found:
        raise InvalidInput(N_("The file holds no clause."))
    return dict(found)


def _short(text: str | None) -> str:
    return " ".join((text or "").split())


@cache
def own_file(name: str) -> str:
    """Give the text of a file that comes with the product."""
    return (HERE / name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(own_file(name))))


@cache
def counterparts() -> tuple[tuple[str, str, str, str], ...]:
    """Give the map between editions: standard and number, later standard and number."""
    names = ("standard", "number", "later_standard", "later_number")
    return tuple(
        (row[names[0]], row[names[1]], row[names[2]], row[names[3]])
        for row in _rows("editions.csv")
    )


@cache
def usually_asked() -> dict[tuple[str, str], AskedOf]:
    """Give of whom clauses are usually asked, as the file of the product says."""
    return {
        (row["standard"], row["number"]): AskedOf(row["asked_of"]) for row in _rows("asked.csv")
    }


def usual(standard: str, number: str) -> AskedOf:
    """Say of whom a clause is usually asked: what is said nearest above it counts."""
    said = usually_asked()
    parts = number.split(".")
    for length in range(len(parts), 0, -1):
        found = said.get((standard, ".".join(parts[:length])))
        if found is not None:
            return found
    return AskedOf.DEPARTMENTS
