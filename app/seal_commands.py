"""Commands for the seal: what can be sealed, and what a signed PDF is worth (L19)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from app.console import Console, Unable, end, json_option
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organisation import Body
from documents.content.intake import Refused
from documents.content.seal_key import KeyProblem
from documents.seal_state import seal_state, trust_of


@click.group()
def seal() -> None:
    """The bodies' certificates, and signatures in PDFs."""


@seal.command("check")
@click.argument("pdf", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def check(console: Console, pdf: Path | None) -> None:
    """Say which bodies can seal now; with a PDF, whose signatures it holds and their worth."""
    with console.ready() as app:
        if pdf is None:
            _tell_bodies(console)
            return
        trust = trust_of(installation()).to_plain()
        try:
            found = app.extensions["nenep.workshop"].signatures(pdf, trust)
        except Refused as refused:
            raise Unable(f"{pdf.name} cannot be read: {refused}") from refused
        _tell_signatures(console, pdf, found)


def _tell_bodies(console: Console) -> None:
    here, now = installation(), datetime.now(UTC)
    trust = trust_of(here)
    lines, wrong = [], False
    for body in db.session.scalars(sa.select(Body).order_by(Body.code)):
        state = seal_state(here, body, now)
        wrong = wrong or state.problem not in (None, KeyProblem.NOT_SET)
        until = f", until {state.until:%Y-%m-%d}" if state.until is not None else ""
        said = state.words if state.problem is not None else "seals now."
        console.say(f"{body.code}: {state.name + until + ': ' if state.name else ''}{said}")
        lines.append({"body": body.code, "problem": state.problem, "name": state.name})
    kept = f"{len(trust.roots)} roots, {len(trust.others)} others, {len(trust.crls)} CRLs"
    unread = f"; cannot be read: {', '.join(trust.unreadable)}" if trust.unreadable else ""
    console.say(f"Trusted: {kept}{unread}. Timestamps: {here.timestamp_url or 'not set up'}.")
    if console.as_json:
        console.tell("", bodies=lines, unreadable=trust.unreadable, roots=len(trust.roots))
    if wrong or trust.unreadable:
        end(1)


def _tell_signatures(console: Console, pdf: Path, found: list[dict[str, Any]]) -> None:
    for one in found:
        at = one["stamped_at"] or one["signed_at"]
        console.say(
            f"{one['verdict']}: {one['name']}, {one['organisation']} ({one['issuer']}, {at})"
        )
    if not found:
        console.say(f"{pdf.name} holds no signature.")
    if console.as_json:
        console.tell("", signatures=found)
    if not found or any(one["verdict"] != "valid" for one in found):
        end(1)
