"""The register of external documents on paper and as a spreadsheet (practice 9.2; a48)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import EXTERNAL_REGISTER, Printing
from forms.paper.layout import Column, Sheet, Signer, short_day
from forms.paper.master_list import MasterListSheet, build_master_list

COLUMNS = (
    Column("STT", 10),
    Column("Số, ký hiệu", 30),
    Column("Trích yếu", 60),
    Column("Loại văn bản", 22),
    Column("Cơ quan ban hành", 30),
    Column("Ngày ban hành", 22),
    Column("Ngày hiệu lực", 22),
    Column("Tình trạng hiệu lực", 24),
    Column("Văn bản thay thế", 26),
    Column("Quy trình liên quan", 32),
    Column("Nơi lưu", 20),
)
_TYPES = (
    (r"/QH\d+", "Luật"),
    (r"/(UBTVQH|PL)", "Pháp lệnh"),
    (r"/NĐ-", "Nghị định"),
    (r"/NQ", "Nghị quyết"),
    (r"/TTLT", "Thông tư liên tịch"),
    (r"/TT-", "Thông tư"),
    (r"/CT-|/CT$", "Chỉ thị"),
    (r"/QĐ", "Quyết định"),
    (r"^(TCVN|ISO|QCVN)", "Tiêu chuẩn, quy chuẩn"),
)


@dataclass(frozen=True)
class ExternalLine:
    """One law or standard as the register names it."""

    number: str
    subject: str
    issuer: str
    issued_on: date | None
    in_force_on: date | None
    state: str
    replaced_by: str
    procedures: tuple[str, ...]
    kept: str = "Trên hệ thống"


def type_of(number: str) -> str:
    """Say what sort of text a number is of; nothing where its symbol does not tell."""
    return next((name for sign, name in _TYPES if re.search(sign, number.upper())), "")


def print_external_register(printing: Printing, lines: tuple[ExternalLine, ...]) -> bytes:
    """Give the Word file of the register."""
    sheet = Sheet(EXTERNAL_REGISTER.title, lying=True, foot=printing.foot(EXTERNAL_REGISTER))
    sheet.head(printing.head)
    sheet.appendix(EXTERNAL_REGISTER.title, printing.goes_with)
    sheet.table(
        COLUMNS,
        [
            tuple(short_day(v) if isinstance(v, date) else str(v or "") for v in _row(at, line))
            for at, line in enumerate(lines, start=1)
        ],
        size=11,
    )
    sheet.signatures(Signer(("Người lập",)), Signer(("Người phê duyệt",)))
    return sheet.to_bytes()


def build_external_register(printing: Printing, lines: tuple[ExternalLine, ...]) -> bytes:
    """Give the same rows as a spreadsheet; texts stay texts (T22)."""
    return build_master_list(
        MasterListSheet(
            title=EXTERNAL_REGISTER.title,
            remark=f"{printing.body} · {EXTERNAL_REGISTER.code}",
            columns=tuple((column.label, int(column.width * 0.6)) for column in COLUMNS),
            rows=tuple(_row(at, line) for at, line in enumerate(lines, start=1)),
        )
    )


def _row(at: int, line: ExternalLine) -> tuple[str | int | date | None, ...]:
    return (
        at,
        line.number,
        line.subject,
        type_of(line.number),
        line.issuer,
        line.issued_on,
        line.in_force_on,
        line.state,
        line.replaced_by,
        ", ".join(line.procedures),
        line.kept,
    )
