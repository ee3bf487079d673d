"""The pages of seal and signatures in a real browser: calm, clear on a phone (L19, e17)."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from app.jobs import seal_copies
from app.kernel.db import db
from documents.content import rendition
from documents.models import Revision
from documents.sealing import newest_copy
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import Office
from tests.documents.content.authority import an_authority
from tests.documents.content.test_pdf_signing import by_token
from tests.documents.test_sealing import drawn, set_up, stored

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.covers("L19", "e17")]
PICTURES = os.environ.get("NENEP_PICTURES", "")  # a folder, for whoever wants to look


def looked_at(page: Page, name: str) -> None:
    """No fault for a reader with help, and no sideways scroll at any width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == [], name
        assert not scrolls_sideways(page), (name, width)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def elsewhere(act: Callable[[], Any]) -> Any:
    """Do something in a thread of its own, as the jobs process does: a browser has this one's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_leader_sees_the_seal_signs_outside_and_brings_it_back(
    live: Live, page: Page, tmp_path: Path, monkeypatch: Any, language: str
) -> None:
    monkeypatch.setattr(rendition, "_office", lambda: None)
    authority = an_authority()

    def build() -> tuple[str, int, str, Path]:
        office = Office()
        before = drawn(live.app, office)
        (tmp_path / "keys").mkdir()
        set_up(live.app, office, authority.issue("UBND phường"), authority, tmp_path / "keys")
        return office.leader.login or "", before.id, office.officer.login or "", Path()

    leader, revision_id, officer, _none = live.run(build)
    enter(page, live, leader, language)
    page.goto(f"{live.url}/r/{revision_id}/digital")
    looked_at(page, f"digital-before-{language}")
    elsewhere(lambda: live.run(lambda: seal_copies(datetime.now(UTC))))
    page.reload()
    looked_at(page, f"digital-sealed-{language}")
    with page.expect_download() as download:
        page.click("main a[href$='.pdf']")
    download.value.save_as(tmp_path / "down.pdf")
    official = authority.issue("Đỗ Minh Anh", "UBND phường Thử Nghiệm")
    elsewhere(lambda: by_token(tmp_path / "down.pdf", official, tmp_path / "up.pdf"))
    page.set_input_files("[name=file]", tmp_path / "up.pdf")
    page.click("main form button.primary")
    page.wait_for_selector("text=Đỗ Minh Anh")
    looked_at(page, f"digital-signed-{language}")
    page.goto(f"{live.url}/signatures")
    page.set_input_files("[name=file]", tmp_path / "up.pdf")
    page.click("main form button.primary")
    page.wait_for_selector("main .tasks")
    looked_at(page, f"signatures-{language}")
    page.goto(f"{live.url}/r/{revision_id}/digital")
    page.click("nav.xs a:last-child")
    page.wait_for_selector("h1 .code")
    looked_at(page, f"document-{language}")
    page.context.clear_cookies()
    enter(page, live, officer, language)
    page.goto(f"{live.url}/settings")
    looked_at(page, f"settings-{language}")

    def kept() -> int:
        copy = newest_copy(db.session(), db.session.get_one(Revision, revision_id))
        return stored(copy).stat().st_size

    assert live.run(kept) == (tmp_path / "up.pdf").stat().st_size
