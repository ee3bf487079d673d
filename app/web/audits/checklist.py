"""The checklist of an audit: made, changed, drawn for, called ready (screen 19; b16-b19, L5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.work import Work, unit_of_work
from app.web.audits.question_form import data_of, question_form, questions_of
from app.web.body_address import shown_body
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from audits.checklists.drawing import SampleData, draw_sample
from audits.checklists.generating import Sources
from audits.checklists.preparing import (
    add_from,
    add_question,
    change_question,
    leave_out,
    make_checklist,
    make_ready,
    move_question,
    renew_step,
    take_in,
)
from audits.checklists.register import (
    asked,
    checklist_of,
    checklist_scores,
    counting,
    earlier_answers,
    earlier_checklists,
    question_of,
    stale_marks,
)
from audits.checklists.sampling import usual_size
from audits.checklists.scores import POINTS
from audits.models import Audit, AuditState, Checklist, Question
from audits.permissions import AuditPermission
from audits.register import audit_of
from forms.screen.checklist import MakeForm, PlaceForm, SampleForm, key
from forms.screen.programme import ReasonForm

bp = Blueprint("checklists", __name__)


def _audit(number: str, permission: AuditPermission = AuditPermission.SEE_CHECKLIST) -> Audit:
    found = audit_of(db.session(), standing(), shown_body().id, number[:40])
    must(permission, found)
    return found


def _kept(number: str) -> tuple[Audit, Checklist]:
    """Give audit and checklist to whoever may change it."""
    audit = _audit(number, AuditPermission.KEEP_CHECKLIST)
    checklist = checklist_of(db.session(), standing(), audit)
    if checklist is None:
        raise NotFound()
    return audit, checklist


@bp.get("/audits/<number>/checklist")
@requires(AuditPermission.SEE_CHECKLIST)
def show(number: str) -> ResponseReturnValue:
    """Show the questions with last time's answers and what became of their steps."""
    return _page(_audit(number))


def _page(audit: Audit, status: int = 200, **given: Any) -> ResponseReturnValue:
    session = db.session()
    checklist = checklist_of(session, standing(), audit)
    may_keep = may_now(AuditPermission.KEEP_CHECKLIST, audit)
    make = given.get("make") or MakeForm(formdata=None, prefix="make-")
    if "make" not in given:
        make.template.data = make.clauses.data = make.steps.data = checklist is None
    make.earlier.choices = _earlier(audit) if may_keep else []
    common: dict[str, Any] = {"audit": audit, "may_keep": may_keep, "make": make, "status": status}
    if checklist is None:
        return page("audits/checklist_new.html", **common)
    questions = checklist.questions
    sample = given.get("sample") or SampleForm(formdata=None, prefix="sample-")
    sample.question.choices = questions_of(checklist, gettext("the whole checklist"))
    new = given.get("new") or question_form(checklist, None, prefix="new-")
    score, sections = checklist_scores(checklist)
    asked_now = {one.id for one in asked(checklist)}
    obstacle = checklist.change_obstacle()
    return page(
        "audits/checklist.html",
        **common,
        checklist=checklist,
        sections=_sections(questions),
        marks=stale_marks(session, questions),
        beside=earlier_answers(session, questions),
        counts={one.id: counting(one.answers) for one in questions},
        waiting={one.id for one in questions} - asked_now,
        left_out=[one for one in checklist.every_question if one.left_out_at is not None],
        score=score,
        scores=sections,
        points=POINTS,
        sample=sample,
        new=new,
        opened=next((name for name, form in given.items() if form.errors), ""),
        may_change=may_keep and obstacle is None,
        is_under_way=audit.state is AuditState.UNDER_WAY,
        usual_size=usual_size,
    )


def _sections(questions: list[Question]) -> list[tuple[str, list[tuple[int, Question]]]]:
    """Give the questions with their numbers, a heading wherever the section changes."""
    found: list[tuple[str, list[tuple[int, Question]]]] = []
    for number, one in enumerate(questions, start=1):
        if not found or found[-1][0] != one.section:
            found.append((one.section, []))
        found[-1][1].append((number, one))
    return found


def _earlier(audit: Audit) -> list[SelectChoice]:
    return [
        SelectChoice("", gettext("none")),
        *(
            SelectChoice(str(one.id), f"{one.audit.number} · {one.audit.unit_names}")
            for one in earlier_checklists(db.session(), audit)
        ),
    ]


def _sources(work: Work, form: MakeForm) -> Sources:
    chosen = key(form.earlier.data)
    earlier = work.session.get(Checklist, chosen) if chosen else None
    if earlier is not None and earlier.body_id != work.actor.body_id:
        earlier = None
    return Sources(
        template=bool(form.template.data),
        clauses=bool(form.clauses.data),
        steps=bool(form.steps.data),
        earlier=earlier,
    )


def _to(audit_number: str, **more: Any) -> str:
    return url_for("checklists.show", number=audit_number, **more)


@bp.post("/audits/<number>/checklist")
@requires(AuditPermission.KEEP_CHECKLIST)
def make(number: str) -> ResponseReturnValue:
    """Make the checklist, or add what a source asks and it does not yet."""
    audit, form = _audit(number, AuditPermission.KEEP_CHECKLIST), MakeForm(prefix="make-")
    form.earlier.choices = _earlier(audit)
    if not form.validate_on_submit():
        return _page(audit, 422, make=form)
    known = checklist_of(db.session(), standing(), audit)
    try:
        with unit_of_work(signed_in()) as work:
            if known is None:
                made = make_checklist(work, work.fresh(audit), _sources(work, form))
                count = len(made.every_question)
            else:
                count = add_from(work, work.fresh(known), _sources(work, form))
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), make=form)
    said = ngettext("%(num)s question came in.", "%(num)s questions came in.", count)
    return done(said, to=_to(audit.number))


@bp.post("/audits/<number>/checklist/questions")
@requires(AuditPermission.KEEP_CHECKLIST)
def add(number: str) -> ResponseReturnValue:
    """Add a question of one's own."""
    audit, checklist = _kept(number)
    form = question_form(checklist, None, prefix="new-", sent=True)
    if not form.validate_on_submit():
        return _page(audit, 422, new=form)
    try:
        with unit_of_work(signed_in()) as work:
            made = add_question(work, work.fresh(checklist), data_of(form))
            anchor = f"q{made.id}"
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), new=form)
    return done(gettext("The question is in the list."), to=_to(audit.number, _anchor=anchor))


@bp.route("/audits/<number>/checklist/<int:question_id>", methods=["GET", "POST"])
@requires(AuditPermission.KEEP_CHECKLIST)
def question(number: str, question_id: int) -> ResponseReturnValue:
    """Show and change one question; a stale one with the words of its step before and now."""
    audit, checklist = _kept(number)
    found = question_of(checklist, question_id)
    if request.method != "POST":
        return _question_page(audit, checklist, found)
    form = question_form(checklist, found, sent=True)
    if not form.validate_on_submit():
        return _question_page(audit, checklist, found, 422, form=form)
    try:
        with unit_of_work(signed_in()) as work:
            fresh = work.fresh(found)
            changed = change_question(work, fresh, data_of(form), seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        status = at_field(form, refused)
        audit, checklist = _kept(number)
        found = question_of(checklist, question_id)
        return _question_page(audit, checklist, found, status, form=form)
    said = gettext("The question is changed.") if changed else gettext("Nothing was changed.")
    return done(said, to=_to(audit.number, _anchor=f"q{question_id}"))


def _question_page(
    audit: Audit, checklist: Checklist, found: Question, status: int = 200, **given: Any
) -> ResponseReturnValue:
    place = PlaceForm(formdata=None, prefix="place-")
    order = [one.id for one in checklist.questions]
    place.place.data = order.index(found.id) + 1 if found.id in order else None
    return page(
        "audits/question.html",
        status=status,
        audit=audit,
        checklist=checklist,
        question=found,
        form=given.get("form") or question_form(checklist, found),
        place=given.get("place") or place,
        out=given.get("out") or ReasonForm(formdata=None, prefix="out-"),
        mark=stale_marks(db.session(), [found]).get(found.id),
        beside=earlier_answers(db.session(), [found]).get(found.id, []),
        may_change=checklist.change_obstacle() is None,
        last=len(order),
    )


def _acted(
    number: str, question_id: int, act: Callable[[Work, Question], None], said: str
) -> ResponseReturnValue:
    audit, checklist = _kept(number)
    found = question_of(checklist, question_id)
    with unit_of_work(signed_in()) as work:
        act(work, work.fresh(found))
    return done(said, to=_to(audit.number, _anchor=f"q{question_id}"))


@bp.post("/audits/<number>/checklist/<int:question_id>/place")
@requires(AuditPermission.KEEP_CHECKLIST)
def move(number: str, question_id: int) -> ResponseReturnValue:
    """Put a question at another place."""
    form = PlaceForm(prefix="place-")
    if not form.validate_on_submit():
        audit, checklist = _kept(number)
        found = question_of(checklist, question_id)
        return _question_page(audit, checklist, found, 422, place=form)
    to = form.place.data or 1
    return _acted(
        number,
        question_id,
        lambda work, one: move_question(work, one, to=to),
        gettext("The question is moved."),
    )


@bp.post("/audits/<number>/checklist/<int:question_id>/left-out")
@requires(AuditPermission.KEEP_CHECKLIST)
def out(number: str, question_id: int) -> ResponseReturnValue:
    """Leave a question out, with the reason."""
    form = ReasonForm(prefix="out-")
    if not form.validate_on_submit():
        audit, checklist = _kept(number)
        found = question_of(checklist, question_id)
        return _question_page(audit, checklist, found, 422, out=form)
    reason = form.reason.data or ""
    return _acted(
        number,
        question_id,
        lambda work, one: leave_out(work, one, reason=reason),
        gettext("The question is left out, with the reason."),
    )


@bp.post("/audits/<number>/checklist/<int:question_id>/back-in")
@requires(AuditPermission.KEEP_CHECKLIST)
def back_in(number: str, question_id: int) -> ResponseReturnValue:
    """Ask a question again that was left out."""
    return _acted(number, question_id, take_in, gettext("The question is in the list."))


@bp.post("/audits/<number>/checklist/<int:question_id>/renewal")
@requires(AuditPermission.KEEP_CHECKLIST)
def renew(number: str, question_id: int) -> ResponseReturnValue:
    """Take over the words a step has now."""

    def act(work: Work, one: Question) -> None:
        mark = stale_marks(work.session, [one]).get(one.id)
        if mark is None or mark.revision is None or mark.step is None:
            raise RuleBroken(N_("There are no new words to take over."))
        renew_step(work, one, mark.revision, mark.step)

    return _acted(number, question_id, act, gettext("The question has the new words."))


@bp.post("/audits/<number>/checklist/samples")
@requires(AuditPermission.KEEP_CHECKLIST)
def sample(number: str) -> ResponseReturnValue:
    """Draw a sample and keep it."""
    audit, checklist = _kept(number)
    form = SampleForm(prefix="sample-")
    form.question.choices = questions_of(checklist, gettext("the whole checklist"))
    if not form.validate_on_submit():
        return _page(audit, 422, sample=form)
    try:
        with unit_of_work(signed_in()) as work:
            draw_sample(
                work,
                work.fresh(checklist),
                SampleData(
                    about=form.about.data or "",
                    size=form.size.data or 0,
                    population=form.population.data or 0,
                    method=form.method.coded,
                    seed=form.seed.data or "",
                    items=(form.items.data or "").splitlines(),
                    question_id=key(form.question.data),
                ),
            )
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), sample=form)
    return done(gettext("The sample is drawn."), to=_to(audit.number, _anchor="samples"))


@bp.post("/audits/<number>/checklist/ready")
@requires(AuditPermission.KEEP_CHECKLIST)
def ready(number: str) -> ResponseReturnValue:
    """Say that the checklist is ready to be asked."""
    audit, checklist = _kept(number)
    with unit_of_work(signed_in()) as work:
        make_ready(work, work.fresh(checklist))
    return done(gettext("The checklist is ready."), to=_to(audit.number))
