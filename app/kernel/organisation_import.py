"""A body's units from its own list: code, name, kind, parent, dates (a53; rules O1, O3)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body, Unit, UnitKind, root_unit
from app.kernel.organising import add_unit
from app.kernel.search import fold, nfc
from app.kernel.work import Work

COLUMNS = ("ma", "ten", "loai", "truc_thuoc", "hoat_dong_tu", "hoat_dong_den", "don_vi_ke_thua")
_KINDS = {
    "phong": UnitKind.DEPARTMENT,
    "ban": UnitKind.DEPARTMENT,
    "van phong": UnitKind.DEPARTMENT,
    "phuong": UnitKind.WARD,
    "xa": UnitKind.WARD,
    "truong": UnitKind.SCHOOL,
    "trung tam": UnitKind.SERVICE,
    "don vi su nghiep": UnitKind.SERVICE,
    "bo phan": UnitKind.TEAM,
    "to": UnitKind.TEAM,
    "lanh dao": UnitKind.LEADERSHIP,
}


@dataclass
class ImportResult:
    """What an import made of its rows."""

    added: list[Unit] = field(default_factory=list)


def rows_of_csv(content: bytes) -> list[dict[str, str]]:
    """Read rows from a spreadsheet saved as CSV in UTF-8, with comma or semicolon."""
    try:
        text = nfc(content.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise InvalidInput(N_("The file is not in UTF-8. Save it as CSV UTF-8.")) from problem
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    return [
        {str(name).strip().casefold(): (value or "").strip() for name, value in row.items() if name}
        for row in rows
    ]


def _day(row: dict[str, str], column: str, line: int) -> date | None:
    text = row.get(column, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise InvalidInput(
            N_("Line %(line)s: %(text)s is no date; write 2025-07-01."), line=line, text=text
        ) from problem


def import_units(work: Work, body: Body, rows: list[dict[str, str]]) -> ImportResult:
    """Add the units of a list to a body; the row without a parent stands for the body itself."""
    root = root_unit(work.session, body.id)
    known: dict[str, Unit] = {"": root, root.code: root}
    result = ImportResult()
    for line, row in enumerate(rows, start=2):
        code, name, above = row.get("ma", ""), row.get("ten", ""), row.get("truc_thuoc", "")
        if not code or not name:
            raise InvalidInput(N_("Line %(line)s lacks a code or a name."), line=line)
        begins = _day(row, "hoat_dong_tu", line) or root.active_from
        if not above and len(known) == 2:
            root.code, root.active_from = code[:40], begins
            if work.has_changed(root):
                work.record(KernelFact.UNIT_CHANGED, root)
            known[code] = root
            continue
        if above not in known:
            raise InvalidInput(
                N_("Line %(line)s: the unit %(code)s must stand above its parts."),
                line=line,
                code=above,
            )
        known[code] = add_unit(
            work,
            known[above],
            code,
            name,
            _KINDS.get(fold(row.get("loai", "")), UnitKind.DEPARTMENT),
            active_from=begins,
            active_until=_day(row, "hoat_dong_den", line),
        )
        result.added.append(known[code])
    return result
