"""A Word file with the changes between two readings as tracked changes (ISO 9001:2015, 7.5.3.2 c).

Accepting them all gives the words of the new text, rejecting them all those of the old one.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from documents.content.changes import Comparison, RedlineRow
from documents.content.word_difference import Spans

_SPACE: Final = "http://schemas.openxmlformats.org"
_WORD: Final = f'xmlns:w="{_SPACE}/wordprocessingml/2006/main"'
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEADINGS: Final = 9


@dataclass(frozen=True, slots=True)
class Hand:
    """Who the changes are told of, and when they were made."""

    author: str
    made_at: datetime


class _Writer:
    """One document while it is written; every change gets a number of its own."""

    def __init__(self, comparison: Comparison, hand: Hand) -> None:
        self._rows = comparison.rows
        moment = hand.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._by = f"w:author={quoteattr(_clean(hand.author))} w:date={quoteattr(moment)}"
        self._last = 0
        self.labels: dict[str, int] = {}

    def body(self) -> str:
        """Return the paragraphs and tables of the whole merged text."""
        parts: list[str] = []
        table: list[RedlineRow] = []
        for row in self._rows:
            if table and (row.kind != "row" or row.begins_table):
                parts.append(self._table(table))
                table = []
            if row.kind == "row":
                table.append(row)
            else:
                parts.append(self._paragraph(row))
        if table:
            parts.append(self._table(table))
        return "".join(parts)

    def _mark(self, name: str, inside: str | None = None, more: str = "") -> str:
        """Return `w:ins` and its like around something, or empty where it only marks."""
        self._last += 1
        head = f'<w:{name} w:id="{self._last}"{more} {self._by}'
        return f"{head}/>" if inside is None else f"{head}>{inside}</w:{name}>"

    def _paragraph(self, row: RedlineRow) -> str:
        heading = row.kind == "heading"
        style = f'<w:pStyle w:val="Heading{min(max(row.level, 1), _HEADINGS)}"/>' if heading else ""
        listing = ""
        if not heading and row.number:
            at = self.labels.setdefault(row.number, len(self.labels) + 1)
            listing = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{at}"/></w:numPr>'
        whole = {"insert": "ins", "delete": "del", "move_from": "moveFrom", "move_to": "moveTo"}
        kind = whole.get(row.act, "")
        mark = f"<w:rPr>{self._mark(kind)}</w:rPr>" if kind else ""
        runs = self._typed_number(row, kind) if heading else ""
        if kind:
            kept = "-" if kind in ("del", "moveFrom") else "+"
            text = "".join(words for act, words in row.spans if act in ("=", kept))
            runs += self._mark(kind, _run(text, deleted=kind == "del"))
        else:
            runs += self._runs(row.spans)
        paragraph = f"<w:p><w:pPr>{style}{listing}{mark}</w:pPr>{runs}</w:p>"
        return self._range(row, paragraph) if kind.startswith("move") else paragraph

    def _typed_number(self, row: RedlineRow, kind: str) -> str:
        """Return the number of a heading as it stands before it, changed where it changed."""
        before, after = (f"{each}. " if each else "" for each in (row.old_number, row.number))
        if kind:
            return self._mark(kind, _run(after, deleted=kind == "del")) if after else ""
        if before == after:
            return _run(after)
        return self._runs(tuple(span for span in (("-", before), ("+", after)) if span[1]))

    def _range(self, row: RedlineRow, paragraph: str) -> str:
        """Frame moved text, so that both places of one move are known to belong together."""
        side = "From" if row.act == "move_from" else "To"
        self._last += 1
        number = self._last
        name = f' w:name="move{row.move}"'
        start = f'<w:move{side}RangeStart w:id="{number}"{name} {self._by}/>'
        return f'{start}{paragraph}<w:move{side}RangeEnd w:id="{number}"/>'

    def _runs(self, spans: Iterable[tuple[str, str]]) -> str:
        return "".join(
            _run(text)
            if act == "="
            else self._mark("ins", _run(text))
            if act == "+"
            else self._mark("del", _run(text, deleted=True))
            for act, text in spans
        )

    def _table(self, rows: list[RedlineRow]) -> str:
        columns = max(len(row.cells) for row in rows)
        grid = "".join(f'<w:gridCol w:w="{9_000 // max(columns, 1)}"/>' for _ in range(columns))
        look = '<w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="5000" w:type="pct"/></w:tblPr>'
        lines = "".join(self._row(row, columns) for row in rows)
        # tables without a paragraph between them would become one
        return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl><w:p/>"

    def _row(self, row: RedlineRow, columns: int) -> str:
        kind = {"insert": "ins", "delete": "del"}.get(row.act, "")
        properties = f"<w:trPr>{self._mark(kind)}</w:trPr>" if kind else ""
        cells = "".join(self._cell(spans, kind) for spans in _filled(row.cells, columns))
        return f"<w:tr>{properties}{cells}</w:tr>"

    def _cell(self, spans: Spans, kind: str) -> str:
        mark = f"<w:pPr><w:rPr>{self._mark(kind)}</w:rPr></w:pPr>" if kind else ""
        return f"<w:tc><w:tcPr/><w:p>{mark}{self._runs(spans)}</w:p></w:tc>"


def _filled(cells: tuple[Spans, ...], columns: int) -> Iterator[Spans]:
    yield from cells
    yield from ((),) * (columns - len(cells))


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _run(text: str, *, deleted: bool = False) -> str:
    name = "delText" if deleted else "t"
    words = escape(_clean(text))
    return f'<w:r><w:{name} xml:space="preserve">{words}</w:{name}></w:r>' if words else ""


def _styles() -> str:
    font = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
    headings = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        '<w:basedOn w:val="Normal"/><w:pPr><w:keepNext/>'
        f'<w:outlineLvl w:val="{level - 1}"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>'
        for level in range(1, _HEADINGS + 1)
    )
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0"/>' for side in sides)
    return (
        f"{_HEAD}<w:styles {_WORD}><w:docDefaults><w:rPrDefault><w:rPr>{font}"
        '<w:sz w:val="26"/></w:rPr></w:rPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f'<w:pPr><w:spacing w:before="60" w:after="60"/></w:pPr></w:style>{headings}'
        '<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/>'
        f"<w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr></w:style></w:styles>"
    )


def _numbering(labels: dict[str, int]) -> str:
    """Return one list a label: each shows its sign or number and counts nothing."""
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{at}"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/>'
        f"<w:lvlText w:val={quoteattr(_clean(label))}/>"
        '<w:pPr><w:ind w:left="567" w:hanging="425"/></w:pPr></w:lvl></w:abstractNum>'
        for label, at in labels.items()
    )
    lists = "".join(
        f'<w:num w:numId="{at}"><w:abstractNumId w:val="{at}"/></w:num>' for at in labels.values()
    )
    return f"{_HEAD}<w:numbering {_WORD}>{kinds}{lists}</w:numbering>"


def _types() -> str:
    parts = (("document", "document.main"), ("styles", "styles"), ("numbering", "numbering"))
    named = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_KIND}.{kind}+xml"/>'
        for part, kind in parts
    )
    package = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_SPACE}/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{package}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _relations(*pairs: tuple[str, str]) -> str:
    base = f"{_SPACE}/officeDocument/2006/relationships"
    lines = "".join(
        f'<Relationship Id="rId{at}" Type="{base}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(pairs, 1)
    )
    space = f"{_SPACE}/package/2006/relationships"
    return f'{_HEAD}<Relationships xmlns="{space}">{lines}</Relationships>'


def tracked_docx(comparison: Comparison, hand: Hand) -> bytes:
    """Return the Word file; the same comparison and hand give the same bytes."""
    writer = _Writer(comparison, hand)
    body = writer.body()
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="851" '
        'w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    whole = f"<w:body>{body}{page}</w:body>"
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
        "word/document.xml": f"{_HEAD}<w:document {_WORD}>{whole}</w:document>",
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"), ("numbering", "numbering.xml")
        ),
        "word/styles.xml": _styles(),
        "word/numbering.xml": _numbering(writer.labels),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
