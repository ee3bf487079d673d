"""Signatures by password over canonical content (a56; ISO 9001:2015, 7.5.2 c)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.people import Capacity, Person
from app.kernel.trail import Trailed, canonical


class Meaning(Coded):
    """What a signature says."""

    WROTE = "wrote", N_("wrote this")
    REVIEWED = "reviewed", N_("reviewed this and agrees")
    APPROVED = "approved", N_("approves this")
    RECEIVED = "received", N_("received this")
    VERIFIED = "verified", N_("verified this")


class Signature(Trailed, Record):
    """Who signed what, in which capacity, with which meaning, when, by which method."""

    __tablename__ = "signature"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    acting_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    capacity: Mapped[Capacity] = mapped_column(default=Capacity.OWN)
    meaning: Mapped[Meaning]
    signed_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(sa.String(40))
    content: Mapped[str] = mapped_column(sa.Text())
    content_sha256: Mapped[str] = mapped_column(sa.String(64))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    acting_for: Mapped[Person | None] = relationship(foreign_keys=[acting_for_id])

    def covers(self, content: dict[str, Any]) -> bool:
        """Say whether this signature was given over exactly this content."""
        return hashlib.sha256(canonical(content)).hexdigest() == self.content_sha256


@dataclass(frozen=True)
class Proof:
    """That a person has just proved who they are; made only by checking the password."""

    person_id: int
    method: str
    proved_at: datetime

    def over(
        self,
        content: dict[str, Any],
        *,
        body_id: int,
        meaning: Meaning,
        at: datetime,
        capacity: Capacity = Capacity.OWN,
        acting_for: Person | None = None,
    ) -> Signature:
        """Sign canonical content with a meaning."""
        text = canonical(content)
        return Signature(
            body_id=body_id,
            person_id=self.person_id,
            acting_for_id=acting_for.id if acting_for is not None else None,
            capacity=capacity,
            meaning=meaning,
            signed_at=at,
            method=self.method,
            content=text.decode("utf-8"),
            content_sha256=hashlib.sha256(text).hexdigest(),
        )
