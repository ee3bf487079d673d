"""The list of records on paper: what is kept, where, how long, how it goes (practice 9.6; a49)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import RECORD_LIST, Printing
from forms.paper.layout import Column, Sheet, Signer, short_day

COLUMNS = (
    Column("STT", 12),
    Column("Tên hồ sơ", 62),
    Column("Mã biểu mẫu", 26),
    Column("Đơn vị giữ", 34),
    Column("Hình thức", 22),
    Column("Thời hạn lưu", 34),
    Column("Nơi lưu", 38),
    Column("Cách hủy", 26),
)


@dataclass(frozen=True)
class RecordLine:
    """One record as the list names it."""

    title: str
    number: str
    period: str
    form_code: str
    unit: str
    has_file: bool
    keep_years: int
    keep_until: date | None
    place: str
    disposal: str  # how it went, or how it is to go where that is decided

    @property
    def name(self) -> str:
        """Give title, number and period in one."""
        return ", ".join(filter(None, (self.title, self.number, self.period)))

    @property
    def medium(self) -> str:
        """Say whether it is on paper, a file, or both."""
        if not self.has_file:
            return "Giấy"
        return "Giấy và điện tử" if self.place else "Điện tử"

    @property
    def kept(self) -> str:
        """Say how long it is kept."""
        if self.keep_until is None:
            return "Vĩnh viễn"
        return f"{self.keep_years} năm, đến {short_day(self.keep_until)}"

    @property
    def where(self) -> str:
        """Say where it lies."""
        return self.place or ("Kho tệp của hệ thống" if self.has_file else "")


def print_record_list(
    printing: Printing, lines: tuple[RecordLine, ...], *, narrowed: str = ""
) -> bytes:
    """Give the Word file of the list; `narrowed` says which part of it this is."""
    sheet = Sheet(RECORD_LIST.title, lying=True, foot=printing.foot(RECORD_LIST))
    sheet.head(printing.head)
    sheet.appendix(RECORD_LIST.title, printing.goes_with)
    if narrowed:
        sheet.line(narrowed)
    sheet.table(COLUMNS, [_row(at, line) for at, line in enumerate(lines, start=1)], size=11)
    sheet.signatures(Signer(("Người lập",)), Signer(("Người phê duyệt",)))
    return sheet.to_bytes()


def _row(at: int, line: RecordLine) -> tuple[str, ...]:
    return (
        str(at),
        line.name,
        line.form_code,
        line.unit,
        line.medium,
        line.kept,
        line.where,
        line.disposal,
    )
