"""Somebody's audits as a calendar at a secret address; it can be renewed and stopped (b15)."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.organisation import Body
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing
from app.kernel.signing_in import digest
from app.kernel.work import Work
from audits.ical import Event, status_of
from audits.models import AgendaItem, Audit, AuditState, CalendarFeed
from audits.plan_facts import PlanFact
from audits.register import audits_between

LOOKS_BACK, LOOKS_AHEAD = timedelta(days=370), timedelta(days=740)


def own_feed(session: Session, person: Person) -> CalendarFeed | None:
    """Give the feed somebody has now; None where there is none."""
    return session.scalars(
        sa.select(CalendarFeed).where(
            CalendarFeed.person_id == person.id, CalendarFeed.ended_at.is_(None)
        )
    ).one_or_none()


def renew_feed(work: Work) -> str:
    """Make a new secret address; the one before ends. Give the secret, once: it is not kept."""
    person = work.fresh(work.actor)
    former = _end(work, person)
    token = secrets.token_urlsafe(32)
    made = CalendarFeed(
        body_id=person.body_id, person_id=person.id, token_digest=digest(token), made_at=work.now
    )
    work.add(made)
    work.record(PlanFact.FEED_MADE, made, former=former)
    return token


def stop_feed(work: Work) -> bool:
    """Stop the address; True if there was one."""
    person = work.fresh(work.actor)
    found = _end(work, person)
    if found is None:
        return False
    work.record(PlanFact.FEED_STOPPED, found)
    return True


def _end(work: Work, person: Person) -> CalendarFeed | None:
    """End the present address; a new one in the same act tells of both."""
    found = own_feed(work.session, person)
    if found is not None:
        found.ended_at = work.now
        work.session.flush()
    return found


def holder_of(session: Session, token: str) -> Person | None:
    """Give whose calendar an address opens; nobody's where it was stopped or they left."""
    found = session.scalars(
        sa.select(CalendarFeed).where(CalendarFeed.token_digest == digest(token))
    ).one_or_none()
    if found is None or found.ended_at is not None or found.person.disabled_at is not None:
        return None
    return found.person


def feed_events(session: Session, standing: Standing, host: str, address: str) -> list[Event]:
    """Give the audits somebody takes part in or is audited by, and their own hours there."""
    between = (standing.on - LOOKS_BACK, standing.on + LOOKS_AHEAD)
    found: list[Event] = []
    for audit in audits_between(session, standing, None, *between):
        if not _concerns(audit, standing):
            continue
        body = session.get_one(Body, audit.body_id)
        days = _days(audit)
        if days is None:
            continue
        url = f"{address}/b/{body.code}/audits/{audit.number}"
        found.append(_whole(audit, body, days, host, url))
        if status_of(audit.state) == "CANCELLED":
            continue
        mine = {one.auditor_id for one in audit.team if one.auditor.person_id == standing.person.id}
        found += [
            _line(item, audit, body, host, url) for item in audit.agenda if mine & item.auditor_ids
        ]
    return found


def _concerns(audit: Audit, standing: Standing) -> bool:
    """Say whether an audit stands in somebody's own calendar, of all they may see."""
    if any(one.auditor.person_id == standing.person.id for one in audit.team):
        return True
    if standing.has(Role.QUALITY_OFFICER, body_id=audit.body_id):
        return True
    return audit.announced_at is not None and any(
        one.unit_id in standing.unit_ids or standing.has(Role.MANAGER, unit_id=one.unit_id)
        for one in audit.units
    )


def _days(audit: Audit) -> tuple[date, date] | None:
    """Give the days of an audit; of one that was postponed those it lost."""
    if audit.from_on is not None and audit.until_on is not None:
        return audit.from_on, audit.until_on
    lost = [one for one in audit.moves if one.new_from is None]
    if audit.state is AuditState.POSTPONED and lost:
        return lost[-1].old_from, lost[-1].old_until
    return None


def _changed_at(audit: Audit) -> datetime:
    """Give when it last changed, as far as its history tells."""
    moments = [audit.planned_at, audit.announced_at, *(one.moved_at for one in audit.moves)]
    return max(one for one in moments if one is not None)


def _whole(audit: Audit, body: Body, days: tuple[date, date], host: str, url: str) -> Event:
    lead = audit.lead
    said = [audit.objective, audit.state_reason, lead.auditor.shown_name if lead else ""]
    return Event(
        uid=f"audit-{audit.id}@{host}",
        summary=f"{audit.number} {audit.unit_names}",
        first=days[0],
        last=days[1],
        changed_at=_changed_at(audit),
        sequence=audit.row_version - 1,
        status=status_of(audit.state),
        location=audit.remote_address or audit.unit_names,
        description="\n".join(part for part in (body.name, *said) if part),
        url=url,
    )


def _line(item: AgendaItem, audit: Audit, body: Body, host: str, url: str) -> Event:
    zone = ZoneInfo(body.time_zone)

    def at(hour: str) -> datetime:
        return datetime.combine(item.held_on, time.fromisoformat(hour), zone)

    unit = item.unit.name if item.unit is not None else ""
    return Event(
        uid=f"agenda-{item.id}@{host}",
        summary=" · ".join(part for part in (audit.number, unit, item.subject) if part)[:300],
        first=at(item.begins),
        last=at(item.ends),
        changed_at=_changed_at(audit),
        sequence=audit.row_version - 1,
        status=status_of(audit.state),
        location=item.place or unit,
        description=item.met,
        url=url,
    )
