"""The page of a document in force no more, for those who once read it: what now, whom to ask."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.work import unit_of_work
from app.web.documents.links import is_given, link_to
from app.web.guard import signed_in, standing
from app.web.page import page
from documents.ended import ended_document, learn_of_ending
from documents.serving import is_confidential, opened_lately


def show_ended(code: str, body_id: int | None) -> ResponseReturnValue:
    """Say since when it is withdrawn, by whose decision, and what people use instead (D5)."""
    found = ended_document(db.session(), standing(), code, body_id=body_id)
    now = datetime.now(UTC)
    if is_confidential(found.document) and not opened_lately(
        db.session(), signed_in(), found.document, now
    ):
        with unit_of_work(signed_in(), now=now) as work:
            learn_of_ending(work, work.fresh(found.revision))
        found = ended_document(db.session(), standing(), code, body_id=body_id)
    keeper = found.document.keeper
    return page(
        "documents/ended.html",
        found=found,
        document=found.document,
        keeper=keeper if keeper is not None and keeper.disabled_at is None else None,
        is_given=is_given(found.document),
        link_to=link_to,
    )
