"""What can be sealed now, and what stands in the way: for jobs, /health and the settings (L19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from cryptography import x509
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.install import Installation
from app.kernel.organisation import Body
from documents.content.seal_key import (
    KeyProblem,
    SealKey,
    Trust,
    Unsealable,
    common_name,
    open_key,
    trust_in,
)

WORDS: Final = {
    KeyProblem.NOT_SET: N_("Not set up: no certificate is given for this body."),
    KeyProblem.MISSING: N_("The certificate's file is not there or cannot be read."),
    KeyProblem.PASSPHRASE: N_("The passphrase does not open the certificate."),
    KeyProblem.UNUSABLE: N_("The file is no certificate with its key (PKCS#12)."),
    KeyProblem.NOT_YET: N_("The certificate is not valid yet."),
    KeyProblem.EXPIRED: N_(
        "The certificate has expired. Nothing is sealed until a new one is set."
    ),
    KeyProblem.REVOKED: N_(
        "The certificate was revoked. Nothing is sealed until a new one is set."
    ),
}


@dataclass(frozen=True)
class SealState:
    """Whether a body's certificate seals now; whose it is and until when, where that is known."""

    problem: KeyProblem | None
    name: str = ""
    issuer: str = ""
    until: datetime | None = None
    key: SealKey | None = field(default=None, repr=False)

    @property
    def words(self) -> str:
        """Give the problem as a message id; nothing when there is none."""
        return WORDS[self.problem] if self.problem is not None else ""


def trust_of(here: Installation) -> Trust:
    """Give what the operator trusts, read again when its files change."""
    if here.trust is None:
        return Trust()
    return _trust(here.trust, _stamp(here.trust))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Give what changes when a folder's files do."""
    try:
        files = sorted(folder.iterdir())
        return tuple((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in files)
    except OSError:
        return ()


@lru_cache(maxsize=4)
def _trust(folder: Path, _stamp: tuple[tuple[str, int, int], ...]) -> Trust:
    return trust_in(folder)


def seal_state(here: Installation, body: Body, now: datetime) -> SealState:
    """Say whether the certificate of a body seals now."""
    source = here.seal_of(body.code, is_demo=body.is_demo)
    if source is None:
        return SealState(KeyProblem.NOT_SET)
    try:
        found = source.path.stat()
    except OSError:
        return SealState(KeyProblem.MISSING)
    stamp = (found.st_mtime_ns, found.st_size)
    minute = int(now.timestamp()) // 60  # opening one takes a moment: once a minute is enough
    return _state(source.path, source.passphrase, stamp, trust_of(here), minute)


@lru_cache(maxsize=64)
def _state(
    path: Path, passphrase: str, _stamp: tuple[int, int], trust: Trust, minute: int
) -> SealState:
    now = datetime.fromtimestamp(minute * 60, UTC)
    try:
        key = open_key(path, passphrase, trust, now)
    except Unsealable as refused:
        if refused.certificate is None:
            return SealState(refused.problem)
        return _told(refused.certificate, refused.problem, None)
    return _told(key.certificate, None, key)


def _told(
    certificate: x509.Certificate, problem: KeyProblem | None, key: SealKey | None
) -> SealState:
    return SealState(
        problem,
        name=common_name(certificate.subject),
        issuer=common_name(certificate.issuer),
        until=certificate.not_valid_after_utc,
        key=key,
    )


def seal_states(session: Session, here: Installation, now: datetime) -> dict[int, SealState]:
    """Give the state of every body's seal by the body's key."""
    bodies = session.scalars(sa.select(Body).order_by(Body.id))
    return {body.id: seal_state(here, body, now) for body in bodies}
