"""Which unit a list means: misspelt ones and ones from before a merger, with a proposal (O3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final

from app.kernel.search import fold, spelled

_NEAR: Final = 0.8
_ABBREVIATED: Final = (
    (r"\bubnd\b", "uy ban nhan dan"),
    (r"\bhdnd\b", "hoi dong nhan dan"),
    (r"\bvp\b", "van phong"),
    (r"\bp\b", "phong"),
    (r"\bttphcc\b|\bttpvhcc\b|\btt pvhcc\b", "trung tam phuc vu hanh chinh cong"),
    (r"\btt\b", "trung tam"),
    (r"\bbp\b", "bo phan"),
    (r"\bvh\b", "van hoa"),
    (r"\bxh\b", "xa hoi"),
    (r"\bkt\b", "kinh te"),
    (r"\bht\b", "ha tang"),
    (r"\bdt\b", "do thi"),
    (r"\btp\b", "tu phap"),
    (r"\bva\b|\bcua\b", " "),
)
_OLD_BODY: Final = re.compile(r"^(?:uy ban nhan dan )?(?:phuong|xa|thi tran|huyen|quan|thi xa)\b")


class UnitFound(StrEnum):
    """How a unit was found."""

    GIVEN_NONE = "none"
    EXACT = "exact"
    MISSPELT = "misspelt"
    BEFORE_MERGER = "before_merger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit of the body as the list is read against it."""

    id: int
    code: str
    name: str
    is_active: bool = True
    successor_id: int | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """What a list's words for a unit come to; `unit` is found or proposed."""

    found: UnitFound
    unit: KnownUnit | None = None
    former: KnownUnit | None = None


@lru_cache(4096)
def _exact(text: str) -> str:
    return " ".join(spelled(text.replace("Ủy", "Uỷ").replace("ủy", "uỷ")))


@lru_cache(4096)
def _expanded(text: str) -> str:
    bare = " ".join(re.findall(r"[^\W_]+", fold(text)))
    for short, long in _ABBREVIATED:
        bare = re.sub(short, long, bare)
    return " ".join(bare.split())


def find_unit(typed: str, units: list[KnownUnit]) -> UnitMatch:
    """Find the unit a list names, by name or code; else the one it most likely means."""
    if not typed.strip():
        return UnitMatch(UnitFound.GIVEN_NONE)
    wanted = _exact(typed)
    for unit in units:
        same = wanted == _exact(unit.name) or typed.strip().casefold() == unit.code.casefold()
        if same and unit.is_active:
            return UnitMatch(UnitFound.EXACT, unit)
    for unit in units:
        if not unit.is_active and wanted == _exact(unit.name):
            return UnitMatch(UnitFound.BEFORE_MERGER, _successor(unit, units), unit)
    return _likely(_expanded(typed), units)


def _likely(wanted: str, units: list[KnownUnit]) -> UnitMatch:
    scored = sorted(
        ((SequenceMatcher(None, wanted, _expanded(unit.name)).ratio(), unit) for unit in units),
        key=lambda pair: (-pair[0], not pair[1].is_active),
    )
    best, unit = scored[0] if scored else (0.0, None)
    if unit is not None and best >= _NEAR and not _another_place(wanted, unit):
        if unit.is_active:
            return UnitMatch(UnitFound.MISSPELT, unit)
        return UnitMatch(UnitFound.BEFORE_MERGER, _successor(unit, units), unit)
    root = next((unit for unit in units if unit.is_root), None)
    if root is not None and _OLD_BODY.match(wanted):
        return UnitMatch(UnitFound.BEFORE_MERGER, root)
    overlap = sorted(
        (
            (_shared_words(wanted, unit), unit)
            for unit in units
            if unit.is_active and not unit.is_root
        ),
        key=lambda pair: -pair[0],
    )
    if overlap and overlap[0][0] >= 0.5:
        return UnitMatch(UnitFound.BEFORE_MERGER, overlap[0][1])
    if (heir := _usual_heir(wanted, units)) is not None:
        return UnitMatch(UnitFound.BEFORE_MERGER, heir)
    return UnitMatch(UnitFound.UNKNOWN)


def _another_place(wanted: str, unit: KnownUnit) -> bool:
    """Say whether two places differ by name only: phường An Bình is not phường An Hòa misspelt."""
    if not _OLD_BODY.match(wanted):
        return False
    ours = _expanded(unit.name).split()
    theirs = wanted.split()
    return any(
        SequenceMatcher(None, one, other).ratio() < 0.6
        for one, other in zip(reversed(ours), reversed(theirs), strict=False)
    )


# who usually took over from the departments of districts and the officials of communes in 2025
_USUAL_HEIRS: Final = (
    (r"mot cua|tra ket qua", r"hanh chinh cong"),
    (r"tu phap|ho tich|thanh tra|thong ke|van phong", r"tu phap|van phong"),
    (
        r"lao dong|thuong binh|giao duc|y te|van hoa|thong tin|noi vu|the thao|ton giao",
        r"van hoa|xa hoi",
    ),
    (
        r"tai chinh|ke hoach|tai nguyen|moi truong|nong nghiep|dia chinh|xay dung|do thi"
        r"|cong thuong|kinh te|giao thong|ha tang|thuy loi",
        r"kinh te|ha tang|do thi",
    ),
)


def _usual_heir(wanted: str, units: list[KnownUnit]) -> KnownUnit | None:
    """Give the unit of today that usually does what a unit of before did; a proposal only."""
    if not re.match(r"(?:phong|ban|bo phan|to|cong chuc|trung tam|can bo)\b", wanted):
        return None
    for former, today in _USUAL_HEIRS:
        if re.search(former, wanted):
            for unit in units:
                if unit.is_active and not unit.is_root and re.search(today, _expanded(unit.name)):
                    return unit
    return None


_COMMON: Final = frozenset(
    ("phong", "ban", "bo", "phan", "to", "doi", "trung", "tam", "van", "don", "vi", "cong", "chuc")
)


def _shared_words(wanted: str, unit: KnownUnit) -> float:
    mine = [word for word in wanted.split() if word not in _COMMON]
    theirs = set(_expanded(unit.name).split())
    return sum(word in theirs for word in mine) / len(mine) if mine else 0.0


def _successor(unit: KnownUnit, units: list[KnownUnit]) -> KnownUnit | None:
    """Give who took over a unit, through any number of mergers; the body where nobody is named."""
    by_id = {each.id: each for each in units}
    seen: set[int] = set()
    here: KnownUnit | None = unit
    while here is not None and not here.is_active and here.id not in seen:
        seen.add(here.id)
        here = by_id.get(here.successor_id or -1)
    return here or next((each for each in units if each.is_root), None)


def unit_of_code(code: str, units: list[KnownUnit]) -> KnownUnit | None:
    """Give the unit whose code stands in a document's code; the body where none does."""
    parts = {part.casefold() for part in re.split(r"[-./ _]", code) if not part.isdigit()}
    for unit in units:
        if unit.is_active and not unit.is_root and unit.code.casefold() in parts:
            return unit
    return next((unit for unit in units if unit.is_root), None)
