"""Reads of checklists and fieldwork: questions, what is stale, answers, scores (screens 19, 20)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.coded import N_, Coded
from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from audits.checklists.generating import read_steps
from audits.checklists.scores import Line, Score, scores_of
from audits.checklists.steps import ProcedureStep
from audits.models import (
    Answer,
    AnswerPart,
    Audit,
    AuditUnit,
    Checklist,
    Grade,
    Question,
    Sample,
)
from audits.permissions import AuditPermission
from documents.models import Revision, RevisionState

_ALIKE = 0.5  # how much of a step's words must be there for it to be the same step
_EARLIER = 12


class StaleKind(Coded):
    """What became of the step a question was made from (L5)."""

    CHANGED = "changed", N_("The step has other words now")
    GONE = "gone", N_("The step is no longer there")
    NO_LONGER_IN_FORCE = "no_longer_in_force", N_("The procedure is no longer in force")
    SAME_WORDS = "same_words", N_("A new revision is in force; the step reads the same")


@dataclass(frozen=True)
class StaleMark:
    """A question whose revision is no longer the one in force; the step as it reads now."""

    kind: StaleKind
    revision: Revision | None = None
    step: ProcedureStep | None = None

    @property
    def is_stale(self) -> bool:
        """Say whether the question no longer asks what is in force."""
        return self.kind is not StaleKind.SAME_WORDS


def checklist_of(session: Session, standing: Standing, audit: Audit) -> Checklist | None:
    """Give the checklist of an audit with its questions; None while there is none."""
    if not may(standing, AuditPermission.SEE_CHECKLIST, audit):
        raise NotFound()
    return whole_checklist(session, audit)


def whole_checklist(session: Session, audit: Audit) -> Checklist | None:
    """Give the checklist of an audit with all that hangs on it; who may see it asks elsewhere."""
    return session.scalars(
        sa.select(Checklist)
        .where(Checklist.audit_id == audit.id)
        .options(
            joinedload(Checklist.copied_from).joinedload(Checklist.audit),
            selectinload(Checklist.every_question).options(
                joinedload(Question.clause),
                joinedload(Question.document),
                joinedload(Question.revision),
                joinedload(Question.unit),
                selectinload(Question.answers).options(
                    joinedload(Answer.author), selectinload(Answer.every_evidence)
                ),
            ),
            selectinload(Checklist.samples).joinedload(Sample.drawn_by),
        )
    ).one_or_none()


def question_of(checklist: Checklist | None, question_id: int) -> Question:
    """Give one question of a checklist; NotFound where it is of another."""
    for one in checklist.every_question if checklist is not None else ():
        if one.id == question_id:
            return one
    raise NotFound()


def stale_marks(session: Session, questions: Sequence[Question]) -> dict[int, StaleMark]:
    """Give what became of each question's step, for those whose revision is no longer in force."""
    bound = [one for one in questions if one.revision_id is not None]
    if not bound:
        return {}
    current = {
        one.document_id: one
        for one in session.scalars(
            sa.select(Revision)
            .where(
                Revision.document_id.in_({one.document_id for one in bound}),
                Revision.state == RevisionState.EFFECTIVE,
            )
            .options(selectinload(Revision.all_files))
        )
    }
    steps: dict[int, list[ProcedureStep]] = {}
    found = {}
    for one in bound:
        now = current.get(one.document_id or 0)
        if now is None:
            found[one.id] = StaleMark(StaleKind.NO_LONGER_IN_FORCE)
        elif now.id != one.revision_id:
            if now.id not in steps:
                steps[now.id] = read_steps(session, now)
            found[one.id] = mark_of(one, now, steps[now.id])
    return found


def mark_of(question: Question, now: Revision, steps: Sequence[ProcedureStep]) -> StaleMark:
    """Find the step of a question in the revision in force: by words, by place, by likeness."""
    for step in steps:
        if step.sha256 == question.step_sha256:
            return StaleMark(StaleKind.SAME_WORDS, now, step)
    for step in steps:
        if step.anchor == question.step_anchor:
            return StaleMark(StaleKind.CHANGED, now, step)
    alike = [(SequenceMatcher(None, question.step_text, one.text).ratio(), one) for one in steps]
    best = max(alike, key=lambda pair: pair[0], default=None)
    if best is not None and best[0] >= _ALIKE:
        return StaleMark(StaleKind.CHANGED, now, best[1])
    return StaleMark(StaleKind.GONE, now)


def earlier_answers(session: Session, questions: Sequence[Question]) -> dict[int, list[Answer]]:
    """Give what was answered last time to the questions these were copied from (A10)."""
    wanted = {one.earlier_id: one.id for one in questions if one.earlier_id is not None}
    found: dict[int, list[Answer]] = defaultdict(list)
    if wanted:
        for answer in session.scalars(
            sa.select(Answer)
            .where(Answer.question_id.in_(wanted), Answer.part == AnswerPart.AUDITOR)
            .options(joinedload(Answer.author))
            .order_by(Answer.id)
        ):
            found[wanted[answer.question_id]].append(answer)
    return dict(found)


def earlier_checklists(session: Session, audit: Audit) -> list[Checklist]:
    """Give checklists of earlier audits of the same units, or else of the body, latest first."""
    own = {one.unit_id for one in audit.units}
    same = sa.exists().where(AuditUnit.audit_id == Audit.id, AuditUnit.unit_id.in_(own))
    return list(
        session.scalars(
            sa.select(Checklist)
            .join(Audit, Audit.id == Checklist.audit_id)
            .where(Checklist.body_id == audit.body_id, Checklist.audit_id != audit.id)
            .options(
                joinedload(Checklist.audit).selectinload(Audit.units).joinedload(AuditUnit.unit)
            )
            .order_by(same.desc(), Audit.window_from.desc(), Audit.id.desc())
            .limit(_EARLIER)
        )
    )


@dataclass(frozen=True)
class Counting:
    """The grade that counts for a question: of the only answer, or of the one the lead chose."""

    grade: Grade | None = None
    is_undecided: bool = False


def counting(answers: Iterable[Answer]) -> Counting:
    """Say which grade counts; where auditors graded it otherwise, none until the lead decides."""
    graded = [one for one in answers if one.part is AnswerPart.AUDITOR]
    for one in graded:
        if one.chosen_at is not None:
            return Counting(one.grade)
    grades = {one.grade for one in graded}
    if len(grades) > 1:
        return Counting(None, is_undecided=True)
    return Counting(grades.pop() if grades else None)


def is_asked(question: Question, by_id: dict[int, Question]) -> bool:
    """Say whether a question is asked now: a follow-up only after certain answers (b19)."""
    if question.left_out_at is not None:
        return False
    if question.parent_id is None:
        return True
    parent = by_id.get(question.parent_id)
    if parent is None or parent.left_out_at is not None:
        return False
    return any(
        one.part is AnswerPart.AUDITOR and str(one.grade) in question.shown_when
        for one in parent.answers
    )


def asked(checklist: Checklist) -> list[Question]:
    """Give the questions that are asked now, in their order."""
    by_id = {one.id: one for one in checklist.every_question}
    return [one for one in checklist.every_question if is_asked(one, by_id)]


def checklist_scores(checklist: Checklist) -> tuple[Score, list[Score]]:
    """Give the scores of what is asked now; lines of the unit's own have none (b20)."""
    lines = []
    for one in asked(checklist):
        if one.is_for_auditee:
            continue
        counts = counting(one.answers)
        lines.append(Line(one.section, one.weight, counts.grade, counts.is_undecided))
    return scores_of(lines)
