"""Giving documents to bodies below, and who of them works by which edition (O4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms.fields import SelectChoice

from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Body, bodies_below
from app.kernel.permissions import may
from app.kernel.search import sort_key
from app.kernel.work import unit_of_work
from app.web.documents.document import tabs_of
from app.web.documents.links import link_to
from app.web.documents.pages import whole
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents import register
from documents.asking_below import ask_bodies_below, reading_below
from documents.models import Document, PublicationMode
from documents.permissions import DocumentPermission
from documents.publication import PublicationData, end_publication, open_publication, publish
from documents.publication_package import end_with_forms, forms_in_force, publish_with_forms
from documents.publication_register import published, standings_below, statuses, taken_back
from forms.screen.publication import ALL, SOME, PublicationEndForm, PublicationForm

bp = Blueprint("publications", __name__)


@bp.get("/publications")
@requires(DocumentPermission.SEE_PUBLICATIONS)
def listing() -> ResponseReturnValue:
    """List what one's body has published: how many adopted it, and who has not."""
    body = signed_in().body
    below = standings_below(db.session(), body.id)
    wanted = whole(request.args.get("body"))
    chosen = next((one for one in below if one.body.id == wanted), None)
    only_missing = request.args.get("missing") == "y"
    found = published(
        db.session(),
        standing(),
        body.id,
        only_missing=only_missing,
        missing_at=chosen.body.id if chosen is not None else None,
        after=whole(request.args.get("after")),
        before=whole(request.args.get("before")),
    )
    return page(
        "documents/publications.html",
        found=found,
        below=below,
        chosen=chosen,
        only_missing=only_missing,
        pills=_pills(chosen is not None, only_missing=only_missing),
        previous=_address(before=found.before_id) if found.before_id else None,
        following=_address(after=found.after_id) if found.after_id else None,
        link_to=link_to,
    )


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:20] for name in ("body", "missing")}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for("publications.listing") + (f"?{query}" if query else "")


def _pills(has_body: bool, *, only_missing: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": gettext("All"),
            "url": _address(missing="", body=""),
            "current": not only_missing and not has_body,
        },
        {
            "label": gettext("Not adopted by all"),
            "url": _address(missing="y", body=""),
            "current": only_missing,
        },
    ]


@bp.get("/d/<path:code>/publication")
@requires(DocumentPermission.SEE_PUBLICATIONS)
def show(code: str) -> ResponseReturnValue:
    """Show to which bodies a document goes, by name, with the edition each works by."""
    document = _document(code)
    return _page(document, _form(document), PublicationEndForm(prefix="end-"))


@bp.post("/d/<path:code>/publication")
@requires(DocumentPermission.PUBLISH)
def change(code: str) -> ResponseReturnValue:
    """Give a document to bodies below, change to which, or take it back."""
    document = _document(code)
    if request.form.get("answer") == "end":
        return _end(document)
    if request.form.get("answer") == "ask":
        return _ask(document)
    form, end = _form(document), PublicationEndForm(prefix="end-", formdata=None)
    if not form.validate_on_submit():
        return _page(document, form, end, 422)
    try:
        with unit_of_work(signed_in()) as work:
            is_all = form.reach.data == ALL
            ticked = work.session.scalars(
                sa.select(Body).where(Body.id.in_([] if is_all else form.bodies.data or []))
            )
            data = PublicationData(PublicationMode(form.mode.data), is_all, tuple(ticked))
            act = publish_with_forms if form.with_forms.data else publish
            act(work, work.fresh(document), data)
    except (InvalidInput, RuleBroken) as refused:
        return _page(_document(code), form, end, at_field(form, refused))
    return done(
        gettext("%(code)s goes to the bodies below; each was told.", code=document.code),
        to=url_for("publications.show", code=document.code),
    )


def _end(document: Document) -> ResponseReturnValue:
    """Take a document back from the bodies below; what they adopted ends with it."""
    form = PublicationEndForm(prefix="end-")
    publication = open_publication(db.session(), document)
    if publication is None:
        raise RuleBroken(N_("It is published to nobody any more."), rule="O4")
    if not form.validate_on_submit():
        return _page(document, _form(document, is_fresh=True), form, 422)
    with unit_of_work(signed_in()) as work:
        act = end_with_forms if form.with_forms.data else end_publication
        ended = act(work, work.fresh(publication), reason=form.reason.data or "")
        count = len(ended)
    return done(
        ngettext(
            "Taken back. %(num)s adoption ended with it; it is listed below.",
            "Taken back. %(num)s adoptions ended with it; they are listed below.",
            count,
        ),
        to=url_for("publications.show", code=document.code),
    )


def _ask(document: Document) -> ResponseReturnValue:
    """Ask the bodies that work by an imported edition to read it, which it does not by itself."""
    publication = open_publication(db.session(), document)
    if publication is None:
        raise RuleBroken(N_("It is published to nobody any more."), rule="O4")
    with unit_of_work(signed_in()) as work:
        count = ask_bodies_below(work, publication)
    return done(
        ngettext(
            "The people of %(num)s body are asked to read it.",
            "The people of %(num)s bodies are asked to read it.",
            count,
        ),
        to=url_for("publications.show", code=document.code),
    )


def _document(code: str) -> Document:
    document = register.document(db.session(), standing(), code)
    if not may(standing(), DocumentPermission.SEE_PUBLICATIONS, document):
        raise NotFound()
    return document


def _form(document: Document, *, is_fresh: bool = False) -> PublicationForm:
    form = PublicationForm(formdata=None) if is_fresh else PublicationForm()
    below = db.session.scalars(
        sa.select(Body).where(Body.id.in_(bodies_below(db.session(), document.body_id)))
    )
    form.bodies.choices = [
        SelectChoice(str(body.id), body.name)
        for body in sorted(below, key=lambda body: sort_key(body.name))
    ]
    if is_fresh or not form.is_submitted():
        publication = open_publication(db.session(), document)
        form.mode.data = str(publication.mode if publication else PublicationMode.TO_ADOPT)
        form.reach.data = SOME if publication and not publication.is_for_all else ALL
        form.bodies.data = [one.body_id for one in publication.chosen] if publication else []
    return form


def _page(
    document: Document, form: PublicationForm, end_form: PublicationEndForm, status: int = 200
) -> ResponseReturnValue:
    publication = open_publication(db.session(), document)
    current = register.effective_revision(db.session(), document)
    rows = statuses(db.session(), publication, current) if publication is not None else []
    return page(
        "documents/publication.html",
        status=status,
        document=document,
        publication=publication,
        current=current,
        rows=rows,
        reading=reading_below(db.session(), publication, current)
        if publication is not None and current is not None
        else None,
        has_forms=bool(forms_in_force(db.session(), document)),
        present=sum(row.is_present for row in rows),
        ended=taken_back(db.session(), document),
        form=form,
        end=end_form,
        tabs=tabs_of(document, "publication", None),
        may_change=may_now(DocumentPermission.PUBLISH, document),
        binding=PublicationMode.BINDING,
        document_url=link_to(document),
    )
