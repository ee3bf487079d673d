"""Answering: drafts that leave no fact, answers that leave one each (9.2.2; b22, b25, A7).

Audit, then question, then answer are locked in this order, so that fieldwork cannot end while
somebody records, and nobody overwrites another's words.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.permissions import may
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.facts import AuditFact
from audits.models import (
    Answer,
    AnswerDraft,
    AnswerPart,
    Audit,
    AuditState,
    Grade,
    Question,
)
from audits.permissions import AuditPermission

LONGEST_NOTES = 8000
LONGEST_PEOPLE = 500
_KEEPS_DRAFTS = (AuditState.UNDER_WAY, AuditState.REPORTING)


@dataclass(frozen=True)
class AnswerData:
    """What was typed to a question; `base` is the version of the answer it goes on from."""

    grade: Grade | None = None
    notes: str = ""
    people_met: str = ""
    seen_on: date | None = None
    base: int = 0
    uid: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was typed; a day alone is proposed by the page."""
        return self.grade is None and not self.notes and not self.people_met


def part_in(work: Work, audit: Audit, question: Question) -> AnswerPart:
    """Give as what the actor may answer a question; NotFound for lines they may not know of."""
    if may(work.standing, AuditPermission.ANSWER, audit):
        return AnswerPart.AUDITOR
    work.require(AuditPermission.ANSWER_AS_UNIT, audit)
    if not is_own_line(question, work.standing.unit_ids):
        raise NotFound()
    return AnswerPart.AUDITEE


def is_own_line(question: Question, unit_ids: frozenset[int]) -> bool:
    """Say whether a question is a line of these units' own (b22)."""
    return question.is_for_auditee and (question.unit_id is None or question.unit_id in unit_ids)


def checked(data: AnswerData, part: AnswerPart) -> AnswerData:
    """Shape what was typed; a unit never grades itself (b22)."""
    if part is AnswerPart.AUDITEE and data.grade is not None:
        raise InvalidInput(N_("The grade is for the auditors to give."), field="grade")
    return AnswerData(
        grade=data.grade,
        notes=nfc(data.notes).strip()[:LONGEST_NOTES],
        people_met=nfc(data.people_met).strip()[:LONGEST_PEOPLE],
        seen_on=data.seen_on,
        base=data.base,
        uid=data.uid,
    )


def own_answer(work: Work, question: Question) -> Answer | None:
    """Give what the actor recorded of a question."""
    return work.session.scalars(
        sa.select(Answer).where(
            Answer.question_id == question.id, Answer.author_id == work.actor.id
        )
    ).one_or_none()


def own_draft(work: Work, question: Question) -> AnswerDraft | None:
    """Give what the actor is writing to a question."""
    return work.session.scalars(
        sa.select(AnswerDraft)
        .where(AnswerDraft.question_id == question.id, AnswerDraft.author_id == work.actor.id)
        .with_for_update()
    ).one_or_none()


def save_draft(work: Work, question: Question, data: AnswerData) -> AnswerDraft:
    """Keep what is being typed; after the fieldwork has ended too, so that nothing is lost."""
    audit = work.fresh(question.checklist.audit)
    part = part_in(work, audit, question)
    data = checked(data, part)
    if audit.state not in _KEEPS_DRAFTS and (obstacle := audit.record_obstacle()):
        raise obstacle
    answer = own_answer(work, question)
    if data.base != (answer.row_version if answer is not None else 0):
        raise Stale()  # it was recorded since, from another window: an old draft never comes back
    draft = own_draft(work, question)
    if draft is None:
        draft = AnswerDraft(
            body_id=question.body_id,
            uid=answer.uid if answer is not None else _new_uid(work, data.uid),
            question_id=question.id,
            author_id=work.actor.id,
            part=part,
        )
        work.session.add(draft)
    draft.part, draft.grade, draft.notes = part, data.grade, data.notes
    draft.people_met, draft.seen_on = data.people_met, data.seen_on
    draft.base, draft.saved_at = data.base, work.now
    work.session.flush()
    return draft


def _new_uid(work: Work, given: str) -> str:
    """Keep the identifier the page gave, where it is one and nobody has it yet (A7)."""
    try:
        uid = str(uuid.UUID(given))
    except ValueError:
        return str(uuid.uuid4())
    for table in (Answer, AnswerDraft):
        if work.session.scalar(sa.select(table.id).where(table.uid == uid)) is not None:
            return str(uuid.uuid4())
    return uid


def record_answer(work: Work, question: Question, data: AnswerData) -> Answer | None:
    """Leave a question: what was written becomes the answer, with one fact; None if nothing was."""
    audit = work.fresh(question.checklist.audit)
    part = part_in(work, audit, question)
    if obstacle := audit.record_obstacle():
        raise obstacle
    data = checked(data, part)
    draft, answer = own_draft(work, question), own_answer(work, question)
    version = answer.row_version if answer is not None else 0
    if data.base != version:
        raise Stale()
    if question.left_out_at is not None and answer is None:
        raise RuleBroken(N_("This question was left out meanwhile; its answer is kept as a draft."))
    if part is AnswerPart.AUDITOR and data.grade is None:
        _ungraded(work, question, answer, data)
        return None
    if data.grade is Grade.NOT_APPLICABLE and not data.notes:
        raise InvalidInput(N_("Say why this does not apply."), field="notes")
    if data.is_empty and answer is None:
        return None
    if answer is None:
        answer = _begun(work, question, part, draft.uid if draft is not None else data.uid)
    else:
        answer = work.fresh(answer)
    return _written(work, answer, data, draft)


def _ungraded(work: Work, question: Question, answer: Answer | None, data: AnswerData) -> None:
    """Notes without a grade are no answer yet: they stay a draft, and nothing is told."""
    if answer is not None:
        raise InvalidInput(N_("An answer that was recorded keeps a grade."), field="grade")
    if not data.is_empty or own_draft(work, question) is not None:
        save_draft(work, question, data)


def _begun(work: Work, question: Question, part: AnswerPart, uid: str) -> Answer:
    known = work.session.scalar(sa.select(Answer.id).where(Answer.uid == uid)) if uid else None
    return Answer(
        body_id=question.body_id,
        uid=_as_uid(uid) if known is None else str(uuid.uuid4()),
        question_id=question.id,
        author_id=work.actor.id,
        part=part,
    )


def _as_uid(given: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError:
        return str(uuid.uuid4())


def _written(work: Work, answer: Answer, data: AnswerData, draft: AnswerDraft | None) -> Answer:
    is_new = answer.id is None
    answer.grade, answer.notes = data.grade, data.notes
    answer.people_met, answer.seen_on = data.people_met, data.seen_on
    if draft is not None:
        work.session.delete(draft)
    if not is_new and not work.has_changed(answer):
        work.session.flush()
        return answer
    answer.recorded_at = work.now
    if not is_new:
        answer.chosen_at = answer.chosen_by_id = None  # the lead chose other words
        work.record(AuditFact.ANSWER_CHANGED, answer)
        return answer
    work.add(answer)
    work.record(AuditFact.ANSWER_RECORDED, answer)
    return answer


def choose_answer(work: Work, answer: Answer) -> None:
    """Decide which of several answers counts; the others stay as they are (A7)."""
    audit = answer.question.checklist.audit
    work.require(AuditPermission.CHOOSE_ANSWER, audit)
    work.fresh(audit)
    if audit.state not in _KEEPS_DRAFTS:
        raise RuleBroken(N_("The report of %(number)s is issued; its answers stay."),
                         number=audit.number)  # fmt: skip
    if answer.part is not AnswerPart.AUDITOR:
        raise RuleBroken(N_("Only an auditor's answer can count."))
    others = [
        one
        for one in work.session.scalars(
            sa.select(Answer).where(Answer.question_id == answer.question_id).order_by(Answer.id)
        )
        if one.part is AnswerPart.AUDITOR
    ]
    if len(others) < 2:
        raise RuleBroken(N_("There is one answer only, and it counts."))
    before = []
    for one in work.fresh_all(others):
        if one.id == answer.id:
            one.chosen_at, one.chosen_by_id = work.now, work.actor.id
        elif one.chosen_at is not None:
            one.chosen_at = one.chosen_by_id = None
            before.append(one)
    work.record(AuditFact.ANSWER_CHOSEN, answer, before=before or None)
