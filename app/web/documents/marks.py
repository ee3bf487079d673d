"""What is stamped on a page: which edition it is and whether it holds, in the body's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask_babel import force_locale, gettext

from app.kernel.calendar import today_of
from app.kernel.install import installation
from app.web.formats import as_date, as_moment
from app.web.names import acting_name
from documents.content.marks import PageMarks
from documents.models import ControlledCopy, CopyKind, Package, Revision, RevisionState, SeatReason
from documents.routing import REPEATED
from documents.translation import Lag


def address_of(revision: Revision) -> str:
    """Give the address in the square code: the public one of this installation, for ever."""
    return f"{installation().public_url}/v/{revision.token}"


def marks_for(
    revision: Revision,
    *,
    successor: Revision | None,
    lag: Lag | None = None,
    printed_by: str = "",
    printed_at: datetime | None = None,
    copy: ControlledCopy | None = None,
) -> PageMarks:
    """Give the marks of a revision as it stands at this moment; of a numbered copy also whose."""
    with force_locale(revision.document.body.locale):
        in_force = _day(revision, revision.effective_at)
        planned = as_date(revision.effective_on)
        printed = gettext("Printed by %(name)s", name=printed_by) if printed_by else ""
        return PageMarks(
            code=revision.code,
            title=revision.title,
            edition=gettext("Edition %(edition)s", edition=revision.label),
            effective_on=gettext("In force from %(date)s", date=in_force or planned)
            if in_force or planned
            else "",
            state_line=_behind_line(lag) or _state_line(revision, successor),
            separation=_separation(revision.package),
            copy=_copy_line(copy) if copy is not None or printed_by else "",
            watermark=_watermark(revision.state)
            or (gettext("TRANSLATION BEHIND") if _behind_line(lag) else None),
            printed_by=printed,
            printed_at=as_moment(printed_at),
            page_text=gettext("Page {page}/{pages}"),
            qr_url=address_of(revision),
            qr_words=gettext("Is this page current? %(address)s", address=address_of(revision)),
        )


def _behind_line(lag: Lag | None) -> str:
    """Say that a translation no longer says what its original does (D16)."""
    if lag is None or not lag.behind:
        return ""
    return gettext(
        "Translation of edition %(follows)s; the original is now %(original)s. Not current.",
        follows=lag.follows,
        original=lag.original or "–",
    )


def sealed_marks(revision: Revision) -> PageMarks:
    """Give the marks under a seal: code, date and square code, no state, which would go stale."""
    return replace(marks_for(revision, successor=None), state_line="", watermark=None)


def _day(revision: Revision, moment: datetime | None) -> str:
    return as_date(today_of(revision.document.body, moment)) if moment is not None else ""


def _state_line(revision: Revision, successor: Revision | None) -> str:
    ended = _day(revision, revision.ended_at)
    match revision.state:
        case RevisionState.EFFECTIVE:
            return gettext("Current when printed")
        case RevisionState.OBSOLETE if successor is not None:
            return gettext(
                "No longer in force since %(date)s, superseded by %(edition)s",
                date=ended,
                edition=successor.label,
            )
        case RevisionState.OBSOLETE:
            return gettext("No longer in force since %(date)s", date=ended)
        case RevisionState.WITHDRAWN:
            return gettext("Withdrawn on %(date)s", date=ended)
        case RevisionState.CANCELLED:
            return gettext("Draft cancelled, never in force")
    return gettext("Not in force: %(state)s", state=gettext(revision.state.label).lower())


def _separation(package: Package | None) -> str:
    """Say what separation moved or left out, and who decided for whom (O6, O2)."""
    if package is None:
        return ""
    said = [
        gettext(
            "%(step)s left out: %(reason)s",
            step=gettext(step.kind.label),
            reason=gettext(step.left_out_reason)
            if step.left_out_reason == REPEATED
            else step.left_out_reason,
        )
        for step in package.left_out_steps
    ]
    for step in package.steps:
        answered = {decision.seat_id for decision in step.agreeing}
        seats = [seat for seat in step.seats if not answered or seat.person_id in answered]
        said += [
            gettext(
                "%(step)s: %(names)s",
                step=gettext(step.kind.label),
                names=acting_name(decision.decided_by, decision.seat),
            )
            for decision in step.agreeing
            if decision.decided_by_id != decision.seat_id
        ]
        for reason in (SeatReason.PASSED_UP, SeatReason.OVERSEER):
            names = [seat.person.as_signed for seat in seats if seat.reason is reason]
            if names:
                said.append(
                    gettext(
                        "%(step)s: %(names)s, %(reason)s",
                        step=gettext(step.kind.label),
                        names=", ".join(names),
                        reason=gettext(reason.label),
                    )
                )
    return "; ".join(said)


def _copy_line(copy: ControlledCopy | None) -> str:
    """Say whose numbered copy a sheet is of; a print without a number is not kept up to date."""
    if copy is None:
        return gettext("Uncontrolled print: it counts only for the moment it was made")
    words = {"number": copy.label, "name": copy.holder.name, "unit": copy.unit.name}
    if copy.kind is CopyKind.NOTICE:
        return gettext("Posted notice no. %(number)s · %(name)s, %(unit)s", **words) + (
            f" · {copy.place}"
        )
    return gettext("Controlled copy no. %(number)s · %(name)s, %(unit)s", **words) + (
        f" · {copy.place}"
    )


def _watermark(state: RevisionState) -> str | None:
    match state:
        case RevisionState.EFFECTIVE:
            return None
        case RevisionState.OBSOLETE:
            return gettext("NO LONGER IN FORCE")
        case RevisionState.WITHDRAWN:
            return gettext("WITHDRAWN")
        case RevisionState.CANCELLED:
            return gettext("CANCELLED")
        case RevisionState.DRAFT:
            return gettext("DRAFT")
    return gettext("NOT YET IN FORCE")
