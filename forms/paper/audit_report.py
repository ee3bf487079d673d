"""The report of an audit and the notice of its conclusions, on the layout of Decree 30/2020.

ISO 9001:2015, 9.2.2 d; fields of internal audit reports and conclusion notices.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from forms.paper.catalogue import AUDIT_REPORT, CONCLUSION_NOTICE, PaperForm, Printing
from forms.paper.layout import Column, Head, Sheet, Signer, figure, printable, put, short_day

GRADES: Final = {
    "major": "Không phù hợp nặng",
    "minor": "Không phù hợp nhẹ",
    "observation": "Điểm lưu ý",
    "opportunity": "Cơ hội cải tiến",
    "strength": "Điểm mạnh",
}
_FAILURES: Final = ("major", "minor")
_PLACE: Final = re.compile(
    r"(?:phường|xã|quận|huyện|thị xã|thị trấn|thành phố|tỉnh|đặc khu)\s+(.+)$", re.IGNORECASE
)
_COLUMNS: Final = (
    Column("Số", 23),
    Column("Đơn vị", 23),
    Column("Điều khoản", 18),
    Column("Mức độ", 21),
    Column("Nội dung phát hiện, bằng chứng", 48),
    Column("Ý kiến của đơn vị, quyết định của trưởng đoàn", 32),
)


@dataclass(frozen=True)
class FindingLine:
    """One finding as it is printed."""

    number: str
    unit: str
    clauses: str
    grade: str
    statement: str
    evidence: str = ""
    opinion: str = ""
    repeated: int = 0  # how often it was reported, where it repeats
    is_systemic: bool = False


@dataclass(frozen=True)
class AuditReportPaper:
    """Everything on the sheet, as plain values."""

    number: str
    units: str
    objective: str
    scope: str
    criteria: str
    days: str
    team: tuple[str, ...]
    lead: str
    findings: tuple[FindingLine, ...]
    conclusions: str
    comparison: str = ""
    causes: str = ""
    demands: str = ""
    due_on: date | None = None
    exceptions: tuple[str, ...] = ()
    amendments: tuple[str, ...] = ()
    signer: str = ""  # of the notice
    is_deputy: bool = False


class _Issued(Sheet):
    """A paper with number, place and day of its issue, which are written in by hand."""

    def issued_by(self, printing: Printing, kind: str) -> None:
        body = re.sub(r"^UBND\b", "Ủy ban nhân dân", printing.body)
        found = _PLACE.search(body)
        number = f"Số:        /{kind}-{_symbol(printing.body)}"
        self.head(Head(body, printing.superior, number, found[1] if found else body))

    def part(self, text: str) -> None:
        line = put(self.docx.add_paragraph(), text, 14, bold=True, align=ALIGN.LEFT, before=8)
        line.paragraph_format.first_line_indent = Mm(10)
        line.paragraph_format.keep_with_next = True

    def long_table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Add a table of thousands of rows: each is a copy of the first, with its own words."""
        self.table(columns, [[""] * len(columns)])
        pattern = self.docx.tables[-1].rows[1]._tr
        table = self.docx.tables[-1]._tbl
        table.remove(pattern)
        for values in rows:
            row = copy.deepcopy(pattern)
            for cell, text in zip(row.iterchildren(qn("w:tc")), values, strict=True):
                self._said(cell, text.split("\n"))
            table.append(row)

    @staticmethod
    def _said(cell: Any, lines: Sequence[str]) -> None:
        paragraph = cell.find(qn("w:p"))
        for at, line in enumerate(lines):
            one = paragraph if at == len(lines) - 1 else copy.deepcopy(paragraph)
            if one is not paragraph:
                paragraph.addprevious(one)
            text = OxmlElement("w:t")
            text.text = printable(line)
            text.set(qn("xml:space"), "preserve")
            one.find(qn("w:r")).append(text)

    def texts(self, text: str, *, otherwise: str = "") -> None:
        for line in (text.strip() or otherwise).split("\n"):
            if line.strip():
                self.paragraph(line.strip())

    def foot(self, receivers: Sequence[str], signer: Signer) -> None:
        self._small_gap()
        table = self._bare_table(1, (self.width / 2, self.width / 2))
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        left, right = table.rows[0].cells
        put(left.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT)
        for at, name in enumerate(receivers):
            end = "." if at == len(receivers) - 1 else ";"
            put(left.add_paragraph(), f"- {name}{end}", 11, align=ALIGN.LEFT)
        for at, office in enumerate(signer.offices):
            line = right.paragraphs[0] if at == 0 else right.add_paragraph()
            put(line, office, 14, bold=True)
            line.paragraph_format.keep_with_next = True
        put(right.add_paragraph(), signer.name, 14, bold=True, before=85)


def _symbol(body: str) -> str:
    if body.upper().startswith(("UBND", "ỦY BAN", "UỶ BAN")):
        return "UBND"
    return "".join(word[0] for word in body.split() if word[0].isalpha()).upper()[:8]


def _sheet(printing: Printing, form: PaperForm, number: str) -> _Issued:
    return _Issued(f"{form.title} {number}", foot=printing.foot(form, number))


def build_audit_report(printing: Printing, values: AuditReportPaper) -> bytes:
    """Give the report as a Word file: what was audited, found, concluded; signed by the lead."""
    sheet = _sheet(printing, AUDIT_REPORT, values.number)
    sheet.issued_by(printing, "BC")
    sheet.title("Báo cáo", f"Kết quả đánh giá nội bộ {values.number}")
    sheet.part("I. THÔNG TIN CHUNG")
    facts = [
        ("Cuộc đánh giá", values.number),
        ("Đơn vị được đánh giá", values.units),
        ("Mục đích", values.objective),
        ("Phạm vi", values.scope),
        ("Chuẩn mực", values.criteria),
        ("Thời gian", values.days),
        ("Đoàn đánh giá", "\n".join(values.team)),
        ("Ngoại lệ về tính độc lập", "\n".join(values.exceptions)),
    ]
    sheet.facts([(label, text) for label, text in facts if text])
    strong = [one for one in values.findings if one.grade == "strength"]
    others = [one for one in values.findings if one.grade != "strength"]
    sheet.part("II. ĐIỂM MẠNH")
    for one in strong:
        sheet.paragraph(f"- {one.unit}: {one.statement}")
    if not strong:
        sheet.paragraph("Không ghi nhận riêng.")
    sheet.part("III. CÁC PHÁT HIỆN")
    sheet.paragraph(_counted(others))
    if others:
        sheet.long_table(_COLUMNS, [_row(one) for one in others])
    sheet.part("IV. SO VỚI LẦN ĐÁNH GIÁ TRƯỚC")
    sheet.texts(values.comparison, otherwise="Chưa có lần đánh giá trước để so sánh.")
    _repeats(sheet, others)
    sheet.part("V. KẾT LUẬN")
    sheet.texts(values.conclusions)
    sheet.part("VI. KIẾN NGHỊ, THỜI HẠN KHẮC PHỤC")
    sheet.texts(values.demands, otherwise="Các đơn vị thực hiện theo các phát hiện nêu trên.")
    until = f" trước ngày {short_day(values.due_on)}" if values.due_on else ""
    sheet.paragraph(f"Đơn vị khắc phục và báo cáo kết quả{until}./.")
    sheet.foot(
        ("Lãnh đạo cơ quan", "Đơn vị được đánh giá", "Đoàn đánh giá", "Lưu: VT, ISO"),
        Signer(("TRƯỞNG ĐOÀN ĐÁNH GIÁ",), values.lead),
    )
    return sheet.to_bytes()


def _counted(findings: Sequence[FindingLine]) -> str:
    if not findings:
        return "Không có điểm không phù hợp, điểm lưu ý hay cơ hội cải tiến."
    counts = Counter(one.grade for one in findings)
    said = [f"{GRADES[code].lower()}: {figure(counts[code])}" for code in GRADES if counts[code]]
    return f"Tổng số {figure(len(findings))} phát hiện, trong đó {'; '.join(said)}."


def _row(one: FindingLine) -> tuple[str, ...]:
    marks = [f"Lặp lại lần {one.repeated}."] if one.repeated > 1 else []
    marks += ["Có tính hệ thống."] if one.is_systemic else []
    told = [one.statement, f"Bằng chứng: {one.evidence}" if one.evidence else "", *marks]
    return (
        one.number,
        one.unit,
        one.clauses,
        GRADES[one.grade],
        "\n".join(line for line in told if line),
        one.opinion,
    )


def _repeats(sheet: _Issued, findings: Sequence[FindingLine]) -> None:
    repeated = sum(one.repeated > 1 for one in findings)
    systemic = sum(one.is_systemic for one in findings)
    if repeated or systemic:
        sheet.paragraph(
            f"Số phát hiện lặp lại: {figure(repeated)}; "
            f"số phát hiện có tính hệ thống: {figure(systemic)}."
        )


def build_conclusion_notice(printing: Printing, values: AuditReportPaper) -> bytes:
    """Give the notice of the conclusions as a Word file, signed by the head of the body."""
    sheet = _sheet(printing, CONCLUSION_NOTICE, values.number)
    sheet.issued_by(printing, "TB")
    sheet.title("Thông báo", f"Kết luận cuộc đánh giá nội bộ {values.number}")
    sheet.paragraph(
        f"Căn cứ báo cáo kết quả đánh giá nội bộ {values.number} tại {values.units}, "
        f"{values.days}, cơ quan thông báo kết luận như sau:"
    )
    sheet.part("1. Ưu điểm")
    strong = [f"- {one.statement}" for one in values.findings if one.grade == "strength"]
    sheet.texts("\n".join(strong), otherwise="Không ghi nhận riêng.")
    sheet.texts(values.conclusions)
    sheet.part("2. Hạn chế")
    weak = [one for one in values.findings if one.grade != "strength"]
    for one in weak:
        sheet.paragraph(
            f"- {one.unit} (điều {one.clauses}, {GRADES[one.grade].lower()}): {one.statement}"
        )
    if not weak:
        sheet.paragraph("Không có.")
    sheet.part("3. Nguyên nhân")
    sheet.texts(values.causes, otherwise="Đơn vị phân tích khi lập hành động khắc phục.")
    sheet.part("4. Yêu cầu khắc phục, thời hạn")
    sheet.texts(values.demands, otherwise="Khắc phục các điểm không phù hợp nêu tại mục 2.")
    if values.due_on:
        sheet.paragraph(f"Thời hạn: trước ngày {short_day(values.due_on)}.")
    for text in values.amendments:
        sheet.paragraph(f"Sửa đổi, bổ sung báo cáo: {text}")
    sheet.part("5. Tổ chức thực hiện")
    sheet.paragraph(
        "Thư ký hệ thống quản lý chất lượng theo dõi, đôn đốc và báo cáo kết quả thực hiện./."
    )
    head = "CHỦ TỊCH" if _symbol(printing.body) == "UBND" else "THỦ TRƯỞNG"
    offices = (f"KT. {head}", f"PHÓ {head}") if values.is_deputy else (head,)
    receivers = ("Đơn vị được đánh giá", "Đoàn đánh giá", "Lưu: VT, ISO")
    sheet.foot(receivers, Signer(offices, values.signer))
    return sheet.to_bytes()
