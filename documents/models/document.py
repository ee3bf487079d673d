"""The controlled document, for its whole life (ISO 9001:2015, 7.5.1; rules D9, D10, D13)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person
from app.kernel.search import code_key, fold, nfc, sort_key
from app.kernel.trail import Trailed

if TYPE_CHECKING:
    from documents.models.publication import Publication
    from documents.models.revision import Revision


class DocumentKind(Coded):
    """The tier a document belongs to (a3)."""

    MANUAL = "manual", N_("Quality manual")
    POLICY = "policy", N_("Policy")
    PROCEDURE = "procedure", N_("Procedure")
    WORK_INSTRUCTION = "work_instruction", N_("Work instruction")
    FORM = "form", N_("Form")
    RECORD_TYPE = "record_type", N_("Record type")


class Confidentiality(Coded):
    """Who may read the effective revision."""

    PUBLIC = "public", N_("Public")
    BODY = "body", N_("Everybody in the body")
    NAMED = "named", N_("Named people only")


FAR_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
"""Where a list is sorted by a day, what has none comes last."""
_FAR_TEXT, _FAR_DAY = "9999-01-01 00:00:00.000000", "9999-01-01"


class Document(Trailed, Record):
    """One controlled document; its content lives in its revisions."""

    __tablename__ = "document"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "code_key"),  # D9: unique per body, never used again
        sa.Index("ix_document_by_code", "body_id", "code_sort", "id"),
        sa.Index("ix_document_by_title", "body_id", "title_sort", "id"),
        sa.Index("ix_document_by_kind", "body_id", "kind", "code_sort", "id"),
        sa.Index("ix_document_by_confidentiality", "body_id", "confidentiality", "code_sort", "id"),
        sa.Index("ix_document_by_unit", "lead_unit_id", "code_sort", "id"),
        sa.Index("ix_document_by_keeper", "keeper_id", "next_review_on", "id"),
        sa.Index("ix_document_left", "body_id", "is_left", "code_sort", "id"),
        sa.Index("ix_document_by_effect", "body_id", "effect_sort", "id"),
        sa.Index("ix_document_by_review", "body_id", "review_sort", "id"),
        sa.Index(  # most have nothing above: only those that do are worth an entry
            "ix_document_parent_id",
            "parent_id",
            sqlite_where=sa.text("parent_id IS NOT NULL"),
            postgresql_where=sa.text("parent_id IS NOT NULL"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    lead_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    keeper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    # the document this one says in English, under the same code (D16); at most one says it
    translates_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), unique=True)
    kind: Mapped[DocumentKind]
    code: Mapped[str | None] = mapped_column(sa.String(80))
    code_key: Mapped[str | None] = mapped_column(sa.String(80))
    code_sort: Mapped[str] = mapped_column(sa.String(500), default="999999")  # no code: last
    title: Mapped[str] = mapped_column(sa.String(500))
    title_en: Mapped[str] = mapped_column(sa.String(500), default="")
    title_folded: Mapped[str] = mapped_column(sa.String(500), default="")
    title_sort: Mapped[str] = mapped_column(sa.String(500), default="")
    confidentiality: Mapped[Confidentiality] = mapped_column(default=Confidentiality.BODY)
    clauses: Mapped[list[str]] = mapped_column(default=list)
    process: Mapped[str] = mapped_column(sa.String(200), default="")
    review_months: Mapped[int | None]
    next_review_on: Mapped[date | None] = mapped_column(index=True)
    retention_years: Mapped[int | None]
    time_limit: Mapped[str] = mapped_column(sa.String(200), default="")  # of the service it is
    fee: Mapped[str] = mapped_column(sa.String(200), default="")
    effect_sort: Mapped[datetime] = mapped_column(default=FAR_MOMENT, server_default=_FAR_TEXT)
    review_sort: Mapped[date] = mapped_column(default=FAR_MOMENT.date(), server_default=_FAR_DAY)
    is_left: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}
    derived = frozenset({"effect_sort", "review_sort", "is_left"})

    body: Mapped[Body] = relationship()
    lead_unit: Mapped[Unit] = relationship()
    keeper: Mapped[Person | None] = relationship()
    parent: Mapped[Document | None] = relationship(
        remote_side="Document.id", foreign_keys=[parent_id]
    )
    original: Mapped[Document | None] = relationship(
        remote_side="Document.id", foreign_keys=[translates_id]
    )
    revisions: Mapped[list[Revision]] = relationship(
        back_populates="document", order_by="Revision.id"
    )
    units: Mapped[list[DocumentUnit]] = relationship(back_populates="document")
    readers: Mapped[list[DocumentReader]] = relationship(back_populates="document")

    publications: Mapped[list[Publication]] = relationship(
        back_populates="document", order_by="Publication.id"
    )

    @validates("next_review_on")
    def _sort_by_review(self, _name: str, day: date | None) -> date | None:
        """Keep what the list is sorted by beside it: what has no review comes last."""
        self.review_sort = day or FAR_MOMENT.date()
        return day

    @property
    def place_unit_id(self) -> int:
        """Authority over a document is authority over its lead unit (O1)."""
        return self.lead_unit_id

    @property
    def months_between_reviews(self) -> int:
        """Give the interval of periodic review: the document's own, or the body's for its kind."""
        if self.review_months is not None:
            return self.review_months
        return int(self.body.setting("review_months")[str(self.kind)])

    def give_code(self, code: str) -> None:
        """Give the document its code, for ever, with its key of uniqueness (D9)."""
        self.code = nfc(code).strip()
        self.code_key = code_key(code)
        self.code_sort = sort_key(self.code)

    def give_title(self, title: str) -> None:
        """Give the document the title it is listed under."""
        self.title = nfc(title).strip()
        self.title_folded = fold(self.title)[:500]
        self.title_sort = sort_key(self.title)

    def told(self) -> dict[str, Any]:
        return {"code": self.code or "", "title": self.title}


class DocumentUnit(Record):
    """A unit where a document applies, beside its lead unit."""

    __tablename__ = "document_unit"
    __table_args__ = (sa.UniqueConstraint("document_id", "unit_id"),)

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)

    document: Mapped[Document] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class DocumentReader(Record):
    """Somebody named who may read a confidential document."""

    __tablename__ = "document_reader"
    __table_args__ = (sa.UniqueConstraint("document_id", "person_id"),)

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)

    document: Mapped[Document] = relationship(back_populates="readers")
    person: Mapped[Person] = relationship()
