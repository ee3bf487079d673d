"""Search: the document in force in one key, a word and Enter (screen 3; F4, D6, L20)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.calendar import today_of
from app.kernel.db import db
from app.web.body_address import shown_body
from app.web.documents.links import is_given, link_to, link_to_revision
from app.web.documents.master_list import is_in_charge
from app.web.guard import requires, standing
from app.web.page import page
from documents import finding
from documents.finding import Found
from documents.models import DocumentKind, RevisionState
from documents.permissions import DocumentPermission

bp = Blueprint("search", __name__)
SHOWN, QUICK = 30, 8


@bp.get("/search")
@requires(DocumentPermission.LIST)
def results() -> ResponseReturnValue:
    """Show what was found, best first; or what comes close, and whom to tell."""
    text = typed()
    kind = next((kind for kind in DocumentKind if str(kind) == request.args.get("kind")), None)
    every = request.args.get("all") == "1" and is_in_charge()
    body = shown_body()
    found = finding.search(
        db.session(),
        standing(),
        text,
        body_id=body.id,
        kind=kind,
        every_revision=every,
        limit=SHOWN,
    )
    near: list[Any] = []
    officer = None
    if text and not found:
        near = finding.nearest_titles(db.session(), standing(), text, body_id=body.id)
        officer = finding.whom_to_tell(db.session(), body.id, today_of(body, datetime.now(UTC)))
    return page(
        "documents/search.html",
        query=text,
        hits=[_shown(one) for one in found],
        near=[(revision, link_to(revision.document)) for revision in near],
        officer=officer,
        pills=_pills(text, kind, every=every),
        all_url=url_for("search.results", q=text, kind=kind, all=None if every else 1),
        every=every,
        may_see_all=is_in_charge(),
        is_full=len(found) == SHOWN,
        is_cut=found.is_cut,
    )


@bp.get("/search/quick")
@requires(DocumentPermission.LIST)
def quick() -> ResponseReturnValue:
    """Give the fragment below the search box: links that Enter opens, best first."""
    found = finding.search(db.session(), standing(), typed(), body_id=shown_body().id, limit=QUICK)
    return page("documents/_search_quick.html", hits=[_shown(one) for one in found])


def typed() -> str:
    """Give what was typed, in one line of a length people type."""
    return " ".join(request.args.get("q", "")[:300].replace("\0", " ").split())


def _shown(found: Found) -> dict[str, Any]:
    revision, document = found.revision, found.document
    is_current = revision.state is RevisionState.EFFECTIVE
    return {
        "url": link_to(document) if is_current else link_to_revision(revision),
        "code": revision.code,
        "title": document.title if is_current else revision.title,
        "spans": found.spans,
        "recognised": found.is_recognised,
        "state": revision.state,
        "edition": revision.label,
        "since": revision.effective_at,
        "kind": document.kind,
        "unit": gettext("of %(body)s", body=document.body.name)
        if is_given(document)
        else document.lead_unit.name,
    }


def _pills(text: str, kind: DocumentKind | None, *, every: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": gettext(one.label) if one is not None else gettext("All kinds"),
            "url": url_for("search.results", q=text, kind=one, all=1 if every else None),
            "current": one is kind,
        }
        for one in (None, *DocumentKind)
    ]
