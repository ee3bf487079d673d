"""Texts changed in known ways, many times over: each change is found with its kind, no other."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from documents.content.blocks import READER, Block, Cell, Reading
from documents.content.comparison import compare

pytestmark = pytest.mark.covers("D11", "a23", "a24")
_WORDS = """
hồ sơ tiếp nhận giải quyết thủ tục hành chính công dân phường ủy ban nhân dân kiểm tra thời hạn trả
kết quả lưu trữ quy trình biểu mẫu phê duyệt ban hành sửa đổi đánh giá nội bộ trách nhiệm lãnh đạo
"""
SYLLABLES = _WORDS.split()
HEAD = ("Bước", "Công việc", "Trách nhiệm", "Thời gian")


class Writer:
    """Writes a text and its next edition; `told` is what was changed between them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.told: Counter[tuple[str, str, str]] = Counter()
        self.touched: set[int] = set()
        self.kept: list[Block] = []  # their numbers as objects stay their own
        self.old = list(self._text())
        self.new = list(self.old)

    def sentence(self) -> str:
        """A sentence no other is like: two numbers in it are its own."""
        words = self.chance.choices(SYLLABLES, k=self.chance.randint(8, 30))
        return f"Mã {self.chance.random():.9f} {' '.join(words)}."

    def _text(self) -> Iterator[Block]:
        for number in range(1, self.chance.randint(4, 9)):
            yield Block("heading", f"Mục {self.sentence()[3:9]} {number}", 1, str(number))
            for _line in range(self.chance.randint(1, 4)):
                yield Block("paragraph", self.sentence())
            if self.chance.random() < 0.4:
                yield self._table()

    def _table(self) -> Block:
        rows = [HEAD]
        for step in range(1, self.chance.randint(4, 7)):
            rows.append(
                (f"B{step}", self.sentence()[:60].strip(), "Chuyên viên", f"{step:02} ngày")
            )
        return Block("table", rows=tuple(tuple(map(Cell, row)) for row in rows))

    def change(self) -> None:
        """Make one change somewhere nothing has been changed yet."""
        act = self.chance.choice((self.replace, self.insert, self.delete, self.move, self.rows))
        kind = "table" if act == self.rows else "paragraph"
        places = [
            at
            for at, block in enumerate(self.new)
            if block.kind == kind and id(block) not in self.touched
        ]
        if places and len(self.new) > 8:
            act(self.chance.choice(places))

    def _put(self, at: int, block: Block, *, instead: bool = False) -> None:
        self.new[at : at + int(instead)] = [block]
        self.touched.add(id(block))
        self.kept.append(block)

    def replace(self, at: int) -> None:
        words = self.new[at].text.split()
        words[self.chance.randrange(3, len(words))] = "ĐỔI"
        changed = " ".join(words)
        self.told["replace", self.new[at].text, changed] += 1
        self._put(at, Block("paragraph", changed), instead=True)

    def insert(self, at: int) -> None:
        line = self.sentence()
        self.told["insert", "", line] += 1
        self._put(at + 1, Block("paragraph", line))

    def delete(self, at: int) -> None:
        self.told["delete", self.new.pop(at).text, ""] += 1

    def move(self, at: int) -> None:
        block = self.new.pop(at)
        headings = [
            place
            for place, each in enumerate(self.new)
            if each.kind == "heading" and abs(place - at) > 3
        ]
        if not headings:
            self.new.insert(at, block)
            return
        self.told["move", block.text, block.text] += 1
        self._put(self.chance.choice(headings) + 1, block)

    def rows(self, at: int) -> None:
        rows = [tuple(cell.text for cell in row) for row in self.new[at].rows]
        place = self.chance.randrange(1, len(rows))
        act = self.chance.choice(("cell", "in", "out"))
        if act == "cell":
            self.told["replace", rows[place][3], "99 giờ"] += 1
            rows[place] = (*rows[place][:3], "99 giờ")
        elif act == "in":
            row = ("Bx", self.sentence()[:60].strip(), "Văn phòng", "88 ngày")
            self.told["row_insert", "", " ".join(row)] += 1
            rows.insert(place + 1, row)
        else:
            self.told["row_delete", " ".join(rows.pop(place)), ""] += 1
        cells = tuple(tuple(map(Cell, row)) for row in rows)
        self._put(at, Block("table", rows=cells), instead=True)


@pytest.mark.parametrize("seed", range(60))
def test_known_changes_are_found_and_no_others(seed):
    writer = Writer(seed)
    for _change in range(writer.chance.randint(1, 5)):
        writer.change()
    old, new = (Reading(READER, tuple(blocks)) for blocks in (writer.old, writer.new))
    found = Counter((each.kind, each.old, each.new) for each in compare(old, new).changes)
    assert found == writer.told
