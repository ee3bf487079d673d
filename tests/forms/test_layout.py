"""The sheet printed forms share keeps Decree 30, upright and lying, with odd words on it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forms.paper.layout import Column, Head, Sheet, Signer, figure, short_day, vietnamese_day
from tests.forms.paper import cells_of, foot_of, violations, words_of

BODIES = [
    Head("UBND xã Lộc"),
    Head("Ủy ban nhân dân phường Thử Nghiệm", superior="UBND thành phố Đông Hải"),
    Head("Trung tâm Phục vụ hành chính công và Hỗ trợ doanh nghiệp xã Quảng Thượng Đông Sơn Tây"),
]


@pytest.mark.covers("a41")
@pytest.mark.parametrize("head", BODIES)
@pytest.mark.parametrize("lying", [False, True])
def test_a_register_keeps_the_decree_whatever_the_name_of_the_body(
    head: Head, lying: bool, tmp_path: Path
) -> None:
    sheet = Sheet("Danh mục", lying=lying, foot=("BM-KS-02 · 01/00", "In bởi Lê Quang Huy"))
    sheet.head(head)
    sheet.appendix("Danh mục tài liệu", "Kèm theo Quy trình kiểm soát tài liệu")
    sheet.table([Column("STT", 10), Column("Tên", 100)], [["1", "Đăng ký\nkhai sinh"]] * 70)
    sheet.signatures(Signer(("Người lập",), "Lê Quang Huy"), Signer(("Người duyệt",), "Đỗ An"))
    data = sheet.to_bytes()
    assert violations(data, "PL", tmp_path) == []
    assert head.body.upper() in words_of(data)
    assert cells_of(data, 1)[1] == ["1", "Đăng ký\nkhai sinh"]
    assert foot_of(data) == "BM-KS-02 · 01/00 · In bởi Lê Quang Huy"


@pytest.mark.parametrize("head", BODIES)
def test_minutes_keep_the_decree(head: Head, tmp_path: Path) -> None:
    sheet = Sheet("Biên bản")
    sheet.head(Head(head.body, head.superior, number="Số: 05/BB-UBND"))
    sheet.title("Biên bản", "Kiểm tra bản giấy tại các bộ phận")
    sheet.paragraph("Thời gian bắt đầu: 08 giờ 00.")
    sheet.paragraph("Cuộc họp kết thúc vào 10 giờ 00, ngày 05 tháng 01 năm 2026./.")
    sheet.signatures(Signer(("Thư ký",), "Lê Quang Huy"), Signer(("Chủ tọa",), "Đỗ Minh Anh"))
    sheet.receivers("Như trên", "Lưu: VT, Hồ sơ")
    assert violations(sheet.to_bytes(), "BB", tmp_path) == []


def test_what_no_sheet_can_carry_is_left_out() -> None:
    sheet = Sheet("Thử\x00 nghiệm")
    sheet.facts([("Nơi giữ\x0b", "Quầy <số> & \ud83d một\x1f")])
    assert cells_of(sheet.to_bytes(), 0) == [["Nơi giữ", "Quầy <số> &  một"]]


def test_days_and_figures_are_written_as_the_decree_does() -> None:
    assert vietnamese_day("Hà Nội", date(2026, 1, 5)) == "Hà Nội, ngày 05 tháng 01 năm 2026"
    assert vietnamese_day("Hà Nội", date(2026, 6, 29)) == "Hà Nội, ngày 29 tháng 6 năm 2026"
    assert vietnamese_day("Hà Nội", None) == "Hà Nội, ngày      tháng      năm"
    assert (short_day(date(2026, 6, 9)), short_day(None)) == ("09/06/2026", "")
    assert (figure(5), figure(12)) == ("05", "12")
