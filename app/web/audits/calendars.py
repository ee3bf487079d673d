"""The calendar of audits by month, and one's own as a feed at a secret address (b14, b15)."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.kernel.access import KernelPermission
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.install import installation
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.formats import WEEKDAYS, language
from app.web.guard import open_to_all, requires, signed_in, standing
from app.web.page import done, page
from audits.calendar_feed import feed_events, holder_of, own_feed, renew_feed, stop_feed
from audits.ical import written
from audits.models import Audit
from audits.permissions import AuditPermission
from audits.register import audits_between

bp = Blueprint("calendars", __name__)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


@bp.get("/audits/calendar")
@requires(AuditPermission.LIST_AUDITS)
def month() -> ResponseReturnValue:
    """Show the audits of one month, a week in each row; the month stands in the address."""
    year, number = _asked(request.args.get("month", ""))
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    first, last = weeks[0][0], weeks[-1][-1]
    found = audits_between(db.session(), standing(), shown_body(), first, last)
    placed = [one for one in found if one.from_on is not None and one.counts]
    return page(
        "audits/calendar.html",
        weeks=[[(day, _on(placed, day)) for day in week] for week in weeks],
        month=date(year, number, 1),
        weekdays=WEEKDAYS[language()],
        before=url_for("calendars.month", month=_other(year, number, -1)),
        after=url_for("calendars.month", month=_other(year, number, 1)),
        on=standing().on,
        without_days=[
            one
            for one in found
            if one.from_on is None
            and one.counts
            and one.window_from < date.fromisoformat(f"{_other(year, number, 1)}-01")
            and one.window_until >= date(year, number, 1)
        ],
        feed=own_feed(db.session(), signed_in()),
    )


def _asked(text: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(text[:10])
    if found and 1990 <= int(found[1]) <= 2199 and 1 <= int(found[2]) <= 12:
        return int(found[1]), int(found[2])
    return standing().on.year, standing().on.month


def _other(year: int, number: int, by: int) -> str:
    at = year * 12 + number - 1 + by
    return f"{at // 12}-{at % 12 + 1:02d}"


def _on(found: list[Audit], day: date) -> list[Audit]:
    return [one for one in found if one.is_own_day(day)]


# --- one's own calendar at a secret address


@bp.get("/calendar")
@requires(KernelPermission.WORK)
def own() -> ResponseReturnValue:
    """Say whether one has a calendar address, and what it holds."""
    return _own()


def _own(token: str = "") -> ResponseReturnValue:
    address = f"{installation().public_url}/ical/{token}.ics" if token else ""
    return page("audits/feed.html", feed=own_feed(db.session(), signed_in()), address=address)


@bp.post("/calendar")
@requires(KernelPermission.WORK)
def renew() -> ResponseReturnValue:
    """Make a new secret address and show it once; the one before opens nothing any more."""
    with unit_of_work(signed_in()) as work:
        token = renew_feed(work)
    return _own(token)


@bp.post("/calendar/end")
@requires(KernelPermission.WORK)
def stop() -> ResponseReturnValue:
    """Stop the secret address."""
    with unit_of_work(signed_in()) as work:
        stopped = stop_feed(work)
    said = gettext("The address is stopped.") if stopped else gettext("There was no address.")
    return done(said, to=url_for("calendars.own"))


@bp.get("/ical/<token>.ics")
@open_to_all("calendar programs sign in nowhere; the address itself is the secret")
def feed(token: str) -> Response:
    """Give somebody's audits to whoever holds their secret address."""
    person = holder_of(db.session(), token[:100])
    if person is None:
        raise NotFound()
    held = standing_of(db.session(), person, today_of(person.body, datetime.now(UTC)))
    address = installation().public_url
    host = urlsplit(address).hostname or "nenep"
    with force_locale(person.language):
        name = gettext("Audits of %(name)s", name=person.name)
        text = written(name, feed_events(db.session(), held, host, address))
    answer = Response(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="audits.ics"'
    return answer
