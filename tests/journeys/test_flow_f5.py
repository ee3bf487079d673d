"""F5: staff read and confirm from a message: at most 2 taps beside reading; at any width."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.digest import url_of
from app.kernel.db import db
from app.kernel.notices import Notice
from app.kernel.organising import PersonData, add_person
from app.kernel.work import unit_of_work
from documents.distribution import call_readers
from documents.drafting import change_draft
from documents.facts import DocumentNotice
from documents.models import Acknowledgement
from documents.quiz import Question, set_quiz
from documents.reading import MeetingData, acknowledge, acknowledge_for_unit
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import Office, a_draft, draft_data

LONG = " ".join(["Công chức tiếp nhận hồ sơ và trả kết quả đúng hạn."] * 120)


def an_office() -> dict[str, str]:
    """Build a small office where a second edition has just come into force."""
    office = Office()
    with unit_of_work(None) as work:
        worker = add_person(work, PersonData(name="Bế Văn Tạp Vụ", unit=work.fresh(office.unit)))
        guard = add_person(work, PersonData(name="Lường Văn Gác", unit=work.fresh(office.unit)))
    first = office.effective(text=f"{LONG} Nộp trong năm ngày.")
    with unit_of_work(office.staff) as work:
        acknowledge(work, first)
    second = office.effective(first.document, text=f"{LONG} Nộp trong bảy ngày.")
    with unit_of_work(office.manager) as work:
        acknowledge(work, second)
    now = max(datetime.now(UTC), second.approved_at or datetime.now(UTC)) + timedelta(minutes=1)
    with unit_of_work(office.manager, now=now) as work:
        unit = work.fresh(office.unit)
        acknowledge_for_unit(work, second, unit, MeetingData(work.today, "07/BB", (worker,)))
    with unit_of_work(None, now=now) as work:
        distribution = work.fresh(second).distribution
        assert distribution is not None
        call_readers(work, distribution, distribution.asked_on or now.date())
    amendment = a_draft(office.author, first.document)
    with unit_of_work(office.author) as work:
        amendment = work.fresh(amendment)
        change_draft(work, amendment, draft_data(amendment, edition=2, amendment=1))
    asked = office.effective(office.document("Chứng thực bản sao"))
    with unit_of_work(office.author) as work:
        question = Question("Trả kết quả trong mấy ngày?", ("Năm ngày", "Bảy ngày"), 1)
        set_quiz(work, asked, [question], 100)
    notice = db.session.scalars(
        sa.select(Notice).where(
            Notice.kind == str(DocumentNotice.READING_ASKED), Notice.person_id == office.staff.id
        )
    ).one()
    return {
        "staff": str(office.staff.login),
        "staff_id": str(office.staff.id),
        "officer": str(office.officer.login),
        "manager": str(office.manager.login),
        "second": str(second.id),
        "asked": str(asked.id),
        "amendment": str(amendment.id),
        "unit": str(office.unit.id),
        "guard": guard.name,
        "letter": "/b/" + url_of(db.session(), notice, office.body).split("/b/", 1)[1],
    }


def _words_of(person_id: int) -> int:
    found = db.session.scalars(
        sa.select(Acknowledgement.id).where(Acknowledgement.person_id == person_id)
    )
    return len(list(found))


@pytest.mark.browser
@pytest.mark.covers("F5", "a34", "P2")
def test_two_taps_beside_reading_confirm_what_a_letter_asked_for(page: Page, live: Live):
    names = live.run(an_office)
    page.set_viewport_size({"width": 390, "height": 800})
    enter(page, live, names["staff"])
    page.goto(live.url + names["letter"])  # tap 1: the link of the letter
    button = page.locator("#read-confirm")
    assert button.get_attribute("aria-disabled") == "true"
    assert page.locator(".chg").count() >= 1
    assert "bảy" in page.locator(".chg").first.inner_text()
    page.mouse.wheel(0, 100_000)  # reading
    page.wait_for_selector("#read-confirm:not([aria-disabled])")
    button.click()  # tap 2
    page.wait_for_url("**/work")
    assert live.run(lambda: _words_of(int(names["staff_id"]))) == 2


@pytest.mark.browser
@pytest.mark.covers("F5", "a34")
def test_without_script_the_button_stands_at_the_end_and_works(page: Page, live: Live):
    names = live.run(an_office)
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, live, names["staff"])
    plain.goto(live.url + names["letter"])
    plain.click("#read-confirm")
    plain.wait_for_url("**/work")
    assert live.run(lambda: _words_of(int(names["staff_id"]))) == 2
    context.close()


@pytest.mark.browser
@pytest.mark.covers("a34", "a37", "a38")
def test_every_screen_of_reading_and_distribution_passes_axe_at_every_width(page: Page, live: Live):
    names = live.run(an_office)
    code = "/d/QT-TP-01/distribution"
    screens = {
        "staff": ["/work", f"/read/{names['second']}", f"/people/{names['staff_id']}/training"],
        "officer": [
            code,
            f"{code}?people=unread",
            f"{code}?revision={names['amendment']}",
            f"/r/{names['second']}/distribution",
            f"/r/{names['second']}/quiz",
            "/settings",
        ],
        "manager": [
            f"/read/{names['second']}",
            f"/read/{names['asked']}",
            f"/r/{names['second']}/minutes/{names['unit']}",
        ],
    }
    faults, pictures = [], os.environ.get("NENEP_PICTURES", "")
    for who, paths in screens.items():
        page.context.clear_cookies()
        enter(page, live, names[who])
        for number, path in enumerate(paths):
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                for language in ("vi", "en"):
                    page.goto(f"{live.url}{path}{'&' if '?' in path else '?'}lang={language}")
                    if pictures:
                        name = f"{who}-{number}-{width}-{language}.png"
                        page.screenshot(path=f"{pictures}/{name}", full_page=width < 500)
                    at = f"{path} at {width} {language}"
                    faults += [f"{at}: {one}" for one in axe(page)]
                    if scrolls_sideways(page):
                        faults.append(f"{at} scrolls sideways")
                    if page.locator(".primary").count() > 1:
                        faults.append(f"{at} has more than one filled button")
    assert not faults, "\n".join(faults)
