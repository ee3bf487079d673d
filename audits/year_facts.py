"""What is known of a year before it is planned, as plain values; the planner's problem made of it.

Periods are weeks. What the planner counts by weeks and months is made stricter here, never looser:
whatever it places holds on its very days, too (A1, A5; b8, b9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from audits.availability import AuditorDays, Span, hindrances
from audits.independence import (
    AuditorTies,
    Independence,
    Place,
    Refusal,
    is_independent,
    refusals,
)
from audits.planning.problem import Auditor, FormerUnit, Prices, Problem, Unit
from audits.planning.rules import MONTHS_APART
from audits.wish import Wish

_NEVER_ENDS = 9999 * 12
_MOST_IN_TEAM = 3


_PRICES = {
    Wish.BALANCED: Prices(),
    Wish.EARLY: Prices(late=4),
    Wish.FEW_TRIPS: Prices(trip=60),
    Wish.EVEN: Prices(unfair=40),
}


@dataclass(frozen=True)
class Week:
    """A week by its working days."""

    days: tuple[date, ...]

    @property
    def month(self) -> int:
        """Give the month it is counted in: that of its first day."""
        return self.days[0].month

    def runs(self, length: int) -> Iterator[Span]:
        """Give every run of so many working days in a row."""
        for at in range(len(self.days) - length + 1):
            yield Span(self.days[at], self.days[at + length - 1])


@dataclass(frozen=True)
class UnitOfYear:
    """A unit to be planned: where it lies, how risky it is, what its audits take."""

    place: Place
    name: str
    site: str
    risk: int
    due: int
    visits: int = 1
    days: int = 1
    needs: frozenset[str] = frozenset()
    closed: tuple[Span, ...] = ()
    has: tuple[Span, ...] = ()  # audits of the year it has already

    @property
    def id(self) -> int:
        """Give the unit's own key."""
        return self.place.unit_id

    @property
    def gap(self) -> int:
        """Give the weeks that lie between two of its audits, at least."""
        return max(1, 26 // max(1, self.visits))

    def runs(self, week: Week) -> list[Span]:
        """Give the days of a week on which an audit of it could be."""
        return [
            run
            for run in week.runs(self.days)
            if not any(span.meets(run.first, run.last) for span in self.closed)
        ]

    def is_near(self, week: Week) -> bool:
        """Say whether one of the audits it has lies too near to a week."""
        return any(
            (span.first - week.days[-1]).days < 7 * self.gap
            and (week.days[0] - span.last).days < 7 * self.gap
            for span in self.has
        )


@dataclass(frozen=True)
class AuditorOfYear:
    """An auditor to be planned: ties, days, fields, what they give and have given already."""

    ties: AuditorTies
    days: AuditorDays
    name: str
    home: int = 0  # the audited unit they belong to, for trips
    fields: frozenset[str] = frozenset()
    may_lead: bool = False
    per_week: int = 2
    per_year: int = 20
    used: int = 0

    @property
    def id(self) -> int:
        """Give the auditor's own key."""
        return self.ties.auditor_id

    def given(self, week: Week) -> int:
        """Give the days left of a week: those neither away nor elsewhere, within what they give."""
        free = [day for day in week.days if not hindrances(self.days, day, day)]
        there = sum(
            span.meets(day, day) for day in week.days for span in self.days.elsewhere
        )  # a day elsewhere is a day given
        return max(0, min(self.per_week - there, len(free), self.per_year - self.used))


@dataclass(frozen=True)
class Year:
    """Everything a year is planned from."""

    year: int
    weeks: tuple[Week, ...]
    units: tuple[UnitOfYear, ...]
    auditors: tuple[AuditorOfYear, ...]
    rule: Independence = field(default_factory=Independence)
    wish: Wish = Wish.BALANCED
    team_min: int = 2

    def week(self, period: int) -> Week:
        """Give the week of a period; they count from 1."""
        return self.weeks[period - 1]

    def barred(self, auditor: AuditorOfYear, unit: UnitOfYear) -> dict[int, tuple[Refusal, ...]]:
        """Give the weeks in which somebody may not audit a unit, with the reasons of one day."""
        if not _ever_touches(auditor.ties, unit.place, self.rule):
            return {}
        found = {}
        for period, week in enumerate(self.weeks, 1):
            for day in week.days:
                why = refusals(auditor.ties, unit.place, day, self.rule)
                if not is_independent(why):
                    found[period] = tuple(one for one in why if not one.is_excepted)
                    break
        return found


def _ever_touches(ties: AuditorTies, place: Place, rule: Independence) -> bool:
    """Say whether anything ties an auditor to a unit on any day whatever."""
    timeless = AuditorTies(
        ties.auditor_id, tuple(replace(tie, from_on=None, until_on=None) for tie in ties.ties)
    )
    return bool(refusals(timeless, place, date.min, rule))


def problem_of(year: Year, tightened: Mapping[tuple[int, int], int] | None = None) -> Problem:
    """Write a year as the planner reads it; `tightened` are days of auditors cut by hand."""
    cut = tightened or {}
    units = {unit.id for unit in year.units}
    return Problem(
        name=str(year.year),
        year=year.year,
        months=tuple(week.month for week in year.weeks),
        team_min=year.team_min,
        team_max=max(_MOST_IN_TEAM, year.team_min),
        prices=_PRICES[year.wish],
        units=tuple(_unit(year, unit) for unit in year.units),
        auditors=tuple(_auditor(year, one, units, cut) for one in year.auditors),
    )


def _unit(year: Year, unit: UnitOfYear) -> Unit:
    return Unit(
        id=str(unit.id),
        name=unit.name,
        kind="",
        site=unit.site,
        risk=unit.risk,
        visits=max(0, unit.visits - len(unit.has)),
        gap=unit.gap,
        due=unit.due,
        blackout=frozenset(
            period
            for period, week in enumerate(year.weeks, 1)
            if not unit.runs(week) or unit.is_near(week)
        ),
        needs=unit.needs,
        days=unit.days,
        procedures=frozenset(),  # who wrote one is barred from its unit
        others=(),
    )


def _auditor(
    year: Year, one: AuditorOfYear, units: set[int], cut: Mapping[tuple[int, int], int]
) -> Auditor:
    always, former = _bars(year, one)
    given = [one.given(week) for week in year.weeks]
    days = tuple(min(have, cut.get((one.id, period), have)) for period, have in enumerate(given, 1))
    return Auditor(
        id=str(one.id),
        name=one.name,
        home=str(one.home) if one.home in units else "",
        former=former,
        wrote=frozenset(),
        conflicts=always,
        competences=one.fields,
        lead=one.may_lead,
        qualified_until=_NEVER_ENDS,
        days=days,
        leave=frozenset(
            period
            for period, week in enumerate(year.weeks, 1)
            if all(_is_away(one.days, day) for day in week.days)
        ),
    )


def _is_away(days: AuditorDays, day: date) -> bool:
    return bool(hindrances(replace(days, elsewhere=()), day, day))


def _bars(year: Year, one: AuditorOfYear) -> tuple[frozenset[str], tuple[FormerUnit, ...]]:
    """Give the units barred all year, and those barred up to a month."""
    always: set[str] = set()
    former: list[FormerUnit] = []
    last = year.weeks[-1].month
    for unit in year.units:
        barred = year.barred(one, unit)
        if not barred:
            continue
        until = max(year.week(period).month for period in barred)
        if until >= last:
            always.add(str(unit.id))
        else:
            former.append(FormerUnit(str(unit.id), year.year * 12 + until - MONTHS_APART))
    return frozenset(always), tuple(former)


def weeks_of(days: list[date]) -> tuple[Week, ...]:
    """Sort working days into weeks."""
    found: list[list[date]] = [days[:1]] if days else []
    for before, day in pairwise(days):
        if day.isocalendar()[:2] != before.isocalendar()[:2]:
            found.append([])
        found[-1].append(day)
    return tuple(Week(tuple(one)) for one in found)
