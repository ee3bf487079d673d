"""Letters leave by SMTP: encrypted unless the server is this machine, with limited patience."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import unquote, urlsplit

PATIENCE = 20.0  # seconds for each step of the conversation


class Unreachable(Exception):
    """The server cannot be used at all now; the message is for operators."""


class NotTaken(Exception):
    """The server did not take this letter; the message is for operators."""


@dataclass(frozen=True)
class Server:
    """Where letters are handed over, read from smtp://user:password@host:port or smtps://."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    encrypted: bool = False

    @property
    def is_here(self) -> bool:
        """Say whether the server is this machine: nothing crosses a network then."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def server_of(url: str) -> Server:
    """Read the address of a mail server."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "smtps"
    return Server(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if encrypted else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        encrypted=encrypted,
    )


class Line:
    """An open line to the server; letters go over it one after another."""

    def __init__(self, server: Server, *, patience: float = PATIENCE) -> None:
        self._server = server
        self._patience = patience
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Line:
        try:
            self._smtp = self._opened()
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            raise Unreachable(f"{type(problem).__name__}: {problem}") from problem
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None and kind is None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()
        self._drop()

    def _opened(self) -> smtplib.SMTP:
        server, safe = self._server, ssl.create_default_context()
        if server.encrypted:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._patience, context=safe
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._patience)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        if not server.encrypted and not server.is_here:
            smtp.starttls(context=safe)  # refuses by itself where the server offers none
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def hand_over(self, letter: EmailMessage) -> None:
        """Give one letter to the server; NotTaken or Unreachable say that it may not have it."""
        if self._smtp is None:
            raise Unreachable("the line is closed")
        try:
            self._smtp.send_message(letter)
        except (smtplib.SMTPServerDisconnected, OSError) as problem:
            self._drop()
            raise Unreachable(f"{type(problem).__name__}: {problem}") from problem
        except smtplib.SMTPException as problem:
            raise NotTaken(f"{type(problem).__name__}: {problem}") from problem

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None
