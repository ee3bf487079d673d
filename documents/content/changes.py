"""The result of a comparison, as plain values for pages and letters (ISO 9001:2015, 7.5.3.2 c)."""

from dataclasses import dataclass
from typing import Literal

from documents.content.word_difference import Spans, words_of

ChangeKind = Literal["replace", "insert", "delete", "move", "row_insert", "row_delete"]
RowAct = Literal["same", "replace", "insert", "delete", "move_from", "move_to"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `where` is the heading above it; `row` and `column` name a cell of a table.

    For a move `origin` is the heading it stood under before. `spans` is the merged text.
    """

    kind: ChangeKind
    where: str
    old: str
    new: str
    spans: Spans
    row: str = ""
    column: str = ""
    origin: str = ""

    @property
    def removed(self) -> list[str]:
        """The words taken out; none for a move."""
        return [] if self.kind == "move" else words_of(self.spans, "-")

    @property
    def added(self) -> list[str]:
        """The words put in; none for a move."""
        return [] if self.kind == "move" else words_of(self.spans, "+")


@dataclass(frozen=True, slots=True)
class RedlineRow:
    """One line of the merged text: a heading, a paragraph or one row of a table.

    `number` is its label, typed or automatic (`-` for a list sign), `old_number` the one before.
    `cells` is filled for table rows; `change` is the place in `Comparison.changes`, if any;
    `begins_table` marks the first row of each table; both places of one move share `move`.
    `cell_changes` names the change of each cell of a changed row.
    """

    act: RowAct
    kind: Literal["heading", "paragraph", "row"]
    spans: Spans = ()
    level: int = 0
    number: str = ""
    old_number: str = ""
    cells: tuple[Spans, ...] = ()
    begins_table: bool = False
    change: int | None = None
    move: int = 0
    cell_changes: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes in the order of the new text, the merged text, and what the covers say.

    `metadata` holds (field of the proposal, old, new) for what differs on cover and margins;
    `formatting` counts the paragraphs and rows whose words stayed and whose look did not.
    """

    changes: tuple[Change, ...]
    rows: tuple[RedlineRow, ...]
    added: int
    removed: int
    metadata: tuple[tuple[str, str, str], ...] = ()
    formatting: int = 0
