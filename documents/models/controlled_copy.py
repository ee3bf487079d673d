"""Paper in people's hands: numbered copies, posted notices, rounds (7.5.3.2 c; a32, a33)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.trail import Trailed
from documents.models.document import Document
from documents.models.revision import Revision, RevisionState


class CopyKind(Coded):
    """What sort of paper it is."""

    COPY = "copy", N_("Controlled copy")
    NOTICE = "notice", N_("Posted notice")


class CopyState(Coded):
    """Where a copy stands; recall is said of paper, withdrawal of documents."""

    ISSUED = "issued", N_("Not handed over yet")
    HELD = "held", N_("In use")
    RECALLED = "recalled", N_("Recalled")
    RETURNED = "returned", N_("Given back")
    LOST = "lost", N_("Lost")
    DESTROYED = "destroyed", N_("Destroyed")


class CopyAnswer(Coded):
    """What a holder says of a copy in a round of reconciliation."""

    HERE = "here", N_("Still here")
    REPLACED = "replaced", N_("Replaced, the old one is destroyed")
    MISSING = "missing", N_("Missing")


OUT_STATES = (CopyState.ISSUED, CopyState.HELD, CopyState.RECALLED)
ENDINGS = (CopyState.RETURNED, CopyState.LOST, CopyState.DESTROYED)
PAST_STATES = (RevisionState.OBSOLETE, RevisionState.WITHDRAWN)
_OUT_SQL = "state IN ('issued', 'held', 'recalled')"


class ControlledCopy(Trailed, Record):
    """One numbered sheet or set of sheets of one revision: whose it is and where it is kept."""

    __tablename__ = "controlled_copy"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "number"),
        sa.CheckConstraint("number > 0", name="number_is_positive"),
        sa.CheckConstraint("place <> ''", name="has_place"),
        sa.CheckConstraint(
            "state <> 'held' OR handed_over_on IS NOT NULL", name="handing_over_is_dated"
        ),
        sa.CheckConstraint(
            f"{_OUT_SQL} OR (ended_on IS NOT NULL AND ended_by_id IS NOT NULL)",
            name="ending_is_dated",
        ),
        sa.CheckConstraint(
            "state NOT IN ('lost', 'destroyed') OR end_reason <> ''", name="loss_has_reason"
        ),
        sa.Index("ix_controlled_copy_of_body", "body_id", "state"),
        sa.Index("ix_controlled_copy_of_holder", "holder_id", "state"),
        sa.Index("ix_controlled_copy_of_revision", "revision_id", "state"),
        sa.Index("ix_controlled_copy_of_unit", "unit_id", "state"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    number: Mapped[int]
    kind: Mapped[CopyKind] = mapped_column(default=CopyKind.COPY)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    holder_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(sa.String(200))
    photo_sha256: Mapped[str | None] = mapped_column(sa.ForeignKey("stored_file.sha256"))
    photo_at: Mapped[datetime | None]
    state: Mapped[CopyState] = mapped_column(default=CopyState.ISSUED)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    handed_over_on: Mapped[date | None]
    replaces_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("controlled_copy.id"), unique=True
    )
    recalled_at: Mapped[datetime | None]
    recall_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    ended_on: Mapped[date | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    document: Mapped[Document] = relationship()
    revision: Mapped[Revision] = relationship()
    unit: Mapped[Unit] = relationship()
    holder: Mapped[Person] = relationship(foreign_keys=[holder_id])
    issued_by: Mapped[Person] = relationship(foreign_keys=[issued_by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])
    replaces: Mapped[ControlledCopy | None] = relationship(remote_side="ControlledCopy.id")

    @property
    def place_unit_id(self) -> int:
        """Authority over a copy is authority over the document's lead unit."""
        return self.document.lead_unit_id

    @property
    def label(self) -> str:
        """Give its number as it is stamped: 03."""
        return f"{self.number:02d}"

    @property
    def is_out(self) -> bool:
        """Say whether it is somewhere outside: nobody gave it back or saw it destroyed."""
        return self.state in OUT_STATES

    @property
    def is_to_come_back(self) -> bool:
        """Say whether it has to come back: asked for, or its revision is of the past (D5)."""
        return self.is_out and (
            self.state is CopyState.RECALLED or self.revision.state in PAST_STATES
        )

    def hand_over_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be handed over; None when it can."""
        if self.state is not CopyState.ISSUED:
            return RuleBroken(
                N_("Copy %(number)s is %(state)s; it can be handed over once only."),
                number=self.label,
                state=self.state,
            )
        return issue_obstacle(self.revision)

    def hand_over(self, *, on: date) -> None:
        """Note that its holder has it, or that it hangs where it was meant to."""
        if obstacle := self.hand_over_obstacle():
            raise obstacle
        self.handed_over_on = on
        self.state = CopyState.HELD

    def recall_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be asked back; None when it can."""
        if self.state in (CopyState.ISSUED, CopyState.HELD):
            return None
        return RuleBroken(
            N_("Copy %(number)s is %(state)s already."), number=self.label, state=self.state
        )

    def recall(self, reason: str, *, at: datetime) -> None:
        """Ask it back, with the reason its holder reads."""
        if obstacle := self.recall_obstacle():
            raise obstacle
        self.recalled_at, self.recall_reason = at, reason
        self.state = CopyState.RECALLED

    def end_obstacle(self) -> RuleBroken | None:
        """Say why nothing more can happen to it; None while it is out."""
        if self.is_out:
            return None
        return RuleBroken(
            N_("Copy %(number)s is %(state)s already, since %(day)s."),
            number=self.label,
            state=self.state,
            day=self.ended_on,
        )

    def end(self, how: CopyState, reason: str, person: Person, *, on: date) -> None:
        """Note that it came back, was lost or destroyed; the last two with what happened."""
        if obstacle := self.end_obstacle():
            raise obstacle
        self.ended_on, self.ended_by, self.ended_by_id = on, person, person.id
        self.end_reason = reason
        self.state = how

    def show(self, sha256: str, *, at: datetime) -> None:
        """Keep a photo of it where it hangs; a later one takes the place of the one before."""
        if obstacle := self.end_obstacle():
            raise obstacle
        self.photo_sha256, self.photo_at = sha256, at

    def told(self) -> dict[str, Any]:
        return {**self.revision.told(), "copy": self.label, "holder_id": self.holder_id}


class CopyRound(Trailed, Record):
    """One going round: every holder of a document's copies is asked whether theirs is there."""

    __tablename__ = "copy_round"
    __table_args__ = (
        sa.CheckConstraint("due_on >= begun_on", name="due_after_begin"),
        sa.Index(  # two at once would ask the same people twice
            "ix_copy_round_one_open",
            "document_id",
            unique=True,
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    begun_on: Mapped[date]
    begun_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    due_on: Mapped[date]
    closed_on: Mapped[date | None]
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    document: Mapped[Document] = relationship()
    begun_by: Mapped[Person] = relationship()
    questions: Mapped[list[CopyQuestion]] = relationship(
        back_populates="round", order_by="CopyQuestion.id"
    )

    @property
    def place_unit_id(self) -> int:
        """Authority over a round is authority over the document's lead unit."""
        return self.document.lead_unit_id

    @property
    def is_open(self) -> bool:
        """Say whether holders are still asked."""
        return self.closed_on is None

    @property
    def unanswered(self) -> list[CopyQuestion]:
        """Give what nobody answered, of copies that are still out."""
        return [one for one in self.questions if one.answer is None and one.copy.is_out]

    def close(self, *, on: date) -> None:
        """End it; who did not answer stays named."""
        if not self.is_open:
            raise RuleBroken(N_("This round is closed already."))
        self.closed_on = on

    def told(self) -> dict[str, Any]:
        return self.document.told()


class CopyQuestion(Record):
    """One copy in one round: asked of its holder, answered once."""

    __tablename__ = "copy_question"
    __table_args__ = (sa.UniqueConstraint("round_id", "copy_id"),)

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("copy_round.id"))
    copy_id: Mapped[int] = mapped_column(sa.ForeignKey("controlled_copy.id"), index=True)
    answer: Mapped[CopyAnswer | None]
    note: Mapped[str] = mapped_column(sa.Text(), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    round: Mapped[CopyRound] = relationship(back_populates="questions")
    copy: Mapped[ControlledCopy] = relationship()
    answered_by: Mapped[Person | None] = relationship()

    def answer_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be answered; None when it can."""
        if not self.round.is_open:
            return RuleBroken(N_("This round is closed already."))
        if self.answer is not None:
            return RuleBroken(
                N_("It was said of copy %(number)s already: %(answer)s."),
                number=self.copy.label,
                answer=self.answer,
            )
        return None

    def give(self, answer: CopyAnswer, note: str, person: Person, *, at: datetime) -> None:
        """Answer for one copy."""
        if obstacle := self.answer_obstacle():
            raise obstacle
        self.answer, self.note, self.answered_at = answer, note, at
        self.answered_by, self.answered_by_id = person, person.id


def issue_obstacle(revision: Revision, current: Revision | None = None) -> RuleBroken | None:
    """Say why no copy of a revision can be given out; None when it is the one in force (D6)."""
    if revision.state is RevisionState.EFFECTIVE:
        return None
    if current is not None:
        return RuleBroken(
            N_(
                "%(code)s %(edition)s is no longer in force, so no copy of it is given out. "
                "Issue a copy of %(current)s."
            ),
            rule="D6",
            code=revision.code,
            edition=revision.label,
            current=current.label,
        )
    return RuleBroken(
        N_("%(code)s %(edition)s is not in force, so no copy of it is given out."),
        rule="D6",
        code=revision.code,
        edition=revision.label,
    )
