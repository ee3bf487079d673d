"""Finding what people type: folding of Vietnamese, sort keys, the search index (L20, a55)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Record

_WORD = re.compile(r"\w+")
_SEPARATORS = re.compile(r"[\W_]+")

# Vietnamese order: base letters first, tone after letter (a ă â b c d đ e ê … o ô ơ … u ư).
_LETTERS = {
    letter: index for index, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=11)
}
_TONES = {"": 1, "\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter


def nfc(text: str) -> str:
    """Give the one composed form of a text, so that NFC and NFD spellings are equal."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Drop tone marks, letter marks and case: `Đăng ký` and `dang ky` fold to the same words."""
    text = text.replace("đ", "d").replace("Đ", "D")
    marks_off = "".join(
        c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
    )
    return unicodedata.normalize("NFC", marks_off).casefold()


def words(text: str) -> list[str]:
    """Cut a text into its words; punctuation falls away."""
    return _WORD.findall(nfc(text))


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
    """What search knows of one revision: written in the same transaction as its state."""

    __tablename__ = "search_entry"

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    document_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    revision_id: Mapped[int] = mapped_column(sa.BigInteger(), unique=True)
    is_current: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(80))
    code_folded: Mapped[str] = mapped_column(sa.String(80), index=True)
    title: Mapped[str] = mapped_column(sa.String(500))
    title_folded: Mapped[str] = mapped_column(sa.String(500))
    text: Mapped[str] = mapped_column(sa.Text())
    text_folded: Mapped[str] = mapped_column(sa.Text())
    dated_on: Mapped[date]


# The index itself, from one list, for migrations and fresh databases alike.
INDEX_DDL: dict[str, list[str]] = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "title, title_folded, text, text_folded, tokenize='unicode61 remove_diacritics 0')",
    ],
    "postgresql": [
        f"CREATE INDEX ix_search_{column} ON search_entry "
        f"USING gin (to_tsvector('simple', {column}))"
        for column in ("title", "title_folded", "text", "text_folded")
    ],
}
LONGEST_TEXT = 300_000  # characters indexed of one revision; PostgreSQL refuses vectors over 1 MB


def put_entry(session: Session, entry: SearchEntry) -> None:
    """Write or rewrite what search knows of one revision."""
    entry.text = " ".join(words(entry.text))[:LONGEST_TEXT]
    entry.code_folded = folded_code(entry.code)
    entry.title = nfc(entry.title)
    entry.title_folded = fold(entry.title)
    entry.text_folded = fold(entry.text)
    entry.text = entry.text.casefold()
    session.add(entry)
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DELETE FROM search_index WHERE rowid = :id"), {"id": entry.id})
        session.execute(
            sa.text(
                "INSERT INTO search_index (rowid, title, title_folded, text, text_folded) "
                "VALUES (:id, :title, :title_folded, :text, :text_folded)"
            ),
            {
                "id": entry.id,
                "title": entry.title,
                "title_folded": entry.title_folded,
                "text": entry.text,
                "text_folded": entry.text_folded,
            },
        )


@dataclass(frozen=True)
class Hit:
    """One revision found: how well (0 best) and by which of its texts."""

    entry: SearchEntry
    tier: int


def _matches(session: Session, column: str, terms: list[str]) -> Any:
    """Condition that all terms stand in a column, the last one as a beginning of a word."""
    if session.get_bind().dialect.name == "sqlite":
        quoted = [f'"{term}"' for term in terms]
        query = f"{column} : ({' AND '.join(quoted)}*)"
        return SearchEntry.id.in_(
            sa.select(sa.column("rowid", sa.Integer))
            .select_from(sa.text("search_index"))
            .where(sa.text("search_index MATCH :query").bindparams(query=query))
        )
    query = " & ".join([*(f"'{term}'" for term in terms[:-1]), f"'{terms[-1]}':*"])
    vector = sa.func.to_tsvector(sa.text("'simple'"), getattr(SearchEntry, column))
    return vector.op("@@")(sa.func.to_tsquery(sa.text("'simple'"), query))


def find(session: Session, text: str, *, where: Any, limit: int = 20) -> list[Hit]:
    """Find revisions by code, title or text; exact spelling first, newest first within a tier.

    `where` is the condition of what the person may see. Tone marks, case, punctuation in codes and
    the form of Unicode do not matter; typed marks only move exact spellings up.
    """
    typed = [word.casefold() for word in words(text)][:12]
    if not typed:
        return []
    folded = [fold(word) for word in typed]
    code = folded_code(text)
    tiers: list[Any] = []
    if len(code) >= 2:
        tiers.append(SearchEntry.code_folded == code)
        tiers.append(SearchEntry.code_folded.startswith(code, autoescape=True))
    tiers += [
        _matches(session, "title", typed),
        _matches(session, "title_folded", folded),
        _matches(session, "text", typed),
        _matches(session, "text_folded", folded),
    ]
    found: dict[int, Hit] = {}
    for tier, condition in enumerate(tiers):
        if len(found) >= limit:
            break
        query = (
            sa.select(SearchEntry)
            .where(where, condition, SearchEntry.id.notin_(list(found)))
            .order_by(SearchEntry.is_current.desc(), SearchEntry.dated_on.desc(), SearchEntry.id)
            .limit(limit - len(found))
        )
        for entry in session.scalars(query):
            found[entry.id] = Hit(entry, tier)
    return list(found.values())
