"""`nenep backup` and `nenep restore`: the whole installation in one file, and back (a53, T19)."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import sqlalchemy as sa

from app.backup import restoring
from app.backup.archive import BadArchive, Contents, checked
from app.backup.making import back_up
from app.console import Console, Unable, json_option, progress
from app.kernel.db import db, prepare_engine
from app.kernel.keys import Keys, parse
from app.kernel.trail_verdict import Verdict
from app.leadership import leadership_for
from app.upgrading import bring_up_to_date, wanted_version
from documents.register import index_again


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the keys out; keep them elsewhere.")
@json_option
@click.pass_obj
def backup(console: Console, target: Path, without_keys: bool) -> None:
    """Write database, files and keys of this moment into FILE, while everybody works.

    Whoever holds the file holds the keys too, unless they come from the environment or are left
    out.
    """
    if target.exists():
        raise Unable(f"{target} is there already. Backups are never overwritten: name another.")
    if not target.absolute().parent.is_dir():
        raise Unable(f"There is no folder {target.absolute().parent}.")
    with console.ready():
        try:
            made = back_up(
                target,
                db.engine,
                carries_keys=not (without_keys or console.settings.keys_json),
                progress=progress,
            )
        except FileNotFoundError as problem:
            raise Unable(
                f"A stored file is missing ({Path(problem.filename).name}). No backup was made: "
                "run `nenep trail verify` and compare with the last backup."
            ) from problem
    console.tell(
        f"{target}: {made.rows} rows, {made.files} files, {made.size / 1e6:.1f} MB, "
        f"as of {made.moment:%d/%m/%Y %H:%M:%S} UTC.",
        file=str(target),
        rows=made.rows,
        files=made.files,
        bytes=made.size,
        moment=made.moment.isoformat(),
    )


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The keys of that installation, where the backup was made without them.",
)
@json_option
@click.pass_obj
def restore(console: Console, source: Path, keys_file: Path | None) -> None:
    """Put a backup into an empty installation: all of it, verified, or nothing."""
    settings = console.settings
    own = parse(settings.keys_json) if settings.keys_json else None
    if own is None and keys_file is not None:
        own = keys_in(keys_file)
    try:
        contents = checked(source, own)
        _refuse_unless_empty(settings.database_url, settings.data)
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        verdict = _into_empty(console, contents)
    except BadArchive as bad:
        raise Unable(str(bad)) from bad
    told = restoring.summary(contents)
    console.tell(
        f"Restored as of {told['moment']}: {told['rows']} rows, {told['files']} files; "
        f"the trail holds ({verdict.total} entries). Start it with `nenep run` or `nenep serve`.",
        **told,
        entries=verdict.total,
        sound=verdict.is_sound,
    )


def keys_in(path: Path) -> Keys:
    """Read a file of keys, or say that it is none."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Unable(f"{path} holds no keys of Nền Nếp.") from problem


def _refuse_unless_empty(url: str, data: Path) -> None:
    """Look before anything is made: a database with rows is never restored into."""
    if url.startswith("sqlite") and not Path(sa.make_url(url).database or "").exists():
        return
    engine = sa.create_engine(url)
    prepare_engine(engine)
    try:
        with engine.connect() as connection:
            holds = restoring.why_not_empty(connection)
    finally:
        engine.dispose()
    if holds:
        raise Unable(
            f"This installation is not empty (it has rows in {holds}). Nothing was touched: "
            "restore into an empty database and an empty NENEP_DATA."
        )


def _into_empty(console: Console, contents: Contents) -> Verdict:
    """Make the tables and fill them; what was made for a refused archive goes again."""
    data = console.settings.data
    was_there = {path.name for path in data.iterdir()}
    try:
        with console.app.app_context():
            lock = leadership_for(console.settings.database_url, data)
            if not lock.take():
                raise Unable("Nền Nếp is running on this data. End it first, then restore.")
            try:
                bring_up_to_date()
                return restoring.restore(
                    contents,
                    db.engine,
                    data,
                    tables_version=wanted_version(),
                    saves_keys=not console.settings.keys_json,
                    reindex=index_again,
                    progress=progress,
                )
            finally:
                lock.release()
                db.session.remove()
                db.engine.dispose()
    except BaseException:
        for path in data.iterdir():
            if path.name not in was_there:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
