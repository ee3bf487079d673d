"""The command `nenep`: what operators do; each answers 0 (done), 1 (refused) or 2 (wrong usage)."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.backup_commands import backup, restore
from app.console import (
    Console,
    Unable,
    end,
    in_words,
    json_option,
    progress,
    trouble_with_database,
)
from app.content_commands import check, compare
from app.demo import Account, clear, has_bodies, kept_accounts, make_demo, only_demo, table_of
from app.export_commands import export_body
from app.import_commands import import_documents
from app.jobs import JobsProcess, perform, timetable
from app.kernel.db import db
from app.kernel.errors import Refusal
from app.keys_commands import keys
from app.leadership import leadership_for
from app.organisation_commands import body, person
from app.running import Together, check_port
from app.seal_commands import scans, seal
from app.serving import PortTaken, end_with_parent, serve
from app.trail_commands import add_commands as add_trail_commands
from app.upgrading import NewerTables, bring_up_to_date
from config import ConfigurationError, for_child, from_environment

WITH_PARENT = click.option("--with-parent", is_flag=True, hidden=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", default="", help="Folder of database, store and keys (NENEP_DATA).")
@click.pass_context
def nenep(context: click.Context, data: str) -> None:
    """Nền Nếp: document control and internal audit for public bodies."""
    given = {"NENEP_DATA": data}
    context.obj = Console(lambda: from_environment(**given))
    context.meta["given"] = given


def _address(context: click.Context, host: str, port: int | None) -> None:
    """Let --host and --port go before what the environment says."""
    context.meta["given"].update(HOST=host, PORT=str(port or ""))


ADDRESS = (
    click.option("--host", default="", help="Where to listen (HOST; 127.0.0.1)."),
    click.option("--port", type=click.IntRange(1, 65535), help="Which port (PORT; 8000)."),
)


@nenep.command("serve")
@ADDRESS[0]
@ADDRESS[1]
@WITH_PARENT
@click.pass_context
def serve_web(context: click.Context, host: str, port: int | None, with_parent: bool) -> None:
    """Serve the web part until told to stop (SIGTERM lets requests end first)."""
    _address(context, host, port)
    console: Console = context.obj
    with console.ready():
        db.engine.dispose()  # the workers open connections of their own
    if with_parent:
        end_with_parent()
    serve(console.settings, grace=5 if with_parent else 30)


@nenep.command()
@click.option("--once", is_flag=True, help="Run every job once, now, and end.")
@click.option("--list", "only_list", is_flag=True, help="Print the timetable and end.")
@json_option
@WITH_PARENT
@click.pass_obj
def jobs(console: Console, once: bool, only_list: bool, with_parent: bool) -> None:
    """Keep to the timetable: switches, letters, reminders, sealing. One at a time works."""
    if only_list:
        for job in timetable():
            console.tell(
                f"{job.name:<12} every {job.every:>5} s  {job.why}",
                job=job.name,
                every=job.every,
                why=job.why,
            )
        return
    with console.ready() as app:
        settings = console.settings
        leadership = leadership_for(settings.database_url, settings.data)
        if once:
            if not leadership.take():
                raise Unable("Another jobs process is at work; it does all of this by itself.")
            _once(console)
            leadership.release()
            return
        process = JobsProcess(app, leadership, on_change=console.say)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: process.stopping.set())
        if with_parent:
            end_with_parent()
        process.run()


def _once(console: Console) -> None:
    failed = False
    for job in timetable():
        outcome = perform(console.app, job)
        failed = failed or bool(outcome.problem)
        console.tell(
            f"{outcome.job:<12} {outcome.problem or outcome.count} ({outcome.seconds} s)",
            job=outcome.job,
            count=outcome.count,
            seconds=outcome.seconds,
            problem=outcome.problem,
        )
    if failed:
        raise Unable("Some jobs failed; the log says where.")


@nenep.command()
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


@nenep.command()
@ADDRESS[0]
@ADDRESS[1]
@click.pass_context
def run(context: click.Context, host: str, port: int | None) -> None:
    """Start everything: database, demo body on the first start, web and jobs. Ctrl-C ends all."""
    _address(context, host, port)
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


@nenep.command("demo")
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


nenep.add_command(body)
nenep.add_command(person)
nenep.add_command(keys)
nenep.add_command(seal)
nenep.add_command(scans)
nenep.add_command(backup)
nenep.add_command(restore)
nenep.add_command(import_documents)
nenep.add_command(export_body)
nenep.add_command(check)
nenep.add_command(compare)
add_trail_commands(nenep)


def _refused(text: str) -> int:
    click.echo(text, err=True)
    return 1


def call(arguments: list[str]) -> int:
    """Run one command; every error becomes a sentence and an exit code."""
    try:
        code = nenep.main(args=arguments, prog_name="nenep", standalone_mode=False)
    except click.UsageError as wrong:
        wrong.show()
        return 2
    except click.ClickException as wrong:
        wrong.show()
        return 1
    except (click.Abort, KeyboardInterrupt):
        return _refused("Stopped.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Refusal as refused:
        return _refused(in_words(refused))
    except (ConfigurationError, Unable, PortTaken) as refused:
        return _refused(str(refused))
    except (OperationalError, ProgrammingError) as problem:
        return _refused(trouble_with_database(problem))
    except OSError as problem:
        place = f" ({problem.filename})" if problem.filename else ""
        return _refused(f"The system refused: {problem.strerror or problem}{place}.")
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line."""
    raise SystemExit(call(sys.argv[1:]))


if __name__ == "__main__":
    main()
