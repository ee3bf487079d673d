"""Where a revision stands, in one line: done, now, next, with who and when (P6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.web.addresses import translated as gettext
from app.web.formats import as_date, as_distance, language
from app.web.names import acting_name
from documents.models import ImportedHistory, Revision, RevisionState, Step, StepKind

_PAST = (RevisionState.EFFECTIVE, RevisionState.OBSOLETE, RevisionState.WITHDRAWN)


def lifecycle_of(
    revision: Revision, today: date, history: ImportedHistory | None = None
) -> list[dict[str, Any]]:
    """Give the steps of a revision's life for the lifecycle component."""
    drafting = revision.state is RevisionState.DRAFT
    line = [
        {
            "label": gettext("Drafting"),
            "state": "now" if drafting else "done",
            "who": ", ".join(person.name for person in revision.authors),
            "when": as_date(revision.submitted_at or revision.drafted_at),
        }
    ]
    if history is not None:
        line = [_before_here(history)]
    package = revision.package
    for step in package.steps if package is not None else ():
        line.append(_step(step, package.current_position if package is not None else None, today))
    in_force = revision.state in _PAST
    line.append(
        {
            "label": gettext("In force"),
            "state": "done"
            if in_force
            else ("now" if revision.state is RevisionState.APPROVED else "next"),
            "who": "" if in_force else gettext("planned"),
            "when": as_date(revision.effective_at or revision.in_force_from),
        }
    )
    if revision.state in (RevisionState.OBSOLETE, RevisionState.WITHDRAWN):
        line.append(
            {
                "label": gettext(revision.state.label),
                "state": "now",
                "who": "",
                "when": as_date(revision.ended_at),
            }
        )
    elif revision.state is RevisionState.CANCELLED:
        line[-1] = {
            "label": gettext("Draft cancelled"),
            "state": "now",
            "who": "",
            "when": as_date(revision.cancelled_at),
        }
    else:
        line.append(
            {
                "label": gettext("Periodic review"),
                "state": "next",
                "who": "",
                "when": as_date(revision.document.next_review_on) if in_force else "",
            }
        )
    return line


def _before_here(history: ImportedHistory) -> dict[str, Any]:
    """Say what list and file tell of the time before this system; nobody signed it here (a53)."""
    return {
        "label": gettext("Approved before this system"),
        "state": "done",
        "who": history.approver_name,
        "when": as_date(history.approved_on),
    }


def _step(step: Step, current: int | None, today: date) -> dict[str, Any]:
    label = gettext("Review") if step.kind is StepKind.REVIEW else gettext("Approval")
    if step.is_satisfied and step.position != current:
        last = step.decisions[-1].decided_at
        return {"label": label, "state": "done", "who": _answered(step), "when": as_date(last)}
    if step.position == current:
        late = step.due_on is not None and step.due_on < today
        return {
            "label": label,
            "state": "now",
            "who": ", ".join(person.name for person in step.waiting[:3]),
            "when": as_date(step.due_on),
            "late": as_distance(step.due_on, today=today, lang=language()) if late else "",
        }
    return {
        "label": label,
        "state": "next",
        "who": ", ".join(seat.person.name for seat in step.seats[:2]),
        "when": "",
    }


def _answered(step: Step) -> str:
    if len(step.seats) == 1 or step.needed == 1:
        return ", ".join(
            acting_name(decision.decided_by, decision.seat) for decision in step.agreeing
        )
    return gettext("%(count)s of %(total)s agree", count=len(step.agreeing), total=step.needed)
