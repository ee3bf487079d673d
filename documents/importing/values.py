"""What cells of a list mean: days, editions, states, in the many ways they are typed (a52)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.kernel.search import fold
from documents.content.dates import DATE, date_of

_EPOCH: Final = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 32_874, 55_153  # 1990 to 2050
_SHORT_YEAR: Final = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\-–]\s*(\d{1,2})\s*[/.\-–]\s*(\d{2})(?!\d)")
_TIGHT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})|(\d{2})(\d{2})(\d{4})")
_NOTHING: Final = re.compile(r"[\s.\-–—_/…?x]*|chua(?: co)?|khong(?: co)?|n/?a", re.I)
_EARLIEST: Final = 1990


class DayKind(StrEnum):
    """How a day stood in its cell."""

    EMPTY = "empty"
    GOOD = "good"
    NUMBER = "number"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day of a list, and how it was typed."""

    kind: DayKind = DayKind.EMPTY
    day: date | None = None
    typed: str = ""


NO_DAY: Final = ListedDay()


def listed_day(text: str, kind: str) -> ListedDay:
    """Understand a cell that should hold a day; `kind` is how the sheet kept it."""
    typed = " ".join(text.split())
    if _NOTHING.fullmatch(fold(typed)):
        return ListedDay(typed=typed)
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", typed):
        serial = int(typed[:5])
        if _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            return ListedDay(DayKind.NUMBER, _EPOCH + timedelta(days=serial), typed)
        return ListedDay(DayKind.IMPOSSIBLE, None, typed)
    day = _day_in(typed)
    if day is None or not _EARLIEST <= day.year <= date.today().year + 20:  # noqa: DTZ011 - a limit of sense
        return ListedDay(DayKind.IMPOSSIBLE, None, typed)
    return ListedDay(DayKind.GOOD, day, typed)


def _day_in(typed: str) -> date | None:
    if found := DATE.search(typed):
        return date_of(found)
    try:
        if short := _SHORT_YEAR.search(typed):
            return date(2000 + int(short[3]), int(short[2]), int(short[1]))
        if tight := _TIGHT.fullmatch(typed):
            groups = tight.groups()
            if groups[0] and 1900 < int(groups[0]) < 2100:
                return date(int(groups[0]), int(groups[1]), int(groups[2]))
            return date(int(typed[4:]), int(typed[2:4]), int(typed[:2]))
    except ValueError:
        return None
    return None


_PAIR: Final = re.compile(r"(\d{1,3})\s*[/.\-–,]\s*(\d{1,3})(?!\d)")
_ONE: Final = re.compile(r"(?<!\d)(\d{1,3})(?!\d)")


def listed_version(text: str, kind: str) -> tuple[int | None, int | None]:
    """Understand a cell with edition and amendment: 02/01, 2.1, `lần 2, sửa đổi 1`, or one only."""
    if kind == "date" and (found := re.match(r"\d{4}-(\d\d)-(\d\d)", text)):
        return int(found[2]), int(found[1])  # a sheet took 02/01 for a day
    if pair := _PAIR.search(text):
        return int(pair[1]), int(pair[2])
    numbers = [int(each) for each in _ONE.findall(text)]
    if len(numbers) >= 2:
        return numbers[0], numbers[1]
    return (numbers[0], None) if numbers else (None, None)


def listed_count(text: str, kind: str) -> int | None:
    """Understand a cell with an edition or an amendment alone."""
    found = _ONE.search(text)
    return int(found[1]) if found else None


class ListedState(StrEnum):
    """What a list says of a document."""

    SILENT = "silent"
    CURRENT = "current"
    ENDED = "ended"
    AWAITING = "awaiting"


_ENDED: Final = re.compile(
    r"het (?:hieu luc|han)|khong con|bai bo|huy bo|\bhuy\b|thu hoi|loi thoi|dung ap dung|"
    r"ngung|bi thay|duoc thay|da thay|thay the boi|thay bang|thay the bang|da thay the|"
    r"withdrawn|obsolete"
)
_AWAITING: Final = re.compile(r"chua (?:co )?hieu luc|cho (?:hieu luc|ap dung|ban hanh)|sap ")
_CURRENT: Final = re.compile(
    r"hien hanh|con hieu luc|con hl|dang (?:ap dung|su dung|hieu luc|co hieu luc)|co hieu luc|"
    r"ap dung|hieu luc|su dung|current|ban hanh|con ap dung"
)
_REPLACES: Final = re.compile(r"^(?:thay (?:cho |the cho )?(?:ban|lan|phien ban)|thay the ban)\b")


def listed_state(text: str) -> ListedState:
    """Understand a cell that says whether a document is in force."""
    said = fold(text)
    if not said.strip():
        return ListedState.SILENT
    if _ENDED.search(said):
        return ListedState.ENDED
    if _AWAITING.search(said):
        return ListedState.AWAITING
    return ListedState.CURRENT if _CURRENT.search(said) else ListedState.SILENT


def says_ended(note: str) -> bool:
    """Say whether a note tells that the document itself ended; `Thay bản 01/00` tells no such."""
    said = fold(note).strip()
    if not said or _REPLACES.match(said):
        return False
    return bool(
        re.search(
            r"het (?:hieu luc|han)|khong con (?:hieu luc|ap dung|su dung)|(?:da )?bai bo|"
            r"(?:da )?thu hoi|huy bo|loi thoi|dung ap dung|ngung ap dung|ngung su dung|"
            r"bi thay the|duoc thay|da thay the|thay the boi|thay (?:the )?bang",
            said,
        )
    )
