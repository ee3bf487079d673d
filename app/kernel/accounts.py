"""Signing in: sessions as rows, guesses counted, one-time links (kept by hand on purpose)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.people import Person

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
LINK_LIVES = timedelta(minutes=60)
HALF_LIVES = timedelta(minutes=10)
GUESS_WINDOW = timedelta(minutes=15)
MOST_GUESSES = 10


class Stage(Coded):
    """How far a sign-in has come; only an open one opens the door."""

    OPEN = "open", N_("signed in")
    CODE = "code", N_("waits for the code")
    SETUP = "setup", N_("has to set up the second factor")


class SignInSession(Record):
    """One signed-in browser; only its token's digest is kept: a copied row opens nothing."""

    __tablename__ = "sign_in_session"

    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(sa.String(200), default="")
    stage: Mapped[Stage] = mapped_column(default=Stage.OPEN)
    challenge: Mapped[str] = mapped_column(sa.String(200), default="")  # of a passkey, once

    person: Mapped[Person] = relationship()

    def is_alive(self, now: datetime) -> bool:
        """Say whether this session still opens the door: not ended, not idle, not too old."""
        return (
            self.ended_at is None
            and self.stage is Stage.OPEN
            and now - self.seen_at < IDLE
            and now - self.started_at < LONGEST
            and self.person.disabled_at is None
        )

    def is_half(self, now: datetime) -> bool:
        """Say whether the password was right a moment ago and the second step is still open."""
        return (
            self.ended_at is None
            and self.stage is not Stage.OPEN
            and now - self.started_at < HALF_LIVES
            and self.person.disabled_at is None
        )


class Guess(Record):
    """One wrong password: for whom, from a known device or not, when."""

    __tablename__ = "guess"
    __table_args__ = (sa.Index("ix_guess_login_at", "login_digest", "device", "at"),)

    login_digest: Mapped[str] = mapped_column(sa.String(64))
    device: Mapped[str] = mapped_column(sa.String(64), default="")
    at: Mapped[datetime] = mapped_column(index=True)


class OneTimeLink(Record):
    """A link that sets a password once, within 60 minutes; only its digest is kept."""

    __tablename__ = "one_time_link"

    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def is_open(self, now: datetime) -> bool:
        """Say whether the link may still be used."""
        return self.used_at is None and now - self.made_at < LINK_LIVES


class Draft(Record):
    """What somebody was typing: personal, expiring, untrailed; back after signing in again."""

    __tablename__ = "draft"
    __table_args__ = (sa.UniqueConstraint("person_id", "place"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(sa.Text())
    saved_at: Mapped[datetime] = mapped_column(index=True)
