"""What the viewer opened last, kept in the signed session only, never in the database."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from flask import session

from app.kernel.db import db
from app.web.documents.links import link_to
from app.web.guard import standing
from documents.models import Document
from documents.visibility import visible

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
    found = {
        document.id: document
        for document in db.session.scalars(
            sa.select(Document)
            .options(sa.orm.joinedload(Document.body))
            .where(Document.id.in_(ids), visible(standing()))
        )
    }
    return [
        (document.code or document.title, link_to(document))
        for document in (found[one] for one in ids if one in found)
    ]


def _ids() -> list[int]:
    kept = session.get(_KEY, [])
    return [one for one in kept if isinstance(one, int)] if isinstance(kept, list) else []
