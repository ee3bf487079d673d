"""Passkeys as the second step: a device answers a challenge that was never used before (e12).

A challenge is given only after password and code (to add one) or the password (to sign in), stands
in the session's row and counts once.
"""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.kernel.accounts import SignInSession
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.factors import Passkey, factor_of, passkeys_of
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.people import Person
from app.kernel.second_factor import LOCKED_CODE, finish
from app.kernel.signatures import Proof
from app.kernel.signing_in import (
    LOCKED,
    NOT_YOURS,
    count_guess,
    forget_guess,
    locked_until,
    password_fits,
    signature_refused,
)
from app.kernel.work import Work, unit_of_work

MOST: Final = 10
_LONGEST: Final = 20_000
NOT_TAKEN = N_(
    "The passkey was not taken: it may be another one, or too much time went by. Try again, "
    "or use the code of your phone."
)


def host() -> str:
    """Give the name passkeys belong to; nothing where the address is no name, as browsers ask."""
    name = urlsplit(installation().public_url).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return ""


def _origin() -> str:
    parts = urlsplit(installation().public_url)
    return f"{parts.scheme}://{parts.netloc}"


def options_to_add(work: Work, session: SignInSession) -> str:
    """Give what the browser needs to make a passkey; the caller had password and code checked."""
    known = passkeys_of(work.session, work.actor)
    if factor_of(work.session, work.actor) is None or not host():
        raise RuleBroken(N_("Turn the code of a phone on first; a passkey comes beside it."))
    if len(known) >= MOST:
        raise RuleBroken(N_("Ten passkeys are enough. Remove one that is no longer used first."))
    options = generate_registration_options(
        rp_id=host(),
        rp_name="Nền Nếp",
        user_name=work.actor.login or "",
        user_id=str(work.actor.id).encode(),
        user_display_name=work.actor.login or "",
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    work.fresh(session).challenge = "add " + bytes_to_base64url(options.challenge)
    return options_to_json(options)


def _described(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential)) for key in known]


def _spent(work: Work, session: SignInSession, purpose: str) -> bytes:
    """Take the challenge of a session; it counts once, whatever comes of it."""
    fresh = work.fresh(session)
    word, _, text = fresh.challenge.partition(" ")
    fresh.challenge = ""
    return base64url_to_bytes(text) if word == purpose else b""


def add_passkey(person: Person, session: SignInSession, answer: str, name: str) -> None:
    """Keep the public half of a passkey the browser has made for this challenge."""
    with unit_of_work(person) as work:
        challenge = _spent(work, session, "add")
    if not challenge:
        raise InvalidInput(NOT_TAKEN, field="name")
    try:
        made = verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=host(),
            expected_origin=_origin(),
        )
    except Exception as problem:  # whatever is wrong with it: it is not taken
        raise InvalidInput(NOT_TAKEN, field="name") from problem
    with unit_of_work(person) as work:
        work.add(
            Passkey(
                person_id=work.actor.id,
                credential=bytes_to_base64url(made.credential_id),
                public_key=bytes_to_base64url(made.credential_public_key),
                sign_count=made.sign_count,
                name=name.strip()[:80],
                made_at=work.now,
            )
        )
        work.record(KernelFact.PASSKEY_ADDED, work.actor)


def _parsed(answer: str) -> dict[str, Any]:
    found = json.loads(answer) if len(answer) < _LONGEST else None
    if not isinstance(found, dict):
        raise ValueError("no answer of a passkey")
    return found


def remove_passkey(work: Work, key_id: int) -> None:
    """Forget one of one's own passkeys."""
    found = work.session.get(Passkey, key_id)
    if found is None or found.person_id != work.actor.id:
        raise NotFound()
    work.session.delete(found)
    work.record(KernelFact.PASSKEY_REMOVED, work.actor)


def options_to_enter(half: SignInSession) -> str:
    """Give what the browser needs to answer with a passkey at the second step of the door."""
    with unit_of_work(half.person) as work:
        known = passkeys_of(work.session, work.actor)
        if not known or not host():
            raise NotFound()
        options = generate_authentication_options(
            rp_id=host(),
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        work.fresh(half).challenge = "enter " + bytes_to_base64url(options.challenge)
    return options_to_json(options)


def give_passkey(
    half: SignInSession, answer: str, *, device: str, now: datetime | None = None
) -> tuple[SignInSession, str]:
    """Finish a sign-in with a passkey; wrong answers count like wrong codes."""
    now = now or datetime.now(UTC)
    person, counted = half.person, f"code\0{half.person_id}"
    if not count_guess(counted, device, now, person, KernelFact.CODE_REFUSED):
        until = locked_until(counted, device, now) or now
        raise InvalidInput(LOCKED_CODE, field="code", until=until)
    with unit_of_work(person, now=now) as work:
        challenge = _spent(work, half, "enter")
    try:
        key, count = _checked(person, answer, challenge)
    except Exception as problem:  # whatever is wrong with it: it opens nothing
        with unit_of_work(None, now=now) as work:
            work.record(KernelFact.CODE_REFUSED, work.fresh(person))
        raise InvalidInput(NOT_TAKEN, field="code") from problem
    with unit_of_work(person, now=now) as work:
        known = work.fresh(key)
        known.sign_count, known.used_at = count, now
        forget_guess(counted, device, work)
        return finish(work, half)


def options_to_sign(person: Person, session: SignInSession) -> str:
    """Give what the browser needs to answer with a passkey beside the password of a signature."""
    with unit_of_work(person) as work:
        known = passkeys_of(work.session, work.actor)
        if not known or not host():
            raise NotFound()
        options = generate_authentication_options(
            rp_id=host(),
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        work.fresh(session).challenge = "sign " + bytes_to_base64url(options.challenge)
    return options_to_json(options)


def prove_with_passkey(
    person: Person,
    session: SignInSession,
    password: str,
    answer: str,
    *,
    now: datetime | None = None,
) -> Proof:
    """Check the signer's password and the answer of a passkey in place of a code (a56).

    Guesses of both count as they do with a code; the challenge counts once, whatever comes of it.
    """
    now = now or datetime.now(UTC)
    counted = f"sign\0{person.id}"
    if not count_guess(counted, "", now, person, KernelFact.SIGNATURE_REFUSED):
        until = locked_until(counted, "", now) or now
        raise InvalidInput(LOCKED, field="password", until=until)
    with unit_of_work(person, now=now) as work:
        challenge = _spent(work, session, "sign")
    if not password_fits(person, password):
        signature_refused(person, now)
        raise InvalidInput(NOT_YOURS, field="password")
    try:
        key, count = _checked(person, answer, challenge)
    except Exception as problem:  # whatever is wrong with it: it signs nothing
        signature_refused(person, now)
        raise InvalidInput(NOT_TAKEN, field="code") from problem
    with unit_of_work(person, now=now) as work:
        known = work.fresh(key)
        known.sign_count, known.used_at = count, now
        forget_guess(counted, "", work)
    return Proof(person_id=person.id, method="password+passkey", proved_at=now)


def _checked(person: Person, answer: str, challenge: bytes) -> tuple[Passkey, int]:
    parsed = _parsed(answer)
    key = db.session.scalars(
        sa.select(Passkey).where(
            Passkey.person_id == person.id, Passkey.credential == str(parsed.get("id", ""))
        )
    ).one()
    if not challenge:
        raise ValueError("no challenge was given")
    done = verify_authentication_response(
        credential=parsed,
        expected_challenge=challenge,
        expected_rp_id=host(),
        expected_origin=_origin(),
        credential_public_key=base64url_to_bytes(key.public_key),
        credential_current_sign_count=key.sign_count,
    )
    return key, done.new_sign_count
