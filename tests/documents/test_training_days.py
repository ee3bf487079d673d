"""Training days hold the effective date while people read what is approved (a26; D4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from documents.issue import issue_if_due, packages_due, switches_late
from documents.models import DocumentKind, RevisionState
from documents.submission import cancel_package
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    settings_changed,
    submitted,
)
from tests.reading import amended, entries, owed, read, total

DAY = timedelta(days=1)


def training(office, days, effective_on=TODAY):
    """Approve a revision in a body that sets training days."""
    settings_changed(office.body, training_days=days)
    draft = a_draft(office.author, office.document(), effective_on=effective_on)
    submitted(draft, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(draft, person)
    return draft


def switched(revision, now):
    with unit_of_work(None, now=now) as work:
        return issue_if_due(work, work.fresh(revision.package))


@pytest.mark.covers("D4", "a26", "a25")
def test_training_days_hold_the_effective_date_and_people_read_meanwhile(app):
    office = Office()
    revision = training(office, 3)
    assert revision.state is RevisionState.APPROVED
    assert revision.in_force_from == TODAY + 3 * DAY
    assert owed(office.staff) == [revision.id]
    assert revision.distribution.due_on == revision.in_force_from
    read(revision, office.staff)
    assert not switched(revision, MONDAY + 2 * DAY)
    assert packages_due(db.session(), {office.body.id: TODAY + 2 * DAY}) == []
    assert switches_late(db.session(), MONDAY + 2 * DAY, by=timedelta(0)) == 0
    assert packages_due(db.session(), {office.body.id: TODAY + 3 * DAY}) == [revision.package_id]
    assert switched(revision, MONDAY + 3 * DAY)
    assert total(revision) == (1, 3)
    assert len(entries("revision.distributed")) == 1


@pytest.mark.covers("D4", "a26")
def test_a_later_effective_date_holds_longer_than_the_training_days(app):
    office = Office()
    revision = training(office, 3, effective_on=TODAY + 30 * DAY)
    assert revision.in_force_from == TODAY + 30 * DAY
    assert not switched(revision, MONDAY + 5 * DAY)


@pytest.mark.covers("D4", "D6", "a26")
def test_before_its_day_only_those_asked_confirm_it_and_a_cancelled_one_leaves_their_list(app):
    office = Office()
    beside = a_person(a_unit(office.body, "KT"), Role.STAFF)
    revision = training(office, 3)
    with pytest.raises(RuleBroken):
        read(revision, beside)
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_package(work, revision, reason="Luật vừa thay đổi")
    assert owed(office.staff) == []
    with pytest.raises(RuleBroken):
        read(revision, office.staff)


@pytest.mark.covers("D4", "a26")
def test_without_the_setting_nothing_is_held_and_forms_never_hold(app):
    office = Office()
    assert office.effective().training_until is None
    settings_changed(office.body, training_days=3)
    form = a_document(
        office.officer, office.unit, title="Tờ khai", kind=DocumentKind.FORM, keeper=office.author
    )
    assert office.effective(form).state is RevisionState.EFFECTIVE


@pytest.mark.covers("a26", "a34")
def test_a_minor_amendment_that_keeps_acknowledgements_is_not_held(app):
    office = Office()
    first = office.effective()
    read(first, office.staff)
    settings_changed(office.body, training_days=3)
    assert amended(office, first, keep="Sửa lỗi in.").state is RevisionState.EFFECTIVE
