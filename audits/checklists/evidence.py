"""Evidence to answers: photos, files, numbers of records, posted pages (A3, L8; b25)."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.checklists.answering import own_answer, own_draft, part_in
from audits.facts import AuditFact
from audits.models import (
    AnswerDraft,
    AnswerEvidence,
    AnswerPart,
    EvidenceKind,
    Question,
)
from documents import register
from documents.models import Revision
from documents.storing import BroughtFile, store_rows
from documents.verification import LONGEST_TOKEN, verdict_on

MOST_OF_ONE_ANSWER = 40
_TOKEN = re.compile(r"(?:^|/v/)([A-Za-z0-9_-]{8,60})/?(?:[?#].*)?$")
_NO_PAGE = N_(
    "No page of this body has this code. Look whether it was typed whole; a page of another body "
    "is noted as the number of a record."
)


@dataclass(frozen=True)
class EvidenceData:
    """What is shown: of which day, and by its kind a file, a number or the code of a page."""

    kind: EvidenceKind
    dated_on: date | None = None
    reference: str = ""
    is_masked: bool = False


def add_evidence(
    work: Work, question: Question, data: EvidenceData, brought: BroughtFile | None = None
) -> AnswerEvidence:
    """Add one piece of evidence to the actor's answer; its file lies in the store already."""
    audit = work.fresh(question.checklist.audit)
    part = part_in(work, audit, question)
    if obstacle := audit.record_obstacle():
        raise obstacle
    if data.dated_on is not None and data.dated_on > work.today:
        raise InvalidInput(N_("Evidence is of a day that has been."), field="dated_on")
    uid = _answer_uid(work, question, part)
    _check_room(work, uid)
    made = AnswerEvidence(
        body_id=question.body_id,
        uid=str(uuid.uuid4()),
        answer_uid=uid,
        question_id=question.id,
        author_id=work.actor.id,
        kind=data.kind,
        is_masked=data.is_masked,
        dated_on=data.dated_on or work.today,
        added_at=work.now,
        reference=" ".join(nfc(data.reference).split())[:300],
    )
    if data.kind in (EvidenceKind.PHOTO, EvidenceKind.FILE):
        if brought is None:
            raise InvalidInput(N_("Choose a file first."), field="file")
        store_rows(work, brought)
        made.sha256, made.name = brought.sha256, nfc(brought.name)[:200]
    elif data.kind is EvidenceKind.POSTED_PAGE:
        _read_page(work, made, data.reference)
    elif not made.reference:
        raise InvalidInput(N_("Write the number of the record."), field="reference")
    work.add(made)
    work.record(AuditFact.EVIDENCE_ADDED, made)
    return made


def _answer_uid(work: Work, question: Question, part: AnswerPart) -> str:
    """Give the identifier of the actor's answer, which it has from its first moment (A7)."""
    answer, draft = own_answer(work, question), own_draft(work, question)
    if answer is not None:
        return answer.uid
    if draft is None:
        draft = AnswerDraft(
            body_id=question.body_id,
            uid=str(uuid.uuid4()),
            question_id=question.id,
            author_id=work.actor.id,
            part=part,
            saved_at=work.now,
        )
        work.session.add(draft)
        work.session.flush()
    return draft.uid


def _check_room(work: Work, uid: str) -> None:
    held = work.session.scalar(
        sa.select(sa.func.count()).where(
            AnswerEvidence.answer_uid == uid, AnswerEvidence.taken_back_at.is_(None)
        )
    )
    if int(held or 0) >= MOST_OF_ONE_ANSWER:
        raise RuleBroken(N_("One answer holds 40 pieces of evidence at most."))


def token_in(text: str) -> str:
    """Give the code of a page from what was scanned or typed: the address, or the code alone."""
    found = _TOKEN.search(text.strip())
    return found.group(1)[:LONGEST_TOKEN] if found else ""


def _read_page(work: Work, made: AnswerEvidence, typed: str) -> None:
    """Bind the evidence to the very revision whose page hangs there, and what is said of it now.

    A page of another body and one nobody knows are answered alike (O4).
    """
    token = token_in(typed)
    revision = None
    if token:
        revision = work.session.scalars(
            sa.select(Revision).where(Revision.token == token)
        ).one_or_none()
    if revision is None or revision.body_id != made.body_id:
        raise InvalidInput(_NO_PAGE, field="reference")
    verdict = verdict_on(work.session, token)
    made.revision_id, made.verdict = revision.id, str(verdict.answer)
    made.reference = ""
    if register.sees(work.session, work.standing, revision.document) or verdict.document:
        made.reference = f"{revision.code}, {revision.label}"
    if revision.ended_at is not None and made.reference:
        day = today_of(revision.document.body, revision.ended_at)
        made.reference = f"{made.reference}, {day:%d/%m/%Y}"


def take_back(work: Work, evidence: AnswerEvidence, *, reason: str) -> None:
    """Let a piece of evidence count no more, with the reason; only whoever added it may."""
    audit = work.fresh(evidence.question.checklist.audit)
    part_in(work, audit, evidence.question)
    if evidence.author_id != work.actor.id:
        raise RuleBroken(N_("Only whoever added this evidence takes it back."))
    if obstacle := audit.record_obstacle():
        raise obstacle
    reason = nfc(reason).strip()[:500]
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    evidence = work.fresh(evidence)
    evidence.take_back(reason, at=work.now)
    work.record(AuditFact.EVIDENCE_TAKEN_BACK, evidence, reason=reason)
