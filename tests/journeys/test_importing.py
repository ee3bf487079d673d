"""Screen 13 in a real browser: bring, look, put right, run, see what came (a52, a53, L11)."""

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.jobs import bring_imports
from app.kernel.people import Role
from tests.browser import WIDTHS, Live, axe, enter, scrolls_sideways
from tests.builders import a_body, a_person, a_unit
from tests.documents.importing.wards import CULTURE, ECONOMY, OFFICE, a_mixed_ward

pytestmark = pytest.mark.covers("a52", "a53", "L11")
SHOTS = os.environ.get("NENEP_SHOTS", "")


def looked_over(page: Page, name: str) -> None:
    """Look at a page in both languages at every width: no fault of access, nothing sideways."""
    here = page.url
    for language in ("en", "vi"):
        page.goto(f"{here}{'&' if '?' in here else '?'}lang={language}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert not scrolls_sideways(page), (name, language, width)
            assert axe(page) == [], (name, language, width)
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{language}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def an_officer(live: Live):
    def build():
        body = a_body("tb", "UBND phường Tân Bình")
        a_unit(body, "VP", OFFICE)
        a_unit(body, "KT", ECONOMY)
        a_unit(body, "VX", CULTURE)
        return a_person(body, Role.QUALITY_OFFICER, name="Thư ký Thử Nghiệm").login

    return live.run(build)


def zipped(folder: Path) -> Path:
    place = folder / "tep.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for path in sorted((folder / "files").rglob("*.docx")):
            archive.write(path, path.relative_to(folder / "files").as_posix())
    return place


def work(live: Live) -> None:
    live.run(lambda: bring_imports(datetime.now(UTC)))


def test_a_list_is_brought_looked_at_put_right_and_imported(page: Page, live: Live, tmp_path):
    a_mixed_ward(tmp_path / "ward")
    enter(page, live, an_officer(live))
    page.goto(f"{live.url}/documents/import")
    looked_over(page, "import-start")
    page.set_input_files("[name=register]", tmp_path / "ward/danh-muc.xlsx")
    page.set_input_files("[name=files]", zipped(tmp_path / "ward"))
    page.click("form.form button.primary")
    page.wait_for_url("**/documents/import/1")
    assert "0/11" in page.inner_text("#progress")
    work(live)
    page.reload()
    looked_over(page, "import-list")
    words = page.inner_text("main")
    assert "có lẽ là Phòng Văn hóa - Xã hội" in words
    assert "Danh mục ghi 'QT-VP-05', tệp ghi 'QT-VP-16'" in words
    page.click("a:has-text('QT-VX-01')")
    looked_over(page, "import-row")
    assert page.input_value("[name=unit]") != ""
    page.click("form.form button.primary")
    # the next row that waits is offered at once
    page.wait_for_url("**key=*")
    page.check("[name=leave_out]")
    page.click("form.form button.primary")
    page.goto(f"{live.url}/documents/import/1?outcome=doubt")
    page.click("a:has-text('BM-VP-02.01')")
    page.check("[name=on_paper]")
    page.click("form.form button.primary")
    page.goto(f"{live.url}/documents/import/1")
    page.click("button.primary")
    page.wait_for_selector("#progress[hx-trigger]")
    work(live)
    page.wait_for_selector("#progress:not([hx-trigger])", timeout=10_000)
    page.reload()
    assert "9/9" in page.inner_text("#progress")
    looked_over(page, "import-done")
    page.goto(f"{live.url}/d/QT-VP-01")
    words = page.inner_text("main")
    assert "Trước khi có hệ thống" in words
    assert "Lê Thị Duyệt" in words
    assert "QT.01" in words
    looked_over(page, "import-document")
    page.goto(f"{live.url}/d/BM-VP-02.01")
    assert "Chỉ có bản giấy" in page.inner_text("main")
