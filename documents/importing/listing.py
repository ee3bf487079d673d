"""The master list a body brings, read by meaning: rows, groups, totals, laws beside (a52, L11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.kernel.search import fold, nfc
from documents.content.citations import LAW
from documents.content.legacy_fonts import decoded
from documents.content.sheet_reading import Sheet, SheetCell, SheetRow
from documents.importing.columns import Heads, heads_at
from documents.importing.spelling import bare_title, plain_spelling
from documents.importing.values import (
    NO_DAY,
    ListedDay,
    ListedState,
    listed_count,
    listed_day,
    listed_state,
    listed_version,
    says_ended,
)

_TOTAL: Final = re.compile(r"(?:tong(?: cong| so)?|cong(?: cong)?|total)\b")
_DITTO: Final = re.compile(r'["″”“〃\']{1,2}|-?\s*nt\s*-?|nhu tren')
_TCVN3_ONLY: Final = re.compile(r"[µ¸¶·¹¨»¾¼½Æ©Ç®ÌÐÎÏÑªÖ×Ø«¬¡¢§£¤¥¦\u00ad]")
_VNI_ONLY: Final = re.compile(
    r"a[áàåäâéèúüëêùøûõï]|e[åäâùøûõï]|o[åäùøûõï]|[öô][ùøûõï]|[A-Z]?ñ", re.I
)


@dataclass(frozen=True)
class ListedRow:
    """One row of a list that names a document, as typed and as understood."""

    sheet: str
    number: int
    code_typed: str = ""
    code: str = ""
    title_typed: str = ""
    title: str = ""
    kind: str = ""
    edition: int | None = None
    amendment: int | None = None
    version_typed: str = ""
    approved: ListedDay = NO_DAY
    effective: ListedDay = NO_DAY
    unit: str = ""
    author: str = ""
    reviewer: str = ""
    approver: str = ""
    state: ListedState = ListedState.SILENT
    state_typed: str = ""
    note: str = ""
    old_code: str = ""
    files: tuple[str, ...] = ()  # named by the list itself, the main one first
    group: str = ""
    hidden: bool = False
    encoding: str = ""
    before: str = ""  # as it stood in the old encoding

    @property
    def key(self) -> str:
        """Give the name of the row among others: `Danh mục!14`."""
        return f"{self.sheet}!{self.number}"


@dataclass(frozen=True)
class ListedLaw:
    """One row of a list of documents of others."""

    sheet: str
    number: int
    law: str
    subject: str
    issued_on: date | None
    in_force: bool
    replaced_by: str


@dataclass(frozen=True)
class ListedSheet:
    """Where things stand on a sheet."""

    name: str
    header_rows: tuple[int, ...]
    first_row: int
    group_rows: tuple[int, ...]
    total_row: int | None
    hidden: bool = False


@dataclass
class Listing:
    """All that a list says."""

    sheets: list[ListedSheet] = field(default_factory=list)
    rows: list[ListedRow] = field(default_factory=list)
    laws: list[ListedLaw] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)


def read_listing(sheets: list[Sheet]) -> Listing:
    """Read every sheet that holds a list; hidden sheets are named, not read."""
    listing = Listing()
    for sheet in sheets:
        if sheet.hidden:
            if any(heads_at(sheet, _by_number(sheet), row.number) for row in sheet.rows[:60]):
                listing.hidden_sheets.append(sheet.name)
            continue
        _SheetWalk(sheet, listing).run()
    return listing


def _by_number(sheet: Sheet) -> dict[int, SheetRow]:
    return {row.number: row for row in sheet.rows}


class _SheetWalk:
    """One walk down one sheet."""

    def __init__(self, sheet: Sheet, listing: Listing) -> None:
        self.sheet, self.listing = sheet, listing
        self.rows = _by_number(sheet)
        self.group = ""
        self.groups: list[int] = []
        self.header_rows: list[int] = []
        self.first_row = 0
        self.total: int | None = None
        self.above: dict[str, str] = {}
        self.covered = _covered(sheet)

    def run(self) -> None:
        """Find heads, then read what stands below them."""
        heads: Heads | None = None
        for row in self.sheet.rows:
            if heads is not None and row.number <= heads.last:
                continue
            if (heads is None or not _holds_values(row)) and (
                found := heads_at(self.sheet, self.rows, row.number)
            ):
                heads = found
                self.header_rows += range(found.first, found.last + 1)
                self.first_row = self.first_row or found.last + 1
                continue
            if heads is not None:
                self._row(row, heads)
        if self.header_rows:
            self.listing.sheets.append(
                ListedSheet(
                    self.sheet.name,
                    tuple(self.header_rows),
                    self.first_row,
                    tuple(self.groups),
                    self.total,
                )
            )

    def _row(self, row: SheetRow, heads: Heads) -> None:
        cells = self._cells(row, heads)
        first = fold(row.cells[0].text).strip()
        code, title = cells.get("code"), cells.get("title")
        if _TOTAL.match(first) or (
            title is not None and code is None and _TOTAL.match(fold(title.text))
        ):
            self.total = self.total or row.number
            return
        if _is_numbering(row):
            return
        if heads.is_external:
            self._law(row, cells)
        elif self._is_group(row, cells):
            self.groups.append(row.number)
            self.group = next(cell.text for cell in reversed(row.cells) if cell.text)
        elif title is not None and (code is not None or self.total is None):
            self.listing.rows.append(self._listed(row, cells))

    def _cells(self, row: SheetRow, heads: Heads) -> dict[str, SheetCell]:
        own = {cell.column: cell for cell in row.cells}
        found: dict[str, SheetCell] = {}
        for column, name in heads.fields.items():
            cell = own.get(column)
            if cell is None and (top := self.covered.get((row.number, column))) is not None:
                above = self.rows.get(top)
                cell = next((c for c in above.cells if c.column == column), None) if above else None
            if cell is None or not cell.text.strip():
                continue
            if _DITTO.fullmatch(fold(cell.text).strip()) and name in self.above:
                cell = SheetCell(column, self.above[name], cell.kind)
            self.above[name] = cell.text
            found[name] = cell
        return found

    def _is_group(self, row: SheetRow, cells: dict[str, SheetCell]) -> bool:
        """Say whether a row only names what follows: one text, or a letter and a text."""
        told = [cell for cell in row.cells if cell.text.strip()]
        code, title = cells.get("code"), cells.get("title")
        wide = any(
            merge.top == row.number and merge.right - merge.left >= 2 for merge in self.sheet.merges
        )
        texts = [cell for cell in told if not re.fullmatch(r"[IVXLA-H\d.]{1,5}", cell.text.strip())]
        if len(texts) > 1:
            return False
        if code is not None and title is not None:
            return False
        if code is not None and any(char.isdigit() for char in code.text) and not wide:
            return False
        numbered = "number" in cells and cells["number"].kind == "number"
        lone_title = title is not None and code is None and not wide and numbered
        return (
            bool(texts) and not lone_title and (wide or texts[0].column <= _last_named(cells, row))
        )

    def _listed(self, row: SheetRow, cells: dict[str, SheetCell]) -> ListedRow:
        text = {name: " ".join(cell.text.split()) for name, cell in cells.items()}
        edition, amendment = _counters(cells)
        marks = [cell for cell in cells.values() if cell.encoding]
        encoding = marks[0].encoding if marks else ""
        before = marks[0].typed if marks else ""
        if not encoding and (guess := _guessed(cells)):
            encoding, before = guess, cells["title"].text
            font = ".VnTime" if guess == "TCVN3" else "VNI-Times"
            text = {
                name: decoded(value, font) if _is_left_over(value) else value
                for name, value in text.items()
            }
        code_typed = decoded_code(cells, encoding)
        return ListedRow(
            sheet=self.sheet.name,
            number=row.number,
            code_typed=code_typed,
            code=plain_spelling(code_typed),
            title_typed=text.get("title", ""),
            title=bare_title(text.get("title", "")),
            kind=text.get("kind", ""),
            edition=edition,
            amendment=amendment,
            version_typed=" / ".join(
                text[name] for name in ("version", "edition", "amendment") if name in text
            ),
            approved=_day(cells, "approved"),
            effective=_day(cells, "effective"),
            unit=text.get("unit", ""),
            author=text.get("author", ""),
            reviewer=text.get("reviewer", ""),
            approver=text.get("approver", ""),
            state=self._state(text.get("state", "")),
            state_typed=text.get("state", ""),
            note=text.get("note", ""),
            old_code=plain_spelling(text.get("old_code", "")),
            files=_named_files(text.get("file", "")),
            group=self.group,
            hidden=row.hidden,
            encoding=encoding,
            before=before,
        )

    def _state(self, said: str) -> ListedState:
        """Give what a row says of itself; where it is silent, what its sheet is called."""
        state = listed_state(said)
        if state is ListedState.SILENT and says_ended(self.sheet.name):
            return ListedState.ENDED
        return state

    def _law(self, row: SheetRow, cells: dict[str, SheetCell]) -> None:
        typed = cells["code"].text if "code" in cells else ""
        found = LAW.search(plain_spelling(typed))
        if found is None and not any(char.isdigit() for char in typed):
            return
        day = _day(cells, "approved")
        by = cells["replaced_by"].text if "replaced_by" in cells else ""
        newer = LAW.search(plain_spelling(by))
        said = cells.get("state") or cells.get("effective")  # some lists call that column so
        state = listed_state(said.text if said is not None else "")
        self.listing.laws.append(
            ListedLaw(
                sheet=self.sheet.name,
                number=row.number,
                law=found[1] if found else plain_spelling(typed),
                subject=cells["title"].text if "title" in cells else "",
                issued_on=day.day,
                in_force=state is not ListedState.ENDED,
                replaced_by=newer[1] if newer else plain_spelling(by),
            )
        )


def _holds_values(row: SheetRow) -> bool:
    """Say whether a row holds numbers or days: data, never heads again."""
    return any(cell.kind in ("number", "date") for cell in row.cells) or any(
        re.search(r"\d{2}[/.-]\d{1,2}", cell.text) for cell in row.cells
    )


def _covered(sheet: Sheet) -> dict[tuple[int, int], int]:
    """Give for each place merged with one above it the row whose value it shows."""
    return {
        (number, column): merge.top
        for merge in sheet.merges
        if merge.bottom > merge.top and merge.bottom - merge.top < 500
        for number in range(merge.top + 1, merge.bottom + 1)
        for column in range(merge.left, min(merge.right, merge.left + 5) + 1)
    }


def _is_numbering(row: SheetRow) -> bool:
    """Say whether a row only counts the columns: (1) (2) (3)."""
    marks = [re.fullmatch(r"\(?(\d{1,2})\)?", cell.text.strip()) for cell in row.cells]
    numbers = [int(mark[1]) for mark in marks if mark]
    return len(numbers) == len(marks) >= 3 and numbers == sorted(set(numbers))


def _last_named(cells: dict[str, SheetCell], row: SheetRow) -> int:
    """Give the column up to which a lone text may name a group: the title's."""
    return max((cells[name].column for name in ("code", "title") if name in cells), default=1)


def _named_files(typed: str) -> tuple[str, ...]:
    """Read the files a row names, one after the other."""
    names = (name.strip().replace("\\", "/") for name in re.split(r"[;\n]", nfc(typed)))
    return tuple(name for name in names if re.search(r"\.\w{2,5}$", name))


def _day(cells: dict[str, SheetCell], name: str) -> ListedDay:
    cell = cells.get(name)
    return listed_day(cell.text, cell.kind) if cell is not None else NO_DAY


def _counters(cells: dict[str, SheetCell]) -> tuple[int | None, int | None]:
    if (cell := cells.get("version")) is not None:
        edition, amendment = listed_version(cell.text, cell.kind)
    else:
        cell = cells.get("edition")
        edition, amendment = listed_version(cell.text, cell.kind) if cell else (None, None)
    if (one := cells.get("amendment")) is not None:
        amendment = listed_count(one.text, one.kind)
    return edition, (0 if amendment is None and edition is not None else amendment)


def _guessed(cells: dict[str, SheetCell]) -> str:
    """Give the old encoding a row was left in when its font was lost; '' for none."""
    said = " ".join(cells[name].text for name in ("title", "unit") if name in cells)
    if len(_TCVN3_ONLY.findall(said)) >= 2:
        return "TCVN3"
    return "VNI" if len(_VNI_ONLY.findall(said)) >= 2 else ""


def _is_left_over(text: str) -> bool:
    """Say whether a text was left in one-byte letters; Unicode Vietnamese goes beyond them."""
    return not text.isascii() and all(ord(char) < 256 or char in "–—“”‘’…" for char in text)


def decoded_code(cells: dict[str, SheetCell], encoding: str) -> str:
    """Give the code as typed, in Unicode where the row was left in an old encoding."""
    if "code" not in cells:
        return ""
    text = cells["code"].text
    if encoding and not cells["code"].encoding:
        return decoded(text, ".VnTime" if encoding == "TCVN3" else "VNI-Times")
    return text
