"""What the viewer opened last, kept in the signed session only, never in the database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from flask import session

from app.kernel.db import db
from app.kernel.organisation import Body
from app.web.documents.links import link_within
from app.web.guard import signed_in, standing
from documents.models import Document
from documents.visibility import Sight, sight_of, visible

_KEY: Final = "recent"
_MOST: Final = 5


def remember(document: Document) -> None:
    """Put a document first among those opened recently."""
    kept = [one for one in _ids() if one != document.id]
    session[_KEY] = [document.id, *kept][:_MOST]


def recent_documents() -> list[tuple[str, str]]:
    """Give name and address of the documents opened recently, those the viewer may still see."""
    ids = _ids()
    if not ids:
        return []
    db.session.flush()
    rows = db.session.connection().execute(_seen(sight_of(standing())), {"ids": ids})
    found = {row.id: row for row in rows}
    return [
        (
            found[one].code or found[one].title,
            link_within(_front(found[one]), found[one]),
        )
        for one in ids
        if one in found
    ]


def _front(seen: Any) -> str:
    """Give the body a document opened recently is seen in: own, above or below."""
    if seen.body_id == signed_in().body_id:
        return ""
    return f"/of/{seen.body}" if seen.body_id in standing().above_body_ids else f"/b/{seen.body}"


@lru_cache(maxsize=512)
def _seen(sight: Sight) -> Any:
    """Give the question for what somebody may still see of some documents."""
    return (
        sa.select(
            *(Document.id, Document.code, Document.title, Document.body_id),
            Body.code.label("body"),
        )
        .join(Body, Body.id == Document.body_id)
        .where(Document.id.in_(sa.bindparam("ids", expanding=True)), visible(sight))
    )


def _ids() -> list[int]:
    kept = session.get(_KEY, [])
    return [one for one in kept if isinstance(one, int)] if isinstance(kept, list) else []
