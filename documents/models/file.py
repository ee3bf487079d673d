"""What was read from a stored file and what was made of it, kept so that no page reopens it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Record
from app.kernel.files import NAMES_FILE


class FileReading(Record):
    """The ordered blocks one version of the reader found in a file."""

    __tablename__ = "file_reading"
    __table_args__ = (sa.UniqueConstraint("sha256", "reader"),)

    sha256: Mapped[str] = mapped_column(sa.String(64))
    reader: Mapped[str] = mapped_column(sa.String(40))
    content: Mapped[str] = mapped_column(sa.Text())
    read_at: Mapped[datetime]


_OPEN = "sha256 IS NULL OR method = 'text'"


class FileRecognition(Record):
    """What Tesseract saw on the pages of a scan, one after the other: never the original (a54).

    `pages` is how many the file has, `wanted` how many will be looked at, `texts` those that
    were. `said` is what the words seem to say; while `ended_at` is empty, more is to be done.
    """

    __tablename__ = "file_recognition"
    __table_args__ = (
        sa.Index(  # the few scans that are still to be recognised
            "ix_file_recognition_open",
            "id",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    source_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    pages: Mapped[int] = mapped_column(default=0)
    wanted: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(sa.String(40), default="")  # a word of recognising.WHY
    texts: Mapped[list[str]] = mapped_column(default=list)
    said: Mapped[str] = mapped_column(sa.Text(), default="")

    @property
    def has_words(self) -> bool:
        """Say whether every page that will be looked at was, and people may read the words."""
        return self.ended_at is not None and not self.failed

    def ask_again(self) -> None:
        """Let the jobs try once more; pages that were recognised stay."""
        self.failed, self.ended_at, self.tries, self.problem = False, None, 0, ""

    @property
    def is_cut(self) -> bool:
        """Say whether the file has more pages than are looked at."""
        return self.pages > self.wanted


class FileRendition(Record):
    """The unstamped PDF made of a file: by LibreOffice, from its text, or the file itself.

    A row without a PDF and without a try says that one is wanted (documents/models/following.py).
    """

    __tablename__ = "file_rendition"
    __table_args__ = (
        sa.Index(  # the few whose PDF is still to be made, or to be made better
            "ix_file_rendition_open",
            "id",
            sqlite_where=sa.text(_OPEN),
            postgresql_where=sa.text(_OPEN),
        ),
    )

    source_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sha256: Mapped[str | None] = mapped_column(sa.String(64), info={NAMES_FILE: True})
    method: Mapped[str] = mapped_column(sa.String(20))
    pages: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=1)
