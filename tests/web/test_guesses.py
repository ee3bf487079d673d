"""Guessing passwords: ten in a quarter of an hour, whatever the sender pretends (T09)."""

import re
import statistics
import time
import unicodedata
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.accounts import GUESS_WINDOW, MOST_GUESSES, Guess
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.signing_in import (
    LOCKED,
    WRONG,
    hash_password,
    password_fits,
    prove,
)
from app.kernel.signing_in import sign_in as open_door
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.account.sign_in import DEVICE
from tests.builders import MONDAY, PASSWORD, Office, form_token, sign_in


@pytest.fixture
def office(app):
    return Office()


def knock(person_or_name, password, *, device="", now=MONDAY):
    """Try to sign in; give what the refusal says, or an empty text."""
    name = person_or_name if isinstance(person_or_name, str) else person_or_name.login
    try:
        open_door(name, password, device=device, browser="", now=now)
    except InvalidInput as refused:
        return refused.text
    return ""


def attempt(client, person, password, **headers):
    """Try a name and a password at the page of the door."""
    token = form_token(client, "/login")
    data = {"login": person.login, "password": password, "csrf_token": token}
    return client.post("/login", data=data, headers=headers)


@pytest.mark.covers("T09")
def test_the_eleventh_guess_is_not_even_checked(office):
    said = [knock(office.staff, f"đoán {number}") for number in range(MOST_GUESSES + 2)]
    assert said == [WRONG] * 10 + [LOCKED] * 2
    assert knock(office.staff, PASSWORD) == LOCKED


@pytest.mark.covers("T09")
def test_a_thousand_forged_addresses_have_ten_guesses_together(app, office):
    browser = app.test_client()
    token = form_token(browser, "/login")
    checked = 0
    for number in range(1000):
        address = f"10.{number // 250}.{number % 250}.7"
        answer = browser.post(
            "/login",
            data={"login": office.staff.login, "password": "đoán", "csrf_token": token},
            headers={"X-Forwarded-For": address, "X-Real-Ip": address, "Forwarded": address},
            environ_overrides={"REMOTE_ADDR": address},
        )
        assert answer.status_code == 422
        checked += "Sai mật khẩu quá nhiều lần" not in text(answer)
    assert checked == MOST_GUESSES
    db.session.rollback()
    kept = db.session.scalar(sa.select(sa.func.count()).select_from(Guess))
    assert kept == MOST_GUESSES
    told = sa.select(sa.func.count()).where(TrailEntry.fact == "account.sign_in_refused")
    assert db.session.scalar(told) == MOST_GUESSES  # a stranger cannot fill the trail


def text(answer):
    """The words of an answer."""
    return re.sub(r"\s+", " ", answer.get_data(as_text=True)).replace("Nhập sai", "Sai")


@pytest.mark.covers("T09")
def test_the_true_user_is_back_in_after_a_quarter_of_an_hour(office):
    for number in range(MOST_GUESSES):
        knock(office.staff, f"đoán {number}", now=MONDAY + timedelta(seconds=number))
    almost = MONDAY + GUESS_WINDOW - timedelta(seconds=1)
    assert knock(office.staff, PASSWORD, now=almost) == LOCKED
    assert knock(office.staff, PASSWORD, now=MONDAY + GUESS_WINDOW) == ""


@pytest.mark.covers("T09")
def test_a_known_device_keeps_ten_guesses_of_its_own(app, office):
    known, stranger = app.test_client(), app.test_client()
    sign_in(known, office.staff)
    known.post("/logout", data={"csrf_token": form_token(known, "/profile")})
    for _number in range(MOST_GUESSES):
        attempt(stranger, office.staff, "đoán")
    assert "quá nhiều lần" in text(attempt(stranger, office.staff, PASSWORD))
    assert known.get_cookie(DEVICE) is not None
    assert attempt(known, office.staff, PASSWORD).status_code == 303
    assert "quá nhiều lần" in text(attempt(stranger, office.staff, PASSWORD))


@pytest.mark.covers("T09")
def test_a_device_known_to_one_account_is_a_stranger_to_another(app, office):
    device = app.test_client()
    sign_in(device, office.staff)
    device.post("/logout", data={"csrf_token": form_token(device, "/profile")})
    for _number in range(MOST_GUESSES):
        attempt(app.test_client(), office.manager, "đoán")
    assert "quá nhiều lần" in text(attempt(device, office.manager, PASSWORD))


@pytest.mark.covers("T09", "T21")
def test_guesses_in_the_signing_dialog_count_too(office):
    for number in range(MOST_GUESSES):
        with pytest.raises(InvalidInput) as refused:
            prove(office.leader, f"đoán {number}", now=MONDAY)
        assert refused.value.text != LOCKED
    with pytest.raises(InvalidInput) as refused:
        prove(office.leader, PASSWORD, now=MONDAY)
    assert refused.value.text == LOCKED
    assert prove(office.leader, PASSWORD, now=MONDAY + GUESS_WINDOW).person_id == office.leader.id


@pytest.mark.covers("T09")
def test_guessing_the_present_password_when_changing_it_counts_as_signing(app, office):
    browser = app.test_client()
    sign_in(browser, office.staff)
    data = {
        "csrf_token": form_token(browser, "/profile"),
        "present_password": "đoán",
        "password": "mật khẩu hoàn toàn mới",
    }
    answers = [browser.post("/profile/password", data=data) for _number in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 11
    assert "quá nhiều lần" not in text(answers[9])
    assert "quá nhiều lần" in text(answers[10])
    right = browser.post("/profile/password", data={**data, "present_password": PASSWORD})
    assert right.status_code == 422


@pytest.mark.covers("T09")
def test_the_right_password_wipes_the_slate_of_that_device_only(office):
    for number in range(MOST_GUESSES - 1):
        knock(office.staff, f"đoán {number}")
    assert knock(office.staff, PASSWORD) == ""
    assert [knock(office.staff, "đoán") for _number in range(11)].count(WRONG) == MOST_GUESSES


@pytest.mark.covers("T09")
def test_spellings_of_one_account_name_share_their_guesses(office):
    login = office.staff.login
    names = [login, login.upper(), f" {login} ", login.replace("p", "\uff50")]
    said = [knock(names[number % 4], "đoán") for number in range(11)]
    assert said == [WRONG] * 10 + [LOCKED]


@pytest.mark.covers("T09")
def test_unknown_names_get_the_same_words_and_limit(office):
    assert [knock("khong-co-ai", "đoán") for _number in range(11)] == [WRONG] * 10 + [LOCKED]


@pytest.mark.covers("T09")
def test_the_time_of_an_answer_does_not_tell_which_names_exist(office):
    def spent(name, number):
        start = time.process_time()
        assert knock(name, "đoán", now=MONDAY + number * GUESS_WINDOW) == WRONG
        return time.process_time() - start

    # work done, not time passed, turn by turn: a busy machine says nothing about the two
    known, unknown = [], []
    for number in range(25):
        known.append(spent(office.staff, number))
        unknown.append(spent(f"khong-ai-{number}", number))
    one, other = statistics.median(known), statistics.median(unknown)
    assert abs(one - other) / one < 0.05, (one, other)


@pytest.mark.covers("T09", "e17")
def test_a_password_fits_however_a_keyboard_composes_it(office):
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert knock(office.staff, decomposed) == ""
    assert prove(office.staff, decomposed, now=MONDAY).person_id == office.staff.id
    with unit_of_work(None) as work:
        person = work.fresh(office.staff)
        assert not password_fits(person, PASSWORD.upper())
        assert hash_password(decomposed) != hash_password(decomposed)  # salted
