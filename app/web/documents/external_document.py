"""Laws and standards from outside, what cites them, what follows when one changes (screen 12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, Refusal, RuleBroken, Stale
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.law_graph import graph_of
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.formats import as_date
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page, words
from documents import citing
from documents.change_request import usual_due
from documents.external_document import (
    Assignment,
    ExternalData,
    changed_by_this,
    describe_law,
    known_from_texts,
    law_by_id,
    law_by_number,
    laws,
    may_answer,
    proposed_owners,
    raise_changes,
    register_law,
    requests_of,
    to_hand_out,
)
from documents.models import Citation, ExternalDocument, ExternalState
from documents.permissions import DocumentPermission
from forms.screen.external_document import HandOutForm, LawForm, NewLawForm

bp = Blueprint("external", __name__)
CHIPS = {"in_force": "effective", "amended": "due", "replaced": "obsolete"}


@bp.get("/external")
@requires(DocumentPermission.READ_EXTERNAL)
def listing() -> ResponseReturnValue:
    """List the registered laws and standards by number, and what is cited and not registered."""
    body, text = shown_body(), " ".join(request.args.get("q", "")[:100].split())
    state = next((one for one in ExternalState if str(one) == request.args.get("state")), None)
    session = db.session()
    found = laws(
        session,
        body.id,
        text=text,
        state=state,
        after=whole(request.args.get("after")),
        before=whole(request.args.get("before")),
    )
    unknown, following = citing.unknown_numbers(
        session, standing(), body.id, after=request.args.get("unknown", "")[:120], most=10
    )
    return page(
        "documents/laws.html",
        found=found,
        uses=citing.use_counts(session, standing(), [law.id for law in found.rows]),
        unknown=unknown,
        more_unknown=_address(unknown=following) if following else None,
        text=text,
        state=state,
        pills=_pills(state),
        previous=_address(before=found.before) if found.before else None,
        following=_address(after=found.after) if found.after else None,
        may_keep=body.id == standing().body_id and may_now(DocumentPermission.KEEP_EXTERNAL),
        chips=CHIPS,
    )


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:200] for name in ("state", "q")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return request.script_root + "/external" + (f"?{query}" if query else "")


def _pills(state: ExternalState | None) -> list[dict[str, Any]]:
    every = {"label": gettext("All"), "url": _address(state=""), "current": state is None}
    return [
        every,
        *(
            {"label": gettext(one.label), "url": _address(state=one), "current": one is state}
            for one in ExternalState
        ),
    ]


@bp.route("/external/new", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_EXTERNAL)
def add() -> ResponseReturnValue:
    """Register a law; what the body's own texts say of it is filled in (P4)."""
    form, status = NewLawForm(), 422
    if not form.is_submitted():
        status = 200
        _fill_known(form, request.args.get("number", "")[:120])
        form.replaces.data = request.args.get("replaces", "")[:120]
    elif form.validate():
        try:
            law, changed = _register(form)
            message = gettext("%(number)s is registered.", number=law.number)
            if changed is not None:
                return done(message, to=url_for("external.impact", law_id=changed.id))
            return done(message, to=url_for("external.show", law_id=law.id))
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    return page("documents/law_form.html", status=status, form=form, law=None)


def _fill_known(form: NewLawForm, number: str) -> None:
    form.number.data = number
    if number:
        known = known_from_texts(db.session(), standing(), standing().body_id, number)
        form.subject.data, form.issuer.data = known.subject, known.issuer
        form.issued_on.data = known.issued_on


def _register(form: NewLawForm) -> tuple[ExternalDocument, ExternalDocument | None]:
    data, changes = _data(form), None
    replaced = " ".join((form.replaces.data or "").split())
    with unit_of_work(signed_in()) as work:
        if not data.subject.strip():
            known = known_from_texts(work.session, work.standing, work.actor.body_id, data.number)
            data = ExternalData(
                data.number,
                known.subject,
                data.issuer or known.issuer,
                data.issued_on or known.issued_on,
                data.in_force_on,
            )
        if replaced:
            changes = law_by_number(work.session, work.actor.body_id, replaced)
            if changes is None:
                changes = _register_replaced(work, replaced)
        law = register_law(work, data, changes=changes, how=form.how.coded)
    return law, changes


def _register_replaced(work: Any, number: str) -> ExternalDocument:
    """Register the replaced law in passing where the texts say what it is about."""
    known = known_from_texts(work.session, work.standing, work.actor.body_id, number)
    if not known.subject:
        raise InvalidInput(
            N_(
                "%(number)s is not registered and no text says what it is about. Register it first."
            ),
            field="replaces",
            number=number,
        )
    return register_law(work, known)


def _data(form: LawForm) -> ExternalData:
    return ExternalData(
        form.number.data or "",
        form.subject.data or "",
        form.issuer.data or "",
        form.issued_on.data,
        form.in_force_on.data,
    )


@bp.get("/external/<int:law_id>")
@requires(DocumentPermission.READ_EXTERNAL)
def show(law_id: int) -> ResponseReturnValue:
    """Show a law: whether it counts, what it changed, and where it is cited, with the passage."""
    law = _law(law_id)
    session = db.session()
    used = citing.where_used(session, standing(), law=law, after=whole(request.args.get("after")))
    changed = changed_by_this(session, law)
    may_keep = may_now(DocumentPermission.KEEP_EXTERNAL, law)
    waiting = 0
    if may_keep and law.state is not ExternalState.IN_FORCE:
        waiting = len(to_hand_out(session, standing(), law))
    return page(
        "documents/law.html",
        law=law,
        changed=changed,
        used=used,
        following=url_for("external.show", law_id=law.id, after=used.following)
        if used.following
        else None,
        passage_of=citing.passage_of,
        graph=graph_of(law, changed, used.rows, link_to, _url),
        requests=requests_of(session, law),
        waiting=waiting,
        may_keep=may_keep,
        link_to=link_to,
        chips=CHIPS,
    )


def _law(law_id: int) -> ExternalDocument:
    law = law_by_id(db.session(), standing(), law_id)
    if law.body_id != shown_body().id:
        raise NotFound()
    return law


def _url(law: ExternalDocument) -> str:
    return url_for("external.show", law_id=law.id)


@bp.route("/external/<int:law_id>/data", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_EXTERNAL)
def describe(law_id: int) -> ResponseReturnValue:
    """Change what is known of a law."""
    law, form, status = _own_law(law_id), LawForm(), 422
    if not form.is_submitted():
        form.number.data, form.subject.data, form.issuer.data = law.number, law.subject, law.issuer
        form.issued_on.data, form.in_force_on.data = law.issued_on, law.in_force_on
        form.row_version.data, status = law.row_version, 200
    elif form.validate():
        try:
            with unit_of_work(signed_in()) as work:
                describe_law(work, work.fresh(law, seen=form.row_version.data), _data(form))
            return done(
                gettext("The data of %(number)s is changed.", number=law.number),
                to=url_for("external.show", law_id=law.id),
            )
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
            law = _own_law(law_id)
    return page("documents/law_form.html", status=status, form=form, law=law)


def _own_law(law_id: int) -> ExternalDocument:
    law = _law(law_id)
    if not may_now(DocumentPermission.KEEP_EXTERNAL, law):
        raise NotFound()
    return law


@bp.get("/external/<int:law_id>/impact")
@requires(DocumentPermission.KEEP_EXTERNAL)
def impact(law_id: int) -> ResponseReturnValue:
    """Show what cites a changed law: all ticked, owner and day proposed (D12, F7)."""
    law, form = _own_law(law_id), HandOutForm()
    rows = to_hand_out(db.session(), standing(), law)
    form.documents.data = [row.revision.document_id for row in rows]
    form.due_on.data = usual_due(standing().person.body, standing().on)
    form.reason.data = _offered_reason(law)
    return _impact(law, rows, form)


def _offered_reason(law: ExternalDocument) -> str:
    other = law.changed_by
    if other is None:
        return ""
    values = {
        "number": law.number,
        "other": other.number,
        "day": as_date(law.changed_on),
        "subject": other.subject,
    }
    if law.state is ExternalState.AMENDED:
        return gettext("%(number)s is amended by %(other)s from %(day)s: %(subject)s", **values)
    return gettext("%(number)s is replaced by %(other)s from %(day)s: %(subject)s", **values)


def _impact(
    law: ExternalDocument,
    rows: list[Citation],
    form: HandOutForm,
    status: int = 200,
    problem: str = "",
) -> ResponseReturnValue:
    documents = [row.revision.document for row in rows]
    owners = proposed_owners(db.session(), documents, standing().on, signed_in())
    return page(
        "documents/law_impact.html",
        status=status,
        law=law,
        rows=rows,
        form=form,
        problem=problem,
        ticked=set(form.documents.data or []),
        owners=owners,
        people=may_answer(db.session(), standing().body_id, standing().on, owners.values()),
        passage_of=citing.passage_of,
        link_to=link_to,
    )


@bp.post("/external/<int:law_id>/impact")
@requires(DocumentPermission.KEEP_EXTERNAL)
def hand_out(law_id: int) -> ResponseReturnValue:
    """Raise the change requests of every ticked document in one act (D12, F7)."""
    law, form = _own_law(law_id), HandOutForm()
    rows = to_hand_out(db.session(), standing(), law)
    if not form.validate_on_submit():
        return _impact(law, rows, form, 422)
    try:
        with unit_of_work(signed_in()) as work:
            law = work.fresh(law)
            rows = to_hand_out(work.session, work.standing, law)
            ticked = [
                row for row in rows if row.revision.document_id in (form.documents.data or [])
            ]
            raised = raise_changes(
                work, law, _assignments(work, ticked),
                due_on=form.due_on.data, reason=form.reason.data or "",
            )  # fmt: skip
            count = len(raised)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        status = at_field(form, refused)
        law = _own_law(law_id)
        return _impact(
            law, to_hand_out(db.session(), standing(), law), form, status, words(refused)
        )
    return done(
        gettext("%(count)s change requests are raised; whoever answers was told.", count=count),
        to=url_for("external.show", law_id=law_id),
    )


def _assignments(work: Any, rows: list[Citation]) -> list[Assignment]:
    documents = [row.revision.document for row in rows]
    proposed = proposed_owners(work.session, documents, work.today, work.actor)
    chosen = {
        row.revision.document_id: whole(request.form.get(f"owner-{row.revision.document_id}"))
        for row in rows
    }
    known = {
        person.id: person
        for person in work.session.scalars(
            sa.select(Person).where(
                Person.id.in_([key for key in chosen.values() if key is not None]),
                Person.body_id == work.actor.body_id,
                Person.disabled_at.is_(None),
            )
        )
    }
    return [
        Assignment(
            row.revision.document,
            known.get(chosen[row.revision.document_id] or 0, proposed[row.revision.document_id]),
            citing.passage_of(row),
        )
        for row in rows
    ]
