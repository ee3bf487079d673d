"""A body's own Word templates, version after version (ISO 9001:2015, 7.5.2 b; a51)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.document import DocumentKind


class TemplatePurpose(Coded):
    """What a template is for: drafts of a kind of document, or a printed form."""

    MANUAL = "manual", N_("Draft: manual")
    POLICY = "policy", N_("Draft: policy")
    PROCEDURE = "procedure", N_("Draft: procedure")
    WORK_INSTRUCTION = "work_instruction", N_("Draft: work instruction")
    FORM = "form", N_("Draft: form")
    RECORD_TYPE = "record_type", N_("Draft: type of record")
    MASTER_LIST = "master_list", N_("Printed form: master list")
    CHANGE_REQUEST = "change_request", N_("Printed form: change request")
    EXTERNAL_REGISTER = "external_register", N_("Printed form: register of external documents")
    DISTRIBUTION_LIST = "distribution_list", N_("Printed form: distribution list, paper copies")
    DISPOSAL_MINUTES = "disposal_minutes", N_("Printed form: minutes of a disposal")
    RECORD_LIST = "record_list", N_("Printed form: list of records")
    DECLARATION = "declaration", N_("Printed form: declaration of conformity")

    @property
    def kind(self) -> DocumentKind | None:
        """Give the kind of document whose drafts begin with it; None for a printed form."""
        return DocumentKind(str(self)) if str(self) in set(map(str, DocumentKind)) else None


class WordTemplate(Trailed, Record):
    """One version of a template; a newer one, or a decision, ends its use and it stays."""

    __tablename__ = "word_template"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "purpose", "version"),
        sa.Index(
            "ix_word_template_one_in_use",
            "body_id",
            "purpose",
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    purpose: Mapped[TemplatePurpose]
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("stored_file.sha256"))
    name: Mapped[str] = mapped_column(sa.String(255))
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    brought_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    brought_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    brought_by: Mapped[Person] = relationship()

    @property
    def is_in_use(self) -> bool:
        """Say whether drafts and prints begin with this version."""
        return self.retired_at is None

    def retire(self, *, at: datetime) -> None:
        """End its use."""
        self.retired_at = self.retired_at or at

    def told(self) -> dict[str, Any]:
        return {"purpose": str(self.purpose), "version": self.version}
