"""The printed registers and requests: fields of practice, names and dates, Decree 30 (9.1-9.4)."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from forms.paper.catalogue import Printing
from forms.paper.change_request import ChangePaper, build_change_list, print_change_request
from forms.paper.disposal_minutes import DisposedItem, MinutesPaper, build_disposal_minutes
from forms.paper.distribution_list import (
    DistributionLine,
    DistributionPaper,
    build_distribution_list,
    print_distribution_list,
)
from forms.paper.external_register import (
    ExternalLine,
    build_external_register,
    print_external_register,
    type_of,
)
from forms.paper.printed_master_list import MasterListLine, print_master_list
from forms.paper.record_list import RecordLine, print_record_list
from tests.forms.paper import cells_of, foot_of, violations, words_of

PRINTING = Printing(
    "UBND phường Thử Nghiệm",
    "UBND thành phố Đông Hải",
    "Lê Quang Huy",
    datetime(2026, 11, 23, 9, 5, tzinfo=UTC),
)
DAY, LATER = date(2026, 1, 5), date(2026, 12, 18)
LIVE = '=HYPERLINK("http://127.0.0.1:1/","x")'
LONG = "Quầy tiếp nhận và trả kết quả giải quyết thủ tục hành chính, " * 3
MASTER = (
    MasterListLine("QT-TP-01", "Đăng ký khai sinh", "Quy trình", "02/00", DAY, LATER,
                   "Phòng Tư pháp", "Đang hiệu lực", "02/01 Chờ phê duyệt"),
    MasterListLine("", LIVE, "Biểu mẫu", "01/00", None, None, "Văn phòng", "Bản nháp"),
)  # fmt: skip
LAWS = (
    ExternalLine("61/2018/NĐ-CP", "Cơ chế một cửa", "Chính phủ", DAY, LATER, "Đã bị thay thế",
                 "118/2025/NĐ-CP", ("QT-TP-01", "QT-TP-02")),
    ExternalLine(LIVE, "@SUM(1+1)", "", None, None, "Đang hiệu lực", "", ()),
)  # fmt: skip
CHANGE = ChangePaper(
    "DN-2026-003", DAY, "Bùi Thị Lan", "Phòng Tư pháp", "☐ Ban hành mới    ☒ Sửa đổi    ☐ Hủy bỏ",
    ("QT-TP-01 Đăng ký khai sinh",), ("Thời hạn: 5 ngày.",), "Thời hạn nay là 3 ngày.",
    "Công việc hằng ngày", "Biểu mẫu số 2", "123/2015/NĐ-CP Luật Hộ tịch", "Đã chấp nhận", True,
    "", "Trần Văn Quý", LATER, "Lê Quang Huy", DAY,
)  # fmt: skip
COPIES = DistributionPaper(
    "QT-TP-01", "Đăng ký khai sinh", "02/00",
    (
        DistributionLine("05", "02/00", f"Phòng Tư pháp: {LONG}", "Giấy", DAY, "Lê Quang Huy",
                         "Bùi Thị Lan", "06/01/2026", "02, 05/01/2026", "Đang dùng"),
        DistributionLine("", "02/00", "Văn phòng", "Điện tử", LATER, "", "", "12/15 người", "", ""),
        DistributionLine("06", "02/00", "+84 24 3333", "Giấy", None, "-1", "@x", "", "", "Mất"),
    ),
)  # fmt: skip
RECORDS = (
    RecordLine("Hồ sơ khai sinh", "12/2026", "Quý I/2026", "BM-TP-01.01", "Phòng Tư pháp", True, 10,
               LATER, "Kho lưu trữ, giá 3", "Cắt nhỏ"),
    RecordLine(LIVE, "", "", "", "Văn phòng", True, 0, None, "", ""),
    RecordLine("Sổ đăng ký", "", "2026", "", LONG, False, 5, LATER, "Tủ 2", ""),
)  # fmt: skip
MINUTES = MinutesPaper(
    "UBND thành phố Đông Hải", "UBND phường Thử Nghiệm", "UBND", "TH-2036-001",
    "Hết thời hạn lưu.", "cắt nhỏ", "Lê Quang Huy", "Đỗ Minh Anh",
    datetime(2036, 2, 3, 9, 5, tzinfo=UTC), "ab" * 32,
    (
        DisposedItem("QT-TP-01 Đăng ký khai sinh", "01/00", "2", "18/12/2035", "ab" * 8),
        DisposedItem(LIVE, "–", "1", "", "–"),
        DisposedItem(LONG, "01/00", "1", "05/01/2026", "cd" * 8),
    ),
)  # fmt: skip
NAMES = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Bùi Thị Lan",
    "Lê Quang Huy",
    "05/01/2026",
)
SHEETS = {
    "master list": print_master_list(PRINTING, MASTER, narrowed="Phòng Tư pháp"),
    "external register": print_external_register(PRINTING, LAWS),
    "change request": print_change_request(PRINTING, CHANGE),
    "distribution list": print_distribution_list(PRINTING, COPIES),
    "list of records": print_record_list(PRINTING, RECORDS, narrowed="Đã tiêu hủy"),
}


@pytest.mark.covers("a41", "a60", "a48", "a42", "a32")
@pytest.mark.parametrize("name", SHEETS)
def test_each_form_keeps_the_decree_and_says_which_form_it_is(name: str, tmp_path: Path) -> None:
    assert violations(SHEETS[name], "PL", tmp_path) == []
    assert re.match(r"BM-KS-0\d, lần 01/00 · ", foot_of(SHEETS[name]))
    assert foot_of(SHEETS[name]).endswith("In bởi Lê Quang Huy lúc 09:05 ngày 23/11/2026")
    words = words_of(SHEETS[name])
    assert "UBND PHƯỜNG THỬ NGHIỆM" in words
    assert "UBND THÀNH PHỐ ĐÔNG HẢI" in words


@pytest.mark.covers("a60")
def test_the_master_list_has_the_fields_offices_know() -> None:
    head, first, second = cells_of(SHEETS["master list"], 1)
    assert head == [
        "STT", "Mã tài liệu", "Tên tài liệu", "Loại", "Lần ban hành / sửa đổi", "Ngày ban hành",
        "Ngày hiệu lực", "Đơn vị soạn thảo", "Tình trạng", "Ghi chú",
    ]  # fmt: skip
    assert first[:7] == ["1", "QT-TP-01", "Đăng ký khai sinh", "Quy trình", "02/00",
                         "05/01/2026", "18/12/2026"]  # fmt: skip
    assert second[5:7] == ["", ""]


@pytest.mark.covers("a48")
def test_the_register_of_laws_names_sort_state_and_who_cites() -> None:
    head, first, _second = cells_of(SHEETS["external register"], 1)
    assert head[1:10] == [
        "Số, ký hiệu", "Trích yếu", "Loại văn bản", "Cơ quan ban hành", "Ngày ban hành",
        "Ngày hiệu lực", "Tình trạng hiệu lực", "Văn bản thay thế", "Quy trình liên quan",
    ]  # fmt: skip
    assert first == ["1", "61/2018/NĐ-CP", "Cơ chế một cửa", "Nghị định", "Chính phủ",
                     "05/01/2026", "18/12/2026", "Đã bị thay thế", "118/2025/NĐ-CP",
                     "QT-TP-01, QT-TP-02", "Trên hệ thống"]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "sort"),
    [
        ("60/2014/QH13", "Luật"),
        ("118/2025/NĐ-CP", "Nghị định"),
        ("01/2018/TT-VPCP", "Thông tư"),
        ("19/2014/QĐ-TTg", "Quyết định"),
        ("TCVN ISO 9001:2015", "Tiêu chuẩn, quy chuẩn"),
        ("không rõ", ""),
    ],
)
def test_a_number_says_what_sort_of_text_it_is(number: str, sort: str) -> None:
    assert type_of(number) == sort


@pytest.mark.covers("a42", "a45")
def test_the_change_request_has_every_field_and_room_for_opinions() -> None:
    rows = dict(cells_of(SHEETS["change request"], 1))
    assert list(rows) == [
        "Số phiếu", "Ngày", "Người đề nghị", "Đơn vị", "Loại yêu cầu", "Tài liệu liên quan",
        "Nội dung hiện tại", "Nội dung đề nghị, lý do", "Xuất phát từ", "Ảnh hưởng",
        "Căn cứ pháp lý", "Ý kiến đơn vị", "Ý kiến thư ký ISO", "Quyết định", "Lý do",
        "Người được giao soạn thảo", "Thời hạn", "Người duyệt, ngày",
    ]  # fmt: skip
    assert rows["Quyết định"] == "☒ Đồng ý    ☐ Không đồng ý\nĐã chấp nhận"
    assert rows["Người duyệt, ngày"] == "Lê Quang Huy, 05/01/2026"
    assert "Trần Văn Quý" in rows["Người được giao soạn thảo"]


@pytest.mark.covers("a32", "a33")
def test_the_distribution_list_names_copies_receivers_and_what_came_back() -> None:
    head, first, on_screen, _lost = cells_of(SHEETS["distribution list"], 1)
    assert head[:9] == [
        "Số bản", "Lần ban hành", "Nơi nhận", "Hình thức", "Ngày giao", "Người giao", "Người nhận",
        "Xác nhận đã đọc (ngày)", "Bản cũ đã thu hồi (số, ngày)",
    ]  # fmt: skip
    assert first[0] == "05"
    assert first[4:9] == ["05/01/2026", "Lê Quang Huy", "Bùi Thị Lan", "06/01/2026",
                          "02, 05/01/2026"]  # fmt: skip
    assert LONG in first[2]  # a long place stays whole
    assert on_screen[3] == "Điện tử"


@pytest.mark.covers("a49")
def test_the_list_of_records_says_what_is_kept_where_how_long_and_how_it_goes() -> None:
    head, first, second, third = cells_of(SHEETS["list of records"], 1)
    assert head == [
        "STT", "Tên hồ sơ", "Mã biểu mẫu", "Đơn vị giữ", "Hình thức", "Thời hạn lưu", "Nơi lưu",
        "Cách hủy",
    ]  # fmt: skip
    assert first == ["1", "Hồ sơ khai sinh, 12/2026, Quý I/2026", "BM-TP-01.01", "Phòng Tư pháp",
                     "Giấy và điện tử", "10 năm, đến 18/12/2026", "Kho lưu trữ, giá 3",
                     "Cắt nhỏ"]  # fmt: skip
    assert second[4:7] == ["Điện tử", "Vĩnh viễn", "Kho tệp của hệ thống"]
    assert (third[3], third[4]) == (LONG, "Giấy")


@pytest.mark.covers("a49", "D5")
@pytest.mark.parametrize("superior", ["UBND thành phố Đông Hải", ""])
@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_minutes_of_a_disposal_keep_the_decree(
    superior: str, count: int, tmp_path: Path
) -> None:
    items = (MINUTES.items * 20)[:count]
    made = build_disposal_minutes(replace(MINUTES, superior=superior, items=items))
    assert violations(made, "BB", tmp_path) == []
    assert len(cells_of(made, 1)) == count + 1
    assert "TH-2036-001" in words_of(made)


@pytest.mark.covers("T22")
@pytest.mark.parametrize(
    "content",
    [
        build_external_register(PRINTING, LAWS),
        build_change_list(PRINTING, (CHANGE,)),
        build_distribution_list(PRINTING, COPIES),
    ],
)
def test_no_spreadsheet_holds_a_live_formula(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
        assert not [name for name in package.namelist() if "externalLink" in name]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    values = [cell.value for row in sheet.iter_rows(min_row=5) for cell in row if cell.value]
    kinds = {cell.data_type for row in sheet.iter_rows(min_row=5) for cell in row if cell.value}
    assert values
    assert "f" not in kinds


@pytest.mark.slow
@pytest.mark.covers("a41")
@pytest.mark.parametrize("name", ["change request", "distribution list"])
def test_the_office_program_shows_every_vietnamese_letter(name: str, tmp_path: Path) -> None:
    """LibreOffice reads each word whole and draws each letter as often as it stands there."""
    office = shutil.which("soffice")
    assert office, "LibreOffice draws printed forms: install it to run this test"
    path = tmp_path / "form.docx"
    path.write_bytes(SHEETS[name])
    home = {**os.environ, "HOME": str(tmp_path)}
    for kind in ("txt:Text (encoded):UTF8", "pdf"):
        command = [office, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(path)]
        done = subprocess.run(command, capture_output=True, env=home, timeout=120)
        assert done.returncode == 0, done.stderr
    text = unicodedata.normalize("NFC", (tmp_path / "form.txt").read_text(encoding="utf-8-sig"))
    for word in NAMES:
        assert word in text, word
    with pypdfium2.PdfDocument(tmp_path / "form.pdf") as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    # letters of another font are drawn in runs of their own: counted, not read in order
    drawn = Counter(unicodedata.normalize("NFC", "".join(pages)))
    assert "\ufffd" not in drawn
    for letter, count in Counter("".join(NAMES)).items():
        assert letter == " " or drawn[letter] >= count, letter
