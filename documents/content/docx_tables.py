"""The body of a Word file in pieces, and its tables row by row (ISO 9001:2015, 7.5.3.1 a).

A long file is never held as a whole tree: that would take ten times its size.
"""

import io
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from documents.content.blocks import Block, Cell
from documents.content.intake import Reason, Refused
from documents.content.numbering import attribute, child, whole
from documents.content.xml_parts import check_xml, local, refusal_of

_MOST_SPAN: Final = 64
_WRAPPERS: Final = ("customXml", "ins", "moveTo", "smartTag")
_PIECES: Final = ("p", "tbl", "sdt", "AlternateContent", "altChunk", "dir", "bdo", *_WRAPPERS)
_ROWS: Final = ("tr", "sdt", *_WRAPPERS)

Words = Callable[[etree._Element], tuple[str, str]]


def body_pieces(xml: bytes, name: str) -> Iterator[tuple[bool, etree._Element]]:
    """Yield the pieces of the body as they close: (False, block) or (True, rows of a table).

    The rows of a table come before the table itself, which is empty by then.
    """
    check_xml(xml, name)
    events = etree.iterparse(
        io.BytesIO(xml),
        events=("end",),
        tag=[f"{{*}}{each}" for each in {*_PIECES, *_ROWS, "body"}],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    found = False
    try:
        for _event, element in events:
            kind = local(element)
            above = element.getparent()
            if above is None:
                continue
            if local(above) == "body" and _is_root(above.getparent()) and kind in _PIECES:
                yield False, element
            elif local(above) == "tbl" and kind in _ROWS and _of_body(above):
                yield True, element
            else:
                found = found or (kind == "body" and _is_root(above))
                continue
            element.clear(keep_tail=True)
            while element.getprevious() is not None:
                del above[0]
    except etree.XMLSyntaxError as error:
        raise refusal_of(error, name) from None
    if getattr(events.root.getroottree().docinfo, "doctype", ""):
        raise Refused(Reason.XML_ENTITY, name[:80])
    if not found:
        raise Refused(Reason.DAMAGED, "no body")


def _is_root(element: etree._Element | None) -> bool:
    return element is not None and element.getparent() is None


def _of_body(table: etree._Element) -> bool:
    above = table.getparent()
    return above is not None and local(above) == "body" and _is_root(above.getparent())


def inside(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield rows or cells, also those wrapped in content controls, tags or insertions."""
    for each in element:
        kind = local(each)
        if kind == name:
            yield each
        elif kind == "sdt":
            yield from inside(content(each), name)
        elif kind in _WRAPPERS:
            yield from inside(each, name)


def content(control: etree._Element) -> etree._Element:
    """Return what stands in a content control."""
    found = child(control, "sdtContent")
    return control if found is None else found


class TableRows:
    """One table while its rows are read; `words` reads the words and the look of a cell."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._rows: list[list[Cell]] = []
        self._open: dict[int, tuple[int, int]] = {}  # column -> row and place of the merged cell

    def taken(self, table: etree._Element) -> Block:
        """Read what rows are left in the table; return it whole."""
        for element in inside(table, "tr"):
            self._row(element)
        return Block(kind="table", rows=tuple(tuple(row) for row in self._rows if row))

    def take(self, element: etree._Element) -> None:
        """Read one row, or the rows in a content control, a tag or an insertion."""
        if local(element) == "tr":
            self._row(element)
            return
        for row in inside(content(element) if local(element) == "sdt" else element, "tr"):
            self._row(row)

    def _row(self, element: etree._Element) -> None:
        self._rows.append([])
        properties = child(element, "trPr")
        column = whole(attribute(child(properties, "gridBefore"), "val"), most=_MOST_SPAN)
        for cell in inside(element, "tc"):
            column = self._cell(cell, column)
        if child(properties, "del") is not None:
            self._rows[-1] = []

    def _cell(self, element: etree._Element, column: int) -> int:
        rows = self._rows
        properties = child(element, "tcPr")
        span = max(whole(attribute(child(properties, "gridSpan"), "val"), 1, most=_MOST_SPAN), 1)
        merged = child(properties, "vMerge")
        text, look = self._words(element)
        continues = merged is not None and attribute(merged, "val") != "restart"
        if continues and column in self._open:
            at, place = self._open[column]
            if place >= len(rows[at]):
                return column + span  # the row above it was deleted
            above = rows[at][place]
            both = f"{above.text}\n{text}" if text else above.text
            rows[at][place] = Cell(both, above.colspan, len(rows) - at, above.look)
            return column + span
        self._open.pop(column, None)
        if merged is not None:
            self._open[column] = (len(rows) - 1, len(rows[-1]))
        rows[-1].append(Cell(text, span, look=look))
        return column + span
