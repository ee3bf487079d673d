"""An import of a body's own list and files, and the history that came with it (a53)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.files import NAMES_FILE
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.package import Package
from documents.models.revision import Revision

LONGEST_PATH = 500


class ImportState(Coded):
    """Where an import stands."""

    READING = "reading", N_("Reading the files")
    READY = "ready", N_("Ready to import")
    RUNNING = "running", N_("Importing")
    CANCELLED = "cancelled", N_("Stopped")
    DONE = "done", N_("Imported")


class ImportBatch(Trailed, Record):
    """One list and one folder that a body brings; it may be stopped and taken up again."""

    __tablename__ = "import_batch"
    __table_args__ = (sa.Index("ix_import_batch_body_id_state", "body_id", "state"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    started_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[ImportState] = mapped_column(default=ImportState.READING)
    name: Mapped[str] = mapped_column(sa.String(250))  # of the list
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)  # of the list
    sheets: Mapped[str] = mapped_column(sa.Text(), default="", deferred=True)
    began_on: Mapped[date]  # the day inherited reviews are counted from
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}
    untold = frozenset({"sheets"})

    body: Mapped[Body] = relationship()
    started_by: Mapped[Person | None] = relationship()

    @property
    def is_at_work(self) -> bool:
        """Say whether a job still reads or imports."""
        return self.state in (ImportState.READING, ImportState.RUNNING)

    def be_read(self) -> None:
        """Stand ready: every file was looked at."""
        if self.state is ImportState.READING:
            self.state = ImportState.READY

    def read_again(self) -> None:
        """Look at files that came later."""
        if obstacle := self.change_obstacle():
            raise obstacle
        self.state = ImportState.READING

    def change_obstacle(self) -> RuleBroken | None:
        """Say why rows cannot be decided now; None when they can."""
        if self.state is ImportState.RUNNING:
            return RuleBroken(N_("This import is running. Stop it first, then change its rows."))
        return None

    def start(self) -> None:
        """Begin to import, or take it up again where it stopped."""
        if self.state in (ImportState.READING, ImportState.RUNNING):
            raise RuleBroken(
                N_("This import is %(state)s already. Wait until it is done."), state=self.state
            )
        self.state, self.ended_at = ImportState.RUNNING, None

    def cancel(self, *, at: datetime) -> None:
        """Stop after the document being imported; what is in stays in."""
        if not self.is_at_work:
            raise RuleBroken(N_("This import is not running: there is nothing to stop."))
        self.state, self.ended_at = ImportState.CANCELLED, at

    def finish(self, *, at: datetime) -> None:
        """Be done with all that could be imported."""
        self.state, self.ended_at = ImportState.DONE, at

    def told(self) -> dict[str, Any]:
        return {"name": self.name}


class ImportFile(Record):
    """A file of the folder, kept in the store, with what was found in it."""

    __tablename__ = "import_file"
    __table_args__ = (sa.UniqueConstraint("batch_id", "path"),)

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"))
    path: Mapped[str] = mapped_column(sa.String(LONGEST_PATH))
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    kept_sha256: Mapped[str | None] = mapped_column(sa.String(64), info={NAMES_FILE: True})
    size: Mapped[int] = mapped_column(sa.BigInteger())
    found: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )  # None: not looked at yet
    reading: Mapped[str] = mapped_column(sa.Text(), default="", deferred=True)
    converted_sha256: Mapped[str | None] = mapped_column(sa.String(64), info={NAMES_FILE: True})


class ImportItem(Record):
    """What was decided about one row or file, and the document it became."""

    __tablename__ = "import_item"
    __table_args__ = (sa.UniqueConstraint("batch_id", "key"),)

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"))
    key: Mapped[str] = mapped_column(sa.String(LONGEST_PATH + 20))
    choice: Mapped[dict[str, Any]] = mapped_column(sa.JSON(), default=dict)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    done_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(sa.Text(), default="")

    document: Mapped[Document | None] = relationship()


class ImportedHistory(Trailed, Record):
    """What list and file say of a revision made before this system: history, no signatures here."""

    __tablename__ = "imported_history"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), unique=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), index=True)
    sheet: Mapped[str] = mapped_column(sa.String(100), default="")
    row_number: Mapped[int | None]
    path: Mapped[str] = mapped_column(sa.String(LONGEST_PATH), default="")
    code_as_written: Mapped[str] = mapped_column(sa.String(200), default="")
    former_code: Mapped[str] = mapped_column(sa.String(200), default="")
    title_as_written: Mapped[str] = mapped_column(sa.Text(), default="")
    unit_as_written: Mapped[str] = mapped_column(sa.Text(), default="")
    state_as_written: Mapped[str] = mapped_column(sa.Text(), default="")
    note: Mapped[str] = mapped_column(sa.Text(), default="")
    approved_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    author_name: Mapped[str] = mapped_column(sa.String(250), default="")
    reviewer_name: Mapped[str] = mapped_column(sa.String(250), default="")
    approver_name: Mapped[str] = mapped_column(sa.String(250), default="")
    encoding: Mapped[str] = mapped_column(sa.String(20), default="")
    on_paper: Mapped[bool] = mapped_column(default=False)
    converted: Mapped[bool] = mapped_column(default=False)
    content_sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # of an awaiting package
    untold = frozenset({"author_name", "reviewer_name", "approver_name", "note"})

    revision: Mapped[Revision] = relationship()

    def covers(self, package: Package) -> bool:
        """Say whether the approval on paper is for the present content of a package (D4)."""
        return bool(self.content_sha256) and self.content_sha256 == package.content_sha256()

    def told(self) -> dict[str, Any]:
        return {"code": self.code_as_written}
