"""What printed forms share: sheet, head, title, table, signatures, in the layout of Decree 30/2020.

Sizes, widths and places follow Appendix I of the decree; a builder puts its own values in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from docx import Document as new_docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT: Final = "Times New Roman"
NATION: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
UPRIGHT_WIDTH: Final = 165.0  # mm of text on an upright sheet
LYING_WIDTH: Final = 252.0
_CELL_SIDES: Final = 3.8  # mm Word keeps free in a cell, both sides together
_MOTTO_WIDTH: Final = 60.2  # mm at 14 pt bold
_CAPITAL: Final = 0.68  # of the type size: how wide a bold capital is, taken over a name
_HAND: Final = 85  # points for a hand and a seal: 30 mm
_FIXED: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the file itself carries no moment
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Head:
    """Who issues the sheet; number, place and day only where the form has them."""

    body: str
    superior: str = ""
    number: str = ""  # the whole line, such as "Số: 05/BB-UBND"
    place: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table: its name and its width in millimetres."""

    label: str
    width: float


@dataclass(frozen=True)
class Signer:
    """Who signs: the office in capitals, line by line, and the name below the signature."""

    offices: tuple[str, ...]
    name: str = ""


def figure(number: int) -> str:
    """Give a number as the decree writes it: one leading nought below ten."""
    return f"{number:02d}"


def vietnamese_day(place: str, day: date | None) -> str:
    """Give place and date as the decree spells them; dots where the day is not known yet."""
    if day is None:
        return f"{place}, ngày      tháng      năm"
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"


def short_day(day: date | None) -> str:
    """Give a date as tables show it."""
    return day.strftime("%d/%m/%Y") if day is not None else ""


class Sheet:
    """One printed form under construction, from its head to its signatures."""

    def __init__(self, title: str, *, lying: bool = False, foot: Sequence[str] = ()) -> None:
        self.docx = new_docx()
        self.width = LYING_WIDTH if lying else UPRIGHT_WIDTH
        self._page(lying=lying)
        self._fonts()
        self._numbered()
        self._foot(foot)
        properties = self.docx.core_properties
        properties.title, properties.author, properties.comments = printable(title)[:250], "", ""
        properties.created = properties.modified = _FIXED

    def head(self, head: Head) -> None:
        """Put the issuing body on the left, the State's name and motto on the right."""
        right = 101.0 if self.width == UPRIGHT_WIDTH else 118.0
        left = self.width - right
        rows = 2 if head.number or head.place else 1
        table = self._bare_table(rows, (left, right))
        cell, opposite = table.rows[0].cells
        body = head.body.upper()
        if head.superior:
            put(cell.paragraphs[0], head.superior.upper(), 13)
            put(cell.add_paragraph(), body, 13, bold=True)
        else:
            put(cell.paragraphs[0], body, 13, bold=True)
        room = left - _CELL_SIDES
        name = min(len(printable(body)) * _CAPITAL * 13 * 25.4 / 72, room)
        draw_rule(cell.add_paragraph(), name * 0.4, room)
        put(opposite.paragraphs[0], NATION, 13, bold=True)
        put(opposite.add_paragraph(), MOTTO, 14, bold=True)
        draw_rule(opposite.add_paragraph(), _MOTTO_WIDTH, right - _CELL_SIDES)
        if rows == 2:
            number, dated = table.rows[1].cells
            if head.number:
                put(number.paragraphs[0], head.number, 13)
            if head.place:
                line = vietnamese_day(head.place, head.day)
                put(dated.paragraphs[0], line, 14, italic=True)

    def title(self, kind: str, subject: str) -> None:
        """Put the name of the type and its subject, with the rule below (box 5a)."""
        put(self.docx.add_paragraph(), kind.upper(), 14, bold=True, before=14)
        put(self.docx.add_paragraph(), subject, 14, bold=True)
        width = min(len(printable(subject)) * 0.5 * 14 * 25.4 / 72, self.width)
        draw_rule(self.docx.add_paragraph(), width * 0.4, self.width)

    def appendix(self, title: str, goes_with: str) -> None:
        """Put the head of a form that goes with another text: a procedure, a decision."""
        put(self.docx.add_paragraph(), "Phụ lục", 14, bold=True, before=12)
        put(self.docx.add_paragraph(), title.upper(), 14, bold=True)
        put(self.docx.add_paragraph(), f"({goes_with})", 13, italic=True, after=8)

    def paragraph(self, text: str) -> Any:
        """Add a justified paragraph of the body, its first line in by 10 mm."""
        made = put(self.docx.add_paragraph(), text, 14, align=ALIGN.JUSTIFY, before=6)
        made.paragraph_format.first_line_indent = Mm(10)
        return made

    def line(self, text: str, *, bold: bool = False, size: float = 13) -> Any:
        """Add a line above or between tables, at the left margin."""
        return put(self.docx.add_paragraph(), text, size, bold=bold, align=ALIGN.LEFT, before=6,
                   after=4)  # fmt: skip

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, size: float = 12
    ) -> None:
        """Add a ruled table over the whole width: its head repeats, its rows do not split."""
        total = sum(column.width for column in columns)
        widths = [column.width * self.width / total for column in columns]
        table = self._grid(len(columns), widths)
        for cell, column in zip(table.rows[0].cells, columns, strict=True):
            put(cell.paragraphs[0], column.label, size, bold=True)
        _mark_row(table.rows[0], "w:tblHeader")
        keep_together(table.rows[0])
        for values in rows:
            row = table.add_row()
            keep_together(row)
            for cell, width, value in zip(row.cells, widths, values, strict=True):
                cell.width = Mm(width)
                _lines(cell, value, size)

    def facts(self, pairs: Sequence[tuple[str, str]], *, label_width: float = 52) -> None:
        """Add a ruled table of names and values, for forms about one thing."""
        widths = [label_width, self.width - label_width]
        table = self._grid(2, widths)
        for at, (label, value) in enumerate(pairs):
            row = table.rows[0] if at == 0 else table.add_row()
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)
            put(row.cells[0].paragraphs[0], label, 13, bold=True, align=ALIGN.LEFT)
            _lines(row.cells[1], value, 13)

    def signatures(self, *signers: Signer) -> None:
        """Put signers beside one another, with room for their hands between office and name."""
        self._small_gap()
        width = self.width / len(signers)
        table = self._bare_table(1, (width,) * len(signers))
        keep_together(table.rows[0])
        for cell, signer in zip(table.rows[0].cells, signers, strict=True):
            for at, office in enumerate(signer.offices):
                line = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
                put(line, office.upper(), 13, bold=True)
            for line in cell.paragraphs:
                line.paragraph_format.keep_with_next = True
            put(cell.add_paragraph(), signer.name, 13, bold=True, before=_HAND)

    def receivers(self, *names: str) -> None:
        """List who gets the sheet, below signatures as in minutes; the last line files it."""
        put(self.docx.add_paragraph(), "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT,
            before=6)  # fmt: skip
        for at, name in enumerate(names):
            end = "." if at == len(names) - 1 else ";"
            put(self.docx.add_paragraph(), f"- {name}{end}", 11, align=ALIGN.LEFT)

    def to_bytes(self) -> bytes:
        """Give the Word file."""
        out = io.BytesIO()
        self.docx.save(out)
        return out.getvalue()

    # the sheet itself

    def _page(self, *, lying: bool) -> None:
        section = self.docx.sections[0]
        sides = (Mm(297), Mm(210)) if lying else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = sides
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin, section.right_margin = Mm(30), Mm(15)
        section.header_distance = section.footer_distance = Mm(10)

    def _fonts(self) -> None:
        """Set one font everywhere and no theme, so that Vietnamese letters stay whole."""
        styles = self.docx.styles
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
        for fonts in (defaults.find(qn("w:rPr")).find(qn("w:rFonts")), _run_fonts(styles)):
            for name in list(fonts.attrib):
                del fonts.attrib[name]
            for slot in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{slot}"), FONT)
        normal = styles["Normal"]
        normal.font.size = Pt(13)
        normal.paragraph_format.space_after = Pt(0)
        normal.paragraph_format.line_spacing = 1.0

    def _numbered(self) -> None:
        """Number pages in the top margin, from the second on, the number alone."""
        section = self.docx.sections[0]
        section.different_first_page_header_footer = True
        line = section.header.paragraphs[0]
        line.style = self.docx.styles["Normal"]
        line.alignment = ALIGN.CENTER
        for kind in ("begin", "", "end"):
            run = line.add_run()
            run.font.size = Pt(14)
            mark = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark.text = "PAGE"
            run._r.append(mark)

    def _foot(self, texts: Sequence[str]) -> None:
        """Say at the foot of every sheet which form this is, of what record, printed by whom."""
        section = self.docx.sections[0]
        for footer in (section.footer, section.first_page_footer):
            line = footer.paragraphs[0]
            line.style = self.docx.styles["Normal"]
            put(line, " · ".join(text for text in texts if text), 10, align=ALIGN.LEFT)

    def _bare_table(self, rows: int, widths: Sequence[float]) -> Any:
        table = self.docx.add_table(rows, len(widths))
        return _sized(table, widths)

    def _grid(self, columns: int, widths: Sequence[float]) -> Any:
        table = self.docx.add_table(1, columns)
        table.style = self.docx.styles["Table Grid"]
        return _sized(table, widths)

    def _small_gap(self) -> None:
        gap = self.docx.add_paragraph()
        gap.paragraph_format.space_before = Pt(6)
        gap.paragraph_format.keep_with_next = True


def put(
    paragraph: Any,
    text: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: Any = ALIGN.CENTER,
    before: float = 0,
    after: float = 0,
) -> Any:
    """Write a text into a paragraph in one look."""
    run = paragraph.add_run(printable(text))
    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, italic
    form = paragraph.paragraph_format
    form.alignment, form.line_spacing = align, 1.0
    form.space_before, form.space_after = Pt(before), Pt(after)
    return paragraph


def printable(text: str) -> str:
    """Leave out what no sheet can show and XML cannot carry."""
    return _UNPRINTABLE.sub("", text)


def _lines(cell: Any, text: str, size: float) -> None:
    """Write a text into a cell, a paragraph a line."""
    for at, part in enumerate(text.split("\n")):
        line = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
        put(line, part, size, align=ALIGN.LEFT)


def draw_rule(paragraph: Any, length: float, room: float) -> None:
    """Draw a solid line of a length in mm, in the middle of the room there is."""
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
    form.space_after = Pt(6)
    form.left_indent = form.right_indent = Mm(max((room - length) / 2, 0))
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.find(qn("w:spacing")).addprevious(borders)


def _sized(table: Any, widths: Sequence[float]) -> Any:
    """Fix the widths of a table's columns; Word would set them by their content."""
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def keep_together(row: Any) -> None:
    """Let a row never be split over two sheets."""
    _mark_row(row, "w:cantSplit")


def _mark_row(row: Any, name: str) -> None:
    mark = OxmlElement(name)
    row._tr.get_or_add_trPr().append(mark)


def _run_fonts(styles: Any) -> Any:
    return styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
