"""What a revision refers to, read from its text and kept as rows (7.5.3.2; D12, L23)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Record
from documents.models.document import Document
from documents.models.external_document import ExternalDocument
from documents.models.revision import Revision


class Citation(Record):
    """One number that a revision's text names, with one passage as witness."""

    __tablename__ = "citation"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "number_key"),
        sa.Index("ix_citation_number", "body_id", "number_key"),
        sa.Index("ix_citation_external", "external_id", "revision_id"),
        sa.Index("ix_citation_cited", "cited_id", "revision_id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    is_law: Mapped[bool]  # a law or standard; else a document or form of the body
    number: Mapped[str] = mapped_column(sa.String(120))
    number_key: Mapped[str] = mapped_column(sa.String(120))
    times: Mapped[int] = mapped_column(default=1)
    passage: Mapped[str] = mapped_column(sa.Text(), default="")
    external_id: Mapped[int | None] = mapped_column(sa.ForeignKey("external_document.id"))
    cited_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))

    revision: Mapped[Revision] = relationship()
    external: Mapped[ExternalDocument | None] = relationship()
    cited: Mapped[Document | None] = relationship()
