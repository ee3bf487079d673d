"""What other days would mean for an audit: the same rules, asked before anybody decides (b12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import is_working_day
from app.kernel.organisation import Body
from audits.models import Audit, AuditedUnit, Auditor, TeamPart
from audits.team import Broken, Checks, checks_for
from audits.year_reading import auditors_of, closed_days

_WEEKS = 26  # looked through to either side
_MOST_FREE = 6


@dataclass(frozen=True)
class DaysCheck:
    """What stands against some days, who of the others is free, and the nearest week that is."""

    first: date
    last: date
    broken: tuple[Broken, ...] = ()
    closed: tuple[str, ...] = ()  # units that cannot be audited then
    is_day_off: bool = False
    free: tuple[Auditor, ...] = ()
    nearest: tuple[date, date] | None = None

    @property
    def is_lawful(self) -> bool:
        """Say whether the audit may be moved there."""
        return not self.broken

    @property
    def is_smooth(self) -> bool:
        """Say whether nothing at all speaks against it."""
        return self.is_lawful and not self.closed and not self.is_day_off


def check_days(session: Session, body: Body, audit: Audit, first: date, last: date) -> DaysCheck:
    """Ask every rule about an audit on other days; nothing is changed."""
    everybody = auditors_of(session, body, first.year)
    team = [(one.auditor, one.part) for one in audit.team]
    known = {one.id: one for one in [*everybody, *(auditor for auditor, _part in team)]}
    checks = checks_for(session, body, list(known.values()))
    needs = {
        one.unit_id: one
        for one in session.scalars(
            sa.select(AuditedUnit).where(
                AuditedUnit.body_id == body.id,
                AuditedUnit.unit_id.in_([one.unit_id for one in audit.units]),
            )
        )
    }
    asking = _Asking(body, audit, team, checks, needs)
    broken = asking.broken(first, last)
    free: list[Auditor] = []
    if broken:
        present = {auditor.id for auditor, _part in team}
        units = [one.unit_id for one in audit.units]
        free = [
            one
            for one in everybody
            if one.id not in present
            and not checks.against(one, units, first, last, but=audit.id).is_broken
        ]
    closed, is_day_off = asking.closed(first, last), not asking.is_worked(first, last)
    is_smooth = not broken and not closed and not is_day_off
    return DaysCheck(
        first,
        last,
        tuple(broken),
        tuple(closed),
        is_day_off,
        tuple(free[:_MOST_FREE]),
        None if is_smooth else asking.nearest(first, last),
    )


@dataclass(frozen=True)
class _Asking:
    """One audit and all it is asked by, read once for every day asked."""

    body: Body
    audit: Audit
    team: Sequence[tuple[Auditor, TeamPart]]
    checks: Checks
    needs: dict[int, AuditedUnit]

    def broken(self, first: date, last: date) -> list[Broken]:
        found = [
            self.checks.of(auditor, part, self.audit, first, last) for auditor, part in self.team
        ]
        return [one for one in found if one.is_broken]

    def closed(self, first: date, last: date) -> list[str]:
        return [
            one.unit.name
            for one in self.audit.units
            if any(span.meets(first, last) for span in closed_days(self.needs.get(one.unit_id)))
        ]

    def is_worked(self, first: date, last: date) -> bool:
        return is_working_day(self.body, first) and is_working_day(self.body, last)

    def nearest(self, first: date, last: date) -> tuple[date, date] | None:
        """Give the nearest week, the earlier of two as near, on the same days of the week."""
        start = first
        while not is_working_day(self.body, start) and (start - first).days < 7:
            start += timedelta(days=1)
        for weeks in sorted(range(-_WEEKS, _WEEKS + 1), key=lambda n: (abs(n), n)):
            day = start + timedelta(days=7 * weeks)
            end = day + (last - first)
            if day.year != first.year or end.year != first.year:
                continue
            if not self.is_worked(day, end) or self.closed(day, end):
                continue
            if not self.broken(day, end):
                return day, end
        return None
