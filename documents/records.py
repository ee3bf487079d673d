"""The register of filled forms: entered, found, annotated, never altered (7.5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.permissions import Standing, may
from app.kernel.search import fold, nfc
from app.kernel.work import Work
from documents import register
from documents.facts import DocumentFact
from documents.models import (
    Disposal,
    DisposalItem,
    DisposalMethod,
    DisposalState,
    Document,
    DocumentKind,
    QualityRecord,
    RecordNote,
)
from documents.permissions import READS_BODY, READS_UNIT, DocumentPermission
from documents.retention import end_of_years, years_for_records
from documents.storing import BroughtFile, store_rows

PAGE = 50
LONGEST_KEPT = 100  # years
FORMS = (DocumentKind.FORM, DocumentKind.RECORD_TYPE)


@dataclass(frozen=True)
class RecordData:
    """What somebody says of a record."""

    unit: Unit
    title: str
    made_on: date | None
    form: Document | None = None
    number: str = ""
    period: str = ""
    holder: Person | None = None
    place: str = ""
    keep_years: int | None = None  # None: as the form or the body says; 0 for ever


@dataclass(frozen=True)
class RecordFilters:
    """What narrows the register."""

    text: str = ""
    unit_id: int | None = None
    disposed: bool = False


@dataclass(frozen=True)
class Records:
    """A page of the register, newest first."""

    rows: list[QualityRecord]
    older_than: int | None
    newer_than: int | None


def keep_record(work: Work, data: RecordData, brought: BroughtFile | None = None) -> QualityRecord:
    """Enter a record once; afterwards it is annotated, never altered."""
    work.require(DocumentPermission.KEEP_RECORD, data.unit)
    title, place = " ".join(nfc(data.title).split()), nfc(data.place).strip()
    if not title:
        raise InvalidInput(N_("Give the record a title."), field="title")
    if data.made_on is None or data.made_on > work.today:
        raise InvalidInput(N_("Give the day it was made, today at the latest."), field="made_on")
    if brought is None and not place:
        raise InvalidInput(N_("Say where the paper is, or bring the file."), field="place")
    if data.form is not None and data.form.body_id != data.unit.body_id:
        raise InvalidInput(N_("This form is not one of this body."), field="form")
    if data.holder is not None and data.holder.body_id != data.unit.body_id:
        raise InvalidInput(N_("Choose somebody of this body."), field="holder")
    years = data.keep_years
    if years is None:
        years = years_for_records(data.unit.body, data.form)
    if not 0 <= years <= LONGEST_KEPT:
        raise InvalidInput(
            N_("Give years from 0 (for ever) to %(most)s."), field="keep_years", most=LONGEST_KEPT
        )
    if brought is not None:
        store_rows(work, brought)
    revision = register.effective_revision(work.session, data.form) if data.form else None
    record = QualityRecord(
        body_id=data.unit.body_id,
        unit=data.unit,
        form=data.form,
        form_revision=revision,
        title=title[:500],
        number=" ".join(nfc(data.number).split())[:80],
        period=" ".join(nfc(data.period).split())[:80],
        holder=data.holder,
        place=place[:300],
        sha256=brought.sha256 if brought is not None else None,
        file_name=brought.name if brought is not None else "",
        size=brought.size if brought is not None else None,
        made_on=data.made_on,
        keep_years=years,
        keep_until=end_of_years(data.made_on, years),
        recorded_by=work.actor,
        recorded_at=work.now,
    )
    record.give_words()
    work.add(record)
    files = [{"sha256": brought.sha256}] if brought is not None else None
    work.record(DocumentFact.RECORD_KEPT, record, files=files)
    return record


def annotate(work: Work, record: QualityRecord, text: str) -> RecordNote:
    """Add a remark beside a record, which itself stays as it was entered."""
    work.require(DocumentPermission.KEEP_RECORD, record)
    if not text.strip():
        raise InvalidInput(N_("Write the note first."), field="text")
    note = RecordNote(
        body_id=record.body_id,
        record=record,
        person=work.actor,
        text=nfc(text).strip()[:2000],
        made_at=work.now,
    )
    work.add(note)
    work.record(DocumentFact.RECORD_ANNOTATED, record, note=note)
    return note


def take_record_file(work: Work, record: QualityRecord) -> None:
    """Tell that somebody took the file of a record away; one that is disposed of has none."""
    work.require(DocumentPermission.LIST_RECORDS, record)
    if record.disposed_at is not None:
        raise RuleBroken(N_("This was disposed of already."), rule="D5")
    if record.sha256 is None:
        raise NotFound()
    work.record(DocumentFact.RECORD_FILE_TAKEN, record, files=[{"sha256": record.sha256}])


def seen_records(standing: Standing) -> Any:
    """Condition on records: those of one's units, or of all where one reads the body (O1, O4)."""
    units = set(standing.unit_ids)
    for grant in standing.grants:
        if grant.role in READS_UNIT:
            units |= grant.covers
    of_body = QualityRecord.body_id == standing.body_id
    if standing.has(*READS_BODY):
        return of_body
    return sa.and_(of_body, QualityRecord.unit_id.in_(units))


def record_by_id(session: Session, standing: Standing, record_id: int) -> QualityRecord:
    """Give a record by its key; NotFound when there is none for this person."""
    found = session.get(QualityRecord, record_id)
    if found is None or not may(standing, DocumentPermission.LIST_RECORDS, found):
        raise NotFound()
    return found


def records(
    session: Session,
    standing: Standing,
    filters: RecordFilters,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Records:
    """Give a page of the register, newest day first; words are found without tone marks."""
    order = (QualityRecord.made_on, QualityRecord.id)
    query = _narrowed(standing, filters)
    edge = session.get(QualityRecord, before or after or 0)
    if edge is not None and edge.body_id == standing.body_id:
        key = sa.tuple_(sa.literal(edge.made_on), sa.literal(edge.id))
        query = query.where(sa.tuple_(*order) < key if before else sa.tuple_(*order) > key)
    backwards = edge is not None and not before
    ordered = list(order) if backwards else [column.desc() for column in order]
    rows = list(session.scalars(query.order_by(*ordered).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    return Records(
        rows,
        older_than=rows[-1].id if rows and (True if backwards else more) else None,
        newer_than=rows[0].id if rows and (more if backwards else edge is not None) else None,
    )


def _narrowed(standing: Standing, filters: RecordFilters) -> Any:
    query = (
        sa.select(QualityRecord)
        .where(seen_records(standing))
        .options(
            joinedload(QualityRecord.unit),
            joinedload(QualityRecord.form),
            joinedload(QualityRecord.holder),
        )
    )
    if filters.disposed:
        query = query.where(QualityRecord.disposed_at.is_not(None))
    if filters.unit_id is not None:
        query = query.where(QualityRecord.unit_id == filters.unit_id)
    for word in fold(filters.text).split()[:8]:
        query = query.where(QualityRecord.words_folded.contains(word, autoescape=True))
    return query


def every_record(
    session: Session, standing: Standing, filters: RecordFilters, *, most: int
) -> list[QualityRecord]:
    """Give all records somebody may see that the filters leave, oldest first, for paper."""
    ordered = _narrowed(standing, filters).order_by(QualityRecord.made_on, QualityRecord.id)
    return list(session.scalars(ordered.limit(most)))


def ways_disposed(session: Session, record_ids: set[int]) -> dict[int, DisposalMethod]:
    """Give how records went that were disposed of."""
    rows = session.execute(
        sa.select(DisposalItem.record_id, Disposal.method)
        .join(Disposal, Disposal.id == DisposalItem.disposal_id)
        .where(DisposalItem.record_id.in_(record_ids), Disposal.state == DisposalState.CARRIED_OUT)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def units_for_records(session: Session, standing: Standing) -> list[Unit]:
    """Give the units for which somebody may enter records, in Vietnamese order."""
    units = session.scalars(
        sa.select(Unit)
        .where(Unit.body_id == standing.body_id, Unit.active_from <= standing.on)
        .where(sa.or_(Unit.active_until.is_(None), Unit.active_until >= standing.on))
        .order_by(Unit.sort_key, Unit.id)
    )
    return [unit for unit in units if may(standing, DocumentPermission.KEEP_RECORD, unit)]
