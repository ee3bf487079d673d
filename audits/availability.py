"""Whether an auditor is free for some days: qualified, not away, not elsewhere (b9, b10).

Over plain facts, like independence: page, act and planner ask the same function.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.kernel.coded import N_, Coded


class Hindrance(Coded):
    """Why somebody is not free."""

    ENDED = "ended", N_("is no longer an auditor")
    NOT_YET = "not_yet", N_("is not qualified yet")
    UNQUALIFIED = "unqualified", N_("the qualification has ended")
    LEAVE = "leave", N_("is away")
    BUSY = "busy", N_("audits elsewhere")


@dataclass(frozen=True)
class Span:
    """Some days, first and last; `what` names an audit."""

    first: date
    last: date
    what: str = ""

    def meets(self, first: date, last: date) -> bool:
        """Say whether one of these days lies within."""
        return self.first <= last and first <= self.last


@dataclass(frozen=True)
class AuditorDays:
    """When one auditor may audit, and when they are away or elsewhere."""

    auditor_id: int
    qualified_from: date | None = None
    qualified_until: date | None = None
    ended_on: date | None = None
    away: tuple[Span, ...] = ()
    elsewhere: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Hindered:
    """One reason why an auditor is not free, with the days it lasts."""

    by: Hindrance
    first: date | None = None
    last: date | None = None
    what: str = ""


def hindrances(days: AuditorDays, first: date, last: date) -> tuple[Hindered, ...]:
    """Give every reason why an auditor is not free on all of these days."""
    found = []
    if days.ended_on is not None and last > days.ended_on:
        found.append(Hindered(Hindrance.ENDED, last=days.ended_on))
    if days.qualified_from is not None and first < days.qualified_from:
        found.append(Hindered(Hindrance.NOT_YET, first=days.qualified_from))
    if days.qualified_until is not None and last > days.qualified_until:
        found.append(Hindered(Hindrance.UNQUALIFIED, last=days.qualified_until))
    found += [
        Hindered(by, span.first, span.last, span.what)
        for by, spans in ((Hindrance.LEAVE, days.away), (Hindrance.BUSY, days.elsewhere))
        for span in spans
        if span.meets(first, last)
    ]
    return tuple(found)
