"""What changed between two revisions, as a person would name it (ISO 9001:2015, 7.5.3.2 c).

Blocks are aligned first, then words inside. Another layout, other list signs, a paragraph split
in two and decomposed letters are no changes.
"""

import re
from collections import Counter
from typing import Final, Literal

from documents.content.alignment import Pair, aligned, likeness
from documents.content.blocks import Block, Reading
from documents.content.changes import Change, ChangeKind, Comparison, RedlineRow, RowAct
from documents.content.units import Unit, plain, units_of
from documents.content.word_difference import Spans, word_spans

__all__ = ["Change", "Comparison", "RedlineRow", "compare", "summary"]

_MOVED: Final = 0.9
_HEADING_WEIGHT: Final = 1.5
_LEAST_MOVED_WORDS: Final = 4
_SERIAL: Final = re.compile(r"[A-ZĐ]{0,2}\d{1,3}[.)]?")


class _Comparer:
    """One comparison while it is made; use `compare`."""

    def __init__(self, old: Reading, new: Reading) -> None:
        self.old, self.new = units_of(old), units_of(new)
        self.changes: list[Change] = []
        self.rows: list[RedlineRow] = []
        self._moved: dict[int, int] = {}  # place in the old text -> place in the new one
        self._grown: dict[Pair, int] = {}  # pair -> the new paragraph that belongs to it too
        self.formatting = 0
        self._quiet: set[int] = set()  # new paragraphs whose words stood in other paragraphs

    def run(self) -> None:
        """Walk the aligned blocks and note each change and each line of the merged text."""
        pairs = aligned(
            [unit.text for unit in self.old],
            [unit.text for unit in self.new],
            self._weigh,
        )
        pairs = self._rejoined(pairs)
        self._find_moves(pairs)
        for i, j in pairs:
            if (i, j) in self._grown:
                self._grew(self.old[i or 0], self.new[j or 0], self.new[self._grown[i, j]])
            elif i is not None and j is not None:
                self._both(self.old[i], self.new[j])
            elif i is not None:
                self._gone(i)
            elif j is not None:
                self._come(j)

    def _weigh(self, i: int, j: int) -> float:
        """Say how much two blocks hold together: what moves are lines, seldom headings."""
        kinds = (self.old[i].kind, self.new[j].kind)
        if "table" in kinds:
            return float(kinds[0] == kinds[1])
        return _HEADING_WEIGHT if kinds == ("heading", "heading") else 1.0

    def _rejoined(self, pairs: list[Pair]) -> list[Pair]:
        """Drop differences that only come from a paragraph split in two, or two made one."""
        result: list[Pair] = []
        at = 0
        while at < len(pairs):
            length = self._split_at(pairs, at)
            if not length and self._grown_at(pairs, at):
                self._grown[pairs[at]] = pairs[at + 1][1] or 0
                result.append(pairs[at])
                at += 2
            elif length:
                taken = pairs[at : at + length]
                for j in (j for _i, j in taken if j is not None):
                    self._quiet.add(j)
                    result.append((None, j))
                at += length
            else:
                result.append(pairs[at])
                at += 1
        return result

    def _split_at(self, pairs: list[Pair], at: int) -> int:
        """Return how many pairs from here on are the same words in other paragraphs; 0 if none."""
        left: list[str] = []
        right: list[str] = []
        for length, (i, j) in enumerate(pairs[at : at + 6], 1):
            units = [self.old[i]] if i is not None else []
            units += [self.new[j]] if j is not None else []
            same = i is not None and j is not None and self.old[i].text == self.new[j].text
            if same or any(unit.kind != "paragraph" for unit in units):
                return 0
            left += [self.old[i].text] if i is not None else []
            right += [self.new[j].text] if j is not None else []
            if length > 1 and left and right and " ".join(left) == " ".join(right):
                return length
        return 0

    def _grown_at(self, pairs: list[Pair], at: int) -> bool:
        """Say whether an old paragraph became the next two new ones, with words put in."""
        if at + 1 >= len(pairs) or pairs[at + 1][0] is not None:
            return False
        (i, j), (_none, after) = pairs[at], pairs[at + 1]
        if i is None or j is None or after is None:
            return False
        if any(u.kind != "paragraph" for u in (self.old[i], self.new[j], self.new[after])):
            return False
        both = f"{self.new[j].text} {self.new[after].text}"
        alone = likeness(self.old[i].text, self.new[j].text)
        return alone < 1 and likeness(self.old[i].text, both) > alone + 0.1

    def _find_moves(self, pairs: list[Pair]) -> None:
        gone = [i for i, j in pairs if j is None and i is not None]
        come = [j for i, j in pairs if i is None and j is not None and j not in self._quiet]
        for i in gone:
            text = self.old[i].text
            if self.old[i].kind == "table" or len(text.split()) < _LEAST_MOVED_WORDS:
                continue
            for j in come:
                if j not in self._moved.values() and likeness(text, self.new[j].text) >= _MOVED:
                    self._moved[i] = j
                    break

    def _note(self, change: Change, *, cover: bool) -> int | None:
        if cover:
            return None
        self.changes.append(change)
        return len(self.changes) - 1

    def _line(
        self,
        act: RowAct,
        unit: Unit,
        spans: Spans,
        change: int | None = None,
        old: Unit | None = None,
        move: int = 0,
    ) -> None:
        """Add a line of the merged text; `old` is what it was where both texts have it."""
        kind: Literal["heading", "paragraph"] = "heading" if unit.kind == "heading" else "paragraph"
        number, before = unit.label, (old or unit).label
        self.rows.append(
            RedlineRow(act, kind, spans, unit.block.level, number, before, change=change, move=move)
        )

    def _both(self, old: Unit, new: Unit) -> None:
        if new.kind == "table":
            self._tables(old, new)
            return
        spans = word_spans(old.text, new.text)
        if old.text == new.text:
            self._looks(old.block.look, new.block.look)
            self._line("same", new, spans, old=old)
            return
        change = Change("replace", new.where, old.text, new.text, spans)
        self._line("replace", new, spans, self._note(change, cover=old.cover and new.cover), old)

    def _looks(self, old: str, new: str) -> None:
        """Count a place whose words stayed and whose look did not, where both looks are known."""
        if old and new and old != new:
            self.formatting += 1

    def _grew(self, old: Unit, new: Unit, after: Unit) -> None:
        """Note a paragraph that was split and changed: the words count, not the split."""
        both = f"{new.text} {after.text}"
        spans = word_spans(old.text, both)
        kind: ChangeKind = "replace" if any(act == "-" for act, _text in spans) else "insert"
        change = Change(kind, new.where, old.text, both, spans)
        self._line("replace", new, spans, self._note(change, cover=old.cover and new.cover), old)

    def _gone(self, i: int) -> None:
        unit = self.old[i]
        spans: Spans = (("-", unit.text),)
        if i in self._moved:
            self._line("move_from", unit, spans, move=self._moved[i] + 1)
        elif unit.kind == "table":
            for at, text in enumerate(unit.row_texts()):
                self._row_gone(unit, text, at, at == 0)
        else:
            change = Change("delete", unit.where, unit.text, "", spans)
            self._line("delete", unit, spans, self._note(change, cover=unit.cover))

    def _come(self, j: int) -> None:
        unit = self.new[j]
        if j in self._quiet:
            self._line("same", unit, (("=", unit.text),))
            return
        source = next((i for i, place in self._moved.items() if place == j), None)
        if source is not None:
            before = self.old[source]
            spans = word_spans(before.text, unit.text)
            change = Change("move", unit.where, before.text, unit.text, spans, origin=before.where)
            at = self._note(change, cover=unit.cover)
            self._line("move_to", unit, spans, at, move=j + 1)
        elif unit.kind == "table":
            for at, text in enumerate(unit.row_texts()):
                self._row_come(unit, text, at, at == 0)
        else:
            change = Change("insert", unit.where, "", unit.text, (("+", unit.text),))
            self._line("insert", unit, change.spans, self._note(change, cover=unit.cover))

    def _tables(self, old: Unit, new: Unit) -> None:
        left, right = old.row_texts(), new.row_texts()
        pairs = aligned(left, right, lambda _i, _j: 1.0)
        for place, (i, j) in enumerate(self._paired_rows(old, new, pairs)):
            first = place == 0
            if i is not None and j is not None:
                self._row_both((old, i), (new, j), first)
            elif i is not None:
                self._row_gone(old, left[i], i, first)
            elif j is not None:
                self._row_come(new, right[j], j, first)

    @staticmethod
    def _paired_rows(old: Unit, new: Unit, pairs: list[Pair]) -> list[Pair]:
        """Pair a removed row with an added one beside it that shares its longest cell."""
        result: list[Pair] = []
        for i, j in pairs:
            if result and i is None and j is not None:
                before = result[-1]
                if before[0] is not None and before[1] is None:
                    mine, theirs = set(old.grid[before[0]]), set(new.grid[j])
                    if any(len(text.split()) > 2 for text in mine & theirs):
                        result[-1] = (before[0], j)
                        continue
            result.append((i, j))
        return result

    def _row_both(self, old: tuple[Unit, int], new: tuple[Unit, int], first: bool) -> None:
        (before, i), (after, j) = old, new
        left = list(before.grid[i])
        right = list(after.grid[j])
        cover = before.cover and after.cover
        cells: list[Spans] = []
        changes: list[int | None] = []
        for a, b in _paired_cells(left, right):
            spans = word_spans(a, b)
            cells.append(spans)
            place = right.index(b) if b in right else len(cells) - 1
            if a == b or _is_serial(a, b, place):
                changes.append(None)
                continue
            change = Change(
                "replace",
                after.where,
                a,
                b,
                spans,
                row=_row_name(right),
                column=_column_name(after.block, place),
            )
            changes.append(self._note(change, cover=cover))
        act: RowAct = "same" if left == right else "replace"
        if act == "same":
            self._looks(_row_look(before.block, i), _row_look(after.block, j))
        self.rows.append(
            RedlineRow(
                act,
                "row",
                cells=tuple(cells),
                begins_table=first,
                change=next((at for at in changes if at is not None), None),
                cell_changes=tuple(changes),
            )
        )

    def _row_gone(self, unit: Unit, text: str, at: int, first: bool) -> None:
        cells = list(unit.grid[at])
        change = Change(
            "row_delete", unit.where, _row_text(cells), "", (("-", text),), row=_row_name(cells)
        )
        noted = self._note(change, cover=unit.cover or not text.strip(" |"))
        spans: tuple[Spans, ...] = tuple((("-", cell),) for cell in cells)
        self.rows.append(_whole_row("delete", spans, first, noted))

    def _row_come(self, unit: Unit, text: str, at: int, first: bool) -> None:
        cells = list(unit.grid[at])
        change = Change(
            "row_insert", unit.where, "", _row_text(cells), (("+", text),), row=_row_name(cells)
        )
        noted = self._note(change, cover=unit.cover or not text.strip(" |"))
        spans: tuple[Spans, ...] = tuple((("+", cell),) for cell in cells)
        self.rows.append(_whole_row("insert", spans, first, noted))


def _is_serial(old: str, new: str, place: int) -> bool:
    """Say whether two cells are only the running number of their rows, which shifts by itself."""
    return place == 0 and bool(_SERIAL.fullmatch(old) and _SERIAL.fullmatch(new))


def _whole_row(act: RowAct, cells: tuple[Spans, ...], first: bool, noted: int | None) -> RedlineRow:
    """Give the line of a row that came or went; its change is told at its first cell."""
    places = (noted, *(None for _cell in cells[1:]))
    return RedlineRow(act, "row", (), 0, "", "", cells, first, noted, 0, places)


def _row_look(block: Block, at: int) -> str:
    looks = [cell.look for cell in block.rows[at]]
    return ".".join(looks) if any(looks) else ""


def _row_text(cells: list[str]) -> str:
    return " ".join(cell for cell in cells if cell)


def _row_name(cells: list[str]) -> str:
    return next((text for text in cells if len(text.split()) > 1), " | ".join(cells)[:80])


def _column_name(block: Block, place: int) -> str:
    head = block.rows[0] if block.rows else ()
    return plain(head[place].text) if place < len(head) else ""


def _paired_cells(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    if len(left) == len(right):
        return list(zip(left, right, strict=True))
    pairs = aligned(left, right, lambda _i, _j: 1.0)
    return [("" if i is None else left[i], "" if j is None else right[j]) for i, j in pairs]


_FIELDS: Final = ("code", "title", "edition", "amendment", "approved_on", "effective_on")


def _metadata(old: Reading, new: Reading) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for name in _FIELDS:
        before, after = getattr(old.proposal, name), getattr(new.proposal, name)
        if before != after:
            found.append((name, _said(before), _said(after)))
    return tuple(found)


def _said(value: object) -> str:
    return "" if value is None else str(value)


def compare(old: Reading, new: Reading) -> Comparison:
    """Return what changed from the old reading to the new one."""
    work = _Comparer(old, new)
    work.run()
    return Comparison(
        changes=tuple(work.changes),
        rows=tuple(work.rows),
        added=sum(len(each.added) for each in work.changes),
        removed=sum(len(each.removed) for each in work.changes),
        metadata=_metadata(old, new),
        formatting=work.formatting,
    )


def summary(comparison: Comparison, limit: int = 12) -> list[tuple[str, str]]:
    """Return (where, words) for the places changed most, in reading order, for a proposed text.

    Words are what was removed and added, shortened: 'old → new'; nothing is translated here.
    """
    weights: Counter[int] = Counter()
    for at, change in enumerate(comparison.changes):
        weights[at] = len(change.added) + len(change.removed) + 1
    chosen = sorted(at for at, _weight in weights.most_common(max(limit, 0)))
    return [
        (_place(change), _short(change)) for change in map(comparison.changes.__getitem__, chosen)
    ]


def _place(change: Change) -> str:
    return " / ".join(part for part in (change.where, change.row[:60], change.column) if part)


def _short(change: Change) -> str:
    def cut(words: list[str]) -> str:
        return " ".join(words[:12]) + (" …" if len(words) > 12 else "")

    removed, added = cut(change.removed), cut(change.added)
    if change.kind == "move":
        return f"{change.origin} → {change.where}: {cut(change.new.split())}"
    return f"{removed} → {added}" if removed and added else removed or added
