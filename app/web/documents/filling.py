"""What fills a body's own templates: the values of a document, a request, the master list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale, gettext

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.install import installation
from app.kernel.organisation import Body, Unit
from app.kernel.people import Person
from app.web.documents.uploads import BUSY, workshop
from app.web.formats import as_date
from documents.coding import proposed_code
from documents.content.intake import Refused
from documents.content.workshop import WorkFailed, WorkshopBusy
from documents.models import ChangeRequest, Document, Revision, TemplatePurpose, WordTemplate
from documents.register import effective_revision
from documents.word_template import Fill

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_ROWS = 1000
BROKEN = N_("The template could not be filled. Tell your quality officer, who may bring it again.")


def filled(template: WordTemplate, fill: Fill) -> bytes:
    """Fill a template in the limited child."""
    path = installation().store.path(template.sha256)
    try:
        return workshop().fill_template(path, fill.to_plain())
    except WorkshopBusy:
        raise RuleBroken(BUSY) from None
    except (Refused, WorkFailed, OSError):
        raise RuleBroken(BROKEN) from None


def _of_body(body: Body, today: date) -> dict[str, str]:
    return {"body": body.name, "today": as_date(today)}


def for_new_draft(purpose: TemplatePurpose, unit: Unit, author: Person, today: date) -> Fill:
    """Fill the blanks of a document that is not there yet: what nobody can know stays open."""
    kind = purpose.kind
    with force_locale(unit.body.locale):
        values = {
            **_of_body(unit.body, today),
            "unit": unit.name,
            "kind": gettext(kind.label) if kind is not None else "",
            "code": "…",
            "title": "…",
            "title_en": "",
            "edition": "01/00",
            "authors": author.name,
        }
    return Fill(values, {"editions": []})


def for_draft(document: Document, author: Person, today: date) -> Fill:
    """Fill the blanks of a document's next revision; what was in force stands in its table."""
    session = db.session()
    known = session.scalars(
        sa.select(Revision)
        .where(Revision.document_id == document.id, Revision.effective_at.is_not(None))
        .order_by(Revision.effective_at, Revision.id)
    ).all()
    newest = known[-1] if known else None
    edition = "01/00" if newest is None else f"{newest.edition + 1:02d}/00"
    with force_locale(document.body.locale):
        values = {
            **_of_body(document.body, today),
            "unit": document.lead_unit.name,
            "kind": gettext(document.kind.label),
            "code": document.code or proposed_code(session, document, today.year),
            "title": document.title,
            "title_en": document.title_en,
            "edition": edition,
            "authors": author.name,
        }
    rows = [
        {
            "edition": one.label,
            "effective_on": _day(document.body, one.effective_at),
            "summary": one.change_summary or one.reason,
        }
        for one in known
    ]
    return Fill(values, {"editions": rows})


def _day(body: Body, moment: datetime | None) -> str:
    return as_date(today_of(body, moment)) if moment is not None else ""


def for_change(found: ChangeRequest, body: Body, today: date) -> Fill:
    """Fill the printed form of a request to change."""
    with force_locale(body.locale):
        values = {
            **_of_body(body, today),
            "number": found.number,
            "reason": found.reason,
            "source": gettext(found.source.label),
            "impact": found.impact,
            "asked_by": found.asked_by.name,
            "asked_on": _day(body, found.asked_at),
            "state": gettext(found.state.label),
            "decided_by": found.decided_by.name if found.decided_by is not None else "",
            "decision_reason": found.decision_reason,
            "owner": found.owner.name if found.owner is not None else "",
            "due_on": as_date(found.due_on),
        }
    rows = []
    for number, item in enumerate(found.items, start=1):
        current = effective_revision(db.session(), item.document)
        rows.append(
            {
                "number": str(number),
                "code": item.document.code or "",
                "title": item.document.title,
                "edition": current.label if current is not None else "",
                "effective_on": _day(body, current.effective_at) if current is not None else "",
                "unit": item.document.lead_unit.name,
            }
        )
    return Fill(values, {"documents": rows})


def for_master_list(rows: Iterable[Any], body: Body, today: date) -> Fill:
    """Fill the printed master list with the lines that are shown."""
    listed = list(rows)
    if len(listed) > MOST_ROWS:
        raise InvalidInput(
            N_("A Word list holds %(most)s documents at most. Narrow the list, or export it."),
            most=MOST_ROWS,
        )
    lines = [
        {
            "number": str(number),
            "code": row.document.code or "",
            "title": row.document.title,
            "edition": row.current.label if row.current is not None else "",
            "effective_on": _day(body, row.current.effective_at) if row.current else "",
            "unit": row.document.lead_unit.name,
        }
        for number, row in enumerate(listed, start=1)
    ]
    return Fill({**_of_body(body, today), "count": str(len(lines))}, {"documents": lines})
