"""Somebody left: data replaced by decision, signed names kept (T4, e6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.organising import (
    PersonData,
    appoint,
    change_person,
    enable_person,
    end_appointment,
)
from app.kernel.people import Appointment, Person, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.leaving import leaving_obstacle, open_work, pseudonymise
from tests.builders import LONG_AGO, MONDAY, TODAY, Office, a_draft

LATER = MONDAY + timedelta(days=7)


def ended(office: Office, person: Person) -> None:
    held = db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == person.id)
    ).all()
    for one in held:
        with unit_of_work(office.administrator, now=MONDAY) as work:
            end_appointment(work, work.fresh(one), until_on=TODAY)


def gone(
    office: Office, person: Person, *, number: str = "12/QĐ", reason: str = "Nghỉ hưu."
) -> None:
    with unit_of_work(office.administrator, now=LATER) as work:
        pseudonymise(work, work.fresh(person), decision_number=number, reason=reason)


@pytest.mark.covers("T4", "e6")
def test_lists_show_a_pseudonym_and_what_was_signed_keeps_the_name(app):
    office = Office()
    revision = office.effective()
    name, login = office.manager.name, office.manager.login
    ended(office, office.manager)
    gone(office, office.manager)
    person = office.manager
    assert person.name == f"Người đã nghỉ {person.id}"
    assert (person.email, person.login, person.password_hash, person.post) == ("", None, None, "")
    assert person.disabled_at is not None
    decision = revision.package.steps[0].decisions[0]
    assert decision.decided_by.as_signed == name
    assert decision.signature.person.as_signed == name
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(KernelFact.PERSON_PSEUDONYMISED))
    ).one()
    assert "12/QĐ" in entry.details
    for personal in (name, login, f"{login}@example.vn"):
        assert personal not in entry.details


@pytest.mark.covers("T4")
def test_it_is_done_once_and_cannot_be_undone(app):
    office = Office()
    office.effective()
    ended(office, office.manager)
    gone(office, office.manager)
    with pytest.raises(RuleBroken):
        gone(office, office.manager)
    with pytest.raises(RuleBroken), unit_of_work(office.administrator, now=LATER) as work:
        enable_person(work, work.fresh(office.manager))
    again = PersonData("Phạm Thu Hà", office.unit)
    with pytest.raises(RuleBroken), unit_of_work(office.administrator, now=LATER) as work:
        change_person(work, work.fresh(office.manager), again)
    with pytest.raises(RuleBroken), unit_of_work(office.administrator, now=LATER) as work:
        appoint(
            work, work.fresh(office.manager), Role.STAFF, work.fresh(office.unit), from_on=LONG_AGO
        )


@pytest.mark.covers("T4")
def test_it_is_refused_while_an_appointment_or_open_work_is_held(app):
    office = Office()
    document = office.effective().document
    with pytest.raises(RuleBroken):
        gone(office, office.author)
    ended(office, office.author)
    assert leaving_obstacle(db.session(), office.author, TODAY) is not None  # its last day
    assert open_work(db.session(), office.author) == [document.code]
    with pytest.raises(RuleBroken) as refused:
        gone(office, office.author)
    assert document.code in refused.value.values["what"]
    ended(office, office.staff)
    a_draft(office.staff, document, by=office.author)
    with pytest.raises(RuleBroken):
        gone(office, office.staff)


@pytest.mark.covers("T4", "O4")
def test_only_an_administrator_does_it_to_somebody_else_with_number_and_reason(app):
    office = Office()
    ended(office, office.staff)
    with pytest.raises(Forbidden), unit_of_work(office.leader, now=LATER) as work:
        pseudonymise(work, work.fresh(office.staff), decision_number="1", reason="Nghỉ.")
    with pytest.raises(RuleBroken):
        gone(office, office.administrator)
    for number, reason in ((" ", "Nghỉ."), ("12/QĐ", " ")):
        with pytest.raises(InvalidInput):
            gone(office, office.staff, number=number, reason=reason)
    assert office.staff.pseudonym_at is None
