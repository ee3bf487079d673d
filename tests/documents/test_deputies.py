"""Deputies: of a person or a post, for some dates, never judge of their own (O2, D3; a21, a22)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.organising import appoint, end_appointment, end_delegation
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.marks import marks_for
from documents import change_register, register, waiting
from documents.approval import answer_package
from documents.change_request import ChangeData, accept_change, ask_for_change, reject_change
from documents.deputising import both_sides
from documents.models import Answer, ChangeState, RevisionState, SeatReason
from documents.permissions import DocumentPermission
from tests.builders import (
    LONG_AGO,
    MONDAY,
    TODAY,
    Office,
    a_deputy,
    a_draft,
    a_person,
    a_proof,
    a_route,
    a_step,
    a_unit,
    answered,
    submitted,
)

LATER = MONDAY + timedelta(days=3)


def _post(person: Person, role: Role) -> Appointment:
    query = sa.select(Appointment).where(
        Appointment.person_id == person.id, Appointment.role == role
    )
    return db.session.scalars(query).one()


def _standing(person: Person, on: date = TODAY):
    return standing_of(db.session(), person, on)


def _answers(revision, deputy: Person, seat: Person, now=MONDAY, answer=Answer.APPROVE):
    with unit_of_work(deputy, now=now) as work:
        return answer_package(
            work,
            work.fresh(revision.package),
            answer,
            proof=a_proof(deputy),
            seat=work.fresh(seat),
        )


@pytest.mark.covers("O2", "a21", "a22", "L16")
def test_a_deputy_of_a_post_answers_from_the_seat_that_comes_with_it(app):
    office = Office()
    a_deputy(office.manager, office.staff, post=_post(office.manager, Role.MANAGER))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    decision = _answers(revision, office.staff, office.manager)
    assert (decision.decided_by, decision.seat) == (office.staff, office.manager)
    assert decision.signature.acting_for_id == office.manager.id
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "revision.review_given")
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (office.staff.id, office.manager.id)


@pytest.mark.covers("O2", "a21", "L16")
def test_of_a_post_nothing_else_is_lent(app):
    office = Office()
    both = a_person(office.unit, Role.MANAGER, name="Vừa là trưởng phòng")
    with unit_of_work(None, now=MONDAY) as work:
        root = work.fresh(office.leader.home_unit)
        appoint(work, work.fresh(both), Role.LEADER, root, from_on=LONG_AGO)
    a_route(office.body, a_step(office.leader, role=None), a_step(role=Role.LEADER))
    a_deputy(both, office.staff, post=_post(both, Role.MANAGER))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.leader)
    assert both in revision.package.current_step.waiting
    assert not may(_standing(office.staff), DocumentPermission.DECIDE, revision.package)
    assert not may(_standing(office.staff), DocumentPermission.READ_REVISION, revision)
    with pytest.raises(NotFound):
        register.document_by_id(db.session(), _standing(office.staff), revision.document_id)
    assert waiting.waiting_for(db.session(), _standing(office.staff)) == []
    with pytest.raises(Forbidden):
        _answers(revision, office.staff, both)


@pytest.mark.covers("O2", "a21")
def test_a_seat_named_in_person_is_not_lent_with_a_post(app):
    office = Office()
    a_route(office.body, a_step(office.manager))
    a_deputy(office.manager, office.staff, post=_post(office.manager, Role.MANAGER))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert revision.package.current_step.seats[0].reason is SeatReason.NAMED
    assert not may(_standing(office.staff), DocumentPermission.DECIDE, revision.package)


@pytest.mark.covers("O2", "O1", "L16")
def test_a_post_is_lent_by_whoever_holds_it_on_the_day(app):
    office = Office()
    held = _post(office.manager, Role.MANAGER)
    a_deputy(office.manager, office.staff, post=held)
    successor = a_person(office.unit, name="Trưởng phòng mới")
    with unit_of_work(office.administrator, now=MONDAY) as work:
        end_appointment(work, work.fresh(held), until_on=TODAY - timedelta(days=1))
        appoint(
            work, work.fresh(successor), Role.MANAGER, work.fresh(office.unit), from_on=LONG_AGO
        )
    assert [one.person for one in _standing(office.staff).delegators] == [successor]
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert _answers(revision, office.staff, successor).seat == successor


@pytest.mark.covers("O2")
def test_a_post_that_was_lent_is_not_lent_on(app):
    office = Office()
    other = a_person(office.unit, name="Người thứ ba")
    a_deputy(office.manager, office.staff, post=_post(office.manager, Role.MANAGER))
    a_deputy(office.staff, other)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert not may(_standing(other), DocumentPermission.DECIDE, revision.package)


@pytest.mark.covers("O2")
def test_only_a_post_one_holds_is_lent(app):
    office = Office()
    with pytest.raises(InvalidInput):
        a_deputy(office.manager, office.staff, post=_post(office.leader, Role.LEADER))


@pytest.mark.covers("O2", "a21")
@pytest.mark.parametrize("by_post", [False, True])
def test_a_delegation_that_ends_in_the_middle_gives_nothing_from_then_on(app, by_post):
    office = Office()
    post = _post(office.manager, Role.MANAGER) if by_post else None
    delegation = a_deputy(office.manager, office.staff, post=post)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert may(_standing(office.staff), DocumentPermission.DECIDE, revision.package)
    with unit_of_work(office.manager, now=MONDAY) as work:
        end_delegation(work, work.fresh(delegation))
    with pytest.raises(Forbidden):
        _answers(revision, office.staff, office.manager)
    assert waiting.waiting_for(db.session(), _standing(office.staff)) == []
    assert not may(_standing(office.staff), DocumentPermission.READ_REVISION, revision)
    assert revision.state is RevisionState.IN_REVIEW
    answered(revision, office.manager)
    assert revision.package.current_step.position == 2


@pytest.mark.covers("O2", "a21")
def test_the_day_after_its_last_a_delegation_gives_nothing(app):
    office = Office()
    a_deputy(office.manager, office.staff, until_on=TODAY)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(Forbidden):
        _answers(revision, office.staff, office.manager, now=LATER)
    assert _answers(revision, office.staff, office.manager).decided_by == office.staff


@pytest.mark.covers("D3", "O2", "L16")
def test_a_deputy_who_wrote_what_waits_is_refused_by_name(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    session = db.session()
    refused = both_sides(session, _standing(office.manager), [office.manager], office.author)
    assert (refused.rule, refused.values["codes"]) == ("D3", revision.code)
    # whoever may not know of it is told no code
    refused = both_sides(session, _standing(office.administrator), [office.manager], office.author)
    assert "codes" not in refused.values
    assert both_sides(session, _standing(office.manager), [office.manager], office.staff) is None
    answered(revision, office.manager)
    assert both_sides(session, _standing(office.manager), [office.manager], office.author) is None


@pytest.mark.covers("a22", "O2")
def test_the_stamped_page_says_who_decided_for_whom(app):
    office = Office()
    a_deputy(office.leader, office.staff)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    answered(revision, office.officer)
    _answers(revision, office.staff, office.leader)
    with app.test_request_context():
        marks = marks_for(revision, successor=None)
    assert f"{office.staff.name} thay {office.leader.name}" in marks.separation


def _asked(office: Office):
    document = office.document()
    office.effective(document)
    with unit_of_work(office.staff, now=MONDAY) as work:
        return ask_for_change(work, ChangeData("Sửa mục 2."), [work.fresh(document)])


@pytest.mark.covers("O2", "a21", "a22", "a44")
@pytest.mark.parametrize("by_post", [False, True])
def test_a_deputy_decides_on_a_change_for_who_keeps_it(app, by_post):
    office = Office()
    request = _asked(office)
    deputy = a_person(office.unit, name="Người thay")
    post = _post(office.manager, Role.MANAGER) if by_post else None
    delegation = a_deputy(office.manager, deputy, post=post)
    assert change_register.to_decide(db.session(), _standing(deputy)) == [request]
    with unit_of_work(deputy, now=MONDAY) as work:
        accept_change(work, work.fresh(request), owner=work.fresh(office.author), due_on=TODAY)
    assert (request.state, request.decided_by, request.decided_for) == (
        ChangeState.ACCEPTED,
        deputy,
        office.manager,
    )
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "change.accepted")
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (deputy.id, office.manager.id)
    second = _asked(office)
    with unit_of_work(office.manager, now=MONDAY) as work:
        end_delegation(work, work.fresh(delegation))
    with pytest.raises(Forbidden), unit_of_work(deputy, now=MONDAY) as work:
        reject_change(work, work.fresh(second), reason="Không cần.")


@pytest.mark.covers("O2", "O1")
def test_a_deputy_decides_on_nothing_the_other_does_not_keep(app):
    office = Office()
    request = _asked(office)
    beside = a_unit(office.body, name="Phòng Kinh tế")
    elsewhere = a_person(beside, Role.MANAGER)
    deputy = a_person(office.unit)
    a_deputy(elsewhere, deputy)
    assert change_register.to_decide(db.session(), _standing(deputy)) == []
    with pytest.raises(Forbidden), unit_of_work(deputy, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Không cần.")


@pytest.mark.covers("O2", "a22")
def test_who_decides_by_a_post_of_their_own_acts_for_nobody(app):
    office = Office()
    request = _asked(office)
    a_deputy(office.manager, office.officer)
    with unit_of_work(office.officer, now=MONDAY) as work:
        reject_change(work, work.fresh(request), reason="Không cần.")
    assert request.decided_for is None


@pytest.mark.covers("D3", "O2")
def test_a_deputy_by_post_who_wrote_it_is_refused_at_the_decision_too(app):
    office = Office()
    a_deputy(office.manager, office.author, post=_post(office.manager, Role.MANAGER))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(RuleBroken) as refused:
        _answers(revision, office.author, office.manager)
    assert refused.value.rule == "D3"
