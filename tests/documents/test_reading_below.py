"""What a higher body gives is read and confirmed by the people of each body below (a34; O4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.notices import Notice
from app.kernel.people import Person, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import readers
from documents.assignment import AssignmentData, add_assignment
from documents.distribution import Readers, call_readers, calls_due, change_readers, remind_readers
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    AssignmentKind,
    Distribution,
    DocumentKind,
    Revision,
)
from documents.publication import PublicationData, document_withdrawn, end_publication, publish
from documents.reading import MeetingData, acknowledge_for_unit
from documents.reading_below import ask_below
from tests.builders import MONDAY, TODAY, a_document, a_person, a_unit
from tests.counting import queries
from tests.documents.test_publications import (
    BINDING,
    TO_ADOPT,
    Province,
    Ward,
    adopted,
    held,
    published,
    told,
)
from tests.reading import amended, named_only, owed, read


def below(ward, revision: Revision) -> Distribution | None:
    return db.session.scalars(
        sa.select(Distribution).where(
            Distribution.revision_id == revision.id, Distribution.body_id == ward.body.id
        )
    ).one_or_none()


def bars(ward, revision: Revision) -> list[tuple[str, int, int]]:
    found = readers.bars(db.session(), below(ward, revision), TODAY)
    return [(bar.unit.name, bar.confirmed, bar.asked) for bar in found]


def asked_by_letter(ward, revision: Revision) -> set[int]:
    with unit_of_work(None, now=MONDAY) as work:
        call_readers(work, work.fresh(below(ward, revision)), TODAY)
    kind = str(DocumentNotice.READING_ASKED)
    rows = db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == kind))
    return set(rows) & {one.id for one in people_of(ward)}


def people_of(ward) -> list[Person]:
    return list(db.session.scalars(sa.select(Person).where(Person.body_id == ward.body.id)))


@pytest.mark.covers("O4", "a34", "D6")
def test_the_people_of_a_body_that_is_bound_are_asked_and_confirm_for_themselves(app):
    place = Province()
    an, binh = place.wards
    published(place, BINDING, an)
    revision = place.revision
    assert [owed(one) for one in (an.staff, an.leader, an.officer)] == [[revision.id]] * 3
    assert owed(binh.staff) == [] == owed(place.stranger.staff)
    assert bars(an, revision) == [("Phường An", 0, 3)]
    given = read(revision, an.staff)
    assert (given.body_id, given.revision_id) == (an.body.id, revision.id)
    assert owed(an.staff) == []
    assert bars(an, revision) == [("Phường An", 1, 3)]
    assert readers.totals(db.session(), revision.distribution, TODAY) == (0, 3)  # above: its own
    with pytest.raises(Forbidden):
        read(revision, binh.staff)
    record = readers.training_of(db.session(), held(an.staff), an.staff)
    assert [one.revision_id for one in record] == [revision.id]


@pytest.mark.covers("O4", "a34")
def test_what_is_to_adopt_asks_nobody_until_the_body_adopts_it(app):
    place = Province()
    an, binh = place.wards
    given = published(place, TO_ADOPT)
    assert owed(an.staff) == [] == owed(binh.staff)
    with pytest.raises(RuleBroken, match="Nobody is asked"):
        read(place.revision, an.staff)
    adopted(an, given, place.revision)
    assert owed(an.staff) == [place.revision.id]
    assert owed(binh.staff) == []


@pytest.mark.covers("O4", "a34", "D4")
def test_a_new_edition_asks_anew_where_it_binds_and_waits_for_the_decision_where_it_does_not(app):
    place = Province()
    an, binh = place.wards
    published(place, BINDING, an)
    read(place.revision, an.staff)
    later = place.office.effective(place.document, text="Bản hai.")
    assert owed(an.staff) == [later.id]
    assert owed(binh.staff) == []
    with pytest.raises(RuleBroken, match="no longer in force"):
        read(place.revision, an.leader)
    given = published(place, TO_ADOPT, an, binh)
    assert owed(an.staff) == []  # no longer bound, nothing adopted yet
    adopted(binh, given, later)
    assert owed(binh.staff) == [later.id]
    newest = place.office.effective(place.document, text="Bản ba.")
    assert owed(binh.staff) == []
    adopted(binh, given, newest)
    assert owed(binh.staff) == [newest.id]


@pytest.mark.covers("O4", "a35")
def test_what_the_owner_keeps_for_a_minor_amendment_is_kept_below_too(app):
    place = Province()
    an = place.wards[0]
    published(place, BINDING)
    read(place.revision, an.staff)
    minor = amended(place.office, place.revision, keep="Sửa số điện thoại")
    assert owed(an.staff) == []
    assert owed(an.leader) == [minor.id]
    assert bars(an, minor) == [("Phường An", 1, 3)]


@pytest.mark.covers("O4", "a34", "D8")
@pytest.mark.parametrize("how", ["taken back", "withdrawn", "no longer named"])
def test_what_is_taken_back_above_closes_the_requests_and_keeps_the_record(app, how):
    place = Province()
    an = place.wards[0]
    given = published(place, BINDING)
    read(place.revision, an.staff)
    if how == "no longer named":
        published(place, BINDING, place.wards[1])
    with unit_of_work(place.office.leader, now=MONDAY) as work:
        if how == "taken back":
            end_publication(work, work.fresh(given), reason="Luật mới thay thế")
        elif how == "withdrawn":
            document_withdrawn(work, work.fresh(place.document), reason="Bãi bỏ")
    assert owed(an.leader) == []
    assert not below(an, place.revision).is_asking
    assert calls_due(db.session(), an.body.id, TODAY) == []
    with pytest.raises((RuleBroken, Forbidden)):
        read(place.revision, an.leader)
    record = readers.training_of(db.session(), held(an.staff), an.staff)
    assert [one.revision_id for one in record] == [place.revision.id]
    fact = str(DocumentFact.READING_CLOSED)
    chains = set(db.session.scalars(sa.select(TrailEntry.chain).where(TrailEntry.fact == fact)))
    assert an.body.id in chains
    assert place.office.body.id not in chains


@pytest.mark.covers("O4", "a34")
def test_what_is_given_again_asks_again_and_whoever_confirmed_it_need_not(app):
    place = Province()
    an = place.wards[0]
    given = published(place, BINDING)
    read(place.revision, an.staff)
    with unit_of_work(place.office.leader, now=MONDAY) as work:
        end_publication(work, work.fresh(given), reason="Nhầm")
    published(place, BINDING)
    assert owed(an.staff) == []
    assert owed(an.leader) == [place.revision.id]
    assert bars(an, place.revision) == [("Phường An", 1, 3)]


@pytest.mark.covers("O4", "O5", "a34")
def test_it_goes_where_the_matrix_of_the_body_below_says_it_governs(app):
    place = Province()
    an = place.wards[0]
    desk, beside = a_unit(an.body, name="Bộ phận Một cửa"), a_unit(an.body, name="Ban Kinh tế")
    clerk, other = a_person(desk, Role.STAFF), a_person(beside, Role.STAFF)
    given = published(place, TO_ADOPT)
    with unit_of_work(an.officer, now=MONDAY) as work:
        data = AssignmentData(
            kind=AssignmentKind.PROCEDURE,
            code="1.000110",
            name="Khai sinh",
            valid_from=TODAY,
            lead_unit=work.fresh(desk),
            document=work.fresh(place.document),
        )
        add_assignment(work, work.fresh(an.body), data)
    adopted(an, given, place.revision)
    assert owed(clerk) == [place.revision.id]
    assert owed(other) == [] == owed(an.staff)
    later = place.office.effective(place.document, text="Bản hai.")
    with unit_of_work(an.officer, now=MONDAY) as work, pytest.raises(Forbidden):
        change_readers(work, later, _wanted(work, beside))
    adopted(an, given, later)
    with unit_of_work(an.officer, now=MONDAY) as work:
        change_readers(work, later, _wanted(work, beside))
    assert owed(other) == [later.id]
    assert owed(clerk) == []
    newest = place.office.effective(place.document, text="Bản ba.")
    adopted(an, given, newest)
    assert owed(other) == [newest.id]  # as the officer below set it


def _wanted(work, unit) -> Readers:
    return Readers((work.fresh(unit),), (), True, None, None, "Nơi áp dụng")


@pytest.mark.covers("O4", "T1", "T4")
def test_each_body_tells_its_reading_in_its_own_chain_and_none_sees_another(app):
    place = Province()
    an, binh = place.wards
    published(place, BINDING)
    ids = {ward.body.id: {one.id for one in people_of(ward)} for ward in place.wards}
    assert asked_by_letter(an, place.revision) == ids[an.body.id]
    read(place.revision, an.staff)
    with unit_of_work(an.officer, now=MONDAY) as work:
        assert remind_readers(work, place.revision) == 2
    facts = ("revision.reading_asked", "revision.acknowledged", "revision.readers_reminded")
    rows = db.session.execute(
        sa.select(TrailEntry.chain, TrailEntry.fact).where(
            TrailEntry.fact.in_(facts), TrailEntry.chain != place.office.body.id
        )
    ).all()
    assert {chain for chain, _fact in rows} == {an.body.id}
    assert {fact for _chain, fact in rows} == set(facts)
    assert readers.totals(db.session(), below(binh, place.revision), TODAY) == (0, 3)
    reminded = told(DocumentNotice.READING_REMINDER)
    assert reminded == {an.leader.id, an.officer.id} - {an.officer.id}
    for nobody in (place.stranger.officer, an.staff):
        with pytest.raises(Forbidden), unit_of_work(nobody, now=MONDAY) as work:
            remind_readers(work, place.revision)
    with unit_of_work(binh.officer, now=MONDAY) as work:  # reminds their own and nobody of An
        remind_readers(work, place.revision)
    assert told(DocumentNotice.READING_REMINDER) - reminded <= ids[binh.body.id]


@pytest.mark.covers("O4", "a34", "O2")
def test_a_head_below_enters_the_meeting_for_people_without_accounts(app):
    place = Province()
    an = place.wards[0]
    published(place, BINDING)
    head = a_person(an.body, Role.MANAGER, name="Trưởng bộ phận")
    root = head.home_unit
    nobody = named_only(root)
    with unit_of_work(head, now=MONDAY) as work:
        data = MeetingData(TODAY, "07/BB", (work.fresh(nobody),))
        meeting = acknowledge_for_unit(work, place.revision, work.fresh(root), data)
    assert meeting.body_id == an.body.id
    assert bars(an, place.revision) == [("Phường An", 1, 5)]


@pytest.mark.covers("O4", "D14")
def test_forms_go_below_without_asking_anybody(app):
    place = Province()
    form = place.office.effective(
        a_document(
            place.office.officer,
            place.office.unit,
            kind=DocumentKind.RECORD_TYPE,
            keeper=place.office.author,
        )
    )
    with unit_of_work(place.office.officer, now=MONDAY) as work:
        publish(work, work.fresh(form.document), PublicationData(BINDING))
    assert below(place.wards[0], form) is None


@pytest.mark.covers("O4", "T17")
def test_asking_in_eleven_bodies_and_for_fifty_texts_takes_a_few_questions(app):
    """The chains are written beside: here only what is asked of the tables is counted."""
    place = Province()
    place.wards += [Ward(place.office.body, f"Phường {number:02d}") for number in range(9)]
    bodies = [ward.body.id for ward in place.wards]
    with unit_of_work(None, now=MONDAY) as work:
        revision = work.fresh(place.revision)
        with queries() as made:
            ask_below(work, [revision], bodies)
        first = len(made)
    assert first <= 11, made
    assert [owed(ward.staff) for ward in place.wards] == [[place.revision.id]] * 11
    more = [place.office.effective() for _ in range(6)]
    with unit_of_work(None, now=MONDAY) as work:
        six = [work.fresh(one) for one in more]
        with queries() as made:
            ask_below(work, six, bodies[:1])
    assert len(made) <= first + 6, made  # each text itself is loaded once
