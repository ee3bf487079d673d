"""What one running installation consists of: its settings, keys and store, found by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app

from app.kernel.files import FileStore
from app.kernel.keys import Keys

DEMO_SEAL = "demo-seal.p12"
DEMO_PASSPHRASE = "thử nghiệm"  # noqa: S105 -- of a certificate that says it is for trying out


@dataclass(frozen=True)
class SealSource:
    """Where a certificate lies and what opens it; the passphrase is never shown."""

    path: Path
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class Installation:
    """Values the parts need from outside; made once by the factory."""

    data: Path
    public_url: str
    is_production: bool
    secure_cookies: bool
    smtp_url: str
    mail_from: str
    keys: Keys
    store: FileStore
    seals: Mapping[str, SealSource] = field(default_factory=dict)
    timestamp_url: str = ""
    trust: Path | None = None

    def seal_of(self, code: str, *, is_demo: bool) -> SealSource | None:
        """Give the certificate that is set for a body; a demo body may have one of its own."""
        name = "".join(char if char.isascii() and char.isalnum() else "_" for char in code).upper()
        found = self.seals.get(name)
        if found is None and is_demo and not self.is_production:
            made = self.data / DEMO_SEAL
            return SealSource(made, DEMO_PASSPHRASE) if made.exists() else None
        return found


def installation() -> Installation:
    """Give the installation this code runs in."""
    return cast(Installation, current_app.extensions["nenep"])
