"""One's own account: preferences, drafts that come back, delegation, notices (P5, O2, a21)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.accounts import IDLE, Draft, SignInSession
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.drafts import KEPT, MOST_BYTES, forget_old_drafts
from app.kernel.notices import Notice
from app.kernel.people import Delegation, Person, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from tests.builders import PASSWORD, Office, a_draft, a_person, form_token, sign_in, submitted


@pytest.fixture
def office(app):
    return Office()


@pytest.fixture
def manager(office, client):
    sign_in(client, office.manager)
    return client


def post(client, path, **data):
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": form_token(client, "/profile"), **data})


def draft_address(client, path):
    """Where a form's page says its draft is kept."""
    page = client.get(path).get_data(as_text=True)
    return re.search(r'data-draft="([^"]+)"', page).group(1).replace("&amp;", "&")


def entries(fact):
    """How many entries of a fact the trail holds."""
    db.session.rollback()
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(TrailEntry).where(TrailEntry.fact == fact)
    )


@pytest.mark.covers("e17")
def test_language_and_single_keys_are_kept_for_oneself(office, manager):
    manager.get("/profile?lang=vi")  # a choice by link, which the preference replaces
    assert post(manager, "/profile/preferences", language="en").status_code == 303
    page = manager.get("/profile").get_data(as_text=True)
    assert '<html lang="en">' in page
    assert 'data-keys="off"' in page
    assert "Your settings are kept." in page
    assert post(manager, "/profile/preferences", language="fr").status_code == 422
    assert entries("person.changed") == 1
    db.session.rollback()
    person = db.session.get(Person, office.manager.id)
    assert (person.language, person.single_keys) == ("en", False)


@pytest.mark.covers("T09")
def test_a_new_password_must_be_better_than_weak_ones(manager):
    for weak in ("ngắn", "a" * 12):
        answer = post(manager, "/profile/password", present_password=PASSWORD, password=weak)
        assert answer.status_code == 422
    assert entries("account.password_set") >= 1


@pytest.mark.covers("P5", "T08")
def test_what_was_typed_is_back_after_the_sign_in_expired(app, office, client):
    sign_in(client, office.administrator)
    path = f"/people/{office.staff.id}/appointments"
    address = draft_address(client, path)
    typed = {
        "csrf_token": form_token(client, path),
        "role": "auditor",
        "unit": str(office.unit.id),
        "from_on": "1/12/26",
        "decision_number": "15/QĐ-UBND",
        "field": "tư pháp <b>",
        "password": "must never be kept",
    }
    assert client.post(address, data=typed).status_code == 204
    with unit_of_work(None) as work:
        for session in work.session.scalars(sa.select(SignInSession)):
            session.seen_at -= IDLE
    late = client.post(address, data=typed)
    assert late.status_code == 303
    sent = client.post(path, data=typed, headers={"Referer": f"http://localhost{path}"})
    assert sent.headers["Location"] == f"/login?next={path}&expired=1".replace("/", "%2F", 0)
    back = re.search(r"next=([^&]+)", sent.headers["Location"]).group(1)
    token = form_token(client, "/login")
    data = {
        "login": office.administrator.login,
        "password": PASSWORD,
        "csrf_token": token,
        "next": back,
    }
    client.post("/login", data=data)
    page = client.get(path).get_data(as_text=True)
    assert 'value="15/QĐ-UBND"' in page
    assert 'value="1/12/26"' in page
    assert 'value="tư pháp &lt;b&gt;"' in page
    assert re.search(r'<option selected value="auditor">', page)
    assert "must never be kept" not in page
    db.session.rollback()
    assert "must never be kept" not in db.session.scalars(sa.select(Draft.content)).one()
    typed["csrf_token"] = form_token(client, path)
    typed["capacity"] = "own"
    assert client.post(path, data=typed).status_code == 303
    assert 'value="15/QĐ-UBND"' not in client.get(path).get_data(as_text=True)  # sent, so forgotten


@pytest.mark.covers("P5")
def test_drafts_are_personal_small_and_gone_after_a_week(app, office, manager):
    address = draft_address(manager, "/delegation")
    assert post(manager, address, reason="đi học").status_code == 204
    assert post(manager, address, reason="họp ở Huế").status_code == 204
    assert "họp ở Huế" in manager.get("/delegation").get_data(as_text=True)
    other = app.test_client()
    sign_in(other, office.leader)
    assert "họp ở Huế" not in other.get("/delegation").get_data(as_text=True)
    assert post(manager, address, reason="x" * MOST_BYTES).status_code == 422
    assert app.test_client().post(address, data={}).status_code in (303, 400)
    for place in ("", "?place=", "?place=//evil.example", "?place=https://evil.example"):
        assert post(manager, f"/drafts{place}", reason="x").status_code == 422
    with unit_of_work(None) as work:
        draft = work.session.scalars(sa.select(Draft)).one()
        draft.saved_at -= KEPT
    assert "họp ở Huế" not in manager.get("/delegation").get_data(as_text=True)
    with unit_of_work(None) as work:
        assert forget_old_drafts(work) == 1
    assert entries("delegation.made") == 0


@pytest.mark.covers("O2", "a21")
def test_somebody_lets_another_act_and_ends_it(app, office, manager):
    today = today_of(office.body, datetime.now(UTC))
    days = {"from_on": f"{today:%d/%m/%Y}", "until_on": f"{today + timedelta(days=5):%d%m%Y}"}
    answer = post(manager, "/delegation", deputy=office.staff.id, reason="Nghỉ phép", **days)
    assert answer.status_code == 303
    deputy = app.test_client()
    sign_in(deputy, office.staff)
    assert office.manager.name in deputy.get("/profile").get_data(as_text=True)
    assert "Nghỉ phép" in deputy.get("/notices").get_data(as_text=True)
    assert "Nghỉ phép" in deputy.get("/delegation").get_data(as_text=True)
    db.session.rollback()
    made = db.session.scalars(sa.select(Delegation)).one()
    assert post(deputy, f"/delegations/{made.id}/end").status_code == 404
    assert post(manager, f"/delegations/{made.id}/end").status_code == 303
    assert "được làm thay" not in deputy.get("/profile").get_data(as_text=True)
    assert post(manager, f"/delegations/{made.id}/end").status_code == 409


@pytest.mark.covers("O2", "a21", "L16")
def test_a_post_alone_is_lent_and_said_on_the_page(app, office, manager):
    today = today_of(office.body, datetime.now(UTC))
    page = manager.get("/delegation").get_data(as_text=True)
    post_id = re.search(r'<option value="(\d+)">Trưởng đơn vị', page) or re.search(
        r'<option value="(\d+)">', page
    )
    days = {"from_on": f"{today:%d/%m/%Y}", "until_on": f"{today + timedelta(days=5):%d%m%Y}"}
    data = {"deputy": office.staff.id, "reason": "Nghỉ phép", "post": post_id.group(1), **days}
    assert post(manager, "/delegation", **data).status_code == 303
    assert office.unit.name in manager.get("/delegation").get_data(as_text=True)
    db.session.rollback()
    made = db.session.scalars(sa.select(Delegation)).one()
    assert (made.role, made.unit_id) == (Role.MANAGER, office.unit.id)
    assert entries("delegation.post_made") == 1


@pytest.mark.covers("O2", "D3", "L16")
def test_who_wrote_what_waits_is_no_deputy(office, manager):
    revision = submitted(a_draft(office.author, office.document()), office.author)
    today = today_of(office.body, datetime.now(UTC))
    days = {"from_on": f"{today:%d/%m/%Y}", "until_on": f"{today + timedelta(days=5):%d%m%Y}"}
    answer = post(manager, "/delegation", deputy=office.author.id, reason="Nghỉ phép", **days)
    assert answer.status_code == 409
    assert revision.code in answer.get_data(as_text=True)
    assert entries("delegation.made") == 0


@pytest.mark.covers("O2")
def test_a_typed_name_chooses_where_no_script_could(office, manager):
    today = today_of(office.body, datetime.now(UTC))
    days = {"from_on": f"{today:%d/%m/%Y}", "until_on": f"{today:%d/%m/%Y}", "reason": "phép"}
    nobody = post(manager, "/delegation", deputy_typed="khong co", **days)
    assert nobody.status_code == 422
    assert "Chọn người làm thay" in nobody.get_data(as_text=True)
    assert post(manager, "/delegation", deputy_typed="bui thi lan", **days).status_code == 303
    wrong = post(manager, "/delegation", deputy=office.manager.id, **days)
    assert wrong.status_code == 422
    far = a_person(Office().unit)
    assert post(manager, "/delegation", deputy=far.id, **days).status_code == 422


@pytest.mark.covers("O2")
def test_an_administrator_delegates_for_somebody_who_is_away(app, office):
    browser = app.test_client()
    sign_in(browser, office.administrator)
    today = today_of(office.body, datetime.now(UTC))
    days = {"from_on": f"{today:%d/%m/%Y}", "until_on": f"{today:%d/%m/%Y}", "reason": "ốm"}
    path = f"/people/{office.leader.id}/delegation"
    assert post(browser, path, deputy=office.manager.id, **days).status_code == 303
    assert "ốm" in browser.get(f"/people/{office.leader.id}").get_data(as_text=True)
    other = app.test_client()
    sign_in(other, office.officer)
    assert other.get(path).status_code == 403


@pytest.mark.covers("e18", "T07")
def test_notices_are_seen_by_a_button_never_by_opening_the_page(app, office, manager):
    for title in ("Đăng ký khai sinh", "Đăng ký kết hôn"):
        submitted(a_draft(office.author, office.document(title)), office.author)

    def unseen():
        db.session.rollback()
        mine = sa.select(Notice.id).where(
            Notice.person_id == office.manager.id, Notice.seen_at.is_(None)
        )
        return db.session.scalars(mine.order_by(Notice.id)).all()

    first, second = unseen()
    page = manager.get("/notices").get_data(as_text=True)
    assert unseen() == [first, second]
    assert 'href="/d/QT-TP-01"' in page
    stranger = app.test_client()
    sign_in(stranger, office.staff)
    post(stranger, "/notices", only=first)
    assert unseen() == [first, second]
    post(manager, "/notices", only=first)
    assert unseen() == [second]
    post(manager, "/notices", newest=second)
    assert unseen() == []
    assert "QT-TP-01" in manager.get("/notices").get_data(as_text=True)
    empty = app.test_client()
    sign_in(empty, a_person(office.unit))
    assert "Không có thông báo" in empty.get("/notices").get_data(as_text=True)
