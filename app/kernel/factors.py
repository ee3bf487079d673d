"""The second factor: codes of a phone (TOTP), recovery codes, passkeys (e12; ASVS 6.3.3, 6.5)."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime
from typing import Final

import pyotp
import sqlalchemy as sa
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.kernel.accounts import Stage
from app.kernel.db import Record
from app.kernel.install import installation
from app.kernel.people import Person, Role
from app.kernel.permissions import standing_of

STEP: Final = 30  # seconds one code counts
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_SIGNING: Final = (
    Role.MANAGER,
    Role.LEADER,
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
)


class SecondFactor(Record):
    """The secret that a phone and this installation share; kept locked away, one a person."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    secret: Mapped[str] = mapped_column(sa.String(200))
    salt: Mapped[str] = mapped_column(sa.String(64))  # of the recovery codes
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(sa.BigInteger(), default=0)

    person: Mapped[Person] = relationship()

    def open_secret(self) -> str:
        """Give the shared secret as the phone takes it; nothing when other keys locked it."""
        raw = installation().keys.disclose(self.secret, purpose=_purpose(self.person_id))
        return raw.decode() if raw is not None else ""

    def address(self, issuer: str) -> str:
        """Give what the square code says to the phone."""
        name = self.person.login or ""
        return pyotp.TOTP(self.open_secret()).provisioning_uri(name=name, issuer_name=issuer)

    def takes(self, typed: str, now: datetime) -> bool:
        """Check a code of the phone and use it up: no code, and none before it, counts again.

        The step before and the one after count too: clocks differ, and people type slowly.
        """
        secret, present = self.open_secret(), int(now.timestamp()) // STEP
        if not secret:
            return False
        code = pyotp.TOTP(secret)
        for step in (present - 1, present, present + 1):
            fits = hmac.compare_digest(code.generate_otp(step), typed)
            if fits and step > self.last_step:
                self.last_step = step
                return True
        return False


class RecoveryCode(Record):
    """One way in without the phone, once; only its hash is kept."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]


class Passkey(Record):
    """A key that a device keeps for one person; only its public half is here."""

    __tablename__ = "passkey"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    credential: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(sa.Text())
    sign_count: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    name: Mapped[str] = mapped_column(sa.String(80))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def _purpose(person_id: int) -> str:
    return f"second factor of {person_id}"


def new_factor(person: Person, now: datetime) -> SecondFactor:
    """Make a secret of 160 random bits; it counts once a code of it was typed."""
    secret = pyotp.random_base32()
    return SecondFactor(
        person_id=person.id,
        secret=installation().keys.enclose(secret.encode(), purpose=_purpose(person.id)),
        salt=secrets.token_hex(16),
        made_at=now,
    )


def new_codes() -> list[str]:
    """Make the recovery codes as people keep them: twice five letters and digits each."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def tidy(typed: str) -> str:
    """Give what was typed of a code, without the spaces and dashes that make it readable."""
    return "".join(char for char in typed[:60] if char.isalnum()).casefold()


def code_hash(code: str, salt: str) -> str:
    """Hash a recovery code with argon2id and the salt of its person."""
    raw = hash_secret_raw(
        tidy(code).encode(),
        bytes.fromhex(salt),
        time_cost=3,
        memory_cost=65536,
        parallelism=4,
        hash_len=32,
        type=Type.ID,
    )
    return raw.hex()


def factor_of(session: Session, person: Person) -> SecondFactor | None:
    """Give the second factor of somebody that is on; None when there is none."""
    found = pending_factor(session, person)
    return found if found is not None and found.confirmed_at is not None else None


def pending_factor(session: Session, person: Person) -> SecondFactor | None:
    """Give the second factor of somebody, on or still to be confirmed."""
    return session.scalars(
        sa.select(SecondFactor).where(SecondFactor.person_id == person.id)
    ).one_or_none()


def passkeys_of(session: Session, person: Person) -> list[Passkey]:
    """Give the passkeys of somebody, the oldest first."""
    return list(
        session.scalars(
            sa.select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)
        )
    )


def codes_left(session: Session, person: Person) -> int:
    """Say how many recovery codes were not used yet."""
    return session.scalar(
        sa.select(sa.func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    ) or 0  # fmt: skip


def needs_factor(session: Session, person: Person, on: date) -> bool:
    """Say whether the body asks this person for a second factor: who signs, who administers.

    Whoever acts for somebody signs too.
    """
    body = person.body
    signers, administrators = (
        body.setting("factor_for_signers"),
        body.setting("factor_for_administrators"),
    )
    if not (signers or administrators):
        return False
    held = standing_of(session, person, on)
    standings = (held, *held.delegators)
    wanted = (*(_SIGNING if signers else ()), *((Role.ADMINISTRATOR,) if administrators else ()))
    return any(each.has(*wanted) for each in standings)


def first_stage(session: Session, person: Person, on: date) -> Stage:
    """Say what comes after the right password: the door, a code, or setting one up."""
    if factor_of(session, person) is not None:
        return Stage.CODE
    return Stage.SETUP if needs_factor(session, person, on) else Stage.OPEN
