"""An example of a body's own template: every blank once, to be laid out as the body likes (a51)."""

from __future__ import annotations

import io

import docx
from docx.shared import Mm, Pt

_FONT = "Times New Roman"


def build_example(
    title: str, plain: list[tuple[str, str]], lists: list[list[tuple[str, str]]]
) -> bytes:
    """Give a Word file with a line for each blank and a table for each list that repeats."""
    document = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(13)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.top_margin = section.bottom_margin = Mm(20)
    heading = document.add_paragraph()
    heading.add_run(title).bold = True
    for name, label in plain:
        document.add_paragraph(f"{label}: {{{{{name}}}}}")
    for columns in lists:
        table = document.add_table(rows=2, cols=len(columns))
        table.style = "Table Grid"
        for place, (name, label) in enumerate(columns):
            head = table.cell(0, place).paragraphs[0].add_run(label)
            head.bold, head.font.size = True, Pt(11)
            cell = table.cell(1, place).paragraphs[0].add_run(f"{{{{{name}}}}}")
            cell.font.size = Pt(11)
        document.add_paragraph()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
