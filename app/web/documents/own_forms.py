"""Printed forms on a body's own template where there is one, else as the product has them (a51)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body
from app.web.documents.filling import MOST_ROWS, filled
from app.web.formats import as_date
from documents.models import TemplatePurpose
from documents.word_template import Fill, in_use
from forms.paper.declaration import Declaration
from forms.paper.disposal_minutes import MinutesPaper
from forms.paper.distribution_list import DistributionPaper
from forms.paper.external_register import ExternalLine
from forms.paper.record_list import RecordLine

TOO_LONG = N_("A form of your own holds %(most)s lines at most. Narrow the list, or export it.")


def on_form(
    purpose: TemplatePurpose, body: Body, fill: Callable[[], Fill], otherwise: Callable[[], bytes]
) -> bytes:
    """Give a paper on the body's own form where one is in use, else the product's."""
    template = in_use(db.session(), body.id, purpose)
    return filled(template, fill()) if template is not None else otherwise()


def _numbered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    listed = [{"number": str(at), **row} for at, row in enumerate(rows, start=1)]
    if len(listed) > MOST_ROWS:
        raise InvalidInput(TOO_LONG, most=MOST_ROWS)
    return listed


def _head(body: Body, day: date) -> dict[str, str]:
    above = body.overseer
    return {
        "body": body.name,
        "superior": above.name if above is not None else "",
        "today": as_date(day),
    }


def for_laws(lines: tuple[ExternalLine, ...], body: Body, day: date) -> Fill:
    """Fill the register of external documents."""
    rows = _numbered(
        {
            "law": line.number,
            "subject": line.subject,
            "issuer": line.issuer,
            "issued_on": as_date(line.issued_on),
            "in_force_on": as_date(line.in_force_on),
            "state": line.state,
            "replaced_by": line.replaced_by,
            "used_in": ", ".join(line.procedures),
        }
        for line in lines
    )
    return Fill({**_head(body, day), "count": str(len(rows))}, {"laws": rows})


def for_distribution(paper: DistributionPaper, body: Body, day: date) -> Fill:
    """Fill the distribution list of a document: its copies on paper, and who reads on screen."""
    rows = _numbered(
        {
            "copy": line.number,
            "edition": line.edition,
            "where": line.where,
            "form": line.form,
            "given_on": as_date(line.given_on),
            "given_by": line.given_by,
            "received_by": line.received_by,
            "read": line.read,
            "old_copy": line.old_copy,
            "state": line.state,
        }
        for line in paper.lines
    )
    values = {"code": paper.code, "title": paper.title, "edition": paper.edition}
    return Fill({**_head(body, day), **values, "count": str(len(rows))}, {"copies": rows})


def for_records(
    lines: tuple[RecordLine, ...], body: Body, day: date, *, narrowed: str = ""
) -> Fill:
    """Fill the list of records."""
    rows = _numbered(
        {
            "name": line.name,
            "form": line.form_code,
            "unit": line.unit,
            "medium": line.medium,
            "kept": line.kept,
            "place": line.where,
            "disposal": line.disposal,
        }
        for line in lines
    )
    values = {"narrowed": narrowed, "count": str(len(rows))}
    return Fill({**_head(body, day), **values}, {"records": rows})


def for_minutes(paper: MinutesPaper, body: Body, day: date) -> Fill:
    """Fill the minutes of a disposal."""
    rows = _numbered(
        {
            "name": item.name,
            "edition": item.edition,
            "copies": item.copies,
            "kept_until": item.kept_until,
            "fingerprint": item.fingerprint,
        }
        for item in paper.items
    )
    values = {
        "minutes": paper.number,
        "reason": paper.reason,
        "method": paper.method,
        "proposed_by": paper.proposed_by,
        "decided_by": paper.decided_by,
        "decided_on": as_date(paper.decided_at.date()),
        "signed_digest": paper.signed_sha256,
        "count": str(len(rows)),
    }
    return Fill({**_head(body, day), **values}, {"items": rows})


def for_declaration(paper: Declaration, body: Body, day: date) -> Fill:
    """Fill the declaration of conformity."""
    values = {
        "address": paper.address,
        "standard": paper.standard,
        "covers": paper.covers,
        "effective_on": as_date(paper.effective_on),
        "signer": paper.signer,
        "count": str(len(paper.procedures)),
    }
    rows = {
        "units": _numbered({"name": name} for name in paper.units),
        "exclusions": _numbered({"clause": one, "reason": why} for one, why in paper.exclusions),
        "procedures": _numbered({"code": code, "name": name} for code, name in paper.procedures),
    }
    return Fill({**_head(body, day), **values}, rows)
