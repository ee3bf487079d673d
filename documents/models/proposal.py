"""What one proposes and one of the people seated decides: signed, or refused (D3, D8)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.errors import RuleBroken
from app.kernel.people import Capacity, Person, Role
from app.kernel.signatures import Meaning, Proof, Signature
from documents.models.package import SeatReason


class Place:
    """Somebody asked to decide, and why they."""

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[SeatReason] = mapped_column(default=SeatReason.POST)
    role: Mapped[Role | None]  # the post this seat comes with, which may be lent on its own (O2)

    @declared_attr
    @classmethod
    def person(cls) -> Mapped[Person]:
        return relationship()


class Proposal:
    """What a withdrawal and a disposal share: who proposed it, who decided, what was signed.

    The record says in which state it waits, and what a signature and a refusal make of it.
    """

    if TYPE_CHECKING:
        body_id: Mapped[int]
        state: Mapped[Any]
        seats: Mapped[Any]

        def content(self) -> dict[str, Any]: ...

    waits_as: ClassVar[Coded]
    signed_as: ClassVar[Coded]
    refused_as: ClassVar[Coded]

    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))

    @declared_attr
    @classmethod
    def proposed_by(cls) -> Mapped[Person]:
        return relationship(foreign_keys=[cls.proposed_by_id])

    @declared_attr
    @classmethod
    def decided_by(cls) -> Mapped[Person | None]:
        return relationship(foreign_keys=[cls.decided_by_id])

    @declared_attr
    @classmethod
    def signature(cls) -> Mapped[Signature | None]:
        return relationship()

    def decide_obstacle(self, person: Person, seat: Person | None = None) -> RuleBroken | None:
        """Say why this person (for that seat) cannot decide now; None when they can (D3)."""
        seat = seat or person
        if self.state is not self.waits_as:
            return RuleBroken(
                N_("%(name)s decided already: %(state)s."),
                name=self.decided_by.as_signed if self.decided_by is not None else "–",
                state=self.state,
            )
        if self.proposed_by_id in (person.id, seat.id):
            return RuleBroken(N_("Whoever proposed it does not decide on it."), rule="D3")
        if seat.id not in {place.person_id for place in self.seats}:
            return RuleBroken(N_("This waits for somebody else's decision."), rule="D3")
        return None

    def sign(
        self,
        person: Person,
        proof: Proof,
        *,
        at: datetime,
        seat: Person | None = None,
        capacity: Capacity = Capacity.OWN,
    ) -> Signature:
        """Agree with a signature over the whole of what is proposed (D8)."""
        if obstacle := self.decide_obstacle(person, seat):
            raise obstacle
        self.decided_by, self.decided_by_id, self.decided_at = person, person.id, at
        signature = proof.over(
            self.content(),
            body_id=self.body_id,
            meaning=Meaning.APPROVED,
            at=at,
            capacity=capacity,
            acting_for=seat if seat is not None and seat.id != person.id else None,
        )
        self.signature, self.state = signature, self.signed_as
        return signature

    def refuse(
        self, person: Person, reason: str, *, at: datetime, seat: Person | None = None
    ) -> None:
        """Refuse it with the reason its proposer reads; everything stays as it is (D8)."""
        if obstacle := self.decide_obstacle(person, seat):
            raise obstacle
        if not reason.strip():
            raise RuleBroken(N_("Refusing needs a reason."), rule="D8")
        self.decided_by, self.decided_by_id, self.decided_at = person, person.id, at
        self.decision_reason = reason.strip()
        self.state = self.refused_as
