"""What is due for disposal, the lists that are decided on, their minutes (D5; a49)."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.work import Work, unit_of_work
from app.web.administration.settings import own_body
from app.web.body_address import named_body_id
from app.web.documents.deciding import Deciding, deciding_about, take_answer
from app.web.documents.disposal_minutes import minutes_of
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents.disposing import (
    PAGE,
    DisposalData,
    disposal_by_number,
    disposals,
    propose_disposal,
    refuse_disposal,
    sign_disposal,
    take_minutes,
)
from documents.models import Disposal, DisposalState, QualityRecord, Revision
from documents.permissions import DocumentPermission
from documents.retention import Thing, count_due, due_page, kept_until
from forms.screen.retention import DisposalForm

bp = Blueprint("disposals", __name__)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/disposals")
@requires(DocumentPermission.SEE_DISPOSALS)
def listing() -> ResponseReturnValue:
    """List the disposals of the body, newest first, and say how much is due."""
    body, today = own_body(), standing().on
    must(DocumentPermission.SEE_DISPOSALS, body)
    rows = list(disposals(db.session(), body.id, before=whole(request.args.get("before"))))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    ahead = int(body.setting("retention_notice_days"))
    return page(
        "documents/disposals.html",
        rows=rows,
        older=url_for("disposals.listing", before=rows[-1].id) if more else None,
        due=count_due(db.session(), body, today, today),
        coming=count_due(db.session(), body, today + timedelta(days=ahead), today),
        ahead=ahead,
        may_propose=may_now(DocumentPermission.PROPOSE_DISPOSAL, body),
    )


@bp.route("/disposals/due", methods=["GET", "POST"])
@requires(DocumentPermission.PROPOSE_DISPOSAL)
def due() -> ResponseReturnValue:
    """List what nothing stops from being disposed of; what is ticked goes onto one list."""
    body, form, status = own_body(), DisposalForm(), 200
    must(DocumentPermission.PROPOSE_DISPOSAL, body)
    if form.is_submitted():
        status = 422
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                data = DisposalData(form.reason.data or "", form.method.coded)
                made = propose_disposal(work, work.fresh(body), data, _ticked(work, form)).number
            return done(
                gettext("The list %(number)s waits for its decision.", number=made),
                to=url_for("disposals.show", number=made),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    if not form.is_submitted():
        form.reason.data = gettext("Their retention is over.")
    found = due_page(
        db.session(),
        body,
        standing().on,
        after_revision=whole(request.args.get("revision")),
        after_record=whole(request.args.get("record")),
    )
    return page(
        "documents/disposal_due.html",
        status=status,
        form=form,
        found=found,
        kept_until=kept_until,
        link_to=link_to,
        more=_more(found.next_revision, found.next_record),
    )


def _more(revision: int | None, record: int | None) -> str | None:
    """Give the address of the next page of either table; the other goes on where it was."""
    if revision is None and record is None:
        return None
    return url_for(
        "disposals.due",
        revision=revision or whole(request.args.get("revision")),
        record=record or whole(request.args.get("record")),
    )


def _ticked(work: Work, form: DisposalForm) -> list[Thing]:
    revisions = [work.session.get(Revision, key) for key in _keys(form.revisions.data)]
    records = [work.session.get(QualityRecord, key) for key in _keys(form.records.data)]
    found = [thing for thing in (*revisions, *records) if thing is not None]
    body_id = standing().body_id
    if len(found) < len(revisions) + len(records) or any(one.body_id != body_id for one in found):
        raise NotFound()
    return found


def _keys(typed: list[int] | None) -> list[int]:
    return [key for key in dict.fromkeys(typed or ()) if 0 < key < 10**15]


@bp.get("/disposals/<number>")
@requires(DocumentPermission.SEE_DISPOSALS)
def show(number: str) -> ResponseReturnValue:
    """Show one list, item by item, and the viewer's decision beside it (P2)."""
    return _page(_disposal(number))


def _disposal(number: str) -> Disposal:
    body_id = named_body_id() or standing().body_id  # the overseer is asked where nobody else is
    return disposal_by_number(db.session(), standing(), body_id, number[:40])


def _page(
    found: Disposal, *, status: int = 200, deciding: Deciding | None = None, opened: str = ""
) -> ResponseReturnValue:
    is_open = found.state is DisposalState.PROPOSED
    return page(
        "documents/disposal.html",
        status=status,
        found=found,
        deciding=deciding or (deciding_about(found) if is_open else None),
        opened=opened,
        link_to=link_to,
        sees_record=lambda record: may_now(DocumentPermission.LIST_RECORDS, record),
    )


@bp.post("/disposals/<number>/decision")
@requires(DocumentPermission.DECIDE_DISPOSAL)
def decide(number: str) -> ResponseReturnValue:
    """Take the viewer's decision: signed over the whole list, or refused with the reason."""
    found = _disposal(number)
    must(DocumentPermission.DECIDE_DISPOSAL, found)
    deciding = deciding_about(found)
    if deciding is None:
        raise Forbidden(DocumentPermission.DECIDE_DISPOSAL, found)
    taken = take_answer(found, deciding, sign=sign_disposal, refuse=refuse_disposal)
    if taken.status is not None:
        found = _disposal(number)
        return _page(found, status=taken.status, deciding=deciding, opened=taken.opened)
    said = (
        gettext("%(number)s is refused; everything on it stays.", number=found.number)
        if taken.refuses
        else ngettext(
            "%(num)s item is disposed of. The minutes can be printed.",
            "%(num)s items are disposed of. The minutes can be printed.",
            len(found.items),
        )
    )
    return done(said, to=url_for("disposals.show", number=found.number))


@bp.post("/disposals/<number>/minutes")
@requires(DocumentPermission.SEE_DISPOSALS)
def minutes(number: str) -> ResponseReturnValue:
    """Give the minutes of a disposal as a Word file to print and sign by hand."""
    found = _disposal(number)
    with unit_of_work(signed_in()) as work:
        take_minutes(work, work.fresh(found))
    content = minutes_of(_disposal(number))
    name = f"Bien ban tieu huy {found.number}.docx"
    return send_file(
        io.BytesIO(content), mimetype=WORD, as_attachment=True, download_name=name, etag=False
    )
