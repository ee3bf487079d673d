"""The pages of the second factor in a real browser: without script, on a phone (e12, e17)."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page

from app.kernel.work import unit_of_work
from documents.body_settings import change_body_settings
from tests.browser import WIDTHS, Live, axe, scrolls_sideways
from tests.builders import PASSWORD, Office

PICTURES = os.environ.get("NENEP_PICTURES", "")  # a folder, for whoever wants to look
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def an_office() -> tuple[str, str]:
    """An office whose leaders need a second factor; give two account names."""
    office = Office()
    with unit_of_work(office.officer) as work:
        change_body_settings(work, work.fresh(office.body), {"factor_for_signers": True})
    return office.leader.login or "", office.staff.login or ""


def looked_at(page: Page, name: str) -> None:
    """No fault for a reader with help, and no sideways scroll at any width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == [], name
        assert not scrolls_sideways(page), (name, width)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def password(page: Page, live: Live, login: str, language: str) -> None:
    page.goto(f"{live.url}/login?lang={language}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button.primary")


def code_on(page: Page) -> str:
    """Read the key that stands as text, as somebody who cannot scan would."""
    key = re.sub(r"\s", "", page.locator("ol code").inner_text())
    return pyotp.TOTP(key).at(datetime.now(UTC))


@pytest.mark.covers("e12", "e17")
def test_a_leader_is_led_through_it_and_comes_in_with_the_codes(
    live: Live, page: Page, browser: Any
) -> None:
    leader, _staff = live.run(an_office)
    password(page, live, leader, "vi")
    page.wait_for_url("**/login/setup**")
    looked_at(page, "factor-lead")
    page.click("button.primary")
    page.wait_for_selector("ol code")
    assert page.locator("ol img").evaluate("picture => picture.naturalWidth") > 50
    looked_at(page, "factor-setup")
    page.fill("[name=code]", code_on(page))
    page.click("button.primary")
    page.wait_for_selector("text=Mã dự phòng")
    looked_at(page, "factor-codes")
    codes = page.locator("ol code").all_inner_texts()
    assert len(codes) == 10
    page.click("a.primary")
    page.wait_for_url("**/work**")
    page.goto(f"{live.url}/profile/second-factor")
    looked_at(page, "factor-on")

    without_script = browser.new_context(java_script_enabled=False).new_page()
    password(without_script, live, leader, "en")
    without_script.wait_for_url("**/login/code**")
    without_script.click("text=Phone not at hand?")
    without_script.fill("[name=code]", codes[0])
    without_script.click("button.primary")
    without_script.wait_for_url("**/work**")


@pytest.mark.covers("e12", "e17")
def test_the_code_page_and_the_profile_are_clear_on_a_phone(live: Live, page: Page) -> None:
    _leader, staff = live.run(an_office)
    password(page, live, staff, "en")
    page.wait_for_url("**/work**")
    page.goto(f"{live.url}/profile/second-factor")
    looked_at(page, "factor-off")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("ol code")
    page.fill("[name=code]", code_on(page))
    page.click("form.form button.primary")
    page.wait_for_selector("text=Recovery codes")
    page.context.clear_cookies()
    password(page, live, staff, "vi")
    page.wait_for_url("**/login/code**")
    looked_at(page, "factor-code")
    page.fill("[name=code]", "123456")
    page.click("button.primary")
    page.wait_for_selector(".error")
    looked_at(page, "factor-wrong")
