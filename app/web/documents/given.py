"""What pages say of documents that go from one body to others (O4)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from app.kernel.db import db
from app.kernel.organisation import Body
from app.web.documents.links import is_given
from app.web.formats import as_date
from app.web.guard import may_now, signed_in, standing
from documents.adoption_register import Mark, Offered, offered, publishers_to
from documents.models import Document, PublicationMode
from documents.permissions import DocumentPermission


def publisher(code: str) -> Body | None:
    """Give the body an address of a given document names: one above, or one's own."""
    own = signed_in().body
    if code == own.code:
        return own
    found = db.session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if found is None or found.id not in standing().above_body_ids:
        return None
    return found


def publisher_ids() -> frozenset[int]:
    """Give the bodies that have given something to the viewer's."""
    return publishers_to(db.session(), standing().body_id, standing())


def may_publish(document: Document) -> bool:
    """Say whether the viewer sees to which bodies below a document goes."""
    return bool(standing().overseen_body_ids) and may_now(
        DocumentPermission.SEE_PUBLICATIONS, document
    )


def offer_here(document: Document) -> dict[str, Any] | None:
    """Say of a document from above whether it applies here; None for one's own."""
    if not is_given(document):
        return None
    rows = offered(db.session(), standing(), standing().body_id, document_id=document.id).rows
    if not rows:
        return None
    return {
        "offer": rows[0],
        "sentence": sentence_of(rows[0]),
        "decide_url": url_for("adoptions.listing", document=document.id)
        if may_now(DocumentPermission.ADOPT) and str(rows[0].state) == "waiting"
        else "",
    }


def sentence_of(row: Offered) -> str:
    """Say in one line whose document it is and whether one's body works by it."""
    adoption = row.adoption
    mark = Mark(row.document.body.name, row.publication.mode)
    if adoption is not None:
        mark = Mark(
            row.document.body.name,
            row.publication.mode,
            adoption.decided_on,
            adoption.revision.label,
            adoption.revision_id == row.current.id,
        )
    return sentence_of_mark(mark)


def sentence_of_mark(mark: Mark) -> str:
    """Say the same of a line in a list."""
    if mark.mode is PublicationMode.BINDING:
        return gettext("of %(body)s, binding", body=mark.body_name)
    if mark.decided_on is None:
        return gettext("of %(body)s, not adopted yet", body=mark.body_name)
    day = as_date(mark.decided_on)
    if mark.number:
        return _by_decision(mark, day)
    if mark.is_present:
        return gettext("of %(body)s, adopted on %(day)s", body=mark.body_name, day=day)
    return gettext(
        "of %(body)s, edition %(edition)s adopted on %(day)s; this one not yet",
        body=mark.body_name,
        edition=mark.edition,
        day=day,
    )


def _by_decision(mark: Mark, day: str) -> str:
    """Name the decision too, as the body numbered it."""
    if mark.is_present:
        return gettext(
            "of %(body)s, adopted by %(number)s of %(day)s",
            body=mark.body_name,
            number=mark.number,
            day=day,
        )
    return gettext(
        "of %(body)s, edition %(edition)s adopted by %(number)s of %(day)s; this one not yet",
        body=mark.body_name,
        edition=mark.edition,
        number=mark.number,
        day=day,
    )
