"""Numbers people type before a heading: '5.2.', 'II.', 'Điều 5.' (ISO 9001:2015, 7.5.2 a)."""

import re
from typing import Final

_TYPED: Final = re.compile(
    r"(?P<number>(?:Chương|CHƯƠNG|Phần|PHẦN|Mục|MỤC|Phụ lục|PHỤ LỤC)\s+(?:[IVXLC]+|\d{1,3})"
    r"|(?:Điều|ĐIỀU)\s+\d{1,4}"
    r"|\d{1,3}(?:\.\d{1,3}){0,5}|[IVXLC]{1,6})"
    r"(?P<close>[.)/:]*)(?P<space>\s+|$)(?P<text>.*)",
    re.S,
)
_LONGEST: Final = 250


def split_number(text: str) -> tuple[str, str]:
    """Return (number, text) of a heading as typed; the number is '' when there is none."""
    found = _TYPED.match(text.strip())
    if not found:
        return "", text.strip()
    plain = not found["close"] and "." not in found["number"] and " " not in found["number"]
    if plain and not found["text"]:
        return "", text.strip()
    return found["number"], found["text"].strip()


def level_of(number: str) -> int:
    """Return the depth a number shows: 1 for '5', 'II' or 'Điều 5', 2 for '5.2'."""
    return min(number.count(".") + 1, 9)


def typed_heading(text: str) -> tuple[str, str] | None:
    """Return (number, text) when a bold paragraph reads as a numbered heading, else None."""
    if len(text) > _LONGEST or "\n" in text.strip():
        return None
    found = _TYPED.match(text.strip())
    if not found or not found["text"]:
        return None
    if not found["close"] and found["number"].isalpha():
        return None
    if not found["close"] and found["number"].isdigit():
        return None  # '15 ngày làm việc' is a line of a table or a form, no heading
    return found["number"], found["text"].strip()
