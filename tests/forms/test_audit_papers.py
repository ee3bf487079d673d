"""The papers of audits keep the decree and say what offices expect (practice 9.7-9.9, 9.15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forms.paper.audit_plan import Hours, PlanPaper, build_audit_plan
from forms.paper.audit_programme import ProgrammePaper, YearLine, build_programme
from forms.paper.audit_team import Excepted, Member, TeamDecision, build_team_decision
from forms.paper.meeting_minutes import MinutesOfMeeting, build_minutes
from tests.forms.paper import cells_of, violations, words_of

BODY, ABOVE = "UBND quận Vĩnh Lam", "UBND thành phố Đông Hải"
UNITS = ("Phòng Tư pháp", "Phường Vân Trà Hạ")
MEMBERS = (
    Member("Thái Bá Dũng", "Chuyên viên chính, Phòng Tài chính", "Trưởng đoàn", "Tài chính"),
    Member("Lê Hữu Khách", "Chi cục Tiêu chuẩn Đo lường Chất lượng", "Chuyên gia", "Một cửa"),
)
EXCEPTED = (Excepted("Thái Bá Dũng", "Phòng Tư pháp", "Thiếu người", "Hai người cùng xem"),)
DECISION = TeamDecision(
    BODY, ABOVE, "DG-2026-05", UNITS, ("ISO 9001:2015", "Chỉ số cải cách hành chính 2026"),
    "Chương trình đánh giá nội bộ năm 2026", date(2026, 1, 5), date(2026, 2, 3), date(2026, 2, 4),
    "Tại chỗ", MEMBERS, EXCEPTED, "Trịnh Thị Ngân Hà", "kt",
)  # fmt: skip
PLAN = PlanPaper(
    BODY, ABOVE, "DG-2026-05", "Chương trình đánh giá nội bộ năm 2026", "Xác nhận sự phù hợp",
    UNITS, ("7.5.3", "8.5.1"), ("QT-TP-01",), ("ISO 9001:2015",), date(2026, 2, 3),
    date(2026, 2, 4), "Tại chỗ và từ xa", "hop.example.vn/dg-05", MEMBERS, EXCEPTED,
    ("Họp khai mạc: 08 giờ 00, ngày 03 tháng 02 năm 2026, Phòng họp số 2.",),
    (Hours(date(2026, 2, 3), "08:30 - 10:00", "Phòng Tư pháp, Phòng 203", "Tiếp nhận hồ sơ; 8.2",
           "Thái Bá Dũng", "Trưởng phòng"),),
    (("QT-TP-01", "Đăng ký khai sinh", "02/01"),), date(2026, 1, 20), ("Phòng Tư pháp",),
    "Thái Bá Dũng",
)  # fmt: skip
PROGRAMME = ProgrammePaper(
    BODY, ABOVE, "Chương trình đánh giá nội bộ", 2026, 2, "Thêm đơn vị", "Xác nhận\nCải tiến",
    "Các phòng, phường", ("ISO 9001:2015",), "Vướng kỳ họp", "Năm đánh giá viên", 78, 80, 22, 23,
    (("Phòng Y tế", "8.5.1, 8.6"),), EXCEPTED,
    (YearLine("Phòng Tư pháp", ("", "3-4") + ("",) * 10, "Tại chỗ", "Định kỳ", "Thái Bá Dũng"),),
    "Ngô Minh Triết", "Trịnh Thị Ngân Hà", "kt",
    " Đã ký trong hệ thống: Trịnh Thị Ngân Hà, 15:00, 05/01/2026",
)  # fmt: skip
MINUTES = MinutesOfMeeting(
    BODY, ABOVE, "DG-2026-05", "Phòng Tư pháp", True, date(2026, 2, 3), "08:00", "08:20",
    "Phòng họp số 2", ("Thái Bá Dũng, Trưởng đoàn", "Phùng Thị Hoài An, Trưởng phòng"),
    "Thái Bá Dũng", "Mạc Anh Tuấn", "Giới thiệu đoàn\nThống nhất lịch", "Đồng ý",
    ("Thái Bá Dũng (đoàn đánh giá), 08:25, 03/02/2026",),
)  # fmt: skip
BARE_BODY = "Chi cục Tiêu chuẩn Đo lường Chất lượng"


@pytest.mark.covers("b8", "A1")
@pytest.mark.parametrize(
    "said",
    [
        DECISION,
        replace(DECISION, exceptions=(), capacity="own", superior=""),
        replace(DECISION, units=tuple(f"Phường số {n}" for n in range(9)), approved_on=None),
    ],
)
def test_the_decision_keeps_the_decree_and_names_team_and_exceptions(said, tmp_path: Path):
    sheet = build_team_decision(said)
    assert violations(sheet, "QD", tmp_path) == []
    words = words_of(sheet)
    assert "ỦY BAN NHÂN DÂN QUẬN VĨNH LAM" in words
    for name in ("Thái Bá Dũng", "Lê Hữu Khách", "Chuyên gia", "Điều 4. "):
        assert name in words
    assert ("Hai người cùng xem" in words) is bool(said.exceptions)
    assert ("KT. CHỦ TỊCH" in words) is (said.capacity == "kt")


@pytest.mark.covers("b14", "b33", "b36", "A1")
@pytest.mark.parametrize(
    "said",
    [
        PLAN,
        replace(PLAN, agenda=(), reading=(), meetings=(), exceptions=(), confirmed=(),
                sent_on=None, objective="", clauses=(), procedures=(), remote_address=""),
    ],
)  # fmt: skip
def test_the_plan_keeps_the_decree_and_says_who_is_where_when(said, tmp_path: Path):
    sheet = build_audit_plan(said)
    assert violations(sheet, "KH", tmp_path) == []
    words = words_of(sheet)
    assert "TRƯỞNG ĐOÀN" in words
    if said.agenda:
        agenda = cells_of(sheet, 2)
        assert agenda[1][0] == "03/02/2026\n08:30 - 10:00"
        for told in ("hop.example.vn/dg-05", "Họp khai mạc", "Hai người cùng xem", "QT-TP-01",
                     "Đã xác nhận: Phòng Tư pháp"):  # fmt: skip
            assert told in words


@pytest.mark.covers("b1", "b6", "A1", "A2")
@pytest.mark.parametrize(
    "said", [PROGRAMME, replace(PROGRAMME, gaps=(), exceptions=(), version=1, risks="", signed="")]
)
def test_the_programme_keeps_the_decree_and_names_gaps_and_exceptions(said, tmp_path: Path):
    sheet = build_programme(said)
    assert violations(sheet, "CTR", tmp_path) == []
    words = words_of(sheet)
    assert "Đánh giá nội bộ năm 2026" in words
    assert "78 trên 80" in words
    assert ("8.5.1, 8.6" in words) is bool(said.gaps)
    assert ("Hai người cùng xem" in words) is bool(said.exceptions)
    assert "Phụ lục" in words


@pytest.mark.covers("b33")
@pytest.mark.parametrize(
    "said",
    [
        MINUTES,
        replace(MINUTES, is_opening=False, ends="", where="", present=(), chair="", secretary="",
                notes="", opinion="", signed=(), superior=""),
        replace(MINUTES, body=BARE_BODY),
    ],
)  # fmt: skip
def test_the_minutes_keep_the_decree_and_its_order(said, tmp_path: Path):
    sheet = build_minutes(said)
    assert violations(sheet, "BB", tmp_path) == []
    words = words_of(sheet)
    order = ("Thời gian bắt đầu", "Địa điểm", "Thành phần", "Chủ trì", "Thư ký", "Nội dung")
    at = [words.index(one) for one in (*order, "kết thúc vào", "CHỦ TỌA")]
    assert at == sorted(at)
