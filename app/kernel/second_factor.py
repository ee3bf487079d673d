"""Acts on the second factor: set up, confirm, turn off, take off (e12; ASVS 6.4.3, 6.5, 7.5.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.kernel.access import KernelPermission
from app.kernel.accounts import SignInSession
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.factors import (
    Passkey,
    RecoveryCode,
    SecondFactor,
    code_hash,
    factor_of,
    first_stage,
    new_codes,
    new_factor,
    pending_factor,
    tidy,
)
from app.kernel.facts import KernelFact
from app.kernel.notices import KernelNotice
from app.kernel.people import Person
from app.kernel.signing_in import (
    count_guess,
    end_sessions,
    forget_guess,
    locked_until,
    open_session,
)
from app.kernel.typed_code import WRONG_CODE, TypedCode
from app.kernel.work import Work, unit_of_work

LOCKED_CODE = N_(
    "Too many wrong codes. Try again at %(until)s, or ask your administrator to take "
    "the second factor off."
)
TOO_LATE = N_("Setting up took too long. Begin again.")
SETUP_LIVES = timedelta(minutes=30)


def begin(work: Work) -> None:
    """Make a secret for oneself to be confirmed; one that was not confirmed is forgotten."""
    known = pending_factor(work.session, work.actor)
    if known is not None and known.confirmed_at is not None:
        raise RuleBroken(N_("The second factor is on already. Turn it off to set up another."))
    if known is not None:
        work.session.delete(known)
        work.session.flush()
    work.add(new_factor(work.actor, work.now))


def hashed_codes(factor: SecondFactor) -> tuple[list[str], list[str]]:
    """Make recovery codes and their hashes; it takes a moment, so no lock is held."""
    codes = new_codes()
    return codes, [code_hash(code, factor.salt) for code in codes]


def confirm(
    work: Work, typed: str, hashes: list[str], *, browser: str
) -> tuple[SignInSession, str]:
    """Turn the second factor on by a first code; every other browser has to sign in again."""
    factor = pending_factor(work.session, work.actor)
    if factor is None or factor.made_at < work.now - SETUP_LIVES:
        raise RuleBroken(TOO_LATE)
    factor = work.fresh(factor)
    if factor.confirmed_at is not None:
        raise RuleBroken(N_("The second factor is on already. Turn it off to set up another."))
    if not factor.takes(tidy(typed), work.now):
        raise InvalidInput(WRONG_CODE, field="code")
    factor.confirmed_at = work.now
    _keep_codes(work, hashes)
    work.record(KernelFact.FACTOR_ON, work.actor)
    end_sessions(work, work.actor)
    return open_session(work, work.actor, browser=browser)


def _keep_codes(work: Work, hashes: list[str]) -> None:
    work.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == work.actor.id))
    work.session.add_all(RecoveryCode(person_id=work.actor.id, code_hash=each) for each in hashes)


def make_codes(work: Work, hashes: list[str]) -> None:
    """Replace the recovery codes; the caller has just had password and code checked."""
    if factor_of(work.session, work.actor) is None:
        raise RuleBroken(N_("The second factor is off."))
    _keep_codes(work, hashes)
    work.record(KernelFact.RECOVERY_MADE, work.actor)


def turn_off(work: Work, *, browser: str) -> tuple[SignInSession, str]:
    """Turn one's own second factor off; the caller has just had password and code checked.

    Who must have one is asked at once to set up another, for example on a new phone.
    """
    if factor_of(work.session, work.actor) is None:
        raise RuleBroken(N_("The second factor is off."))
    _forget(work, work.actor)
    work.record(KernelFact.FACTOR_OFF, work.actor)
    end_sessions(work, work.actor)
    stage = first_stage(work.session, work.actor, work.today)
    return open_session(work, work.actor, browser=browser, stage=stage)


def reset_obstacle(
    work_actor: Person, person: Person, factor: SecondFactor | None
) -> RuleBroken | None:
    """Say why nobody can take this person's second factor off; None when nothing stands so."""
    if work_actor.id == person.id:
        return RuleBroken(N_("Turn your own second factor off in your profile."))
    if factor is None:
        return RuleBroken(N_("The second factor of this person is off."))
    return None


def reset(work: Work, person: Person, *, reason: str) -> None:
    """Take the second factor of somebody who lost it off; they are told, with the reason."""
    work.require(KernelPermission.CHANGE_PEOPLE, person)
    if not reason.strip():
        raise InvalidInput(N_("Say why it is taken off."), field="reason")
    if obstacle := reset_obstacle(work.actor, person, factor_of(work.session, person)):
        raise obstacle
    take_off(work, person, reason=reason.strip())
    work.notify(
        KernelNotice.FACTOR_RESET,
        person,
        to=[person],
        administrator=work.actor.name,
        reason=reason.strip(),
    )


def take_off(work: Work, person: Person, *, reason: str) -> None:
    """Take a second factor off and end every browser of the person; told with the reason."""
    _forget(work, person)
    end_sessions(work, person)
    work.record(KernelFact.FACTOR_RESET, person, reason=reason)


def _forget(work: Work, person: Person) -> None:
    for kind in (RecoveryCode, Passkey, SecondFactor):
        work.session.execute(sa.delete(kind).where(kind.person_id == person.id))


def give_code(
    half: SignInSession, typed: str, *, device: str, now: datetime | None = None
) -> tuple[SignInSession, str]:
    """Finish a sign-in with its second step; the half session ends and a new token opens.

    Guesses count like those of passwords, for each account and device.
    """
    now = now or datetime.now(UTC)
    person, counted = half.person, f"code\0{half.person_id}"
    if not count_guess(counted, device, now, person, KernelFact.CODE_REFUSED):
        until = locked_until(counted, device, now) or now
        raise InvalidInput(LOCKED_CODE, field="code", until=until)
    code = TypedCode.of(person, typed)
    with unit_of_work(person, now=now) as work:
        if code.use(work, work.actor):
            forget_guess(counted, device, work)
            return finish(work, half)
    with unit_of_work(None, now=now) as work:
        work.record(KernelFact.CODE_REFUSED, work.fresh(person))
    raise InvalidInput(WRONG_CODE, field="code")


def finish(work: Work, half: SignInSession) -> tuple[SignInSession, str]:
    """Open the door for a sign-in whose second step is done."""
    half = work.fresh(half)
    if not half.is_half(work.now):
        raise Stale()
    half.ended_at = work.now
    opened, token = open_session(work, work.actor, browser=half.browser)
    work.record(KernelFact.SIGNED_IN, work.actor)
    return opened, token
