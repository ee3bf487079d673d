"""Dates, numbers, names and editions as people read them; no other place decides how they look.

Plain functions take the language and today's date; `register` gives templates the reader's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup

from app.kernel.calendar import parse_date as parse_date
from app.web.addresses import spoken

HERE = ZoneInfo("Asia/Ho_Chi_Minh")

WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
# no-break space between a number and its unit: "4,5 MB" must not fall apart at the end of a line
NARROW = "\N{NO-BREAK SPACE}"


def language() -> str:
    """The reader's language, 'vi' or 'en'; Vietnamese when nothing else is known."""
    return "en" if spoken() == "en" else "vi"


def local_now() -> datetime:
    """The present moment on the wall clock of the offices served."""
    return datetime.now(UTC).astimezone(HERE)


def _local(value: datetime) -> datetime:
    """A stored moment on the wall clock; what has no zone is UTC, as all stored moments are."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(HERE)


def _day_of(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def as_date(value: date | datetime | None) -> str:
    """23/11/2026; nothing for nothing."""
    return "" if value is None else f"{_day_of(value):%d/%m/%Y}"


def as_moment(value: datetime | None) -> str:
    """09:42, 23/11/2026 on the wall clock."""
    return "" if value is None else f"{_local(value):%H:%M, %d/%m/%Y}"


def as_day(value: date | datetime | None, lang: str = "vi") -> str:
    """Thứ Hai, 23/11/2026."""
    if value is None:
        return ""
    day = _day_of(value)
    return f"{WEEKDAYS[lang][day.weekday()]}, {day:%d/%m/%Y}"


def as_distance(value: date | datetime | None, *, today: date, lang: str = "vi") -> str:
    """How far a due date is: days overdue, today, or the weekday it falls on."""
    if value is None:
        return ""
    due = _day_of(value)
    late = (today - due).days
    if late > 0:
        if lang == "en":
            return f"{late} {'day' if late == 1 else 'days'} overdue"
        return f"Quá hạn {as_number(late)} ngày"
    if late == 0:
        return "Today" if lang == "en" else "Hôm nay"
    shown = f"{due:%d/%m}" if due.year == today.year else f"{due:%d/%m/%Y}"
    return f"{WEEKDAYS[lang][due.weekday()]}, {shown}"


def urgency(value: date | datetime | None, *, today: date) -> str:
    """The CSS class of a due date: late, soon (today) or nothing."""
    if value is None:
        return ""
    days = (_day_of(value) - today).days
    return "late" if days < 0 else "soon" if days == 0 else ""


def as_number(value: float | Decimal | None, lang: str = "vi", places: int | None = None) -> str:
    """2.871 and 4,5 in Vietnamese, 2,871 and 4.5 in English."""
    if value is None:
        return ""
    if places is None:
        places = 0 if value == int(value) else 1
    text = f"{value:,.{places}f}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def as_size(count: int | None, lang: str = "vi") -> str:
    """The size of a file in the unit that keeps it short: 640 KB, 4,5 MB."""
    if count is None:
        return ""
    size, units = float(count), ["B", "KB", "MB", "GB"]
    unit = units.pop(0)
    while size >= 1000 and units:
        size, unit = size / 1024, units.pop(0)
    places = 1 if unit in ("MB", "GB") and size < 10 else 0
    return f"{as_number(size, lang, places)}{NARROW}{unit}"


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")


def as_browser(agent: str) -> str:
    """Chrome, Windows: what a browser says of itself, as people know it; empty when unknown."""
    name = next((shown for mark, shown in _BROWSERS if f"{mark}/" in agent), "")
    if not name and "Safari/" in agent:
        name = "Safari"
    system = next((mark for mark in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (name, system.replace("Macintosh", "Mac")) if part)


def initials(name: str) -> str:
    """Avatar letters from the last two words of a name: Lê Quang Huy is QH."""
    words = [w for w in re.split(r"[\s.\-]+", name or "") if w and w[0].isalnum()]
    return "".join(w[0] for w in words[-2:]).upper()


def as_edition(value: Any) -> Markup:
    """02/01, never broken across lines; takes two counters, a record with .label, or a text."""
    if value is None:
        return Markup("")
    if isinstance(value, tuple):
        value = "/".join(f"{counter:02d}" for counter in value)
    return Markup('<span class="code">{}</span>').format(getattr(value, "label", value))


# --- the life line: positions are counted here, so that the page carries no style


@dataclass(frozen=True, slots=True)
class Band:
    """One edition as a bar: x and width, the text that fits into it, and what it is."""

    x: float
    width: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in time with its label: x, y, the side the text stands on, and what it is."""

    x: float
    y: float
    text: str
    kind: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class LifeLine:
    """Everything the SVG of a document's life needs, in its own units."""

    width: int
    height: int
    bands: list[Band] = field(default_factory=list)
    years: list[tuple[float, int]] = field(default_factory=list)
    dots: list[Mark] = field(default_factory=list)
    today: Mark | None = None
    review: Mark | None = None


_LETTER = 6.6  # mean width of a letter at 12 px, for placing labels without a browser
_KINDS = {"obsolete": "past", "withdrawn": "past", "effective": "current"}


def _put(marks: list[Mark], x: float, text: str, kind: str, width: int) -> Mark:
    """Place an event's label on the first row where it touches no other."""
    length = 14 + len(text) * _LETTER
    anchor = "end" if x + length > width else "start"
    left = x - length if anchor == "end" else x
    for row in range(4):
        y = 84 + row * 18
        taken = [m for m in marks if m.y == y]
        if all(left > _right(m) + 8 or left + length < _left(m) - 8 for m in taken):
            break
    return Mark(round(x, 1), y, text, kind, anchor)


def _left(mark: Mark) -> float:
    return mark.x - (14 + len(mark.text) * _LETTER if mark.anchor == "end" else 0)


def _right(mark: Mark) -> float:
    return mark.x + (14 + len(mark.text) * _LETTER if mark.anchor == "start" else 0)


def life_line(
    editions: list[dict[str, Any]],
    *,
    today: date,
    next_review_on: date | None = None,
    events: list[dict[str, Any]] | None = None,
    words: dict[str, str] | None = None,
    width: int = 1080,
) -> LifeLine | None:
    """Count the positions of a document's life line; None when no edition has a date yet.

    `editions`: label, state (code), starts_on, ends_on or None. `events`: on, label, kind.
    `words`: the translated 'current', 'coming', 'today', 'review'.
    """
    words = {"current": "", "coming": "", "today": "", "review": "", **(words or {})}
    editions = [e for e in editions if e.get("starts_on")]
    events = events or []
    if not editions:
        return None
    known = [e["starts_on"] for e in editions] + [e["on"] for e in events] + [today]
    known += [e["ends_on"] for e in editions if e.get("ends_on")]
    if next_review_on:
        known.append(next_review_on)
    first = date(min(known).year, 1, 1)
    last = max(known) + timedelta(days=60)
    scale = (width - 60) / max((last - first).days, 1)

    def at(day: date) -> float:
        return 20 + (day - first).days * scale

    bands = []
    ordered = sorted(editions, key=lambda e: e["starts_on"])
    for place, item in enumerate(ordered):
        following = ordered[place + 1]["starts_on"] if place + 1 < len(ordered) else None
        end = item.get("ends_on") or following or max(today, next_review_on or today)
        state = str(item["state"])
        kind = _KINDS.get(state, "coming")
        length = max(at(end) - at(item["starts_on"]) - 3, 4)
        word = words.get(kind, "")
        choices = (f"{item['label']} · {word}" if word else item["label"], item["label"], "")
        text = next(c for c in choices if not c or len(c) * _LETTER + 18 <= length)
        bands.append(Band(round(at(item["starts_on"]), 1), round(length, 1), text, kind))

    dots: list[Mark] = []
    for event in sorted(events, key=lambda e: e["on"]):
        dots.append(_put(dots, at(event["on"]), event["label"], event.get("kind", "event"), width))

    now_text = f"{words['today']} {as_date(today)}"
    now_x = at(today)
    left_side = now_x > width / 2
    now = Mark(round(now_x, 1), 14, now_text, "today", "end" if left_side else "start")
    review = None
    if next_review_on:
        x, text = at(next_review_on), f"{words['review']} {next_review_on:%m/%Y}"
        to_left = x - len(text) * _LETTER > now_x + 12
        review = Mark(round(x, 1), 14, text if to_left or x < now_x - 12 else "", "review", "end")
    years = [
        (round(at(date(year, 1, 1)), 1), year)
        for year in range(first.year, last.year + 1)
        if at(date(year, 1, 1)) < width - 30
    ]
    height = int(max([76, *(m.y for m in dots)])) + 10
    return LifeLine(width, height, bands, years, dots, now, review)


def register(app: Flask) -> None:
    """Give the templates these filters, each in the reader's language and on today's date."""

    def today() -> date:
        return local_now().date()

    app.jinja_env.filters.update(
        date=as_date,
        moment=as_moment,
        day=lambda value: as_day(value, language()),
        distance=lambda value, on=None: as_distance(value, today=on or today(), lang=language()),
        urgency=lambda value, on=None: urgency(value, today=on or today()),
        number=lambda value, places=None: as_number(value, language(), places),
        size=lambda value: as_size(value, language()),
        initials=initials,
        browser=as_browser,
        edition=as_edition,
    )
    app.jinja_env.globals.update(life_line_of=life_line, today=today)
