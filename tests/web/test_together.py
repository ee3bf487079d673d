"""Working together in a real browser: held files, wordings, impact, posts lent (a7, a19, L4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from app.kernel.db import db
from app.kernel.people import Role
from app.kernel.work import unit_of_work
from documents.checking_out import check_out, keep_aside
from documents.commenting import answer_suggestion, suggest_wording
from documents.models import Answer, DocumentKind, Need, StepKind
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import (
    Office,
    a_brought_file,
    a_deputy,
    a_document,
    a_draft,
    a_person,
    a_route,
    a_step,
    answered,
    submitted,
)


def _office():
    """One draft that came back with an accepted wording, and one paper that waits for a number."""
    office = Office()
    office.effective(document := office.document())
    a_document(
        office.officer,
        office.unit,
        title="Tờ khai",
        kind=DocumentKind.FORM,
        parent=document,
        keeper=office.author,
    )
    leaders = [a_person(office.body, Role.LEADER, name=f"Lãnh đạo {x}") for x in "ABC"]
    a_route(
        office.body,
        a_step(office.manager, kind=StepKind.REVIEW),
        a_step(*leaders, need=Need.QUORUM, quorum=2),
    )
    back = submitted(a_draft(office.author, document, text="Nhận hồ sơ trong hai ngày."),
                     office.author)  # fmt: skip
    with unit_of_work(office.manager) as work:
        taken = suggest_wording(work, work.fresh(back), old="hai ngày", new="02 ngày làm việc",
                                reason="Theo nghị định.")  # fmt: skip
        suggest_wording(work, work.fresh(back), old="Nhận", new="Tiếp nhận", reason="Đúng từ.")
    with unit_of_work(office.author) as work:
        answer_suggestion(work, work.fresh(taken), accepted=True, word="Đúng.")
    answered(back, office.manager, Answer.RETURN, "Sửa như góp ý.")
    with unit_of_work(office.author) as work:
        keep_aside(work, work.fresh(back), a_brought_file("Nhận hồ sơ trong ba ngày.", "cu.docx"))
    with unit_of_work(office.officer) as work:
        check_out(work, work.fresh(back))
    going = submitted(a_draft(office.author, office.document("Lưu trữ")), office.author)
    answered(going, office.manager)
    answered(going, leaders[0], Answer.RETURN, "Chưa đủ căn cứ.")
    a_deputy(leaders[1], office.staff)
    db.session.rollback()
    return SimpleNamespace(
        back=back.id,
        going=going.id,
        author=office.author.login,
        manager=office.manager.login,
        staff=office.staff.login,
        unit=office.unit.name,
    )


def _looked_at(page: Page, name: str) -> None:
    """Look at a page as it is: nothing for axe to say, nothing to scroll sideways for."""
    assert axe(page) == [], name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(page), (name, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


@pytest.mark.browser
@pytest.mark.covers("a7", "a19", "D15", "L4")
def test_an_author_sees_who_holds_the_file_what_to_put_in_and_what_it_touches(
    live: Live, page: Page
):
    office = live.run(_office)
    enter(page, live, office.author)
    page.goto(f"{live.url}/r/{office.back}/draft")
    text = page.inner_text("main")
    assert "Lê Quang Huy đang giữ tệp này" in text
    assert "02 ngày làm việc" in text
    assert "chưa có trong tệp" in text
    assert "Tờ khai" in page.inner_text("#impact")
    _looked_at(page, "draft")
    page.click("#comments button[value=accept] >> nth=0")
    page.wait_for_url(re.compile("/draft"))
    assert "Đã chấp nhận câu chữ." in page.inner_text("body")
    page.click("text=cu.docx")
    page.wait_for_url(re.compile("/aside/"))
    assert "ba" in page.inner_text("main")
    _looked_at(page, "aside")


@pytest.mark.browser
@pytest.mark.covers("a13", "a21", "a22", "D15", "a19")
def test_a_deputy_reads_the_impact_suggests_and_decides_for_the_other(live: Live, page: Page):
    office = live.run(_office)
    enter(page, live, office.staff)
    page.goto(f"{live.url}/r/{office.going}")
    assert "muốn trả lại" in page.inner_text("main")
    assert page.inner_text("#impact")
    page.click("summary:has-text('Đề xuất câu chữ')")
    _looked_at(page, "review")
    page.fill("[name=s-quote]", "tiếp nhận")
    page.fill("[name=s-proposed]", "nhận")
    page.fill("[name=s-text]", "Gọn hơn.")
    page.click("text=Gửi đề xuất")
    page.wait_for_url(re.compile("comment-"))
    assert "Đề xuất của ông/bà đã được lưu." in page.inner_text("body")
    assert "Bùi Thị Lan" in page.inner_text("#comments")
    page.goto(f"{live.url}/profile")
    assert "Lãnh đạo B" in page.inner_text("main")


@pytest.mark.browser
@pytest.mark.covers("a21", "L16", "O2")
def test_a_post_is_lent_in_a_few_clicks(live: Live, page: Page):
    office = live.run(_office)
    enter(page, live, office.manager)
    page.goto(f"{live.url}/delegation")
    _looked_at(page, "delegation")
    page.select_option("[name=post]", index=1)
    page.locator("#deputy").press_sequentially("lan", delay=30)
    page.click(".who-list [role=option]")
    page.fill("[name=until_on]", f"{datetime.now(UTC).year + 1}".join(("31/12/", "")))
    page.fill("[name=reason]", "Nghỉ phép")
    page.click("form.form button.primary")
    page.wait_for_load_state()
    assert office.unit in page.inner_text("ul.tasks")
    _looked_at(page, "delegated")
