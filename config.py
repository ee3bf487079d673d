"""Configuration, read from the environment here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class ConfigurationError(Exception):
    """A setting is missing or cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class SealFile:
    """Where a body's certificate lies (PKCS#12) and what opens it."""

    path: Path
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """Everything an installation is told from outside."""

    environment: str
    data: Path
    database_url: str
    public_url: str
    host: str
    port: int
    secure_cookies: bool
    smtp_url: str = ""
    mail_from: str = ""
    keys_json: str = ""
    keys_file: Path | None = None  # where the keys lie, when they lie in a file
    seals: Mapping[str, SealFile] = field(default_factory=dict)  # by the body's code as in names
    timestamp_url: str = ""
    trust: Path | None = None  # certificates and revocation lists the operator trusts
    log_to_file: bool = True
    workers: int = 2
    threads: int = 8

    @property
    def is_production(self) -> bool:
        """Say whether this is a real installation, where nothing is made up."""
        return self.environment == "production"


def _path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("NENEP_DATA") or "var").absolute()


def _database(environ: Mapping[str, str], data: Path) -> str:
    url = environ.get("NENEP_DATABASE_URL", "")
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    return url or f"sqlite:///{data / 'nenep.db'}"


def _number(environ: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= most:
        raise ConfigurationError(f"{name} must be a number from 1 to {most}, not {text!r}.")
    return int(text)


def _seals(environ: Mapping[str, str]) -> dict[str, SealFile]:
    """Read NENEP_SEAL_<CODE> and NENEP_SEAL_<CODE>_PASSPHRASE of every body that has them."""
    opens, ends = "NENEP_SEAL_", "_PASSPHRASE"
    return {
        name.removeprefix(opens): SealFile(Path(path), environ.get(name + ends, ""))
        for name, path in environ.items()
        if name.startswith(opens) and not name.endswith(ends) and path
    }


def _timestamp_url(environ: Mapping[str, str]) -> str:
    url = environ.get("NENEP_TIMESTAMP_URL", "")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ConfigurationError(
            "NENEP_TIMESTAMP_URL must be a full address such as http://ca.example.vn/timestamp"
        )
    return url


def _common(environ: Mapping[str, str], data: Path) -> dict[str, Any]:
    """Read what every kind of installation has."""
    smtp_url = environ.get("NENEP_SMTP_URL", "")
    if smtp_url and urlsplit(smtp_url).scheme not in ("smtp", "smtps"):
        raise ConfigurationError(
            "NENEP_SMTP_URL must look like smtp://user:password@mail.example.vn:587 (or smtps://)."
        )
    return {
        "data": data,
        "database_url": _database(environ, data),
        "host": environ.get("HOST") or "127.0.0.1",
        "port": _number(environ, "PORT", 8000, 65535),
        "smtp_url": smtp_url,
        "seals": _seals(environ),
        "timestamp_url": _timestamp_url(environ),
        "trust": Path(environ["NENEP_TRUST"]) if environ.get("NENEP_TRUST") else data / "trust",
        "workers": _number(environ, "NENEP_WORKERS", 2, 64),
        "threads": _number(environ, "NENEP_THREADS", 8, 64),
    }


def _public_url(environ: Mapping[str, str], fallback: str) -> str:
    url = (environ.get("NENEP_PUBLIC_URL") or fallback).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "NENEP_PUBLIC_URL must be a full address such as https://iso.example.vn"
        )
    return url


def production(environ: Mapping[str, str]) -> Settings:
    """Give the settings of a real installation; refuse to start without its secrets."""
    missing = [name for name in ("NENEP_DATABASE_URL", "NENEP_PUBLIC_URL") if not environ.get(name)]
    key_file = environ.get("NENEP_KEYS_FILE", "")
    if not environ.get("NENEP_KEYS") and not key_file:
        missing.append("NENEP_KEYS (or NENEP_KEYS_FILE)")
    if missing:
        raise ConfigurationError(
            "Production does not start without: "
            + ", ".join(missing)
            + ". Printed QR codes use NENEP_PUBLIC_URL for ever; `nenep keys new` makes keys."
        )
    keys = environ.get("NENEP_KEYS", "")
    if not keys:
        try:
            keys = Path(key_file).read_text(encoding="utf-8")
        except OSError as problem:
            raise ConfigurationError(f"NENEP_KEYS_FILE cannot be read: {problem}") from problem
    url = _public_url(environ, "")
    if not url.startswith("https://") and urlsplit(url).hostname not in ("localhost", "127.0.0.1"):
        raise ConfigurationError("NENEP_PUBLIC_URL must begin with https:// in production.")
    if environ.get("NENEP_SMTP_URL") and not environ.get("NENEP_MAIL_FROM"):
        raise ConfigurationError("NENEP_SMTP_URL is set: set NENEP_MAIL_FROM too, the sender.")
    return Settings(
        environment="production",
        public_url=url,
        secure_cookies=url.startswith("https://"),
        mail_from=environ.get("NENEP_MAIL_FROM", ""),
        keys_json=keys,
        keys_file=Path(key_file) if key_file and not environ.get("NENEP_KEYS") else None,
        **_common(environ, _path(environ)),
    )


def development(environ: Mapping[str, str]) -> Settings:
    """Give the embedded default: SQLite and a local store below one folder."""
    data = _path(environ)
    common = _common(environ, data)
    host = common["host"]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104 -- shown, not bound
        host, f"[{host}]" if ":" in host else host
    )
    return Settings(
        environment="development",
        public_url=_public_url(environ, f"http://{shown}:{common['port']}"),
        secure_cookies=False,
        mail_from=environ.get("NENEP_MAIL_FROM", "nenep@localhost"),
        keys_file=data / "keys.json",
        **common,
    )


def for_tests(data: Path, database_url: str = "", **changes: object) -> Settings:
    """Give settings for tests, in a folder of their own."""
    values: dict[str, object] = {
        "environment": "testing",
        "data": data,
        "database_url": database_url or f"sqlite:///{data / 'nenep.db'}",
        "public_url": "http://localhost",
        "host": "127.0.0.1",
        "port": 8000,
        "secure_cookies": False,
        "mail_from": "nenep@localhost",
        "keys_file": data / "keys.json",
        "log_to_file": False,
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


def from_environment(**given: str) -> Settings:
    """Read the settings the environment asks for; what a command line gave goes before it."""
    environ = {**os.environ, **{name: value for name, value in given.items() if value}}
    name = environ.get("NENEP_ENV") or "development"
    if name == "production":
        return production(environ)
    if name == "development":
        return development(environ)
    raise ConfigurationError(f"NENEP_ENV is development or production, not {name!r}.")


def for_child(settings: Settings) -> dict[str, str]:
    """Give the environment of a child process that shall run with the same settings."""
    return {
        **os.environ,
        "NENEP_DATA": str(settings.data),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PYTHONPATH": str(Path(__file__).resolve().parent),
        "MALLOC_ARENA_MAX": "2",  # one heap for each thread keeps half of it for nobody
    }
