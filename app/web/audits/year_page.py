"""The page of a year's programme: figures, timeline, month, table, one audit beside (screen 16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.calendar import is_working_day, parse_date
from app.kernel.db import db
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.organisation import root_unit
from app.kernel.people import Role
from app.web.audits.history import history_of
from app.web.body_address import shown_body
from app.web.guard import may_now, must, signed_in, standing
from app.web.page import page
from audits.coverage_register import coverage_of
from audits.models import Audit, Programme, ProgrammeState
from audits.moving import DaysCheck, check_days
from audits.permissions import AuditPermission
from audits.proposal import proposal_of
from audits.register import WeighedUnit, programme_of, weighed_units
from audits.standards import standards_of
from audits.team import breaks_of
from audits.year_plan import HALVES, load_of, month_of, rows_of
from audits.year_reading import auditors_of
from forms.screen.programme import MoveForm, ProgrammeApprovalForm, ProgrammeForm, ReasonForm

VIEWS = ("timeline", "month", "table")


def year_page(
    year: int, status: int = 200, *, number: str = "", to: date | None = None, **given: Any
) -> ResponseReturnValue:
    """Show a year; an audit chosen in the address, or the one given, stands beside."""
    body, session = shown_body(), db.session()
    must(AuditPermission.SEE_PROGRAMME, body)
    if not 1990 <= year <= 2199:
        raise NotFound()
    found = programme_of(session, standing(), body, year)
    listed = list(found.audits) if found is not None else []
    broken = breaks_of(session, body, listed)
    units = weighed_units(session, body, min(standing().on, date(year, 12, 31)))
    wanted = number or request.args.get("audit", "")
    chosen = next((one for one in listed if one.number == wanted), None)
    moving = _moving(chosen, to or parse_date(request.args.get("to", "")), given.get("move"))
    forms = _forms(year, found) | given
    auditors = auditors_of(session, body, year)
    view = request.args.get("view", "")
    may_keep = may_now(AuditPermission.KEEP_PROGRAMME, body)
    return page(
        "audits/programme.html",
        status=status,
        body=body,
        year=year,
        found=found,
        name=body.setting("programme_name"),
        rows=rows_of(units, listed, broken, year),
        starts=_starts(year) if may_keep else None,
        audits=sorted(listed, key=lambda one: (one.first_on, one.id)),
        broken=broken,
        chosen=chosen,
        moving=moving,
        names={one.unit.id: one.unit.name for one in units},
        steps=_steps(chosen),
        risk_of_chosen=_risk_of(units, chosen),
        coverage=coverage_of(session, body, year) if found is not None else None,
        load=load_of(listed, auditors),
        has_auditors=bool(auditors),
        view=view if view in VIEWS else VIEWS[0],
        month=_month(listed, year) if view == "month" else None,
        forms=forms,
        is_wrong=any(form.errors for form in forms.values()),
        opened=next((key for key, form in given.items() if form.errors), ""),
        states=ProgrammeState,
        told=history_of(programme={found.id}) if found is not None else [],
        may_keep=may_keep,
        proposal=proposal_of(session, found) if found is not None and may_keep else None,
        may_sign=found is not None
        and found.decide_obstacle(signed_in()) is None
        and may_now(AuditPermission.APPROVE_PROGRAMME, found),
        why_not=_why_not(found),
        capacity=standing().capacity_for((Role.LEADER,), root_unit(session, body.id).id),
        is_over=year < standing().on.year,
    )


def _starts(year: int) -> list[date]:
    """Give the first working day of each half month: where a bar that is dragged there goes."""
    body, found = shown_body(), []
    for half in range(HALVES):
        day = date(year, half // 2 + 1, 16 if half % 2 else 1)
        for _ in range(10):
            if is_working_day(body, day):
                break
            day += timedelta(days=1)
        found.append(day)
    return found


def _month(listed: list[Audit], year: int) -> dict[str, Any]:
    """Give the month asked for, on its days; the first one with an audit where none is asked."""
    asked = request.args.get("month", "")
    first = min((one.first_on for one in listed if one.counts), default=date(year, 1, 1))
    month = int(asked) if asked in {str(n) for n in range(1, 13)} else first.month
    body = shown_body()
    return {
        "number": month,
        "weeks": month_of(listed, year, month, lambda day: is_working_day(body, day)),
        "pills": [
            {
                "label": gettext("M%(month)s", month=n),
                "url": url_for("programmes.show", year=year, view="month", month=n),
                "current": n == month,
            }
            for n in range(1, 13)
        ],
    }


def _may_move(chosen: Audit | None) -> bool:
    return (
        chosen is not None
        and chosen.move_obstacle() is None
        and may_now(AuditPermission.LEAD_AUDIT, chosen)
    )


def _moving(chosen: Audit | None, to: date | None, sent: MoveForm | None) -> dict[str, Any] | None:
    """Give the form that moves the chosen audit, and what days asked for would mean."""
    if chosen is None or not _may_move(chosen):
        return None
    form = sent or MoveForm(formdata=None, prefix="move-", obj=chosen)
    if sent is None:
        form.reason.data = ""
    answer: DaysCheck | None = None
    if to is not None:
        length = chosen.last_on - chosen.first_on if chosen.from_on else timedelta(0)
        if sent is None:
            form.from_on.data, form.until_on.data = to, to + length
        answer = check_days(db.session(), shown_body(), chosen, to, to + length)
    elif not chosen.from_on and sent is None:
        form.from_on.data = form.until_on.data = None
    return {
        "form": form,
        "answer": answer,
        "needs_reason": chosen.programme.state is not ProgrammeState.DRAFT,
    }


def _steps(chosen: Audit | None) -> list[tuple[str, str, date, date]]:
    """Give the buttons that move an audit a week, to whoever may move it."""
    if chosen is None or not _may_move(chosen) or chosen.from_on is None:
        return []
    week = timedelta(days=7)
    first, last = chosen.first_on, chosen.last_on
    return [
        (gettext("A week earlier"), "left", first - week, last - week),
        (gettext("A week later"), "right", first + week, last + week),
    ]


def _why_not(found: Programme | None) -> RuleBroken | None:
    return found.submit_obstacle() if found is not None else None


def _risk_of(units: list[WeighedUnit], chosen: Audit | None) -> WeighedUnit | None:
    """Give the riskiest of the units of an audit: it is why the audit is where it is."""
    if chosen is None:
        return None
    keys = {one.unit_id for one in chosen.units}
    return next((one for one in units if one.unit.id in keys), None)


def _forms(year: int, found: Programme | None) -> dict[str, Any]:
    text = ProgrammeForm(formdata=None, obj=found)
    text.standards.choices = standard_choices()
    if found is not None:
        text.standards.data = [one.standard_id for one in found.criteria]
    else:
        text.standards.data = [key for key, _name in _first_standard()]
    sign = ProgrammeApprovalForm(formdata=None, prefix="sign-")
    sign.row_version.data = found.row_version if found is not None else None
    return {
        "text": text,
        "sign": sign,
        "back": ReasonForm(formdata=None, prefix="back-"),
        "revise": ReasonForm(formdata=None, prefix="revise-"),
    }


def standard_choices() -> list[SelectChoice]:
    """Give the criteria a programme can be audited against."""
    return [
        SelectChoice(str(one.id), one.name) for one in standards_of(db.session(), shown_body().id)
    ]


def _first_standard() -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in standards_of(db.session(), shown_body().id)[:1]]
