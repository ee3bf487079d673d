"""Which column of a list means what, by the words of its heads in any order (a52)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from app.kernel.search import fold
from documents.content.legacy_fonts import decoded
from documents.content.sheet_reading import Sheet, SheetRow

_OF: Final = r"(?: (?:cua )?(?:tai lieu|tl|quy trinh|qt|van ban|vb|bieu mau|ho so|document))?"
FIELDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("number", r"s ?t ?t|tt|so tt|so thu tu|thu tu|no|#"),
        ("old_code", rf"(?:ma|ky hieu|so hieu)(?: so| hieu)?{_OF} (?:cu|truoc day|truoc)"),
        (
            "version",
            r"(?:phien ban|lan|so lan)(?: ban hanh| bh) (?:lan )?(?:sua doi|sd|soat xet)"
            r"|lan (?:ban hanh|bh) (?:va )?(?:lan )?(?:sua doi|sd)|lbh lsd|bh sd"
            r"|(?:lan )?ban hanh (?:lan )?sua doi|phien ban|ban so|version|edition amendment",
        ),
        ("edition", r"(?:so )?lan (?:ban hanh|bh)|lbh|ban hanh lan|ban hanh lan thu|edition|issue"),
        (
            "amendment",
            r"(?:so )?lan (?:sua doi|sd|soat xet)(?: bo sung)?|lsd|sua doi lan|sua doi"
            r"|amendment|revision|rev",
        ),
        (
            "approved",
            rf"ngay (?:thang )?(?:nam )?(?:phe duyet|duyet|ban hanh|ky|ky ban hanh|bh|pd){_OF}"
            r"|(?:phe duyet|duyet|ban hanh|ky) ngay|approved on|approval date|date of issue",
        ),
        (
            "effective",
            rf"(?:ngay )?(?:thang )?(?:co |bat dau )?hieu luc(?: tu)?(?: ngay)?(?: thi hanh)?{_OF}"
            r"|ngay (?:ap dung|thi hanh)|(?:ap dung|hieu luc) tu(?: ngay)?|hieu luc ngay"
            r"|effective(?: date| from)?",
        ),
        (
            "unit",
            r"(?:don vi|phong ban|phong|bo phan|noi|co quan|don vi bo phan|phong don vi)"
            r"(?: (?:chu tri|soan thao|soan|lap|xay dung|phu trach|quan ly|thuc hien|ban hanh"
            r"|chiu trach nhiem|chu quan|bien soan|so huu))?(?: soan thao)?|unit|department",
        ),
        (
            "author",
            r"(?:nguoi |can bo )?(?:soan thao|bien soan|soan)|nguoi (?:lap|viet|xay dung|soan)"
            r"|prepared by|author",
        ),
        (
            "reviewer",
            r"(?:nguoi )?(?:soat xet|xem xet|kiem tra|tham dinh|tham tra)|reviewed by|reviewer",
        ),
        (
            "approver",
            r"(?:nguoi )?(?:phe duyet|duyet|ky duyet|ky ban hanh|ky)|nguoi ky|lanh dao phe duyet"
            r"|approved by|approver",
        ),
        (
            "state",
            r"(?:tinh trang|trang thai|hien trang)(?: hieu luc| ap dung| su dung| hien tai)?"
            rf"{_OF}|status|state",
        ),
        ("replaced_by", r"(?:van ban )?(?:bi )?(?:duoc )?thay the(?: bang| boi)?|thay bang"),
        ("issuer", r"(?:co quan|noi) ban hanh(?: van ban)?|issued by"),
        ("note", r"ghi chu|chu thich|note|notes|remarks|dien giai"),
        ("file", r"(?:ten )?(?:tep|file)(?: dinh kem| tin)?|duong dan|lien ket|link"),
        ("kind", rf"(?:phan )?loai(?: hinh)?{_OF}|nhom{_OF}|cap{_OF}|dang{_OF}|kind|type"),
        (
            "code",
            rf"(?:ma|ky hieu|so hieu|ma ky hieu|so(?: va)? ky hieu|ma hieu)(?: so| hieu)?{_OF}"
            r"(?: moi)?|(?:document |doc )?(?:code|number)|ma so ky hieu|ma tl|ma so",
        ),
        (
            "title",
            rf"ten(?: goi)?{_OF}|tieu de|noi dung|trich yeu(?: noi dung)?|ten va trich yeu"
            r"|danh muc tai lieu|tai lieu|quy trinh|bieu mau|ten tai lieu quy trinh|ten quy trinh"
            r"|title|document(?: name| title)?|name",
        ),
        ("applies", r"(?:noi|pham vi|don vi) (?:ap dung|nhan|su dung)|noi luu(?: tru)?"),
        ("keeping", r"thoi (?:gian|han) luu(?: tru)?|nguoi giu|noi giu"),
    )
)
_LEAST: Final = 3
_DEEPEST: Final = 3


def _plain(label: str) -> str:
    return " ".join(re.findall(r"[^\W_]+|#", fold(label)))


@lru_cache(4096)
def field_of(*labels: str) -> str:
    """Give what a column means by its head, or the head above and the one below it; '' unknown."""
    both = [label for label in labels if label.strip()]
    forms = []
    if len(both) > 1:
        forms += [" ".join(both), " ".join(reversed(both))]
    if both:
        forms.append(both[-1])
        forms += [re.sub(r"\([^)]*\)", " ", both[-1]), *re.split(r"[/\n(|–]", both[-1])]
    if len(both) > 1 and _plain(both[-1]) in ("", _plain(both[0])):
        forms.append(both[0])
    forms += [decoded(form, ".VnTime") for form in forms if not form.isascii()]
    for form in forms:
        plain = _plain(form)
        for field, pattern in FIELDS:
            if plain and pattern.fullmatch(plain):
                return field
    return ""


class Heads:
    """The heads found at one place of a sheet: rows they take, field of each column."""

    def __init__(self, first: int, last: int, fields: dict[int, str], labels: dict[int, str]):
        self.first, self.last, self.fields, self.labels = first, last, fields, labels

    @property
    def is_external(self) -> bool:
        """Say whether this is a list of laws and standards, not of the body's own documents."""
        names = set(self.fields.values())
        own = names & {"version", "edition", "amendment", "unit", "author"}
        cites = any(_plain(label).startswith("trich yeu") for label in self.labels.values())
        foreign = names & {"replaced_by", "issuer"}
        return not own and (cites or bool(foreign))


def label_grid(
    sheet: Sheet, rows: dict[int, SheetRow], first: int, last: int
) -> dict[int, list[str]]:
    """Give for each column the heads above one another, merged ones in each place they cover."""
    grid: dict[int, list[str]] = {}
    depth = last - first + 1
    for number in range(first, last + 1):
        row = rows.get(number)
        for cell in row.cells if row is not None else ():
            grid.setdefault(cell.column, [""] * depth)[number - first] = cell.text
    for merge in sheet.merges:
        if merge.bottom < first or merge.top > last or merge.right - merge.left > 12:
            continue
        text = grid.get(merge.left, [""] * depth)[max(merge.top, first) - first]
        for column in range(merge.left, merge.right + 1):
            for number in range(max(merge.top, first), min(merge.bottom, last) + 1):
                line = grid.setdefault(column, [""] * depth)
                line[number - first] = line[number - first] or text
    return grid


def heads_at(sheet: Sheet, rows: dict[int, SheetRow], number: int) -> Heads | None:
    """Give the heads that begin in a row; None when the row is none."""
    best: Heads | None = None
    for depth in range(1, _DEEPEST + 1):
        last = number + depth - 1
        if depth > 1 and not _continues(sheet, rows, number, last):
            break
        grid = label_grid(sheet, rows, number, last)
        fields: dict[int, str] = {}
        labels: dict[int, str] = {}
        for column, lines in sorted(grid.items()):
            distinct = [line for at, line in enumerate(lines) if line and line not in lines[:at]]
            field = field_of(*distinct[-2:])
            if field and field not in fields.values():
                fields[column] = field
                labels[column] = distinct[-1] if distinct else ""
        named = set(fields.values())
        if len(named) >= _LEAST and "title" in named and (named - {"title", "number", "note"}):
            if best is None or len(fields) > len(best.fields):
                best = Heads(number, last, fields, labels)
            elif best is not None:
                best = Heads(number, best.last, best.fields, best.labels)
    return _reaching(sheet, best)


def _reaching(sheet: Sheet, heads: Heads | None) -> Heads | None:
    """Let heads that are merged downwards take all of their rows."""
    if heads is None:
        return None
    last = max(
        (
            merge.bottom
            for merge in sheet.merges
            if heads.first <= merge.top <= heads.last
            and merge.left in heads.fields
            and merge.bottom - merge.top < _DEEPEST
        ),
        default=heads.last,
    )
    return Heads(heads.first, max(last, heads.last), heads.fields, heads.labels)


def _continues(sheet: Sheet, rows: dict[int, SheetRow], first: int, last: int) -> bool:
    """Say whether a row below heads still belongs to them: words, no codes, no numbers."""
    row = rows.get(last)
    if row is None:
        return False
    if any(merge.top == first and merge.bottom >= last for merge in sheet.merges):
        return True
    texts = [cell.text for cell in row.cells]
    if any(cell.kind in ("date", "number") for cell in row.cells):
        return False
    return any(field_of(text) for text in texts) and not any(
        any(char.isdigit() for char in text) for text in texts
    )
