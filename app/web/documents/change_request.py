"""Change requests: the list, asking, deciding, answering (screen 11; a42-a45)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.people import Person
from app.kernel.search import code_key
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.links import link_to, link_to_revision
from app.web.documents.messages import about_change
from app.web.documents.pages import whole
from app.web.drafts import draft_url, refill
from app.web.formats import as_date
from app.web.guard import may_now, requires, signed_in, standing
from app.web.names import acting_name
from app.web.page import at_field, done, page
from documents import register
from documents.change_register import (
    ChangeFilters,
    change,
    changes,
    documents_named,
    proposed_owner,
)
from documents.change_request import (
    ChangeData,
    accept_change,
    ask_for_change,
    ask_obstacle,
    leave_unchanged,
    park_change,
    reject_change,
    take_up,
    usual_due,
)
from documents.models import ChangeRequest, ChangeState, Document, TemplatePurpose
from documents.permissions import DocumentPermission
from documents.word_template import is_in_use
from forms.screen.change_request import ChangeDecisionForm, ChangeForm, ChangeLeftForm

bp = Blueprint("changes", __name__)


@bp.get("/changes")
@requires(DocumentPermission.LIST_CHANGES)
def listing() -> ResponseReturnValue:
    """List the change requests of a body, newest first; the filter stands in the address."""
    body, filters = shown_body(), read_filters()
    found = changes(
        db.session(),
        standing(),
        body.id,
        filters,
        before=whole(request.args.get("before")),
        after=whole(request.args.get("after")),
    )
    return page(
        "documents/changes.html",
        body=body,
        found=found,
        filters=filters,
        code=request.args.get("document", "")[:80],
        pills=_pills(filters),
        sheet_url=_address().replace("/changes", "/registers/changes", 1),
        newer=_address(after=found.newer_than) if found.newer_than else None,
        older=_address(before=found.older_than) if found.older_than else None,
        link_to=link_to,
        is_own=body.id == standing().body_id,
    )


def read_filters() -> ChangeFilters:
    """Read the filter off the address."""
    state = request.args.get("state", "")
    return ChangeFilters(
        state=next((one for one in ChangeState if str(one) == state), None),
        is_mine=request.args.get("mine") == "y",
        code_key=code_key(request.args.get("document", "")[:80]),
        text=" ".join(request.args.get("q", "")[:100].split()),
        law_id=whole(request.args.get("law")),
    )


def _address(**changed: Any) -> str:
    kept = {
        name: request.args.get(name, "")[:200] for name in ("state", "mine", "document", "q", "law")
    }
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return request.script_root + "/changes" + (f"?{query}" if query else "")


def _pills(filters: ChangeFilters) -> list[dict[str, Any]]:
    every = filters.state is None and not filters.is_mine
    states = [
        {
            "label": gettext(state.label),
            "url": _address(state=state, mine=""),
            "current": filters.state is state,
        }
        for state in ChangeState
    ]
    return [
        {"label": gettext("All"), "url": _address(state="", mine=""), "current": every},
        {
            "label": gettext("Mine"),
            "url": _address(state="", mine="y"),
            "current": filters.is_mine,
            "icon": "user",
        },
        *states,
    ]


@bp.route("/changes/new", methods=["GET", "POST"])
@requires(DocumentPermission.ASK_CHANGE)
def ask() -> ResponseReturnValue:
    """Ask for a change of one document or several; anybody of the body may (a42, a44)."""
    form = ChangeForm()
    saved, status = None, 422
    if not form.is_submitted():
        form.documents.data = request.args.get("document", "")[:80]
        saved, status = refill(form, url_for("changes.ask")), 200
        if request.args.get("document"):
            form.documents.data = request.args["document"][:80]
            _say_withdrawn(form)
    elif form.validate():
        try:
            documents = _named(form.documents.data or "")
            with unit_of_work(signed_in()) as work:
                data = ChangeData(form.reason.data or "", form.source.coded, form.impact.data or "")
                asked = ask_for_change(work, data, documents)
                forget_draft(work, url_for("changes.ask"))
                number = asked.number
            return done(
                gettext("%(number)s is filed. Whoever decides was told.", number=number),
                to=url_for("changes.show", number=number),
            )
        except InvalidInput as refused:
            status = at_field(form, refused)
    return page(
        "documents/change_form.html",
        status=status,
        form=form,
        saved=saved,
        draft_url=draft_url(url_for("changes.ask")),
    )


def _say_withdrawn(form: ChangeForm) -> None:
    """Say at once, and not after the typing, that the document of the address is withdrawn."""
    key = code_key(form.documents.data or "")
    document = documents_named(db.session(), standing(), [key]).get(key)
    obstacle = ask_obstacle(db.session(), standing(), document) if document is not None else None
    if obstacle is not None:
        at_field(form, obstacle)


def _named(typed: str) -> list[Document]:
    """Give the documents whose codes were typed; what is no code of ours is named."""
    codes = list(dict.fromkeys(part for part in re.split(r"[,;\n]+", typed) if code_key(part)))
    known = documents_named(db.session(), standing(), [code_key(code) for code in codes])
    unknown = [code.strip() for code in codes if code_key(code) not in known]
    if unknown or not codes:
        raise InvalidInput(
            N_("No document %(code)s is known. Type codes with commas between."),
            field="documents",
            code=", ".join(unknown) or typed,
        )
    return list(dict.fromkeys(known[code_key(code)] for code in codes))


@bp.get("/changes/<number>")
@requires(DocumentPermission.LIST_CHANGES)
def show(number: str) -> ResponseReturnValue:
    """Show one request: why, which documents, where it stands, the viewer's next step."""
    return _page(_change(number), _decision_form(_change(number)))


def _change(number: str) -> ChangeRequest:
    return change(db.session(), standing(), shown_body().id, number[:40])


def _decision_form(found: ChangeRequest) -> ChangeDecisionForm:
    form = ChangeDecisionForm()
    if not form.is_submitted():
        owner = proposed_owner(found)
        form.owner.data = [owner.id] if owner is not None else []
        form.due_on.data = usual_due(standing().person.body, standing().on)
        form.row_version.data = found.row_version
    return form


def _page(
    found: ChangeRequest, form: ChangeDecisionForm, status: int = 200, left: Any = None
) -> ResponseReturnValue:
    session = db.session()
    owner = session.get(Person, form.owner.data[0]) if form.owner.data else None
    own = found.body_id == standing().body_id
    return page(
        "documents/change.html",
        status=status,
        found=found,
        form=form,
        left=left or ChangeLeftForm(),
        owner=[owner] if owner is not None and owner.body_id == found.body_id else [],
        lifecycle=_lifecycle(found, today_of(shown_body(), datetime.now(UTC))),
        may_decide=own
        and found.decide_obstacle() is None
        and may_now(DocumentPermission.DECIDE_CHANGE, found),
        may_answer=own
        and found.state in (ChangeState.ACCEPTED, ChangeState.ANSWERED)
        and may_now(DocumentPermission.ANSWER_CHANGE, found),
        drafting=_drafting(found) if own else "",
        message=about_change(found) if own else "",
        own_form=own and is_in_use(session, found.body_id, TemplatePurpose.CHANGE_REQUEST),
        link_to=link_to,
        link_to_revision=link_to_revision,
    )


def _drafting(found: ChangeRequest) -> str:
    """Give where the viewer drafts the first change that nobody drafts yet; else nothing."""
    if found.state is not ChangeState.ACCEPTED:
        return ""
    for item in found.items:
        if item.is_settled or item.revision_id is not None or item.document.code is None:
            continue
        if not may_now(DocumentPermission.DRAFT_REVISION, item.document):
            continue
        coming = register.open_revision(db.session(), item.document)
        if coming is None:
            return url_for("revise.begin", code=item.document.code)
        if may_now(DocumentPermission.DRAFT_REVISION, coming):
            return url_for("revise.draft", revision_id=coming.id)
    return ""


def _lifecycle(found: ChangeRequest, today: date) -> list[dict[str, Any]]:
    """Give the steps of a request for the lifecycle component: who, when, what is late (P6)."""
    decided = acting_name(found.decided_by, found.decided_for) if found.decided_by else ""
    line: list[dict[str, Any]] = [
        {
            "label": gettext("Asked"),
            "state": "done",
            "who": found.asked_by.name,
            "when": as_date(found.asked_at),
        }
    ]
    if found.state in (ChangeState.REJECTED, ChangeState.PARKED):
        label = gettext(found.state.label)
        line.append({"label": label, "state": "now", "who": decided,
                     "when": as_date(found.decided_at)})  # fmt: skip
        return line
    reached = list(ChangeState).index(found.state)
    late = found.due_on is not None and found.due_on < today and found.is_waiting
    steps: list[tuple[str, str, str]] = [
        (gettext("Decision"), decided, as_date(found.decided_at)),
        (
            gettext("Drafting the change"),
            found.owner.name if found.owner is not None else "",
            gettext("by %(day)s", day=as_date(found.due_on)) if found.due_on else "",
        ),
        (gettext("In force"), "", ""),
        (gettext("Closed"), "", as_date(found.closed_at)),
    ]
    for place, (label, who, when) in enumerate(steps):
        state = "done" if place < reached or reached == 3 else "next"
        if place == reached and reached < 3:
            state = "now"
        line.append(
            {
                "label": label,
                "state": state,
                "who": who,
                "when": when,
                "late": gettext("late: %(when)s", when=when) if late and state == "now" else "",
            }
        )
    return line


@bp.post("/changes/<number>/decision")
@requires(DocumentPermission.DECIDE_CHANGE)
def decide(number: str) -> ResponseReturnValue:
    """Accept a request, decline it, or keep it for the next revision; of two the first counts."""
    found, form = _change(number), ChangeDecisionForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    answer, reason, seen = request.form.get("answer"), form.reason.data or "", form.row_version.data
    try:
        with unit_of_work(signed_in()) as work:
            found = work.fresh(found)
            if answer == "reject":
                reject_change(work, found, reason=reason, seen=seen)
            elif answer == "park":
                park_change(work, found, reason=reason, seen=seen)
            else:
                owner = work.session.get(Person, form.owner.data[0]) if form.owner.data else None
                accept_change(
                    work, found, owner=owner, due_on=form.due_on.data, reason=reason, seen=seen
                )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(_change(number), form, at_field(form, refused))
    return done(
        gettext("%(number)s: %(state)s.", number=number.upper(), state=gettext(found.state.label)),
        to=url_for("changes.show", number=number),
    )


@bp.post("/changes/<number>/left/<int:document_id>")
@requires(DocumentPermission.ANSWER_CHANGE)
def leave(number: str, document_id: int) -> ResponseReturnValue:
    """Say that one document of a request needs no change after all."""
    found, form = _change(number), ChangeLeftForm()
    item = found.item_for(document_id)
    if item is None:
        raise NotFound()
    if not form.validate_on_submit():
        return _page(found, _decision_form(found), 422, form)
    with unit_of_work(signed_in()) as work:
        leave_unchanged(
            work, work.fresh(found), work.fresh(item.document), reason=form.reason.data or ""
        )
    return done(
        gettext("Noted: this document stays as it is."), to=url_for("changes.show", number=number)
    )


@bp.post("/r/<int:revision_id>/changes")
@requires(DocumentPermission.DRAFT_REVISION)
def answer(revision_id: int) -> ResponseReturnValue:
    """Let a revision on its way answer a request that waits for its document (a43)."""
    revision = register.revision(db.session(), standing(), revision_id)
    found = _change(request.form.get("number", ""))
    with unit_of_work(signed_in()) as work:
        take_up(work, work.fresh(found), work.fresh(revision))
    return done(
        gettext("%(edition)s answers %(number)s.", edition=revision.label, number=found.number),
        to=url_for("revise.draft", revision_id=revision.id),
    )
