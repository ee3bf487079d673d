"""`nenep trail verify` and `nenep trail export`: the trail proved, and handed to who doubts it."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import click
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import Body
from app.kernel.trail_keeping import HeadsUnreadable, export_trail, read_heads, run_check
from app.kernel.trail_verdict import Verdict


class Terminal(Protocol):
    """What the group of commands hands on: it opens the application on its database."""

    def ready(self) -> AbstractContextManager[Any]:
        """Open the application."""


@click.group("trail")
def trail() -> None:
    """Prove the trail, or hand it out sealed."""


@trail.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Signed heads kept elsewhere, such as those of an older export.",
)
@click.pass_context
def verify_trail(context: click.Context, as_json: bool, heads: Path | None) -> None:
    """Prove every chain and every stored file; exit 1 names the first record that is wrong."""
    terminal: Terminal = context.obj
    try:
        more = read_heads(heads) if heads is not None else []
    except HeadsUnreadable as problem:
        raise click.UsageError(str(problem)) from problem
    with terminal.ready():
        verdict = run_check(more_heads=more)
    for line in [json.dumps(as_plain(verdict), ensure_ascii=False)] if as_json else told(verdict):
        click.echo(line)
    context.exit(0 if verdict.is_sound else 1)


@trail.command("export")
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--body", "code", help="Only this body's chain; without it, every chain.")
@click.pass_context
def export(context: click.Context, target: Path, code: str | None) -> None:
    """Write the sealed export that deploy/check_trail.py proves without this system."""
    terminal: Terminal = context.obj
    with terminal.ready():
        body = None
        if code is not None:
            body = db.session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
            if body is None:
                raise click.UsageError(f"There is no body with the code {code}.")
        count = export_trail(target, body=body)
    click.echo(f"{target}: {count} entries. Check it with: python deploy/check_trail.py {target}")


def as_plain(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict as other programs read it."""
    wrong = verdict.wrong
    return {
        "sound": verdict.is_sound,
        "entries": verdict.total,
        "chains": {str(chain): count for chain, count in verdict.entries.items()},
        "heads": verdict.heads,
        "files": verdict.files,
        "files_nobody_names": list(verdict.notes),
        "seconds": round(verdict.seconds, 3),
        "wrong": wrong
        and {
            "record": wrong.record,
            "chain": wrong.chain,
            "sequence": wrong.sequence,
            "why": in_english(verdict),
        },
    }


def in_english(verdict: Verdict) -> str:
    """Say why the first wrong record is wrong."""
    wrong = verdict.wrong
    if wrong is None:
        return ""
    return wrong.text % wrong.values if wrong.values else wrong.text


def told(verdict: Verdict) -> list[str]:
    """Give a verdict as people read it."""
    wrong = verdict.wrong
    if wrong is None:
        lines = [
            f"Everything holds: {verdict.total} entries in {len(verdict.entries)} chains, "
            f"{verdict.heads} signed heads, {verdict.files} files ({verdict.seconds:.1f} s)."
        ]
        if verdict.notes:
            lines.append(
                f"{len(verdict.notes)} stored files are named by no record; "
                "they may be on their way, else the next start removes them."
            )
        return lines
    place = [wrong.record]
    if wrong.chain is not None:
        place.append(f"chain {wrong.chain}")
    if wrong.sequence is not None:
        place.append(f"sequence {wrong.sequence}")
    return [
        f"WRONG: {', '.join(place)}: {in_english(verdict)}",
        "Stop changing anything, keep this database as it is, compare with the last backup and "
        "the last export, and tell the quality representative and whoever keeps the server.",
    ]
