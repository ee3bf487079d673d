"""The tree at a date, one unit, who may do what; adding and changing (screen 32; O1, O3, e6)."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import Unit, UnitKind
from app.kernel.organising import add_unit, change_unit
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents.models import Confidentiality
from tests.builders import (
    Office,
    a_document,
    a_draft,
    a_person,
    a_unit,
    form_token,
    root,
    sign_in,
    submitted,
)
from tests.counting import queries


@pytest.fixture
def office(app):
    return Office()


@pytest.fixture
def administrator(office, client):
    sign_in(client, office.administrator)
    return client


def post(client, path, **data):
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": form_token(client, "/profile"), **data})


def shown(page):
    """The units of the tree, in its order."""
    tree = page.get_data(as_text=True).partition('class="tree"')[2].partition("</nav>")[0]
    return re.findall(r'href="/units/\d+[^"]*"[^>]*>([^<]+)', tree)


@pytest.mark.covers("O3", "e6")
def test_the_tree_is_as_it_was_on_the_day_asked_for(office, administrator):
    with unit_of_work(office.administrator) as work:
        gone = add_unit(
            work,
            work.fresh(root(office.body)),
            "LD",
            "Phòng Lao động",
            UnitKind.DEPARTMENT,
            active_from=date(2021, 1, 1),
            active_until=date(2025, 6, 30),
        )
        below = add_unit(
            work,
            gone,
            "CS",
            "Tổ Chính sách",
            UnitKind.TEAM,
            active_from=date(2021, 1, 1),
        )
    body = office.body.name
    assert shown(administrator.get("/units")) == [body, "Phòng Tư pháp", "Tổ Chính sách"]
    before = administrator.get("/units?on=30/6/2025")
    assert shown(before) == [body, "Phòng Lao động", "Tổ Chính sách", "Phòng Tư pháp"]
    assert shown(administrator.get("/units?on=1/1/2019")) == []
    wrong = administrator.get("/units?on=31/2/2025")
    assert "Không phải ngày" in wrong.get_data(as_text=True)
    assert len(shown(wrong)) == 3
    found = administrator.get("/units?q=lao dong").get_data(as_text=True)
    assert "Phòng Lao động" in found
    assert "đến 30/06/2025" in found
    page = administrator.get(f"/units/{gone.id}").get_data(as_text=True)
    assert "Thông tin về đơn vị vẫn được giữ." in page
    assert f"/units/{below.id}" in page
    assert "Không có đơn vị tên như vậy" in administrator.get("/units?q=%25").get_data(as_text=True)


@pytest.mark.covers("e6")
@pytest.mark.parametrize("typed", ["tu phap", "TƯ PHÁP", "tp", "phap"])
def test_a_unit_is_found_by_part_of_its_name_or_its_code(office, administrator, typed):
    page = administrator.get("/units", query_string={"q": typed}).get_data(as_text=True)
    assert f'href="/units/{office.unit.id}">Phòng Tư pháp</a>' in page


def test_a_unit_shows_its_people_appointments_and_documents(office, administrator):
    other = a_unit(office.body, name="Phòng Kinh tế")
    office.effective()
    a_document(
        office.officer,
        office.unit,
        title="Mật",
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
    )
    page = administrator.get(f"/units/{office.unit.id}").get_data(as_text=True)
    members = page.partition("Người của đơn vị")[2].partition("</table>")[0]
    assert re.findall(r'href="/people/\d+">([^<]+)', members) == [
        "Phạm Thu Hà",
        "Bùi Thị Lan",
        "Trần Văn Quý",
    ]
    assert "Chủ trì 1 tài liệu" in page  # the other one is not for the viewer to know of
    assert office.leader.name in page.partition("Bổ nhiệm trong phạm vi")[2]
    assert "Không có ai" in administrator.get(f"/units/{other.id}").get_data(as_text=True)


def test_more_units_and_people_ask_the_database_no_more_often(office, administrator):
    path = f"/units/{office.unit.id}"
    with queries() as few:
        administrator.get("/units")
        administrator.get(path)
    for number in range(6):
        a_unit(office.unit, name=f"Tổ {number}")
        a_person(office.unit, Role.STAFF)
    with queries() as many:
        administrator.get("/units")
        administrator.get(path)
    assert len(many) == len(few)


@pytest.mark.covers("O3", "e6")
def test_an_administrator_adds_and_changes_a_unit_in_both_languages(office, administrator):
    answer = post(
        administrator,
        f"/units/{office.unit.id}/addition",
        name="Tổ Hộ tịch",
        name_en="Civil status section",
        code="HT",
        kind="team",
        active_from="1/7/2025",
        active_until="",
    )
    assert answer.status_code == 303
    db.session.rollback()
    unit = db.session.scalars(sa.select(Unit).where(Unit.code == "HT")).one()
    assert (unit.parent_id, unit.kind, unit.active_from) == (
        office.unit.id,
        UnitKind.TEAM,
        date(2025, 7, 1),
    )
    assert "Civil status section" in administrator.get(f"/units/{unit.id}").get_data(as_text=True)
    data = {"name": "Tổ Hộ tịch, chứng thực", "code": "HT", "kind": "team", "name_en": ""}
    seen = unit.row_version
    changed = post(administrator, f"/units/{unit.id}/data", row_version=seen, **data)
    assert changed.status_code == 303
    late = post(
        administrator, f"/units/{unit.id}/data", row_version=seen, **{**data, "name": "Tổ khác"}
    )
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert 'value="Tổ khác"' in page  # mine is kept
    assert "Tổ Hộ tịch, chứng thực" in page  # beside what stands there now
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', page).group(1)
    again = {**data, "name": "Tổ khác", "row_version": version}
    assert post(administrator, f"/units/{unit.id}/data", **again).status_code == 303


@pytest.mark.covers("O3")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": ""}, "nhập tên."),
        ({"name": "N" * 300}, "Nhiều nhất 200 ký tự."),
        ({"kind": "palace"}, "Không có trong danh sách. Hãy chọn lại."),
        ({"code": "TP"}, "đang dùng mã TP"),
        ({"active_until": "1/1/2020"}, "Ngày cuối đứng trước ngày đầu."),
        ({"active_from": ""}, "Nhập ngày"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_at_its_field(office, administrator, data, words):
    whole = {"name": "Tổ mới", "code": "TM", "kind": "team", "active_from": "1/7/2025", **data}
    answer = post(administrator, f"/units/{office.unit.id}/addition", **whole)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "data-errors" in page
    assert words.lower() in page.lower()


@pytest.mark.covers("O1")
def test_only_an_administrator_over_the_unit_changes_it(app, office):
    with unit_of_work(office.administrator) as work:
        change_unit(
            work,
            work.fresh(office.unit),
            code="TP",
            name="Phòng Tư pháp",
            name_en="Justice",
            kind=UnitKind.DEPARTMENT,
            active_until=None,
        )
    local = a_person(office.unit, Role.ADMINISTRATOR, name="Quản trị của phòng")
    browser = app.test_client()
    sign_in(browser, local)
    assert browser.get(f"/units/{office.unit.id}/data").status_code == 200
    assert browser.get(f"/units/{root(office.body).id}/data").status_code == 403
    assert browser.get("/organisation/import").status_code == 403
    assert browser.get(f"/people/{office.leader.id}/appointments").status_code == 403
    reader = app.test_client()
    sign_in(reader, office.staff)
    assert reader.get(f"/units/{office.unit.id}").status_code == 200
    assert reader.get(f"/units/{office.unit.id}/data").status_code == 403


@pytest.mark.covers("e6", "T1")
def test_who_may_do_what_is_told_with_reasons(app, office):
    officer = app.test_client()
    sign_in(officer, office.officer)
    submitted(a_draft(office.author, office.document()), office.author)
    assert "/access?record=document:QT-TP-01" in officer.get("/d/QT-TP-01").get_data(as_text=True)
    page = officer.get("/access?record=document:qttp01").get_data(as_text=True)
    asked = page.partition("Đang được hỏi ý kiến</h2>")[2].partition("</section>")[0]
    assert re.findall(r'href="/people/\d+">([^<]+)', asked) == [office.manager.name]
    assert "Làm việc tại cơ quan này" in page
    unit = officer.get(f"/access?record=unit:{office.unit.id}&lang=en").get_data(as_text=True)
    assert f"Administrator over {root(office.body).name} since 01/01/2020" in unit
    assert officer.get(f"/access?record=person:{office.staff.id}").status_code == 200
    for odd in ("", "unit:", "unit:x", "king:1", "document:", f"unit:{10**18}"):
        assert officer.get(f"/access?record={odd}").status_code == 404
    staff = app.test_client()
    sign_in(staff, office.staff)
    assert staff.get(f"/access?record=unit:{office.unit.id}").status_code == 403


@pytest.mark.covers("T1")
def test_asking_about_a_document_for_named_people_is_itself_recorded(app, office):
    secret = a_document(
        office.officer,
        office.unit,
        title="Mật",
        confidentiality=Confidentiality.NAMED,
        keeper=office.author,
        readers=(office.staff,),
    )
    submitted(a_draft(office.author, secret), office.author)
    officer, administrator = app.test_client(), app.test_client()
    sign_in(officer, office.officer)
    sign_in(administrator, office.administrator)
    assert administrator.get("/access?record=document:QT-TP-01").status_code == 404
    assert "Mật" in officer.get("/access?record=document:QT-TP-01").get_data(as_text=True)
    db.session.rollback()
    told = db.session.scalars(
        sa.select(TrailEntry.actor_id).where(TrailEntry.fact == "document.opened")
    ).all()
    assert told == [office.officer.id]
