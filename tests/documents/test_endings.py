"""What an ending carries along: lent posts, open change requests, those who once could read."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.notices import Notice
from app.kernel.organising import appoint
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.change_register import ended_by, waiting_for_document
from documents.change_request import (
    ChangeData,
    accept_change,
    ask_for_change,
    park_change,
)
from documents.disposing import disposals_to_decide
from documents.facts import DocumentFact, DocumentNotice
from documents.models import ChangeRequest, ChangeState, Document, RevisionState
from documents.withdrawal import withdrawals_to_decide
from tests.builders import LONG_AGO, MONDAY, TODAY, Office, a_deputy
from tests.documents.test_disposal import THEN, listed, obsolete, signed
from tests.documents.test_withdrawal import LATER, agreed, proposed, withdrawn

DUE = TODAY + timedelta(days=20)


def asked(office: Office, *documents: Document, by: Person | None = None) -> ChangeRequest:
    with unit_of_work(by or office.staff, now=MONDAY) as work:
        return ask_for_change(
            work, ChangeData("Bỏ bước photo."), [work.fresh(one) for one in documents]
        )


def accepted(office: Office, request: ChangeRequest) -> ChangeRequest:
    with unit_of_work(office.officer, now=MONDAY) as work:
        accept_change(work, work.fresh(request), owner=work.fresh(office.author), due_on=DUE)
    return request


def told(kind: DocumentNotice, request: ChangeRequest) -> set[int]:
    return set(
        db.session.scalars(
            sa.select(Notice.person_id).where(
                Notice.kind == str(kind), Notice.record_id == request.id
            )
        )
    )


def facts_of(request: ChangeRequest) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(TrailEntry.record_type == "change_request", TrailEntry.record_id == request.id)
            .order_by(TrailEntry.id)
        )
    )


def post_of(person: Person, role: Role) -> Appointment:
    return db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == person.id, Appointment.role == role)
    ).one()


@pytest.mark.covers("O2", "D8")
def test_a_deputy_for_another_post_of_a_leader_decides_on_no_ending(app):
    office = Office()
    with unit_of_work(office.administrator, now=MONDAY) as work:
        leader, unit = work.fresh(office.leader), work.fresh(office.unit)
        lent = appoint(work, leader, Role.MANAGER, unit, from_on=LONG_AGO)
    a_deputy(office.leader, office.staff, post=lent)
    withdrawal = proposed(office, office.effective())
    disposal = listed(office, obsolete(office))
    for day, waiting in ((TODAY, withdrawals_to_decide), (THEN, disposals_to_decide)):
        assert waiting(db.session(), standing_of(db.session(), office.staff, day)) == []
    with pytest.raises(Forbidden):
        agreed(withdrawal, office.staff, seat=office.leader)
    assert signed(office, disposal).decided_by == office.leader


@pytest.mark.covers("O2", "D8")
def test_a_deputy_for_the_post_the_seat_comes_with_decides_on_an_ending(app):
    office = Office()
    a_deputy(office.leader, office.staff, post=post_of(office.leader, Role.LEADER))
    withdrawal = proposed(office, office.effective())
    held = standing_of(db.session(), office.staff, TODAY)
    assert withdrawals_to_decide(db.session(), held) == [withdrawal]
    agreed(withdrawal, office.staff, seat=office.leader)
    assert withdrawal.signature.acting_for == office.leader


@pytest.mark.covers("D8", "a28", "a42")
def test_a_withdrawal_closes_what_asked_for_a_change_of_its_document_and_tells_who_asked(app):
    office = Office()
    revision = office.effective()
    new = asked(office, revision.document)
    kept = asked(office, revision.document)
    with unit_of_work(office.officer, now=MONDAY) as work:
        park_change(work, work.fresh(kept), reason="Chờ lần sửa tới.")
    taken = accepted(office, asked(office, revision.document))
    held = standing_of(db.session(), office.officer, TODAY)
    waiting = waiting_for_document(db.session(), held, revision.document)
    assert [one.number for one in waiting] == [new.number, kept.number, taken.number]
    withdrawal = agreed(proposed(office, revision), office.leader)
    for request in (new, kept, taken):
        db.session.refresh(request)
        assert request.state is ChangeState.CLOSED
        assert request.closed_at == MONDAY
        assert request.items[0].withdrawal == withdrawal
        assert request.items[0].left_reason == "Thủ tục đã bị bãi bỏ."
        assert facts_of(request).count(str(DocumentFact.CHANGE_ENDED)) == 1
        assert office.staff.id in told(DocumentNotice.CHANGE_ENDED, request)
    assert office.author.id in told(DocumentNotice.CHANGE_ENDED, taken)
    assert (new.decided_by, new.decision_reason) == (office.leader, withdrawal.reason)
    assert taken.decided_by == office.officer
    assert waiting_for_document(db.session(), held, revision.document) == []
    assert ended_by(db.session(), held, withdrawal) == [new, kept, taken]


@pytest.mark.covers("D8", "a44")
def test_a_request_over_several_documents_stays_open_for_those_still_in_force(app):
    office = Office()
    one, two = office.effective(), office.effective()
    new = asked(office, one.document, two.document)
    taken = accepted(office, asked(office, one.document, two.document))
    withdrawn(office, one)
    for request, state in ((new, ChangeState.OPEN), (taken, ChangeState.ACCEPTED)):
        db.session.refresh(request)
        assert request.state is state
        assert [item.is_settled for item in request.items] == [True, False]
        assert office.staff.id in told(DocumentNotice.CHANGE_ENDED, request)
    accepted(office, new)
    assert new.state is ChangeState.ACCEPTED
    withdrawn(office, two)
    for request in (new, taken):
        db.session.refresh(request)
        assert request.state is ChangeState.CLOSED
        assert facts_of(request).count(str(DocumentFact.CHANGE_ENDED)) == 2


@pytest.mark.covers("D8")
def test_a_withdrawal_that_waits_for_its_day_leaves_the_requests_open_until_then(app):
    office = Office()
    revision = office.effective()
    request = asked(office, revision.document)
    agreed(proposed(office, revision, on=LATER), office.leader)
    db.session.refresh(request)
    assert revision.state is RevisionState.EFFECTIVE
    assert request.state is ChangeState.OPEN
