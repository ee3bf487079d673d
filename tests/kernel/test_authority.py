"""Authority over a unit and its subtree, at a date; deputies; nobody appoints oneself (O1, O2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.organising import appoint, delegate, end_appointment, end_delegation
from app.kernel.people import Appointment, Person, Role
from app.kernel.permissions import Standing, may, standing_of
from app.kernel.work import unit_of_work
from documents.permissions import DocumentPermission
from tests.builders import (
    LONG_AGO,
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_deputy,
    a_document,
    a_draft,
    a_person,
    a_unit,
    raw,
    sign_in,
    submitted,
)

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def _standing(person: Person, on: date = TODAY) -> Standing:
    return standing_of(db.session(), person, on)


def _appointed(person: Person, role: Role, unit, from_on: date, until_on: date | None) -> None:
    with unit_of_work(None, now=MONDAY) as work:
        appoint(
            work, work.fresh(person), role, work.fresh(unit), from_on=from_on, until_on=until_on
        )


@pytest.mark.covers("O1")
def test_authority_reaches_down_and_neither_up_nor_aside(app):
    body = a_body()
    above = a_unit(body)
    middle, aside = a_unit(above), a_unit(above)
    below = a_unit(a_unit(middle))
    manager = _standing(a_person(middle, Role.MANAGER))
    for unit, expected in ((middle, True), (below, True), (above, False), (aside, False)):
        assert manager.has(Role.MANAGER, unit_id=unit.id) is expected
        assert may(manager, DocumentPermission.OPEN_DOCUMENT, unit) is expected
    assert not manager.has(Role.MANAGER, body_id=body.id)


@pytest.mark.covers("O1")
@pytest.mark.parametrize(
    ("from_on", "until_on", "holds"),
    [
        (LONG_AGO, None, True),
        (TODAY, TODAY, True),
        (LONG_AGO, TODAY, True),  # the last day still counts
        (LONG_AGO, YESTERDAY, False),
        (TOMORROW, None, False),
    ],
)
def test_an_appointment_counts_on_its_days_only(app, from_on, until_on, holds):
    unit = a_unit(a_body())
    person = a_person(unit, Role.STAFF)
    _appointed(person, Role.MANAGER, unit, from_on, until_on)
    assert _standing(person).has(Role.MANAGER) is holds
    assert may(_standing(person), DocumentPermission.OPEN_DOCUMENT, unit) is holds


@pytest.mark.covers("O1", "T08")
def test_an_ended_appointment_gives_nothing_from_the_next_request_on(app, client):
    office = Office()
    sign_in(client, office.officer)
    assert client.get("/documents/new").status_code == 200
    raw("UPDATE appointment SET until_on = '2021-01-01' WHERE person_id = :id",
        id=office.officer.id)  # fmt: skip
    assert client.get("/documents/new").status_code == 403


@pytest.mark.covers("O4", "O1")
def test_nobody_appoints_or_dismisses_themselves(app):
    office = Office()
    admin = office.administrator
    with pytest.raises(RuleBroken) as refused, unit_of_work(admin, now=MONDAY) as work:
        appoint(work, work.actor, Role.LEADER, work.fresh(office.unit), from_on=TODAY)
    assert refused.value.rule == "O4"
    own = db.session.query(Appointment).filter_by(person_id=admin.id).one()
    with pytest.raises(RuleBroken), unit_of_work(admin, now=MONDAY) as work:
        end_appointment(work, work.fresh(own), until_on=YESTERDAY)
    with pytest.raises(IntegrityError):
        raw("UPDATE appointment SET appointed_by_id = person_id WHERE id = :id", id=own.id)


@pytest.mark.covers("O4", "O1")
def test_only_administrators_appoint_and_only_below_them(app):
    office, other = Office(), Office()
    for person in (office.officer, office.leader, office.manager, office.staff):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            appoint(work, work.fresh(office.author), Role.MANAGER, work.fresh(office.unit),
                    from_on=TODAY)  # fmt: skip
    with pytest.raises(Forbidden), unit_of_work(office.administrator, now=MONDAY) as work:
        appoint(work, work.fresh(other.staff), Role.MANAGER, work.fresh(other.unit), from_on=TODAY)
    with pytest.raises(RuleBroken) as refused, unit_of_work(None, now=MONDAY) as work:
        appoint(work, work.fresh(other.staff), Role.MANAGER, work.fresh(office.unit), from_on=TODAY)
    assert refused.value.rule == "O4"


@pytest.mark.covers("O2")
@pytest.mark.parametrize(
    ("from_on", "until_on", "acts"),
    [(LONG_AGO, TODAY, True), (TODAY, TOMORROW, True), (TOMORROW, TOMORROW, False)],
)
def test_a_deputy_acts_on_the_days_given_only(app, from_on, until_on, acts):
    office = Office()
    a_deputy(office.manager, office.staff, from_on=from_on, until_on=until_on)
    held = [one.person for one in _standing(office.staff).delegators]
    assert held == ([office.manager] if acts else [])
    revision = submitted(a_draft(office.author, office.document()), office.author)
    assert may(_standing(office.staff), DocumentPermission.DECIDE, revision.package) is acts


@pytest.mark.covers("O2")
def test_an_ended_delegation_gives_nothing(app):
    office = Office()
    delegation = a_deputy(office.manager, office.staff)
    with unit_of_work(office.manager, now=MONDAY) as work:
        end_delegation(work, work.fresh(delegation))
    assert _standing(office.staff).delegators == ()


@pytest.mark.covers("O2")
def test_what_was_delegated_is_not_delegated_on(app):
    office = Office()
    a_deputy(office.leader, office.manager)
    a_deputy(office.manager, office.staff)
    deputy = _standing(office.staff)
    assert [one.person for one in deputy.delegators] == [office.manager]
    assert all(not one.delegators for one in deputy.delegators)


@pytest.mark.covers("O2", "O1")
def test_a_deputy_decides_but_does_not_become_the_other(app):
    office = Office()
    a_deputy(office.officer, office.staff)
    deputy = _standing(office.staff)
    for permission, record in (
        (DocumentPermission.OPEN_DOCUMENT, office.unit),
        (DocumentPermission.CHANGE_ROUTES, None),
        (DocumentPermission.ENTER_ISSUANCE, None),
        (KernelPermission.CHANGE_SETTINGS, office.body),
    ):
        assert may(_standing(office.officer), permission, record)
        assert not may(deputy, permission, record)


@pytest.mark.covers("O2")
def test_whose_appointment_ended_has_nothing_left_to_delegate(app):
    office = Office()
    a_deputy(office.manager, office.staff)
    raw("UPDATE appointment SET until_on = '2021-01-01' WHERE person_id = :id",
        id=office.manager.id)  # fmt: skip
    assert all(not one.grants for one in _standing(office.staff).delegators)


@pytest.mark.covers("O2", "O4")
def test_a_deputy_is_somebody_else_of_the_same_body_with_an_open_account(app):
    office, other = Office(), Office()
    closed = a_person(office.unit, Role.STAFF)
    raw("UPDATE person SET disabled_at = :at WHERE id = :id", at=MONDAY, id=closed.id)

    def let(deputy: Person, by: Person = office.manager, **more: object) -> None:
        values = {"from_on": TODAY, "until_on": TOMORROW, "reason": "Nghỉ phép", **more}
        with unit_of_work(by, now=MONDAY) as work:
            delegate(work, work.fresh(office.manager), work.fresh(deputy), **values)

    for deputy, refusal in (
        (office.manager, InvalidInput),
        (other.staff, RuleBroken),
        (closed, RuleBroken),
    ):
        with pytest.raises(refusal):
            let(deputy)
    with pytest.raises(InvalidInput):
        let(office.staff, reason=" ")
    with pytest.raises(InvalidInput):
        let(office.staff, from_on=LONG_AGO, until_on=YESTERDAY)
    with pytest.raises(Forbidden):
        let(office.staff, by=office.leader)
    let(office.staff, by=office.administrator)
    assert _standing(office.staff).delegators


@pytest.mark.covers("O4")
def test_nothing_of_another_body_may_be_tried_unless_it_is_overseen(app):
    above = a_body(name="UBND quận")
    overseer = a_person(above, Role.LEADER, name="Lãnh đạo quận")
    body = a_body(overseer=above)
    unit = a_unit(body, code="TP")
    officer = a_person(body, Role.QUALITY_OFFICER)
    stranger = a_person(a_body(), Role.LEADER, Role.QUALITY_OFFICER, Role.ADMINISTRATOR)
    draft = a_draft(officer, a_document(officer, unit))
    for permission in DocumentPermission:
        assert not may(_standing(stranger), permission, draft.document), permission
    seen = {one for one in DocumentPermission if may(_standing(overseer), one, draft.document)}
    assert seen == {
        DocumentPermission.LIST,
        DocumentPermission.READ_EFFECTIVE,
        DocumentPermission.READ_REVISION,
        DocumentPermission.EXPORT_REGISTER,
        DocumentPermission.PRINT,
        DocumentPermission.SEE_COPIES,
        DocumentPermission.LIST_CHANGES,
        DocumentPermission.READ_EXTERNAL,
        DocumentPermission.SEE_ASSIGNMENTS,
    }
    assert not may(_standing(overseer), DocumentPermission.READ_REVISION, draft)
