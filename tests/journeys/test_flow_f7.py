"""F7: a law is replaced, all change requests raised: at most 4 clicks; F9: a review kept by one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.db import db
from app.kernel.work import unit_of_work
from documents.external_document import ExternalData, register_law
from documents.facts import DocumentFact
from documents.models import ChangeRequest, ChangeState, ExternalDocument, PeriodicReview, Verdict
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import MONDAY, Office
from tests.documents.test_laws import CITING, NEW, OLD
from tests.journeys.test_flow_f1 import Counting


def _office() -> dict[str, str]:
    office = Office()
    with unit_of_work(office.officer, now=MONDAY) as work:
        register_law(work, ExternalData(OLD, "Cơ chế một cửa"))
    for _ in range(3):
        office.effective(text=CITING)
    quiet = office.effective(text="Không viện dẫn gì.").document
    with unit_of_work(None) as work:
        document = work.fresh(quiet)
        document.next_review_on = MONDAY.date()
        work.record(DocumentFact.RECORD_CHANGED, document)
    return {"officer": str(office.officer.login), "author": str(office.author.login)}


def _raised() -> list[tuple[str, ChangeState]]:
    rows = db.session.scalars(sa.select(ChangeRequest).order_by(ChangeRequest.id))
    return [(request.codes, request.state) for request in rows]


def _kept() -> list[tuple[str, Verdict, bool]]:
    rows = db.session.scalars(sa.select(PeriodicReview))
    return [(row.document.code or "", row.verdict, bool(row.reason)) for row in rows]


@pytest.mark.browser
@pytest.mark.covers("F7", "D12", "L23")
def test_a_replaced_law_raises_all_change_requests_in_three_clicks(page: Page, live: Live):
    names = live.run(_office)
    enter(page, live, names["officer"])
    page.goto(f"{live.url}/external")
    person = Counting(page)
    person.click("main a.primary")
    person.type("#number", f"Nghị định số {NEW}")
    person.type("#subject", "Cơ chế một cửa, bản mới")
    page.fill("#replaces", "61 / 2018 / nd-cp")
    person.click("main form.form button.primary")
    page.wait_for_url("**/impact")
    assert page.locator("tbody input[type=checkbox]:checked").count() == 3
    assert OLD in page.inner_text("tbody")
    person.click("main form.form button.primary")
    page.wait_for_url(lambda url: "impact" not in url)
    assert person.clicks == 3
    assert live.run(_raised) == [(f"QT-TP-0{number}", ChangeState.ACCEPTED) for number in (1, 2, 3)]


@pytest.mark.browser
@pytest.mark.covers("F9", "D7", "a31")
def test_keeping_a_document_is_one_click_with_the_reason_offered(page: Page, live: Live):
    names = live.run(_office)
    enter(page, live, names["author"])
    page.goto(f"{live.url}/reviews")
    person = Counting(page)
    assert "QT-TP-04" in page.inner_text("main h2")
    assert len(page.input_value("#reason")) > 20
    person.click("main form.form button.primary")
    page.wait_for_selector("[role=status], .flash, .note")
    assert person.clicks == 1
    assert person.fields == 0
    assert live.run(_kept) == [("QT-TP-04", Verdict.KEEP, True)]


def _law_id() -> int:
    return db.session.scalars(sa.select(ExternalDocument.id)).one()


@pytest.mark.browser
@pytest.mark.covers("a30", "a42", "a48")
def test_every_screen_of_laws_changes_and_reviews_passes_axe_at_every_width(page: Page, live: Live):
    names = live.run(_office)
    enter(page, live, names["officer"])
    law = live.run(_law_id)
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/external",
            f"/external/{law}",
            f"/external/{law}/impact",
            "/external/new?number=1/2020/TT-BTP",
            "/changes",
            "/changes/new?document=QT-TP-01",
            "/reviews?document=QT-TP-04",
            "/d/QT-TP-01?tab=related",
        ):
            for language in ("vi", "en"):
                joint = "&" if "?" in path else "?"
                page.goto(f"{live.url}{path}{joint}lang={language}")
                assert page.locator("main .primary").count() <= 1, path
                wrong += [(path, width, language, one) for one in axe(page)]
                if scrolls_sideways(page):
                    wrong.append((path, width, language, "scrolls sideways"))
    assert not wrong
