"""One text for many bodies: published by a higher one, adopted by each below (O4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.notices import Notice
from app.kernel.organisation import Body
from app.kernel.people import Person, Role
from app.kernel.permissions import may, standing_of
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import adoption_register, finding, publication_register, register
from documents.adoption_register import OfferState
from documents.document_trail import entries_of_document
from documents.drafting import change_record
from documents.facts import DocumentFact, DocumentNotice
from documents.master_list import Filters, everything, listed
from documents.models import (
    Adoption,
    AdoptionEnd,
    Confidentiality,
    Document,
    DocumentKind,
    Publication,
    PublicationMode,
    Revision,
)
from documents.permissions import DocumentPermission
from documents.publication import (
    AdoptionData,
    Offer,
    PublicationData,
    adopt,
    document_withdrawn,
    end_publication,
    open_publication,
    publish,
)
from documents.publication_package import end_with_forms, publish_with_forms
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_deputy,
    a_document,
    a_person,
    a_proof,
    record_data,
    root,
)
from tests.counting import queries

TO_ADOPT, BINDING = PublicationMode.TO_ADOPT, PublicationMode.BINDING


class Ward:
    """A body below another with a leader, a quality officer and somebody who works there."""

    def __init__(self, above: Body, name: str) -> None:
        self.body = a_body(name=name, overseer=above)
        self.leader = a_person(self.body, Role.LEADER, name=f"Lãnh đạo {name}")
        self.officer = a_person(self.body, Role.QUALITY_OFFICER, name=f"Thư ký {name}")
        self.staff = a_person(self.body, Role.STAFF, name=f"Công chức {name}")


class Province:
    """A higher body with a document in force, two wards it oversees and a body it does not."""

    def __init__(self) -> None:
        self.office = Office(a_body(name="UBND quận Trên"))
        self.wards = [Ward(self.office.body, name) for name in ("Phường An", "Phường Bình")]
        self.stranger = Ward(a_body(name="UBND quận Khác"), "Phường Ngoài")
        self.revision = self.office.effective(text="Tiếp nhận hồ sơ khai sinh liên thông.")

    @property
    def document(self) -> Document:
        return self.revision.document


def published(place: Province, mode: PublicationMode = TO_ADOPT, *to: Ward) -> Publication:
    with unit_of_work(place.office.officer, now=MONDAY) as work:
        data = PublicationData(mode, not to, tuple(work.fresh(one.body) for one in to))
        return publish(work, work.fresh(place.document), data)


def adopted(ward: Ward, given: Publication, revision: Revision, **more) -> Adoption:
    by = more.pop("by", ward.leader)
    data = AdoptionData(more.pop("on", TODAY), more.pop("number", "15/QĐ-UBND"), **more)
    with unit_of_work(by, now=MONDAY) as work:
        offer = Offer(work.fresh(given), work.fresh(revision))
        return adopt(work, [offer], data, proof=a_proof(by))[0]


def held(person: Person):
    return standing_of(db.session(), person, TODAY)


def codes(person: Person, body: Body) -> set[str]:
    rows = listed(db.session(), held(person), body.id, Filters(), today=TODAY).rows
    return {f"{row.document.body_id}:{row.document.code}" for row in rows}


def found(person: Person, text: str = "khai sinh liên thông") -> set[int]:
    hits = finding.search(db.session(), held(person), text, body_id=person.body_id)
    return {hit.document.id for hit in hits}


def told(kind: DocumentNotice) -> set[int]:
    return set(db.session.scalars(sa.select(Notice.person_id).where(Notice.kind == str(kind))))


def facts(fact: DocumentFact) -> list[TrailEntry]:
    return list(db.session.scalars(sa.select(TrailEntry).where(TrailEntry.fact == str(fact))))


@pytest.mark.covers("O4", "D6")
def test_staff_below_find_list_and_read_what_was_published_and_nobody_else_does(app):
    place = Province()
    an, binh = place.wards
    key = f"{place.office.body.id}:{place.document.code}"
    for ward in place.wards:
        assert key not in codes(ward.staff, ward.body)
    published(place, BINDING, an)
    assert key in codes(an.staff, an.body)
    assert found(an.staff) == {place.document.id}
    session, code = db.session(), place.document.code or ""
    body_id = place.office.body.id
    read = register.document(session, held(an.staff), code, body_id=body_id)
    assert read == place.document
    assert register.revision(session, held(an.staff), place.revision.id) == place.revision
    assert may(held(an.staff), DocumentPermission.PRINT, place.revision)
    for other in (binh, place.stranger):
        assert key not in codes(other.staff, other.body)
        assert found(other.staff) == set() == found(other.leader)
        for person in (other.staff, other.leader, other.officer):
            with pytest.raises(NotFound):
                register.document(session, held(person), code, body_id=body_id)
            with pytest.raises(NotFound):
                register.document_by_id(session, held(person), place.document.id)
            with pytest.raises(NotFound):
                register.revision(session, held(person), place.revision.id)


@pytest.mark.covers("O4", "D6", "T4")
def test_only_the_revision_in_force_goes_below_and_nothing_of_how_it_came_about(app):
    place = Province()
    an = place.wards[0]
    published(place, BINDING)
    later = place.office.effective(place.document, text="Bản hai.")
    standing = held(an.leader)
    assert register.revision(db.session(), standing, later.id) == later
    with pytest.raises(NotFound):
        register.revision(db.session(), standing, place.revision.id)
    for permission in DocumentPermission:
        allowed = may(standing, permission, place.document)
        assert allowed is (permission in {
            DocumentPermission.READ_EFFECTIVE,
            DocumentPermission.READ_REVISION,
            DocumentPermission.PRINT,
            DocumentPermission.ACKNOWLEDGE,
        }), permission  # fmt: skip
    with pytest.raises(NotFound):
        entries_of_document(db.session(), standing, place.document)
    other = place.office.effective(place.office.document("Chứng thực"))
    assert other.document.id not in {
        row.document.id
        for row in everything(db.session(), standing, an.body.id, Filters(), today=TODAY)
    }


@pytest.mark.covers("O4")
def test_numbers_lists_and_exports_of_other_bodies_do_not_mix(app):
    place = Province()
    an, binh = place.wards
    published(place, BINDING, an)
    own = Office(an.body)
    mine = own.effective(text="Của phường An.")
    above = place.office
    assert f"{an.body.id}:{mine.code}" not in codes(binh.staff, binh.body)
    assert all(one.startswith(f"{above.body.id}:") for one in codes(above.staff, above.body))
    assert mine.code == place.document.code  # each body counts its own numbers
    with pytest.raises(NotFound):  # a staff member above sees nothing of the ward
        register.document(db.session(), held(above.staff), mine.code, body_id=an.body.id)
    first = register.document(db.session(), held(an.staff), mine.code)
    assert first == mine.document  # one's own before a higher body's under the same code
    rows = everything(db.session(), held(an.staff), an.body.id, Filters(), today=TODAY)
    assert {row.document.body_id for row in rows} == {an.body.id, above.body.id}


@pytest.mark.covers("O4", "a56")
def test_a_body_adopts_by_its_own_signed_decision(app):
    place = Province()
    an = place.wards[0]
    given = published(place)
    adoption = adopted(an, given, place.revision, own_code="QT-AN-01")
    assert (adoption.decision_number, adoption.decided_on) == ("15/QĐ-UBND", TODAY)
    assert place.revision.content()["files"][0]["sha256"] in adoption.signature.content
    assert adoption.signature.person_id == an.leader.id
    entry = facts(DocumentFact.ADOPTED)[0]
    assert (entry.chain, entry.actor_id) == (an.body.id, an.leader.id)
    assert place.office.officer.id in told(DocumentNotice.ADOPTED)
    for person in (an.staff, an.officer):
        with pytest.raises(Forbidden):
            adopted(an, given, place.revision, by=person)
    with pytest.raises(RuleBroken, match="already"):
        adopted(an, given, place.revision)
    standings = {one.body.id: one for one in publication_register.standings_below(
        db.session(), place.office.body.id)}  # fmt: skip
    assert [(standings[ward.body.id].present, standings[ward.body.id].asked)
            for ward in place.wards] == [(1, 1), (0, 1)]  # fmt: skip


@pytest.mark.covers("O4", "O2")
def test_a_deputy_of_the_leader_adopts_for_the_leader(app):
    place = Province()
    an = place.wards[0]
    given = published(place)
    a_deputy(an.leader, an.officer)
    adoption = adopted(an, given, place.revision, by=an.officer)
    assert adoption.signature.acting_for_id == an.leader.id
    assert facts(DocumentFact.ADOPTED)[0].acting_for_id == an.leader.id


@pytest.mark.covers("O4")
def test_what_was_not_given_or_is_binding_is_not_adopted(app):
    place = Province()
    an, binh = place.wards
    given = published(place, TO_ADOPT, an)
    for ward in (binh, place.stranger):
        with pytest.raises(RuleBroken, match="no longer published"):
            adopted(ward, given, place.revision)
        with pytest.raises(NotFound):
            adoption_register.offer_of(db.session(), held(ward.leader), given.id, place.revision.id)
    for wrong in ({"on": TODAY + timedelta(days=1)}, {"on": None}):
        with pytest.raises(InvalidInput):
            adopted(an, given, place.revision, **wrong)
    published(place, BINDING, an)
    with pytest.raises(RuleBroken, match="binding"):
        adopted(an, given, place.revision)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Adoption)) == 0


@pytest.mark.covers("O4", "D4")
def test_a_new_edition_opens_adoption_anew_and_each_body_is_named(app):
    place = Province()
    an, binh = place.wards
    given = published(place)
    adopted(an, given, place.revision)
    later = place.office.effective(place.document, text="Bản hai.")
    statuses = publication_register.statuses(db.session(), given, later)
    assert [(one.body.name, one.adoption.revision.label if one.adoption else "", one.is_present)
            for one in statuses] == [
        ("Phường An", "01/00", False), ("Phường Bình", "", False)]  # fmt: skip
    assert {an.leader.id, binh.leader.id} <= told(DocumentNotice.ADOPTION_ASKED)
    counts = adoption_register.offered_counts(db.session(), held(an.leader), an.body.id)
    assert counts[OfferState.WAITING] == 1
    adopted(an, given, later, number="20/QĐ-UBND")
    kept = db.session.scalars(sa.select(Adoption).order_by(Adoption.id)).all()
    assert [one.ended_because for one in kept] == [AdoptionEnd.REPLACED, None]
    page = publication_register.published(
        db.session(), held(place.office.officer), place.office.body.id
    )
    assert [(row.reached, row.present, row.earlier, row.missing) for row in page.rows] == [
        (2, 1, 0, 1)
    ]


@pytest.mark.covers("O4")
def test_an_edition_that_was_just_replaced_cannot_be_adopted(app):
    place = Province()
    an = place.wards[0]
    given, read = published(place), place.revision
    place.office.effective(place.document, text="Bản hai.")
    with pytest.raises(RuleBroken, match="no longer in force"):
        adopted(an, given, read)
    assert not facts(DocumentFact.ADOPTED)


@pytest.mark.covers("O4", "T1", "T4")
def test_taking_back_what_three_bodies_adopted_ends_all_three_in_one_act(app):
    place = Province()
    place.wards.append(Ward(place.office.body, "Phường Cẩm"))
    given = published(place)
    for ward in place.wards:
        adopted(ward, given, place.revision)
    with unit_of_work(place.office.leader, now=MONDAY) as work:
        ended = end_publication(work, work.fresh(given), reason="Luật mới thay thế")
    assert {one.body_id for one in ended} == {ward.body.id for ward in place.wards}
    entries = facts(DocumentFact.ADOPTION_ENDED)
    assert {entry.chain for entry in entries} == {ward.body.id for ward in place.wards}
    assert {ward.leader.id for ward in place.wards} <= told(DocumentNotice.PUBLICATION_ENDED)
    listed_ones = publication_register.taken_back(db.session(), place.document)
    assert {one.body.name for one in listed_ones} == {"Phường An", "Phường Bình", "Phường Cẩm"}
    for ward in place.wards:
        assert found(ward.staff) == set()
        with pytest.raises(NotFound):
            register.revision(db.session(), held(ward.staff), place.revision.id)
        with pytest.raises(RuleBroken):
            adopted(ward, given, place.revision)
    with (
        pytest.raises(RuleBroken, match="nobody any more"),
        unit_of_work(place.office.leader, now=MONDAY) as work,
    ):
        end_publication(work, work.fresh(given), reason="Lần nữa")
    again = published(place)
    assert again.id != given.id


@pytest.mark.covers("O4")
def test_withdrawing_the_document_itself_ends_what_bodies_adopted(app):
    place = Province()
    an = place.wards[0]
    adopted(an, published(place), place.revision)
    with unit_of_work(place.office.leader, now=MONDAY) as work:
        ended = document_withdrawn(work, work.fresh(place.document), reason="Bãi bỏ")
    assert [one.body_id for one in ended] == [an.body.id]
    assert open_publication(db.session(), place.document) is None


@pytest.mark.covers("O4")
def test_a_body_no_longer_among_those_named_loses_it_and_is_told(app):
    place = Province()
    an, binh = place.wards
    given = published(place)
    adopted(an, given, place.revision)
    published(place, TO_ADOPT, binh)
    assert found(an.staff) == set()
    assert found(binh.staff) == {place.document.id}
    assert db.session.scalars(sa.select(Adoption.ended_because)).all() == [AdoptionEnd.WITHDRAWN]
    assert an.leader.id in told(DocumentNotice.PUBLICATION_ENDED)
    assert binh.leader.id not in told(DocumentNotice.PUBLICATION_ENDED)


@pytest.mark.covers("O4")
def test_what_may_be_published_and_by_whom(app):
    place = Province()
    office = place.office
    everybody = PublicationData(BINDING)

    def tried(by: Person, document: Document, data: PublicationData = everybody) -> None:
        with unit_of_work(by, now=MONDAY) as work:
            publish(work, work.fresh(document), data)

    for person in (office.manager, office.staff, office.administrator, place.wards[0].leader):
        with pytest.raises(Forbidden):
            tried(person, place.document)
    with pytest.raises(RuleBroken, match="No edition"):
        tried(office.officer, office.document("Chưa có bản nào"))
    with pytest.raises(InvalidInput):
        tried(office.officer, place.document, PublicationData(BINDING, is_for_all=False))
    foreign = PublicationData(BINDING, is_for_all=False, bodies=(place.stranger.body,))
    with pytest.raises(InvalidInput, match="does not oversee"):
        tried(office.officer, place.document, foreign)
    ward = Office(place.wards[0].body)
    with pytest.raises(RuleBroken, match="oversees no other"):
        tried(ward.officer, ward.effective().document)


@pytest.mark.covers("O4", "D13")
def test_a_published_document_is_not_closed_to_named_people(app):
    place = Province()
    published(place)
    officer = place.office.officer
    data = record_data(place.document, confidentiality=Confidentiality.NAMED)
    with (
        pytest.raises(InvalidInput, match="published"),
        unit_of_work(officer, now=MONDAY) as work,
    ):
        change_record(work, work.fresh(place.document), data)


@pytest.mark.covers("O4")
def test_a_body_below_the_one_below_is_reached_as_well(app):
    place = Province()
    village = Ward(place.wards[0].body, "Tổ dân phố số 1")
    published(place, BINDING)
    assert found(village.staff) == {place.document.id}
    assert place.document.code
    assert root(village.body).body_id == village.body.id


@pytest.mark.covers("O4")
def test_two_bodies_adopting_at_once_and_one_twice_keep_one_each(app):
    place = Province()
    an = place.wards[0]
    given = published(place)
    adopted(an, given, place.revision)
    former = db.session.scalars(sa.select(Adoption)).one()
    second = Adoption(
        body_id=an.body.id,
        publication_id=given.id,
        revision_id=place.revision.id,
        decided_on=date(2026, 1, 1),
        adopted_by_id=an.leader.id,
        adopted_at=MONDAY,
        signature_id=former.signature_id,
    )
    with pytest.raises(Stale), unit_of_work(an.leader, now=MONDAY) as work:
        work.add(second)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Adoption)) == 1


@pytest.mark.covers("O4", "T17")
def test_771_procedures_in_11_wards_are_one_text_each_and_a_few_questions_a_page(app):
    """Rows are made below the acts: what is measured is the reading."""
    place = Province()
    given = published(place)
    place.wards += [Ward(place.office.body, f"Phường {number:02d}") for number in range(9)]
    session, officer = db.session(), place.office.officer
    many = _many_documents(place, 770)
    an = place.wards[0]
    with queries() as made:
        page = publication_register.published(session, held(officer), place.office.body.id)
    assert len(page.rows) == 50
    assert {row.reached for row in page.rows} == {11}
    assert len(made) <= 16, made
    with queries() as made:
        standings = publication_register.standings_below(session, place.office.body.id)
    assert [(one.asked, one.present) for one in standings] == [(771, 0)] * 11
    assert len(made) <= 6, made
    leader = held(an.leader)
    with queries() as made:
        offered = adoption_register.offered(session, leader, an.body.id)
        counts = adoption_register.offered_counts(session, leader, an.body.id)
    assert len(offered.rows) == 50
    assert counts == {OfferState.WAITING: 771, OfferState.ADOPTED: 0, OfferState.BINDING: 0}
    assert len(made) <= 10, made
    seen, after = set(), None
    while True:
        offered = adoption_register.offered(session, leader, an.body.id, after=after)
        seen |= {row.document.id for row in offered.rows}
        after = offered.after_id
        if after is None:
            break
    assert seen == {place.document.id, *many}
    with unit_of_work(an.leader, now=MONDAY) as work:
        ticked = [
            Offer(row.publication, row.current)
            for row in adoption_register.offered(work.session, work.standing, an.body.id).rows
        ]
        adopt(work, ticked, AdoptionData(TODAY, "1/QĐ"), proof=a_proof(an.leader))
    counts = adoption_register.offered_counts(session, held(an.leader), an.body.id)
    assert counts[OfferState.ADOPTED] == 50
    signatures = set(session.scalars(sa.select(Adoption.signature_id)))
    assert len(signatures) == 1  # one decision, one signature
    assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 771
    assert given.is_open


def _many_documents(place: Province, count: int) -> list[int]:
    """Copy the row of a document in force, its revision and its publication, many times."""
    session = db.session()
    given = session.scalars(sa.select(Publication)).one()
    kinds = {Document: place.document, Revision: place.revision, Publication: given}
    rows = {
        kind: {column.name: getattr(row, column.key) for column in kind.__table__.columns}
        for kind, row in kinds.items()
    }
    for row in rows.values():
        del row["id"]
    connection, made = session.connection(), []
    for number in range(count):
        code = f"QT-QH-{number:04d}"
        named = {"code": code, "code_key": code.replace("-", ""), "code_sort": code}
        insert = Document.__table__.insert().values({**rows[Document], **named})
        key = connection.execute(insert).inserted_primary_key[0]
        own = {"document_id": key, "token": f"t{number}", "package_id": None}
        connection.execute(Revision.__table__.insert().values({**rows[Revision], **own}))
        copy = {**rows[Publication], "document_id": key}
        connection.execute(Publication.__table__.insert().values(copy))
        made.append(key)
    session.commit()
    return made


@pytest.mark.covers("O4", "a24")
def test_a_document_and_its_forms_are_given_and_taken_back_in_one_act(app):
    place = Province()
    office, an = place.office, place.wards[0]
    forms = [
        office.effective(
            a_document(
                office.officer,
                office.unit,
                kind=DocumentKind.FORM,
                parent=place.document,
                keeper=office.author,
            )
        )
        for _ in range(2)
    ]
    not_yet = a_document(office.officer, office.unit, kind=DocumentKind.FORM, parent=place.document)
    with unit_of_work(office.officer, now=MONDAY) as work:
        given = publish_with_forms(work, work.fresh(place.document), PublicationData(TO_ADOPT))
    family = {place.document.id, *(one.document_id for one in forms)}
    assert {one.document_id for one in given} == family
    assert open_publication(db.session(), not_yet) is None
    counts = adoption_register.offered_counts(db.session(), held(an.leader), an.body.id)
    assert counts[OfferState.WAITING] == 3
    with unit_of_work(an.leader, now=MONDAY) as work:
        rows = adoption_register.offered(work.session, work.standing, an.body.id).rows
        offers = [Offer(one.publication, one.current) for one in rows]
        adopt(work, offers, AdoptionData(TODAY, "1/QĐ"), proof=a_proof(an.leader))
    with unit_of_work(office.leader, now=MONDAY) as work:
        ended = end_with_forms(work, work.fresh(given[0]), reason="Luật mới")
    assert len(ended) == 3
    assert all(open_publication(db.session(), one.document) is None for one in forms)


@pytest.mark.covers("O4", "a24")
def test_a_family_goes_below_whole_or_not_at_all(app):
    place = Province()
    office = place.office
    office.effective(
        a_document(
            office.officer,
            office.unit,
            kind=DocumentKind.FORM,
            parent=place.document,
            keeper=office.author,
        )
    )
    foreign = PublicationData(BINDING, is_for_all=False, bodies=(place.stranger.body,))
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        publish_with_forms(work, work.fresh(place.document), foreign)
    assert not db.session.scalars(sa.select(Publication)).all()
