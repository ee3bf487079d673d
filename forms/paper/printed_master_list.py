"""The master list on paper, in the fields offices know (practice 9.1; a60, 7.5.3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import MASTER_LIST, Printing
from forms.paper.layout import Column, Sheet, Signer, short_day

COLUMNS = (
    Column("STT", 10),
    Column("Mã tài liệu", 26),
    Column("Tên tài liệu", 58),
    Column("Loại", 22),
    Column("Lần ban hành / sửa đổi", 19),
    Column("Ngày ban hành", 22),
    Column("Ngày hiệu lực", 22),
    Column("Đơn vị soạn thảo", 34),
    Column("Tình trạng", 24),
    Column("Ghi chú", 20),
)


@dataclass(frozen=True)
class MasterListLine:
    """One document as the list names it."""

    code: str
    title: str
    kind: str
    edition: str
    approved_on: date | None
    effective_on: date | None
    unit: str
    state: str
    remark: str = ""


def print_master_list(
    printing: Printing, lines: tuple[MasterListLine, ...], *, narrowed: str = ""
) -> bytes:
    """Give the Word file of the master list; `narrowed` says which part of it this is."""
    sheet = Sheet(MASTER_LIST.title, lying=True, foot=printing.foot(MASTER_LIST))
    sheet.head(printing.head)
    sheet.appendix(MASTER_LIST.title, printing.goes_with)
    if narrowed:
        sheet.line(narrowed)
    sheet.table(
        COLUMNS,
        [
            (
                str(at),
                line.code,
                line.title,
                line.kind,
                line.edition,
                short_day(line.approved_on),
                short_day(line.effective_on),
                line.unit,
                line.state,
                line.remark,
            )
            for at, line in enumerate(lines, start=1)
        ],
        size=11,
    )
    sheet.signatures(Signer(("Người lập",)), Signer(("Người phê duyệt",)))
    return sheet.to_bytes()
