"""The change request on paper, and the book of all requests (practice 9.3; a42-a45)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forms.paper.catalogue import CHANGE_LIST, CHANGE_REQUEST, Printing
from forms.paper.layout import Sheet, Signer, short_day
from forms.paper.master_list import MasterListSheet, build_master_list

_BY_HAND = "\n\n"  # room for what is written by hand
LIST_COLUMNS = (
    ("Số phiếu", 16),
    ("Ngày", 12),
    ("Người đề nghị", 24),
    ("Đơn vị", 30),
    ("Tài liệu liên quan", 30),
    ("Nội dung đề nghị, lý do", 60),
    ("Căn cứ pháp lý", 24),
    ("Tình trạng", 20),
    ("Người được giao", 24),
    ("Thời hạn", 12),
    ("Lý do quyết định", 40),
)


@dataclass(frozen=True)
class ChangePaper:
    """One request as its form shows it."""

    number: str
    asked_on: date | None
    asked_by: str
    unit: str
    sort: str  # new, changed or ended: as ticked boxes
    documents: tuple[str, ...]
    passages: tuple[str, ...]
    reason: str
    source: str
    impact: str
    law: str
    state: str
    is_accepted: bool | None  # None while nobody decided
    decision_reason: str
    owner: str
    due_on: date | None
    decided_by: str
    decided_on: date | None


def print_change_request(printing: Printing, paper: ChangePaper) -> bytes:
    """Give the Word file of one request, with room for opinions given by hand."""
    sheet = Sheet(f"{CHANGE_REQUEST.title} {paper.number}",
                  foot=printing.foot(CHANGE_REQUEST, paper.number))  # fmt: skip
    sheet.head(printing.head)
    sheet.appendix(CHANGE_REQUEST.title, printing.goes_with)
    sheet.facts(
        [
            ("Số phiếu", paper.number),
            ("Ngày", short_day(paper.asked_on)),
            ("Người đề nghị", paper.asked_by),
            ("Đơn vị", paper.unit),
            ("Loại yêu cầu", paper.sort),
            ("Tài liệu liên quan", "\n".join(paper.documents)),
            ("Nội dung hiện tại", "\n".join(paper.passages) or _BY_HAND),
            ("Nội dung đề nghị, lý do", paper.reason),
            ("Xuất phát từ", paper.source),
            ("Ảnh hưởng", paper.impact),
            ("Căn cứ pháp lý", paper.law),
            ("Ý kiến đơn vị", _BY_HAND),
            ("Ý kiến thư ký ISO", _BY_HAND),
            ("Quyết định", _decision(paper)),
            ("Lý do", paper.decision_reason),
            ("Người được giao soạn thảo", paper.owner),
            ("Thời hạn", short_day(paper.due_on)),
            ("Người duyệt, ngày", _joined(paper.decided_by, short_day(paper.decided_on))),
        ]
    )
    sheet.signatures(
        Signer(("Người đề nghị",), paper.asked_by),
        Signer(("Thư ký ISO",)),
        Signer(("Người duyệt",), paper.decided_by),
    )
    return sheet.to_bytes()


def _decision(paper: ChangePaper) -> str:
    yes = "☒" if paper.is_accepted else "☐"
    no = "☒" if paper.is_accepted is False else "☐"
    return f"{yes} Đồng ý    {no} Không đồng ý\n{paper.state}"


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def build_change_list(printing: Printing, papers: tuple[ChangePaper, ...]) -> bytes:
    """Give the book of requests as a spreadsheet; texts stay texts (T22)."""
    return build_master_list(
        MasterListSheet(
            title=CHANGE_LIST.title,
            remark=f"{printing.body} · {CHANGE_LIST.code}",
            columns=LIST_COLUMNS,
            rows=tuple(
                (
                    paper.number,
                    paper.asked_on,
                    paper.asked_by,
                    paper.unit,
                    "; ".join(paper.documents),
                    paper.reason,
                    paper.law,
                    paper.state,
                    paper.owner,
                    paper.due_on,
                    paper.decision_reason,
                )
                for paper in papers
            ),
        )
    )
