"""The list of people, one person, appointing, closing, one-time links (screen 32; O1, O4, e9)."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel import directory
from app.kernel.accounts import OneTimeLink, SignInSession
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.organising import disable_person
from app.kernel.people import Appointment, Person, Role, SecondaryPost
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from tests.builders import (
    MONDAY,
    PASSWORD,
    Office,
    a_body,
    a_person,
    a_unit,
    form_token,
    root,
    sign_in,
)
from tests.counting import queries


def names(page):
    """The people a list shows, in its order."""
    return re.findall(r'href="/people/\d+">([^<]+)</a>', page.get_data(as_text=True))


def post(client, path, **data):
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": form_token(client, "/profile"), **data})


def person_of(person):
    """A person as the database has them now."""
    db.session.rollback()
    return db.session.get(Person, person.id)


@pytest.fixture
def office(app):
    return Office()


@pytest.fixture
def administrator(office, client):
    sign_in(client, office.administrator)
    return client


@pytest.mark.covers("e6")
def test_people_stand_by_given_name_as_on_official_lists(office, administrator):
    unit = a_unit(office.body, name="Phòng Kinh tế")
    for name in ("Trần Văn Bình", "Nguyễn Thị Ánh", "Phạm Văn Đạt", "Lê Văn Dũng", "Lê Thị Ánh"):
        a_person(unit, name=name)
    page = administrator.get(f"/people?unit={unit.id}")
    assert names(page) == [
        "Lê Thị Ánh",
        "Nguyễn Thị Ánh",
        "Trần Văn Bình",
        "Lê Văn Dũng",
        "Phạm Văn Đạt",
    ]


@pytest.mark.covers("e6")
@pytest.mark.parametrize("typed", ["pham", "phạm", "thu ha", "HÀ pham", "thu ha\u0300"])
def test_a_name_is_found_however_it_is_typed(office, administrator, typed):
    assert names(administrator.get("/people", query_string={"q": typed})) == ["Phạm Thu Hà"]
    found = administrator.get("/people/find", query_string={"q": typed}).get_data(as_text=True)
    assert found.count('role="option"') == 1
    assert f'data-id="{office.manager.id}"' in found


def test_the_list_is_narrowed_by_role_unit_and_closed_accounts(office, administrator):
    assert names(administrator.get("/people?role=leader")) == ["Đỗ Minh Anh"]
    assert "Phạm Thu Hà" not in names(administrator.get("/people?role=leader"))
    inside = names(administrator.get(f"/people?unit={office.unit.id}"))
    assert inside == ["Phạm Thu Hà", "Bùi Thị Lan", "Trần Văn Quý"]
    with unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ hưu")
    assert names(administrator.get("/people?accounts=closed")) == ["Bùi Thị Lan"]
    assert "Bùi Thị Lan" not in names(administrator.get("/people"))
    assert "Bùi Thị Lan" in names(administrator.get("/people?accounts=all"))
    for odd in (
        "?unit=x&role=king&accounts=every&after=9&before=-1",
        "?after=99999999999999999999",
    ):
        assert administrator.get(f"/people{odd}").status_code == 200


def test_pages_follow_by_key_forwards_and_back(app, office):
    unit = a_unit(office.body, name="Phòng Kinh tế")
    for number in range(7):
        a_person(unit, name=f"Lê Văn {'ABCDEFG'[number]}")
    wanted = directory.PeopleFilter(unit_id=unit.id)
    today = today_of(office.body, MONDAY)

    def page(**key):
        found = directory.people(db.session(), office.body, wanted, today, size=3, **key)
        return "".join(person.name[-1] for person in found.people), found

    letters, first = page()
    assert (letters, first.before, first.total) == ("ABC", None, 7)
    letters, second = page(after=first.after)
    assert letters == "DEF"
    letters, third = page(after=second.after)
    assert (letters, third.after) == ("G", None)
    assert page(before=third.before)[0] == "DEF"
    letters, again = page(before=second.before)
    assert (letters, again.before) == ("ABC", None)


def test_a_longer_list_asks_the_database_no_more_often(office, administrator):
    with queries() as few:
        administrator.get("/people")
    for _number in range(12):
        a_person(office.unit, Role.STAFF)
    with queries() as many:
        administrator.get("/people")
    assert len(many) == len(few)


@pytest.mark.covers("e6", "O1")
def test_an_administrator_adds_somebody_and_appoints_them_by_decision(office, administrator):
    answer = post(
        administrator,
        "/people/new",
        name="Nguyễn Văn  Mới",
        unit=office.unit.id,
        post="Chuyên viên",
        login="Moi.NV",
        email="moi@example.vn",
        language="vi",
    )
    assert answer.status_code == 303
    db.session.rollback()
    person = db.session.scalars(sa.select(Person).where(Person.login == "moi.nv")).one()
    assert (person.name, person.home_unit) == ("Nguyễn Văn Mới", office.unit)
    answer = post(
        administrator,
        f"/people/{person.id}/appointments",
        role="auditor",
        unit=office.unit.id,
        from_on="1/12/26",
        until_on="31122026",
        decision_number="15/QĐ-UBND",
        capacity="tl",
        field="tư pháp",
    )
    assert answer.status_code == 303
    db.session.rollback()
    given = db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == person.id)
    ).one()
    assert (given.role, given.from_on, given.until_on) == (
        Role.AUDITOR,
        date(2026, 12, 1),
        date(2026, 12, 31),
    )
    assert given.appointed_by_id == office.administrator.id
    shown = administrator.get(f"/people/{person.id}").get_data(as_text=True)
    assert "15/QĐ-UBND" in shown
    assert "01/12/2026 – 31/12/2026" in shown
    assert office.administrator.name in shown


@pytest.mark.covers("O4")
def test_nobody_can_appoint_themselves_and_the_page_says_so(office, administrator):
    own = f"/people/{office.administrator.id}"
    page = administrator.get(own).get_data(as_text=True)
    assert re.search(r'aria-disabled="true" aria-describedby="why-appoint"', page)
    assert "Không ai tự bổ nhiệm mình." in page
    assert "/appointments/" not in page.partition("<main")[2].partition("</main>")[0]
    answer = post(
        administrator,
        f"{own}/appointments",
        role="leader",
        unit=root(office.body).id,
        from_on="1/1/2026",
        capacity="own",
    )
    assert answer.status_code == 409
    assert "Không ai tự bổ nhiệm mình." in answer.get_data(as_text=True)
    db.session.rollback()
    held = db.session.scalars(
        sa.select(Appointment.role).where(Appointment.person_id == office.administrator.id)
    ).all()
    assert held == [Role.ADMINISTRATOR]


@pytest.mark.covers("O1", "T08")
def test_an_ended_appointment_gives_nothing_from_the_next_request(app, office, administrator):
    officer = app.test_client()
    sign_in(officer, office.officer)
    assert officer.get("/settings").status_code == 200
    held = db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == office.officer.id)
    ).one()
    yesterday = today_of(office.body, MONDAY) - timedelta(days=2)
    answer = post(administrator, f"/appointments/{held.id}/end", until_on=f"{yesterday:%d/%m/%Y}")
    assert answer.status_code == 303
    assert officer.get("/settings").status_code == 403
    assert officer.get("/documents").status_code == 200  # still of the body


def test_a_wrong_date_says_what_to_type_and_keeps_what_was_typed(office, administrator):
    answer = post(
        administrator,
        f"/people/{office.staff.id}/appointments",
        role="auditor",
        unit=office.unit.id,
        from_on="31/02/26",
        until_on="tết",
        capacity="own",
        decision_number="15/QĐ",
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count("Không phải ngày. Gõ ngày/tháng/năm, ví dụ 01/12/2026.") == 4  # and summary
    assert 'value="31/02/26"' in page
    assert 'value="tết"' in page
    assert 'value="15/QĐ"' in page


def test_a_second_post_is_given_and_ended(office, administrator):
    other = a_unit(office.body, name="Phòng Kinh tế")
    answer = post(
        administrator,
        f"/people/{office.staff.id}/posts",
        title="Tổ viên",
        unit=other.id,
        from_on="1/9/2026",
    )
    assert answer.status_code == 303
    db.session.rollback()
    given = db.session.scalars(sa.select(SecondaryPost)).one()
    assert "Tổ viên" in administrator.get(f"/units/{other.id}").get_data(as_text=True)
    assert administrator.get(f"/posts/{given.id}/end").status_code == 200
    post(administrator, f"/posts/{given.id}/end", until_on="30/9/2026")
    assert "Tổ viên" not in administrator.get(f"/units/{other.id}").get_data(as_text=True)


@pytest.mark.covers("T08")
def test_closing_an_account_needs_a_reason_and_signs_it_out_at_once(app, office, administrator):
    browser = app.test_client()
    sign_in(browser, office.staff)
    path = f"/people/{office.staff.id}/closing"
    assert post(administrator, path, reason="  ").status_code == 422
    assert browser.get("/work").status_code == 200
    assert post(administrator, path, reason="Nghỉ hưu").status_code == 303
    assert browser.get("/work").status_code == 303
    assert person_of(office.staff).disabled_at is not None
    told = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "person.disabled")
    ).one()
    assert "Nghỉ hưu" in told.details
    assert (
        post(administrator, f"/people/{office.administrator.id}/closing", reason="x").status_code
        == 409
    )
    assert post(administrator, f"/people/{office.staff.id}/opening").status_code == 303
    assert person_of(office.staff).disabled_at is None
    assert browser.get("/work").status_code == 303  # its old session stays ended
    sign_in(browser, office.staff)


@pytest.mark.covers("T08")
def test_an_administrator_ends_every_sign_in_of_somebody(app, office, administrator):
    browsers = [app.test_client() for _number in range(2)]
    for browser in browsers:
        sign_in(browser, office.staff)
    assert administrator.get(f"/people/{office.staff.id}").get_data(as_text=True).count("<li>") >= 2
    assert post(administrator, f"/people/{office.staff.id}/sessions").status_code == 303
    assert [browser.get("/work").status_code for browser in browsers] == [303, 303]
    alive = sa.select(SignInSession).where(
        SignInSession.person_id == office.staff.id, SignInSession.ended_at.is_(None)
    )
    db.session.rollback()
    assert db.session.scalars(alive).all() == []


@pytest.mark.covers("T08")
def test_a_one_time_link_is_shown_once_and_sets_the_password_once(app, office, administrator):
    answer = post(administrator, f"/people/{office.staff.id}/link")
    found = re.search(r"http[^<\"]+/link/([\w-]+)", answer.get_data(as_text=True))
    assert found.group(0).startswith(installation().public_url)
    assert found.group(1) not in administrator.get(f"/people/{office.staff.id}").get_data(
        as_text=True
    )
    db.session.rollback()
    assert found.group(1) not in [
        link.token_digest for link in db.session.scalars(sa.select(OneTimeLink))
    ]
    browser, path = app.test_client(), f"/link/{found.group(1)}"
    before = person_of(office.staff).password_hash
    assert browser.get(path).status_code == 200
    assert person_of(office.staff).password_hash == before  # opening it only shows
    token = form_token(browser, path)
    for short in ("ngắn", "aaaaaaaaaaaa", f"{office.staff.login}-mật khẩu"):
        assert browser.post(path, data={"csrf_token": token, "password": short}).status_code == 422
    assert (
        browser.post(path, data={"csrf_token": token, "password": "năm từ dễ nhớ"}).status_code
        == 303
    )
    assert browser.get(path).status_code == 404
    assert (
        browser.post(path, data={"csrf_token": token, "password": "sáu từ khó nhớ"}).status_code
        == 404
    )
    sign_in(browser, office.staff, "năm từ dễ nhớ")
    nobody = app.test_client()
    token = form_token(nobody, "/login")
    old = {"login": office.staff.login, "password": PASSWORD, "csrf_token": token}
    assert nobody.post("/login", data=old).status_code == 422


def test_no_link_for_people_who_are_only_named(office, administrator):
    person = a_person(office.unit, name="Người chỉ được nêu")
    with unit_of_work(office.administrator) as work:
        work.fresh(person).login = None
        work.record(KernelFact.PERSON_CHANGED, person)
    page = administrator.get(f"/people/{person.id}").get_data(as_text=True)
    assert "Người này chưa có tên đăng nhập." in page
    assert post(administrator, f"/people/{person.id}/link").status_code == 409


@pytest.mark.covers("O4", "e9")
def test_another_body_finds_nothing_of_this_one(app, office):
    stranger = a_person(a_body(), Role.ADMINISTRATOR, name="Người xã khác")
    browser = app.test_client()
    sign_in(browser, stranger)
    assert names(browser.get("/people?accounts=all")) == ["Người xã khác"]
    assert "option" not in browser.get("/people/find?q=pham").get_data(as_text=True)
    held = db.session.scalars(
        sa.select(Appointment).where(Appointment.person_id == office.manager.id)
    ).one()
    for path in (
        f"/people/{office.manager.id}",
        f"/people/{office.manager.id}/data",
        f"/people/{office.manager.id}/appointments",
        f"/people/{office.manager.id}/closing",
        f"/people/{office.manager.id}/delegation",
        f"/appointments/{held.id}/end",
        f"/units/{office.unit.id}",
        f"/units/{office.unit.id}/data",
        f"/access?record=unit:{office.unit.id}",
        f"/access?record=person:{office.manager.id}",
        f"/b/{office.body.code}/people",
        f"/b/{office.body.code}/units",
    ):
        there, nowhere = browser.get(path), browser.get(re.sub(r"\d+", "99999999", path))
        assert there.status_code == 404, path
        assert nowhere.status_code == 404
    for path in ("link", "sessions", "opening"):
        assert post(browser, f"/people/{office.manager.id}/{path}").status_code == 404


@pytest.mark.covers("O4")
def test_an_overseeing_body_sees_but_never_changes(app):
    above = a_body(name="UBND tỉnh")
    overseer = a_person(above, Role.LEADER, Role.ADMINISTRATOR, name="Người giám sát")
    clerk = a_person(above, Role.STAFF, name="Người tỉnh")
    body = a_body(overseer=above)
    inside = a_person(body, Role.STAFF, name="Người phường")
    browser, other = app.test_client(), app.test_client()
    sign_in(browser, overseer)
    assert names(browser.get("/people")) == ["Người giám sát", "Người tỉnh"]
    shown = browser.get(f"/b/{body.code}/people").get_data(as_text=True)
    assert "Người phường" in shown
    assert "/people/new" not in shown
    page = browser.get(f"/people/{inside.id}").get_data(as_text=True)
    assert f"/people/{inside.id}/link" not in page
    assert browser.get(f"/people/{inside.id}/data").status_code == 403
    assert post(browser, f"/people/{inside.id}/link").status_code == 403
    sign_in(other, clerk)
    assert other.get(f"/people/{inside.id}").status_code == 404
    assert other.get(f"/b/{body.code}/people").status_code == 404
