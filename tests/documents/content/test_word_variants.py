"""Every way Word has of putting words on a page: each is read once, as a person sees it."""

import re
import struct
from pathlib import Path

import pytest

from documents.content.blocks import Reading, body_text, plain_text
from documents.content.intake import Reason, Refused
from documents.content.reading import inspect_and_read
from documents.content.workshop import Workshop
from tests.documents.content.files import a_docx, body_added, part_changed, rezipped
from tests.documents.content.test_reading import paragraph, run

pytestmark = pytest.mark.covers("T16", "a54", "D11")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
CHART = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
DIAGRAM = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TCVN3 = "Qu\u00b6n l\u00fd tµi liÖu"
VNI = "Quaûn lyù taøi lieäu"
READ = "Quản lý tài liệu"


@pytest.fixture
def read(tmp_path: Path):
    def reader(data: bytes) -> Reading:
        path = tmp_path / "a.docx"
        path.write_bytes(data)
        return inspect_and_read(path, path.name)

    return reader


def with_body(*xml: str) -> bytes:
    return body_added(a_docx(paragraphs=[]), "".join(xml))


def with_part(data: bytes, kind: str, name: str, content: str) -> bytes:
    """The same document with one more part the main one refers to as rIdX."""
    line = f'<Relationship Id="rIdX" Type="{OFFICE}/{kind}" Target="{name}"/>'
    where = "word/_rels/document.xml.rels"
    linked = part_changed(data, where, b"</Relationships>", line.encode() + b"</Relationships>")
    return rezipped(linked, add={f"word/{name}": content.encode()})


def fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}"/>'


def test_old_fonts_come_from_runs_styles_defaults_and_the_theme(read):
    by_run = with_body(paragraph(run(TCVN3, fonts(".VnTime"))))
    styled = part_changed(
        with_body(paragraph(run(VNI), properties='<w:pStyle w:val="Cu"/>')),
        "word/styles.xml",
        b"</w:styles>",
        f'<w:style w:type="paragraph" w:styleId="Cu0"><w:name w:val="Cu0"/><w:rPr>'
        f'{fonts("VNI-Times")}</w:rPr></w:style><w:style w:type="paragraph" w:styleId="Cu">'
        '<w:name w:val="Cu"/><w:basedOn w:val="Cu0"/></w:style></w:styles>'.encode(),
    )
    themed = '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/>'
    by_theme = rezipped(
        with_body(paragraph(run(TCVN3, themed))),
        lambda name, body: (
            re.sub(rb'(<a:minorFont>\s*<a:latin typeface=")[^"]*', rb"\1.VnTime", body)
            if "theme" in name
            else body
        ),
    )
    by_default = rezipped(
        with_body(paragraph(run(TCVN3))),
        lambda name, body: (
            re.sub(
                rb"(<w:rPrDefault>\s*<w:rPr>\s*)<w:rFonts[^>]*/>",
                rb"\1" + fonts(".VnTime").encode(),
                body,
            )
            if name == "word/styles.xml"
            else body
        ),
    )
    for data in (by_run, styled, by_theme):
        assert read(data).blocks[0].text == READ
    assert READ in body_text(read(by_default))


def test_letters_split_between_runs_and_fonts_of_one_script_are_one(read):
    data = with_body(
        paragraph(run("Qua", fonts("VNI-Times")), run("ûn lyù", "<w:b/>" + fonts("VNI-Helve"))),
        paragraph(run("qu¶n lý ", fonts(".VnTimeH")), run("tµi liÖu", fonts(".VnArial"))),
    )
    assert [block.text for block in read(data).blocks[:2]] == ["Quản lý", "QUẢN LÝ tài liệu"]


def test_signs_typed_as_symbols_of_an_old_font_are_letters(read):
    sign = '<w:r><w:sym w:font=".VnTime" w:char="{}"/></w:r>'
    data = with_body(
        paragraph(run("v", fonts(".VnTime")), sign.format("F0B5"), sign.format("00B5"))
    )
    assert read(data).blocks[0].text == "vàà"


def test_moved_text_stands_at_its_new_place_only(read):
    data = with_body(
        paragraph(f'<w:moveFrom w:id="1">{run("câu được chuyển")}</w:moveFrom>', run("ở lại")),
        paragraph(f'<w:moveTo w:id="2">{run("câu được chuyển")}</w:moveTo>'),
    )
    assert body_text(read(data)).count("câu được chuyển") == 1
    assert read(data).blocks[0].text == "ở lại"


def test_deleted_rows_are_out_and_the_last_words_of_a_cell_are_kept(read):
    def row(text: str, properties: str = "", mark: str = "") -> str:
        inside = paragraph(run(text), properties=mark)
        return f"<w:tr><w:trPr>{properties}</w:trPr><w:tc><w:tcPr/>{inside}</w:tc></w:tr>"

    gone = '<w:rPr><w:del w:id="9"/></w:rPr>'
    table = "".join((row("một"), row("hai", '<w:del w:id="3"/>'), row("ba", mark=gone)))
    reading = read(with_body(f"<w:tbl><w:tblPr/>{table}</w:tbl>"))
    assert [[cell.text for cell in row] for row in reading.blocks[0].rows] == [["một"], ["ba"]]


def test_rows_and_cells_in_content_controls_and_tables_in_tables_are_read(read):
    inner = f"<w:tbl><w:tblPr/><w:tr><w:tc>{paragraph(run('trong cùng'))}</w:tc></w:tr></w:tbl>"
    cell = f"<w:tc><w:tcPr/>{paragraph(run('ngoài'))}{inner}{paragraph()}</w:tc>"
    held = f"<w:sdt><w:sdtContent><w:tc>{paragraph(run('ô khung'))}</w:tc></w:sdtContent></w:sdt>"
    row = f"<w:tr>{cell}{held}</w:tr>"
    control = f"<w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt>"
    (block, *_rest) = read(with_body(f"<w:tbl><w:tblPr/>{control}{row}</w:tbl>")).blocks
    assert [[cell.text for cell in row] for row in block.rows] == [
        ["ngoài\ntrong cùng", "ô khung"]
    ] * 2


def test_equations_fields_tabs_and_word_art_are_read(read):
    shape = (
        '<w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape>'
        '<v:textpath string="DỰ THẢO"/></v:shape></w:pict></w:r>'
    )
    data = with_body(
        paragraph(f"<m:oMath {MATH}><m:r><m:t>S = a × b</m:t></m:r></m:oMath>"),
        paragraph(f'<w:fldSimple w:instr=" REF x ">{run("mục 5.2")}</w:fldSimple>'),
        paragraph(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            "<w:r><w:instrText> PAGEREF bí_mật </w:instrText></w:r>",
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            run("12"),
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        ),
        paragraph(
            run("mềm"), "<w:r><w:softHyphen/></w:r>", run("mại"), "<w:r><w:tab/></w:r>", run("x")
        ),
        paragraph(shape),
    )
    reading = read(data)
    texts = [block.text for block in reading.blocks[:4]]
    assert texts == ["S = a × b", "mục 5.2", "12", "mềmmại\tx"]
    assert reading.textboxes == ("DỰ THẢO",)
    assert "bí_mật" not in plain_text(reading)


def test_charts_and_diagrams_say_their_words_once(read):
    title = f"<a:p {DRAWING}><a:r><a:t>Hồ sơ theo tháng</a:t></a:r></a:p>"
    names = "".join(f"<c:pt><c:v>{name}</c:v></c:pt>" for name in ("Tháng 1", "Tháng 2"))
    chart = (
        f"<c:chartSpace {CHART} {DRAWING}><c:chart><c:title><c:tx><c:rich>{title}</c:rich></c:tx>"
        f"</c:title><c:cat><c:strRef><c:strCache>{names}</c:strCache></c:strRef></c:cat>"
        f"<c:cat><c:strRef><c:strCache>{names}</c:strCache></c:strRef></c:cat></c:chart></c:chartSpace>"
    )
    reading = read(with_part(with_body(), "chart", "charts/chart1.xml", chart))
    assert reading.textboxes == ("Hồ sơ theo tháng\nTháng 1\nTháng 2",)
    point = '<dgm:pt type="{}"><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>'
    points = point.format("node", "Tiếp nhận") + point.format("pres", "Tiếp nhận")
    diagram = f"<dgm:dataModel {DIAGRAM} {DRAWING}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"
    reading = read(with_part(with_body(), "diagramData", "diagrams/data1.xml", diagram))
    assert reading.textboxes == ("Tiếp nhận",)


def test_an_inserted_page_is_read_and_one_that_cannot_be_is_refused(read):
    link = f'<w:altChunk xmlns:r="{OFFICE}" r:id="rIdX"/>'
    page = "<html><body><p>Đoạn <b>chèn</b></p><script>alert(1)</script><p>vào</p></body></html>"
    reading = read(with_part(with_body(link), "aFChunk", "chunk.html", page))
    assert [block.text for block in reading.blocks[:2]] == ["Đoạn chèn", "vào"]
    with pytest.raises(Refused) as refused:
        read(with_part(with_body(link), "aFChunk", "chunk.rtf", "{\\rtf1 x}"))
    assert refused.value.reason is Reason.EMBEDDED_FILE


def test_notes_at_the_foot_and_at_the_end_are_kept_apart(read):
    note = '<w:{0}note w:id="2"><w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:{0}note>'
    line = '<w:{0}note w:type="separator" w:id="0"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:{0}note>'
    for kind in ("foot", "end"):
        notes = line.format(kind) + note.format(kind, "Theo khoản 2.")
        part = f"<w:{kind}notes {WORD}>{notes}</w:{kind}notes>"
        reading = read(with_part(with_body(), f"{kind}notes", f"{kind}notes.xml", part))
        assert reading.footnotes == ("Theo khoản 2.",)
        assert "Theo khoản 2." not in body_text(reading)


def levels(*kinds: tuple[str, str, str]) -> str:
    return "".join(
        f'<w:lvl w:ilvl="{at}">{more}<w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (kind, text, more) in enumerate(kinds)
    )


START = '<w:start w:val="1"/>'


@pytest.mark.parametrize(
    ("kinds", "steps", "shown"),
    [
        (
            [("decimal", "%1.", START), ("decimal", "%1.%2.", START)],
            (0, 1, 1, 0),
            "1. 1.1. 1.2. 2.",
        ),
        ([("upperRoman", "%1.", START), ("lowerLetter", "%2)", START)], (0, 1, 1), "I. a) b)"),
        ([("decimalZero", "%1", ""), ("none", "%1.%2", START)], (0, 0, 1), "00 01 01."),
        ([("ordinal", "%1", START)], (0, 0, 0, 0), "1st 2nd 3rd 4th"),
        (
            [
                ("decimal", "%1", START),
                ("lowerLetter", "%1.%2", START),
                ("upperRoman", "%1.%2.%3", START + '<w:lvlRestart w:val="1"/>'),
            ],
            (0, 1, 2, 1, 2, 0, 2, 1),
            "1 1.a 1.a.I 1.b 1.b.II 2 2.a.I 2.b",
        ),
        ([("decimal", "Bước %1:", START)], (0, 0), "Bước 1: Bước 2:"),
    ],
)
def test_automatic_numbers_are_shown_as_in_word(read, kinds, steps, shown):
    lists = (
        '<w:abstractNum w:abstractNumId="90"><w:styleLink w:val="L"/>'
        f"{levels(*kinds)}</w:abstractNum>"
        '<w:abstractNum w:abstractNumId="92"><w:numStyleLink w:val="L"/></w:abstractNum>'
        '<w:num w:numId="91"><w:abstractNumId w:val="92"/></w:num></w:numbering>'
    )
    number = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="91"/></w:numPr>'
    body = (paragraph(run("chữ"), properties=number.format(step)) for step in steps)
    data = part_changed(with_body(*body), "word/numbering.xml", b"</w:numbering>", lists.encode())
    labels = [block.number for block in read(data).blocks if block.text == "chữ"]
    assert " ".join(labels) == shown


def test_a_broken_part_of_looks_alone_is_no_reason_to_refuse(read):
    """Office repairs such files; a damaged part with words is refused all the same."""
    good = a_docx()
    for part, name in ((b"word/theme/theme1.xml", "taken"), (b"word/document.xml", "refused")):
        at = good.rfind(part) - 46
        crc = struct.unpack_from("<L", good, at + 16)[0] ^ 1
        local = struct.unpack_from("<L", good, at + 42)[0]
        data = bytearray(good)
        struct.pack_into("<L", data, at + 16, crc)
        struct.pack_into("<L", data, local + 14, crc)
        if name == "taken":
            assert read(bytes(data)).proposal.code == "QT-VP-01"
            continue
        with pytest.raises(Refused) as refused:
            read(bytes(data))
        assert refused.value.reason is Reason.DAMAGED


@pytest.mark.covers("T15")
def test_a_long_honest_file_fits_into_the_memory_of_a_child(tmp_path):
    """Some 30 MB of XML: 60,000 paragraphs; how long it takes hangs on what else runs here."""
    look = '<w:rPr><w:sz w:val="26"/><w:lang w:val="vi-VN"/></w:rPr>'
    words = "trách nhiệm của cơ quan, đơn vị trong việc lập hồ sơ và lưu trữ, bảo quản tài liệu"
    line = f'<w:p w:rsidR="00A1B2C3"><w:pPr><w:jc w:val="both"/>{look}</w:pPr>'
    pieces = "".join(f"<w:r>{look}<w:t>{words}</w:t></w:r>" for _piece in range(2))
    rows = f"<w:tr><w:tc>{line}{pieces}</w:p></w:tc></w:tr>" * 15_000
    body = f"{line}{pieces}</w:p>" * 45_000
    path = tmp_path / "long.docx"
    path.write_bytes(with_body(body, f"<w:tbl><w:tblPr/>{rows}</w:tbl>"))
    patient = Workshop(read_seconds=60)
    try:
        reading = patient.read(path, "long.docx")
    finally:
        patient.close()
    assert reading.words > 2_000_000
    assert len(reading.blocks[45_000].rows) == 15_000
