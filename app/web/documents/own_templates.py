"""Starting a draft, printing a form, with the body's own Word template (a51; ux 6)."""

from __future__ import annotations

import io

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.filling import (
    DOCX,
    filled,
    for_change,
    for_draft,
    for_master_list,
    for_new_draft,
)
from app.web.documents.master_list import read_filters
from app.web.guard import requires, signed_in, standing
from documents import register
from documents.change_register import change
from documents.master_list import everything
from documents.models import TemplatePurpose, WordTemplate
from documents.permissions import DocumentPermission
from documents.word_template import Fill, in_use

bp = Blueprint("own_templates", __name__)


NO_TEMPLATE = N_("There is no template for this any more. Go back, and begin without one.")


def _template(purpose: TemplatePurpose, body_id: int) -> WordTemplate:
    found = in_use(db.session(), body_id, purpose)
    if found is None:
        raise RuleBroken(NO_TEMPLATE)
    return found


def _sent(template: WordTemplate, fill: Fill, name: str) -> ResponseReturnValue:
    return send_file(
        io.BytesIO(filled(template, fill)),
        mimetype=DOCX,
        as_attachment=True,
        download_name=f"{name}.docx".replace("/", "-"),
        etag=False,
    )


@bp.get("/documents/new/template/<kind>")
@requires(DocumentPermission.OPEN_DOCUMENT)
def new(kind: str) -> ResponseReturnValue:
    """Give the template of a kind of document, with what is known before there is one."""
    purposes = {str(one): one for one in TemplatePurpose if one.kind is not None}
    if kind not in purposes:
        raise NotFound()
    fill = for_new_draft(purposes[kind], signed_in().home_unit, signed_in(), standing().on)
    return _sent(_template(purposes[kind], standing().body_id), fill, gettext(purposes[kind].label))


@bp.get("/d/<path:code>/revise/template")
@requires(DocumentPermission.DRAFT_REVISION)
def next_revision(code: str) -> ResponseReturnValue:
    """Give the template of a document's kind, with the data of its next revision."""
    document = register.document(db.session(), standing(), code)
    if not may(standing(), DocumentPermission.DRAFT_REVISION, document):
        raise NotFound()
    template = _template(TemplatePurpose(str(document.kind)), document.body_id)
    fill = for_draft(document, signed_in(), standing().on)
    return _sent(template, fill, f"{document.code} {fill.values['edition']}")


@bp.get("/changes/<number>/form")
@requires(DocumentPermission.LIST_CHANGES)
def change_form(number: str) -> ResponseReturnValue:
    """Give a request to change on the body's own form."""
    body = shown_body()
    found = change(db.session(), standing(), body.id, number[:40])
    template = _template(TemplatePurpose.CHANGE_REQUEST, body.id)
    return _sent(template, for_change(found, body, standing().on), found.number)


@bp.post("/documents/export/form")
@requires(DocumentPermission.EXPORT_REGISTER)
def master_list() -> ResponseReturnValue:
    """Give the list that is shown on the body's own form; taking it away is a fact."""
    body = shown_body()
    template = _template(TemplatePurpose.MASTER_LIST, body.id)
    filters = read_filters(request.args)
    rows = everything(db.session(), standing(), body.id, filters, today=standing().on)
    fill = for_master_list(rows, body, standing().on)
    answer = _sent(template, fill, gettext("Master list of documents"))
    with unit_of_work(signed_in()) as work:
        work.record_outside(
            KernelFact.EXPORTED, "document", what="master_list", count=len(rows), body=body.code
        )
    return answer
