"""F1: publish a new revision from a .docx, author and one approver: at most 6 clicks, 1 field."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from app.web.formats import HERE
from documents.facts import DocumentFact
from documents.models import Need, Revision, RevisionState, RouteStep, RouteTemplate, StepKind
from tests.browser import Live, axe, enter, scrolls_sideways
from tests.builders import PASSWORD, Office, a_draft, answered, submitted
from tests.documents.content.files import a_docx


class Counting:
    """A person at a page: every click is counted, typed fields too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.fields = 0

    def click(self, selector: str) -> None:
        """One click."""
        self.page.click(selector)
        self.clicks += 1

    def choose(self, selector: str, file: Path) -> None:
        """The file dialog of the system counts as one."""
        self.page.set_input_files(selector, str(file))
        self.clicks += 1

    def type(self, selector: str, text: str) -> None:
        """One field typed; Enter in the same form counts as nothing."""
        self.page.fill(selector, text)
        self.fields += 1


def _office() -> tuple[str, str, str]:
    office = Office()
    with unit_of_work(None) as work:
        route = RouteTemplate(body_id=office.body.id, name="Một người duyệt")
        route.steps = [
            RouteStep(position=1, kind=StepKind.APPROVAL, need=Need.ANY, role=Role.LEADER)
        ]
        work.add(route)
        work.record(DocumentFact.ROUTE_CHANGED, route)
    document = office.document()

    first = a_draft(office.author, document)
    submitted(first, office.author)
    answered(first, office.leader)
    return first.code, office.author.login, office.leader.login


def _second_is_in_force() -> None:
    rows = db.session.execute(sa.select(Revision.edition, Revision.state))
    states = {edition: state for edition, state in rows}  # noqa: C416 -- rows are not pairs to dict
    assert states == {1: RevisionState.OBSOLETE, 2: RevisionState.EFFECTIVE}


@pytest.mark.browser
@pytest.mark.covers("a5", "a9", "a56", "e21", "e19")
def test_f1_takes_six_clicks_and_one_field(live: Live, page: Page, tmp_path: Path) -> None:
    code, *logins = live.run(_office)
    file = tmp_path / "QT-TP-01 Đăng ký khai sinh.docx"
    file.write_bytes(
        a_docx(
            code=code,
            title="Đăng ký khai sinh",
            edition=2,
            effective_on=datetime.now(HERE).date().strftime("%d/%m/%Y"),
            paragraphs=["1. Mục đích", "Công chức tiếp nhận hồ sơ tại Trung tâm."],
        )
    )
    enter(page, live, logins[0])
    page.goto(f"{live.url}/d/{code}")
    author = Counting(page)
    author.click(f"main a[href$='/d/{code}/revise']:visible")
    author.choose("input[type=file]", file)
    page.wait_for_url("**/draft")
    assert axe(page) == []
    author.click("button.primary")
    page.wait_for_url(lambda url: not url.endswith("/draft"))
    page.context.clear_cookies()

    enter(page, live, logins[1])
    approver = Counting(page)
    page.goto(f"{live.url}/work")
    approver.click("a[data-work]")
    approver.click("summary.primary")
    approver.type("#approve-box input[type=password]", PASSWORD)
    approver.click("#approve-box .form-end button")
    page.wait_for_url("**/work")
    page.goto(f"{live.url}/d/{code}")
    live.run(_second_is_in_force)
    assert author.clicks + approver.clicks <= 6
    assert author.fields + approver.fields <= 1
    print(f"F1: {author.clicks + approver.clicks} clicks, {author.fields} + 1 password typed")


@pytest.mark.browser
@pytest.mark.covers("e17", "e19")
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_pages_of_a_revision_are_accessible(
    live: Live, page: Page, width: int, language: str
) -> None:
    def build() -> tuple[int, int, str, str]:

        office = Office()
        first = office.effective()
        waiting = submitted(
            a_draft(office.author, first.document, text="Bản hai, nộp trực tuyến."), office.author
        )
        draft = a_draft(office.author, office.document("Đăng ký kết hôn"))
        return waiting.id, draft.id, office.manager.login, office.author.login

    waiting, draft, manager, author = live.run(build)
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, live, manager, language)
    pages = ["/work", f"/r/{waiting}", f"/r/{waiting}?view=side", f"/r/{waiting}?view=changes"]
    for path in [*pages, "/documents/new"]:
        page.goto(live.url + path)
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path
        assert page.locator(".primary:visible").count() <= 1, path
    page.context.clear_cookies()
    enter(page, live, author, language)
    for path in ["/work", "/work/waiting", f"/r/{draft}/draft"]:
        page.goto(live.url + path)
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path
