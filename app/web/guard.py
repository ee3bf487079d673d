"""The door: who is asking, and whether they may try (T1, T05, T07, T08)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.accounts import SignInSession, Stage
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.errors import Busy, Forbidden, Refusal, Stale
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.people import Person
from app.kernel.permissions import Permission, Standing, may, standing_of
from app.kernel.signing_in import digest
from app.kernel.work import unit_of_work

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_SIGN_IN, _STANDING = "nenep.sign_in", "nenep.standing"  # read once a request
# every request asks this first: it is put together once
_BY_TOKEN = (
    sa.select(SignInSession)
    .options(joinedload(SignInSession.person).joinedload(Person.body))
    .where(SignInSession.token_digest == sa.bindparam("digest"))
)
SESSION = "nenep"
SEEN_EVERY = 60  # seconds between two notes of a session's last use


def cookie_name(name: str) -> str:
    """Give the name of a cookie of ours; its __Host- form, ours alone, needs https."""
    return f"__Host-{name}" if installation().secure_cookies else name


def forget_cookie(answer: BaseResponse, name: str) -> None:
    """Take a cookie of ours away; a __Host- one goes only with what it came with."""
    answer.delete_cookie(
        cookie_name(name),
        path="/",
        secure=installation().secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def session_cookie() -> str:
    """Give the name of the session's cookie."""
    return cookie_name(SESSION)


def _session_of_cookie() -> SignInSession | None:
    """Give the session whose token this browser holds, read once, whether it opens or not."""
    if _SIGN_IN not in request.environ:
        request.environ[_SIGN_IN] = None
        token = request.cookies.get(session_cookie(), "")
        if token and len(token) < 200:
            request.environ[_SIGN_IN] = db.session.scalars(
                _BY_TOKEN, {"digest": digest(token)}
            ).one_or_none()
    return cast("SignInSession | None", request.environ[_SIGN_IN])


def current_session() -> SignInSession | None:
    """Give the alive session of this request: nothing else opens the door."""
    found = _session_of_cookie()
    return found if found is not None and found.is_alive(datetime.now(UTC)) else None


def half_session(stage: Stage) -> SignInSession | None:
    """Give the sign-in whose password was right and whose second step is still open."""
    found = _session_of_cookie()
    is_half = found is not None and found.stage is stage and found.is_half(datetime.now(UTC))
    return found if is_half else None


def note_use() -> None:
    """Move the idle limit on, at most once a minute; a page that only reads stays a read."""
    session = current_session()
    now = datetime.now(UTC)
    if session is None or (now - session.seen_at).total_seconds() < SEEN_EVERY:
        return
    # where the database is busy the note is not taken: the page matters more
    with suppress(Busy, Stale), unit_of_work(None, now=now) as work:
        work.session.execute(
            sa.update(SignInSession)
            .where(SignInSession.id == session.id, SignInSession.ended_at.is_(None))
            .values(seen_at=now)
        )


def signed_in_or_none() -> Person | None:
    """Give the person who is asking, the real record; None for strangers."""
    session = current_session()
    return session.person if session is not None else None


def signed_in() -> Person:
    """Give the person who is asking; the door has made sure there is one."""
    person = signed_in_or_none()
    if person is None:
        raise Forbidden("signed_in")
    return person


def standing() -> Standing:
    """Give what the asking person may, read afresh on every request."""
    if _STANDING not in request.environ:
        person = signed_in()
        request.environ[_STANDING] = standing_of(
            db.session(), person, today_of(person.body, datetime.now(UTC))
        )
    return cast(Standing, request.environ[_STANDING])


def may_now(permission: Permission, record: Any = None) -> bool:
    """Say for a page whether the viewer may try an act."""
    return may(standing(), permission, record)


def must(permission: Permission, record: Any) -> None:
    """Refuse a page about one record to those who may not try the act there."""
    if not may(standing(), permission, record):
        raise Forbidden(str(permission), record)


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only those in who might do such a thing somewhere; the act asks about the record."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> ResponseReturnValue:
            if signed_in_or_none() is None:
                return to_sign_in()
            if not may(standing(), permission):
                raise Forbidden(str(permission))
            return view(*args, **values)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def open_to_all(reason: str) -> Callable[[View], View]:
    """Let everybody in, signed in or not; the reason is read by a test and by people."""

    def decorate(view: View) -> View:
        view.open_reason = reason  # type: ignore[attr-defined]
        return view

    return decorate


def to_sign_in() -> ResponseReturnValue:
    """Send a stranger to the sign-in page; the page they wanted is remembered by its path."""
    if request.headers.get("HX-Request") or request.method != "GET":
        return redirect(url_for("sign_in.form", next=_here(), expired=1), 303)
    return redirect(url_for("sign_in.form", next=_here()), 303)


def _here() -> str:
    """Give the page that was asked for; for what was sent, the page it was sent from."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.script_root + request.full_path.rstrip("?") if request.path != "/" else ""
    sent_from = urlsplit(request.headers.get("Referer", ""))
    if sent_from.netloc != request.host or not sent_from.path.startswith("/"):
        return ""
    return sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")


def told_path() -> str:
    """Give the path of this request for trail and log: a token in it is a secret and left out."""
    path = request.path
    for name, value in (request.view_args or {}).items():
        if name == "token":
            path = path.replace(str(value), "…")
    return path[:200]


def record_refusal(refused: Refusal) -> None:
    """Record that a signed-in person was refused, in a unit of work of its own (T1).

    What is not there and what is not for them are recorded alike: neither page, nor time, nor
    trail tells the two apart.
    """
    person = signed_in_or_none()
    if person is None:
        return
    path = told_path()
    with unit_of_work(person) as work:
        if isinstance(refused, Forbidden):
            record = refused.record
            work.record_outside(
                KernelFact.REFUSED,
                getattr(record, "__tablename__", "") or "door",
                permission=refused.permission,
                about=getattr(record, "id", None),
                path=path,
            )
        else:
            work.record_outside(KernelFact.NOT_SHOWN, "door", path=path)
