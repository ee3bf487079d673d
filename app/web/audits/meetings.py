"""The opening and closing meetings of an audit: set, written down, signed (screen 18; b26, b33)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.web.audits.loading import address_of, found_audit, is_guests
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.signing import proof_of
from audits.meeting import MeetingData, keep_meeting, meeting_of, side_of, sign_minutes
from audits.models import Audit, AuditMeeting, MeetingKind
from audits.permissions import AuditPermission
from forms.screen.audit_plan import MeetingForm, MinutesForm

bp = Blueprint("meetings", __name__)
MOST_OFFERED = 200


def _kind(text: str) -> MeetingKind:
    found = next((kind for kind in MeetingKind if str(kind) == text), None)
    if found is None:
        raise NotFound()
    return found


@bp.get("/audits/<number>/meetings/<kind>")
@requires(AuditPermission.SEE_AUDIT)
def show(number: str, kind: str) -> ResponseReturnValue:
    """Show a meeting: when, where, who, what was said, who signed."""
    return _page(found_audit(number), _kind(kind))


def _page(found: Audit, kind: MeetingKind, status: int = 200, **given: Any) -> ResponseReturnValue:
    meeting = meeting_of(found, kind)
    may_lead = may_now(AuditPermission.LEAD_AUDIT, found)
    is_open = found.meeting_obstacle() is None and (
        meeting is None or meeting.change_obstacle() is None
    )
    may_sign = (
        meeting is not None
        and found.meeting_obstacle() is None
        and meeting.held_on <= standing().on
        and may_now(AuditPermission.SIGN_MINUTES, found)
        and meeting.sign_obstacle(standing().person) is None
    )
    sign = given.get("sign")
    if sign is None and meeting is not None:
        sign = MinutesForm(formdata=None, prefix="sign-", obj=meeting)
    return page(
        "audits/meeting.html",
        status=status,
        found=found,
        at=address_of(found),
        kind=kind,
        meeting=meeting,
        form=given.get("form") or _form(found, meeting, is_fresh=True),
        sign=sign,
        may_change=may_lead and is_open,
        may_sign=may_sign,
        side=side_of(found, standing().person),
        is_wrong=any(one.errors for one in given.values()),
    )


def _form(found: Audit, meeting: AuditMeeting | None, *, is_fresh: bool = False) -> MeetingForm:
    form = MeetingForm(
        prefix="meeting-", **({"formdata": None, "obj": meeting} if is_fresh else {})
    )
    form.people.choices = [
        SelectChoice(str(person.id), f"{person.name} · {person.post or person.home_unit.name}")
        for person in _offered(found)
    ]
    if is_fresh:
        present = meeting.present if meeting is not None else []
        form.people.data = [one.person_id for one in present if one.person_id is not None]
        typed = [one for one in present if one.person_id is None]
        form.typed.data = "\n".join(
            f"{one.name}, {one.post}" if one.post else one.name for one in typed
        )
        if meeting is None:
            form.held_on.data = found.first_on
    return form


def _offered(found: Audit) -> list[Person]:
    """Give who may be ticked: the team, then the people of the units; a guest sees the team."""
    team = [one.auditor.person for one in found.team if one.auditor.person is not None]
    if is_guests(found):
        return team
    people = db.session.scalars(
        sa.select(Person)
        .where(
            Person.home_unit_id.in_({one.unit_id for one in found.units}),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.sort_key, Person.id)
        .limit(MOST_OFFERED)
    )
    return list(dict.fromkeys([*team, *people]))


@bp.post("/audits/<number>/meetings/<kind>")
@requires(AuditPermission.LEAD_AUDIT)
def keep(number: str, kind: str) -> ResponseReturnValue:
    """Set a meeting, or write down what was said there."""
    found, which = found_audit(number), _kind(kind)
    must(AuditPermission.LEAD_AUDIT, found)
    form = _form(found, meeting_of(found, which))
    if not form.validate_on_submit():
        return _page(found, which, 422, form=form)
    try:
        with unit_of_work(signed_in()) as work:
            keep_meeting(work, work.fresh(found), which, _data(form), seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(found_audit(number), which, at_field(form, refused), form=form)
    to = url_for("meetings.show", number=address_of(found), kind=which)
    return done(gettext("The meeting is kept."), to=to)


def _data(form: MeetingForm) -> MeetingData:
    keys = [key for key in form.people.data or [] if key is not None]
    people = {
        one.id: one for one in db.session.scalars(sa.select(Person).where(Person.id.in_(keys)))
    }
    return MeetingData(
        held_on=form.held_on.data,
        begins=form.begins.data or "",
        ends=form.ends.data or "",
        place=form.place.data or "",
        chair=form.chair.data or "",
        secretary=form.secretary.data or "",
        people=[people[key] for key in keys if key in people],
        typed=form.typed.data or "",
        notes=form.notes.data or "",
        opinion=form.opinion.data or "",
    )


@bp.post("/audits/<number>/meetings/<kind>/signature")
@requires(AuditPermission.SIGN_MINUTES)
def sign(number: str, kind: str) -> ResponseReturnValue:
    """Sign the minutes as they are."""
    found, which = found_audit(number), _kind(kind)
    must(AuditPermission.SIGN_MINUTES, found)
    meeting = meeting_of(found, which)
    if meeting is None:
        raise NotFound()
    form = MinutesForm(prefix="sign-")
    if not form.validate_on_submit():
        return _page(found, which, 422, sign=form)
    try:
        proof = proof_of(form)
        with unit_of_work(signed_in()) as work:
            sign_minutes(work, work.fresh(meeting), proof=proof, seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(found_audit(number), which, at_field(form, refused), sign=form)
    to = url_for("meetings.show", number=address_of(found), kind=which)
    return done(gettext("The minutes are signed."), to=to)
