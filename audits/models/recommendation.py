"""What a unit is asked to look into without having failed: numbered, followed until answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.trail import Trailed
from audits.models.finding import Finding


class Recommendation(Trailed, Record):
    """What a unit is asked to look into, with its own number; followed until answered."""

    __tablename__ = "recommendation"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)"
            " AND (answered_at IS NULL) = (answer = '')",
            name="answer_is_whole",
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    number: Mapped[str] = mapped_column(sa.String(40))
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("finding.id"), unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    made_at: Mapped[datetime]
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(sa.Text(), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    finding: Mapped[Finding] = relationship()
    unit: Mapped[Unit] = relationship()
    answered_by: Mapped[Person | None] = relationship()

    @property
    def place_unit_id(self) -> int:
        """Give the unit that answers it."""
        return self.unit_id

    @property
    def is_open(self) -> bool:
        """Say whether it waits for an answer."""
        return self.answered_at is None

    def take_answer(self, words: str, person: Person, *, at: datetime) -> None:
        """Take what the unit did about it, or why not."""
        if not self.is_open:
            raise RuleBroken(N_("%(number)s is answered already."), number=self.number)
        self.answer, self.answered_at = words, at
        self.answered_by, self.answered_by_id = person, person.id

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "finding": self.finding.number}
