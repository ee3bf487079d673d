"""Letters leave by SMTP: encrypted unless the server is this machine, with limited patience."""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from ipaddress import ip_address
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from app.kernel.install import installation
from app.kernel.mail_state import MailProblem
from app.kernel.people import Person

PATIENCE = 20.0  # seconds for each step of the conversation


class MailFailure(Exception):
    """A letter did not leave; the message is for operators, the problem for everybody."""

    def __init__(self, text: str, problem: MailProblem) -> None:
        super().__init__(text)
        self.problem = problem


class Unreachable(MailFailure):
    """The server cannot be used at all now."""


class NotTaken(MailFailure):
    """The server did not take this letter."""


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


class _Remembers:
    """Keeps what the server said of the letter itself, which the library throws away."""

    said = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, reply = super().data(msg)  # type: ignore[misc]
        self.said = f"{code} {reply.decode('utf-8', 'replace')}"
        return code, reply


class _Plain(_Remembers, smtplib.SMTP):
    pass


class _Encrypted(_Remembers, smtplib.SMTP_SSL):
    pass


# in this order: what the library raises are all kinds of OSError
_PROBLEMS: tuple[tuple[tuple[type[Exception], ...], MailProblem], ...] = (
    ((socket.gaierror,), MailProblem.UNKNOWN_HOST),
    ((TimeoutError,), MailProblem.SILENT),
    ((ConnectionRefusedError, smtplib.SMTPConnectError), MailProblem.REFUSED),
    ((ssl.SSLError, smtplib.SMTPNotSupportedError), MailProblem.NO_ENCRYPTION),
    ((smtplib.SMTPAuthenticationError,), MailProblem.NO_SIGN_IN),
    ((smtplib.SMTPServerDisconnected,), MailProblem.BROKEN),
    ((smtplib.SMTPException,), MailProblem.NOT_TAKEN),
)


def problem_of(failure: Exception) -> MailProblem:
    """Say what went wrong in one of the words people get."""
    if isinstance(failure.__context__, TimeoutError):  # hidden behind a broken connection
        return MailProblem.SILENT
    for kinds, problem in _PROBLEMS:
        if isinstance(failure, kinds):
            return problem
    return MailProblem.BROKEN


def told(failure: Exception) -> str:
    """Write a failure as the server put it."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(failure.recipients.values()))
        return f"{code} {reply.decode('utf-8', 'replace')}"
    if isinstance(failure, smtplib.SMTPResponseException):
        said: bytes | str = failure.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"{failure.smtp_code} {words}"
    return f"{type(failure).__name__}: {failure}"


class Line:
    """An open line to the server; letters go over it one after another."""

    def __init__(self, server: Server, *, patience: float = PATIENCE) -> None:
        self._server = server
        self._patience = patience
        self._smtp: _Plain | _Encrypted | None = None

    def __enter__(self) -> Line:
        try:
            self._smtp = self._opened()
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            raise Unreachable(told(problem), problem_of(problem)) from problem
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

    def _opened(self) -> _Plain | _Encrypted:
        server, safe = self._server, ssl.create_default_context()
        if server.encrypted:
            smtp: _Plain | _Encrypted = _Encrypted(
                server.host, server.port, timeout=self._patience, context=safe
            )
        else:
            smtp = _Plain(server.host, server.port, timeout=self._patience)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        if not server.encrypted and not server.is_here:
            smtp.starttls(context=safe)  # refuses by itself where the server offers none
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def hand_over(self, letter: EmailMessage) -> str:
        """Give one letter to the server and give its answer.

        NotTaken or Unreachable say that it may not have the letter.
        """
        if self._smtp is None:
            raise Unreachable("the line is closed", MailProblem.BROKEN)
        try:
            self._smtp.send_message(letter)
        except OSError as problem:  # every failure of the library is one
            answered = isinstance(problem, smtplib.SMTPException)
            if answered and not isinstance(problem, smtplib.SMTPServerDisconnected):
                raise NotTaken(told(problem), MailProblem.NOT_TAKEN) from problem
            self._drop()
            raise Unreachable(told(problem), problem_of(problem)) from problem
        return self._smtp.said

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def envelope(person: Person, subject: str, now: datetime, key: str) -> EmailMessage:
    """Begin a letter to a person: from whom, to whom, when, and the id it is known by."""
    letter = EmailMessage()
    letter["Subject"] = subject
    letter["From"] = formataddr(("Nền Nếp", installation().mail_from))
    letter["To"] = formataddr((person.name, person.email))
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = _message_id(person, key)
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _message_id(person: Person, key: str) -> str:
    """One id a letter: sent again after a broken line or a restart, it is known as the same."""
    here = installation()
    told = f"{here.keys.installation}\0{person.id}\0{key}"
    domain = here.mail_from.rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{domain}>"


@dataclass
class Trial:
    """What came of one letter: the server's own words, and what is wrong, if anything is."""

    said: str = ""
    problem: MailProblem | None = None


def try_out(server: Server, letter: EmailMessage, *, within: float = 10.0) -> Trial:
    """Hand one letter over while somebody waits, never for longer than they are told."""
    trial = Trial(problem=MailProblem.SILENT)

    def talk() -> None:
        try:
            with Line(server, patience=within / 2) as line:
                said = line.hand_over(letter)
            trial.said, trial.problem = said, None
        except MailFailure as failure:
            # only what the server said itself; the rest is for operators
            trial.said = str(failure) if re.match(r"\d{3} ", str(failure)) else ""
            trial.problem = failure.problem

    talking = threading.Thread(target=talk, daemon=True)
    talking.start()
    talking.join(within)
    return Trial(trial.said, trial.problem)
