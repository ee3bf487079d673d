"""Every accepted file can be read as PDF, with its layout or at least with its words."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pypdfium2
import pytest

from documents.content import rendition
from documents.content.blocks import READER, Block, Cell, Reading
from documents.content.reading import inspect_and_read
from documents.content.rendition import render
from documents.content.text_rendition import text_pdf
from tests.documents.content.files import a_docx, a_pdf, body_added, relation_added

pytestmark = pytest.mark.covers("T11", "a39")


def words_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "goc.docx"
    path.write_bytes(a_docx(paragraphs=["1. Mục đích", "Giữ đúng trình tự & hạn."]))
    return path


def test_pdf_is_used_as_it_is(tmp_path):
    path, out = tmp_path / "a.pdf", tmp_path / "out.pdf"
    path.write_bytes(a_pdf(pages=2))
    made = render(path, "a.pdf", out, reading=inspect_and_read(path, "a.pdf"))
    assert (made.method, made.pages) == ("original", 2)
    assert out.read_bytes() == path.read_bytes()


def test_document_is_drawn_and_its_pages_counted(source, tmp_path, workshop):
    out = tmp_path / "out.pdf"
    reading = inspect_and_read(source, "goc.docx")
    made = render(source, "goc.docx", out, reading=reading, count=workshop.page_count)
    usable = rendition.is_installed() and bool(rendition.isolation())
    assert made.method == ("libreoffice" if usable else "text")
    assert made.pages == 1
    assert "Giữ đúng trình tự & hạn." in words_of(out)


def test_missing_libreoffice_leaves_the_words_and_says_so(source, tmp_path, monkeypatch):
    monkeypatch.setattr(rendition, "_office", lambda: None)
    out = tmp_path / "out.pdf"
    made = render(source, "goc.docx", out, reading=inspect_and_read(source, "goc.docx"))
    assert made.method == "text"
    assert "không giữ cách trình bày" in " ".join(words_of(out).split())
    assert "QT-VP-01" in words_of(out)


def test_outside_links_are_not_followed_where_the_kernel_refuses(source, tmp_path, monkeypatch):
    monkeypatch.setattr(rendition, "isolation", lambda: ())
    called: list[object] = []
    monkeypatch.setattr(rendition, "_converted", lambda *all_: bool(called.append(all_)))
    linked = tmp_path / "linked.docx"
    linked.write_bytes(relation_added(a_docx(), "image", "http://127.0.0.1:9/canary.png"))
    out = tmp_path / "out.pdf"
    reading = inspect_and_read(linked, "linked.docx")
    assert render(linked, "linked.docx", out, reading=reading).method == "text"
    assert called == []
    render(source, "goc.docx", out, reading=inspect_and_read(source, "goc.docx"))
    assert len(called) == 1


def test_old_fonts_are_set_as_text_since_their_layout_cannot_be_read(source, tmp_path, monkeypatch):
    monkeypatch.setattr(rendition, "_converted", lambda *_all: pytest.fail("drawn"))
    reading = Reading(READER, (Block("paragraph", "Ủy ban nhân dân"),), encoding="TCVN3")
    out = tmp_path / "out.pdf"
    assert render(source, "goc.docx", out, reading=reading).method == "text"


def test_deadline_ends_the_whole_group(tmp_path):
    begin = time.monotonic()
    assert not rendition._finished(["sh", "-c", "sleep 30 & sleep 30"], tmp_path, 0.2)
    assert time.monotonic() - begin < 5
    assert not rendition._finished(["/nonexistent"], tmp_path, 1)


@pytest.mark.slow
@pytest.mark.covers("L11")
def test_an_office_that_waits_draws_one_file_and_is_gone(source, tmp_path):
    warm = rendition.WarmOffice()
    warm.prepare()
    assert warm.take() is None  # it starts still: whoever is in a hurry starts another
    for _ in range(60):
        if (waiting := warm.take()) is not None:
            break
        time.sleep(0.2)
    warm._waiting = waiting  # put back: what follows takes it as a job does
    room, group = waiting.room, waiting._process.pid
    out = tmp_path / "out.pdf"
    assert rendition._converted(source, "docx", out, rendition.isolation(), 60, warm)
    assert "Giữ đúng trình tự & hạn." in words_of(out)
    assert warm.take() is None
    assert not room.exists()
    assert not alive_in(group)


@pytest.mark.slow
def test_an_office_that_waits_ends_with_whoever_started_it(tmp_path):
    program = (
        "import os, time; from documents.content.rendition import WarmOffice;"
        " warm = WarmOffice(); warm.prepare(); print(warm._waiting._process.pid, flush=True);"
        " time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    group = int(starter.stdout.readline())
    assert alive_in(group)
    starter.kill()
    starter.wait()
    for _ in range(50):
        if not alive_in(group):
            break
        time.sleep(0.1)
    assert not alive_in(group)


def alive_in(group: int) -> list[str]:
    """Give the processes of a group that still do something."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = place.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(place.parent.name)
    return found


def test_words_of_a_file_never_become_markup(tmp_path):
    hostile = '<img src="http://127.0.0.1:9/canary"><script>x</script>'
    blocks = (
        Block("heading", hostile, 1, "1"),
        Block("table", rows=((Cell("a", 2, 1), Cell(hostile)), (Cell("b"), Cell("c", 1, 9)))),
    )
    out = tmp_path / "out.pdf"
    out.write_bytes(text_pdf(Reading(READER, blocks, header=(hostile,)), language="en"))
    assert "canary" in words_of(out)
    assert "words only" in words_of(out)


def test_file_says_whether_drawing_it_would_load_from_elsewhere(tmp_path):
    field = "<w:p><w:r><w:instrText>INCLUDETEXT http://127.0.0.1/x</w:instrText></w:r></w:p>"
    cases = {
        a_docx(): False,
        relation_added(a_docx(), "hyperlink", "https://example.org"): False,
        relation_added(a_docx(), "image", "https://example.org/i.png"): True,
        body_added(a_docx(), field): True,
    }
    path = tmp_path / "a.docx"
    for data, expected in cases.items():
        path.write_bytes(data)
        assert inspect_and_read(path, "a.docx").outside_links is expected
