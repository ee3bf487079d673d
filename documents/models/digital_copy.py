"""The digital copy of a revision: stamped, sealed, signed outside; never rewritten (L19, D2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.files import NAMES_FILE
from app.kernel.people import Person
from documents.models.revision import Revision


class DigitalKind(Coded):
    """What the newest bytes of a digital copy added to those before them."""

    STAMPED = "stamped", N_("prepared for signing")
    SEALED = "sealed", N_("sealed by the body")
    SIGNED = "signed", N_("signed by an official")


class DigitalCopy(Record):
    """One state of the bytes; each begins with all bytes of the one before.

    `source_sha256` is the original that approval signed: the copy is evidence beside it, never it.
    """

    __tablename__ = "digital_copy"
    __table_args__ = (sa.UniqueConstraint("revision_id", "number"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    number: Mapped[int]
    kind: Mapped[DigitalKind]
    source_sha256: Mapped[str] = mapped_column(sa.String(64))
    sha256: Mapped[str] = mapped_column(sa.String(64), info={NAMES_FILE: True})
    size: Mapped[int] = mapped_column(sa.BigInteger())
    made_at: Mapped[datetime]
    brought_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    found: Mapped[dict[str, Any]]  # the signatures as they were checked when it was kept
    timestamp_problem: Mapped[str] = mapped_column(sa.String(200), default="")

    revision: Mapped[Revision] = relationship()
    brought_by: Mapped[Person | None] = relationship()

    @property
    def signatures(self) -> list[dict[str, Any]]:
        """Give the signatures as they were found when the copy was kept."""
        return list(self.found.get("signatures", ()))


class SealTry(Record):
    """How often sealing a revision was tried in vain, and why."""

    __tablename__ = "seal_try"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(sa.String(300), default="")
