"""Who may see or change a record, and why: read from the permission tables (7.5.3.1 b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.people import Person
from app.kernel.permissions import Permission, Reason
from app.kernel.who_may import who_may
from app.kernel.work import unit_of_work
from app.web.formats import as_date
from app.web.guard import must, requires, signed_in, standing
from app.web.page import page
from documents import register
from documents.facts import DocumentFact
from documents.models import Confidentiality, Document
from documents.permissions import DocumentPermission

bp = Blueprint("access", __name__)


@dataclass(frozen=True)
class Question:
    """One thing somebody might do with the record."""

    title: str
    permission: Permission
    record: Any


@dataclass(frozen=True)
class Answer:
    """Who may do it: by name with their reasons, everybody of the body, overseeing bodies."""

    title: str
    named: list[tuple[Person, list[str]]]
    everybody: list[tuple[str, int]]
    overseeing: list[tuple[str, int]]


@bp.get("/access")
@requires(KernelPermission.SEE_ACCESS)
def show() -> ResponseReturnValue:
    """Say for a unit, a person or a document who may do what with it, and why."""
    kind, _colon, key = request.args.get("record", "")[:120].partition(":")
    title, back, record, questions = _asked(kind, key)
    must(KernelPermission.SEE_ACCESS, record)
    if isinstance(record, Document) and record.confidentiality is Confidentiality.NAMED:
        with unit_of_work(signed_in()) as work:
            work.record(DocumentFact.CONFIDENTIAL_OPENED, work.fresh(record), code=record.code)
    return page(
        "administration/access.html",
        title=title,
        back=back,
        on=standing().on,
        answers=[_answer(question) for question in questions],
    )


def _asked(kind: str, key: str) -> tuple[str, str, Any, list[Question]]:
    """Load the record the viewer asks about, and what may be asked of it."""
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 16 else 0
    if kind == "unit":
        unit = directory.unit(db.session(), standing(), number)
        return (
            unit.name,
            url_for("units.show", unit_id=unit.id),
            unit,
            [
                Question(gettext("See the unit"), KernelPermission.VIEW_ORGANISATION, unit),
                Question(gettext("Change the unit"), KernelPermission.CHANGE_UNITS, unit),
                Question(gettext("Appoint over the unit"), KernelPermission.APPOINT, unit),
                Question(
                    gettext("Open documents led by the unit"),
                    DocumentPermission.OPEN_DOCUMENT,
                    unit,
                ),
            ],
        )
    if kind == "person":
        person = directory.person(db.session(), standing(), number)
        return (
            person.name,
            url_for("people.show", person_id=person.id),
            person,
            [
                Question(gettext("See the person"), KernelPermission.VIEW_PEOPLE, person),
                Question(
                    gettext("Change data and account"), KernelPermission.CHANGE_PEOPLE, person
                ),
                Question(gettext("Delegate for the person"), KernelPermission.DELEGATE, person),
            ],
        )
    if kind == "document":
        document = register.document(db.session(), standing(), key)
        return (
            f"{document.code} {document.title}",
            url_for("document.show", code=document.code),
            document,
            _of_document(document),
        )
    raise NotFound()


def _of_document(document: Document) -> list[Question]:
    """Give the questions about a document: what is in force, and what is on its way."""
    asked = [
        Question(gettext("Read the revision in force"), DocumentPermission.READ_EFFECTIVE, document)
    ]
    on_its_way = register.open_revision(db.session(), document)
    if on_its_way is not None:
        asked.append(
            Question(
                gettext("Read the revision on its way"),
                DocumentPermission.READ_REVISION,
                on_its_way,
            )
        )
        if on_its_way.package is not None and on_its_way.package.current_step is not None:
            asked.append(
                Question(gettext("Answer now"), DocumentPermission.DECIDE, on_its_way.package)
            )
    asked.append(
        Question(
            gettext("Write the next revision"),
            DocumentPermission.DRAFT_REVISION,
            on_its_way or document,
        )
    )
    asked.append(Question(gettext("Change its data"), DocumentPermission.CHANGE_RECORD, document))
    return asked


def _answer(question: Question) -> Answer:
    """Sort who may: the body's own people are named, those of other bodies counted (O4)."""
    named: dict[Person, list[str]] = {}
    everybody: dict[str, int] = {}
    overseeing: dict[str, set[int]] = {}
    own = question.record.body_id
    for person, reason in who_may(
        db.session(), question.permission, question.record, standing().on
    ):
        if person.body_id != own:
            overseeing.setdefault(person.body.name, set()).add(person.id)
        elif reason.is_everybody:
            told = told_reason(reason)
            everybody[told] = everybody.get(told, 0) + 1
        else:
            named.setdefault(person, []).append(told_reason(reason))
    return Answer(
        title=question.title,
        named=list(named.items()),
        everybody=list(everybody.items()),
        overseeing=[(name, len(ids)) for name, ids in overseeing.items()],
    )


def told_reason(reason: Reason) -> str:
    """Tell a reason in the reader's language."""
    if reason.role is None:
        return str(gettext(reason.text))
    return str(
        gettext(
            reason.text,
            role=gettext(reason.role.label),
            unit=reason.unit_name,
            from_on=as_date(reason.from_on),
        )
    )
