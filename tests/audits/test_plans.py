"""The plan of one audit: agenda, answers, what is read, meetings, who is told (b11-b15, b33)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.agenda import AgendaLine, clock, keep_agenda
from audits.audit_reading import choose_documents, note_read, to_read
from audits.audit_scope import change_method, change_units
from audits.meeting import MeetingData, keep_meeting, meeting_of, sign_minutes
from audits.models import Audit, AuditMethod, AuditState, MeetingKind, MeetingSide, TeamPart
from audits.planned_audit import announce_audit, cancel_audit, move_audit, postpone_audit
from audits.team import join_team, leave_team
from audits.unit_answer import answer_plan, newest_answers, owed_by, reply_to
from tests.audits.world import Auditing, in_days
from tests.builders import MONDAY, TODAY, Office, a_proof

FIRST, LAST = in_days(7), in_days(8)


class Planned(Auditing):
    """An audit of two departments on two days, with a lead and an auditor."""

    def __init__(self) -> None:
        super().__init__()
        self.third = self.auditor(self.officer)
        self.audited = self.audit(self.programme(), self.unit, days=(FIRST, LAST))
        self.joins(self.audited, self.lead)
        self.joins(self.audited, self.third, TeamPart.AUDITOR)

    def line(self, begins="8:30", ends="10:00", **said):
        given = {
            "held_on": FIRST,
            "subject": "Tiếp nhận hồ sơ, 8.2",
            "auditor_ids": (self.lead.id,),
            "unit_id": self.unit.id,
            **said,
        }
        return AgendaLine(begins=begins, ends=ends, **given)

    def keeps(self, *lines, seen=None):
        with unit_of_work(self.lead_person, now=MONDAY) as work:
            return keep_agenda(work, work.fresh(self.audited), lines, seen=seen)

    def announced(self):
        with unit_of_work(self.lead_person, now=MONDAY) as work:
            announce_audit(work, work.fresh(self.audited))
        return self

    def told(self, kind):
        rows = db.session.execute(
            sa.select(Notice.person_id, Notice.values).where(Notice.kind == f"audit.{kind}")
        )
        return {row.person_id: row.values for row in rows}


@pytest.mark.covers("b14")
@pytest.mark.parametrize(
    ("typed", "read"),
    [("8:30", "08:30"), ("8h", "08:00"), ("14 giờ", "14:00"), ("24:00", ""), ("8:5", ""), ("", "")],
)
def test_hours_are_read_as_people_type_them(typed, read):
    assert clock(typed) == read


@pytest.mark.covers("b11", "b14", "A1")
def test_an_agenda_keeps_days_hours_and_one_place_for_each_auditor(app):
    office = Planned()
    wrong = [
        ("held_on", office.line(held_on=in_days(6))),
        ("held_on", office.line(held_on=None)),
        ("begins", office.line(begins="sáng")),
        ("ends", office.line(ends="8:00")),
        ("subject", office.line(subject=" ")),
        ("auditors", office.line(auditor_ids=())),
        ("auditors", office.line(auditor_ids=(office.second.id,))),
        ("unit", office.line(unit_id=office.economy.id)),
    ]
    for field, line in wrong:
        with pytest.raises(InvalidInput) as refused:
            office.keeps(office.line("13:00", "14:00"), line)
        assert refused.value.field == f"lines-1-{field}"
    with pytest.raises(InvalidInput) as refused:
        office.keeps(office.line(), office.line("9h45", "11h"))
    assert refused.value.values["name"] == office.lead.shown_name
    assert office.keeps(
        office.line("10:00", "11:30"),
        office.line(),
        office.line(auditor_ids=(office.third.id,), place="Phòng họp"),
        office.line(held_on=LAST, met="Trưởng phòng"),
    )
    hours = [
        (one.held_on, one.begins) for one in db.session.get_one(Audit, office.audited.id).agenda
    ]
    assert hours == [(FIRST, "08:30"), (FIRST, "08:30"), (FIRST, "10:00"), (LAST, "08:30")]


@pytest.mark.covers("b11", "A1")
def test_nobody_is_put_at_their_own_unit_even_where_that_changed_since(app):
    office = Planned()
    beside = office.audit(office.programme(2027), office.culture, days=(in_days(400), in_days(400)))
    office.joins(beside, office.third, TeamPart.AUDITOR)
    office.joins(beside, office.lead, TeamPart.OBSERVER)  # of that very unit: watches alone
    watched = AgendaLine(in_days(400), "8:00", "9:00", "Xem", (office.lead.id,), office.culture.id)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert keep_agenda(work, work.fresh(beside), [watched])
    office.move_home(office.lead_person, office.unit)
    with pytest.raises(RuleBroken) as refused:
        office.keeps(office.line())
    assert refused.value.rule == "A1"


@pytest.mark.covers("b13", "b14")
def test_the_agenda_is_changed_line_by_line_and_tells_what_changed(app):
    office = Planned()
    office.keeps(office.line(), office.line("10:00", "11:00"))
    assert office.told("agenda_changed") == {}  # nobody is told of what is not announced
    first, second = db.session.get_one(Audit, office.audited.id).agenda
    keys = (first.id, second.id)
    assert not office.keeps(office.line(key=keys[0]), office.line("10:00", "11:00", key=keys[1]))
    office.announced()
    version = db.session.get_one(Audit, office.audited.id).row_version
    assert office.keeps(office.line(key=keys[0], ends="9:30"), seen=version)
    with pytest.raises(Stale):
        office.keeps(office.line(key=keys[0]), seen=version)
    (kept,) = db.session.get_one(Audit, office.audited.id).agenda
    assert (kept.id, kept.ends) == (keys[0], "09:30")
    told = office.told("agenda_changed")
    assert set(told) == {office.manager.id, office.officer.id}  # who changed it knows
    day = f"{FIRST:%d/%m}"
    assert told[office.manager.id]["what"] == f"{day} 08:30; {day} 10:00"


@pytest.mark.covers("b13", "T1")
def test_whoever_is_concerned_is_told_of_announcing_moving_and_stopping(app):
    office = Planned()
    office.keeps(office.line())
    office.announced()
    everybody = {office.manager.id, office.officer.id}
    told = office.told("announced")
    assert set(told) == everybody
    assert told[office.manager.id]["due_on"] == FIRST.isoformat()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        days = (FIRST + timedelta(days=3), LAST + timedelta(days=3))
        move_audit(work, work.fresh(office.audited), days=days, reason="Trùng kỳ họp")
    moved = office.told("moved")[office.manager.id]
    assert (moved["old_on"], moved["reason"]) == (FIRST.isoformat(), "Trùng kỳ họp")
    audit = db.session.get_one(Audit, office.audited.id)
    assert audit.agenda[0].held_on == FIRST + timedelta(days=3)  # it goes along
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        postpone_audit(work, work.fresh(office.audited), reason="Bão")
    assert set(office.told("postponed")) == everybody
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        move_audit(work, work.fresh(office.audited), days=(in_days(30), None), reason="Lại")
    audit = db.session.get_one(Audit, office.audited.id)
    assert audit.agenda[0].held_on == in_days(30)
    office.announced()
    with unit_of_work(office.officer, now=MONDAY) as work:
        cancel_audit(work, work.fresh(office.audited), reason="Sáp nhập")
    assert set(office.told("cancelled")) == {office.manager.id, office.lead_person.id}
    assert audit.told_edition == 6


@pytest.mark.covers("b13")
def test_a_plan_whose_agenda_no_longer_holds_is_not_announced(app):
    office = Planned()
    office.keeps(office.line(held_on=LAST, auditor_ids=(office.third.id,)))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        member = next(one for one in office.audited.team if one.auditor_id == office.third.id)
        leave_team(work, work.fresh(member), reason="Ốm")
    with pytest.raises(RuleBroken, match="agenda"):
        office.announced()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        join_team(work, work.fresh(office.audited), work.fresh(office.third), TeamPart.AUDITOR)
    office.announced()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        member = next(one for one in office.audited.team if one.auditor_id == office.third.id)
        leave_team(work, work.fresh(member), reason="Ốm")
    assert office.told("member_left")[office.manager.id]["auditor"] == office.third.shown_name


@pytest.mark.covers("b36")
def test_from_afar_only_where_people_know_where_and_a_change_is_told(app):
    office = Planned()

    def change(method, address=""):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            return change_method(work, work.fresh(office.audited), method, address=address)

    with pytest.raises(InvalidInput) as refused:
        change(AuditMethod.REMOTE)
    assert refused.value.field == "remote_address"
    assert change(AuditMethod.MIXED, "hop.example.vn/dg")
    assert not change(AuditMethod.MIXED, "hop.example.vn/dg")
    office.announced()
    assert change(AuditMethod.ON_SITE)
    assert office.manager.id in office.told("method_changed")


@pytest.mark.covers("b4", "A1", "A6")
def test_units_change_until_the_audit_is_announced_with_the_checks(app):
    office = Planned()

    def change(*units, reason=""):
        with unit_of_work(office.officer, now=MONDAY) as work:
            wanted = [work.fresh(unit) for unit in units]
            return change_units(work, work.fresh(office.audited), wanted, reason=reason)

    office.keeps(office.line())
    with pytest.raises(InvalidInput):
        change()
    with pytest.raises(InvalidInput):
        change(Office().unit)
    with pytest.raises(RuleBroken) as refused:
        change(office.unit, office.culture)  # the lead works there
    assert refused.value.rule == "A1"
    assert not change(office.unit)
    assert change(office.economy)
    audit = db.session.get_one(Audit, office.audited.id)
    assert [one.unit_id for one in audit.units] == [office.economy.id]
    assert audit.agenda[0].unit_id is None
    assert {"8.5.1"} <= {one.clause.number for one in audit.clauses}
    office.signed(audit.programme)
    with pytest.raises(InvalidInput):
        change(office.unit)
    assert change(office.unit, office.economy, reason="Gộp một chuyến")
    office.announced()
    with pytest.raises(RuleBroken, match="announced"):
        change(office.unit, reason="Thôi")
    with pytest.raises(Forbidden), unit_of_work(office.lead_person, now=MONDAY) as work:
        change_units(work, work.fresh(office.audited), [work.fresh(office.unit)])


@pytest.mark.covers("b13", "b22")
def test_the_unit_confirms_or_objects_and_the_lead_answers(app):
    office = Planned()

    def answers(person, is_confirmed, **said):
        with unit_of_work(person, now=MONDAY) as work:
            audit, unit = work.fresh(office.audited), work.fresh(office.unit)
            return answer_plan(work, audit, unit, is_confirmed=is_confirmed, **said)

    def owed():
        audit = db.session.get_one(Audit, office.audited.id)
        return owed_by(audit, standing_of(db.session(), office.manager, TODAY))

    with pytest.raises(Forbidden):
        answers(office.manager, True)  # nothing is announced
    assert owed() == []
    office.announced()
    assert [unit.id for unit in owed()] == [office.unit.id]
    for person in (office.staff, office.lead_person):
        with pytest.raises(Forbidden):
            answers(person, True)
    with pytest.raises(InvalidInput) as refused:
        answers(office.manager, False)
    assert refused.value.field == "words"
    with pytest.raises(InvalidInput) as refused:
        answers(office.manager, False, words="Bận", unsuited_on=in_days(20))
    assert refused.value.field == "unsuited_on"
    said = answers(office.manager, False, words="Họp HĐND", unsuited_on=LAST)
    assert office.told("plan_objected")[office.lead_person.id]["words"] == "Họp HĐND"
    assert owed() == []
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        reply_to(work, work.fresh(said), words="Được")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        reply_to(work, work.fresh(said), words="Chuyển sang sáng hôm trước")
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        reply_to(work, work.fresh(said), words="Nữa")
    assert office.manager.id in office.told("objection_answered")
    answers(office.manager, True)
    audit = db.session.get_one(Audit, office.audited.id)
    assert newest_answers(audit)[office.unit.id].is_confirmed
    office.keeps(office.line())
    assert [unit.id for unit in owed()] == [office.unit.id]  # the plan is told anew


@pytest.mark.covers("T4", "b33")
def test_words_and_names_of_a_plan_never_enter_the_trail(app):
    office = Planned()
    office.keeps(office.line(met="Bà Nguyễn Thị Kín"))
    office.announced()
    with unit_of_work(office.manager, now=MONDAY) as work:
        audit, unit = work.fresh(office.audited), work.fresh(office.unit)
        answer_plan(work, audit, unit, is_confirmed=False, words="Chị Kín nghỉ ốm")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        data = MeetingData(FIRST, "8:00", typed="Trần Kín, Trưởng thôn", notes="Chị Kín vắng")
        keep_meeting(work, work.fresh(office.audited), MeetingKind.OPENING, data)
    rows = db.session.scalars(sa.select(TrailEntry))
    assert not any("Kín" in str(one.content()) for one in rows)


@pytest.mark.covers("L5")
def test_the_team_reads_what_is_in_force_and_old_readings_show(app):
    office = Planned()
    revision = office.effective()
    beside = office.effective()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        wanted = [work.fresh(one.document) for one in (revision, beside)]
        assert choose_documents(work, work.fresh(office.audited), wanted)
        assert not choose_documents(work, work.fresh(office.audited), wanted)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        note_read(work, work.fresh(office.audited), work.fresh(revision))
        note_read(work, work.fresh(office.audited), work.fresh(revision))
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        note_read(work, work.fresh(office.audited), work.fresh(revision))
    listed = {one.document.id: one for one in to_read(db.session(), office.audited)}
    assert [one.id for one in listed[revision.document_id].read_by] == [office.lead_person.id]
    assert listed[beside.document_id].read_by == ()
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        kept = [work.fresh(beside.document)]
        assert choose_documents(work, work.fresh(office.audited), kept)
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        note_read(work, work.fresh(office.audited), work.fresh(revision))


@pytest.mark.covers("b26", "b33")
def test_minutes_say_who_was_there_and_stay_once_signed(app):
    office = Planned()

    def keeps(kind=MeetingKind.OPENING, **said):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            people = [work.fresh(one) for one in said.pop("people", ())]
            data = MeetingData(**{"held_on": TODAY, "begins": "8h", "people": people, **said})
            return keep_meeting(work, work.fresh(office.audited), kind, data)

    for field, said in (
        ("held_on", {"held_on": None}),
        ("begins", {"begins": "sớm"}),
        ("ends", {"ends": "7:00"}),
        ("people", {"people": [Office().staff]}),
    ):
        with pytest.raises(InvalidInput) as refused:
            keeps(**said)
        assert refused.value.field == field
    keeps(place="Phòng họp số 2")
    meeting = meeting_of(db.session.get_one(Audit, office.audited.id), MeetingKind.OPENING)
    assert meeting is not None

    def signs(person):
        with unit_of_work(person, now=MONDAY) as work:
            return sign_minutes(work, work.fresh(meeting), proof=a_proof(person))

    with pytest.raises(RuleBroken):
        signs(office.lead_person)  # nothing was said yet
    keeps(people=[office.manager], typed="Trần Kín, Trưởng thôn\n", notes="Thống nhất lịch")
    assert (
        keeps(people=[office.manager], typed="Trần Kín, Trưởng thôn", notes="Thống nhất lịch")
        is None
    )
    assert [(one.name, one.post) for one in meeting.present][1] == ("Trần Kín", "Trưởng thôn")
    with pytest.raises(Forbidden):
        signs(office.manager)  # the unit is not told of the audit yet
    office.announced()
    with pytest.raises(Forbidden):
        signs(office.staff)
    assert signs(office.lead_person).side is MeetingSide.TEAM
    signed = signs(office.manager)
    assert signed.side is MeetingSide.UNIT
    assert signed.signature.covers(meeting.content())
    with pytest.raises(RuleBroken):
        signs(office.manager)
    with pytest.raises(RuleBroken, match="signed"):
        keeps(notes="Khác")
    assert office.audited.state is AuditState.ANNOUNCED


@pytest.mark.covers("b33", "b13")
def test_a_meeting_set_for_another_hour_is_told(app):
    office = Planned().announced()

    def sets(begins):
        with unit_of_work(office.lead_person, now=MONDAY) as work:
            data = MeetingData(FIRST, begins, place="Phòng họp")
            keep_meeting(work, work.fresh(office.audited), MeetingKind.OPENING, data)

    sets("8:00")
    sets("9:00")
    rows = db.session.scalars(
        sa.select(Notice).where(
            Notice.kind == "audit.opening_set", Notice.person_id == office.manager.id
        )
    )
    assert [one.values["hour"] for one in rows] == ["08:00", "09:00"]
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        days = (FIRST + timedelta(days=1), None)
        move_audit(work, work.fresh(office.audited), days=days, reason="Đổi ngày")
    meeting = meeting_of(db.session.get_one(Audit, office.audited.id), MeetingKind.OPENING)
    assert meeting is not None
    assert meeting.held_on == FIRST + timedelta(days=1)
