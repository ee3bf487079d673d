"""Registering laws and standards, and what follows when one is replaced (a48; D12, F7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import parse_date
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import root_unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import Standing
from app.kernel.search import fold, nfc
from app.kernel.work import Work
from documents import citing
from documents.change_request import ChangeData, file_request
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    Citation,
    Document,
    ExternalDocument,
    ExternalState,
)
from documents.models.change_request import WAITING
from documents.models.external_document import number_key
from documents.permissions import DocumentPermission
from documents.routing import holders

PAGE = 50
MOST_AT_ONCE = 500
_ABOUT = re.compile(r"\bvề\s+(?:việc\s+)?(.{4,200}?)(?:[;.\n]|$)", re.IGNORECASE)
_ISSUED = re.compile(r"ngày\s+(\d{1,2}/\d{1,2}/\d{4})")
_ISSUER = re.compile(r"\bcủa\s+([A-ZĐ][\wà-ỹ]*(?:\s+[\wà-ỹ]+){0,6}?)(?=\s+(?:về|quy)\b|[,;.]|$)")


@dataclass(frozen=True)
class ExternalData:
    """What is known of a law: number as typed, what about, by whom, since when."""

    number: str
    subject: str = ""
    issuer: str = ""
    issued_on: date | None = None
    in_force_on: date | None = None


@dataclass(frozen=True)
class Assignment:
    """Who looks at one citing document because of a law."""

    document: Document
    owner: Person
    passage: str = ""


@dataclass(frozen=True)
class Laws:
    """A page of the register of laws, by number, and where its neighbours begin."""

    rows: list[ExternalDocument]
    before: int | None
    after: int | None


def known_from_texts(
    session: Session, standing: Standing, body_id: int, number: str
) -> ExternalData:
    """Give what the body's own texts say of a number: nobody types what can be read (P4)."""
    subject, issuer, issued_on = "", "", None
    for passage in citing.passages_naming(session, standing, body_id, number_key(number)):
        at = next((m.end() for m in re.finditer(r"\S+", passage)
                   if number_key(passage[m.start():m.end()].strip(",;.()")) == number_key(number)),
                  None)  # fmt: skip
        rest = passage[at:] if at is not None else ""
        if not subject and (about := _ABOUT.search(rest)):
            subject = about[1].strip()
        if not issuer and (by := _ISSUER.search(rest)):
            issuer = by[1].strip()
        if issued_on is None and (day := _ISSUED.match(rest.strip())):
            issued_on = parse_date(day[1])
    subject = subject[:1].upper() + subject[1:]
    return ExternalData(number, subject, issuer, issued_on)


def register_law(
    work: Work,
    data: ExternalData,
    *,
    changes: ExternalDocument | None = None,
    how: ExternalState = ExternalState.REPLACED,
) -> ExternalDocument:
    """Register a law; it may replace or amend another from the day it is in force (D12)."""
    root = root_unit(work.session, work.actor.body_id)
    work.require(DocumentPermission.KEEP_EXTERNAL, root)
    law = ExternalDocument(body_id=work.actor.body_id, registered_at=work.now)
    _describe(work, law, data)
    work.add(law)
    citing.tie_to(work.session, law)
    work.record(DocumentFact.EXTERNAL_REGISTERED, law)
    if changes is not None:
        be_changed(work, changes, by=law, how=how, on=data.in_force_on or work.today)
    return law


def describe_law(work: Work, law: ExternalDocument, data: ExternalData) -> None:
    """Change what is known of a registered law; its number keeps its meaning."""
    work.require(DocumentPermission.KEEP_EXTERNAL, law)
    _describe(work, law, data)
    work.record(DocumentFact.EXTERNAL_DESCRIBED, law)


def _describe(work: Work, law: ExternalDocument, data: ExternalData) -> None:
    key = number_key(data.number)
    if not key:
        raise InvalidInput(N_("Type the number, such as 61/2018/NĐ-CP."), field="number")
    if len(data.number) > 120:
        raise InvalidInput(N_("The number is too long: 120 characters at most."), field="number")
    if law.id is not None and key != law.number_key:
        raise InvalidInput(
            N_("This is another number than %(number)s. Register it as a document of its own."),
            field="number",
            number=law.number,
        )
    known = law_by_number(work.session, law.body_id, data.number)
    if known is not None and known.id != law.id:
        raise InvalidInput(
            N_("%(number)s is registered already: %(subject)s"),
            field="number",
            number=known.number,
            subject=known.subject,
        )
    if not data.subject.strip():
        raise InvalidInput(N_("Say what it is about."), field="subject")
    law.describe(data.number, data.subject[:500])
    law.issuer = " ".join(nfc(data.issuer).split())[:250]
    law.issued_on, law.in_force_on = data.issued_on, data.in_force_on


def be_changed(
    work: Work, law: ExternalDocument, *, by: ExternalDocument, how: ExternalState, on: date
) -> None:
    """Record that a law was replaced or amended by another on a day (D12)."""
    work.require(DocumentPermission.KEEP_EXTERNAL, law)
    work.require(DocumentPermission.KEEP_EXTERNAL, by)
    law = work.fresh(law)
    if how is ExternalState.IN_FORCE:
        raise InvalidInput(N_("Say whether it was replaced or amended."), field="how")
    law.be_changed(by, how, on=on, at=work.now)
    fact = (
        DocumentFact.EXTERNAL_REPLACED
        if how is ExternalState.REPLACED
        else DocumentFact.EXTERNAL_AMENDED
    )
    work.record(fact, law, other=by.number, changed_on=on)


def raise_changes(
    work: Work,
    law: ExternalDocument,
    assignments: Sequence[Assignment],
    *,
    due_on: date | None,
    reason: str,
) -> list[ChangeRequest]:
    """Hand out the review of every document that cites a changed law, in one act (D12, F7)."""
    work.require(DocumentPermission.KEEP_EXTERNAL, law)
    law = work.fresh(law)
    if law.state is ExternalState.IN_FORCE:
        raise RuleBroken(
            N_("%(number)s is in force as it was; nothing follows from it."),
            rule="D12",
            number=law.number,
        )
    data = ChangeData(reason, ChangeSource.LAW, external=law)
    requests = _raise(work, data, assignments, due_on=due_on)
    work.record(
        DocumentFact.CHANGES_RAISED,
        law,
        count=len(requests),
        due_on=due_on,
        requests=[request.number for request in requests],
    )
    return requests


def raise_changes_for_document(
    work: Work,
    document: Document,
    assignments: Sequence[Assignment],
    *,
    due_on: date | None,
    reason: str,
) -> list[ChangeRequest]:
    """Do the same for a withdrawn or replaced document of the body; its own act tells why."""
    work.require(DocumentPermission.OPEN_DOCUMENT, document)
    return _raise(work, ChangeData(reason, ChangeSource.DOCUMENT), assignments, due_on=due_on)


def _raise(
    work: Work, data: ChangeData, assignments: Sequence[Assignment], *, due_on: date | None
) -> list[ChangeRequest]:
    if not assignments:
        raise InvalidInput(N_("Tick at least one document."), field="documents")
    if due_on is None or due_on < work.today:
        raise InvalidInput(N_("Give a day that is still to come."), field="due_on")
    if len(assignments) > MOST_AT_ONCE:
        raise InvalidInput(N_("At most 500 documents at once."), field="documents")
    requests = []
    for one in assignments:
        request = file_request(work, data, [one.document], [one.passage])
        work.record(DocumentFact.CHANGE_ASKED, request)
        request.accept(work.actor, "", one.owner, due_on, at=work.now)
        work.record(DocumentFact.CHANGE_ACCEPTED, request, owner=one.owner, due_on=due_on)
        work.notify(
            DocumentNotice.CHANGE_ACCEPTED,
            request,
            to=[one.owner],
            number=request.number,
            owner=one.owner.name,
            codes=request.codes,
            due_on=due_on,
        )
        requests.append(request)
    return requests


def proposed_owners(
    session: Session, documents: Sequence[Document], on: date, fallback: Person
) -> dict[int, Person]:
    """Propose who looks at each document: its keeper, else the head of its unit."""
    managers: dict[int, Person | None] = {}
    found = {}
    for document in documents:
        keeper = document.keeper
        if keeper is None or keeper.disabled_at is not None:
            unit_id = document.lead_unit_id
            if unit_id not in managers:
                heads = holders(session, Role.MANAGER, unit_id, on)
                managers[unit_id] = heads[0] if heads else None
            keeper = managers[unit_id]
        found[document.id] = keeper or fallback
    return found


def may_answer(
    session: Session, body_id: int, on: date, proposed: Iterable[Person]
) -> list[Person]:
    """Give who is offered as owner of a change: those proposed, and the heads of units."""
    heads = sa.exists().where(
        Appointment.person_id == Person.id,
        Appointment.role.in_((Role.MANAGER, Role.QUALITY_OFFICER)),
        Appointment.from_on <= on,
        sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
    )
    keys = {person.id for person in proposed}
    return list(
        session.scalars(
            sa.select(Person)
            .where(
                Person.body_id == body_id,
                Person.disabled_at.is_(None),
                sa.or_(Person.id.in_(keys), heads),
            )
            .order_by(Person.sort_key, Person.id)
            .limit(400)
        )
    )


def to_hand_out(
    session: Session, standing: Standing, law: ExternalDocument, *, most: int = MOST_AT_ONCE
) -> list[Citation]:
    """Give the citations of a law that its last change has not led to a request for yet."""
    if law.changed_at is None:
        return []
    rows = citing.where_used(session, standing, law=law, most=most).rows
    handed = set(
        session.scalars(
            sa.select(ChangeItem.document_id)
            .join(ChangeRequest, ChangeRequest.id == ChangeItem.request_id)
            .where(
                ChangeRequest.external_id == law.id,
                sa.or_(
                    ChangeRequest.state.in_(WAITING),
                    ChangeRequest.asked_at >= law.changed_at,
                ),
            )
        )
    )
    return [row for row in rows if row.revision.document_id not in handed]


def law_by_number(session: Session, body_id: int, number: str) -> ExternalDocument | None:
    """Give a registered law by its number in any spelling."""
    return session.scalars(
        sa.select(ExternalDocument)
        .options(joinedload(ExternalDocument.changed_by))
        .where(
            ExternalDocument.body_id == body_id,
            ExternalDocument.number_key == number_key(number),
        )
    ).one_or_none()


def law_by_id(session: Session, standing: Standing, law_id: int) -> ExternalDocument:
    """Give a registered law of a body one may look into; NotFound when there is none."""
    found = session.get(ExternalDocument, law_id, options=[joinedload(ExternalDocument.changed_by)])
    if found is None or found.body_id not in {standing.body_id, *standing.overseen_body_ids}:
        raise NotFound()
    return found


def laws(
    session: Session,
    body_id: int,
    *,
    text: str = "",
    state: ExternalState | None = None,
    after: int | None = None,
    before: int | None = None,
) -> Laws:
    """Give a page of the register, by number."""
    order = (ExternalDocument.number_sort, ExternalDocument.id)
    query = (
        sa.select(ExternalDocument)
        .where(ExternalDocument.body_id == body_id)
        .options(joinedload(ExternalDocument.changed_by))
    )
    if state is not None:
        query = query.where(ExternalDocument.state == state)
    if text:
        by_words = ExternalDocument.subject_folded.contains(fold(text), autoescape=True)
        key_typed = number_key(text)
        by_number = ExternalDocument.number_key.contains(key_typed, autoescape=True)
        query = query.where(sa.or_(by_number, by_words) if key_typed else by_words)
    edge = session.get(ExternalDocument, after or before or 0)
    if edge is not None and edge.body_id == body_id:
        key = sa.tuple_(sa.literal(edge.number_sort), sa.literal(edge.id))
        query = query.where(sa.tuple_(*order) > key if after else sa.tuple_(*order) < key)
    backwards = edge is not None and not after
    ordered = [column.desc() for column in order] if backwards else list(order)
    rows = list(session.scalars(query.order_by(*ordered).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    return Laws(
        rows,
        before=rows[0].id if rows and (more if backwards else edge is not None) else None,
        after=rows[-1].id if rows and (True if backwards else more) else None,
    )


def changed_by_this(session: Session, law: ExternalDocument) -> list[ExternalDocument]:
    """Give the laws that this one replaced or amended."""
    return list(
        session.scalars(
            sa.select(ExternalDocument)
            .where(ExternalDocument.changed_by_id == law.id)
            .order_by(ExternalDocument.number_sort)
            .limit(50)
        )
    )


def requests_of(session: Session, law: ExternalDocument) -> int:
    """Count the change requests of a law that still wait."""
    return session.scalar(
        sa.select(sa.func.count())
        .select_from(ChangeRequest)
        .where(ChangeRequest.external_id == law.id, ChangeRequest.state.in_(WAITING))
    ) or 0  # fmt: skip
