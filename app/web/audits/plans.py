"""The plan of one audit: agenda, what it covers, what is read, what units answer (screen 18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, Refusal, RuleBroken, Stale
from app.kernel.organisation import Unit
from app.kernel.work import unit_of_work
from app.web.audits.loading import address_of, found_audit, is_guests
from app.web.formats import as_day, language
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from audits.agenda import MOST_LINES, AgendaLine, keep_agenda
from audits.audit_reading import choose_documents, note_read, to_read
from audits.audit_scope import change_method, change_units
from audits.auditor_register import audited_units
from audits.models import Audit, ProgrammeState, UnitAnswer
from audits.permissions import AuditPermission
from audits.unit_answer import answer_plan, newest_answers, owed_by, reply_to
from documents.models import Document, Revision
from documents.register import find_document
from forms.screen.audit_plan import (
    AgendaForm,
    AgendaLineForm,
    MethodForm,
    ReadingForm,
    ReplyForm,
    UnitAnswerForm,
    UnitsForm,
    chosen,
)

bp = Blueprint("plans", __name__)
SPARE_LINES = 3  # empty ones below the agenda, for what is added


@bp.get("/audits/<number>/plan")
@requires(AuditPermission.SEE_AUDIT)
def show(number: str) -> ResponseReturnValue:
    """Show the plan: agenda, documents to read, meetings, who confirmed it."""
    return plan_page(found_audit(number))


def plan_page(found: Audit, status: int = 200, **given: Any) -> ResponseReturnValue:
    """Show the plan, with the form that was refused in the place of a fresh one."""
    may_lead = may_now(AuditPermission.LEAD_AUDIT, found)
    may_change = may_lead and found.plan_obstacle() is None
    may_units = may_now(AuditPermission.KEEP_PROGRAMME, found) and found.scope_obstacle() is None
    own = standing().person
    forms: dict[str, Any] = {
        "agenda": AgendaForm(formdata=None, obj=found),
        "units": _units_form(found, is_fresh=True) if may_units else None,
        "method": MethodForm(formdata=None, prefix="method-", obj=found),
        "reading": _reading_form(found),
        "answer": answer_form(found, is_fresh=True)
        if may_now(AuditPermission.ANSWER_PLAN, found)
        else None,
        "reply": ReplyForm(formdata=None, prefix="reply-"),
        **given,
    }
    lines = given.get("lines") or (_fresh_lines(found) if may_change else [])
    forms["agenda"].count.data = len(lines)
    return page(
        "audits/plan.html",
        status=status,
        found=found,
        at=address_of(found),
        is_guest=is_guests(found),
        forms=forms,
        lines=lines,
        broken={one.id for one in found.broken_agenda},
        names={one.auditor_id: one.auditor.shown_name for one in found.members},
        listed=to_read(db.session(), found),
        own_id=own.id,
        may_lead=may_lead,
        may_change=may_change,
        may_units=may_units,
        needs_reason=found.programme.state is not ProgrammeState.DRAFT,
        may_read=may_now(AuditPermission.READ_FOR_AUDIT, found) and found.plan_obstacle() is None,
        newest=newest_answers(found),
        opened=next((name for name, form in given.items() if name != "lines"), ""),
        is_wrong=bool(given),
    )


# --- the agenda


def _days(found: Audit) -> list[date]:
    count = min((found.last_on - found.first_on).days + 1, 60)
    return [found.first_on + timedelta(days=at) for at in range(count)]


def _line(found: Audit, at: int, **more: Any) -> AgendaLineForm:
    form = AgendaLineForm(prefix=f"lines-{at}-", **more)
    form.held_on.choices = [
        SelectChoice(day.isoformat(), as_day(day, language())) for day in _days(found)
    ]
    form.unit.choices = [
        SelectChoice("", gettext("no unit alone")),
        *(SelectChoice(str(one.unit_id), one.unit.name) for one in found.units),
    ]
    form.auditors.choices = [
        SelectChoice(str(one.auditor_id), one.auditor.shown_name) for one in found.team
    ]
    return form


def _fresh_lines(found: Audit) -> list[AgendaLineForm]:
    """Give the agenda as forms, with some empty lines below."""
    lines = []
    for at, item in enumerate(found.agenda):
        form = _line(found, at, formdata=None, obj=item)
        form.key.data, form.held_on.data = item.id, item.held_on.isoformat()
        form.unit.data = str(item.unit_id or "")
        form.auditors.data = sorted(item.auditor_ids)
        lines.append(form)
    room = min(SPARE_LINES, MOST_LINES - len(lines))
    for at in range(len(lines), len(lines) + room):
        form = _line(found, at, formdata=None)
        form.unit.data = str(found.units[0].unit_id) if len(found.units) == 1 else ""
        lines.append(form)
    return lines


@bp.post("/audits/<number>/plan")
@requires(AuditPermission.LEAD_AUDIT)
def agenda(number: str) -> ResponseReturnValue:
    """Keep the agenda as a whole; whoever was told of the audit is told what changed."""
    found, form = found_audit(number), AgendaForm()
    must(AuditPermission.LEAD_AUDIT, found)
    lines = [_line(found, at) for at in range(min(form.count.data or 0, MOST_LINES))]
    if not form.validate() or not all(line.validate() for line in lines):
        form.form_errors.append(gettext("Correct the lines that are marked."))
        return plan_page(found, 422, agenda=form, lines=lines)
    kept = [(at, line) for at, line in enumerate(lines) if not line.is_empty]
    try:
        with unit_of_work(signed_in()) as work:
            changed = keep_agenda(
                work,
                work.fresh(found),
                [_typed(line) for _at, line in kept],
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        status = _at_line(form, kept, refused)
        return plan_page(found_audit(number), status, agenda=form, lines=lines)
    said = gettext("The agenda is kept.") if changed else gettext("Nothing has changed.")
    return done(said, to=url_for("plans.show", number=address_of(found)))


def _typed(line: AgendaLineForm) -> AgendaLine:
    try:
        day = date.fromisoformat(line.held_on.data or "")
    except ValueError:
        day = None
    return AgendaLine(
        held_on=day,
        begins=line.begins.data or "",
        ends=line.ends.data or "",
        subject=line.subject.data or "",
        auditor_ids=[key for key in line.auditors.data or [] if key is not None],
        unit_id=chosen(line.unit),
        place=line.place.data or "",
        met=line.met.data or "",
        key=line.key.data,
    )


def _at_line(form: AgendaForm, kept: list[tuple[int, AgendaLineForm]], refused: Refusal) -> int:
    """Show what is wrong at the field of its line, and above the agenda with the line's number."""
    _lines, _, rest = getattr(refused, "field", "").partition("lines-")
    at, _, name = rest.partition("-")
    if at.isdigit() and int(at) < len(kept):
        place, line = kept[int(at)]
        line[name].errors = [*line[name].errors, words(refused)]
        form.form_errors.append(
            gettext("Line %(number)s: %(what)s", number=place + 1, what=words(refused))
        )
    else:
        form.form_errors.append(words(refused))
    return refused.status


# --- what it covers, how it is done, what is read


def _units_form(found: Audit, *, is_fresh: bool = False) -> UnitsForm:
    form = UnitsForm(prefix="units-", **({"formdata": None, "obj": found} if is_fresh else {}))
    units = {
        unit.id: unit.name for unit in audited_units(db.session(), found.body_id, standing().on)
    }
    units |= {one.unit_id: one.unit.name for one in found.units}
    form.units.choices = [SelectChoice(str(key), name) for key, name in units.items()]
    if is_fresh:
        form.units.data = [one.unit_id for one in found.units]
        form.reason.data = ""
    return form


@bp.post("/audits/<number>/units")
@requires(AuditPermission.KEEP_PROGRAMME)
def units(number: str) -> ResponseReturnValue:
    """Give an audit other units, until it is announced."""
    found = found_audit(number)
    must(AuditPermission.KEEP_PROGRAMME, found)
    form = _units_form(found)
    if not form.validate_on_submit():
        return plan_page(found, 422, units=form)
    try:
        with unit_of_work(signed_in()) as work:
            wanted = work.session.scalars(sa.select(Unit).where(Unit.id.in_(form.units.data or [])))
            change_units(
                work,
                work.fresh(found),
                list(wanted),
                reason=form.reason.data or "",
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return plan_page(found_audit(number), at_field(form, refused), units=form)
    return done(
        gettext("The units are changed; clauses and procedures follow them."),
        to=url_for("plans.show", number=address_of(found)),
    )


@bp.post("/audits/<number>/method")
@requires(AuditPermission.LEAD_AUDIT)
def method(number: str) -> ResponseReturnValue:
    """Say what the audit is to find out and how it is done."""
    found, form = found_audit(number), MethodForm(prefix="method-")
    must(AuditPermission.LEAD_AUDIT, found)
    if not form.validate_on_submit():
        return plan_page(found, 422, method=form)
    try:
        with unit_of_work(signed_in()) as work:
            change_method(
                work,
                work.fresh(found),
                form.method.coded,
                address=form.remote_address.data or "",
                objective=form.objective.data or "",
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return plan_page(found_audit(number), at_field(form, refused), method=form)
    return done(
        gettext("How the audit is done is kept."),
        to=url_for("plans.show", number=address_of(found)),
    )


def _reading_form(found: Audit) -> ReadingForm:
    form = ReadingForm(formdata=None, prefix="reading-")
    form.documents.data = "\n".join(one.document.code or "" for one in found.documents)
    return form


@bp.post("/audits/<number>/reading")
@requires(AuditPermission.LEAD_AUDIT)
def reading(number: str) -> ResponseReturnValue:
    """Choose what is read besides the procedures audited, by code."""
    found, form = found_audit(number), ReadingForm(prefix="reading-")
    must(AuditPermission.LEAD_AUDIT, found)
    if is_guests(found):
        raise NotFound()  # a guest may not look for documents here (O4)
    if not form.validate_on_submit():
        return plan_page(found, 422, reading=form)
    typed = [code.strip() for code in (form.documents.data or "").replace(",", "\n").splitlines()]
    documents: list[Document] = []
    for code in filter(None, typed):
        one = find_document(db.session(), standing(), code, body_id=found.body_id)
        if one is None:
            unknown = gettext("There is no document %(code)s you may read.", code=code[:80])
            form.documents.errors = (*form.documents.errors, unknown)
        else:
            documents.append(one)
    if form.errors:
        return plan_page(found, 422, reading=form)
    try:
        with unit_of_work(signed_in()) as work:
            choose_documents(work, work.fresh(found), [work.fresh(one) for one in documents])
    except (InvalidInput, RuleBroken) as refused:
        return plan_page(found_audit(number), at_field(form, refused), reading=form)
    return done(
        gettext("What is to be read is kept."), to=url_for("plans.show", number=address_of(found))
    )


@bp.post("/audits/<number>/reading/<int:revision_id>")
@requires(AuditPermission.READ_FOR_AUDIT)
def read(number: str, revision_id: int) -> ResponseReturnValue:
    """Note that the viewer, of the team, read a revision for the audit."""
    found = found_audit(number)
    must(AuditPermission.READ_FOR_AUDIT, found)
    revision = db.session.get(Revision, revision_id)
    if revision is None:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        note_read(work, work.fresh(found), work.fresh(revision))
    return done(gettext("Noted as read."), to=url_for("plans.show", number=address_of(found)))


# --- answers of the units


def answer_form(found: Audit, *, is_fresh: bool = False) -> UnitAnswerForm | None:
    """Give the form for the units the viewer still answers for; None where there is none."""
    owed = owed_by(found, standing())
    if not owed and is_fresh:
        return None
    form = UnitAnswerForm(prefix="answer-", **({"formdata": None} if is_fresh else {}))
    form.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in owed]
    return form


@bp.post("/audits/<number>/answers")
@requires(AuditPermission.ANSWER_PLAN)
def answer(number: str) -> ResponseReturnValue:
    """Confirm the plan for a unit, or say what does not suit."""
    found = found_audit(number)
    must(AuditPermission.ANSWER_PLAN, found)
    form = answer_form(found) or UnitAnswerForm(prefix="answer-")
    form.unit.choices = [SelectChoice(str(one.unit_id), one.unit.name) for one in found.units]
    if not form.validate_on_submit():
        return plan_page(found, 422, answer=form)
    try:
        with unit_of_work(signed_in()) as work:
            answer_plan(
                work,
                work.fresh(found),
                work.session.get_one(Unit, chosen(form.unit)),
                is_confirmed=form.answer.data == "agree",
                unsuited_on=form.unsuited_on.data,
                words=form.words.data or "",
            )
    except (InvalidInput, RuleBroken) as refused:
        return plan_page(found_audit(number), at_field(form, refused), answer=form)
    said = (
        gettext("The plan is confirmed.")
        if form.answer.data == "agree"
        else gettext("The lead auditor is told and answers you.")
    )
    return done(said, to=url_for("plans.show", number=address_of(found)))


@bp.post("/audits/<number>/answers/<int:answer_id>")
@requires(AuditPermission.LEAD_AUDIT)
def reply(number: str, answer_id: int) -> ResponseReturnValue:
    """Answer what a unit said of the plan."""
    found, form = found_audit(number), ReplyForm(prefix="reply-")
    must(AuditPermission.LEAD_AUDIT, found)
    said = db.session.get(UnitAnswer, answer_id)
    if said is None or said.audit_id != found.id:
        raise NotFound()
    if not form.validate_on_submit():
        return plan_page(found, 422, reply=form)
    try:
        with unit_of_work(signed_in()) as work:
            reply_to(work, work.fresh(said), words=form.reply.data or "")
    except (InvalidInput, RuleBroken) as refused:
        return plan_page(found_audit(number), at_field(form, refused), reply=form)
    return done(gettext("The unit is told."), to=url_for("plans.show", number=address_of(found)))
