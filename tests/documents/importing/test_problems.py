"""Every problem of a list and its files is found by its id; a clean list has none (L11)."""

from datetime import date
from pathlib import Path

import pytest

from documents.importing.items import Plan, Surroundings
from documents.importing.listing import read_listing
from documents.importing.plan import make_plan
from documents.importing.problems import TOLD, ProblemId
from documents.importing.unit_names import KnownUnit, UnitFound, find_unit
from tests.documents.importing.wards import (
    CULTURE,
    OFFICE,
    Paper,
    Ward,
    a_locked_word_file,
    a_scan,
    an_old_word_file,
    listed,
    tcvn3,
)

pytestmark = pytest.mark.covers("a52", "L11")

UNITS = [
    KnownUnit(1, "TB", "UBND phường Tân Bình", is_root=True),
    KnownUnit(2, "VP", OFFICE),
    KnownUnit(3, "KT", "Phòng Kinh tế, Hạ tầng và Đô thị"),
    KnownUnit(4, "VX", CULTURE),
    KnownUnit(5, "CU", "Phòng Lao động - Thương binh", is_active=False, successor_id=4),
]
AROUND = Surroundings(UNITS, date(2026, 11, 22))


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def plan_of(ward: Ward, workshop) -> Plan:
    listing = read_listing(workshop.sheets(ward.save(), "danh-muc.xlsx"))
    return make_plan(listing, ward.found(workshop), AROUND)


def told(plan: Plan) -> set[tuple[object, ...]]:
    for problem in plan.problems:
        assert TOLD[problem.id][1] % problem.values  # every blank of its sentence is filled
    return {(str(one.id), one.row, one.file) for one in plan.problems}


def test_a_clean_list_has_no_problem(ward, workshop):
    ward.add(Paper("QT-VP-01", "Kiểm soát tài liệu"), unit=OFFICE)
    ward.add(Paper("BM-VP-01.01", "Phiếu yêu cầu", word="BIỂU MẪU"), unit=OFFICE)
    ward.add(Paper("QT-VX-02", "Trợ cấp xã hội", 2, 3), unit=CULTURE)
    plan = plan_of(ward, workshop)
    assert told(plan) == set()
    assert [item.outcome for item in plan.items] == ["create"] * 3
    assert plan.items[1].parent_code == "QT-VP-01"


def test_rows_and_files_without_each_other(ward, workshop):
    alone = ward.row(**listed(Paper("QT-VP-07", "Họp giao ban")))
    nameless = ward.row(**{**listed(Paper("", "Tiếp công dân")), "code": None})
    file = ward.file("QT-VP-30 Kho.docx", Paper("QT-VP-30", "Quản lý kho"))
    assert told(plan_of(ward, workshop)) == {
        ("row_without_file", alone, None),
        ("row_without_code", nameless, None),
        ("file_without_row", None, file),
    }


def test_one_code_twice_one_content_twice_one_edition_twice(ward, workshop):
    first = Paper("QT-VP-01", "Kiểm soát tài liệu")
    ward.add(first, "QT-VP-01.docx")
    again = ward.row(**{**listed(Paper("QT.VP.01", "Một tài liệu khác hẳn"))})
    second = Paper("QT-VP-02", "Đánh giá nội bộ")
    ward.add(second, "QT-VP-02.docx")
    copy = ward.file("QT-VP-02 - Copy.docx", (ward.folder / "files/QT-VP-02.docx").read_bytes())
    ward.add(Paper("QT-VP-03", "Họp"), "QT-VP-03.docx")
    rival = ward.file("moi/QT-VP-03 sua.docx", Paper("QT-VP-03", "Họp", text="Câu chữ khác."))
    assert told(plan_of(ward, workshop)) == {
        ("duplicate_code_in_list", again, None),
        ("identical_files", None, copy),
        ("two_files_one_edition", None, rival),
    }


def test_codes_that_differ_look_alike_or_contradict_themselves(ward, workshop):
    mismatch = ward.add(
        Paper("QT-VP-16", "Tuyển dụng"), "QT-VP-05 Tuyển dụng.docx", code="QT-VP-05"
    )
    conflict = ward.add(Paper("QT-VP-08", "Lưu trữ", header_code="QT-VP-09"), "QT-VP-08.docx")
    spelling = ward.add(Paper("QT-VP-10", "Văn thư"), "QT-VP-10.docx", code="qt.vp–10 ")
    cyrillic = ward.add(Paper("QT-VP-11", "Thi đua"), "QT-VP-11.docx", code="QТ-VР-11")
    letter_o = ward.add(Paper("QT-VP-20", "Khen thưởng"), "QT-VP-20.docx", code="QT-VP-2O")
    barred = ward.add(Paper("QT-ĐC-01", "Hòa giải"), "QT-ĐC-01.docx", code="QT-DC-01")
    assert conflict
    assert told(plan_of(ward, workshop)) == {
        ("code_mismatch", mismatch, "files/QT-VP-05 Tuyển dụng.docx"),
        ("code_conflict_inside_file", None, "files/QT-VP-08.docx"),
        ("code_spelling", spelling, "files/QT-VP-10.docx"),
        ("code_lookalike", cyrillic, "files/QT-VP-11.docx"),
        ("code_lookalike", letter_o, "files/QT-VP-20.docx"),
        ("code_lookalike", barred, "files/QT-ĐC-01.docx"),
    }


def test_days_that_are_none_or_numbers_or_out_of_order(ward, workshop):
    never = ward.add(Paper("QT-VP-01", "Một"), "QT-VP-01.docx", effective="31/02/2025")
    serial = ward.add(Paper("QT-VP-02", "Hai"), "QT-VP-02.docx", effective=45887)
    early = ward.add(Paper("QT-VP-03", "Ba"), "QT-VP-03.docx", effective="01/08/2025")
    plan = plan_of(ward, workshop)
    assert told(plan) == {
        ("impossible_date", never, "files/QT-VP-01.docx"),
        ("date_as_number", serial, "files/QT-VP-02.docx"),
        ("effective_before_approval", early, "files/QT-VP-03.docx"),
    }
    assert plan.items[1].effective_on == date(2025, 8, 18)
    assert [item.outcome for item in plan.items] == ["refuse", "create", "doubt"]


@pytest.mark.covers("a53")
def test_editions_that_list_and_files_give_differently(ward, workshop):
    newer = ward.add(Paper("QT-VP-01", "Một", 2, 0), "QT-VP-01.docx", edition=1)
    older = ward.add(Paper("QT-VP-02", "Hai", 1, 0), "QT-VP-02.docx", edition=3)
    ward.add(Paper("QT-VP-03", "Ba", 2, 1), "QT-VP-03.docx")
    history = ward.file("cu/QT-VP-03 ban cu.docx", Paper("QT-VP-03", "Ba", 2, 0))
    plan = plan_of(ward, workshop)
    assert told(plan) == {
        ("edition_mismatch", newer, "files/QT-VP-01.docx"),
        ("edition_lower_than_listed", older, "files/QT-VP-02.docx"),
        ("older_edition_file", None, history),
    }
    assert [file.path for file in plan.items[2].older] == [history]


@pytest.mark.covers("O3")
def test_units_misspelt_or_from_before_the_merger_are_proposed(ward, workshop):
    wrong = ward.add(Paper("QT-VX-01", "Một"), unit="Phòng Văn hoá Xã hôi")
    right = ward.add(Paper("QT-VX-02", "Hai"), unit="phòng văn hoá - xã hội")
    gone = ward.add(Paper("QT-VX-03", "Ba"), unit="Phòng Lao động - Thương binh")
    ward_before = ward.add(Paper("QT-VP-04", "Bốn"), unit="UBND xã Hòa Lợi")
    unknown = ward.add(Paper("QT-VP-05", "Năm"), unit="Đội thanh niên tình nguyện")
    plan = plan_of(ward, workshop)
    assert {(str(p.id), p.row, p.proposal) for p in plan.problems} == {
        ("unit_misspelt", wrong, CULTURE),
        ("unit_before_merger", gone, CULTURE),
        ("unit_before_merger", ward_before, "UBND phường Tân Bình"),
        ("unit_unknown", unknown, None),
    }
    assert right
    assert told(plan)


@pytest.mark.covers("O3")
@pytest.mark.parametrize(
    ("typed", "today"),
    [
        ("Phòng Lao động - TB và Xã hội", "VX"),
        ("Phòng Tài nguyên và Môi trường", "KT"),
        ("Công chức Địa chính - Xây dựng", "KT"),
        ("Phòng Nội vụ", "VX"),
        ("Công chức Văn phòng - Thống kê", "VP"),
        ("UBND phường Hòa Lợi", "TB"),
        ("Phòng Kinh tế", "KT"),
    ],
)
def test_departments_of_before_are_proposed_to_who_does_their_work_today(typed, today):
    found = find_unit(typed, UNITS)
    assert (found.found, found.unit.code if found.unit else "") == (
        UnitFound.BEFORE_MERGER,
        today,
    )


def test_a_sheet_of_ended_documents_beside_contradicts_the_list(ward, workshop):
    current = ward.add(Paper("QT-VP-01", "Một"))
    ward.add(Paper("QT-VP-02", "Hai"))

    def beside(book):
        sheet = book.create_sheet("Đã thu hồi")
        for column, text in enumerate(("Mã tài liệu", "Tên tài liệu", "Lần ban hành"), 1):
            sheet.cell(1, column, text)
        for column, text in enumerate(("QT-VP-01", "Một", "01"), 1):
            sheet.cell(2, column, text)

    ward.more = beside
    assert told(plan_of(ward, workshop)) == {
        ("withdrawn_but_listed_current", current, "files/QT-VP-01 Một.docx"),
        ("withdrawn_row", 2, None),
    }


def test_an_old_file_without_a_code_is_found_by_the_words_of_its_name(ward, workshop):
    ward.row(**listed(Paper("QT-VP-09", "Mua sắm và kiểm soát bên cung cấp")))
    old = ward.file("mua sam.doc", an_old_word_file("WordDocument"))
    assert told(plan_of(ward, workshop)) == {("file_type_doc", None, old)}


def test_the_code_the_document_writes_counts_unless_it_is_anothers(ward, workshop):
    ward.add(Paper("QT-VP-16", "Tuyển dụng"), "Tuyen dung.docx", code="QT-VP-05")
    ward.add(Paper("QT-VP-07", "Thi đua khen thưởng"), "QT-VP-07.docx")
    ward.add(Paper("QT-VP-07", "Họp giao ban"), "QT-VP-08 Hop giao ban.docx", code="QT-VP-08")
    plan = plan_of(ward, workshop)
    assert [item.code for item in plan.items] == ["QT-VP-16", "QT-VP-07", "QT-VP-08"]
    assert [str(problem.id) for problem in plan.problems] == ["code_mismatch"] * 2


def test_withdrawn_and_hidden_rows(ward, workshop):
    ended = ward.add(Paper("QT-VP-01", "Một"), state="Hết hiệu lực")
    noted = ward.add(Paper("QT-VP-02", "Hai"), note="Đã bãi bỏ theo QĐ 12/QĐ-UBND")
    replaced = ward.add(Paper("QT-VP-03", "Ba", 2), note="Thay bản 01/00")
    unseen = ward.add(Paper("QT-VP-04", "Bốn"))
    ward.hidden.add(unseen)
    assert replaced
    plan = plan_of(ward, workshop)
    assert told(plan) == {
        ("withdrawn_row", ended, None),
        ("withdrawn_but_listed_current", noted, "files/QT-VP-02 Hai.docx"),
        ("hidden_row", unseen, None),
    }
    assert plan.items[0].ended


@pytest.mark.covers("T15")
def test_files_that_cannot_be_taken_or_only_with_a_warning(ward, workshop):
    ward.row(**listed(Paper("QT-VP-01", "Một")))
    old = ward.file("QT-VP-01 Mot.doc", an_old_word_file("WordDocument"))
    ward.row(**listed(Paper("QT-VP-02", "Hai")))
    locked = ward.file("QT-VP-02 Hai.docx", a_locked_word_file())
    ward.row(**listed(Paper("QT-VP-03", "Ba")))
    scan = ward.file("QT-VP-03 Ba.pdf", a_scan())
    ward.row(**listed(Paper("QT-VP-04", "Bốn")))
    broken = ward.file("QT-VP-04 Bon.docx", Paper("QT-VP-04", "Bốn").content()[:900])
    ward.row(**listed(Paper("QT-VP-05", "Năm")))
    picture = ward.file("QT-VP-05 Nam.png", b"\x89PNG\r\n")
    ward.file("~$-VP-05 Nam.docx", b"lock")
    ward.file("Thumbs.db", b"x")
    plan = plan_of(ward, workshop)
    assert told(plan) == {
        ("file_type_doc", None, old),
        ("file_password", None, locked),
        ("pdf_without_text", None, scan),
        ("file_damaged", None, broken),
        ("file_type", None, picture),
    }
    assert [item.outcome for item in plan.items] == [
        "doubt",
        "refuse",
        "create",
        "refuse",
        "refuse",
    ]


def test_marks_left_in_files_and_old_encodings(ward, workshop):
    ward.add(Paper("QT-VP-01", "Một", tracked=True), "QT-VP-01.docx")
    ward.add(Paper("QT-VP-02", "Hai", comment=True), "QT-VP-02.docx")
    ward.add(Paper("QT-VP-03", "Kiểm soát chất lượng", font=".VnTime"), "QT-VP-03.docx")
    ward.add(Paper("QT-VP-04", "Kiểm soát chất lượng đầu vào", font="VNI-Times"), "QT-VP-04.docx")
    ward.add(Paper("QT-VP-05", "Năm", nfd=True), "QT-VP-05.docx")
    old_font = ward.add(Paper("QT-ĐC-06", "Cấp giấy phép xây dựng"), "QT-ĐC-06.docx")
    ward.rows[-1][1].update(
        code=tcvn3("QT-ĐC-06"),
        title=tcvn3("Cấp giấy phép xây dựng"),
        unit=tcvn3("Phòng Kinh tế, Hạ tầng và Đô thị"),
        state=tcvn3("Hiện hành"),
    )
    ward.fonts[old_font] = ".VnTime"
    lost_font = ward.add(Paper("QT-VP-07", "Quản lý văn bản đi, đến"), "QT-VP-07.docx")
    ward.rows[-1][1].update(title=tcvn3("Quản lý văn bản đi, đến"), unit=tcvn3(OFFICE))
    plan = plan_of(ward, workshop)
    assert told(plan) == {
        ("tracked_changes_left", None, "files/QT-VP-01.docx"),
        ("comments_left", None, "files/QT-VP-02.docx"),
        ("encoding_tcvn3", None, "files/QT-VP-03.docx"),
        ("encoding_vni", None, "files/QT-VP-04.docx"),
        ("encoding_nfd", None, "files/QT-VP-05.docx"),
        ("encoding_tcvn3_in_list", old_font, None),
        ("encoding_tcvn3_in_list", lost_font, None),
    }
    assert plan.items[5].title == "Cấp giấy phép xây dựng"
    assert plan.items[5].unit.code == "KT"
    assert all(item.outcome == "create" for item in plan.items)


def test_every_problem_says_what_it_is_and_what_to_do():
    assert set(TOLD) == set(ProblemId)
    assert all(text and advice for _severity, text, advice in TOLD.values())
