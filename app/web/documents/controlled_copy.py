"""Numbered copies and posted notices: the tab of a document, one copy, its acts (screen 9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.install import installation
from app.kernel.organisation import Unit, units_of
from app.kernel.people import Person
from app.kernel.work import Work, unit_of_work
from app.web.body_address import named_body_id
from app.web.documents.document import tabs_of
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.documents.photos import take_photo
from app.web.documents.serving import stamped
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register
from documents.controlled_copy import (
    CopyData,
    answer_for_copy,
    begin_round,
    close_round,
    end_copy,
    hand_over,
    issue_copy,
    issue_copy_of,
    photograph,
    print_numbered,
    print_obstacle,
    recall_copy,
    renew_copies,
)
from documents.copy_register import (
    copies_of,
    copy_by_id,
    latest_round,
    question_about,
    round_by_id,
    waiting_for_renewal,
)
from documents.models import ControlledCopy, CopyAnswer, CopyState, Document, Revision
from documents.permissions import DocumentPermission
from forms.screen.controlled_copy import (
    CopyAnswerForm,
    CopyForm,
    EndForm,
    HandOverForm,
    PhotoForm,
    RecallForm,
    RoundForm,
)
from forms.screen.fields import offered

bp = Blueprint("copies", __name__)
USUAL_DAYS = 7  # that holders have to look
WHICH = ("out", "back", "gone")


@bp.get("/d/<path:code>/copies")
@requires(DocumentPermission.SEE_COPIES)
def listing(code: str) -> ResponseReturnValue:
    """List the copies of a document: where each one is, and which have to come back."""
    return _listing(_document(code))


def _document(code: str, permission: DocumentPermission | None = None) -> Document:
    document = register.document(db.session(), standing(), code, body_id=named_body_id())
    must(permission or DocumentPermission.SEE_COPIES, document)
    return document


def _kept(document_id: int) -> Document:
    document = register.document_by_id(db.session(), standing(), document_id)
    must(DocumentPermission.KEEP_COPIES, document)
    if document.code is None:
        raise NotFound()
    return document


def _listing(
    document: Document, form: RoundForm | None = None, status: int = 200
) -> ResponseReturnValue:
    session = db.session()
    which = next((one for one in WHICH if one == request.args.get("which")), "out")
    found = copies_of(session, document, which=which, after=whole(request.args.get("after")))
    keeps = may_now(DocumentPermission.KEEP_COPIES, document)
    if form is None:
        form = RoundForm(formdata=None)
        form.due_on.data = standing().on + timedelta(days=USUAL_DAYS)
    return page(
        "documents/copies.html",
        status=status,
        document=document,
        document_url=link_to(document),
        tabs=tabs_of(document, "copies", None),
        current=register.effective_revision(session, document),
        found=found,
        which=which,
        round=latest_round(session, document),
        keeps=keeps,
        to_renew=waiting_for_renewal(session, document) if keeps else 0,
        form=form,
        address=lambda **more: url_for("copies.listing", code=document.code, **more),
    )


@bp.route("/d/<path:code>/copies/new", methods=["GET", "POST"])
@requires(DocumentPermission.KEEP_COPIES)
def issue(code: str) -> ResponseReturnValue:
    """Give out the next numbered copy of what is in force."""
    document = _document(code, DocumentPermission.KEEP_COPIES)
    form, status = _copy_form(document), 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with unit_of_work(signed_in()) as work:
                    made = _issued(work, document, form)
                    copy_id, label = made.id, made.label
                return done(
                    gettext("Copy %(number)s is issued. Print it now.", number=label),
                    to=url_for("copies.show", copy_id=copy_id),
                )
            except InvalidInput as refused:
                status = at_field(form, refused)
                document = _document(code, DocumentPermission.KEEP_COPIES)
    holder = db.session.get(Person, form.holder.data[0]) if form.holder.data else None
    return page(
        "documents/copy_form.html",
        status=status,
        document=document,
        current=register.effective_revision(db.session(), document),
        form=form,
        holder=[holder] if holder is not None and holder.body_id == document.body_id else [],
    )


def _copy_form(document: Document) -> CopyForm:
    form = CopyForm()
    units = units_of(db.session(), document.body_id, standing().on)
    form.unit.choices = offered((unit.id, unit.name) for unit in units)
    if request.method != "POST":
        current = register.effective_revision(db.session(), document)
        form.unit.data = document.lead_unit_id
        form.revision.data = current.id if current is not None else None
    return form


def _issued(work: Work, document: Document, form: CopyForm) -> ControlledCopy:
    holder = work.session.get(Person, form.holder.data[0]) if form.holder.data else None
    if holder is None:
        raise InvalidInput("Choose who keeps the copy.", field="holder")
    unit = work.session.get(Unit, form.unit.data)
    if unit is None:
        raise NotFound()
    data = CopyData(unit, holder, form.place.data or "", form.kind.coded, form.handed_over_on.data)
    seen = work.session.get(Revision, form.revision.data or 0)
    if seen is not None and seen.document_id == document.id:  # what the page was about
        return issue_copy_of(work, seen, data)
    return issue_copy(work, document, data)


@bp.post("/copies/of/<int:document_id>/renewal")
@requires(DocumentPermission.KEEP_COPIES)
def renew(document_id: int) -> ResponseReturnValue:
    """Issue what is in force now to everybody whose copy is of the past."""
    document = _kept(document_id)
    with unit_of_work(signed_in()) as work:
        count = len(renew_copies(work, document))
    said = ngettext(
        "%(num)s copy is issued instead of an old one.",
        "%(num)s copies are issued instead of old ones.",
        count,
    )
    return done(said, to=url_for("copies.listing", code=document.code))


@bp.post("/copies/of/<int:document_id>/rounds")
@requires(DocumentPermission.KEEP_COPIES)
def ask(document_id: int) -> ResponseReturnValue:
    """Ask every holder whether their copy is still there."""
    document = _kept(document_id)
    form = RoundForm()
    if not form.validate_on_submit():
        return _listing(document, form, 422)
    try:
        with unit_of_work(signed_in()) as work:
            begin_round(work, document, due_on=form.due_on.data)
    except InvalidInput as refused:
        return _listing(_kept(document_id), form, at_field(form, refused))
    return done(gettext("The holders are asked."), to=url_for("copies.listing", code=document.code))


@bp.post("/copies/rounds/<int:round_id>/end")
@requires(DocumentPermission.KEEP_COPIES)
def end_round(round_id: int) -> ResponseReturnValue:
    """Close a round; who did not answer stays named."""
    found = round_by_id(db.session(), standing(), round_id)
    must(DocumentPermission.KEEP_COPIES, found)
    code = found.document.code
    with unit_of_work(signed_in()) as work:
        close_round(work, work.fresh(found))
    return done(gettext("The round is closed."), to=url_for("copies.listing", code=code))


# --- one copy


@bp.get("/copies/<int:copy_id>")
@requires(DocumentPermission.SEE_COPIES)
def show(copy_id: int) -> ResponseReturnValue:
    """Show one copy: whose, where, what happened to it, and what can be done."""
    return _page(_copy(copy_id))


def _copy(copy_id: int, permission: DocumentPermission | None = None) -> ControlledCopy:
    found = copy_by_id(db.session(), standing(), copy_id)
    if permission is not None:
        must(permission, found)
    return found


def _page(copy: ControlledCopy, status: int = 200, **forms: Any) -> ResponseReturnValue:
    today = standing().on
    keeps = may_now(DocumentPermission.KEEP_COPIES, copy)
    answers = may_now(DocumentPermission.ANSWER_COPY, copy)
    question = question_about(db.session(), copy) if answers and copy.is_out else None
    end = forms.get("end") or EndForm(formdata=None, on=today, how=str(CopyState.RETURNED))
    return page(
        "documents/copy.html",
        status=status,
        copy=copy,
        document=copy.document,
        document_url=link_to(copy.document),
        keeps=keeps,
        answers=answers,
        question=question,
        print_obstacle=print_obstacle(copy) if keeps else None,
        hand_form=forms.get("hand") or HandOverForm(formdata=None, on=today),
        recall_form=forms.get("recall") or RecallForm(formdata=None),
        end_form=end,
        photo_form=forms.get("photo") or PhotoForm(formdata=None),
        answer_form=forms.get("answer") or CopyAnswerForm(formdata=None),
        wrong=next((form for form in forms.values() if form.errors or form.form_errors), None),
    )


@bp.post("/copies/<int:copy_id>/handover")
@requires(DocumentPermission.KEEP_COPIES)
def hand(copy_id: int) -> ResponseReturnValue:
    """Note the day its holder got it."""
    copy, form = _copy(copy_id, DocumentPermission.KEEP_COPIES), HandOverForm()
    if not form.validate_on_submit():
        return _page(copy, 422, hand=form)
    try:
        with unit_of_work(signed_in()) as work:
            hand_over(work, copy, on=form.on.data)
    except InvalidInput as refused:
        return _page(_copy(copy_id), at_field(form, refused), hand=form)
    return _done(copy_id, gettext("It is noted."))


@bp.post("/copies/<int:copy_id>/recall")
@requires(DocumentPermission.KEEP_COPIES)
def recall(copy_id: int) -> ResponseReturnValue:
    """Ask a copy back before its revision ends."""
    copy, form = _copy(copy_id, DocumentPermission.KEEP_COPIES), RecallForm()
    if not form.validate_on_submit():
        return _page(copy, 422, recall=form)
    with unit_of_work(signed_in()) as work:
        recall_copy(work, copy, reason=form.reason.data or "")
    return _done(copy_id, gettext("Its holder is asked to give it back."))


@bp.post("/copies/<int:copy_id>/end")
@requires(DocumentPermission.KEEP_COPIES)
def end(copy_id: int) -> ResponseReturnValue:
    """Note that it came back, was lost or destroyed."""
    copy, form = _copy(copy_id, DocumentPermission.KEEP_COPIES), EndForm()
    if not form.validate_on_submit():
        return _page(copy, 422, end=form)
    try:
        with unit_of_work(signed_in()) as work:
            end_copy(
                work,
                copy,
                CopyState(form.how.data),
                on=form.on.data,
                reason=form.reason.data or "",
            )
    except InvalidInput as refused:
        return _page(_copy(copy_id), at_field(form, refused), end=form)
    return _done(copy_id, gettext("It is noted."))


@bp.post("/copies/<int:copy_id>/photo")
@requires(DocumentPermission.ANSWER_COPY)
def bring_photo(copy_id: int) -> ResponseReturnValue:
    """Keep a photo of it where it hangs."""
    copy, form = _copy(copy_id, DocumentPermission.ANSWER_COPY), PhotoForm()
    if not form.validate_on_submit():
        return _page(copy, 422, photo=form)
    if obstacle := copy.end_obstacle():
        raise obstacle
    try:
        photo = take_photo(form.photo.data)
    except InvalidInput as refused:
        return _page(_copy(copy_id), at_field(form, refused), photo=form)
    with unit_of_work(signed_in()) as work:
        photograph(work, work.fresh(copy), photo)
    return _done(copy_id, gettext("The photo is kept."))


@bp.get("/copies/<int:copy_id>/photo.jpg")
@requires(DocumentPermission.SEE_COPIES)
def photo(copy_id: int) -> ResponseReturnValue:
    """Give the photo of a copy."""
    copy = _copy(copy_id)
    store = installation().store
    if copy.photo_sha256 is None or store.digest_of(copy.photo_sha256) != copy.photo_sha256:
        raise NotFound()
    return send_file(store.path(copy.photo_sha256), mimetype="image/jpeg", etag=False)


@bp.post("/copies/<int:copy_id>/answer")
@requires(DocumentPermission.ANSWER_COPY)
def answer(copy_id: int) -> ResponseReturnValue:
    """Say in the round under way whether it is still there."""
    copy, form = _copy(copy_id, DocumentPermission.ANSWER_COPY), CopyAnswerForm()
    if not form.validate_on_submit():
        return _page(copy, 422, answer=form)
    try:
        with unit_of_work(signed_in(), acting_for=_acted_for(copy)) as work:
            answer_for_copy(work, copy, CopyAnswer(form.answer.data), note=form.note.data or "")
    except InvalidInput as refused:
        return _page(_copy(copy_id), at_field(form, refused), answer=form)
    return _done(copy_id, gettext("Thank you. It is noted."))


def _acted_for(copy: ControlledCopy) -> Person | None:
    """Give the holder where the viewer answers as their deputy and not by a post of their own."""
    if may_now(DocumentPermission.KEEP_COPIES, copy) or copy.holder_id == signed_in().id:
        return None
    return next((one.person for one in standing().delegators if one.person == copy.holder), None)


@bp.post("/copies/<int:copy_id>/print")
@requires(DocumentPermission.KEEP_COPIES)
def print_out(copy_id: int) -> ResponseReturnValue:
    """Give the pages with number, holder, place and square code on each."""
    copy = _copy(copy_id, DocumentPermission.KEEP_COPIES)
    if obstacle := print_obstacle(copy):
        raise RuleBroken(obstacle.text, rule=obstacle.rule, **obstacle.values)

    def told(work: Work, pages: int) -> None:
        print_numbered(work, copy, pages=pages)

    return stamped(copy.revision, told, copy)


def _done(copy_id: int, message: str) -> ResponseReturnValue:
    return done(message, to=url_for("copies.show", copy_id=copy_id))
