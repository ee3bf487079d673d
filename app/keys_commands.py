"""Commands for the keys of an installation: made once, renewed with a fact in every chain (T3)."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa

from app.console import Console, Unable, json_option
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.keys import new_keys, rotated, save, to_text
from app.kernel.organisation import Body
from app.kernel.work import unit_of_work


@click.group()
def keys() -> None:
    """The secrets of this installation."""


@keys.command("new")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write them there (0600) instead of printing them.",
)
def new(path: Path | None) -> None:
    """Make keys for a new installation: the value of NENEP_KEYS, or the file of NENEP_KEYS_FILE."""
    made = new_keys()
    if path is None:
        click.echo(to_text(made))
        return
    if path.exists():
        raise Unable(f"{path} is there already. Keys are never overwritten: renew them instead.")
    save(made, path)
    click.echo(f"New keys are in {path}, readable by you alone. Keep a copy apart from the data.")


@keys.command("rotate")
@json_option
@click.pass_obj
def rotate(console: Console) -> None:
    """Renew the keys; the old ones stay for checking. Restart web and jobs afterwards."""
    path = console.settings.keys_file
    if path is None:
        raise Unable(
            "The keys come from NENEP_KEYS, which cannot be written here. "
            "Put them into a file and set NENEP_KEYS_FILE instead."
        )
    with console.ready():
        fresh = rotated(installation().keys)
        with unit_of_work(None) as work:
            values = {"mac_key": fresh.mac_id, "seal_key": fresh.seal_id}
            work.record_outside(KernelFact.KEYS_ROTATED, "installation", **values)
            for body in work.session.scalars(sa.select(Body).order_by(Body.id)):
                work.record(KernelFact.KEYS_ROTATED, body, **values)
            work.session.flush()
            # before the commit: keys that no chain tells of do no harm, the reverse would
            save(fresh, path)
        console.tell(
            f"The keys are renewed ({path}). Restart web and jobs now; keep a copy apart.",
            mac_key=fresh.mac_id,
            seal_key=fresh.seal_id,
            file=str(path),
            restart=True,
        )
