"""Notices: what somebody must be told, stored with the act, sent later in their language (e18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.calendar import is_working_day, today_of
from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.people import Person


class NoticeKind(Coded):
    """Base of every list of notices: code and the line people read (an English message id)."""


class KernelNotice(NoticeKind):
    """Notices about people themselves."""

    DELEGATED = (
        "delegation.made",
        N_("%(delegator)s lets you act from %(from_on)s to %(until_on)s: %(reason)s"),
    )
    FACTOR_RESET = (
        "account.factor_reset",
        N_("%(administrator)s took your second factor off: %(reason)s"),
    )


class Urgency(Coded):
    """When a notice leaves by e-mail, and why then."""

    DAILY = "daily", N_("With the daily letter")
    AT_ONCE = "at_once", N_("At once")
    DUE = "due", N_("At once: it is due before the next daily letter")


AT_ONCE: dict[str, str] = {}
ASKS_BY_DAY: set[str] = set()


def cannot_wait(kinds: Mapping[Any, str]) -> None:
    """Name kinds that leave at once, each with the reason that people read."""
    AT_ONCE.update({str(kind): why for kind, why in kinds.items()})


def asks_by_day(kinds: Iterable[NoticeKind]) -> None:
    """Name kinds that ask for something by `due_on`: at once where the daily letter is too late."""
    ASKS_BY_DAY.update(map(str, kinds))


cannot_wait({KernelNotice.DELEGATED: N_("You may have to act for somebody today.")})


def letter_moment(person: Person, day: date) -> datetime:
    """Give a person's hour of letters on a day, on the wall clock of the body."""
    hour, minute = (person.digest_time or str(person.body.setting("digest_time"))).split(":")
    zone = ZoneInfo(person.body.time_zone)
    return datetime.combine(day, time(int(hour), int(minute)), tzinfo=zone)


def next_letter_on(person: Person, now: datetime) -> date:
    """Give the day of the next daily letter of a person: never one on which nobody works."""
    day = today_of(person.body, now)
    if now >= letter_moment(person, day):
        day += timedelta(days=1)
    last = day + timedelta(days=60)
    while day < last and not is_working_day(person.body, day):
        day += timedelta(days=1)
    return day


def urgency_of(kind: NoticeKind, values: dict[str, Any], person: Person, now: datetime) -> Urgency:
    """Say when a notice leaves: at once only what the next daily letter would bring too late."""
    if str(kind) in AT_ONCE:
        return Urgency.AT_ONCE
    due_on = values.get("due_on")
    if str(kind) in ASKS_BY_DAY and isinstance(due_on, str):
        late = date.fromisoformat(due_on) < next_letter_on(person, now)
        return Urgency.DUE if late else Urgency.DAILY
    return Urgency.DAILY


class Notice(Record):
    """One line for one person about one record; leaves with the next digest, or at once."""

    __tablename__ = "notice"
    __table_args__ = (sa.Index("ix_notice_unsent", "sent_at", "person_id"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(80))
    record_type: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[int] = mapped_column(sa.BigInteger())
    values: Mapped[dict[str, Any]]
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.DAILY)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]  # the newest attempt to send it
    tries: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()
