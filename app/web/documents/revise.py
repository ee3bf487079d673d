"""From a Word file to submission (screen 6; flow F1; D2, D9, D14)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.drafts import forget_draft
from app.kernel.errors import InvalidInput, NotFound, Refusal
from app.kernel.organisation import Unit, units_of
from app.kernel.people import Person
from app.kernel.permissions import may
from app.kernel.search import code_key
from app.kernel.work import Work, unit_of_work
from app.web.documents.check_out import holding
from app.web.documents.impact import gather_all, impact_of
from app.web.documents.opinions import late_seat_of, returned_by
from app.web.documents.redlines import redline_of
from app.web.documents.uploads import take_in
from app.web.drafts import draft_url, refill
from app.web.formats import as_moment
from app.web.guard import requires, signed_in, standing
from app.web.names import acting_name
from app.web.page import done, page, words
from documents import register
from documents.change_register import waiting_for_document
from documents.checking_out import check_in_obstacle, end_own, keep_aside
from documents.coding import proposed_code
from documents.commenting import accepted_wordings, comments_of, stands_in
from documents.content.blocks import Reading
from documents.drafting import (
    DocumentData,
    DraftData,
    begin_revision,
    bring_file,
    change_draft,
    open_document,
    take_out_attachment,
)
from documents.models import (
    Answer,
    Document,
    DocumentKind,
    FileRole,
    Revision,
    RevisionState,
    TemplatePurpose,
)
from documents.permissions import KEEPS, DocumentPermission
from documents.proposing import change_lines, kind_of, propose
from documents.routing import planned_route
from documents.storing import BroughtFile
from documents.submission import join_package, leave_package, submit_package
from documents.word_template import in_use, templates_in_use
from forms.screen.drafting import DraftForm, NewDocumentForm, UploadForm
from forms.screen.fields import key_of

bp = Blueprint("revise", __name__)
_EDITION = re.compile(r"\s*(\d{1,2})\s*(?:[/.\-]\s*(\d{1,2}))?\s*")


@bp.get("/documents/new")
@requires(DocumentPermission.OPEN_DOCUMENT)
def new() -> ResponseReturnValue:
    """Ask for the file of a new document; the rest is proposed from it."""
    return page("documents/new.html", form=_new_form(), own_templates=_offered())


def _offered() -> list[tuple[str, str]]:
    """Give the body's own templates a new document can begin with: name and address."""
    used = templates_in_use(db.session(), standing().body_id)
    return [
        (gettext(purpose.kind.label), url_for("own_templates.new", kind=str(purpose)))
        for purpose in TemplatePurpose
        if purpose.kind is not None and purpose in used
    ]


@bp.post("/documents/new")
@requires(DocumentPermission.OPEN_DOCUMENT)
def create() -> ResponseReturnValue:
    """Open a new document with the draft of its first revision."""
    form = _new_form()
    if not form.validate_on_submit():
        return page("documents/new.html", form=form), 422
    try:
        brought, reading = take_in(form.file.data)
    except InvalidInput as refused:
        form.file.errors = (words(refused),)
        return page("documents/new.html", form=form), 422
    with unit_of_work(signed_in()) as work:
        unit = _fresh_unit(work, form.unit.data)
        said = form.kind.data
        kind = DocumentKind(said) if said else kind_of(reading, brought.media_type)
        title = reading.proposal.title or brought.name.rsplit(".", 1)[0]
        data = DocumentData(kind=kind, lead_unit=unit, title=title[:500], parent=_parent(form))
        document = open_document(work, data)
        revision = begin_revision(work, document)
        fill_draft(work, revision, brought, reading)
    return redirect(url_for("revise.draft", revision_id=revision.id), 303)


def _fresh_unit(work: Work, unit_id: int) -> Unit:
    unit = work.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    return unit


def _parent(form: NewDocumentForm) -> Document | None:
    if not form.parent.data:
        return None
    return register.document_by_id(db.session(), standing(), int(form.parent.data))


def _new_form() -> NewDocumentForm:
    form = NewDocumentForm()
    covered: set[int] = set()
    for grant in standing().grants:
        if grant.role in KEEPS:
            covered |= grant.covers
    on = standing().on
    units = [unit for unit in units_of(db.session(), standing().body_id, on) if unit.id in covered]
    form.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    if form.unit.data is None and units:
        home = signed_in().home_unit_id
        form.unit.data = home if home in {unit.id for unit in units} else units[0].id
    form.kind.choices = [
        SelectChoice("", gettext("As the file says")),
        *(SelectChoice(str(kind), gettext(kind.label)) for kind in DocumentKind),
    ]
    procedures = db.session.scalars(
        sa.select(Document)
        .where(
            Document.body_id == standing().body_id,
            Document.kind == DocumentKind.PROCEDURE,
            Document.code.is_not(None),
            Document.lead_unit_id.in_(covered),
        )
        .order_by(Document.code_sort)
        .limit(500)
    ).all()
    form.parent.choices = [
        SelectChoice("", gettext("None")),
        *(SelectChoice(str(found.id), f"{found.code} {found.title}") for found in procedures),
    ]
    return form


@bp.get("/d/<path:code>/revise")
@requires(DocumentPermission.DRAFT_REVISION)
def begin(code: str) -> ResponseReturnValue:
    """Ask for the file of the next revision; lead on to the draft where there is one."""
    document = _drafted_document(code)
    if (present := register.open_revision(db.session(), document)) is not None:
        if present.state is RevisionState.DRAFT:
            return redirect(url_for("revise.draft", revision_id=present.id))
        return redirect(url_for("review.show", revision_id=present.id))
    return page(
        "documents/revise.html",
        document=document,
        form=UploadForm(),
        own_template=_own_template(document),
    )


def _own_template(document: Document) -> str:
    """Give where the body's template is found, filled for the next revision; else nothing."""
    purpose = TemplatePurpose(str(document.kind))
    if in_use(db.session(), document.body_id, purpose) is None:
        return ""
    return url_for("own_templates.next_revision", code=document.code)


def _drafted_document(code: str) -> Document:
    document = register.document(db.session(), standing(), code)
    if not may(standing(), DocumentPermission.DRAFT_REVISION, document):
        raise NotFound()
    return document


@bp.post("/d/<path:code>/revise")
@requires(DocumentPermission.DRAFT_REVISION)
def bring(code: str) -> ResponseReturnValue:
    """Begin the next revision with its file; everything found in it is proposed."""
    document = _drafted_document(code)
    form = UploadForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput(N_("Choose a file first: .docx, .xlsx or .pdf."))
        brought, reading = take_in(form.file.data)
    except InvalidInput as refused:
        form.file.errors = (words(refused),)
        return page("documents/revise.html", document=document, form=form), 422
    with unit_of_work(signed_in()) as work:
        revision = begin_revision(work, document)
        fill_draft(work, revision, brought, reading)
    return redirect(url_for("revise.draft", revision_id=revision.id), 303)


def fill_draft(work: Work, revision: Revision, brought: BroughtFile, reading: Reading) -> None:
    """Put the file into the draft and fill in what can be known without asking (P4)."""
    bring_file(work, revision, brought)
    found = propose(reading, revision, work.today)
    former = revision.predecessor.main_file if revision.predecessor is not None else None
    before = register.reading_of(work.session, former.sha256) if former is not None else None
    lines = change_lines(before, reading) if before is not None else ""
    try:
        _put(work, revision, found.code, found, lines)
    except Refusal:  # the code in the file is another document's: the author decides
        _put(work, revision, "", found, lines)


def _put(work: Work, revision: Revision, code: str, found: Any, lines: str) -> None:
    first = revision.predecessor is None
    change_draft(
        work,
        revision,
        DraftData(
            title=found.title,
            code=code,
            edition=found.edition,
            amendment=found.amendment,
            reason=revision.reason
            or (gettext("First issue") if first else lines.split("\n")[0][:300]),
            change_summary=lines,
            effective_on=found.effective_on,
            authors=tuple(revision.authors),
        ),
    )


@bp.get("/r/<int:revision_id>/draft")
@requires(DocumentPermission.DRAFT_REVISION)
def draft(revision_id: int) -> ResponseReturnValue:
    """Show a draft: what was found, what is asked, who will be asked."""
    revision = _own_draft(revision_id)
    if revision.state is not RevisionState.DRAFT:
        return redirect(url_for("review.show", revision_id=revision.id))
    form = _draft_form(revision)
    saved_at = refill(form, request.path)
    return _draft_page(revision, form, saved_at=saved_at)


def _own_draft(revision_id: int) -> Revision:
    revision = register.revision(db.session(), standing(), revision_id)
    if not may(standing(), DocumentPermission.DRAFT_REVISION, revision):
        raise NotFound()
    return revision


def _draft_form(revision: Revision) -> DraftForm:
    form = DraftForm()
    if request.method == "GET":
        form.title.data, form.reason.data = revision.title, revision.reason
        form.code.data, form.edition.data = revision.proposed_code, revision.label
        form.change_summary.data = revision.change_summary
        form.effective_on.data = revision.effective_on
        form.authors.data = [person.id for person in revision.authors]
        form.row_version.data = revision.row_version
    return form


def _draft_page(
    revision: Revision, form: DraftForm, status: int = 200, *, saved_at: datetime | None = None
) -> ResponseReturnValue:
    session = db.session()
    main = revision.main_file
    reading = register.reading_of(session, main.sha256) if main is not None else None
    former = revision.predecessor.main_file if revision.predecessor is not None else None
    before = register.reading_of(session, former.sha256) if former is not None else None
    people = _people(form.authors.data or []) or revision.authors
    package = revision.package
    others = [member for member in package.revisions if member.id != revision.id] if package else []
    said = reading.proposal.code if reading is not None else ""
    own = revision.document.code
    values: dict[str, Any] = {
        "revision": revision,
        "document": revision.document,
        "form": form,
        "saved_at": saved_at,
        "draft_url": draft_url(url_for("revise.draft", revision_id=revision.id)),
        "reading": reading,
        "redline": redline_of(before, reading) if reading is not None else None,
        "has_before": before is not None,
        "authors": people,
        "route": planned_route(session, revision.document, people, standing().on),
        "next_code": own or proposed_code(session, revision.document, standing().on.year),
        "other_code": said if own and said and code_key(said) != code_key(own) else "",
        "companions": others,
        "could_join": _could_join(revision),
        "obstacle": _obstacle(revision),
        "package_returns": _last_return(revision),
        "impact": impact_of(revision),
        "comments": comments_of(db.session(), revision),
        "may_comment": False,
        "late_for": late_seat_of(revision.package),
        "returned_by": returned_by(revision.package),
        "wordings": [
            (one, stands_in(session, revision, one)) for one in accepted_wordings(session, revision)
        ],
        **holding(revision),
        "requests": waiting_for_document(session, standing(), revision.document),
    }
    return page("documents/draft.html", status=status, **values)


def _last_return(revision: Revision) -> str:
    """Give the reasons of the last return, which the author now works from."""
    steps = revision.package.all_steps if revision.package is not None else []
    reasons = [
        f"{acting_name(decision.decided_by, decision.seat)}: {decision.comment}"
        for step in steps
        for decision in step.decisions
        if decision.answer is Answer.RETURN and decision.round == revision.round - 1
    ]
    return " ".join(reasons)


def _obstacle(revision: Revision) -> str:
    for member in revision.package.revisions if revision.package is not None else [revision]:
        if member.main_file is None:
            return gettext("%(code)s has no file yet.", code=member.code or member.title)
    return ""


def _could_join(revision: Revision) -> list[Revision]:
    """Give other drafts of the same family that could go on one route with this one."""
    document = revision.document
    family = [Document.parent_id == document.id]
    if document.parent_id is not None:
        family += [Document.id == document.parent_id, Document.parent_id == document.parent_id]
    found = db.session.scalars(
        sa.select(Revision)
        .join(Document, Document.id == Revision.document_id)
        .where(
            Revision.state == RevisionState.DRAFT,
            Revision.package_id != revision.package_id,
            Document.body_id == revision.body_id,
            sa.or_(*family),
        )
        .order_by(Document.code_sort, Revision.id)
    ).all()
    return [one for one in found if may(standing(), DocumentPermission.SUBMIT_REVISION, one)]


def _people(ids: list[int]) -> list[Person]:
    if not ids:
        return []
    found = db.session.scalars(
        sa.select(Person).where(Person.id.in_(ids), Person.body_id == standing().body_id)
    ).all()
    return sorted(found, key=lambda person: ids.index(person.id))


@bp.post("/r/<int:revision_id>/draft")
@requires(DocumentPermission.DRAFT_REVISION)
def keep(revision_id: int) -> ResponseReturnValue:
    """Keep what was typed; with `submit`, put the package on its route."""
    revision = _own_draft(revision_id)
    form = DraftForm()
    if not form.validate_on_submit():
        return _draft_page(revision, form, 422)
    authors = _people(form.authors.data or [])
    try:
        edition, amendment = _counters(form.edition.data or "")
        with unit_of_work(signed_in()) as work:
            revision = work.fresh(revision, seen=form.row_version.data)
            change_draft(
                work,
                revision,
                DraftData(
                    title=form.title.data or "",
                    code=form.code.data or "",
                    edition=edition,
                    amendment=amendment,
                    reason=form.reason.data or "",
                    change_summary=form.change_summary.data or "",
                    effective_on=form.effective_on.data,
                    authors=tuple(authors),
                ),
            )
            forget_draft(work, request.path)
            if form.go.data == "submit" and revision.package is not None:
                submit_package(
                    work,
                    revision.package,
                    effective_on=form.effective_on.data,
                    leave_out=_left_out(),
                    impacts=gather_all(work.session, revision.package),
                )
    except Refusal as refused:
        if "until" in refused.values:
            refused.values["until"] = as_moment(refused.values["until"])
        revision = _own_draft(revision_id)
        _show_at(form, refused)
        return _draft_page(revision, form, refused.status if refused.status != 403 else 409)
    if form.go.data != "submit":
        return done(
            gettext("The draft is kept."), to=url_for("revise.draft", revision_id=revision_id)
        )
    return done(
        gettext("%(code)s %(edition)s is submitted.", code=revision.code, edition=revision.label),
        to=url_for("review.show", revision_id=revision_id),
    )


def _left_out() -> dict[int, str]:
    """Read the reasons typed for review steps that are to be left out (O6)."""
    reasons = {}
    for name, text in request.form.items():
        position = name.removeprefix("leave_out-")
        if name != position and position.isdigit() and len(position) < 4 and text.strip():
            reasons[int(position)] = text.strip()[:500]
    return reasons


def _counters(text: str) -> tuple[int, int]:
    match = _EDITION.fullmatch(text)
    if match is None:
        raise InvalidInput(N_("Type edition and amendment as 02/00."), field="edition")
    return int(match.group(1)), int(match.group(2) or 0)


def _show_at(form: DraftForm, refused: Refusal) -> None:
    """Put a refusal where it belongs: at its field, or at the top of the form."""
    name = getattr(refused, "field", "")
    if name and name in form:
        form[name].errors = (*form[name].errors, words(refused))
    else:
        form.form_errors.append(words(refused))


@bp.post("/r/<int:revision_id>/file")
@requires(DocumentPermission.DRAFT_REVISION)
def replace_file(revision_id: int) -> ResponseReturnValue:
    """Put another main file, or an attachment, into a draft."""
    revision = _own_draft(revision_id)
    form = UploadForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput(N_("Choose a file first: .docx, .xlsx or .pdf."))
        if obstacle := revision.files_obstacle():
            raise obstacle
        brought, reading = take_in(form.file.data)
    except InvalidInput as refused:
        draft_form = _draft_form(revision)
        draft_form.process(formdata=None)
        _refill(draft_form, revision)
        draft_form.form_errors.append(words(refused))
        return _draft_page(revision, draft_form, 422)
    aside: Refusal | None = None
    with unit_of_work(signed_in()) as work:
        if request.form.get("role") == str(FileRole.ATTACHMENT):
            bring_file(work, revision, brought, role=FileRole.ATTACHMENT)
        else:
            revision = work.fresh(revision)
            made_from = request.form.get("made_from", "")[:64]
            aside = check_in_obstacle(
                work.session, revision, work.actor, work.now, made_from=made_from
            )
            if aside is not None:
                keep_aside(work, revision, brought)
            else:
                fill_draft(work, revision, brought, reading)
                end_own(work, revision)
    if aside is not None:
        return _told_aside(_own_draft(revision_id), aside)
    return redirect(url_for("revise.draft", revision_id=revision_id), 303)


def _told_aside(revision: Revision, refused: Refusal) -> ResponseReturnValue:
    """Say why a file is not the draft's now, and that nothing of it is lost."""
    if "until" in refused.values:
        refused.values["until"] = as_moment(refused.values["until"])
    form = _draft_form(revision)
    form.process(formdata=None)
    _refill(form, revision)
    form.form_errors.append(
        f"{words(refused)} {gettext('Your file is kept aside; compare the two.')}"
    )
    return _draft_page(revision, form, 409)


def _refill(form: DraftForm, revision: Revision) -> None:
    form.title.data, form.reason.data = revision.title, revision.reason
    form.code.data, form.edition.data = revision.proposed_code, revision.label
    form.change_summary.data = revision.change_summary
    form.effective_on.data = revision.effective_on
    form.authors.data = [person.id for person in revision.authors]
    form.row_version.data = revision.row_version


@bp.post("/r/<int:revision_id>/file/<int:file_id>/out")
@requires(DocumentPermission.DRAFT_REVISION)
def take_out(revision_id: int, file_id: int) -> ResponseReturnValue:
    """Take an attachment out of a draft."""
    revision = _own_draft(revision_id)
    with unit_of_work(signed_in()) as work:
        revision = work.fresh(revision)
        file = next((file for file in revision.files if file.id == file_id), None)
        if file is None:
            raise NotFound()
        take_out_attachment(work, revision, file)
    return redirect(url_for("revise.draft", revision_id=revision_id), 303)


@bp.post("/r/<int:revision_id>/companions")
@requires(DocumentPermission.SUBMIT_REVISION)
def companions(revision_id: int) -> ResponseReturnValue:
    """Let other drafts go together with this one, or take one out again."""
    revision = _own_draft(revision_id)
    ids = [key for value in request.form.getlist("join") if (key := key_of(value)) is not None]
    leave = key_of(request.form.get("leave", ""))
    with unit_of_work(signed_in()) as work:
        revision = work.fresh(revision)
        for other_id in ids:
            other = register.revision(work.session, work.standing, other_id)
            if revision.package is not None:
                join_package(work, work.fresh(revision.package), work.fresh(other))
        if leave is not None:
            leave_package(work, register.revision(work.session, work.standing, leave))
    return redirect(url_for("revise.draft", revision_id=revision_id), 303)
