"""A short quiz on what changed, instead of a tick alone (a36; ISO 9001:2015, 7.2 d, 7.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Record
from app.kernel.trail import Trailed
from documents.models.distribution import Distribution


class QuizQuestion(Record):
    """One question on a revision, with its choices; exactly one of them is right."""

    __tablename__ = "quiz_question"
    __table_args__ = (sa.UniqueConstraint("distribution_id", "position"),)

    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("distribution.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(500))
    choices: Mapped[list[str]] = mapped_column(default=list)
    right_choice: Mapped[int]  # which of the choices, from 0

    distribution: Mapped[Distribution] = relationship(back_populates="questions")


class QuizAttempt(Trailed, Record):
    """What somebody reached in the quiz on a revision; trying again adds another."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        sa.CheckConstraint("right_answers BETWEEN 0 AND questions", name="right_within_questions"),
        sa.Index("ix_quiz_attempt_of_person", "person_id", "revision_id"),
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), index=True)
    cycle: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    right_answers: Mapped[int]
    questions: Mapped[int]
    is_passed: Mapped[bool]
    answered_at: Mapped[datetime]

    def told(self) -> dict[str, Any]:
        return {"person_id": self.person_id}
