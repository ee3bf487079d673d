"""What a revision touches, as it was known at a decision (ISO 9001:2015, 6.3; rule D15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Record
from app.kernel.trail import Trailed
from documents.models.issuance import IssuanceDecision
from documents.models.package import Decision
from documents.models.revision import Revision


class Impact(Trailed, Record):
    """What one revision touched when it was submitted, or when a decision on it was made."""

    __tablename__ = "impact"
    __table_args__ = (sa.UniqueConstraint("revision_id", "decision_id"),)
    untold = frozenset({"content"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    round: Mapped[int]
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decision.id"))
    issuance_id: Mapped[int | None] = mapped_column(sa.ForeignKey("issuance_decision.id"))
    taken_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(sa.Text())  # canonical JSON, never changed
    sha256: Mapped[str] = mapped_column(sa.String(64))

    revision: Mapped[Revision] = relationship()
    decision: Mapped[Decision | None] = relationship()
    issuance: Mapped[IssuanceDecision | None] = relationship()  # made outside, confirmed here

    def told(self) -> dict[str, Any]:
        return self.revision.told()
