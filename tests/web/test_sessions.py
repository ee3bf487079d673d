"""Sessions and tokens: fifteen ways in that do not open, and rights that act at once (T08)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.accounts import IDLE, LINK_LIVES, LONGEST, OneTimeLink, SignInSession
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.organising import appoint, disable_person
from app.kernel.people import Role
from app.kernel.signing_in import device_token, digest, known_device, make_link
from app.kernel.signing_in import sign_in as open_door
from app.kernel.work import unit_of_work
from app.web.account.sign_in import DEVICE
from app.web.guard import current_session
from tests.builders import PASSWORD, Office, a_person, form_token, root, sign_in

COOKIE = "nenep"


def token_of(client):
    """The session token a browser holds."""
    return client.get_cookie(COOKIE).value


def with_token(app, token):
    """A browser that holds nothing but a session token."""
    browser = app.test_client()
    browser.set_cookie(COOKIE, token)
    return browser


def post(client, path, **data):
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": form_token(client, "/profile"), **data})


def moved(token, **back):
    """Put the moments of a session back by some time."""
    with unit_of_work(None) as work:
        found = work.session.scalars(
            sa.select(SignInSession).where(SignInSession.token_digest == digest(token))
        ).one()
        for name, by in back.items():
            setattr(found, name, getattr(found, name) - by)


@pytest.fixture
def office(app):
    return Office()


@pytest.fixture
def inside(office, client):
    sign_in(client, office.staff)
    return client


@pytest.mark.covers("T08")
def test_a_token_planted_before_signing_in_is_worth_nothing_after(app, office, client):
    client.set_cookie(COOKIE, "planted-by-an-attacker")
    sign_in(client, office.staff)
    assert token_of(client) != "planted-by-an-attacker"
    assert with_token(app, "planted-by-an-attacker").get("/work").status_code == 303


@pytest.mark.covers("T08")
def test_signing_in_again_gives_a_new_token_and_ends_the_old(app, office, inside):
    first, other = token_of(inside), a_person(office.unit, Role.STAFF)
    token = form_token(inside, "/profile")
    form = inside.get_cookie("nenep_form").value
    again = {"login": other.login, "password": PASSWORD, "csrf_token": token}
    assert inside.post("/login", data=again).status_code == 303
    assert token_of(inside) != first
    assert with_token(app, first).get("/work").status_code == 303
    new_form = inside.get_cookie("nenep_form")
    assert new_form is None or new_form.value != form


@pytest.mark.covers("T08")
def test_a_token_kept_from_before_signing_out_opens_nothing(app, inside):
    kept = token_of(inside)
    assert with_token(app, kept).get("/work").status_code == 200
    assert post(inside, "/logout").status_code == 303
    assert with_token(app, kept).get("/work").status_code == 303
    assert inside.get_cookie(COOKIE) is None


@pytest.mark.covers("T08")
def test_a_changed_password_ends_every_browser_but_the_one_at_hand(app, office, inside):
    elsewhere = app.test_client()
    sign_in(elsewhere, office.staff)
    before = token_of(inside)
    wrong = post(inside, "/profile/password", present_password="không phải", password="x" * 30)
    assert wrong.status_code == 422
    assert elsewhere.get("/work").status_code == 200
    changed = post(
        inside, "/profile/password", present_password=PASSWORD, password="mật khẩu hoàn toàn mới"
    )
    assert changed.status_code == 303
    assert elsewhere.get("/work").status_code == 303
    assert with_token(app, before).get("/work").status_code == 303
    assert token_of(inside) != before
    assert inside.get("/work").status_code == 200
    sign_in(app.test_client(), office.staff, "mật khẩu hoàn toàn mới")


@pytest.mark.covers("T08")
def test_a_closed_account_is_out_on_the_next_request(office, inside):
    with unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ")
    assert inside.get("/work").status_code == 303
    assert post_to_login(inside, office.staff.login, PASSWORD).status_code == 422


def post_to_login(client, login, password, **headers):
    """Try a name and a password at the door."""
    token = form_token(client, "/login")
    data = {"login": login, "password": password, "csrf_token": token}
    return client.post("/login", data=data, headers=headers)


@pytest.mark.covers("T08", "O1")
def test_a_role_given_counts_from_the_next_request_on(office, inside):
    assert inside.get("/settings").status_code == 403
    with unit_of_work(office.administrator) as work:
        appoint(
            work,
            work.fresh(office.staff),
            Role.QUALITY_OFFICER,
            work.fresh(root(office.body)),
            from_on=work.today,
        )
    assert inside.get("/settings").status_code == 200


@pytest.mark.covers("T08")
@pytest.mark.parametrize(
    ("back", "answer"),
    [
        ({"seen_at": IDLE - timedelta(minutes=1)}, 200),
        ({"seen_at": IDLE}, 303),
        ({"started_at": LONGEST - timedelta(minutes=1)}, 200),
        ({"started_at": LONGEST}, 303),
    ],
)
def test_a_session_ends_idle_after_an_hour_and_for_good_after_twelve(inside, back, answer):
    moved(token_of(inside), **back)
    assert inside.get("/work").status_code == answer


@pytest.mark.covers("T08")
def test_one_browser_can_be_ended_from_another(app, office, inside):
    lost = app.test_client()
    sign_in(lost, office.staff)
    db.session.rollback()
    found = db.session.scalars(
        sa.select(SignInSession).where(SignInSession.token_digest == digest(token_of(lost)))
    ).one()
    stranger = app.test_client()
    sign_in(stranger, office.manager)
    assert post(stranger, f"/profile/sessions/{found.id}").status_code == 404
    assert lost.get("/work").status_code == 200
    assert post(inside, f"/profile/sessions/{found.id}").status_code == 303
    assert lost.get("/work").status_code == 303
    assert inside.get("/work").status_code == 200


@pytest.mark.covers("T08")
def test_no_changed_bit_of_the_session_cookie_opens_the_door(app, inside):
    token = token_of(inside).encode()
    opened = []
    for place in range(len(token)):
        for bit in range(8):
            bent = bytearray(token)
            bent[place] ^= 1 << bit
            environ = {"HTTP_COOKIE": f"{COOKIE}={bent.decode('latin-1')}"}
            with app.test_request_context("/work", environ_overrides=environ):
                if current_session() is not None:
                    opened.append((place, bit))
    assert opened == []


@pytest.mark.covers("T08", "T09")
def test_no_changed_bit_of_the_device_cookie_makes_a_known_device(office):
    key, login = installation().keys.session_key, office.staff.login
    cookie = f"abc.{device_token(key, login, 'abc')}"
    assert known_device(key, login, cookie)
    assert not known_device(key, office.manager.login, cookie)
    assert not known_device(b"key of another installation", login, cookie)
    for place in range(len(cookie)):
        for bit in range(8):
            bent = cookie[:place] + chr(ord(cookie[place]) ^ (1 << bit)) + cookie[place + 1 :]
            assert not known_device(key, login, bent), (place, bit)
    for odd in ("", ".", "é.é", "\udcff.x", "a" * 5000, "a.b.c"):
        assert not known_device(key, login, odd)


@pytest.mark.covers("T08")
def test_odd_device_cookies_are_no_error(office, client):
    client.set_cookie(DEVICE, "đ.ế")
    assert post_to_login(client, office.staff.login, PASSWORD).status_code == 303


@pytest.mark.covers("T08")
def test_a_session_of_another_installation_opens_nothing(app, office):
    foreign = "0123456789abcdefghijABCDEFGHIJ0123456789abc"
    assert with_token(app, foreign).get("/work").status_code == 303
    for token in ("", "a" * 3000, "' OR 1=1 --", "../../x", digest("x")):
        assert with_token(app, token).get("/work").status_code == 303
    db.session.rollback()
    stored = db.session.scalars(sa.select(SignInSession.token_digest)).all()
    assert all(with_token(app, each).get("/work").status_code == 303 for each in stored)


@pytest.mark.covers("T08")
def test_a_one_time_link_ends_after_an_hour_with_a_newer_one_and_with_the_account(app, office):
    def made():
        with unit_of_work(office.administrator) as work:
            return make_link(work, work.fresh(office.staff))

    def status(token):
        return app.test_client().get(f"/link/{token}").status_code

    first = made()
    assert status(first) == 200
    second = made()
    assert (status(first), status(second)) == (404, 200)
    with unit_of_work(None) as work:
        link = work.session.scalars(
            sa.select(OneTimeLink).where(OneTimeLink.token_digest == digest(second))
        ).one()
        link.made_at = datetime.now(UTC) - LINK_LIVES
    assert status(second) == 404
    third = made()
    with unit_of_work(office.administrator) as work:
        disable_person(work, work.fresh(office.staff), reason="nghỉ")
    assert status(third) == 404
    assert status("x" * 3000) == 404


@pytest.mark.covers("T08")
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"X-Forwarded-Prefix": "/evil.example", "X-Original-URL": "/evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
)
def test_headers_of_the_sender_change_no_link(app, office, headers):
    browser = app.test_client()
    sign_in(browser, office.administrator)
    token = form_token(browser, "/profile")
    held = [browser.get_cookie(name) for name in (COOKIE, "nenep_form")]
    headers = {**headers, "Cookie": "; ".join(f"{each.key}={each.value}" for each in held)}
    bare = app.test_client(use_cookies=False)
    for path in ("/work", "/profile", f"/people/{office.staff.id}", "/login"):
        answer = bare.get(path, headers=headers)
        assert answer.status_code in (200, 302)
        assert "evil.example" not in answer.get_data(as_text=True)
        assert "evil.example" not in answer.headers.get("Location", "")
    made = bare.post(f"/people/{office.staff.id}/link", data={"csrf_token": token}, headers=headers)
    shown = re.findall(r"https?://[^\s\"<]+/link/", made.get_data(as_text=True))
    assert shown
    assert set(shown) == {f"{installation().public_url}/link/"}


@pytest.mark.covers("T08")
@pytest.mark.parametrize(
    "header", ["Remote-User", "X-Remote-User", "X-Forwarded-User", "Authorization", "REMOTE_USER"]
)
def test_a_name_in_a_header_signs_nobody_in(app, office, header):
    value = "Basic cDE6cDE=" if header == "Authorization" else office.administrator.login
    answer = app.test_client().get("/people", headers={header: value})
    assert answer.status_code == 303
    environ = {"REMOTE_USER": office.administrator.login}
    assert app.test_client().get("/people", environ_overrides=environ).status_code == 303


@pytest.mark.covers("T08", "T23")
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(app, office, client):
    answer = post_to_login(client, office.staff.login, PASSWORD)
    cookies = {each.split("=", 1)[0]: each for each in answer.headers.getlist("Set-Cookie")}
    assert {COOKIE, DEVICE} <= set(cookies)
    for name in (COOKIE, DEVICE):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=Lax" in cookies[name]
        assert "Domain" not in cookies[name]
    assert "Path=/" in cookies[DEVICE].split("; ")  # also for /b/<body>/login
    assert "Max-Age=43200" in cookies[COOKIE]
    assert app.config["SESSION_COOKIE_HTTPONLY"]


@pytest.mark.covers("T08")
def test_signing_in_leads_back_to_the_page_that_was_asked_for(app, office, client):
    asked = client.get(f"/people/{office.manager.id}?lang=vi")
    assert asked.status_code == 303
    page = client.get(asked.headers["Location"]).get_data(as_text=True)
    target = re.search(r'name="next" value="([^"]*)"', page).group(1).replace("&amp;", "&")
    token = form_token(client, "/login")
    data = {
        "login": office.staff.login,
        "password": PASSWORD,
        "csrf_token": token,
        "next": target,
    }
    answer = client.post("/login", data=data)
    assert answer.headers["Location"] == f"/people/{office.manager.id}?lang=vi"


@pytest.mark.covers("T08")
@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/\t/x"]
)
def test_signing_in_leads_nowhere_outside(office, client, target):
    token = form_token(client, "/login")
    data = {"login": office.staff.login, "password": PASSWORD, "csrf_token": token, "next": target}
    assert client.post("/login", data=data).headers["Location"] == "/work"


@pytest.mark.covers("T08")
def test_a_session_row_opened_directly_is_the_same_as_by_the_door(app, office):
    session, token = open_door(office.staff.login, PASSWORD, device="", browser="x")
    assert with_token(app, token).get("/work").status_code == 200
    assert session.token_digest == digest(token) != token
