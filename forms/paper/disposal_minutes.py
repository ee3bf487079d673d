"""The minutes of a disposal, in the layout of Decree 30/2020 for minutes (D5; a49)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

_FONT = "Times New Roman"
_LEFT, _RIGHT = 64, 101  # mm of the two columns of the head
_UNDERSCORE = 0.5  # of its size: how wide a rule made of them is


@dataclass(frozen=True)
class DisposedItem:
    """One line of the list."""

    name: str
    edition: str
    copies: str
    kept_until: str
    fingerprint: str


@dataclass(frozen=True)
class MinutesPaper:
    """Plain values: nothing here knows the records they come from."""

    superior: str
    body: str
    symbol: str
    number: str
    reason: str
    method: str
    proposed_by: str
    decided_by: str
    decided_at: datetime
    signed_sha256: str
    items: tuple[DisposedItem, ...]


def build_disposal_minutes(values: MinutesPaper) -> bytes:
    """Give the bytes of a .docx file; number, place and people present are filled in by hand."""
    paper = Document()
    _set_page(paper)
    _head(paper, values)
    _line(paper, "BIÊN BẢN", bold=True)
    subject = f"Tiêu hủy tài liệu, hồ sơ theo quyết định {values.number}"
    _line(paper, subject, bold=True)
    _line(paper, _rule(subject, 14, 0.47), after=6)
    _text(paper, f"Thời gian bắt đầu: {_hour(values.decided_at)}, {_day(values.decided_at)}.")
    _text(paper, "Địa điểm: …………………………………………………………………")
    _text(paper, f"Thành phần tham dự: {values.proposed_by}, {values.decided_by}, ……………………")
    _text(paper, f"Chủ trì (chủ tọa): {values.decided_by}")
    _text(paper, f"Thư ký (người ghi biên bản): {values.proposed_by}")
    _text(
        paper,
        f"Nội dung tiêu hủy: {len(values.items)} tài liệu, hồ sơ đã hết thời hạn lưu, "
        "ghi trong bảng dưới đây.",
    )
    _text(paper, f"Lý do: {values.reason}")
    _text(paper, f"Cách xử lý bản giấy: {values.method}. Tệp điện tử được xóa khỏi kho lưu trữ.")
    _items(paper, values.items)
    _text(
        paper,
        f"Người duyệt {values.decided_by} ký trong hệ thống lúc "
        f"{_hour(values.decided_at)}, {_day(values.decided_at)}; mã kiểm tra của nội dung đã ký: "
        f"{values.signed_sha256}.",
    )
    _text(
        paper,
        "Cuộc họp tiêu hủy kết thúc vào …… giờ ……, ngày …… tháng …… năm ………./.",
    )
    _foot(paper, values)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _set_page(paper: Paper) -> None:
    style = paper.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), _FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.style = style
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()
        run.font.size = Pt(14)
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)


def _head(paper: Paper, values: MinutesPaper) -> None:
    table = paper.add_table(rows=2, cols=2)
    _widths(table, (_LEFT, _RIGHT))
    left, right = table.rows[0].cells
    lines = []
    if values.superior:
        lines.append((values.superior.upper(), False))
    lines.append((values.body.upper(), True))
    for number, (text, bold) in enumerate(lines):
        _in_cell(left, text, 13, bold=bold, first=number == 0)
    room = (_LEFT - 4) / 25.4 * 72
    _in_cell(left, _rule(values.body.upper(), 13, 0.69, room=room), 13)
    _in_cell(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, bold=True, first=True)
    _in_cell(right, "Độc lập - Tự do - Hạnh phúc", 14, bold=True)
    _in_cell(right, "_" * 24, 14)
    _in_cell(table.rows[1].cells[0], f"Số:        /BB-{values.symbol}", 13, first=True)
    paper.add_paragraph()


def _rule(text: str, size: int, share: float, *, room: float = 468.0) -> str:
    """Write a rule of about two fifths of the line; `share` is a letter's usual width."""
    width = min(len(text) * size * share, room)
    return "_" * max(4, round(width * 0.41 / (size * _UNDERSCORE)))


def _items(paper: Paper, items: tuple[DisposedItem, ...]) -> None:
    titles = ("STT", "Tài liệu, hồ sơ", "Lần ban hành", "Số bản", "Lưu đến", "Mã kiểm tra tệp")
    widths = (12, 55, 22, 18, 25, 33)
    table = paper.add_table(rows=1, cols=len(titles))
    table.style = "Table Grid"
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        _in_cell(cell, title, 12, bold=True, first=True)
    for number, item in enumerate(items, start=1):
        cells = table.add_row().cells
        said = (str(number), item.name, item.edition, item.copies, item.kept_until,
                item.fingerprint)  # fmt: skip
        for place, (cell, text) in enumerate(zip(cells, said, strict=True)):
            _in_cell(cell, text, 12, first=True, centred=place != 1)
    _widths(table, widths)
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(OxmlElement("w:tblHeader"))


def _foot(paper: Paper, values: MinutesPaper) -> None:
    paper.add_paragraph()
    table = paper.add_table(rows=1, cols=2)
    _widths(table, (82, 83))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # name under office
    signers = (("THƯ KÝ", values.proposed_by), ("CHỦ TỌA", values.decided_by))
    for cell, (office, name) in zip(table.rows[0].cells, signers, strict=True):
        _in_cell(cell, office, 14, bold=True, first=True)
        for _ in range(4):
            _in_cell(cell, "", 14)
        _in_cell(cell, name, 14, bold=True)
    receivers = paper.add_paragraph()
    receivers.paragraph_format.space_before = Pt(12)
    run = receivers.add_run("Nơi nhận:")
    run.bold = run.italic = True
    run.font.size = Pt(12)
    for text in ("- Lãnh đạo;", "- Đơn vị giữ tài liệu;", "- Lưu: VT, Hồ sơ."):
        paper.add_paragraph().add_run(text).font.size = Pt(11)


def _widths(table: Table, widths: tuple[int, ...]) -> None:
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _in_cell(
    cell: _Cell, text: str, size: int, *, bold: bool = False, first: bool = False,
    centred: bool = True,
) -> None:  # fmt: skip
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)


def _line(paper: Paper, text: str, *, bold: bool = False, after: int = 0) -> None:
    paragraph = paper.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.add_run(text).bold = bold


def _text(paper: Paper, text: str) -> Paragraph:
    paragraph = paper.add_paragraph(" ".join(text.split()))
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Mm(12.7)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(6)
    return paragraph


def _hour(moment: datetime) -> str:
    return f"{moment.hour:02d} giờ {moment.minute:02d} phút"


def _day(moment: datetime) -> str:
    month = f"{moment.month:02d}" if moment.month < 3 else str(moment.month)
    return f"ngày {moment.day:02d} tháng {month} năm {moment.year}"
