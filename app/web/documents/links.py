"""Addresses of documents: by code, with the body in front where it is not one's own (O4)."""

from __future__ import annotations

from urllib.parse import quote

from app.web.guard import signed_in
from documents.models import Document, Revision

_SAFE = "/"  # a slash is part of many codes; the address keeps it


def link_to(document: Document) -> str:
    """Give the address of a document; one without a code yet goes by its number."""
    front = "" if document.body_id == signed_in().body_id else f"/b/{document.body.code}"
    if document.code is None:
        return f"{front}/documents/{document.id}"
    return f"{front}/d/{quote(document.code, safe=_SAFE)}"


def link_to_revision(revision: Revision) -> str:
    """Give the address of the page of one revision: where it is read, reviewed, decided."""
    document = revision.document
    front = "" if document.body_id == signed_in().body_id else f"/b/{document.body.code}"
    return f"{front}/r/{revision.id}"
