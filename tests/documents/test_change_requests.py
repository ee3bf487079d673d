"""Change requests from asking to closing (a42-a45; O2, T1)."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.trail_sentences import sentences
from documents.change_register import (
    ChangeFilters,
    change,
    changes,
    to_answer,
    to_decide,
    waiting_for_document,
)
from documents.change_request import (
    ChangeData,
    accept_change,
    ask_for_change,
    leave_unchanged,
    park_change,
    reject_change,
    take_up,
)
from documents.facts import DocumentFact, DocumentNotice
from documents.models import ChangeRequest, ChangeSource, ChangeState, Confidentiality
from documents.submission import cancel_package
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_deputy,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    joined,
    submitted,
)
from tests.counting import queries

DUE = date(2026, 12, 18)


def asked(office: Office, *documents, reason: str = "Thời hạn nay là 3 ngày.") -> ChangeRequest:
    with unit_of_work(office.staff, now=MONDAY) as work:
        data = ChangeData(reason, ChangeSource.WORK, "Biểu mẫu số 2")
        return ask_for_change(work, data, [work.fresh(one) for one in documents])


def accepted(office: Office, request: ChangeRequest, owner=None) -> ChangeRequest:
    with unit_of_work(office.officer, now=MONDAY) as work:
        accept_change(
            work, work.fresh(request), owner=work.fresh(owner or office.author), due_on=DUE
        )
    return request


def told(kind: DocumentNotice) -> set[int]:
    return set(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == str(kind))))


def facts_of(request: ChangeRequest) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(TrailEntry.record_type == "change_request", TrailEntry.record_id == request.id)
            .order_by(TrailEntry.id)
        )
    )


@pytest.mark.covers("a42", "a44", "a45")
def test_anybody_of_the_body_asks_over_several_documents_and_deciders_are_told(app):
    office = Office()
    one, two = office.effective().document, office.effective().document
    request = asked(office, one, two)
    assert request.number == "DN-2026-001"
    assert request.state is ChangeState.OPEN
    assert [item.document for item in request.items] == [one, two]
    assert request.impact == "Biểu mẫu số 2"
    assert request.asked_by == office.staff
    assert told(DocumentNotice.CHANGE_ASKED) == {office.officer.id, office.author.id}
    assert facts_of(request) == [str(DocumentFact.CHANGE_ASKED)]
    assert asked(office, one).number == "DN-2026-002"


@pytest.mark.covers("a42", "O4")
def test_an_inspector_and_another_body_ask_for_nothing(app):
    office, other = Office(), Office(a_body())
    document = office.effective().document
    inspector = a_person(office.body, Role.INSPECTOR, name="Người kiểm tra")
    for person in (inspector, other.staff):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            ask_for_change(work, ChangeData("Sửa."), [work.fresh(document)])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ChangeRequest)) == 0


@pytest.mark.covers("a42")
def test_an_empty_reason_or_no_document_is_refused(app):
    office = Office()
    document = office.effective().document
    with pytest.raises(InvalidInput), unit_of_work(office.staff, now=MONDAY) as work:
        ask_for_change(work, ChangeData("  \n "), [work.fresh(document)])
    with pytest.raises(InvalidInput), unit_of_work(office.staff, now=MONDAY) as work:
        ask_for_change(work, ChangeData("Sửa."), [])


@pytest.mark.covers("a42")
def test_a_request_is_closed_by_the_revision_that_answers_it_coming_into_force(app):
    office = Office()
    document = office.effective().document
    request = accepted(office, asked(office, document))
    assert request.state is ChangeState.ACCEPTED
    assert request.due_on == DUE
    revision = a_draft(office.author, document, text="Bản hai.")
    with unit_of_work(office.author, now=MONDAY) as work:
        take_up(work, work.fresh(request), work.fresh(revision))
    assert request.state is ChangeState.ANSWERED
    submitted(revision, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    db.session.refresh(request)
    assert request.state is ChangeState.CLOSED
    assert request.closed_at == MONDAY
    assert office.staff.id in told(DocumentNotice.CHANGE_CLOSED)
    assert facts_of(request) == [
        str(DocumentFact.CHANGE_ASKED),
        str(DocumentFact.CHANGE_ACCEPTED),
        str(DocumentFact.CHANGE_TAKEN_UP),
        str(DocumentFact.CHANGE_IN_FORCE),
    ]


@pytest.mark.covers("a44")
def test_one_package_answers_one_request_over_two_documents_with_one_fact(app):
    office = Office()
    one, two = office.effective().document, office.effective().document
    request = accepted(office, asked(office, one, two))
    first, second = (a_draft(office.author, document, text="Bản mới.") for document in (one, two))
    joined(first, second, by=office.author)
    for revision in (first, second):
        with unit_of_work(office.author, now=MONDAY) as work:
            take_up(work, work.fresh(request), work.fresh(revision))
    submitted(first, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(first, person)
    db.session.refresh(request)
    assert request.state is ChangeState.CLOSED
    assert facts_of(request).count(str(DocumentFact.CHANGE_IN_FORCE)) == 1


@pytest.mark.covers("a44")
def test_a_document_that_needs_no_change_is_left_with_a_reason(app):
    office = Office()
    one, two = office.effective().document, office.effective().document
    request = accepted(office, asked(office, one, two))
    for document in (one, two):
        with pytest.raises(InvalidInput), unit_of_work(office.author, now=MONDAY) as work:
            leave_unchanged(work, work.fresh(request), work.fresh(document), reason=" ")
        assert request.state is ChangeState.ACCEPTED
        with unit_of_work(office.author, now=MONDAY) as work:
            leave_unchanged(work, work.fresh(request), work.fresh(document), reason="Đã đúng.")
    assert request.state is ChangeState.CLOSED
    assert [item.left_reason for item in request.items] == ["Đã đúng."] * 2


@pytest.mark.covers("a42")
def test_a_cancelled_revision_lets_its_request_wait_again(app):
    office = Office()
    document = office.effective().document
    request = accepted(office, asked(office, document))
    revision = a_draft(office.author, document, text="Bản hai.")
    with unit_of_work(office.author, now=MONDAY) as work:
        take_up(work, work.fresh(request), work.fresh(revision))
    with unit_of_work(office.author, now=MONDAY) as work:
        cancel_package(work, work.fresh(revision), reason="Soạn nhầm")
    db.session.refresh(request)
    assert request.state is ChangeState.ACCEPTED
    assert request.items[0].revision_id is None


@pytest.mark.covers("a43")
def test_a_parked_request_is_offered_to_the_next_revision_and_accepted_by_it(app):
    office = Office()
    document = office.effective().document
    request = asked(office, document, reason="Lỗi chính tả ở mục 3")
    with unit_of_work(office.officer, now=MONDAY) as work:
        park_change(work, work.fresh(request), reason="Nhỏ, gộp vào lần sau")
    assert request.state is ChangeState.PARKED
    assert request.decision_reason
    assert told(DocumentNotice.CHANGE_PARKED) == {office.staff.id}
    standing = standing_of(db.session(), office.author, TODAY)
    assert waiting_for_document(db.session(), standing, document) == [request]
    revision = a_draft(office.author, document, text="Bản hai.")
    with unit_of_work(office.author, now=MONDAY) as work:
        take_up(work, work.fresh(request), work.fresh(revision))
    assert request.state is ChangeState.ANSWERED
    assert request.owner == office.author
    with pytest.raises(RuleBroken), unit_of_work(office.author, now=MONDAY) as work:
        take_up(work, work.fresh(request), work.fresh(revision))


@pytest.mark.covers("a42")
def test_declining_and_parking_need_a_reason(app):
    office = Office()
    request = asked(office, office.effective().document)
    for act in (reject_change, park_change):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            act(work, work.fresh(request), reason=" ")
    with unit_of_work(office.officer, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Trái Thông tư 01")
    assert request.state is ChangeState.REJECTED
    assert told(DocumentNotice.CHANGE_REJECTED) == {office.staff.id}


@pytest.mark.covers("a42")
def test_of_two_who_decide_the_second_is_told_who_was_first(app):
    office = Office()
    request = asked(office, office.effective().document)
    seen = request.row_version
    with unit_of_work(office.manager, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Không cần", seen=seen)
    with (
        pytest.raises(RuleBroken) as refused,
        unit_of_work(office.officer, now=MONDAY) as work,
    ):
        accept_change(work, work.fresh(request), owner=office.author, due_on=DUE, seen=seen)
    assert refused.value.values["name"] == office.manager.name
    db.session.refresh(request)
    assert request.state is ChangeState.REJECTED


@pytest.mark.covers("a43")
def test_what_was_decided_on_as_seen_before_is_stale(app):
    office = Office()
    request = asked(office, office.effective().document)
    seen = request.row_version
    with unit_of_work(office.officer, now=MONDAY) as work:
        park_change(work, work.fresh(request), reason="Nhỏ", seen=seen)
    with pytest.raises(Stale), unit_of_work(office.manager, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Không cần", seen=seen)


@pytest.mark.covers("a42", "O1")
def test_whoever_keeps_only_one_of_the_documents_does_not_decide(app):
    office = Office()
    beside = a_unit(office.body, code="KT")
    other = a_document(office.officer, beside, title="Khác", keeper=office.author)
    request = asked(office, office.effective().document, other)
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Không")
    session = db.session()
    assert to_decide(session, standing_of(session, office.manager, TODAY)) == []
    assert to_decide(session, standing_of(session, office.officer, TODAY)) == [request]


@pytest.mark.covers("O2")
def test_a_deputy_finds_and_answers_what_the_owner_answers_for(app):
    office = Office()
    document = office.effective().document
    deputy = a_person(office.unit, Role.STAFF, name="Cấp phó")
    a_deputy(office.author, deputy)
    request = accepted(office, asked(office, document))
    assert to_answer(db.session(), standing_of(db.session(), deputy, TODAY)) == [request]
    with unit_of_work(deputy, now=MONDAY, acting_for=office.author) as work:
        leave_unchanged(work, work.fresh(request), work.fresh(document), reason="Đã đúng.")
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(DocumentFact.CHANGE_LEFT))
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (deputy.id, office.author.id)


@pytest.mark.covers("O4", "a42")
def test_a_request_about_a_document_for_named_people_is_not_there_for_others(app):
    office = Office()
    secret = a_document(
        office.officer,
        office.unit,
        title="Kín",
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader,),
        keeper=office.author,
    )
    office.effective(secret)
    with unit_of_work(office.author, now=MONDAY) as work:
        request = ask_for_change(work, ChangeData("Sửa."), [work.fresh(secret)])
    session = db.session()
    seen = {
        person.name: changes(
            session, standing_of(session, person, TODAY), office.body.id, ChangeFilters()
        ).rows
        for person in (office.author, office.officer, office.staff)
    }
    assert seen[office.staff.name] == []
    assert seen[office.author.name] == [request]
    with pytest.raises(NotFound):
        change(session, standing_of(session, office.staff, TODAY), office.body.id, request.number)


@pytest.mark.covers("a42", "T18")
def test_the_list_asks_the_same_number_of_questions_however_long(app):
    office = Office()
    document = office.effective().document
    counts = []
    for more in (2, 9):
        for _ in range(more):
            accepted(office, asked(office, document))
        db.session.rollback()
        db.session.expire_all()
        held = standing_of(db.session(), office.officer, TODAY)
        with queries() as made:
            for one in changes(db.session(), held, held.body_id, ChangeFilters()).rows:
                assert one.codes
                assert one.asked_by.name
                assert one.items[0].document.lead_unit.name
        counts.append(len(made))
    assert counts[0] == counts[1]


@pytest.mark.covers("T4")
def test_who_answers_is_kept_by_id_in_the_trail_and_named_where_it_is_read(app):
    office = Office()
    request = accepted(office, asked(office, office.effective().document), office.author)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(
            TrailEntry.fact == "change.accepted", TrailEntry.record_id == request.id
        )
    ).one()
    assert office.author.name not in entry.details
    with app.test_request_context(), force_locale("vi"):
        (line,) = sentences(db.session(), [entry])
    assert office.author.name in line.sentence
