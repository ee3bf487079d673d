"""A year's audits as the planner proposes them: plain values until taken or dropped (b8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from audits.models.programme import Programme
from audits.wish import Doing, Wish

GIVEN_UP = timedelta(minutes=3)  # whoever worked on it is gone
MOST_TRIES = 3


class ProposalState(Coded):
    """Where a proposal stands."""

    WANTED = "wanted", N_("Asked for")
    AT_WORK = "at_work", N_("Being worked out")
    READY = "ready", N_("Ready to be looked at")
    FAILED = "failed", N_("Could not be worked out")
    TAKEN = "taken", N_("Taken into the programme")
    DROPPED = "dropped", N_("Dropped")


COMING = (ProposalState.WANTED, ProposalState.AT_WORK)
OPEN = (*COMING, ProposalState.READY)


class ProgrammeProposal(Record):
    """What the planner proposes for a year; nothing of it is planned before it is taken."""

    __tablename__ = "programme_proposal"
    __table_args__ = (
        sa.Index(
            "ix_programme_proposal_open",
            "programme_id",
            unique=True,
            sqlite_where=sa.text("state IN ('wanted', 'at_work', 'ready')"),
            postgresql_where=sa.text("state IN ('wanted', 'at_work', 'ready')"),
        ),
        sa.Index("ix_programme_proposal_coming", "state", "id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.WANTED)
    wish: Mapped[Wish] = mapped_column(default=Wish.BALANCED)
    team_min: Mapped[int] = mapped_column(default=2)
    doing: Mapped[Doing] = mapped_column(default=Doing.WAITING)
    count: Mapped[int] = mapped_column(default=0)  # visits placed so far
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    programme: Mapped[Programme] = relationship()
    asked_by: Mapped[Person] = relationship()

    @property
    def is_coming(self) -> bool:
        """Say whether the planner has not answered yet."""
        return self.state in COMING

    @property
    def visits(self) -> list[dict[str, Any]]:
        """Give what is proposed."""
        return list(self.found.get("visits", ()))

    @property
    def unplaced(self) -> list[dict[str, Any]]:
        """Give what could not be placed."""
        return list(self.found.get("unplaced", ()))

    def is_wanted(self, at: datetime) -> bool:
        """Say whether it is to be worked on now: nobody does, or whoever did is gone."""
        if self.state is ProposalState.WANTED:
            return True
        if self.state is not ProposalState.AT_WORK or self.began_at is None:
            return False
        return at - self.began_at > GIVEN_UP

    def begin(self, at: datetime) -> None:
        """Be worked on; given up where it fails again and again."""
        self.tries += 1
        self.began_at, self.doing, self.count = at, Doing.READING, 0
        self.state = ProposalState.FAILED if self.tries > MOST_TRIES else ProposalState.AT_WORK

    def answer(self, found: dict[str, Any], *, at: datetime) -> None:
        """Be ready to be looked at."""
        self.found, self.ready_at, self.state = found, at, ProposalState.READY

    def fail(self, *, at: datetime) -> None:
        """Be given up: what was asked cannot be worked out."""
        self.state, self.ended_at = ProposalState.FAILED, at

    def end_obstacle(self) -> RuleBroken | None:
        """Say why it can be neither taken nor dropped; None while it is ready."""
        if self.state is ProposalState.READY:
            return None
        return RuleBroken(
            N_("This proposal is not there to be decided on: %(state)s."), state=self.state
        )

    def take(self, *, at: datetime) -> None:
        """Have become audits of the programme."""
        if obstacle := self.end_obstacle():
            raise obstacle
        self.state, self.ended_at = ProposalState.TAKEN, at

    def drop(self, *, at: datetime) -> None:
        """Be given up, ready or not; a new one can be asked for."""
        if self.state not in OPEN:
            raise RuleBroken(
                N_("This proposal is not there to be decided on: %(state)s."), state=self.state
            )
        self.state, self.ended_at = ProposalState.DROPPED, at
