"""The line, square code and watermark that go on every page (ISO 9001:2015, 7.5.2 a, 7.5.3.2 c).

Drawn once for each page size by WeasyPrint, so that Vietnamese letters are whole; no network.
"""

import io
from html import escape
from typing import Final

import segno

from documents.content.marks import PageMarks
from documents.content.setting import set_pages

BAND: Final = 52.0
_LEAST_UNIT: Final = 0.45
_MOST_UNIT: Final = 4.0


def unit_of(width: float, height: float) -> float:
    """Return how large marks are on a page, 1.0 on A4; page sizes in points."""
    return max(_LEAST_UNIT, min(min(width, height) / 595.0, _MOST_UNIT))


def band_of(width: float, height: float) -> float:
    """Return the height in points of the band at the foot that belongs to the marks."""
    return min(BAND * unit_of(width, height), height * 0.3)


def overlay(marks: PageMarks, width: float, height: float) -> bytes:
    """Return a PDF of one transparent page, `width` by `height` points, with the marks."""
    return set_pages(_page(marks, width, height), uncompressed_pdf=False)


def _joined(*texts: str) -> str:
    return " · ".join(escape(text) for text in texts if text)


def _square(marks: PageMarks) -> str:
    if not marks.qr_url:
        return ""
    out = io.BytesIO()
    segno.make(marks.qr_url, error="m", micro=False).save(
        out, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def _watermark(text: str | None, width: float, height: float) -> str:
    if not text:
        return ""
    long = (width**2 + height**2) ** 0.5
    size = min(long * 1.05 / max(len(text), 4), min(width, height) / 4)
    return (
        f'<div class="water" style="font-size:{size:.1f}pt;line-height:{size:.1f}pt;'
        f'top:{(height - size) / 2:.1f}pt">{escape(text)}</div>'
    )


def _page(marks: PageMarks, width: float, height: float) -> str:
    unit, band = unit_of(width, height), band_of(width, height)
    first = _joined(marks.code, marks.title, marks.edition, marks.effective_on)
    second = _joined(marks.state_line, marks.printed_by, marks.printed_at)
    third = f'<p class="copy">{escape(marks.copy)}</p>' if marks.copy else ""
    third += f"<p>{escape(marks.separation)}</p>" if marks.separation else ""
    side = band - 6 * unit
    return f"""<!DOCTYPE html><meta charset="utf-8"><style>
@page {{ size: {width:.2f}pt {height:.2f}pt; margin: 0 }}
* {{ margin: 0; padding: 0 }}
body {{ font-family: "Liberation Sans", "DejaVu Sans", sans-serif; font-size: {7 * unit:.2f}pt;
  line-height: 1.25; color: #222 }}
.band {{ position: absolute; left: {14 * unit:.1f}pt; right: {14 * unit:.1f}pt;
  bottom: {2 * unit:.1f}pt; height: {side:.1f}pt; border-top: {0.6 * unit:.2f}pt solid #555;
  padding-top: {2 * unit:.1f}pt; overflow: hidden }}
.square {{ position: absolute; left: 0; top: {2 * unit:.1f}pt; width: {side - 2 * unit:.1f}pt }}
.square svg {{ width: {side - 2 * unit:.1f}pt; height: {side - 2 * unit:.1f}pt }}
.words {{ margin-left: {side + 4 * unit:.1f}pt; margin-right: {70 * unit:.1f}pt }}
.words b {{ display: block; max-height: 2.5em; overflow: hidden }}
.words p {{ white-space: nowrap; overflow: hidden; text-overflow: ellipsis }}
.words p.copy {{ font-weight: bold }}
.words i {{ font-style: normal; color: #444 }}
.water {{ position: absolute; left: -50%; width: 200%; text-align: center; color: #b3261e;
  opacity: .17; font-weight: bold; transform: rotate(-45deg); white-space: nowrap }}
</style><div class="band"><div class="square">{_square(marks)}</div><div class="words">
<b>{first}</b><div>{second}</div>{third}<i>{escape(marks.qr_words)}</i></div></div>
{_watermark(marks.watermark, width, height)}"""
