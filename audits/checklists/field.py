"""Reads of fieldwork: who meets which lines, evidence, what the audit's page says (screen 20)."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.errors import NotFound
from app.kernel.permissions import Standing, may
from audits.checklists.answering import is_own_line
from audits.checklists.register import (
    Counting,
    asked,
    checklist_of,
    checklist_scores,
    counting,
    stale_marks,
    whole_checklist,
)
from audits.checklists.scores import Score
from audits.models import (
    Answer,
    AnswerDraft,
    AnswerEvidence,
    AnswerPart,
    Audit,
    Checklist,
    Question,
)
from audits.permissions import AuditPermission
from documents.models import Revision


@dataclass(frozen=True)
class FieldLine:
    """One question as somebody meets it in the field."""

    number: int
    question: Question
    own: Answer | None = None
    draft: AnswerDraft | None = None
    others: tuple[Answer, ...] = ()
    counts: Counting = field(default_factory=Counting)

    @property
    def state(self) -> str:
        """Give in one word where it stands: a grade, undecided, draft, given or open."""
        if self.counts.is_undecided:
            return "undecided"
        if self.counts.grade is not None:
            return str(self.counts.grade)
        if self.own is not None or self.others:
            return "given"
        if self.draft is not None and has_words(self.draft):
            return "draft"
        return "open"


def has_words(draft: AnswerDraft) -> bool:
    """Say whether anything was typed into a draft."""
    return draft.grade is not None or bool(draft.notes or draft.people_met)


@dataclass(frozen=True)
class Fieldwork:
    """What somebody works on in one audit: every line of the team, or the unit's own lines."""

    audit: Audit
    checklist: Checklist | None
    part: AnswerPart | None  # None: looks on only
    lines: list[FieldLine]
    drafts: int = 0  # that others and oneself have not recorded yet

    @property
    def answered(self) -> int:
        """Count the lines that somebody answered."""
        return sum(1 for line in self.lines if line.state not in ("open", "draft"))

    def line(self, question_id: int) -> FieldLine:
        """Give the line of a question; NotFound where it is not for this person."""
        for line in self.lines:
            if line.question.id == question_id:
                return line
        raise NotFound()


def fieldwork_of(session: Session, standing: Standing, audit: Audit) -> Fieldwork:
    """Give the lines one may see: the team all of them, the unit its own; NotFound for others."""
    if not may(standing, AuditPermission.OPEN_FIELDWORK, audit):
        raise NotFound()
    sees_all = may(standing, AuditPermission.SEE_CHECKLIST, audit)
    checklist = whole_checklist(session, audit)
    part: AnswerPart | None = None
    if may(standing, AuditPermission.ANSWER, audit):
        part = AnswerPart.AUDITOR
    elif not sees_all:
        part = AnswerPart.AUDITEE
    if checklist is None:
        return Fieldwork(audit, None, part, [])
    drafts = list(
        session.scalars(
            sa.select(AnswerDraft)
            .join(Question, Question.id == AnswerDraft.question_id)
            .where(Question.checklist_id == checklist.id)
        )
    )
    own = {one.question_id: one for one in drafts if one.author_id == standing.person.id}
    shown = asked(checklist)
    if not sees_all:
        shown = [one for one in shown if is_own_line(one, standing.unit_ids)]
    lines = [
        _line(number, one, standing, own.get(one.id), sees_all=sees_all)
        for number, one in enumerate(shown, start=1)
    ]
    return Fieldwork(audit, checklist, part, lines, sum(1 for one in drafts if has_words(one)))


def _line(
    number: int,
    question: Question,
    standing: Standing,
    draft: AnswerDraft | None,
    *,
    sees_all: bool,
) -> FieldLine:
    """Lay one line out; what auditors noted is not for the unit to read yet (b22)."""
    own = next((one for one in question.answers if one.author_id == standing.person.id), None)
    others = tuple(
        one
        for one in question.answers
        if one is not own and (sees_all or one.part is AnswerPart.AUDITEE)
    )
    counts = counting(question.answers) if sees_all else Counting()
    return FieldLine(number, question, own, draft, others, counts)


def evidence_of(session: Session, standing: Standing, audit: Audit, uid: str) -> AnswerEvidence:
    """Give one piece of evidence to the team, or to the unit what it added itself."""
    found = session.scalars(
        sa.select(AnswerEvidence)
        .where(AnswerEvidence.uid == uid)
        .options(joinedload(AnswerEvidence.question).joinedload(Question.checklist))
    ).one_or_none()
    if found is None or found.question.checklist.audit_id != audit.id:
        raise NotFound()
    if may(standing, AuditPermission.SEE_CHECKLIST, audit):
        return found
    of_unit = may(standing, AuditPermission.OPEN_FIELDWORK, audit) and is_own_line(
        found.question, standing.unit_ids
    )
    if not of_unit or (found.author_id != standing.person.id and not _is_units(session, found)):
        raise NotFound()
    return found


def _is_units(session: Session, evidence: AnswerEvidence) -> bool:
    """Say whether evidence was brought by the unit, not by an auditor."""
    part = session.scalar(sa.select(Answer.part).where(Answer.uid == evidence.answer_uid))
    return part is AnswerPart.AUDITEE


def evidence_by(session: Session, question: Question, uid: str) -> list[AnswerEvidence]:
    """Give the evidence of one answer, also while it is a draft."""
    return list(
        session.scalars(
            sa.select(AnswerEvidence)
            .where(
                AnswerEvidence.question_id == question.id,
                AnswerEvidence.answer_uid == uid,
                AnswerEvidence.taken_back_at.is_(None),
            )
            .options(joinedload(AnswerEvidence.revision).joinedload(Revision.document))
            .order_by(AnswerEvidence.id)
        )
    )


@dataclass(frozen=True)
class AskingState:
    """Where the asking of an audit stands, for its page."""

    checklist: Checklist | None
    score: Score | None = None
    stale: int = 0
    drafts: int = 0
    sees_checklist: bool = False
    opens_fieldwork: bool = False


def asking_of(session: Session, standing: Standing, audit: Audit) -> AskingState:
    """Give what the page of an audit says of its checklist; nothing for who may not see it."""
    opens = may(standing, AuditPermission.OPEN_FIELDWORK, audit)
    if not may(standing, AuditPermission.SEE_CHECKLIST, audit):
        return AskingState(None, opens_fieldwork=opens)
    found = checklist_of(session, standing, audit)
    if found is None:
        return AskingState(None, sees_checklist=True, opens_fieldwork=opens)
    marks = stale_marks(session, found.questions)
    return AskingState(
        found,
        checklist_scores(found)[0],
        sum(1 for mark in marks.values() if mark.is_stale),
        open_drafts(session, audit),
        sees_checklist=True,
        opens_fieldwork=opens,
    )


def open_drafts(session: Session, audit: Audit) -> int:
    """Count what is being written in an audit and not recorded yet."""
    query = (
        sa.select(sa.func.count())
        .select_from(AnswerDraft)
        .join(Question, Question.id == AnswerDraft.question_id)
        .join(Checklist, Checklist.id == Question.checklist_id)
        .where(
            Checklist.audit_id == audit.id,
            sa.or_(AnswerDraft.grade.is_not(None), AnswerDraft.notes != ""),
        )
    )
    return int(session.scalar(query) or 0)
