"""Addresses of documents: by code, with the body in front where it is not one's own (O4).

What a higher body has published is read at /of/<body>/d/<code>: the rest of that body stays shut.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from app.web.guard import signed_in, standing
from documents.models import Document, Revision

_SAFE = "/"  # a slash is part of many codes; the address keeps it


class HasAddress(Protocol):
    """A document, or what a list shows of one."""

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str | None: ...


def front_of(document: Document) -> str:
    """Give what stands before an address: the body, where it is not one's own."""
    if document.body_id == signed_in().body_id:
        return ""
    return f"/of/{document.body.code}" if is_given(document) else f"/b/{document.body.code}"


def is_given(document: Document) -> bool:
    """Say whether the viewer has a document from a body above their own."""
    held = standing()
    return document.body_id != held.body_id and document.body_id in held.above_body_ids


def link_to(document: Document) -> str:
    """Give the address of a document; one without a code yet goes by its number."""
    return link_within(front_of(document), document)


def link_within(front: str, document: HasAddress) -> str:
    """Give the address of a document of a body whose front is known."""
    if document.code is None:
        return f"{front}/documents/{document.id}"
    return f"{front}/d/{quote(document.code, safe=_SAFE)}"


def link_to_revision(revision: Revision) -> str:
    """Give the address of the page of one revision: where it is read, reviewed, decided."""
    front = "" if is_given(revision.document) else front_of(revision.document)
    return f"{front}/r/{revision.id}"
