"""The comparison of two readings as the redline components show it (D11, L7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from documents.content.blocks import Reading
from documents.content.changes import Change, Comparison, RedlineRow
from documents.content.comparison import compare
from documents.content.units import PLACES

_KINDS = {
    "replace": "mod",
    "insert": "ins",
    "delete": "del",
    "move": "moved",
    "row_insert": "ins",
    "row_delete": "del",
}


@dataclass(frozen=True)
class Redline:
    """What a page shows of a comparison: the list at the left and the merged text."""

    changes: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    added: int = 0
    removed: int = 0
    formatting: int = 0
    excerpts: list[dict[str, Any]] = field(default_factory=list)


def redline_of(old: Reading | None, new: Reading) -> Redline:
    """Compare two readings for the screen; without an earlier one the text stands unmarked."""
    comparison = compare(old, new) if old is not None else compare(new, new)
    changes = [_listed(number, change) for number, change in enumerate(comparison.changes)]
    return Redline(
        changes=changes,
        blocks=_blocks(comparison),
        added=comparison.added,
        removed=comparison.removed,
        formatting=comparison.formatting,
        excerpts=[_excerpt(change) for change in comparison.changes],
    )


def _place(change: Change) -> str:
    if change.where in PLACES:
        return gettext(change.where)
    return change.where or gettext("Beginning")


def _listed(number: int, change: Change) -> dict[str, Any]:
    words = (change.added or change.removed or change.new.split())[:6]
    return {
        "id": number,
        "section": _place(change),
        "kind": _KINDS[change.kind],
        "words": " ".join(words),
    }


def _excerpt(change: Change) -> dict[str, Any]:
    return {
        "section": " · ".join(part for part in (_place(change), change.row, change.column) if part),
        "kind": _KINDS[change.kind],
        "spans": _shortened(change.spans),
    }


def _shortened(spans: Any, keep: int = 90) -> list[tuple[str, str]]:
    """Shorten unchanged stretches, so that an excerpt shows the change and a little around it."""
    short = []
    for op, text in spans:
        if op == "=" and len(text) > 2 * keep:
            text = f"{text[:keep]} … {text[-keep:]}"
        short.append((op, text))
    return short


def _blocks(comparison: Comparison) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    moves = {
        row.move: comparison.changes[row.change].where
        for row in comparison.rows
        if row.act == "move_to" and row.change is not None
    }
    for row in comparison.rows:
        change = comparison.changes[row.change] if row.change is not None else None
        if row.kind == "row":
            _put_row(blocks, row, change)
            continue
        spans = list(row.spans)
        if row.kind == "heading" and row.number:
            spans.insert(0, ("=", f"{row.number}. "))
        blocks.append(
            {
                "kind": row.kind,
                "spans": spans,
                "gone": row.act in ("delete", "move_from"),
                "change": row.change,
                "change_kind": _KINDS[change.kind] if change is not None else None,
                "moved_from": (change.origin or gettext("Beginning"))
                if change is not None and row.act == "move_to"
                else "",
                "moved_to": (moves.get(row.move) or gettext("Beginning"))
                if row.act == "move_from"
                else "",
            }
        )
    return blocks


def _put_row(blocks: list[dict[str, Any]], row: RedlineRow, change: Change | None) -> None:
    if row.begins_table or not blocks or blocks[-1]["kind"] != "table":
        blocks.append(
            {"kind": "table", "rows": [], "head": False, "change": None, "anchored": True}
        )
    table = blocks[-1]
    if row.change is not None and table["change"] is None:
        table["change"] = row.change
        table["change_kind"] = "mod"
    kind = {"insert": "ins", "delete": "del"}.get(row.act)
    cells = []
    for at, cell in enumerate(row.cells):
        changed = any(op != "=" for op, _text in cell)
        cells.append(
            {
                "spans": list(cell),
                "change_kind": kind or ("mod" if changed else None),
                "change": row.cell_changes[at] if at < len(row.cell_changes) else None,
            }
        )
    table["rows"].append(cells)
