"""F10: from fieldwork ended to the report issued in at most 5 clicks of the lead (A9, A4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.kernel.db import db
from audits.models import Audit, AuditState, Finding, UnitResponse
from tests.audits.test_findings import an_audit
from tests.audits.world import Auditing
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import PASSWORD
from tests.journeys.test_flow_f1 import Counting


def _fieldwork_over() -> dict[str, str]:
    office = Auditing()
    audit = an_audit(office)
    for text in ("Sổ theo dõi ghi thiếu ba hồ sơ.", "Bản niêm yết là lần ban hành cũ."):
        office.finding(audit, text)
    return {
        "lead": str(office.lead_person.login),
        "manager": str(office.manager.id),
        "audit": audit.number,
    }


def _answered(number: str, manager: str) -> None:
    office = Auditing.__new__(Auditing)
    session = db.session()
    found = session.scalars(sa.select(Finding).order_by(Finding.serial)).all()
    person = session.get_one(type(found[0].written_by), int(manager))
    office.answered_by(person, found[0])
    office.answered_by(person, found[1], UnitResponse.DISPUTE, "Đã thay tuần trước.")


def _state(number: str) -> tuple[AuditState, list[str]]:
    audit = db.session.scalars(sa.select(Audit).where(Audit.number == number)).one()
    return audit.state, [str(one.state) for one in audit.findings]


@pytest.mark.browser
@pytest.mark.covers("F10", "A9", "A4", "b34", "b30")
def test_a_report_with_a_dispute_is_issued_in_four_clicks(page: Page, live: Live):
    names = live.run(_fieldwork_over)
    number = names["audit"]
    enter(page, live, names["lead"])
    page.goto(f"{live.url}/audits/{number}")
    person = Counting(page)
    person.click("main a.primary")  # write the report
    person.click("main .pagehead button.primary")  # make the findings known
    page.wait_for_selector(".flashes :text('2')")
    live.run(lambda: _answered(number, names["manager"]))  # the unit, on its own screen
    page.reload()
    person.type("article textarea", "Biên bản ngày đánh giá còn ghi bản cũ.")
    person.click("article button:not(.danger)")  # uphold what is disputed
    person.type("[name=words-conclusions]", "Hệ thống phù hợp, trừ các điểm đã nêu.")
    person.type("[name=words-password]", PASSWORD)
    person.click("form.sign button.primary")  # sign and issue
    page.wait_for_selector("[name=amend-reason]", state="attached")
    assert person.clicks <= 5
    assert live.run(lambda: _state(number)) == (AuditState.REPORTED, ["accepted", "decided"])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(page)
        assert axe(page) == []
