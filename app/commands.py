"""The command `nenep`: what operators do; each answers 0 (done), 1 (refused) or 2 (wrong usage)."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.console import (
    ADDRESS,
    WITH_PARENT,
    Console,
    Unable,
    in_words,
    take_address,
    trouble_with_database,
)
from app.kernel.db import db
from app.kernel.errors import Refusal
from app.serving import PortTaken, end_with_parent, serve
from config import ConfigurationError, from_environment

# each is loaded when it is asked for: the web part starts without what only they need
_LATER = {
    "backup": "app.backup_commands:backup",
    "body": "app.organisation_commands:body",
    "check": "app.content_commands:check",
    "compare": "app.content_commands:compare",
    "criteria": "app.criteria_commands:criteria",
    "demo": "app.running_commands:demo_body",
    "export": "app.export_commands:export_body",
    "import": "app.import_commands:import_documents",
    "jobs": "app.jobs_commands:jobs",
    "keys": "app.keys_commands:keys",
    "migrate": "app.running_commands:migrate",
    "paper": "app.paper_commands:paper",
    "person": "app.organisation_commands:person",
    "restore": "app.backup_commands:restore",
    "run": "app.running_commands:run",
    "scans": "app.seal_commands:scans",
    "seal": "app.seal_commands:seal",
    "trail": "app.trail_commands:trail",
}


class Commands(click.Group):
    """The commands of `nenep`: those of this module, and those that are loaded later."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all, in order."""
        return sorted({*super().list_commands(ctx), *_LATER})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give one, loaded now where it is not yet."""
        if cmd_name not in _LATER:
            return super().get_command(ctx, cmd_name)
        module, _, name = _LATER[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", default="", help="Folder of database, store and keys (NENEP_DATA).")
@click.pass_context
def nenep(context: click.Context, data: str) -> None:
    """Nền Nếp: document control and internal audit for public bodies."""
    given = {"NENEP_DATA": data}
    context.obj = Console(lambda: from_environment(**given))
    context.meta["given"] = given


@nenep.command("serve")
@ADDRESS[0]
@ADDRESS[1]
@WITH_PARENT
@click.pass_context
def serve_web(context: click.Context, host: str, port: int | None, with_parent: bool) -> None:
    """Serve the web part until told to stop (SIGTERM lets requests end first)."""
    take_address(context, host, port)
    console: Console = context.obj
    with console.ready():
        db.engine.dispose()  # the workers open connections of their own
    if with_parent:
        end_with_parent()
    serve(console.settings, grace=5 if with_parent else 30)


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
