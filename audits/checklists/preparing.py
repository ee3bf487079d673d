"""Making a checklist and changing it until the fieldwork has ended (9.2.2 b; b16-b19, L5, A10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.checklists.generating import Sources, copy_of, questions_for
from audits.checklists.steps import ProcedureStep
from audits.facts import AuditFact
from audits.models import (
    MOST_QUESTIONS,
    Audit,
    Checklist,
    Clause,
    Grade,
    Question,
    QuestionSource,
)
from audits.permissions import AuditPermission
from documents.models import Revision

_GAP = 1024  # between two places, so that one question can be put between them
_TOO_MANY = N_("One checklist holds 600 questions at most.")


@dataclass(frozen=True)
class QuestionData:
    """What a question says; `grades` are those of the parent after which it is asked."""

    text: str
    section: str = ""
    how: str = ""
    clause_id: int | None = None
    weight: int = 1
    unit_id: int | None = None
    for_auditee: bool = False
    parent_id: int | None = None
    grades: Sequence[Grade] = ()


def make_checklist(work: Work, audit: Audit, sources: Sources) -> Checklist:
    """Make the checklist of an audit from where its questions come; there is one only."""
    work.require(AuditPermission.KEEP_CHECKLIST, audit)
    audit = work.fresh(audit)
    known = work.session.scalar(sa.select(Checklist.id).where(Checklist.audit_id == audit.id))
    if known is not None:
        raise RuleBroken(N_("%(number)s has a checklist already."), number=audit.number)
    made = Checklist(
        body_id=audit.body_id,
        audit=audit,
        copied_from=sources.earlier,
        made_by_id=work.actor.id,
        made_at=work.now,
    )
    if obstacle := made.change_obstacle():
        raise obstacle
    work.add(made)
    added = _add(work, made, questions_for(work.session, audit, sources))
    if sources.earlier is not None:
        added += _with_follow_ups(work, made, sources.earlier, added)
    if sources.earlier is not None:
        number = sources.earlier.audit.number
        work.record(AuditFact.CHECKLIST_COPIED, made, source=number, questions=added)
    else:
        work.record(AuditFact.CHECKLIST_MADE, made, count=len(added), questions=added)
    return made


def add_from(work: Work, checklist: Checklist, sources: Sources) -> int:
    """Add what a source asks and the checklist does not yet; give how many questions came."""
    checklist = _kept(work, checklist)
    known = {_key(one) for one in checklist.every_question}
    wanted = [
        one
        for one in questions_for(work.session, checklist.audit, sources)
        if _key(one) not in known
    ]
    if not wanted:
        return 0
    added = _add(work, checklist, wanted)
    if sources.earlier is not None:
        added += _with_follow_ups(work, checklist, sources.earlier, added)
    work.record(AuditFact.QUESTIONS_ADDED, checklist, count=len(added), questions=added)
    return len(added)


def _key(one: Question) -> tuple[object, ...]:
    if one.step_anchor:
        return one.document_id, one.step_anchor
    return one.text, one.unit_id


def _kept(work: Work, checklist: Checklist) -> Checklist:
    """Lock audit and checklist, in this order, and see that it can be changed."""
    work.require(AuditPermission.KEEP_CHECKLIST, checklist.audit)
    work.fresh(checklist.audit)
    checklist = work.fresh(checklist)
    if obstacle := checklist.change_obstacle():
        raise obstacle
    return checklist


def _add(work: Work, checklist: Checklist, questions: list[Question]) -> list[Question]:
    present = checklist.every_question
    if len(present) + len(questions) > MOST_QUESTIONS:
        raise RuleBroken(_TOO_MANY)
    last = max((one.position for one in present), default=0)
    for place, one in enumerate(questions, start=1):
        one.body_id, one.position = checklist.body_id, last + place * _GAP
        one.checklist = checklist
    work.session.add_all(questions)
    work.session.flush()
    return questions


def _with_follow_ups(
    work: Work, checklist: Checklist, earlier: Checklist, parents: list[Question]
) -> list[Question]:
    """Take along the follow-up questions of those that were copied, each behind its parent."""
    by_earlier = {one.earlier_id: one for one in parents if one.earlier_id is not None}
    units = {one.unit_id for one in checklist.audit.units}
    found = []
    for one in earlier.questions:
        if one.parent_id in by_earlier:
            copied = copy_of(one, units)
            copied.parent_id = by_earlier[one.parent_id].id
            found.append(copied)
    return _add(work, checklist, found)


def add_question(work: Work, checklist: Checklist, data: QuestionData) -> Question:
    """Add a question of one's own; a follow-up comes right behind its parent."""
    checklist = _kept(work, checklist)
    data = _checked(work, checklist, data, None)
    if len(checklist.every_question) >= MOST_QUESTIONS:
        raise RuleBroken(_TOO_MANY)
    present = list(checklist.every_question)
    before = _last_of(present, data.parent_id) or (present[-1] if present else None)
    position = _between(work, present, before)
    moved = [one for one in present if work.has_changed(one)]
    made = Question(
        body_id=checklist.body_id,
        checklist=checklist,
        position=position,
        source=QuestionSource.OWN,
        **_columns(data),
    )
    work.add(made)
    work.record(AuditFact.QUESTIONS_ADDED, checklist, count=1, questions=[made, *moved])
    return made


def _last_of(present: Sequence[Question], parent_id: int | None) -> Question | None:
    """Give the last question that already follows up a parent, or the parent itself."""
    if parent_id is None:
        return None
    return next(one for one in reversed(present) if parent_id in (one.id, one.parent_id))


def _columns(data: QuestionData) -> dict[str, object]:
    return {
        "text": data.text,
        "section": data.section,
        "how": data.how,
        "clause_id": data.clause_id,
        "weight": data.weight,
        "unit_id": data.unit_id,
        "is_for_auditee": data.for_auditee,
        "parent_id": data.parent_id,
        "shown_when": [str(one) for one in data.grades],
    }


def _checked(
    work: Work, checklist: Checklist, data: QuestionData, own: Question | None
) -> QuestionData:
    """Shape what was typed; what it points to must be of this audit."""
    text = nfc(data.text).strip()[:2000]
    if not text:
        raise InvalidInput(N_("Write the question."), field="text")
    if not 0 <= data.weight <= 10:
        raise InvalidInput(N_("A weight is a number from 0 to 10."), field="weight")
    if data.unit_id is not None and data.unit_id not in {
        one.unit_id for one in checklist.audit.units
    }:
        raise InvalidInput(N_("This unit is not audited here."), field="unit")
    if data.clause_id is not None and work.session.get(Clause, data.clause_id) is None:
        raise InvalidInput(N_("There is no such clause."), field="clause")
    parent = next((one for one in checklist.questions if one.id == data.parent_id), None)
    if data.parent_id is not None:
        _check_parent(checklist, parent, own, data)
    return replace(
        data,
        text=text,
        section=" ".join(nfc(data.section).split())[:200],
        how=nfc(data.how).strip()[:4000],
        grades=tuple(data.grades) if parent is not None else (),
    )


def _check_parent(
    checklist: Checklist, parent: Question | None, own: Question | None, data: QuestionData
) -> None:
    if parent is None or (own is not None and parent.id == own.id):
        raise InvalidInput(N_("Choose another question of this checklist."), field="parent")
    if parent.parent_id is not None:
        raise InvalidInput(N_("A follow-up question has none of its own."), field="parent")
    if own is not None and any(one.parent_id == own.id for one in checklist.every_question):
        raise InvalidInput(
            N_("This question has follow-up questions, so it cannot be one."), field="parent"
        )
    if not data.grades:
        raise InvalidInput(N_("Choose after which answers it is asked."), field="grades")


def change_question(
    work: Work, question: Question, data: QuestionData, *, seen: int | None = None
) -> bool:
    """Change what a question says; say whether anything changed."""
    checklist = _kept(work, question.checklist)
    question = work.fresh(question, seen=seen)
    data = _checked(work, checklist, data, question)
    if _is_answered(question) and data.text != question.text:
        raise RuleBroken(
            N_("This question is answered already. Leave it out with the reason, and add another.")
        )
    for name, value in _columns(data).items():
        setattr(question, name, value)
    if not work.has_changed(question):
        return False
    work.record(AuditFact.QUESTION_CHANGED, question)
    return True


def _is_answered(question: Question) -> bool:
    return bool(question.answers)


def move_question(work: Work, question: Question, *, to: int) -> None:
    """Put a question at another place, counted from 1 among those that are asked."""
    checklist = _kept(work, question.checklist)
    question = work.fresh(question)
    if _place_of(checklist.questions, question) == to:
        return
    others = [one for one in checklist.questions if one.id != question.id]
    to = max(1, min(to, len(others) + 1))
    every = [one for one in checklist.every_question if one.id != question.id]
    question.position = _between(work, every, others[to - 2] if to > 1 else None)
    moved = [one for one in every if work.has_changed(one)]
    work.record(AuditFact.QUESTION_MOVED, question, questions=moved or None)


def _place_of(questions: Sequence[Question], question: Question) -> int:
    """Give the place of a question, counted from 1; 0 where it is left out."""
    return next((at for at, one in enumerate(questions, start=1) if one.id == question.id), 0)


def _between(work: Work, others: Sequence[Question], before: Question | None) -> int:
    """Give a place right behind a question; where there is no room everybody moves apart."""
    at = others.index(before) if before is not None else -1
    low = others[at].position if at >= 0 else 0
    high = others[at + 1].position if at + 1 < len(others) else low + 2 * _GAP
    if high - low >= 2:
        return (low + high) // 2
    for place, one in enumerate(others, start=1):
        one.position = place * 2 * _GAP
    work.session.flush()
    return (at + 1) * 2 * _GAP + _GAP


def leave_out(work: Work, question: Question, *, reason: str) -> None:
    """Leave a question out, with the reason; it stays in the list of those left out."""
    _kept(work, question.checklist)
    reason = nfc(reason).strip()[:500]
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    question = work.fresh(question)
    question.leave_out(reason, at=work.now)
    work.record(AuditFact.QUESTION_LEFT_OUT, question, reason=reason)


def take_in(work: Work, question: Question) -> None:
    """Ask a question again that was left out."""
    _kept(work, question.checklist)
    question = work.fresh(question)
    if question.left_out_at is None:
        raise RuleBroken(N_("This question is asked already."))
    question.take_back_in()
    work.record(AuditFact.QUESTION_BACK_IN, question)


def renew_step(work: Work, question: Question, revision: Revision, step: ProcedureStep) -> None:
    """Bind a question to the words its step has now; the old ones stay in the old revision."""
    _kept(work, question.checklist)
    question = work.fresh(question)
    if question.document_id != revision.document_id:
        raise RuleBroken(N_("This is no step of the procedure the question was made from."))
    if question.revision_id == revision.id and question.step_sha256 == step.sha256:
        raise RuleBroken(N_("The question has these words already."))
    if question.how == question.step_text:
        question.how = step.text
    question.revision_id = revision.id
    question.step_anchor, question.step_text = step.anchor, step.text
    question.step_sha256 = step.sha256
    work.record(AuditFact.QUESTION_RENEWED, question)


def make_ready(work: Work, checklist: Checklist, *, seen: int | None = None) -> None:
    """Say that the checklist is ready to be asked."""
    work.require(AuditPermission.KEEP_CHECKLIST, checklist.audit)
    work.fresh(checklist.audit)
    checklist = work.fresh(checklist, seen=seen)
    checklist.make_ready(work.actor, at=work.now)
    work.record(AuditFact.CHECKLIST_READY, checklist)
