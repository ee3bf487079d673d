"""`nenep criteria load`: what audits are done against, from the product's files or one's own."""

from __future__ import annotations

from pathlib import Path

import click

from app.console import Console, Unable, json_option
from app.kernel.work import body_of, unit_of_work
from audits.models import CriterionKind
from audits.standards import load_criteria, load_own_criteria

KINDS = {str(kind): kind for kind in CriterionKind}


@click.group()
def criteria() -> None:
    """Audit criteria: standards by edition, reform indicators, directives."""


@criteria.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--kind", type=click.Choice(list(KINDS)), default="standard", show_default=True)
@click.option("--body", "code", default="", metavar="CODE", help="For this body alone.")
@json_option
@click.pass_obj
def load(console: Console, file: Path | None, kind: str, code: str) -> None:
    """Load FILE (standard, number, title_en, title_vi, parent), or what the product brings."""
    with console.ready(), unit_of_work(None) as work:
        if file is None:
            loaded = load_own_criteria(work)
        else:
            body = body_of(work.session, code.casefold()) if code else None
            loaded = load_criteria(work, _text(file), KINDS[kind], body)
        names = [one.name for one in loaded]
    told = f"Loaded: {', '.join(names)}." if names else "Nothing is new: all of it was there."
    console.tell(told, loaded=names)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Unable("The file is no UTF-8 text. Save it as CSV UTF-8 and try again.") from None
