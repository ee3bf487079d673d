"""The pieces of a text that are compared, freed from layout (ISO 9001:2015, 7.5.3.2 c)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from documents.content.blocks import Block, Reading
from documents.content.messages import N_
from documents.content.proposal import is_about_itself, is_change_table
from documents.content.signers import is_signature_table

NOTES: Final = N_("Footnotes")
BOXES: Final = N_("Text boxes")
PLACES: Final = (NOTES, BOXES)
_LONG_COVER_WORDS: Final = 15
_BULLET: Final = re.compile(r"^(?:[-–—•+*▪§·]|o(?=\s))\s+")
_DASHES: Final = str.maketrans({"\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u00ad": None})


@dataclass(frozen=True, slots=True)
class Unit:
    """A block ready to compare; `cover` blocks count as metadata, not as changes."""

    block: Block
    text: str
    where: str
    cover: bool = False
    grid: tuple[tuple[str, ...], ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its block."""
        return self.block.kind

    @property
    def label(self) -> str:
        """The number or list sign a reader sees before it; '-' for signs typed by hand too."""
        number = self.block.number
        return number or ("-" if self.kind == "paragraph" and signed(self.block.text) else "")

    def row_texts(self) -> list[str]:
        """Return each row of a table as one line."""
        return [" | ".join(row) for row in self.grid]


def plain(text: str) -> str:
    """Return a text without what is only layout: list signs, odd dashes, extra spaces."""
    bare = unicodedata.normalize("NFC", text).translate(_DASHES)
    return _BULLET.sub("", " ".join(bare.split()))


def signed(text: str) -> bool:
    """Say whether a list sign stands before a text."""
    return _BULLET.match(text.strip()) is not None


def _grid(block: Block) -> list[list[str]]:
    """Return the rows of a table with a cell merged downwards repeated in each row it covers."""
    rows: list[list[str]] = []
    held: dict[int, tuple[int, str]] = {}  # column -> rows still covered, text
    for row in block.rows:
        texts: list[str] = []
        waiting = list(row)
        while waiting or len(texts) in held:
            at = len(texts)
            if at in held:
                left, text = held.pop(at)
                if left > 1:
                    held[at] = (left - 1, text)
            else:
                cell = waiting.pop(0)
                text = plain(cell.text)
                if cell.rowspan > 1:
                    held[at] = (cell.rowspan - 1, text)
            texts.append(text)
        rows.append(texts)
    return rows


def units_of(reading: Reading) -> list[Unit]:
    """Return what is compared of a reading, in order: blocks with words, then footnotes."""
    begins = next(
        (at for at, b in enumerate(reading.blocks) if b.kind == "heading" and b.number), 0
    )
    units: list[Unit] = []
    where = ""
    for at, block in enumerate(reading.blocks):
        if block.kind == "table":
            grid = tuple(tuple(row) for row in _grid(block))
            text = "\n".join(" | ".join(row) for row in grid)
            cover = at < begins or is_signature_table(block) or is_change_table(block)
        else:
            grid = ()
            text = plain(block.text)
            cover = at < begins and len(text.split()) < _LONG_COVER_WORDS
            if block.kind == "heading":
                where = f"{block.number} {text}".strip()
        if text.strip(" |\n"):
            units.append(Unit(block, text, where, cover, grid))
    notes = (Block("paragraph", plain(note)) for note in reading.footnotes)
    units.extend(Unit(note, note.text, NOTES) for note in notes if note.text)
    for box in reading.textboxes:
        block = Block("paragraph", plain(box))
        if block.text:
            units.append(Unit(block, block.text, BOXES, is_about_itself(box, reading.proposal)))
    return units
