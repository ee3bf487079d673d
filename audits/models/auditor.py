"""Who audits: qualification, fields, days, leave, conflicts (7.2, 9.2.2 c; A1, O4; b8-b10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.search import name_sort_key, nfc
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed


class Auditor(Trailed, Record):
    """Somebody qualified to audit: of this body, invited from another, or without an account.

    Who is neither of a body here nor signs in is kept by name and organisation alone (O4).
    """

    __tablename__ = "auditor"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number"),
        sa.UniqueConstraint("body_id", "person_id"),
        sa.Index("ix_auditor_by_name", "body_id", "sort_key", "id"),
        CheckConstraint("person_id IS NOT NULL OR name <> ''", name="is_somebody"),
        CheckConstraint(
            "days_per_week BETWEEN 0 AND 7 AND days_per_year BETWEEN 0 AND 366",
            name="days_in_range",
        ),
        CheckConstraint("qualified_until >= qualified_from", name="qualified_in_order"),
        CheckConstraint("ended_on IS NULL OR ended_because <> ''", name="end_has_reason"),
    )
    untold = frozenset({"name", "organisation", "sort_key"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    number: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    organisation: Mapped[str] = mapped_column(sa.String(250), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")
    may_lead: Mapped[bool] = mapped_column(default=False)
    qualified_from: Mapped[date | None]
    qualified_until: Mapped[date | None]
    days_per_week: Mapped[int] = mapped_column(default=2)
    days_per_year: Mapped[int] = mapped_column(default=20)
    ended_on: Mapped[date | None]
    ended_because: Mapped[str] = mapped_column(sa.String(500), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    person: Mapped[Person | None] = relationship()
    competences: Mapped[list[AuditorCompetence]] = relationship(
        back_populates="auditor", order_by="AuditorCompetence.field", cascade="all, delete-orphan"
    )
    leaves: Mapped[list[AuditorLeave]] = relationship(
        back_populates="auditor", order_by="AuditorLeave.from_on"
    )
    conflicts: Mapped[list[AuditorConflict]] = relationship(
        back_populates="auditor", order_by="AuditorConflict.id"
    )
    entries: Mapped[list[AuditorEntry]] = relationship(
        back_populates="auditor", order_by="AuditorEntry.held_on"
    )

    @property
    def shown_name(self) -> str:
        """Give the name lists show."""
        return self.person.name if self.person is not None else self.name

    @property
    def is_invited(self) -> bool:
        """Say whether the auditor comes from outside this body."""
        return self.person is None or self.person.body_id != self.body_id

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields the auditor is competent in."""
        return tuple(one.field for one in self.competences)

    def be_called(self, name: str, organisation: str) -> None:
        """Take the name of somebody who has no account here."""
        self.name = " ".join(nfc(name).split())[:200]
        self.organisation = " ".join(nfc(organisation).split())[:250]
        self.sort_key = name_sort_key(self.name)

    def end_obstacle(self) -> RuleBroken | None:
        """Say why the auditor cannot be taken off the list; None while they are on it."""
        if self.ended_on is None:
            return None
        return RuleBroken(N_("%(number)s is no longer an auditor already."), number=self.number)

    def end(self, on: date, reason: str) -> None:
        """Be no auditor any more after a day; what was audited stays."""
        if obstacle := self.end_obstacle():
            raise obstacle
        self.ended_on, self.ended_because = on, reason[:500]

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "person_id": self.person_id}


class AuditorCompetence(Record):
    """A field in which an auditor is competent."""

    __tablename__ = "auditor_competence"
    __table_args__ = (sa.UniqueConstraint("auditor_id", "field_key"),)

    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"))
    field: Mapped[str] = mapped_column(sa.String(120))
    field_key: Mapped[str] = mapped_column(sa.String(120), index=True)

    auditor: Mapped[Auditor] = relationship(back_populates="competences")


class AuditorLeave(Trailed, Record):
    """Days on which an auditor is away; why is nobody's business and not asked."""

    __tablename__ = "auditor_leave"
    __table_args__ = (CheckConstraint("until_on >= from_on", name="dates_in_order"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    auditor: Mapped[Auditor] = relationship(back_populates="leaves")

    def meets(self, first: date, last: date) -> bool:
        """Say whether the leave lies on one of these days."""
        return self.ended_at is None and self.from_on <= last and first <= self.until_on

    def told(self) -> dict[str, Any]:
        return {"number": self.auditor.number, "person_id": self.auditor.person_id}


class AuditorConflict(Trailed, Record):
    """A declared conflict with a unit and everything below it: it counts without exception (A1)."""

    __tablename__ = "auditor_conflict"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
    )
    untold = frozenset({"reason"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    auditor: Mapped[Auditor] = relationship(back_populates="conflicts")
    unit: Mapped[Unit] = relationship()

    def told(self) -> dict[str, Any]:
        return {
            "number": self.auditor.number,
            "person_id": self.auditor.person_id,
            "unit": self.unit.name,
        }


class EntryKind(Coded):
    """What an auditor's record holds besides the audits."""

    COURSE = "course", N_("Training course")
    ASSESSMENT = "assessment", N_("Assessment of competence")


class AuditorEntry(Trailed, Record):
    """A line of an auditor's record: a course with its certificate, an assessment (9.25)."""

    __tablename__ = "auditor_entry"
    __table_args__ = (CheckConstraint("title <> ''", name="says_something"),)
    untold = frozenset({"title", "certificate"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)
    kind: Mapped[EntryKind]
    held_on: Mapped[date]
    title: Mapped[str] = mapped_column(sa.String(300))
    certificate: Mapped[str] = mapped_column(sa.String(200), default="")
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[datetime]

    auditor: Mapped[Auditor] = relationship(back_populates="entries")

    def told(self) -> dict[str, Any]:
        return {"number": self.auditor.number, "person_id": self.auditor.person_id}


class IndependenceException(Trailed, Record):
    """A leader's signed leave to audit in spite of a rule that is by setting, with safeguards."""

    __tablename__ = "independence_exception"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="dates_in_order"),
        CheckConstraint("reason <> '' AND safeguards <> ''", name="says_why_and_how"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    auditor_id: Mapped[int] = mapped_column(sa.ForeignKey("auditor.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text())
    safeguards: Mapped[str] = mapped_column(sa.Text())
    from_on: Mapped[date]
    until_on: Mapped[date]
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))

    auditor: Mapped[Auditor] = relationship()
    unit: Mapped[Unit] = relationship()
    signature: Mapped[Signature] = relationship()

    def holds(self, on: date) -> bool:
        """Say whether the leave is given for a day."""
        return self.from_on <= on <= self.until_on

    def told(self) -> dict[str, Any]:
        return {
            "number": self.auditor.number,
            "person_id": self.auditor.person_id,
            "unit": self.unit.name,
        }
