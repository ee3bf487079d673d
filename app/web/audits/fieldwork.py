"""Fieldwork: one question a page, drafts that save themselves, evidence (screen 20; b22, b25)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.work import Work, unit_of_work
from app.web.body_address import shown_body
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from audits.checklists.answering import AnswerData, choose_answer, record_answer, save_draft
from audits.checklists.field import FieldLine, Fieldwork, evidence_by, fieldwork_of
from audits.checklists.register import checklist_scores, earlier_answers, stale_marks
from audits.checklists.scores import POINTS
from audits.models import Answer, AnswerPart, Audit, AuditState, Question
from audits.permissions import AuditPermission
from audits.register import audit_of
from forms.screen.checklist import FAILED_GRADES, LARGE, NOTED_GRADES, AnswerForm, EvidenceForm

bp = Blueprint("fieldwork", __name__)
_GOES = ("next", "back", "index", "stay", "out")


def audit_in_field(number: str) -> Audit:
    """Give the audit of a number to whoever may open its fieldwork."""
    return audit_of(db.session(), standing(), shown_body().id, number[:40])


def _fieldwork(number: str) -> Fieldwork:
    return fieldwork_of(db.session(), standing(), audit_in_field(number))


@bp.get("/f/<number>")
@requires(AuditPermission.OPEN_FIELDWORK)
def index(number: str) -> ResponseReturnValue:
    """Show the index of questions with where each stands."""
    found = _fieldwork(number)
    sees_all = may_now(AuditPermission.SEE_CHECKLIST, found.audit)
    score = sections = None
    if found.checklist is not None and sees_all:
        score, sections = checklist_scores(found.checklist)
    return page(
        "audits/fieldwork_index.html",
        found=found,
        audit=found.audit,
        sections=_sections(found.lines),
        next_line=_first_open(found),
        score=score,
        scores=sections or [],
        points=POINTS,
        sees_all=sees_all,
        obstacle=found.audit.record_obstacle(),
    )


def _sections(lines: list[FieldLine]) -> list[tuple[str, list[FieldLine]]]:
    found: list[tuple[str, list[FieldLine]]] = []
    for line in lines:
        if not found or found[-1][0] != line.question.section:
            found.append((line.question.section, []))
        found[-1][1].append(line)
    return found


def _first_open(found: Fieldwork) -> FieldLine | None:
    """Give the first line without an answer of the viewer's own."""
    mine = [line for line in found.lines if line.own is None]
    return next((line for line in mine if line.state in ("draft", "open")), None)


@bp.get("/f/<number>/<int:question_id>")
@requires(AuditPermission.OPEN_FIELDWORK)
def question(number: str, question_id: int) -> ResponseReturnValue:
    """Show one question with what was written so far."""
    found = _fieldwork(number)
    return question_page(found, found.line(question_id))


def question_page(
    found: Fieldwork,
    line: FieldLine,
    status: int = 200,
    *,
    form: AnswerForm | None = None,
    evidence: EvidenceForm | None = None,
) -> ResponseReturnValue:
    """Show one question; what was typed and refused is kept as it was typed."""
    session, one = db.session(), line.question
    form = form or _filled(line)
    if not evidence:
        evidence = EvidenceForm(formdata=None, prefix="ev-")
        evidence.dated_on.data = standing().on
    uid = line.own.uid if line.own is not None else line.draft.uid if line.draft else ""
    at = line.number - 1
    open_ones = [each.number for each in found.lines if each.state == "open"]
    return page(
        "audits/fieldwork_question.html",
        status=status,
        found=found,
        audit=found.audit,
        line=line,
        question=one,
        form=form,
        evidence=evidence,
        shown=evidence_by(session, one, uid) if uid else [],
        beside=earlier_answers(session, [one]).get(one.id, []),
        mark=stale_marks(session, [one]).get(one.id),
        large=[(code, gettext(label)) for code, label in LARGE],
        noted=[(str(grade), gettext(grade.label)) for grade in NOTED_GRADES],
        fails=[(str(grade), gettext(grade.label)) for grade in FAILED_GRADES],
        is_last=at + 1 == len(found.lines),
        open_count=len(open_ones),
        obstacle=found.audit.record_obstacle(),
        grades_it=found.part is AnswerPart.AUDITOR,
        may_choose=may_now(AuditPermission.CHOOSE_ANSWER, found.audit)
        and found.audit.state in (AuditState.UNDER_WAY, AuditState.REPORTING),
    )


def _filled(line: FieldLine) -> AnswerForm:
    """Show the draft where there is one, otherwise what was recorded."""
    form = AnswerForm(formdata=None)
    known = line.draft or line.own
    form.base.data = line.own.row_version if line.own is not None else 0
    form.uid.data = known.uid if known is not None else str(uuid.uuid4())
    form.seen_on.data = standing().on
    if known is not None:
        form.choose(known.grade)
        form.notes.data, form.people_met.data = known.notes, known.people_met
        form.seen_on.data = known.seen_on or form.seen_on.data
    return form


def typed(form: AnswerForm) -> AnswerData:
    """Give what was typed as the act takes it."""
    return AnswerData(
        grade=form.grade(),
        notes=form.notes.data or "",
        people_met=form.people_met.data or "",
        seen_on=form.seen_on.data,
        base=form.base.data or 0,
        uid=form.uid.data or "",
    )


@bp.post("/f/<number>/<int:question_id>/draft")
@requires(AuditPermission.OPEN_FIELDWORK)
def draft(number: str, question_id: int) -> ResponseReturnValue:
    """Keep what is being typed; the answer is in words, for the line that says it is saved."""
    found, form = _fieldwork(number), AnswerForm()
    line = found.line(question_id)
    form.validate()  # a date half typed is no reason to lose the words beside it
    try:
        with unit_of_work(signed_in()) as work:
            save_draft(work, work.fresh(line.question), typed(form))
    except (InvalidInput, RuleBroken, Stale) as refused:
        answer = make_response(words(refused), refused.status)
        answer.mimetype = "text/plain"
        return answer
    return make_response("", 204)


def keep_typed(question_id: int, form: AnswerForm) -> None:
    """Keep what was typed as a draft where it cannot be recorded, so that nothing is lost (P5)."""
    try:
        with unit_of_work(signed_in()) as work:
            save_draft(work, work.session.get_one(Question, question_id), typed(form))
    except (RuleBroken, Stale, InvalidInput):
        return  # the page that follows still shows every word


@bp.post("/f/<number>/<int:question_id>")
@requires(AuditPermission.OPEN_FIELDWORK)
def record(number: str, question_id: int) -> ResponseReturnValue:
    """Leave a question: what was written is recorded, once."""
    found, form = _fieldwork(number), AnswerForm()
    line = found.line(question_id)
    goes = next((one for one in _GOES if one == request.form.get("go")), "stay")
    if not form.validate_on_submit():
        return question_page(found, line, 422, form=form)
    try:
        with unit_of_work(signed_in()) as work:
            record_answer(work, work.fresh(line.question), typed(form))
    except (InvalidInput, RuleBroken, Stale) as refused:
        status = at_field(form, refused)
        keep_typed(question_id, form)
        found = _fieldwork(number)
        return question_page(found, found.line(question_id), status, form=form)
    return _gone(number, question_id, goes)


def _gone(number: str, question_id: int, goes: str) -> ResponseReturnValue:
    """Go on to the neighbour as the questions are asked now: an answer may have opened more."""
    found = _fieldwork(number)
    ids = [line.question.id for line in found.lines]
    at = ids.index(question_id) if question_id in ids else -1
    to = at + {"next": 1, "back": -1, "stay": 0}.get(goes, len(ids))
    answer = make_response("", 303)
    if goes == "out":
        answer.location = url_for("audits.show", number=found.audit.number)
    elif at >= 0 and 0 <= to < len(ids):
        answer.location = question_url(number, ids[to])
    else:
        answer.location = url_for("fieldwork.index", number=found.audit.number)
    return answer


def question_url(number: str, question_id: int, **more: Any) -> str:
    """Give the address of a question in the field."""
    return url_for("fieldwork.question", number=number, question_id=question_id, **more)


@bp.post("/f/<number>/answers/<uid>/choice")
@requires(AuditPermission.CHOOSE_ANSWER)
def choose(number: str, uid: str) -> ResponseReturnValue:
    """Decide which of several answers counts."""
    found = _fieldwork(number)
    answer = _answer(found, uid)
    return _acted(
        number,
        answer.question_id,
        lambda work: choose_answer(work, work.fresh(answer)),
        gettext("This answer counts now; the others stay beside it."),
    )


def _answer(found: Fieldwork, uid: str) -> Answer:
    for line in found.lines:
        for one in line.question.answers:
            if one.uid == uid:
                return one
    raise NotFound()


def _acted(
    number: str, question_id: int, act: Callable[[Work], Any], said: str
) -> ResponseReturnValue:
    with unit_of_work(signed_in()) as work:
        act(work)
    return done(said, to=question_url(number, question_id))
