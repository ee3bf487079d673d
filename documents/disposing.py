"""Disposing of what need not be kept: a list, a signature, files gone, rows kept (D3, D5; a49)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.organisation import Body, root_unit
from app.kernel.people import Person, Role
from app.kernel.permissions import Standing, may
from app.kernel.search import nfc
from app.kernel.signatures import Proof
from app.kernel.work import Work
from documents import register
from documents.deciding import refused, signed, to_decide
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    Disposal,
    DisposalItem,
    DisposalMethod,
    DisposalSeat,
    DisposalState,
    QualityRecord,
    Revision,
)
from documents.permissions import DocumentPermission, places_for
from documents.releasing import digital_copies, forget_citations, release_files
from documents.retention import Thing, dispose_obstacle, kept_until
from documents.routing import seats_of_post

MOST_ITEMS = 200
PAGE = 50
_LONGEST = 4000
_DECIDE = DocumentPermission.DECIDE_DISPOSAL


@dataclass(frozen=True)
class DisposalData:
    """What somebody says who proposes a disposal."""

    reason: str
    method: DisposalMethod = DisposalMethod.DELETED


def propose_disposal(
    work: Work, body: Body, data: DisposalData, things: Sequence[Thing]
) -> Disposal:
    """Put what is due on one list; a leader who did not propose it is asked to decide (D3)."""
    work.require(DocumentPermission.PROPOSE_DISPOSAL, body)
    if not things:
        raise InvalidInput(N_("Tick at least one document or record."), field="items")
    if len(things) > MOST_ITEMS:
        raise InvalidInput(N_("At most 200 items on one list."), field="items")
    if not data.reason.strip():
        raise InvalidInput(N_("Give the reason."), field="reason")
    things = _locked(work, things)
    for thing in things:
        if thing.body_id != body.id:
            raise NotFound()
        if obstacle := dispose_obstacle(work.session, thing, work.today):
            raise obstacle
        if _is_on_a_list(work.session, thing):
            raise RuleBroken(
                N_("%(name)s stands on a list that waits for its decision."),
                rule="D5",
                name=_name(thing),
            )
    root = root_unit(work.session, body.id)
    seats = seats_of_post(work.session, Role.LEADER, root, work.today, {work.actor.id})
    if not seats:
        raise RuleBroken(N_("Nobody may decide on this: appoint a leader first."), rule="O6")
    serial = next_number(work.session, body.id, f"disposal {work.today.year}")
    disposal = Disposal(
        body_id=body.id,
        body=body,
        number=f"TH-{work.today.year}-{serial:03d}",
        reason=nfc(data.reason).strip()[:_LONGEST],
        method=data.method,
        due_on=working_days_after(body, work.today, int(body.setting("answer_days"))),
        proposed_by=work.actor,
        proposed_at=work.now,
    )
    disposal.items = [_item(thing) for thing in things]
    disposal.seats = [
        DisposalSeat(person=seat.person, reason=seat.reason, role=seat.role) for seat in seats
    ]
    work.add(disposal)
    work.record(
        DocumentFact.DISPOSAL_PROPOSED,
        disposal,
        reason=disposal.reason,
        count=len(things),
        items=[item.content() for item in disposal.items],
    )
    work.notify(
        DocumentNotice.DISPOSAL_ASKED,
        disposal,
        to=[seat.person for seat in seats],
        number=disposal.number,
        due_on=disposal.due_on,
        count=len(things),
    )
    return disposal


def _locked(work: Work, things: Sequence[Thing]) -> list[Thing]:
    """Lock what is disposed of, its document first: a hold that is being set is before or after."""
    revisions = [thing for thing in things if isinstance(thing, Revision)]
    records = [thing for thing in things if isinstance(thing, QualityRecord)]
    work.fresh_all({revision.document for revision in revisions})
    return [*work.fresh_all(revisions), *work.fresh_all(records)]


def _name(thing: Thing) -> str:
    if isinstance(thing, Revision):
        return f"{thing.code} {thing.label}"
    return thing.number or thing.form_code or thing.title


def _item(thing: Thing) -> DisposalItem:
    until = kept_until(thing)
    if until is None:
        raise RuleBroken(N_("%(name)s is kept for ever, or is in force."), name=_name(thing))
    if isinstance(thing, Revision):
        return DisposalItem(revision=thing, revision_id=thing.id, kept_until=until)
    return DisposalItem(record=thing, record_id=thing.id, kept_until=until)


def _is_on_a_list(session: Session, thing: Thing) -> bool:
    column = DisposalItem.revision_id if isinstance(thing, Revision) else DisposalItem.record_id
    query = (
        sa.select(DisposalItem.id)
        .join(DisposalItem.disposal)
        .where(column == thing.id, Disposal.state == DisposalState.PROPOSED)
        .limit(1)
    )
    return session.scalar(query) is not None


def sign_disposal(
    work: Work,
    disposal: Disposal,
    *,
    proof: Proof,
    seat: Person | None = None,
    seen: int | None = None,
) -> None:
    """Decide that everything on a list goes; rows, digests and trail stay (D5).

    One item under a hold, or kept longer by now, stops the whole list: what is signed is the list.
    """
    disposal, seat = to_decide(work, _DECIDE, disposal, seat, seen=seen)
    things = [thing for item in disposal.items if (thing := item.revision or item.record)]
    for thing in _locked(work, things):
        if obstacle := dispose_obstacle(work.session, thing, work.today):
            raise obstacle
    digests = {sha256 for item in disposal.items for sha256 in item.digests}
    digests |= digital_copies(work.session, things)
    signature = signed(work, _DECIDE, disposal, proof, seat)
    for thing in things:
        thing.dispose(at=work.now)
    work.session.flush()
    gone = release_files(work, digests, number=disposal.number)
    for thing in things:
        if isinstance(thing, Revision):
            forget_citations(work.session, thing)
            register.index_revision(work.session, thing)
    work.record(
        DocumentFact.DISPOSAL_CARRIED_OUT,
        disposal,
        signature=signature,
        content_sha256=signature.content_sha256,
        count=len(things),
        disposed=things,
        files_removed=len(gone),
        files_held_elsewhere=len(digests - set(gone)),
    )
    work.notify(
        DocumentNotice.DISPOSAL_DECIDED,
        disposal,
        to=[disposal.proposed_by],
        number=disposal.number,
        count=len(things),
    )


def refuse_disposal(
    work: Work, disposal: Disposal, *, reason: str, seat: Person | None = None
) -> None:
    """Refuse a list with a reason; everything on it stays."""
    disposal, seat = to_decide(work, _DECIDE, disposal, seat)
    kept = refused(work, disposal, reason, seat)
    work.record(DocumentFact.DISPOSAL_REFUSED, disposal, reason=kept)
    work.notify(
        DocumentNotice.DISPOSAL_REFUSED,
        disposal,
        to=[disposal.proposed_by],
        number=disposal.number,
        reason=kept,
    )


def take_minutes(work: Work, disposal: Disposal) -> None:
    """Tell that somebody took the printed minutes of a disposal."""
    work.require(DocumentPermission.SEE_DISPOSALS, disposal)
    if disposal.state is not DisposalState.CARRIED_OUT:
        raise RuleBroken(N_("There are minutes once the disposal is signed."))
    work.record(DocumentFact.DISPOSAL_PRINTED, disposal)


def disposal_by_number(session: Session, standing: Standing, body_id: int, number: str) -> Disposal:
    """Give a disposal of a body by its number; NotFound when there is none for this person."""
    found = session.scalars(
        sa.select(Disposal)
        .where(Disposal.body_id == body_id, Disposal.number == number)
        .options(
            selectinload(Disposal.items).options(
                joinedload(DisposalItem.revision).options(
                    joinedload(Revision.document), selectinload(Revision.all_files)
                ),
                joinedload(DisposalItem.record).joinedload(QualityRecord.form),
            )
        )
    ).one_or_none()
    if found is None or not may(standing, DocumentPermission.SEE_DISPOSALS, found):
        raise NotFound()
    return found


def disposals(session: Session, body_id: int, *, before: int | None = None) -> Sequence[Disposal]:
    """Give the disposals of a body, newest first, one more than a page."""
    query = (
        sa.select(Disposal)
        .where(Disposal.body_id == body_id)
        .options(
            joinedload(Disposal.proposed_by),
            joinedload(Disposal.decided_by),
            selectinload(Disposal.items),
        )
    )
    if before is not None:
        query = query.where(Disposal.id < before)
    return session.scalars(query.order_by(Disposal.id.desc()).limit(PAGE + 1)).all()


def disposals_to_decide(session: Session, standing: Standing) -> list[Disposal]:
    """Give the lists that wait for this person, or for whom they deputise."""
    people = {standing.person.id, *(deputised.person.id for deputised in standing.delegators)}
    found = session.scalars(
        sa.select(Disposal)
        .join(DisposalSeat, DisposalSeat.disposal_id == Disposal.id)
        .where(
            Disposal.state == DisposalState.PROPOSED,
            DisposalSeat.person_id.in_(people),
            Disposal.proposed_by_id != standing.person.id,
        )
        .options(joinedload(Disposal.proposed_by), selectinload(Disposal.items))
        .order_by(Disposal.due_on, Disposal.id)
    )
    return [one for one in found.unique() if places_for(standing, one)]


def disposal_of(session: Session, thing: Thing) -> Disposal | None:
    """Give the decision by which something was disposed of."""
    column = DisposalItem.revision_id if isinstance(thing, Revision) else DisposalItem.record_id
    return session.scalars(
        sa.select(Disposal)
        .join(DisposalItem, DisposalItem.disposal_id == Disposal.id)
        .where(column == thing.id, Disposal.state == DisposalState.CARRIED_OUT)
        .limit(1)
    ).one_or_none()
