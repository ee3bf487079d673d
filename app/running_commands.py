"""Bringing an installation up: tables, demo body, web and jobs together (e24, e25)."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import Flask

from app.console import ADDRESS, Console, Unable, end, json_option, progress, take_address
from app.demo import Account, clear, has_bodies, kept_accounts, make_demo, only_demo, table_of
from app.leadership import leadership_for
from app.running import Together, check_port
from app.upgrading import NewerTables, bring_up_to_date
from config import for_child


@click.command()
@json_option
@click.pass_obj
def migrate(console: Console) -> None:
    """Bring the database to the present tables; safe to repeat."""
    with console.app.app_context():
        try:
            copy = bring_up_to_date()
        except NewerTables as newer:
            raise Unable(str(newer)) from newer
    kept = f" As it was before: {copy}." if copy is not None else ""
    console.tell(f"The database is up to date.{kept}", migrated=True, copy=copy and str(copy))


@click.command()
@ADDRESS[0]
@ADDRESS[1]
@click.pass_context
def run(context: click.Context, host: str, port: int | None) -> None:
    """Start everything: database, demo body on the first start, web and jobs. Ctrl-C ends all."""
    take_address(context, host, port)
    console: Console = context.obj
    settings = console.settings
    check_port(settings.host, settings.port)
    context.invoke(migrate)
    with console.ready() as app:
        if not has_bodies() or (only_demo() and not kept_accounts(settings.data)):
            _demo(console, app)
        accounts = kept_accounts(settings.data)
    together = Together(for_child(settings), console.say)
    together.listen_for_the_end()
    together.start("web", "serve")
    together.start("jobs", "jobs")
    try:
        answers = together.wait_until_it_answers(settings.public_url)
        if answers:
            console.say(f"\nNền Nếp: {settings.public_url}\n")
            if accounts:
                console.say(f"{table_of(accounts)}\n")
            console.say("Ctrl-C ends it.")
        code = together.watch()
        if code == 0 and not answers and not together.told_to_stop:
            code = 1
    finally:
        together.end()
    end(code)


@click.command("demo")
@click.option("--reset", is_flag=True, help="Throw the demo away and make a new one.")
@json_option
@click.pass_obj
def demo_body(console: Console, reset: bool) -> None:
    """Make the demo body (code `demo`) in an empty installation, and print its accounts."""
    with console.app.app_context():
        bring_up_to_date()
    with console.ready() as app:
        accounts = _demo(console, app, reset=reset)
    for account in accounts:
        if console.as_json:
            console.tell("", **account.__dict__)
    console.say(table_of(accounts))


def _demo(console: Console, app: Flask, *, reset: bool = False) -> list[Account]:
    """Make the demo where there is no body; a half-made one is made anew."""
    data = console.settings.data
    if has_bodies():
        if not only_demo():
            raise Unable("This installation holds a body that is no demo: nothing was touched.")
        if (accounts := kept_accounts(data)) and not reset:
            return accounts
        leadership = leadership_for(console.settings.database_url, data)
        if not leadership.take():
            raise Unable("Nền Nếp is running on this data. End it first, then reset the demo.")
        try:
            clear(app)
            bring_up_to_date()
        finally:
            leadership.release()
    console.say("Making the demo body; this takes about half a minute.")
    return make_demo(app, datetime.now(UTC), progress)
