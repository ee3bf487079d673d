"""An auditor's record on paper: its fields, and the decree's layout (practice 9.25; b10)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forms.paper.auditor_record import AuditLine, AuditorRecord, RecordLine, print_auditor_record
from forms.paper.catalogue import Printing
from tests.forms.paper import cells_of, foot_of, violations, words_of

PRINTING = Printing(
    "UBND phường Thử Nghiệm",
    "UBND thành phố Đông Hải",
    "Lê Quang Huy",
    datetime(2026, 11, 23, 9, 5, tzinfo=UTC),
)
FULL = AuditorRecord(
    number="DGV-03",
    name="Mạc Anh Tuấn",
    unit="Phòng Nội vụ",
    post="Chuyên viên",
    may="Trưởng đoàn, đánh giá viên",
    fields="Nội vụ, Hộ tịch",
    qualified="từ 07/05/2026, đến 06/04/2028",
    courses=(RecordLine(date(2026, 3, 28), "Đánh giá viên nội bộ ISO 9001 " * 4, "ĐGV-103"),),
    assessments=(RecordLine(date(2026, 4, 2), "Đi cùng một cuộc đánh giá", "Đạt"),),
    audits=(AuditLine("DG-2026-01", "Phòng Tư pháp", "26, 27/6/2026", "Trưởng đoàn"),),
)
EMPTY = AuditorRecord("DGV-04", "Lê Khách", "", "", "Đánh giá viên", "", "không thời hạn", (), ())


@pytest.mark.covers("b10")
@pytest.mark.parametrize("record", [FULL, EMPTY])
def test_the_record_keeps_the_decree_and_says_which_form_it_is(
    record: AuditorRecord, tmp_path: Path
) -> None:
    sheet = print_auditor_record(PRINTING, record)
    assert violations(sheet, "PL", tmp_path) == []
    assert foot_of(sheet) == (
        f"BM-DG-08, lần 01/00 · {record.number} · In bởi Lê Quang Huy lúc 09:05 ngày 23/11/2026"
    )
    words = words_of(sheet)
    for said in ("HỒ SƠ ĐÁNH GIÁ VIÊN", record.name, record.may):
        assert said in words


@pytest.mark.covers("b10")
def test_the_record_has_the_fields_offices_know() -> None:
    sheet = print_auditor_record(PRINTING, FULL)
    facts = dict(cells_of(sheet, 1))
    assert facts["Đơn vị"] == "Phòng Nội vụ"
    assert facts["Số cuộc đã tham gia"] == "1"
    assert cells_of(sheet, 2)[1][1:] == ["28/03/2026", FULL.courses[0].title, "ĐGV-103"]
    assert cells_of(sheet, 3)[1][3] == "Đạt"
    assert cells_of(sheet, 4)[1][1] == "DG-2026-01"
    assert words_of(print_auditor_record(PRINTING, EMPTY)).count("Chưa có.") == 3
