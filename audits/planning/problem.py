"""What has to be planned: units, auditors, calendar and prices (ISO 9001:2015, 9.2.2 a).

Plain frozen values, read from the `planner-instance/1` form; periods count from 1. Months of the
past are counted through the years (`2027-03` is 2027 * 12 + 3), so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

FORMAT = "planner-instance/1"
T = TypeVar("T")


class ProblemUnreadable(ValueError):
    """The instance breaks its form; the text says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """A visit of the same unit planned by another body; periods inclusive (A6)."""

    by: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit to be audited: how often, when it is closed, what its team must know."""

    id: str
    name: str
    kind: str
    site: str
    risk: int  # 1 to 99 (A5)
    visits: int
    gap: int  # periods between two of its visits, at least
    due: int  # month by whose end the first visit should have been
    blackout: frozenset[int]
    needs: frozenset[str]
    days: int  # of every member, for one visit
    procedures: frozenset[str]
    others: tuple[Inspection, ...]

    @property
    def points(self) -> int:
        """What one visit left out weighs: no count of small risks outweighs a visit."""
        return 100 + self.risk


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """A unit the auditor led or worked in, and the last month there (A1)."""

    unit: str
    left: int


@dataclass(frozen=True, slots=True)
class Auditor:
    """One auditor: where they belong and wrote, what they know, the days they can give."""

    id: str
    name: str
    home: str
    former: tuple[FormerUnit, ...]
    wrote: frozenset[str]
    conflicts: frozenset[str]
    competences: frozenset[str]
    lead: bool
    qualified_until: int  # last month in which they may audit
    days: tuple[int, ...]  # one number a period
    leave: frozenset[int]


@dataclass(frozen=True, slots=True)
class Prices:
    """What one of each costs; the unit is the price of one point of risk one month late."""

    late: int = 1
    missed: int = 100
    unfair: int = 10
    trip: int = 20
    third: int = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One year to be planned."""

    name: str
    year: int
    months: tuple[int, ...]  # month of each period
    team_min: int
    team_max: int
    prices: Prices
    units: tuple[Unit, ...]
    auditors: tuple[Auditor, ...]

    @property
    def periods(self) -> range:
        """Every period of the year, from 1."""
        return range(1, len(self.months) + 1)

    def month(self, period: int) -> int:
        """Give the month of the year a period lies in."""
        return self.months[period - 1]

    def absolute_month(self, period: int) -> int:
        """Give the month of a period counted through the years."""
        return self.year * 12 + self.months[period - 1]


def month_number(text: str) -> int:
    """Read `YYYY-MM` as months counted through the years."""
    year, dash, month = text.partition("-")
    if dash and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
        return int(year) * 12 + int(month)
    raise ProblemUnreadable(f"{text!r} is not a month written YYYY-MM")


def month_text(number: int) -> str:
    """Write months counted through the years as `YYYY-MM`."""
    year, month = divmod(number - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


class _Row:
    """One object of the instance, asked field by field so that a fault is named by its place."""

    def __init__(self, place: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise ProblemUnreadable(f"{place} is not an object")
        self.place, self.values = place, values

    def _value(self, field: str) -> Any:
        if field not in self.values:
            raise ProblemUnreadable(f"{self.place} has no {field!r}")
        return self.values[field]

    def text(self, field: str) -> str:
        value = self._value(field)
        if not isinstance(value, str):
            raise ProblemUnreadable(f"{self.place}: {field!r} is not text")
        return value

    def number(self, field: str, least: int, most: int = 10**6) -> int:
        value = self._value(field)
        if type(value) is not int or not least <= value <= most:
            raise ProblemUnreadable(
                f"{self.place}: {field!r} is not a whole number from {least} to {most}"
            )
        return value

    def truth(self, field: str) -> bool:
        value = self._value(field)
        if not isinstance(value, bool):
            raise ProblemUnreadable(f"{self.place}: {field!r} is neither true nor false")
        return value

    def list(self, field: str, read: Callable[[_Row], T]) -> tuple[T, ...]:
        """Read each entry as a row of its own."""
        value = self._value(field)
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ProblemUnreadable(f"{self.place}: {field!r} is not a list")
        return tuple(
            read(_Row(f"{self.place}, {field} {n}", {"value": one} | _fields(one)))
            for n, one in enumerate(value, 1)
        )

    def texts(self, field: str) -> frozenset[str]:
        return frozenset(self.list(field, lambda row: row.text("value")))

    def numbers(self, field: str, least: int, most: int) -> tuple[int, ...]:
        return self.list(field, lambda row: row.number("value", least, most))


def _fields(entry: object) -> dict[str, Any]:
    return dict(entry) if isinstance(entry, Mapping) else {}


def _unit(row: _Row, periods: int) -> Unit:
    return Unit(
        id=row.text("id"),
        name=row.text("name"),
        kind=row.text("kind"),
        site=row.text("site"),
        risk=row.number("risk", 0, 100),
        visits=row.number("visits", 0),
        gap=row.number("gap", 1),
        due=row.number("due", 1, 12),
        blackout=frozenset(row.numbers("blackout", 1, periods)),
        needs=row.texts("needs"),
        days=row.number("days", 1),
        procedures=row.texts("procedures"),
        others=row.list(
            "others",
            lambda one: Inspection(
                one.text("by"), one.number("from", 1, periods), one.number("to", 1, periods)
            ),
        ),
    )


def _auditor(row: _Row, periods: int) -> Auditor:
    days = row.numbers("days", 0, 31)
    if len(days) != periods:
        raise ProblemUnreadable(f"{row.place}: {len(days)} numbers of days, {periods} periods")
    return Auditor(
        id=row.text("id"),
        name=row.text("name"),
        home=row.text("home"),
        former=row.list(
            "former", lambda one: FormerUnit(one.text("unit"), month_number(one.text("left")))
        ),
        wrote=row.texts("wrote"),
        conflicts=row.texts("conflicts"),
        competences=row.texts("competences"),
        lead=row.truth("lead"),
        qualified_until=month_number(row.text("qualified_until")),
        days=days,
        leave=frozenset(row.numbers("leave", 1, periods)),
    )


def _once(what: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ProblemUnreadable(f"the {what} {one!r} stands twice")
        seen.add(one)


def read_problem(values: object) -> Problem:
    """Read an instance; whatever breaks its form is refused with the place named."""
    row = _Row("the instance", values)
    if row.text("format") != FORMAT:
        raise ProblemUnreadable(f"the format is not {FORMAT}")
    months = row.numbers("months", 1, 12)
    if not months or list(months) != sorted(months):
        raise ProblemUnreadable("the months of the periods are missing or out of order")
    team = _Row("team", row.values.get("team"))
    weights = _Row("weights", row.values.get("weights"))
    least = team.number("min", 1, 20)
    problem = Problem(
        name=row.text("name"),
        year=row.number("year", 1900, 9999),
        months=months,
        team_min=least,
        team_max=team.number("max", least, 20),
        prices=Prices(
            late=weights.number("late", 0),
            missed=weights.number("missed", 0),
            unfair=weights.number("unfair", 0),
            trip=weights.number("trip", 0),
            third=weights.number("third", 0),
        ),
        units=row.list("units", lambda one: _unit(one, len(months))),
        auditors=row.list("auditors", lambda one: _auditor(one, len(months))),
    )
    _once("unit", [unit.id for unit in problem.units])
    _once("auditor", [auditor.id for auditor in problem.auditors])
    return problem
