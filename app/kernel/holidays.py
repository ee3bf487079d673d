"""Public holidays offered as a start; each body confirms its own (Labour Code 45/2019/QH14, 112).

Fixed days are known for ever. Days of the lunar calendar stand here as a table for the years it
was reckoned for; for other years people type them. Which days around Tết and 2 September are free
is announced every year: what is offered is a proposal and no announcement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.coded import N_

NEW_YEAR = N_("New Year's Day")
TET = N_("Lunar New Year (Tết)")
KINGS = N_("Hùng Kings' Day")
REUNIFICATION = N_("Reunification Day, 30 April")
LABOUR = N_("International Labour Day, 1 May")
NATIONAL = N_("National Day, 2 September")
BESIDE = N_("Day beside National Day, as announced")
INSTEAD = N_("Day off instead: %(name)s")
# first day of the first lunar month; tenth day of the third (Vietnamese calendar, UTC+7)
LUNAR = {
    2026: (date(2026, 2, 17), date(2026, 4, 26)),
    2027: (date(2027, 2, 6), date(2027, 4, 16)),
    2028: (date(2028, 1, 26), date(2028, 4, 4)),
}


@dataclass(frozen=True)
class Offered:
    """A day that may be free: its name, and whether it is proposed or only possible."""

    day: date
    name: str
    instead_of: str = ""
    is_proposed: bool = True


def offered_days(year: int, weekend: list[int]) -> list[Offered]:
    """Give the public holidays of a year; one on a free day of the week moves to the next."""
    fixed = [
        (date(year, 1, 1), NEW_YEAR),
        (date(year, 4, 30), REUNIFICATION),
        (date(year, 5, 1), LABOUR),
        (date(year, 9, 2), NATIONAL),
    ]
    if year in LUNAR:
        tet, kings = LUNAR[year]
        fixed += [(tet + timedelta(days=step), TET) for step in range(-1, 4)]  # eve and four days
        fixed.append((kings, KINGS))
    taken = {day for day, _name in fixed}
    found = [Offered(day, name) for day, name in fixed]
    for day, name in sorted(fixed):
        if day.weekday() in weekend and len(weekend) < 7:
            instead = day
            while instead.weekday() in weekend or instead in taken:
                instead += timedelta(days=1)
            taken.add(instead)
            found.append(Offered(instead, INSTEAD, instead_of=name))
    for day in (date(year, 9, 1), date(year, 9, 3)):
        if day not in taken and day.weekday() not in weekend:
            found.append(Offered(day, BESIDE, is_proposed=False))
    return sorted(found, key=lambda one: one.day)
