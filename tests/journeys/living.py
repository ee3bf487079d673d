"""What a journey over years stands on: people of an office, one browser, a calendar, an album."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from documents.external_document import ExternalData, register_law
from documents.models import ChangeRequest, ChangeState, Revision
from tests.browser import Live, enter
from tests.builders import MONDAY, PASSWORD, Office, a_person
from tests.clock import Clock
from tests.documents.test_laws import OLD

TITLE = "Đăng ký khai sinh"


def typed(day: date) -> str:
    """Give a day as people type it."""
    return day.strftime("%d/%m/%Y")


class Year:
    """The people of an office, one browser they share, the calendar, and an album."""

    def __init__(self, page: Page, live: Live, clock: Clock, album: Path) -> None:
        self.page, self.live, self.clock, self.album = page, live, clock, album
        self.logins: dict[str, str] = live.run(self._office)
        self.who, self.number = "", 0
        self.cookies: dict[str, Any] = {}  # of who is signed in, each in a browser of their own
        page.set_viewport_size({"width": 1440, "height": 900})
        page.set_default_timeout(10_000)

    def _office(self) -> dict[str, str]:
        office = Office()
        deputy = a_person(office.unit, name="Hoàng Thị Mai")
        with unit_of_work(office.officer, now=MONDAY) as work:
            register_law(work, ExternalData(OLD, "Cơ chế một cửa"))
        office.effective(office.document(TITLE), text="Nộp hồ sơ trong năm ngày.")
        people = {**vars(office), "deputy": deputy}
        return {name: str(one.login) for name, one in people.items() if isinstance(one, Person)} | {
            "body": office.body.code
        }

    def by(self, who: str, path: str = "") -> str:
        """Let somebody sit down, on a page of theirs; give what it says."""
        if who != self.who:
            self.page.context.clear_cookies()
            if who in self.cookies:
                self.page.context.add_cookies(self.cookies[who])
            elif who:
                enter(self.page, self.live, self.logins[who])
                self.cookies[who] = self.page.context.cookies()
            self.who = who
        return self.go(path) if path else self.said

    def go(self, path: str) -> str:
        """Open a page; give what it says."""
        answer = self.page.goto(self.live.url + path)
        assert answer is not None
        assert answer.ok, (path, answer.status, self.said)
        return self.said

    @property
    def said(self) -> str:
        """Give the words of the page."""
        return self.page.inner_text("main")

    def press(self, label: str, to: str = "") -> str:
        """Press a button by its words; wait for where it leads; give what stands there."""
        self.page.locator(f"main button:visible:has-text('{label}')").first.click()
        if to:
            self.page.wait_for_url(re.compile(to))
        self.page.wait_for_load_state()
        return self.page.inner_text("body")

    def sign(self, opener: str, label: str = "Ký", **more: str) -> str:
        """Open the box of a decision, type the password, sign."""
        self.page.click(f"summary:visible:has-text('{opener}')")
        box = self.page.locator("details.sign-open[open]")
        for name, value in more.items():
            box.locator(f"[name$={name}]").fill(value)
        box.locator("input[type=password]").fill(PASSWORD)
        self.look(f"sign {opener}")
        box.locator(f"button:has-text('{label}')").click()
        self.page.wait_for_load_state()
        return self.page.inner_text("body")

    def look(self, name: str) -> None:
        """Keep a picture of the screen as it is."""
        self.number += 1
        file = f"{self.number:02}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
        self.page.screenshot(path=str(self.album / file), full_page=True)

    def choose(self, field: str, name: str) -> None:
        """Choose a person by typing a part of the name."""
        self.page.locator(f"#{field}").press_sequentially(name, delay=10)
        self.page.click(".who-list [role=option]")

    def chip(self) -> str:
        """Give the words beside the title, where states stand."""
        return self.page.locator("main h1 + p.row, main h1 + p + p.row").first.inner_text()

    def wait_until(self, day: date) -> None:
        """Let it be the morning of a day; by then everybody went home."""
        self.clock.go_to(day)
        self.cookies.clear()
        self.page.context.clear_cookies()
        self.who = ""

    def job(self, run: Callable[[Any], int]) -> int:
        """Let the jobs process do one thing; the browser's loop runs in this thread."""
        with ThreadPoolExecutor(1) as jobs:
            return int(jobs.submit(self.live.run, lambda: run(self.clock.now())).result())

    def know(self, read: Callable[[], Any]) -> Any:
        """Ask the record itself."""
        return self.live.run(read)


def revision(label: str = "02/00") -> Revision:
    """Give an edition of the document."""
    edition, amendment = label.split("/")
    return db.session.scalars(
        sa.select(Revision).where(
            Revision.edition == int(edition), Revision.amendment == int(amendment)
        )
    ).one()


def requests() -> list[tuple[str, ChangeState]]:
    """Give every change request and its state."""
    found = db.session.scalars(sa.select(ChangeRequest).order_by(ChangeRequest.id))
    return [(one.number, one.state) for one in found]


def path_of(year: Year) -> str:
    """Give the page of the second edition."""
    return f"/r/{year.know(lambda: revision().id)}"


def verdict(year: Year, label: str = "02/00") -> str:
    """Scan the code of a printed page, as nobody."""
    token = year.know(lambda: revision(label).token)
    year.by("")
    said = year.go(f"/v/{token}")
    year.look(f"qr of {label}")
    return said
