"""Passkeys beside the code of the phone: added in the profile, asked at the door (e12).

A little script speaks with the browser; without it everything works by the code.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.access import KernelPermission
from app.kernel.accounts import Stage
from app.kernel.errors import InvalidInput, NotFound, Refusal
from app.kernel.passkeys import (
    NOT_TAKEN,
    add_passkey,
    give_passkey,
    options_to_add,
    options_to_enter,
    options_to_sign,
    remove_passkey,
)
from app.kernel.signing_in import prove
from app.kernel.work import unit_of_work
from app.web.account.second_factor import code_page, own_page
from app.web.account.sign_in import device_of, let_in
from app.web.guard import current_session, half_session, open_to_all, requires, signed_in
from app.web.page import at_field, done, safe_next, words
from forms.screen.account import CodeForm, PasskeyAnswerForm, PasskeyForm

bp = Blueprint("passkeys", __name__)


def _said(refused: Refusal) -> tuple[Response, int]:
    """Answer the script with words that it shows."""
    return jsonify(problem=words(refused)), 422


@bp.post("/profile/passkeys/options")
@requires(KernelPermission.WORK)
def options() -> ResponseReturnValue:
    """Give the browser a challenge to make a passkey for, after password and code."""
    form, here = PasskeyForm(), current_session()
    if not form.validate() or here is None:
        problems = [str(text) for texts in form.errors.values() for text in texts]
        return jsonify(problem=" ".join(problems)), 422
    try:
        prove(signed_in(), form.password.data, form.code.data, needs_code=True)
        with unit_of_work(signed_in()) as work:
            made = options_to_add(work, here)
    except Refusal as refused:
        return _said(refused)
    return Response(made, mimetype="application/json")


@bp.post("/profile/passkeys")
@requires(KernelPermission.WORK)
def add() -> ResponseReturnValue:
    """Keep the passkey that the browser has made."""
    form, here = PasskeyAnswerForm(), current_session()
    if not form.validate() or here is None:
        shown = PasskeyForm(formdata=None)
        return own_page(passkey=shown, status=at_field(shown, InvalidInput(NOT_TAKEN)))
    try:
        add_passkey(signed_in(), here, form.answer.data, form.name.data or gettext("Passkey"))
    except InvalidInput as refused:
        shown = PasskeyForm(formdata=None)
        return own_page(passkey=shown, status=at_field(shown, refused))
    return done(gettext("The passkey is added."), to=url_for("second_factor.show"))


@bp.post("/profile/passkeys/<int:key_id>/removal")
@requires(KernelPermission.WORK)
def remove(key_id: int) -> ResponseReturnValue:
    """Forget one of one's own passkeys; the code of the phone stays."""
    with unit_of_work(signed_in()) as work:
        remove_passkey(work, key_id)
    return done(gettext("The passkey is removed."), to=url_for("second_factor.show"))


@bp.post("/profile/passkeys/signing")
@requires(KernelPermission.WORK)
def sign() -> ResponseReturnValue:
    """Give the browser a challenge to answer with a passkey when something is signed."""
    here = current_session()
    if here is None:
        return jsonify(problem=gettext("Sign in again.")), 422
    try:
        return Response(options_to_sign(signed_in(), here), mimetype="application/json")
    except NotFound as refused:
        return _said(refused)


@bp.post("/login/passkey/options")
@open_to_all("the second step of the door")
def ask() -> ResponseReturnValue:
    """Give the browser a challenge to answer with a passkey, after the right password."""
    half = half_session(Stage.CODE)
    if half is None:
        return jsonify(problem=gettext("Sign in again.")), 422
    try:
        return Response(options_to_enter(half), mimetype="application/json")
    except NotFound as refused:
        return _said(refused)


@bp.post("/login/passkey")
@open_to_all("the second step of the door")
def enter() -> ResponseReturnValue:
    """Open the door for the right answer of a passkey."""
    half = half_session(Stage.CODE)
    if half is None:
        return redirect(url_for("sign_in.form", expired=1), 303)
    form = PasskeyAnswerForm()
    shown = CodeForm(formdata=None)
    if not form.validate():
        return code_page(shown, at_field(shown, InvalidInput(NOT_TAKEN, field="code")))
    try:
        device = device_of(half.person.login or "")
        opened, token = give_passkey(half, form.answer.data, device=device)
    except InvalidInput as refused:
        return code_page(shown, at_field(shown, refused))
    return let_in(opened, token, safe_next(request.values.get("next", "")))
