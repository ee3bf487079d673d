"""The record data of a document and who has it in care (D13; a3, a4)."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.organisation import Unit, units_of
from app.kernel.people import Person
from app.kernel.permissions import may
from app.kernel.work import Work, unit_of_work
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, words
from documents import register
from documents.drafting import DocumentData, change_record
from documents.models import Confidentiality, Document, DocumentKind
from documents.permissions import DocumentPermission
from forms.screen.record import RecordForm

bp = Blueprint("record", __name__)
_CLAUSE = re.compile(r"[A-Z]?\d{1,2}(?:\.\d{1,2}){0,4}")


@bp.get("/d/<path:code>/record")
@requires(DocumentPermission.CHANGE_RECORD)
def show(code: str) -> ResponseReturnValue:
    """Show the record data for changing."""
    document = _document(code)
    return _page(document, _form(document))


@bp.post("/d/<path:code>/record")
@requires(DocumentPermission.CHANGE_RECORD)
def change(code: str) -> ResponseReturnValue:
    """Change record data; revisions and their approvals stay as they are."""
    document = _document(code)
    form = _form(document)
    if not form.validate_on_submit():
        return _page(document, form, 422)
    try:
        with unit_of_work(signed_in()) as work:
            change_record(
                work, work.fresh(document, seen=form.row_version.data), _data(work, document, form)
            )
    except InvalidInput as refused:
        name = refused.field if refused.field in form else "clauses"
        form[name].errors = (words(refused),)
        return _page(_document(code), form, 422)
    return done(
        gettext("The data of %(code)s is changed; its approval stays.", code=document.code),
        to=url_for("document.show", code=document.code),
    )


def _document(code: str) -> Document:
    document = register.document(db.session(), standing(), code)
    if not may(standing(), DocumentPermission.CHANGE_RECORD, document):
        raise NotFound()
    return document


def _page(document: Document, form: RecordForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "documents/record.html",
        status=status,
        document=document,
        form=form,
        keeper=_people(form.keeper.data or []),
        readers=_people(form.readers.data or []),
    )


def _people(ids: list[int]) -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(Person.id.in_(ids), Person.body_id == standing().body_id)
            .order_by(Person.sort_key)
        )
    )


def _form(document: Document) -> RecordForm:
    form = RecordForm()
    units = units_of(db.session(), document.body_id)
    form.kind.choices = [SelectChoice(str(kind), gettext(kind.label)) for kind in DocumentKind]
    form.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    form.units.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    form.confidentiality.choices = [
        SelectChoice(str(one), gettext(one.label)) for one in Confidentiality
    ]
    parents = db.session.scalars(
        sa.select(Document)
        .where(
            Document.body_id == document.body_id,
            Document.kind == DocumentKind.PROCEDURE,
            Document.code.is_not(None),
            Document.id != document.id,
        )
        .order_by(Document.code_sort)
        .limit(1000)
    )
    form.parent.choices = [
        SelectChoice("", gettext("None")),
        *(SelectChoice(str(found.id), f"{found.code} {found.title}") for found in parents),
    ]
    if request.method == "GET":
        _fill(form, document)
    return form


def _fill(form: RecordForm, document: Document) -> None:
    form.title_en.data, form.kind.data = document.title_en, str(document.kind)
    form.unit.data = document.lead_unit_id
    form.parent.data = str(document.parent_id or "")
    form.keeper.data = [document.keeper_id] if document.keeper_id else []
    form.clauses.data, form.process_name.data = ", ".join(document.clauses), document.process
    form.confidentiality.data = str(document.confidentiality)
    form.readers.data = [reader.person_id for reader in document.readers]
    form.units.data = [link.unit_id for link in document.units]
    form.review_months.data = str(document.review_months or "")
    kept = document.retention_years
    form.retention_years.data = "" if kept is None else str(kept)
    form.time_limit.data, form.fee.data = document.time_limit, document.fee
    form.row_version.data = document.row_version


def _data(work: Work, document: Document, form: RecordForm) -> DocumentData:
    unit = work.session.get(Unit, form.unit.data)
    if unit is None or unit.body_id != document.body_id:
        raise NotFound()
    keeper = _people((form.keeper.data or [])[:1])
    parent = None
    if form.parent.data:
        parent = register.document_by_id(work.session, work.standing, int(form.parent.data))
    typed = [part for part in re.split(r"[,;\s]+", form.clauses.data or "") if part]
    for part in typed:
        if not _CLAUSE.fullmatch(part):
            raise InvalidInput(
                N_("%(part)s is no clause. Type numbers such as 7.5.3, with commas between."),
                field="clauses",
                part=part,
            )
    units = units_of(work.session, document.body_id)
    return DocumentData(
        kind=DocumentKind(form.kind.data),
        lead_unit=unit,
        title=document.title,
        title_en=form.title_en.data or "",
        parent=parent,
        confidentiality=Confidentiality(form.confidentiality.data),
        clauses=tuple(typed),
        process=form.process_name.data or "",
        keeper=keeper[0] if keeper else None,
        review_months=_number(form.review_months.data),
        retention_years=_number(form.retention_years.data),
        time_limit=form.time_limit.data or "",
        fee=form.fee.data or "",
        units=tuple(found for found in units if found.id in (form.units.data or [])),
        readers=tuple(_people(form.readers.data or [])),
    )


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text and int(text) > 0 else None
