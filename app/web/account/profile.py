"""One's own account: data, language, shortcuts, password, signed-in browsers (T08)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.kernel import directory
from app.kernel.access import KernelPermission
from app.kernel.account import change_preferences, end_own_session
from app.kernel.accounts import SignInSession
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.factors import factor_of
from app.kernel.install import installation
from app.kernel.signing_in import (
    change_password,
    check_new_password,
    hash_password,
    open_session,
    prove,
)
from app.kernel.work import unit_of_work
from app.web.account.sign_in import set_session_cookie
from app.web.guard import current_session, forget_cookie, requires, signed_in, standing
from app.web.language import COOKIE
from app.web.page import at_field, done, page
from forms.screen.account import ChangePasswordForm, PreferencesForm

bp = Blueprint("profile", __name__)


def _profile(
    preferences: PreferencesForm | None = None,
    password: ChangePasswordForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    person = signed_in()
    if preferences is None:
        preferences = PreferencesForm(formdata=None, obj=person)
    return page(
        "account/profile.html",
        status=status,
        person=person,
        on=standing().on,
        preferences=preferences,
        password=password or ChangePasswordForm(formdata=None),
        sessions=directory.open_sessions(db.session(), person, datetime.now(UTC)),
        current=current_session(),
        grants=standing().grants,
        posts=[each for each in person.posts if each.from_on <= standing().on],
        delegators=standing().delegators,
        factor=factor_of(db.session(), person),
    )


@bp.get("/profile")
@requires(KernelPermission.WORK)
def show() -> ResponseReturnValue:
    """Show one's own data, what one may, and where one is signed in."""
    return _profile()


@bp.post("/profile/preferences")
@requires(KernelPermission.WORK)
def prefer() -> ResponseReturnValue:
    """Keep the language of letters and pages, and whether single keys act."""
    form = PreferencesForm()
    if not form.validate():
        return _profile(preferences=form, status=422)
    with unit_of_work(signed_in()) as work:
        change_preferences(work, language=form.language.data, single_keys=form.single_keys.data)
    with force_locale(form.language.data):
        message = gettext("Your settings are kept.")
    answer = done(message, to=url_for("profile.show"))
    forget_cookie(answer, COOKIE)  # a choice made earlier by link must not win over this
    return answer


@bp.post("/profile/password")
@requires(KernelPermission.WORK)
def password() -> ResponseReturnValue:
    """Change the password with the present one; every other signed-in browser ends."""
    form = ChangePasswordForm()
    if not form.validate():
        return _profile(password=form, status=422)
    person = signed_in()
    try:
        check_new_password(form.password.data, person)
    except InvalidInput as refused:
        return _profile(password=form, status=at_field(form, refused))
    try:
        prove(person, form.present_password.data, needs_code=False)
    except InvalidInput as refused:
        refused.field = "present_password"
        return _profile(password=form, status=at_field(form, refused))
    hashed, here = hash_password(form.password.data), current_session()
    with unit_of_work(person) as work:
        change_password(work, work.actor, hashed)
        _fresh, token = open_session(work, work.actor, browser=here.browser if here else "")
    session.clear()  # a new form token for the new session
    answer = done(
        gettext("The password is changed. Every other browser has to sign in again."),
        to=url_for("profile.show"),
    )
    set_session_cookie(answer, token, secure=installation().secure_cookies)
    return answer


@bp.post("/profile/sessions/<int:session_id>")
@requires(KernelPermission.WORK)
def end(session_id: int) -> ResponseReturnValue:
    """End one of one's own signed-in browsers."""
    found = db.session.get(SignInSession, session_id)
    if found is None or found.person_id != signed_in().id:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        end_own_session(work, work.fresh(found))
    return done(gettext("That browser is signed out."), to=url_for("profile.show"))
