"""What a file brought from elsewhere shows besides its words: codes it claims, marks left in (a52).

Run it only inside the workshop's limited children, on a file that passed intake.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from documents.content.blocks import Reading
from documents.content.citations import plain_code
from documents.content.office_intake import open_office
from documents.content.proposal import (
    BARE_CODE,
    LABELLED_CODE,
    NOT_CODE,
    Sources,
)

_TRACKED: Final = re.compile(
    rb"<(?:\w+:)?(?:ins|del|moveFrom|moveTo|rPrChange|pPrChange|tblPrChange|sectPrChange|"
    rb"cellIns|cellDel|numberingChange)[\s/>]"
)
_COMMENTED: Final = re.compile(rb"<(?:\w+:)?comment[\s>]")
_ENDED: Final = re.compile(
    r"\bhết\s+hiệu\s+lực\b|\btài\s+liệu\s+lỗi\s+thời\b|\bđã\s+thu\s+hồi\b|\bđã\s+bãi\s+bỏ\b", re.I
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What a file shows about itself; `codes` are (place, code) as cover, boxes and margins say."""

    codes: tuple[tuple[str, str], ...] = ()
    tracked: bool = False
    comments: bool = False
    says_ended: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Give plain values for a message or a database."""
        return asdict(self)

    @classmethod
    def from_plain(cls, bare: dict[str, Any]) -> Signs:
        """Build signs again from plain values."""
        codes = tuple((str(place), str(code)) for place, code in bare["codes"])
        flags = {name: bool(bare[name]) for name in ("tracked", "comments", "says_ended")}
        return cls(codes=codes, **flags)


def signs_of(path: Path, reading: Reading) -> Signs:
    """Look at a file that was read for what its words alone do not tell."""
    tracked = comments = False
    kind = path_kind(path)
    if kind:
        package = open_office(path.read_bytes(), kind)
        for name in package.names():
            low = name.lower()
            if kind == "docx" and re.fullmatch(
                r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\d*\.xml", low
            ):
                tracked = tracked or _TRACKED.search(package.read(name)) is not None
            if re.fullmatch(r"(?:word|xl)/(?:comments|threadedcomments/\w+)\d*\.xml", low):
                comments = comments or _COMMENTED.search(package.read(name)) is not None
    places = _places(reading)
    return Signs(
        codes=tuple(_claims(places)),
        tracked=tracked,
        comments=comments,
        says_ended=any(_ENDED.search(text) for _place, text in places if len(text) < 120),
    )


def path_kind(path: Path) -> str:
    """Give docx or xlsx by what is inside; '' for others."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return ""
    data = path.read_bytes()
    return "docx" if b"word/document" in data else "xlsx" if b"xl/workbook" in data else ""


def _places(reading: Reading) -> list[tuple[str, str]]:
    empty = Sources(reading.blocks, (), (), ())
    found = [("cover", line) for line in list(empty.lines())[:300]]
    for box in reading.textboxes[:20]:
        found += [("box", line) for line in (*box.split("\n"), box.replace("\n", " "))]
    for place, texts in (("header", reading.header[:6]), ("footer", reading.footer[:6])):
        for text in texts:
            lines = (*text.split("\n"), text.replace("\n", " ; ").replace("\t", " "))
            found += [(place, line) for line in lines]
    return found


def _claims(places: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the codes a file claims for itself: labelled anywhere, bare ones in its margins."""
    claims: dict[tuple[str, str], None] = {}
    for place, line in places:
        for found in LABELLED_CODE.finditer(line):
            claims[place, plain_code(found[1])] = None
        if place in ("header", "footer"):
            for found in BARE_CODE.finditer(line):
                if not NOT_CODE.match(found[1]) and any(char.isdigit() for char in found[1]):
                    claims[place, plain_code(found[1])] = None
    return list(claims)
