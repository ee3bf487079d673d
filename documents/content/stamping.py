"""Controlled copies: every page says what it is and whether it holds (ISO 9001:2015, 7.5.3.2).

The page is made a little smaller to leave a band at its foot, so no word of it is covered.
Scripts, actions, forms and attached files stay behind: only what a page shows is carried over.
"""

import io
import math
import unicodedata
from pathlib import Path
from typing import Any, Final

import pypdf
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
)

from documents.content.flattening import as_pictures, flattened
from documents.content.marks import PageMarks
from documents.content.overlay import band_of, overlay, unit_of

__all__ = ["PageMarks", "stamp", "warm_up"]

_A4: Final = (0.0, 0.0, 595.0, 842.0)
_MOST_SIDE: Final = 14_400.0
_WIDTHS: Final = {" ": 278, "/": 278, "i": 222, "l": 222, "t": 278, "r": 333, "T": 611, "P": 667}


def stamp(base: Path, marks: PageMarks, out: Path) -> int:
    """Write a stamped copy of a PDF; return its pages. Refused(damaged) when it cannot open.

    A PDF whose pages cannot be carried over is stamped as pictures of its pages.
    """
    data = base.read_bytes()
    try:
        writer = _stamped(flattened(data), marks)
    except Exception:  # odd PDFs fail in countless ways; pictures of their pages still show them
        writer = _stamped(as_pictures(data), marks)
    with out.open("wb") as file:
        writer.write(file)
    return len(writer.pages)


def warm_up() -> None:
    """Load fonts and libraries once, before children are forked."""
    overlay(PageMarks("QT-00", "Ồ ộ ữ", watermark="DỰ THẢO", qr_url="x"), 595.0, 842.0)


def _stamped(data: bytes, marks: PageMarks) -> pypdf.PdfWriter:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    writer = pypdf.PdfWriter()
    pages = list(reader.pages)
    if not pages:
        raise ValueError("no pages")
    font = writer._add_object(_font())
    drawn: dict[tuple[float, float], IndirectObject] = {}
    _keep_layers(reader, writer)
    for number, page in enumerate(pages, 1):
        box, turn = _box(page), _turn(page)
        size = (box[2] - box[0], box[3] - box[1])
        across, down = size if turn in (0, 180) else (size[1], size[0])
        key = (round(across, 1), round(down, 1))
        if key not in drawn:
            drawn[key] = _marks_form(writer, marks, *key)
        text = marks.page_text.format(page=number, pages=len(pages))
        content = "\n".join(
            (
                f"q {_matrix(box, turn, across, down)} cm /Sheet Do Q",
                "q /Marks Do Q",
                _page_number(text, across, down),
            )
        )
        sheet = _page_form(writer, page, box)
        _add_page(writer, (across, down), content, {"/Sheet": sheet, "/Marks": drawn[key]}, font)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.metadata = {"/Title": f"{marks.code} {marks.title}".strip(), "/Producer": "nenep"}
    return writer


def _keep_layers(reader: pypdf.PdfReader, writer: pypdf.PdfWriter) -> None:
    """Carry over which layers are hidden, else they would show."""
    root = reader.trailer["/Root"].get_object()
    layers = root.get("/OCProperties") if isinstance(root, DictionaryObject) else None
    layers = layers.get_object() if layers is not None else None
    if isinstance(layers, DictionaryObject):
        writer._root_object[NameObject("/OCProperties")] = layers.clone(writer)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("box")
    return number


def _box(page: pypdf.PageObject) -> tuple[float, float, float, float]:
    """Return what of the sheet is shown: crop box within media box, in points."""
    try:
        media = [_number(value) for value in page.mediabox]
        crop = [_number(value) for value in page.cropbox]
    except (ValueError, TypeError, IndexError, AttributeError):
        return _A4
    left, right = max(min(media[0::2]), min(crop[0::2])), min(max(media[0::2]), max(crop[0::2]))
    low, high = max(min(media[1::2]), min(crop[1::2])), min(max(media[1::2]), max(crop[1::2]))
    if right - left < 3 or high - low < 3:
        left, right, low, high = *sorted(media[0::2]), *sorted(media[1::2])
    if not (3 <= right - left <= _MOST_SIDE and 3 <= high - low <= _MOST_SIDE):
        return _A4
    return left, low, right, high


def _turn(page: pypdf.PageObject) -> int:
    try:
        turn = int(page.rotation)
    except (TypeError, ValueError):
        return 0
    return turn % 360 if turn % 90 == 0 else 0


def _matrix(box: tuple[float, float, float, float], turn: int, across: float, down: float) -> str:
    """Return the matrix that sets the sheet upright, smaller, above the band, in the middle."""
    left, low, right, high = box
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, -left, -low),
        90: (0, -1, 1, 0, -low, right),
        180: (-1, 0, 0, -1, right, high),
        270: (0, 1, -1, 0, high, -left),
    }[turn]
    band = band_of(across, down)
    scale = (down - band) / down
    x, y = across * (1 - scale) / 2, band
    numbers = (a * scale, b * scale, c * scale, d * scale, e * scale + x, f * scale + y)
    return " ".join(f"{number:.5f}" for number in numbers)


def _page_number(text: str, across: float, down: float) -> str:
    """Return the drawing of 'Trang 3/40' at the right of the band, in a font every viewer has."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    plain = plain.encode("ascii", "ignore").decode()
    unit = unit_of(across, down)
    size = 8 * unit
    width = sum(_WIDTHS.get(char, 556) for char in plain) * size / 1000
    x, y = across - 14 * unit - width, band_of(across, down) - 6 * unit - 1.1 * size
    safe = plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT 0.13 g /Plain {size:.2f} Tf {x:.2f} {y:.2f} Td ({safe}) Tj ET"


def _font() -> DictionaryObject:
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    names["/Encoding"] = "/WinAnsiEncoding"
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})


def _marks_form(
    writer: pypdf.PdfWriter, marks: PageMarks, across: float, down: float
) -> IndirectObject:
    page = pypdf.PdfReader(io.BytesIO(overlay(marks, across, down))).pages[0]
    return _page_form(writer, page, (0.0, 0.0, across, down))


def _page_form(
    writer: pypdf.PdfWriter, page: pypdf.PageObject, box: tuple[float, float, float, float]
) -> IndirectObject:
    """Return the page's own drawing as one closed form, with everything it needs."""
    form = _content(page)
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(value) for value in box)
    resources = page.get("/Resources", NullObject()).get_object()
    if isinstance(resources, DictionaryObject):
        form[NameObject("/Resources")] = resources.clone(writer, ignore_fields=("/Parent", "/P"))
    group = page.get("/Group", NullObject()).get_object()
    if isinstance(group, DictionaryObject):
        form[NameObject("/Group")] = group.clone(writer)
    return writer._add_object(form)


def _content(page: pypdf.PageObject) -> StreamObject:
    """Return the drawing of a page; one stream is carried over as packed as it was."""
    source = page.get("/Contents", NullObject()).get_object()
    if isinstance(source, ArrayObject) and len(source) == 1:
        source = source[0].get_object()
    if isinstance(source, EncodedStreamObject):
        filters = source.get("/Filter", NullObject()).get_object()
        if filters == "/FlateDecode" and "/DecodeParms" not in source:
            packed = EncodedStreamObject()
            packed._data = source._data
            packed[NameObject("/Filter")] = NameObject("/FlateDecode")
            return packed
    form = StreamObject()
    if isinstance(source, ArrayObject):
        parts = (each.get_object() for each in source)
        form.set_data(b"\n".join(part.get_data() for part in parts if hasattr(part, "get_data")))
    elif isinstance(source, StreamObject):
        form.set_data(source.get_data())
    return form.flate_encode()


def _add_page(
    writer: pypdf.PdfWriter,
    size: tuple[float, float],
    content: str,
    forms: dict[str, IndirectObject],
    font: IndirectObject,
) -> None:
    page = writer.add_blank_page(*size)
    stream = StreamObject()
    stream.set_data(content.encode("ascii"))
    page[NameObject("/Contents")] = writer._add_object(stream)
    page[NameObject("/Resources")] = DictionaryObject(
        {
            NameObject("/XObject"): DictionaryObject(
                {NameObject(name): form for name, form in forms.items()}
            ),
            NameObject("/Font"): DictionaryObject({NameObject("/Plain"): font}),
        }
    )
