"""Calendars as text, as RFC 5545 asks: CRLF, folded lines, nothing else inside (b15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from audits.models.audit import AuditState

_LONGEST = 75  # octets of a line before it is folded
STATUSES = {True: "CONFIRMED", False: "TENTATIVE"}


@dataclass(frozen=True)
class Event:
    """One entry of a calendar: whole days, or hours of one day."""

    uid: str
    summary: str
    first: date | datetime
    last: date | datetime  # the last day itself; the moment it ends
    changed_at: datetime
    sequence: int = 0
    status: str = "CONFIRMED"
    location: str = ""
    description: str = ""
    url: str = ""


def status_of(state: AuditState) -> str:
    """Give the word of the standard for where an audit stands."""
    if state in (AuditState.CANCELLED, AuditState.POSTPONED):
        return "CANCELLED"
    return STATUSES[state is not AuditState.PLANNED]


def written(name: str, events: Iterable[Event]) -> str:
    """Write a whole calendar."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nen Nep//Audits//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: Event) -> list[str]:
    stamp = _moment(event.changed_at)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{event.sequence}",
        *_times(event),
        f"SUMMARY:{_text(event.summary)}",
        f"STATUS:{event.status}",
    ]
    for name, value in (("LOCATION", event.location), ("DESCRIPTION", event.description)):
        if value:
            lines.append(f"{name}:{_text(value)}")
    if event.url:
        lines.append(f"URL:{event.url}")
    lines.append("END:VEVENT")
    return lines


def _times(event: Event) -> list[str]:
    if isinstance(event.first, datetime) and isinstance(event.last, datetime):
        return [f"DTSTART:{_moment(event.first)}", f"DTEND:{_moment(event.last)}"]
    after = event.last + timedelta(days=1)  # a day that is named as the end is not in it
    return [
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        "TRANSP:TRANSPARENT",
    ]


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Write a text so that none of it can end a line or a value."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in plain if letter == "\n" or letter.isprintable())
    for mark, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(mark, escaped)
    return kept


def folded(line: str) -> str:
    """Fold a line to 75 octets; no letter is cut in two."""
    parts: list[bytes] = []
    present = b""
    for letter in line:
        octets = letter.encode("utf-8")
        if len(present) + len(octets) > _LONGEST - (1 if parts else 0):
            parts.append(present)
            present = b""
        present += octets
    parts.append(present)
    return "\r\n ".join(part.decode("utf-8") for part in parts)
