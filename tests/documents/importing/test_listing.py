"""A list is read by meaning: heads in any order and words, groups, totals, merged cells (a52)."""

from datetime import date, datetime

import openpyxl
import pytest

from documents.importing.columns import field_of
from documents.importing.listing import Listing, read_listing
from documents.importing.values import DayKind, ListedState, listed_day, listed_version
from tests.documents.importing.wards import tcvn3

pytestmark = pytest.mark.covers("a52", "L11")


DAY = datetime(2025, 8, 18)  # noqa: DTZ001 - days of a sheet have no zone


def read(workshop, tmp_path, *sheets, dress=None) -> Listing:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for number, values in rows.items():
            for column, value in enumerate(values, 1):
                if value is not None:
                    sheet.cell(number, column, value)
    if dress is not None:
        dress(book)
    place = tmp_path / "list.xlsx"
    book.save(place)
    return read_listing(workshop.sheets(place, "list.xlsx"))


def test_heads_in_two_lines_with_merged_cells_groups_and_a_total(workshop, tmp_path):
    def dress(book):
        sheet = book["Tháng 10"]
        for place in ("A5:A6", "B5:B6", "C5:D5", "E5:F5", "G5:G6", "H5:H6", "A8:H8", "H9:H10"):
            sheet.merge_cells(place)

    found = read(
        workshop,
        tmp_path,
        (
            "Tháng 10",
            {
                1: ["UBND XÃ HÒA LỢI"],
                3: ["DANH MỤC TÀI LIỆU"],
                5: ["Tên tài liệu", "Mã hiệu", "Lần", None, "Ngày", None, "Phòng", "Trạng thái"],
                6: [None, None, "ban hành", "sửa đổi", "phê duyệt", "hiệu lực"],
                7: ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
                8: ["A. QUY TRÌNH HỆ THỐNG"],
                9: ["Họp", "QT-01", 2, 1, "4/8/2025", DAY, "Văn phòng", "Còn HL"],
                10: ["Thi đua", "QT-02", "03", "00", "04.08.25", "18-8-2025", '"'],
                11: ["Tổng cộng: 2 tài liệu"],
                13: [None, None, None, None, "Hòa Lợi, ngày 1 tháng 9 năm 2025"],
                14: [None, None, None, None, "NGƯỜI LẬP"],
            },
        ),
        dress=dress,
    )
    (sheet,) = found.sheets
    assert (sheet.header_rows, sheet.first_row) == ((5, 6), 7)
    assert (sheet.group_rows, sheet.total_row) == ((8,), 11)
    first, second = found.rows
    assert (first.code, first.edition, first.amendment, first.unit) == ("QT-01", 2, 1, "Văn phòng")
    assert (first.approved.day, first.effective.day) == (date(2025, 8, 4), date(2025, 8, 18))
    assert (second.edition, second.amendment) == (3, 0)
    assert (second.approved.day, second.effective.day) == (date(2025, 8, 4), date(2025, 8, 18))
    assert second.unit == "Văn phòng"
    assert first.state is second.state is ListedState.CURRENT
    assert first.group == "A. QUY TRÌNH HỆ THỐNG"


def test_several_sheets_in_other_words_and_one_hidden(workshop, tmp_path):
    rows = {
        1: ["So TT", "TEN QUY TRINH", "MA SO", "LAN BAN HANH/SUA DOI", "HIEU LUC TU", "BO PHAN"],
        2: [1, "Tiep dan", "TD-01", "02/01", "ngày 05 tháng 3 năm 2024", "Van phong"],
    }
    english = {
        2: ["Code", "Document title", "Edition", "Rev.", "Approval date", "Department"],
        3: ["HD-07.01", "How to file", 1, 0, "2024-03-05", "Office"],
    }
    forms = {
        1: ["Mẫu", "x"],
        3: ["STT", "Ký hiệu biểu mẫu", "Tên biểu mẫu", "Lần BH/SĐ", "Ngày áp dụng"],
        4: [None, None, "QUY TRÌNH 01"],
        5: ["1", "BM-TD-01/01", "Phiếu hẹn", "1.0", 45356],
        7: ["STT", "Tên biểu mẫu", "Ký hiệu biểu mẫu", "Lần BH/SĐ", "Ngày áp dụng"],
        8: ["2", "Sổ theo dõi", "BM-TD-01/02", "1-2", "05/03/2024"],
    }

    def dress(book):
        book["Cũ"].sheet_state = "hidden"

    found = read(
        workshop,
        tmp_path,
        ("Quy trình", rows),
        ("English", english),
        ("Biểu mẫu", forms),
        ("Cũ", rows),
        dress=dress,
    )
    assert found.hidden_sheets == ["Cũ"]
    assert [(row.sheet, row.code, row.title, row.edition, row.amendment) for row in found.rows] == [
        ("Quy trình", "TD-01", "Tiep dan", 2, 1),
        ("English", "HD-07.01", "How to file", 1, 0),
        ("Biểu mẫu", "BM-TD-01/01", "Phiếu hẹn", 1, 0),
        ("Biểu mẫu", "BM-TD-01/02", "Sổ theo dõi", 1, 2),
    ]
    assert found.rows[0].effective.day == date(2024, 3, 5)
    assert found.rows[1].approved.day == date(2024, 3, 5)
    assert found.rows[2].effective.day == date(2024, 3, 5)
    assert found.rows[2].effective.kind is DayKind.NUMBER


def test_a_list_of_laws_beside_is_told_from_the_bodys_own(workshop, tmp_path):
    laws = {
        1: ["DANH MỤC VĂN BẢN BÊN NGOÀI"],
        2: ["TT", "Số ký hiệu", "Trích yếu", "Ngày ban hành", "Hiệu lực", "Văn bản thay thế"],
        3: [1, "Luật số 01/2011/QH13", "Lưu trữ", "11/11/2011", "Hết hiệu lực", "33/2024/QH15"],
        4: [2, "Nghị định 30/2020/NĐ–CP", "Công tác văn thư", "05/3/2020", "Còn"],
    }
    found = read(workshop, tmp_path, ("Bên ngoài", laws))
    assert not found.rows
    assert [(law.law, law.issued_on, law.in_force, law.replaced_by) for law in found.laws] == [
        ("01/2011/QH13", date(2011, 11, 11), False, "33/2024/QH15"),
        ("30/2020/NĐ-CP", date(2020, 3, 5), True, ""),
    ]


def test_a_list_left_in_an_old_encoding_is_read_too(workshop, tmp_path):
    heads = [tcvn3(text) for text in ("STT", "Mã tài liệu", "Tên tài liệu", "Đơn vị soạn thảo")]
    rows = {1: heads, 2: [1, tcvn3("QT-ĐC-01"), tcvn3("Hòa giải tranh chấp đất đai"), "VP"]}
    found = read(workshop, tmp_path, ("Sheet1", rows))
    assert [(row.code, row.title, row.encoding) for row in found.rows] == [
        ("QT-ĐC-01", "Hòa giải tranh chấp đất đai", "TCVN3")
    ]


@pytest.mark.parametrize(
    ("typed", "kind", "day"),
    [
        ("15/03/2024", DayKind.GOOD, date(2024, 3, 15)),
        ("15.03.2024", DayKind.GOOD, date(2024, 3, 15)),
        (" 5 - 3 - 24", DayKind.GOOD, date(2024, 3, 5)),
        ("Ngày 5 tháng 03 năm 2024", DayKind.GOOD, date(2024, 3, 5)),
        ("2024-03-15 00:00", DayKind.GOOD, date(2024, 3, 15)),
        ("15032024", DayKind.GOOD, date(2024, 3, 15)),
        ("45366", DayKind.NUMBER, date(2024, 3, 15)),
        ("31/02/2024", DayKind.IMPOSSIBLE, None),
        ("29/02/2025", DayKind.IMPOSSIBLE, None),
        ("15/13/2024", DayKind.IMPOSSIBLE, None),
        ("15/03/2204", DayKind.IMPOSSIBLE, None),
        ("quý 3", DayKind.IMPOSSIBLE, None),
        ("-", DayKind.EMPTY, None),
        ("", DayKind.EMPTY, None),
    ],
)
def test_days_as_they_are_typed(typed, kind, day):
    found = listed_day(typed, "text")
    assert (found.kind, found.day) == (kind, day)


@pytest.mark.parametrize(
    ("typed", "version"),
    [
        ("02/01", (2, 1)),
        ("2.1", (2, 1)),
        ("Lần 3, sửa đổi 02", (3, 2)),
        ("01", (1, None)),
        ("", (None, None)),
    ],
)
def test_editions_as_they_are_typed(typed, version):
    assert listed_version(typed, "text") == version


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        (("Mã số tài liệu",), "code"),
        (("KÝ HIỆU",), "code"),
        (("Mã cũ",), "old_code"),
        (("Tên tài liệu / Document title",), "title"),
        (("Phiên bản", "Lần BH"), "edition"),
        (("Phiên bản", "Lần SĐ"), "amendment"),
        (("Ngày", "phê duyệt"), "approved"),
        (("Phê duyệt",), "approver"),
        (("Ngày ban hành",), "approved"),
        (("Lần ban hành",), "edition"),
        (("Ngày có hiệu lực",), "effective"),
        (("Đơn vị (phòng) soạn thảo",), "unit"),
        (("Bộ phận chủ trì",), "unit"),
        (("Họ tên vợ",), ""),
    ],
)
def test_heads_mean_what_they_say(labels, field):
    assert field_of(*labels) == field
