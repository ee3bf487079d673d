"""A year as one looks at it: units by risk, half months, one month, each auditor's load (b9)."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audits.models import Audit, Auditor, AuditState, TeamPart
from audits.register import WeighedUnit
from audits.team import Broken

HALVES = 24


@dataclass(frozen=True)
class Bar:
    """An audit in a half month of a unit's row, or one that is only proposed."""

    audit: Audit | None
    half: int  # 0 to 23
    look: str  # fixed, draft or clash
    first_on: date
    at: int = 0  # of a proposed one: its place in the proposal


@dataclass(frozen=True)
class Row:
    """One unit of the year: its risk, and what stands in each half month."""

    weighed: WeighedUnit
    halves: tuple[tuple[Bar, ...], ...]

    @property
    def is_empty(self) -> bool:
        """Say whether no audit of the year is of this unit."""
        return not any(self.halves)


def half_of(day: date, year: int) -> int:
    """Give the half month of a day within a year: what lies outside stands at its edge."""
    if day.year != year:
        return 0 if day.year < year else HALVES - 1
    return (day.month - 1) * 2 + (day.day > 15)


def rows_of(
    units: Sequence[WeighedUnit],
    audits: Sequence[Audit],
    broken: Mapping[int, Sequence[Broken]],
    year: int,
    proposed: Sequence[tuple[int, Bar]] = (),
) -> list[Row]:
    """Lay the audits of a year into the rows of their units, in the order of risk."""
    bars: dict[int, list[Bar]] = {}
    for unit_id, bar in proposed:
        bars.setdefault(unit_id, []).append(bar)
    for audit in audits:
        if not audit.counts or audit.state is AuditState.POSTPONED:
            continue
        look = "clash" if audit.id in broken else "fixed" if audit.from_on else "draft"
        bar = Bar(audit, half_of(audit.first_on, year), look, audit.first_on)
        for one in audit.units:
            bars.setdefault(one.unit_id, []).append(bar)
    return [
        Row(
            weighed,
            tuple(
                tuple(bar for bar in bars.get(weighed.unit.id, ()) if bar.half == half)
                for half in range(HALVES)
            ),
        )
        for weighed in units
    ]


@dataclass(frozen=True)
class Load:
    """How many days of audits an auditor has in a year, beside what they give."""

    auditor: Auditor
    audits: int
    days: int

    @property
    def is_over(self) -> bool:
        """Say whether it is more than they give."""
        return self.days > self.auditor.days_per_year


def load_of(
    audits: Sequence[Audit],
    auditors: Sequence[Auditor] = (),
    more: Iterable[tuple[int, int]] = (),
) -> list[Load]:
    """Count audits and days of each auditor; an observer's days are their own.

    Auditors given stand there with nothing, too; `more` are days of auditors that are proposed.
    """
    people: dict[int, Auditor] = {one.id: one for one in auditors}
    counted: dict[int, list[int]] = {key: [0, 0] for key in people}
    for key, days in more:
        if key in counted:
            counted[key] = [counted[key][0] + 1, counted[key][1] + days]
    for audit in audits:
        if not audit.counts:
            continue
        days = (audit.until_on - audit.from_on).days + 1 if audit.until_on and audit.from_on else 1
        for one in audit.team:
            if one.part is TeamPart.OBSERVER:
                continue
            people[one.auditor_id] = one.auditor
            sums = counted.setdefault(one.auditor_id, [0, 0])
            sums[0], sums[1] = sums[0] + 1, sums[1] + days
    found = [Load(people[key], audits_, days) for key, (audits_, days) in counted.items()]
    return sorted(found, key=lambda one: (-one.days, one.auditor.sort_key))


@dataclass(frozen=True)
class Day:
    """A day of a month as it hangs on the wall: whether it is of the month, what stands on it."""

    on: date
    is_of_month: bool
    is_worked: bool
    audits: tuple[Audit, ...]


def _shown_until(audit: Audit) -> date:
    return audit.until_on or audit.first_on


def month_of(
    audits: Sequence[Audit], year: int, month: int, is_worked: Callable[[date], bool]
) -> list[list[Day]]:
    """Lay the audits of a month on its days, week by week; one within a window stands first."""
    weeks = Calendar().monthdatescalendar(year, month)
    shown = [one for one in audits if one.counts and one.state is not AuditState.POSTPONED]
    return [
        [
            Day(
                day,
                day.month == month,
                is_worked(day),
                tuple(
                    one for one in shown if one.first_on <= day <= (one.until_on or one.first_on)
                ),
            )
            for day in week
        ]
        for week in weeks
    ]
