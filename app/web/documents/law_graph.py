"""The graph of a law as places in an SVG: what changed what, what cites it (L23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from documents.models import Citation, Document, ExternalDocument

MOST = 12
_STEP, _WIDE, _HIGH = 44, 224, 34
_LEFT, _MIDDLE, _RIGHT = 8, 308, 608


@dataclass(frozen=True)
class Node:
    """One box: where it stands, what it says, where it leads."""

    x: int
    y: int
    label: str
    url: str
    kind: str

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def text_y(self) -> int:
        return self.y + 22


@dataclass(frozen=True)
class Graph:
    """Boxes and the lines between them, in one picture of a size."""

    nodes: tuple[Node, ...]
    lines: tuple[tuple[int, int, int, int], ...]
    height: int
    hidden: int
    width: int = _RIGHT + _WIDE + 8
    box_width: int = _WIDE
    box_height: int = _HIGH


def graph_of(
    law: ExternalDocument,
    changed: Sequence[ExternalDocument],
    used: Sequence[Citation],
    link_to: Callable[[Document], str],
    url_of: Callable[[ExternalDocument], str],
) -> Graph | None:
    """Lay out a law in the middle: other laws at its left, citing documents at its right."""
    laws: list[tuple[str, str, str]] = []
    if law.changed_by is not None:
        laws.append((law.changed_by.number, url_of(law.changed_by), "newer"))
    laws += [(one.number, url_of(one), "older") for one in changed[:MOST]]
    documents = [(_code(row), link_to(row.revision.document), "document") for row in used[:MOST]]
    if not laws and not documents:
        return None
    tall = max(len(laws), len(documents), 1)
    height = tall * _STEP + 16
    middle = (height - _HIGH) // 2
    centre = Node(_MIDDLE, middle, law.number, "", "centre")
    nodes, lines = [centre], []
    for column, rows in ((_LEFT, laws), (_RIGHT, documents)):
        top = (height - len(rows) * _STEP) // 2 + (_STEP - _HIGH) // 2
        for place, (label, url, kind) in enumerate(rows):
            node = Node(column, top + place * _STEP, label, url, kind)
            nodes.append(node)
            lines.append(_line(node, centre))
    return Graph(tuple(nodes), tuple(lines), height, max(len(used) - MOST, 0))


def _code(row: Citation) -> str:
    document: Any = row.revision.document
    code = document.code or document.title
    return code if len(code) <= 28 else code[:27] + "…"


def _line(node: Node, centre: Node) -> tuple[int, int, int, int]:
    half = _HIGH // 2
    if node.x < centre.x:
        return node.x + _WIDE, node.y + half, centre.x, centre.y + half
    return centre.x + _WIDE, centre.y + half, node.x, node.y + half
