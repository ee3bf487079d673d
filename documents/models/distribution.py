"""Who must read a revision, and each one's word that they did (ISO 9001:2015, 7.5.3.2 a, 7.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.calendar import months_after
from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.revision import Revision, RevisionState

if TYPE_CHECKING:
    from documents.models.quiz import QuizQuestion


class Distribution(Trailed, Record):
    """Where one revision goes in one body and by when it is read there.

    Who that is follows from the units on the day one asks: somebody who moves gets what applies
    there, somebody who leaves is no longer counted. Acknowledgements count from `counts_from` on:
    the revision itself, or an earlier one where a minor amendment keeps what was confirmed; asking
    again begins another cycle of the same revision.
    """

    __tablename__ = "distribution"
    __table_args__ = (
        sa.CheckConstraint(
            "counts_from_id = revision_id OR keep_reason <> ''", name="keeping_has_reason"
        ),
        sa.CheckConstraint("asked_on IS NULL OR due_on IS NOT NULL", name="asking_has_due_date"),
        sa.CheckConstraint("reask_months IS NULL OR reask_months > 0", name="interval_is_positive"),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND 100", name="pass_mark_is_percent"),
        sa.UniqueConstraint("revision_id", "body_id"),  # its own body, and each it was given to
        sa.Index("ix_distribution_asked", "body_id", "asks_reading", "asked_on"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    counts_from_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    cycle: Mapped[int] = mapped_column(default=1)
    asks_reading: Mapped[bool] = mapped_column(default=True)
    asked_on: Mapped[date | None]
    cycle_began_on: Mapped[date | None]
    due_on: Mapped[date | None]
    keep_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    reask_months: Mapped[int | None]
    pass_mark: Mapped[int | None]  # percent of right answers, where there is a quiz
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    revision: Mapped[Revision] = relationship(
        back_populates="distribution", foreign_keys=[revision_id]
    )
    counts_from: Mapped[Revision] = relationship(foreign_keys=[counts_from_id])
    units: Mapped[list[DistributionUnit]] = relationship(back_populates="distribution")
    people: Mapped[list[DistributionPerson]] = relationship(back_populates="distribution")
    questions: Mapped[list[QuizQuestion]] = relationship(
        back_populates="distribution", order_by="QuizQuestion.position"
    )

    @property
    def place_unit_id(self) -> int | None:
        """Authority over it is authority over the lead unit; over the body where it was given."""
        return None if self.is_given else self.revision.place_unit_id

    @property
    def is_given(self) -> bool:
        """Say whether it is of a body the text was given to by a higher one (O4)."""
        return self.body_id != self.revision.body_id

    @property
    def told_of(self) -> Revision | Distribution:
        """Give the record facts are about: a body below tells them in its own chain (O4, T1)."""
        return self if self.is_given else self.revision

    @property
    def is_asking(self) -> bool:
        """Say whether people are asked to read this revision now."""
        return self.asks_reading and self.asked_on is not None

    @property
    def keeps_earlier(self) -> bool:
        """Say whether what was confirmed of an earlier revision counts for this one."""
        return self.counts_from_id != self.revision_id

    def ask(self, *, on: date, due_on: date) -> None:
        """Begin to ask."""
        self.asked_on, self.due_on = on, due_on
        self.cycle_began_on = self.cycle_began_on or on

    def keep_obstacle(self) -> RuleBroken | None:
        """Say why earlier acknowledgements cannot be kept; None when they can."""
        revision, former = self.revision, self.revision.predecessor
        if self.asked_on is not None or not revision.is_open:
            return RuleBroken(
                N_("People are asked to read %(edition)s already. This is decided before that."),
                edition=revision.label,
            )
        if former is None or former.edition != revision.edition:
            return RuleBroken(
                N_(
                    "%(edition)s is a new edition, so everybody reads it. Only an amendment of "
                    "the same edition may keep earlier acknowledgements."
                ),
                edition=revision.label,
            )
        return None

    def keep(self, former: Distribution, reason: str) -> None:
        """Let what was confirmed of the predecessor count for this minor amendment."""
        if not reason.strip():
            raise RuleBroken(N_("Say why nobody needs to read it again."))
        self.keep_reason = reason.strip()
        self.counts_from_id, self.cycle = former.counts_from_id, former.cycle
        self.cycle_began_on = former.cycle_began_on

    def ask_everybody(self) -> None:
        """Take the decision back: everybody reads this revision."""
        self.keep_reason, self.counts_from_id, self.cycle = "", self.revision_id, 1
        self.cycle_began_on = None

    def asks_again_on(self) -> date | None:
        """Give the day this revision is asked again; None where no interval is set."""
        if self.reask_months is None or self.cycle_began_on is None or not self.is_asking:
            return None
        return months_after(self.cycle_began_on, self.reask_months)

    def begin_cycle(self, *, on: date, due_on: date) -> None:
        """Ask everybody again; what was confirmed before stays as it was."""
        self.cycle += 1
        self.cycle_began_on, self.due_on = on, due_on

    def close(self) -> None:
        """Ask nobody any more; what was confirmed stays."""
        self.asks_reading = False

    def told(self) -> dict[str, Any]:
        return self.revision.told()


class DistributionUnit(Record):
    """A unit, with everything below it, whose people read a revision."""

    __tablename__ = "distribution_unit"
    __table_args__ = (sa.UniqueConstraint("distribution_id", "unit_id"),)

    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("distribution.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)

    distribution: Mapped[Distribution] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class DistributionPerson(Record):
    """Somebody who reads a revision beside the people of its units."""

    __tablename__ = "distribution_person"
    __table_args__ = (sa.UniqueConstraint("distribution_id", "person_id"),)

    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("distribution.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)

    distribution: Mapped[Distribution] = relationship(back_populates="people")
    person: Mapped[Person] = relationship()


class ReadingRequest(Record):
    """That somebody was asked, once in each cycle, with the day it is due for them."""

    __tablename__ = "reading_request"
    __table_args__ = (
        sa.UniqueConstraint("distribution_id", "cycle", "person_id"),
        sa.Index("ix_reading_request_person", "person_id", "distribution_id", "cycle"),
    )

    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("distribution.id"))
    cycle: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    requested_on: Mapped[date]
    due_on: Mapped[date]
    reminded_on: Mapped[date | None]


class ReadingCall(Record):
    """The day the people of a distribution were last gone through, so that none is missed."""

    __tablename__ = "reading_call"

    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("distribution.id"), unique=True)
    called_on: Mapped[date] = mapped_column(index=True)


class UnitMeeting(Trailed, Record):
    """A meeting at which a unit's people without accounts went through a revision, by its head."""

    __tablename__ = "unit_meeting"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "unit_id", "minutes_number", "held_on"),
        sa.CheckConstraint("others_present >= 0", name="others_not_negative"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    held_on: Mapped[date]
    minutes_number: Mapped[str] = mapped_column(sa.String(80))
    others_present: Mapped[int] = mapped_column(default=0)  # people the system does not know
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    recorded_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # O2
    recorded_at: Mapped[datetime]

    unit: Mapped[Unit] = relationship()
    recorded_by: Mapped[Person] = relationship(foreign_keys=[recorded_by_id])
    recorded_for: Mapped[Person | None] = relationship(foreign_keys=[recorded_for_id])

    def told(self) -> dict[str, Any]:
        return {"unit": self.unit.name, "minutes_number": self.minutes_number}


class Acknowledgement(Trailed, Record):
    """One person's word over exactly one revision: read and understood; never two in a cycle."""

    __tablename__ = "acknowledgement"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "person_id", "cycle"),
        sa.Index("ix_acknowledgement_counted", "counts_from_id", "cycle", "person_id"),
        sa.Index("ix_acknowledgement_of_person", "person_id", "id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    counts_from_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    cycle: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    acknowledged_at: Mapped[datetime]
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_meeting.id"), index=True)

    revision: Mapped[Revision] = relationship(foreign_keys=[revision_id])
    person: Mapped[Person] = relationship()
    meeting: Mapped[UnitMeeting | None] = relationship()

    def told(self) -> dict[str, Any]:
        return {"person_id": self.person_id}


READABLE = (RevisionState.EFFECTIVE, RevisionState.APPROVED)  # approved: while people are trained


def reading_obstacle(
    revision: Revision, current: Revision | None, distribution: Distribution | None
) -> RuleBroken | None:
    """Say why nobody can confirm this revision now; None when it can be confirmed."""
    if revision.state not in READABLE:
        if current is not None:
            return RuleBroken(
                N_(
                    "%(code)s %(edition)s is no longer in force, so it cannot be confirmed. "
                    "Read %(current)s, which took its place."
                ),
                rule="D6",
                code=revision.code,
                edition=revision.label,
                current=current.label,
            )
        return RuleBroken(
            N_("%(code)s %(edition)s is not in force, so it cannot be confirmed."),
            rule="D6",
            code=revision.code,
            edition=revision.label,
        )
    if distribution is None or not distribution.is_asking:
        return RuleBroken(
            N_("Nobody is asked to confirm %(code)s %(edition)s."),
            code=revision.code,
            edition=revision.label,
        )
    return None
