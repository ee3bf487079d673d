"""F4: staff find the current procedure by one key, a word and Enter; at any width."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page

from documents.models import Confidentiality, DocumentKind
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import Office, a_document, a_draft, submitted


def an_office() -> dict[str, str]:
    """Build a small office with documents in force, superseded and on their way."""
    office = Office()
    first = office.effective(office.document("Đăng ký khai sinh"), text="Bản cũ: nộp tại phường.")
    office.effective(first.document, text="Bản mới: nộp tại trung tâm.")
    form = a_document(
        office.officer,
        office.unit,
        title="Tờ khai đăng ký khai sinh",
        kind=DocumentKind.FORM,
        parent=first.document,
        confidentiality=Confidentiality.PUBLIC,
        keeper=office.author,
    )
    printed = office.effective(form)
    office.effective(office.document("Chứng thực bản sao"))
    submitted(a_draft(office.author, first.document, text="Bản sau."), office.author)
    return {
        "staff": str(office.staff.login),
        "officer": str(office.officer.login),
        "old": str(first.id),
        "token": printed.token,
    }


@pytest.mark.browser
@pytest.mark.covers("D6", "L20", "a54")
@pytest.mark.parametrize("typed", ["khai sinh đăng", "qttp01"])
def test_one_key_a_word_and_enter_open_the_text_in_force(page: Page, live: Live, typed: str):
    names = live.run(an_office)
    enter(page, live, names["staff"])
    began = time.monotonic()
    page.keyboard.press("/")
    page.keyboard.type(typed)
    page.wait_for_selector("#search-over a[role=option]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/d/QT-TP-01")
    assert "Bản mới: nộp tại trung tâm." in page.inner_text("article.page")
    assert time.monotonic() - began < 5
    assert "Bản cũ" not in page.inner_text("main")


@pytest.mark.browser
@pytest.mark.covers("D6", "a54")
def test_faster_typists_and_browsers_without_script_reach_the_page_of_results(
    page: Page, live: Live
):
    names = live.run(an_office)
    enter(page, live, names["staff"])
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, live, names["staff"])
    plain.fill("#q", "khai sinh")
    plain.press("#q", "Enter")
    plain.wait_for_url("**/search?q=*")
    plain.click("a.btn.primary")
    assert plain.url.split("/d/")[1] in ("QT-TP-01", "BM-TP-01.01")
    plain.click("text=Tải tệp gốc", trial=True)
    context.close()


@pytest.mark.browser
@pytest.mark.covers("a39", "a54", "a60")
def test_every_screen_of_finding_and_reading_passes_axe_at_every_width(page: Page, live: Live):
    names = live.run(an_office)
    enter(page, live, names["officer"])
    paths = [
        "/documents",
        "/documents?q=khongco",
        "/documents/print",
        "/search?q=dang+ky",
        "/search?q=dang+ki+kai",
        "/d/QT-TP-01",
        "/d/QT-TP-01?tab=changes",
        "/d/QT-TP-01?tab=related",
        f"/d/QT-TP-01?revision={names['old']}",
        f"/r/{names['old']}/print",
        f"/v/{names['token']}",
        "/v/unknown",
    ]
    faults = []
    for path in paths:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live.url + path + ("&" if "?" in path else "?") + "lang=en")
            faults += [f"{path} at {width}: {one}" for one in axe(page)]
            if scrolls_sideways(page):
                faults.append(f"{path} at {width} scrolls sideways")
            if page.locator(".primary").count() > 1:
                faults.append(f"{path} has more than one filled button")
    assert not faults, "\n".join(faults)
