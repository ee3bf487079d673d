"""The mail server as the administrator sees it: how it answered, and a letter to oneself (T17)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.kernel.access import KernelPermission
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.install import installation
from app.kernel.mail_state import mail_state, note_mail
from app.kernel.work import unit_of_work
from app.mail import Trial, envelope, server_of, try_out
from app.web.guard import requires, signed_in
from app.web.page import page

bp = Blueprint("mail", __name__)


def _page(trial: Trial | None = None) -> ResponseReturnValue:
    here = installation()
    parts = urlsplit(here.smtp_url)
    return page(
        "administration/mail.html",
        is_set=bool(here.smtp_url),
        server=parts.hostname or "",
        sender=here.mail_from,
        state=mail_state(db.session()),
        person=signed_in(),
        trial=trial,
    )


@bp.get("/settings/mail")
@requires(KernelPermission.TEST_MAIL)
def show() -> ResponseReturnValue:
    """Show which server letters go to, and how it answered last."""
    return _page()


@bp.post("/settings/mail")
@requires(KernelPermission.TEST_MAIL)
def test() -> ResponseReturnValue:
    """Send a letter to oneself and show the server's answer; a silent one is waited for briefly."""
    person, here, now = signed_in(), installation(), datetime.now(UTC)
    if not here.smtp_url:
        raise RuleBroken(N_("No mail server is set. The operator sets NENEP_SMTP_URL."))
    if not person.email:
        raise RuleBroken(N_("You have no e-mail address here. Give yourself one first."))
    with force_locale(person.language):
        letter = envelope(person, gettext("Nền Nếp: a trial letter"), now, f"trial {now}")
        letter.set_content(gettext("This letter was sent to try the mail server out."))
    trial = try_out(server_of(here.smtp_url), letter)
    with unit_of_work(person) as work:
        note_mail(work, trial.problem)
    return _page(trial)
