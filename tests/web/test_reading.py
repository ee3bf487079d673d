"""Finding and reading on screen: list, search, document, files, prints (screens 3, 4, 5)."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.marks import marks_for
from documents import rendering
from documents.drafting import bring_file
from documents.models import Confidentiality, DocumentKind, FileRole
from documents.submission import cancel_package, submit_package
from tests.builders import (
    MONDAY,
    Office,
    a_body,
    a_brought_file,
    a_document,
    a_draft,
    a_person,
    a_unit,
    answered,
    form_token,
    settings_changed,
    sign_in,
    submitted,
)
from tests.documents.content.hostile import TAKEN


def opened(app, person):
    client = app.test_client()
    sign_in(client, person)
    return client


def text_of(answer):
    return answer.get_data(as_text=True)


def told(fact):
    return list(
        db.session.scalars(
            sa.select(TrailEntry).where(TrailEntry.fact == fact).order_by(TrailEntry.id)
        )
    )


def drawn(revision):
    """Let a revision have its pages, as the job would have made them."""
    sha256 = installation().store.put(TAKEN["PDF"][1])
    made = rendering.Made(sha256, "libreoffice", 1, 10)
    rendering.keep_rendition(rendering.Wanted(revision.main_file.sha256, "QT.docx", 0), made)


class Queries:
    """Counts what a request asks of the database."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        sa.event.listen(db.engine, "before_cursor_execute", self._one)
        return self

    def __exit__(self, *_error):
        sa.event.remove(db.engine, "before_cursor_execute", self._one)

    def _one(self, *_args):
        self.count += 1


def queries_of(client, path):
    client.get(path)  # sessions, languages: warm
    with Queries() as asked:
        assert client.get(path).status_code == 200
    return asked.count


@pytest.mark.covers("a60", "D6")
def test_the_list_asks_the_same_few_questions_however_long_it_is(app):
    office = Office()
    office.effective()
    client = opened(app, office.officer)
    paths = ("/documents", "/documents/print", "/search?q=khai", "/d/QT-TP-01")
    before = {path: queries_of(client, path) for path in paths}
    for number in range(6):
        office.effective(office.document(f"Đăng ký khai sinh {number}"))
    after = {path: queries_of(client, path) for path in paths}
    for path in paths:
        assert after[path] <= before[path] + 1, (path, before, after)
        assert after[path] < 45, (path, after)


@pytest.mark.covers("a60", "e15", "T22", "e7")
def test_the_spreadsheet_holds_what_is_shown_as_text_dates_and_no_formula(app):
    office = Office()
    office.effective(office.document('=HYPERLINK("http://x.example";"Mở")'))
    office.effective(office.document("+84 24 3825 6888"))
    office.effective(office.document("0123456789"))
    office.document("@SUM(A1:A9)")
    client = opened(app, office.officer)
    token = form_token(client, "/documents")
    answer = client.post("/documents/export", data={"csrf_token": token})
    assert answer.status_code == 200
    assert re.search(
        r'attachment; filename="danh-muc-tai-lieu-\d{4}', answer.headers["Content-Disposition"]
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(min_row=5))
    assert [row[1].value for row in rows] == [
        '=HYPERLINK("http://x.example";"Mở")',
        "+84 24 3825 6888",
        "0123456789",
        "@SUM(A1:A9)",
    ]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert all(row[1].data_type == "s" for row in rows)
    assert rows[0][6].is_date
    assert rows[0][7].is_date
    narrowed = client.post("/documents/export?q=0123", data={"csrf_token": token})
    sheet = openpyxl.load_workbook(io.BytesIO(narrowed.data)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=5)] == ["0123456789"]
    assert [entry.actor_id for entry in told("access.exported")] == [office.officer.id] * 2
    assert '"count":4' in told("access.exported")[0].details


@pytest.mark.covers("D6", "a60", "D9")
def test_the_list_shows_each_what_they_may_see_and_keeps_filters_in_the_address(app):
    office = Office()
    office.effective()
    submitted(a_draft(office.author, office.document("Chứng thực")), office.author)
    staff, officer = opened(app, office.staff), opened(app, office.officer)
    page = text_of(staff.get("/documents"))
    assert "QT-TP-01" in page
    assert "QT-TP-02" not in page
    assert "/documents/new" not in page
    page = text_of(officer.get("/documents?sort=title&order=down"))
    assert page.index("Đăng ký khai sinh") < page.index("Chứng thực")
    assert 'aria-sort="descending"' in page
    assert page.count('class="btn primary') == 1
    assert "/documents/new" in page
    page = text_of(officer.get("/documents?q=khongco&kind=form"))
    assert "Không có tài liệu nào như vậy" in page
    assert officer.get("/documents?kind=%27&unit=x&after=-1&sort=1;drop").status_code == 200
    assert officer.get("/documents?after=99999999999999999999").status_code == 200
    printed = text_of(officer.get("/documents/print"))
    assert "QT-TP-02" in printed
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in printed


@pytest.mark.covers("a60")
def test_a_new_body_is_told_how_to_begin_and_its_staff_whom_to_ask(app):
    office = Office()
    assert "Chưa có tài liệu" in text_of(opened(app, office.officer).get("/documents"))
    page = text_of(opened(app, office.staff).get("/documents"))
    assert "Chưa có tài liệu nào đang hiệu lực" in page


@pytest.mark.covers("O4")
def test_an_address_names_a_body_only_to_those_who_oversee_it(app):
    province = a_body()
    leader = a_person(province, Role.LEADER)
    clerk = a_person(province, Role.STAFF)
    office = Office(a_body(overseer=province))
    office.effective()
    code = office.body.code
    above = opened(app, leader)
    assert "QT-TP-01" not in text_of(above.get("/documents"))
    assert "QT-TP-01" in text_of(above.get(f"/b/{code}/documents"))
    assert "QT-TP-01" in text_of(above.get(f"/b/{code}/search?q=khai"))
    shown = above.get(f"/b/{code}/d/QT-TP-01")
    assert shown.status_code == 200
    assert f"/b/{code}/d/QT-TP-01" in text_of(shown)
    for path in (f"/b/{code}/documents", f"/b/{code}/d/QT-TP-01", "/b/nowhere/documents"):
        assert opened(app, clerk).get(path).status_code == 404
        assert opened(app, Office().officer).get(path).status_code == 404
    assert opened(app, office.staff).get(f"/b/{code}/documents").status_code == 200
    assert app.test_client().get(f"/b/{code}/documents").status_code == 303


@pytest.mark.covers("L20", "D6")
def test_search_answers_whole_pages_and_the_fragment_below_the_box(app):
    office = Office()
    office.effective(text="Nộp lệ phí tại quầy.")
    client = opened(app, office.staff)
    page = text_of(client.get("/search?q=le+phi"))
    assert "<mark>lệ phí</mark>" in page
    assert page.count('class="btn primary') == 1
    quick = text_of(client.get("/search/quick?q=le+phi", headers={"HX-Request": "true"}))
    assert "<html" not in quick
    assert 'href="/d/QT-TP-01"' in quick
    none = text_of(client.get("/search?q=dang+ki+kai+sin"))
    assert "Các tên gần giống" in none
    assert "Lê Quang Huy" in none
    assert "<a" not in text_of(client.get("/search/quick?q=zzz"))
    assert client.get("/search?q=%00%27%22").status_code == 400  # no text holds a null byte
    assert client.get("/search?q=%27%22%3Cscript%3E").status_code == 200
    assert "<script>x" not in text_of(client.get("/search?q=%3Cscript%3Ex"))


@pytest.mark.covers("D6", "D5")
def test_any_spelling_of_a_code_leads_to_its_one_address(app):
    office = Office()
    for code in ("QT.TP/05", "ĐG-07"):
        revision = submitted(
            a_draft(office.author, office.document(code), code=code), office.author
        )
        for person in (office.manager, office.officer, office.leader):
            answered(revision, person)
    client = opened(app, office.staff)
    assert client.get("/d/QT.TP/05").status_code == 200
    moved = client.get("/d/qt-tp-05?tab=related")
    assert (moved.status_code, moved.location) == (302, "/d/QT.TP/05?tab=related")
    assert client.get("/d/%C4%90G-07").status_code == 200
    assert client.get("/d/DG-07").status_code == 404  # Đ stays Đ
    assert client.get("/d/QT-99").status_code == 404


@pytest.mark.covers("D6", "D5")
def test_staff_who_follow_an_old_address_get_the_revision_in_force(app):
    office = Office()
    old = office.effective(text="Bản cũ có phường.")
    office.effective(old.document, text="Bản mới có xã.")
    coming = submitted(a_draft(office.author, old.document, text="Bản sau."), office.author)
    staff, officer = opened(app, office.staff), opened(app, office.officer)
    for revision in (old, coming):
        moved = staff.get(f"/d/QT-TP-01?revision={revision.id}")
        assert (moved.status_code, moved.location) == (302, "/d/QT-TP-01")
        assert staff.get(f"/r/{revision.id}").status_code == 404
        assert staff.get(f"/r/{revision.id}/print").status_code == 404
        assert staff.get(f"/r/{revision.id}/page/1.png").status_code == 404
    page = text_of(staff.get("/d/QT-TP-01"))
    assert "Bản mới có xã." in page
    assert "Bản cũ" not in page
    assert "03/00" not in page
    shown = text_of(officer.get(f"/d/QT-TP-01?revision={old.id}"))
    assert "Bản cũ có phường." in shown
    assert 'class="band"' in shown
    assert "Mở bản đang hiệu lực 02/00" in shown


@pytest.mark.covers("D11", "a3")
def test_the_document_shows_what_changed_and_what_hangs_on_it(app):
    office = Office()
    first = office.effective(text="Nơi nhận là phường.")
    office.effective(first.document, text="Nơi nhận là trung tâm.")
    a_document(
        office.officer,
        office.unit,
        title="Tờ khai",
        kind=DocumentKind.FORM,
        parent=first.document,
    )
    office.effective(office.document("Khác"))
    client = opened(app, office.officer)
    page = text_of(client.get("/d/QT-TP-01?tab=changes"))
    assert re.search(r"<del>.*phường.*</del>", page)
    assert re.search(r"<ins>.*trung tâm.*</ins>", page)
    for view in ("side", "changes", "clean", "nonsense"):
        assert client.get(f"/d/QT-TP-01?tab=changes&view={view}").status_code == 200
    turned = client.get(
        f"/d/QT-TP-01?tab=changes&old={first.document.revisions[1].id}&new={first.id}"
    )
    assert re.search(r"<ins>.*phường.*</ins>", text_of(turned))
    assert "Tờ khai" in text_of(client.get("/d/QT-TP-01?tab=related"))
    assert "Chưa có lần ban hành trước" in text_of(client.get("/d/QT-TP-02?tab=changes"))


@pytest.mark.covers("D6", "D9")
def test_a_document_not_in_force_says_since_when_and_who_drafts(app):
    office = Office()
    submitted(a_draft(office.author, office.document()), office.author)
    page = text_of(opened(app, office.officer).get("/d/QT-TP-01"))
    assert "không có bản nào đang hiệu lực" in page
    assert "Trần Văn Quý đang soạn 01/00" in page
    assert opened(app, office.staff).get("/d/QT-TP-01").status_code == 404


@pytest.mark.covers("D6", "D9")
def test_the_next_step_is_the_viewers_own(app):
    office = Office()
    first = office.effective()

    def step(person):
        page = text_of(opened(app, person).get("/d/QT-TP-01"))
        found = re.search(r'class="btn primary"[^>]*>(.*?)<', page)
        return found.group(1) if found else None

    assert step(office.author) == "Soạn bản mới"
    assert step(office.staff) is None
    a_draft(office.author, first.document)
    assert step(office.author) == "Hoàn thiện bản nháp 02/00"
    submitted(first.document.revisions[-1], office.author)
    assert step(office.manager) == "Xem xét 02/00"
    page = text_of(opened(app, office.author).get("/d/QT-TP-01"))
    assert "02/00 đang được xử lý: chờ Phạm Thu Hà." in page


@pytest.mark.covers("D6")
def test_what_was_opened_recently_stands_in_the_frame_while_it_may_be_seen(app):
    office = Office()
    office.effective()
    client = opened(app, office.staff)
    assert "Mở gần đây" not in text_of(client.get("/documents"))
    client.get("/d/QT-TP-01")
    page = text_of(client.get("/work"))
    assert "Mở gần đây" in page
    assert 'href="/d/QT-TP-01"' in page


@pytest.mark.covers("a59", "T15", "D2")
def test_originals_come_back_byte_by_byte_under_their_own_name(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    brought = a_brought_file("Nội dung.", "Quy trình số 1; “mới”.docx")
    with unit_of_work(office.author, now=MONDAY) as work:
        bring_file(work, work.fresh(revision), brought)
    submitted(revision, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    file = revision.main_file
    content = installation().store.path(file.sha256).read_bytes()
    client = opened(app, office.staff)
    path = f"/r/{revision.id}/file/{file.id}"
    answer = client.post(path, data={"csrf_token": form_token(client, "/d/QT-TP-01")})
    assert answer.data == content
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''Quy%20tr%C3%ACnh%20s%E1%BB%91%201%3B" in disposition
    (entry,) = told("document.file_taken")
    assert entry.actor_id == office.staff.id
    assert client.get(path).data == content
    assert len(told("document.file_taken")) == 1  # a link changes nothing
    other = office.effective(office.document("Khác"))
    assert client.get(f"/r/{revision.id}/file/{other.main_file.id}").status_code == 404
    stored = installation().store.path(file.sha256)
    stored.chmod(0o600)
    stored.write_bytes(content + b"!")
    refused = client.get(path)
    assert refused.status_code == 409
    assert content not in refused.data


@pytest.mark.covers("T1", "D6")
def test_opening_a_document_for_named_people_is_told_once_a_reading(app):
    office = Office()
    secret = a_document(
        office.officer,
        office.unit,
        title="Phương án bảo vệ",
        confidentiality=Confidentiality.NAMED,
        readers=(office.staff,),
        keeper=office.author,
    )
    revision = office.effective(secret)
    drawn(revision)
    client = opened(app, office.staff)
    assert told("document.opened") == []
    for path in (
        f"/d/{revision.code}",
        f"/d/{revision.code}?tab=changes",
        f"/r/{revision.id}/page/1.png",
        f"/r/{revision.id}/file/{revision.main_file.id}",
    ):
        assert client.get(path).status_code == 200
    (entry,) = told("document.opened")
    assert (entry.actor_id, entry.record_id) == (office.staff.id, secret.id)
    other = opened(app, a_person(office.unit, Role.STAFF))
    assert other.get(f"/d/{revision.code}").status_code == 404
    assert other.get(f"/r/{revision.id}/page/1.png").status_code == 404
    assert len(told("document.opened")) == 1


def words_on(answer):
    reader = PdfReader(io.BytesIO(answer.data))
    return [page.extract_text() for page in reader.pages]


@pytest.mark.slow
@pytest.mark.covers("a39", "a40", "a41", "D5", "L2")
def test_every_page_of_a_print_says_what_it_is_and_whether_it_holds(app):
    office = Office()
    old = office.effective()
    client = opened(app, office.officer)
    waiting = text_of(client.get(f"/r/{old.id}/print"))
    assert "Chưa sẵn sàng" in waiting
    assert "Tải tệp gốc" in waiting
    drawn(old)
    page = text_of(client.get(f"/r/{old.id}/print"))
    assert page.count('class="btn primary') == 1
    token = form_token(client, f"/r/{old.id}/print")
    printed = client.post(f"/r/{old.id}/print", data={"csrf_token": token})
    assert printed.mimetype == "application/pdf"
    assert 'filename="QT-TP-01 01-00.pdf"' in printed.headers["Content-Disposition"]
    for number, text in enumerate(words_on(printed), start=1):
        for word in ("QT-TP-01", "01/00", "Hiệu lực từ", "Đang hiệu lực lúc in", "Lê Quang Huy"):
            assert word in text
        assert f"Trang {number}/" in text
        assert f"/v/{old.token}" in "".join(text.split())
        assert "HẾT HIỆU LỰC" not in text
    office.effective(old.document, text="Bản hai.")
    marked = client.post(f"/r/{old.id}/print", data={"csrf_token": token})
    for text in words_on(marked):
        assert "HẾT HIỆU LỰC" in text
        assert "thay bằng 02/00" in text
    assert len(told("document.printed")) == 2
    picture = client.get(f"/r/{old.id}/page/1.png")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert client.get(f"/r/{old.id}/page/99.png").status_code == 404


@pytest.mark.covers("O6", "a40")
def test_a_print_says_which_step_was_left_out_and_who_decided_from_further_up(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    with unit_of_work(office.officer, now=MONDAY) as work:
        submit_package(work, work.fresh(revision.package), leave_out={1: "Trưởng phòng đi vắng."})
    said = marks_for(revision, successor=None).separation
    assert said == "Xem xét được bỏ qua: Trưởng phòng đi vắng."
    drawn(revision)
    client = opened(app, office.officer)
    token = form_token(client, f"/r/{revision.id}/print")
    printed = client.post(f"/r/{revision.id}/print", data={"csrf_token": token})
    for text in words_on(printed):
        assert said in text
    assert marks_for(office.effective(), successor=None).separation == ""


@pytest.mark.covers("O6", "a40")
def test_a_print_names_who_decided_in_the_place_of_others(app):
    above = a_body(name="UBND quận")
    body = a_body(overseer=above)
    unit = a_unit(body, code="VP")
    leader = a_person(body, Role.LEADER, Role.QUALITY_OFFICER, name="Chủ tịch xã")
    a_person(unit, Role.MANAGER, name="Văn thư")
    overseer = a_person(above, Role.STAFF, name="Người của quận")
    settings_changed(body, escalation_person_id=overseer.id)
    revision = submitted(a_draft(leader, a_document(leader, unit)), leader)
    while (step := revision.package.current_step) is not None:
        answered(revision, step.waiting[0])
    assert marks_for(revision, successor=None).separation.endswith(
        "Phê duyệt: Người của quận, của cơ quan cấp trên, vì ở đây không ai được quyết định"
    )


@pytest.mark.covers("D2")
def test_an_attachment_leaves_the_draft_and_stays_for_the_record(app):
    office = Office()
    revision = a_draft(office.author, office.document())
    client = opened(app, office.author)
    address = f"/r/{revision.id}/file"
    with unit_of_work(office.author, now=MONDAY) as work:
        extra = bring_file(
            work, work.fresh(revision), a_brought_file("Phụ lục."), role=FileRole.ATTACHMENT
        )
    token = form_token(client, f"/r/{revision.id}/draft")
    main = revision.main_file
    for wanted, status in ((main.id, 422), (9_999, 404), (extra.id, 303)):
        answer = client.post(f"{address}/{wanted}/out", data={"csrf_token": token})
        assert answer.status_code == status
    db.session.expire_all()
    assert revision.files == [main]
    assert len(revision.all_files) == 2
    assert len(told("revision.file_taken_out")) == 1
    submitted(revision, office.author)
    answer = client.post(f"{address}/{main.id}/out", data={"csrf_token": token})
    assert answer.status_code in (403, 404, 409)


@pytest.mark.covers("D9", "a60")
def test_a_document_without_a_code_is_found_by_its_number(app):
    office = Office()
    revision = a_draft(office.author, office.document("Chưa có mã"))
    client = opened(app, office.officer)
    assert "Chưa có mã" in text_of(client.get(f"/documents/{revision.document_id}"))
    assert opened(app, office.staff).get(f"/documents/{revision.document_id}").status_code == 404
    submitted(revision, office.author)
    assert client.get(f"/documents/{revision.document_id}").location == "/d/QT-TP-01"
    with unit_of_work(office.author) as work:
        cancel_package(work, work.fresh(revision), reason="Trùng")
    page = text_of(client.get("/documents?state=cancelled"))
    assert "QT-TP-01" in page
    assert "Trùng" in page


@pytest.mark.covers("T06")
def test_numbers_no_database_can_hold_are_no_address(app):
    office = Office()
    client = opened(app, office.officer)
    for path in ("/r/99999999999999999999", "/documents/99999999999999999999"):
        assert client.get(path).status_code == 404


@pytest.mark.covers("T4", "e1")
def test_a_document_tells_its_history_in_sentences_on_its_own_page(app):
    office = Office()
    revision = office.effective()
    client = opened(app, office.staff)
    page = text_of(client.get(f"/d/{revision.code}?tab=trail"))
    assert "QT-TP-01" in page
    assert "Đỗ Minh Anh" in page  # who signed the approval
    english = text_of(client.get(f"/d/{revision.code}?tab=trail&lang=en"))
    assert "came into force" in english
