"""Days: a body's working calendar, by which every due date counts; and as people type them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body
from app.kernel.trail import Trailed

_LONGEST = 3660  # days looked through, should a body ever name every day a day off


def today_of(body: Body | None, now: datetime) -> date:
    """Give the day it is where the body works."""
    zone = ZoneInfo(body.time_zone if body is not None else "Asia/Ho_Chi_Minh")
    return now.astimezone(zone).date()


class DayKind(Coded):
    """How a body works on a day that is named."""

    HOLIDAY = "holiday", N_("Day off")
    WORKING = "working", N_("Worked, in exchange")
    ORDINARY = "ordinary", N_("As the week says")  # was named once, and taken back


class CalendarDay(Trailed, Record):
    """A day on which a body does not work as the week says; taken back, never deleted."""

    __tablename__ = "calendar_day"
    __table_args__ = (sa.UniqueConstraint("body_id", "day"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    day: Mapped[date]
    kind: Mapped[DayKind]
    name: Mapped[str] = mapped_column(sa.String(200), default="")

    body: Mapped[Body] = relationship(back_populates="named_days")

    def told(self) -> dict[str, Any]:
        return {"day": self.day.isoformat(), "name": self.name}


def is_working_day(body: Body, day: date) -> bool:
    """Say whether people are in the office on a day: holidays and swapped days before the week."""
    named = {one.day: one.kind for one in body.named_days}
    return _is_worked(day, named, body.setting("weekend_days"))


def _is_worked(day: date, named: dict[date, DayKind], weekend: list[int]) -> bool:
    kind = named.get(day, DayKind.ORDINARY)
    if kind is DayKind.ORDINARY:
        return day.weekday() not in weekend
    return kind is DayKind.WORKING


def working_days_after(body: Body, day: date, count: int) -> date:
    """Give the day that lies a number of a body's working days after another; every due date."""
    named = {one.day: one.kind for one in body.named_days}
    weekend = body.setting("weekend_days")
    last = day + timedelta(days=_LONGEST)
    while count > 0 and day < last:
        day += timedelta(days=1)
        count -= _is_worked(day, named, weekend)
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


_CLOCK = re.compile(r"(\d{1,2})\s*(?:[:.hg]\s*(\d{2})?)?", re.IGNORECASE)


def clock_time(text: str, field: str) -> str:
    """Give a time of day as 07:30, from 7:30, 7.30, 7h30, 7h or 7."""
    found = _CLOCK.fullmatch((text or "").strip())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise InvalidInput(N_("Type a time of day, such as 07:30."), field=field)
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


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
