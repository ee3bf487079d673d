"""Filled forms and other evidence, kept and never altered (ISO 9001:2015, 7.5.3, 7.5.3.2 d)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person
from app.kernel.search import fold, nfc
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.revision import Revision


class QualityRecord(Trailed, Record):
    """One record of a unit: which form, what period, where it is, how long it is kept."""

    __tablename__ = "quality_record"
    __table_args__ = (
        CheckConstraint("sha256 IS NOT NULL OR place <> ''", name="is_somewhere"),
        CheckConstraint("keep_years >= 0", name="years_not_negative"),
        CheckConstraint(
            "disposed_at IS NULL OR keep_until IS NOT NULL", name="permanent_is_never_disposed"
        ),
        sa.Index("ix_quality_record_newest", "body_id", "made_on", "id"),
        sa.Index("ix_quality_record_of_unit", "unit_id", "made_on", "id"),
        sa.Index("ix_quality_record_due", "body_id", "keep_until", "id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    form_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    form_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    title: Mapped[str] = mapped_column(sa.String(500))
    words_folded: Mapped[str] = mapped_column(sa.String(1000), default="")
    number: Mapped[str] = mapped_column(sa.String(80), default="")
    period: Mapped[str] = mapped_column(sa.String(80), default="")
    holder_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    place: Mapped[str] = mapped_column(sa.String(300), default="")
    sha256: Mapped[str | None] = mapped_column(sa.ForeignKey("stored_file.sha256"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(250), default="")
    size: Mapped[int | None] = mapped_column(sa.BigInteger())
    made_on: Mapped[date]
    keep_years: Mapped[int]  # 0: for ever
    keep_until: Mapped[date | None]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    disposed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}
    untold = frozenset({"title", "words_folded", "file_name"})

    body: Mapped[Body] = relationship()
    unit: Mapped[Unit] = relationship()
    form: Mapped[Document | None] = relationship()
    form_revision: Mapped[Revision | None] = relationship()
    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id])
    recorded_by: Mapped[Person] = relationship(foreign_keys=[recorded_by_id])
    notes: Mapped[list[RecordNote]] = relationship(
        back_populates="record", order_by="RecordNote.id"
    )

    @property
    def place_unit_id(self) -> int:
        """Authority over a record is authority over the unit that keeps it (O1)."""
        return self.unit_id

    @property
    def form_code(self) -> str:
        """Give the code of the form it was filled on."""
        return (self.form.code or "") if self.form is not None else ""

    def give_words(self) -> None:
        """Write down what the record is found by, without tone marks."""
        words = nfc(f"{self.form_code} {self.title} {self.number} {self.period}")
        self.words_folded = fold(words)[:1000]

    def dispose(self, *, at: datetime) -> None:
        """Be disposed of by a signed decision; the row, its digest and its trail stay (D5)."""
        if self.disposed_at is not None:
            raise RuleBroken(N_("This was disposed of already."), rule="D5")
        self.disposed_at = at

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "form": self.form_code}


class RecordNote(Trailed, Record):
    """A remark beside a record, which itself is never altered."""

    __tablename__ = "record_note"
    __table_args__ = (CheckConstraint("text <> ''", name="says_something"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("quality_record.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.Text())
    made_at: Mapped[datetime]
    untold = frozenset({"text"})

    record: Mapped[QualityRecord] = relationship(back_populates="notes")
    person: Mapped[Person] = relationship()
