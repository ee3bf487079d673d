"""Who got a document, on paper or on screen, and which old copies came back (practice 9.4; a32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import DISTRIBUTION_LIST, Printing
from forms.paper.layout import Column, Sheet, Signer, short_day
from forms.paper.master_list import MasterListSheet, build_master_list

COLUMNS = (
    Column("Số bản", 14),
    Column("Lần ban hành", 18),
    Column("Nơi nhận", 58),
    Column("Hình thức", 24),
    Column("Ngày giao", 22),
    Column("Người giao", 32),
    Column("Người nhận", 32),
    Column("Xác nhận đã đọc (ngày)", 26),
    Column("Bản cũ đã thu hồi (số, ngày)", 28),
    Column("Tình trạng", 26),
)


@dataclass(frozen=True)
class DistributionLine:
    """One copy on paper, or one unit that reads on screen."""

    number: str
    edition: str
    where: str
    form: str
    given_on: date | None
    given_by: str
    received_by: str
    read: str
    old_copy: str
    state: str


@dataclass(frozen=True)
class DistributionPaper:
    """The list of one document."""

    code: str
    title: str
    edition: str
    lines: tuple[DistributionLine, ...]


def print_distribution_list(printing: Printing, paper: DistributionPaper) -> bytes:
    """Give the Word file of the list, with room for the receivers' hands."""
    title = f"{DISTRIBUTION_LIST.title} {paper.code}"
    sheet = Sheet(title, lying=True, foot=printing.foot(DISTRIBUTION_LIST, paper.code))
    sheet.head(printing.head)
    sheet.appendix(DISTRIBUTION_LIST.title, printing.goes_with)
    sheet.line(f"Tài liệu: {paper.code} {paper.title}")
    sheet.line(f"Lần ban hành đang hiệu lực: {paper.edition or 'không có'}")
    sheet.table(
        COLUMNS,
        [
            tuple(short_day(v) if isinstance(v, date) else v or "" for v in _row(line))
            for line in paper.lines
        ],
        size=11,
    )
    sheet.signatures(Signer(("Người lập",)), Signer(("Thư ký ISO",)))
    return sheet.to_bytes()


def build_distribution_list(printing: Printing, paper: DistributionPaper) -> bytes:
    """Give the same rows as a spreadsheet; texts stay texts (T22)."""
    return build_master_list(
        MasterListSheet(
            title=f"{DISTRIBUTION_LIST.title} {paper.code}",
            remark=f"{printing.body} · {paper.code} {paper.title} · {paper.edition}",
            columns=tuple((column.label, int(column.width * 0.6)) for column in COLUMNS),
            rows=tuple(_row(line) for line in paper.lines),
        )
    )


def _row(line: DistributionLine) -> tuple[str | date | None, ...]:
    return (
        line.number,
        line.edition,
        line.where,
        line.form,
        line.given_on,
        line.given_by,
        line.received_by,
        line.read,
        line.old_copy,
        line.state,
    )
