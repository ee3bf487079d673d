"""When a post changes hands its waiting seats go with it; a named person's stays (O1, L16)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.jobs import pass_on_seats
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.notices import Notice
from app.kernel.organising import appoint, disable_person, end_appointment
from app.kernel.people import Appointment, Role
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import waiting
from documents.models import Need, RevisionState, SeatReason
from documents.permissions import DocumentPermission
from tests.builders import (
    LONG_AGO,
    MONDAY,
    TODAY,
    Office,
    a_draft,
    a_person,
    a_route,
    a_step,
    answered,
    form_token,
    sign_in,
    submitted,
)

YESTERDAY = TODAY - timedelta(days=1)


def _post(person, role):
    query = sa.select(Appointment).where(
        Appointment.person_id == person.id, Appointment.role == role
    )
    return db.session.scalars(query).one()


def _leaves(office, person, role, until_on=YESTERDAY):
    with unit_of_work(office.administrator, now=MONDAY) as work:
        end_appointment(work, work.fresh(_post(person, role)), until_on=until_on)


def _takes(office, person, role, unit):
    with unit_of_work(office.administrator, now=MONDAY) as work:
        appoint(work, work.fresh(person), role, work.fresh(unit), from_on=LONG_AGO)


def _sent(office):
    return submitted(a_draft(office.author, office.document()), office.author)


def _standing(person):
    return standing_of(db.session(), person, TODAY)


def _told(kind):
    query = sa.select(Notice.person_id).where(Notice.kind == kind)
    return set(db.session.scalars(query))


def _facts(kind):
    return db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == kind)).all()


@pytest.mark.covers("O1", "a21", "L16")
def test_the_successor_answers_and_whoever_left_cannot(app):
    office = Office()
    revision = _sent(office)
    successor = a_person(office.unit, name="Trưởng phòng mới")
    _leaves(office, office.manager, Role.MANAGER)
    _takes(office, successor, Role.MANAGER, office.unit)
    assert not may(_standing(office.manager), DocumentPermission.DECIDE, revision.package)
    assert waiting.waiting_for(db.session(), _standing(office.manager)) == []
    with pytest.raises(Forbidden):
        answered(revision, office.manager)
    assert pass_on_seats(MONDAY) == 1
    assert pass_on_seats(MONDAY) == 0, "each seat once"
    seat = revision.package.current_step.seats[0]
    assert (seat.person, seat.reason, seat.role) == (successor, SeatReason.POST, Role.MANAGER)
    assert _told("revision.seat_taken") == {successor.id}
    assert _told("revision.seat_passed") == {office.manager.id}
    details = _facts("revision.seat_passed_on")[0].content()["details"]
    assert (details["person"], details["former_holder"]) == (successor.id, office.manager.id)
    assert len(waiting.waiting_for(db.session(), _standing(successor))) == 1
    answered(revision, successor)
    assert revision.package.current_step.position == 2


@pytest.mark.covers("a21", "L16", "a12")
def test_a_step_that_names_a_person_waits_for_that_person(app):
    office = Office()
    a_route(office.body, a_step(office.manager))
    revision = _sent(office)
    _leaves(office, office.manager, Role.MANAGER)
    _takes(office, a_person(office.unit), Role.MANAGER, office.unit)
    assert pass_on_seats(MONDAY) == 0
    assert revision.package.current_step.seats[0].person == office.manager
    answered(revision, office.manager)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("L16", "O1")
def test_what_was_answered_stays_and_later_steps_go_too(app):
    office = Office()
    revision = answered(_sent(office), office.manager)
    successor = a_person(office.body, name="Chủ tịch mới")
    _leaves(office, office.manager, Role.MANAGER)
    _leaves(office, office.leader, Role.LEADER)
    _takes(office, successor, Role.LEADER, office.leader.home_unit)
    assert pass_on_seats(MONDAY) == 1
    first, _second, third = revision.package.steps
    assert first.seats[0].person == office.manager, "a signed answer stays whose it is"
    assert third.seats[0].person == successor
    answered(revision, office.officer)
    answered(revision, successor)
    assert revision.package.is_signed_through()


@pytest.mark.covers("L16", "O6", "D3")
def test_a_successor_who_wrote_it_is_passed_over(app):
    office = Office()
    revision = _sent(office)
    _leaves(office, office.manager, Role.MANAGER)
    _takes(office, office.author, Role.MANAGER, office.unit)
    assert pass_on_seats(MONDAY) == 1
    seat = revision.package.current_step.seats[0]
    assert (seat.person, seat.reason) == (office.leader, SeatReason.PASSED_UP)


@pytest.mark.covers("L16", "O1", "a13")
@pytest.mark.parametrize("need", [Need.ANY, Need.ALL])
def test_where_others_hold_the_same_post_they_answer(app, need):
    office = Office()
    second = a_person(office.unit, Role.MANAGER, name="Phó trưởng phòng")
    a_route(office.body, a_step(role=Role.MANAGER, need=need))
    revision = _sent(office)
    assert len(revision.package.current_step.seats) == 2
    _leaves(office, office.manager, Role.MANAGER)
    assert pass_on_seats(MONDAY) == 1
    assert [one.person for one in revision.package.current_step.seats] == [second]
    assert len(_facts("revision.seat_let_go")) == 1
    answered(revision, second)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("L16", "O1")
def test_a_closed_account_holds_no_seat_by_post(app):
    office = Office()
    revision = _sent(office)
    successor = a_person(office.unit, Role.MANAGER, name="Trưởng phòng mới")
    with unit_of_work(office.administrator, now=MONDAY) as work:
        disable_person(work, work.fresh(office.manager), reason="Nghỉ hưu")
    assert pass_on_seats(MONDAY) == 1
    assert revision.package.current_step.seats[0].person == successor
    assert _told("revision.seat_passed") == set()


@pytest.mark.covers("L16", "O6")
def test_where_nobody_is_left_the_seat_waits_for_the_next_one(app):
    office = Office()
    a_route(office.body, a_step(role=Role.LEADER))
    revision = _sent(office)
    _leaves(office, office.leader, Role.LEADER)
    assert pass_on_seats(MONDAY) == 0
    with pytest.raises(Forbidden):
        answered(revision, office.leader)
    successor = a_person(office.body, Role.LEADER, name="Chủ tịch mới")
    assert pass_on_seats(MONDAY) == 1
    answered(revision, successor)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("L16", "O1")
def test_ending_and_appointing_on_the_screens_passes_it_on_at_once(app, client):
    office = Office()
    revision = _sent(office)
    successor = a_person(office.unit, Role.MANAGER, name="Trưởng phòng mới")
    where = f"/appointments/{_post(office.manager, Role.MANAGER).id}/end"
    sign_in(client, office.administrator)
    data = {"csrf_token": form_token(client, where), "until_on": f"{YESTERDAY:%d/%m/%Y}"}
    assert client.post(where, data=data).status_code == 303
    db.session.expire_all()
    assert revision.package.current_step.seats[0].person_id == successor.id
