"""Finding what people type: folding of Vietnamese, sort keys, the search index (L20, a55)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Record

_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"[\W_]+")

# Vietnamese order: base letters first, tone after letter (a ă â b c d đ e ê … o ô ơ … u ư).
_LETTERS = {
    letter: index for index, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=11)
}
_TONES = {"": 1, "\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter


# letters that stand apart in the decomposed form; one table, so that folding runs at full speed
_MARKS = {code: None for code in range(0x300, 0x10000) if unicodedata.combining(chr(code))}

# the tone of an open oa, oe, uy stands on either letter: hòa and hoà are one spelling (not in qu)
_PLACED = {
    nfc_pair: unicodedata.normalize("NFC", first + tone + second)
    for first, second in ("oa", "oe", "uy")
    for tone in _TONES
    if tone
    for nfc_pair in [unicodedata.normalize("NFC", first + second + tone)]
}
_OPEN = re.compile(rf"(?<!q)(?:{'|'.join(_PLACED)})$")


def nfc(text: str) -> str:
    """Give the one composed form of a text, so that NFC and NFD spellings are equal."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Drop tone marks, letter marks and case: `Đăng ký` and `dang ky` fold to the same words."""
    text = text.replace("đ", "d").replace("Đ", "D")
    marks_off = unicodedata.normalize("NFD", text).translate(_MARKS)
    return unicodedata.normalize("NFC", marks_off).casefold()


def words(text: str) -> list[str]:
    """Cut a text into its words; punctuation falls away."""
    return _WORD.findall(nfc(text))


def word_places(text: str) -> Iterator[re.Match[str]]:
    """Give every word of a text with the place where it stands."""
    return _WORD.finditer(text)


def spelled(text: str) -> list[str]:
    """Cut a text into words of one spelling: lower case, tones of oa, oe, uy in one place."""
    return [_OPEN.sub(lambda m: _PLACED[m.group()], word.casefold()) for word in words(text)]


def code_key(code: str) -> str:
    """Key of a code: upper-case NFC without separators; Đ stays Đ (D9)."""
    return _SEPARATORS.sub("", nfc(code).upper())


def folded_code(code: str) -> str:
    """Fold a code for search, where qttp07 and QT-TP-07 meet, and d stands for đ."""
    return fold(code_key(code))


def _toned(text: str) -> list[tuple[str, str]]:
    """Split a text into letters and their tone: ố is (ô, acute)."""
    letters: list[tuple[str, str]] = []
    for char in nfc(text).casefold():
        shape, tone = "", ""
        base, *marks = list(unicodedata.normalize("NFD", char))
        for mark in marks:
            if mark in _TONES:
                tone = mark
            elif mark in _SHAPES:
                shape += mark
        letters.append((nfc(base + shape), tone))
    return letters


def sort_key(text: str) -> str:
    """Key that sorts a text in Vietnamese order by plain comparison, on every database alike.

    Letters first, tones second, so that `ba` stands before `bà` before `bác`; digits are padded,
    so that `QT-2` stands before `QT-10`. Only ASCII comes out: two bytes a letter.
    """
    letters: list[str] = []
    tones: list[str] = []
    padded = re.sub(r"\d{1,9}", lambda m: m.group().zfill(9), nfc(text))
    for letter, tone in _toned(padded):
        if letter in _LETTERS:
            letters.append(f"{_LETTERS[letter]:02d}")
            tones.append(str(_TONES[tone]))
        elif letter.isdigit() and letter.isascii():
            letters.append(f"0{letter}")
        elif letter.isspace() or not letter.isalnum():
            letters.append("00")
        else:
            letters.append("99")
    return ("".join(letters) + "~" + "".join(tones))[:480].replace("~", " ")


def name_sort_key(name: str) -> str:
    """Sort people by given name, then family, then middle, as on every official list."""
    parts = nfc(name).split()
    if len(parts) < 2:
        return sort_key(name)
    return sort_key(" ".join([parts[-1], parts[0], *parts[1:-1]]))


class SearchEntry(Record):
    """What search knows of one revision: written in the same transaction as its state.

    Title and texts are tokens, words in the form they are looked for with their body in front:
    words common everywhere are looked up among the documents of one body only.
    """

    __tablename__ = "search_entry"
    __table_args__ = (sa.Index("ix_search_entry_code", "body_id", "code_folded"),)

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    revision_id: Mapped[int] = mapped_column(sa.BigInteger(), unique=True)
    is_current: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(80))
    code_folded: Mapped[str] = mapped_column(sa.String(80))
    title: Mapped[str] = mapped_column(sa.Text(), deferred=True)
    title_folded: Mapped[str] = mapped_column(sa.Text())
    text: Mapped[str] = mapped_column(sa.Text(), deferred=True)
    text_folded: Mapped[str] = mapped_column(sa.Text(), deferred=True)
    dated_on: Mapped[date]


_COLUMNS = ("title", "title_folded", "text", "text_folded")

# The index itself, from one list, for migrations and fresh databases alike.
INDEX_DDL: dict[str, list[str]] = {
    "sqlite": [
        f"CREATE VIRTUAL TABLE search_index USING fts5("
        f"{', '.join(_COLUMNS)}, tokenize='unicode61 remove_diacritics 0')",
    ],
    "postgresql": [
        "CREATE INDEX ix_search_words ON search_entry USING gin ("
        + ", ".join(f"to_tsvector('simple', {column})" for column in _COLUMNS)
        + ")",
    ],
}
LONGEST_TEXT = 60_000  # words indexed of one revision; PostgreSQL refuses vectors over 1 MB
MOST_WORDS = 12
_index = sa.table("search_index", sa.column("rowid", sa.Integer))


def _front(body_id: int) -> str:
    """Give what stands before every token of a body: letters and digits, so it stays one word."""
    return f"b{body_id}z"


def tokens(body_id: int, listed: list[str]) -> str:
    """Give words as they are kept for one body."""
    front = _front(body_id)
    return " ".join(front + word for word in listed[:LONGEST_TEXT])


def put_entry(session: Session, entry: SearchEntry) -> None:
    """Write or rewrite what search knows of one revision, from its plain title and text."""
    in_title, in_text = spelled(entry.title), spelled(entry.text)
    entry.code_folded = folded_code(entry.code)
    entry.title = tokens(entry.body_id, in_title)
    entry.title_folded = tokens(entry.body_id, [fold(word) for word in in_title])
    entry.text = tokens(entry.body_id, [*in_title, *in_text])
    entry.text_folded = tokens(entry.body_id, [fold(word) for word in [*in_title, *in_text]])
    session.add(entry)
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DELETE FROM search_index WHERE rowid = :id"), {"id": entry.id})
        values = ", ".join(f":{column}" for column in _COLUMNS)
        session.execute(
            sa.text(
                f"INSERT INTO search_index (rowid, {', '.join(_COLUMNS)}) VALUES (:id, {values})"  # noqa: S608 -- names of our own columns only
            ),
            {"id": entry.id, **{column: getattr(entry, column) for column in _COLUMNS}},
        )


@dataclass(frozen=True)
class Hit:
    """One revision found: how well (0 best) and by which of its texts."""

    entry: SearchEntry
    tier: int


@dataclass(frozen=True)
class Scope:
    """Where to look: in one body, in what is in force or in every revision.

    Entries of the kinds `behind` follow others that match as well.
    """

    body_id: int
    is_current_only: bool = True
    behind: frozenset[str] = frozenset()


def _in_index(session: Session, scope: Scope, column: str, wanted: str) -> Any:
    """Select the entries of a body whose column holds what the index is asked for, newest first.

    `wanted` is made of words only (letters and digits), in the query language of the database.
    """
    if session.get_bind().dialect.name == "sqlite":
        query = (
            sa.select(SearchEntry)
            .join_from(_index, SearchEntry, SearchEntry.id == _index.c.rowid)
            .where(
                sa.text("search_index MATCH :wanted").bindparams(wanted=f"{column} : ({wanted})")
            )
            .order_by(_index.c.rowid.desc())
        )
    else:
        simple = sa.text("'simple'")
        vector = sa.func.to_tsvector(simple, sa.literal_column(column))
        # the index answers first, whatever the planner guesses about its words
        found = (
            sa.select(SearchEntry.id)
            .where(vector.op("@@")(sa.func.to_tsquery(simple, wanted)))
            .cte("found")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        query = (
            sa.select(SearchEntry)
            .join(found, found.c.id == SearchEntry.id)
            .order_by(SearchEntry.id.desc())
        )
    return query.where(SearchEntry.is_current) if scope.is_current_only else query


class _Asking:
    """Puts words of one body into the query language of the database."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.is_sqlite = session.get_bind().dialect.name == "sqlite"
        self.front = _front(scope.body_id)

    def _word(self, word: str, *, begins: bool = False) -> str:
        if self.is_sqlite:
            return f'"{self.front}{word}"' + ("*" if begins else "")
        return f"'{self.front}{word}'" + (":*" if begins else "")

    def all_of(self, listed: list[str], *, last_begins: bool = False) -> str:
        """Ask for all words; the last one may be the beginning of a word."""
        parts = [self._word(word) for word in listed[:-1]]
        parts.append(self._word(listed[-1], begins=last_begins))
        return (" AND " if self.is_sqlite else " & ").join(parts)

    def in_order(self, listed: list[str]) -> str:
        """Ask for the words one after the other."""
        return (" + " if self.is_sqlite else " <-> ").join(self._word(word) for word in listed)

    def any_beginning(self, starts: list[str]) -> str:
        """Ask for any word with one of these beginnings."""
        parts = [self._word(start, begins=True) for start in starts]
        return (" OR " if self.is_sqlite else " | ").join(parts)


def _tiers(session: Session, scope: Scope, text: str) -> list[Any]:
    """Give the selects to try one after the other: code, title, text; exact before folded."""
    typed = spelled(text)[:MOST_WORDS]
    folded = [fold(word) for word in typed]
    ask = _Asking(session, scope)
    wanted = [
        ("title", ask.all_of(typed, last_begins=True)),
        ("title_folded", ask.all_of(folded, last_begins=True)),
    ]
    if len(typed) > 1:
        wanted += [("text", ask.in_order(typed)), ("text_folded", ask.in_order(folded))]
    wanted += [
        ("text", ask.all_of(typed)),
        ("text_folded", ask.all_of(folded)),
        ("text_folded", ask.all_of(folded, last_begins=True)),
    ]
    by_words = [_in_index(session, scope, column, query) for column, query in wanted]
    return [*_code_tiers(scope, folded_code(text), is_sqlite=ask.is_sqlite), *by_words]


def _code_tiers(scope: Scope, code: str, *, is_sqlite: bool) -> list[Any]:
    if len(code) < 2:
        return []
    here: list[Any] = [SearchEntry.body_id == scope.body_id]
    here += [SearchEntry.is_current] if scope.is_current_only else []
    column = SearchEntry.code_folded
    starts: list[Any] = [column.startswith(code, autoescape=True)]
    if is_sqlite:  # LIKE finds no index there
        starts = [column >= code, column < code[:-1] + chr(ord(code[-1]) + 1)]
    return [
        sa.select(SearchEntry).where(*here, *how).order_by(column, SearchEntry.id)
        for how in ([column == code], starts)
    ]


def find(
    session: Session, text: str, *, scope: Scope, where: Any = None, limit: int = 20
) -> list[Hit]:
    """Find revisions by code, title or text; exact spelling first, newest first within a tier
    (codes in their order).

    `where` is the condition of what the person may see. Tone marks, case, punctuation in codes and
    the form of Unicode do not matter; typed marks only move exact spellings up.
    """
    if not words(text):
        return []
    found: dict[int, Hit] = {}
    for tier, query in enumerate(_tiers(session, scope, text)):
        if len(found) >= limit:
            break
        if where is not None:
            query = query.where(where)
        if found:
            query = query.where(SearchEntry.id.notin_(list(found)))
        entries = session.scalars(query.limit(limit - len(found))).all()
        for entry in sorted(
            entries, key=lambda entry: (not entry.is_current, entry.kind in scope.behind)
        ):
            found[entry.id] = Hit(entry, tier)
    return list(found.values())


def _thirds(text: str) -> set[str]:
    """Give the runs of three letters of a text, its edges padded."""
    padded = f"  {text} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def nearest(
    session: Session, text: str, *, scope: Scope, where: Any = None, limit: int = 3
) -> list[SearchEntry]:
    """Give the entries whose titles or codes look most like what was typed and not found."""
    folded = [fold(word) for word in spelled(text)[:MOST_WORDS]]
    starts = sorted({word[:2] for word in folded if len(word) > 1})
    if not starts:
        return []
    wanted = _Asking(session, scope).any_beginning(starts)
    query = _in_index(session, scope, "title_folded", wanted)
    if where is not None:
        query = query.where(where)
    mine = _thirds(" ".join(folded))
    scored = []
    for entry in session.scalars(query.limit(400)):
        theirs = _thirds(entry.title_folded.replace(_front(scope.body_id), ""))
        scored.append((len(mine & theirs) / len(mine | theirs), entry.id, entry))
    best = sorted(scored, key=lambda one: (-one[0], -one[1]))
    return [entry for likeness, _id, entry in best[:limit] if likeness >= 0.12]
