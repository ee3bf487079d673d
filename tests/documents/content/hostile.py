"""Hostile and odd files of every class, made by our own hand; and honest ones beside them."""

import struct
import warnings
import zipfile
import zlib
from io import BytesIO

from documents.content.intake import Reason
from tests.documents.content.files import (
    a_docx,
    a_pdf,
    a_raw_pdf,
    a_scan_pdf,
    a_stream,
    an_xlsx,
    body_added,
    part_changed,
    relation_added,
    rezipped,
)

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
DTD = b'<!DOCTYPE r [<!ENTITY a "b">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def ole(*names: str) -> bytes:
    """An old container that mentions these stream names."""
    return OLE + b"\x00\x00".join(name.encode("utf-16-le") for name in names)


def with_type(data: bytes, kind: str) -> bytes:
    return part_changed(data, "[Content_Types].xml", MAIN.encode(), kind.encode())


def with_dtd(data: bytes, part: str, encoding: str = "utf-8") -> bytes:
    def change(name: str, body: bytes) -> bytes:
        if name != part:
            return body
        text = body.decode().split("?>", 1)[-1]
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        return (head + DTD.decode() + text).encode(encoding)

    return rezipped(data, change)


def with_flag(data: bytes, flag: int) -> bytes:
    """The archive with a bit set in every header."""
    out = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = out.find(mark)
        while place >= 0:
            value = struct.unpack_from("<H", out, place + at)[0]
            struct.pack_into("<H", out, place + at, value | flag)
            place = out.find(mark, place + 4)
    return bytes(out)


def with_size(data: bytes, size: int) -> bytes:
    """The archive whose directory promises another size for its first part."""
    out = bytearray(data)
    struct.pack_into("<L", out, out.find(b"PK\x01\x02") + 24, size)
    struct.pack_into("<L", out, out.find(b"PK\x03\x04") + 22, size)
    return bytes(out)


def doubled(data: bytes, name: str) -> bytes:
    out = BytesIO(data)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as package:
        warnings.simplefilter("ignore")
        package.writestr(name, b"<other/>")
    return out.getvalue()


def linked(data: bytes) -> bytes:
    out = BytesIO(data)
    entry = zipfile.ZipInfo("word/link.xml")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(entry, b"/etc/passwd")
    return out.getvalue()


def overlapping(data: bytes) -> bytes:
    """The archive with its first directory entry listed twice, both on one block."""
    end = data.rfind(b"PK\x05\x06")
    count, size, begin = struct.unpack_from("<HLL", data, end + 10)
    entry = data[begin : data.find(b"PK\x01\x02", begin + 4)]
    other = entry.replace(b"Content_Types", b"Kontent_Types")
    tail = bytearray(data[end:])
    struct.pack_into("<HHLL", tail, 8, count + 1, count + 1, size + len(entry), begin)
    return data[:end] + other + bytes(tail)


def bomb() -> bytes:
    return rezipped(a_docx(), add={"word/media/image1.bmp": b"\x00" * (30 << 20)})


def deep() -> bytes:
    return body_added(a_docx(), "<w:sdt><w:sdtContent>" * 200 + "</w:sdtContent></w:sdt>" * 200)


def odd_macro() -> bytes:
    return rezipped(a_docx(), add={"word/media/image9.png": ole("VBA", "_VBA_PROJECT", "dir")})


def typed_macro() -> bytes:
    return with_type(a_docx(), "application/vnd.ms-word.document.macroEnabled.main+xml")


def program() -> bytes:
    return rezipped(
        a_docx(),
        add={"word/embeddings/oleObject1.bin": ole("\x01Ole10Native") + b"C:\\x\\run.exe\x00"},
    )


def control() -> bytes:
    return relation_added(a_docx(), "control", "activeX/activeX1.xml")


def hidden_script() -> bytes:
    """A PDF whose script stands in a packed object stream no table points to."""
    inner = b"9 0 <</S/JavaScript/JS(app.alert(1))>>"
    return a_pdf(more=[a_stream(inner, b"/Type/ObjStm/N 1/First 4")])


def escaped_script() -> bytes:
    """A PDF that opens with a script whose name is written with number signs."""
    return a_pdf(root_extra=b"/OpenAction<</S/J#61vaScript/J#53(app.alert\\(1\\))>>")


def _part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.read(name)


def doubly_packed_script() -> bytes:
    """A PDF whose script stands in an object stream packed twice, reached by its own table."""
    inner = b"7 0 <</S/JavaScript/JS(app.alert(1))>>"
    body = zlib.compress(zlib.compress(inner))
    head = b"<</Type/ObjStm/N 1/First 4/Length %d/Filter[/FlateDecode/FlateDecode]>>" % len(body)
    packed = head + b"\nstream\n" + body + b"\nendstream"
    data = a_pdf(root_extra=b"/OpenAction 7 0 R", more=[packed])
    start = data.rindex(b"xref\n0")
    entries = [(0, 0, 65535)]
    places = [data.index(b"%d 0 obj" % number) for number in range(1, 7)]
    entries += [(1, place, 0) for place in places] + [(2, 6, 0), (1, start, 0)]
    table = b"".join(bytes([k]) + a.to_bytes(4) + b.to_bytes(2) for k, a, b in entries)
    extra = b"/Type/XRef/Size 9/W[1 4 2]/Root 1 0 R"
    tail = b"8 0 obj\n" + a_stream(table, extra) + b"\nendobj\n"
    return data[:start] + tail + b"startxref\n%d\n%%%%EOF\n" % start


REFUSED: dict[str, tuple[Reason, str, bytes]] = {
    "zero bytes": (Reason.EMPTY, "a.docx", b""),
    "old Word": (Reason.TYPE_NOT_ALLOWED, "a.doc", OLE),
    "macro workbook's name": (Reason.TYPE_NOT_ALLOWED, "a.xlsm", an_xlsx()),
    "no ending": (Reason.TYPE_NOT_ALLOWED, "docx", a_docx()),
    "web page": (Reason.WRONG_TYPE, "a.docx", b"<html><script>alert(1)</script></html>"),
    "PDF as Word": (Reason.WRONG_TYPE, "a.docx", a_pdf()),
    "Word as PDF": (Reason.WRONG_TYPE, "a.pdf", a_docx()),
    "workbook as Word": (Reason.WRONG_TYPE, "a.docx", an_xlsx()),
    "Word as workbook": (Reason.WRONG_TYPE, "a.xlsx", a_docx()),
    "plain ZIP": (Reason.WRONG_TYPE, "a.docx", rezipped(a_docx(), lambda *_: None, {"a": b"b"})),
    "page before the ZIP": (Reason.WRONG_TYPE, "a.docx", b"<html>" + a_docx()),
    "ZIP after the PDF": (Reason.WRONG_TYPE, "a.pdf", a_pdf() + a_docx()),
    "template": (
        Reason.WRONG_TYPE,
        "a.docx",
        with_type(a_docx(), MAIN.replace("document.main", "template.main")),
    ),
    "start of a ZIP only": (Reason.DAMAGED, "a.docx", b"PK\x03\x04"),
    "cut ZIP": (Reason.DAMAGED, "a.docx", a_docx()[:-400]),
    "empty ZIP": (Reason.DAMAGED, "a.xlsx", b"PK\x05\x06" + b"\x00" * 18),
    "no content types": (
        Reason.DAMAGED,
        "a.docx",
        rezipped(a_docx(), lambda n, b: None if n.startswith("[C") else b),
    ),
    "no main part": (
        Reason.DAMAGED,
        "a.docx",
        rezipped(a_docx(), lambda n, b: None if n == "word/document.xml" else b),
    ),
    "broken XML": (
        Reason.DAMAGED,
        "a.docx",
        part_changed(a_docx(), "word/document.xml", b"</w:body>", b"</w:bod>"),
    ),
    "parts overlap": (Reason.DAMAGED, "a.docx", overlapping(a_docx())),
    "one bit changed": (
        Reason.DAMAGED,
        "a.xlsx",
        (lambda d: d[:70] + bytes([d[70] ^ 1]) + d[71:])(an_xlsx()),
    ),
    "start of a PDF only": (Reason.DAMAGED, "a.pdf", b"%PDF-1.7\n"),
    "cut PDF": (Reason.DAMAGED, "a.pdf", a_pdf()[:400]),
    "PDF without pages": (
        Reason.DAMAGED,
        "a.pdf",
        a_raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>"]),
    ),
    "locked Word": (Reason.PASSWORD, "a.docx", ole("EncryptedPackage", "EncryptionInfo")),
    "locked entry": (Reason.PASSWORD, "a.docx", with_flag(a_docx(), 1)),
    "locked PDF": (
        Reason.PASSWORD,
        "a.pdf",
        a_pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2>>"),
    ),
    "old Office under a new name": (Reason.PASSWORD_OR_WRONG_TYPE, "a.xlsx", ole("Workbook")),
    "macro by type": (Reason.MACRO, "a.docx", typed_macro()),
    "macro under another name": (Reason.MACRO, "a.docx", odd_macro()),
    "macro by its part": (
        Reason.MACRO,
        "a.docx",
        rezipped(a_docx(), add={"word/vbaProject.bin": b"x"}),
    ),
    "definition in the text": (
        Reason.XML_ENTITY,
        "a.docx",
        with_dtd(a_docx(), "word/document.xml"),
    ),
    "definition in UTF-16": (
        Reason.XML_ENTITY,
        "a.docx",
        with_dtd(a_docx(), "docProps/core.xml", "utf-16"),
    ),
    "definition in the types": (
        Reason.XML_ENTITY,
        "a.xlsx",
        with_dtd(an_xlsx(), "[Content_Types].xml"),
    ),
    "bomb": (Reason.UNPACKED_TOO_LARGE, "a.docx", bomb()),
    "size promised beyond the limit": (
        Reason.UNPACKED_TOO_LARGE,
        "a.docx",
        with_size(a_docx(), 300 << 20),
    ),
    "size promised too small": (Reason.UNPACKED_TOO_LARGE, "a.docx", with_size(a_docx(), 20)),
    "many parts": (
        Reason.TOO_MANY_PARTS,
        "a.docx",
        rezipped(a_docx(), add={f"word/p{at}.xml": b"<a/>" for at in range(2_001)}),
    ),
    "nested too deep": (Reason.TOO_COMPLEX, "a.docx", deep()),
    "part outside": (
        Reason.UNSAFE_PART_NAME,
        "a.docx",
        rezipped(a_docx(), add={"../../tmp/slip.txt": b"x"}),
    ),
    "part with backslash": (
        Reason.UNSAFE_PART_NAME,
        "a.xlsx",
        rezipped(an_xlsx(), add={"..\\slip.txt": b"x"}),
    ),
    "part twice": (Reason.UNSAFE_PART_NAME, "a.docx", doubled(a_docx(), "word/document.xml")),
    "part twice but for case": (
        Reason.UNSAFE_PART_NAME,
        "a.docx",
        doubled(a_docx(), "WORD/document.xml"),
    ),
    "link": (Reason.UNSAFE_PART_NAME, "a.docx", linked(a_docx())),
    "picture from a share": (
        Reason.EXTERNAL_CONTENT,
        "a.docx",
        relation_added(a_docx(), "image", r"\\127.0.0.1\share\i.png"),
    ),
    "program inside": (Reason.EMBEDDED_FILE, "a.docx", program()),
    "control inside": (Reason.EMBEDDED_FILE, "a.docx", control()),
    "script on opening": (Reason.ACTIVE_CONTENT, "a.pdf", escaped_script()),
    "script in an object stream": (Reason.ACTIVE_CONTENT, "a.pdf", hidden_script()),
    "script packed twice": (Reason.ACTIVE_CONTENT, "a.pdf", doubly_packed_script()),
    "launch": (
        Reason.ACTIVE_CONTENT,
        "a.pdf",
        a_pdf(page_extra=b"/AA<</O<</S/Launch/F(calc.exe)>>>>"),
    ),
    "sending a form": (
        Reason.ACTIVE_CONTENT,
        "a.pdf",
        a_pdf(root_extra=b"/OpenAction<</S/SubmitForm/F(http://127.0.0.1/)>>"),
    ),
    "file attached": (
        Reason.ACTIVE_CONTENT,
        "a.pdf",
        a_pdf(root_extra=b"/Names<</EmbeddedFiles<</Names[]>>>>"),
    ),
    "test virus in a part": (
        Reason.MALWARE,
        "a.docx",
        rezipped(a_docx(), add={"word/media/image1.png": EICAR}),
    ),
    "test virus in a PDF": (Reason.MALWARE, "a.pdf", a_pdf() + b"%" + EICAR),
    "reserved name": (Reason.BAD_NAME, "con.docx", a_docx()),
}

TAKEN: dict[str, tuple[str, bytes]] = {
    "Word": ("Quy trình.docx", a_docx()),
    "Word in capitals": ("QT.DOCX", a_docx()),
    "workbook": ("Danh mục.xlsx", an_xlsx()),
    "PDF": ("a.pdf", a_pdf()),
    "scan": ("scan.Pdf", a_scan_pdf(2)),
    "link to a page": ("a.docx", relation_added(a_docx(), "hyperlink", "data:text/html,x")),
    "picture from the web": ("a.docx", relation_added(a_docx(), "image", "http://127.0.0.1/i.png")),
    "template from a share": (
        "a.docx",
        relation_added(a_docx(), "attachedTemplate", "file:///c:/t.dotx"),
    ),
    "types last": (
        "a.docx",
        (lambda d, t: rezipped(d, lambda n, b: None if n == t else b, {t: _part(d, t)}))(
            a_docx(), "[Content_Types].xml"
        ),
    ),
    "hostile words": (
        "a.docx",
        a_docx(paragraphs=["<script>alert(1)</script> {{ 7*7 }} ' OR 1=1"]),
    ),
}
