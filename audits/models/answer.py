"""What was answered to a question, and by what evidence (9.2.2, ISO 19011 6.4; b22, b25, A7).

While somebody writes, their words are a draft that leaves no fact. Leaving the question turns it
into an answer: from then on every change is told.
"""

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
from audits.models.checklist import Question
from documents.models import Revision


class Grade(Coded):
    """What an auditor concludes; the grades of answers and of findings are the same seven."""

    CONFORMS = "conforms", N_("Conforms")
    MAJOR = "major", N_("Major nonconformity")
    MINOR = "minor", N_("Minor nonconformity")
    OBSERVATION = "observation", N_("Observation")
    OPPORTUNITY = "opportunity", N_("Opportunity for improvement")
    STRENGTH = "strength", N_("Strength")
    NOT_APPLICABLE = "not_applicable", N_("Not applicable")


NONCONFORMING = (Grade.MAJOR, Grade.MINOR)
WORTH_REPORTING = (*NONCONFORMING, Grade.OBSERVATION, Grade.OPPORTUNITY, Grade.STRENGTH)


class AnswerPart(Coded):
    """As what somebody answers."""

    AUDITOR = "auditor", N_("Auditor")
    AUDITEE = "auditee", N_("Audited unit")


class EvidenceKind(Coded):
    """What sort of evidence it is."""

    PHOTO = "photo", N_("Photo")
    FILE = "file", N_("File")
    RECORD = "record", N_("Number of a record")
    POSTED_PAGE = "posted_page", N_("Posted page")


class AnswerDraft(Record):
    """What somebody is writing to a question: no fact yet, kept until the question is left."""

    __tablename__ = "answer_draft"
    __table_args__ = (sa.UniqueConstraint("question_id", "author_id"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    uid: Mapped[str] = mapped_column(sa.String(36), unique=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    part: Mapped[AnswerPart]
    grade: Mapped[Grade | None]
    notes: Mapped[str] = mapped_column(sa.Text(), default="")
    people_met: Mapped[str] = mapped_column(sa.Text(), default="")
    seen_on: Mapped[date | None]
    base: Mapped[int] = mapped_column(default=0)  # the version of the answer it goes on from
    saved_at: Mapped[datetime]

    question: Mapped[Question] = relationship()
    author: Mapped[Person] = relationship()


class Answer(Trailed, Record):
    """What one person recorded of one question; several may answer, the lead says which counts.

    An auditor's answer has a grade, that of the unit itself never has (b22).
    """

    __tablename__ = "answer"
    __table_args__ = (
        sa.UniqueConstraint("question_id", "author_id"),
        CheckConstraint("(part = 'auditor') = (grade IS NOT NULL)", name="auditors_grade"),
        CheckConstraint("chosen_at IS NULL OR part = 'auditor'", name="chosen_is_graded"),
    )
    untold = frozenset({"people_met"})  # names stay out of the trail (T4)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    uid: Mapped[str] = mapped_column(sa.String(36), unique=True)  # given before it was recorded
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    part: Mapped[AnswerPart]
    grade: Mapped[Grade | None]
    notes: Mapped[str] = mapped_column(sa.Text(), default="")
    people_met: Mapped[str] = mapped_column(sa.Text(), default="")
    seen_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]
    chosen_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    row_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": row_version}

    question: Mapped[Question] = relationship(back_populates="answers")
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    chosen_by: Mapped[Person | None] = relationship(foreign_keys=[chosen_by_id])
    every_evidence: Mapped[list[AnswerEvidence]] = relationship(
        primaryjoin="foreign(AnswerEvidence.answer_uid) == Answer.uid",
        order_by="AnswerEvidence.id",
        viewonly=True,
    )

    @property
    def evidence(self) -> list[AnswerEvidence]:
        """Give the evidence that was not taken back."""
        return [one for one in self.every_evidence if one.taken_back_at is None]

    def told(self) -> dict[str, Any]:
        return self.question.told()


class AnswerEvidence(Trailed, Record):
    """One piece of evidence to an answer, with its own day beside that of its arrival (A3, L8).

    It belongs to an answer by the identifier the answer had from its first moment.
    """

    __tablename__ = "answer_evidence"
    __table_args__ = (
        CheckConstraint("kind NOT IN ('photo', 'file') OR sha256 IS NOT NULL", name="has_file"),
        CheckConstraint("kind <> 'posted_page' OR revision_id IS NOT NULL", name="has_page"),
        CheckConstraint("kind <> 'record' OR reference <> ''", name="has_number"),
        CheckConstraint(
            "taken_back_at IS NULL OR taken_back_reason <> ''", name="taken_back_has_reason"
        ),
    )
    untold = frozenset({"name", "reference"})  # a file or a record may be named after a citizen

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    uid: Mapped[str] = mapped_column(sa.String(36), unique=True)
    answer_uid: Mapped[str] = mapped_column(sa.String(36), index=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[EvidenceKind]
    sha256: Mapped[str | None] = mapped_column(sa.ForeignKey("stored_file.sha256"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    is_masked: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(sa.String(300), default="")
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    verdict: Mapped[str] = mapped_column(sa.String(20), default="")  # of the page, on that day
    dated_on: Mapped[date | None]
    added_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    taken_back_reason: Mapped[str] = mapped_column(sa.Text(), default="")

    question: Mapped[Question] = relationship(back_populates="every_evidence")
    author: Mapped[Person] = relationship()
    revision: Mapped[Revision | None] = relationship()

    def take_back(self, reason: str, *, at: datetime) -> None:
        """Count no more, with the reason; what was shown stays."""
        if self.taken_back_at is not None:
            raise RuleBroken(N_("This evidence was taken back already."))
        self.taken_back_at, self.taken_back_reason = at, reason

    def told(self) -> dict[str, Any]:
        return self.question.told()
