"""One text for many bodies: what a higher body gives to those below it, and who adopted it (O4)."""

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
from app.kernel.signatures import Signature
from app.kernel.trail import Trailed
from documents.models.document import Confidentiality, Document
from documents.models.revision import Revision, RevisionState


class PublicationMode(Coded):
    """Whether bodies below are bound at once, or each adopts by its own decision."""

    BINDING = "binding", N_("Binding")
    TO_ADOPT = "to_adopt", N_("To adopt by own decision")


class AdoptionEnd(Coded):
    """Why an adoption no longer counts."""

    REPLACED = "replaced", N_("A later edition was adopted")
    WITHDRAWN = "withdrawn", N_("The higher body withdrew it")


class Publication(Trailed, Record):
    """A document a body gives to bodies it oversees: to all of them, or to those it names."""

    __tablename__ = "publication"
    __table_args__ = (
        sa.Index(
            "ix_publication_one_open",
            "document_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_publication_of_body", "body_id", "document_id"),
        CheckConstraint("ended_at IS NULL OR end_reason <> ''", name="ending_has_reason"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    mode: Mapped[PublicationMode]
    is_for_all: Mapped[bool] = mapped_column(default=False)
    published_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    published_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    document: Mapped[Document] = relationship(back_populates="publications")
    published_by: Mapped[Person] = relationship(foreign_keys=[published_by_id])
    chosen: Mapped[list[PublicationBody]] = relationship(
        back_populates="publication",
        order_by="PublicationBody.id",
        cascade="all, delete-orphan",
    )

    @property
    def is_open(self) -> bool:
        """Say whether it still reaches anybody."""
        return self.ended_at is None

    def reaches(self, body_id: int) -> bool:
        """Say whether a body below is among those it is given to."""
        return self.is_open and (
            self.is_for_all or any(one.body_id == body_id for one in self.chosen)
        )

    def publish_obstacle(self) -> RuleBroken | None:
        """Say why this document cannot be given to other bodies; None when it can."""
        if self.document.confidentiality is Confidentiality.NAMED:
            return RuleBroken(
                N_("%(code)s is for named people only, so no other body can have it."),
                rule="O4",
                code=self.document.code,
            )
        return None

    def adopt_obstacle(self, body_id: int, revision: Revision) -> RuleBroken | None:
        """Say why a body cannot adopt this edition; None when it can."""
        if not self.reaches(body_id):
            return RuleBroken(
                N_("%(code)s is no longer published to your body."), rule="O4", code=revision.code
            )
        if self.mode is PublicationMode.BINDING:
            return RuleBroken(
                N_("%(code)s is binding: it applies without a decision of yours."),
                rule="O4",
                code=revision.code,
            )
        if revision.document_id != self.document_id:
            return RuleBroken(N_("This edition is of another document."), rule="O4")
        if revision.state is not RevisionState.EFFECTIVE:
            return RuleBroken(
                N_(
                    "%(code)s %(edition)s is no longer in force. "
                    "Read the edition in force, then decide on that one."
                ),
                rule="O4",
                code=revision.code,
                edition=revision.label,
            )
        return None

    def end(self, person: Person | None, reason: str, *, at: datetime) -> None:
        """Reach nobody any more."""
        if not self.is_open:
            raise RuleBroken(N_("It is published to nobody any more."), rule="O4")
        self.ended_at, self.end_reason = at, reason
        self.ended_by_id = person.id if person is not None else None

    def told(self) -> dict[str, Any]:
        return {"code": self.document.code or "", "title": self.document.title}


class PublicationBody(Record):
    """A body a document is given to by name."""

    __tablename__ = "publication_body"
    __table_args__ = (sa.UniqueConstraint("publication_id", "body_id"),)

    publication_id: Mapped[int] = mapped_column(sa.ForeignKey("publication.id"))
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)

    publication: Mapped[Publication] = relationship(back_populates="chosen")
    body: Mapped[Body] = relationship()


class Adoption(Trailed, Record):
    """A body's own signed decision to work by one edition of a higher body's document."""

    __tablename__ = "adoption"
    __table_args__ = (
        sa.Index(
            "ix_adoption_one_open",
            "publication_id",
            "body_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_adoption_of_body", "body_id", "ended_at", "publication_id"),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="ending_has_cause"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    publication_id: Mapped[int] = mapped_column(sa.ForeignKey("publication.id"), index=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    decided_on: Mapped[date]
    decision_number: Mapped[str] = mapped_column(sa.String(80), default="")
    own_code: Mapped[str] = mapped_column(sa.String(80), default="")
    adopted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    adopted_at: Mapped[datetime]
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[AdoptionEnd | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    body: Mapped[Body] = relationship()
    publication: Mapped[Publication] = relationship()
    revision: Mapped[Revision] = relationship()
    adopted_by: Mapped[Person] = relationship()
    signature: Mapped[Signature] = relationship()

    def end(self, cause: AdoptionEnd, *, at: datetime) -> None:
        """Count no longer; the decision itself stays listed."""
        self.ended_at, self.ended_because = at, cause

    def told(self) -> dict[str, Any]:
        return {
            "code": self.revision.code,
            "edition": self.revision.label,
            "title": self.revision.title,
        }
