"""The table of signatures on a cover: who wrote, reviewed and approved (ISO 9001:2015, 7.5.2 c)."""

import re
from typing import Final, Literal

from documents.content.blocks import Block, Signer
from documents.content.dates import DATE, first_date

Part = Literal["author", "reviewer", "approver"]

_PARTS: Final[tuple[tuple[re.Pattern[str], Part], ...]] = (
    (re.compile(r"phê duyệt|người duyệt|^duyệt|approved", re.I), "approver"),
    (re.compile(r"soát xét|xem xét|kiểm tra|thẩm định|reviewed|checked", re.I), "reviewer"),
    (re.compile(r"người viết|soạn thảo|biên soạn|người lập|prepared", re.I), "author"),
)
_LABELS: Final = {
    "name": re.compile(r"họ\s*(?:và\s*)?tên|name", re.I),
    "title": re.compile(r"chức\s*(?:vụ|danh)|position", re.I),
    "day": re.compile(r"ngày|date", re.I),
    "skip": re.compile(r"chữ\s*ký|ký tên|signature", re.I),
}
_TITLE_WORD: Final = re.compile(
    r"chủ tịch|trưởng|phó|thư ký|công chức|chuyên viên|đại diện|giám đốc|cán bộ|viên chức|"
    r"chánh|bí thư|cục|ubnd|iso",
    re.I,
)
_SIGN_HINT: Final = re.compile(r"^\s*\(?(?:ký|đã ký|chữ ký)[^)]*\)?\s*$", re.I)


def _parts(block: Block) -> tuple[int, list[tuple[int, Part]]]:
    """Return the row that names the parts, and which column is whose."""
    for at, row in enumerate(block.rows[:3]):
        found: list[tuple[int, Part]] = []
        for column, cell in enumerate(row):
            part = next((part for mark, part in _PARTS if mark.search(cell.text[:60])), None)
            if part and len(cell.text) < 60:
                found.append((column, part))
        if len(found) >= 2 and any(part == "approver" for _column, part in found):
            return at, found
    return -1, []


def is_signature_table(block: Block) -> bool:
    """Say whether a table is where people sign a document."""
    return block.kind == "table" and bool(_parts(block)[1]) and len(block.rows) > 1


def signers_of(block: Block) -> list[Signer]:
    """Return the people of a signature table, in the order of its columns."""
    at, parts = _parts(block)
    labelled = all(column for column, _part in parts)
    return [_signer(block, at, column, part, labelled) for column, part in parts]


def _signer(block: Block, head: int, column: int, part: Part, labelled: bool) -> Signer:
    name = title = ""
    day = None
    for row in block.rows[head + 1 : head + 8]:
        if column >= len(row):
            continue
        label = row[0].text if labelled else ""
        text = row[column].text.strip()
        kind = next((key for key, mark in _LABELS.items() if mark.search(label)), "")
        if kind == "name":
            name = name or text
        elif kind == "title":
            title = title or text
        elif kind == "day":
            day = day or first_date(text)
        elif not kind:
            day = day or first_date(text)
            for line in text.split("\n"):
                bare = DATE.sub("", line).replace("Ngày", "").strip(" :.\t")
                if not bare or _SIGN_HINT.match(bare) or not bare[0].isalpha():
                    continue
                if _TITLE_WORD.search(bare) and not title:
                    title = bare
                elif not name and 2 <= len(bare.split()) <= 6:
                    name = bare
    return Signer(part, name, title, day)
