"""A workbook as its author sees it: where each cell stands, merged, hidden, in which font (a52).

The master list a body brings is read by meaning, so place and look of its cells are kept here.
Run it only inside the workshop's limited children.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from documents.content.intake import Reason, Refused, check_size, kind_of
from documents.content.legacy_fonts import decoded, encoding_of
from documents.content.numbering import attribute, child, whole
from documents.content.office_intake import open_office
from documents.content.xlsx_reading import Workbook, attribute_of_relation, column_of, elements_of
from documents.content.xml_parts import local, parse_xml

MOST_SHEETS: Final = 40
MOST_ROWS: Final = 20_000
MOST_MERGES: Final = 20_000
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell: its text as typed (NFC, old fonts decoded), and how it was kept."""

    column: int
    text: str
    kind: str = "text"  # text, number, date, formula
    typed: str = ""  # what stood there before decoding, where that differs
    encoding: str = ""  # TCVN3 or VNI


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with words, by the number a person sees beside it."""

    number: int
    cells: tuple[SheetCell, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: first and last row (from 1), first and last column (from 0)."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    rows: tuple[SheetRow, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


class _Sheets(Workbook):
    """One walk over a workbook that keeps places and looks."""

    def read_sheets(self) -> list[Sheet]:
        """Walk the sheets in the order of the workbook."""
        self._read_styles()
        found = []
        listed = child(self._root, "sheets")
        for sheet in list(listed if listed is not None else ())[:MOST_SHEETS]:
            relation = self._relations.get(attribute_of_relation(sheet))
            if relation is None or relation.external or relation.target not in self._package:
                continue
            content = self._package.read(relation.target)
            found.append(
                Sheet(
                    name=unicodedata.normalize("NFC", attribute(sheet, "name")),
                    rows=tuple(self._sheet_rows(content, relation.target)),
                    merges=tuple(_merges(content, relation.target)),
                    hidden=attribute(sheet, "state") in ("hidden", "veryHidden"),
                )
            )
        return found

    def _read_styles(self) -> None:
        """Note the font of every style, and of every string typed in several."""
        self._fonts: list[str] = []
        part = self._part("/styles")
        if part is not None:
            root = parse_xml(self._package.read(part.target), part.target)
            fonts = child(root, "fonts")
            names = [
                attribute(child(each, "name"), "val")
                for each in (fonts if fonts is not None else ())
            ]
            styles = child(root, "cellXfs")
            for each in styles if styles is not None else ():
                at = whole(attribute(each, "fontId"), -1)
                self._fonts.append(names[at] if 0 <= at < len(names) else "")
        self._runs: dict[int, list[tuple[str, str]]] = {}
        part = self._part("/sharedstrings")
        if part is not None:
            content = self._package.read(part.target)
            for at, item in enumerate(elements_of(content, part.target, "si")):
                if runs := _legacy_runs(item):
                    self._runs[at] = runs

    def _sheet_rows(self, content: bytes, name: str) -> Iterator[SheetRow]:
        last = 0
        for count, row in enumerate(elements_of(content, name, "row")):
            if count >= MOST_ROWS:
                raise Refused(Reason.TOO_COMPLEX, "rows")
            number = whole(attribute(row, "r")) or last + 1
            last = number
            cells = tuple(self._sheet_cells(row))
            if cells:
                yield SheetRow(number, cells, attribute(row, "hidden") in ("1", "true"))

    def _sheet_cells(self, row: etree._Element) -> Iterator[SheetCell]:
        for place, element in enumerate(row):
            typed = self._raw(element)
            if not typed.strip():
                continue
            column = column_of(attribute(element, "r")) if attribute(element, "r") else place
            font = self._font(element)
            text, encoding = self._in_unicode(element, typed, font)
            kind = self._kind(element)
            yield SheetCell(column, text, kind, typed if encoding else "", encoding)

    def _raw(self, element: etree._Element) -> str:
        """Give the text of a cell without bringing it into the composed form first."""
        text = self._cell(element)
        if attribute(element, "t") == "s":
            value = child(element, "v")
            raw = (value.text or "") if value is not None else ""
            return self._value(raw, "s", element)
        return text

    def _font(self, element: etree._Element) -> str:
        style = whole(attribute(element, "s"))
        return self._fonts[style] if style < len(self._fonts) else ""

    def _in_unicode(self, element: etree._Element, typed: str, font: str) -> tuple[str, str]:
        value = child(element, "v")
        runs = None
        if attribute(element, "t") == "s" and value is not None:
            runs = self._runs.get(whole(value.text or "", -1))
        if runs:
            text = "".join(decoded(part, own or font) for part, own in runs)
            fonts = [own or font for part, own in runs if not part.isascii()]
        else:
            text = decoded(typed, font)
            fonts = [font] if not typed.isascii() else []
        encoding = next((found for each in fonts if (found := encoding_of(each))), "")
        return unicodedata.normalize("NFC", text), encoding

    def _kind(self, element: etree._Element) -> str:
        if child(element, "f") is not None:
            return "formula"
        kind = attribute(element, "t")
        if kind in ("", "n"):
            style = whole(attribute(element, "s"))
            dated = style < len(self._dates) and self._dates[style]
            return "date" if dated else "number"
        return "date" if kind == "d" else "text"


def _legacy_runs(item: etree._Element) -> list[tuple[str, str]]:
    """Give the runs of a string with their fonts, where one of them is older than Unicode."""
    runs: list[tuple[str, str]] = []
    for each in item:
        if local(each) == "r":
            font = attribute(child(child(each, "rPr"), "rFont"), "val")
            text = child(each, "t")
            runs.append(((text.text or "") if text is not None else "", font))
    return runs if any(encoding_of(font) for _text, font in runs) else []


def _merges(content: bytes, name: str) -> Iterator[Merge]:
    for count, each in enumerate(elements_of(content, name, "mergeCell")):
        found = _REFERENCE.fullmatch(attribute(each, "ref"))
        if count >= MOST_MERGES:
            return
        if found is None or found[3] is None:
            continue
        yield Merge(int(found[2]), column_of(found[1]), int(found[4]), column_of(found[3]))


def read_sheets(path: Path, name: str) -> list[Sheet]:
    """Check a workbook and read its sheets; Refused with the reason to tell."""
    if kind_of(name).kind != "xlsx":
        raise Refused(Reason.TYPE_NOT_ALLOWED, "list")
    check_size(path)
    try:
        return _Sheets(open_office(path.read_bytes(), "xlsx")).read_sheets()
    except (MemoryError, RecursionError) as error:
        raise Refused(Reason.TOO_COMPLEX, type(error).__name__) from None


def sheets_to_plain(sheets: list[Sheet]) -> list[dict[str, Any]]:
    """Give sheets as plain values for a message or a database."""
    return [dataclasses.asdict(sheet) for sheet in sheets]


def sheets_from_plain(bare: list[dict[str, Any]]) -> list[Sheet]:
    """Build sheets again from plain values; KeyError or TypeError when they are none."""
    return [
        Sheet(
            name=sheet["name"],
            rows=tuple(
                SheetRow(
                    row["number"],
                    tuple(SheetCell(**cell) for cell in row["cells"]),
                    row["hidden"],
                )
                for row in sheet["rows"]
            ),
            merges=tuple(Merge(**merge) for merge in sheet["merges"]),
            hidden=sheet["hidden"],
        )
        for sheet in bare
    ]
