"""What a paragraph of a Word file inherits: font, weight, outline, list (ISO 9001:2015, 7.5.2)."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from documents.content.numbering import attribute, child, whole
from documents.content.xml_parts import local

Shown = tuple[tuple[str, str], ...]

THEME: Final = "theme:"
_SWITCHES = frozenset(("i", "strike", "dstrike", "caps", "smallCaps"))
_SHOWN = frozenset(("u", "sz", "color", "highlight", "vertAlign"))
_HEADING = re.compile(r"(?:heading|tiêu đề|đề mục)\s*([1-9])$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """The few properties that matter for reading; None where nothing is said."""

    font: str | None = None
    bold: bool | None = None
    outline: int | None = None
    number: str | None = None
    level: int | None = None
    align: str | None = None
    shown: Shown = ()
    base: str = ""

    def over(self, under: "Look") -> "Look":
        """Return this look with its gaps filled from the one under it."""
        return _merged(self, under)


@functools.lru_cache(maxsize=8_192)
def _merged(look: Look, under: Look) -> Look:
    """Few looks differ within one file, so each pair is merged once."""
    return Look(
        font=under.font if look.font is None else look.font,
        bold=under.bold if look.bold is None else look.bold,
        outline=under.outline if look.outline is None else look.outline,
        number=under.number if look.number is None else look.number,
        level=under.level if look.level is None else look.level,
        align=under.align if look.align is None else look.align,
        shown=_over(look.shown, under.shown),
    )


def _over(shown: Shown, under: Shown) -> Shown:
    if not under:
        return shown
    return tuple(sorted({**dict(under), **dict(shown)}.items()))


def is_on(element: etree._Element | None) -> bool | None:
    """Return the value of a switch such as `w:b`; None when it is absent."""
    if element is None:
        return None
    return attribute(element, "val").lower() not in ("0", "false", "off", "none")


def run_look(properties: etree._Element | None) -> Look:
    """Return font, weight and what else a reader sees of a `w:rPr`."""
    font = bold = None
    shown: list[tuple[str, str]] = []
    for each in properties if properties is not None else ():
        kind = local(each)
        if kind == "rFonts":
            font = _font(each)
        elif kind == "b":
            bold = is_on(each)
        elif kind in _SWITCHES:
            shown.append((kind, "1" if is_on(each) else "0"))
        elif kind in _SHOWN:
            shown.append((kind, attribute(each, "val")))
    return Look(font=font, bold=bold, shown=tuple(sorted(shown)))


def _font(fonts: etree._Element) -> str | None:
    """Return the font of letters beyond ASCII, or `theme:minor` where the theme names it."""
    for name in ("hAnsi", "ascii"):
        theme = attribute(fonts, f"{name}Theme")
        if theme:
            return THEME + ("major" if theme.startswith("major") else "minor")
        if named := attribute(fonts, name):
            return named
    return None


def paragraph_look(properties: etree._Element | None) -> Look:
    """Return outline level and list of a `w:pPr`; outline 1 is the highest, 0 is body text."""
    outline = child(properties, "outlineLvl")
    level = whole(attribute(outline, "val"), 9) if outline is not None else None
    listing = child(properties, "numPr")
    number = child(listing, "numId")
    depth = child(listing, "ilvl")
    side = child(properties, "jc")
    return Look(
        outline=None if level is None else (level + 1 if level < 9 else 0),
        number=attribute(number, "val") if number is not None else None,
        level=whole(attribute(depth, "val"), most=8) if depth is not None else None,
        align=attribute(side, "val") if side is not None else None,
    )


class Styles:
    """The styles of one document, resolved along `basedOn` (20 steps at most)."""

    def __init__(self, root: etree._Element | None) -> None:
        self._looks: dict[str, Look] = {}
        self._known: dict[str, Look] = {}
        self._default = Look()
        self.normal = ""
        for each in root if root is not None else ():
            if local(each) == "docDefaults":
                self._default = run_look(child(child(each, "rPrDefault"), "rPr"))
            elif local(each) == "style":
                self._style(each)

    def _style(self, element: etree._Element) -> None:
        key = attribute(element, "styleId")
        run, paragraph = run_look(child(element, "rPr")), paragraph_look(child(element, "pPr"))
        outline = paragraph.outline
        named = _HEADING.match(attribute(child(element, "name"), "val"))
        if outline is None and named:
            outline = int(named[1])
        self._looks[key] = Look(
            font=run.font,
            bold=run.bold,
            outline=outline,
            number=paragraph.number,
            level=paragraph.level,
            align=paragraph.align,
            shown=run.shown,
            base=attribute(child(element, "basedOn"), "val"),
        )
        default = attribute(element, "default") in ("1", "true")
        if default and attribute(element, "type") == "paragraph":
            self.normal = key

    def _chain(self, key: str) -> Iterator[Look]:
        for _step in range(20):
            look = self._looks.get(key)
            if look is None:
                return
            yield look
            key = look.base

    def look(self, key: str) -> Look:
        """Return what a style says in the end, without the document's defaults."""
        if key not in self._known:
            found = Look()
            for each in self._chain(key):
                found = found.over(each)
            self._known[key] = found
        return self._known[key]

    def numbered_by(self, key: str) -> str:
        """Return the style of the chain that brings the list, since its level is bound to it."""
        for _step in range(20):
            look = self._looks.get(key)
            if look is None:
                return ""
            if look.number is not None:
                return key
            key = look.base
        return ""

    @property
    def default(self) -> Look:
        """What the document says where no style speaks."""
        return self._default
