"""When a post changes hands, withdrawals and disposals wait for its successor (O1, L16)."""

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
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.disposing import (
    DisposalData,
    disposals_to_decide,
    propose_disposal,
    refuse_disposal,
    sign_disposal,
)
from documents.models import (
    Disposal,
    DisposalState,
    Revision,
    SeatReason,
    Withdrawal,
    WithdrawalState,
)
from documents.retention import Thing
from documents.withdrawal import (
    WithdrawalData,
    agree_to_withdrawal,
    propose_withdrawal,
    refuse_withdrawal,
    withdrawals_to_decide,
)
from tests.builders import (
    LONG_AGO,
    MONDAY,
    TODAY,
    Office,
    a_deputy,
    a_person,
    a_proof,
    a_route,
    a_step,
    form_token,
    sign_in,
)

YESTERDAY = TODAY - timedelta(days=1)
LATER = MONDAY.replace(year=2036, month=11, day=24)


def withdrawing(office: Office, revision: Revision | None = None) -> Withdrawal:
    revision = revision or office.effective()
    with unit_of_work(office.officer, now=MONDAY) as work:
        return propose_withdrawal(
            work,
            work.fresh(revision.document),
            WithdrawalData("Thủ tục đã bị bãi bỏ.", TODAY),
            revision_id=revision.id,
        )


def disposing(office: Office) -> Disposal:
    first = office.effective(text="Bản một.")
    office.effective(first.document, text="Bản hai.")
    things: list[Thing] = [first]
    with unit_of_work(office.officer, now=LATER) as work:
        return propose_disposal(
            work,
            work.fresh(office.body),
            DisposalData("Hết thời hạn lưu."),
            [work.fresh(thing) for thing in things],
        )


PROPOSALS = [
    pytest.param(withdrawing, agree_to_withdrawal, refuse_withdrawal, MONDAY, id="withdrawal"),
    pytest.param(disposing, sign_disposal, refuse_disposal, LATER, id="disposal"),
]
decided_by_one = pytest.mark.parametrize(("proposed", "agree", "refuse", "now"), PROPOSALS)


def leaves(office, person, role=Role.LEADER, until_on=YESTERDAY):
    query = sa.select(Appointment).where(
        Appointment.person_id == person.id, Appointment.role == role
    )
    with unit_of_work(office.administrator, now=MONDAY) as work:
        end_appointment(work, work.fresh(db.session.scalars(query).one()), until_on=until_on)


def takes(office, person, unit, role=Role.LEADER):
    with unit_of_work(office.administrator, now=MONDAY) as work:
        appoint(work, work.fresh(person), role, work.fresh(unit), from_on=LONG_AGO)


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind)))


def facts(kind: str):
    return db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == kind)).all()


def seats(proposal):
    db.session.expire_all()
    return [seat.person for seat in proposal.seats]


def asked(person, now):
    standing = standing_of(db.session(), person, now.date())
    session = db.session()
    return [*withdrawals_to_decide(session, standing), *disposals_to_decide(session, standing)]


@pytest.mark.covers("O1", "a28", "a49", "L16")
@decided_by_one
def test_the_successor_decides_and_whoever_left_cannot(app, proposed, agree, refuse, now):
    office = Office()
    proposal = proposed(office)
    named = proposal.__tablename__
    successor = a_person(office.body, name="Chủ tịch mới")
    leaves(office, office.leader)
    assert asked(office.leader, now) == []
    with pytest.raises(Forbidden), unit_of_work(office.leader, now=now) as work:
        agree(work, proposal, proof=a_proof(office.leader))
    with pytest.raises(Forbidden), unit_of_work(office.leader, now=now) as work:
        refuse(work, proposal, reason="Không đồng ý.")
    assert pass_on_seats(now) == 0, "nobody holds the post yet: the seat waits"
    takes(office, successor, office.leader.home_unit)
    assert pass_on_seats(now) == 1
    assert pass_on_seats(now) == 0, "each seat once"
    assert seats(proposal) == [successor]
    seat = proposal.seats[0]
    assert (seat.reason, seat.role) == (SeatReason.POST, Role.LEADER)
    assert told(f"{named}.seat_taken") == {successor.id}
    assert told(f"{named}.seat_passed") == {office.leader.id}
    details = facts(f"{named}.seat_passed_on")[0].content()["details"]
    assert (details["person"], details["former_holder"]) == (successor.id, office.leader.id)
    assert asked(successor, now) == [proposal]
    with unit_of_work(successor, now=now) as work:
        agree(work, proposal, proof=a_proof(successor))
    assert proposal.state in (WithdrawalState.CARRIED_OUT, DisposalState.CARRIED_OUT)
    assert proposal.signature.covers(proposal.content())


@pytest.mark.covers("O1", "L16")
@decided_by_one
def test_of_two_of_one_post_the_other_decides_alone(app, proposed, agree, refuse, now):
    office = Office()
    second = a_person(office.body, Role.LEADER, name="Phó chủ tịch")
    proposal = proposed(office)
    assert set(seats(proposal)) == {office.leader, second}
    leaves(office, office.leader)
    assert pass_on_seats(now) == 1
    assert seats(proposal) == [second]
    named = proposal.__tablename__
    assert len(facts(f"{named}.seat_let_go")) == 1
    assert told(f"{named}.seat_taken") == set()


@pytest.mark.covers("O1", "D3", "L16")
@decided_by_one
def test_who_proposed_it_takes_no_seat_with_the_post(app, proposed, agree, refuse, now):
    office = Office()
    proposal = proposed(office)
    leaves(office, office.leader)
    takes(office, office.officer, office.leader.home_unit)
    assert pass_on_seats(now) == 0
    assert asked(office.officer, now) == []
    successor = a_person(office.body, Role.LEADER, name="Chủ tịch mới")
    assert pass_on_seats(now) == 1
    assert seats(proposal) == [successor]


@pytest.mark.covers("O1", "L16")
@decided_by_one
def test_a_closed_account_holds_no_seat_and_gets_no_letter(app, proposed, agree, refuse, now):
    office = Office()
    proposal = proposed(office)
    successor = a_person(office.body, name="Chủ tịch mới")
    with unit_of_work(office.administrator, now=MONDAY) as work:
        disable_person(work, work.fresh(office.leader), reason="Nghỉ hưu")
    takes(office, successor, office.leader.home_unit)
    assert pass_on_seats(now) == 1
    assert seats(proposal) == [successor]
    assert told(f"{proposal.__tablename__}.seat_passed") == set()


@pytest.mark.covers("O1", "O2")
@decided_by_one
def test_a_deputy_decides_no_more_than_the_post_that_is_held(app, proposed, agree, refuse, now):
    office = Office()
    proposal = proposed(office)
    deputy = a_person(office.unit, name="Trần Văn Thay")
    a_deputy(office.leader, deputy, until_on=now.date())
    assert asked(deputy, now) == [proposal]
    leaves(office, office.leader)
    assert asked(deputy, now) == []
    with pytest.raises(Forbidden), unit_of_work(deputy, now=now) as work:
        agree(work, proposal, proof=a_proof(deputy), seat=work.fresh(office.leader))


@pytest.mark.covers("L16", "a12")
def test_a_person_named_on_the_route_keeps_the_decision(app):
    office = Office()
    revision = office.effective()
    a_route(office.body, a_step(office.leader))
    proposal = withdrawing(office, revision)
    leaves(office, office.leader)
    takes(office, a_person(office.body, name="Chủ tịch mới"), office.leader.home_unit)
    assert pass_on_seats(MONDAY) == 0
    assert seats(proposal) == [office.leader]
    with unit_of_work(office.leader, now=MONDAY) as work:
        agree_to_withdrawal(work, proposal, proof=a_proof(office.leader))
    assert proposal.state is WithdrawalState.CARRIED_OUT


@pytest.mark.covers("O1", "L16")
def test_what_is_decided_passes_to_nobody(app):
    office = Office()
    proposal = withdrawing(office)
    with unit_of_work(office.leader, now=MONDAY) as work:
        agree_to_withdrawal(work, proposal, proof=a_proof(office.leader))
    leaves(office, office.leader)
    takes(office, a_person(office.body, name="Chủ tịch mới"), office.leader.home_unit)
    assert pass_on_seats(MONDAY) == 0
    assert seats(proposal) == [office.leader]


@pytest.mark.covers("O1", "L16")
def test_the_post_of_another_body_or_unit_is_no_successor(app):
    office, other = Office(), Office()
    proposal = withdrawing(office)
    a_person(other.body, Role.LEADER, name="Chủ tịch nơi khác")
    a_person(office.unit, Role.LEADER, name="Lãnh đạo phòng khác", over=office.unit)
    # whoever leads the very unit is nearer than the whole body, and may well take the seat
    leaves(office, office.leader)
    assert pass_on_seats(MONDAY) == 1
    assert [one.name for one in seats(proposal)] == ["Lãnh đạo phòng khác"]


@pytest.mark.covers("O1", "L16", "e18")
def test_on_the_screens_it_passes_at_once_and_the_notice_leads_there(app, client):
    office = Office()
    proposal = withdrawing(office)
    successor = a_person(office.body, name="Chủ tịch mới")
    takes(office, successor, office.leader.home_unit)
    query = sa.select(Appointment.id).where(
        Appointment.person_id == office.leader.id, Appointment.role == Role.LEADER
    )
    where = f"/appointments/{db.session.scalars(query).one()}/end"
    sign_in(client, office.administrator)
    data = {"csrf_token": form_token(client, where), "until_on": f"{YESTERDAY:%d/%m/%Y}"}
    assert client.post(where, data=data).status_code == 303
    assert seats(proposal) == [successor]
    sign_in(client, successor)
    shown = client.get("/notices?lang=en").text
    assert "in place of" in shown
    assert f'href="/withdrawals/{proposal.id}"' in shown
    answer = client.get(f"/withdrawals/{proposal.id}")
    assert answer.status_code == 200
    assert 'name="a-password"' in answer.text
