"""Words of scans: recognised by a job, found by search, never taken for the original (a54)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from app.factory import create_app
from app.jobs import recognise_scans
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.permissions import standing_of
from app.kernel.work import unit_of_work
from config import for_tests
from documents import finding, recognising, register
from documents.content import recogniser as found_program
from documents.content.blocks import to_json
from documents.content.recogniser import Recogniser, recogniser
from documents.drafting import BroughtFile, bring_file
from documents.models import Citation, FileRecognition
from documents.releasing import forget_contents
from tests.builders import TODAY, Office, a_draft, answered, form_token, sign_in, submitted
from tests.conftest import DATABASES, fresh_postgres
from tests.deploy.exports import tool
from tests.documents.content.files import a_scan_pdf, pictured

pytestmark = pytest.mark.covers("a54")
ensure = tool("ensure")
FIRST = (
    "QUY TRÌNH TIẾP NHẬN HỒ SƠ",
    "Mã số: QT-HT-77",
    "Ngày ban hành: 15/03/2024",
    "Căn cứ Nghị định số 61/2018/NĐ-CP của Chính phủ",
    "Công chức tư pháp hộ tịch kiểm tra giấy chứng sinh.",
)
SECOND = ("Thời hạn giải quyết là ba ngày làm việc.", "Chữ ký của người tiếp nhận.")


def a_scan(app, office, data, tmp_path, *, in_force=True):
    """A revision whose file is a scan, read as an upload is."""
    path = tmp_path / "quet.pdf"
    path.write_bytes(data)
    reading = app.extensions["nenep.workshop"].read(path, path.name)
    assert reading.scan
    draft = a_draft(office.author, office.document("Tiếp nhận"))
    brought = BroughtFile(
        sha256=installation().store.put(data),
        name="quet.pdf",
        size=len(data),
        media_type="application/pdf",
        reader=reading.reader,
        reading=to_json(reading),
    )
    with unit_of_work(office.author) as work:
        bring_file(work, work.fresh(draft), brought)
    if in_force:
        submitted(draft, office.author)
        for person in (office.manager, office.officer, office.leader):
            answered(draft, person)
    return draft


def tesseract() -> Recogniser:
    """Give the real program; a test that needs it never leaves itself out."""
    found = recogniser()
    assert found, "Tesseract with Vietnamese is missing: apt-get install tesseract-ocr-vie"
    return found


def a_program(tmp_path, script) -> Recogniser:
    """A program that stands for Tesseract."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Recogniser(str(path))


def step(app, found):
    return recognising.recognise_next(
        db.session(), installation().store, app.extensions["nenep.workshop"], found
    )


def row():
    db.session.expire_all()
    return db.session.scalars(sa.select(FileRecognition)).one()


def hits(office, text):
    standing = standing_of(db.session(), office.staff, TODAY)
    return finding.search(db.session(), standing, text, body_id=office.body.id)


def page_of(client, revision, query=""):
    answer = client.get(f"/d/{revision.code}?lang=en{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_words_on_a_scan_are_found_without_tone_marks_and_marked_as_recognised(
    app, client, tmp_path
):
    office = Office()
    revision = a_scan(app, office, pictured(FIRST, SECOND), tmp_path)
    tesseract()
    cited = db.session.scalar(sa.select(sa.func.count()).select_from(Citation))
    assert hits(office, "giay chung sinh") == []
    sign_in(client, office.author)
    assert "will soon be recognised" in page_of(client, revision)

    assert recognise_scans(datetime.now(UTC)) == 1
    assert (row().done, row().wanted, row().pages, row().ended_at) == (1, 2, 2, None)
    assert "are being recognised: 1 of 2 pages." in page_of(client, revision)
    assert hits(office, "giay chung sinh") == []
    assert recognise_scans(datetime.now(UTC)) == 1
    assert recognise_scans(datetime.now(UTC)) == 0
    kept = row()
    assert (kept.done, kept.has_words, kept.is_cut) == (2, True, False)

    for typed in ("giay chung sinh", "Giấy chứng sinh", "ba ngay lam viec"):
        [hit] = hits(office, typed)
        assert (hit.revision, hit.is_recognised) == (revision, True)
    found = client.get("/search?q=giay+chung+sinh").get_data(as_text=True)
    assert "Recognised from a scan:" in found
    assert "Recognised from a scan:" in client.get("/search/quick?q=chung+sinh").text

    # the pages stay first; the words are behind a link, and say what they are
    pages = page_of(client, revision)
    assert 'class="pic-page"' in pages
    assert "chứng sinh" not in pages
    words = page_of(client, revision, "&as=recognised")
    assert "chứng sinh" in words
    assert "A machine recognised these words" in words
    assert "Recognised text" in words

    # what it seems to say is doubtful, and nothing of it became a fact
    assert words.index("Doubtful readings") < words.index("61/2018/NĐ-CP", words.index("Doubtful"))
    assert "15/03/2024" in words or "15 March 2024" in words
    reading = register.reading_of(db.session(), revision.main_file.sha256)
    assert (reading.words, reading.citations, reading.proposal.code) == (0, (), "")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Citation)) == cited
    assert revision.code != "QT-HT-77"


def test_what_was_recognised_stays_found_when_the_index_is_made_anew_or_the_state_changes(
    app, tmp_path
):
    office = Office()
    data = a_scan_pdf(1)
    revision = a_scan(app, office, data, tmp_path, in_force=False)
    found = a_program(tmp_path, 'cat >/dev/null; echo "Giấy khai tử"')
    assert step(app, found) == 0  # a draft may still change
    submitted(revision, office.author)
    assert step(app, found) == 1
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    assert [hit.revision for hit in hits(office, "khai tu")] == [revision]
    with unit_of_work(None) as work:
        is_sqlite = work.session.get_bind().dialect.name == "sqlite"
        clear = "INSERT INTO search_index(search_index) VALUES ('delete-all')"
        work.session.execute(sa.text(clear if is_sqlite else "DELETE FROM search_index"))
        assert (
            finding.search(
                work.session,
                standing_of(work.session, office.staff, TODAY),
                "khai tu",
                body_id=office.body.id,
            )
            == []
        )
        register.index_again(work.session)
    assert [hit.revision for hit in hits(office, "khai tu")] == [revision]
    # a file that is disposed of takes its recognised words along
    with unit_of_work(None) as work:
        forget_contents(work.session, [revision.main_file.sha256])
    assert db.session.scalars(sa.select(FileRecognition)).all() == []


def test_two_processes_keep_a_page_once_and_no_lock_is_held(app, tmp_path, monkeypatch):
    office = Office()
    a_scan(app, office, a_scan_pdf(2), tmp_path)
    page = recognising.next_page(db.session(), now=datetime.now(UTC))
    shop, seen = app.extensions["nenep.workshop"], []

    def recognise(_path, number, _found, *, seconds):
        seen.append((number, db.session().in_transaction(), seconds))
        return f"trang {number}"

    monkeypatch.setattr(shop, "recognise", recognise)
    assert step(app, Recogniser("none")) == 1
    first = recognising.Next(page.sha256, 0, 2, 2, ())
    with pytest.raises(recognising.Stale):
        recognising.keep_page(first, "nochmals", None)
    assert (row().done, row().texts) == (1, ["trang 1"])
    assert step(app, Recogniser("none")) == 1
    assert [number for number, is_open, _seconds in seen if not is_open] == [1, 2]
    assert row().texts == ["trang 1", "trang 2"]


def test_pages_beyond_the_limit_are_left_and_people_are_told(app, client, tmp_path, monkeypatch):
    monkeypatch.setattr(recognising, "MOST_PAGES", 1)
    office = Office()
    revision = a_scan(app, office, a_scan_pdf(3), tmp_path)
    found = a_program(tmp_path, "cat >/dev/null; echo chữ")
    assert [step(app, found) for _time in range(2)] == [1, 0]
    sign_in(client, office.author)
    assert "Only the first 1 of 3 pages were recognised." in page_of(
        client, revision, "&as=recognised"
    )


def running(*arguments: str) -> bool:
    """Say whether a process with just these arguments runs."""
    wanted = "\0".join(arguments).encode() + b"\0"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == wanted:
                return True
        except OSError:
            continue
    return False


@pytest.mark.covers("T18")
@pytest.mark.parametrize(
    "script",
    [
        "kill -SEGV $$",
        "exec sleep 98765",
        "exec python3 -c 'x = bytearray(1 << 31)'",
        "cat >/dev/null; echo broken >&2; exit 3",
    ],
    ids=["crash", "hang", "memory", "error"],
)
def test_a_page_that_breaks_the_program_fails_its_file_after_three_tries(
    app, client, tmp_path, monkeypatch, script
):
    monkeypatch.setattr(recognising, "PAGE_SECONDS", 1.0)
    office = Office()
    revision = a_scan(app, office, a_scan_pdf(1), tmp_path)
    found = a_program(tmp_path, script)
    assert [step(app, found), step(app, found)] == [0, 0]
    assert (row().tries, row().ended_at) == (1, None)  # the next try waits
    monkeypatch.setattr(recognising, "AGAIN_AFTER", timedelta(0))
    assert [step(app, found), step(app, found)] == [0, 0]
    assert (row().tries, row().failed, row().ended_at is None) == (3, True, False)
    assert recognising.next_page(db.session(), now=datetime.now(UTC)) is None
    sign_in(client, office.author)
    shown = page_of(client, revision, "&as=recognised")
    assert "three tries failed" in shown
    assert "broke, or needed more time or memory" in shown
    assert f"/r/{revision.id}/recognition" not in shown
    assert 'class="pic-page"' in shown
    until = time.monotonic() + 5
    while running("sleep", "98765") and time.monotonic() < until:
        time.sleep(0.05)
    assert not running("sleep", "98765")


def test_the_program_runs_without_network_in_one_thread_and_sees_only_a_picture(app, tmp_path):
    office = Office()
    a_scan(app, office, a_scan_pdf(1), tmp_path)
    found = a_program(
        tmp_path,
        'head -c 8 | od -An -c | tr -d " \\n"; echo " $OMP_THREAD_LIMIT $#"; ulimit -d;'
        " tail -n +3 /proc/net/dev | grep -v lo: | wc -l",
    )
    assert step(app, found) == 1
    first, memory, networks = row().texts[0].splitlines()
    assert first.startswith("211PNG")
    assert first.split(" ")[1] == "1"
    assert 0 < int(memory) < 2_000_000
    if app.extensions["nenep.workshop"].network_is_closed():
        assert networks == "0"


def test_without_tesseract_everything_is_as_before_and_says_so(app, client, tmp_path, monkeypatch):
    monkeypatch.setattr(found_program, "PROGRAM", "no-such-program")
    assert recogniser() is None
    office = Office()
    revision = a_scan(app, office, a_scan_pdf(1), tmp_path)
    assert recognise_scans(datetime.now(UTC)) == 0
    assert (row().tries, row().ended_at) == (0, None)
    sign_in(client, office.author)
    shown = page_of(client, revision)
    assert "Tesseract with Vietnamese is not installed" in shown
    assert 'class="pic-page"' in shown
    assert "Recognised text" not in page_of(client, revision, "&as=recognised")


def test_a_program_without_vietnamese_is_not_enough(tmp_path, monkeypatch):
    program = a_program(tmp_path, "echo eng; echo osd").program
    monkeypatch.setattr(found_program, "PROGRAM", program)
    assert recogniser() is None
    Path(program).write_text("#!/bin/sh\necho eng; echo vie\n")
    assert recogniser() == Recogniser(program)


def test_what_is_no_scan_asks_for_nothing(app):
    Office().effective(text='Ghi "scan":true vào tệp.')
    assert db.session.scalars(sa.select(FileRecognition)).all() == []


def test_ensure_names_the_packages_and_the_product_starts_without_them(monkeypatch, capsys):
    monkeypatch.setattr(ensure, "program", lambda *_names: None)
    lacking = [need for need in ensure.RUN if "tesseract" in need.package]
    assert [need.package for need in lacking] == ["tesseract-ocr", "tesseract-ocr-vie"]
    assert not any(need.is_met() for need in lacking)
    monkeypatch.setattr(ensure, "may_install", lambda: False)
    monkeypatch.setattr(ensure, "LEVELS", {"run": lacking, "test": lacking})
    assert ensure.main(["run"]) == 0
    said = capsys.readouterr().err
    assert "tesseract-ocr tesseract-ocr-vie" in said
    assert "search does not find their words" in said
    assert ensure.main(["test"]) == 1


@pytest.mark.parametrize("kind", DATABASES)
def test_scans_that_were_kept_before_ask_for_their_words_with_the_upgrade(kind, tmp_path):
    url = fresh_postgres("nenep_scans") if kind == "postgresql" else ""
    app = create_app(for_tests(tmp_path, url))
    folder = str(Path(app.root_path) / "migrations")
    with app.app_context():
        upgrade(directory=folder, revision="0013")
        for digest, content in (("a", '{"scan":true}'), ("b", '{"scan":false}'), ("c", "{}")):
            db.session.execute(
                sa.text(
                    "INSERT INTO file_reading (sha256, reader, content, read_at)"
                    " VALUES (:digest, 'one', :content, '2026-11-23 02:00:00.000000')"
                ),
                {"digest": digest * 64, "content": content},
            )
        db.session.commit()
        upgrade(directory=folder)
        kept = row()
        assert (kept.source_sha256, kept.texts, kept.failed) == ("a" * 64, [], False)
        assert (kept.tries, kept.ended_at, kept.tried_at.year) == (0, None, 2026)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.covers("a54", "T18")
def test_an_officer_asks_again_for_a_failed_scan_and_pages_already_seen_stay(
    app, client, tmp_path, monkeypatch
):
    office = Office()
    revision = a_scan(app, office, a_scan_pdf(2), tmp_path)
    monkeypatch.setattr(recognising, "AGAIN_AFTER", timedelta(0))
    good = a_program(tmp_path, "cat >/dev/null; echo Trang mot")
    assert step(app, good) == 1
    bad = a_program(tmp_path, "cat >/dev/null; exit 3")
    assert [step(app, bad) for _ in range(4)] == [0, 0, 0, 0]
    assert (row().failed, row().done) == (True, 1)
    sign_in(client, office.officer)
    where = f"/r/{revision.id}/recognition"
    assert where in page_of(client, revision)
    token = {"csrf_token": form_token(client, "/documents")}
    assert client.post(where, data=token).status_code == 303
    assert client.post(where, data=token).status_code == 409, "asked for already"
    good = a_program(tmp_path, "cat >/dev/null; echo Trang hai")
    assert step(app, good) == 1
    assert (row().has_words, row().problem, len(row().texts)) == (True, "", 2)
    assert "Trang mot" in row().texts[0]
