"""Builders of small real files; other tests use them too."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import docx
import openpyxl
from docx.document import Document
from PIL import Image, ImageDraw, ImageFont

Change = Callable[[str, bytes], bytes | None]


def a_docx(
    *,
    code: str = "QT-VP-01",
    title: str = "Kiểm soát thông tin dạng văn bản",
    edition: int = 1,
    amendment: int = 0,
    effective_on: str = "11/08/2025",
    paragraphs: Sequence[str] = ("Quy trình này áp dụng cho toàn cơ quan.",),
    rows: Sequence[Sequence[str]] = (),
    build: Callable[[Document], None] | None = None,
) -> bytes:
    """A procedure with a cover table; paragraphs like '1. Mục đích' become headings."""
    document = docx.Document()
    document.add_paragraph("UBND PHƯỜNG AN HÒA")
    document.add_paragraph("QUY TRÌNH")
    document.add_paragraph(title.upper())
    fields = (
        ("Mã số:", code),
        ("Lần ban hành:", f"{edition:02}"),
        ("Lần sửa đổi:", f"{amendment:02}"),
        ("Ngày hiệu lực:", effective_on),
    )
    cover = document.add_table(len(fields), 2)
    for row, texts in zip(cover.rows, fields, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for text in paragraphs:
        heading = text[:1].isdigit() and "." in text[:4] and len(text) < 80
        if heading:
            document.add_heading(text, 1 + text.split(" ")[0].rstrip(".").count("."))
        else:
            document.add_paragraph(text)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if build is not None:
        build(document)
    return saved(document)


def saved(document: Document) -> bytes:
    """The bytes of a python-docx document."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def an_xlsx(rows: Iterable[Sequence[object]] = (("Mã", "Tên"), ("QT-01", "Đánh giá"))) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_raw_pdf(objects: Sequence[bytes], root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a true table of places."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root %d 0 R>>\n" % (len(objects) + 1, root)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def a_stream(body: bytes, extra: bytes = b"") -> bytes:
    """The body of a packed stream object."""
    packed = zlib.compress(body)
    head = b"<</Length %d/Filter/FlateDecode%s>>" % (len(packed), extra)
    return head + b"\nstream\n" + packed + b"\nendstream"


def a_pdf(
    text: str = "Quy trinh kiem soat tai lieu va ho so cua co quan",
    *,
    pages: int = 1,
    page_extra: bytes = b"",
    root_extra: bytes = b"",
    media: bytes = b"[0 0 595 842]",
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF with one line of text a page; extra entries for page and root; further objects."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(pages))
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % root_extra,
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        font,
    ]
    safe = text.replace("(", r"\(").replace(")", r"\)").encode("latin-1", "replace")
    for at in range(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox%s/Resources<</Font<</F1 3 0 R>>>>"
            b"/Contents %d 0 R%s>>" % (media, 5 + 2 * at, page_extra)
        )
        objects.append(a_stream(b"BT /F1 12 Tf 60 700 Td (%s) Tj ET" % safe))
    return a_raw_pdf([*objects, *more])


def a_scan_pdf(pages: int = 1) -> bytes:
    """A PDF whose pages are pictures, as a scanner makes it."""
    sheet = Image.new("L", (420, 594), 255)
    ImageDraw.Draw(sheet).rectangle((60, 60, 300, 90), fill=0)
    out = io.BytesIO()
    sheet.save(out, "PDF", save_all=True, append_images=[sheet] * (pages - 1))
    return out.getvalue()


def pictured(*pages: tuple[str, ...]) -> bytes:
    """A PDF whose pages are pictures of Vietnamese words, at 150 dots an inch."""
    fonts = sorted(Path("/usr/share/fonts").rglob("NotoSans-Regular.ttf"))
    assert fonts, "the font Noto Sans is missing: apt-get install fonts-noto-core"
    font = ImageFont.truetype(str(fonts[0]), 28)
    sheets = []
    for lines in pages:
        sheet = Image.new("L", (1240, 1754), 255)
        for number, line in enumerate(lines):
            ImageDraw.Draw(sheet).text((120, 140 + 70 * number), line, font=font, fill=20)
        sheets.append(sheet)
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return out.getvalue()


def rezipped(
    data: bytes, change: Change = lambda _name, body: body, add: dict[str, bytes] | None = None
) -> bytes:
    """The same package with parts changed (None drops one) and parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for entry in old.infolist():
            body = change(entry.filename, old.read(entry))
            if body is not None:
                new.writestr(entry.filename, body)
        for name, body in (add or {}).items():
            new.writestr(name, body)
    return out.getvalue()


def part_changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same package with some bytes of one part replaced; the bytes must be there."""

    def change(each: str, body: bytes) -> bytes:
        if each != name:
            return body
        assert old in body, old
        return body.replace(old, new, 1)

    return rezipped(data, change)


def body_added(data: bytes, xml: str) -> bytes:
    """The same document with raw WordprocessingML at the start of its body."""
    return part_changed(data, "word/document.xml", b"<w:body>", b"<w:body>" + xml.encode())


def relation_added(data: bytes, kind: str, target: str) -> bytes:
    """The same document with one more outside relationship of its main part."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    line = (
        f'<Relationship Id="rId99" Type="{base}/{kind}" Target="{target}" TargetMode="External"/>'
    )
    where = "word/_rels/document.xml.rels"
    return part_changed(data, where, b"</Relationships>", line.encode() + b"</Relationships>")
