"""What changed between two revisions, named as a person would."""

import random
import time

import pytest

from documents.content.blocks import READER, Block, Cell, Proposal, Reading
from documents.content.comparison import compare, summary
from documents.content.word_difference import word_spans

pytestmark = pytest.mark.covers("a40", "a41", "D2")


def heading(number: str, text: str) -> Block:
    return Block("heading", text, number.count(".") + 1, number)


def text(*lines: str) -> list[Block]:
    return [Block("paragraph", line) for line in lines]


def table(*rows: tuple[str, ...]) -> Block:
    return Block("table", rows=tuple(tuple(Cell(cell) for cell in row) for row in rows))


def reading(*blocks: Block, **fields) -> Reading:
    return Reading(READER, (heading("1", "Mục đích"), *blocks), **fields)


HEAD = ("Bước", "Công việc", "Thời gian")


def test_changed_words_are_marked_under_their_heading():
    old = reading(*text("Luật Lưu trữ số 01/2011/QH13 ngày 11/11/2011;"))
    new = reading(*text("Luật Lưu trữ số 33/2024/QH15 ngày 21/6/2024;"))
    found = compare(old, new)
    (change,) = found.changes
    assert (change.kind, change.where) == ("replace", "1 Mục đích")
    assert change.removed == ["01/2011/QH13", "11/11/2011;"]
    assert change.added == ["33/2024/QH15", "21/6/2024;"]
    assert (found.added, found.removed) == (2, 2)
    assert "".join(words for act, words in change.spans if act != "-") == change.new


def test_new_and_lost_paragraphs_and_renamed_headings():
    old = reading(*text("Giữ nguyên câu này."), heading("7", "Hồ sơ lưu"), *text("Câu bị bỏ đi."))
    new = reading(*text("Giữ nguyên câu này.", "Câu hoàn toàn mới."), heading("7", "Hồ sơ cần lưu"))
    kinds = [(change.kind, change.old, change.new) for change in compare(old, new).changes]
    assert kinds == [
        ("insert", "", "Câu hoàn toàn mới."),
        ("replace", "Hồ sơ lưu", "Hồ sơ cần lưu"),
        ("delete", "Câu bị bỏ đi.", ""),
    ]


def test_moved_paragraph_is_one_move_and_costs_no_words():
    moved = "Người dân được ưu tiên gọi số trước khi đến."
    old = reading(
        *text(moved, "Một câu khác hẳn."), heading("2", "Phạm vi"), *text("Cuối cùng là đây.")
    )
    new = reading(
        *text("Một câu khác hẳn."), heading("2", "Phạm vi"), *text("Cuối cùng là đây.", moved)
    )
    found = compare(old, new)
    (change,) = found.changes
    assert (change.kind, change.origin, change.where) == ("move", "1 Mục đích", "2 Phạm vi")
    assert (found.added, found.removed) == (0, 0)
    assert [row.act for row in found.rows if row.act.startswith("move")] == ["move_from", "move_to"]


def test_table_changes_name_row_and_column_and_running_numbers_are_no_change():
    old = reading(
        table(HEAD, ("1", "Soạn thảo quy trình", "05 ngày"), ("2", "Trình ký", "01 ngày"))
    )
    new = reading(
        table(
            HEAD,
            ("1", "Soạn thảo quy trình", "03 ngày"),
            ("2", "Lấy ý kiến các đơn vị", "02 ngày"),
            ("3", "Trình ký", "01 ngày"),
        )
    )
    found = compare(old, new)
    replaced, inserted = found.changes
    assert (replaced.row, replaced.column) == ("Soạn thảo quy trình", "Thời gian")
    assert (replaced.old, replaced.new) == ("05 ngày", "03 ngày")
    assert (inserted.kind, inserted.row) == ("row_insert", "Lấy ý kiến các đơn vị")
    assert [row.act for row in found.rows if row.kind == "row"] == [
        "same",
        "replace",
        "insert",
        "replace",
    ]


def test_row_taken_out_is_one_change():
    old = reading(table(HEAD, ("1", "Soạn thảo quy trình", "05 ngày"), ("2", "Trình ký", "x")))
    new = reading(table(HEAD, ("1", "Soạn thảo quy trình", "05 ngày")))
    (change,) = compare(old, new).changes
    assert (change.kind, change.row) == ("row_delete", "Trình ký")


def test_layout_is_no_change():
    long = "Việc thực hiện căn cứ quyết định. Khi văn bản thay đổi, thư ký đề nghị sửa quy trình."
    first, second = long.split(". ", 1)
    old = reading(
        *text("- Nghị định về văn thư", "Vie\u0323\u0302t Nam", "QT\u2011VP\u201105", long)
    )
    new = reading(*text("Nghị định  về văn thư", "Việt Nam", "QT-VP-05", first + ".", second))
    found = compare(old, new)
    assert found.changes == ()
    assert {row.act for row in found.rows} == {"same"}


def test_cover_counts_as_metadata():
    cover = Block("paragraph", "Lần ban hành: 01")
    other = Block("paragraph", "Lần ban hành: 02")
    blocks = (heading("1", "Mục đích"), *text("Không đổi."))
    old = Reading(READER, (cover, *blocks), proposal=Proposal(edition=1, amendment=0))
    new = Reading(READER, (other, *blocks), proposal=Proposal(edition=2, amendment=0))
    found = compare(old, new)
    assert found.changes == ()
    assert found.metadata == (("edition", "1", "2"),)
    assert found.rows[0].act == "replace"


def test_notes_and_boxes_are_compared_and_a_box_of_the_cover_is_metadata():
    said = Proposal(title="Mua sắm", code="QT-VP-09")
    cover = ("QUY TRÌNH\nMua sắm", "Mã số: QT-VP-09\nLần ban hành: {}")
    old, new = (
        reading(
            *text("Không đổi."),
            proposal=said,
            footnotes=(f"Theo khoản {at}.",),
            textboxes=(cover[0], cover[1].format(at), f"({at}) Đề xuất mua sắm tài sản"),
        )
        for at in (1, 2)
    )
    found = compare(old, new)
    assert [(each.kind, each.where, each.added) for each in found.changes] == [
        ("replace", "Footnotes", ["2."]),
        ("replace", "Text boxes", ["(2)"]),
    ]


def test_summary_is_short_and_in_reading_order():
    old = reading(*text("Thời hạn là năm ngày.", "Câu này vẫn còn nguyên."))
    new = reading(
        *text(
            "Thời hạn là ba ngày.",
            "Câu này vẫn còn nguyên.",
            " ".join("chữ" * 1 for _ in range(40)),
        )
    )
    lines = summary(compare(old, new), 5)
    assert lines[0] == ("1 Mục đích", "năm → ba")
    assert lines[1][1].endswith("…")
    assert len(summary(compare(old, new), 1)) == 1


def test_very_long_paragraph_is_compared_within_a_deadline():
    words = [f"từ{at}" for at in range(3_000)]
    spans = word_spans(" ".join(words), " ".join([*words[:1_500], "mới", *words[1_500:]]))
    assert [words for act, words in spans if act != "="] == ["mới "]


def test_forty_pages_take_less_than_a_second_and_a_half():
    chance = random.Random(7)
    words = [f"chữ{at}" for at in range(600)]
    lines = [" ".join(chance.choices(words, k=60)) for _line in range(320)]  # 40 pages of 480 words
    other = [line if at % 4 else line.replace("chữ1", "đổi", 2) for at, line in enumerate(lines)]
    del other[50:60]
    other[200:200] = [" ".join(chance.choices(words, k=60)) for _line in range(10)]
    begin = time.perf_counter()
    found = compare(reading(*text(*lines)), reading(*text(*other)))
    assert time.perf_counter() - begin < 1.5
    assert found.changes
