"""What is read out of Word files, workbooks and PDFs: all words once, in order."""

from datetime import date
from pathlib import Path

import pytest

from documents.content.blocks import Block, Reading, from_json, plain_text, to_json
from documents.content.intake import Reason, Refused
from documents.content.legacy_fonts import decoded
from documents.content.reading import inspect_and_read
from tests.documents.content.files import (
    a_docx,
    a_pdf,
    a_scan_pdf,
    an_xlsx,
    body_added,
    part_changed,
    rezipped,
)

pytestmark = pytest.mark.covers("T16", "a39")

STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
LOOSE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


@pytest.fixture
def read(tmp_path: Path):
    def reader(data: bytes, name: str = "a.docx") -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return inspect_and_read(path, name)

    return reader


def with_body(*xml: str) -> bytes:
    return body_added(a_docx(paragraphs=[]), "".join(xml))


def test_reading_survives_its_json(read):
    reading = read(a_docx(paragraphs=["1. Mục đích", "Theo Nghị định số 61/2018/NĐ-CP."]))
    assert from_json(to_json(reading)) == reading
    assert to_json(from_json(to_json(reading))) == to_json(reading)


def test_content_controls_tags_and_links_are_read(read):
    text = plain_text(
        read(
            with_body(
                f"<w:sdt><w:sdtContent>{paragraph(run('trong khung'))}</w:sdtContent></w:sdt>",
                paragraph(f'<w:smartTag w:element="x">{run("thẻ thông minh")}</w:smartTag>'),
                paragraph(f'<w:hyperlink w:anchor="x">{run("liên kết")}</w:hyperlink>'),
            )
        )
    )
    assert all(words in text for words in ("trong khung", "thẻ thông minh", "liên kết"))


def test_text_box_is_read_once_though_it_has_a_fallback(read):
    box = f"<w:txbxContent>{paragraph(run('Chữ trong hộp'))}</w:txbxContent>"
    reading = read(
        with_body(
            '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r>'
            f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )
    )
    assert reading.textboxes == ("Chữ trong hộp",)
    assert plain_text(reading).count("Chữ trong hộp") == 1


def test_inserted_words_are_in_and_deleted_words_are_out(read):
    text = plain_text(
        read(
            with_body(
                paragraph(
                    run("Thời hạn là "),
                    '<w:del w:id="1"><w:r><w:delText>năm</w:delText></w:r></w:del>',
                    f'<w:ins w:id="2">{run("ba")}</w:ins>',
                    run(" ngày"),
                ),
                paragraph(run("đầu "), properties='<w:rPr><w:del w:id="3"/></w:rPr>'),
                paragraph(run("cuối")),
            )
        )
    )
    assert "Thời hạn là ba ngày" in text
    assert "năm" not in text
    assert "đầu cuối" in text


def test_hyphens_that_do_not_break_and_split_runs_make_one_code(read):
    reading = read(
        with_body(
            paragraph(run("Mã số: QT"), "<w:r><w:noBreakHyphen/></w:r>", run("VP"), run("-09"))
        )
    )
    assert reading.proposal.code == "QT-VP-09"


def test_strict_office_namespace_is_read(read):
    def change(_name: str, body: bytes) -> bytes:
        return body.replace(LOOSE, STRICT)

    reading = read(rezipped(a_docx(paragraphs=["1. Phạm vi", "Chữ nghiêm ngặt"]), change))
    assert "Chữ nghiêm ngặt" in plain_text(reading)
    assert reading.proposal.code == "QT-VP-01"


def test_merged_cells_stand_once_with_their_spans(read):
    def build(document) -> None:
        table = document.add_table(3, 3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "ngang"
        table.cell(0, 2).merge(table.cell(2, 2)).text = "dọc"
        table.cell(1, 0).text = "một"

    table = [block for block in read(a_docx(build=build)).blocks if block.kind == "table"][-1]
    assert (table.rows[0][0].text, table.rows[0][0].colspan) == ("ngang", 2)
    assert (table.rows[0][1].text, table.rows[0][1].rowspan) == ("dọc", 3)
    assert [cell.text for cell in table.rows[1]] == ["một", ""]


def test_absurd_span_costs_nothing(read):
    def build(document) -> None:
        document.add_table(1, 2).cell(0, 0).text = "ô"

    data = a_docx(build=build)
    data = part_changed(
        data, "word/document.xml", b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="2000000000"/>'
    )
    spans = [c.colspan for b in read(data).blocks for row in b.rows for c in row]
    assert max(spans) <= 64


@pytest.mark.parametrize(
    ("typed", "level", "number", "text"),
    [
        ("5.2. Đặt mã tài liệu", 2, "5.2", "Đặt mã tài liệu"),
        ("1. Mục đích", 1, "1", "Mục đích"),
        ("II. NỘI DUNG", 1, "II", "NỘI DUNG"),
        ("Điều 5. Trách nhiệm", 1, "Điều 5", "Trách nhiệm"),
    ],
)
def test_bold_paragraph_with_typed_number_is_a_heading(read, typed, level, number, text):
    reading = read(with_body(paragraph(run(typed, "<w:b/>"))))
    assert Block("heading", text, level, number) in reading.blocks


def test_heading_style_without_number_and_plain_numbered_line(read):
    reading = read(
        with_body(
            paragraph(run("Phụ lục"), properties='<w:pStyle w:val="Heading2"/>'),
            paragraph(run("3. một mục trong danh sách")),
        )
    )
    assert Block("heading", "Phụ lục", 2, "") in reading.blocks
    assert Block("paragraph", "3. một mục trong danh sách") in reading.blocks


def test_automatic_numbers_are_counted_as_word_shows_them(read):
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for at, pattern in enumerate(("%1.", "%1.%2."))
    )
    lists = (
        f'<w:abstractNum w:abstractNumId="90">{levels}</w:abstractNum>'
        '<w:num w:numId="91"><w:abstractNumId w:val="90"/></w:num>'
    )

    def numbered(text: str, level: int) -> str:
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="91"/></w:numPr>'
        outline = f'<w:outlineLvl w:val="{level}"/>'
        return paragraph(run(text), properties=number + outline)

    data = with_body(*(numbered(*each) for each in (("A", 0), ("B", 1), ("C", 1), ("D", 0))))
    data = part_changed(
        data, "word/numbering.xml", b"</w:numbering>", (lists + "</w:numbering>").encode()
    )
    headings = [(b.number, b.text) for b in read(data).blocks if b.kind == "heading"]
    assert headings == [("1", "A"), ("1.1", "B"), ("1.2", "C"), ("2", "D")]


def test_header_footer_and_footnotes_are_kept_apart(read):
    def build(document) -> None:
        document.sections[0].header.paragraphs[0].text = "Đầu trang"
        document.sections[0].footer.paragraphs[0].text = "Chân trang"

    reading = read(a_docx(build=build))
    assert reading.header == ("Đầu trang",)
    assert reading.footer == ("Chân trang",)
    assert "Đầu trang" not in [block.text for block in reading.blocks]
    assert "Chân trang" in plain_text(reading)


def test_old_fonts_and_decomposed_letters_become_unicode(read):
    font = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'
    reading = read(with_body(paragraph(run("UBND ph\u00ad", font), run("êng An Hßa", font))))
    assert reading.encoding == "TCVN3"
    assert "UBND phường An Hòa" in plain_text(reading)
    assert decoded("quy tr×nh", ".VnTimeH") == "QUY TRÌNH"
    assert "Việt Nam" in read(with_body(paragraph(run("Vie\u0323\u0302t Nam")))).blocks[0].text
    vni = '<w:rFonts w:ascii="VNI-Times"/>'
    other = read(with_body(paragraph(run("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", vni))))
    assert other.encoding == "VNI"
    assert other.blocks[0].text == "Cộng hòa xã hội chủ nghĩa Việt Nam"


def test_workbook_is_read_with_dates_and_without_filling_merges(read):
    rows = [("Mã", "Ngày"), ("QT-01", "Đánh giá"), ("=1+1", "'+84 24")]
    data = an_xlsx(rows)
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    reading = read(
        part_changed(data, "xl/worksheets/sheet1.xml", b"</sheetData>", merged), "a.xlsx"
    )
    assert reading.blocks[0] == Block("heading", "Sheet", 1)
    assert [cell.text for cell in reading.blocks[1].rows[1]] == ["QT-01", "Đánh giá"]


def test_day_of_a_1904_workbook_is_right(read):
    from_1904 = part_changed(
        an_xlsx([(date(2026, 12, 31),)]),
        "xl/workbook.xml",
        b"<workbookPr",
        b'<workbookPr date1904="1"',
    )
    usual = read(an_xlsx([(date(2026, 12, 31),)]), "a.xlsx")
    assert usual.blocks[1].rows[0][0].text == "2026-12-31"
    assert read(from_1904, "a.xlsx").blocks[1].rows[0][0].text == "2031-01-01"


def test_endless_workbook_is_too_complex(read, monkeypatch):
    monkeypatch.setattr("documents.content.xlsx_reading.MOST_CELLS", 5)
    with pytest.raises(Refused) as refused:
        read(an_xlsx([("a", "b", "c"), ("d", "e", "f")]), "a.xlsx")
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_pdf_has_words_and_pages_and_a_scan_says_so(read):
    words = read(a_pdf("Quy trinh kiem soat tai lieu cua co quan", pages=2), "a.pdf")
    assert (words.pages, words.scan) == (2, False)
    assert "kiem soat" in plain_text(words)
    scan = read(a_scan_pdf(3), "a.pdf")
    assert (scan.pages, scan.scan, scan.words) == (3, True, 0)
