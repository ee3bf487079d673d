"""Dates as Vietnamese documents write them: 05/3/2014, 29-05-2017, 'ngày 5 tháng 3 năm 2014'."""

import re
from datetime import date
from typing import Final

_LONG = r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})"
_SHORT = r"(\d{1,2})\s*[/.\-–]\s*(\d{1,2})\s*[/.\-–]\s*(\d{4})"
_ISO = r"(\d{4})-(\d{1,2})-(\d{1,2})"
DATE: Final = re.compile(rf"{_LONG}|{_ISO}|{_SHORT}", re.I)


def date_of(found: re.Match[str]) -> date | None:
    """Return the day a match of DATE means; None for the 31st of February."""
    groups = found.groups()
    day, month, year = groups[0:3]
    if groups[3]:
        year, month, day = groups[3:6]
    elif groups[6]:
        day, month, year = groups[6:9]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def first_date(text: str) -> date | None:
    """Return the first real date in a text; None when there is none."""
    return next((day for day in map(date_of, DATE.finditer(text)) if day), None)
