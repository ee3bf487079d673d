"""Automatic numbers of Word paragraphs, counted as Word shows them (ISO 9001:2015, 7.5.2 a)."""

import re
from dataclasses import dataclass, field

from lxml import etree

from documents.content.xml_parts import local

_LEVELS = 9
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def attribute(element: etree._Element | None, name: str) -> str:
    """Return an attribute by its local name, whatever namespace it was written in; '' if none."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child with this local name."""
    if element is None:
        return None
    ending = "}" + name
    for each in element:  # asked for a million times in a long file, so by the plain letters
        tag = each.tag
        if isinstance(tag, str) and (tag.endswith(ending) or tag == name):
            return each
    return None


def whole(text: str, default: int = 0, *, most: int = 1_000_000) -> int:
    """Return a whole number between 0 and `most`, or the default when it is not one."""
    found = re.fullmatch(r"\s*(-?\d{1,10})\s*", text)
    return max(0, min(int(found[1]), most)) if found else default


@dataclass(slots=True)
class Level:
    """How one level of a list counts."""

    start: int = 1
    kind: str = "decimal"
    pattern: str = ""
    legal: bool = False
    style: str = ""
    restart: int | None = None

    def restarts_after(self, at: int) -> bool:
        """Say whether a paragraph at a level above lets this one begin anew."""
        return self.restart is None or at < self.restart


@dataclass(slots=True)
class _List:
    levels: dict[int, Level] = field(default_factory=dict)
    counts: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


def _written(value: int, kind: str) -> str:
    if kind in ("lowerRoman", "upperRoman"):
        text = ""
        for number, letters in _ROMAN:
            while value >= number and len(text) < 20:
                text, value = text + letters, value - number
        return text.upper() if kind == "upperRoman" else text
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (max(value, 1) - 1) % 26) * (1 + (max(value, 1) - 1) // 26 % 10)
        return letter.upper() if kind == "upperLetter" else letter
    if kind == "ordinal":
        special = {1: "st", 2: "nd", 3: "rd"} if value % 100 not in (11, 12, 13) else {}
        return f"{value}{special.get(value % 10, 'th')}"
    return f"{value:02}" if kind == "decimalZero" else str(value)


def _sign(pattern: str) -> str:
    """Return what stands before a paragraph: words typed as its sign, '-' for any mere sign."""
    return pattern if any(char.isalnum() and char.isascii() for char in pattern[1:]) else "-"


class Numbering:
    """The lists of one document; `label` counts on with each call, in reading order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._numbers: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
        self._begun: set[tuple[str, int]] = set()
        styled: dict[str, _List] = {}
        borrowing: dict[str, str] = {}
        for each in root if root is not None else ():
            if local(each) == "abstractNum":
                key = attribute(each, "abstractNumId")
                self._lists[key] = _List(dict(map(_level, _lvls(each))))
                if named := attribute(child(each, "styleLink"), "val"):
                    styled[named] = self._lists[key]
                if lent := attribute(child(each, "numStyleLink"), "val"):
                    borrowing[key] = lent
        for key, named in borrowing.items():  # its levels stand where the list style is defined
            self._lists[key] = styled.get(named, self._lists[key])
        for each in root if root is not None else ():
            if local(each) == "num":
                self._number(each)

    def _number(self, element: etree._Element) -> None:
        levels: dict[int, Level] = {}
        starts: dict[int, int] = {}
        for each in element:
            if local(each) != "lvlOverride":
                continue
            at = whole(attribute(each, "ilvl"), most=_LEVELS - 1)
            if (inner := child(each, "lvl")) is not None:
                levels[at] = _level(inner)[1]
            if (start := child(each, "startOverride")) is not None:
                starts[at] = whole(attribute(start, "val"))
        abstract = attribute(child(element, "abstractNumId"), "val")
        self._numbers[attribute(element, "numId")] = (abstract, levels, starts)

    def style_level(self, number: str, style: str) -> int:
        """Return the level of a list that is bound to a paragraph style; 0 when none is."""
        abstract, _levels, _starts = self._numbers.get(number, ("", {}, {}))
        levels = self._lists.get(abstract, _List()).levels
        return next((at for at, level in levels.items() if level.style == style), 0)

    def label(self, number: str, at: int) -> tuple[str, str]:
        """Count one paragraph; return its label as shown ('5.1.') and the kind of its level."""
        abstract, own, starts = self._numbers.get(number, ("", {}, {}))
        listing = self._lists.get(abstract)
        if listing is None:
            return "", ""
        at = min(at, _LEVELS - 1)
        levels = {**listing.levels, **own}
        level = levels.get(at, Level(pattern=f"%{at + 1}."))
        count = listing.counts[at]
        listing.counts[at] = level.start if count is None else count + 1
        if at in starts and (number, at) not in self._begun:
            self._begun.add((number, at))
            listing.counts[at] = starts[at]
        for upper in range(at):  # a level that was skipped counts as begun
            if listing.counts[upper] is None:
                listing.counts[upper] = levels.get(upper, Level()).start
        for lower in range(at + 1, _LEVELS):
            if levels.get(lower, Level()).restarts_after(at):
                listing.counts[lower] = None
        if level.kind == "bullet":
            return _sign(level.pattern), level.kind
        return self._shown(level, levels, listing.counts), level.kind

    @staticmethod
    def _shown(level: Level, levels: dict[int, Level], counts: list[int | None]) -> str:
        def one(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            other = levels.get(at, Level())
            if other.kind in ("bullet", "none"):
                return ""
            count = counts[at]
            value = other.start if count is None else count
            return _written(value, "decimal" if level.legal else other.kind)

        return re.sub(r"%([1-9])", one, level.pattern[:60])


def _lvls(element: etree._Element) -> list[etree._Element]:
    return [each for each in element if local(each) == "lvl"]


def _level(element: etree._Element) -> tuple[int, Level]:
    at = whole(attribute(element, "ilvl"), most=_LEVELS - 1)
    legal = child(element, "isLgl")
    restart = child(element, "lvlRestart")
    return at, Level(
        start=whole(attribute(child(element, "start"), "val")),
        kind=attribute(child(element, "numFmt"), "val") or "decimal",
        pattern=attribute(child(element, "lvlText"), "val"),
        legal=legal is not None and attribute(legal, "val") not in ("0", "false"),
        style=attribute(child(element, "pStyle"), "val"),
        restart=None if restart is None else whole(attribute(restart, "val"), most=_LEVELS),
    )
