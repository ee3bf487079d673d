"""The plan of one audit, which is its notice to the units too (practice 9.9; model 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.audit_team import Excepted, Member, joined, named_criterion
from forms.paper.issuer import Issuer
from forms.paper.layout import Column, Signer, figure, short_day
from forms.paper.official_sheet import OfficialSheet, day_in_words, days_in_words

_TEAM = (
    Column("STT", 14),
    Column("Họ và tên", 50),
    Column("Chức vụ, đơn vị", 68),
    Column("Vai trò", 35),
)
_AGENDA = (
    Column("Ngày, giờ", 25),
    Column("Đơn vị, địa điểm", 36),
    Column("Nội dung, điều khoản", 46),
    Column("Đánh giá viên", 30),
    Column("Người làm việc", 28),
)
_READING = (Column("STT", 14), Column("Mã số", 35), Column("Tên tài liệu", 88), Column("Lần", 30))


@dataclass(frozen=True)
class Hours:
    """A line of the agenda."""

    held_on: date
    hours: str
    where: str
    subject: str
    auditors: str
    met: str


@dataclass(frozen=True)
class PlanPaper(Issuer):
    """What the plan says."""

    number: str
    programme: str
    objective: str
    units: tuple[str, ...]
    clauses: tuple[str, ...]
    procedures: tuple[str, ...]
    criteria: tuple[str, ...]
    first: date
    last: date
    method: str
    remote_address: str
    members: tuple[Member, ...]
    exceptions: tuple[Excepted, ...]
    meetings: tuple[str, ...]
    agenda: tuple[Hours, ...]
    reading: tuple[tuple[str, str, str], ...]
    sent_on: date | None
    confirmed: tuple[str, ...]
    lead: str


def build_audit_plan(said: PlanPaper) -> bytes:
    """Give the Word file of the plan."""
    sheet = OfficialSheet(f"Kế hoạch đánh giá {said.number}")
    sheet.issued(said, "KH")
    sheet.title("Kế hoạch", f"Đánh giá nội bộ {joined(said.units)}")
    sheet.paragraph(
        f"Thực hiện {said.programme}, Đoàn đánh giá lập kế hoạch cuộc đánh giá {said.number} "
        "như sau:"
    )
    sheet.part("I. Mục đích, phạm vi, chuẩn mực")
    purpose = said.objective or (
        "Xác định mức độ phù hợp và hiệu lực của hệ thống quản lý chất lượng tại đơn vị"
    )
    sheet.paragraph(f"1. Mục đích: {purpose.rstrip('.')}.")
    sheet.paragraph(f"2. Đơn vị được đánh giá: {', '.join(said.units)}.")
    if said.clauses:
        sheet.paragraph(f"3. Điều khoản: {', '.join(said.clauses)}.")
    if said.procedures:
        sheet.paragraph(f"{_next(said)}. Quy trình: {', '.join(said.procedures)}.")
    listed = "; ".join(named_criterion(one) for one in said.criteria)
    sheet.paragraph(f"{_next(said) + bool(said.procedures)}. Chuẩn mực: {listed}.")
    sheet.part("II. Thời gian, hình thức")
    sheet.paragraph(f"1. Thời gian: {days_in_words(said.first, said.last)}.")
    afar = f", địa chỉ họp từ xa: {said.remote_address}" if said.remote_address else ""
    sheet.paragraph(f"2. Hình thức: {said.method.lower()}{afar}.")
    for at, meeting in enumerate(said.meetings, start=3):
        sheet.paragraph(f"{at}. {meeting}")
    sheet.part("III. Đoàn đánh giá")
    rows = [(figure(at), one.name, one.post, one.part) for at, one in enumerate(said.members, 1)]
    sheet.table(_TEAM, rows, size=13)
    for one in said.exceptions:
        sheet.paragraph(one.words)
    _agenda(sheet, said)
    _reading(sheet, said)
    _told(sheet, said)
    sheet.foot(
        [*said.units[:8], "Đoàn đánh giá", "Lưu: VT, HTQLCL"], Signer(("Trưởng đoàn",), said.lead)
    )
    return sheet.to_bytes()


def _next(said: PlanPaper) -> int:
    return 4 if said.clauses else 3


def _agenda(sheet: OfficialSheet, said: PlanPaper) -> None:
    sheet.part("IV. Lịch đánh giá")
    if not said.agenda:
        sheet.paragraph("Trưởng đoàn thống nhất giờ làm việc với từng đơn vị.")
        return
    sheet.table(
        _AGENDA,
        [
            (
                f"{short_day(one.held_on)}\n{one.hours}",
                one.where,
                one.subject,
                one.auditors,
                one.met,
            )
            for one in said.agenda
        ],
    )


def _reading(sheet: OfficialSheet, said: PlanPaper) -> None:
    sheet.part("V. Tài liệu xem trước")
    if not said.reading:
        sheet.paragraph("Không có tài liệu riêng.")
        return
    sheet.table(_READING, [(figure(at), *row) for at, row in enumerate(said.reading, start=1)])


def _told(sheet: OfficialSheet, said: PlanPaper) -> None:
    sheet.part("VI. Tổ chức thực hiện")
    sheet.paragraph(
        "1. Đơn vị được đánh giá bố trí người làm việc, hồ sơ và nơi làm việc theo lịch; ngày, "
        "giờ không phù hợp thì báo lại Trưởng đoàn trước khi bắt đầu."
    )
    sent = f"Kế hoạch được gửi các đơn vị {day_in_words(said.sent_on)}." if said.sent_on else (
        "Kế hoạch chưa gửi các đơn vị."
    )  # fmt: skip
    confirmed = f" Đã xác nhận: {'; '.join(said.confirmed)}." if said.confirmed else ""
    sheet.paragraph(f"2. {sent}{confirmed}")
    sheet.paragraph("3. Thay đổi sau khi gửi được thông báo lại cho những người có liên quan./.")
