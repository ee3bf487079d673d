"""Evidence in the field: photos, files, numbers, posted pages; shown to who may (b25, A3, L8)."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.install import installation
from app.kernel.work import unit_of_work
from app.web.audits.fieldwork import audit_in_field, keep_typed, question_page, question_url
from app.web.documents.photos import take_photo
from app.web.documents.uploads import take_in
from app.web.guard import requires, signed_in, standing
from app.web.page import at_field, done
from audits.checklists.evidence import EvidenceData, add_evidence, take_back
from audits.checklists.field import evidence_of, fieldwork_of
from audits.models import EvidenceKind, Question
from audits.permissions import AuditPermission
from documents.storing import BroughtFile
from forms.screen.checklist import AnswerForm, EvidenceForm
from forms.screen.programme import ReasonForm

bp = Blueprint("evidence", __name__)


@bp.post("/f/<number>/<int:question_id>/evidence")
@requires(AuditPermission.OPEN_FIELDWORK)
def add(number: str, question_id: int) -> ResponseReturnValue:
    """Add a piece of evidence; what was typed to the question is kept with it."""
    found = fieldwork_of(db.session(), standing(), audit_in_field(number))
    line, answer, form = found.line(question_id), AnswerForm(), EvidenceForm(prefix="ev-")
    answer.validate()
    wanted = next((one for one in EvidenceKind if str(one) == request.form.get("kind")), None)
    if wanted is None or not form.validate_on_submit():
        return question_page(found, line, 422, form=answer, evidence=form)
    keep_typed(question_id, answer)
    try:
        if obstacle := found.audit.record_obstacle():
            raise obstacle  # before a large file is opened
        brought = _brought(wanted, form)
        with unit_of_work(signed_in()) as work:
            add_evidence(
                work,
                work.session.get_one(Question, question_id),
                _data(wanted, form),
                brought,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        if getattr(refused, "field", "") == "reference" and wanted is EvidenceKind.POSTED_PAGE:
            refused = InvalidInput(refused.text, field="page_code", **refused.values)
        status = at_field(form, refused)
        found = fieldwork_of(db.session(), standing(), audit_in_field(number))
        line = found.line(question_id)
        return question_page(found, line, status, form=answer, evidence=form)
    said = gettext("The evidence is added.")
    return done(said, to=question_url(number, question_id, _anchor="evidence"))


def _brought(kind: EvidenceKind, form: EvidenceForm) -> BroughtFile | None:
    """Draw a photo anew or read a file in the limited child; other kinds bring none."""
    if kind is EvidenceKind.PHOTO:
        return take_photo(form.photo.data, field="photo")
    if kind is EvidenceKind.FILE:
        brought, _reading = take_in(form.file.data, field="file")
        return brought
    return None


def _data(kind: EvidenceKind, form: EvidenceForm) -> EvidenceData:
    is_page = kind is EvidenceKind.POSTED_PAGE
    return EvidenceData(
        kind=kind,
        dated_on=form.dated_on.data,
        reference=(form.page_code.data if is_page else form.reference.data) or "",
        is_masked=kind is EvidenceKind.PHOTO and form.is_masked.data == "y",
    )


@bp.post("/f/<number>/evidence/<uid>/back")
@requires(AuditPermission.OPEN_FIELDWORK)
def back(number: str, uid: str) -> ResponseReturnValue:
    """Take a piece of evidence back, with the reason; it stays in the record."""
    found = evidence_of(db.session(), standing(), audit_in_field(number), uid)
    form, question_id = ReasonForm(prefix="back-"), found.question_id
    if not form.validate_on_submit():
        raise InvalidInput(N_("Give the reason."), field="reason")
    with unit_of_work(signed_in()) as work:
        take_back(work, work.fresh(found), reason=form.reason.data or "")
    return done(gettext("The evidence is taken back."), to=question_url(number, question_id))


@bp.get("/f/<number>/evidence/<uid>")
@requires(AuditPermission.OPEN_FIELDWORK)
def fetch(number: str, uid: str) -> ResponseReturnValue:
    """Give the photo or the file of a piece of evidence, whole or not at all."""
    found = evidence_of(db.session(), standing(), audit_in_field(number), uid)
    store = installation().store
    if found.sha256 is None or store.digest_of(found.sha256) != found.sha256:
        raise NotFound()
    if found.kind is EvidenceKind.PHOTO:
        return send_file(store.path(found.sha256), mimetype="image/jpeg", etag=False)
    return send_file(
        store.path(found.sha256),
        mimetype=mimetypes.guess_type(found.name)[0] or "application/octet-stream",
        as_attachment=True,
        download_name=found.name,
        etag=False,
    )
