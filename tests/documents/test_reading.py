"""Who must read, who has, and what stands in the way (a34, a35, a37, a38; D4, D6, D14, O2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.notices import Notice
from app.kernel.organising import disable_person, give_post
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from documents import readers
from documents.distribution import (
    Readers,
    ask_everybody,
    ask_to_read,
    calls_due,
    change_readers,
    keep_acknowledgements,
    remind_readers,
)
from documents.drafting import change_draft
from documents.facts import DocumentNotice
from documents.issue import issue_if_due
from documents.models import Acknowledgement, Confidentiality, DocumentKind, Revision
from documents.reading import MeetingData, acknowledge_for_unit
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_deputy,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    draft_data,
    raw,
    submitted,
)
from tests.reading import amended, called, details, entries, named_only, owed, read, total

DAY = timedelta(days=1)


@pytest.mark.covers("a34", "a37", "D14")
def test_a_revision_asks_the_people_of_its_units_only_once_it_is_in_force(app):
    office = Office()
    beside = a_person(a_unit(office.body, "KT"), Role.STAFF)
    draft = submitted(a_draft(office.author, office.document()), office.author)
    assert owed(office.staff) == []
    for person in (office.manager, office.officer, office.leader):
        answered(draft, person)
    assert owed(office.staff) == [draft.id]
    assert owed(office.manager) == [draft.id]
    assert owed(beside) == []
    assert owed(office.leader) == []
    assert total(draft) == (0, 3)
    assert draft.distribution.due_on > TODAY


@pytest.mark.covers("a34")
def test_the_units_where_a_document_applies_and_all_below_them_read_it(app):
    office = Office()
    ward = a_unit(office.body, "P1")
    below = a_person(a_unit(ward, "P1A"), Role.STAFF)
    document = office.document()
    raw(
        "INSERT INTO document_unit (document_id, unit_id) VALUES (:document, :unit)",
        document=document.id,
        unit=ward.id,
    )
    revision = office.effective(db.session.get(type(document), document.id))
    assert owed(below) == [revision.id]
    assert [(bar.unit.code, bar.confirmed, bar.asked) for bar in _bars(revision)] == [
        ("P1A", 0, 1),
        ("TP", 0, 3),
    ]


def _bars(revision):
    found = readers.bars(db.session(), revision.distribution, TODAY)
    return sorted(found, key=lambda bar: bar.unit.code)


@pytest.mark.covers("a34", "a38", "T1")
def test_who_confirms_owes_nothing_more_and_their_bar_grows(app):
    office = Office()
    revision = office.effective()
    given = read(revision, office.staff)
    assert (given.revision_id, given.person_id) == (revision.id, office.staff.id)
    assert owed(office.staff) == []
    assert total(revision) == (1, 3)
    [entry] = entries("revision.acknowledged")
    assert entry.actor_id == office.staff.id
    assert entry.record_id == revision.id


@pytest.mark.covers("a34", "T03")
def test_confirming_twice_keeps_one_acknowledgement_and_one_fact(app):
    office = Office()
    revision = office.effective()
    first, second = read(revision, office.staff), read(revision, office.staff)
    assert first.id == second.id
    assert len(entries("revision.acknowledged")) == 1


@pytest.mark.covers("a34", "T03")
def test_the_database_itself_refuses_a_second_acknowledgement(app):
    office = Office()
    revision = office.effective()
    read(revision, office.staff)
    with pytest.raises(sa.exc.IntegrityError):
        raw(
            "INSERT INTO acknowledgement (body_id, revision_id, counts_from_id, cycle, person_id,"
            " acknowledged_at) SELECT body_id, revision_id, counts_from_id, cycle, person_id,"
            " acknowledged_at FROM acknowledgement"
        )


@pytest.mark.covers("a34", "D6")
def test_a_revision_that_just_became_obsolete_is_refused_with_the_way_to_the_current_one(app):
    office = Office()
    old = office.effective()
    new = office.effective(old.document, text="Bản hai.")
    with pytest.raises(RuleBroken) as refused:
        read(old, office.staff)
    assert refused.value.values["current"] == new.label
    assert db.session.scalar(sa.select(sa.func.count(Acknowledgement.id))) == 0
    assert owed(office.staff) == [new.id]


@pytest.mark.covers("a34")
def test_an_acknowledgement_is_of_exactly_one_revision_and_not_of_the_next(app):
    office = Office()
    first = office.effective()
    read(first, office.staff)
    second = office.effective(first.document, text="Bản hai.")
    assert owed(office.staff) == [second.id]
    assert readers.read_before(db.session(), second, office.staff) == first


@pytest.mark.covers("a34", "D14")
def test_forms_ask_nobody_until_somebody_decides_otherwise(app):
    office = Office()
    form = a_document(
        office.officer, office.unit, title="Tờ khai", kind=DocumentKind.FORM, keeper=office.author
    )
    revision = office.effective(form)
    assert owed(office.staff) == []
    with pytest.raises(RuleBroken):
        read(revision, office.staff)
    with unit_of_work(office.officer, now=MONDAY) as work:
        ask_to_read(work, work.fresh(revision))
    assert owed(office.staff) == [revision.id]


@pytest.mark.covers("a34", "D6")
def test_a_document_for_named_people_asks_only_them(app):
    office = Office()
    named = a_person(office.unit, Role.STAFF, name="Người có tên")
    document = a_document(
        office.officer,
        office.unit,
        confidentiality=Confidentiality.NAMED,
        readers=(named,),
        keeper=office.author,
    )
    revision = office.effective(document)
    assert owed(named) == [revision.id]
    assert owed(office.staff) == []
    with pytest.raises(Forbidden):
        read(revision, office.staff)
    read(revision, named)
    assert total(revision) == (1, 1)


@pytest.mark.covers("a34", "O4")
def test_nobody_of_another_body_confirms(app):
    office = Office()
    revision = office.effective()
    with pytest.raises(Forbidden):
        read(revision, a_person(a_body(), Role.QUALITY_OFFICER))


@pytest.mark.covers("a34", "a37")
def test_who_moves_gets_what_applies_there_and_leaves_what_applied_before(app):
    office = Office()
    elsewhere = a_unit(office.body, "KT")
    revision = office.effective()
    mover = a_person(elsewhere, Role.STAFF)
    assert called(revision) == 3
    assert owed(mover) == []
    with unit_of_work(office.administrator, now=MONDAY) as work:
        give_post(
            work,
            work.fresh(mover),
            work.fresh(office.unit),
            title="kiêm nhiệm",
            from_on=TODAY + DAY,
            until_on=None,
        )
    tomorrow = TODAY + DAY
    assert owed(mover, tomorrow) == [revision.id]
    assert calls_due(db.session(), office.body.id, TODAY) == []
    assert calls_due(db.session(), office.body.id, tomorrow) == [revision.distribution.id]
    assert called(revision, MONDAY + DAY, tomorrow) == 1
    assert called(revision, MONDAY + DAY, tomorrow) == 0
    assert total(revision, tomorrow) == (0, 4)


@pytest.mark.covers("a34", "D14", "e18", "T17")
def test_the_job_asks_each_person_once_and_leaves_out_who_confirmed(app):
    office = Office()
    named_only(office.unit)
    revision = office.effective()
    read(revision, office.staff)
    assert called(revision) == 3
    assert called(revision) == 0
    kind = str(DocumentNotice.READING_ASKED)
    told = db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind)).all()
    assert sorted(told) == sorted([office.author.id, office.manager.id])


@pytest.mark.covers("a34")
def test_reminding_reaches_who_has_not_read_and_each_once_a_day(app):
    office = Office()
    revision = office.effective()
    read(revision, office.staff)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert remind_readers(work, revision) == 2
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        remind_readers(work, revision)
    with unit_of_work(office.author, now=MONDAY + DAY) as work:
        assert remind_readers(work, revision) == 2
    assert [details(entry)["count"] for entry in entries("revision.readers_reminded")] == [2, 2]
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        remind_readers(work, revision)


@pytest.mark.covers("a34", "O1")
def test_the_head_confirms_for_people_without_accounts_by_the_minutes(app):
    office = Office()
    worker = named_only(office.unit)
    revision = office.effective()
    assert total(revision) == (0, 4)
    data = MeetingData(TODAY, "07/BB", (worker,), others_present=2)
    with unit_of_work(office.manager, now=MONDAY) as work:
        meeting = acknowledge_for_unit(work, revision, work.fresh(office.unit), data)
    assert total(revision) == (1, 4)
    assert (meeting.minutes_number, meeting.held_on, meeting.others_present) == ("07/BB", TODAY, 2)
    [entry] = entries("revision.unit_acknowledged")
    assert details(entry)["present"] == [worker.id]
    assert details(entry)["minutes_number"] == "07/BB"


@pytest.mark.covers("a34", "O1", "O2")
def test_only_the_head_or_a_deputy_confirms_for_a_unit_and_the_deputy_is_named(app):
    office = Office()
    worker = named_only(office.unit)
    revision = office.effective()
    data = MeetingData(TODAY, "07/BB", (worker,))
    for person in (office.staff, office.officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            acknowledge_for_unit(work, revision, work.fresh(office.unit), data)
    a_deputy(office.manager, office.staff)
    with unit_of_work(office.staff, now=MONDAY) as work:
        meeting = acknowledge_for_unit(work, revision, work.fresh(office.unit), data)
    assert meeting.recorded_by_id == office.staff.id
    assert meeting.recorded_for_id == office.manager.id
    [entry] = entries("revision.unit_acknowledged")
    assert (entry.actor_id, entry.acting_for_id) == (office.staff.id, office.manager.id)


@pytest.mark.covers("a34")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes_number": " "}, "minutes_number"),
        ({"held_on": TODAY + DAY}, "held_on"),
        ({"held_on": TODAY - 9 * DAY}, "held_on"),
        ({"people": ()}, "people"),
        ({"others_present": -1}, "others_present"),
    ],
)
def test_minutes_that_cannot_be_are_refused_at_their_field(app, changes, field):
    office = Office()
    worker = named_only(office.unit)
    revision = office.effective()
    wanted = {"held_on": TODAY, "minutes_number": "7", "people": (worker,), **changes}
    with pytest.raises(InvalidInput) as refused, unit_of_work(office.manager, now=MONDAY) as work:
        acknowledge_for_unit(work, revision, work.fresh(office.unit), MeetingData(**wanted))
    assert refused.value.field == field


@pytest.mark.covers("a34")
def test_the_head_never_confirms_for_somebody_with_an_account_nor_twice(app):
    office = Office()
    worker = named_only(office.unit)
    revision = office.effective()

    def entered(person, number):
        data = MeetingData(TODAY, number, (person,))
        with unit_of_work(office.manager, now=MONDAY) as work:
            acknowledge_for_unit(work, revision, work.fresh(office.unit), data)

    with pytest.raises(InvalidInput):
        entered(office.staff, "7")
    entered(worker, "7")
    with pytest.raises(InvalidInput):
        entered(worker, "8")
    assert total(revision) == (1, 4)


@pytest.mark.covers("a34")
def test_a_minor_amendment_keeps_earlier_acknowledgements_with_the_reason(app):
    office = Office()
    first = office.effective()
    read(first, office.staff)
    second = amended(office, first, keep="Chỉ sửa lỗi chính tả ở mục 3.")
    assert second.label == "01/01"
    assert total(second) == (1, 3)
    assert owed(office.staff) == []
    assert owed(office.author) == [second.id]
    read(second, office.author)
    third = amended(office, second, keep="Sửa số điện thoại.")
    assert total(third) == (2, 3)
    assert "chính tả" in details(entries("revision.acknowledgements_kept")[0])["reason"]
    fourth = amended(office, third)
    assert total(fourth) == (0, 3)


@pytest.mark.covers("a34")
def test_a_new_edition_and_a_decision_without_reason_keep_nothing(app):
    office = Office()
    first = office.effective()
    draft = a_draft(office.author, first.document)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        keep_acknowledgements(work, draft, "Sửa nhỏ.")
    with unit_of_work(office.author, now=MONDAY) as work:
        draft = work.fresh(draft)
        change_draft(work, draft, draft_data(draft, edition=1, amendment=1))
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        keep_acknowledgements(work, draft, "  ")
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        keep_acknowledgements(work, draft, "Sửa nhỏ.")
    with unit_of_work(office.author, now=MONDAY) as work:
        keep_acknowledgements(work, draft, "Sửa nhỏ.")
    with unit_of_work(office.author, now=MONDAY) as work:
        ask_everybody(work, draft)
    assert not draft.distribution.keeps_earlier


@pytest.mark.covers("a35", "T17")
def test_everybody_is_asked_again_at_the_interval_and_the_first_word_stays(app):
    office = Office()
    revision = office.effective()
    read(revision, office.staff)
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_readers(work, revision, wanted(revision, reask_months=12))
    later, day = MONDAY + 366 * DAY, TODAY + 366 * DAY
    assert calls_due(db.session(), office.body.id, day) == [revision.distribution.id]
    called(revision, later, day)
    called(revision, later, day)
    assert revision.distribution.cycle == 2
    assert owed(office.staff, day) == [revision.id]
    read(revision, office.staff, later)
    assert owed(office.staff, day) == []
    assert db.session.scalar(sa.select(sa.func.count(Acknowledgement.id))) == 2
    assert len(entries("revision.reading_asked_again")) == 1


def wanted(revision, **changes):
    distribution = revision.distribution
    values = {
        "units": tuple(link.unit for link in distribution.units),
        "people": tuple(link.person for link in distribution.people),
        "asks_reading": True,
        "due_on": None,
        "reask_months": None,
        "reason": "Đơn vị mới tham gia.",
        **changes,
    }
    return Readers(**values)


@pytest.mark.covers("a34", "e1")
def test_the_owner_changes_who_reads_one_revision_with_a_reason(app):
    office = Office()
    other = a_unit(office.body, "KT")
    joining, extra = a_person(other, Role.STAFF), a_person(office.body, Role.STAFF)
    revision = office.effective()
    with unit_of_work(office.officer, now=MONDAY) as work:
        change_readers(work, revision, wanted(revision, units=(other,), people=(extra,)))
    assert owed(joining) == owed(extra) == [revision.id]
    assert owed(office.staff) == []
    [entry] = entries("revision.distribution_changed")
    assert details(entry)["units"] == [[office.unit.id], [other.id]]
    assert details(entry)["reason"] == "Đơn vị mới tham gia."


@pytest.mark.covers("a34", "O4")
def test_a_change_of_readers_is_checked_first(app):
    office = Office()
    foreign = a_unit(a_body(), "XX")
    revision = office.effective()
    for changes in (
        {"reason": " "},
        {"units": ()},
        {"units": (foreign,)},
        {"reask_months": 0},
    ):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            change_readers(work, revision, wanted(revision, **changes))
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        change_readers(work, revision, wanted(revision))


@pytest.mark.covers("a34", "O1")
def test_closed_accounts_and_inspectors_for_some_days_are_not_counted(app):
    office = Office()
    inspector = a_person(office.unit, Role.INSPECTOR)
    revision = office.effective()
    assert total(revision) == (0, 3)
    assert owed(inspector) == []
    with unit_of_work(office.administrator, now=MONDAY) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ việc")
    assert total(revision) == (0, 2)


@pytest.mark.covers("a38", "D6")
def test_the_training_record_names_what_somebody_confirmed_and_hides_what_is_not_for_the_viewer(
    app,
):
    office = Office()
    document = a_document(
        office.officer,
        office.unit,
        title="Mật",
        confidentiality=Confidentiality.NAMED,
        readers=(office.staff,),
        keeper=office.author,
    )
    secret, plain = office.effective(document), office.effective()
    read(secret, office.staff)
    read(plain, office.staff)
    own = standing_of(db.session(), office.staff, TODAY)
    auditor = standing_of(db.session(), a_person(office.body, Role.AUDITOR), TODAY)
    assert [one.revision_id for one in readers.training_of(db.session(), own, office.staff)] == [
        plain.id,
        secret.id,
    ]
    seen = readers.training_of(db.session(), auditor, office.staff)
    assert [one.revision_id for one in seen] == [plain.id]


@pytest.mark.covers("a34", "D4")
def test_the_second_switch_asks_nobody_again(app):
    office = Office()
    revision = office.effective()
    asked_on = revision.distribution.asked_on
    with unit_of_work(None, now=MONDAY) as work:
        assert issue_if_due(work, work.fresh(revision).package) is False
    assert db.session.get(Revision, revision.id).distribution.asked_on == asked_on
    assert len(entries("revision.distributed")) == 1
