"""What higher bodies have given to one, and the decision to work by it (O4)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import root_unit
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.given import sentence_of
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.signing import proof_of
from documents.adoption_register import OfferState, offer_of, offered, offered_counts
from documents.permissions import DocumentPermission
from documents.publication import AdoptionData, Offer, adopt
from forms.screen.publication import AdoptionForm

bp = Blueprint("adoptions", __name__)
_TICKED = re.compile(r"(\d{1,15}):(\d{1,15})")


@bp.get("/adoptions")
@requires(DocumentPermission.LIST)
def listing() -> ResponseReturnValue:
    """List what higher bodies have published to a body: what applies, what waits."""
    form = AdoptionForm()
    form.decided_on.data = standing().on
    return _page(form, 200)


@bp.post("/adoptions")
@requires(DocumentPermission.ADOPT)
def decide() -> ResponseReturnValue:
    """Adopt what was ticked by one signed decision of one's own body."""
    form = AdoptionForm()
    pairs = [match.groups() for value in request.form.getlist("chosen")[:400]
             if (match := _TICKED.fullmatch(value))]  # fmt: skip
    if not form.validate_on_submit():
        return _page(form, 422)
    given = [offer_of(db.session(), standing(), int(one), int(two)) for one, two in pairs]
    proof = proof_of(form)
    data = AdoptionData(
        form.decided_on.data, form.decision_number.data or "", form.own_code.data or ""
    )
    try:
        with unit_of_work(signed_in()) as work:
            offers = [Offer(work.fresh(one), work.fresh(two)) for one, two in given]
            adopted = adopt(work, offers, data, proof=proof)
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(form, at_field(form, refused))
    return done(
        ngettext(
            "Your body works by %(num)s document now.",
            "Your body works by %(num)s documents now.",
            len(adopted),
        ),
        to=url_for("adoptions.listing", state=OfferState.ADOPTED),
    )


def _page(form: AdoptionForm, status: int) -> ResponseReturnValue:
    body = shown_body()
    if body.id != standing().body_id and not may_now(DocumentPermission.LIST, body):
        raise NotFound()
    session, state = db.session(), _state()
    found = offered(
        session,
        standing(),
        body.id,
        state=state,
        document_id=whole(request.args.get("document")),
        after=whole(request.args.get("after")),
        before=whole(request.args.get("before")),
    )
    counts = offered_counts(session, standing(), body.id)
    may_decide = may_now(DocumentPermission.ADOPT, body)
    waiting = [row for row in found.rows if row.state is OfferState.WAITING]
    return page(
        "documents/adoptions.html",
        status=status,
        body=body,
        found=found,
        form=form,
        sentence_of=sentence_of,
        pills=_pills(counts, state),
        counts=counts,
        applies=counts[OfferState.BINDING] + counts[OfferState.ADOPTED],
        waiting=waiting if may_decide else [],
        ticked=set(request.form.getlist("chosen")) if request.method == "POST" else None,
        capacity=_capacity() if may_decide else None,
        previous=_address(before=found.before_id) if found.before_id else None,
        following=_address(after=found.after_id) if found.after_id else None,
        link_to=link_to,
        decide_url=_address(after=request.args.get("after"), before=request.args.get("before")),
        is_narrowed=state is not None or bool(request.args.get("document")),
    )


def _state() -> OfferState | None:
    asked = request.args.get("state", "")
    return next((one for one in OfferState if str(one) == asked), None)


def _capacity() -> Any:
    """Give in which capacity the viewer decides: their own, or that of whom they act for."""
    held = standing()
    root = root_unit(db.session(), held.body_id)
    who = next(
        one for one in (held, *held.delegators) if one.has(Role.LEADER, body_id=held.body_id)
    )
    return who.capacity_for((Role.LEADER,), root.id)


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:20] for name in ("state", "document")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for("adoptions.listing") + (f"?{query}" if query else "")


def _pills(counts: dict[OfferState, int], state: OfferState | None) -> list[dict[str, Any]]:
    every = {
        "label": gettext("All"),
        "url": _address(state="", document=""),
        "current": state is None and not request.args.get("document"),
        "count": sum(counts.values()),
    }
    return [
        every,
        *(
            {
                "label": gettext(one.label),
                "url": _address(state=one, document=""),
                "current": one is state,
                "count": counts[one],
            }
            for one in OfferState
        ),
    ]
