"""The command that brings a body's list and files in: looked at, then done (a52, a53, L11)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale, gettext

from app.console import Console, Unable, json_option, progress
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organisation import Body
from app.kernel.search import nfc
from app.kernel.staging import staging
from app.kernel.work import body_of, unit_of_work
from documents.content.intake import MAX_FILE_BYTES, Refused
from documents.content.sheet_reading import Sheet
from documents.content.workshop import Workshop
from documents.exporting import SEALED
from documents.facts import DocumentFact
from documents.importing import batches
from documents.importing.bringing import item_row
from documents.importing.choices import Choice
from documents.importing.found_files import FoundFile, digest_of, is_left_beside
from documents.importing.items import ItemOutcome, Plan
from documents.importing.listing import read_listing
from documents.importing.plan import make_plan
from documents.importing.problems import Problem, ProblemId, Severity
from documents.importing.reading_files import AT_ONCE, READERS, Tools, look_at, read_files
from documents.models import ImportBatch, ImportFile, ImportState
from documents.models.importing import LONGEST_PATH


def _never() -> bool:
    """Let a whole import be one call."""
    return False


@click.command("import")
@click.option("--body", "body_code", required=True, metavar="CODE", help="The body it is for.")
@click.argument("register", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen; nothing is written.")
@click.option("--on-paper", is_flag=True, help="Rows without a file exist on paper only.")
@click.option("--convert", is_flag=True, help="Convert old Word files (.doc); originals are kept.")
@click.option(
    "--accept", is_flag=True, help="Decide every doubt as proposed; what is refused stays out."
)
@json_option
@click.pass_obj
def import_documents(
    console: Console,
    body_code: str,
    register: Path,
    folder: Path,
    dry_run: bool,
    on_paper: bool,
    convert: bool,
    accept: bool,
) -> None:
    """Bring in what the list REGISTER.xlsx names, with the files in FOLDER and their history.

    Started again after a stop or a power cut it goes on where it was; nothing comes in twice.
    """
    with console.ready() as app:
        home = body_of(db.session(), body_code.casefold())
        workshop: Workshop = app.extensions["nenep.workshop"]
        sheets = _sheets(workshop, register)
        paths = dict(_documents(register, folder))
        wishes = Choice(on_paper=on_paper, convert=convert, accept=accept)
        if dry_run:
            plan = _looked_at(home, sheets, paths, workshop, wishes)
            _tell_problems(console, home, plan)
        else:
            plan = _done(console, app, home, register, sheets, paths, wishes)
        _sum_up(console, plan, done=not dry_run)
        if (folder.resolve().parent / SEALED).is_dir():
            console.tell(
                f"{SEALED}: sealed and signed copies are not brought in. Keep them as files "
                "beside; `pdfsig` and the page “check a signed file” prove each by itself.",
                kept_beside=SEALED,
            )


def _sheets(workshop: Workshop, register: Path) -> list[Sheet]:
    try:
        sheets = workshop.sheets(register, register.name)
    except Refused as refused:
        raise Unable(
            f"{register.name} cannot be read: {refused.reason.sentence % refused.reason.values}"
        ) from refused
    if not read_listing(sheets).sheets:
        raise Unable(
            f"{register.name} holds no list: no row names columns such as 'Mã tài liệu', "
            "'Tên tài liệu', 'Ngày hiệu lực'."
        )
    return sheets


def _documents(register: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Give every file of the folder by its path as seen from the list, else from the folder."""
    base = register.resolve().parent
    top = folder.resolve()
    seen_from = base if top.is_relative_to(base) else top.parent
    for path in sorted(top.rglob("*")):
        shown = nfc(path.relative_to(seen_from).as_posix())
        if path.is_symlink() or not path.is_file() or path == register.resolve():
            continue
        if not is_left_beside(shown):
            yield shown[-LONGEST_PATH:], path


def _looked_at(
    home: Body, sheets: list[Sheet], paths: dict[str, Path], workshop: Workshop, wishes: Choice
) -> Plan:
    """Look at everything without writing a thing."""
    around = batches.surroundings(db.session(), home, None)
    db.session.rollback()

    def look(shown: str) -> FoundFile:
        path = paths[shown]
        found, _reading = look_at(path, shown, digest_of(path), path.stat().st_size, workshop)
        return found

    with ThreadPoolExecutor(READERS) as pool:
        files = []
        for count, found in enumerate(pool.map(look, paths), start=1):
            files.append(found)
            progress("Looking at files", count, len(paths))
    listing = read_listing(sheets)
    plan = make_plan(listing, files, around)
    choices = _wished(plan, wishes)
    return make_plan(listing, files, around, choices) if choices else plan


def _wished(plan: Plan, wishes: Choice) -> dict[str, Choice]:
    """Turn the options of the command into decisions about the rows they concern."""
    choices: dict[str, Choice] = {}
    for item in plan.items:
        ids = {problem.id for problem in item.open_problems}
        choice = Choice(
            on_paper=wishes.on_paper and ProblemId.ROW_WITHOUT_FILE in ids,
            convert=wishes.convert and ProblemId.FILE_TYPE_DOC in ids,
            accept=wishes.accept and bool(ids),
        )
        if choice != Choice():
            choices[item.key] = choice
    return choices


def _done(
    console: Console,
    app: Flask,
    home: Body,
    register: Path,
    sheets: list[Sheet],
    paths: dict[str, Path],
    wishes: Choice,
) -> Plan:
    """Bring everything in that is ready; take up what was stopped before."""
    session = db.session()
    here = installation()
    tools = Tools(here.store, staging(), app.extensions["nenep.workshop"])
    batch_id = _batch(home, register, sheets)
    _take_in(batch_id, paths)
    read_files(session, batch_id, tools, until=_never)
    with unit_of_work(None) as work:
        batch = work.fresh(work.session.get_one(ImportBatch, batch_id))
        batch.be_read()
        for key, choice in _wished(batches.plan_of(work.session, batch), wishes).items():
            item_row(work, batch, key).choice = choice.to_plain()
        if batch.state is not ImportState.RUNNING:
            batches.start(work, batch)
        else:
            work.record(DocumentFact.IMPORT_STARTED, batch)
    progress("Importing")
    batches.run(
        session,
        batch_id,
        tools,
        progress=lambda count, total: progress("Documents", count, total),
    )
    return batches.plan_of(session, session.get_one(ImportBatch, batch_id))


def _batch(home: Body, register: Path, sheets: list[Sheet]) -> int:
    """Give the import of this very list that is under way or was stopped, else a new one."""
    sha256 = digest_of(register)
    known = db.session.scalars(
        sa.select(ImportBatch)
        .where(ImportBatch.body_id == home.id, ImportBatch.sha256 == sha256)
        .order_by(ImportBatch.id.desc())
        .limit(1)
    ).one_or_none()
    if known is not None:
        return known.id
    with unit_of_work(None) as work:
        body = work.session.get_one(Body, home.id)
        return batches.begin(work, body, nfc(register.name), sha256, sheets).id


def _take_in(batch_id: int, paths: dict[str, Path]) -> None:
    """Copy new and changed files into the store, synced, then note them; safe to repeat."""
    known = dict(
        db.session.execute(
            sa.select(ImportFile.path, ImportFile.sha256).where(ImportFile.batch_id == batch_id)
        ).all()
    )
    db.session.rollback()
    waiting = [
        (shown, path) for shown, path in paths.items() if known.get(shown) != digest_of(path)
    ]
    for begin in range(0, len(waiting), AT_ONCE):
        noted = []
        for shown, path in waiting[begin : begin + AT_ONCE]:
            noted.append((shown, *_received(path)))
        with unit_of_work(None) as work:
            batch = work.session.get_one(ImportBatch, batch_id)
            for shown, sha256, size in noted:
                batches.add_file(work, batch, shown, sha256, size)
        progress("Files", min(begin + AT_ONCE, len(waiting)), len(waiting))


def _received(path: Path) -> tuple[str, int]:
    waiting = staging()  # in the store only once it was looked at
    try:
        with path.open("rb") as stream:
            received, sha256, size = waiting.receive(stream, at_most=MAX_FILE_BYTES)
    except ValueError as problem:
        raise Unable(f"{path.name} is larger than {MAX_FILE_BYTES >> 20} MB.") from problem
    waiting.keep(received, sha256)
    return sha256, size


def _tell_problems(console: Console, home: Body, plan: Plan) -> None:
    with force_locale(home.locale):
        for problem in plan.problems:
            console.tell(_line(problem), **told(problem))


def told(problem: Problem) -> dict[str, object]:
    """Give a problem as one object: exactly the keys that scripts read."""
    return {
        "id": str(problem.id),
        "severity": str(problem.severity),
        "sheet": problem.sheet,
        "row": problem.row,
        "file": problem.file,
        "code": problem.code,
        "detail": in_words(problem),
    }


def in_words(problem: Problem) -> str:
    """Say what is wrong in the language of the moment."""
    values = {
        name: str(gettext(value)) if name == "column" else value
        for name, value in problem.values.items()
    }
    return str(gettext(problem.text, **values))


def _line(problem: Problem) -> str:
    where = f"{problem.sheet} {problem.row}" if problem.row else problem.file or problem.sheet
    return f"{problem.severity:<7} {problem.id:<28} {where}: {in_words(problem)}"


def _sum_up(console: Console, plan: Plan, *, done: bool) -> None:
    """Say on the error stream what came of it, so that the lines stay pure."""
    severities = dict.fromkeys(Severity, 0)
    for problem in plan.problems:
        severities[problem.severity] += 1
    ready = plan.count(ItemOutcome.CREATE)
    what = "brought in" if done else "would come in"
    click.echo(
        f"{ready} documents {what}; {plan.count(ItemOutcome.THERE)} there already, "
        f"{plan.count(ItemOutcome.DOUBT)} doubtful, {plan.count(ItemOutcome.REFUSE)} refused. "
        f"Problems: {severities[Severity.REFUSE]} refuse, {severities[Severity.DOUBT]} doubt, "
        f"{severities[Severity.NOTICE]} notice.",
        err=True,
    )
