"""How long things are kept, what is due, what a hold stops (7.5.3.2 d; D5; a49, a50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.kernel.calendar import months_after, today_of
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import Body
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.facts import DocumentFact
from documents.models import (
    Disposal,
    DisposalItem,
    DisposalState,
    Document,
    DocumentKind,
    Hold,
    QualityRecord,
    Revision,
)
from documents.models.revision import ENDED_STATES
from documents.permissions import DocumentPermission

PAGE = 50
PERMANENT = 0  # years
Thing = Revision | QualityRecord
T = TypeVar("T", Revision, QualityRecord)


def years_kept(document: Document) -> int:
    """Give the years a past revision is kept: the document's own, or its kind's; 0 for ever."""
    if document.retention_years is not None:
        return document.retention_years
    return int(document.body.setting("retention_years")[str(document.kind)])


def years_for_records(body: Body, form: Document | None) -> int:
    """Give the years a filled form is kept: as its form says, else as records of the body are."""
    if form is not None and form.retention_years is not None:
        return form.retention_years
    return int(body.setting("retention_years")[str(DocumentKind.RECORD_TYPE)])


def end_of_years(began: date, years: int) -> date | None:
    """Give the last day something is kept; None for ever."""
    return months_after(began, 12 * years) if years != PERMANENT else None


def kept_until(thing: Thing) -> date | None:
    """Give until when a past revision or a record is kept; None for ever, or while in force."""
    if isinstance(thing, QualityRecord):
        return thing.keep_until
    if thing.ended_at is None or thing.state not in ENDED_STATES:
        return None
    ended_on = today_of(thing.document.body, thing.ended_at)
    return end_of_years(ended_on, years_kept(thing.document))


def _ended_before(body: Body, years: int, day: date) -> Any:
    """Condition on revisions: they ended so long ago that `years` are over on a day."""
    edge = months_after(day, -12 * years)
    return Revision.ended_at < datetime.combine(edge, time(), ZoneInfo(body.time_zone))


def _revision_due(session: Session, body: Body, day: date) -> Any:
    """Condition on revisions and their documents: retention is over on a day."""
    own = session.scalars(
        sa.select(Document.retention_years)
        .where(Document.body_id == body.id, Document.retention_years > PERMANENT)
        .distinct()
    ).all()
    conditions: list[Any] = [
        sa.and_(Document.retention_years == years, _ended_before(body, years, day))
        for years in own
        if years is not None
    ]
    for kind, years in body.setting("retention_years").items():
        if int(years) != PERMANENT:
            conditions.append(
                sa.and_(
                    Document.retention_years.is_(None),
                    Document.kind == DocumentKind(kind),
                    _ended_before(body, int(years), day),
                )
            )
    return sa.or_(sa.false(), *conditions)


def holds_on(day: date) -> Any:
    """Condition on holds: they stop disposals on a day."""
    return sa.and_(
        Hold.ended_at.is_(None),
        Hold.from_on <= day,
        sa.or_(Hold.until_on.is_(None), Hold.until_on >= day),
    )


def _is_listed(column: Any, key: Any) -> Any:
    """Condition: the thing stands on a list that waits for its decision."""
    return sa.exists().where(
        column == key,
        Disposal.id == DisposalItem.disposal_id,
        Disposal.state == DisposalState.PROPOSED,
    )


def revisions_due(session: Session, body: Body, day: date, *, freely: date | None = None) -> Any:
    """Query for the past revisions whose retention is over on a day.

    `freely`: only those that nothing holds on that day and no list names yet.
    """
    query = (
        sa.select(Revision)
        .join(Revision.document)
        .options(contains_eager(Revision.document).joinedload(Document.lead_unit))
        .where(
            Revision.body_id == body.id,
            Revision.state.in_(ENDED_STATES),
            Revision.disposed_at.is_(None),
            _revision_due(session, body, day),
        )
    )
    if freely is not None:
        held = sa.exists().where(Hold.document_id == Revision.document_id, holds_on(freely))
        query = query.where(~held, ~_is_listed(DisposalItem.revision_id, Revision.id))
    return query


def records_due(body: Body, day: date, *, freely: date | None = None) -> Any:
    """Query for the records whose retention is over on a day; `freely` as for revisions."""
    query = (
        sa.select(QualityRecord)
        .options(joinedload(QualityRecord.unit), joinedload(QualityRecord.form))
        .where(
            QualityRecord.body_id == body.id,
            QualityRecord.disposed_at.is_(None),
            QualityRecord.keep_until < day,
        )
    )
    if freely is not None:
        held = sa.exists().where(Hold.record_id == QualityRecord.id, holds_on(freely))
        query = query.where(~held, ~_is_listed(DisposalItem.record_id, QualityRecord.id))
    return query


@dataclass(frozen=True)
class DuePage:
    """A page of what may be disposed of, oldest first, and where the next begins."""

    revisions: list[Revision]
    records: list[QualityRecord]
    next_revision: int | None
    next_record: int | None


def due_page(
    session: Session,
    body: Body,
    day: date,
    *,
    after_revision: int | None = None,
    after_record: int | None = None,
) -> DuePage:
    """Give what nothing stops from being disposed of on a day: revisions and records."""
    revisions = revisions_due(session, body, day, freely=day)
    records = records_due(body, day, freely=day)
    if after_revision is not None:
        revisions = revisions.where(Revision.id > after_revision)
    if after_record is not None:
        records = records.where(QualityRecord.id > after_record)
    first = list(session.scalars(revisions.order_by(Revision.id).limit(PAGE + 1)))
    second = list(session.scalars(records.order_by(QualityRecord.id).limit(PAGE + 1)))
    return DuePage(
        first[:PAGE],
        second[:PAGE],
        first[PAGE - 1].id if len(first) > PAGE else None,
        second[PAGE - 1].id if len(second) > PAGE else None,
    )


def count_due(session: Session, body: Body, until: date, on: date) -> int:
    """Count what nothing holds today and whose retention is over by a day."""
    queries = (revisions_due(session, body, until, freely=on), records_due(body, until, freely=on))
    return sum(
        session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
        for query in queries
    )


def hold_over(session: Session, thing: Thing | Document, on: date) -> Hold | None:
    """Give a hold that stops the disposal of something on a day."""
    match thing:
        case QualityRecord():
            condition = Hold.record_id == thing.id
        case Revision():
            condition = Hold.document_id == thing.document_id
        case Document():
            condition = Hold.document_id == thing.id
    return session.scalars(
        sa.select(Hold).where(condition, holds_on(on)).order_by(Hold.id).limit(1)
    ).one_or_none()


def dispose_obstacle(session: Session, thing: Thing, on: date) -> RuleBroken | None:
    """Say why something cannot be disposed of; None when its time has come (D5)."""
    name = thing.code if isinstance(thing, Revision) else (thing.number or thing.form_code)
    until = kept_until(thing)
    if thing.disposed_at is not None:
        return RuleBroken(N_("%(name)s was disposed of already."), rule="D5", name=name)
    if until is None:
        return RuleBroken(N_("%(name)s is kept for ever, or is in force."), rule="D5", name=name)
    if until >= on:
        return RuleBroken(N_("%(name)s is kept until %(day)s."), rule="D5", name=name, day=until)
    hold = hold_over(session, thing, on)
    if hold is not None:
        return RuleBroken(
            N_("A hold stops the disposal of %(name)s: %(reason)s"),
            rule="D5",
            name=name,
            reason=hold.reason,
        )
    return None


def place_hold(
    work: Work, thing: Document | QualityRecord, *, reason: str, until_on: date | None = None
) -> Hold:
    """Stop the disposal of a document's revisions or of a record from today (a50)."""
    work.require(DocumentPermission.PLACE_HOLD, thing)
    thing = work.fresh(thing)  # a disposal that is being signed is before this, or after it
    if not reason.strip():
        raise InvalidInput(N_("Say why it must be kept."), field="reason")
    if until_on is not None and until_on < work.today:
        raise InvalidInput(N_("Give today or a day that is still to come."), field="until_on")
    if isinstance(thing, QualityRecord) and thing.disposed_at is not None:
        raise RuleBroken(N_("This was disposed of already."), rule="D5")
    hold = Hold(
        body_id=thing.body_id,
        reason=nfc(reason).strip()[:4000],
        from_on=work.today,
        until_on=until_on,
        placed_by=work.actor,
        placed_at=work.now,
    )
    if isinstance(thing, Document):
        hold.document = thing
    else:
        hold.record = thing
    work.add(hold)
    work.record(DocumentFact.HOLD_PLACED, hold, reason=hold.reason, until_on=until_on)
    return hold


def lift_hold(work: Work, hold: Hold, *, reason: str) -> None:
    """Lift a hold, with a reason; the rule of retention counts again."""
    work.require(DocumentPermission.PLACE_HOLD, hold)
    hold = work.fresh(hold)
    if not reason.strip():
        raise InvalidInput(N_("Say why it is lifted."), field="reason")
    hold.end(work.actor, at=work.now)
    work.record(DocumentFact.HOLD_LIFTED, hold, reason=nfc(reason).strip())


def holds_of(session: Session, body_id: int, *, after: int | None = None) -> Sequence[Hold]:
    """Give the holds of a body that were not lifted, newest first, one more than a page."""
    query = (
        sa.select(Hold)
        .where(Hold.body_id == body_id, Hold.ended_at.is_(None))
        .options(joinedload(Hold.document), joinedload(Hold.record), joinedload(Hold.placed_by))
    )
    if after is not None:
        query = query.where(Hold.id < after)
    return session.scalars(query.order_by(Hold.id.desc()).limit(PAGE + 1)).all()


def hold_by_id(session: Session, body_id: int, hold_id: int) -> Hold:
    """Give a hold of a body by its key."""
    hold = session.get(Hold, hold_id)
    if hold is None or hold.body_id != body_id:
        raise NotFound()
    return hold
