"""Invitations, seals given up, letters, templates, calendar, deputies in a real browser (ux 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from documents.inviting import invite
from documents.models import FileReading, FileRecognition, SealTry
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import Office, a_body, a_deputy, a_draft, a_person, submitted


def _world() -> SimpleNamespace:
    """A guest from above, a seal that was given up, a scan whose recognition failed, a deputy."""
    province = Office(a_body(name="UBND tỉnh Thử Nghiệm"))
    office = Office(a_body(overseer=province.body))
    effective = office.effective()
    going = submitted(a_draft(office.author, office.document("Lưu trữ hồ sơ")), office.author)
    a_deputy(office.manager, office.staff)
    inspector = a_person(office.body, Role.STAFF, name="Người được mời")
    now = datetime.now(UTC)
    with unit_of_work(office.author, now=now) as work:
        for person in (province.staff, inspector):
            invite(
                work,
                work.fresh(going.package),
                work.fresh(person),
                until_on=work.today + timedelta(days=9),
                reason="Xem giúp phần nhận hồ sơ và thời hạn.",
            )
    main = effective.main_file.sha256
    with unit_of_work(None, now=now) as work:
        work.add(
            SealTry(revision_id=effective.id, tries=5, tried_at=now, problem="too_much: limit")
        )
        for reading in work.session.query(FileReading).filter_by(sha256=main):
            reading.content = reading.content.replace('"scan":false', '"scan":true')
        work.add(
            FileRecognition(
                source_sha256=main, tries=3, failed=True, problem="damaged", tried_at=now,
                ended_at=now,
            )
        )  # fmt: skip
    db.session.rollback()
    return SimpleNamespace(
        going=going.id,
        effective=effective.id,
        code=effective.code,
        author=office.author.login,
        officer=office.officer.login,
        staff=office.staff.login,
        administrator=office.administrator.login,
        guest=province.staff.login,
    )


PAGES = {
    "author": ("/r/{going}",),
    "guest": ("/notices", "/r/{going}"),
    "staff": ("/notices", "/notices/letters", "/delegation", "/profile/second-factor"),
    "officer": (
        "/r/{effective}/digital",
        "/d/{code}",
        "/settings/templates",
        "/settings/templates/declaration",
        "/settings/calendar",
    ),
    "administrator": ("/settings/mail", "/notices/letters", "/people"),
}


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.covers("a19", "L19", "e20", "a51", "T23")
def test_every_page_is_clean_at_every_width_in_both_languages(live: Live, page: Page) -> None:
    made = live.run(_world)
    wrong = []
    for who, paths in PAGES.items():
        page.context.clear_cookies()
        page.set_viewport_size({"width": 1440, "height": 900})
        enter(page, live, getattr(made, who))
        for path in paths:
            for language in ("vi", "en"):
                where = path.format(**vars(made))
                page.goto(f"{live.url}{where}?lang={language}")
                if page.locator("#invited details").count():
                    page.locator("#invited summary").click()
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 900})
                    wrong += [f"{who} {where} {language} {width}: {one}" for one in axe(page)]
                    if scrolls_sideways(page):
                        wrong.append(f"{who} {where} {language} {width}: sideways")
                    if page.locator(".btn.primary:visible").count() > 1:
                        wrong.append(f"{who} {where} {language} {width}: two primary buttons")
    assert not wrong, "\n".join(wrong)
