"""The second factor: asked at the door, set up and turned off in the profile (e12; T09).

A sign-in whose password was right is half done: its session opens nothing but these pages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import segno
from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.access import KernelPermission
from app.kernel.accounts import Stage
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.factors import (
    codes_left,
    factor_of,
    needs_factor,
    passkeys_of,
    pending_factor,
)
from app.kernel.install import installation
from app.kernel.passkeys import host
from app.kernel.people import Person
from app.kernel.second_factor import (
    SETUP_LIVES,
    TOO_LATE,
    begin,
    confirm,
    give_code,
    hashed_codes,
    make_codes,
    turn_off,
)
from app.kernel.signing_in import prove
from app.kernel.work import unit_of_work
from app.web.account.sign_in import device_of, give_cookies, let_in, set_session_cookie
from app.web.guard import (
    current_session,
    half_session,
    open_to_all,
    requires,
    signed_in,
    standing,
)
from app.web.page import at_field, done, page, safe_next
from forms.screen.account import CodeForm, PasskeyForm, PasswordAndCodeForm, PasswordForm

bp = Blueprint("second_factor", __name__)
ISSUER = "Nền Nếp"


def _target() -> str:
    return safe_next(request.values.get("next", ""))


@bp.get("/login/code")
@open_to_all("the second step of the door")
def ask() -> ResponseReturnValue:
    """Ask for the code of the phone, or a recovery code, after the right password."""
    if half_session(Stage.CODE) is None:
        return redirect(url_for("sign_in.form"), 303)
    return code_page(CodeForm(formdata=None))


def code_page(form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """Ask for the code, or offer the passkey where there is one."""
    half = half_session(Stage.CODE)
    return page(
        "account/code.html",
        status=status,
        form=form,
        next=_target(),
        is_recovery=bool(request.values.get("recovery")),
        has_passkey=half is not None and bool(host() and passkeys_of(db.session(), half.person)),
    )


@bp.post("/login/code")
@open_to_all("the second step of the door")
def give() -> ResponseReturnValue:
    """Open the door for the right code; a wrong one counts like a wrong password."""
    half = half_session(Stage.CODE)
    if half is None:
        return redirect(url_for("sign_in.form", expired=1), 303)
    form = CodeForm()
    if not form.validate():
        return code_page(form, 422)
    try:
        opened, token = give_code(half, form.code.data, device=device_of(half.person.login or ""))
    except InvalidInput as refused:
        return code_page(form, at_field(form, refused))
    return let_in(opened, token, _target())


@bp.get("/login/setup")
@open_to_all("the second step of the door, for those who have none yet")
def lead() -> ResponseReturnValue:
    """Lead somebody who must have a second factor to setting one up."""
    half = half_session(Stage.SETUP)
    if half is None:
        return redirect(url_for("sign_in.form"), 303)
    return _lead_page(half.person, CodeForm(formdata=None))


def _lead_page(person: Person, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "account/lead.html", status=status, form=form, next=_target(), **_setup_values(person)
    )


@bp.post("/login/setup")
@open_to_all("the second step of the door, for those who have none yet")
def lead_begin() -> ResponseReturnValue:
    """Make the secret that is shown next; the password was right a moment ago."""
    half = half_session(Stage.SETUP)
    if half is None:
        return redirect(url_for("sign_in.form", expired=1), 303)
    with unit_of_work(half.person) as work:
        begin(work)
    return redirect(url_for("second_factor.lead", next=_target() or None), 303)


@bp.post("/login/setup/confirm")
@open_to_all("the second step of the door, for those who have none yet")
def lead_confirm() -> ResponseReturnValue:
    """Turn it on by a first code, open the door, show the recovery codes this once."""
    half = half_session(Stage.SETUP)
    if half is None:
        return redirect(url_for("sign_in.form", expired=1), 303)
    form, person = CodeForm(), half.person
    if not form.validate():
        return _lead_page(person, form, 422)
    try:
        return _turned_on(person, form.code.data, half.browser, _target())
    except (InvalidInput, RuleBroken) as refused:
        return _lead_page(person, form, at_field(form, refused))


def _turned_on(person: Person, code: str, browser: str, target: str) -> ResponseReturnValue:
    factor = pending_factor(db.session(), person)
    if factor is None:
        raise RuleBroken(TOO_LATE)
    codes, hashes = hashed_codes(factor)
    with unit_of_work(person) as work:
        opened, token = confirm(work, code, hashes, browser=browser)
    answer = _codes_page(codes, target or url_for("work.start"))
    give_cookies(answer, opened.person, token)
    return answer


def _codes_page(codes: list[str], going_on: str) -> Response:
    """Show the recovery codes this once, as a page of the door: its session opens with it."""
    return page("account/recovery_codes.html", codes=codes, going_on=going_on)


def _setup_values(person: Person) -> dict[str, Any]:
    """Give what the setting-up page shows of a secret that is not confirmed yet."""
    factor = pending_factor(db.session(), person)
    now = datetime.now(UTC)
    if factor is None or factor.confirmed_at is not None or factor.made_at < now - SETUP_LIVES:
        return {"picture": "", "secret": ""}
    secret = factor.open_secret()
    picture = segno.make(factor.address(ISSUER), error="m").svg_data_uri(
        scale=4, border=4, light="#fff"
    )
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"picture": picture, "secret": spaced}


@bp.get("/profile/second-factor")
@requires(KernelPermission.WORK)
def show() -> ResponseReturnValue:
    """Show whether it is on, and what can be done with it."""
    return own_page()


def own_page(
    *,
    password: PasswordForm | None = None,
    code: CodeForm | None = None,
    both: PasswordAndCodeForm | None = None,
    passkey: PasskeyForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Show one's own second factor as it is, with what was typed."""
    person = signed_in()
    factor = factor_of(db.session(), person)
    return page(
        "account/second_factor.html",
        status=status,
        factor=factor,
        left=codes_left(db.session(), person) if factor is not None else 0,
        is_needed=needs_factor(db.session(), person, standing().on),
        password=password or PasswordForm(formdata=None),
        code=code or CodeForm(formdata=None),
        both=both or PasswordAndCodeForm(formdata=None),
        passkey=passkey or PasskeyForm(formdata=None),
        passkeys=passkeys_of(db.session(), person),
        may_have_passkeys=bool(host()),
        **({} if factor is not None else _setup_values(person)),
    )


@bp.post("/profile/second-factor")
@requires(KernelPermission.WORK)
def start() -> ResponseReturnValue:
    """Begin to set it up, with the present password."""
    form = PasswordForm()
    if not form.validate():
        return own_page(password=form, status=422)
    try:
        prove(signed_in(), form.password.data, needs_code=False)
        with unit_of_work(signed_in()) as work:
            begin(work)
    except (InvalidInput, RuleBroken) as refused:
        return own_page(password=form, status=at_field(form, refused))
    return redirect(url_for("second_factor.show"), 303)


@bp.post("/profile/second-factor/confirm")
@requires(KernelPermission.WORK)
def turn_on() -> ResponseReturnValue:
    """Turn it on by a first code; every other browser has to sign in again."""
    form, here = CodeForm(), current_session()
    if not form.validate():
        return own_page(code=form, status=422)
    try:
        browser = here.browser if here else ""
        return _turned_on(signed_in(), form.code.data, browser, url_for("profile.show"))
    except (InvalidInput, RuleBroken) as refused:
        return own_page(code=form, status=at_field(form, refused))


@bp.post("/profile/second-factor/codes")
@requires(KernelPermission.WORK)
def renew_codes() -> ResponseReturnValue:
    """Make new recovery codes, with password and code; the old ones no longer count."""
    form, person = PasswordAndCodeForm(), signed_in()
    if not form.validate():
        return own_page(both=form, status=422)
    try:
        prove(person, form.password.data, form.code.data, needs_code=True)
        factor = factor_of(db.session(), person)
        if factor is None:
            raise RuleBroken(TOO_LATE)
        codes, hashes = hashed_codes(factor)
        with unit_of_work(person) as work:
            make_codes(work, hashes)
    except (InvalidInput, RuleBroken) as refused:
        return own_page(both=form, status=at_field(form, refused))
    return _codes_page(codes, url_for("second_factor.show"))


@bp.post("/profile/second-factor/off")
@requires(KernelPermission.WORK)
def stop() -> ResponseReturnValue:
    """Turn it off, with password and code; who must have one sets up another at once."""
    form, person, here = PasswordAndCodeForm(), signed_in(), current_session()
    if not form.validate():
        return own_page(both=form, status=422)
    try:
        prove(person, form.password.data, form.code.data, needs_code=True)
        with unit_of_work(person) as work:
            opened, token = turn_off(work, browser=here.browser if here else "")
    except (InvalidInput, RuleBroken) as refused:
        return own_page(both=form, status=at_field(form, refused))
    session.clear()  # a new form token for the new session
    if opened.stage is Stage.OPEN:
        answer: BaseResponse = done(
            gettext("The second factor is off. Every other browser has to sign in again."),
            to=url_for("second_factor.show"),
        )
    else:
        answer = redirect(url_for("second_factor.lead"), 303)
    set_session_cookie(answer, token, secure=installation().secure_cookies)
    return answer
