"""How the mail server answered last, for /health and the administrators (T17)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.coded import N_, Coded
from app.kernel.db import Record
from app.kernel.work import Work

_NAME = "smtp"


class MailProblem(Coded):
    """What keeps letters from leaving, in words that say what to look at."""

    UNKNOWN_HOST = (
        "unknown_host",
        N_("The name of the mail server is not known. Check the address."),
    )
    REFUSED = "refused", N_("The mail server refuses the connection. Check address and port.")
    SILENT = "silent", N_("The mail server does not answer in time. Try later, or check the port.")
    BROKEN = "broken", N_("The mail server broke the connection off in the middle.")
    NO_ENCRYPTION = (
        "no_encryption",
        N_("The mail server offers no safe encryption. Over a network nothing is sent without."),
    )
    NO_SIGN_IN = "no_sign_in", N_("The mail server refuses the user name or password.")
    NOT_TAKEN = "not_taken", N_("The mail server does not take the letter.")


class MailState(Record):
    """The last answers of the mail server; one row an installation."""

    __tablename__ = "mail_state"

    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    taken_at: Mapped[datetime | None]  # when it took a letter last
    failing_since: Mapped[datetime | None]
    problem: Mapped[MailProblem | None]


def mail_state(session: Session) -> MailState | None:
    """Give the last answers; None before the first letter."""
    return session.scalars(sa.select(MailState).where(MailState.name == _NAME)).one_or_none()


def note_mail(work: Work, problem: MailProblem | None) -> None:
    """Note how the server answered; a failure keeps the moment of the first of its kind."""
    state = mail_state(work.session) or work.add(MailState(name=_NAME))
    if problem is None:
        state.taken_at, state.failing_since, state.problem = work.now, None, None
    else:
        state.failing_since, state.problem = state.failing_since or work.now, problem
