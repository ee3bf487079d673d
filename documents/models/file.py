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
