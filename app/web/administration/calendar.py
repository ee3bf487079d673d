"""A body's working calendar: days off, swapped days, the week; by hand, offered, from a list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, ngettext

from app.kernel.access import KernelPermission
from app.kernel.calendar import CalendarDay
from app.kernel.calendar_keeping import (
    DAY_COLUMNS,
    import_days,
    name_day,
    name_days,
    named_days,
    set_weekend,
    take_day_back,
)
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.holidays import LUNAR, Offered, offered_days
from app.kernel.organisation import Body
from app.kernel.row_import import Row
from app.kernel.work import unit_of_work
from app.web.administration.settings import own_body
from app.web.formats import WEEKDAYS, language
from app.web.guard import requires, signed_in, standing
from app.web.list_import import kept_rows, look, rows_of_file, told_done, told_row
from app.web.page import at_field, done, page
from forms.screen.calendar import CalendarImportForm, DayForm

bp = Blueprint("calendar", __name__)
PLACE = "import:calendar"
FIRST, LAST = 1990, 2199


def _year() -> int:
    typed = request.args.get("year", "")
    given = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0
    return given if FIRST <= given <= LAST else standing().on.year


@bp.get("/settings/calendar")
@requires(KernelPermission.CHANGE_SETTINGS)
def show() -> ResponseReturnValue:
    """Show the days that a year's calendar names."""
    return _page(DayForm(formdata=None))


def _page(form: DayForm, status: int = 200) -> ResponseReturnValue:
    body, year = own_body(), _year()
    days = named_days(db.session(), body.id, year)
    offered = _offered(body, year)
    return page(
        "administration/calendar.html",
        status=status,
        form=form,
        year=year,
        days=days,
        offered=offered,
        has_lunar=year in LUNAR,
        weekdays=list(enumerate(WEEKDAYS[language()])),
        weekend=body.setting("weekend_days"),
        years=[(one, url_for("calendar.show", year=one)) for one in (year - 1, year + 1)],
    )


def _offered(body: Body, year: int) -> list[dict[str, Any]]:
    """Give the public holidays that the calendar does not name yet, in the words of the body."""
    there = {one.day for one in body.named_days}
    with force_locale(body.locale):
        return [
            {"day": one.day, "name": _name_of(one), "is_proposed": one.is_proposed}
            for one in offered_days(year, body.setting("weekend_days"))
            if one.day not in there
        ]


def _name_of(one: Offered) -> str:
    return str(gettext(one.name, name=gettext(one.instead_of)) if one.instead_of else _(one.name))


def _(text: str) -> str:
    return str(gettext(text))


@bp.post("/settings/calendar/days")
@requires(KernelPermission.CHANGE_SETTINGS)
def add() -> ResponseReturnValue:
    """Name one day by hand."""
    form = DayForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        with unit_of_work(signed_in()) as work:
            body = work.fresh(work.actor.body)
            name_day(work, body, form.day.data, form.kind.coded, form.name.data)
    except InvalidInput as refused:
        return _page(form, at_field(form, refused))
    return _done(gettext("The day is in the calendar."), form.day.data.year)


@bp.post("/settings/calendar/days/<int:day_id>")
@requires(KernelPermission.CHANGE_SETTINGS)
def take_back(day_id: int) -> ResponseReturnValue:
    """Let a day be as the week says again."""
    found = db.session.get(CalendarDay, day_id)
    if found is None or found.body_id != standing().body_id:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        day = work.fresh(found)
        take_day_back(work, work.actor.body, day)
        year = day.day.year
    return _done(gettext("The day is as the week says again."), year)


@bp.post("/settings/calendar/offered")
@requires(KernelPermission.CHANGE_SETTINGS)
def confirm() -> ResponseReturnValue:
    """Take over the public holidays that were ticked."""
    ticked, year = set(request.form.getlist("day")), _year()
    chosen = [
        (one["day"], one["name"])
        for one in _offered(own_body(), year)
        if one["day"].isoformat() in ticked
    ]
    with unit_of_work(signed_in()) as work:
        count = name_days(work, work.fresh(work.actor.body), chosen)
    told = ngettext("%(num)s day off is named.", "%(num)s days off are named.", count)
    return _done(told, year)


@bp.post("/settings/calendar/week")
@requires(KernelPermission.CHANGE_SETTINGS)
def week() -> ResponseReturnValue:
    """Say which days of the week are free."""
    typed = request.form.getlist("weekend")
    try:
        with unit_of_work(signed_in()) as work:
            days = [int(one) for one in typed if one in ("0", "1", "2", "3", "4", "5", "6")]
            set_weekend(work, work.fresh(work.actor.body), days)
    except InvalidInput as refused:
        form = DayForm(formdata=None)
        return _page(form, at_field(form, refused))
    return _done(gettext("The week is kept."), _year())


def _done(message: str, year: int) -> ResponseReturnValue:
    return done(message, to=url_for("calendar.show", year=year))


@bp.route("/settings/calendar/import", methods=["GET", "POST"])
@requires(KernelPermission.CHANGE_SETTINGS)
def upload() -> ResponseReturnValue:
    """Take the list of a year and show what each row would do; nothing is written yet."""
    form = CalendarImportForm()
    result, status = None, 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            rows = rows_of_file(form.file.data)
            result = look(
                rows, PLACE, lambda work: import_days(work, work.fresh(work.actor.body), rows)
            )
            status = 200
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
    return page(
        "administration/calendar_import.html",
        status=status,
        form=form,
        result=result,
        told=told_row,
        columns=DAY_COLUMNS,
    )


@bp.post("/settings/calendar/import/confirmed")
@requires(KernelPermission.CHANGE_SETTINGS)
def act() -> ResponseReturnValue:
    """Take the list over, all of it in one transaction."""
    rows = kept_rows(PLACE)
    with unit_of_work(signed_in()) as work:
        result = import_days(work, work.fresh(work.actor.body), rows)
        forget_draft(work, PLACE)
    return done(told_done(result), to=url_for("calendar.show", year=_first_year(rows)))


def _first_year(rows: list[Row]) -> int:
    for row in rows:
        typed = row.get("ngay", "")
        if typed[-4:].isdigit() and FIRST <= int(typed[-4:]) <= LAST:
            return int(typed[-4:])
    return standing().on.year
