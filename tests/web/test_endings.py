"""Withdrawing, disposing and leaving in the browser, by the real forms (a28, a29, a49; D3, D8)."""

from __future__ import annotations

import io
import re

import docx
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.disposal_minutes import minutes_of
from documents.disposing import DisposalData, propose_disposal
from documents.facts import DocumentFact
from documents.models import Confidentiality, PublicationMode, Revision, RevisionState
from documents.records import RecordData, keep_record
from documents.restoring import restore_revision
from tests.builders import (
    LONG_AGO,
    MONDAY,
    PASSWORD,
    TODAY,
    Office,
    a_body,
    a_document,
    a_draft,
    a_person,
    form_token,
    root,
    settings_changed,
    sign_in,
)
from tests.documents.test_disposal import YEARS_LATER, listed, obsolete, signed
from tests.documents.test_publications import Province, published
from tests.documents.test_withdrawal import agreed, proposed, withdrawn


def restored(office: Office, revision: Revision) -> Revision:
    with unit_of_work(office.officer, now=MONDAY) as work:
        return restore_revision(work, work.fresh(revision), reason="Cần lại.")


@pytest.mark.covers("a28", "a29", "D8")
def test_an_officer_proposes_a_leader_signs_and_the_edition_comes_back_as_a_draft(
    app, client: FlaskClient
):
    office = Office()
    revision = office.effective()
    sign_in(client, office.officer)
    path = f"/d/{revision.code}/withdraw"
    data = {"revision": revision.id, "reason": "Bãi bỏ.", "withdraw_on": "01/12/2199"}
    wrong = client.post(path, data={**data, "reason": "", "csrf_token": form_token(client, path)})
    assert wrong.status_code == 422
    sent = client.post(path, data={**data, "csrf_token": form_token(client, path)})
    assert sent.status_code == 303
    shown = sent.headers["Location"]
    assert shown in client.get("/d/" + revision.code).get_data(as_text=True)
    browser = app.test_client()
    sign_in(browser, office.leader)
    assert shown in browser.get("/work").get_data(as_text=True)
    answer = {"answer": "agree", "a-seat": office.leader.id}
    for password, status in (("sai", 422), (PASSWORD, 303)):
        token = form_token(browser, shown)
        sealed = browser.post(
            shown + "/decision", data={**answer, "a-password": password, "csrf_token": token}
        )
        assert sealed.status_code == status
    assert db.session.get_one(Revision, revision.id).state is RevisionState.EFFECTIVE


def test_minutes_of_a_disposal_are_a_word_file_with_its_items(app):
    office = Office()
    first = obsolete(office)
    disposal = signed(office, listed(office, first), YEARS_LATER)
    with app.test_request_context():
        paper = docx.Document(io.BytesIO(minutes_of(disposal)))
    assert "BIÊN BẢN" in [one.text for one in paper.paragraphs]
    assert first.code in paper.tables[1].rows[1].cells[1].text


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def opened(app, person) -> FlaskClient:
    client = app.test_client()
    sign_in(client, person)
    return client


@pytest.mark.covers("D5", "D6", "a28")
def test_staff_who_once_read_it_learn_that_it_is_withdrawn_and_what_to_use_instead(app):
    office = Office()
    revision = office.effective(text="Chữ chỉ có trong bản này.")
    new = office.effective(office.document("Bản thay thế"))
    code = revision.code
    assert "Chữ chỉ có" in text_of(opened(app, office.staff).get("/d/" + code))
    agreed(proposed(office, revision, replaced_by=new.document), office.leader)
    answer = opened(app, office.staff).get("/d/" + code)
    shown = text_of(answer)
    assert "Chữ chỉ có" not in shown
    assert "Tài liệu này không còn hiệu lực" in shown
    assert "23/11/2026" in shown
    assert office.leader.name in shown
    assert office.author.name in shown  # who keeps it
    assert f'href="/d/{new.code}"' in answer.get_data(as_text=True)
    assert answer.get_data(as_text=True).count("btn primary") == 1
    assert "Thủ tục đã bị bãi bỏ." not in shown  # why is for those who see the withdrawal
    assert "Chữ chỉ có" in text_of(opened(app, office.officer).get("/d/" + code))


@pytest.mark.covers("D5", "O4")
def test_who_never_could_read_it_learns_nothing_of_its_end(app):
    office, other = Office(), Office(a_body())
    draft = a_draft(office.author, office.document())
    named = a_document(
        office.officer,
        office.unit,
        title="Chỉ người có tên",
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader, office.staff),
        keeper=office.author,
    )
    kept = office.effective(named)
    ended = withdrawn(office)
    withdrawn(office, kept)
    stranger = a_person(office.unit)
    never = opened(app, office.staff).get("/d/XX-99")
    assert never.status_code == 404
    assert opened(app, other.staff).get("/d/" + ended.code).status_code == 404
    assert opened(app, stranger).get("/d/" + kept.code).status_code == 404
    assert opened(app, stranger).get(f"/documents/{draft.document_id}").status_code == 404
    assert told_openings(office.staff) == 0
    assert "Chỉ người có tên" in text_of(opened(app, office.staff).get("/d/" + kept.code))
    assert told_openings(office.staff) == 1  # a reader named learnt of it


def told_openings(person) -> int:
    return db.session.scalar(
        sa.select(sa.func.count(TrailEntry.id)).where(
            TrailEntry.fact == str(DocumentFact.CONFIDENTIAL_OPENED),
            TrailEntry.actor_id == person.id,
        )
    )


@pytest.mark.covers("D5", "O4", "a49")
def test_a_disposed_document_and_one_a_higher_body_gave_say_the_same(app):
    place = Province()
    above, (given, other) = place.office, place.wards
    revision, code = place.revision, place.revision.code
    published(place, PublicationMode.BINDING, given)
    path = f"/of/{above.body.code}/d/{code}"
    assert "Đang hiệu lực" in text_of(opened(app, given.staff).get(path))
    withdrawn(above, revision)
    assert "không còn hiệu lực" in text_of(opened(app, given.staff).get(path))
    for stranger in (other.staff, place.stranger.staff):
        assert opened(app, stranger).get(path).status_code == 404
    signed(above, listed(above, revision), YEARS_LATER)
    assert "không còn hiệu lực" in text_of(opened(app, above.staff).get("/d/" + code))


@pytest.mark.covers("D5", "a29")
def test_after_a_withdrawal_one_note_says_so_and_restoring_is_the_one_next_step(app):
    office = Office()
    revision = withdrawn(office)
    page = opened(app, office.officer).get("/d/" + revision.code).get_data(as_text=True)
    assert page.count('class="note') == 1
    assert 'class="band"' not in page
    assert page.count("btn primary") == 1
    assert re.search(rf'<a class="btn primary" href="/r/{revision.id}/restore">', page)
    assert "/revise" not in page
    draft = restored(office, revision)
    page = opened(app, office.officer).get("/d/" + revision.code).get_data(as_text=True)
    assert f"/r/{revision.id}/restore" not in page
    assert draft.label in page


@pytest.mark.covers("a49", "T1")
def test_the_list_of_records_is_printed_as_it_is_narrowed_and_told(app):
    office, other = Office(), Office(a_body())
    with unit_of_work(office.officer, now=MONDAY) as work:
        for title, place in (("Sổ khai sinh", "Tủ 1"), ("Sổ khai tử", "Tủ 2")):
            keep_record(work, RecordData(work.fresh(office.unit), title, TODAY, place=place))
    client = opened(app, office.officer)
    path = "/records?q=khai+sinh"
    shown = client.get(path).get_data(as_text=True)
    assert 'action="/records/paper?q=khai+sinh"' in shown
    answer = client.post(
        "/records/paper?q=khai+sinh", data={"csrf_token": form_token(client, path)}
    )
    assert answer.status_code == 200
    rows = docx.Document(io.BytesIO(answer.data)).tables[1].rows
    assert [row.cells[1].text for row in rows] == ["Tên hồ sơ", "Sổ khai sinh"]
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "access.exported")
    ).one()
    assert entry.content()["details"]["what"] == "record_list"
    stranger = opened(app, other.officer)
    token = form_token(stranger, "/records")
    answer = stranger.post("/records/paper", data={"csrf_token": token})
    cells = [row.cells[1].text for row in docx.Document(io.BytesIO(answer.data)).tables[1].rows]
    assert cells == ["Tên hồ sơ"]


@pytest.mark.covers("O6", "a49", "D3")
def test_where_nobody_here_may_decide_the_overseer_finds_the_list_and_signs_it(app):
    above = Office()
    body = a_body(overseer=above.body)
    officer = a_person(body, Role.QUALITY_OFFICER)
    settings_changed(body, escalation_person_id=above.leader.id)
    with unit_of_work(officer, now=MONDAY) as work:
        data = RecordData(work.fresh(root(body)), "Sổ cũ", LONG_AGO, place="Tủ 1", keep_years=1)
        record = keep_record(work, data)
    with unit_of_work(officer, now=YEARS_LATER) as work:
        things = [work.fresh(record)]
        disposal = propose_disposal(work, work.fresh(body), DisposalData("Hết hạn."), things)
        path = f"/b/{body.code}/disposals/{disposal.number}"
    overseer = opened(app, above.leader)
    assert path in overseer.get("/work").get_data(as_text=True)
    assert "Sổ cũ" in text_of(overseer.get(path))
    answer = {"answer": "agree", "a-seat": above.leader.id, "a-password": PASSWORD}
    answer["csrf_token"] = form_token(overseer, path)
    assert overseer.post(path + "/decision", data=answer).status_code == 303
    assert opened(app, above.staff).get(path).status_code == 404
