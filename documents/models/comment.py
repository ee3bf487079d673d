"""Remarks on a passage, resolved or not (a18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.revision import Revision


class Comment(Trailed, Record):
    """One remark on one passage of a revision in one round; never edited, only resolved."""

    __tablename__ = "comment"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    block: Mapped[int | None]  # index of the block in the reading; None for the whole
    quote: Mapped[str] = mapped_column(sa.Text(), default="")
    text: Mapped[str] = mapped_column(sa.Text())
    made_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    resolution: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    revision: Mapped[Revision] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])

    @property
    def place_unit_id(self) -> int:
        return self.revision.place_unit_id

    def resolve(self, person: Person, resolution: str, *, at: datetime) -> None:
        """Mark the remark as dealt with, once."""
        if self.resolved_at is not None:
            raise RuleBroken(N_("This comment was resolved already."))
        self.resolved_at, self.resolved_by_id, self.resolution = at, person.id, resolution.strip()

    def told(self) -> dict[str, Any]:
        return self.revision.told()
