"""Paper decisions: entered by one, confirmed by another, over what was entered (D4, D3, D8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.people import Capacity, Person, Role
from app.kernel.work import unit_of_work
from documents.drafting import bring_file
from documents.issuance import IssuanceData, confirm_issuance, enter_issuance, refuse_issuance
from documents.issue import issue_if_due
from documents.models import Answer, IssuanceDecision, Revision, RevisionState
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_brought_file,
    a_draft,
    a_person,
    answered,
    raw,
    submitted,
)
from tests.documents.test_coming_into_force import AT_THURSDAY, THURSDAY


def _data(**changes: object) -> IssuanceData:
    values = {
        "number": "12/QĐ-UBND",
        "happened_on": TODAY - timedelta(days=2),
        "signer_name": "Đỗ Minh Anh",
        "signer_capacity": Capacity.TM,
    }
    return IssuanceData(**{**values, **changes})


def entered(by: Person, *revisions: Revision, **changes: object) -> IssuanceDecision:
    scan = a_brought_file("Quyết định ban hành.", "12-QD.pdf")
    with unit_of_work(by, now=MONDAY) as work:
        packages = work.fresh_all(revision.package for revision in revisions)
        return enter_issuance(work, _data(**changes), packages, scan)


def _confirm(decision: IssuanceDecision, by: Person) -> None:
    with unit_of_work(by, now=MONDAY) as work:
        confirm_issuance(work, decision)


def _submitted(office: Office, on: date = TODAY) -> Revision:
    return submitted(a_draft(office.author, office.document(), effective_on=on), office.author)


@pytest.mark.covers("D4", "a57")
def test_a_decision_is_entered_by_one_and_confirmed_by_another(app):
    office = Office()
    first, second = _submitted(office), _submitted(office, THURSDAY)
    decision = entered(office.officer, first, second)
    assert {first.state, second.state} == {RevisionState.IN_REVIEW}
    _confirm(decision, office.leader)
    assert (first.state, second.state) == (RevisionState.EFFECTIVE, RevisionState.APPROVED)
    assert decision.happened_on == TODAY - timedelta(days=2)
    assert decision.recorded_at == decision.confirmed_at == MONDAY
    with unit_of_work(None, now=AT_THURSDAY) as work:
        assert issue_if_due(work, work.fresh(second.package))


@pytest.mark.covers("D4")
def test_whoever_entered_a_decision_cannot_confirm_it(app):
    office = Office()
    decision = entered(office.officer, _submitted(office))
    with pytest.raises(RuleBroken) as refused:
        _confirm(decision, office.officer)
    assert refused.value.rule == "D4"
    with pytest.raises(IntegrityError):
        raw("UPDATE issuance_decision SET confirmed_by_id = entered_by_id")


@pytest.mark.covers("D3", "D4")
def test_whoever_wrote_a_revision_cannot_confirm_the_decision_on_it(app):
    office = Office()
    revision = a_draft(office.leader, office.document(), by=office.officer)
    other = a_person(office.body, Role.LEADER, name="Hoàng Thị Mai")
    submitted(revision, office.officer)
    decision = entered(office.officer, revision)
    with pytest.raises(RuleBroken) as refused:
        _confirm(decision, office.leader)
    assert refused.value.rule == "D3"
    _confirm(decision, other)
    assert revision.state is RevisionState.EFFECTIVE


@pytest.mark.covers("D4")
def test_staff_and_managers_neither_enter_nor_confirm(app):
    office = Office()
    revision = _submitted(office)
    for person in (office.staff, office.manager, office.author, office.administrator):
        with pytest.raises(Forbidden):
            entered(person, revision)
    decision = entered(office.officer, revision)
    for person in (office.staff, office.manager, office.author, office.administrator):
        with pytest.raises(Forbidden):
            _confirm(decision, person)


@pytest.mark.covers("D8", "D4")
def test_a_refused_decision_approves_nothing_and_keeps_its_reason(app):
    office = Office()
    revision = _submitted(office)
    decision = entered(office.officer, revision)
    with pytest.raises(RuleBroken), unit_of_work(office.leader, now=MONDAY) as work:
        refuse_issuance(work, decision, reason="  ")
    with unit_of_work(office.leader, now=MONDAY) as work:
        refuse_issuance(work, decision, reason="Sai số quyết định.")
    assert decision.refused_reason == "Sai số quyết định."
    with pytest.raises(RuleBroken):
        _confirm(decision, office.leader)
    assert revision.state is RevisionState.IN_REVIEW
    answered(revision, office.manager)  # its route goes on


@pytest.mark.covers("D4")
def test_a_decision_does_not_cover_what_was_changed_after_it_was_entered(app):
    office = Office()
    revision = _submitted(office)
    decision = entered(office.officer, revision)
    answered(revision, office.manager, Answer.RETURN, "Sửa lại.")
    brought = a_brought_file("Nội dung khác hẳn.")
    with unit_of_work(office.author, now=MONDAY) as work:
        bring_file(work, revision, brought)
    submitted(revision, office.author)
    with pytest.raises(RuleBroken) as refused:
        _confirm(decision, office.leader)
    assert refused.value.rule == "D4"
    assert revision.state is RevisionState.IN_REVIEW


@pytest.mark.covers("D4", "T21")
def test_content_changed_behind_the_system_after_confirmation_does_not_come_into_force(app):
    office = Office()
    revision = _submitted(office, THURSDAY)
    _confirm(entered(office.officer, revision), office.leader)
    raw("UPDATE revision SET title = 'Tên khác' WHERE id = :id", id=revision.id)
    with pytest.raises(RuleBroken) as refused, unit_of_work(None, now=AT_THURSDAY) as work:
        issue_if_due(work, work.fresh(revision.package))
    assert refused.value.rule == "D4"


@pytest.mark.covers("D4")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"signer_name": ""}, "number"),
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
    ],
)
def test_a_decision_needs_number_signer_and_a_day_that_has_come(app, changes, field):
    office = Office()
    revision = _submitted(office)
    with pytest.raises(InvalidInput) as refused:
        entered(office.officer, revision, **changes)
    assert refused.value.field == field


@pytest.mark.covers("D4")
def test_drafts_and_effective_revisions_are_not_covered(app):
    office = Office()
    for revision in (a_draft(office.author, office.document()), office.effective()):
        with pytest.raises(RuleBroken):
            entered(office.officer, revision)


@pytest.mark.covers("D4")
def test_of_two_decisions_on_one_revision_only_one_is_confirmed(app):
    office = Office()
    revision = _submitted(office)
    first = entered(office.officer, revision)
    second = entered(office.officer, revision, number="13/QĐ-UBND")
    _confirm(second, office.leader)
    with pytest.raises(RuleBroken):
        _confirm(first, office.leader)
    assert first.confirmed_at is None
