"""What the quality management system covers, version after version (4.3, 4.4; rule O5)."""

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
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed

STANDARD = "TCVN ISO 9001:2015"


class ScopeState(Coded):
    """Where a version of the scope stands."""

    DRAFT = "draft", N_("Draft")
    APPROVED = "approved", N_("Approved")
    REPLACED = "replaced", N_("Replaced")


_DRAFT, _APPROVED = sa.text("state = 'draft'"), sa.text("state = 'approved'")


class Scope(Trailed, Record):
    """One version of what the system covers: sites, fields, units, what is left out and why."""

    __tablename__ = "scope"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "version"),
        sa.Index("ix_scope_one_draft", "body_id", unique=True,
                 sqlite_where=_DRAFT, postgresql_where=_DRAFT),
        sa.Index("ix_scope_one_approved", "body_id", unique=True,
                 sqlite_where=_APPROVED, postgresql_where=_APPROVED),
        CheckConstraint(
            "state = 'draft' OR (approved_at IS NOT NULL AND signature_id IS NOT NULL)",
            name="approval_is_signed",
        ),
    )  # fmt: skip

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    version: Mapped[int]
    state: Mapped[ScopeState] = mapped_column(default=ScopeState.DRAFT)
    standard: Mapped[str] = mapped_column(sa.String(80), default=STANDARD)
    address: Mapped[str] = mapped_column(sa.String(500), default="")
    covers: Mapped[str] = mapped_column(sa.Text(), default="")
    effective_on: Mapped[date | None]
    drafted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    drafted_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))
    ended_on: Mapped[date | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    drafted_by: Mapped[Person] = relationship(foreign_keys=[drafted_by_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])
    signature: Mapped[Signature | None] = relationship()
    units: Mapped[list[ScopeUnit]] = relationship(
        back_populates="scope", order_by="ScopeUnit.id", cascade="all, delete-orphan"
    )
    exclusions: Mapped[list[ScopeExclusion]] = relationship(
        back_populates="scope", order_by="ScopeExclusion.clause", cascade="all, delete-orphan"
    )

    def content(self) -> dict[str, Any]:
        """Give what is signed: everything the declaration says."""
        return {
            "version": self.version,
            "standard": self.standard,
            "address": self.address,
            "covers": self.covers,
            "effective_on": self.effective_on.isoformat() if self.effective_on else None,
            "units": sorted(one.unit.code for one in self.units),
            "exclusions": {one.clause: one.reason for one in self.exclusions},
        }

    def change_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be changed; None while it is a draft."""
        if self.state is ScopeState.DRAFT:
            return None
        return RuleBroken(
            N_("Version %(version)s is signed and stays as it is. Draft the next one."),
            rule="O5",
            version=self.version,
        )

    def approve_obstacle(self, person: Person) -> RuleBroken | None:
        """Say why this person cannot approve it; None when they can."""
        if obstacle := self.change_obstacle():
            return obstacle
        if person.id == self.drafted_by_id:
            return RuleBroken(N_("Whoever drafted the scope cannot approve it."), rule="D3")
        if not self.covers or not self.units or self.effective_on is None:
            return RuleBroken(
                N_("Say what it covers, tick the units, and give the day it takes effect."),
                rule="O5",
            )
        return None

    def approve(self, person: Person, signature: Signature, *, at: datetime) -> None:
        """Become the scope in force; the former one must be replaced by now."""
        if obstacle := self.approve_obstacle(person):
            raise obstacle
        self.approved_by_id, self.approved_at = person.id, at
        self.signature_id, self.state = signature.id, ScopeState.APPROVED

    def be_replaced(self, on: date) -> None:
        """Step back for a later version; it stays readable for its time."""
        self.state, self.ended_on = ScopeState.REPLACED, on

    def told(self) -> dict[str, Any]:
        return {"version": self.version}


class ScopeUnit(Record):
    """A unit that applies the system."""

    __tablename__ = "scope_unit"
    __table_args__ = (sa.UniqueConstraint("scope_id", "unit_id"),)

    scope_id: Mapped[int] = mapped_column(sa.ForeignKey("scope.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)

    scope: Mapped[Scope] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class ScopeExclusion(Record):
    """A clause that is not applied, with the reason."""

    __tablename__ = "scope_exclusion"
    __table_args__ = (
        sa.UniqueConstraint("scope_id", "clause"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    scope_id: Mapped[int] = mapped_column(sa.ForeignKey("scope.id"))
    clause: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text())

    scope: Mapped[Scope] = relationship(back_populates="exclusions")
