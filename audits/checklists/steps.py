"""The steps of a procedure as its file has them: headings with their text, rows of step tables.

Each has an anchor, by which the same step is found in a later revision, and a digest of its words,
by which a change is seen (L5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.search import fold, nfc
from documents.content.blocks import Block, Reading, block_text

LONGEST = 2000
MOST_STEPS = 300
# what stands in every procedure and is no step: purpose, scope, references, terms, forms, records
_FRONT = (
    "muc dich",
    "pham vi",
    "tai lieu vien dan",
    "vien dan",
    "thuat ngu",
    "dinh nghia",
    "chu viet tat",
    "bieu mau",
    "phu luc",
    "ho so",
    "theo doi sua doi",
    "bang sua doi",
)
_OF_STEPS = ("buoc", "trinh tu", "trach nhiem", "noi dung cong viec", "cong viec", "dien giai")
_OF_OTHERS = ("ma bieu mau", "ten bieu mau", "lan sua doi", "ngay sua doi", "thoi gian luu")


@dataclass(frozen=True)
class ProcedureStep:
    """One step: where it stands, what it says, the digest of that."""

    anchor: str
    name: str
    text: str
    sha256: str


def digest_of(text: str) -> str:
    """Give the digest of words: spaces and line ends do not count."""
    return hashlib.sha256(" ".join(nfc(text).split()).encode()).hexdigest()


def steps_of(reading: Reading) -> list[ProcedureStep]:
    """Give the steps of a procedure in their order; no two have the same anchor."""
    found: list[ProcedureStep] = []
    times: dict[str, int] = {}
    for anchor, name, text in _raw(reading):
        anchor = anchor[:180]
        times[anchor] = times.get(anchor, 0) + 1
        if times[anchor] > 1:
            anchor = f"{anchor} #{times[anchor]}"
        found.append(ProcedureStep(anchor, name[:160], text[:LONGEST], digest_of(text)))
        if len(found) == MOST_STEPS:
            break
    return found


def _raw(reading: Reading) -> Iterator[tuple[str, str, str]]:
    heading, under = "", list[str]()
    for block in reading.blocks:
        if block.kind == "heading":
            yield from _section(heading, under)
            heading, under = f"{block.number} {block.text}".strip(), []
        elif block.kind == "table":
            if _is_front(heading) or not _holds_steps(block):
                continue
            yield from _rows(heading, block)
        elif heading and block.text.strip():
            under.append(block_text(block).strip())
    yield from _section(heading, under)


def _section(heading: str, under: list[str]) -> Iterator[tuple[str, str, str]]:
    if heading and under and not _is_front(heading):
        yield heading, heading, "\n".join([heading, *under])


def _is_front(heading: str) -> bool:
    words = fold(heading).lstrip("0123456789.ivxlc ")
    return any(words.startswith(one) for one in _FRONT)


def _holds_steps(block: Block) -> bool:
    """Say whether a table tells step by step what is done, by the words of its first row."""
    if len(block.rows) < 2 or max(len(row) for row in block.rows) < 2:
        return False
    head = fold(" | ".join(cell.text for cell in block.rows[0]))
    if any(one in head for one in _OF_OTHERS):
        return False
    return any(one in head for one in _OF_STEPS)


def _rows(heading: str, block: Block) -> Iterator[tuple[str, str, str]]:
    for row in block.rows[1:]:
        cells = [" ".join(cell.text.split()) for cell in row]
        said = [cell for cell in cells if cell]
        if len(said) < 2:
            continue  # a line across the table, or nothing in it
        yield f"{heading} / {_name(cells)}"[:180], _name(cells), " · ".join(said)


def _name(cells: list[str]) -> str:
    """Give what names a row: its number with the cell that follows."""
    said = [cell for cell in cells if cell]
    return said[0] if len(said[0]) > 12 else f"{said[0]} {said[1]}"
