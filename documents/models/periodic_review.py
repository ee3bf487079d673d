"""The periodic review of a document: what was decided, on which evidence (7.5.2; D7, a30, a31)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.change_request import ChangeRequest
from documents.models.document import Document
from documents.models.revision import Revision


class Verdict(Coded):
    """What a review says of a document."""

    KEEP = "keep", N_("Still right")
    REVISE = "revise", N_("To be revised")
    WITHDRAW = "withdraw", N_("To be withdrawn")


class PeriodicReview(Trailed, Record):
    """One review of the revision then in force; never changed afterwards."""

    __tablename__ = "periodic_review"
    __table_args__ = (
        sa.Index("ix_periodic_review_of", "document_id", "id"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    verdict: Mapped[Verdict]
    reason: Mapped[str] = mapped_column(sa.Text())
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as it was shown then
    due_on: Mapped[date | None]
    next_on: Mapped[date]
    reviewed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reviewed_at: Mapped[datetime]
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_request.id"))

    document: Mapped[Document] = relationship()
    revision: Mapped[Revision] = relationship()
    reviewed_by: Mapped[Person] = relationship()
    request: Mapped[ChangeRequest | None] = relationship()

    @property
    def place_unit_id(self) -> int:
        """Authority over a review is authority over its document."""
        return self.document.lead_unit_id

    def told(self) -> dict[str, Any]:
        return {"code": self.document.code or "", "edition": self.revision.label}
