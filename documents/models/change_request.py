"""Requests to change documents, from anyone, to their end (ISO 9001:2015, 7.5.3, 6.3; a42-a45)."""

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
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.external_document import ExternalDocument
from documents.models.revision import OPEN_STATES, Revision, RevisionState
from documents.models.withdrawal import Withdrawal


class ChangeState(Coded):
    """Where a change request stands; the names people see are these."""

    OPEN = "open", N_("New")
    ACCEPTED = "accepted", N_("Accepted")
    ANSWERED = "answered", N_("Answered by a revision")
    CLOSED = "closed", N_("Closed")
    REJECTED = "rejected", N_("Not accepted")
    PARKED = "parked", N_("For the next revision")


class ChangeSource(Coded):
    """What made somebody ask."""

    WORK = "work", N_("Daily work")
    LAW = "law", N_("A law or standard changed")
    DOCUMENT = "document", N_("Another document changed")
    FEEDBACK = "feedback", N_("Opinion of citizens or organisations")
    AUDIT = "audit", N_("Audit or inspection")
    REVIEW = "review", N_("Periodic review")


UNDECIDED = (ChangeState.OPEN, ChangeState.PARKED)
WAITING = (ChangeState.OPEN, ChangeState.ACCEPTED, ChangeState.PARKED, ChangeState.ANSWERED)


class ChangeRequest(Trailed, Record):
    """One reason to change one document or several; numbered per body and year."""

    __tablename__ = "change_request"
    __table_args__ = (
        sa.UniqueConstraint("body_id", "number"),
        sa.Index("ix_change_request_by_state", "body_id", "state", "id"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint(
            "state NOT IN ('accepted', 'answered', 'closed')"
            " OR (decided_at IS NOT NULL AND due_on IS NOT NULL)",
            name="acceptance_has_date",
        ),
        CheckConstraint(
            "state NOT IN ('rejected', 'parked')"
            " OR (decided_at IS NOT NULL AND decision_reason <> '')",
            name="refusal_has_reason",
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    number: Mapped[str] = mapped_column(sa.String(40))
    source: Mapped[ChangeSource]
    reason: Mapped[str] = mapped_column(sa.Text())
    impact: Mapped[str] = mapped_column(sa.Text(), default="")
    external_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("external_document.id"), index=True
    )
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    decided_for: Mapped[Person | None] = relationship(foreign_keys=[decided_for_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    external: Mapped[ExternalDocument | None] = relationship()
    items: Mapped[list[ChangeItem]] = relationship(
        back_populates="request", order_by="ChangeItem.id"
    )

    @property
    def codes(self) -> str:
        """Give the codes of the documents it is about, as one reads them."""
        return ", ".join(item.document.code or item.document.title for item in self.items)

    @property
    def is_waiting(self) -> bool:
        """Say whether something is still to happen."""
        return self.state in WAITING

    def decide_obstacle(self) -> RuleBroken | None:
        """Say why nobody can decide on it any more; None while somebody can."""
        if self.state in UNDECIDED:
            return None
        return RuleBroken(
            N_("%(name)s decided on %(number)s already: %(state)s."),
            name=self.decided_by.as_signed if self.decided_by is not None else "–",
            number=self.number,
            state=self.state,
        )

    def _decide(self, person: Person, reason: str, *, at: datetime) -> None:
        if obstacle := self.decide_obstacle():
            raise obstacle
        self.decided_by, self.decided_by_id, self.decided_at = person, person.id, at
        self.decision_reason = reason.strip()

    def act_for(self, person: Person | None) -> None:
        """Name for whom the decision was made, where a deputy made it (O2)."""
        self.decided_for, self.decided_for_id = person, person.id if person is not None else None

    def accept(
        self, person: Person, reason: str, owner: Person, due: date, *, at: datetime
    ) -> None:
        """Accept it: somebody answers for the change by a day."""
        self._decide(person, reason, at=at)
        self.owner, self.owner_id, self.due_on = owner, owner.id, due
        self.state = ChangeState.ACCEPTED
        self.settle(at=at)

    def reject(self, person: Person, reason: str, *, at: datetime) -> None:
        """Decline it, with the reason its asker reads."""
        self._decide(person, _needed(reason), at=at)
        self.state = ChangeState.REJECTED

    def park(self, person: Person, reason: str, *, at: datetime) -> None:
        """Keep a minor one for the next revision, which is offered it when drafted (a43)."""
        if self.state is ChangeState.PARKED:
            raise RuleBroken(N_("It is kept for the next revision already."))
        self._decide(person, _needed(reason), at=at)
        self.state = ChangeState.PARKED

    def take_up_obstacle(self, revision: Revision) -> RuleBroken | None:
        """Say why a revision cannot answer it; None when it can."""
        item = self.item_for(revision.document_id)
        if item is None or self.state not in WAITING:
            return RuleBroken(
                N_("%(number)s does not wait for a change of %(code)s."),
                number=self.number,
                code=revision.code,
            )
        if revision.state not in OPEN_STATES:
            return RuleBroken(
                N_("This revision is %(state)s; a change is answered by one on its way."),
                state=revision.state,
            )
        if item.is_settled or item.revision_id is not None:
            return RuleBroken(
                N_("%(number)s is answered for %(code)s already."),
                number=self.number,
                code=revision.code,
            )
        return None

    def item_for(self, document_id: int) -> ChangeItem | None:
        """Give what it says of one document."""
        return next((item for item in self.items if item.document_id == document_id), None)

    def take_up(self, revision: Revision, person: Person, due: date, *, at: datetime) -> None:
        """Let a revision on its way answer it; one not decided yet is accepted by that."""
        if obstacle := self.take_up_obstacle(revision):
            raise obstacle
        item = self.item_for(revision.document_id)
        if item is not None:
            item.revision, item.revision_id = revision, revision.id
        if self.state in UNDECIDED:
            self.decided_by, self.decided_by_id, self.decided_at = person, person.id, at
            self.owner, self.owner_id, self.due_on = person, person.id, due
            self.state = ChangeState.ACCEPTED
        self.settle(at=at)

    def let_go(self, revision: Revision, *, at: datetime) -> None:
        """Wait again: the revision that was to answer it will not."""
        for item in self.items:
            if item.revision_id == revision.id and not item.is_settled:
                item.revision, item.revision_id = None, None
        self.settle(at=at)

    def leave(self, item: ChangeItem, reason: str, *, at: datetime) -> None:
        """Say of one document that it needs no change after all."""
        if self.state not in (ChangeState.ACCEPTED, ChangeState.ANSWERED) or item.is_settled:
            raise RuleBroken(N_("There is nothing left to do here for %(number)s."),
                             number=self.number)  # fmt: skip
        item.left_reason, item.settled_at = _needed(reason), at
        self.settle(at=at)

    def end_with(self, withdrawal: Withdrawal, *, at: datetime) -> ChangeItem | None:
        """Need nothing for a document that is withdrawn; closed when nothing is left (D8).

        Where nobody decided on it yet, whoever decided on the withdrawal has: the day is that day.
        """
        item = self.item_for(withdrawal.document_id)
        if self.state not in WAITING or item is None or item.is_settled:
            return None
        item.left_reason, item.settled_at = withdrawal.reason, at
        item.withdrawal, item.withdrawal_id = withdrawal, withdrawal.id
        item.revision, item.revision_id = None, None
        if self.state in UNDECIDED and all(one.is_settled for one in self.items):
            self.decided_by, self.decided_by_id = withdrawal.decided_by, withdrawal.decided_by_id
            self.decided_at, self.due_on = withdrawal.decided_at, withdrawal.withdraw_on
            self.decision_reason = withdrawal.reason
            self.state = ChangeState.ACCEPTED
        self.settle(at=at)
        return item

    def settle(self, *, at: datetime) -> None:
        """Come to the state that follows from its documents; closed when all have changed."""
        if self.state not in (ChangeState.ACCEPTED, ChangeState.ANSWERED):
            return
        if all(item.is_settled for item in self.items):
            self.state, self.closed_at = ChangeState.CLOSED, at
        elif all(item.is_settled or item.revision_id is not None for item in self.items):
            self.state = ChangeState.ANSWERED
        else:
            self.state = ChangeState.ACCEPTED

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "codes": self.codes}


class ChangeItem(Record):
    """One document a request is about, and the revision that answers it there."""

    __tablename__ = "change_item"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "document_id"),
        sa.Index("ix_change_item_document", "document_id", "request_id"),
    )

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("change_request.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    passage: Mapped[str] = mapped_column(sa.Text(), default="")
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    settled_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    withdrawal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("withdrawal.id"), index=True)

    request: Mapped[ChangeRequest] = relationship(back_populates="items")
    document: Mapped[Document] = relationship()
    revision: Mapped[Revision | None] = relationship()
    withdrawal: Mapped[Withdrawal | None] = relationship()  # which left nothing to change

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is left to do for this document."""
        return self.settled_at is not None

    def come_into_force(self, *, at: datetime) -> None:
        """Note that the revision which answers it is the one in force."""
        if self.revision is not None and self.revision.state is RevisionState.EFFECTIVE:
            self.settled_at = at


def _needed(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise RuleBroken(N_("Give the reason; whoever asked reads it."))
    return reason
