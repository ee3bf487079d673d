"""Taking a document out of force: proposed, approved, signed (ISO 9001:2015, 7.5.3.2; D8, a28)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.people import Person
from app.kernel.signatures import Meaning
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.proposal import Place, Proposal
from documents.models.revision import Revision


class WithdrawalState(Coded):
    """Where a proposal to withdraw stands."""

    PROPOSED = "proposed", N_("Withdrawal proposed")
    AGREED = "agreed", N_("Withdrawal approved")
    CARRIED_OUT = "carried_out", N_("Withdrawal carried out")
    REFUSED = "refused", N_("Withdrawal refused")
    GIVEN_UP = "given_up", N_("Withdrawal given up")


PENDING = (WithdrawalState.PROPOSED, WithdrawalState.AGREED)
_PENDING_SQL = sa.text("state IN ('proposed', 'agreed')")


class Withdrawal(Proposal, Trailed, Record):
    """One proposal to withdraw the revision in force of a document, and what became of it."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint(
            "state NOT IN ('agreed', 'carried_out') OR signature_id IS NOT NULL",
            name="approval_is_signed",
        ),
        CheckConstraint("state <> 'refused' OR decision_reason <> ''", name="refusal_has_reason"),
        sa.Index(  # one proposal at a time, said by the database itself
            "ix_withdrawal_one_pending",
            "document_id",
            unique=True,
            sqlite_where=_PENDING_SQL,
            postgresql_where=_PENDING_SQL,
        ),
        sa.Index("ix_withdrawal_due", "body_id", "state", "withdraw_on"),
    )
    waits_as = WithdrawalState.PROPOSED
    signed_as = WithdrawalState.AGREED
    refused_as = WithdrawalState.REFUSED

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    reason: Mapped[str] = mapped_column(sa.Text())
    withdraw_on: Mapped[date]
    due_on: Mapped[date]  # by when an answer is asked for
    state: Mapped[WithdrawalState] = mapped_column(default=WithdrawalState.PROPOSED)
    closed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    replaced_by: Mapped[Document | None] = relationship(foreign_keys=[replaced_by_id])
    revision: Mapped[Revision] = relationship()
    seats: Mapped[list[WithdrawalSeat]] = relationship(
        back_populates="withdrawal", order_by="WithdrawalSeat.id"
    )

    @property
    def place_unit_id(self) -> int:
        """Authority over a withdrawal is authority over its document's lead unit."""
        return self.document.lead_unit_id

    @property
    def is_pending(self) -> bool:
        """Say whether something is still to happen."""
        return self.state in PENDING

    def content(self) -> dict[str, Any]:
        """Give what is signed: which revision goes, why, from when, in favour of what."""
        return {
            "withdraws": self.revision.content(),
            "reason": self.reason,
            "withdraw_on": self.withdraw_on.isoformat(),
            "replaced_by": self.replaced_by.code if self.replaced_by is not None else None,
            "meaning": str(Meaning.APPROVED),
        }

    def refuse(
        self, person: Person, reason: str, *, at: datetime, seat: Person | None = None
    ) -> None:
        """Refuse it with the reason its proposer reads; it is closed by that (D8)."""
        super().refuse(person, reason, at=at, seat=seat)
        self.closed_at = at

    def give_up(self, reason: str, *, at: datetime) -> None:
        """Let the proposal go before its day."""
        if not self.is_pending:
            raise RuleBroken(
                N_("This proposal is closed: %(state)s. Nothing can be changed any more."),
                state=self.state,
            )
        self.decision_reason = reason.strip()
        self.state, self.closed_at = WithdrawalState.GIVEN_UP, at

    def carry_out(self, *, at: datetime) -> None:
        """Be done: the revision is withdrawn in the same transaction."""
        self.state, self.closed_at = WithdrawalState.CARRIED_OUT, at

    def told(self) -> dict[str, Any]:
        return {"code": self.document.code or "", "edition": self.revision.label}


class WithdrawalSeat(Place, Record):
    """Somebody asked to decide, and why they."""

    __tablename__ = "withdrawal_seat"
    __table_args__ = (sa.UniqueConstraint("withdrawal_id", "person_id"),)

    withdrawal_id: Mapped[int] = mapped_column(sa.ForeignKey("withdrawal.id"))

    withdrawal: Mapped[Withdrawal] = relationship(back_populates="seats")
