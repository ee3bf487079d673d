"""Keeping a body's working calendar: by hand, from a list of the year, from what is offered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.access import KernelPermission
from app.kernel.calendar import CalendarDay, DayKind
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body
from app.kernel.organising import change_settings
from app.kernel.row_import import ImportResult, Outcome, Row, RowImport, Wrong, day_in, need_columns
from app.kernel.search import fold, nfc
from app.kernel.work import Work

DAY_COLUMNS = ("ngay", "loai", "ten")
_KINDS = {
    DayKind.HOLIDAY: ("nghi", "nghi le", "ngay nghi", "le", "day off", "off", "holiday"),
    DayKind.WORKING: ("lam bu", "lam viec", "ngay lam viec", "working", "worked"),
}


def named_days(session: Session, body_id: int, year: int) -> list[CalendarDay]:
    """Give what a year's calendar names, in order; what was taken back is left out."""
    return list(
        session.scalars(
            sa.select(CalendarDay)
            .where(
                CalendarDay.body_id == body_id,
                CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)),
                CalendarDay.kind != DayKind.ORDINARY,
            )
            .order_by(CalendarDay.day)
        )
    )


def name_day(work: Work, body: Body, day: date, kind: DayKind, name: str = "") -> CalendarDay:
    """Say how a body works on one day; said once more, it is changed."""
    work.require(KernelPermission.CHANGE_SETTINGS, body)
    name = " ".join(nfc(name).split())[:200]
    if kind is not DayKind.ORDINARY and not name:
        raise InvalidInput(N_("Say why, for example the name of the holiday."), field="name")
    found = work.session.scalars(
        sa.select(CalendarDay).where(CalendarDay.body_id == body.id, CalendarDay.day == day)
    ).one_or_none()
    if found is None:
        found = CalendarDay(body_id=body.id, day=day, kind=kind, name=name)
        work.add(found)
        work.session.expire(body, ["named_days"])
    elif (found.kind, found.name) == (kind, name):
        return found
    else:
        found.kind, found.name = kind, name
    work.record(
        KernelFact.DAY_WORKED if kind is DayKind.WORKING else KernelFact.DAY_OFF,
        found,
        day=day,
        name=name,
    )
    return found


def name_days(work: Work, body: Body, days: Iterable[tuple[date, str]]) -> int:
    """Name days off, those that were offered and confirmed; give their number."""
    return len([name_day(work, body, day, DayKind.HOLIDAY, name) for day, name in days])


def take_day_back(work: Work, body: Body, day: CalendarDay) -> None:
    """Let a day be as the week says again; that it was named stays in the trail."""
    work.require(KernelPermission.CHANGE_SETTINGS, body)
    if day.kind is not DayKind.ORDINARY:
        day.kind = DayKind.ORDINARY
        work.record(KernelFact.DAY_TAKEN_BACK, day, day=day.day, name=day.name)


def set_weekend(work: Work, body: Body, days: list[int]) -> None:
    """Say which days of the week are free; at least one stays a working day."""
    wanted = sorted(set(days))
    if not set(wanted) <= set(range(7)) or len(wanted) > 6:
        raise InvalidInput(N_("At least one day of the week is a working day."), field="weekend")
    if wanted != sorted(body.setting("weekend_days")):
        change_settings(work, body, {"weekend_days": wanted})


def import_days(work: Work, body: Body, rows: list[Row]) -> ImportResult:
    """Take over the days of a list: each is a day off, worked in exchange, or as the week says."""
    return _Days(work, body, rows).run()


class _Days(RowImport):
    def __init__(self, work: Work, body: Body, rows: list[Row]) -> None:
        need_columns(rows, ("ngay", "loai"))
        super().__init__(work, body, rows)
        self.seen: set[date] = set()

    def run(self) -> ImportResult:
        """Do every row."""
        self.each(lambda row: f"{row.get('ngay', '')} {row.get('ten', '')}".strip(), self._do)
        return self.result()

    def _do(self, number: int, row: Row) -> None:
        day = day_in(row, "ngay")
        if day is None:
            raise Wrong(N_("The row lacks %(column)s."), column="ngay")
        if day in self.seen:
            raise Wrong(N_("The day %(day)s stands in this list twice."), day=day)
        self.seen.add(day)
        kind = _kind_of(row.get("loai", ""))
        there = {one.day: one for one in self.body.named_days}.get(day)
        name = " ".join(nfc(row.get("ten", "")).split())[:200]
        if there is not None and (there.kind, there.name) == (kind, name):
            return
        name_day(self.work, self.body, day, kind, name)
        self.put(number, Outcome.ADD if there is None else Outcome.CHANGE, kind.label)


def _kind_of(typed: str) -> DayKind:
    wanted = fold(typed)
    for kind, words in _KINDS.items():
        if wanted in words:
            return kind
    raise Wrong(N_("%(typed)s is no kind of day. Write nghỉ or làm bù."), typed=typed or "–")
