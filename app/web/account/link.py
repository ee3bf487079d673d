"""Setting a password through a one-time link: opening it only shows, a button sets (T08)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.errors import InvalidInput
from app.kernel.signing_in import check_new_password, hash_password, open_link, set_password
from app.kernel.work import unit_of_work
from app.web.guard import open_to_all
from app.web.page import at_field, done, page
from forms.screen.account import SetPasswordForm

bp = Blueprint("link", __name__)


@bp.route("/link/<token>", methods=["GET", "POST"])
@open_to_all("whoever holds the link sets the password once; it is the proof itself")
def use(token: str) -> ResponseReturnValue:
    """Show whose password is set; set it by POST, once, within the hour."""
    link = open_link(token[:200], datetime.now(UTC))
    form = SetPasswordForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            check_new_password(form.password.data, link.person)
            hashed = hash_password(form.password.data)
            with unit_of_work(None) as work:
                set_password(work, link.person, hashed, link=link)
            return done(
                gettext("The password is set. Sign in with it now."), to=url_for("sign_in.form")
            )
        except InvalidInput as refused:
            status = at_field(form, refused)
    return page("account/link.html", status=status, form=form, token=token, person=link.person)
