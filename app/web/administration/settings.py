"""How this body works: codes, intervals, days, whom to ask (screen 33; D7, D10, O6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.install import installation
from app.kernel.organisation import Body, units_of
from app.kernel.work import unit_of_work
from app.web.guard import requires, signed_in, standing
from app.web.page import done, page, words
from documents.body_settings import (
    Effect,
    change_body_settings,
    check_settings,
    differing,
    effects,
    example,
    may_escalate_to,
)
from documents.models import DocumentKind
from documents.seal_state import seal_state
from forms.screen.settings import KIND_SETTINGS, PLAIN, SettingsForm

bp = Blueprint("settings", __name__)


def own_body() -> Body:
    """Give the body the viewer works in."""
    body = db.session.get(Body, standing().body_id)
    if body is None:
        raise NotFound()
    return body


def typed_again() -> list[tuple[str, str]]:
    """Give what was typed, for the form that asks once more before it counts."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "confirmed", "again")
    ]


@bp.get("/settings")
@requires(KernelPermission.CHANGE_SETTINGS)
def overview() -> ResponseReturnValue:
    """Show the settings as they are."""
    body = own_body()
    return _asked(_form(body), body)


@bp.post("/settings")
@requires(KernelPermission.CHANGE_SETTINGS)
def change() -> ResponseReturnValue:
    """Show what a change means; saved when it is confirmed."""
    body = own_body()
    form = _form(body, is_new=False)
    if not form.validate_on_submit():
        return _asked(form, body), 422
    wanted = form.wanted()
    try:
        if request.form.get("again"):
            return _asked(form, body)
        if request.form.get("confirmed"):
            with unit_of_work(signed_in()) as work:
                fresh = work.fresh(body, seen=form.row_version.data)
                change_body_settings(work, fresh, wanted)
            return done(gettext("The settings are saved."), to=url_for("settings.overview"))
        check_settings(db.session(), body, differing(body, wanted))
        found = effects(db.session(), body, wanted, standing().on.year)
    except InvalidInput as refused:
        _show_at_field(form, refused)
        return _asked(form, body), 422
    if not found:
        return done(gettext("Nothing was changed."), to=url_for("settings.overview"))
    return page(
        "administration/settings_change.html",
        lines=[_line(effect, body) for effect in found],
        typed=typed_again(),
    )


@bp.get("/settings/example/<kind>")
@requires(KernelPermission.CHANGE_SETTINGS)
def show_example(kind: str) -> ResponseReturnValue:
    """Show the code a scheme gives, while it is typed."""
    if kind not in set(map(str, DocumentKind)):
        raise NotFound()
    scheme = request.args.get(f"scheme_{kind}", "").strip()[:60]
    prefix = request.args.get(f"prefix_{kind}", "").strip()[:20]
    text, is_wrong = _example(own_body(), DocumentKind(kind), scheme, prefix)
    return page("administration/_example.html", text=text, is_wrong=is_wrong)


def _example(body: Body, kind: DocumentKind, scheme: str, prefix: str) -> tuple[str, bool]:
    units = units_of(db.session(), body.id)
    unit = next((unit for unit in units if unit.parent_id is not None), units[0])
    try:
        return example(scheme, prefix, kind, unit, standing().on.year), False
    except InvalidInput as refused:
        return words(refused), True


def _form(body: Body, *, is_new: bool = True) -> SettingsForm:
    present: dict[str, Any] = {name: body.setting(name) for name in PLAIN}
    for name, setting in KIND_SETTINGS.items():
        for kind in DocumentKind:
            present[f"{name}_{kind}"] = body.setting(setting)[str(kind)]
    present["escalation_person_id"] = str(body.setting("escalation_person_id") or "")
    present["row_version"] = body.row_version
    form = SettingsForm(data=present if is_new else None)
    form.escalation_person_id.choices = [
        SelectChoice("", gettext("nobody")),
        *(
            SelectChoice(str(person.id), person.name)
            for person in may_escalate_to(db.session(), body)
        ),
    ]
    return form


def _asked(form: SettingsForm, body: Body) -> Any:
    return page(
        "administration/settings.html",
        form=form,
        kinds=[
            (
                kind,
                *_example(
                    body,
                    kind,
                    (form.of_kind("scheme", kind).data or "")[:60],
                    (form.of_kind("prefix", kind).data or "")[:20],
                ),
            )
            for kind in DocumentKind
        ],
        has_overseer=body.overseer_id is not None,
        seal=seal_state(installation(), body, datetime.now(UTC)),
        has_clock=bool(installation().timestamp_url),
    )


def _show_at_field(form: SettingsForm, refused: InvalidInput) -> None:
    if refused.field in form:
        form[refused.field].errors = (words(refused),)
    else:
        form.form_errors.append(words(refused))


def _line(effect: Effect, body: Body) -> dict[str, Any]:
    """Give one change as the page tells it."""
    people = {person.id: person.name for person in may_escalate_to(db.session(), body)}
    shown = {None: gettext("nobody"), "": gettext("nobody")} | people
    before, after = effect.before, effect.after
    if effect.name in ("escalation_person_id", "help_phone"):
        before, after = shown.get(before, before), shown.get(after, after)
    if isinstance(after, bool):
        said = {True: gettext("yes"), False: gettext("no")}
        before, after = said[bool(before)], said[after]
    return {
        "name": effect.name,
        "kind": effect.kind,
        "before": before,
        "after": after,
        "documents": effect.documents,
        "example_before": effect.example_before,
        "example_after": effect.example_after,
    }
