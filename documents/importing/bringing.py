"""One document of an import comes in, whole or not at all, once (a53, L11; D1, D7, D9).

What is brought was decided before this system: it is history, no signature and no decision here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.kernel.calendar import months_after
from app.kernel.organisation import Body, Unit
from app.kernel.search import code_key, nfc
from app.kernel.work import Work
from documents import register
from documents.citing import keep_citations
from documents.content.blocks import READER
from documents.facts import DocumentFact
from documents.importing.found_files import FoundFile
from documents.importing.items import Item
from documents.importing.listing import ListedRow
from documents.models import (
    Document,
    DocumentKind,
    FileRole,
    ImportBatch,
    ImportedHistory,
    ImportFile,
    ImportItem,
    Package,
    Revision,
    RevisionFile,
    RevisionState,
)
from documents.models.importing import LONGEST_PATH
from documents.permissions import DocumentPermission
from documents.storing import BroughtFile, store_rows

SPREAD_DAYS: Final = 365  # inherited reviews come due over twelve months
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MEDIA: Final = {
    "docx": _DOCX,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "doc": "application/msword",
}


@dataclass(frozen=True)
class _Edition:
    """One edition of a document to be, with what list and file say of it."""

    edition: int
    amendment: int
    approved_on: date | None
    effective_on: date | None
    title: str
    file: FoundFile | None
    row: ListedRow | None
    is_newest: bool = False

    @property
    def starts_on(self) -> date | None:
        """Give the day it came into force, as far as anybody knows."""
        return self.effective_on or self.approved_on


@dataclass(frozen=True)
class Bringing:
    """What every document of one batch has in common."""

    batch: ImportBatch
    files: dict[str, ImportFile]
    overdue: int  # how many inherited reviews are spread


def bring(work: Work, item: Item, common: Bringing) -> Document | None:
    """Bring one document in with all of its editions; None when it is there already."""
    batch = common.batch
    if work.actor_or_none is not None:
        work.require(DocumentPermission.IMPORT, batch)
    noted = item_row(work, batch, item.key)
    if noted.document_id is not None or item.unit is None:
        return None
    there = work.session.scalars(
        sa.select(Document).where(
            Document.body_id == batch.body_id, Document.code_key == code_key(item.code)
        )
    ).one_or_none()
    if there is not None:
        noted.done_at = work.now
        return None
    document = _open(work, item, batch)
    for edition, successor in _with_successors(_editions(item)):
        _add_revision(work, document, item, edition, successor, common)
    document.next_review_on = _next_review(item, document, common)
    work.record(DocumentFact.DOCUMENT_IMPORTED, document)
    noted.document_id, noted.done_at, noted.trouble = document.id, work.now, ""
    return document


def item_row(work: Work, batch: ImportBatch, key: str) -> ImportItem:
    """Give the row that remembers what became of an item; one for each key."""
    found = work.session.scalars(
        sa.select(ImportItem).where(ImportItem.batch_id == batch.id, ImportItem.key == key)
    ).one_or_none()
    return found or work.add(ImportItem(batch_id=batch.id, key=key, choice={}))


def _open(work: Work, item: Item, batch: ImportBatch) -> Document:
    unit = work.session.get_one(Unit, item.unit.id if item.unit is not None else None)
    document = Document(body_id=batch.body_id, kind=item.kind)
    document.body = work.session.get_one(Body, batch.body_id)
    document.lead_unit, document.lead_unit_id = unit, unit.id
    document.give_title(item.title[:500])
    document.give_code(item.code)
    parent = _document_of(work, batch, item.parent_code)
    if parent is not None:
        document.parent, document.parent_id = parent, parent.id
    return work.add(document)


def _document_of(work: Work, batch: ImportBatch, code: str) -> Document | None:
    if not code:
        return None
    return work.session.scalars(
        sa.select(Document).where(
            Document.body_id == batch.body_id, Document.code_key == code_key(code)
        )
    ).one_or_none()


def _editions(item: Item) -> list[_Edition]:
    """Give the editions of a document, oldest first; a file without number is the very first."""
    own = (item.edition or 0, item.amendment)
    found: dict[tuple[int, int], _Edition] = {}
    for row in item.earlier_rows:
        version = (row.edition or 0, row.amendment or 0)
        found[version] = _Edition(
            *version, row.approved.day, row.effective.day, row.title or item.title, None, row
        )
    for file in item.older:
        version = file.version or (0, 0)
        if version >= own:
            continue
        listed = found.get(version)
        found[version] = _Edition(
            *version,
            (listed.approved_on if listed else None) or file.approved_on,
            (listed.effective_on if listed else None) or file.effective_on,
            listed.title if listed else file.title or item.title,
            file,
            listed.row if listed else None,
        )
    newest = _Edition(
        *own, item.approved_on, item.effective_on, item.title, item.file, item.row, True
    )
    older = [found[version] for version in sorted(found) if version < own]
    return [*older, newest]


def _with_successors(editions: list[_Edition]) -> list[tuple[_Edition, _Edition | None]]:
    """Pair each edition with the one that followed it."""
    return list(zip(editions, [*editions[1:], None], strict=True))


def _add_revision(
    work: Work,
    document: Document,
    item: Item,
    edition: _Edition,
    successor: _Edition | None,
    common: Bringing,
) -> None:
    state = _state(item, edition, successor, common.batch.began_on)
    approved_on = edition.approved_on or edition.starts_on
    begins = _moment(document.body, edition.starts_on) or work.now
    before = register.newest_imported(work.session, document)
    revision = Revision(
        body_id=document.body_id,
        predecessor_id=before.id if before is not None else None,
        edition=edition.edition,
        amendment=edition.amendment,
        title=edition.title[:500],
        effective_on=edition.starts_on,
        drafted_at=work.now,
        approved_at=_moment(document.body, approved_on) or work.now,
    )
    revision.document = document
    if state is RevisionState.APPROVED:
        package = Package(body_id=document.body_id, lead_unit_id=document.lead_unit_id)
        work.session.add(package)
        revision.package = package
    ends = _moment(document.body, successor.starts_on) if successor is not None else None
    revision.take_over(state, since=begins, until=ends or work.now)
    work.add(revision)
    files = _put_files(work, revision, edition, item, common)
    history = _history(revision, edition, item, common)
    if revision.package is not None:
        work.session.flush()
        work.session.refresh(revision, ["all_files"])
        work.session.refresh(revision.package, ["revisions"])
        history.content_sha256 = revision.package.content_sha256()
    work.add(history)
    work.record(
        DocumentFact.REVISION_IMPORTED,
        revision,
        history=history,
        package=revision.package,
        imported_files=files,
        files=[{"sha256": file.sha256} for file in files],
    )
    work.session.refresh(revision, ["all_files"])
    register.index_revision(work.session, revision)
    if state is RevisionState.EFFECTIVE:
        keep_citations(work.session, revision)


def _state(item: Item, edition: _Edition, successor: _Edition | None, today: date) -> RevisionState:
    """Say where an edition stands: the newest whose day has come is in force (D1)."""
    is_to_come = edition.starts_on is not None and edition.starts_on > today
    if edition.is_newest and item.ended:
        return RevisionState.WITHDRAWN
    if edition.is_newest:
        return RevisionState.APPROVED if is_to_come else RevisionState.EFFECTIVE
    follows_later = (
        successor is not None
        and successor.is_newest
        and not item.ended
        and successor.starts_on is not None
        and successor.starts_on > today
    )
    return RevisionState.EFFECTIVE if follows_later else RevisionState.OBSOLETE


def _moment(body: Body, day: date | None) -> datetime | None:
    """Give the first moment of a day where the body works."""
    if day is None:
        return None
    return datetime.combine(day, time.min, ZoneInfo(body.time_zone)).astimezone(UTC)


def _put_files(
    work: Work, revision: Revision, edition: _Edition, item: Item, common: Bringing
) -> list[RevisionFile]:
    """Put the edition's file into the revision; a converted one keeps its original beside it."""
    found: list[tuple[FoundFile, FileRole]] = []
    if edition.file is not None:
        found.append((edition.file, FileRole.MAIN))
    if edition.is_newest:
        found += [(file, FileRole.ATTACHMENT) for file in item.beside]
    put: list[RevisionFile] = []
    for file, role in found:
        kept = common.files[file.path]
        if kept.kept_sha256 is None:
            continue
        is_old_word = kept.converted_sha256 is not None
        if is_old_word and role is FileRole.MAIN:
            put.append(_put(work, revision, kept, role, converted=True))
        put.append(_put(work, revision, kept, FileRole.ATTACHMENT if is_old_word else role))
    return put


def _put(
    work: Work, revision: Revision, kept: ImportFile, role: FileRole, *, converted: bool = False
) -> RevisionFile:
    name = nfc(kept.path).rpartition("/")[2]
    sha256 = (kept.converted_sha256 if converted else kept.kept_sha256) or ""
    if converted:
        name = f"{name.rpartition('.')[0]}.docx"
    has_reading = bool(kept.reading) and (converted or kept.converted_sha256 is None)
    brought = BroughtFile(
        sha256=sha256,
        name=name[:250],
        size=int((kept.found or {}).get("converted_size", kept.size)) if converted else kept.size,
        media_type=_MEDIA.get(name.rpartition(".")[2].lower(), "application/octet-stream"),
        reader=READER if has_reading else "",
        reading=kept.reading if has_reading else "",
    )
    store_rows(work, brought)
    return work.add(
        RevisionFile(
            body_id=revision.body_id,
            revision=revision,
            round=1,
            role=role,
            sha256=sha256,
            name=brought.name,
            size=brought.size,
        )
    )


def _history(
    revision: Revision, edition: _Edition, item: Item, common: Bringing
) -> ImportedHistory:
    row, file = edition.row, edition.file
    history = ImportedHistory(
        body_id=revision.body_id,
        revision_id=revision.id,
        batch_id=common.batch.id,
        path=file.path[:LONGEST_PATH] if file is not None else "",
        code_as_written=(row.code_typed if row else file.code if file else "")[:200],
        title_as_written=(row.title_typed if row else file.title if file else ""),
        approved_on=edition.approved_on,
        effective_on=edition.effective_on,
        encoding=(file.encoding if file is not None else ""),
        on_paper=file is None,
        converted=file is not None and common.files[file.path].converted_sha256 is not None,
    )
    if row is not None:
        history.sheet, history.row_number = row.sheet[:100], row.number
        history.former_code, history.unit_as_written = row.old_code[:200], row.unit
        history.state_as_written, history.note = row.state_typed, row.note
    for part in ("author", "reviewer", "approver"):
        listed = getattr(row, part) if row is not None else ""
        said = file.signer(part) if file is not None else ""
        setattr(history, f"{part}_name", (listed or said)[:250])
    return history


def _next_review(item: Item, document: Document, common: Bringing) -> date | None:
    """Give the next periodic review; those inherited late are spread over twelve months (D7)."""
    if item.ended:
        return None
    began = common.batch.began_on
    if item.review_place is not None:
        share = SPREAD_DAYS * (item.review_place + 1) // max(common.overdue, 1)
        return began + timedelta(days=max(share, 1))
    starts = item.effective_on or item.approved_on or began
    return months_after(starts, document.months_between_reviews)


def tie_forms(work: Work, items: list[Item], batch: ImportBatch) -> int:
    """Tie forms to procedures that came in after them; give how many."""
    tied = 0
    for item in items:
        if item.kind is not DocumentKind.FORM or not item.parent_code:
            continue
        noted = work.session.scalars(
            sa.select(ImportItem).where(
                ImportItem.batch_id == batch.id,
                ImportItem.key == item.key,
                ImportItem.document_id.is_not(None),
            )
        ).one_or_none()
        form = noted.document if noted is not None else None
        parent = _document_of(work, batch, item.parent_code)
        if form is None or parent is None or form.parent_id is not None:
            continue
        form.parent, form.parent_id = parent, parent.id
        work.record(DocumentFact.RECORD_CHANGED, form)
        tied += 1
    return tied
