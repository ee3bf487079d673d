"""`nenep paper`: which printed forms there are, and one of them as a Word file (9.1-9.25)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa

from app.console import Console, Unable, json_option
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.files import whole_file
from app.kernel.organisation import Body, root_unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import standing_of
from app.kernel.work import body_of, unit_of_work
from app.printed import FORMS, Desk, PrintedForm


@click.command("paper")
@click.argument("kind", required=False)
@click.argument("record", required=False)
@click.option("--list", "is_list", is_flag=True, help="Say which forms there are.")
@click.option("--body", "code", default="", metavar="CODE", help="Of this body; else the first.")
@click.option(
    "-o", "target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the Word file.",
)  # fmt: skip
@json_option
@click.pass_obj
def paper(
    console: Console,
    kind: str | None,
    record: str | None,
    is_list: bool,
    code: str,
    target: Path | None,
) -> None:
    """Print the form KIND of RECORD as the product lays it out: nenep paper audit_plan DG-2026-05.

    RECORD is its number, code, year or version; of a list the code of the body. What is seen is
    what the body's quality officer sees.
    """
    if is_list:
        if kind is not None:
            raise click.UsageError("--list takes no form.")
        with console.ready():
            _list(console, _desk_or_none(code))
        return
    if kind is None or record is None or target is None:
        raise click.UsageError("Name a form, a record and -o FILE; or ask for --list.")
    found = next((one for one in FORMS if one.kind == kind), None)
    if found is None:
        raise click.UsageError(f"There is no form {kind}. `nenep paper --list` names them.")
    if not target.parent.is_dir():
        raise Unable(f"There is no folder {target.parent}.")
    with console.ready():
        desk = _desk_or_none(code)
        if desk is None:
            raise Unable("There is nobody yet whose papers could be printed.")
        content = found.build(desk, record)
        body = desk.body
        with whole_file(target) as out:
            out.write(content)
        with unit_of_work(None) as work:
            work.record(KernelFact.EXPORTED, work.fresh(body), what=found.kind, count=1)
    console.tell(f"{target}: {found.title} {record}.", file=str(target), kind=kind, record=record)


def _list(console: Console, desk: Desk | None) -> None:
    for form in FORMS:
        example = form.example(desk) if desk is not None else None
        console.tell(_line(form, example), kind=form.kind, title=form.title,
                     decree30=form.decree30, example=example)  # fmt: skip


def _line(form: PrintedForm, example: str | None) -> str:
    shown = f"  e.g. {example}" if example else ""
    return f"{form.kind:<20}{form.decree30 or '-':<5}{form.title}{shown}"


def _desk_or_none(code: str) -> Desk | None:
    """Give the body that is meant and who keeps its system; None in an empty installation."""
    session = db.session()
    if code:
        body: Body | None = body_of(session, code.casefold())
    else:
        body = session.scalars(sa.select(Body).order_by(Body.id).limit(1)).first()
    if body is None:
        return None
    now = datetime.now(UTC)
    today = today_of(body, now)
    root = root_unit(session, body.id)
    keeper = session.scalars(
        sa.select(Person)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.role == Role.QUALITY_OFFICER,
            Appointment.unit_id == root.id,
            Appointment.from_on <= today,
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Appointment.id)
        .limit(1)
    ).first()
    if keeper is None:
        raise Unable(f"{body.name} has no quality officer whose papers could be printed.")
    return Desk(session, body, standing_of(session, keeper, today), now)
