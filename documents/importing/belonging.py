"""Whose form a form is, and which inherited reviews are late (a53, D7)."""

from __future__ import annotations

import re

from app.kernel.calendar import months_after
from app.kernel.search import code_key
from documents.importing.items import Item, Surroundings
from documents.models import DocumentKind


def tails(items: list[Item]) -> dict[str, str]:
    """Give the codes of documents that may own forms, by what their forms take over of them."""
    found: dict[str, str] = {}
    for item in items:
        if item.kind is DocumentKind.FORM or not item.code:
            continue
        found.setdefault(code_key(item.code), item.code)
        found.setdefault(code_key(_tail(item.code)), item.code)
    return found


def _tail(code: str) -> str:
    parts = re.split(r"[-./ ]", code, maxsplit=1)
    return parts[1] if len(parts) > 1 else code


def parent_code(item: Item, by_tail: dict[str, str]) -> str:
    """Give the code of the procedure a form belongs to: BM-VP-05.02 belongs to QT-VP-05."""
    if item.kind is not DocumentKind.FORM or not item.code:
        return ""
    parts = [part for part in re.split(r"[-./ ]", item.code) if part]
    for begin in (1, 0):
        for end in range(len(parts) - 1, begin, -1):
            key = code_key("".join(parts[begin:end]))
            if any(char.isdigit() for char in key) and key in by_tail:
                return by_tail[key]
    stem = re.match(r"(.+?)[-./ ](?:BM|PL|MB|F)\b", item.code)  # QT-01/BM-01
    return by_tail.get(code_key(stem[1]), "") if stem else ""


def review_is_overdue(item: Item, around: Surroundings) -> bool:
    """Say whether the periodic review of a document was due before it came here (D7)."""
    if item.effective_on is None:
        return False
    months = around.review_months.get(str(item.kind), 12)
    return months_after(item.effective_on, months) <= around.today
