"""A person's training record: what they read and confirmed, edition by edition (a38; 7.2 d)."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.people import Person
from app.kernel.permissions import may
from app.web.documents.links import link_to
from app.web.guard import requires, standing
from app.web.page import page
from documents import readers
from documents.permissions import DocumentPermission

bp = Blueprint("training", __name__)


@bp.get("/people/<int:person_id>/training")
@requires(DocumentPermission.SEE_TRAINING)
def show(person_id: int) -> ResponseReturnValue:
    """Show what somebody has confirmed, the newest first."""
    person = db.session.get(Person, person_id)
    if (
        person is None
        or person.body_id != standing().body_id
        or not may(standing(), DocumentPermission.SEE_TRAINING, person)
    ):
        raise NotFound()
    before = request.args.get("before", "")
    key = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    rows = readers.training_of(db.session(), standing(), person, before=key)
    more, rows = len(rows) > readers.PAGE, rows[: readers.PAGE]
    return page(
        "documents/training.html",
        person=person,
        rows=rows,
        is_own=person == standing().person,
        link_to=link_to,
        following=url_for("training.show", person_id=person.id, before=rows[-1].id)
        if more
        else None,
        previous=url_for("training.show", person_id=person.id) if key is not None else None,
    )
