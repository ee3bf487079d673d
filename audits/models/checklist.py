"""What is asked in an audit, and the templates that say what usually is (9.2.2 b; b16-b18, L5)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Unit, UnitKind
from app.kernel.people import Person
from app.kernel.trail import Trailed
from audits.models.audit import Audit, AuditState
from audits.models.criteria import Clause
from documents.models import Document, Revision

if TYPE_CHECKING:
    from audits.models.answer import Answer, AnswerEvidence

MOST_QUESTIONS = 600
MOST_DRAWN = 500
BEFORE_REPORT = (
    AuditState.PLANNED,
    AuditState.ANNOUNCED,
    AuditState.UNDER_WAY,
    AuditState.POSTPONED,
)


class ChecklistState(Coded):
    """Where a checklist stands."""

    DRAFT = "draft", N_("Being prepared")
    READY = "ready", N_("Ready")


class QuestionSource(Coded):
    """Where a question comes from."""

    TEMPLATE = "template", N_("Template")
    CLAUSE = "clause", N_("Clause")
    STEP = "step", N_("Step of the procedure")
    OWN = "own", N_("Added by hand")


class SampleMethod(Coded):
    """How a sample is drawn."""

    RANDOM = "random", N_("At random")
    SYSTEMATIC = "systematic", N_("Every so many")
    JUDGEMENT = "judgement", N_("Chosen by the auditor")


class ChecklistTemplate(Trailed, Record):
    """What is usually asked of units of one kind; where a body has none, that of the product.

    `lines` are questions in their order: section, clause, text, weight, how, auditee.
    """

    __tablename__ = "checklist_template"
    __table_args__ = (sa.UniqueConstraint("body_id", "unit_kind"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    unit_kind: Mapped[UnitKind]
    lines: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"questions": [...]}
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Give the lines in their order."""
        return list(self.lines.get("questions", []))

    def told(self) -> dict[str, Any]:
        return {"unit_kind": self.unit_kind}


class Checklist(Trailed, Record):
    """The questions of one audit; at first prepared, then ready to be asked."""

    __tablename__ = "checklist"
    __table_args__ = (CheckConstraint("state <> 'ready' OR ready_at IS NOT NULL", name="dated"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    audit_id: Mapped[int] = mapped_column(sa.ForeignKey("audit.id"), unique=True)
    state: Mapped[ChecklistState] = mapped_column(default=ChecklistState.DRAFT)
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("checklist.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    ready_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    audit: Mapped[Audit] = relationship()
    copied_from: Mapped[Checklist | None] = relationship(remote_side="Checklist.id")
    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])
    ready_by: Mapped[Person | None] = relationship(foreign_keys=[ready_by_id])
    every_question: Mapped[list[Question]] = relationship(
        back_populates="checklist", order_by="Question.position, Question.id"
    )
    samples: Mapped[list[Sample]] = relationship(back_populates="checklist", order_by="Sample.id")

    @property
    def questions(self) -> list[Question]:
        """Give the questions that are asked, in their order; those left out are not among them."""
        return [one for one in self.every_question if one.left_out_at is None]

    def change_obstacle(self) -> RuleBroken | None:
        """Say why its questions cannot change; None until the fieldwork has ended."""
        if self.audit.state in BEFORE_REPORT:
            return None
        return RuleBroken(
            N_("The fieldwork of %(number)s has ended; its questions stay as they were asked."),
            number=self.audit.number,
        )

    def ready_obstacle(self) -> RuleBroken | None:
        """Say why it cannot be called ready; None when it can."""
        if obstacle := self.change_obstacle():
            return obstacle
        if self.state is ChecklistState.READY:
            return RuleBroken(N_("The checklist is ready already."))
        if not self.questions:
            return RuleBroken(N_("There is no question in the checklist yet."))
        return None

    def make_ready(self, person: Person, *, at: datetime) -> None:
        """Be ready to be asked."""
        if obstacle := self.ready_obstacle():
            raise obstacle
        self.ready_at, self.ready_by_id = at, person.id
        self.state = ChecklistState.READY

    def told(self) -> dict[str, Any]:
        return {"number": self.audit.number}


class Question(Trailed, Record):
    """One line of a checklist, with the clause and the very step it was made from (L5).

    What is no longer asked is left out, never deleted. With a parent it is asked only after one
    of the grades in `shown_when`. `is_for_auditee` makes it a line of the unit's own.
    """

    __tablename__ = "question"
    __table_args__ = (
        sa.Index("ix_question_of_checklist", "checklist_id", "position", "id"),
        CheckConstraint("weight BETWEEN 0 AND 10", name="weight_in_range"),
        CheckConstraint("text <> ''", name="says_something"),
        CheckConstraint("(revision_id IS NULL) = (step_sha256 = '')", name="step_is_whole"),
    )
    derived = frozenset({"step_text", "step_sha256", "step_anchor"})  # they follow the revision

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    checklist_id: Mapped[int] = mapped_column(sa.ForeignKey("checklist.id"))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(sa.String(200), default="")
    clause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text())
    how: Mapped[str] = mapped_column(sa.Text(), default="")
    weight: Mapped[int] = mapped_column(default=1)
    source: Mapped[QuestionSource]
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    step_anchor: Mapped[str] = mapped_column(sa.String(200), default="")
    step_text: Mapped[str] = mapped_column(sa.Text(), default="")
    step_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("question.id"), index=True)
    shown_when: Mapped[list[str]] = mapped_column(default=list)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    is_for_auditee: Mapped[bool] = mapped_column(default=False)
    earlier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("question.id"), index=True)
    left_out_at: Mapped[datetime | None]
    left_out_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    checklist: Mapped[Checklist] = relationship(back_populates="every_question")
    clause: Mapped[Clause | None] = relationship()
    document: Mapped[Document | None] = relationship()
    revision: Mapped[Revision | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    parent: Mapped[Question | None] = relationship(
        remote_side="Question.id", foreign_keys=[parent_id]
    )
    earlier: Mapped[Question | None] = relationship(
        remote_side="Question.id", foreign_keys=[earlier_id]
    )
    answers: Mapped[list[Answer]] = relationship(back_populates="question", order_by="Answer.id")
    every_evidence: Mapped[list[AnswerEvidence]] = relationship(
        back_populates="question", order_by="AnswerEvidence.id"
    )

    @property
    def short(self) -> str:
        """Give its first words, by which the trail names it."""
        return self.text if len(self.text) <= 80 else self.text[:79].rstrip() + "…"

    def leave_out(self, reason: str, *, at: datetime) -> None:
        """Be asked no more, with the reason; what was answered stays with it."""
        if self.left_out_at is not None:
            raise RuleBroken(N_("This question is left out already."))
        self.left_out_at, self.left_out_reason = at, reason

    def take_back_in(self) -> None:
        """Be asked again."""
        self.left_out_at, self.left_out_reason = None, ""

    def told(self) -> dict[str, Any]:
        return {"number": self.checklist.audit.number, "question": self.short}


class Sample(Trailed, Record):
    """What was drawn to be looked at: with the same seed another auditor draws the same (L22)."""

    __tablename__ = "sample"
    __table_args__ = (
        CheckConstraint("size > 0 AND size <= population", name="size_in_range"),
        CheckConstraint("about <> ''", name="says_of_what"),
    )

    # the items may be files of citizens: the trail says that they were drawn, not which (T4)
    untold = frozenset({"listed", "drawn"})

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    checklist_id: Mapped[int] = mapped_column(sa.ForeignKey("checklist.id"), index=True)
    question_id: Mapped[int | None] = mapped_column(sa.ForeignKey("question.id"), index=True)
    about: Mapped[str] = mapped_column(sa.String(300))
    population: Mapped[int]
    method: Mapped[SampleMethod]
    size: Mapped[int]
    seed: Mapped[str] = mapped_column(sa.String(40), default="")
    listed: Mapped[list[str]] = mapped_column(default=list)  # the population by name, where typed
    drawn: Mapped[list[str]] = mapped_column(default=list)
    drawn_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    drawn_at: Mapped[datetime]

    checklist: Mapped[Checklist] = relationship(back_populates="samples")
    question: Mapped[Question | None] = relationship()
    drawn_by: Mapped[Person] = relationship()

    def told(self) -> dict[str, Any]:
        return {"number": self.checklist.audit.number, "about": self.about}
