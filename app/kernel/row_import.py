"""Spreadsheets brought by people: rows in, what each one does out, looked at before it is done."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.calendar import parse_date
from app.kernel.coded import N_, Coded
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body, units_of
from app.kernel.people import Person
from app.kernel.search import fold, nfc
from app.kernel.work import Work, unit_of_work

MOST_ROWS = 2000
MOST_BYTES = 5_000_000
Row = dict[str, str]


class Outcome(Coded):
    """What a row does."""

    ADD = "add", N_("New")
    CHANGE = "change", N_("Changed")
    KEEP = "keep", N_("There already")
    REFUSE = "refuse", N_("Cannot be done")


@dataclass
class RowResult:
    """What one row does or did; `number` counts the rows of the sheet, the heads are row 1."""

    number: int
    what: str
    outcome: Outcome
    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class ImportResult:
    """What every row does or did."""

    rows: list[RowResult] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """Count the rows of one outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return self.count(Outcome.ADD) + self.count(Outcome.CHANGE)


def rows_of_csv(content: bytes) -> list[Row]:
    """Read a .csv: UTF-8 with or without mark, comma, semicolon or tab."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(N_("The list is too long: 5 MB at most."), field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            N_("The file is not in UTF-8. Save it again as CSV UTF-8, or bring the .xlsx."),
            field="file",
        ) from None
    head = text.partition("\n")[0]
    mark = max((",", ";", "\t"), key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error:
        raise InvalidInput(
            N_("The file is no readable table. Save it again as CSV UTF-8, or bring the .xlsx."),
            field="file",
        ) from None
    return rows_of_table(lines)


def rows_of_table(lines: Iterable[Iterable[str]]) -> list[Row]:
    """Name the cells of each line by the line of heads; empty lines stay, to keep their numbers."""
    every = [[" ".join(nfc(cell).split()) for cell in line] for line in lines]
    while every and not any(every[-1]):
        every.pop()
    if not every:
        raise InvalidInput(N_("The table is empty."), field="file")
    heads = [head_of(cell) for cell in every[0]]
    if len(every) > MOST_ROWS + 1:
        raise InvalidInput(
            N_("The table has over %(most)s rows. Cut it into parts."), field="file", most=MOST_ROWS
        )
    return [
        {head: cell for head, cell in zip(heads, line, strict=False) if head} for line in every[1:]
    ]


def head_of(cell: str) -> str:
    """Give the name of a column: `Trực thuộc` and `truc_thuoc` are the same."""
    return "_".join(fold(cell).replace("_", " ").replace("-", " ").split())


def need_columns(rows: list[Row], needed: Iterable[str]) -> None:
    """Refuse a table without the columns that are needed, naming them."""
    there = {name for row in rows for name in row}
    missing = [name for name in needed if name not in there]
    if missing:
        raise InvalidInput(
            N_("The table has no column %(names)s. The first row names the columns."),
            field="file",
            names=", ".join(missing),
        )


class Wrong(Exception):
    """Why one row cannot be done."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def day_in(row: Row, column: str) -> date | None:
    """Give the date of a cell; Wrong when something stands there that is none."""
    typed = row.get(column, "")
    if not typed:
        return None
    found = parse_date(typed[:10] if typed[10:].strip() in ("00:00", "00:00:00") else typed)
    if found is None:
        raise Wrong(N_("%(typed)s in column %(column)s is no date."), typed=typed, column=column)
    return found


class RowImport:
    """One walk over the rows of a list; each row has its result, whatever happens to it."""

    def __init__(self, work: Work, body: Body, rows: list[Row]) -> None:
        self.work, self.body, self.rows = work, body, rows
        self.units = {unit.code.upper(): unit for unit in units_of(work.session, body.id)}
        self.results: dict[int, RowResult] = {}

    def put(self, number: int, outcome: Outcome, text: str = "", **values: Any) -> None:
        """Note what a row did."""
        result = self.results[number]
        result.outcome, result.text, result.values = outcome, text, values

    def each(self, what: Callable[[Row], str], act: Callable[[int, Row], None]) -> None:
        """Do every row that is not empty."""
        for number, row in enumerate(self.rows, start=2):
            if any(row.values()):
                self.results[number] = RowResult(number, what(row), Outcome.KEEP)
                self.guard(number, act, number, row)

    def guard(self, number: int, act: Callable[..., None], *values: Any) -> None:
        """Do one row; when it cannot be done, say why and go on."""
        try:
            act(*values)
        except (Wrong, InvalidInput, RuleBroken) as wrong:
            self.put(number, Outcome.REFUSE, wrong.text, **wrong.values)

    def result(self) -> ImportResult:
        """Give the results in the order of the rows."""
        return ImportResult([self.results[number] for number in sorted(self.results)])


class _OnlyLooked(Exception):
    """Ends a unit of work that shall leave nothing."""


def looked_at(actor: Person, act: Callable[[Work], ImportResult]) -> ImportResult:
    """Do an import and take all of it back: what it says is then exactly what it would do."""
    result = ImportResult()
    try:
        with unit_of_work(actor) as work:
            result = act(work)
            raise _OnlyLooked
    except _OnlyLooked:
        return result
