"""The list of auditors: who, in which fields, when, where not and why (b9-b11; A1, O4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Body, Unit
from app.kernel.organising import PersonData, change_person
from app.kernel.people import Person, Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.unit_succession import name_successor
from app.kernel.work import unit_of_work
from audits.auditor import (
    ExceptionData,
    Qualification,
    add_entry,
    change_qualification,
    declare_conflict,
    end_auditor,
    end_conflict,
    end_leave,
    enter_leave,
    fields_typed,
    name_auditor,
    sign_exception,
)
from audits.auditor_register import (
    AuditorFilter,
    audited_units,
    auditor_of,
    auditors,
    barred_from,
    days_of,
)
from audits.independence import Bond
from audits.models import Auditor, EntryKind
from tests.builders import MONDAY, TODAY, Office, a_body, a_person, a_proof, a_unit
from tests.counting import queries


def an_auditor(office: Office, person: Person | None = None, **said: object) -> Auditor:
    """Put somebody on the list of an office."""
    with unit_of_work(office.officer, now=MONDAY) as work:
        return name_auditor(
            work,
            work.fresh(office.body),
            Qualification(**said),  # type: ignore[arg-type]
            person=work.fresh(person) if person is not None else None,
            name="" if person is not None else "Lê Khách",
            organisation="" if person is not None else "Chi cục Tiêu chuẩn",
        )


def _bonds(body: Body, auditor: Auditor, on: date = TODAY) -> dict[str, list[Bond]]:
    found = barred_from(db.session(), body, db.session.get_one(Auditor, auditor.id), on)
    return {one.unit.code: [reason.bond for reason in one.reasons] for one in found}


@pytest.mark.covers("A1", "b8")
def test_ties_come_from_organisation_and_documents_by_themselves(app):
    office = Office()
    a_unit(office.body, "KT", "Phòng Kinh tế")
    person = a_person(a_unit(office.body, "VH", "Phòng Văn hóa"), Role.STAFF)
    auditor = an_auditor(office, person)
    assert _bonds(office.body, auditor)["VH"] == [Bond.HOME]
    assert "TP" not in _bonds(office.body, auditor)
    writer = an_auditor(office, office.author)
    document = office.document()
    assert Bond.WROTE not in _bonds(office.body, writer)["TP"]
    office.effective(document)
    assert _bonds(office.body, writer)["TP"] == [Bond.HOME, Bond.WROTE]
    head = an_auditor(office, office.manager)
    assert _bonds(office.body, head)["TP"] == [Bond.HOME, Bond.LEADS]


@pytest.mark.covers("A1", "e6")
def test_who_moves_to_another_unit_keeps_the_former_one_for_a_year(app):
    office = Office()
    economy = a_unit(office.body, "KT", "Phòng Kinh tế")
    auditor = an_auditor(office, office.staff)
    with unit_of_work(office.administrator, now=MONDAY) as work:
        staff = work.fresh(office.staff)
        data = PersonData(name=staff.name, unit=work.fresh(economy), login=staff.login or "")
        change_person(work, staff, data)
    found = _bonds(office.body, auditor)
    assert Bond.HOME in found["KT"]  # at once
    assert Bond.FORMER in found["TP"]
    later = _bonds(office.body, auditor, TODAY + timedelta(days=400))
    assert Bond.FORMER not in later["TP"]


@pytest.mark.covers("A1", "O3")
def test_a_unit_that_took_over_from_ones_own_is_ones_own(app):
    office = Office()
    later = a_unit(office.body, "TH", "Phòng Tổng hợp")
    auditor = an_auditor(office, office.staff)
    assert "TH" not in _bonds(office.body, auditor)
    with unit_of_work(None, now=MONDAY) as work:
        name_successor(work.session, office.unit.id, later.id)
    assert Bond.HOME in _bonds(office.body, auditor)["TH"]


@pytest.mark.covers("b10", "b11", "T1")
def test_qualification_is_changed_in_one_fact_and_nothing_is_told_of_nothing(app):
    office = Office()
    auditor = an_auditor(office, office.staff, fields=("Hộ tịch",))
    said = Qualification(fields_typed("hộ tịch, Đất đai;  Đất đai"), may_lead=True)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert change_qualification(work, work.fresh(auditor), said)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert not change_qualification(work, work.fresh(auditor), said)
    assert set(auditor.fields) == {"Hộ tịch", "Đất đai"}
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "auditor.changed")
    ).all()
    assert len(told) == 1
    with pytest.raises(Stale), unit_of_work(office.officer, now=MONDAY) as work:
        change_qualification(work, work.fresh(auditor), Qualification(), seen=99)


@pytest.mark.covers("b10")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        (
            Qualification(qualified_from=TODAY, qualified_until=TODAY - timedelta(1)),
            "qualified_until",
        ),
        (Qualification(days_per_week=8), "days_per_week"),
        (Qualification(days_per_year=-1), "days_per_year"),
        (Qualification(fields=("x" * 121,)), "competences"),
    ],
)
def test_what_cannot_be_of_a_qualification_is_told_at_its_field(app, said, field):
    office = Office()
    auditor = an_auditor(office, office.staff)
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        change_qualification(work, work.fresh(auditor), said)
    assert refused.value.field == field


@pytest.mark.covers("b11", "O4")
def test_nobody_stands_on_the_list_twice_and_guests_need_a_name(app):
    office = Office()
    an_auditor(office, office.staff)
    with pytest.raises(InvalidInput):
        an_auditor(office, office.staff)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        name_auditor(work, work.fresh(office.body), Qualification())
    guest = an_auditor(office)
    assert (guest.is_invited, guest.shown_name, guest.number) == (True, "Lê Khách", "DGV-02")
    other = Office()
    invited = an_auditor(office, other.staff)
    assert invited.is_invited
    entries = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.record_type == "auditor")
    ).all()
    assert not any("Lê Khách" in text for text in entries)  # names never enter the trail (T4)


@pytest.mark.covers("b9")
def test_leave_is_entered_by_oneself_or_the_officer_and_taken_back(app):
    office = Office()
    auditor = an_auditor(office, office.staff)
    day = TODAY + timedelta(days=9)
    with unit_of_work(office.staff, now=MONDAY) as work:
        leave = enter_leave(work, work.fresh(auditor), from_on=day, until_on=None)
    assert (leave.from_on, leave.until_on) == (day, day)
    assert [span.first for span in days_of(auditor).away] == [day]
    with pytest.raises(Forbidden), unit_of_work(office.author, now=MONDAY) as work:
        enter_leave(work, work.fresh(auditor), from_on=day, until_on=None)
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_leave(work, work.fresh(leave))
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        end_leave(work, work.fresh(leave))
    assert days_of(auditor).away == ()
    for wrong in ({"from_on": None, "until_on": day}, {"from_on": day, "until_on": TODAY}):
        with pytest.raises(InvalidInput), unit_of_work(office.staff, now=MONDAY) as work:
            enter_leave(work, work.fresh(auditor), **wrong)


@pytest.mark.covers("A1")
def test_a_declared_conflict_counts_at_once_and_only_the_officer_ends_it(app):
    office = Office()
    economy = a_unit(office.body, "KT", "Phòng Kinh tế")
    auditor = an_auditor(office, office.staff)
    with unit_of_work(office.staff, now=MONDAY) as work:
        declared = declare_conflict(
            work, work.fresh(auditor), work.fresh(economy), reason="Vợ làm ở đó"
        )
    assert _bonds(office.body, auditor)["KT"] == [Bond.CONFLICT]
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        end_conflict(work, work.fresh(declared))
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_conflict(work, work.fresh(declared))
    assert "KT" not in _bonds(office.body, auditor, TODAY + timedelta(days=1))
    later = MONDAY + timedelta(days=1)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=later) as work:
        end_conflict(work, work.fresh(declared))
    told = db.session.scalar(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "auditor.conflict_declared")
    )
    assert "Vợ" not in str(told)


@pytest.mark.covers("A1", "D3")
def test_a_leader_signs_an_exception_and_it_lifts_what_is_by_setting(app):
    office = Office()
    economy = a_unit(office.body, "KT", "Phòng Kinh tế")
    author = a_person(economy, Role.STAFF)
    auditor = an_auditor(office, author)
    office.effective()  # written by somebody else
    data = ExceptionData(office.unit, TODAY, TODAY + timedelta(days=30), "Thiếu người", "Hai người")
    with unit_of_work(office.leader, now=MONDAY) as work:
        signed = sign_exception(work, work.fresh(auditor), data, proof=a_proof(office.leader))
    assert signed.signature.person_id == office.leader.id
    assert signed.holds(TODAY)
    for wrong in (
        ExceptionData(office.unit, TODAY, None, "x", "y"),
        ExceptionData(office.unit, TODAY, TODAY, "", "y"),
        ExceptionData(office.unit, TODAY, TODAY, "x", " "),
        ExceptionData(Office().unit, TODAY, TODAY, "x", "y"),
    ):
        with pytest.raises(InvalidInput), unit_of_work(office.leader, now=MONDAY) as work:
            sign_exception(work, work.fresh(auditor), wrong, proof=a_proof(office.leader))
    with pytest.raises(Forbidden), unit_of_work(office.officer, now=MONDAY) as work:
        sign_exception(work, work.fresh(auditor), data, proof=a_proof(office.officer))
    with pytest.raises(Forbidden), unit_of_work(office.leader, now=MONDAY) as work:
        sign_exception(work, work.fresh(auditor), data, proof=a_proof(office.officer))


@pytest.mark.covers("A1")
def test_no_leader_signs_an_exception_for_themselves(app):
    office = Office()
    own = an_auditor(office, office.leader)
    data = ExceptionData(office.unit, TODAY, TODAY, "Thiếu người", "Hai người")
    with pytest.raises(Forbidden), unit_of_work(office.leader, now=MONDAY) as work:
        sign_exception(work, work.fresh(own), data, proof=a_proof(office.leader))


@pytest.mark.covers("b10", "b11")
def test_courses_are_added_and_who_left_is_off_the_list(app):
    office = Office()
    auditor = an_auditor(office, office.staff)
    with unit_of_work(office.officer, now=MONDAY) as work:
        add_entry(
            work, work.fresh(auditor), EntryKind.COURSE, held_on=TODAY, title="Khóa ISO 19011"
        )
    for wrong in ({"held_on": TODAY + timedelta(1), "title": "x"}, {"held_on": TODAY, "title": ""}):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            add_entry(work, work.fresh(auditor), EntryKind.COURSE, **wrong)
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_auditor(work, work.fresh(auditor), on=TODAY - timedelta(1), reason="Nghỉ hưu")
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        end_auditor(work, work.fresh(auditor), on=TODAY, reason="Nghỉ hưu")
    held = standing_of(db.session(), office.officer, TODAY)
    assert auditors(db.session(), held, office.body, AuditorFilter()).rows == []
    assert auditors(db.session(), held, office.body, AuditorFilter(former=True)).rows == [auditor]


@pytest.mark.covers("O4", "b11")
def test_the_list_is_for_those_who_plan_audits_and_never_of_another_body(app):
    office, other = Office(), Office()
    auditor = an_auditor(office, office.staff, fields=("Hộ tịch",), may_lead=True)
    session = db.session()
    held = standing_of(session, office.officer, TODAY)
    for wanted, count in (
        (AuditorFilter(text="bui lan"), 1),
        (AuditorFilter(text="dgv-01"), 1),
        (AuditorFilter(text="không ai"), 0),
        (AuditorFilter(leads=True, field_key="ho tich"), 1),
        (AuditorFilter(field_key="dat dai"), 0),
    ):
        assert len(auditors(session, held, office.body, wanted).rows) == count, wanted
    own = standing_of(session, office.staff, TODAY)
    assert auditor_of(session, own, office.body.id, "dgv-01") == auditor  # their own page
    for person in (office.author, other.officer):
        held = standing_of(session, person, TODAY)
        with pytest.raises(NotFound):
            auditors(session, held, office.body, AuditorFilter())
        with pytest.raises(NotFound):
            auditor_of(session, held, office.body.id, "DGV-01")


@pytest.mark.covers("b11")
def test_a_long_list_pages_by_key_in_as_many_queries_as_a_short_one(app):
    office = Office()
    for _ in range(3):
        an_auditor(office)
    held = standing_of(db.session(), office.officer, TODAY)
    auditors(db.session(), held, office.body, AuditorFilter())
    with queries() as few:
        auditors(db.session(), held, office.body, AuditorFilter())
    with unit_of_work(office.officer, now=MONDAY) as work:
        for number in range(60):
            name_auditor(
                work, work.fresh(office.body), Qualification(("A",)), name=f"Người {number:02d}"
            )
    auditors(db.session(), held, office.body, AuditorFilter())
    with queries() as many:
        first = auditors(db.session(), held, office.body, AuditorFilter())
    assert len(first.rows) == 50
    rest = auditors(db.session(), held, office.body, AuditorFilter(), after=first.after)
    assert len(rest.rows) == 13
    assert not {one.id for one in first.rows} & {one.id for one in rest.rows}
    assert len(many) <= len(few) + 1


def test_sections_are_audited_with_their_department_and_leaders_where_nobody_else_leads(app):
    body = a_body()
    unit: Unit = a_unit(body)
    codes = [one.id for one in audited_units(db.session(), body.id, TODAY)]
    assert unit.id in codes
    assert len(codes) == 2  # the body stands for its leadership
