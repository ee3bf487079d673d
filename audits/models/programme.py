"""The audit programme of a year: why, what, against what; signed version by version (9.2.2 a)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed
from audits.models.criteria import Standard

if TYPE_CHECKING:
    from audits.models.audit import Audit


class ProgrammeState(Coded):
    """Where the programme of a year stands."""

    DRAFT = "draft", N_("Being drafted")
    SUBMITTED = "submitted", N_("Waits for approval")
    APPROVED = "approved", N_("Programme approved")
    CLOSED = "closed", N_("Closed")


class Programme(Trailed, Record):
    """The audits of one year of a body; a change after approval makes the next version."""

    __tablename__ = "programme"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "year"),
        CheckConstraint("year BETWEEN 1990 AND 2199", name="year_in_range"),
        CheckConstraint("version = 1 OR change_reason <> ''", name="change_has_reason"),
        CheckConstraint("state <> 'submitted' OR submitted_at IS NOT NULL", name="is_dated"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    year: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[ProgrammeState] = mapped_column(default=ProgrammeState.DRAFT)
    objectives: Mapped[str] = mapped_column(sa.Text(), default="")
    scope_text: Mapped[str] = mapped_column(sa.Text(), default="")
    risks: Mapped[str] = mapped_column(sa.Text(), default="")
    resources: Mapped[str] = mapped_column(sa.Text(), default="")
    change_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    drafted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    drafted_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    closed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    drafted_by: Mapped[Person] = relationship(foreign_keys=[drafted_by_id])
    submitted_by: Mapped[Person | None] = relationship(foreign_keys=[submitted_by_id])
    criteria: Mapped[list[ProgrammeStandard]] = relationship(
        back_populates="programme", order_by="ProgrammeStandard.id", cascade="all, delete-orphan"
    )
    versions: Mapped[list[ProgrammeVersion]] = relationship(
        back_populates="programme", order_by="ProgrammeVersion.version"
    )
    audits: Mapped[list[Audit]] = relationship(back_populates="programme", order_by="Audit.serial")

    @property
    def standards(self) -> list[Standard]:
        """Give what is audited against."""
        return [one.standard for one in self.criteria]

    @property
    def approved(self) -> ProgrammeVersion | None:
        """Give the version signed last."""
        return self.versions[-1] if self.versions else None

    def change_obstacle(self) -> RuleBroken | None:
        """Say why its text cannot be changed; None while it is drafted."""
        if self.state is ProgrammeState.DRAFT:
            return None
        if self.state is ProgrammeState.APPROVED:
            return RuleBroken(
                N_("The programme of %(year)s is signed. Begin its next version, with the reason."),
                year=str(self.year),
            )
        return RuleBroken(
            N_("The programme of %(year)s is not being drafted: %(state)s."),
            year=str(self.year),
            state=self.state,
        )

    def submit_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be submitted; None when it can."""
        if obstacle := self.change_obstacle():
            return obstacle
        if not self.objectives.strip() or not self.scope_text.strip():
            return RuleBroken(N_("Say what the programme is for and what it covers."))
        if not self.criteria:
            return RuleBroken(N_("Choose at least one set of criteria."))
        if not any(audit.counts for audit in self.audits):
            return RuleBroken(N_("There is no audit in the programme yet."))
        return None

    def submit(self, person: Person, *, at: datetime) -> None:
        """Wait for a leader."""
        if obstacle := self.submit_obstacle():
            raise obstacle
        self.submitted_by_id, self.submitted_at = person.id, at
        self.state, self.return_reason = ProgrammeState.SUBMITTED, ""

    def decide_obstacle(self, person: Person) -> RuleBroken | None:
        """Say why this person cannot decide on it; None when they can."""
        if self.state is not ProgrammeState.SUBMITTED:
            return RuleBroken(
                N_("The programme of %(year)s does not wait for approval: %(state)s."),
                year=str(self.year),
                state=self.state,
            )
        if person.id in (self.drafted_by_id, self.submitted_by_id):
            return RuleBroken(N_("Whoever drew the programme up cannot approve it."), rule="D3")
        return None

    def give_back(self, person: Person, reason: str) -> None:
        """Go back to be drafted further, with the reason."""
        if obstacle := self.decide_obstacle(person):
            raise obstacle
        self.state, self.return_reason = ProgrammeState.DRAFT, reason

    def approve(self, person: Person, signature: Signature, *, at: datetime) -> ProgrammeVersion:
        """Become what the year is audited by; what was signed is kept as it was."""
        if obstacle := self.decide_obstacle(person):
            raise obstacle
        self.state = ProgrammeState.APPROVED
        return ProgrammeVersion(
            programme=self,
            body_id=self.body_id,
            version=self.version,
            reason=self.change_reason,
            approved_by_id=person.id,
            approved_at=at,
            signature_id=signature.id,
        )

    def begin_version(self, reason: str) -> None:
        """Begin the next version; the signed one counts until that one is signed."""
        if self.state is not ProgrammeState.APPROVED:
            raise RuleBroken(N_("Only a signed programme gets a next version."))
        self.version, self.change_reason = self.version + 1, reason
        self.state = ProgrammeState.DRAFT

    def close(self, *, at: datetime) -> None:
        """End the year's programme; every audit must have come to its end."""
        if self.state is not ProgrammeState.APPROVED:
            raise RuleBroken(N_("Only a signed programme can be closed."))
        still = [audit.number for audit in self.audits if not audit.is_over]
        if still:
            raise RuleBroken(
                N_("These audits have not come to their end: %(numbers)s."),
                numbers=", ".join(still[:20]),
            )
        self.state, self.closed_at = ProgrammeState.CLOSED, at

    def told(self) -> dict[str, Any]:
        return {"year": str(self.year), "version": self.version}


class ProgrammeStandard(Record):
    """A set of criteria the programme audits against; they may mix."""

    __tablename__ = "programme_standard"
    __table_args__ = (sa.UniqueConstraint("programme_id", "standard_id"),)

    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))

    programme: Mapped[Programme] = relationship(back_populates="criteria")
    standard: Mapped[Standard] = relationship()


class ProgrammeVersion(Trailed, Record):
    """What a leader signed; its signature carries the whole content."""

    __tablename__ = "programme_version"
    __table_args__ = (sa.UniqueConstraint("programme_id", "version"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id"))
    version: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text(), default="")
    approved_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    approved_at: Mapped[datetime]
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))

    programme: Mapped[Programme] = relationship(back_populates="versions")
    approved_by: Mapped[Person] = relationship()
    signature: Mapped[Signature] = relationship()

    def told(self) -> dict[str, Any]:
        return {"year": str(self.programme.year), "version": self.version}


class AuditedUnit(Trailed, Record):
    """What planning must know of a unit: importance, visits, days, fields, closed days (A5)."""

    __tablename__ = "audited_unit"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "unit_id"),
        CheckConstraint("importance BETWEEN 1 AND 5", name="importance_in_range"),
        CheckConstraint("visits BETWEEN 0 AND 12 AND days BETWEEN 1 AND 20", name="in_range"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    importance: Mapped[int] = mapped_column(default=3)
    visits: Mapped[int] = mapped_column(default=1)
    days: Mapped[int] = mapped_column(default=1)
    needs: Mapped[list[str]] = mapped_column(default=list)
    closed_days: Mapped[list[str]] = mapped_column(default=list)  # 2026-05-01/2026-05-08
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    unit: Mapped[Unit] = relationship()

    def told(self) -> dict[str, Any]:
        return {"unit": self.unit.name}
