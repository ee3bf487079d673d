"""The working calendar of the demo body, by the real acts."""

from __future__ import annotations

from datetime import date

from flask_babel import force_locale, gettext

from app.demo_data.documents import Act
from app.demo_data.stage import Stage
from app.kernel.calendar_keeping import name_days
from app.kernel.holidays import LUNAR, offered_days
from app.kernel.work import unit_of_work

BEGAN = 20  # days ago the quality officer named the holidays


def upkeep_acts(stage: Stage) -> list[Act]:
    """Name the holidays of this year and the next, as offered and confirmed."""

    def holidays() -> None:
        officer = stage.person("thu.ky")
        with unit_of_work(officer, now=stage.moment(BEGAN)) as work:
            body = work.fresh(officer.body)
            name_days(work, body, _holidays(work.today.year) + _holidays(work.today.year + 1))

    return [Act(stage.moment(BEGAN), holidays)]


def _holidays(year: int) -> list[tuple[date, str]]:
    with force_locale("vi"):
        return [
            (one.day, str(gettext(one.name, name=gettext(one.instead_of or ""))))
            for one in offered_days(year, [5, 6])
            if one.is_proposed and year in LUNAR
        ]
