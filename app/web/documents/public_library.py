"""The public library: procedures and forms for everybody, without account or script (screen 14)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.organisation import Body
from app.web.documents.pages import whole
from app.web.documents.serving import original
from app.web.guard import open_to_all
from app.web.page import page
from documents.public_library import (
    body_by_code,
    forms_of,
    library,
    public_bodies,
    public_file,
    public_revision,
)

bp = Blueprint("public", __name__)


@bp.get("/public")
@open_to_all("citizens find procedures and forms without an account")
def start() -> ResponseReturnValue:
    """Show the library of the one body there is, or let people choose among several."""
    bodies = public_bodies(db.session())
    if len(bodies) == 1:
        return _library(bodies[0])
    return page("documents/public_bodies.html", bodies=bodies)


@bp.get("/public/<body_code>")
@open_to_all("citizens find procedures and forms without an account")
def listing(body_code: str) -> ResponseReturnValue:
    """Show the public documents of one body."""
    return _library(body_by_code(db.session(), body_code[:40]))


def _library(body: Body) -> ResponseReturnValue:
    text = " ".join(request.args.get("q", "")[:100].replace("\0", "").split())
    unit_id = whole(request.args.get("unit"))
    field = " ".join(request.args.get("field", "")[:200].replace("\0", "").split())
    found = library(
        db.session(),
        body,
        text=text,
        unit_id=unit_id,
        field=field,
        after=whole(request.args.get("after")),
    )
    kept: dict[str, Any] = {
        "body_code": body.code,
        "q": text or None,
        "unit": unit_id,
        "field": field or None,
    }
    return page(
        "documents/public_library.html",
        body=body,
        found=found,
        text=text,
        unit_id=unit_id,
        field=field,
        following=url_for("public.listing", **kept, after=found.after) if found.after else None,
    )


@bp.get("/public/<body_code>/<path:code>")
@open_to_all("citizens read public documents without an account")
def show(body_code: str, code: str) -> ResponseReturnValue:
    """Show one procedure: its forms, time limit and fee first."""
    body = body_by_code(db.session(), body_code[:40])
    revision = public_revision(db.session(), body, code[:80])
    return page(
        "documents/public_document.html",
        body=body,
        revision=revision,
        document=revision.document,
        forms=forms_of(db.session(), revision.document),
        main_file=revision.main_file,
    )


@bp.get("/public/file/<int:document_id>")
@open_to_all("citizens take forms along without an account")
def file(document_id: int) -> ResponseReturnValue:
    """Give the file of a public document as it is in force."""
    _revision, found = public_file(db.session(), document_id)
    return original(found)
