"""An auditor's record: training, assessments, audits, what they may do (practice 9.25; 7.2 d)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import AUDITOR_RECORD, Printing
from forms.paper.layout import Column, Sheet, Signer, figure, short_day

COURSES = (
    Column("STT", 12),
    Column("Ngày", 26),
    Column("Khóa đào tạo", 82),
    Column("Chứng nhận", 45),
)
ASSESSED = (*COURSES[:2], Column("Nội dung đánh giá năng lực", 82), Column("Kết quả", 45))
AUDITS = (
    Column("STT", 12),
    Column("Số", 34),
    Column("Đơn vị được đánh giá", 65),
    Column("Thời gian", 30),
    Column("Vai trò", 24),
)


@dataclass(frozen=True)
class RecordLine:
    """A course or an assessment."""

    held_on: date
    title: str
    certificate: str


@dataclass(frozen=True)
class AuditLine:
    """An audit taken part in."""

    number: str
    units: str
    when: str
    part: str


@dataclass(frozen=True)
class AuditorRecord:
    """Everything the sheet says of one auditor."""

    number: str
    name: str
    unit: str
    post: str
    may: str
    fields: str
    qualified: str
    courses: tuple[RecordLine, ...]
    assessments: tuple[RecordLine, ...]
    audits: tuple[AuditLine, ...] = ()


def print_auditor_record(printing: Printing, record: AuditorRecord) -> bytes:
    """Give the Word file of one auditor's record."""
    sheet = Sheet(
        f"{AUDITOR_RECORD.title} {record.number}",
        foot=printing.foot(AUDITOR_RECORD, record.number),
    )
    sheet.head(printing.head)
    sheet.appendix(AUDITOR_RECORD.title, printing.goes_with_audits)
    sheet.facts(
        [
            ("Số", record.number),
            ("Họ và tên", record.name),
            ("Đơn vị", record.unit),
            ("Chức vụ", record.post),
            ("Vai trò được phép", record.may),
            ("Lĩnh vực", record.fields or "Không nêu"),
            ("Thời hạn", record.qualified),
            ("Số cuộc đã tham gia", str(len(record.audits))),
        ]
    )
    for heading, columns, lines in (
        ("1. Đào tạo", COURSES, record.courses),
        ("2. Đánh giá năng lực", ASSESSED, record.assessments),
    ):
        sheet.line(heading, bold=True)
        if not lines:
            sheet.line("Chưa có.")
            continue
        rows = [
            (figure(at), short_day(one.held_on), one.title, one.certificate)
            for at, one in enumerate(lines, start=1)
        ]
        sheet.table(columns, rows)
    sheet.line("3. Các cuộc đánh giá đã tham gia", bold=True)
    if record.audits:
        sheet.table(
            AUDITS,
            [
                (figure(at), one.number, one.units, one.when, one.part)
                for at, one in enumerate(record.audits, start=1)
            ],
        )
    else:
        sheet.line("Chưa có.")
    sheet.signatures(
        Signer(("Đánh giá viên",), record.name), Signer(("Đại diện lãnh đạo", "về chất lượng"))
    )
    return sheet.to_bytes()
