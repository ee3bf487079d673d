"""Auditors: the list, one of them, qualification, days away, conflicts, exceptions (b9-b11; A1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Body, Unit, root_unit
from app.kernel.people import Person, Role
from app.kernel.search import fold
from app.kernel.signing_in import login_name
from app.kernel.work import Work, unit_of_work
from app.web.body_address import shown_body
from app.web.documents.pages import whole
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.signing import proof_of
from audits.auditor import (
    ExceptionData,
    add_entry,
    change_qualification,
    declare_conflict,
    end_auditor,
    end_conflict,
    end_leave,
    enter_leave,
    known_fields,
    name_auditor,
    sign_exception,
)
from audits.auditor_register import (
    AuditorFilter,
    audited_units,
    auditor_of,
    auditors,
    barred_from,
    conflict_of,
    exceptions_of,
    leave_of,
    taken_part,
)
from audits.models import Auditor
from audits.permissions import AuditPermission
from forms.screen.auditor import (
    AuditorEndForm,
    AuditorForm,
    ConflictForm,
    EntryForm,
    ExceptionForm,
    LeaveForm,
    QualificationForm,
)

bp = Blueprint("auditors", __name__)


@bp.get("/auditors")
@requires(AuditPermission.LIST_AUDITORS)
def listing() -> ResponseReturnValue:
    """List the auditors of a body by given name; the filter stands in the address."""
    body, text = shown_body(), " ".join(request.args.get("q", "")[:100].split())
    key = fold(request.args.get("field", "")[:120])
    which = request.args.get("which", "")
    wanted = AuditorFilter(text, key, leads=which == "leads", former=which == "all")
    after = whole(request.args.get("after"))
    found = auditors(db.session(), standing(), body, wanted, after=after)
    pills = [("", gettext("Auditors")), ("leads", gettext("May lead")), ("all", gettext("All"))]
    return page(
        "audits/auditors.html",
        body=body,
        found=found,
        text=text,
        on=standing().on,
        pills=[
            {"label": label, "url": _address(which=code, q=text), "current": which == code}
            for code, label in pills
        ],
        which=which,
        following=_address(which=which, q=text, after=found.after) if found.after else None,
        may_keep=may_now(AuditPermission.KEEP_AUDITORS, body),
    )


def _address(**values: Any) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return url_for("auditors.listing") + (f"?{query}" if query else "")


@bp.route("/auditors/new", methods=["GET", "POST"])
@requires(AuditPermission.KEEP_AUDITORS)
def add() -> ResponseReturnValue:
    """Put somebody on the list: of the body, invited from another, or without an account."""
    form, body, status = AuditorForm(), shown_body(), 200
    must(AuditPermission.KEEP_AUDITORS, body)
    if not form.is_submitted():
        form.days_per_week.data, form.days_per_year.data = 2, 20
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                person = _chosen(work, form)
                made = name_auditor(
                    work,
                    work.actor.body,
                    form.said(),
                    person=person,
                    name="" if person is not None else form.name.data or "",
                    organisation=form.organisation.data or "",
                )
                number = made.number
            return done(
                gettext("%(number)s is on the list.", number=number),
                to=url_for("auditors.show", number=number),
            )
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    else:
        status = 422
    chosen = db.session.get(Person, form.person.data[0]) if form.person.data else None
    own = chosen is not None and chosen.body_id == body.id
    return page(
        "audits/auditor_form.html",
        status=status,
        form=form,
        chosen=[chosen] if own else [],
        fields=_fields(body),
    )


def _chosen(work: Work, form: AuditorForm) -> Person | None:
    """Give who was chosen; of another body only by account name and name together (O4)."""
    if form.person.data:
        found = work.session.get(Person, form.person.data[0])
        if found is None or found.body_id != work.actor.body_id:
            raise InvalidInput(N_("This is not in the list. Choose again."), field="person")
        return found
    login = login_name(form.login.data or "")
    if not login:
        return None
    found = work.session.scalars(sa.select(Person).where(Person.login == login)).one_or_none()
    if found is None or found.name_folded != fold(form.name.data or ""):
        raise InvalidInput(
            N_("Nobody has this account name and this name. Type both as they are written there."),
            field="login",
        )
    return found


def _fields(body: Body) -> list[str]:
    rows = db.session.scalars(sa.select(Auditor).where(Auditor.body_id == body.id).limit(200))
    return known_fields(rows)


@bp.get("/auditors/<number>")
@requires(AuditPermission.SEE_AUDITOR)
def show(number: str) -> ResponseReturnValue:
    """Show one auditor: qualification, days, conflicts, where they may not audit and why."""
    return _page(_auditor(number))


def _auditor(number: str) -> Auditor:
    return auditor_of(db.session(), standing(), shown_body().id, number[:20])


def _page(found: Auditor, status: int = 200, **given: Any) -> ResponseReturnValue:
    body, on = shown_body(), standing().on
    units = audited_units(db.session(), body.id, on)
    forms = {
        "qualification": QualificationForm(formdata=None, obj=found),
        "leave": LeaveForm(formdata=None, prefix="leave-"),
        "conflict": ConflictForm(formdata=None, prefix="conflict-"),
        "entry": EntryForm(formdata=None, prefix="entry-"),
        "end": AuditorEndForm(formdata=None, prefix="end-"),
        "sign": ExceptionForm(formdata=None, prefix="sign-"),
    } | given
    if "qualification" not in given:
        forms["qualification"].competences.data = ", ".join(found.fields)
    for name in ("conflict", "sign"):
        forms[name].unit.choices = _choices(units)
    root = root_unit(db.session(), body.id)
    return page(
        "audits/auditor.html",
        status=status,
        found=found,
        on=on,
        forms=forms,
        is_wrong=any(form.errors for form in forms.values()),
        opened=next((name for name, form in given.items() if form.errors), ""),
        barred=barred_from(db.session(), body, found, on),
        units={unit.id: unit.name for unit in units},
        exceptions=exceptions_of(db.session(), found),
        taken=taken_part(db.session(), found),
        may_keep=may_now(AuditPermission.KEEP_AUDITORS, found),
        may_declare=may_now(AuditPermission.DECLARE, found),
        may_sign=may_now(AuditPermission.SIGN_EXCEPTION, found),
        capacity=standing().capacity_for((Role.LEADER,), root.id),
    )


def _choices(units: list[Unit]) -> list[SelectChoice]:
    return [SelectChoice(str(unit.id), unit.name) for unit in units]


@bp.post("/auditors/<number>/qualification")
@requires(AuditPermission.KEEP_AUDITORS)
def qualify(number: str) -> ResponseReturnValue:
    """Change what an auditor is qualified for."""
    found, form = _auditor(number), QualificationForm()
    if not form.validate_on_submit():
        return _page(found, 422, qualification=form)
    try:
        with unit_of_work(signed_in()) as work:
            changed = change_qualification(
                work, work.fresh(found), form.said(), seen=form.row_version.data
            )
    except (InvalidInput, Stale) as refused:
        return _page(_auditor(number), at_field(form, refused), qualification=form)
    said = gettext("The qualification is saved.") if changed else gettext("Nothing was changed.")
    return done(said, to=url_for("auditors.show", number=found.number))


@bp.post("/auditors/<number>/leaves")
@requires(AuditPermission.DECLARE)
def leave(number: str) -> ResponseReturnValue:
    """Enter days on which an auditor is away."""
    found, form = _auditor(number), LeaveForm(prefix="leave-")
    must(AuditPermission.DECLARE, found)
    if not form.validate_on_submit():
        return _page(found, 422, leave=form)
    try:
        with unit_of_work(signed_in()) as work:
            enter_leave(
                work,
                work.fresh(found),
                from_on=form.from_on.data,
                until_on=form.until_on.data,
            )
    except InvalidInput as refused:
        return _page(_auditor(number), at_field(form, refused), leave=form)
    return done(
        gettext("The days are entered. Audits planned on them show it."),
        to=url_for("auditors.show", number=found.number),
    )


@bp.post("/auditors/<number>/leaves/<int:leave_id>/end")
@requires(AuditPermission.DECLARE)
def take_back(number: str, leave_id: int) -> ResponseReturnValue:
    """Take back days on which somebody was to be away."""
    found = _auditor(number)
    must(AuditPermission.DECLARE, found)
    with unit_of_work(signed_in()) as work:
        end_leave(work, leave_of(work.session, found, leave_id))
    return done(gettext("Taken back."), to=url_for("auditors.show", number=found.number))


@bp.post("/auditors/<number>/conflicts")
@requires(AuditPermission.DECLARE)
def conflict(number: str) -> ResponseReturnValue:
    """Declare a conflict with a unit."""
    found, form = _auditor(number), ConflictForm(prefix="conflict-")
    must(AuditPermission.DECLARE, found)
    units = audited_units(db.session(), found.body_id, standing().on)
    form.unit.choices = _choices(units)
    if not form.validate_on_submit():
        return _page(found, 422, conflict=form)
    try:
        with unit_of_work(signed_in()) as work:
            declare_conflict(
                work,
                work.fresh(found),
                _unit(work, form.unit.data),
                reason=form.reason.data or "",
                until_on=form.until_on.data,
            )
    except InvalidInput as refused:
        return _page(_auditor(number), at_field(form, refused), conflict=form)
    return done(
        gettext("The conflict is declared and counts from now on."),
        to=url_for("auditors.show", number=found.number),
    )


def _unit(work: Work, key: str | None) -> Unit:
    unit = work.session.get(Unit, int(key or 0))
    if unit is None:
        raise NotFound()
    return unit


@bp.post("/auditors/<number>/conflicts/<int:conflict_id>/end")
@requires(AuditPermission.KEEP_AUDITORS)
def settle(number: str, conflict_id: int) -> ResponseReturnValue:
    """End a conflict."""
    found = _auditor(number)
    with unit_of_work(signed_in()) as work:
        end_conflict(work, conflict_of(work.session, found, conflict_id))
    return done(gettext("The conflict is ended."), to=url_for("auditors.show", number=found.number))


@bp.post("/auditors/<number>/entries")
@requires(AuditPermission.KEEP_AUDITORS)
def entry(number: str) -> ResponseReturnValue:
    """Add a course or an assessment to an auditor's record."""
    found, form = _auditor(number), EntryForm(prefix="entry-")
    if not form.validate_on_submit():
        return _page(found, 422, entry=form)
    try:
        with unit_of_work(signed_in()) as work:
            add_entry(
                work,
                work.fresh(found),
                form.kind.coded,
                held_on=form.held_on.data,
                title=form.title.data or "",
                certificate=form.certificate.data or "",
            )
    except InvalidInput as refused:
        return _page(_auditor(number), at_field(form, refused), entry=form)
    return done(
        gettext("The record is added to."), to=url_for("auditors.show", number=found.number)
    )


@bp.post("/auditors/<number>/end")
@requires(AuditPermission.KEEP_AUDITORS)
def end(number: str) -> ResponseReturnValue:
    """Take somebody off the list."""
    found, form = _auditor(number), AuditorEndForm(prefix="end-")
    if not form.validate_on_submit():
        return _page(found, 422, end=form)
    try:
        with unit_of_work(signed_in()) as work:
            end_auditor(work, work.fresh(found), on=None, reason=form.reason.data or "")
    except (InvalidInput, RuleBroken) as refused:
        return _page(_auditor(number), at_field(form, refused), end=form)
    return done(
        gettext("%(number)s is off the list.", number=found.number), to=url_for("auditors.listing")
    )


@bp.post("/auditors/<number>/exceptions")
@requires(AuditPermission.SIGN_EXCEPTION)
def sign(number: str) -> ResponseReturnValue:
    """Sign that an auditor may audit a unit in spite of a rule by setting (A1)."""
    found, form = _auditor(number), ExceptionForm(prefix="sign-")
    must(AuditPermission.SIGN_EXCEPTION, found)
    form.unit.choices = _choices(audited_units(db.session(), found.body_id, standing().on))
    if not form.validate_on_submit():
        return _page(found, 422, sign=form)
    proof = proof_of(form)
    try:
        with unit_of_work(signed_in()) as work:
            data = ExceptionData(
                _unit(work, form.unit.data),
                form.from_on.data,
                form.until_on.data,
                form.reason.data or "",
                form.safeguards.data or "",
            )
            sign_exception(work, work.fresh(found), data, proof=proof)
    except InvalidInput as refused:
        return _page(_auditor(number), at_field(form, refused), sign=form)
    return done(
        gettext("The exception is signed."), to=url_for("auditors.show", number=found.number)
    )
