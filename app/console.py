"""What every command shares: settings, answers in words or JSON, exit codes (0, 1, 2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.factory import Settings, create_app
from app.kernel.coded import Coded
from app.kernel.db import db
from app.kernel.errors import Refusal
from app.upgrading import present_version, wanted_version

Command = TypeVar("Command", bound=Callable[..., Any])


class Unable(Exception):
    """A command that cannot do what it was asked; the message says why and what to do."""


@dataclass
class Console:
    """One call of `nenep`: its settings, and where its words go."""

    read_settings: Callable[[], Settings]
    as_json: bool = False
    failed: bool = field(default=False)

    @cached_property
    def settings(self) -> Settings:
        """Read the settings when a command first needs them: --help needs none."""
        return self.read_settings()

    @cached_property
    def app(self) -> Flask:
        """Build the application."""
        return create_app(self.settings)

    def say(self, text: str = "") -> None:
        """Write a line for people; nothing where the answer is JSON."""
        if not self.as_json:
            click.echo(text)

    def tell(self, text: str, **values: Any) -> None:
        """Answer: a sentence for people, or one JSON object on a line."""
        click.echo(json.dumps(values, ensure_ascii=False, default=str) if self.as_json else text)

    @contextmanager
    def ready(self) -> Iterator[Flask]:
        """Open the application on a database that has its tables."""
        with self.app.app_context():
            present, wanted = present_version(db.engine), wanted_version()
            if present is None:
                raise Unable("The database has no tables yet. Run `nenep migrate` first.")
            if present != wanted:
                raise Unable(
                    f"The database has tables of version {present}, this version works with "
                    f"{wanted}. Back it up with the version that made it, then "
                    "run `nenep migrate`."
                )
            try:
                yield self.app
            finally:
                db.session.remove()
                db.engine.dispose()
                self.app.extensions["nenep.workshop"].close()


def progress(step: str, done: int = 0, total: int = 0) -> None:
    """Show how far long work is, on the error stream: rewritten in place on a terminal."""
    count = f" {done}/{total}" if total else ""
    if sys.stderr.isatty():
        end = "\n" if total and done >= total else ""
        click.echo(f"\r\x1b[2K{step}{count}", err=True, nl=bool(end))
    elif done in (0, total):
        click.echo(f"{step}{count}", err=True)


def in_words(refused: Refusal) -> str:
    """Write a refusal of the domain in English, which is what commands speak."""
    values = {
        name: value.label if isinstance(value, Coded) else value
        for name, value in refused.values.items()
    }
    return refused.text % values if values else refused.text


def trouble_with_database(problem: OperationalError | ProgrammingError) -> str:
    """Say what is wrong with the database in one sentence, without its SQL."""
    reason = str(problem.orig).strip().splitlines()[0] if problem.orig else str(problem)
    if "no such table" in reason or "does not exist" in reason:
        return f"The database lacks tables ({reason}). Run `nenep migrate`."
    return f"The database does not answer as it should: {reason}"


def json_option(command: Command) -> Command:
    """Give a command --json: one object a line instead of sentences."""

    def chosen(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        context.find_object(Console).as_json |= value  # type: ignore[union-attr]

    return click.option(
        "--json", is_flag=True, expose_value=False, callback=chosen, help="One JSON object a line."
    )(command)


def end(code: int) -> NoReturn:
    """End the command with its exit code."""
    click.get_current_context().exit(code)


WITH_PARENT = click.option("--with-parent", is_flag=True, hidden=True)


def take_address(context: click.Context, host: str, port: int | None) -> None:
    """Let --host and --port go before what the environment says."""
    context.meta["given"].update(HOST=host, PORT=str(port or ""))


ADDRESS = (
    click.option("--host", default="", help="Where to listen (HOST; 127.0.0.1)."),
    click.option("--port", type=click.IntRange(1, 65535), help="Which port (PORT; 8000)."),
)
