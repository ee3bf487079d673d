"""A year of one document, lived through the screens: from a wish to change it to its disposal."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.jobs import (
    ask_readers,
    carry_out_withdrawals,
    name_overdue_reviews,
    remove_released_files,
    seal_copies,
    switch_revisions,
)
from app.kernel.db import db
from app.kernel.install import SealSource
from app.kernel.trail_check import verify
from documents.content import rendition
from documents.models import (
    Acknowledgement,
    ChangeState,
    Document,
    RevisionState,
)
from documents.rendering import make_wanted_renditions
from tests.browser import Live
from tests.builders import MONDAY
from tests.clock import Clock, moved
from tests.documents.content.authority import PASSPHRASE, an_authority
from tests.documents.content.files import a_docx
from tests.documents.test_laws import NEW, OLD
from tests.journeys.living import TITLE, Year, path_of, requests, revision, typed, verdict

CODE = "QT-TP-01"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def asked_for(year: Year) -> str:
    """Staff ask; whoever heads the unit accepts and names who answers for it."""
    year.by("staff", f"/changes/new?document={CODE}")
    year.page.fill("#reason", "Thời hạn nộp nên là bảy ngày như thực tế ở quầy.")
    year.look("request asked")
    assert "Bùi Thị Lan" in year.press("Gửi đề nghị", r"/changes/[^n]")
    [(number, state)] = year.know(requests)
    assert state is ChangeState.OPEN
    said = year.by("manager", "/work")
    assert number in said
    year.go(f"/changes/{number}")
    if not year.page.locator(".who-chosen input[name=owner]").count():
        year.choose("owner", "quý")
    year.page.fill("#due_on", typed(year.clock.today + timedelta(days=20)))
    year.look("request decided")
    assert "Đã chấp nhận" in year.press("Chấp nhận")
    assert year.know(requests) == [(number, ChangeState.ACCEPTED)]
    return str(number)


def the_file(year: Year, days: str) -> dict[str, Any]:
    """Write the second edition in Word."""
    content = a_docx(
        code=CODE,
        title=TITLE,
        edition=2,
        effective_on=typed(year.clock.today + timedelta(days=1)),
        paragraphs=(
            "1. Mục đích",
            f"Thực hiện theo Nghị định số {OLD} của Chính phủ.",
            "2. Cách làm",
            f"Công chức tiếp nhận hồ sơ trong {days}.",
        ),
    )
    return {"name": f"{CODE} ban hanh 02.docx", "mimeType": WORD, "buffer": content}


def drafted(year: Year, number: str) -> None:
    """The owner begins a revision with a Word file, holds it, brings it back, submits."""
    year.by("author", f"/changes/{number}")
    year.look("author sees the request")
    year.page.click("main a.primary")
    year.page.wait_for_load_state()
    year.go(f"/d/{CODE}/revise")
    year.page.set_input_files("[name=file]", the_file(year, "bảy ngày"))
    year.page.wait_for_url("**/draft")
    with year.page.expect_download() as taken:
        year.press("Sửa tệp")
    assert taken.value.suggested_filename.endswith(".docx")
    year.page.reload()
    assert "Ông/bà đang giữ tệp này" in year.said
    year.look("file held")
    year.page.set_input_files("#new-file", the_file(year, "07 ngày"))
    year.press("Thay tệp chính", "/draft")
    year.press("Đáp ứng bằng bản này", "/draft")
    assert "Bản này đáp ứng" in year.said
    year.look("draft")
    year.press("Trình 02/00")
    assert year.know(lambda: revision().state) is RevisionState.IN_REVIEW


def lent(year: Year) -> None:
    """Whoever heads the unit goes on leave; a colleague acts."""
    year.by("manager", "/delegation")
    year.choose("deputy", "mai")
    year.page.fill("[name=until_on]", typed(year.clock.today + timedelta(days=14)))
    year.page.fill("[name=reason]", "Nghỉ phép")
    assert "Hoàng Thị Mai" in year.press("Ủy quyền")
    year.look("delegation")


def suggested(year: Year) -> None:
    """The deputy suggests a wording and returns it; the author accepts, puts it in, submits."""
    path = path_of(year)
    year.by("deputy", path)
    year.page.click("summary:visible:has-text('Đề xuất câu chữ')")
    year.page.fill("[name=s-quote]", "07 ngày")
    year.page.fill("[name=s-proposed]", "07 ngày làm việc")
    year.page.fill("[name=s-text]", "Theo nghị định.")
    year.look("wording suggested")
    assert "Đề xuất của ông/bà đã được lưu." in year.press("Gửi đề xuất", "comment-")
    assert "Hoàng Thị Mai" in year.page.inner_text("#comments")
    year.go(path)
    year.sign("Trả lại để sửa", "Ký và trả lại", comment="Nêu rõ ngày làm việc.")
    year.by("author", f"{path}/draft")
    assert "Nêu rõ ngày làm việc." in year.said
    year.press("Chấp nhận câu chữ", "/draft")
    assert "chưa có trong tệp" in year.said
    year.look("wording accepted")
    year.page.click("summary:visible:has-text('Thay tệp khác')")
    year.page.set_input_files("#new-file", the_file(year, "07 ngày làm việc"))
    year.press("Thay tệp chính", "/draft")
    assert "đã có trong tệp" in year.said
    year.look("wording put in")
    year.press("Trình 02/00")
    assert year.know(lambda: (revision().state, revision().round)) == (RevisionState.IN_REVIEW, 2)


def reviewed_and_approved(year: Year) -> None:
    """The deputy agrees for whoever heads the unit; the officer too; the leader approves."""
    path = path_of(year)
    year.by("deputy", path)
    assert "thay Phạm Thu Hà" in year.page.inner_html("#decide")
    year.sign("Đồng ý 02/00")
    year.by("officer", path)
    assert "Hoàng Thị Mai thay Phạm Thu Hà" in year.said
    year.sign("Đồng ý 02/00")
    year.by("leader", path)
    year.look("before the approval")
    year.sign("Phê duyệt 02/00")
    assert year.know(lambda: revision().state) is RevisionState.APPROVED
    assert "02/00 đã duyệt" in year.by("officer", f"/d/{CODE}")
    assert "Đang hiệu lực: 01/00" in year.chip()
    year.look("approved")
    said = verdict(year)
    assert "Bản này chưa có hiệu lực" in said
    assert "chưa đến ngày hiệu lực" in said


def in_force(year: Year) -> None:
    """Its day comes: in force, drawn, sealed, the edition before no longer."""
    year.wait_until(year.clock.today + timedelta(days=1))
    assert year.job(switch_revisions) == 1
    here, shop = year.live.app.extensions["nenep"], year.live.app.extensions["nenep.workshop"]
    year.know(lambda: make_wanted_renditions(db.session(), here.store, shop))
    assert year.job(seal_copies) == 1
    assert year.job(ask_readers) >= 1
    states = year.know(lambda: (revision("01/00").state, revision().state))
    assert states == (RevisionState.OBSOLETE, RevisionState.EFFECTIVE)
    year.by("officer", f"/d/{CODE}")
    assert "Đang hiệu lực: 02/00" in year.chip()
    year.look("in force")
    year.go(f"{path_of(year)}/digital")
    assert "Con dấu UBND phường" in year.said
    year.look("sealed")
    assert "Bản này đang hiệu lực" in verdict(year)
    assert "Bản này đã hết hiệu lực" in verdict(year, "01/00")


def read_and_copied(year: Year) -> None:
    """Staff confirm what they read; a numbered copy goes to the counter."""
    year.by("officer", f"/d/{CODE}/distribution")
    before = year.said
    year.look("distributed")
    year.by("staff", "/work")
    assert CODE in year.said
    year.look("work of staff")
    read = path_of(year).replace("/r/", "/read/")
    year.go(read)
    year.page.mouse.wheel(0, 100_000)
    year.page.wait_for_selector("#read-confirm:not([aria-disabled])")
    year.look("reading")
    year.page.click("#read-confirm")
    year.page.wait_for_url("**/work")
    names = year.know(lambda: [one.person.name for one in db.session.scalars(_confirmed())])
    assert names == ["Bùi Thị Lan"]
    after = year.by("officer", f"/d/{CODE}/distribution")
    assert "1/" in after.replace(" ", "") or after != before
    year.look("read by one")
    year.go(f"/d/{CODE}/copies/new")
    year.choose("holder", "lan")
    year.page.fill("#place", "Quầy số 2, một cửa")
    year.page.fill("#handed_over_on", typed(year.clock.today))
    year.look("copy asked for")
    year.press("Phát bản này")
    year.go(f"/d/{CODE}/copies")
    assert "Quầy số 2, một cửa" in year.said
    assert "Bùi Thị Lan" in year.said
    year.look("copies")


def _confirmed() -> sa.Select[tuple[Acknowledgement]]:
    return sa.select(Acknowledgement).where(Acknowledgement.revision_id == revision().id)


def hit_by_a_law(year: Year) -> None:
    """A new law replaces what it cites; its owner finds that nothing has to change."""
    year.by("officer", "/external/new")
    year.page.fill("#number", f"Nghị định số {NEW}")
    year.page.fill("#subject", "Cơ chế một cửa, bản mới")
    year.page.fill("#replaces", OLD)
    year.press("Ghi nhận và xem ảnh hưởng", "/impact")
    assert OLD in year.page.inner_text("tbody")
    year.look("law replaced")
    year.press("Giao rà soát", r"/external/\d+$|/changes")
    number, state = year.know(requests)[-1]
    assert (len(year.know(requests)), state) == (2, ChangeState.ACCEPTED)
    year.by("author", f"/changes/{number}")
    assert NEW in year.said
    year.page.click("summary:visible:has-text('Không cần sửa tài liệu này')")
    year.page.fill("[name=reason]", "Nghị định mới giữ nguyên thời hạn.")
    year.look("law looked at")
    year.press("Giữ tài liệu này như cũ")
    assert [state for _, state in year.know(requests)] == [ChangeState.CLOSED] * 2


def kept(year: Year) -> None:
    """A year later the review is due: still right."""
    due = year.know(lambda: db.session.scalars(sa.select(Document)).one().next_review_on)
    year.wait_until(due - timedelta(days=3))
    year.job(name_overdue_reviews)
    year.by("author", f"/reviews?document={CODE}")
    year.page.fill("#reason", "Đã đối chiếu nghị định mới: vẫn đúng.")
    year.look("review")
    year.press("Giữ nguyên 02/00")
    year.go(f"/d/{CODE}")
    again = year.know(lambda: db.session.scalars(sa.select(Document)).one().next_review_on)
    assert again > due
    year.look("kept")


def withdrawn(year: Year) -> None:
    """The officer proposes that it goes, the leader signs; on its day it is gone."""
    year.by("officer", f"/d/{CODE}/record")
    year.page.fill("[name=retention_years]", "1")
    year.press("Sửa thông tin")
    year.go(f"/d/{CODE}/withdraw")
    year.page.fill("#reason", "Thủ tục chuyển về trung tâm hành chính công.")
    year.page.fill("#withdraw_on", typed(year.clock.today + timedelta(days=7)))
    year.look("withdrawal proposed")
    year.press("Trình đề nghị bãi bỏ", r"/withdrawals/\d+")
    path = "/" + year.page.url.split("/", 3)[3]
    year.by("leader", path)
    year.sign("Duyệt bãi bỏ")
    year.look("withdrawal signed")
    assert "Đang hiệu lực: 02/00" in (year.go(f"/d/{CODE}"), year.chip())[1]
    year.wait_until(year.clock.today + timedelta(days=7))
    assert year.job(carry_out_withdrawals) == 1
    assert CODE not in year.by("staff", "/documents")
    year.by("officer", f"/d/{CODE}")
    assert "không có bản nào đang hiệu lực" in year.said
    year.look("withdrawn")
    assert year.know(lambda: revision().state) is RevisionState.WITHDRAWN
    assert "Tài liệu này đã bãi bỏ" in verdict(year)
    year.by("officer", f"/d/{CODE}/copies")
    year.look("copy to come back")


def disposed_of(year: Year) -> None:
    """Retention is over: listed, decided, gone; what is known of it stays and is proved."""
    year.wait_until(year.clock.today + timedelta(days=370))
    year.by("officer", "/disposals/due")
    for label in ("01/00", "02/00"):
        year.page.check(f"label.choice:has-text('{CODE} {label}') input")
    year.page.fill("#reason", "Hết thời hạn lưu.")
    year.look("due for disposal")
    year.press("Trình danh sách", r"/disposals/TH")
    path = "/" + year.page.url.split("/", 3)[3]
    year.by("leader", path)
    year.sign("Duyệt tiêu hủy")
    assert "Đã tiêu hủy" in year.said
    year.look("disposed of")
    digest = year.know(lambda: revision().main_file.sha256)
    assert year.job(remove_released_files) >= 2
    here = year.live.app.extensions["nenep"]
    assert not here.store.path(digest).exists()
    year.by("officer", f"/d/{CODE}")
    assert "Tệp đã tiêu hủy ngày" in year.said
    assert "đã đóng dấu số" not in year.said  # the sealed copy went with the rest
    year.look("what stays")
    year.go(f"/d/{CODE}?tab=trail")
    assert "TH-" in year.said
    assert "Đỗ Minh Anh" in year.said
    year.look("trail")
    assert "Tài liệu này đã bãi bỏ" in verdict(year)
    proof = year.know(lambda: verify(db.session(), here.keys, here.store))
    assert proof.is_sound, proof
    assert proof.is_complete


@pytest.fixture
def year(page: Page, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendition, "_office", lambda: None)
    album = Path(os.environ.get("NENEP_PICTURES", "") or tmp_path / "pictures")
    album.mkdir(parents=True, exist_ok=True)
    with moved(Clock(MONDAY + timedelta(days=1))) as clock:
        year = Year(page, live, clock, album)
        authority = an_authority()
        seal = authority.issue("Con dấu UBND phường").save(tmp_path / "seal.p12")
        name = re.sub(r"\W", "_", year.logins["body"]).upper()
        live.app.extensions["nenep"] = replace(
            live.app.extensions["nenep"],
            seals={name: SealSource(seal, PASSPHRASE)},
            trust=authority.trust_in(tmp_path / "trust"),
        )
        yield year


@pytest.mark.browser
@pytest.mark.covers("D2", "D3", "D4", "D5", "D7", "D8", "D12", "O2", "T3")
@pytest.mark.covers(
    "a7", "a19", "a21", "a22", "a28", "a31", "a34", "a42", "a44", "a49", "L16", "L19", "L23"
)
def test_a_year_of_a_document_from_a_wish_to_its_disposal(year: Year):
    number = asked_for(year)
    drafted(year, number)
    lent(year)
    suggested(year)
    reviewed_and_approved(year)
    in_force(year)
    read_and_copied(year)
    hit_by_a_law(year)
    kept(year)
    withdrawn(year)
    disposed_of(year)
