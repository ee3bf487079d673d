"""Audits: the list, adding one, one of them as a task list, its team (screens 17, 18; b7-b13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Unit
from app.kernel.work import Work, unit_of_work
from app.web.audits.history import history_of
from app.web.audits.loading import (
    address_of,
    body_of_audit,
    found_audit,
    guest_address,
    is_guests,
)
from app.web.audits.stages import stages_of
from app.web.body_address import shown_body
from app.web.documents.pages import whole
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from audits.auditor_register import audited_units
from audits.checklists.field import asking_of
from audits.finding_register import progress_of
from audits.models import (
    MOVABLE,
    Audit,
    Auditor,
    AuditState,
    Programme,
    ProgrammeState,
    TeamMember,
    TeamPart,
)
from audits.permissions import AuditPermission
from audits.planned_audit import (
    AuditData,
    announce_audit,
    begin_audit,
    cancel_audit,
    close_audit,
    end_fieldwork,
    plan_audit,
    postpone_audit,
    reopen_fieldwork,
)
from audits.register import AuditFilter, programme_of
from audits.register import audits as audits_of
from audits.team import breaks_of, candidates, join_team, leave_team
from audits.unit_answer import newest_answers, owed_by
from forms.screen.programme import AuditForm, JoinForm, MoveForm, ReasonForm

bp = Blueprint("audits", __name__)


@bp.get("/audits")
@requires(AuditPermission.LIST_AUDITS)
def listing() -> ResponseReturnValue:
    """List the audits one may see, the latest first; the filter stands in the address."""
    body, asked = shown_body(), request.args.get("state", "")
    wanted = AuditFilter(
        year=whole(request.args.get("year")),
        state=next((one for one in AuditState if str(one) == asked), None),
        mine=request.args.get("mine") == "y",
    )
    before = whole(request.args.get("before"))
    found = audits_of(db.session(), standing(), body, wanted, before=before)
    sees = may_now(AuditPermission.SEE_PROGRAMME, body)
    return page(
        "audits/audits.html",
        found=found,
        pills=_pills(wanted),
        broken=breaks_of(db.session(), body, found.rows) if sees else {},
        older=_address(before=found.before) if found.before else None,
        year=standing().on.year,
        sees_programme=sees,
        may_keep=may_now(AuditPermission.KEEP_PROGRAMME, body),
    )


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:40] for name in ("year", "state", "mine")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for("audits.listing") + (f"?{query}" if query else "")


def _pills(wanted: AuditFilter) -> list[dict[str, Any]]:
    every = wanted.state is None and not wanted.mine
    return [
        {"label": gettext("All"), "url": _address(state="", mine=""), "current": every},
        {"label": gettext("Mine"), "url": _address(state="", mine="y"), "current": wanted.mine},
        *(
            {
                "label": gettext(state.label),
                "url": _address(state=state, mine=""),
                "current": wanted.state is state,
            }
            for state in AuditState
        ),
    ]


@bp.route("/programmes/<int:year>/audits/new", methods=["GET", "POST"])
@requires(AuditPermission.KEEP_PROGRAMME)
def add(year: int) -> ResponseReturnValue:
    """Add an audit to the programme by hand: to a draft any, to a signed one with its reason."""
    body, session = shown_body(), db.session()
    must(AuditPermission.KEEP_PROGRAMME, body)
    programme = programme_of(session, standing(), body, year)
    if programme is None:
        raise NotFound()
    form, status = _audit_form(programme), 200
    if not form.is_submitted():
        unit_id = whole(request.args.get("unit"))
        form.units.data = [unit_id] if unit_id else []
        drafted = programme.state is ProgrammeState.DRAFT
        form.kind.data = "planned" if drafted else "unscheduled"
    elif not form.validate():
        status = 422
    else:
        try:
            with unit_of_work(signed_in()) as work:
                made = _planned(work, work.fresh(programme), form)
                number = made.number
            return done(
                gettext("%(number)s is in the programme.", number=number),
                to=url_for("audits.show", number=number),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    return page(
        "audits/audit_form.html",
        status=status,
        form=form,
        year=year,
        programme=programme_of(session, standing(), body, year),
        states=ProgrammeState,
    )


def _audit_form(programme: Programme) -> AuditForm:
    form, session, on = AuditForm(), db.session(), standing().on
    units = audited_units(session, programme.body_id, on)
    form.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    leads = session.scalars(
        sa.select(Auditor)
        .where(
            Auditor.body_id == programme.body_id,
            Auditor.may_lead,
            sa.or_(Auditor.ended_on.is_(None), Auditor.ended_on >= on),
        )
        .order_by(Auditor.sort_key, Auditor.id)
        .limit(300)
    )
    form.lead.choices = [
        SelectChoice("", gettext("later")),
        *(SelectChoice(str(one.id), one.shown_name) for one in leads),
    ]
    return form


def _planned(work: Work, programme: Programme, form: AuditForm) -> Audit:
    keys = form.units.data or []
    units = list(work.session.scalars(sa.select(Unit).where(Unit.id.in_(keys))))
    made = plan_audit(
        work,
        programme,
        AuditData(
            units=units,
            window=form.window(),
            days=form.days(),
            kind=form.kind.coded,
            method=form.method.coded,
            reason=form.reason.data or "",
            objective=form.objective.data or "",
        ),
    )
    if form.lead.data:
        lead = work.session.get(Auditor, int(form.lead.data))
        if lead is not None:
            join_team(work, made, lead, TeamPart.LEAD)
    return made


@bp.get("/audits/<number>")
@requires(AuditPermission.SEE_AUDIT)
def show(number: str) -> ResponseReturnValue:
    """Show one audit from plan to closing; a guest is led to where theirs stands (O4)."""
    try:
        found = one_audit(number)
    except NotFound:
        if not (address := guest_address(number)):
            raise
        return redirect(address)
    return audit_page(found)


def one_audit(number: str) -> Audit:
    """Give the audit of a number, to whoever may see it."""
    return found_audit(number)


def audit_page(found: Audit, status: int = 200, **given: Any) -> ResponseReturnValue:
    """Show one audit, with forms as they were sent."""
    body, session = body_of_audit(found), db.session()
    may_lead = may_now(AuditPermission.LEAD_AUDIT, found)
    is_guest = is_guests(found)  # who else audits there, and why not, is not theirs to see (O4)
    may_change_team = may_lead and not is_guest and found.team_obstacle() is None
    offered = candidates(session, body, found) if may_change_team else []
    join = given.get("join") or JoinForm(formdata=None, prefix="join-")
    join.auditor.choices = _offered(offered)
    if "join" not in given:
        join.part.data = str(TeamPart.LEAD if found.lead is None else TeamPart.AUDITOR)
    move = MoveForm(formdata=None, prefix="move-", obj=found)
    move.reason.data = ""
    forms: dict[str, Any] = {
        "move": move,
        "stop": ReasonForm(formdata=None, prefix="stop-"),
        "leave": ReasonForm(formdata=None, prefix="leave-"),
        "again": ReasonForm(formdata=None, prefix="again-"),
        **given,
        "join": join,
    }
    broken = [] if is_guest else breaks_of(session, body, [found]).get(found.id, [])
    sees_programme = may_now(AuditPermission.SEE_PROGRAMME, found)
    members = {one.id for one in found.members}
    return page(
        "audits/audit.html",
        status=status,
        found=found,
        at=address_of(found),
        newest=newest_answers(found),
        owed=owed_by(found, standing()),
        on=standing().on,
        stages=stages_of(
            found,
            standing().on,
            progress_of(session, found),
            sees_report=may_now(AuditPermission.SEE_REPORT, found),
        ),
        close_why=_why_open(found),
        may_report=may_now(AuditPermission.WRITE_FINDING, found),
        forms=forms,
        is_wrong=any(form.errors for form in forms.values()),
        opened=next((name for name, form in given.items() if form.errors), ""),
        broken=broken,
        units={one.unit_id: one.unit.name for one in found.units},
        offered=offered,
        may_lead=may_lead,
        may_keep=may_now(AuditPermission.KEEP_PROGRAMME, found),
        may_change_team=may_change_team,
        is_movable=found.state in MOVABLE,
        sees_programme=sees_programme,
        asking=asking_of(session, standing(), found),
        told=history_of(audit={found.id}, team_member=members) if sees_programme else [],
    )


def _why_open(found: Audit) -> str | None:
    obstacle = found.close_obstacle() if found.is_reported else None
    return words(obstacle) if obstacle is not None else None


def _offered(offered: list[Any]) -> list[SelectChoice]:
    return [SelectChoice(str(one.auditor.id), one.auditor.shown_name) for one in offered]


def _acted(number: str, act: Callable[[Work, Audit], None], said: str) -> ResponseReturnValue:
    """Do something that asks for nothing more, and go back to the audit."""
    found = one_audit(number)
    with unit_of_work(signed_in()) as work:
        act(work, work.fresh(found))
    return done(said, to=url_for("audits.show", number=address_of(found)))


@bp.post("/audits/<number>/stop")
@requires(AuditPermission.LEAD_AUDIT)
def stop(number: str) -> ResponseReturnValue:
    """Postpone an audit or call it off, with the reason."""
    found, form = one_audit(number), ReasonForm(prefix="stop-")
    must(AuditPermission.LEAD_AUDIT, found)
    if not form.validate_on_submit():
        return audit_page(found, 422, stop=form)
    act = cancel_audit if request.form.get("answer") == "cancel" else postpone_audit
    try:
        with unit_of_work(signed_in()) as work:
            act(work, work.fresh(found), reason=form.reason.data or "")
    except (InvalidInput, RuleBroken) as refused:
        return audit_page(one_audit(number), at_field(form, refused), stop=form)
    return done(
        gettext("Noted, with the reason."), to=url_for("audits.show", number=address_of(found))
    )


@bp.post("/audits/<number>/announcement")
@requires(AuditPermission.LEAD_AUDIT)
def announce(number: str) -> ResponseReturnValue:
    """Announce an audit to its units."""
    return _acted(number, announce_audit, gettext("The audit is announced."))


@bp.post("/audits/<number>/beginning")
@requires(AuditPermission.LEAD_AUDIT)
def begin(number: str) -> ResponseReturnValue:
    """Begin the fieldwork."""
    return _acted(number, begin_audit, gettext("The fieldwork has begun."))


@bp.post("/audits/<number>/fieldwork-end")
@requires(AuditPermission.LEAD_AUDIT)
def end(number: str) -> ResponseReturnValue:
    """End the fieldwork."""
    return _acted(number, end_fieldwork, gettext("The fieldwork has ended."))


@bp.post("/audits/<number>/fieldwork-again")
@requires(AuditPermission.LEAD_AUDIT)
def reopen(number: str) -> ResponseReturnValue:
    """Take the fieldwork up again before the report is issued, with the reason."""
    found, form = one_audit(number), ReasonForm(prefix="again-")
    must(AuditPermission.LEAD_AUDIT, found)
    if not form.validate_on_submit():
        return audit_page(found, 422, again=form)
    try:
        with unit_of_work(signed_in()) as work:
            reopen_fieldwork(work, work.fresh(found), reason=form.reason.data or "")
    except (InvalidInput, RuleBroken) as refused:
        return audit_page(one_audit(number), at_field(form, refused), again=form)
    said = gettext("The fieldwork is under way again.")
    return done(said, to=url_for("audits.show", number=found.number))


@bp.post("/audits/<number>/closing")
@requires(AuditPermission.LEAD_AUDIT)
def close(number: str) -> ResponseReturnValue:
    """Close an audit."""
    return _acted(number, close_audit, gettext("The audit is closed."))


@bp.post("/audits/<number>/team")
@requires(AuditPermission.LEAD_AUDIT)
def join(number: str) -> ResponseReturnValue:
    """Put somebody into the team; independence and days are checked."""
    found, form = one_audit(number), JoinForm(prefix="join-")
    must(AuditPermission.LEAD_AUDIT, found)
    if is_guests(found):
        raise NotFound()
    form.auditor.choices = _offered(candidates(db.session(), shown_body(), found))
    if not form.validate_on_submit():
        return audit_page(found, 422, join=form)
    try:
        with unit_of_work(signed_in()) as work:
            auditor = work.session.get_one(Auditor, int(form.auditor.data or 0))
            join_team(work, work.fresh(found), auditor, form.part.coded)
    except (InvalidInput, RuleBroken) as refused:
        return audit_page(one_audit(number), at_field(form, refused), join=form)
    return done(
        gettext("The team is changed."), to=url_for("audits.show", number=address_of(found))
    )


@bp.post("/audits/<number>/team/<int:member_id>/leave")
@requires(AuditPermission.LEAD_AUDIT)
def leave(number: str, member_id: int) -> ResponseReturnValue:
    """Take somebody out of the team, with the reason."""
    found, form = one_audit(number), ReasonForm(prefix="leave-")
    must(AuditPermission.LEAD_AUDIT, found)
    member = db.session.get(TeamMember, member_id)
    if member is None or member.audit_id != found.id:
        raise NotFound()
    if not form.validate_on_submit():
        return audit_page(found, 422, leave=form)
    with unit_of_work(signed_in()) as work:
        leave_team(work, work.fresh(member), reason=form.reason.data or "")
    return done(
        gettext("The team is changed."), to=url_for("audits.show", number=address_of(found))
    )
