"""Commands for seals and scans: what can be sealed, a signature's worth, trying again (L19)."""

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
from app.kernel.work import unit_of_work
from documents.content.intake import Refused
from documents.content.seal_key import KeyProblem
from documents.models import Revision
from documents.seal_state import seal_state, trust_of
from documents.trying_again import (
    recognise_again,
    scans_given_up,
    seal_again,
    seals_given_up,
)


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


@seal.command("retry")
@click.option("--body", default="", help="Only of the body with this code.")
@json_option
@click.pass_obj
def retry(console: Console, body: str) -> None:
    """Have every seal tried again that was given up after some tries; the jobs do the work."""
    with console.ready():
        given_up = [one.revision_id for one in seals_given_up(db.session(), _asked(body))]
        for revision_id in given_up:
            with unit_of_work(None) as work:
                revision = work.session.get_one(Revision, revision_id)
                seal_again(work, revision)
                console.say(f"{revision.code} {revision.label}: asked for again.")
        console.say(f"{len(given_up)} seals are tried again.")
        if console.as_json:
            console.tell("", asked=len(given_up))


def _asked(code: str) -> Body | None:
    if not code:
        return None
    found = db.session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if found is None:
        raise Unable(f"There is no body with the code {code}.")
    return found


@click.group()
def scans() -> None:
    """The words of scans, recognised by Tesseract in the jobs."""


@scans.command("retry")
@click.option("--body", default="", help="Only of the body with this code.")
@json_option
@click.pass_obj
def retry_scans(console: Console, body: str) -> None:
    """Have every scan looked at again whose recognition failed; the jobs do the work."""
    with console.ready():
        failed = [one.id for one in scans_given_up(db.session(), _asked(body))]
        for revision_id in failed:
            with unit_of_work(None) as work:
                revision = work.session.get_one(Revision, revision_id)
                recognise_again(work, revision)
                console.say(f"{revision.code} {revision.label}: asked for again.")
        console.say(f"{len(failed)} scans are looked at again.")
        if console.as_json:
            console.tell("", asked=len(failed))


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
