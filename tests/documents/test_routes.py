"""Routes: which one, who is asked, how many must agree, and small offices (a10-a14, D4, O6)."""

from __future__ import annotations

import pytest

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import Answer, DocumentKind, Need, RevisionState, SeatReason, StepKind
from documents.routing import REPEATED, planned_route
from documents.submission import submit_package
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    a_route,
    a_step,
    a_unit,
    answered,
    raw,
    settings_changed,
    submitted,
)


def _leaders(office: Office, count: int) -> list:
    return [
        a_person(office.body, Role.LEADER, name=f"Lãnh đạo {letter}")
        for letter in "ABCDEFGH"[:count]
    ]


@pytest.mark.covers("D4", "a11", "a12", "a13")
@pytest.mark.parametrize(
    ("need", "quorum", "agreeing"),
    [(Need.ANY, None, 1), (Need.ALL, None, 4), (Need.QUORUM, 2, 2), (Need.QUORUM, 3, 3)],
)
def test_a_step_is_satisfied_by_as_many_as_it_needs_and_not_before(app, need, quorum, agreeing):
    office = Office()
    people = _leaders(office, 4)
    a_route(office.body, a_step(*people, need=need, quorum=quorum))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    for person in people[: agreeing - 1]:
        answered(revision, person)
        assert revision.state is RevisionState.IN_APPROVAL
        assert not revision.package.is_signed_through()
    answered(revision, people[agreeing - 1])
    assert revision.package.is_signed_through()
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("D4", "D8", "a12", "a16")
@pytest.mark.parametrize("need", Need)
def test_one_return_ends_the_round_whatever_the_step_needs(app, need):
    office = Office()
    people = _leaders(office, 3)
    a_route(office.body, a_step(*people, need=need, quorum=3 if need is Need.QUORUM else None))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    if need is not Need.ANY:
        answered(revision, people[0])
    answered(revision, people[1], Answer.RETURN, "Chưa đúng luật.")
    assert revision.state is RevisionState.DRAFT
    assert revision.round == 2
    assert not revision.package.is_signed_through()


@pytest.mark.covers("D4", "a10", "a11")
def test_steps_are_answered_in_their_order(app):
    office = Office()
    first, second, third = _leaders(office, 3)
    a_route(
        office.body,
        a_step(first, kind=StepKind.REVIEW),
        a_step(second, kind=StepKind.REVIEW),
        a_step(third),
    )
    revision = submitted(a_draft(office.author, office.document()), office.author)
    seen = []
    for person in (first, second, third):
        seen.append((revision.state, revision.package.current_step.waiting))
        answered(revision, person)
    assert seen == [
        (RevisionState.IN_REVIEW, [first]),
        (RevisionState.IN_REVIEW, [second]),
        (RevisionState.IN_APPROVAL, [third]),
    ]
    assert revision.package.current_step is None


@pytest.mark.covers("a13", "O6")
def test_a_number_that_separation_makes_impossible_is_said_at_submission(app):
    office = Office()
    people = _leaders(office, 2)
    a_route(office.body, a_step(*people, office.author, need=Need.QUORUM, quorum=3))
    with pytest.raises(RuleBroken) as refused:
        submitted(a_draft(office.author, office.document()), office.author)
    assert refused.value.rule == "O6"
    assert refused.value.values == {"needed": 3, "count": 2}


@pytest.mark.covers("D4", "a10")
def test_a_route_without_an_approval_takes_nothing(app):
    office = Office()
    a_route(office.body, a_step(office.manager, kind=StepKind.REVIEW))
    with pytest.raises(RuleBroken) as refused:
        submitted(a_draft(office.author, office.document()), office.author)
    assert refused.value.rule == "D4"


@pytest.mark.covers("a14")
def test_the_nearest_and_most_particular_route_is_taken(app):
    office = Office()
    below = a_unit(office.unit, name="Tổ hộ tịch")
    document = office.document()

    def taken(one=document):
        steps = planned_route(db.session(), one, [office.author], TODAY)
        return [[seat.person.name for seat in step.seats] for step in steps]

    people = _leaders(office, 5)
    a_route(office.body, a_step(people[0]))
    assert taken() == [["Lãnh đạo A"]]
    a_route(office.body, a_step(people[1]), kind=DocumentKind.PROCEDURE)
    assert taken() == [["Lãnh đạo B"]]
    a_route(office.body, a_step(people[2]), unit=office.unit)
    assert taken() == [["Lãnh đạo C"]]
    a_route(office.body, a_step(people[3]), unit=office.unit, kind=DocumentKind.PROCEDURE)
    assert taken() == [["Lãnh đạo D"]]
    a_route(office.body, a_step(people[4]), unit=below)
    assert taken() == [["Lãnh đạo D"]]
    form = a_draft(office.author, office.document("Tờ khai")).document
    assert taken(form) == [["Lãnh đạo D"]]


@pytest.mark.covers("O6", "D3")
def test_where_the_manager_wrote_it_the_review_passes_up_and_says_so(app):
    office = Office()
    revision = submitted(
        a_draft(office.manager, office.document(), by=office.officer), office.officer
    )
    left_out = revision.package.left_out_steps
    assert [(step.kind, step.left_out_reason) for step in left_out] == [(StepKind.REVIEW, REPEATED)]
    seats = [seat.person for step in revision.package.steps for seat in step.seats]
    assert seats == [office.officer, office.leader]
    for person in seats:
        answered(revision, person)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("O6", "D3")
def test_a_review_passes_to_the_manager_above_before_any_leader(app):
    office = Office()
    team = a_unit(office.unit, name="Tổ hộ tịch")
    head = a_person(team, Role.MANAGER, name="Tổ trưởng")
    document = a_document(office.officer, team)
    steps = planned_route(db.session(), document, [head], TODAY)
    assert [seat.person for seat in steps[0].seats] == [office.manager]
    assert steps[0].seats[0].reason is SeatReason.PASSED_UP


class _SmallOffice:
    """Ten people: one leader who writes, an officer, and a named person of the district above."""

    def __init__(self) -> None:
        self.above = a_body(name="UBND quận")
        self.body = a_body(overseer=self.above)
        self.unit = a_unit(self.body, code="VP")
        self.leader = a_person(self.body, Role.LEADER, Role.QUALITY_OFFICER, name="Chủ tịch xã")
        self.clerk = a_person(self.unit, Role.MANAGER, name="Văn thư")
        self.overseer = a_person(self.above, Role.STAFF, name="Người của quận")


@pytest.mark.covers("O6", "D3", "O4")
def test_where_the_only_leader_wrote_it_the_overseeing_body_decides(app):
    office = _SmallOffice()
    settings_changed(office.body, escalation_person_id=office.overseer.id)
    document = a_document(office.leader, office.unit)
    revision = submitted(a_draft(office.leader, document), office.leader)
    last = revision.package.steps[-1]
    assert [(seat.person, seat.reason) for seat in last.seats] == [
        (office.overseer, SeatReason.OVERSEER)
    ]
    while (step := revision.package.current_step) is not None:
        answered(revision, step.waiting[0])
    assert revision.state is RevisionState.EFFECTIVE
    decision = last.decisions[0]
    assert decision.decided_by == office.overseer
    assert decision.body_id == office.body.id


@pytest.mark.covers("O6")
@pytest.mark.parametrize("named", ["nobody", "own", "stranger", "closed"])
def test_only_an_open_account_of_the_overseeing_body_may_decide_there(app, named):
    office = _SmallOffice()
    if named == "own":
        settings_changed(office.body, escalation_person_id=office.clerk.id)
    elif named == "stranger":
        stranger = a_person(a_body(), Role.LEADER, name="Người ngoài")
        settings_changed(office.body, escalation_person_id=stranger.id)
    elif named == "closed":
        settings_changed(office.body, escalation_person_id=office.overseer.id)
        raw("UPDATE person SET disabled_at = :at WHERE id = :id", at=MONDAY, id=office.overseer.id)
    document = a_document(office.leader, office.unit)
    with pytest.raises(RuleBroken) as refused:
        submitted(a_draft(office.leader, document), office.leader)
    assert refused.value.rule == "O6"


@pytest.mark.covers("O6", "T1")
def test_a_review_is_left_out_with_a_reason_that_stays(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    with unit_of_work(office.officer, now=MONDAY) as work:
        submit_package(work, work.fresh(revision.package), leave_out={1: "Trưởng phòng đi vắng."})
    assert [step.left_out_reason for step in revision.package.left_out_steps] == [
        "Trưởng phòng đi vắng."
    ]
    assert revision.package.current_step.seats[0].person == office.officer
    entry = db.session.query(TrailEntry).filter_by(fact="revision.step_left_out").one()
    assert "Trưởng phòng đi vắng." in entry.details
    for person in (office.officer, office.leader):
        answered(revision, person)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("O6", "D4")
@pytest.mark.parametrize("leave_out", [{3: "Gấp."}, {7: "Gấp."}, {1: "  "}])
def test_no_approval_and_nothing_without_a_reason_is_left_out(app, leave_out):
    office = Office()
    revision = a_draft(office.author, office.document())
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        submit_package(work, work.fresh(revision.package), leave_out=leave_out)
    assert refused.value.rule == "O6"
    assert revision.state is RevisionState.DRAFT
