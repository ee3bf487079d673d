"""How long, then how disposed, by whose decision; a hold stops it (D5; a49, a50)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.signatures import Meaning
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.proposal import Place, Proposal
from documents.models.quality_record import QualityRecord
from documents.models.revision import Revision


class DisposalState(Coded):
    """Where a proposal to dispose of things stands."""

    PROPOSED = "proposed", N_("Disposal proposed")
    CARRIED_OUT = "carried_out", N_("Disposed of")
    REFUSED = "refused", N_("Disposal refused")


class DisposalMethod(Coded):
    """How paper goes; files are deleted from the store in any case."""

    SHREDDED = "shredded", N_("Shredded")
    BURNT = "burnt", N_("Burnt")
    HANDED_OVER = "handed_over", N_("Handed over to the archive")
    DELETED = "deleted", N_("Deleted; nothing on paper")


class Hold(Trailed, Record):
    """A stop: nothing of a document, or a record, is disposed of while it lasts (a50)."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        CheckConstraint("(document_id IS NULL) <> (record_id IS NULL)", name="holds_one_thing"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quality_record.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text())
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    placed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    document: Mapped[Document | None] = relationship()
    record: Mapped[QualityRecord | None] = relationship()
    placed_by: Mapped[Person] = relationship(foreign_keys=[placed_by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def code(self) -> str:
        """Name what is held, as the trail may name it."""
        if self.document is not None:
            return self.document.code or ""
        return (self.record.number or self.record.form_code) if self.record is not None else ""

    def holds(self, on: date) -> bool:
        """Say whether it stops a disposal on a day; one that begins later does not yet."""
        return self.ended_at is None and self.from_on <= on and (self.until_on or on) >= on

    def end(self, person: Person, *, at: datetime) -> None:
        """Lift it; who did and when stays."""
        if self.ended_at is not None:
            raise RuleBroken(N_("This hold was lifted already."))
        self.ended_by, self.ended_by_id, self.ended_at = person, person.id, at

    def told(self) -> dict[str, Any]:
        return {"code": self.code}


class Disposal(Proposal, Trailed, Record):
    """One list of what goes: proposed by one, decided and signed by another (D3, D5)."""

    __tablename__ = "disposal"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint(
            "state <> 'carried_out' OR signature_id IS NOT NULL", name="decision_is_signed"
        ),
        CheckConstraint("state <> 'refused' OR decision_reason <> ''", name="refusal_has_reason"),
        sa.Index("ix_disposal_by_state", "body_id", "state", "id"),
    )
    waits_as = DisposalState.PROPOSED
    signed_as = DisposalState.CARRIED_OUT
    refused_as = DisposalState.REFUSED

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    number: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.Text())
    method: Mapped[DisposalMethod]
    state: Mapped[DisposalState] = mapped_column(default=DisposalState.PROPOSED)
    due_on: Mapped[date]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    items: Mapped[list[DisposalItem]] = relationship(
        back_populates="disposal", order_by="DisposalItem.id"
    )
    seats: Mapped[list[DisposalSeat]] = relationship(
        back_populates="disposal", order_by="DisposalSeat.id"
    )

    def content(self) -> dict[str, Any]:
        """Give what is signed: every item with the digests of its files, how and why it goes."""
        return {
            "number": self.number,
            "reason": self.reason,
            "method": str(self.method),
            "items": [item.content() for item in self.items],
            "meaning": str(Meaning.APPROVED),
        }

    def told(self) -> dict[str, Any]:
        return {"number": self.number}


class DisposalItem(Record):
    """One revision or record on the list."""

    __tablename__ = "disposal_item"
    __table_args__ = (
        CheckConstraint("(revision_id IS NULL) <> (record_id IS NULL)", name="names_one_thing"),
        sa.UniqueConstraint("disposal_id", "revision_id"),
        sa.UniqueConstraint("disposal_id", "record_id"),
    )

    disposal_id: Mapped[int] = mapped_column(sa.ForeignKey("disposal.id"))
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quality_record.id"), index=True)
    kept_until: Mapped[date]
    sheets: Mapped[str] = mapped_column(sa.String(80), default="")  # what of it was on paper

    disposal: Mapped[Disposal] = relationship(back_populates="items")
    revision: Mapped[Revision | None] = relationship()
    record: Mapped[QualityRecord | None] = relationship()

    @property
    def digests(self) -> list[str]:
        """Give the digest of every file this item ever held, drafts' replaced ones too."""
        if self.revision is not None:
            return sorted({file.sha256 for file in self.revision.all_files})
        held = self.record.sha256 if self.record is not None else None
        return [held] if held is not None else []

    def content(self) -> dict[str, Any]:
        """Give what the signature covers of this item."""
        if self.revision is not None:
            named = {"revision": self.revision_id, "code": self.revision.code,
                     "edition": self.revision.label}  # fmt: skip
        else:
            named = {"record": self.record_id,
                     "number": self.record.number if self.record is not None else ""}  # fmt: skip
        return {**named, "files": self.digests, "kept_until": self.kept_until.isoformat()}


class DisposalSeat(Place, Record):
    """Somebody asked to decide on a disposal, and why they."""

    __tablename__ = "disposal_seat"
    __table_args__ = (sa.UniqueConstraint("disposal_id", "person_id"),)

    disposal_id: Mapped[int] = mapped_column(sa.ForeignKey("disposal.id"))

    disposal: Mapped[Disposal] = relationship(back_populates="seats")


class RetentionNotice(Record):
    """That those in charge were told in a month what comes to its end soon; once (a49)."""

    __tablename__ = "retention_notice"
    __table_args__ = (sa.UniqueConstraint("body_id", "month"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    month: Mapped[str] = mapped_column(sa.String(7))
    told_at: Mapped[datetime]
