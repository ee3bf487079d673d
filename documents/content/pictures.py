"""Pages of a PDF as pictures, for reading on screen (ISO 9001:2015, 7.5.3.2 a)."""

import contextlib
import io
from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image  # noqa: F401 - loaded once in the warm helper, pypdfium2 needs it later

from documents.content.intake import Reason, Refused

MOST_WIDTH: Final = 2_400
_MOST_RATIO: Final = 4.0
_MOST_SIDE: Final = 5_000  # dots: A3 at 300 an inch
_POINTS: Final = 72


def page_count(path: Path) -> int:
    """Return the number of pages; Refused(damaged) when the PDF does not open."""
    with _opened(path) as document:
        return len(document)


def page_picture(path: Path, page: int, width: int) -> bytes:
    """Return one page (counted from 1) as PNG `width` pixels wide; IndexError past the end."""
    with _opened(path) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page}")
        with contextlib.suppress(pypdfium2.PdfiumError):
            document.init_forms()  # filled fields are part of what a person sees
        sheet = document[page - 1]
        across, down = sheet.get_size()
        width = max(16, min(width, MOST_WIDTH))
        if not across or down / across > _MOST_RATIO:
            width = min(width, 400)
        scale = min(width / max(across, 1), 8_000 / max(down, 1))
        picture = sheet.render(scale=scale).to_pil()
        out = io.BytesIO()
        picture.save(out, "PNG")
        return out.getvalue()


def grey_page(path: Path, page: int, dots: int) -> bytes:
    """Return one page (counted from 1) as grey PNG with so many dots an inch, or fewer."""
    with _opened(path) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page}")
        sheet = document[page - 1]
        across, down = sheet.get_size()
        if min(across, down) <= 0:
            raise IndexError(f"no area on page {page}")
        scale = min(dots / _POINTS, _MOST_SIDE / max(across, down))
        picture = sheet.render(scale=scale, grayscale=True).to_pil()
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=1)
        return out.getvalue()


def _opened(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Refused(Reason.DAMAGED, str(error)[:200]) from None
