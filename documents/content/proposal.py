"""What a file says about itself: code, title, edition, dates, signers (ISO 9001:2015, 7.5.2 a).

A proposal only; a person confirms it. Labels are those public bodies print on covers and margins.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final

from documents.content.blocks import Block, Proposal
from documents.content.citations import DASHES, plain_code
from documents.content.dates import DATE, date_of
from documents.content.signers import is_signature_table, signers_of

_UPPER: Final = "A-ZĐ"
_CODE: Final = rf"[{_UPPER}][{_UPPER}0-9]{{0,7}}(?:[.{DASHES}/][{_UPPER}0-9]{{1,8}}){{1,6}}"
_CODE_LABEL: Final = (
    r"(?:mã\s*(?:số|hiệu|tài\s*liệu|văn\s*bản|quy\s*trình|biểu\s*mẫu|tl)|ký\s*hiệu|số\s*hiệu"
    r"|document\s*(?:no|code)\.?|code|mã)"
)
LABELLED_CODE: Final = re.compile(rf"\b{_CODE_LABEL}\s*[:：]?\s*(?-i:({_CODE}))", re.I)
BARE_CODE: Final = re.compile(rf"(?<![\w/.-])({_CODE}|[{_UPPER}]{{2,6}}\d{{1,3}})(?![\w/])")
NOT_CODE: Final = re.compile(r"ISO|TCVN|QCVN|\d+/|HĐND|UBND|.*-CP$|.*/")

_TH: Final = r"(?:\s*(?:lần\s*(?:thứ\s*)?|số\s*))?"
_BOTH: Final = re.compile(
    r"(?:(?:lần\s*)?(?:ban\s*hành|b\.?h|phiên\s*bản)\s*[/\-–]\s*(?:lần\s*)?(?:sửa\s*đổi|s\.?đ)"
    r"|lbh\s*[/\-–]\s*ls[đd])\s*[:：.]?\s*(\d{1,3})\s*[/.\-–]\s*(\d{1,3})",
    re.I,
)
_EDITION: Final = re.compile(
    rf"(?:(?:lần|đợt)\s*(?:ban\s*hành|b\.?h)|ban\s*hành|lbh|phiên\s*bản|edition)\s*[:：]?{_TH}\s*"
    r"[:：]?\s*(\d{1,3})(?!\d)(?!\s*[/.\-–]\s*\d{1,2}\s*[/.\-–])(?:\s*/\s*(\d{1,3}))?",
    re.I,
)
_AMENDMENT: Final = re.compile(
    rf"(?:lần\s*(?:sửa\s*đổi|s\.?đ|soát\s*xét)|sửa\s*đổi|ls[đd]|amendment|rev(?:ision)?\.?)"
    rf"\s*[:：]?{_TH}\s*[:：]?\s*(\d{{1,3}})(?!\d)(?!\s*[/.\-–]\s*\d)",
    re.I,
)
_EFFECTIVE: Final = re.compile(
    r"(?:ngày\s*(?:có\s*)?hiệu\s*lực|hiệu\s*lực(?:\s*(?:từ|kể\s*từ|thi\s*hành))?"
    r"|ngày\s*áp\s*dụng|effective(?:\s*date)?)\s*(?:ngày)?\s*[:：]?\s*(?:từ|kể\s*từ)?\s*",
    re.I,
)
_APPROVED: Final = re.compile(
    r"ngày\s*(?:phê\s*duyệt|ban\s*hành|duyệt|ký)\s*[:：]?\s*|approved(?:\s*on)?\s*[:：]?\s*", re.I
)

KINDS: Final[tuple[tuple[str, str], ...]] = (
    ("quy trình", "procedure"),
    ("sổ tay", "manual"),
    ("biểu mẫu", "form"),
    ("hướng dẫn", "instruction"),
    ("quy định", "regulation"),
    ("quy chế", "regulation"),
    ("chính sách", "policy"),
    ("mục tiêu", "objective"),
)
_PREFIXES: Final = {
    "QT": "procedure",
    "TT": "procedure",
    "ST": "manual",
    "BM": "form",
    "HD": "instruction",
    "QĐ": "regulation",
    "QC": "regulation",
    "CS": "policy",
    "MT": "objective",
}
_KIND_LINE: Final = re.compile(
    rf"(?:{'|'.join(word for word, _kind in KINDS)})(?:\s+(?:công việc|nội bộ|hệ thống))?", re.I
)
_FIELD_WORD: Final = re.compile(
    r"mã\s*(?:số|hiệu|tài)|ký hiệu|lần\s*(?:ban|sửa|bh)|lbh|ngày|ban hành:|hiệu lực|trang\s|"
    r"trách nhiệm|người\s|họ và tên|bảng theo dõi|chữ ký|phê duyệt|cộng hòa|độc lập",
    re.I,
)
_BODY_NAME: Final = re.compile(
    r"(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd|sở|bộ|phòng|văn phòng|chi cục|cục|tổng cục|"
    r"trung tâm|hội đồng nhân dân|hđnd|thành phố|tỉnh|huyện|xã|phường|công ty)\s",
    re.I,
)
_SHORT_NAMES: Final = {
    each.lower(): each
    for each in (
        "UBND",
        "HĐND",
        "ISO",
        "TCVN",
        "QCVN",
        "HTQLCL",
        "TTHC",
        "CBCC",
        "CNTT",
        "BTP",
        "TP",
        "PCCC",
        "QĐ",
        "NĐ",
        "CP",
        "VPĐK",
        "ISO/IEC",
        "CCCD",
        "BHXH",
        "BHYT",
    )
}


class Sources:
    """The places of a file where it speaks about itself, nearest to the reader's eye first."""

    def __init__(
        self,
        blocks: Iterable[Block],
        textboxes: Iterable[str],
        header: Iterable[str],
        footer: Iterable[str],
    ) -> None:
        self.boxes = list(textboxes)[:20]
        self.margins = [*list(header)[:6], *list(footer)[:6]]
        self.cover: list[Block] = []
        for block in list(blocks)[:60]:
            if block.kind == "heading" and block.number:
                break
            self.cover.append(block)

    def lines(self) -> Iterator[str]:
        """Yield lines with each label beside its value: cover, boxes, then margins."""
        for block in self.cover:
            if block.kind != "table":
                yield from block.text.split("\n")
                continue
            if is_signature_table(block) or is_change_table(block):
                continue
            yield from _labels_above(block)
            for row in block.rows[:30]:
                yield " ".join(cell.text.replace("\n", " ; ") for cell in row)
                for cell in row:
                    yield from cell.text.split("\n")
        for text in (*self.boxes, *self.margins):
            yield from text.split("\n")
            yield text.replace("\n", " ; ").replace("\t", " ")


def _labels_above(block: Block) -> Iterator[str]:
    """Yield label and value of a table that has its labels in one row, values in the next."""
    for above, below in pairwise(block.rows[:12]):
        if len(above) != len(below) or len(above) < 2:
            continue
        labels = [cell.text.strip(" :\n") for cell in above]
        if sum(bool(_FIELD_WORD.match(label)) for label in labels) < 2:
            continue
        if any(char.isdigit() for label in labels for char in label):
            continue
        for label, cell in zip(labels, below, strict=True):
            yield f"{label}: {cell.text}"


def is_change_table(block: Block) -> bool:
    """Say whether a table lists the amendments of the document itself."""
    if block.kind != "table":
        return False
    head = " ".join(cell.text.lower() for row in block.rows[:2] for cell in row)
    return ("sửa đổi" in head and "nội dung" in head) or "lần bh/sđ" in head


def is_about_itself(box: str, said: Proposal) -> bool:
    """Say whether a text box holds the code, edition, date or title of its own document."""
    labels = (LABELLED_CODE, _BOTH, _EDITION, _EFFECTIVE, _APPROVED)
    line = " ".join(box.split()).casefold()
    title, code = said.title.casefold(), said.code.casefold()
    named = bool(title) and title in line and len(title) > 0.4 * len(line)
    named = named or bool(_KIND_LINE.fullmatch(line) or _BODY_NAME.match(line))
    return named or bool(code and code in line) or any(label.search(box) for label in labels)


def propose(sources: Sources, name: str = "") -> Proposal:
    """Return what the file says about itself; `name` (the file's) only helps where it is silent."""
    lines = [line.strip() for line in sources.lines() if line.strip()][:400]
    code = _code(lines, name)
    edition, amendment = _counters(lines)
    signers = tuple(
        signer
        for block in sources.cover
        if is_signature_table(block)
        for signer in signers_of(block)
    )
    approver = next((each.signed_on for each in signers if each.part == "approver"), None)
    return Proposal(
        code=code,
        title=_title(sources, code),
        edition=edition,
        amendment=amendment,
        approved_on=approver or _dated(lines, _APPROVED),
        effective_on=_dated(lines, _EFFECTIVE),
        kind=_kind(lines, code),
        signers=signers,
    )


def _code(lines: list[str], name: str) -> str:
    for line in lines:
        if found := LABELLED_CODE.search(line):
            return plain_code(found[1])
    for line in (*lines[:40], name):
        for hit in BARE_CODE.finditer(line):
            if not NOT_CODE.match(hit[1]) and any(char.isdigit() for char in hit[1]):
                return plain_code(hit[1])
    return ""


def _counters(lines: list[str]) -> tuple[int | None, int | None]:
    edition: int | None = None
    amendment: int | None = None
    for line in lines:
        if found := _BOTH.search(line):
            return int(found[1]), int(found[2])
        if edition is None and (found := _EDITION.search(line)):
            edition = int(found[1])
            if found[2] is not None:
                return edition, int(found[2])
        if amendment is None and (found := _AMENDMENT.search(line)):
            amendment = int(found[1])
    return edition, amendment


def _dated(lines: list[str], label: re.Pattern[str]) -> date | None:
    for line in lines:
        for hit in label.finditer(line):
            found = DATE.match(line, hit.end())
            day = date_of(found) if found else None
            if day:
                return day
    return None


def _kind(lines: list[str], code: str) -> str | None:
    by_code = _PREFIXES.get(code[:2].upper())
    if by_code:
        return by_code
    for line in lines[:40]:
        for word, kind in KINDS:
            if line.lower().startswith(word):
                return kind
    return None


def _title(sources: Sources, code: str) -> str:
    found = _title_on_cover(sources)
    margin = _title_in_margin(sources, code)
    if margin and (not found or margin.casefold() == found.casefold()):
        found = margin if not margin.isupper() else (found or margin)
    return sentence_case(found)


def _usable(line: str) -> bool:
    bare = line.strip(" .:;-")
    return (
        len(bare) > 3
        and not _FIELD_WORD.match(bare)
        and not _BODY_NAME.match(bare)
        and not LABELLED_CODE.search(bare)
    )


def _title_on_cover(sources: Sources) -> str:
    groups = [block.text for block in sources.cover if block.kind != "table"]
    tables = [block for block in sources.cover if block.kind == "table"]
    cells = [
        cell.text
        for block in tables
        if not is_signature_table(block) and not is_change_table(block)
        for row in block.rows[:6]
        for cell in row
    ]
    loose = [line for text in groups for line in text.split("\n")]
    for lines in (loose, *(text.split("\n") for text in (*cells, *sources.boxes))):
        if title := _after_kind(lines):
            return title
    for line in loose[:15]:
        if _usable(line) and line.strip().isupper() and not _KIND_LINE.fullmatch(line.strip()):
            return line.strip()
    return ""


def _after_kind(lines: list[str]) -> str:
    """Return the lines that follow 'QUY TRÌNH' alone, or a line that begins with such a word."""
    bare = [line.strip() for line in lines if line.strip()]
    for at, line in enumerate(bare[:25]):
        if _KIND_LINE.fullmatch(line):
            following: list[str] = []
            for each in bare[at + 1 : at + 4]:
                if not _usable(each) or (following and each.isupper() != following[0].isupper()):
                    break
                following.append(each)
            if following:
                return " ".join(following)
    for line in bare[:25]:
        if line.lower().startswith("sổ tay ") and len(line) < 120:
            return line
    return ""


def _title_in_margin(sources: Sources, code: str) -> str:
    for text in sources.margins:
        for part in re.split(r"[\n\t;]| - ", text):
            bare = part.strip()
            if _usable(bare) and bare != code and not re.fullmatch(r"[\W\d]*", bare):
                return bare
    return ""


def sentence_case(text: str) -> str:
    """Return a title in capitals as a sentence; short names such as UBND keep their capitals."""
    bare = " ".join(text.split())
    if not bare.isupper():
        return bare
    words = [_SHORT_NAMES.get(word.strip(",.()").lower(), "") for word in bare.split()]
    plain = [raw if short else raw.lower() for raw, short in zip(bare.split(), words, strict=True)]
    joined = " ".join(plain)
    return joined[:1].upper() + joined[1:]
