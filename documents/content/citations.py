"""What a text refers to: laws, standards, documents and forms (ISO 9001:2015, 7.5.3.2)."""

import re
from collections.abc import Iterator
from typing import Final

from documents.content.blocks import Citation, CitationKind

DASHES: Final = "\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u00ad"
_DASH: Final = f"[{DASHES}]"
_UPPER: Final = "A-ZĐ"

LAW: Final = re.compile(
    rf"(?<![\w/.-])(\d{{1,4}}(?: ?/ ?\d{{4}} ?/ ?|/)(?:QH\d{{1,2}}|[{_UPPER}]{{1,8}}(?:{_DASH}"
    rf"[{_UPPER}][{_UPPER}a-zđ]{{0,9}}){{1,4}}\d{{0,2}}|NQLT|UBTVQH\d{{1,2}}|L{_DASH}CTN)"
    rf"|\d{{1,4}}{_DASH}(?:NQ|QĐ|CT|KL|HD|QC|TT|KH|TB)/[{_UPPER}]{{2,8}})(?![\w])"
)
STANDARD: Final = re.compile(
    r"\b((?:(?:TCVN|QCVN|TCCS)[ \u00a0]?\d{1,2}(?=[-:])"
    r"|(?:(?:TCVN|QCVN|TCCS)(?:\s+(?:ISO/IEC|ISO/TS|ISO|IEC))?|ISO(?:/IEC|/TS)?|IEC)"
    r"[ \u00a0]?\d{3,5})(?: ?: ?\d{4}\b|[-:.]\d{1,5})*(?:/[A-ZĐ]+)?)"
)
CODE: Final = re.compile(
    rf"(?<![\w/.{DASHES}])("
    rf"(?![A-ZĐ]\.)(?:[{_UPPER}]{{1,6}}\d{{0,2}}(?:{_DASH}|\.)){{1,3}}\d{{1,4}}(?:[.{DASHES}]\d{{1,3}}){{0,2}}"
    rf"|[{_UPPER}]{{2,6}}\d{{1,3}}(?:[.{DASHES}]\d{{1,3}}){{0,2}}"
    rf")(?![\w/]|{_DASH}[{_UPPER}])"
)
_YEAR: Final = re.compile(rf"[{_UPPER}]+[.{DASHES}](?:19|20)\d\d")
_FORM: Final = re.compile(rf"(?:BM|M|MB|F|FM|PL)\d*[.{DASHES}]")
_NOT_CODES: Final = re.compile(
    r"(?:ISO|TCVN|QCVN|IEC|QH|VN|A\d|CCCD|COVID|TT|UBTVQH|UBND|HĐND|S?ĐT)(?:\W|\d|$)"
)
_PASSAGE: Final = 160


def plain_code(code: str) -> str:
    """Return a code with plain hyphens, as it is stored and compared."""
    return re.sub(_DASH, "-", code).strip(" .-")


def _key(code: str) -> str:
    """Return what is the same however a code is written: QT-VP-05, QT.VP.05, qt–vp–05."""
    return plain_code(code).replace(".", "-").casefold()


def _passage(text: str, begin: int, end: int) -> str:
    left = max(0, begin - (_PASSAGE - (end - begin)) // 2)
    line = text.rfind("\n", left, begin)
    left = line + 1 if line >= 0 else left
    right = text.find("\n", end)
    right = min(len(text) if right < 0 else right, left + _PASSAGE)
    return text[left:right].strip()


def _found(text: str) -> Iterator[tuple[CitationKind, str, int, int]]:
    taken: list[tuple[int, int]] = []
    for hit in LAW.finditer(text):
        taken.append(hit.span())
        yield "law", re.sub(_DASH, "-", hit[1]).replace(" ", ""), *hit.span()
    for hit in STANDARD.finditer(text):
        taken.append(hit.span())
        yield "standard", re.sub(" ?: ?", ":", " ".join(hit[1].split())), *hit.span()
    for hit in CODE.finditer(text):
        begin, end = hit.span()
        if any(begin < last and first < end for first, last in taken) or _NOT_CODES.match(hit[1]):
            continue
        if _YEAR.fullmatch(hit[1]):
            continue  # 'MT-2025' names a year's paper, not a document of the system
        kind: CitationKind = "form" if _FORM.match(hit[1]) else "document"
        yield kind, plain_code(hit[1]), begin, end


def citations(text: str, *, own: str = "") -> tuple[Citation, ...]:
    """Return what an NFC text cites, ordered by kind and number; its own code is left out.

    `times` counts every place; `passage` is up to 160 letters around the first.
    """
    seen: dict[tuple[CitationKind, str], list[object]] = {}
    own_key = _key(own)
    for kind, number, begin, end in _found(text):
        if _key(number) == own_key:
            continue
        entry = seen.setdefault((kind, number), [0, _passage(text, begin, end)])
        entry[0] = int(str(entry[0])) + 1
    return tuple(
        Citation(kind, number, int(str(times)), str(passage))
        for (kind, number), (times, passage) in sorted(seen.items())
    )
