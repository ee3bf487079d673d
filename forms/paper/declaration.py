"""The declaration of conformity: a decision in the layout of Decree 30/2020 (9.23)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from docx import Document as new_document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from forms.paper.issuer import Issuer

FONT = "Times New Roman"
CENTRE, LEFT, JUSTIFIED = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


@dataclass(frozen=True)
class Declaration(Issuer):
    """What the paper says; number and day are given by hand after signing."""

    address: str
    standard: str
    covers: str
    units: tuple[str, ...]
    exclusions: tuple[tuple[str, str], ...]
    procedures: tuple[tuple[str, str], ...]
    effective_on: date
    signer: str
    capacity: str = "own"


def build_declaration(said: Declaration) -> bytes:
    """Give the bytes of a Word file; same values, same content."""
    paper = new_document()
    _set_up(paper, said)
    _head(paper, said)
    _line(paper, "QUYẾT ĐỊNH", bold=True, align=CENTRE, before=12)
    _line(
        paper,
        f"Về việc công bố Hệ thống quản lý chất lượng phù hợp Tiêu chuẩn quốc gia {said.standard}",
        bold=True,
        align=CENTRE,
    )
    _rule(paper, 55)
    _bases(paper, said)
    _articles(paper, said)
    _foot(paper, said)
    if said.procedures:
        _appendix(paper, said)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_up(paper: Any, said: Declaration) -> None:
    when = datetime.combine(said.effective_on, datetime.min.time(), UTC)
    paper.core_properties.title = "Quyết định công bố hệ thống quản lý chất lượng"
    paper.core_properties.author = said.body
    paper.core_properties.created = paper.core_properties.modified = when
    style = paper.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    _sheet(paper.sections[0])


def _sheet(section: Any) -> None:
    """Lay out A4: margins, the number of the page on top from the second one on."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = CENTRE
    run = paragraph.add_run()
    run.font.size, run.font.name = Pt(14), FONT
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        tag = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            tag.set(qn("w:fldCharType"), kind)
        else:
            tag.text = text
        run._r.append(tag)


def _line(
    place: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: float = 14,
    align: Any = JUSTIFIED,
    before: float = 0,
    after: float = 0,
    indent: float = 0,
) -> Any:
    paragraph = place.add_paragraph()
    return _put(paragraph, text, bold=bold, italic=italic, size=size, align=align,
                before=before, after=after, indent=indent)  # fmt: skip


def _put(
    paragraph: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: float = 14,
    align: Any = JUSTIFIED,
    before: float = 0,
    after: float = 0,
    indent: float = 0,
) -> Any:
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.first_line_indent = Mm(indent)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    run.font.size, run.font.name = Pt(size), FONT
    return paragraph


def _rule(place: Any, length: float, width: float = 165) -> None:
    """Draw a solid rule of a length in the middle: the border of an empty paragraph."""
    paragraph = place.add_paragraph()
    _border(paragraph, (width - length) / 2)


def _border(paragraph: Any, indent: float) -> None:
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm(indent)
    layout.line_spacing = Pt(6)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _table(paper: Any, widths: tuple[float, ...], rows: int) -> Any:
    table = paper.add_table(rows=rows, cols=len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def _head(paper: Any, said: Declaration) -> None:
    table = _table(paper, (64, 101), 2)
    left, right = table.rows[0].cells
    lines = [said.superior.upper()] if said.superior else []
    for number, text in enumerate([*lines, said.full_name.upper()]):
        first = left.paragraphs[0] if number == 0 else left.add_paragraph()
        is_own = number == len(lines)
        _put(first, text, bold=is_own, size=13, align=CENTRE)
    _border(left.add_paragraph(), 18)
    _put(right.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=13,
         align=CENTRE)  # fmt: skip
    _line(right, "Độc lập - Tự do - Hạnh phúc", bold=True, align=CENTRE)
    _border(right.add_paragraph(), (101 - 3.8 - 60.2) / 2)
    number, day = table.rows[1].cells
    _put(number.paragraphs[0], f"Số:        /QĐ-{said.symbol}", size=13, align=CENTRE)
    _put(
        day.paragraphs[0],
        f"{said.place}, ngày      tháng      năm {said.effective_on.year}",
        italic=True,
        align=CENTRE,
    )


def _bases(paper: Any, said: Declaration) -> None:
    _line(
        paper, f"{said.head} {said.full_name.upper()}", bold=True, align=CENTRE, before=6, after=6
    )
    bases = (
        "Căn cứ Luật Tiêu chuẩn và Quy chuẩn kỹ thuật;",
        f"Căn cứ Tiêu chuẩn quốc gia {said.standard} về Hệ thống quản lý chất lượng - Các yêu cầu;",
        "Căn cứ kết quả xây dựng, áp dụng và đánh giá nội bộ Hệ thống quản lý chất lượng;",
        "Theo đề nghị của Đại diện lãnh đạo về chất lượng.",
    )
    for base in bases:
        _line(paper, base, italic=True, before=6, indent=12.7)
    _line(paper, "QUYẾT ĐỊNH:", bold=True, align=CENTRE, before=12, after=6)


def _article(paper: Any, number: int, text: str) -> None:
    paragraph = _line(paper, f"Điều {number}. ", bold=True, before=6, indent=12.7)
    run = paragraph.add_run(text)
    run.bold, run.font.size, run.font.name = False, Pt(14), FONT


def _articles(paper: Any, said: Declaration) -> None:
    where = f", địa chỉ: {said.address}" if said.address else ""
    _article(
        paper,
        1,
        f"Công bố Hệ thống quản lý chất lượng của {said.full_name}{where} phù hợp Tiêu chuẩn "
        f"quốc gia {said.standard}.",
    )
    covers = [text.strip() for text in said.covers.splitlines() if text.strip()]
    _article(paper, 2, "Phạm vi áp dụng")
    points = [f"Lĩnh vực: {'; '.join(covers).rstrip('.;')};"]
    points.append(f"Đơn vị áp dụng ({len(said.units)} đơn vị): {'; '.join(said.units)};")
    if said.procedures:
        points.append(
            f"Danh mục {len(said.procedures)} chức năng, thủ tục nêu tại Phụ lục kèm theo "
            "Quyết định này;"
        )
    for clause, reason in said.exclusions:
        points.append(f"Không áp dụng điều khoản {clause}: {reason.rstrip('.;')};")
    points[-1] = points[-1][:-1] + "."
    for number, text in enumerate(points, start=1):
        _line(paper, f"{number}. {text}", before=6, indent=12.7)
    day = said.effective_on
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    _article(
        paper,
        3,
        f"Quyết định này có hiệu lực từ ngày {day.day:02d} tháng {month} năm {day.year}.",
    )
    _article(
        paper,
        4,
        "Đại diện lãnh đạo về chất lượng, Thủ trưởng các đơn vị áp dụng và các cá nhân có liên "
        "quan chịu trách nhiệm thi hành Quyết định này./.",
    )


def _foot(paper: Any, said: Declaration) -> None:
    paper.add_paragraph()
    left, right = _table(paper, (82.5, 82.5), 1).rows[0].cells
    _put(left.paragraphs[0], "Nơi nhận:", bold=True, italic=True, size=12, align=LEFT)
    for text in ("- Như Điều 4;", *([f"- {said.superior} (để b/c);"] if said.superior else []),
                 "- Lưu: VT, HTQLCL."):  # fmt: skip
        _line(left, text, size=11, align=LEFT)
    first, *more = said.offices(said.capacity)
    _put(right.paragraphs[0], first, bold=True, align=CENTRE)
    for office in more:
        _line(right, office, bold=True, align=CENTRE)
    for _space in range(5):
        _line(right, "", align=CENTRE)
    _line(right, said.signer, bold=True, align=CENTRE)


def _appendix(paper: Any, said: Declaration) -> None:
    _sheet(_restarted(paper.add_section(WD_SECTION.NEW_PAGE)))
    _line(paper, "Phụ lục", bold=True, align=CENTRE)
    _line(paper, "DANH MỤC CHỨC NĂNG, THỦ TỤC HÀNH CHÍNH ÁP DỤNG", bold=True, align=CENTRE)
    _line(
        paper,
        f"(Kèm theo Quyết định số        /QĐ-{said.symbol} ngày      tháng      năm "
        f"{said.effective_on.year} của {said.full_name})",
        italic=True,
        align=CENTRE,
    )
    _rule(paper, 40)
    paper.add_paragraph()
    table = _table(paper, (15, 45, 105), 1 + len(said.procedures))
    table.style = "Table Grid"
    numbered = [(str(number), *pair) for number, pair in enumerate(said.procedures, start=1)]
    rows = [("STT", "Mã số", "Tên chức năng, thủ tục"), *numbered]
    for at, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            centred = at == 0 or column == 0
            _put(cell.paragraphs[0], text, bold=at == 0, size=13,
                 align=CENTRE if centred else LEFT)  # fmt: skip
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))
    _line(paper, "./.", align=LEFT, before=6)


def _restarted(section: Any) -> Any:
    """Let the numbers of pages begin anew."""
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    section._sectPr.append(numbers)
    return section
