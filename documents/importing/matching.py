"""Which file belongs to which row: by code in any spelling, by name, by title (a52, a53)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

from app.kernel.search import code_key, fold
from documents.importing.found_files import FoundFile
from documents.importing.listing import ListedRow
from documents.importing.spelling import lookalike_key, title_key
from documents.importing.values import ListedState

_SAME_TITLE: Final = 0.92


@dataclass
class Match:
    """A row with its files; `how` tells what brought them together."""

    row: ListedRow
    code: str
    how: str = ""  # file, code, padding, lookalike, name, title, chosen
    main: FoundFile | None = None
    older: list[FoundFile] = field(default_factory=list)
    beside: list[FoundFile] = field(default_factory=list)
    rivals: list[FoundFile] = field(default_factory=list)
    duplicate_of: ListedRow | None = None
    ended_by: ListedRow | None = None  # another row says that this very document ended
    only_says_ended: bool = False
    earlier: list[ListedRow] = field(default_factory=list)  # rows of its own earlier editions


@dataclass
class Matched:
    """Everything of a list and a folder, each thing once."""

    matches: list[Match] = field(default_factory=list)
    alone: list[FoundFile] = field(default_factory=list)
    identical: list[tuple[FoundFile, FoundFile]] = field(default_factory=list)  # copy, kept one


def unpadded(code: str) -> str:
    """Give a key without leading zeros in numbers: QT-VP-1 and QT-VP-01 meet."""
    return code_key(re.sub(r"0+(?=\d)", "", re.sub(r"[^\w]+", ".", code)))


def match(
    rows: list[ListedRow],
    files: Iterable[FoundFile],
    codes: dict[str, str],
    chosen: dict[str, FoundFile | None],
) -> Matched:
    """Bring rows and files together; `codes` and `chosen` are what people decided, by row key."""
    return _Matching(rows, list(files), codes, chosen).run()


class _Matching:
    """One pass over rows and files."""

    def __init__(
        self,
        rows: list[ListedRow],
        files: list[FoundFile],
        codes: dict[str, str],
        chosen: dict[str, FoundFile | None],
    ) -> None:
        self.result = Matched()
        self.chosen = chosen
        self.free: dict[str, FoundFile] = {}
        self._set_copies_apart(files)
        self.result.matches = [Match(row, codes.get(row.key, row.code)) for row in rows]
        self._set_repeats_apart()

    def run(self) -> Matched:
        """Take the surest ways first."""
        self._by_choice()
        self._by_named_file()
        waiting = [one for one in self.result.matches if self._waits(one)]
        self._by_code(waiting)
        self._by_likeness(waiting)
        self._by_title()
        self.result.alone = list(self.free.values())
        return self.result

    def _waits(self, one: Match) -> bool:
        return (
            bool(one.code)
            and one.duplicate_of is None
            and not one.how
            and one.row.key not in self.chosen
        )

    def _set_copies_apart(self, files: list[FoundFile]) -> None:
        """Keep one of every content; the others are told as copies."""
        groups: dict[str, list[FoundFile]] = defaultdict(list)
        for file in sorted(files, key=lambda file: file.path):
            groups[file.sha256].append(file)
        for group in groups.values():
            kept = min(
                group,
                key=lambda file: (
                    bool(file.code) and code_key(file.name_code) != code_key(file.code),
                    file.looks_copied,
                    file.looks_old,
                    file.path,
                ),
            )
            self.free[kept.path] = kept
            self.result.identical += [(file, kept) for file in group if file is not kept]

    def _set_repeats_apart(self) -> None:
        """Find rows that repeat a code: an ended earlier edition is history, others are wrong."""
        first: dict[str, Match] = {}
        for one in self.result.matches:
            key = code_key(one.code)
            if not key:
                continue
            known = first.setdefault(key, one)
            if known is one:
                continue
            mine, theirs = _listed(one.row), _listed(known.row)
            if (one.row.state is ListedState.ENDED) != (known.row.state is ListedState.ENDED) and (
                mine == theirs or None in (mine, theirs)
            ):
                current, ended = (
                    (known, one) if one.row.state is ListedState.ENDED else (one, known)
                )
                current.ended_by, ended.duplicate_of, current.duplicate_of = (
                    ended.row,
                    current.row,
                    None,
                )
                ended.only_says_ended = True
                first[key] = current
                continue
            if mine != theirs and None not in (mine, theirs):
                older, newer = (one, known) if mine < theirs else (known, one)  # type: ignore[operator]
                if _is_followed(older.row, newer.row):
                    newer.earlier += [older.row, *older.earlier]
                    newer.duplicate_of = None
                    older.earlier, older.duplicate_of = [], newer.row
                    first[key] = newer
                    continue
            one.duplicate_of = known.row

    def _by_choice(self) -> None:
        for one in self.result.matches:
            if (file := self.chosen.get(one.row.key)) is not None:
                one.main, one.how = file, "chosen"
                self.free.pop(file.path, None)
        for one in self.result.matches:
            if one.how == "chosen" and one.main is not None:
                self._take_history(one)

    def _by_named_file(self) -> None:
        """Follow a list that names the files itself, for its rows and for the history below."""
        by_end: dict[str, list[FoundFile]] = defaultdict(list)
        for file in self.free.values():
            parts = file.path.casefold().split("/")
            for start in range(len(parts)):
                by_end["/".join(parts[start:])].append(file)

        def named(row: ListedRow) -> list[FoundFile]:
            found = [by_end.get(name.casefold(), []) for name in row.files]
            only = [files[0] for files in found if len(files) == 1 and files[0].path in self.free]
            for file in only:
                del self.free[file.path]
            return [_as_listed(file, row) for file in only[:1]] + only[1:]

        for one in self.result.matches:
            if not self._waits(one) or not (files := named(one.row)):
                continue
            one.main, one.how = files[0], "file"
            one.beside += files[1:]
            for row in one.earlier:
                one.older += named(row)[:1]

    def _take_history(self, one: Match) -> None:
        """Give a row whose file was chosen the earlier editions of the same code."""
        key = code_key(one.code)
        version = one.main.version if one.main is not None else None
        for file in list(self.free.values()):
            if code_key(file.code) == key and file.version and version and file.version < version:
                one.older.append(self.free.pop(file.path))

    def _by_code(self, waiting: list[Match]) -> None:
        self._put_right_the_misnamed(waiting)
        by_key: dict[str, list[FoundFile]] = defaultdict(list)
        for file in self.free.values():
            by_key[code_key(file.code)].append(file)
        for one in waiting:
            if not one.how and (found := by_key.get(code_key(one.code))):
                self._take(one, found, "code")

    def _put_right_the_misnamed(self, waiting: list[Match]) -> None:
        """Give a file whose name says one code and whose words say another to the row it fits."""
        rows = {code_key(one.code): one for one in waiting}
        inside: dict[str, list[FoundFile]] = defaultdict(list)
        for file in self.free.values():
            if file.code:
                inside[code_key(file.code)].append(file)
        for file in list(self.free.values()):
            said, named = code_key(file.code), code_key(file.name_code)
            if not said or not named or said == named or named not in rows or inside.get(named):
                continue
            owned = any(
                other is not file and code_key(other.name_code) == said for other in inside[said]
            )
            by_title = title_key(rows[named].row.title) == title_key(file.title)
            if (said not in rows or owned or by_title) and not rows[named].how:
                self._take(rows[named], [file], "name")

    def _by_likeness(self, waiting: list[Match]) -> None:
        for how, key_of in (("padding", unpadded), ("lookalike", lookalike_key)):
            taken = {
                key_of(one.code) for one in self.result.matches if one.how and one.how != "chosen"
            }
            by_key: dict[str, list[FoundFile]] = defaultdict(list)
            for file in self.free.values():
                if file.code:
                    by_key[key_of(file.code)].append(file)
            for one in waiting:
                key = key_of(one.code)
                if not one.how and key not in taken and (found := by_key.get(key)):
                    self._take(one, found, how)

    def _by_title(self) -> None:
        """Match what is left by title: rows without file or code, files of another code."""
        left = [
            one
            for one in self.result.matches
            if one.main is None
            and not one.how
            and one.row.key not in self.chosen
            and not is_history(one)
        ]
        by_title: dict[str, list[FoundFile]] = defaultdict(list)
        for file in self.free.values():
            for title in {title_key(file.title), title_key(_title_in_name(file))}:
                if len(title) > 3:
                    by_title[title].append(file)
        for one in left:
            found = [
                file
                for file in by_title.get(title_key(one.row.title), ())
                if file.path in self.free
            ]
            found = found or self._nearly(one)
            if found:
                self._take(one, found, "title")

    def _nearly(self, one: Match) -> list[FoundFile]:
        wanted = title_key(one.row.title)
        begun = [
            file
            for file in self.free.values()
            if file.refused
            and not file.name_code
            and len(said := title_key(_title_in_name(file))) > 6
            and wanted.startswith(said)
        ]
        if len(begun) == 1:
            return begun
        if len(wanted) < 12 or len(self.free) > 300:
            return []
        return [
            file
            for file in self.free.values()
            if file.title
            and SequenceMatcher(None, wanted, title_key(file.title)).ratio() >= _SAME_TITLE
        ]

    def _take(self, one: Match, found: list[FoundFile], how: str) -> None:
        for file in found:
            self.free.pop(file.path, None)
        one.how = how
        _by_edition(one, found)


def _as_listed(file: FoundFile, row: ListedRow) -> FoundFile:
    """Give a file that names no edition the one its row names."""
    if file.version is not None or row.edition is None:
        return file
    return replace(file, edition=row.edition, amendment=row.amendment or 0)


def is_history(one: Match) -> bool:
    """Say whether a row is only an earlier edition of another row's document."""
    other = one.duplicate_of
    if one.only_says_ended:
        return True
    return other is not None and _is_followed(one.row, other) and _listed(one.row) != _listed(other)


def _is_followed(older: ListedRow, newer: ListedRow) -> bool:
    """Say whether a row of a lower edition is history, or in force until the newer one is."""
    waits = newer.state is ListedState.AWAITING and older.state is ListedState.CURRENT
    return older.state is ListedState.ENDED or waits


def _listed(row: ListedRow) -> tuple[int, int] | None:
    return None if row.edition is None else (row.edition, row.amendment or 0)


def _title_in_name(file: FoundFile) -> str:
    stem = fold(file.name.rpartition(".")[0])
    return stem.replace(fold(file.name_code), " ", 1) if file.name_code else stem


def _by_edition(one: Match, found: list[FoundFile]) -> None:
    """Choose the file of the listed edition; earlier ones are history, equal ones rivals."""
    readable = [file for file in found if not file.refused] or found
    unread = [file for file in found if file not in readable]
    listed = _listed(one.row)
    best = _best_version(readable, listed, one)
    same = [file for file in readable if file.version == best or file.version is None]
    same.sort(
        key=lambda file: (
            file.version is None,
            file.looks_old,
            file.looks_copied,
            _rank(file),
            file.path,
        )
    )
    one.main = same[0] if same else None
    for file in readable:
        if file is one.main:
            continue
        is_lower = file.version is not None and best is not None and file.version < best
        if is_lower or (file.version is None and file.looks_old):
            one.older.append(file)
        elif one.main is not None and _goes_beside(file, one.main):
            one.beside.append(file)
        else:
            one.rivals.append(file)
    one.older.sort(key=lambda file: (file.version or (-1, -1), file.path))
    one.rivals += unread


def _best_version(
    files: list[FoundFile], listed: tuple[int, int] | None, one: Match
) -> tuple[int, int] | None:
    versions = {file.version for file in files if file.version is not None}
    if listed in versions:
        return listed
    return max(versions, default=None)


def _rank(file: FoundFile) -> int:
    return (
        ("docx", "xlsx", "pdf").index(file.kind_of_name)
        if file.kind_of_name in ("docx", "xlsx", "pdf")
        else 9
    )


def _goes_beside(file: FoundFile, main: FoundFile) -> bool:
    """Say whether a file is the signed PDF of a Word file of the same name, not its rival."""
    return (
        file.kind_of_name == "pdf"
        and main.kind_of_name != "pdf"
        and fold(file.name.rpartition(".")[0]) == fold(main.name.rpartition(".")[0])
    )
