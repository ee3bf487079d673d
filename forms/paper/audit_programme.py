"""The audit programme of a year, its calendar by unit and month beside (practice 9.7; A1, A2)."""

from __future__ import annotations

from dataclasses import dataclass

from forms.paper.audit_team import Excepted, named_criterion
from forms.paper.issuer import Issuer
from forms.paper.layout import Column, Signer, figure
from forms.paper.official_sheet import OfficialSheet

_YEAR = (
    Column("STT", 12),
    Column("Đơn vị", 48),
    *(Column(str(month), 11) for month in range(1, 13)),
    Column("Hình thức", 22),
    Column("Loại", 22),
    Column("Trưởng đoàn dự kiến", 30),
)


@dataclass(frozen=True)
class YearLine:
    """A unit in the year: on which days of which month, how, why, led by whom."""

    unit: str
    months: tuple[str, ...]
    method: str
    kind: str
    lead: str


@dataclass(frozen=True)
class ProgrammePaper(Issuer):
    """What the programme says; what it leaves uncovered is named."""

    name: str
    year: int
    version: int
    change_reason: str
    objectives: str
    covers: str
    criteria: tuple[str, ...]
    risks: str
    resources: str
    covered: int
    wanted: int
    units_covered: int
    units: int
    gaps: tuple[tuple[str, str], ...]  # unit, clauses
    exceptions: tuple[Excepted, ...]
    lines: tuple[YearLine, ...]
    drafter: str
    signer: str
    capacity: str
    signed: str

    @property
    def subject(self) -> str:
        """Give what the programme is of, without the name of its type."""
        name = self.name.removeprefix("Chương trình").strip() or self.name
        return f"{name[:1].upper()}{name[1:]} năm {self.year}"


def build_programme(said: ProgrammePaper) -> bytes:
    """Give the Word file of the programme, its calendar as an appendix across the sheet."""
    sheet = OfficialSheet(f"{said.name} năm {said.year}")
    sheet.issued(said, "CTr")
    sheet.title("Chương trình", said.subject)
    if said.version > 1:
        sheet.paragraph(
            f"Chương trình này là bản thứ {said.version}, thay bản đã ký trước. Lý do thay đổi: "
            f"{said.change_reason.rstrip('.')}."
        )
    for title, text in (
        ("I. Mục tiêu", said.objectives),
        ("II. Phạm vi", said.covers),
    ):
        sheet.part(title)
        _texts(sheet, text)
    sheet.part("III. Chuẩn mực đánh giá")
    for one in said.criteria:
        sheet.paragraph(f"{named_criterion(one)}.")
    for title, text in (
        ("IV. Rủi ro, cơ hội của chương trình", said.risks),
        ("V. Nguồn lực", said.resources),
    ):
        sheet.part(title)
        _texts(sheet, text or "Không nêu.")
    sheet.part("VI. Mức độ bao quát")
    _coverage(sheet, said)
    sheet.part("VII. Lịch đánh giá")
    sheet.paragraph(
        f"Lịch đánh giá của {said.units_covered} đơn vị theo tháng nêu tại Phụ lục kèm theo "
        "Chương trình này. Thay đổi ngày của một cuộc đánh giá được ghi lý do, không phải phê "
        f"duyệt lại. Người lập: {said.drafter}.{said.signed}./."
    )
    sheet.foot(
        ["Các đơn vị trong phạm vi", "Đoàn đánh giá", "Lưu: VT, HTQLCL"],
        Signer(said.offices(said.capacity), said.signer),
    )
    _calendar(sheet, said)
    return sheet.to_bytes()


def _texts(sheet: OfficialSheet, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            sheet.paragraph(line.strip())


def _coverage(sheet: OfficialSheet, said: ProgrammePaper) -> None:
    sheet.paragraph(
        f"1. Đơn vị có cuộc đánh giá trong năm: {said.units_covered} trên {said.units}."
    )
    sheet.paragraph(
        f"2. Điều khoản theo đơn vị được đánh giá trong chu kỳ: {said.covered} trên {said.wanted}."
    )
    if said.gaps:
        sheet.paragraph("3. Chưa bao quát:")
        sheet.gap()
        sheet.table(
            (Column("STT", 14), Column("Đơn vị", 60), Column("Điều khoản", 93)),
            [(figure(at), *row) for at, row in enumerate(said.gaps, start=1)],
        )
    else:
        sheet.paragraph("3. Không có điều khoản nào chưa bao quát.")
    for one in said.exceptions:
        sheet.paragraph(one.words)


def _calendar(sheet: OfficialSheet, said: ProgrammePaper) -> None:
    sheet.appended(
        f"Lịch đánh giá theo đơn vị năm {said.year}",
        f"Kèm theo Chương trình số        /CTr-{said.symbol} ngày      tháng      năm        "
        f"của {said.full_name}",
    )
    sheet.gap()
    sheet.table(
        _YEAR,
        [
            (figure(at), one.unit, *one.months, one.method, one.kind, one.lead)
            for at, one in enumerate(said.lines, start=1)
        ],
        size=11,
    )
    sheet.end_mark()
