"""Real Word files for the demo body, laid out as public bodies lay out their procedures."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from docx import Document as new_docx
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from openpyxl import Workbook

from app.demo_data.papers import Form, Paper

BODY_NAME = "ỦY BAN NHÂN DÂN QUẬN VĨNH LAM"
Changes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cover:
    """What the first page says besides the text."""

    label: str
    issued_on: date
    effective_on: date
    author: str
    reviewer: str
    approver: str
    change: str = ""


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _blank(title: str, code: str, cover: Cover) -> Docx:
    docx = new_docx()
    style = docx.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    section = docx.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(2)
    docx.core_properties.title, docx.core_properties.author = title, cover.author
    section.header.paragraphs[0].text = f"{title} - Mã số: {code} - Lần ban hành: {cover.label}"
    section.footer.paragraphs[0].text = f"{BODY_NAME} - Ngày hiệu lực: {_day(cover.effective_on)}"
    return docx


def _table(docx: Docx, rows: Iterable[Iterable[str]]) -> None:
    lines = [list(row) for row in rows]
    table = docx.add_table(rows=0, cols=len(lines[0]))
    table.style = "Table Grid"
    for line in lines:
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
    docx.add_paragraph()


def _cover(docx: Docx, word: str, title: str, code: str, cover: Cover) -> None:
    for text, size in ((BODY_NAME, 13), (word, 14), (title.upper(), 18)):
        line = docx.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = line.add_run(text)
        run.bold, run.font.size = True, Pt(size)
    edition, amendment = cover.label.split("/")
    _table(
        docx,
        (
            ("Mã số", code),
            ("Lần ban hành", edition),
            ("Lần sửa đổi", amendment),
            ("Ngày ban hành", _day(cover.issued_on)),
            ("Ngày hiệu lực", _day(cover.effective_on)),
        ),
    )
    _table(
        docx,
        (
            ("Trách nhiệm", "Soạn thảo", "Xem xét", "Phê duyệt"),
            ("Họ và tên", cover.author, cover.reviewer, cover.approver),
            ("Chữ ký", "", "", ""),
        ),
    )


def _list(docx: Docx, lines: Iterable[str]) -> None:
    for line in lines:
        docx.add_paragraph(line, style="List Bullet")


def procedure_file(paper: Paper, word: str, cover: Cover, changes: Changes) -> bytes:
    """Write a procedure; `changes` are what this edition says otherwise than the first."""

    def now(text: str) -> str:
        for old, new in changes:
            text = text.replace(old, new)
        return text

    docx = _blank(paper.title, paper.code, cover)
    _cover(docx, word, paper.title, paper.code, cover)
    if cover.change:
        docx.add_heading("Bảng theo dõi thay đổi", level=1)
        _table(
            docx,
            (("Lần", "Nội dung thay đổi", "Ngày"),
             (cover.label, cover.change, _day(cover.issued_on))),
        )  # fmt: skip
    docx.add_heading("1. Mục đích", level=1)
    docx.add_paragraph(now(paper.purpose))
    for extra in paper.words:
        docx.add_paragraph(now(extra))
    docx.add_heading("2. Phạm vi áp dụng", level=1)
    docx.add_paragraph(
        "Áp dụng tại đơn vị chủ trì và các đơn vị phối hợp của UBND quận Vĩnh Lam có tham gia "
        "các bước nêu ở mục 5."
    )
    docx.add_heading("3. Tài liệu viện dẫn", level=1)
    _list(docx, [now(law) for law in paper.laws])
    if not paper.code.startswith(("STCL", "QT-01")):
        _list(docx, ["Quy trình QT-01 về kiểm soát thông tin dạng văn bản"])
    docx.add_heading("4. Thuật ngữ và chữ viết tắt", level=1)
    _list(docx, ["UBND: Ủy ban nhân dân", "HTQLCL: hệ thống quản lý chất lượng"])
    docx.add_heading("5. Nội dung", level=1)
    _content(docx, paper, now)
    if paper.forms:
        docx.add_heading("6. Biểu mẫu", level=1)
        _list(docx, [f"{form.code} {form.title}" for form in paper.forms])
    docx.add_heading("7. Hồ sơ cần lưu", level=1)
    _table(
        docx,
        (
            ("TT", "Tên hồ sơ", "Nơi lưu", "Thời gian lưu"),
            ("1", "Hồ sơ thực hiện các bước của mục 5", "Đơn vị chủ trì", "05 năm"),
            ("2", "Sổ theo dõi", "Văn thư", "10 năm"),
        ),
    )
    return _bytes(docx)


def _content(docx: Docx, paper: Paper, say: Callable[[str], str]) -> None:
    if paper.dossier:
        docx.add_heading("5.1. Thành phần hồ sơ", level=2)
        _list(docx, [say(part) for part in paper.dossier])
        docx.add_heading("5.2. Thời gian giải quyết", level=2)
        docx.add_paragraph(say(paper.time_limit) + ".")
        docx.add_heading("5.3. Phí, lệ phí", level=2)
        docx.add_paragraph(say(paper.fee) + ".")
        docx.add_heading("5.4. Các bước thực hiện", level=2)
    rows = [("Bước", "Trình tự", "Trách nhiệm", "Thời gian")]
    rows += [
        (str(number), say(task), say(who), say(time))
        for number, (task, who, time) in enumerate(paper.steps, start=1)
    ]
    _table(docx, rows)
    docx.add_paragraph(
        "Hồ sơ chậm hẹn phải có văn bản xin lỗi nêu rõ lý do và ngày hẹn lại; đơn vị gây chậm chịu "
        "trách nhiệm giải trình với lãnh đạo quận."
        if paper.dossier
        else "Mọi bước để lại bằng chứng; bước không thực hiện được thì ghi rõ lý do."
    )


def form_file(form: Form, cover: Cover, extra: tuple[str, ...] = ()) -> bytes:
    """Write a blank form as a Word file."""
    docx = _blank(form.title, form.code, cover)
    _cover(docx, "BIỂU MẪU", form.title, form.code, cover)
    docx.add_heading("Nội dung phải ghi", level=1)
    _table(
        docx,
        [("TT", "Mục", "Nội dung")]
        + [(str(number), name, "") for number, name in enumerate((*form.fields, *extra), start=1)],
    )
    docx.add_paragraph("Người lập ký, ghi rõ họ tên và ngày lập.")
    return _bytes(docx)


def form_workbook(form: Form, cover: Cover) -> bytes:
    """Write a blank form as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(form.code)
    sheet.append([form.title])
    sheet.append(["Mã số", form.code, "Lần ban hành", cover.label])
    sheet.append([])
    sheet.append(["TT", *form.fields])
    for number in range(1, 11):
        sheet.append([number])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _bytes(docx: Docx) -> bytes:
    target = io.BytesIO()
    docx.save(target)
    return target.getvalue()
