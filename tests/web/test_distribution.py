"""Reading, confirming and following who has read, on screen (screens 8 and 9; a34-a38, F5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.digest import still_matters, url_of
from app.kernel.db import db
from app.kernel.notices import Notice
from app.kernel.organising import PersonData, add_person
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from documents.distribution import call_readers
from documents.facts import DocumentNotice
from documents.models import Acknowledgement, DocumentKind, Revision
from documents.reading import acknowledge
from tests.builders import (
    MONDAY,
    Office,
    a_body,
    a_document,
    a_person,
    a_unit,
    form_token,
    raw,
    settings_changed,
    sign_in,
)
from tests.counting import queries


def opened(app, person):
    client = app.test_client()
    sign_in(client, person)
    return client


def sent(client, path, **values):
    token = form_token(client, "/work?lang=en")
    return client.post(path, data={"csrf_token": token, **values})


def english(client, path):
    return client.get(path + ("&" if "?" in path else "?") + "lang=en").get_data(as_text=True)


def confirmed():
    return db.session.query(Acknowledgement).count()


@pytest.mark.covers("a34", "a37")
def test_what_is_to_read_stands_in_my_work_and_leaves_it_when_confirmed(app):
    office = Office()
    revision = office.effective()
    client = opened(app, office.staff)
    assert "Read and confirm" in english(client, "/work")
    assert f"/read/{revision.id}" in english(client, "/work?kind=read")
    assert sent(client, f"/read/{revision.id}").status_code == 303
    assert "Read and confirm" not in english(client, "/work")
    again = english(client, f"/read/{revision.id}")
    assert "You confirmed 01/00 on" in again
    assert "I have read and understood" not in again


@pytest.mark.covers("a34", "D11")
def test_what_changed_since_the_readers_own_last_confirmation_comes_first(app):
    office = Office()
    first = office.effective(text="Hồ sơ nộp tại phường trong năm ngày.")
    with unit_of_work(office.staff, now=MONDAY) as work:
        acknowledge(work, first)
    second = office.effective(first.document, text="Hồ sơ nộp tại phường trong bảy ngày.")
    page = english(opened(app, office.staff), f"/read/{second.id}")
    assert "since 01/00, which you confirmed" in page
    assert page.index("bảy") < page.index('<article class="page"')
    other = english(opened(app, office.manager), f"/read/{second.id}")
    assert "against 01/00" in other


@pytest.mark.covers("a34", "D6")
def test_an_old_edition_opens_the_current_one_and_cannot_be_confirmed(app):
    office = Office()
    old = office.effective()
    client = opened(app, office.staff)
    token = form_token(client, "/work")
    new = office.effective(old.document, text="Bản hai.")
    answer = client.get(f"/read/{old.id}")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"/read/{new.id}")
    refused = client.post(f"/read/{old.id}?lang=en", data={"csrf_token": token})
    assert refused.status_code == 409
    assert f'action="/read/{new.id}"' in refused.get_data(as_text=True)
    assert confirmed() == 0


@pytest.mark.covers("D6", "O4", "T06")
def test_drafts_foreign_and_unknown_editions_are_not_there_to_read(app):
    office = Office()
    foreign = Office(a_body("kia")).effective()
    draft = Revision(id=0)
    client = opened(app, office.staff)
    for key in (foreign.id, draft.id, 999999):
        assert client.get(f"/read/{key}").status_code == 404
        assert sent(client, f"/read/{key}").status_code == 404


@pytest.mark.covers("a34", "F5", "e18")
def test_the_letter_leads_to_the_text_and_is_left_out_once_confirmed(app):
    office = Office()
    revision = office.effective()
    with unit_of_work(None, now=MONDAY) as work:
        call_readers(work, work.fresh(revision).distribution, MONDAY.date())
    notice = (
        db.session.query(Notice)
        .filter_by(kind=str(DocumentNotice.READING_ASKED), person_id=office.staff.id)
        .one()
    )
    address = url_of(db.session(), notice, office.body)
    assert address.endswith(f"/b/{office.body.code}/read/{revision.id}")
    assert still_matters(db.session(), notice)
    with unit_of_work(office.staff, now=MONDAY) as work:
        acknowledge(work, revision)
    assert not still_matters(db.session(), notice)


@pytest.mark.covers("a34")
def test_the_keeper_sees_bars_people_and_reminds_once(app):
    office = Office()
    revision = office.effective()
    with unit_of_work(office.staff, now=MONDAY) as work:
        acknowledge(work, revision)
    client = opened(app, office.author)
    page = english(client, f"/d/{revision.code}/distribution")
    assert "1 of 3 people have confirmed." in page
    assert page.count("primary") == 1
    unread = english(client, f"/d/{revision.code}/distribution?people=unread")
    assert office.manager.name in unread
    assert f">{office.staff.name}<" not in unread
    assert sent(client, f"/r/{revision.id}/distribution/reminder").status_code == 303
    assert sent(client, f"/r/{revision.id}/distribution/reminder").status_code == 409


@pytest.mark.covers("a34", "O1")
def test_a_head_of_another_unit_sees_that_unit_only(app):
    office = Office()
    other = a_unit(office.body, "KT", "Phòng Kinh tế")
    head = a_person(other, Role.MANAGER, name="Trưởng phòng khác")
    revision = office.effective()
    page = english(opened(app, head), f"/d/{revision.code}/distribution")
    assert "Phòng Tư pháp" not in page
    assert office.staff.name not in page
    assert opened(app, office.staff).get(f"/d/{revision.code}/distribution").status_code == 403


@pytest.mark.covers("a34", "O1")
def test_a_head_enters_the_meeting_and_errors_stand_at_their_fields(app):
    office = Office()
    with unit_of_work(None, now=MONDAY) as work:
        worker = add_person(work, PersonData(name="Bác bảo vệ", unit=work.fresh(office.unit)))
    revision = office.effective()
    raw("UPDATE revision SET approved_at = '2026-01-05 02:00:00.000000'")
    client = opened(app, office.manager)
    path = f"/r/{revision.id}/minutes/{office.unit.id}"
    assert "Bác bảo vệ" in english(client, path)
    today = datetime.now(UTC).strftime("%d/%m/%Y")
    values = {"held_on": today, "minutes_number": "07/BB", "people": str(worker.id)}
    wrong = sent(client, path, **{**values, "held_on": "32/13/2026"})
    assert wrong.status_code == 422
    assert "07/BB" in wrong.get_data(as_text=True)
    late = sent(client, path, **{**values, "held_on": "1/1/2199"})
    assert "The meeting cannot lie in the future." in late.get_data(as_text=True)
    assert sent(client, path, **values).status_code == 303
    page = english(client, f"/d/{revision.code}/distribution")
    assert "by the head, minutes 07/BB" in page
    assert sent(client, path, **values).status_code == 422
    assert opened(app, office.staff).get(path).status_code == 403


@pytest.mark.covers("a34", "D14")
def test_a_form_asks_nobody_and_its_keeper_may_ask_all_the_same(app):
    office = Office()
    form = a_document(
        office.officer, office.unit, title="Tờ khai", kind=DocumentKind.FORM, keeper=office.author
    )
    revision = office.effective(form)
    client = opened(app, office.officer)
    assert "nobody is asked to confirm" in english(client, f"/d/{revision.code}/distribution")
    assert sent(client, f"/r/{revision.id}/distribution/asking").status_code == 303
    assert "0 of 3 people" in english(client, f"/d/{revision.code}/distribution")


@pytest.mark.covers("a34", "e1")
def test_who_reads_is_changed_with_a_reason_and_without_one_is_asked_for_it(app):
    office = Office()
    other = a_unit(office.body, "KT", "Phòng Kinh tế")
    a_person(other, Role.STAFF)
    revision = office.effective()
    client = opened(app, office.officer)
    path = f"/r/{revision.id}/distribution"
    assert "Phòng Kinh tế" in english(client, path)
    values = {"units": [office.unit.id, other.id], "asks_reading": "y", "due_on": "1/12/2026"}
    assert sent(client, path, **values).status_code == 422
    assert sent(client, path, **values, reason="Phòng Kinh tế cùng làm").status_code == 303
    assert "0 of 4 people" in english(client, f"/d/{revision.code}/distribution")
    told = english(client, f"/d/{revision.code}?tab=trail")
    assert "Phòng Kinh tế cùng làm" in told


@pytest.mark.covers("a38")
def test_a_person_sees_their_own_training_record_and_others_do_not(app):
    office = Office()
    revision = office.effective()
    with unit_of_work(office.staff, now=MONDAY) as work:
        acknowledge(work, revision)
    path = f"/people/{office.staff.id}/training"
    for person in (office.staff, office.manager, office.officer):
        assert revision.code in english(opened(app, person), path)
    assert opened(app, office.author).get(path).status_code == 404


@pytest.mark.covers("a34", "a60")
def test_pages_of_readers_cost_as_many_questions_for_many_as_for_few(app):
    office = Office()
    revision = office.effective()
    client = opened(app, office.officer)
    path = f"/d/{revision.code}/distribution"
    client.get(path)
    with queries() as few:
        client.get(path)
    with unit_of_work(None, now=MONDAY) as work:
        for number in range(70):
            add_person(work, PersonData(name=f"Người {number}", unit=work.fresh(office.unit)))
    with queries() as many:
        page = client.get(path).get_data(as_text=True)
    assert len(many) <= len(few)
    assert "after_id=" in page


@pytest.mark.covers("D4", "D6", "a26")
def test_who_is_trained_reads_the_approved_edition_and_nobody_else_finds_it(app):
    office = Office()
    beside = a_person(a_unit(office.body, "KT"), Role.STAFF)
    settings_changed(office.body, training_days=3)
    revision = office.effective()
    client = opened(app, office.staff)
    page = english(client, f"/read/{revision.id}")
    assert "In force from 26/11/2026" in page
    assert "Bản một." in page
    assert client.get(f"/d/{revision.code}").status_code == 404
    assert opened(app, beside).get(f"/read/{revision.id}").status_code == 404
    assert sent(client, f"/read/{revision.id}").status_code == 303
    assert confirmed() == 1
