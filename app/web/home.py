"""My work: what waits for me, overdue first, with the decision beside the list (P1, P2; e21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.permissions import may
from app.web.addresses import translated as gettext
from app.web.audits.loading import address_of
from app.web.documents.openings import note_opening
from app.web.documents.review import deciding_on, evidence
from app.web.formats import as_date
from app.web.guard import open_to_all, requires, signed_in_or_none, standing, to_sign_in
from app.web.navigation import landing
from app.web.page import page
from audits.finding_register import findings_to_answer
from audits.register import audits_of_person, audits_to_answer
from audits.unit_answer import owed_by
from documents import readers, register, waiting
from documents.adoption_register import OfferState, offered_counts
from documents.change_register import to_answer, to_decide
from documents.copy_register import copies_to_see_to
from documents.disposing import disposals_to_decide
from documents.issuance import waiting_issuances
from documents.models import (
    ChangeRequest,
    ControlledCopy,
    Disposal,
    Revision,
    RevisionState,
    StepKind,
    Withdrawal,
)
from documents.permissions import DocumentPermission
from documents.retention import count_due
from documents.scope import scope_to_sign
from documents.withdrawal import withdrawals_to_decide

bp = Blueprint("work", __name__)
GROUPS = ("overdue", "today", "week", "later")
KINDS = (
    *("decide", "read", "change", "adopt", "finish", "review", "paper", "confirm", "dispose"),
    "audit",
)


@dataclass(frozen=True)
class Item:
    """One thing that waits for the viewer."""

    kind: str
    verb: str
    code: str
    title: str
    details: str
    due: date | None
    minutes: int
    icon: str
    url: str
    revision_id: int | None = None


@bp.get("/")
@open_to_all("the short address leads to sign-in or to one's first screen")
def start() -> ResponseReturnValue:
    """Lead to the first screen of whoever asks."""
    if signed_in_or_none() is None:
        return to_sign_in()
    return redirect(landing(standing()))


@bp.get("/work")
@requires(KernelPermission.WORK)
def inbox() -> ResponseReturnValue:
    """Show what waits for the viewer; the chosen item's evidence stands beside the list."""
    own = register.own_open_revisions(db.session(), standing())
    items = waiting_items(own)
    kind = request.args.get("kind", "")
    shown = [item for item in items if not kind or item.kind == kind]
    chosen = _chosen(shown)
    today, held = standing().on, _held(own)
    groups = {name: [item for item in shown if group_of(item, today) == name] for name in GROUPS}
    values: dict[str, Any] = {
        "items": items,
        "groups": groups,
        "kinds": [name for name in KINDS if any(item.kind == name for item in items)],
        "kind": kind,
        "chosen": chosen,
        "minutes": sum(item.minutes for item in items),
        "overdue": sum(group_of(item, today) == "overdue" for item in items),
        "held": held if not items else [],
        "held_count": len(held),
    }
    if chosen is not None and chosen.revision_id is not None:
        revision = waiting.whole(db.session(), chosen.revision_id)
        note_opening(revision)
        values.update(evidence(revision), deciding=deciding_on(revision))
    return page("work/inbox.html", **values)


def _chosen(items: list[Item]) -> Item | None:
    wanted = request.args.get("item", "")
    ordered = sorted(items, key=lambda item: item.due or date.max)
    return next((item for item in items if wanted and item.url.endswith(wanted)), None) or (
        ordered[0] if ordered else None
    )


@bp.get("/work/waiting", endpoint="waiting")
@requires(KernelPermission.WORK)
def with_others() -> ResponseReturnValue:
    """Show what others hold of the viewer's."""
    return page("work/waiting.html", held=own_waiting(), items=waiting_items())


@bp.get("/work/preview/<int:revision_id>")
@requires(DocumentPermission.READ_REVISION)
def preview(revision_id: int) -> ResponseReturnValue:
    """Give the pane beside the list: the evidence and the buttons."""
    revision = register.revision(db.session(), standing(), revision_id)
    note_opening(revision)
    return page(
        "work/_preview.html",
        **evidence(revision),
        deciding=deciding_on(revision),
        chosen=_item_of(revision),
    )


def group_of(item: Item, today: date) -> str:
    """Say in which group of the list an item stands."""
    if item.due is None:
        return "later"
    if item.due < today:
        return "overdue"
    if item.due == today:
        return "today"
    return "week" if item.due <= today + timedelta(days=7) else "later"


def waiting_items(own: list[Revision] | None = None) -> list[Item]:
    """Gather everything that waits for the viewer, overdue first; `own` revisions may be known."""
    session, held = db.session(), standing()
    if own is None:
        own = register.own_open_revisions(session, held)
    possible = waiting.possible_for(session, held)
    items = [_decision(found) for found in waiting.waiting_for(session, held)]
    for revision in own:
        if revision.state is RevisionState.DRAFT:
            items.append(_draft(revision))
    items += [_reading(found) for found in readers.to_read(session, held)]
    for document in register.reviews_due(session, held, held.on):
        items.append(
            Item(
                "review",
                gettext("Periodic review"),
                document.code or "",
                document.title,
                gettext("The review of this document is due."),
                document.next_review_on,
                5,
                "history",
                url_for("reviews.listing", document=document.code),
            )
        )
    if possible.changes_to_decide:
        verb = gettext("Decide on the request")
        items += [_change(found, verb) for found in to_decide(session, held)]
    if possible.changes_to_make:
        verb = gettext("Make the change")
        items += [_change(found, verb) for found in to_answer(session, held)]
    if possible.copies:
        items += _paper()
    items += _adopting()
    if possible.issuances and may(held, DocumentPermission.CONFIRM_ISSUANCE):
        for decision in waiting_issuances(session, held.body_id):
            if decision.entered_by_id != held.person.id:
                items.append(
                    Item(
                        "confirm",
                        gettext("Confirm the decision"),
                        decision.number,
                        decision.signer_name,
                        gettext("entered by %(name)s", name=decision.entered_by.as_signed),
                        held.on,
                        2,
                        "stamp",
                        url_for("issuance.show", decision_id=decision.id),
                    )
                )
    if possible.withdrawals:
        items += [_withdrawal(found) for found in withdrawals_to_decide(session, held)]
    if possible.disposals:
        items += [_disposal(found) for found in disposals_to_decide(session, held)]
    items += _due_for_disposal()
    items += _scope()
    items += _audits()
    return sorted(items, key=lambda item: (item.due or date.max, item.code))


def _audits() -> list[Item]:
    """Give the audits one takes part in, here or as a guest, and the plans one has to answer."""
    session, held = db.session(), standing()
    items = [
        Item(
            "audit",
            gettext("Take part in the audit"),
            found.number,
            found.unit_names,
            gettext("Read the plan and what there is to read before."),
            found.first_on,
            10,
            "audit",
            url_for("audits.show", number=address_of(found)),
        )
        for found in audits_of_person(session, held)
    ]
    for found in audits_to_answer(session, held):
        for unit in owed_by(found, held):
            items.append(
                Item(
                    "audit",
                    gettext("Confirm the plan of the audit"),
                    found.number,
                    unit.name,
                    gettext("Say whether days and hours suit the unit."),
                    found.first_on,
                    3,
                    "audit",
                    url_for("plans.show", number=found.number),
                )
            )
    items += [
        Item(
            "audit",
            gettext("Answer the finding"),
            found.number,
            found.unit.name,
            gettext("Accept it, or say what you see otherwise."),
            found.response_due_on,
            5,
            "flag",
            url_for("findings.show", number=found.number),
        )
        for found in findings_to_answer(session, held)
    ]
    return items


def _adopting() -> list[Item]:
    """Give one line for all that waits for the body's decision, however much it is."""
    held = standing()
    if not held.is_below or not may(held, DocumentPermission.ADOPT):
        return []
    count = offered_counts(db.session(), held, held.body_id)[OfferState.WAITING]
    if not count:
        return []
    return [
        Item(
            "adopt",
            gettext("Decide on adopting"),
            ngettext("%(num)s document", "%(num)s documents", count),
            gettext("published by a higher body"),
            gettext("Your body works by them once you adopt them."),
            None,
            5,
            "stamp",
            url_for("adoptions.listing", state=OfferState.WAITING),
        )
    ]


def _scope() -> list[Item]:
    """Give the scope that waits for the viewer's signature (O5, 4.3)."""
    found = scope_to_sign(db.session(), standing())
    if found is None:
        return []
    version, drafter, effective_on = found
    return [
        Item(
            "decide",
            gettext("Sign the scope"),
            gettext("Version %(version)s", version=version),
            gettext("What the system covers"),
            gettext("drafted by %(name)s", name=drafter),
            effective_on,
            5,
            "stamp",
            url_for("scope.show"),
        )
    ]


def _item_of(revision: Revision) -> Item | None:
    return next((item for item in waiting_items() if item.revision_id == revision.id), None)


def _decision(found: waiting.Waiting) -> Item:
    review = found.kind is StepKind.REVIEW
    return Item(
        "decide",
        gettext("Review") if review else gettext("Approve"),
        found.code,
        found.title,
        gettext(
            "Edition %(edition)s · %(name)s, %(unit)s, sent %(day)s",
            edition=found.label,
            name=", ".join(found.authors[:2]),
            unit=found.unit_name,
            day=as_date(found.submitted_at),
        ),
        found.due_on,
        4 if not review else 8,
        "eye" if review else "stamp",
        url_for("review.show", revision_id=found.revision_id),
        found.revision_id,
    )


def _reading(found: readers.ToRead) -> Item:
    revision, document = found.revision, found.revision.document
    is_own = document.body_id == standing().body_id
    return Item(
        "read",
        gettext("Read again and confirm") if found.is_again else gettext("Read and confirm"),
        revision.code,
        revision.title,
        gettext(
            "Edition %(edition)s · %(unit)s",
            edition=revision.label,
            unit=document.lead_unit.name if is_own else document.body.name,
        ),
        found.due_on,
        5,
        "doc",
        url_for("reading.show", revision_id=revision.id),
    )


def _draft(revision: Revision) -> Item:
    returned = revision.round > 1
    return Item(
        "finish",
        gettext("Correct and submit") if returned else gettext("Finish the draft"),
        revision.code,
        revision.title,
        gettext("Returned to you, round %(round)s", round=revision.round)
        if returned
        else gettext("Not submitted yet"),
        None,
        15 if returned else 5,
        "pencil",
        url_for("revise.draft", revision_id=revision.id),
        revision.id,
    )


def _change(found: ChangeRequest, verb: str) -> Item:
    return Item(
        "change",
        verb,
        found.number,
        found.codes,
        found.reason if len(found.reason) <= 160 else found.reason[:159] + "…",
        found.due_on,
        5,
        "flag",
        url_for("changes.show", number=found.number),
    )


def _paper() -> list[Item]:
    """Give the numbered copies that have to come back, and those the viewer is asked about."""
    found = copies_to_see_to(db.session(), standing())
    items = [
        _copy(
            question.copy,
            gettext("Say whether it is still there"),
            due,
            question.copy.place,
        )
        for question, due in found.asked
    ]
    for copy in found.to_come_back:
        own = copy.holder_id == standing().person.id
        said = gettext("Give the copy back") if own else gettext("Take the copy back")
        where = gettext("%(name)s, %(place)s", name=copy.holder.name, place=copy.place)
        items.append(_copy(copy, said, standing().on, where))
    return items


def _copy(copy: ControlledCopy, verb: str, due: date, where: str) -> Item:
    return Item(
        "paper",
        verb,
        copy.document.code or "",
        copy.document.title,
        gettext(
            "Copy %(number)s, edition %(edition)s · %(where)s",
            number=copy.label,
            edition=copy.revision.label,
            where=where,
        ),
        due,
        2,
        "copy",
        url_for("copies.show", copy_id=copy.id),
    )


def _withdrawal(found: Withdrawal) -> Item:
    return Item(
        "decide",
        gettext("Decide on the withdrawal"),
        found.document.code or "",
        found.document.title,
        gettext("proposed by %(name)s", name=found.proposed_by.name),
        found.due_on,
        4,
        "ban",
        url_for("withdrawal.show", withdrawal_id=found.id),
    )


def _disposal(found: Disposal) -> Item:
    front = "" if found.body_id == standing().body_id else f"/b/{found.body.code}"
    return Item(
        "decide",
        gettext("Decide on the disposal"),
        found.number,
        found.reason if len(found.reason) <= 160 else found.reason[:159] + "…",
        gettext("proposed by %(name)s", name=found.proposed_by.name),
        found.due_on,
        8,
        "ban",
        front + url_for("disposals.show", number=found.number),
    )


def _due_for_disposal() -> list[Item]:
    """Give one line for all that is over its retention, to whoever proposes disposals (a49)."""
    held = standing()
    body = held.person.body
    if not may(held, DocumentPermission.PROPOSE_DISPOSAL, body):
        return []
    count = count_due(db.session(), body, held.on, held.on)
    if not count:
        return []
    return [
        Item(
            "dispose",
            gettext("Dispose of what is due"),
            "",
            gettext("Retention is over"),
            ngettext("%(num)s document or record", "%(num)s documents and records", count),
            None,
            15,
            "clock",
            url_for("disposals.due"),
        )
    ]


def own_waiting() -> list[Revision]:
    """Give the viewer's own revisions that others hold, oldest first."""
    return _held(register.own_open_revisions(db.session(), standing()))


def _held(own: list[Revision]) -> list[Revision]:
    return [revision for revision in own if revision.state is not RevisionState.DRAFT]
