"""The life of an import: begun, read, decided, run in steps, stopped, taken up again (a52, T17).

Reading happens outside any transaction; each document comes in by one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.errors import Forbidden, RuleBroken, Stale
from app.kernel.organisation import Body, Unit, root_unit, units_of
from app.kernel.people import Person
from app.kernel.unit_succession import successors_of
from app.kernel.work import Work, unit_of_work
from documents.content.sheet_reading import Sheet, sheets_from_plain, sheets_to_plain
from documents.facts import DocumentFact
from documents.importing.bringing import Bringing, bring, item_row, tie_forms
from documents.importing.choices import Choice
from documents.importing.found_files import FoundFile
from documents.importing.items import Item, Plan, Surroundings
from documents.importing.listing import read_listing
from documents.importing.plan import make_plan
from documents.importing.reading_files import Tools, convert_wanted, found_in, read_files
from documents.importing.unit_names import KnownUnit
from documents.models import Document, ImportBatch, ImportFile, ImportItem, ImportState
from documents.permissions import DocumentPermission

NO_FILES = N_("Choose at least one file: .docx, .xlsx, .pdf, .doc, or a .zip of them.")


def begin(work: Work, body: Body, name: str, sha256: str, sheets: list[Sheet]) -> ImportBatch:
    """Begin an import with its list; its files follow."""
    if work.actor_or_none is not None:
        work.require(DocumentPermission.IMPORT, body)
    batch = ImportBatch(
        body_id=body.id,
        started_by_id=work.actor_or_none.id if work.actor_or_none is not None else None,
        state=ImportState.READING,
        name=name[:250],
        sha256=sha256,
        sheets=json.dumps(sheets_to_plain(sheets), ensure_ascii=False),
        began_on=today_of(body, work.now),
        began_at=work.now,
    )
    work.add(batch)
    work.record(DocumentFact.IMPORT_BEGUN, batch)
    return batch


def add_file(work: Work, batch: ImportBatch, path: str, sha256: str, size: int) -> ImportFile:
    """Note a file of the folder; one that changed is looked at again."""
    row = work.session.scalars(
        sa.select(ImportFile).where(ImportFile.batch_id == batch.id, ImportFile.path == path)
    ).one_or_none()
    if row is None:
        return work.add(ImportFile(batch_id=batch.id, path=path, sha256=sha256, size=size))
    if row.sha256 != sha256:
        row.sha256, row.size, row.found, row.reading = sha256, size, None, ""
        row.kept_sha256 = row.converted_sha256 = None
    return row


def bring_more(work: Work, batch: ImportBatch, taken: list[tuple[str, str, int]]) -> None:
    """Note more files of the folder and look at them; a running import is stopped first."""
    work.require(DocumentPermission.IMPORT, batch)
    batch = work.fresh(batch)
    batch.read_again()
    for path, sha256, size in taken:
        add_file(work, batch, path, sha256, size)
    work.record(DocumentFact.IMPORT_BEGUN, batch, count=len(taken))


def decide(work: Work, batch: ImportBatch, key: str, choice: Choice) -> None:
    """Keep what somebody decided about a row or a file; the last decision counts."""
    work.require(DocumentPermission.IMPORT, batch)
    batch = work.fresh(batch)
    if obstacle := batch.change_obstacle():
        raise obstacle
    row = item_row(work, batch, key)
    row.choice = choice.to_plain()


def start(work: Work, batch: ImportBatch) -> None:
    """Let the import run, or go on where it stopped."""
    if work.actor_or_none is not None:
        work.require(DocumentPermission.IMPORT, batch)
    batch = work.fresh(batch)
    batch.start()
    if work.actor_or_none is not None:
        batch.started_by_id = work.actor_or_none.id  # in whose name it goes on
    work.record(DocumentFact.IMPORT_STARTED, batch)


def cancel(work: Work, batch: ImportBatch) -> None:
    """Stop after the document that is coming in; all that is in stays."""
    work.require(DocumentPermission.IMPORT, batch)
    batch = work.fresh(batch)
    batch.cancel(at=work.now)
    work.record(DocumentFact.IMPORT_STOPPED, batch)


# --- the plan


def surroundings(session: Session, body: Body, batch: ImportBatch | None) -> Surroundings:
    """Give what is known of the body while its list is looked at."""
    units = units_of(session, body.id)
    heirs = successors_of(session, [unit.id for unit in units])
    root = root_unit(session, body.id)
    on = batch.began_on if batch is not None else today_of(body, datetime.now(UTC))
    own: set[str | None] = set()
    if batch is not None:
        own = set(
            session.scalars(
                sa.select(Document.code_key)
                .join(ImportItem, ImportItem.document_id == Document.id)
                .where(ImportItem.batch_id == batch.id)
            )
        )
    known = set(
        session.scalars(
            sa.select(Document.code_key).where(
                Document.body_id == body.id, Document.code_key.is_not(None)
            )
        )
    )
    return Surroundings(
        units=[known_unit(unit, heirs, root, on) for unit in units],
        today=on,
        known_codes=frozenset(key for key in known - own if key),
        prefixes={str(k): str(v) for k, v in body.setting("kind_prefixes").items()},
        review_months={str(k): int(v) for k, v in body.setting("review_months").items()},
    )


def known_unit(unit: Unit, heirs: dict[int, int], root: Unit, on: date) -> KnownUnit:
    """Give a unit as lists are read against it; one with an heir has ended."""
    return KnownUnit(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        is_active=unit.id == root.id or (unit.active_until is None or unit.is_active(on)),
        successor_id=heirs.get(unit.id),
        is_root=unit.id == root.id,
    )


def plan_of(session: Session, batch: ImportBatch) -> Plan:
    """Say what every row and file of a batch becomes, as things are decided now."""
    body = session.get_one(Body, batch.body_id)
    listing = read_listing(sheets_from_plain(json.loads(batch.sheets)))
    files = [
        found_in(found)
        for found in session.scalars(
            sa.select(ImportFile.found)
            .where(ImportFile.batch_id == batch.id, ImportFile.found.is_not(None))
            .order_by(ImportFile.path)
        )
        if found
    ]
    choices = {
        key: Choice.from_plain(choice)
        for key, choice in session.execute(
            sa.select(ImportItem.key, ImportItem.choice).where(ImportItem.batch_id == batch.id)
        )
        if choice
    }
    return make_plan(listing, files, surroundings(session, body, batch), choices)


# --- running


def run(
    session: Session,
    batch_id: int,
    tools: Tools,
    *,
    until: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Bring in what is ready, one transaction a document; stop when told, go on another time."""
    batch = session.get_one(ImportBatch, batch_id)
    actor = batch.started_by
    plan = plan_of(session, batch)
    if convert_wanted(session, batch_id, plan, tools):
        plan = plan_of(session, session.get_one(ImportBatch, batch_id))
    done = _done_keys(session, batch_id)
    ready = [item for item in plan.ready if item.key not in done]
    total, count = len(plan.ready), 0
    for item in ready:
        if until() or not _still_runs(session, batch_id):
            return count
        try:
            with unit_of_work(actor) as work:
                batch = work.session.get_one(ImportBatch, batch_id)
                files = _files_of(work.session, batch_id, item)
                came = bring(work, item, Bringing(batch, files, plan.overdue))
                count += came is not None
        except (Stale, RuleBroken) as problem:
            _note_trouble(batch_id, item.key, str(problem))
        except Forbidden:
            _stop_for(batch_id)
            return count
        progress(total - len(ready) + count, total)
    _finish(session, batch_id, plan, actor)
    return count


def _done_keys(session: Session, batch_id: int) -> set[str]:
    return set(
        session.scalars(
            sa.select(ImportItem.key).where(
                ImportItem.batch_id == batch_id, ImportItem.done_at.is_not(None)
            )
        )
    )


def _still_runs(session: Session, batch_id: int) -> bool:
    state = session.scalar(sa.select(ImportBatch.state).where(ImportBatch.id == batch_id))
    session.rollback()
    return state is ImportState.RUNNING


def _files_of(session: Session, batch_id: int, item: Item) -> dict[str, ImportFile]:
    paths = {file.path for file in _item_files(item)}
    rows = session.scalars(
        sa.select(ImportFile)
        .where(ImportFile.batch_id == batch_id, ImportFile.path.in_(paths))
        .options(undefer(ImportFile.reading))
    )
    return {row.path: row for row in rows}


def _item_files(item: Item) -> Iterator[FoundFile]:
    if item.file is not None:
        yield item.file
    yield from (*item.older, *item.beside)


def _note_trouble(batch_id: int, key: str, trouble: str) -> None:
    with unit_of_work(None) as work:
        batch = work.session.get_one(ImportBatch, batch_id)
        item_row(work, batch, key).trouble = trouble[:500]


def _stop_for(batch_id: int) -> None:
    """Stop where whoever started it may no longer import; somebody else takes it up."""
    with unit_of_work(None) as work:
        batch = work.fresh(work.session.get_one(ImportBatch, batch_id))
        batch.cancel(at=work.now)
        work.record(DocumentFact.IMPORT_STOPPED, batch)


def _finish(session: Session, batch_id: int, plan: Plan, actor: Person | None) -> None:
    """Tie forms to what came after them and say that it is done; safe to do again."""
    with unit_of_work(actor) as work:
        batch = work.fresh(work.session.get_one(ImportBatch, batch_id))
        if batch.state is not ImportState.RUNNING:
            return
        tie_forms(work, plan.items, batch)
        batch.finish(at=work.now)
        work.record(
            DocumentFact.IMPORT_FINISHED, batch, count=count_brought(work.session, batch_id)
        )


def count_brought(session: Session, batch_id: int) -> int:
    """Count the documents an import brought in so far."""
    counted = session.scalar(
        sa.select(sa.func.count()).where(
            ImportItem.batch_id == batch_id, ImportItem.document_id.is_not(None)
        )
    )
    return counted or 0


def at_work(session: Session) -> Iterable[int]:
    """Give the imports a job has something to do for, the oldest first."""
    return list(
        session.scalars(
            sa.select(ImportBatch.id)
            .where(ImportBatch.state.in_((ImportState.READING, ImportState.RUNNING)))
            .order_by(ImportBatch.id)
        )
    )


def advance(session: Session, batch_id: int, tools: Tools, *, until: Callable[[], bool]) -> int:
    """Do some of an import's work: read what was not read, or bring in what is ready."""
    count = read_files(session, batch_id, tools, until=until)
    batch = session.get_one(ImportBatch, batch_id)
    if batch.state is ImportState.READING:
        left = session.scalar(
            sa.select(sa.func.count()).where(
                ImportFile.batch_id == batch_id, ImportFile.found.is_(None)
            )
        )
        if not left:
            with unit_of_work(None) as work:
                batch = work.fresh(work.session.get_one(ImportBatch, batch_id))
                if batch.state is ImportState.READING:
                    batch.be_read()
                    work.record(DocumentFact.IMPORT_READ, batch)
        return count
    if batch.state is ImportState.RUNNING:
        count += run(session, batch_id, tools, until=until)
    return count
