"""Notices: what somebody must be told, stored with the act, sent later in their language (e18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

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


class Notice(Record):
    """One line for one person about one record; leaves by e-mail with the next digest."""

    __tablename__ = "notice"
    __table_args__ = (sa.Index("ix_notice_unsent", "sent_at", "person_id"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(80))
    record_type: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[int] = mapped_column(sa.BigInteger())
    values: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]  # the newest attempt to send it
    tries: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()
