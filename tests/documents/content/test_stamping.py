"""A controlled copy says on every page what it is, covers no word and carries nothing active."""

import io
import time
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from documents.content.flattening import as_pictures
from documents.content.marks import PageMarks
from documents.content.reading import inspect_and_read
from documents.content.stamping import stamp
from tests.documents.content.files import a_pdf, a_scan_pdf

pytestmark = pytest.mark.covers("D11", "a39")

MARKS = PageMarks(
    code="QT-ĐC-02",
    title="Cấp giấy phép xây dựng nhà ở riêng lẻ",
    edition="Lần ban hành 02/00",
    effective_on="Hiệu lực từ 29/09/2025",
    state_line="Bản đang có hiệu lực",
    watermark="HẾT HIỆU LỰC",
    printed_by="Nguyễn Thị Ngọc Ánh",
    printed_at="22/11/2026 17:30",
    qr_url="https://nenep.example/q/ABCDEFGH",
    qr_words="Quét mã để biết bản này còn hiệu lực không",
)


def stamped(folder: Path, data: bytes, marks: PageMarks = MARKS) -> tuple[int, Path]:
    base, out = folder / "base.pdf", folder / "out.pdf"
    base.write_bytes(data)
    return stamp(base, marks, out), out


def words_of(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_marks_survive_their_json():
    assert PageMarks.from_json(MARKS.to_json()) == MARKS


def test_every_page_carries_its_marks_in_vietnamese(tmp_path):
    pages, out = stamped(tmp_path, a_pdf("Noi dung goc", pages=3))
    assert pages == 3
    for number, words in enumerate(words_of(out), 1):
        assert "Noi dung goc" in words
        assert "QT-ĐC-02" in words
        assert "Cấp giấy phép xây dựng nhà ở riêng lẻ" in words
        assert f"Trang {number}/3" in words


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_and_cropped_pages_stand_upright_with_room_for_the_band(tmp_path, turn):
    extra = b"/Rotate %d/CropBox[20 30 520 730]" % turn
    _pages, out = stamped(tmp_path, a_pdf("Noi dung goc", page_extra=extra))
    with pypdfium2.PdfDocument(out) as document:
        page = document[0]
        size = page.get_size()
        assert size == pytest.approx((500, 700) if turn in (0, 180) else (700, 500))
        text = page.get_textpage()
        finder = text.search("Noi dung goc")
        place, count = finder.get_next()
        lows = [text.get_charbox(place + at)[1] for at in range(count)]
        assert min(lows) > 30
        finder.close()


@pytest.mark.parametrize(
    "media", [b"[0 0 2384 3370]", b"[0 0 105 148]", b"[-50 -80 545 762]", b"[0 0 0 0]", b"[9]"]
)
def test_any_size_of_page_is_stamped(tmp_path, media):
    pages, out = stamped(tmp_path, a_pdf(media=media))
    assert pages == 1
    assert "Trang 1/1" in words_of(out)[0]


def test_scan_is_stamped_and_can_be_read_as_a_safe_file(tmp_path):
    _pages, out = stamped(tmp_path, a_scan_pdf(2))
    assert inspect_and_read(out, "copy.pdf").pages == 2


def test_active_content_stays_behind(tmp_path):
    script = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<<>>>>"
    link = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(x.exe)>>>>]"
    _pages, out = stamped(tmp_path, a_pdf(root_extra=script, page_extra=link))
    inspect_and_read(out, "copy.pdf")
    raw = out.read_bytes()
    assert not any(word in raw for word in (b"JavaScript", b"Launch", b"EmbeddedFiles"))


def test_filled_fields_are_drawn_into_the_page(tmp_path):
    look = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 3 0 R>>>>/Length 37>>"
    )
    look += b"\nstream\nBT /F1 12 Tf 2 5 Td (DA DIEN) Tj ET   \nendstream"
    field = b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[60 500 260 520]/F 4/AP<</N 6 0 R>>>>]"
    _pages, out = stamped(tmp_path, a_pdf(page_extra=field, more=[look]))
    assert "DA DIEN" in words_of(out)[0]


def test_pdf_that_cannot_be_carried_over_becomes_pictures(tmp_path, monkeypatch):
    def fails(_data: bytes) -> bytes:
        raise ValueError("odd")

    monkeypatch.setattr("documents.content.stamping.flattened", fails)
    pages, out = stamped(tmp_path, a_pdf("Noi dung goc", pages=2))
    assert pages == 2
    assert "Noi dung goc" not in words_of(out)[0]
    assert "QT-ĐC-02" in words_of(out)[0]
    reader = pypdf.PdfReader(io.BytesIO(as_pictures(a_pdf())))
    assert reader.pages[0].mediabox.width == pytest.approx(595)


def test_page_that_no_program_shows_is_left_blank_among_the_others():
    broken = a_pdf(pages=2).replace(b"4 0 obj\n<</Type/Page", b"4 0 obj\n[</Type/Page")
    assert len(pypdf.PdfReader(io.BytesIO(as_pictures(broken))).pages) == 2


def test_marks_cannot_become_markup(tmp_path):
    marks = PageMarks("<b>QT</b>", "<script>alert(1)</script>", page_text="({page}) \\ {pages}")
    _pages, out = stamped(tmp_path, a_pdf(), marks)
    words = words_of(out)[0]
    assert "<script>alert(1)</script>" in words
    assert "(1) \\ 1" in words


def test_forty_pages_take_less_than_two_seconds(workshop, tmp_path):
    base = tmp_path / "base.pdf"
    base.write_bytes(a_pdf(pages=40))
    workshop.network_is_closed()
    begin = time.perf_counter()
    assert workshop.stamp(base, MARKS, tmp_path / "out.pdf") == 40
    assert time.perf_counter() - begin < 2
