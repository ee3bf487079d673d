"""Giving numbered copies out, asking them back, going round to see them (a32, a33; D5, D6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.organisation import Unit
from app.kernel.people import Person
from app.kernel.search import nfc
from app.kernel.work import Work
from documents import register
from documents.copy_facts import CopyFact, CopyNotice
from documents.copy_register import of_the_past_unreplaced
from documents.models import (
    ENDINGS,
    OUT_STATES,
    ControlledCopy,
    CopyAnswer,
    CopyKind,
    CopyQuestion,
    CopyRound,
    CopyState,
    Document,
    Revision,
    issue_obstacle,
)
from documents.permissions import DocumentPermission
from documents.storing import BroughtFile, store_rows

LONGEST_PLACE = 200
ENDED_FACTS = {
    CopyState.RETURNED: CopyFact.RETURNED,
    CopyState.LOST: CopyFact.LOST,
    CopyState.DESTROYED: CopyFact.DESTROYED,
}
_LONGEST = 2000


@dataclass(frozen=True)
class CopyData:
    """Whose a copy is and where it is kept."""

    unit: Unit
    holder: Person
    place: str
    kind: CopyKind = CopyKind.COPY
    handed_over_on: date | None = None


def issue_copy(work: Work, document: Document, data: CopyData) -> ControlledCopy:
    """Give out the next numbered copy of what is in force now (D6).

    The document is locked first: two who issue at once get two numbers, and a switch to another
    revision happens before or after, never in between.
    """
    work.require(DocumentPermission.KEEP_COPIES, document)
    document = work.fresh(document)
    revision = register.effective_revision(work.session, document)
    if revision is None:
        raise RuleBroken(
            N_("Nothing of %(code)s is in force, so no copy of it is given out."),
            rule="D6",
            code=document.code,
        )
    return _issue(work, document, revision, data)


def issue_copy_of(work: Work, revision: Revision, data: CopyData) -> ControlledCopy:
    """Give out a copy of the very revision somebody looks at; refused when it just ended."""
    work.require(DocumentPermission.KEEP_COPIES, revision.document)
    document, revision = work.fresh(revision.document), work.fresh(revision)
    current = register.effective_revision(work.session, document)
    if obstacle := issue_obstacle(revision, current):
        raise obstacle
    return _issue(work, document, revision, data)


def _issue(
    work: Work,
    document: Document,
    revision: Revision,
    data: CopyData,
    *,
    replaces: ControlledCopy | None = None,
) -> ControlledCopy:
    _check_place(work, document, data)
    copy = ControlledCopy(
        body_id=document.body_id,
        number=next_number(work.session, document.body_id, f"copy {document.id}"),
        kind=data.kind,
        place=_place(data.place),
        issued_at=work.now,
        issued_by=work.actor,
        issued_by_id=work.actor.id,
    )
    copy.document, copy.revision = document, revision
    copy.unit, copy.unit_id = data.unit, data.unit.id
    copy.holder, copy.holder_id = data.holder, data.holder.id
    copy.replaces = replaces
    work.add(copy)
    if data.handed_over_on is not None:
        copy.hand_over(on=_past_day(work, data.handed_over_on, "handed_over_on"))
    work.record(CopyFact.ISSUED, copy, holder=data.holder.id, unit=data.unit.name, place=copy.place)
    work.notify(
        CopyNotice.ISSUED,
        copy,
        to=[data.holder],
        code=revision.code,
        edition=revision.label,
        copy=copy.label,
    )
    return copy


def _check_place(work: Work, document: Document, data: CopyData) -> None:
    if data.unit.body_id != document.body_id or not data.unit.is_active(work.today):
        raise InvalidInput(N_("Choose a unit of this body."), field="unit")
    if data.holder.body_id != document.body_id or data.holder.disabled_at is not None:
        raise InvalidInput(N_("Choose who keeps the copy."), field="holder")


def _place(typed: str) -> str:
    place = " ".join(nfc(typed).split())
    if not place:
        raise InvalidInput(N_("Say where it is kept or hangs."), field="place")
    if len(place) > LONGEST_PLACE:
        raise InvalidInput(
            N_("The place is too long: %(most)s characters at most."),
            field="place",
            most=LONGEST_PLACE,
        )
    return place


def _past_day(work: Work, day: date, field: str) -> date:
    if day > work.today:
        raise InvalidInput(N_("This day is still to come. Give the day it happened."), field=field)
    return day


def hand_over(work: Work, copy: ControlledCopy, *, on: date) -> None:
    """Note that the holder has the copy, or that the notice hangs."""
    work.require(DocumentPermission.KEEP_COPIES, copy)
    copy = work.fresh(copy)
    copy.hand_over(on=_past_day(work, on, "on"))
    work.record(CopyFact.HANDED_OVER, copy, on=on)


def photograph(work: Work, copy: ControlledCopy, photo: BroughtFile) -> None:
    """Keep a photo of the copy where it hangs."""
    work.require(DocumentPermission.ANSWER_COPY, copy)
    copy = work.fresh(copy)
    store_rows(work, photo)
    copy.show(photo.sha256, at=work.now)
    work.record(CopyFact.PHOTOGRAPHED, copy)


def recall_copy(work: Work, copy: ControlledCopy, *, reason: str) -> None:
    """Ask a copy back before its revision ends, with a reason."""
    work.require(DocumentPermission.KEEP_COPIES, copy)
    copy = work.fresh(copy)
    if obstacle := copy.recall_obstacle():
        raise obstacle
    reason = _reason(reason, N_("Give the reason; its holder reads it."))
    copy.recall(reason, at=work.now)
    work.record(CopyFact.RECALLED, copy, reason=reason)
    _tell_holder(work, copy)


def end_copy(
    work: Work, copy: ControlledCopy, how: CopyState, *, on: date, reason: str = ""
) -> None:
    """Note that a copy came back, is lost or destroyed; of two who say so the first counts."""
    work.require(DocumentPermission.KEEP_COPIES, copy)
    copy = work.fresh(copy)
    if obstacle := copy.end_obstacle():
        raise obstacle
    if how not in ENDINGS:
        raise InvalidInput(N_("Say what became of it."), field="how")
    if how is not CopyState.RETURNED:
        reason = _reason(reason, N_("Say what happened to it."))
    day = _past_day(work, on, "on")
    copy.end(how, nfc(reason).strip()[:_LONGEST], work.actor, on=day)
    work.record(ENDED_FACTS[how], copy, reason=reason or None)


def _reason(reason: str, message: str) -> str:
    reason = nfc(reason).strip()[:_LONGEST]
    if not reason:
        raise InvalidInput(message, field="reason")
    return reason


def renew_copies(work: Work, document: Document) -> list[ControlledCopy]:
    """Issue the revision in force to everybody whose copy is of the past; the old ones come back.

    Doing it twice gives nobody two: a copy is replaced once.
    """
    work.require(DocumentPermission.KEEP_COPIES, document)
    document = work.fresh(document)
    revision = register.effective_revision(work.session, document)
    if revision is None:
        raise RuleBroken(
            N_("Nothing of %(code)s is in force, so no copy of it is given out."),
            rule="D6",
            code=document.code,
        )
    made = []
    for former in work.session.scalars(of_the_past_unreplaced(document.id)).all():
        if former.holder.disabled_at is not None or not former.unit.is_active(work.today):
            continue  # somebody left or a unit ended: the officer chooses anew
        data = CopyData(former.unit, former.holder, former.place, former.kind)
        made.append(_issue(work, document, revision, data, replaces=former))
    return made


def tell_holders(work: Work, revision: Revision) -> None:
    """Tell whoever holds a copy of a revision that just ended: it has to come back."""
    for copy in work.session.scalars(
        sa.select(ControlledCopy).where(
            ControlledCopy.revision_id == revision.id, ControlledCopy.state.in_(OUT_STATES)
        )
    ):
        _tell_holder(work, copy)


def _tell_holder(work: Work, copy: ControlledCopy) -> None:
    work.notify(
        CopyNotice.RECALLED,
        copy,
        to=[copy.holder] if copy.holder.disabled_at is None else [],
        code=copy.revision.code,
        edition=copy.revision.label,
        copy=copy.label,
        place=copy.place,
    )


# --- going round


def begin_round(work: Work, document: Document, *, due_on: date) -> CopyRound:
    """Ask every holder whether their copy is still there; one round of a document at a time."""
    work.require(DocumentPermission.KEEP_COPIES, document)
    document = work.fresh(document)
    if open_round(work, document) is not None:
        raise RuleBroken(N_("Holders of this document are being asked already."))
    if due_on < work.today:
        raise InvalidInput(N_("Give a day that is still to come."), field="due_on")
    copies = work.session.scalars(
        sa.select(ControlledCopy)
        .where(ControlledCopy.document_id == document.id, ControlledCopy.state.in_(OUT_STATES))
        .order_by(ControlledCopy.number)
    ).all()
    if not copies:
        raise RuleBroken(N_("No copy of this document is out, so there is nobody to ask."))
    round_ = CopyRound(
        body_id=document.body_id,
        begun_on=work.today,
        begun_by=work.actor,
        begun_by_id=work.actor.id,
        due_on=due_on,
    )
    round_.document = document
    round_.questions = [CopyQuestion(copy=copy) for copy in copies]
    work.add(round_)
    work.record(CopyFact.ROUND_BEGUN, round_, count=len(copies), due_on=due_on)
    work.notify(
        CopyNotice.ASKED,
        round_,
        to=list(dict.fromkeys(copy.holder for copy in copies if copy.holder.disabled_at is None)),
        code=document.code,
        due_on=due_on,
    )
    return round_


def open_round(work: Work, document: Document) -> CopyRound | None:
    """Give the round that is under way; None when there is none."""
    return work.session.scalars(
        sa.select(CopyRound).where(
            CopyRound.document_id == document.id, CopyRound.closed_on.is_(None)
        )
    ).one_or_none()


def answer_for_copy(
    work: Work, copy: ControlledCopy, answer: CopyAnswer, *, note: str = ""
) -> None:
    """Say in the round under way what became of one copy; the last answer closes the round."""
    work.require(DocumentPermission.ANSWER_COPY, copy)
    copy = work.fresh(copy)
    round_ = open_round(work, copy.document)
    round_ = work.fresh(round_) if round_ is not None else None
    asked = round_.questions if round_ is not None else []
    question = next((one for one in asked if one.copy_id == copy.id), None)
    if round_ is None or question is None:
        raise RuleBroken(N_("Nobody asks about copy %(number)s now."), number=copy.label)
    if obstacle := question.answer_obstacle():
        raise obstacle
    if answer is not CopyAnswer.HERE:
        note = _reason(note, N_("Say what happened to it."))
    note = nfc(note).strip()[:_LONGEST]
    question.give(answer, note, work.actor, at=work.now)
    if answer is not CopyAnswer.HERE and copy.is_out:
        how = CopyState.LOST if answer is CopyAnswer.MISSING else CopyState.DESTROYED
        copy.end(how, note, work.actor, on=work.today)
        work.record(ENDED_FACTS[how], copy, reason=note)
    else:
        work.record(CopyFact.FOUND, copy, reason=note or None)
    if not round_.unanswered:
        round_.close(on=work.today)
        work.record(CopyFact.ROUND_CLOSED, round_, count=0)


def close_round(work: Work, round_: CopyRound) -> None:
    """End a round; who has not answered stays named."""
    work.require(DocumentPermission.KEEP_COPIES, round_)
    round_ = work.fresh(round_)
    round_.close(on=work.today)
    work.record(CopyFact.ROUND_CLOSED, round_, count=len(round_.unanswered))


def print_numbered(work: Work, copy: ControlledCopy, *, pages: int) -> None:
    """Tell that a copy was printed under its number; one that ended is never printed again."""
    work.require(DocumentPermission.KEEP_COPIES, copy)
    copy = work.fresh(copy)
    if obstacle := print_obstacle(copy):
        raise obstacle
    work.record(CopyFact.PRINTED, copy, pages=pages)


def print_obstacle(copy: ControlledCopy) -> RuleBroken | None:
    """Say why a copy is not printed under its number; None when it can be."""
    return copy.end_obstacle() or issue_obstacle(copy.revision)
