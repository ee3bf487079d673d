"""What was imported above asks nobody below by itself; who may ask then, and who sees it (O4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.jobs import bring_imports, switch_revisions
from app.kernel.db import db
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.asking_below import ask_bodies_below, reading_below
from documents.distribution import Readers, ask_to_read, change_readers
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Publication, RevisionState
from documents.publication import PublicationData, end_publication, open_publication, publish
from tests.builders import MONDAY, TODAY, a_person, form_token, sign_in
from tests.counting import queries
from tests.documents.importing.test_bringing import Office as ImportingOffice
from tests.documents.importing.test_bringing import came_in
from tests.documents.importing.wards import Paper, a_mixed_ward
from tests.documents.test_publications import (
    BINDING,
    TO_ADOPT,
    Province,
    Ward,
    adopted,
    published,
    told,
)
from tests.documents.test_reading_below import asked_by_letter, below
from tests.reading import imported, owed, read

pytestmark = pytest.mark.covers("O4", "a53", "a34")


class Taken(Province):
    """A higher body whose document was brought in from before."""

    def __init__(self) -> None:
        super().__init__()
        imported(self.revision)


def found(place: Province):
    publication = open_publication(db.session(), place.document)
    assert publication is not None
    return reading_below(db.session(), publication, place.revision)


def asks_all(place: Province, given: Publication, by=None) -> int:
    with unit_of_work(by or place.office.officer, now=MONDAY) as work:
        return ask_bodies_below(work, work.fresh(given))


def facts(fact: DocumentFact) -> int:
    query = sa.select(sa.func.count()).where(TrailEntry.fact == str(fact))
    return db.session.scalar(query) or 0


def test_an_imported_text_that_binds_asks_nobody_and_says_so(app):
    place = Taken()
    an, binh = place.wards
    published(place, BINDING, an)
    assert owed(an.staff) == [] == owed(binh.staff)
    assert an.leader.id in told(DocumentNotice.PUBLISHED_BINDING), "its leaders still hear of it"
    silent = below(an, place.revision)
    assert (silent.asks_reading, silent.asked_on) == (False, None)
    assert below(binh, place.revision) is None
    said = found(place)
    assert (said.is_imported, said.asked, said.silent) == (True, {}, frozenset({an.body.id}))
    with pytest.raises(RuleBroken):
        read(place.revision, an.staff)
    published(place, BINDING)  # given again, to all: still history
    assert owed(an.staff) == [] == owed(binh.staff)


def test_adopting_an_imported_text_asks_nobody_either(app):
    place = Taken()
    an = place.wards[0]
    given = published(place, TO_ADOPT)
    assert found(place).silent == frozenset(), "nobody works by it yet"
    adopted(an, given, place.revision)
    assert owed(an.staff) == []
    assert found(place).silent == {an.body.id}


def test_the_higher_body_asks_all_who_work_by_it_at_once_by_a_decision(app):
    place = Taken()
    an, binh = place.wards
    given = published(place, TO_ADOPT)
    with pytest.raises(RuleBroken, match="waits to be asked"):
        asks_all(place, given)
    adopted(an, given, place.revision)
    assert asks_all(place, given) == 1
    assert owed(an.staff) == [place.revision.id]
    assert owed(binh.staff) == [], "it has adopted nothing"
    assert an.staff.id in asked_by_letter(an, place.revision)
    said = found(place)
    assert (said.asked, said.silent) == ({an.body.id: TODAY}, frozenset())
    assert facts(DocumentFact.READING_ASKED_BELOW) == 1
    with pytest.raises(RuleBroken, match="waits to be asked"):
        asks_all(place, given)
    adopted(binh, given, place.revision)  # whoever comes later is not asked by itself
    assert owed(binh.staff) == []
    assert asks_all(place, given) == 1
    assert owed(binh.staff) == [place.revision.id]


def test_nobody_else_asks_for_a_higher_body(app):
    place = Taken()
    an = place.wards[0]
    given = published(place, BINDING)
    for person in (place.office.staff, place.office.manager, an.officer, place.stranger.officer):
        with pytest.raises(Forbidden):
            asks_all(place, given, by=person)
    with unit_of_work(place.office.officer, now=MONDAY) as work:
        end_publication(work, work.fresh(given), reason="Rà soát lại.")
    with pytest.raises(RuleBroken):
        asks_all(place, given)


def test_each_body_may_ask_its_own_people_and_none_of_another(app):
    place = Taken()
    an, binh = place.wards
    published(place, BINDING)
    with unit_of_work(an.officer, now=MONDAY) as work:
        ask_to_read(work, place.revision)
    assert owed(an.staff) == [place.revision.id]
    assert owed(binh.staff) == []
    asked = below(an, place.revision)
    assert asked.due_on > TODAY, "nobody is late on the first day"
    assert found(place).silent == {binh.body.id}
    read(place.revision, an.staff)
    assert owed(an.staff) == []
    with pytest.raises(Forbidden), unit_of_work(binh.staff, now=MONDAY) as work:
        ask_to_read(work, place.revision)


def test_changing_who_reads_it_there_asks_them_too(app):
    place = Taken()
    an = place.wards[0]
    published(place, BINDING, an)
    with unit_of_work(an.officer, now=MONDAY) as work:
        wanted = Readers((), (work.fresh(an.staff),), True, None, None, "Người mới.")
        change_readers(work, place.revision, wanted)
    assert owed(an.staff) == [place.revision.id]
    assert owed(an.leader) == []


def test_the_edition_after_an_imported_one_asks_as_any_other(app):
    place = Taken()
    an = place.wards[0]
    published(place, BINDING, an)
    later = place.office.effective(place.document, text="Bản hai, soạn trong hệ thống.")
    assert owed(an.staff) == [later.id]
    publication = open_publication(db.session(), place.document)
    said = reading_below(db.session(), publication, later)
    assert (said.is_imported, said.asked) == (False, {an.body.id: TODAY})
    assert not said.may_be_asked


def test_an_imported_edition_that_comes_into_force_while_published_asks_nobody(app, tmp_path):
    office = ImportingOffice(app)
    list_of_before = a_mixed_ward(tmp_path)
    list_of_before.file("cu/QT-VP-03 ban cu.docx", Paper("QT-VP-03", "Sắp có hiệu lực", 1, 0))
    came_in(office, list_of_before)
    now, coming = office.revisions("QT-VP-03")
    below_it = Ward(now.document.body, "Phường Dưới")
    with unit_of_work(office.officer) as work:
        data = PublicationData(BINDING, is_for_all=True)
        publish(work, work.fresh(now.document), data)
    day = datetime(2027, 2, 28, 18, tzinfo=UTC)
    assert switch_revisions(day) == 1
    db.session.expire_all()
    now, coming = office.revisions("QT-VP-03")
    assert coming.state is RevisionState.EFFECTIVE
    assert facts(DocumentFact.EDITION_PASSED_ON) == 1
    assert below_it.leader.id in told(DocumentNotice.PUBLISHED_BINDING)
    on = (day + timedelta(hours=7)).date()
    assert owed(below_it.staff, on) == []
    publication = open_publication(db.session(), now.document)
    said = reading_below(db.session(), publication, coming)
    assert (said.is_imported, said.silent) == (True, frozenset({below_it.body.id}))
    bring_imports(day)  # the same list again changes nothing below
    assert owed(below_it.staff, on) == []


def test_a_page_of_many_bodies_asks_the_same_number_of_questions(app):
    place = Taken()
    published(place, BINDING)
    db.session.expire_all()
    with queries() as few:
        assert len(found(place).silent) == 2
    for number in range(6):
        Ward(place.office.body, f"Phường {number}")
    published(place, BINDING)
    db.session.expire_all()
    with queries() as many:
        assert len(found(place).silent) == 8
    assert len(many) == len(few)


def test_who_published_it_sees_who_is_asked_and_asks_the_others_by_one_button(app, client):
    place = Taken()
    an, binh = place.wards
    published(place, BINDING)
    with unit_of_work(an.officer, now=MONDAY) as work:
        ask_to_read(work, place.revision)
    where = f"/d/{place.document.code}/publication"
    sign_in(client, place.office.officer)
    shown = client.get(f"{where}?lang=en").text
    assert "Nobody below is asked to read 01/00 by itself" in shown
    assert "asked since 23/11/2026" in shown
    assert "Ask the people of 1 body to read it" in shown
    data = {"csrf_token": form_token(client, where), "answer": "ask"}
    assert client.post(where, data=data).status_code == 303
    db.session.expire_all()
    assert owed(binh.staff) == [place.revision.id]
    shown = client.get(f"{where}?lang=en").text
    assert shown.count("asked since") == 2
    assert "Every body that works by it asks its people already" in shown
    assert client.post(where, data=data).status_code == 409
    reader = a_person(place.office.body, Role.INSPECTOR, name="Người xem")
    sign_in(client, reader)
    seen = client.get(f"{where}?lang=en")
    assert seen.status_code in (200, 404)
    assert "Ask the people of" not in seen.text
    data["csrf_token"] = form_token(client, "/documents")
    assert client.post(where, data=data).status_code in (403, 404)


def test_the_officer_below_reads_why_nobody_is_asked_and_asks_them(app, client):
    place = Taken()
    an = place.wards[0]
    published(place, BINDING, an)
    where = f"/of/{place.office.body.code}/d/{place.document.code}/distribution"
    sign_in(client, an.officer)
    shown = client.get(f"{where}?lang=en")
    assert shown.status_code == 200
    assert "It was brought in from before this system" in shown.text
    asking = f"/r/{place.revision.id}/distribution/asking"
    assert asking in shown.text
    data = {"csrf_token": form_token(client, where)}
    assert client.post(asking, data=data).status_code == 303
    db.session.expire_all()
    assert owed(an.staff) == [place.revision.id]
    sign_in(client, place.stranger.officer)
    data["csrf_token"] = form_token(client, "/documents")
    assert client.post(asking, data=data).status_code == 404
