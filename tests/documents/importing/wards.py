"""Invented wards: a master list in any layout, files of any make, each fault on its own."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.document import Document as Word
from docx.shared import Pt
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from documents.content.legacy_fonts import _TCVN3_FROM, _TCVN3_TO
from documents.importing.found_files import digest_of, is_left_beside
from documents.importing.reading_files import look_at
from tests.documents.content.files import a_scan_pdf, part_changed, saved

TO_TCVN3 = {**dict(zip(_TCVN3_TO, _TCVN3_FROM, strict=True))}
UNITS = """ma,ten,loai,truc_thuoc,hoat_dong_tu,hoat_dong_den,don_vi_ke_thua
TB,UBND phường Tân Bình,phường,,2025-07-01,,
VP,Văn phòng HĐND và UBND,phòng,TB,2025-07-01,,
KT,"Phòng Kinh tế, Hạ tầng và Đô thị",phòng,TB,2025-07-01,,
VX,Phòng Văn hóa - Xã hội,phòng,TB,2025-07-01,,
CU,Phòng Lao động - Thương binh,phòng,TB,2016-01-01,2025-06-30,VX
"""
OFFICE, ECONOMY, CULTURE = (
    "Văn phòng HĐND và UBND",
    "Phòng Kinh tế, Hạ tầng và Đô thị",
    "Phòng Văn hóa - Xã hội",
)


def tcvn3(text: str) -> str:
    """Write a text as fonts from before Unicode kept it."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(TO_TCVN3.get(char, TO_TCVN3.get(char.lower(), char)) for char in composed)


@dataclass
class Paper:
    """A document as its file states it."""

    code: str
    title: str
    edition: int = 1
    amendment: int = 0
    approved: str = "04/08/2025"
    effective: str = "18/08/2025"
    header_code: str | None = None
    font: str = ""
    nfd: bool = False
    tracked: bool = False
    comment: bool = False
    word: str = "QUY TRÌNH"
    text: str = "Quy định này áp dụng cho toàn cơ quan."

    def content(self) -> bytes:
        """Give the bytes of its Word file."""
        document = docx.Document()
        turned = self._turned
        for line in ("UBND PHƯỜNG TÂN BÌNH", self.word, self.title):
            self._write(document, turned(line))
        cover = document.add_table(5, 2)
        fields = (
            ("Mã số:", self.code),
            ("Lần ban hành:", f"{self.edition:02}"),
            ("Lần sửa đổi:", f"{self.amendment:02}"),
            ("Ngày phê duyệt:", self.approved),
            ("Ngày hiệu lực:", self.effective),
        )
        for row, pair in zip(cover.rows, fields, strict=True):
            for cell, text in zip(row.cells, pair, strict=True):
                cell.text = ""
                self._write(cell, turned(text), cell.paragraphs[0])
        header = document.sections[0].header.paragraphs[0]
        self._write(document, self.header_code or self.code, header)
        document.add_heading("1. Mục đích" if not self.font else "1. Muc dich", 1)
        self._write(document, turned(self.text))
        if self.comment:
            paragraph = document.paragraphs[-1]
            document.add_comment(paragraph.runs, text="Xem lại", author="Người soát xét")
        data = saved(document)
        if self.tracked:
            mark = b'<w:p><w:ins w:id="9" w:author="a"><w:r><w:t>them</w:t></w:r></w:ins></w:p>'
            data = part_changed(data, "word/document.xml", b"<w:sectPr", mark + b"<w:sectPr")
        return data

    def _turned(self, text: str) -> str:
        if self.font.startswith(".Vn"):
            return tcvn3(text)
        if self.font.startswith("VNI"):
            return vni(text)
        return unicodedata.normalize("NFD", text) if self.nfd else text

    def _write(self, where: Any, text: str, paragraph: Any = None) -> None:
        paragraph = paragraph or where.add_paragraph()
        run = paragraph.add_run(text)
        if self.font:
            run.font.name, run.font.size = self.font, Pt(13)


def vni(text: str) -> str:
    """Write a text as the VNI fonts kept it: a letter, then its mark."""
    tones = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
    out = []
    for char in unicodedata.normalize("NFC", text):
        base, *marks = unicodedata.normalize("NFD", char)
        out.append({"đ": "ñ", "Đ": "Ñ"}.get(char, base))
        shape = "â" if "\u0302" in marks else "ê" if "\u0306" in marks else ""
        tone = next((tones[mark] for mark in marks if mark in tones), "")
        if shape:
            table = {"â": "áàåãä", "ê": "éèúüë"}[shape]
            out.append(table["ùøûõï".index(tone)] if tone else shape)
        elif "\u031b" in marks:
            out[-1] = {"o": "ô", "u": "ö", "O": "Ô", "U": "Ö"}[base]
            out.append(tone)
        else:
            out.append(tone)
    return "".join(out)


Row = dict[str, Any]
FULL = ("number", "code", "title", "kind", "edition", "amendment", "approved", "effective")
HEADS = {
    "number": "STT",
    "code": "Mã tài liệu",
    "title": "Tên tài liệu",
    "kind": "Loại",
    "edition": "Lần BH",
    "amendment": "Lần SĐ",
    "version": "Lần ban hành/ sửa đổi",
    "approved": "Ngày phê duyệt",
    "effective": "Ngày hiệu lực",
    "unit": "Đơn vị soạn thảo",
    "author": "Người soạn thảo",
    "approver": "Người phê duyệt",
    "state": "Tình trạng",
    "note": "Ghi chú",
    "old_code": "Mã cũ",
}


@dataclass
class Ward:
    """A list in the making, and a folder beside it."""

    folder: Path
    columns: tuple[str, ...] = (*FULL, "unit", "approver", "state", "note")
    heads: dict[str, str] = field(default_factory=lambda: dict(HEADS))
    sheet: str = "Danh mục"
    first: int = 4
    rows: list[tuple[int, Row]] = field(default_factory=list)
    dress: Callable[[Worksheet], None] | None = None
    more: Callable[[openpyxl.Workbook], None] | None = None
    fonts: dict[int, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        (self.folder / "files").mkdir(parents=True, exist_ok=True)
        self._next = self.first + 1

    def row(self, **values: Any) -> int:
        """Add a row; give its number."""
        number = self._next
        self._next += 1
        self.rows.append((number, values))
        return number

    def group(self, text: str) -> int:
        """Add a row that only names what follows."""
        return self.row(number=text)

    def file(self, path: str, content: bytes | Paper) -> str:
        """Put a file into the folder; give its path as the list sees it."""
        place = self.folder / "files" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.content())
        return f"files/{path}"

    def add(self, paper: Paper, name: str = "", **values: Any) -> int:
        """Add a document that is as it should be: its row and its file, unless told otherwise."""
        self.file(name or f"{paper.code} {paper.title[:30].strip()}.docx", paper)
        return self.row(**{**listed(paper), **values})

    def save(self) -> Path:
        """Write the list; give its path."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = self.sheet
        sheet.cell(1, 1, "ỦY BAN NHÂN DÂN PHƯỜNG TÂN BÌNH")
        sheet.cell(2, 1, "DANH MỤC TÀI LIỆU KIỂM SOÁT")
        for column, name in enumerate(self.columns, 1):
            sheet.cell(self.first, column, self.heads[name])
        for number, values in self.rows:
            for column, name in enumerate(self.columns, 1):
                if values.get(name) is not None:
                    cell = sheet.cell(number, column, values[name])
                    if isinstance(values[name], date):
                        cell.number_format = "dd/mm/yyyy"
                    if number in self.fonts:
                        cell.font = Font(name=self.fonts[number])
        for number in self.hidden:
            sheet.row_dimensions[number].hidden = True
        if self.dress is not None:
            self.dress(sheet)
        if self.more is not None:
            self.more(book)
        out = io.BytesIO()
        book.save(out)
        place = self.folder / "danh-muc.xlsx"
        place.write_bytes(out.getvalue())
        return place

    def found(self, workshop: Any) -> list[Any]:
        """Look at every file of the folder."""
        files = []
        for path in sorted((self.folder / "files").rglob("*")):
            shown = unicodedata.normalize("NFC", path.relative_to(self.folder).as_posix())
            if path.is_file() and not is_left_beside(shown):
                size = path.stat().st_size
                files.append(look_at(path, shown, digest_of(path), size, workshop)[0])
        return files


def listed(paper: Paper, unit: str = OFFICE) -> Row:
    """Give the row that agrees with a paper."""
    return {
        "number": 1,
        "code": paper.code,
        "title": paper.title,
        "kind": "BM" if paper.code.startswith("BM") else "QT",
        "edition": paper.edition,
        "amendment": f"{paper.amendment:02}",
        "version": f"{paper.edition:02}/{paper.amendment:02}",
        "approved": paper.approved,
        "effective": paper.effective,
        "unit": unit,
        "author": "Trần Văn Soạn",
        "approver": "Lê Thị Duyệt",
        "state": "Hiện hành",
    }


def an_old_word_file(*names: str) -> bytes:
    """The start of a compound file, as programs of before 2007 wrote it."""
    body = "".join(names).encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + body + bytes(2048)


def a_locked_word_file() -> bytes:
    """A Word file kept behind a password."""
    return an_old_word_file("EncryptionInfo", "EncryptedPackage")


def a_scan() -> bytes:
    """A PDF that holds pictures only."""
    return a_scan_pdf()


def words_of(word: Word) -> Sequence[str]:
    """Give the paragraphs of a Word document."""
    return [re.sub(r"\s+", " ", each.text) for each in word.paragraphs]


def a_mixed_ward(folder: Path, *, more: int = 0) -> Ward:
    """A ward as they are: mostly sound, with history, forms, paper, a doubt of each usual kind."""
    ward = Ward(folder, columns=(*FULL, "unit", "author", "approver", "state", "note", "old_code"))
    ward.group("I. QUY TRÌNH HỆ THỐNG")
    ward.add(Paper("QT-VP-01", "Kiểm soát tài liệu", 2, 0), old_code="QT.01")
    ward.file("cu/QT-VP-01 ban cu.docx", OLD_EDITION)
    ward.add(Paper("QT-VP-02", "Đánh giá nội bộ"), code="QT.VP.02")
    ward.add(Paper("QT-VP-03", "Sắp có hiệu lực", 1, 1, effective="01/03/2027"))
    ward.add(Paper("QT-VX-01", "Trợ cấp xã hội"), unit="Phòng Văn hoá Xã hôi")
    ward.add(Paper("QT-KT-01", "Cấp giấy phép", approved="10/02/2019", effective="20/02/2019"))
    ward.add(Paper("QT-KT-02", "Chất lượng công trình", font=".VnTime"), unit=ECONOMY)
    ward.add(Paper("QT-VP-09", "Không còn dùng"), state="Hết hiệu lực")
    ward.add(Paper("QT-VP-16", "Tuyển dụng"), "QT-VP-05 Tuyen dung.docx", code="QT-VP-05")
    for number in range(more):
        ward.add(Paper(f"QT-VP-{100 + number}", f"Công việc {number}"))
    ward.group("II. BIỂU MẪU")
    ward.add(Paper("BM-VP-01.01", "Phiếu yêu cầu", word="BIỂU MẪU"))
    ward.row(**listed(Paper("BM-VP-02.01", "Sổ theo dõi giấy", word="BIỂU MẪU")))
    ward.row(number="Tổng cộng", title="10 tài liệu")
    ward.file("QT-VP-30 Quan ly kho.docx", Paper("QT-VP-30", "Quản lý kho"))
    ward.save()
    return ward


OLD_EDITION = Paper(
    "QT-VP-01", "Kiểm soát tài liệu", 1, 0, "01/02/2023", "15/02/2023", text="Câu chữ năm 2023."
)
