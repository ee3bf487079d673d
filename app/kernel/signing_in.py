"""Proving who one is: passwords, guesses, sessions, one-time links (T08, T09)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import unicodedata
from datetime import UTC, datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.accounts import (
    GUESS_WINDOW,
    MOST_GUESSES,
    Guess,
    OneTimeLink,
    SignInSession,
    Stage,
)
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.factors import factor_of, first_stage
from app.kernel.facts import KernelFact
from app.kernel.people import Person
from app.kernel.signatures import Proof
from app.kernel.typed_code import WRONG_CODE, TypedCode
from app.kernel.work import Work, unit_of_work

log = logging.getLogger("nenep")
_HASHER = PasswordHasher()
# Checked when nobody of that name exists, so that both answers take the same time. It opens
# nothing; written out, because making one takes as long as the rest of a start.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$lceruRIgi13uWcGJn8yoOg"
    "$g3XRdgVdKohCs15u0p7lvzT17ynSdaQmdLJpDwjkOXc"
)
SHORTEST = 10
LONGEST = 256

WRONG = N_("The name or the password is wrong. Check both, or ask for a new one-time link.")
LOCKED = N_(
    "Too many wrong passwords. Try again at %(until)s, or ask your administrator "
    "for a one-time link."
)
NOT_YOURS = N_("This is not your password. Type it again to sign.")
NO_FACTOR = N_(
    "A code is asked for here and you have none. Set up the second factor in your profile first."
)


def normalised(password: str) -> str:
    """Give the one form of a typed password: NFKC, as keyboards and phones compose differently."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return _HASHER.hash(normalised(password))


def password_fits(person: Person | None, password: str) -> bool:
    """Check a password; takes as long for nobody as for somebody."""
    stored = person.password_hash if person is not None else None
    try:
        return (
            _HASHER.verify(stored or _NOBODY, normalised(password)[:LONGEST]) and stored is not None
        )
    except (VerificationError, InvalidHashError):
        return False


def digest(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def login_name(typed: str) -> str:
    """Give the one form of a typed account name."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:80]


def device_token(key: bytes, login: str, device: str) -> str:
    """Sign a device for one account, so that a stranger's guesses do not lock its owner out."""
    return hmac.new(key, f"device\0{login}\0{device}".encode(), hashlib.sha256).hexdigest()


def known_device(key: bytes, login: str, cookie: str) -> str:
    """Give the device's id when its cookie was signed for this account, else an empty text."""
    device, _, mac = cookie.partition(".")
    wanted = device_token(key, login, device.encode("utf-8", "replace").decode())
    if not device or not hmac.compare_digest(wanted.encode(), mac.encode("utf-8", "replace")):
        return ""
    return digest(device)


def locked_until(login: str, device: str, now: datetime) -> datetime | None:
    """Say until when an account takes no guesses from such a device; None when it does."""
    recent = db.session.scalars(
        sa.select(Guess.at)
        .where(
            Guess.login_digest == digest(login),
            Guess.device == device,
            Guess.at > now - GUESS_WINDOW,
        )
        .order_by(Guess.at.desc())
        .limit(MOST_GUESSES)
    ).all()
    return recent[-1] + GUESS_WINDOW if len(recent) >= MOST_GUESSES else None


def count_guess(
    login: str, device: str, now: datetime, person: Person | None, fact: KernelFact
) -> bool:
    """Count a guess before the password is checked; False when there were too many already.

    Counting first, under the write lock, is what makes ten mean ten for parallel guesses too.
    """
    with unit_of_work(None, now=now) as work:
        if work.session.get_bind().dialect.name == "postgresql":
            lock = int(digest(login)[:15], 16)
            work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
        if locked_until(login, device, now) is not None:
            if person is not None and fact is KernelFact.SIGNATURE_REFUSED:
                work.record(fact, work.fresh(person), locked=True)
            else:  # anybody may type on at a locked account: the trail does not grow by it
                log.info("refused", extra={"why": "locked"})
            return False
        work.add(Guess(login_digest=digest(login), device=device, at=now))
    return True


def forget_guess(login: str, device: str, work: Work) -> None:
    """Forget the guesses of a device that just gave the right password."""
    work.session.execute(
        sa.delete(Guess).where(Guess.login_digest == digest(login), Guess.device == device)
    )


def forget_old_guesses(work: Work) -> None:
    """Forget guesses that no longer count for anybody."""
    work.session.execute(sa.delete(Guess).where(Guess.at < work.now - 2 * GUESS_WINDOW))


def sign_in(
    typed: str,
    password: str,
    *,
    device: str,
    browser: str,
    now: datetime | None = None,
    replaces: SignInSession | None = None,
) -> tuple[SignInSession, str]:
    """Open a session for a name and a password; give it and its token, which is kept nowhere.

    Where a second factor is on, or asked for, the session opens nothing before that step is done.
    `replaces` is the session this browser had: it ends, so that one browser holds one.
    Raises InvalidInput with one message for every wrong pair, or when guesses are used up.
    """
    now = now or datetime.now(UTC)
    login = login_name(typed)
    person = db.session.scalars(sa.select(Person).where(Person.login == login)).one_or_none()
    if not count_guess(login, device, now, person, KernelFact.SIGN_IN_REFUSED):
        until = locked_until(login, device, now) or now
        raise InvalidInput(LOCKED, field="password", until=until)
    fits = password_fits(person, password)
    if person is None or not fits or person.disabled_at is not None:
        with unit_of_work(None, now=now) as work:
            # one write for either, so that the time taken tells nobody which names exist
            if person is not None:
                work.record(KernelFact.SIGN_IN_REFUSED, work.fresh(person))
            else:
                forget_old_guesses(work)
        raise InvalidInput(WRONG, field="password")
    with unit_of_work(person, now=now) as work:
        if replaces is not None:
            work.fresh(replaces).ended_at = work.now
        forget_guess(login, device, work)
        stage = first_stage(work.session, work.actor, work.today)
        session, token = open_session(work, work.actor, browser=browser, stage=stage)
        if stage is Stage.OPEN:
            work.record(KernelFact.SIGNED_IN, work.actor)
    return session, token


def open_session(
    work: Work, person: Person, *, browser: str, stage: Stage = Stage.OPEN
) -> tuple[SignInSession, str]:
    """Make a session row and its token of 256 random bits."""
    token = secrets.token_urlsafe(32)
    session = SignInSession(
        token_digest=digest(token),
        person_id=person.id,
        started_at=work.now,
        seen_at=work.now,
        browser=browser[:200],
        stage=stage,
    )
    work.add(session)
    return session, token


def prove(
    person: Person,
    password: str,
    code: str | None = None,
    *,
    now: datetime | None = None,
    needs_code: bool | None = None,
) -> Proof:
    """Check the signer's own password, and the code where the body asks for one with signatures.

    `needs_code` says otherwise: changing the second factor itself has rules of its own.
    Guesses of both count as at sign-in, in a count of their own.
    """
    now = now or datetime.now(UTC)
    counted = f"sign\0{person.id}"
    if not count_guess(counted, "", now, person, KernelFact.SIGNATURE_REFUSED):
        until = locked_until(counted, "", now) or now
        raise InvalidInput(LOCKED, field="password", until=until)
    if not password_fits(person, password):
        signature_refused(person, now)
        raise InvalidInput(NOT_YOURS, field="password")
    asks = person.body.setting("factor_at_signing") if needs_code is None else needs_code
    if asks and factor_of(db.session(), person) is None:
        raise InvalidInput(NO_FACTOR, field="code")
    spent = TypedCode.of(person, code or "") if asks else None
    with unit_of_work(None, now=now) as work:
        taken = spent is None or spent.use(work, person)
        if taken:
            forget_guess(counted, "", work)
    if not taken:
        signature_refused(person, now)
        raise InvalidInput(WRONG_CODE, field="code")
    method = "password" if spent is None else "password+code"
    return Proof(person_id=person.id, method=method, proved_at=now)


def signature_refused(person: Person, now: datetime) -> None:
    """Tell that a signature was refused, in a unit of work of its own."""
    with unit_of_work(None, now=now) as work:
        work.record(KernelFact.SIGNATURE_REFUSED, work.fresh(person))


def make_link(work: Work, person: Person) -> str:
    """Make a one-time link that sets a password; older open links of the person end."""
    for link in work.session.scalars(
        sa.select(OneTimeLink).where(
            OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None)
        )
    ):
        link.used_at = work.now
    token = secrets.token_urlsafe(32)
    work.add(OneTimeLink(token_digest=digest(token), person_id=person.id, made_at=work.now))
    work.record(KernelFact.LINK_MADE, person)
    return token


def open_link(token: str, now: datetime) -> OneTimeLink:
    """Give an open one-time link by its token."""
    link = db.session.scalars(
        sa.select(OneTimeLink).where(OneTimeLink.token_digest == digest(token))
    ).one_or_none()
    if link is None or not link.is_open(now) or link.person.disabled_at is not None:
        raise NotFound(N_("This link was used already or is over an hour old. Ask for a new one."))
    return link


def check_new_password(password: str, person: Person) -> None:
    """Refuse passwords that are short or say who one is."""
    password = normalised(password)
    if len(password) < SHORTEST:
        raise InvalidInput(
            N_("The password needs at least %(count)s characters; four words are good."),
            field="password",
            count=SHORTEST,
        )
    if len(password) > LONGEST:
        raise InvalidInput(N_("The password is too long."), field="password")
    if person.login and person.login in password.casefold():
        raise InvalidInput(N_("The password may not hold your account name."), field="password")
    if len(set(password)) < 5:
        raise InvalidInput(N_("The password repeats too few characters."), field="password")


def set_password(work: Work, person: Person, password_hash: str, *, link: OneTimeLink) -> None:
    """Set a password through an open link; every signed-in browser of the person ends."""
    link = work.fresh(link)
    if not link.is_open(work.now):
        raise RuleBroken(
            N_("This link was used already or is over an hour old. Ask for a new one.")
        )
    link.used_at = work.now
    person = work.fresh(person)
    person.password_hash = password_hash
    end_sessions(work, person)
    work.record(KernelFact.PASSWORD_SET, person)


def change_password(work: Work, person: Person, password_hash: str) -> None:
    """Set a new password for oneself; every signed-in browser ends."""
    person = work.fresh(person)
    person.password_hash = password_hash
    end_sessions(work, person)
    work.record(KernelFact.PASSWORD_SET, person)


def end_sessions(work: Work, person: Person) -> int:
    """End every signed-in browser of a person; give their number."""
    alive = work.session.scalars(
        sa.select(SignInSession).where(
            SignInSession.person_id == person.id, SignInSession.ended_at.is_(None)
        )
    ).all()
    for session in alive:
        session.ended_at = work.now
    return len(alive)
