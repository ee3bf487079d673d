"""Issuance decisions made on paper or in e-office, entered by one and confirmed by another (D4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Capacity, Person
from app.kernel.trail import Trailed
from documents.models.package import Package


class IssuanceDecision(Trailed, Record):
    """A decision outside the system that approves any number of packages."""

    __tablename__ = "issuance_decision"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number", "happened_on"),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> entered_by_id", name="two_people"
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(80))
    happened_on: Mapped[date]
    signer_name: Mapped[str] = mapped_column(sa.String(200))
    signer_capacity: Mapped[Capacity] = mapped_column(default=Capacity.OWN)
    file_sha256: Mapped[str] = mapped_column(sa.ForeignKey("stored_file.sha256"))
    file_name: Mapped[str] = mapped_column(sa.String(250))
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    refused_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    entered_by: Mapped[Person] = relationship(foreign_keys=[entered_by_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])
    items: Mapped[list[IssuanceItem]] = relationship(back_populates="decision")

    def confirm_obstacle(self, person: Person) -> RuleBroken | None:
        """Say why this person cannot confirm; None when they can."""
        if self.confirmed_at is not None or self.refused_at is not None:
            return RuleBroken(N_("This decision was answered already."))
        if person.id == self.entered_by_id:
            return RuleBroken(N_("Whoever entered a decision cannot confirm it."), rule="D4")
        if any(person in item.package.authors for item in self.items):
            return RuleBroken(
                N_("Whoever wrote a revision cannot confirm the decision on it."), rule="D3"
            )
        for item in self.items:
            if not item.covers_present_content:
                return RuleBroken(
                    N_(
                        "%(code)s was changed after this decision was entered. "
                        "Refuse it, then enter it again."
                    ),
                    rule="D4",
                    code=item.package.lead.code,
                )
        return None

    def confirm(self, person: Person, *, at: datetime) -> None:
        """Confirm what was entered; every package it covers becomes approved."""
        if obstacle := self.confirm_obstacle(person):
            raise obstacle
        self.confirmed_by_id, self.confirmed_at = person.id, at
        for item in self.items:
            item.package.approve_outside(at=at)

    def refuse(self, person: Person, reason: str, *, at: datetime) -> None:
        """Say that what was entered is not so, with a reason; nothing is approved."""
        if self.confirmed_at is not None or self.refused_at is not None:
            raise RuleBroken(N_("This decision was answered already."))
        if not reason.strip():
            raise RuleBroken(N_("Refusing needs a reason."), rule="D8")
        self.refused_at, self.refused_reason = at, reason.strip()

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "happened_on": self.happened_on}


class IssuanceItem(Record):
    """A package covered by an issuance decision."""

    __tablename__ = "issuance_item"
    __table_args__ = (sa.UniqueConstraint("decision_id", "package_id"),)

    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("issuance_decision.id"))
    package_id: Mapped[int] = mapped_column(sa.ForeignKey("package.id"), index=True)
    content_sha256: Mapped[str] = mapped_column(sa.String(64))  # what lay there when it was entered

    decision: Mapped[IssuanceDecision] = relationship(back_populates="items")
    package: Mapped[Package] = relationship()

    @property
    def covers_present_content(self) -> bool:
        """Say whether the package still holds what the decision was entered for (D4)."""
        return self.content_sha256 == self.package.content_sha256()
