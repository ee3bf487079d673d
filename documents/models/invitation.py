"""Somebody asked to read a revision on its way and to suggest, from outside its route (a18, O4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.document import Confidentiality

if TYPE_CHECKING:
    from documents.models.package import Package


class Invitation(Trailed, Record):
    """A person may read what goes together and comment on it until a day; they decide nothing.

    Of another body they see only that, and only while it is on its way.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("reason <> ''", name="has_reason"),
        sa.Index(
            "ix_invitation_one_open",
            "package_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    package_id: Mapped[int] = mapped_column(sa.ForeignKey("package.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text())
    invited_at: Mapped[datetime]
    until_on: Mapped[date]
    ended_at: Mapped[datetime | None]

    package: Mapped[Package] = relationship(back_populates="invitations")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    invited_by: Mapped[Person] = relationship(foreign_keys=[invited_by_id])

    @property
    def place_unit_id(self) -> int:
        return self.package.place_unit_id

    def holds(self, on: date) -> bool:
        """Say whether it lets somebody in on a day; `until_on` is its last."""
        return self.ended_at is None and on <= self.until_on

    def end(self, *, at: datetime) -> None:
        """End it before its last day."""
        if self.ended_at is not None:
            raise RuleBroken(N_("This invitation has ended already."))
        self.ended_at = at

    def told(self) -> dict[str, Any]:
        return {**self.package.told(), "person_id": self.person_id}


def invitation_obstacle(package: Package, person: Person) -> RuleBroken | None:
    """Say why this person cannot be invited to a package; None when they can (D3, D14)."""
    lead = package.lead
    if lead.submitted_at is None or not lead.is_open:
        return RuleBroken(
            N_("Others are invited while a revision is on its way: submit it first."), rule="D14"
        )
    if person.id in {author.id for author in package.authors}:
        return RuleBroken(N_("%(name)s wrote it and reads it anyway."), name=person.name)
    if person.id in {seat.person_id for step in package.steps for seat in step.seats}:
        return RuleBroken(N_("%(name)s sits on its route and reads it anyway."), name=person.name)
    for revision in package.revisions:
        document = revision.document
        if document.confidentiality is Confidentiality.NAMED and person.id not in {
            reader.person_id for reader in document.readers
        }:
            return RuleBroken(
                N_(
                    "%(code)s is for named people only. Put %(name)s among its readers first, "
                    "if they may know of it."
                ),
                code=revision.code,
                name=person.name,
            )
    return None
