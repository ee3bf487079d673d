"""The one next step of the viewer on a document, and why it cannot be taken yet (P3)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from app.web.addresses import translated as gettext
from app.web.page import words
from documents.change_request import ask_obstacle
from documents.models import Document, Package, Revision, RevisionState, StepKind
from documents.permissions import DocumentPermission, open_seats_for
from documents.translation import open_obstacle


@dataclass(frozen=True)
class NextStep:
    """The label and address of the one filled button."""

    label: str
    url: str
    disabled_because: str = ""


def next_step(
    standing: Standing, document: Document, open_revision: Revision | None
) -> NextStep | None:
    """Give what the viewer does next with a document; None for those who only read it."""
    if open_revision is not None:
        if asked := _asked(standing, open_revision):
            return asked
        is_draft = open_revision.state is RevisionState.DRAFT
        if is_draft and may(standing, DocumentPermission.DRAFT_REVISION, open_revision):
            return NextStep(
                gettext("Finish the draft %(edition)s", edition=open_revision.label),
                url_for("revise.draft", revision_id=open_revision.id),
            )
    if document.code is None or not may(standing, DocumentPermission.DRAFT_REVISION, document):
        return None
    return NextStep(
        gettext("Draft a new revision"),
        url_for("revise.begin", code=document.code),
        _why_not(open_revision),
    )


def restoring(revision: Revision) -> NextStep:
    """Give the step that brings a document back which is in force no more (a29)."""
    return NextStep(
        gettext("Restore %(edition)s as a new revision", edition=revision.label),
        url_for("withdrawal.restore", revision_id=revision.id),
    )


def _asked(standing: Standing, revision: Revision) -> NextStep | None:
    package = revision.package
    step = package.current_step if package is not None else None
    if package is None or step is None or _free_seat(standing, package) is None:
        return None
    label = (
        gettext("Review %(edition)s", edition=revision.label)
        if step.kind is StepKind.REVIEW
        else gettext("Approve %(edition)s", edition=revision.label)
    )
    return NextStep(label, url_for("review.show", revision_id=revision.id))


def _free_seat(standing: Standing, package: Package) -> Person | None:
    step = package.current_step
    people = [seat.person for seat in open_seats_for(standing, step)] if step is not None else []
    return next(
        (seat for seat in people if package.answer_obstacle(standing.person, seat) is None), None
    )


def _why_not(open_revision: Revision | None) -> str:
    if open_revision is None:
        return ""
    package = open_revision.package
    step = package.current_step if package is not None else None
    waiting = ", ".join(person.name for person in step.waiting) if step is not None else ""
    if waiting:
        return gettext(
            "%(edition)s is on its way: it waits for %(names)s.",
            edition=open_revision.label,
            names=waiting,
        )
    return gettext(
        "%(edition)s is on its way: %(state)s.",
        edition=open_revision.label,
        state=gettext(open_revision.state.label).lower(),
    )


def other_acts(
    standing: Standing, document: Document, *, is_over: bool = False
) -> list[dict[str, str]]:
    """Give what else the viewer may do with a document, behind one button.

    Where nothing of it is in force or on its way (`is_over`), no change can be asked any more.
    """
    acts = []
    if document.code is not None and may(standing, DocumentPermission.CHANGE_RECORD, document):
        acts.append(
            {
                "label": gettext("Change the data"),
                "url": url_for("record.show", code=document.code),
                "icon": "pencil",
            }
        )
    opens = may(standing, DocumentPermission.OPEN_DOCUMENT, document.lead_unit)
    if opens and open_obstacle(db.session(), document) is None:
        acts.append(
            {
                "label": gettext("Translate into English"),
                "url": url_for("translation.begin", code=document.code),
                "icon": "globe",
            }
        )
    if document.code is not None and may(standing, DocumentPermission.ASK_CHANGE, document):
        obstacle = ask_obstacle(db.session(), standing, document) if is_over else None
        acts.append(
            {
                "label": gettext("Ask for a change"),
                "url": url_for("changes.ask", document=document.code),
                "icon": "flag",
                "disabled_because": words(obstacle) if obstacle is not None else "",
            }
        )
    if document.code is not None and may(standing, DocumentPermission.REVIEW_DOCUMENT, document):
        acts.append(
            {
                "label": gettext("Review it now"),
                "url": url_for("reviews.listing", document=document.code),
                "icon": "history",
            }
        )
    acts += _acts_of_the_end(standing, document)
    if document.code is not None and may(standing, KernelPermission.SEE_ACCESS, document):
        acts.append(
            {
                "label": gettext("Who may see this, and why"),
                "url": url_for("access.show", record=f"document:{document.code}"),
                "icon": "users",
            }
        )
    return acts


def _acts_of_the_end(standing: Standing, document: Document) -> list[dict[str, str]]:
    """Give the acts that end a document, or keep it although its time is over."""
    acts: list[dict[str, str]] = []
    if document.code is None:
        return acts
    if may(standing, DocumentPermission.PROPOSE_WITHDRAWAL, document):
        acts.append(
            {
                "label": gettext("Withdraw it"),
                "url": url_for("withdrawal.propose", code=document.code),
                "icon": "ban",
            }
        )
    if may(standing, DocumentPermission.PLACE_HOLD, document):
        acts.append(
            {
                "label": gettext("Put a hold on it"),
                "url": url_for("holds.place", code=document.code),
                "icon": "lock",
            }
        )
    return acts
