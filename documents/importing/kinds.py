"""Which kind of document a row means: by its column, its code, its group, its file (a3)."""

from __future__ import annotations

import re
from typing import Final

from app.kernel.search import fold
from documents.importing.found_files import FoundFile
from documents.importing.listing import ListedRow
from documents.models import DocumentKind

_WORDS: Final = (
    (DocumentKind.MANUAL, r"\bso tay|\bstcl?\b|manual"),
    (DocumentKind.POLICY, r"\bchinh sach|\bcs(?:cl)?\b|muc tieu|\bmt\b|policy"),
    (
        DocumentKind.FORM,
        r"\bbieu mau|\bbm\b|\bmau\b|\bphieu\b|\bmb\b|\bbieu\b|\bso theo doi|\bform",
    ),
    (
        DocumentKind.WORK_INSTRUCTION,
        r"\bhuong dan|\bhd\b|quy dinh|quy che|\bqd\b|\bqc\b|\bnoi quy|instruction",
    ),
    (DocumentKind.PROCEDURE, r"\bquy trinh|\bqt\b|\bthu tuc|\btt\b|\btthc\b|procedure"),
    (DocumentKind.RECORD_TYPE, r"\bho so\b|\bhs\b"),
)
_OF_FILE: Final = {
    "procedure": DocumentKind.PROCEDURE,
    "manual": DocumentKind.MANUAL,
    "form": DocumentKind.FORM,
    "instruction": DocumentKind.WORK_INSTRUCTION,
    "regulation": DocumentKind.WORK_INSTRUCTION,
    "policy": DocumentKind.POLICY,
    "objective": DocumentKind.POLICY,
}


def kind_of(
    code: str, row: ListedRow | None, file: FoundFile | None, prefixes: dict[str, str]
) -> DocumentKind:
    """Give the kind; where nothing tells, it is a procedure."""
    first = re.split(r"[-./ _\d]", code, maxsplit=1)[0].upper()
    if row is not None and (found := _by_word(row.kind)):
        return found
    for kind, prefix in prefixes.items():
        if first and first == prefix.upper():
            return DocumentKind(kind)
    if found := _by_word(first):
        return found
    if file is not None and file.kind in _OF_FILE:
        return _OF_FILE[file.kind]
    if row is not None and (found := _by_word(row.group) or _by_word(row.title_typed)):
        return found
    return DocumentKind.PROCEDURE


def _by_word(text: str) -> DocumentKind | None:
    said = fold(text)
    return next((kind for kind, pattern in _WORDS if said and re.search(pattern, said)), None)
