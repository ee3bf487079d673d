"""Periodic reviews: what is due, the evidence, the verdict beside it (screen 10; D7, a30, a31)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.calendar import parse_date, today_of
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.work import unit_of_work
from app.web.documents.links import link_to
from app.web.documents.openings import note_opening
from app.web.documents.pages import whole
from app.web.formats import as_date
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register
from documents.models import Document, Verdict
from documents.periodic_review import (
    AHEAD,
    Evidence,
    due_reviews,
    evidence_of,
    review_document,
    reviews_of,
)
from documents.permissions import DocumentPermission
from forms.screen.periodic_review import ReviewForm

bp = Blueprint("reviews", __name__)
SPANS = ("due", "soon", "all")


@bp.get("/reviews")
@requires(DocumentPermission.REVIEW_DOCUMENT)
def listing() -> ResponseReturnValue:
    """List what is due in the viewer's charge; the chosen one's evidence stands beside it."""
    return _page()


def _page(
    form: ReviewForm | None = None, status: int = 200, document: Document | None = None
) -> ResponseReturnValue:
    session, today = db.session(), standing().on
    span = next((one for one in SPANS if one == request.args.get("when")), "soon")
    until = {"due": today, "soon": today + timedelta(days=AHEAD), "all": None}[span]
    found = due_reviews(session, standing(), until, after=_after())
    code = request.args.get("document", "")[:80]
    if document is None and code:
        document = register.document(session, standing(), code, body_id=standing().body_id)
    if document is None and found.rows:
        document = found.rows[0].document
    following = ""
    if found.following is not None:
        day, key = found.following
        following = _address(after=f"{day.isoformat()}_{key}", document="")
    return page(
        "documents/reviews.html",
        status=status,
        found=found,
        span=span,
        spans=[
            {"label": label, "url": _address(when=name, document=""), "current": name == span}
            for name, label in (
                ("due", gettext("Due now")),
                ("soon", gettext("Within %(days)s days", days=AHEAD)),
                ("all", gettext("All")),
            )
        ],
        days=AHEAD,
        address=_address,
        following=following,
        link_to=link_to,
        counted=counted,
        is_opened=bool(code) or form is not None,
        chosen=document,
        **(_chosen(document, form) if document is not None else {}),
    )


def _after() -> tuple[date, int] | None:
    day, _, key = request.args.get("after", "")[:40].partition("_")
    parsed, number = parse_date(day), whole(key)
    return (parsed, number) if parsed is not None and number is not None else None


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:80] for name in ("when", "document")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for("reviews.listing") + (f"?{query}" if query else "")


def _chosen(document: Document, form: ReviewForm | None) -> dict[str, Any]:
    """Give the evidence of one document, the form of the verdict and what was said before."""
    session = db.session()
    revision = register.effective_revision(session, document)
    if revision is None:
        return {"revision": None, "evidence": None, "history": reviews_of(session, document)}
    note_opening(revision)
    today = today_of(document.body, datetime.now(UTC))
    evidence = evidence_of(session, standing(), document, revision, today)
    keeping = form or ReviewForm(formdata=None)
    if form is None:
        keeping.reason.data = _offered(evidence)
        keeping.revision.data, keeping.row_version.data = str(revision.id), document.row_version
    return {
        "revision": revision,
        "evidence": evidence,
        "form": keeping,
        "history": reviews_of(session, document),
        "may_review": may_now(DocumentPermission.REVIEW_DOCUMENT, document),
        "coming": register.open_revision(session, document),
    }


def _offered(evidence: Evidence) -> str:
    """Offer the reason for keeping a document where nothing speaks against it; else none."""
    if not evidence.is_quiet:
        return ""
    return gettext(
        "No law it cites has changed and no change was asked for since it came into force on "
        "%(day)s.",
        day=as_date(evidence.in_force_since),
    )


@bp.post("/reviews/<int:document_id>")
@requires(DocumentPermission.REVIEW_DOCUMENT)
def decide(document_id: int) -> ResponseReturnValue:
    """Keep a document as it is, or have it revised or withdrawn, with a reason (D7, F9)."""
    document = register.document_by_id(db.session(), standing(), document_id)
    if document.body_id != standing().body_id:
        raise NotFound()
    form = ReviewForm()
    if not form.validate_on_submit():
        return _page(form, 422, document)
    wanted = request.form.get("verdict", "keep")
    verdict = next((one for one in Verdict if str(one) == wanted), Verdict.KEEP)
    try:
        with unit_of_work(signed_in()) as work:
            review = review_document(
                work,
                work.fresh(document),
                verdict,
                reason=form.reason.data or "",
                revision_id=whole(form.revision.data) or 0,
                seen=form.row_version.data,
            )
            next_on, asked = review.next_on, review.request_id
            number = review.request.number if review.request is not None else ""
    except (InvalidInput, RuleBroken, Stale) as refused:
        status = at_field(form, refused)
        return _page(form, status, register.document_by_id(db.session(), standing(), document_id))
    if asked is None:
        message = gettext(
            "%(code)s is kept; its next review is on %(day)s.",
            code=document.code,
            day=as_date(next_on),
        )
    else:
        message = gettext("%(number)s is raised for %(code)s.", number=number, code=document.code)
    return done(message, to=_address(document=""))


def counted(laws: int, requests: int) -> str:
    """Say in a few words what speaks against keeping a document."""
    parts = []
    if laws:
        parts.append(ngettext("%(num)s law changed", "%(num)s laws changed", laws))
    if requests:
        parts.append(ngettext("%(num)s change request", "%(num)s change requests", requests))
    return ", ".join(parts)
