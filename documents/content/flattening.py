"""Make a PDF simple enough to carry its pages over: notes drawn in, or pages as pictures."""

import io
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
import pypdfium2.raw

from documents.content.intake import Reason, Refused

pdfium: Any = pypdfium2.raw  # its names are made from C headers, unknown to the type checker

_MOST_PIXELS: Final = 1_800
_MOST_PICTURES: Final = 200


def flattened(data: bytes) -> bytes:
    """Return the PDF with filled fields and notes drawn into its pages; unchanged without."""
    if b"/Annots" not in data and b"/ObjStm" not in data:
        return data
    document = pypdfium2.PdfDocument(data)
    try:
        pages = [page for page in _pages(document) if page is not None]
        if not any(pdfium.FPDFPage_GetAnnotCount(page.raw) for page in pages):
            return data
        for page in pages:
            pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_PRINT)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
    finally:
        document.close()


def _pages(document: pypdfium2.PdfDocument) -> Iterator[pypdfium2.PdfPage | None]:
    """Yield each page, None for one that is broken."""
    for number in range(len(document)):
        try:
            yield document[number]
        except pypdfium2.PdfiumError:
            yield None


def as_pictures(data: bytes) -> bytes:
    """Return a PDF whose pages are pictures of the pages; Refused(damaged) if nothing opens."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused(Reason.DAMAGED, str(error)[:200]) from None
    try:
        if not 0 < len(document) <= _MOST_PICTURES:
            raise Refused(Reason.TOO_COMPLEX, f"{len(document)} pages as pictures")
        pages = pypdfium2.PdfDocument.new()
        for page in _pages(document):
            if page is None:
                pages.new_page(595, 842)  # no program can show this one either
            else:
                _picture(pages, page)
        out = io.BytesIO()
        pages.save(out)
        return out.getvalue()
    finally:
        document.close()


def _picture(pages: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> None:
    across, down = page.get_size()
    scale = min(2.0, _MOST_PIXELS / max(across, down, 1))
    shot = page.render(scale=scale).to_pil().convert("RGB")
    packed = io.BytesIO()
    shot.save(packed, "JPEG", quality=82)
    image = pypdfium2.PdfImage.new(pages)
    packed.seek(0)
    image.load_jpeg(packed, inline=True)
    image.set_matrix(pypdfium2.PdfMatrix().scale(across, down))
    sheet = pages.new_page(across, down)
    sheet.insert_obj(image)
    sheet.gen_content()
