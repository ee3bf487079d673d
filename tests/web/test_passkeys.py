"""Passkeys in a real browser with an authenticator of its own; and what is no answer (e12, T09)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.accounts import MOST_GUESSES, SignInSession, Stage
from app.kernel.db import db
from app.kernel.factors import Passkey
from app.kernel.people import Person
from app.kernel.signatures import Signature
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from tests.browser import Live, axe, scrolls_sideways
from tests.builders import (
    PASSWORD,
    Office,
    a_draft,
    form_token,
    settings_changed,
    sign_in,
    submitted,
)
from tests.web.test_second_factor import code_at, knock, with_factor

pytestmark = [pytest.mark.covers("e12")]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=9)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.covers("T08")
def test_a_passkey_is_added_opens_the_door_and_is_removed(live: Live, page: Page) -> None:
    url = live.url.replace("127.0.0.1", "localhost")
    live.app.extensions["nenep"] = replace(live.app.extensions["nenep"], public_url=url)

    def build() -> tuple[str, str]:
        person = Office().leader
        return person.login or "", with_factor(person, a_while_ago())[0]

    login, secret = live.run(build)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )

    def password() -> None:
        page.goto(f"{url}/login?lang=en")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("form.form button.primary")
        page.wait_for_url("**/login/code**")

    password()
    assert page.locator("[data-passkey]").count() == 0  # nobody is offered what they have not
    page.fill("[name=code]", code_at(secret, datetime.now(UTC) - timedelta(seconds=30)))
    page.click("button.primary")
    page.wait_for_url("**/work**")
    page.goto(f"{url}/profile/second-factor")
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == []
        assert not scrolls_sideways(page)
    page.fill("#passkey-name", "Máy ở cơ quan")
    page.fill("#passkey-password", PASSWORD)
    page.fill("#passkey-code", "123456")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-passkey] [role=alert]")
    page.fill("#passkey-code", code_at(secret, datetime.now(UTC)))
    page.click("[data-passkey] button")
    page.wait_for_selector("text=Máy ở cơ quan")
    page.context.clear_cookies()

    password()
    assert axe(page) == []
    page.click("[data-passkey] button")
    page.wait_for_url("**/work**")
    kept = live.run(lambda: db.session.scalars(sa.select(Passkey.sign_count)).one())
    assert kept >= 1

    def facts() -> list[str]:
        return list(db.session.scalars(sa.select(TrailEntry.fact).order_by(TrailEntry.id)))

    assert live.run(facts).count("account.passkey_added") == 1
    page.goto(f"{url}/profile/second-factor")
    page.click("text=Remove the passkey")
    page.wait_for_selector("text=The passkey is removed.")
    assert live.run(facts)[-1] == "account.passkey_removed"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.covers("a56", "T08")
def test_a_passkey_signs_in_place_of_the_code_and_without_script_the_code_stays(
    live: Live, page: Page
) -> None:
    url = live.url.replace("127.0.0.1", "localhost")
    live.app.extensions["nenep"] = replace(live.app.extensions["nenep"], public_url=url)

    def build() -> tuple[str, str, int, int]:
        office = Office()
        settings_changed(office.body, factor_at_signing=True)
        first, second = (
            submitted(a_draft(office.author, office.document(title)), office.author)
            for title in ("Khai sinh", "Kết hôn")
        )
        person = office.manager
        secret = with_factor(person, a_while_ago())[0]
        return person.login or "", secret, first.id, second.id

    login, secret, first, second = live.run(build)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.goto(f"{url}/login?lang=en")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button.primary")
    page.wait_for_url("**/login/code**")
    page.fill("[name=code]", code_at(secret, datetime.now(UTC) - timedelta(seconds=30)))
    page.click("button.primary")
    page.wait_for_url("**/work**")
    page.goto(f"{url}/r/{first}")
    assert page.locator("[data-sign-passkey]").count() == 0, "nobody is offered what they have not"
    page.goto(f"{url}/profile/second-factor")
    page.fill("#passkey-name", "Máy ở cơ quan")
    page.fill("#passkey-password", PASSWORD)
    page.fill("#passkey-code", code_at(secret, datetime.now(UTC)))
    page.click("[data-passkey] button")
    page.wait_for_selector("text=Máy ở cơ quan")

    page.goto(f"{url}/r/{first}")
    page.click("[data-opens=approve] > summary")
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == []
        assert not scrolls_sideways(page)
    box = page.locator("[data-opens=approve]")
    box.locator("[data-sign-passkey] button").click()
    box.locator("[role=alert]").wait_for()  # the password first
    box.locator("input[type=password]").fill("sai mật khẩu")
    box.locator("[data-sign-passkey] button").click()
    page.wait_for_selector("text=This is not your password")
    box = page.locator("[data-opens=approve]")
    box.locator("input[type=password]").fill(PASSWORD)
    box.locator("[data-sign-passkey] button").click()
    page.wait_for_url("**/work**")

    def methods() -> list[str]:
        return list(db.session.scalars(sa.select(Signature.method).order_by(Signature.id)))

    assert live.run(methods) == ["password+passkey"]
    without = page.context.browser.new_context(java_script_enabled=False)
    without.add_cookies(page.context.cookies())
    plain = without.new_page()
    plain.goto(f"{url}/r/{second}")
    assert plain.locator("[data-sign-passkey]").first.is_hidden()
    plain.click("[data-opens=approve] > summary")
    assert plain.locator("[data-opens=approve] input[autocomplete=one-time-code]").is_visible()
    without.close()


@pytest.mark.covers("a56", "T09")
def test_what_is_no_answer_of_a_passkey_signs_nothing_and_counts(app: Any, office: Office) -> None:
    settings_changed(office.body, factor_at_signing=True)
    revision = submitted(a_draft(office.author, office.document()), office.author)
    browser = app.test_client()
    sign_in(browser, office.manager)
    token = form_token(browser, "/profile")
    asking = browser.post("/profile/passkeys/signing", data={"csrf_token": token})
    assert asking.status_code == 422, "there is none to answer with"
    with unit_of_work(None) as work:
        work.add(a_passkey(office.manager))
    data = {
        "csrf_token": token,
        "answer": "approve",
        "a-password": PASSWORD,
        "a-passkey": json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key"}),
        "a-row_version": revision.package.row_version,
    }
    for number in range(MOST_GUESSES):
        if number % 3 == 0:
            asked = browser.post("/profile/passkeys/signing", data={"csrf_token": token})
            assert asked.json["allowCredentials"][0]["id"] == "AAAA"
        answer = browser.post(f"/r/{revision.id}/decision?lang=en", data=data)
        assert (answer.status_code, "was not taken" in answer.get_data(as_text=True)) == (422, True)
    answer = browser.post(f"/r/{revision.id}/decision?lang=en", data=data)
    assert "Too many wrong" in answer.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Signature)) == 0


@pytest.fixture
def office(app: Any) -> Iterator[Office]:
    here = app.extensions["nenep"]
    app.extensions["nenep"] = replace(here, public_url="http://localhost")
    yield Office()
    app.extensions["nenep"] = here


def a_passkey(person: Person) -> Passkey:
    return Passkey(
        person_id=person.id,
        credential="AAAA",
        public_key="pQECAyYgASFYIA",
        name="Khóa",
        made_at=datetime.now(UTC),
    )


@pytest.mark.covers("T09")
def test_what_is_no_answer_of_a_passkey_opens_nothing_and_counts(app: Any, office: Office) -> None:
    with_factor(office.staff, a_while_ago())
    with unit_of_work(None) as work:
        work.add(a_passkey(office.staff))
    browser = app.test_client()
    knock(browser, office.staff)
    token = form_token(browser, "/login/code")
    asked = browser.post("/login/passkey/options", data={"csrf_token": token})
    assert asked.json["rpId"] == "localhost"
    assert asked.json["allowCredentials"][0]["id"] == "AAAA"
    answers = ["x", "{}", "[]", json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key"})]
    for number in range(MOST_GUESSES):
        data = {"csrf_token": token, "answer": answers[number % len(answers)]}
        assert browser.post("/login/passkey", data=data).status_code == 422
    locked = browser.post("/login/passkey", data={"csrf_token": token, "answer": "{}"})
    assert "quá nhiều lần" in locked.get_data(as_text=True)
    assert browser.get("/work").status_code == 303
    db.session.rollback()
    held = db.session.scalars(
        sa.select(SignInSession.challenge).where(SignInSession.stage == Stage.CODE)
    ).all()
    assert set(held) == {""}  # a challenge counts once, whatever comes of it


@pytest.mark.covers("T05", "T06")
def test_a_passkey_is_nobody_elses_and_is_added_only_after_password_and_code(
    app: Any, office: Office
) -> None:
    with unit_of_work(None) as work:
        key = work.add(a_passkey(office.manager))
    browser = app.test_client()
    sign_in(browser, office.officer)
    token = form_token(browser, "/profile")
    path = f"/profile/passkeys/{key.id}/removal"
    assert browser.post(path, data={"csrf_token": token}).status_code == 404
    wanted = {"csrf_token": token, "name": "Máy", "password": PASSWORD, "code": "123456"}
    answer = browser.post("/profile/passkeys/options", data=wanted)
    assert answer.status_code == 422  # no second factor is on
    data = {"csrf_token": token, "name": "Máy", "answer": "{}"}
    assert browser.post("/profile/passkeys", data=data).status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Passkey)) == 1
