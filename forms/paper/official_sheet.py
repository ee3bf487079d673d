"""Sheets the body issues: authority, bases, articles, the foot with receivers and signer.

Decree 30/2020, Appendix I; models 1.2 (decision), 1.4 (programme, plan) and 1.9 (minutes).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from forms.paper.issuer import Issuer
from forms.paper.layout import (
    LYING_WIDTH,
    UPRIGHT_WIDTH,
    Head,
    Sheet,
    Signer,
    draw_rule,
    keep_together,
    put,
)

_HAND = 85  # points for a hand and a seal: 30 mm


def day_in_words(day: date | datetime) -> str:
    """Write a date of the text as the decree does: ngày 05 tháng 01 năm 2026."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def days_in_words(first: date, last: date) -> str:
    """Write one day, or from which to which."""
    if first == last:
        return day_in_words(first)
    return f"từ {day_in_words(first)} đến {day_in_words(last)}"


def hour_in_words(clock: str) -> str:
    """Write 08:30 as minutes do; dots where it is filled in by hand."""
    hour, _colon, minute = clock.partition(":")
    return f"{hour} giờ {minute} phút" if minute else "…… giờ …… phút"


class OfficialSheet(Sheet):
    """A paper with number, place and date, which are given by hand after signing."""

    def issued(self, issuer: Issuer, kind: str, *, dated: bool = True) -> None:
        """Put the head: minutes have a number alone."""
        self.head(
            Head(
                issuer.full_name,
                issuer.superior,
                f"Số:        /{kind}-{issuer.symbol}",
                issuer.place if dated else "",
            )
        )

    def authority(self, text: str) -> None:
        """Name in capitals who decides."""
        put(self.docx.add_paragraph(), text.upper(), 14, bold=True, before=8, after=4)

    def bases(self, texts: Sequence[str]) -> None:
        """Put what a decision rests on, a paragraph each, the last ending with a stop."""
        for at, text in enumerate(texts):
            end = "." if at == len(texts) - 1 else ";"
            line = put(self.docx.add_paragraph(), f"{text}{end}", 14, italic=True,
                       align=ALIGN.JUSTIFY, before=6)  # fmt: skip
            line.paragraph_format.first_line_indent = Mm(10)

    def resolves(self) -> None:
        """Put the word after which the articles begin."""
        put(self.docx.add_paragraph(), "QUYẾT ĐỊNH:", 14, bold=True, before=10, after=4)

    def article(self, number: int, text: str) -> None:
        """Add an article on its own matter: its number in bold, then the text."""
        line = put(self.docx.add_paragraph(), f"Điều {number}. ", 14, bold=True,
                   align=ALIGN.JUSTIFY, before=6)  # fmt: skip
        line.paragraph_format.first_line_indent = Mm(10)
        run = line.add_run(text)
        run.font.size, run.font.bold = Pt(14), False

    def part(self, text: str) -> None:
        """Add the title of a part: I. MỤC ĐÍCH."""
        line = put(self.docx.add_paragraph(), text.upper(), 14, bold=True, align=ALIGN.JUSTIFY,
                   before=8)  # fmt: skip
        line.paragraph_format.first_line_indent = Mm(10)
        line.paragraph_format.keep_with_next = True

    def gap(self) -> None:
        """Leave a little room after a table."""
        line = put(self.docx.add_paragraph(), "", 6)
        line.paragraph_format.space_after = Pt(0)

    def foot(self, receivers: Sequence[str], signer: Signer) -> None:
        """Put the receivers on the left and the signer on the right, below the last lines."""
        last = self.docx.paragraphs[-1].paragraph_format
        last.keep_with_next = last.keep_together = True
        self._small_gap()
        half = self.width / 2
        table = self._bare_table(1, (half, half))
        keep_together(table.rows[0])
        left, right = table.rows[0].cells
        put(left.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT)
        for at, name in enumerate(receivers):
            end = "." if at == len(receivers) - 1 else ";"
            put(left.add_paragraph(), f"- {name}{end}", 11, align=ALIGN.LEFT)
        for at, office in enumerate(signer.offices):
            line = right.paragraphs[0] if at == 0 else right.add_paragraph()
            put(line, office.upper(), 14, bold=True)
        for line in right.paragraphs:
            line.paragraph_format.keep_with_next = True
        put(right.add_paragraph(), signer.name, 14, bold=True, before=_HAND)

    def appended(self, title: str, goes_with: str, *, lying: bool = True) -> None:
        """Begin the appendix on a section of its own, its pages numbered from 1 again."""
        section = self.docx.add_section(WD_SECTION.NEW_PAGE)
        sides = (Mm(297), Mm(210)) if lying else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = sides
        section.different_first_page_header_footer = True
        numbers = OxmlElement("w:pgNumType")
        numbers.set(qn("w:start"), "1")
        _in_order(section._sectPr, numbers)
        self.width = LYING_WIDTH if lying else UPRIGHT_WIDTH
        put(self.docx.add_paragraph(), "Phụ lục", 14, bold=True)
        put(self.docx.add_paragraph(), title.upper(), 14, bold=True)
        put(self.docx.add_paragraph(), f"({goes_with})", 14, italic=True)
        draw_rule(self.docx.add_paragraph(), 40, self.width)

    def end_mark(self) -> None:
        """Put the mark after which nothing follows, where a table is the last of the text."""
        put(self.docx.add_paragraph(), "./.", 14, align=ALIGN.LEFT, before=6)


def _in_order(properties: Any, numbers: Any) -> None:
    """Put page numbers where the format wants them: after the margins."""
    margins = properties.find(qn("w:pgMar"))
    if margins is not None:
        margins.addnext(numbers)
    else:
        properties.append(numbers)
