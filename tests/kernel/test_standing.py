"""Authority is over a unit, at a date, given by somebody else, lent but never passed on."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kernel.access import KernelPermission
from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.organisation import UnitKind
from app.kernel.organising import (
    add_unit,
    appoint,
    change_unit,
    delegate,
    disable_person,
    end_appointment,
    end_delegation,
    end_post,
    give_post,
)
from app.kernel.people import Appointment, Role
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.approval import answer_package
from documents.models import Answer
from documents.permissions import DocumentPermission
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_draft,
    a_person,
    a_proof,
    a_unit,
    root,
    submitted,
)

YESTERDAY = TODAY - timedelta(days=1)


def held(person, on=TODAY):
    """The roles somebody holds on a day."""
    return {grant.role for grant in standing_of(db.session(), person, on).grants}


def only(person):
    """The one appointment of somebody."""
    return db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == person.id)
    ).one()


@pytest.mark.covers("O1", "e6")
def test_a_role_counts_over_its_unit_and_everything_below_and_nowhere_else(app):
    office = Office()
    below = a_unit(office.unit, name="Tổ Hộ tịch")
    beside = a_unit(office.body, name="Phòng Kinh tế")
    standing = standing_of(db.session(), office.manager, TODAY)
    tried = {
        unit: may(standing, DocumentPermission.OPEN_DOCUMENT, unit)
        for unit in (office.unit, below, beside, root(office.body))
    }
    assert tried == {office.unit: True, below: True, beside: False, root(office.body): False}


@pytest.mark.covers("O1")
def test_a_role_counts_from_its_first_day_to_its_last_and_not_a_day_longer(app):
    office = Office()
    with unit_of_work(office.administrator, now=MONDAY) as work:
        appoint(
            work,
            work.fresh(office.staff),
            Role.AUDITOR,
            work.fresh(office.unit),
            from_on=date(2026, 12, 1),
            until_on=date(2026, 12, 31),
        )
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [Role.AUDITOR in held(office.staff, day) for day in days] == [False, True, True, False]


@pytest.mark.covers("O1")
@pytest.mark.parametrize("began", [date(2020, 1, 1), TODAY])
def test_an_appointment_ended_at_once_gives_nothing_any_more(app, began):
    office = Office()
    with unit_of_work(office.administrator, now=MONDAY) as work:
        given = appoint(
            work,
            work.fresh(office.staff),
            Role.QUALITY_OFFICER,
            work.fresh(office.unit),
            from_on=began,
        )
    assert Role.QUALITY_OFFICER in held(office.staff)
    with unit_of_work(office.administrator, now=MONDAY) as work:
        end_appointment(work, work.fresh(given), until_on=YESTERDAY)
    assert Role.QUALITY_OFFICER not in held(office.staff)
    with (
        pytest.raises(RuleBroken),
        unit_of_work(office.administrator, now=MONDAY) as work,
    ):
        end_appointment(work, work.fresh(given), until_on=TODAY)


@pytest.mark.covers("O4")
def test_nobody_appoints_themselves_nor_ends_their_own_appointment(app):
    office = Office()
    own = only(office.administrator)
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.administrator) as work:
        appoint(
            work,
            work.fresh(office.administrator),
            Role.LEADER,
            work.fresh(office.unit),
            from_on=TODAY,
        )
    assert refused.value.rule == "O4"
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.administrator) as work:
        end_appointment(work, work.fresh(own), until_on=TODAY)
    assert refused.value.rule == "O4"
    assert held(office.administrator) == {Role.ADMINISTRATOR}


@pytest.mark.covers("O4")
def test_the_database_itself_refuses_a_self_appointment(app):
    office = Office()
    person = office.administrator
    row = {
        "body_id": person.body_id,
        "person_id": person.id,
        "unit_id": office.unit.id,
        "role": "leader",
        "capacity": "own",
        "field": "",
        "decision_number": "",
        "from_on": TODAY,
        "appointed_by_id": person.id,
    }
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.connection().execute(sa.insert(Appointment.__table__).values(row))
    db.session.rollback()


@pytest.mark.covers("O4", "e9")
def test_people_are_appointed_by_their_own_administrator_within_their_own_body(app):
    office, other = Office(), Office()
    with pytest.raises(RuleBroken), unit_of_work(office.administrator) as work:
        appoint(
            work,
            work.fresh(other.staff),
            Role.AUDITOR,
            work.fresh(office.unit),
            from_on=TODAY,
        )
    with pytest.raises(Forbidden), unit_of_work(office.administrator) as work:
        appoint(work, work.fresh(other.staff), Role.AUDITOR, work.fresh(other.unit), from_on=TODAY)
    with pytest.raises(Forbidden), unit_of_work(office.leader) as work:
        appoint(work, work.fresh(office.staff), Role.LEADER, work.fresh(office.unit), from_on=TODAY)


@pytest.mark.covers("O1")
def test_a_closed_account_has_no_standing_and_its_owner_cannot_close_it(app):
    office = Office()
    with pytest.raises(RuleBroken), unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.administrator), reason="thôi")
    with unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.officer), reason="chuyển công tác")
    assert held(office.officer) == set()
    with pytest.raises(Forbidden), unit_of_work(office.officer):
        pass


@pytest.mark.covers("O2", "a21")
def test_a_deputy_signs_as_themselves_for_the_other_on_the_days_given(app):
    office = Office()
    with unit_of_work(office.manager, now=MONDAY) as work:
        delegate(
            work,
            work.fresh(office.manager),
            work.fresh(office.staff),
            from_on=TODAY,
            until_on=TODAY,
            reason="nghỉ phép",
        )
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with unit_of_work(office.staff, now=MONDAY) as work:
        decision = answer_package(
            work,
            work.fresh(revision.package),
            Answer.AGREE,
            proof=a_proof(office.staff),
            comment="",
            seat=work.fresh(office.manager),
        )
    assert (decision.signature.person, decision.signature.acting_for) == (
        office.staff,
        office.manager,
    )
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "revision.review_given")
    ).one()
    assert (told.actor_id, told.acting_for_id) == (office.staff.id, office.manager.id)
    later = standing_of(db.session(), office.staff, TODAY + timedelta(days=1))
    assert later.delegators == ()


@pytest.mark.covers("O2", "a21")
def test_a_delegation_is_told_ends_early_and_is_never_passed_on(app):
    office = Office()
    week = {"from_on": TODAY, "until_on": TODAY + timedelta(days=7)}
    with unit_of_work(office.leader, now=MONDAY) as work:
        first = delegate(
            work, work.fresh(office.leader), work.fresh(office.manager), reason="đi học", **week
        )
    with unit_of_work(office.manager, now=MONDAY) as work:
        delegate(work, work.fresh(office.manager), work.fresh(office.staff), reason="nghỉ", **week)
    notice = db.session.scalars(
        sa.select(Notice).where(Notice.person_id == office.manager.id)
    ).one()
    assert notice.kind == "delegation.made"
    lent = [each.person for each in standing_of(db.session(), office.staff, TODAY).delegators]
    assert lent == [office.manager]  # the leader's own does not come along
    assert standing_of(db.session(), office.staff, TODAY).delegators[0].delegators == ()
    with unit_of_work(office.leader, now=MONDAY) as work:
        end_delegation(work, work.fresh(first))
    assert standing_of(db.session(), office.manager, TODAY).delegators == ()
    with pytest.raises(RuleBroken), unit_of_work(office.leader, now=MONDAY) as work:
        end_delegation(work, work.fresh(first))


@pytest.mark.covers("O2", "O4")
@pytest.mark.parametrize("case", ["self", "other body", "no account", "backwards", "past", "why"])
def test_a_delegation_that_makes_no_sense_is_refused(app, case):
    office = Office()
    deputy = {
        "self": office.leader,
        "other body": a_person(a_body(), Role.LEADER),
        "no account": a_person(office.unit, Role.STAFF),
    }.get(case, office.manager)
    if case == "no account":
        with unit_of_work(office.administrator) as work:
            disable_person(work, work.fresh(deputy), reason="nghỉ")
    first, last = TODAY, TODAY + timedelta(days=1)
    if case == "backwards":
        last = YESTERDAY
    if case == "past":
        first = last = YESTERDAY
    with (
        pytest.raises((InvalidInput, RuleBroken)),
        unit_of_work(office.leader, now=MONDAY) as work,
    ):
        delegate(
            work,
            work.fresh(office.leader),
            work.fresh(deputy),
            from_on=first,
            until_on=last,
            reason="" if case == "why" else "đi công tác",
        )


@pytest.mark.covers("O2")
def test_only_oneself_or_an_administrator_lends_ones_authority(app):
    office = Office()
    standing = standing_of(db.session(), office.officer, TODAY)
    assert not may(standing, KernelPermission.DELEGATE, office.leader)
    assert may(
        standing_of(db.session(), office.administrator, TODAY),
        KernelPermission.DELEGATE,
        office.leader,
    )


def test_a_second_post_counts_for_its_days(app):
    office = Office()
    other = a_unit(office.body, name="Phòng Kinh tế")
    with unit_of_work(office.administrator, now=MONDAY) as work:
        post = give_post(
            work,
            work.fresh(office.staff),
            work.fresh(other),
            title="Tổ viên",
            from_on=TODAY,
            until_on=None,
        )
    assert other.id in standing_of(db.session(), office.staff, TODAY).unit_ids
    with unit_of_work(office.administrator, now=MONDAY) as work:
        end_post(work, work.fresh(post), until_on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert other.id not in standing_of(db.session(), office.staff, tomorrow).unit_ids


@pytest.mark.covers("O3")
def test_two_units_never_have_one_code_on_one_day(app):
    office = Office()
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.administrator) as work:
        add_unit(
            work,
            work.fresh(root(office.body)),
            "tp",
            "Phòng Thanh tra",
            UnitKind.DEPARTMENT,
            active_from=TODAY,
        )
    assert refused.value.field == "code"
    unit = a_unit(office.body, "VP", "Văn phòng")
    with pytest.raises(InvalidInput), unit_of_work(office.administrator) as work:
        change_unit(
            work,
            work.fresh(unit),
            code="TP",
            name="Văn phòng",
            name_en="",
            kind=UnitKind.DEPARTMENT,
            active_until=None,
        )


@pytest.mark.covers("O3")
def test_a_unit_somebody_changed_meanwhile_is_not_overwritten(app):
    office = Office()
    seen = office.unit.row_version
    with unit_of_work(office.administrator) as work:
        change_unit(
            work,
            work.fresh(office.unit),
            code="TP",
            name="Phòng Tư pháp - Hộ tịch",
            name_en="Justice",
            kind=UnitKind.DEPARTMENT,
            active_until=None,
        )
    with pytest.raises(Stale), unit_of_work(office.administrator) as work:
        work.fresh(office.unit, seen=seen)
