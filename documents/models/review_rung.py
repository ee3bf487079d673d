"""How far an overdue periodic review has climbed (D7)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Record


class ReviewRung(Record):
    """One rung of the ladder for one due date of one document; each happens exactly once."""

    __tablename__ = "review_rung"
    __table_args__ = (sa.UniqueConstraint("document_id", "due_on", "rung"),)

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    due_on: Mapped[date]
    rung: Mapped[int]
    climbed_at: Mapped[datetime]
    person_ids: Mapped[list[str]] = mapped_column(default=list)
