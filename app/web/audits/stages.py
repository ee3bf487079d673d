"""The stages of an audit as a task list: what is done, what comes, why not yet (screen 18)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext

from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.web.formats import as_date
from app.web.page import words
from audits.finding_register import Progress
from audits.models import Audit, AuditState

_REACHED = (
    AuditState.PLANNED,
    AuditState.ANNOUNCED,
    AuditState.UNDER_WAY,
    AuditState.REPORTING,
    AuditState.REPORTED,
    AuditState.CLOSED,
)


def stages_of(
    found: Audit, on: date, progress: Progress, *, sees_report: bool = False
) -> list[dict[str, Any]]:
    """Give each stage with its state; one that is not possible yet names its reason."""
    at = _REACHED.index(found.state) if found.state in _REACHED else 0
    team = found.team
    lines: list[tuple[str, str, bool, RuleBroken | None, str]] = [
        (
            gettext("Days and team"),
            gettext("%(days)s; %(count)s in the team", days=_days(found), count=len(team)),
            at >= 1 or (found.from_on is not None and found.lead is not None),
            None,
            "",
        ),
        (
            gettext("Announced to the units"),
            as_date(found.announced_at),
            found.announced_at is not None,
            found.announce_obstacle(),
            "audits.announce",
        ),
        (
            gettext("Fieldwork"),
            as_date(found.began_at),
            at >= 3,
            found.begin_obstacle(on) if at < 2 else found.end_obstacle(),
            "audits.begin" if at < 2 else "audits.end",
        ),
        (
            gettext("Findings"),
            _counted(progress),
            at >= 4 or (at == 3 and progress.total > 0 and not progress.undecided),
            None if at >= 2 else RuleBroken(N_("The fieldwork has not begun.")),
            "reports.show",
        ),
        (
            gettext("Report"),
            _reported(found),
            at >= 4,
            found.report_obstacle(),
            "reports.show",
        ),
        (gettext("Closed"), as_date(found.closed_at), at >= 5, found.close_obstacle(), ""),
    ]
    stages: list[dict[str, Any]] = []
    for label, hint, is_done, obstacle, endpoint in lines:
        ready = not is_done and obstacle is None
        stages.append(
            {
                "label": label,
                "hint": hint,
                "state": "done" if is_done else "waiting" if ready else "outline",
                "state_label": gettext("Done")
                if is_done
                else gettext("To do")
                if ready
                else gettext("Not possible yet"),
                "because": words(obstacle) if obstacle is not None and not is_done else "",
                "endpoint": endpoint if ready and endpoint != "reports.show" else "",
                "url": url_for("reports.show", number=found.number)
                if endpoint == "reports.show" and sees_report and (ready or is_done)
                else None,
            }
        )
    return stages


def _counted(progress: Progress) -> str:
    if not progress.total:
        return ""
    said = gettext("%(count)s findings", count=progress.total)
    if progress.undecided:
        said += gettext(", %(count)s not decided", count=progress.undecided)
    return said


def _reported(found: Audit) -> str:
    report = found.written_report
    number = report.registry_number if report is not None else found.report_number
    return ", ".join(part for part in (number, as_date(found.reported_on)) if part)


def _days(found: Audit) -> str:
    if found.from_on is None:
        return gettext("between %(first)s and %(last)s", first=as_date(found.window_from),
                       last=as_date(found.window_until))  # fmt: skip
    return f"{as_date(found.from_on)} – {as_date(found.until_on)}"
