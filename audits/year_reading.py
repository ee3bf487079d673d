"""Everything a year is planned from, read for one body at once (b5, b8-b10)."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.calendar import is_working_day
from app.kernel.organisation import Body, Unit, UnitKind
from app.kernel.search import fold
from audits.auditor_register import days_of
from audits.availability import Span
from audits.models import (
    Audit,
    AuditedUnit,
    Auditor,
    Programme,
    TeamMember,
)
from audits.register import WeighedUnit, weighed_units
from audits.team import Checks, checks_for
from audits.wish import Wish
from audits.year_facts import AuditorOfYear, UnitOfYear, Week, Year, weeks_of
from audits.year_plan import load_of

NOTICE_DAYS = 7  # an audit is not proposed for tomorrow
_OWN_SITE = (UnitKind.WARD, UnitKind.SCHOOL, UnitKind.SERVICE)


def read_year(
    session: Session,
    body: Body,
    year: int,
    on: date,
    *,
    wish: Wish = Wish.BALANCED,
    team_min: int = 2,
) -> Year:
    """Read what the audits of a year are planned from, as it is on a day."""
    auditors = auditors_of(session, body, year)
    checks = checks_for(session, body, auditors)
    audits = _audits(session, body, year)
    units = weighed_units(session, body, min(on, date(year, 12, 31)))
    tree = _tree(session, body)
    has: dict[int, list[Span]] = {}
    for audit in audits:
        for part in audit.units:
            has.setdefault(part.unit_id, []).append(Span(audit.first_on, audit.last_on))
    used = {one.auditor.id: one.days for one in load_of(audits)}
    keys = {one.unit.id for one in units}
    return Year(
        year,
        weeks_between(body, max(date(year, 1, 1), on + timedelta(days=NOTICE_DAYS)), year),
        tuple(_unit(one, checks, tree, tuple(has.get(one.unit.id, ()))) for one in units),
        tuple(_auditor(one, checks, tree, keys, used.get(one.id, 0)) for one in auditors),
        checks.rule,
        wish,
        team_min,
    )


def weeks_between(body: Body, first: date, year: int) -> tuple[Week, ...]:
    """Give the weeks of a year from a day on, by the body's working days."""
    count = (date(year, 12, 31) - first).days + 1
    days = [first + timedelta(days=n) for n in range(max(0, count))]
    return weeks_of([day for day in days if is_working_day(body, day)])


def auditors_of(session: Session, body: Body, year: int) -> list[Auditor]:
    """Give who is on the list of auditors at some time of a year."""
    return list(
        session.scalars(
            sa.select(Auditor)
            .where(
                Auditor.body_id == body.id,
                sa.or_(Auditor.ended_on.is_(None), Auditor.ended_on >= date(year, 1, 1)),
            )
            .options(
                joinedload(Auditor.person),
                selectinload(Auditor.leaves),
                selectinload(Auditor.competences),
            )
            .order_by(Auditor.sort_key, Auditor.id)
        ).unique()
    )


def _audits(session: Session, body: Body, year: int) -> list[Audit]:
    query = (
        sa.select(Audit)
        .join(Programme, Programme.id == Audit.programme_id)
        .where(Audit.body_id == body.id, Programme.year == year)
        .options(
            selectinload(Audit.units),
            selectinload(Audit.members).joinedload(TeamMember.auditor),
        )
        .order_by(Audit.id)
    )
    return [one for one in session.scalars(query) if one.counts]


def _tree(session: Session, body: Body) -> dict[int, tuple[int | None, UnitKind]]:
    rows = session.execute(
        sa.select(Unit.id, Unit.parent_id, Unit.kind).where(Unit.body_id == body.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _site(unit_id: int, tree: dict[int, tuple[int | None, UnitKind]]) -> str:
    """Give where a unit lies: wards, schools and service units apart, the others in one house."""
    at: int | None = unit_id
    while at is not None and at in tree:
        parent, kind = tree[at]
        if kind in _OWN_SITE:
            return str(at)
        at = parent
    return "house"


def _home(
    unit_id: int | None, tree: dict[int, tuple[int | None, UnitKind]], units: set[int]
) -> int:
    """Give the audited unit somebody belongs to: a section goes with its department."""
    at = unit_id
    while at is not None and at in tree:
        if at in units:
            return at
        at = tree[at][0]
    return 0


def _unit(
    one: WeighedUnit,
    checks: Checks,
    tree: dict[int, tuple[int | None, UnitKind]],
    has: tuple[Span, ...],
) -> UnitOfYear:
    needs: AuditedUnit | None = one.needs
    return UnitOfYear(
        checks.place(one.unit.id),
        one.unit.name,
        _site(one.unit.id, tree),
        one.risk.score,
        one.risk.due_month,
        needs.visits if needs is not None else 1,
        needs.days if needs is not None else 1,
        frozenset(fold(field)[:120] for field in needs.needs) if needs is not None else frozenset(),
        closed_days(needs),
        has,
    )


def closed_days(needs: AuditedUnit | None) -> tuple[Span, ...]:
    """Give the days on which a unit cannot be audited."""
    if needs is None:
        return ()
    pairs = [span.split("/") for span in needs.closed_days]
    return tuple(Span(date.fromisoformat(p[0]), date.fromisoformat(p[-1])) for p in pairs)


def _auditor(
    one: Auditor,
    checks: Checks,
    tree: dict[int, tuple[int | None, UnitKind]],
    units: set[int],
    used: int,
) -> AuditorOfYear:
    home = one.person.home_unit_id if one.person is not None and not one.is_invited else None
    return AuditorOfYear(
        checks.ties_of(one.id),
        days_of(one, tuple(span for _audit, span in checks.taken.get(one.id, ()))),
        one.shown_name,
        _home(home, tree, units),
        frozenset(each.field_key for each in one.competences),
        one.may_lead,
        one.days_per_week,
        one.days_per_year,
        used,
    )
