"""A comparison as one page that needs nothing else: for mail, print and archive (a23, L7)."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Final

from documents.content.changes import Change, Comparison, RedlineRow
from documents.content.messages import N_
from documents.content.report import place_of

Say = Callable[[str], str]

_KINDS: Final = {
    "replace": N_("changed"),
    "insert": N_("added"),
    "delete": N_("removed"),
    "move": N_("moved"),
    "row_insert": N_("added"),
    "row_delete": N_("removed"),
}
_LOOK: Final = """
body{max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}
body{font:1rem/1.6 "Times New Roman",serif}
ins{background:#ddf3e4;color:#0f4f2b;text-decoration:underline}
del{background:#fce4e1;color:#8f1d17;text-decoration:line-through}
table{border-collapse:collapse;width:100%;margin:.75rem 0}
td{border:1px solid #8a969c;padding:.25rem .5rem;vertical-align:top}
.changed{border-left:4px solid #c98a1b;padding-left:.75rem;margin-left:-1rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.wide{overflow-x:auto}
"""


class _Page:
    """One page while it is written."""

    def __init__(self, found: Comparison, say: Say) -> None:
        self._found = found
        self._say = say

    def listed(self) -> str:
        """Return the list of changes, each a link to its place."""
        items = "".join(map(self._item, enumerate(self._found.changes)))
        return f"<ol>{items}</ol>" if items else f"<p>{escape(self._say(N_('No changes.')))}</p>"

    def _item(self, numbered: tuple[int, Change]) -> str:
        at, change = numbered
        place = escape(place_of(change) or self._say(N_("Beginning")))
        kind = escape(self._say(_KINDS[change.kind]))
        return f'<li><a href="#c{at}">{place}</a>: {kind}</li>'

    def text(self) -> str:
        """Return the merged text, tables as tables."""
        parts: list[str] = []
        within = False
        for row in self._found.rows:
            if within and (row.kind != "row" or row.begins_table):
                parts.append("</table></div>")
                within = False
            if row.kind == "row":
                parts.append("" if within else '<div class="wide"><table>')
                within = True
                cells = "".join(f"<td>{self._spans(cell)}</td>" for cell in row.cells)
                parts.append(f"<tr{self._place(row)}>{cells}</tr>")
            else:
                parts.append(self._block(row))
        return "\n".join((*parts, "</table></div>" if within else ""))

    @staticmethod
    def _place(row: RedlineRow) -> str:
        return f' id="c{row.change}" class="changed"' if row.change is not None else ""

    def _block(self, row: RedlineRow) -> str:
        name = f"h{min(row.level + 2, 6)}" if row.kind == "heading" else "p"
        number = f"{escape(row.number)}{'.' if row.kind == 'heading' else ''} "
        moved = row.act in ("move_from", "move_to")
        note = f"<em>[{escape(self._say(N_('moved')))}]</em> " if moved else ""
        label = number if row.number else ""
        return f"<{name}{self._place(row)}>{note}{label}{self._spans(row.spans)}</{name}>"

    def _spans(self, spans: Iterable[tuple[str, str]]) -> str:
        words = {"+": ("ins", N_("added")), "-": ("del", N_("removed"))}
        parts: list[str] = []
        for act, text in spans:
            if act == "=":
                parts.append(escape(text))
                continue
            tag, said = words[act]
            hidden = f'<span class="hidden">[{escape(self._say(said))}: </span>'
            end = '<span class="hidden">]</span>'
            parts.append(f"<{tag}>{hidden}{escape(text)}{end}</{tag}>")
        return "".join(parts)


def redline_page(found: Comparison, old: str, new: str, *, say: Say = str) -> str:
    """Return the page: the list of changes, then the merged text. `say` translates a message id."""
    page = _Page(found, say)
    title = f"{escape(old)} → {escape(new)}"
    counts = f"+{found.added} −{found.removed}"
    formatting = f"{escape(say(N_('Changes of formatting only')))}: {found.formatting}"
    return (
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_LOOK}</style></head><body>\n<h1>{title}</h1>\n"
        f"<p>{len(found.changes)} · {counts} · {formatting}</p>\n{page.listed()}\n<hr>\n"
        f"{page.text()}\n</body></html>\n"
    )
