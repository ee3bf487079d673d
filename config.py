"""Configuration, read from the environment here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class ConfigurationError(Exception):
    """A setting is missing or cannot be used; the message says which and what to do."""


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
    log_to_file: bool = True
    workers: int = 2

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


def _port(environ: Mapping[str, str]) -> int:
    text = environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


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
    data = _path(environ)
    return Settings(
        environment="production",
        data=data,
        database_url=_database(environ, data),
        public_url=url,
        host=environ.get("HOST") or "127.0.0.1",
        port=_port(environ),
        secure_cookies=url.startswith("https://"),
        smtp_url=environ.get("NENEP_SMTP_URL", ""),
        mail_from=environ.get("NENEP_MAIL_FROM", ""),
        keys_json=keys,
    )


def development(environ: Mapping[str, str]) -> Settings:
    """Give the embedded default: SQLite and a local store below one folder."""
    data, port = _path(environ), _port(environ)
    host = environ.get("HOST") or "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return Settings(
        environment="development",
        data=data,
        database_url=_database(environ, data),
        public_url=_public_url(environ, f"http://{shown}:{port}"),
        host=host,
        port=port,
        secure_cookies=False,
        smtp_url=environ.get("NENEP_SMTP_URL", ""),
        mail_from=environ.get("NENEP_MAIL_FROM", "nenep@localhost"),
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
        "log_to_file": False,
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


def from_environment() -> Settings:
    """Read the settings the environment asks for; NENEP_ENV=production is the real thing."""
    name = os.environ.get("NENEP_ENV", "development")
    if name == "production":
        return production(os.environ)
    if name == "development":
        return development(os.environ)
    raise ConfigurationError(f"NENEP_ENV is development or production, not {name!r}.")
