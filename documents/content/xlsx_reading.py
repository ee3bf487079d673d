"""The words of a workbook, sheet by sheet, read as a stream (ISO 9001:2015, 7.5.3.1 a).

Merged ranges are never filled: a range of a million cells costs as much as one.
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from lxml import etree

from documents.content.blocks import Block, Cell
from documents.content.intake import Reason, Refused
from documents.content.numbering import attribute, child, whole
from documents.content.office_intake import Relation, main_part, relations
from documents.content.package import Package
from documents.content.story import Story
from documents.content.xml_parts import local, parse_xml, refusal_of

MOST_CELLS = 200_000
MOST_LETTERS = 20_000_000
MOST_COLUMNS = 256
_MOST_CELL = 32_767
_BUILT_IN_DATES = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_DATE_LETTERS = re.compile(r"[dmy]", re.I)
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


class _Budget:
    """How much may still be taken from one workbook."""

    def __init__(self) -> None:
        self.cells = MOST_CELLS
        self.letters = MOST_LETTERS

    def take(self, text: str) -> None:
        """Count one cell; Refused(too-complex) when a workbook goes on and on."""
        self.cells -= 1
        self.letters -= len(text)
        if self.cells < 0 or self.letters < 0:
            raise Refused(Reason.TOO_COMPLEX, "cells")


def elements_of(content: bytes, name: str, ending: str) -> Iterator[etree._Element]:
    """Yield the elements of one name as they close; forget each after its use."""
    events = etree.iterparse(
        io.BytesIO(content),
        events=("end",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        for _event, element in events:
            if local(element) == ending:
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        raise refusal_of(error, name) from None


def _words(element: etree._Element) -> str:
    """Return the text of a string item without its phonetic helps."""
    parts: list[str] = []
    for each in element:
        kind = local(each)
        if kind == "t":
            parts.append(each.text or "")
        elif kind == "r":
            parts.append(_words(each))
    return "".join(parts)[:_MOST_CELL]


class Workbook:
    """One walk over one workbook; use `read_xlsx`."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = main_part(package)
        self._relations = {each.key: each for each in relations(package, self._main)}
        self._budget = _Budget()
        self._decomposed = False
        self._root = parse_xml(package.read(self._main), self._main)
        self._epoch = datetime(1904, 1, 1) if self._is_1904() else datetime(1899, 12, 30)  # noqa: DTZ001 - days of a sheet have no zone
        self._strings = list(self._shared())
        self._dates = self._date_styles()

    def _is_1904(self) -> bool:
        return attribute(child(self._root, "workbookPr"), "date1904") in ("1", "true")

    def _part(self, ending: str) -> Relation | None:
        for each in self._relations.values():
            if each.kind.endswith(ending) and not each.external and each.target in self._package:
                return each
        return None

    def _shared(self) -> Iterator[str]:
        part = self._part("/sharedstrings")
        if part is None:
            return
        letters = 0
        for element in elements_of(self._package.read(part.target), part.target, "si"):
            text = _words(element)
            letters += len(text) + 8
            if letters > MOST_LETTERS:
                raise Refused(Reason.TOO_COMPLEX, "shared strings")
            yield text

    def _date_styles(self) -> list[bool]:
        part = self._part("/styles")
        if part is None:
            return []
        root = parse_xml(self._package.read(part.target), part.target)
        own: dict[int, bool] = {}
        formats = child(root, "numFmts")
        for each in formats if formats is not None else ():
            bare = _LITERAL.sub("", attribute(each, "formatCode")[:200])
            own[whole(attribute(each, "numFmtId"))] = bool(_DATE_LETTERS.search(bare))
        cells = child(root, "cellXfs")
        found = cells if cells is not None else ()
        numbers = (whole(attribute(each, "numFmtId")) for each in found)
        return [own.get(number, number in _BUILT_IN_DATES) for number in numbers]

    def read(self) -> Story:
        """Walk the sheets in the order of the workbook."""
        story = Story()
        sheets = child(self._root, "sheets")
        for sheet in sheets if sheets is not None else ():
            relation = self._relations.get(attribute_of_relation(sheet))
            if relation is None or relation.external or relation.target not in self._package:
                continue
            story.blocks.append(Block("heading", attribute(sheet, "name"), 1))
            rows = tuple(self._rows(relation.target))
            if rows:
                story.blocks.append(Block("table", rows=rows))
        for each in self._drawings():
            story.textboxes.append(each)
        story.encoding = "NFD" if self._decomposed else "NFC"
        return story

    def _rows(self, name: str) -> Iterator[tuple[Cell, ...]]:
        content = self._package.read(name)
        for row in elements_of(content, name, "row"):
            cells = self._cells(row)
            if cells:
                yield tuple(cells)

    def _cells(self, row: etree._Element) -> list[Cell]:
        """Return a row up to its last word; an empty cell before it keeps its place."""
        cells: list[Cell] = []
        for place, element in enumerate(row):
            text = self._cell(element)
            if not text:
                continue
            column = min(column_of(attribute(element, "r")) or place, MOST_COLUMNS)
            for _gap in range(len(cells), column):
                self._budget.take("")
                cells.append(Cell(""))
            cells.append(Cell(text))
        return cells

    def _cell(self, element: etree._Element) -> str:
        kind = attribute(element, "t")
        if kind == "inlineStr":
            inline = child(element, "is")
            text = _words(inline) if inline is not None else ""
        else:
            value = child(element, "v")
            text = self._value((value.text or "") if value is not None else "", kind, element)
        self._budget.take(text)
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            self._decomposed = True
        return unicodedata.normalize("NFC", text)

    def _value(self, value: str, kind: str, element: etree._Element) -> str:
        if kind == "s":
            at = whole(value, -1 if not value else 0, most=len(self._strings))
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind in ("str", "e", "d"):
            return value[:_MOST_CELL]
        style = whole(attribute(element, "s"))
        if style < len(self._dates) and self._dates[style]:
            return self._day(value)
        return value[:_MOST_CELL]

    def _day(self, value: str) -> str:
        try:
            moment = self._epoch + timedelta(days=float(value))
        except (ValueError, OverflowError):
            return value[:_MOST_CELL]
        if moment.year < 1900:
            return value
        midnight = moment.hour == moment.minute == moment.second == 0
        return date.isoformat(moment) if midnight else moment.isoformat(" ", "minutes")

    def _drawings(self) -> Iterator[str]:
        for name in self._package.names():
            if not re.fullmatch(r"xl/drawings/drawing\d+\.xml", name):
                continue
            for body in elements_of(self._package.read(name), name, "txBody"):
                lines = ("".join(t.text or "" for t in p.iter("{*}t")) for p in body.iter("{*}p"))
                text = unicodedata.normalize("NFC", "\n".join(lines)).strip()
                if text:
                    yield text[:_MOST_CELL]


def column_of(reference: str) -> int:
    """Return the column of a cell such as `C7`, counted from 0; 0 when it does not say."""
    column = 0
    for letter in reference[:3].upper():
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return max(column - 1, 0)


def attribute_of_relation(element: etree._Element) -> str:
    """Return the relationship id of an element, in the plain or the strict namespace."""
    for key, value in element.attrib.items():
        if str(key).endswith("relationships}id"):
            return str(value)
    return ""


def read_xlsx(package: Package) -> Story:
    """Return the words of a checked .xlsx; Refused(damaged | too-complex | xml-entity)."""
    return Workbook(package).read()
