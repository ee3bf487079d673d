"""Who holds the file of a draft, and files that came too late (a7; ISO 9001:2015, 7.5.3.2 c)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Record
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.revision import Revision


class CheckOut(Trailed, Record):
    """One author holds the file of a draft, until a moment; one at a time."""

    __tablename__ = "check_out"
    __table_args__ = (
        sa.Index(
            "ix_check_out_one_open",
            "revision_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_check_out_revision", "revision_id", "person_id", "id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))  # of the file that was taken to edit
    taken_at: Mapped[datetime]
    held_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(sa.Text(), default="")

    revision: Mapped[Revision] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def place_unit_id(self) -> int:
        return self.revision.place_unit_id

    def is_held(self, now: datetime) -> bool:
        """Say whether it holds at a moment; it expires by itself."""
        return self.ended_at is None and now < self.held_until

    def end(self, *, at: datetime, by: Person | None, reason: str = "") -> None:
        """Let the file go: given back, broken by another with a reason, or run out (by nobody)."""
        self.ended_at = at
        self.ended_by, self.ended_by_id = by, by.id if by is not None else None
        self.end_reason = reason.strip()[:500]

    def told(self) -> dict[str, Any]:
        return {**self.revision.told(), "person_id": self.person_id}


class AsideFile(Trailed, Record):
    """A file that was made from an older one: not taken as the draft's, and not lost."""

    __tablename__ = "aside_file"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("stored_file.sha256"))
    name: Mapped[str] = mapped_column(sa.String(250))
    size: Mapped[int] = mapped_column(sa.BigInteger())
    brought_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    brought_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    revision: Mapped[Revision] = relationship()
    brought_by: Mapped[Person] = relationship()

    def told(self) -> dict[str, Any]:
        return {**self.revision.told(), "name": self.name}
