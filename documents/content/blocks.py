"""What a reader took out of a file, as plain values that keep for years (ISO 9001:2015, 7.5.3).

Blocks are stored with the reader's version, so that pages never open the file again.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

READER: Final = "nenep-reader 2"
"""Name and version of the reading rules; raise it whenever the same file would read otherwise."""

BlockKind = Literal["heading", "paragraph", "table"]
CitationKind = Literal["law", "standard", "document", "form"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; merged cells stand once, with their spans."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    look: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a table of the body, in reading order.

    `level` is 1 and up for headings, else 0; `number` is the label as a reader sees it, without
    its closing dot; `rows` is filled for tables only. `look` is a short mark of font, weight and
    alignment: two texts with the same words and other marks differ in formatting only.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    number: str = ""
    rows: tuple[tuple[Cell, ...], ...] = ()
    look: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who wrote, reviewed or approved, as the cover of the file says."""

    part: Literal["author", "reviewer", "approver"]
    name: str = ""
    title: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the file says about itself; a person confirms it before it counts."""

    code: str = ""
    title: str = ""
    edition: int | None = None
    amendment: int | None = None
    approved_on: date | None = None
    effective_on: date | None = None
    kind: str | None = None
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A law, standard, document or form the text refers to, with one passage as witness."""

    kind: CitationKind
    number: str
    times: int
    passage: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one file. Texts are NFC; `words` counts the body's words.

    `encoding` says how it was typed: NFC, NFD, TCVN3 or VNI. `outside_links` says that a program
    which draws the file would want to load something from elsewhere.
    """

    reader: str
    blocks: tuple[Block, ...]
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    textboxes: tuple[str, ...] = ()
    proposal: Proposal = field(default_factory=Proposal)
    citations: tuple[Citation, ...] = ()
    words: int = 0
    pages: int | None = None
    scan: bool = False
    encoding: str = "NFC"
    outside_links: bool = False


def block_text(block: Block) -> str:
    """Return the words of a block; table rows are lines, cells are separated by tabs."""
    if block.kind != "table":
        return block.text
    return "\n".join("\t".join(cell.text for cell in row) for row in block.rows)


def body_text(reading: Reading) -> str:
    """Return the body's words, one block after another, without numbers of lists."""
    return "\n".join(block_text(block) for block in reading.blocks)


def plain_text(reading: Reading) -> str:
    """Return every word that can be searched: numbers, body, text boxes, footnotes, margins."""
    body = (f"{block.number} {block_text(block)}".lstrip("- ") for block in reading.blocks)
    parts = (*reading.textboxes, *reading.footnotes, *reading.header, *reading.footer)
    return "\n".join((*body, *parts))


def _bare_block(block: Block) -> dict[str, Any]:
    """Blocks are many, so their fields are named here instead of being asked for."""
    rows = [
        [{"text": c.text, "colspan": c.colspan, "rowspan": c.rowspan, "look": c.look} for c in row]
        for row in block.rows
    ]
    return {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "number": block.number,
        "rows": rows,
        "look": block.look,
    }


def _bare(value: object) -> Any:
    if isinstance(value, Block):
        return _bare_block(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
        return {name: _bare(inner) for name, inner in pairs}
    if isinstance(value, tuple):
        return [_bare(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def to_json(reading: Reading) -> str:
    """Return the one canonical JSON text of a reading: sorted keys, no spaces, UTF-8 letters."""
    return json.dumps(_bare(reading), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _proposal(bare: dict[str, Any]) -> Proposal:
    signers = tuple(
        Signer(each["part"], each["name"], each["title"], _day(each["signed_on"]))
        for each in bare["signers"]
    )
    days = {name: _day(bare[name]) for name in ("approved_on", "effective_on")}
    return Proposal(**{**bare, **days, "signers": signers})


def _block(bare: dict[str, Any]) -> Block:
    rows = tuple(tuple(Cell(**cell) for cell in row) for row in bare["rows"])
    return Block(**{**bare, "rows": rows})


def from_json(text: str) -> Reading:
    """Rebuild a reading from `to_json`; KeyError, TypeError or ValueError if it is not one."""
    bare = json.loads(text)
    lists = {name: tuple(bare[name]) for name in ("header", "footer", "footnotes", "textboxes")}
    return Reading(
        **{
            **bare,
            **lists,
            "blocks": tuple(_block(each) for each in bare["blocks"]),
            "proposal": _proposal(bare["proposal"]),
            "citations": tuple(Citation(**each) for each in bare["citations"]),
        }
    )
