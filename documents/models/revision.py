"""One state of a document's content and its life (ISO 9001:2015, 7.5.2; rules D1-D6)."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.document import FAR_MOMENT, Document

if TYPE_CHECKING:
    from documents.models.distribution import Distribution
    from documents.models.package import Package


class RevisionState(Coded):
    """Where a revision stands; the state names people see are these and no others."""

    DRAFT = "draft", N_("Draft")
    IN_REVIEW = "in_review", N_("In review")
    IN_APPROVAL = "in_approval", N_("Awaiting approval")
    APPROVED = "approved", N_("Approved")
    EFFECTIVE = "effective", N_("Current")
    OBSOLETE = "obsolete", N_("Superseded")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    CANCELLED = "cancelled", N_("Draft cancelled")


OPEN_STATES = (
    RevisionState.DRAFT,
    RevisionState.IN_REVIEW,
    RevisionState.IN_APPROVAL,
    RevisionState.APPROVED,
)
ENDED_STATES = (RevisionState.OBSOLETE, RevisionState.WITHDRAWN)
_OPEN_SQL = "state IN ('draft', 'in_review', 'in_approval', 'approved')"


class FileRole(Coded):
    """What a file is to its revision."""

    MAIN = "main", N_("Main file")
    ATTACHMENT = "attachment", N_("Attachment")


class Revision(Trailed, Record):
    """One state of a controlled document's content, fixed from submission on."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('approved', 'effective') OR approved_at IS NOT NULL",
            name="approval_is_dated",
        ),
        CheckConstraint("state <> 'effective' OR effective_at IS NOT NULL", name="effect_is_dated"),
        CheckConstraint(
            "state <> 'cancelled' OR (cancelled_at IS NOT NULL AND cancel_reason <> '')",
            name="cancelling_has_reason",
        ),
        CheckConstraint("edition >= 0 AND amendment >= 0", name="counters_not_negative"),
        sa.Index(  # D1, said by the database itself
            "ix_revision_one_effective",
            "document_id",
            unique=True,
            sqlite_where=sa.text("state = 'effective'"),
            postgresql_where=sa.text("state = 'effective'"),
        ),
        sa.Index(
            "ix_revision_one_open",
            "document_id",
            unique=True,
            sqlite_where=sa.text(_OPEN_SQL),
            postgresql_where=sa.text(_OPEN_SQL),
        ),
        sa.Index(  # what was imported has none: only the others are worth an entry
            "ix_revision_package_id",
            "package_id",
            sqlite_where=sa.text("package_id IS NOT NULL"),
            postgresql_where=sa.text("package_id IS NOT NULL"),
        ),
        sa.Index("ix_revision_state_due", "state", "effective_on"),
        sa.Index("ix_revision_by_state", "body_id", "state", "document_id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    package_id: Mapped[int | None] = mapped_column(sa.ForeignKey("package.id"))
    predecessor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    # of the original, for a translation (D16)
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    edition: Mapped[int]
    amendment: Mapped[int] = mapped_column(default=0)
    state: Mapped[RevisionState] = mapped_column(default=RevisionState.DRAFT)
    title: Mapped[str] = mapped_column(sa.String(500))
    proposed_code: Mapped[str] = mapped_column(sa.String(80), default="")
    reason: Mapped[str] = mapped_column(sa.Text(), default="")
    change_summary: Mapped[str] = mapped_column(sa.Text(), default="")
    effective_on: Mapped[date | None]  # planned; signed with the content
    training_until: Mapped[date | None]  # people read it first; not in force before this day
    drafted_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    disposed_at: Mapped[datetime | None]  # by a signed decision: its files are gone, this row stays
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    token: Mapped[str] = mapped_column(
        sa.String(40), unique=True, default=lambda: secrets.token_urlsafe(18)
    )
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}
    untold = frozenset({"token"})

    document: Mapped[Document] = relationship(back_populates="revisions")
    package: Mapped[Package | None] = relationship(back_populates="revisions")
    predecessor: Mapped[Revision | None] = relationship(
        remote_side="Revision.id", foreign_keys=[predecessor_id]
    )
    follows: Mapped[Revision | None] = relationship(
        remote_side="Revision.id", foreign_keys=[follows_id]
    )
    distribution: Mapped[Distribution | None] = relationship(
        back_populates="revision",  # of its own body; each body below has one of its own
        primaryjoin="and_(Distribution.revision_id == Revision.id,"
        " Distribution.body_id == Revision.body_id)",
        foreign_keys="Distribution.revision_id",
    )
    author_links: Mapped[list[RevisionAuthor]] = relationship(
        back_populates="revision", order_by="RevisionAuthor.id"
    )
    all_files: Mapped[list[RevisionFile]] = relationship(
        back_populates="revision", order_by="RevisionFile.id"
    )

    @property
    def place_unit_id(self) -> int:
        """Authority over a revision is authority over its document's lead unit."""
        return self.document.lead_unit_id

    @property
    def label(self) -> str:
        """Give edition and amendment as people write them: 02/01."""
        return f"{self.edition:02d}/{self.amendment:02d}"

    @property
    def in_force_from(self) -> date | None:
        """Give the day it comes into force: the planned one, or later while people are trained."""
        if self.training_until is None or self.effective_on is None:
            return self.effective_on
        return max(self.effective_on, self.training_until)

    @property
    def code(self) -> str:
        """Give the document's code, or the one proposed before it has any."""
        return self.document.code or self.proposed_code

    @property
    def authors(self) -> list[Person]:
        """Give those who wrote this revision."""
        return [link.person for link in self.author_links]

    @property
    def round(self) -> int:
        """Give the round of decisions this revision is in; 1 before it is submitted."""
        return self.package.round if self.package is not None else 1

    @property
    def files(self) -> list[RevisionFile]:
        """Give the files of the present round, main file first."""
        kept = [file for file in self.all_files if file.replaced_at is None]
        newest = max((file.round for file in kept), default=0)
        files = [file for file in kept if file.round == newest]
        return sorted(files, key=lambda file: (file.role is not FileRole.MAIN, file.id))

    @property
    def main_file(self) -> RevisionFile | None:
        """Give the file that holds the content; None for a document that is only on paper."""
        return next((file for file in self.files if file.role is FileRole.MAIN), None)

    def main_file_of(self, round_: int) -> RevisionFile | None:
        """Give the main file people judged in a round; a round without a new one kept the last."""
        kept = [
            file
            for file in self.all_files
            if file.replaced_at is None and file.role is FileRole.MAIN and file.round <= round_
        ]
        return max(kept, key=lambda file: (file.round, file.id), default=None)

    @property
    def is_open(self) -> bool:
        """Say whether this revision is still on its way into force (D1)."""
        return self.state in OPEN_STATES

    def files_obstacle(self) -> RuleBroken | None:
        """Say why the files cannot change; None when they can (D2)."""
        if self.state is not RevisionState.DRAFT:
            return RuleBroken(
                N_(
                    "The files of %(edition)s are fixed since its submission. Draft a new revision."
                ),
                rule="D2",
                edition=self.label,
            )
        return None

    def content(self) -> dict[str, Any]:
        """Give the canonical content of this revision, as it is signed."""
        return {
            "code": self.code,
            "title": self.title,
            "edition": self.label,
            "effective_on": self.effective_on.isoformat() if self.effective_on else None,
            "files": [
                {"role": str(file.role), "sha256": file.sha256, "name": file.name}
                for file in self.files
            ],
        }

    def enter(self, state: RevisionState, *, at: datetime) -> None:
        """Move with the package through review and approval; the package keeps the rules."""
        self.state = state
        if state is RevisionState.APPROVED:
            self.approved_at = at

    def submit(self, *, at: datetime) -> None:
        """Mark the moment of (the newest) submission."""
        self.submitted_at = at

    def effect_obstacle(self, today: date) -> RuleBroken | None:
        """Say why this revision cannot come into force today; None when it can (D4)."""
        if self.state is not RevisionState.APPROVED:
            return RuleBroken(
                N_("This revision is %(state)s, not approved."), rule="D4", state=self.state
            )
        if self.effective_on is None or self.effective_on > today:
            return RuleBroken(N_("Its effective date has not come yet."), rule="D4")
        if self.training_until is not None and self.training_until > today:
            return RuleBroken(
                N_("People are trained on it first; it comes into force on %(day)s."),
                rule="D4",
                day=self.training_until,
            )
        return None

    def train_until(self, day: date) -> None:
        """Let people read it before it comes into force on a day (D4, a26)."""
        self.training_until = day

    def come_into_force(self, *, at: datetime) -> None:
        """Become the effective revision; its predecessor must be obsolete by now (D1, D4)."""
        self.state, self.effective_at = RevisionState.EFFECTIVE, at
        self.document.effect_sort = at

    def become_obsolete(self, *, at: datetime) -> None:
        """Step back for a later revision in the same transaction (D4)."""
        self.state, self.ended_at = RevisionState.OBSOLETE, at
        self.document.effect_sort = FAR_MOMENT

    def withdraw(self, *, at: datetime) -> None:
        """Leave without a successor, by an approved withdrawal (D8)."""
        if self.state is not RevisionState.EFFECTIVE:
            raise RuleBroken(
                N_("%(edition)s is %(state)s; only the revision in force can be withdrawn."),
                rule="D8",
                edition=self.label,
                state=self.state,
            )
        self.state, self.ended_at = RevisionState.WITHDRAWN, at
        self.document.effect_sort = FAR_MOMENT

    def restore_obstacle(self) -> RuleBroken | None:
        """Say why no new revision can be made of this one; None when one can (a29)."""
        if self.state not in ENDED_STATES:
            return RuleBroken(
                N_("%(edition)s is %(state)s; only a past revision is restored."),
                edition=self.label,
                state=self.state,
            )
        if self.disposed_at is not None:
            return RuleBroken(
                N_("The files of %(edition)s were disposed of; nothing is left to restore."),
                rule="D5",
                edition=self.label,
            )
        return None

    def dispose(self, *, at: datetime) -> None:
        """Be disposed of by a signed decision; the row, its digests and its trail stay (D5)."""
        if self.state not in ENDED_STATES:
            raise RuleBroken(
                N_("%(edition)s is %(state)s; only a past revision is disposed of."),
                rule="D5",
                edition=self.label,
                state=self.state,
            )
        if self.disposed_at is not None:
            raise RuleBroken(N_("This was disposed of already."), rule="D5")
        self.disposed_at = at

    def take_over(self, state: RevisionState, *, since: datetime, until: datetime) -> None:
        """Stand where it stood before this system: in force, superseded, withdrawn, awaiting."""
        self.state = state
        if state is not RevisionState.APPROVED:
            self.effective_at = since
        if state is RevisionState.EFFECTIVE:
            self.document.effect_sort = since
        if state in (RevisionState.OBSOLETE, RevisionState.WITHDRAWN):
            self.ended_at = until

    def cancel_obstacle(self) -> RuleBroken | None:
        """Say why this revision cannot be cancelled; None when it can."""
        if not self.is_open:
            return RuleBroken(
                N_("This revision is %(state)s; only one before its effect can be cancelled."),
                state=self.state,
            )
        return None

    def cancel(self, reason: str, *, at: datetime) -> None:
        """Give up a revision before it took effect, with a reason that stays listed (D9)."""
        if obstacle := self.cancel_obstacle():
            raise obstacle
        if not reason.strip():
            raise RuleBroken(N_("Cancelling needs a reason."), rule="D8")
        self.state, self.cancelled_at, self.cancel_reason = RevisionState.CANCELLED, at, reason

    def told(self) -> dict[str, Any]:
        return {"code": self.code, "edition": self.label, "title": self.title}


class RevisionAuthor(Record):
    """Somebody who wrote a revision; may differ from whoever uploads it."""

    __tablename__ = "revision_author"
    __table_args__ = (sa.UniqueConstraint("revision_id", "person_id"),)

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)

    revision: Mapped[Revision] = relationship(back_populates="author_links")
    person: Mapped[Person] = relationship()


class RevisionFile(Trailed, Record):
    """A file of a revision in one round; a later round adds rows and changes none (D2)."""

    __tablename__ = "revision_file"
    __table_args__ = (sa.Index("ix_revision_file_sha256", "sha256"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    role: Mapped[FileRole] = mapped_column(default=FileRole.MAIN)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("stored_file.sha256"))
    name: Mapped[str] = mapped_column(sa.String(250))
    size: Mapped[int] = mapped_column(sa.BigInteger())
    replaced_at: Mapped[datetime | None]  # in a draft only: another file took its place

    revision: Mapped[Revision] = relationship(back_populates="all_files")

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "sha256": self.sha256}
