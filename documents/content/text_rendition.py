"""The text of a document set as pages, where its own layout could not be drawn.

Serif 13 points as Decree 30/2020/ND-CP asks; the first line says that the layout is not the
original's. Everything is escaped: words of a file never become markup.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from documents.content.blocks import Block, Cell, Reading
from documents.content.setting import set_pages

_MOST_BLOCKS: Final = 20_000
_NOTICES: Final = {
    "vi": "Bản này chỉ có phần chữ, không giữ cách trình bày của tệp gốc. Tệp gốc vẫn được lưu "
    "nguyên vẹn và tải về được.",
    "en": "This copy shows the words only, not the layout of the original file. The original is "
    "kept unchanged and can be downloaded.",
}
_STYLE: Final = """
@page { size: A4; margin: 20mm 15mm 20mm 30mm;
  @bottom-center { content: counter(page) "/" counter(pages); font-size: 10pt } }
body { font-family: "Times New Roman", "Liberation Serif", "DejaVu Serif", serif;
  font-size: 13pt; line-height: 1.3; overflow-wrap: anywhere }
.notice { border: 1px solid #777; padding: 2mm 3mm; font: italic 10pt sans-serif; margin: 0 0 6mm }
h1, h2, h3 { font-size: 13pt; margin: 4mm 0 2mm; bookmark-level: none }
p { margin: 0 0 2mm; white-space: pre-line; text-align: justify }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 4mm; font-size: 11pt }
td { border: 0.6pt solid #444; padding: 1mm 1.5mm; vertical-align: top; white-space: pre-line }
.margins { color: #444; font-size: 10pt }
"""


def text_pdf(reading: Reading, *, language: str = "vi") -> bytes:
    """Return a PDF of the words of a reading; ValueError when they cannot be set."""
    page = "\n".join(_page(reading, language))
    made = set_pages(page)
    if not made:
        raise ValueError("nothing set")
    return made


def _page(reading: Reading, language: str) -> Iterator[str]:
    notice = _NOTICES.get(language[:2], _NOTICES["en"])
    title = escape(f"{reading.proposal.code} {reading.proposal.title}".strip())
    yield f'<!DOCTYPE html><html lang="{escape(language)}"><meta charset="utf-8">'
    yield f'<title>{title}</title><style>{_STYLE}</style><p class="notice">{escape(notice)}</p>'
    yield from (f'<p class="margins">{escape(text)}</p>' for text in reading.header[:3])
    yield from (f"<p>{escape(text)}</p>" for text in reading.textboxes)
    yield from map(_block, reading.blocks[:_MOST_BLOCKS])
    yield from (f'<p class="margins">{escape(text)}</p>' for text in reading.footnotes)
    yield from (f'<p class="margins">{escape(text)}</p>' for text in reading.footer[:3])


def _block(block: Block) -> str:
    if block.kind == "table":
        rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in block.rows)
        return f"<table>{rows}</table>"
    words = escape(f"{block.number} {block.text}".strip())
    if block.kind == "heading":
        level = max(1, min(block.level, 3))
        return f"<h{level}>{words}</h{level}>"
    return f"<p>{words}</p>"


def _cell(cell: Cell) -> str:
    across = f' colspan="{min(cell.colspan, 200)}"' if cell.colspan > 1 else ""
    down = f' rowspan="{min(cell.rowspan, 2000)}"' if cell.rowspan > 1 else ""
    return f"<td{across}{down}>{escape(cell.text)}</td>"
