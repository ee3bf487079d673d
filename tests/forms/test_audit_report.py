"""The report of an audit and the notice of its conclusions, read back (9.2.2 d; b34, L6)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from forms.paper.audit_report import (
    AuditReportPaper,
    FindingLine,
    build_audit_report,
    build_conclusion_notice,
)
from forms.paper.catalogue import Printing
from tests.forms.paper import cells_of, violations, words_of

PRINTING = Printing(
    "UBND phường Đông Hải", "", "Thái Bá Dũng", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
)
FOUND = (
    FindingLine(
        "DG-2026-01.01",
        "Phòng Tư pháp",
        "8.5.1, 7.5.3",
        "minor",
        "Sổ theo dõi ghi thiếu ba hồ sơ.",
        "Sổ tiếp nhận tháng 10, trang 4",
        "Đơn vị không đồng ý: hồ sơ để ở kho.\nTrưởng đoàn giữ nguyên: sổ là nơi quy định.",
        repeated=2,
        is_systemic=True,
    ),
    FindingLine("DG-2026-01.02", "Phòng Tư pháp", "9.1.2", "observation", "Phiếu ít người điền."),
    FindingLine("DG-2026-01.03", "Phòng Tư pháp", "8.2.1", "strength", "Trả kết quả trước hạn."),
)


def a_report(**changes) -> AuditReportPaper:
    """Make a report with three findings."""
    values = {
        "number": "DG-2026-01",
        "units": "Phòng Tư pháp",
        "objective": "Xác nhận hệ thống phù hợp.",
        "scope": "Tiếp nhận và trả kết quả hộ tịch.",
        "criteria": "TCVN ISO 9001:2015, các quy trình của phòng",
        "days": "từ 05/11/2026 đến 06/11/2026",
        "team": ("Thái Bá Dũng, trưởng đoàn", "Ông Văn Phú, đánh giá viên"),
        "lead": "Thái Bá Dũng",
        "findings": FOUND,
        "conclusions": "Hệ thống phù hợp và có hiệu lực.",
        "comparison": "Ít hơn lần trước một điểm.",
        "demands": "Bổ sung sổ theo dõi.",
        "due_on": date(2026, 12, 15),
        "signer": "Đỗ Minh Anh",
        "is_deputy": True,
        **changes,
    }
    return AuditReportPaper(**values)


@pytest.mark.covers("b34", "A8", "A9", "L6")
def test_the_report_prints_findings_opinions_repeats_and_keeps_the_layout(tmp_path):
    sheet = build_audit_report(PRINTING, a_report())
    words = words_of(sheet)
    for said in (
        "BÁO CÁO",
        "Tổng số 02 phát hiện, trong đó không phù hợp nhẹ: 01; điểm lưu ý: 01.",
        "Lặp lại lần 2.",
        "Có tính hệ thống.",
        "Số phát hiện lặp lại: 01; số phát hiện có tính hệ thống: 01.",
        "Trưởng đoàn giữ nguyên: sổ là nơi quy định.",
        "Đơn vị khắc phục và báo cáo kết quả trước ngày 15/12/2026./.",
        "TRƯỞNG ĐOÀN ĐÁNH GIÁ",
    ):
        assert said in words, said
    assert cells_of(sheet, 2)[1][0] == "DG-2026-01.01"
    assert build_audit_report(PRINTING, a_report()) == sheet  # same values, same sheet
    assert violations(sheet, "BC", tmp_path) == []


@pytest.mark.covers("b34")
def test_the_notice_prints_conclusions_and_what_is_asked_by_when(tmp_path):
    sheet = build_conclusion_notice(PRINTING, a_report(amendments=("Bỏ phát hiện 02: có hồ sơ.",)))
    words = words_of(sheet)
    for said in (
        "THÔNG BÁO",
        "Trả kết quả trước hạn.",
        "- Phòng Tư pháp (điều 8.5.1, 7.5.3, không phù hợp nhẹ): Sổ theo dõi ghi thiếu ba hồ sơ.",
        "Thời hạn: trước ngày 15/12/2026.",
        "Sửa đổi, bổ sung báo cáo: Bỏ phát hiện 02: có hồ sơ.",
        "KT. CHỦ TỊCH",
    ):
        assert said in words, said
    assert violations(sheet, "TB", tmp_path) == []


@pytest.mark.covers("b34")
@pytest.mark.parametrize("build", [build_audit_report, build_conclusion_notice])
def test_an_audit_that_found_nothing_is_a_whole_sheet_too(build, tmp_path):
    sheet = build(PRINTING, a_report(findings=(), comparison="", demands="", due_on=None))
    assert violations(sheet, "BC" if build is build_audit_report else "TB", tmp_path) == []


def test_three_thousand_findings_print_within_ten_seconds():
    many = tuple(FOUND[number % 2] for number in range(3000))
    began = time.monotonic()
    sheet = build_audit_report(PRINTING, a_report(findings=many))
    assert time.monotonic() - began < 10
    assert sheet[:2] == b"PK"
