"""A body's own Word templates: what there are, their blanks, bringing one (screen 33; a51)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import Blueprint, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.install import installation
from app.kernel.work import unit_of_work
from app.web.documents.filling import DOCX, filled
from app.web.documents.uploads import take_in, told_refusal, workshop
from app.web.guard import requires, signed_in, standing
from app.web.page import at_field, done, page
from documents.content.intake import Refused
from documents.models import TemplatePurpose
from documents.permissions import DocumentPermission
from documents.word_template import (
    BLANKS,
    bring_template,
    check_template,
    retire_template,
    sample,
    template,
    templates_in_use,
    versions_of,
)
from forms.paper.example_template import build_example
from forms.screen.word_template import TemplateForm

bp = Blueprint("templates", __name__)


@bp.get("/settings/templates")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def listing() -> ResponseReturnValue:
    """Show what a body may bring a template for, and which it has."""
    used = templates_in_use(db.session(), standing().body_id)
    return page(
        "administration/templates.html",
        rows=[(purpose, used.get(purpose)) for purpose in TemplatePurpose],
    )


@bp.get("/settings/templates/<purpose>")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def show(purpose: str) -> ResponseReturnValue:
    """Show the blanks a template may hold and its versions."""
    return _page(_purpose(purpose), TemplateForm(formdata=None))


def _purpose(code: str) -> TemplatePurpose:
    if code not in set(map(str, TemplatePurpose)):
        raise NotFound()
    return TemplatePurpose(code)


def _page(purpose: TemplatePurpose, form: TemplateForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "administration/template.html",
        status=status,
        form=form,
        purpose=purpose,
        blanks=[(name, gettext(label), "." in name) for name, label in BLANKS[purpose].items()],
        versions=versions_of(db.session(), standing().body_id, purpose),
    )


@bp.post("/settings/templates/<purpose>")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def bring(purpose: str) -> ResponseReturnValue:
    """Check a template in the limited child and put it into use."""
    wanted, form = _purpose(purpose), TemplateForm()
    if not form.validate_on_submit():
        return _page(wanted, form, 422)

    def look(path: Path, name: str) -> None:
        check_template(wanted, _found(path, name))

    try:
        brought, _reading = take_in(form.file.data, look=look)
    except InvalidInput as refused:
        return _page(wanted, form, at_field(form, refused))
    with unit_of_work(signed_in()) as work:
        made = bring_template(work, work.actor.body, wanted, brought, form.note.data)
        version = made.version
    return done(
        gettext("Version %(version)s of the template is in use.", version=version),
        to=url_for("templates.show", purpose=str(wanted)),
    )


def _found(path: Path, name: str) -> dict[str, Any]:
    try:
        return workshop().look_at_template(path, name)
    except Refused as refused:
        raise told_refusal(refused, "file") from refused


@bp.get("/settings/templates/<purpose>/example")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def example(purpose: str) -> ResponseReturnValue:
    """Give a Word file with every blank of a template once, to begin one's own from."""
    wanted = _purpose(purpose)
    with force_locale(signed_in().body.locale):
        words = [(name, gettext(label)) for name, label in BLANKS[wanted].items()]
        title = gettext(wanted.label)
    lists: dict[str, list[tuple[str, str]]] = {}
    for name, label in words:
        if "." in name:
            lists.setdefault(name.partition(".")[0], []).append((name, label))
    plain = [(name, label) for name, label in words if "." not in name]
    return send_file(
        io.BytesIO(build_example(title, plain, list(lists.values()))),
        mimetype=DOCX,
        as_attachment=True,
        download_name=f"{wanted} example.docx",
        etag=False,
    )


@bp.get("/settings/templates/versions/<int:template_id>/file")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def file(template_id: int) -> ResponseReturnValue:
    """Give a version as it was brought."""
    found = template(db.session(), standing(), template_id)
    return send_file(
        installation().store.path(found.sha256),
        mimetype=DOCX,
        as_attachment=True,
        download_name=found.name,
        etag=False,
    )


@bp.get("/settings/templates/versions/<int:template_id>/preview")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def preview(template_id: int) -> ResponseReturnValue:
    """Give a version filled with sample data: each blank says what it is."""
    found = template(db.session(), standing(), template_id)
    with force_locale(found.body.locale):
        words = {name: gettext(label) for name, label in BLANKS[found.purpose].items()}
    content = filled(found, sample(found.purpose, words))
    name = f"{found.purpose} v{found.version} sample.docx"
    return send_file(
        io.BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=name, etag=False
    )


@bp.post("/settings/templates/versions/<int:template_id>/retire")
@requires(DocumentPermission.CHANGE_TEMPLATES)
def retire(template_id: int) -> ResponseReturnValue:
    """End the use of a template; its versions stay."""
    found = template(db.session(), standing(), template_id)
    purpose = found.purpose
    with unit_of_work(signed_in()) as work:
        retire_template(work, work.fresh(found))
    return done(
        gettext("The template is no longer used."),
        to=url_for("templates.show", purpose=str(purpose)),
    )
