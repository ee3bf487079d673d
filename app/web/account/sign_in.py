"""Signing in and out, and setting a password through a one-time link (screen 1; T08, T09)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.access import KernelPermission
from app.kernel.accounts import LONGEST, SignInSession, Stage
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.people import Person
from app.kernel.permissions import standing_of
from app.kernel.signing_in import device_token, known_device, login_name, sign_in
from app.kernel.work import unit_of_work
from app.web.guard import (
    SESSION,
    cookie_name,
    current_session,
    forget_cookie,
    open_to_all,
    requires,
    session_cookie,
    signed_in,
    signed_in_or_none,
)
from app.web.navigation import landing
from app.web.page import page, safe_next, words
from forms.screen.sign_in import SignInForm

bp = Blueprint("sign_in", __name__)
DEVICE = "nenep_device"


@bp.get("/login")
@open_to_all("the door itself")
def form() -> ResponseReturnValue:
    """Ask for name and password."""
    if signed_in_or_none() is not None:
        return redirect(url_for("work.start"))
    return page(
        "account/sign_in.html", form=SignInForm(), next=safe_next(request.args.get("next", ""))
    )


@bp.post("/login")
@open_to_all("the door itself")
def enter() -> ResponseReturnValue:
    """Open a session with a new id; one message for every wrong pair."""
    asked = SignInForm()
    target = safe_next(request.form.get("next", ""))
    if not asked.validate_on_submit():
        return page("account/sign_in.html", form=asked, next=target), 422
    try:
        opened, token = sign_in(
            asked.login.data,
            asked.password.data,
            device=device_of(login_name(asked.login.data)),
            browser=request.headers.get("User-Agent", ""),
            replaces=current_session(),
        )
    except InvalidInput as refused:
        asked.password.errors = (words(refused),)
        return page("account/sign_in.html", form=asked, next=target), 422
    if opened.stage is Stage.OPEN:
        return let_in(opened, token, target)
    session.clear()
    step = "second_factor.ask" if opened.stage is Stage.CODE else "second_factor.lead"
    answer = redirect(url_for(step, next=target or None), 303)
    set_session_cookie(answer, token, secure=installation().secure_cookies)
    return answer


def let_in(opened: SignInSession, token: str, target: str) -> BaseResponse:
    """Answer a sign-in that is complete: cookies, and the page that was wanted."""
    person = opened.person
    held = standing_of(db.session(), person, today_of(person.body, datetime.now(UTC)))
    answer = redirect(target or landing(held), 303)
    give_cookies(answer, person, token)
    return answer


def give_cookies(answer: BaseResponse, person: Person, token: str) -> None:
    """Give a browser its session and remember it as a device of this account."""
    session.clear()  # a new form token for the new session
    set_session_cookie(answer, token, secure=installation().secure_cookies)
    _remember_device(answer, person.login or "")


def device_of(login: str) -> str:
    """Give the id of the device that asks, where it is one this account signed in with."""
    cookie = request.cookies.get(cookie_name(DEVICE), "")
    return known_device(installation().keys.session_key, login, cookie)


def set_session_cookie(answer: BaseResponse, token: str, *, secure: bool) -> None:
    """Give a browser the token of its session, for as long as a session may last."""
    answer.set_cookie(
        session_cookie(),
        token,
        httponly=True,
        secure=secure,
        samesite="Lax",
        path="/",
        max_age=int(LONGEST.total_seconds()),
    )


def _remember_device(answer: BaseResponse, login: str) -> None:
    device = secrets.token_urlsafe(16)
    mac = device_token(installation().keys.session_key, login, device)
    answer.set_cookie(
        cookie_name(DEVICE),
        f"{device}.{mac}",
        httponly=True,
        secure=installation().secure_cookies,
        samesite="Lax",
        path="/",  # signing in is at /login and at /b/<body>/login
        max_age=180 * 24 * 3600,
    )


@bp.post("/logout")
@requires(KernelPermission.WORK)
def leave() -> ResponseReturnValue:
    """End this session at the server; its token opens nothing afterwards."""
    opened = current_session()
    with unit_of_work(signed_in()) as work:
        if opened is not None:
            work.fresh(opened).ended_at = work.now
        work.record(KernelFact.SIGNED_OUT, work.actor)
    session.clear()
    answer = redirect(url_for("sign_in.form"), 303)
    forget_cookie(answer, SESSION)
    return answer
