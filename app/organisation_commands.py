"""Commands of the first hour: a body with its units, a person with a one-time link."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask

from app.console import Console, Unable, json_option
from app.kernel.accounts import LINK_LIVES
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.factors import factor_of
from app.kernel.install import installation
from app.kernel.organisation import Body, Unit, root_unit
from app.kernel.organisation_import import import_units
from app.kernel.organising import PersonData, add_person, appoint, create_body
from app.kernel.people import Person, Role
from app.kernel.row_import import ImportResult, Outcome, rows_of_csv, rows_of_table
from app.kernel.second_factor import take_off
from app.kernel.signing_in import login_name, make_link
from app.kernel.work import body_of, unit_of_work
from documents.content.intake import Refused

ROLES = {str(role): role for role in Role}
MINUTES = int(LINK_LIVES.total_seconds() // 60)


@click.group()
def body() -> None:
    """Public bodies: each with its own quality management system."""


@body.command("create")
@click.argument("code")
@click.argument("name")
@click.option(
    "--units",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its units: a .csv or .xlsx with the columns ma, ten, loai, truc_thuoc, "
    "hoat_dong_tu, hoat_dong_den, don_vi_ke_thua.",
)
@click.option("--overseer", default="", metavar="CODE", help="The higher body that oversees it.")
@json_option
@click.pass_obj
def create(console: Console, code: str, name: str, units: Path | None, overseer: str) -> None:
    """Set up the body CODE, called NAME, with its units."""
    with console.ready() as app:
        rows = _rows(app, units) if units is not None else []
        now = datetime.now(UTC)
        with unit_of_work(None, now=now) as work:
            made = create_body(
                work,
                code,
                name,
                active_from=today_of(None, now),
                overseer=body_of(work.session, overseer.casefold()) if overseer else None,
            )
            if rows:
                _need_all(import_units(work, made, rows))
        count = _count_units(made)
        console.tell(
            f"{made.name} ({made.code}) is set up with {count} units. "
            f"Next: nenep person create --body {made.code} --name ... --login ... --administrator",
            body=made.code,
            name=made.name,
            units=count,
        )


def _need_all(result: ImportResult) -> None:
    """Set nothing up where a row of the list cannot be done; name each such row."""
    wrong = [row for row in result.rows if row.outcome is Outcome.REFUSE]
    if wrong:
        lines = [f"row {row.number} ({row.what}): {row.text % row.values}" for row in wrong]
        raise Unable("Nothing was set up. Mend these rows first:\n  " + "\n  ".join(lines))


def _count_units(made: Body) -> int:
    count = sa.select(sa.func.count()).select_from(Unit).where(Unit.body_id == made.id)
    return db.session.scalar(count) or 0


def _rows(app: Flask, path: Path) -> list[dict[str, str]]:
    """Read the spreadsheet; one from elsewhere is opened in the workshop only."""
    if path.suffix.lower() != ".xlsx":
        return rows_of_csv(path.read_bytes())
    try:
        reading = app.extensions["nenep.workshop"].read(path, path.name)
    except Refused as refused:
        raise Unable(
            f"{path.name} cannot be read: {refused.reason.sentence % refused.reason.values}"
        ) from refused
    table = next((block for block in reading.blocks if block.rows), None)
    if table is None or len(table.rows) < 2:
        raise Unable(f"{path.name} holds no rows.")
    return rows_of_table([cell.text for cell in row] for row in table.rows)


@click.group()
def person() -> None:
    """People and their accounts."""


@person.command("create")
@click.option("--body", "body_code", required=True, metavar="CODE", help="The body they work in.")
@click.option("--name", required=True, help="Full name, family name first.")
@click.option("--unit", default="", metavar="CODE", help="Their unit; the whole body if left out.")
@click.option("--login", default="", help="Account name; left out, they cannot sign in.")
@click.option("--email", default="", help="Where their daily letter goes.")
@click.option("--post", default="", help="What they are, for example: Chuyên viên.")
@click.option("--administrator", is_flag=True, help="Administrator of the whole body.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(list(ROLES)),
    help="A role over their unit; may be given several times.",
)
@json_option
@click.pass_obj
def create_person(
    console: Console,
    body_code: str,
    name: str,
    unit: str,
    login: str,
    email: str,
    post: str,
    administrator: bool,
    roles: tuple[str, ...],
) -> None:
    """Add somebody and print the one-time link that sets their password (60 minutes)."""
    if (administrator or roles) and not login:
        raise click.UsageError("A role needs an account: give --login too.")
    with console.ready():
        now = datetime.now(UTC)
        with unit_of_work(None, now=now) as work:
            home = body_of(work.session, body_code.casefold())
            root = root_unit(work.session, home.id)
            where = _unit(home, unit) if unit else root
            added = add_person(
                work, PersonData(name=name, unit=where, post=post, email=email, login=login)
            )
            on = today_of(home, now)
            for role in roles:
                appoint(work, added, ROLES[role], where, from_on=on)
            if administrator:
                appoint(work, added, Role.ADMINISTRATOR, root, from_on=on)
            token = make_link(work, added) if added.login else ""
        _tell_link(console, added, token, made=True)


def _unit(home: Body, code: str) -> Unit:
    today = today_of(home, datetime.now(UTC))
    found = [
        unit
        for unit in db.session.scalars(
            sa.select(Unit).where(Unit.body_id == home.id, Unit.code == code)
        )
        if unit.is_active(today)
    ]
    if not found:
        raise Unable(f"{home.code} has no unit {code} today.")
    return found[0]


@person.command("reset")
@click.argument("login")
@json_option
@click.pass_obj
def reset(console: Console, login: str) -> None:
    """Print a new one-time link for LOGIN; it needs no e-mail. Older links end."""
    with console.ready():
        with unit_of_work(None) as work:
            found = work.session.scalars(
                sa.select(Person).where(Person.login == login_name(login))
            ).one_or_none()
            if found is None:
                raise Unable(f"There is no account {login}.")
            if found.disabled_at is not None:
                raise Unable(f"The account {login} is closed; an administrator opens it again.")
            token = make_link(work, found)
        _tell_link(console, found, token, made=False)


@person.command("factor-off")
@click.argument("login")
@click.option("--reason", required=True, help="Why, for the trail: for example a lost phone.")
@json_option
@click.pass_obj
def factor_off(console: Console, login: str, reason: str) -> None:
    """Take the second factor of LOGIN off, where no administrator can; every browser ends."""
    with console.ready():
        with unit_of_work(None) as work:
            found = work.session.scalars(
                sa.select(Person).where(Person.login == login_name(login))
            ).one_or_none()
            if found is None:
                raise Unable(f"There is no account {login}.")
            if not reason.strip():
                raise Unable("Say why: --reason is empty.")
            if factor_of(work.session, found) is None:
                raise Unable(f"The second factor of {login} is off already.")
            take_off(work, found, reason=reason.strip())
        console.tell(f"The second factor of {found.name} is off.", person=found.id, login=login)


def _tell_link(console: Console, found: Person, token: str, *, made: bool) -> None:
    url = f"{installation().public_url}{link_path(token)}" if token else ""
    what = f"{found.name} is added." if made else f"A new link for {found.name}."
    console.tell(
        f"{what} Within {MINUTES} minutes, once:\n{url}" if url else f"{what} No account, no link.",
        person=found.id,
        name=found.name,
        login=found.login,
        link=url,
        minutes=MINUTES if url else 0,
    )


def link_path(token: str) -> str:
    """Give the address of a one-time link, as the account pages answer it."""
    return f"/link/{token}"
