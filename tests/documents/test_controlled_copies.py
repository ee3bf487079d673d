"""Numbered copies from issue to return, and rounds over them (a32, a33; D5, D6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.trail_sentences import sentences
from documents.controlled_copy import (
    CopyData,
    answer_for_copy,
    begin_round,
    close_round,
    end_copy,
    hand_over,
    issue_copy,
    issue_copy_of,
    photograph,
    print_numbered,
    recall_copy,
    renew_copies,
)
from documents.copy_facts import CopyFact, CopyNotice
from documents.copy_register import copies_of, copies_to_see_to, copy_by_id, latest_round
from documents.models import (
    ControlledCopy,
    CopyAnswer,
    CopyKind,
    CopyRound,
    CopyState,
    Document,
    RevisionState,
)
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_brought_file,
    a_deputy,
    a_person,
    a_unit,
    raw,
)
from tests.counting import queries

DUE = TODAY + timedelta(days=7)


def data(office: Office, place: str = "Bộ phận một cửa, quầy số 2", **changes) -> CopyData:
    return replace(CopyData(office.unit, office.staff, place), **changes)


def issued(office: Office, document: Document, by=None, **changes) -> ControlledCopy:
    with unit_of_work(by or office.officer, now=MONDAY) as work:
        return issue_copy(work, work.fresh(document), data(office, **changes))


def ended(office: Office, copy: ControlledCopy, how: CopyState, reason: str = "") -> None:
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_copy(work, work.fresh(copy), how, on=TODAY, reason=reason)


def round_of(office: Office, document: Document) -> CopyRound:
    with unit_of_work(office.officer, now=MONDAY) as work:
        return begin_round(work, work.fresh(document), due_on=DUE)


def said(person, copy: ControlledCopy, answer: CopyAnswer, note: str = "") -> None:
    with unit_of_work(person, now=MONDAY) as work:
        answer_for_copy(work, work.fresh(copy), answer, note=note)


def facts_of(record) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(
                TrailEntry.record_type == record.__tablename__,
                TrailEntry.record_id == record.id,
            )
            .order_by(TrailEntry.id)
        )
    )


def told(kind: CopyNotice) -> set[int]:
    return set(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == str(kind))))


@pytest.mark.covers("a32", "T1")
def test_copies_of_a_document_are_numbered_from_one_and_their_holder_is_told(app):
    office = Office()
    document, other = office.effective().document, office.effective().document
    first = issued(office, document)
    second = issued(office, document, kind=CopyKind.NOTICE, handed_over_on=TODAY)
    assert [first.number, second.number, issued(office, other).number] == [1, 2, 1]
    assert (first.label, first.state, second.state) == ("01", CopyState.ISSUED, CopyState.HELD)
    assert first.holder == office.staff
    assert told(CopyNotice.ISSUED) == {office.staff.id}
    assert facts_of(first) == [str(CopyFact.ISSUED)]


@pytest.mark.covers("a32", "O1", "O4")
def test_only_who_keeps_the_document_gives_copies_out(app):
    office, other = Office(), Office(a_body())
    document = office.effective().document
    for person in (office.staff, office.leader, other.officer):
        with pytest.raises(Forbidden):
            issued(office, document, by=person)
    assert issued(office, document, by=office.author).number == 1  # has it in care
    assert issued(office, document, by=office.manager).number == 2


@pytest.mark.covers("a32", "O4")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"place": " \n\t "}, "place"),
        ({"place": "Quầy " * 60}, "place"),
        ({"handed_over_on": TODAY + timedelta(days=1)}, "handed_over_on"),
    ],
)
def test_a_copy_without_place_or_handed_over_tomorrow_is_refused(app, changed, field):
    office = Office()
    document = office.effective().document
    with pytest.raises(InvalidInput) as refused:
        issued(office, document, **changed)
    assert refused.value.field == field
    assert issued(office, document).number == 1  # the refused one used no number up


@pytest.mark.covers("a32", "O4")
def test_a_copy_goes_to_a_unit_and_a_person_of_the_body_only(app):
    office, other = Office(), Office(a_body())
    document = office.effective().document
    with pytest.raises(InvalidInput):
        issued(office, document, unit=other.unit)
    with pytest.raises(InvalidInput):
        issued(office, document, holder=other.staff)
    with pytest.raises(NotFound):
        copy_by_id(
            db.session(),
            standing_of(db.session(), other.officer, TODAY),
            issued(office, document).id,
        )


@pytest.mark.covers("a32")
def test_the_longest_place_is_kept_whole(app):
    office = Office()
    place = ("Ộ" * 199) + "."
    assert issued(office, office.effective().document, place=f"  {place} ").place == place


@pytest.mark.covers("a32", "D6")
def test_no_copy_of_a_revision_that_just_ended_is_given_out(app):
    office = Office()
    old = office.effective()
    new = office.effective(old.document, text="Bản hai.")
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.officer, now=MONDAY) as work:
        issue_copy_of(work, work.fresh(old), data(office))
    assert refused.value.values["current"] == new.label
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert issue_copy_of(work, work.fresh(new), data(office)).revision == new
    with pytest.raises(RuleBroken):
        issued(office, office.document())  # nothing of it is in force


@pytest.mark.covers("a33", "D5")
def test_copies_of_what_was_superseded_are_asked_back_from_whoever_holds_them(app):
    office = Office()
    old = office.effective()
    copy = issued(office, old.document, handed_over_on=TODAY)
    assert not copy.is_to_come_back
    new = office.effective(old.document, text="Bản hai.")
    copy = db.session.get(ControlledCopy, copy.id)
    assert copy.is_to_come_back
    assert told(CopyNotice.RECALLED) == {office.staff.id}
    for person in (office.officer, office.author, office.staff):
        found = copies_to_see_to(db.session(), standing_of(db.session(), person, TODAY))
        assert [one.id for one in found.to_come_back] == [copy.id], person.name
    manager = standing_of(db.session(), a_person(office.body, Role.STAFF, name="Người khác"), TODAY)
    assert copies_to_see_to(db.session(), manager).to_come_back == []
    with unit_of_work(office.officer, now=MONDAY) as work:
        [fresh] = renew_copies(work, work.fresh(old.document))
    assert (fresh.revision, fresh.replaces_id, fresh.place) == (new, copy.id, copy.place)
    with unit_of_work(office.officer, now=MONDAY) as work:
        assert renew_copies(work, work.fresh(old.document)) == []  # twice gives nobody two
    ended(office, copy, CopyState.RETURNED)
    found = copies_to_see_to(db.session(), standing_of(db.session(), office.staff, TODAY))
    assert found.to_come_back == []


@pytest.mark.covers("a33", "D5")
def test_copies_of_a_withdrawn_document_come_back_too(app):
    office = Office()
    revision = office.effective()
    copy = issued(office, revision.document, handed_over_on=TODAY)
    raw("UPDATE revision SET state='withdrawn' WHERE id=:id", id=revision.id)
    copy = db.session.get(ControlledCopy, copy.id)
    assert copy.revision.state is RevisionState.WITHDRAWN
    assert copy.is_to_come_back
    found = copies_to_see_to(db.session(), standing_of(db.session(), office.officer, TODAY))
    assert [one.id for one in found.to_come_back] == [copy.id]
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        print_numbered(work, work.fresh(copy), pages=1)


@pytest.mark.covers("a33", "T03")
def test_a_copy_given_back_is_given_back_once(app):
    office = Office()
    copy = issued(office, office.effective().document)
    ended(office, copy, CopyState.RETURNED)
    for how in (CopyState.RETURNED, CopyState.LOST, CopyState.DESTROYED):
        with pytest.raises(RuleBroken):
            ended(office, copy, how, "Rách")
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        recall_copy(work, work.fresh(copy), reason="Thôi dùng")
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        photograph(work, work.fresh(copy), replace(a_brought_file(), reader="", reading=""))
    assert facts_of(copy) == [str(CopyFact.ISSUED), str(CopyFact.RETURNED)]


@pytest.mark.covers("a33")
@pytest.mark.parametrize("how", [CopyState.LOST, CopyState.DESTROYED])
def test_what_was_lost_or_destroyed_says_what_happened(app, how):
    office = Office()
    copy = issued(office, office.effective().document)
    with pytest.raises(InvalidInput):
        ended(office, copy, how, "  ")
    ended(office, copy, how, "Mưa bão cuốn bảng niêm yết")
    copy = db.session.get(ControlledCopy, copy.id)
    assert (copy.state, copy.end_reason) == (how, "Mưa bão cuốn bảng niêm yết")
    with pytest.raises(InvalidInput):
        ended(office, issued(office, copy.document), CopyState.HELD)


@pytest.mark.covers("a33")
def test_a_copy_is_handed_over_once_and_recalled_with_a_reason(app):
    office = Office()
    copy = issued(office, office.effective().document)
    with unit_of_work(office.officer, now=MONDAY) as work:
        hand_over(work, work.fresh(copy), on=TODAY)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        hand_over(work, work.fresh(copy), on=TODAY)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        recall_copy(work, work.fresh(copy), reason=" ")
    with unit_of_work(office.officer, now=MONDAY) as work:
        recall_copy(work, work.fresh(copy), reason="Bộ phận chuyển trụ sở")
    assert db.session.get(ControlledCopy, copy.id).state is CopyState.RECALLED
    assert told(CopyNotice.RECALLED) == {office.staff.id}


@pytest.mark.covers("a33")
def test_a_round_asks_each_holder_and_names_who_did_not_answer(app):
    office = Office()
    document = office.effective().document
    lan = issued(office, document, handed_over_on=TODAY)
    quy = issued(office, document, holder=office.author, handed_over_on=TODAY)
    ha = issued(office, document, holder=office.manager, handed_over_on=TODAY)
    gone = issued(office, document)
    ended(office, gone, CopyState.RETURNED)
    found = round_of(office, document)
    assert told(CopyNotice.ASKED) == {office.staff.id, office.author.id, office.manager.id}
    with pytest.raises(RuleBroken):
        round_of(office, document)  # one at a time
    waiting = copies_to_see_to(db.session(), standing_of(db.session(), office.staff, TODAY))
    assert [(one.copy.id, due) for one, due in waiting.asked] == [(lan.id, DUE)]
    said(office.staff, lan, CopyAnswer.HERE)
    with pytest.raises(RuleBroken):
        said(office.staff, lan, CopyAnswer.MISSING, "Mất")  # the first answer counts
    with pytest.raises(InvalidInput):
        said(office.author, quy, CopyAnswer.MISSING)
    said(office.author, quy, CopyAnswer.MISSING, "Không thấy trên bảng nữa")
    assert db.session.get(ControlledCopy, quy.id).state is CopyState.LOST
    found = latest_round(db.session(), document)
    assert [one.copy.holder for one in found.unanswered] == [office.manager]
    said(office.officer, ha, CopyAnswer.REPLACED, "Đã thay, bản cũ cắt bỏ")  # for its holder
    found = db.session.get(CopyRound, found.id)
    assert found.closed_on == TODAY
    assert facts_of(found) == [str(CopyFact.ROUND_BEGUN), str(CopyFact.ROUND_CLOSED)]
    assert facts_of(quy)[-1] == str(CopyFact.LOST)


@pytest.mark.covers("a33")
def test_a_round_that_is_closed_takes_no_answer_and_keeps_the_names(app):
    office = Office()
    document = office.effective().document
    with pytest.raises(RuleBroken):
        round_of(office, document)  # nothing is out
    copy = issued(office, document)
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        begin_round(work, work.fresh(document), due_on=TODAY - timedelta(days=1))
    found = round_of(office, document)
    with unit_of_work(office.officer, now=MONDAY) as work:
        close_round(work, work.fresh(found))
    with pytest.raises(RuleBroken):
        said(office.staff, copy, CopyAnswer.HERE)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        close_round(work, work.fresh(found))
    assert [one.copy.holder for one in latest_round(db.session(), document).unanswered] == [
        office.staff
    ]


@pytest.mark.covers("a33", "O2")
def test_a_deputy_answers_for_the_holder_and_nobody_else_does(app):
    office = Office()
    document = office.effective().document
    copy = issued(office, document)
    round_of(office, document)
    deputy = a_person(office.unit, Role.STAFF, name="Người thay")
    with pytest.raises(Forbidden):
        said(deputy, copy, CopyAnswer.HERE)
    a_deputy(office.staff, deputy)
    with unit_of_work(deputy, now=MONDAY, acting_for=office.staff) as work:
        answer_for_copy(work, work.fresh(copy), CopyAnswer.HERE)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(CopyFact.FOUND))
    ).one()
    assert (entry.actor_id, entry.acting_for_id) == (deputy.id, office.staff.id)


@pytest.mark.covers("T4", "a32")
def test_the_trail_names_copy_holder_and_reason(app):
    office = Office()
    copy = issued(office, office.effective().document)
    ended(office, copy, CopyState.LOST, "Cháy kho")
    entries = db.session.scalars(
        sa.select(TrailEntry)
        .where(TrailEntry.record_type == "controlled_copy")
        .order_by(TrailEntry.id)
    ).all()
    with app.test_request_context("/?lang=en"):
        read = [one.sentence for one in sentences(db.session(), entries)]
    code = copy.revision.code
    assert read == [
        f"Lê Quang Huy issued copy 01 of {code} 01/00 to Bùi Thị Lan, Phòng Tư pháp.",
        f"Copy 01 of {code} 01/00 is lost: Cháy kho",
    ]
    assert "Bùi Thị Lan" not in entries[0].details  # people are kept by their key


@pytest.mark.covers("a32")
def test_a_number_is_never_given_twice_whatever_comes_past_the_counter(app):
    office = Office()
    copy = issued(office, office.effective().document)
    with pytest.raises(IntegrityError):
        raw(
            "INSERT INTO controlled_copy (body_id, document_id, revision_id, number, kind, unit_id,"
            " holder_id, place, state, issued_at, issued_by_id, recall_reason, end_reason,"
            " row_version) SELECT body_id, document_id, revision_id, number, kind, unit_id,"
            " holder_id, place, state, issued_at, issued_by_id, recall_reason, end_reason,"
            " row_version FROM controlled_copy WHERE id=:id",
            id=copy.id,
        )


@pytest.mark.covers("a32")
def test_the_list_of_copies_asks_as_much_for_one_as_for_twelve(app):
    office = Office()
    document = office.effective().document
    unit = a_unit(office.body, name="Phòng Kinh tế")
    issued(office, document)

    def listed() -> list[str]:
        db.session.expire_all()
        found = copies_of(db.session(), document)
        return [f"{one.label} {one.holder.name} {one.unit.name} {one.revision.label}"
                for one in found.copies]  # fmt: skip

    with queries() as one:
        listed()
    for _ in range(11):
        issued(office, document, unit=unit, holder=a_person(unit, Role.STAFF))
    with queries() as twelve:
        assert len(listed()) == 12
    assert len(twelve) <= len(one)


def test_days_are_kept_as_days(app):
    office = Office()
    copy = issued(office, office.effective().document, handed_over_on=date(2026, 11, 20))
    assert db.session.get(ControlledCopy, copy.id).handed_over_on == date(2026, 11, 20)


@pytest.mark.covers("a33")
def test_a_copy_that_has_to_come_back_is_counted_there_and_not_as_in_use(app):
    office = Office()
    revision = office.effective()
    old = issued(office, revision.document, handed_over_on=TODAY)
    gone = issued(office, revision.document)
    ended(office, gone, CopyState.RETURNED)
    office.effective(revision.document, text="Bản hai.")
    new = issued(office, revision.document)
    session = db.session()
    found = {which: copies_of(session, revision.document, which=which)
             for which in ("out", "back", "gone")}  # fmt: skip
    assert {which: [one.id for one in page.copies] for which, page in found.items()} == {
        "out": [new.id],
        "back": [old.id],
        "gone": [gone.id],
    }
    page = found["out"]
    assert (page.out, page.to_come_back, page.gone) == (1, 1, 1)
