"""What a file says about itself and what it cites."""

from datetime import date

import pytest

from documents.content.blocks import Block, Cell, Citation
from documents.content.citations import citations
from documents.content.proposal import Sources, propose, sentence_case

pytestmark = pytest.mark.covers("a40", "a41", "D2")


def table(*rows: tuple[str, ...]) -> Block:
    return Block("table", rows=tuple(tuple(Cell(text) for text in row) for row in rows))


def proposed(*blocks: Block, boxes=(), header=(), footer=(), name=""):
    return propose(Sources(blocks, boxes, header, footer), name)


@pytest.mark.parametrize(
    ("line", "edition", "amendment"),
    [
        ("Lần ban hành: 02", 2, None),
        ("Lần ban hành: 02/01", 2, 1),
        ("Lần ban hành/sửa đổi: 01/02", 1, 2),
        ("LBH-LSĐ: 01-00", 1, 0),
        ("Lần BH/SĐ: 03/04", 3, 4),
        ("Ban hành: lần thứ 2; sửa đổi lần thứ 0", 2, 0),
        ("Lần ban hành: 01; Lần sửa đổi: 00; Ngày hiệu lực: 15/3/2024", 1, 0),
        ("Ban hành theo Quyết định 15/2020/QĐ-UBND", None, None),
    ],
)
def test_counters_are_found_as_bodies_write_them(line, edition, amendment):
    proposal = proposed(Block("paragraph", line))
    assert (proposal.edition, proposal.amendment) == (edition, amendment)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Ngày hiệu lực: 11/02/2023", date(2023, 2, 11)),
        ("Ngày hiệu lực: 29-05-2017", date(2017, 5, 29)),
        ("Ngày hiệu lực: 11.09.2025", date(2025, 9, 11)),
        ("Có hiệu lực từ ngày 15 tháng 3 năm 2024", date(2024, 3, 15)),
        ("Ngày hiệu lực: ngày 18 tháng 11 năm 2024", date(2024, 11, 18)),
        ("Ngày hiệu lực: 31/02/2024", None),
    ],
)
def test_effective_day_is_found_in_every_spelling(line, day):
    assert proposed(Block("paragraph", line)).effective_on == day


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Mã số: QT-VP-01", "QT-VP-01"),
        ("Mã hiệu: QT.KT.01", "QT.KT.01"),
        ("Mã tài liệu: QT\u2011VP\u201105", "QT-VP-05"),
        ("Ký hiệu: QT-ĐC-01", "QT-ĐC-01"),
        ("Mã số: BM-VP-01.01", "BM-VP-01.01"),
        ("Mã số: STCL-01", "STCL-01"),
    ],
)
def test_code_is_found_with_plain_hyphens(line, code):
    assert proposed(header=(line,)).code == code


def test_cover_table_with_values_beside_labels_and_signers():
    proposal = proposed(
        Block("paragraph", "ỦY BAN NHÂN DÂN THÀNH PHỐ LAM GIANG"),
        Block("paragraph", "QUY TRÌNH"),
        Block("paragraph", "ĐÁNH GIÁ NỘI BỘ"),
        table(("Mã số:", "QT-VP-03"), ("Lần ban hành:", "02"), ("Lần sửa đổi:", "01")),
        table(
            ("Trách nhiệm", "Người viết", "Soát xét", "Phê duyệt"),
            ("Họ và tên", "Cao Khánh Yến", "Phạm Xuân Vượng", "Lương Thị Thủy"),
            ("Chức vụ", "Thư ký ISO", "Đại diện lãnh đạo", "Chủ tịch UBND"),
            ("Ngày", "31/01/2023", "04/02/2023", "06/02/2023"),
        ),
    )
    assert (proposal.code, proposal.title) == ("QT-VP-03", "Đánh giá nội bộ")
    assert (proposal.edition, proposal.amendment) == (2, 1)
    assert (proposal.kind, proposal.approved_on) == ("procedure", date(2023, 2, 6))
    approver = proposal.signers[-1]
    assert (approver.part, approver.name, approver.title) == (
        "approver",
        "Lương Thị Thủy",
        "Chủ tịch UBND",
    )


def test_labels_may_stand_above_their_values():
    proposal = proposed(
        table(
            ("Mã số", "Lần ban hành", "Lần sửa đổi", "Ngày hiệu lực"),
            ("HD-KT-04", "03", "02", "01/7/2024"),
        )
    )
    assert (proposal.code, proposal.kind) == ("HD-KT-04", "instruction")
    assert (proposal.edition, proposal.amendment) == (3, 2)
    assert proposal.effective_on == date(2024, 7, 1)


def test_fields_in_text_boxes_and_title_kept_as_the_margin_writes_it():
    proposal = proposed(
        boxes=("UBND PHƯỜNG AN HÒA\nQUY TRÌNH\nHòa giải tranh chấp", "Ký hiệu: QT-ĐC-01"),
        footer=("Ký hiệu: QT-ĐC-01 - LBH-LSĐ: 01-00",),
    )
    assert (proposal.title, proposal.code, proposal.edition) == (
        "Hòa giải tranh chấp",
        "QT-ĐC-01",
        1,
    )


def test_silent_file_proposes_only_what_its_name_tells():
    proposal = proposed(Block("paragraph", "Chữ thường."), name="QT-VP-07 Phản ánh.docx")
    assert (proposal.code, proposal.edition, proposal.effective_on) == ("QT-VP-07", None, None)


def test_title_in_capitals_becomes_a_sentence_with_short_names_kept():
    assert sentence_case("TIẾP CÔNG DÂN TẠI UBND, HĐND") == "Tiếp công dân tại UBND, HĐND"
    assert sentence_case("Đã viết thường") == "Đã viết thường"


def test_citations_are_counted_with_a_passage_and_own_code_left_out():
    text = (
        "Căn cứ Nghị định số 61/2018/NĐ-CP và Luật số 01/2011/QH13.\n"
        "Theo 19/2014/QĐ-TTg, 61/2018/NĐ-CP, TCVN ISO 9001:2015, 101/QĐ-BKHCN.\n"
        "Dùng BM\u2011VP\u201105.02 và BM-VP-05.02, xem QT-VP-03; quy trình này là QT-VP-05."
    )
    found = {(each.kind, each.number): each for each in citations(text, own="QT-VP-05")}
    assert {key: each.times for key, each in found.items()} == {
        ("law", "61/2018/NĐ-CP"): 2,
        ("law", "01/2011/QH13"): 1,
        ("law", "19/2014/QĐ-TTg"): 1,
        ("law", "101/QĐ-BKHCN"): 1,
        ("standard", "TCVN ISO 9001:2015"): 1,
        ("form", "BM-VP-05.02"): 2,
        ("document", "QT-VP-03"): 1,
    }
    assert found["law", "01/2011/QH13"].passage.startswith("Căn cứ Nghị định")
    assert isinstance(found["document", "QT-VP-03"], Citation)
