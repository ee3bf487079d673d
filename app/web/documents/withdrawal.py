"""Withdrawing a document: proposed, decided, carried out; restoring a past edition (a28, a29)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.work import unit_of_work
from app.web.body_address import named_body_id
from app.web.documents.deciding import Deciding, deciding_about, take_answer
from app.web.documents.links import link_to, link_to_revision
from app.web.formats import as_date
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from documents import citing, register
from documents.change_register import ended_by, waiting_for_document
from documents.models import Document, Withdrawal, WithdrawalState
from documents.permissions import DocumentPermission
from documents.restoring import restore_revision
from documents.withdrawal import (
    WithdrawalData,
    agree_to_withdrawal,
    deciders,
    give_up_withdrawal,
    propose_withdrawal,
    refuse_withdrawal,
    withdrawal_by_id,
    withdrawal_obstacle,
    withdrawal_of,
)
from forms.screen.fields import key_of
from forms.screen.withdrawal import WhyForm, WithdrawalForm

bp = Blueprint("withdrawal", __name__)
USUAL_DAYS = 5  # working days until a withdrawal takes effect, as it is proposed


@bp.route("/d/<path:code>/withdraw", methods=["GET", "POST"])
@requires(DocumentPermission.PROPOSE_WITHDRAWAL)
def propose(code: str) -> ResponseReturnValue:
    """Propose to withdraw what is in force: why, from when, what stands in its place."""
    document = register.document(db.session(), standing(), code, body_id=named_body_id())
    must(DocumentPermission.PROPOSE_WITHDRAWAL, document)
    current = register.effective_revision(db.session(), document)
    form, status = WithdrawalForm(), 422
    if not form.is_submitted():
        status = 200
        form.revision.data = str(current.id) if current is not None else ""
        form.withdraw_on.data = working_days_after(document.body, standing().on, USUAL_DAYS)
    elif form.validate():
        try:
            data = WithdrawalData(
                form.reason.data or "", form.withdraw_on.data, _replacement(form.replaced_by.data)
            )
            with unit_of_work(signed_in()) as work:
                made = propose_withdrawal(
                    work, work.fresh(document), data, revision_id=key_of(form.revision.data) or 0
                ).id
            return done(
                gettext("The withdrawal of %(code)s is proposed.", code=document.code),
                to=url_for("withdrawal.show", withdrawal_id=made),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    obstacle = withdrawal_obstacle(db.session(), document)
    return page(
        "documents/withdraw.html",
        status=status,
        form=form,
        document=document,
        current=current,
        obstacle=words(obstacle) if obstacle is not None and not form.errors else "",
        deciders=deciders(db.session(), document, signed_in(), standing().on),
        link_to=link_to,
        waiting=waiting_for_document(db.session(), standing(), document),
        **_citing(document),
    )


def _replacement(typed: str | None) -> Document | None:
    """Give the document whose code was typed, if any was."""
    if not (typed or "").strip():
        return None
    try:
        return register.document(db.session(), standing(), typed or "")
    except NotFound as unknown:
        raise InvalidInput(
            N_("No document %(code)s is known."), field="replaced_by", code=typed
        ) from unknown


def _citing(document: Document) -> dict[str, Any]:
    """Give what cites a document: it gets a change request when the document goes (D12)."""
    found = citing.where_used(db.session(), standing(), document=document)
    return {"used": found.rows, "more_used": found.following is not None,
            "passage": citing.passage_of}  # fmt: skip


@bp.get("/withdrawals/<int:withdrawal_id>")
@requires(DocumentPermission.SEE_WITHDRAWAL)
def show(withdrawal_id: int) -> ResponseReturnValue:
    """Show a proposal, what follows from it, and the viewer's decision beside it (P2)."""
    return _page(withdrawal_by_id(db.session(), standing(), withdrawal_id))


def _page(
    found: Withdrawal,
    *,
    status: int = 200,
    deciding: Deciding | None = None,
    opened: str = "",
    giving_up: WhyForm | None = None,
) -> ResponseReturnValue:
    is_open = found.state is WithdrawalState.PROPOSED
    may_give_up = found.is_pending and may_now(DocumentPermission.GIVE_UP_WITHDRAWAL, found)
    return page(
        "documents/withdrawal.html",
        status=status,
        found=found,
        document=found.document,
        deciding=deciding or (deciding_about(found) if is_open else None),
        opened=opened,
        giving_up=(giving_up or WhyForm(prefix="c-")) if may_give_up else None,
        lifecycle=_lifecycle(found),
        link_to=link_to,
        revision_url=link_to_revision(found.revision),
        waiting=waiting_for_document(db.session(), standing(), found.document)
        if found.is_pending
        else [],
        ended=ended_by(db.session(), standing(), found),
        **_citing(found.document),
    )


def _lifecycle(found: Withdrawal) -> list[dict[str, Any]]:
    """Give the steps of a proposal for the lifecycle component: who, when (P6)."""
    line: list[dict[str, Any]] = [
        {
            "label": gettext("Proposed"),
            "state": "done",
            "who": found.proposed_by.as_signed,
            "when": as_date(found.proposed_at),
        }
    ]
    if found.state is WithdrawalState.PROPOSED:
        waiting = ", ".join(seat.person.name for seat in found.seats[:3])
        line.append(_step(gettext("Decision"), "now", waiting, as_date(found.due_on)))
    elif found.decided_by is not None:
        decided, day = found.decided_by.as_signed, as_date(found.decided_at)
        line.append(_step(gettext("Decision"), "done", decided, day))
    if found.state in (WithdrawalState.REFUSED, WithdrawalState.GIVEN_UP):
        line.append(_step(gettext(found.state.label), "now", "", as_date(found.closed_at)))
        return line
    last = {
        WithdrawalState.PROPOSED: "next",
        WithdrawalState.AGREED: "now",
        WithdrawalState.CARRIED_OUT: "done",
    }[found.state]
    line.append(_step(gettext("Withdrawn"), last, "", as_date(found.withdraw_on)))
    return line


def _step(label: str, state: str, who: str, when: str) -> dict[str, Any]:
    return {"label": label, "state": state, "who": who, "when": when}


@bp.post("/withdrawals/<int:withdrawal_id>/decision")
@requires(DocumentPermission.DECIDE_WITHDRAWAL)
def decide(withdrawal_id: int) -> ResponseReturnValue:
    """Take the viewer's decision: signed with the password, or refused with the reason (D3)."""
    found = withdrawal_by_id(db.session(), standing(), withdrawal_id)
    must(DocumentPermission.DECIDE_WITHDRAWAL, found)
    deciding = deciding_about(found)
    if deciding is None:
        raise Forbidden(DocumentPermission.DECIDE_WITHDRAWAL, found)
    taken = take_answer(found, deciding, sign=agree_to_withdrawal, refuse=refuse_withdrawal)
    if taken.status is not None:
        found = withdrawal_by_id(db.session(), standing(), withdrawal_id)
        return _page(found, status=taken.status, deciding=deciding, opened=taken.opened)
    return done(
        gettext("%(code)s: %(state)s.", code=found.document.code, state=gettext(found.state.label)),
        to=url_for("withdrawal.show", withdrawal_id=withdrawal_id),
    )


@bp.post("/withdrawals/<int:withdrawal_id>/giving-up")
@requires(DocumentPermission.GIVE_UP_WITHDRAWAL)
def give_up(withdrawal_id: int) -> ResponseReturnValue:
    """Let a proposal go before its day, with the reason."""
    found = withdrawal_by_id(db.session(), standing(), withdrawal_id)
    must(DocumentPermission.GIVE_UP_WITHDRAWAL, found)
    form = WhyForm(prefix="c-")
    if not form.validate_on_submit():
        return _page(found, status=422, giving_up=form)
    with unit_of_work(signed_in()) as work:
        give_up_withdrawal(work, work.fresh(found), reason=form.reason.data or "")
    return done(
        gettext("The proposal is given up; %(code)s stays in force.", code=found.document.code),
        to=url_for("withdrawal.show", withdrawal_id=withdrawal_id),
    )


@bp.route("/r/<int:revision_id>/restore", methods=["GET", "POST"])
@requires(DocumentPermission.DRAFT_REVISION)
def restore(revision_id: int) -> ResponseReturnValue:
    """Begin a new revision with the files of a past one; it is approved anew (a29)."""
    revision = register.revision(db.session(), standing(), revision_id)
    must(DocumentPermission.DRAFT_REVISION, revision.document)
    form, status = WhyForm(), 200
    if form.is_submitted():
        status = 422
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                made = restore_revision(
                    work, work.fresh(revision), reason=form.reason.data or ""
                ).id
            return done(
                gettext("The draft holds the files of %(edition)s.", edition=revision.label),
                to=url_for("revise.draft", revision_id=made),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    obstacle = revision.restore_obstacle()
    ended = withdrawal_of(db.session(), revision)
    return page(
        "documents/restore.html",
        status=status,
        form=form,
        revision=revision,
        document=revision.document,
        obstacle=words(obstacle) if obstacle is not None else "",
        ended=ended_by(db.session(), standing(), ended) if ended is not None else [],
        link_to=link_to,
    )
