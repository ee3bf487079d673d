"""What people see when a document goes from one body to those below it (O4)."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from documents.models import Document, PublicationMode
from documents.publication import open_publication
from documents.scope import ScopeData, draft_scope
from tests.builders import MONDAY, PASSWORD, TODAY, form_token, sign_in
from tests.documents.test_publications import Province, Ward, adopted, published


def path_of(place: Province) -> str:
    return f"/of/{place.office.body.code}/d/{place.document.code}"


def looked_at(client: FlaskClient, person: Person, path: str) -> tuple[int, str]:
    client.post("/logout", data={"csrf_token": form_token(client, "/login")})
    client.delete_cookie("nenep")
    sign_in(client, person)
    answer = client.get(path)
    return answer.status_code, answer.get_data(as_text=True)


def sent(client: FlaskClient, path: str, page: str, **values: object) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": form_token(client, page), **values})
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.covers("O4", "D6")
def test_staff_below_open_it_by_its_own_address_and_find_it_in_list_and_search(app, client):
    place = Province()
    an = place.wards[0]
    published(place, PublicationMode.BINDING, an)
    mark = f"của {place.office.body.name}, bắt buộc áp dụng"
    status, listed = looked_at(client, an.staff, "/documents")
    assert status == 200
    assert path_of(place) in listed
    assert mark in listed
    found = client.get("/search?q=khai+sinh+liên+thông").get_data(as_text=True)
    assert path_of(place) in found
    read = client.get(path_of(place))
    text = read.get_data(as_text=True)
    assert read.status_code == 200
    assert mark[1:] in text
    assert "tab=trail" not in text
    assert f"{path_of(place)}/copies" not in text, "its paper copies are the higher body's"
    recent = client.get("/profile").get_data(as_text=True)
    assert f'href="{path_of(place)}"' in recent, "opened recently, by the address seen here"
    for tab in ("changes", "related", "trail"):
        assert client.get(f"{path_of(place)}?tab={tab}").status_code == 200
    assert client.get(f"/r/{place.revision.id}/print").status_code == 200
    file = place.revision.main_file
    assert file is not None
    assert client.get(f"/r/{place.revision.id}/file/{file.id}").status_code == 200
    for closed in ("/documents", f"/d/{place.document.code}", "/changes", "/adoptions"):
        assert client.get(f"/b/{place.office.body.code}{closed}").status_code == 404


@pytest.mark.covers("O4")
def test_a_body_not_overseen_or_not_published_to_gets_404_everywhere(app, client):
    place = Province()
    an, binh = place.wards
    published(place, PublicationMode.TO_ADOPT, an)
    file = place.revision.main_file
    assert file is not None
    addresses = [
        path_of(place),
        f"/documents/{place.document.id}",
        f"/r/{place.revision.id}",
        f"/r/{place.revision.id}/print",
        f"/r/{place.revision.id}/file/{file.id}",
        f"/r/{place.revision.id}/page/1.png",
        f"/read/{place.revision.id}",
        f"/d/{place.document.code}/publication",
        f"/b/{place.office.body.code}/d/{place.document.code}",
    ]
    for ward in (binh, place.stranger):
        for person in (ward.staff, ward.leader):
            looked_at(client, person, "/work")
            for address in addresses:
                assert client.get(address).status_code in (403, 404), (person.name, address)
                if "publication" not in address:
                    assert client.get(address).status_code == 404, (person.name, address)
            for address in (
                "/documents",
                "/search?q=khai+sinh",
                "/adoptions",
                "/search/quick?q=QT",
            ):
                text = client.get(address).get_data(as_text=True)
                assert path_of(place) not in text
                assert place.document.title not in text


@pytest.mark.covers("O4", "a60")
def test_the_spreadsheet_of_a_body_says_which_line_is_whose(app, client):
    place = Province()
    an, binh = place.wards
    published(place, PublicationMode.BINDING, an)
    rows = {}
    for ward in (an, binh):
        looked_at(client, ward.officer, "/documents")
        answer = client.post(
            "/documents/export", data={"csrf_token": form_token(client, "/documents")}
        )
        sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
        rows[ward.body.id] = [" ".join(str(cell) for cell in row if cell) for row in sheet.values]
    mine = [row for row in rows[an.body.id] if place.document.title in row]
    assert len(mine) == 1
    assert f"của {place.office.body.name}" in mine[0]
    assert not any(place.document.title in row for row in rows[binh.body.id])


@pytest.mark.covers("O4", "a56")
def test_a_leader_adopts_in_the_browser_and_the_higher_body_sees_who_has_not(app, client):
    place = Province()
    an, binh = place.wards
    given = published(place)
    status, work = looked_at(client, an.leader, "/work")
    assert "/adoptions?state=waiting" in work
    chosen = f"{given.id}:{place.revision.id}"
    values = {"decided_on": "23/11/2026", "decision_number": "15/QĐ-UBND", "chosen": chosen}
    status, text = sent(client, "/adoptions", "/adoptions", **values, password="sai")
    assert status in (403, 422)
    status, text = sent(client, "/adoptions", "/adoptions", **values, password="")
    assert status == 422
    assert "15/QĐ-UBND" in text
    status, _ = sent(client, "/adoptions", "/adoptions", **values, password=PASSWORD)
    assert status == 303
    text = client.get(path_of(place)).get_data(as_text=True)
    assert "áp dụng từ 23/11/2026" in text
    assert "15/QĐ-UBND" in text
    status, text = sent(client, "/adoptions", "/adoptions", **values, password=PASSWORD)
    assert status == 409
    foreign = {**values, "chosen": "999999:999999"}
    status, _ = sent(client, "/adoptions", "/adoptions", **foreign, password=PASSWORD)
    assert status == 404
    status, text = looked_at(client, place.office.officer, "/publications")
    assert status == 200
    assert "1/2" in text
    text = client.get(f"/d/{place.document.code}/publication").get_data(as_text=True)
    assert "15/QĐ-UBND" in text
    assert "Chưa áp dụng" in text
    text = client.get(f"/publications?body={binh.body.id}").get_data(as_text=True)
    assert place.document.code in text
    text = client.get(f"/publications?body={an.body.id}").get_data(as_text=True)
    assert "Không còn cơ quan nào thiếu" in text


@pytest.mark.covers("O4")
def test_an_officer_publishes_changes_and_takes_back_in_the_browser(app, client):
    place = Province()
    an = place.wards[0]
    page = f"/d/{place.document.code}/publication"
    status, text = looked_at(client, place.office.officer, page)
    assert status == 200
    assert text.count('class="btn primary"') == 1
    status, _ = sent(client, page, page, mode="to_adopt", reach="some")
    assert status == 422
    status, _ = sent(client, page, page, mode="to_adopt", reach="some", bodies=str(an.body.id))
    assert status == 303
    given = open_publication(db.session(), db.session.get(Document, place.document.id))
    assert given is not None
    adopted(an, given, place.revision)
    status, text = sent(client, page, page, **{"answer": "end", "end-reason": ""})
    assert status == 422
    status, _ = sent(client, page, page, **{"answer": "end", "end-reason": "Luật mới"})
    assert status == 303
    text = client.get(page).get_data(as_text=True)
    assert "Việc áp dụng chấm dứt do cấp trên rút lại" in text
    assert an.body.name in text
    status, _ = sent(client, page, page, **{"answer": "end", "end-reason": "Lần nữa"})
    assert status == 409


@pytest.mark.covers("O4")
def test_the_trail_tells_it_as_sentences_in_both_bodies(app, client):
    place = Province()
    an = place.wards[0]
    given = published(place)
    adopted(an, given, place.revision)
    _, text = looked_at(client, an.officer, "/trail")
    assert "quyết định áp dụng" in text
    assert "giao 2 cơ quan cấp dưới áp dụng" not in text
    _, text = looked_at(client, place.office.officer, "/trail")
    assert "giao 2 cơ quan cấp dưới áp dụng" in text
    assert "%(" not in text
    assert isinstance(an, Ward)


@pytest.mark.covers("O4", "a34", "F5")
def test_staff_below_find_it_in_their_work_read_and_confirm_it(app, client):
    place = Province()
    an, binh = place.wards
    published(place, PublicationMode.BINDING, an)
    path = f"/read/{place.revision.id}"
    status, work = looked_at(client, an.staff, "/work")
    assert status == 200
    assert path in work
    assert place.office.body.name in work, "whose text it is, not a unit nobody here knows"
    assert "data-read-end" in client.get(path).get_data(as_text=True)
    status, _ = sent(client, path, path)
    assert status == 303
    assert path not in client.get("/work").get_data(as_text=True)
    training = client.get(f"/people/{an.staff.id}/training").get_data(as_text=True)
    assert place.document.code in training
    assert path_of(place) in training
    assert looked_at(client, binh.staff, path)[0] == 404


@pytest.mark.covers("O4", "a34", "a37")
def test_the_officer_below_follows_and_reminds_their_own_people_and_nobody_elses(app, client):
    place = Province()
    an, binh = place.wards
    published(place, PublicationMode.BINDING)
    bars = f"{path_of(place)}/distribution"
    status, shown = looked_at(client, an.officer, bars)
    assert status == 200
    assert an.staff.name in shown
    assert binh.staff.name not in shown
    assert place.office.staff.name not in shown
    assert bars in client.get(path_of(place)).get_data(as_text=True)
    own = f"/r/{place.revision.id}/distribution"
    assert sent(client, f"{own}/reminder", bars)[0] == 303
    change = client.get(own).get_data(as_text=True)
    assert "Phường An" in change
    assert "Phòng Tư pháp" not in change
    root = place.wards[0].staff.home_unit_id
    status, _ = sent(client, own, own, units=root, reason="Chỉ nơi này", asks_reading="y")
    assert status == 303
    assert looked_at(client, an.staff, bars)[0] == 404
    status, above = looked_at(
        client, place.office.officer, f"/d/{place.document.code}/distribution"
    )
    assert status == 200
    assert an.staff.name not in above
    assert looked_at(client, place.stranger.officer, bars)[0] == 404


@pytest.mark.covers("O5", "F4")
def test_the_leader_finds_the_scope_to_sign_in_their_work(app, client):
    place = Province()
    office = place.office
    with unit_of_work(office.officer, now=MONDAY) as work:
        data = ScopeData("Thủ tục hành chính", [work.fresh(office.unit)], TODAY)
        draft_scope(work, work.fresh(office.body), data)
    status, shown = looked_at(client, office.leader, "/work?lang=en")
    assert status == 200
    assert "Sign the scope" in shown
    assert office.officer.name in shown
    assert "Sign the scope" not in looked_at(client, office.officer, "/work?lang=en")[1]


@pytest.mark.covers("O4", "a36")
def test_the_questions_of_a_higher_body_are_not_shown_to_officers_below(app, client):
    place = Province()
    an = place.wards[0]
    published(place, PublicationMode.BINDING, an)
    assert looked_at(client, an.officer, f"/r/{place.revision.id}/quiz")[0] == 404


@pytest.mark.covers("O4", "a53")
def test_an_empty_list_says_how_to_begin_and_shows_no_filters(app, client):
    place = Province()
    status, text = looked_at(client, place.wards[0].officer, "/documents")
    assert status == 200
    assert "/documents/import" in text
    assert "Nhập danh mục hiện có" in text
    assert 'class="pills"' not in text
    assert "review=overdue" not in text
