"""What one running installation consists of: its settings, keys and store, found by name."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import current_app

from app.kernel.files import FileStore
from app.kernel.keys import Keys


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


def installation() -> Installation:
    """Give the installation this code runs in."""
    return cast(Installation, current_app.extensions["nenep"])
