"""Who wrote it does not judge it; nobody decides twice; deputies decide for one (D3, O2)."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.people import Capacity, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.approval import answer_package
from documents.drafting import change_draft
from documents.models import Answer, Need, RevisionState, StepKind
from documents.permissions import DocumentPermission
from tests.builders import (
    MONDAY,
    Office,
    a_deputy,
    a_draft,
    a_person,
    a_proof,
    a_route,
    a_step,
    answered,
    draft_data,
    joined,
    raw,
    submitted,
)


def _answer_for(revision, person, seat, answer=Answer.APPROVE, comment=""):
    with unit_of_work(person, now=MONDAY) as work:
        return answer_package(
            work,
            work.fresh(revision.package),
            answer,
            proof=a_proof(person),
            comment=comment,
            seat=work.fresh(seat),
        )


def _seated(revision) -> set[str]:
    return {seat.person.name for step in revision.package.all_steps for seat in step.seats}


@pytest.mark.covers("D3", "a15")
@pytest.mark.parametrize("part", ["manager", "officer", "leader"])
def test_an_author_is_never_asked_to_judge(app, part):
    office = Office()
    author = getattr(office, part)
    draft = a_draft(author, office.document(), by=office.officer)
    if part == "leader":  # nobody else may approve, and no overseer is named
        with pytest.raises(RuleBroken) as refused:
            submitted(draft, office.officer)
        assert refused.value.rule == "O6"
        return
    revision = submitted(draft, office.officer)
    assert author.name not in _seated(revision)
    assert isinstance(revision.package.answer_obstacle(author), RuleBroken)


@pytest.mark.covers("D3", "a15")
def test_a_second_author_is_an_author_too(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    with unit_of_work(office.author, now=MONDAY) as work:
        change_draft(
            work,
            work.fresh(revision),
            draft_data(revision, authors=(office.author, office.manager)),
        )
    submitted(revision, office.author)
    assert office.manager.name not in _seated(revision)
    assert revision.package.answer_obstacle(office.manager).rule == "D3"


@pytest.mark.covers("D3", "a15")
def test_whoever_wrote_one_member_of_a_package_judges_none_of_it(app):
    office = Office()
    second = a_person(office.body, Role.LEADER, name="Hoàng Thị Mai")
    procedure = a_draft(office.author, office.document())
    form = a_draft(office.leader, office.document("Tờ khai"), by=office.officer)
    joined(procedure, form, by=office.officer)
    submitted(procedure, office.officer)
    assert office.leader.name not in _seated(procedure)
    assert second.name in _seated(procedure)
    for person in (office.manager, office.officer):
        answered(procedure, person)
    with pytest.raises(Forbidden):
        answered(procedure, office.leader)
    answered(procedure, second)
    assert form.state is RevisionState.EFFECTIVE


@pytest.mark.covers("D3", "O2", "a15")
def test_an_author_does_not_judge_as_somebodys_deputy_either(app):
    office = Office()
    a_deputy(office.manager, office.author)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(RuleBroken) as refused:
        _answer_for(revision, office.author, office.manager)
    assert refused.value.rule == "D3"
    assert not revision.package.current_step.decisions


@pytest.mark.covers("D3")
def test_nobody_answers_twice_in_one_step_and_round(app):
    office = Office()
    other = a_person(office.unit, Role.MANAGER, name="Ngô Thị Tư")
    a_route(office.body, a_step(office.manager, other, need=Need.ALL))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    with pytest.raises(RuleBroken) as refused:
        answered(revision, office.manager)
    assert refused.value.rule == "D3"
    assert revision.state is RevisionState.IN_APPROVAL


@pytest.mark.covers("D3", "O2")
def test_a_deputy_of_two_people_answers_for_one_of_them_only(app):
    office = Office()
    other = a_person(office.unit, Role.MANAGER, name="Ngô Thị Tư")
    a_route(office.body, a_step(office.manager, other, need=Need.ALL))
    for principal in (office.manager, other):
        a_deputy(principal, office.staff)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    _answer_for(revision, office.staff, office.manager)
    with pytest.raises(RuleBroken) as refused:
        _answer_for(revision, office.staff, other)
    assert refused.value.rule == "D3"
    with pytest.raises(RuleBroken):  # nor does the principal after the deputy
        answered(revision, office.manager)
    answered(revision, other)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("D3")
def test_somebody_who_sits_and_deputises_at_one_step_counts_once(app):
    office = Office()
    other = a_person(office.unit, Role.MANAGER, name="Ngô Thị Tư")
    a_route(office.body, a_step(office.manager, other, need=Need.ALL))
    a_deputy(other, office.manager)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    with pytest.raises(RuleBroken):
        _answer_for(revision, office.manager, other)
    assert revision.state is RevisionState.IN_APPROVAL


@pytest.mark.covers("D3", "a16")
def test_the_next_round_asks_everybody_again(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    answered(revision, office.officer, Answer.RETURN, "Sai mẫu.")
    submitted(revision, office.author)
    assert revision.round == 2
    answered(revision, office.manager)
    assert revision.package.current_step.seats[0].person == office.officer


@pytest.mark.covers("D3")
@pytest.mark.parametrize("column", ["seat_id", "decided_by_id"])
def test_the_database_refuses_a_second_answer_of_a_seat_or_a_person(app, column):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    answered(revision, office.manager)
    other = {"seat_id": "decided_by_id", "decided_by_id": "seat_id"}[column]
    with pytest.raises(IntegrityError):
        raw(
            f"INSERT INTO decision (body_id, step_id, round, answer, {column}, {other},"
            f" decided_at, comment, signature_id) SELECT body_id, step_id, round, answer, {column},"
            " :other, decided_at, comment, signature_id FROM decision WHERE step_id = :step",
            other=office.staff.id,
            step=revision.package.steps[0].id,
        )


@pytest.mark.covers("O2", "T1", "a58")
def test_a_deputy_is_recorded_as_themselves_for_the_other(app):
    office = Office()
    a_deputy(office.leader, office.staff)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    for person in (office.manager, office.officer):
        answered(revision, person)
    decision = _answer_for(revision, office.staff, office.leader)
    assert (decision.decided_by, decision.seat) == (office.staff, office.leader)
    assert decision.signature.person == office.staff
    assert decision.signature.acting_for == office.leader
    assert decision.signature.capacity is Capacity.KT  # the leader's own standing capacity
    entry = db.session.query(TrailEntry).filter_by(fact="revision.approval_given").one()
    assert (entry.actor_id, entry.acting_for_id) == (office.staff.id, office.leader.id)


@pytest.mark.covers("O2")
def test_a_delegation_cannot_be_passed_on(app):
    office = Office()
    a_deputy(office.manager, office.staff)
    third = a_person(office.unit, Role.STAFF, name="Tạ Văn Ba")
    a_deputy(office.staff, third)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(Forbidden):
        _answer_for(revision, third, office.manager)


@pytest.mark.covers("O2")
def test_without_a_delegation_nobody_answers_from_anothers_seat(app):
    office = Office()
    other = a_person(office.unit, Role.MANAGER, name="Ngô Thị Tư")
    a_route(office.body, a_step(office.manager, other, need=Need.ALL))
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with pytest.raises(RuleBroken) as refused:
        _answer_for(revision, other, office.manager)
    assert refused.value.rule == "O2"


@pytest.mark.covers("T21", "a56")
def test_a_signature_needs_the_signers_own_proof(app):
    office = Office()
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with (
        pytest.raises(Forbidden) as refused,
        unit_of_work(office.manager, now=MONDAY) as work,
    ):
        answer_package(
            work, work.fresh(revision.package), Answer.APPROVE, proof=a_proof(office.leader)
        )
    assert refused.value.permission == DocumentPermission.DECIDE


@pytest.mark.covers("D3", "a11")
def test_who_is_not_asked_now_cannot_answer(app):
    office = Office()
    a_route(
        office.body,
        a_step(office.manager, kind=StepKind.REVIEW),
        a_step(office.leader),
    )
    revision = submitted(a_draft(office.author, office.document()), office.author)
    for person in (office.leader, office.officer, office.staff, office.administrator):
        with pytest.raises(Forbidden):
            answered(revision, person)
    assert not revision.package.current_step.decisions


@pytest.mark.covers("D3", "a17")
def test_nobody_who_wrote_an_earlier_round_is_taken_off_to_judge_the_next(app):
    office = Office()
    revision = a_draft(office.manager, office.document(), by=office.officer)
    submitted(revision, office.officer)
    answered(revision, office.officer, Answer.RETURN, comment="Nêu rõ thời hạn.")
    assert revision.state is RevisionState.DRAFT
    with pytest.raises(InvalidInput), unit_of_work(office.officer) as work:
        change_draft(work, work.fresh(revision), draft_data(revision, authors=(office.author,)))
    assert revision.authors == [office.manager]
