"""Reading printed forms back: what stands on them, and what the decree's checker says."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from docx import Document as open_docx

ROOT = Path(__file__).resolve().parents[2]


def checker() -> Path | None:
    """Give the checker of Decree 30: named by the environment, or beside the project."""
    places = [os.environ.get("NENEP_DECREE30", ""), ROOT.parent / "shared/tools/check_decree30.py"]
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def violations(data: bytes, kind: str, folder: Path) -> list[str]:
    """Give what a sheet has against Decree 30, by the checker's own words."""
    tool = checker()
    if tool is None:  # outside the workshop the form's own tests remain
        return []
    path = folder / "sheet.docx"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, str(tool), str(path), "--type", kind],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


def words_of(data: bytes) -> str:
    """Give every text of a sheet, its tables included, a paragraph a line."""
    body = open_docx(io.BytesIO(data)).element.body
    lines = [
        "".join(node.text or "" for node in paragraph.iter() if node.tag.endswith("}t"))
        for paragraph in body.iter()
        if paragraph.tag.endswith("}p")
    ]
    return "\n".join(lines)


def cells_of(data: bytes, table: int) -> list[list[str]]:
    """Give the cells of one table of a sheet, row by row."""
    return [
        [cell.text for cell in row.cells] for row in open_docx(io.BytesIO(data)).tables[table].rows
    ]


def foot_of(data: bytes) -> str:
    """Give what stands at the foot of the first sheet."""
    return open_docx(io.BytesIO(data)).sections[0].first_page_footer.paragraphs[0].text
