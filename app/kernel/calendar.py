"""Days: of a body's calendar, and as people type them."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.kernel.organisation import Body


def today_of(body: Body | None, now: datetime) -> date:
    """Give the day it is where the body works."""
    zone = ZoneInfo(body.time_zone if body is not None else "Asia/Ho_Chi_Minh")
    return now.astimezone(zone).date()


def is_working_day(day: date, holidays: frozenset[date] = frozenset()) -> bool:
    """Say whether people are in the office on a day."""
    return day.weekday() < 5 and day not in holidays


def working_days_after(day: date, count: int, holidays: frozenset[date] = frozenset()) -> date:
    """Give the day that lies a number of working days after another."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            count -= 1
    return day


def months_after(day: date, months: int) -> date:
    """Give the same day some months later; the last of the month where there is no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise ValueError("no such month")


_TYPED = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})")
_TIGHT = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})")
_NATIVE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")  # what a browser's own picker sends


def parse_date(text: str | None) -> date | None:
    """The date somebody typed: 1/12/26, 01122026, 1-12-2026 or 1.12.2026; None when it is none."""
    text = (text or "").strip()
    if native := _NATIVE.fullmatch(text):
        year, month, day = (int(part) for part in native.groups())
    elif typed := _TYPED.fullmatch(text) or _TIGHT.fullmatch(text):
        day, month, year = (int(part) for part in typed.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
