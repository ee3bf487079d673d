"""The search index: what it keeps of a revision, and how the newest hits are found (L20, a55).

Every word, every pair of neighbours and every beginning of a word is a key: a number of 40 bits
that names the body, too. A question is a few keys that must all be there, so it needs no places
of words, no ranking and no count of all hits: the newest hits come first and the rest is not read.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Record
from app.kernel.search import fold, folded_code, spelled, words

LONGEST_TEXT = 60_000  # words indexed of one revision
MOST_WORDS = 12
PATIENCE = 0.8  # seconds after which a search gives what it has
_LONGEST_START = 12  # letters up to which the beginning of a word is kept
_KEY_BITS = 40
CHUNK_BITS = 14  # PostgreSQL looks through so many entries at a time, newest first
_BATCH = 64


class SearchEntry(Record):
    """What search knows of one revision: written in the same transaction as its state.

    Its words are in the index under its id. New words make a new entry with a new id, so the
    index is only added to.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        sa.Index("ix_search_entry_code", "body_id", "code_folded"),
        sa.Index("ix_search_entry_body", "body_id", "id"),
        {"sqlite_autoincrement": True},  # an id that is gone never comes back
    )

    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    document_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    revision_id: Mapped[int] = mapped_column(sa.BigInteger(), unique=True)
    is_current: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(80))
    code_folded: Mapped[str] = mapped_column(sa.String(80))
    title_folded: Mapped[str] = mapped_column(sa.Text())
    made_from: Mapped[str] = mapped_column(sa.String(64))  # digest of title and file
    dated_on: Mapped[date]


# The index itself; the tests compare what the migrations made with it.
INDEX_DDL: dict[str, list[str]] = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "keys, content='', columnsize=0, detail=none, tokenize='ascii')",
    ],
    "postgresql": [
        "CREATE TABLE search_index (entry_id bigint PRIMARY KEY, keys bigint[] NOT NULL)",
        "CREATE INDEX ix_search_index_keys ON search_index USING gin (keys)"
        " WITH (fastupdate = off)",
    ],
}


def key(body_id: int, sort: str, text: str) -> int:
    """Give the number under which the index keeps a word of a body.

    Sorts: T and U words of titles, exact and folded; P and Q their beginnings; X and F words
    anywhere; G two folded neighbours; R beginnings of folded words.
    """
    content = f"{body_id}\0{sort}\0{text}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(content, digest_size=_KEY_BITS // 8).digest(), "big")


def _starts(word: str) -> Iterator[str]:
    return (word[:end] for end in range(1, min(len(word), _LONGEST_START) + 1))


def terms(title: str, text: str) -> set[tuple[str, str]]:
    """Give what is kept of a title and a text, each with its sort."""
    in_title = spelled(title)
    listed = [*in_title, *spelled(text)][:LONGEST_TEXT]
    exact = set(listed)
    folds = {word: fold(word) for word in exact}
    folded = [folds[word] for word in listed]
    found = {("X", word) for word in exact}
    found |= {("F", word) for word in folds.values()}
    found |= {("G", f"{one} {two}") for one, two in pairwise(folded)}
    found |= {
        ("R", start) for word in set(folded) for start in _starts(word) if len(start) < len(word)
    }
    for word in in_title[:LONGEST_TEXT]:
        found |= {("T", word), ("U", folds[word])}
        found |= {("P", start) for start in _starts(word)}
        found |= {("Q", start) for start in _starts(folds[word])}
    return found


def entry_keys(body_id: int, title: str, text: str) -> list[int]:
    """Give the keys of one entry, in their order."""
    return sorted({key(body_id, sort, term) for sort, term in terms(title, text)})


def as_kept(entry_id: int, keys: list[int], *, is_sqlite: bool) -> Any:
    """Write keys as the index of a database takes them."""
    if is_sqlite:
        return " ".join(f"{one:010x}" for one in keys)
    chunk = entry_id >> CHUNK_BITS << _KEY_BITS
    return [chunk | one for one in keys]


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


_KEEP = {
    True: sa.text("INSERT INTO search_index (rowid, keys) VALUES (:id, :keys)"),
    False: sa.text("INSERT INTO search_index (entry_id, keys) VALUES (:id, :keys)"),
}


def put_entry(
    session: Session,
    *,
    revision_id: int,
    title: str,
    file: str,
    read: Callable[[], str],
    **values: Any,
) -> SearchEntry:
    """Write what search knows of one revision; its text is read only where it is a new one.

    `file` is the digest of the file the text is of, or an empty text.
    """
    entry = session.scalars(
        sa.select(SearchEntry).where(SearchEntry.revision_id == revision_id)
    ).one_or_none()
    body_id = values["body_id"]
    made_from = hashlib.sha256(f"{body_id}\0{title}\0{file}".encode()).hexdigest()
    is_new = entry is None or entry.made_from != made_from
    if entry is not None and is_new:
        if not _is_sqlite(session):
            session.execute(
                sa.text("DELETE FROM search_index WHERE entry_id = :id"), {"id": entry.id}
            )
        session.delete(entry)
        session.flush()
    if entry is None or is_new:
        entry = SearchEntry(revision_id=revision_id, made_from=made_from)
        session.add(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.code_folded = folded_code(entry.code)
    entry.title_folded = fold(" ".join(words(title)))
    session.flush()
    if is_new:
        put_keys(session, entry, title, read())
    return entry


def put_keys(session: Session, entry: SearchEntry, title: str, text: str) -> None:
    """Write the keys of an entry that has none in the index."""
    is_sqlite = _is_sqlite(session)
    kept = as_kept(entry.id, entry_keys(entry.body_id, title, text), is_sqlite=is_sqlite)
    session.execute(_KEEP[is_sqlite], {"id": entry.id, "keys": kept})


@dataclass(frozen=True)
class Hit:
    """One revision found: how well (0 best) and by which of its texts."""

    entry: SearchEntry
    tier: int


class Hits(list[Hit]):
    """What was found, best first; `is_cut` where time ran out before everything was looked at."""

    is_cut = False


@dataclass(frozen=True)
class Scope:
    """Where to look: in one body, in what is in force or in every revision.

    Entries of the kinds `behind` follow others that match as well.
    """

    body_id: int
    is_current_only: bool = True
    behind: frozenset[str] = frozenset()


_SQLITE_NEWEST = sa.text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :wanted"
    " AND rowid < :before ORDER BY rowid DESC LIMIT :batch"
)
_SQLITE_FIRST = sa.text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :wanted"
    " ORDER BY rowid DESC LIMIT :batch"
)
# the order is computed, so that the planner has no reason to walk through all entries by id
_POSTGRES_NEWEST = {
    is_any: sa.text(
        f"""
        SELECT found.entry_id FROM generate_series(CAST(:high AS bigint), :low, -1) AS chunk
        CROSS JOIN LATERAL (
            SELECT search_index.entry_id FROM search_index
            WHERE clock_timestamp() < to_timestamp(:until)
            AND search_index.keys {"&&" if is_any else "@>"} ARRAY(
                SELECT (chunk << {_KEY_BITS}) | wanted
                FROM unnest(CAST(:wanted AS bigint[])) AS wanted)
            AND search_index.entry_id + 0 < :before
            ORDER BY search_index.entry_id + 0 DESC
        ) AS found LIMIT :batch
        """  # noqa: S608 -- our own operators and numbers only
    )
    for is_any in (True, False)
}


class _Looking:
    """One search by one person: asks the index for the newest entries while there is time."""

    def __init__(self, session: Session, scope: Scope, where: Any, limit: int) -> None:
        self.session, self.scope, self.where, self.limit = session, scope, where, limit
        self.is_sqlite = _is_sqlite(session)
        self.until = time.monotonic() + PATIENCE
        self.hits = Hits()
        self.known: set[int] = set()
        self._ends: tuple[int, int] | None = None

    @property
    def ends(self) -> tuple[int, int]:
        """Give the first and the last entry of the body; all its hits lie between."""
        if self._ends is None:
            of_body = SearchEntry.body_id == self.scope.body_id
            first = sa.select(sa.func.min(SearchEntry.id)).where(of_body).scalar_subquery()
            last = sa.select(sa.func.max(SearchEntry.id)).where(of_body).scalar_subquery()
            row = self.session.execute(sa.select(first, last)).one()
            self._ends = (row[0] or 1, row[1] or 0)
        return self._ends

    def key(self, sort: str, text: str) -> int:
        return key(self.scope.body_id, sort, text)

    def newest(self, wanted: list[int], *, is_any: bool = False) -> Iterator[list[int]]:
        """Give ids of entries with all keys (or any of them), newest first, in growing batches."""
        low, last = self.ends
        before, batch = last + 1, max(_BATCH, self.limit * 3 // 2)
        while before > low:
            left = self.until - time.monotonic()
            if left <= 0:
                break
            ids = self._asked(wanted, is_any, before, low, batch, left)
            if ids:
                yield ids
            if len(ids) < batch:
                break
            before, batch = ids[-1], min(batch * 4, 2048)
        self.hits.is_cut |= time.monotonic() > self.until

    def _asked(
        self, wanted: list[int], is_any: bool, before: int, low: int, batch: int, left: float
    ) -> list[int]:
        values: dict[str, Any] = {"before": before, "batch": batch}
        if self.is_sqlite:
            between = " OR " if is_any else " AND "
            values["wanted"] = between.join(f'"{one:010x}"' for one in wanted)
            # walking to a place among many entries takes time: the newest need none
            query = _SQLITE_FIRST if before > self.ends[1] else _SQLITE_NEWEST
            if before > self.ends[1]:
                values.pop("before")
        else:
            values |= {"wanted": wanted, "until": time.time() + left}
            values |= {"high": (before - 1) >> CHUNK_BITS, "low": low >> CHUNK_BITS}
            query = _POSTGRES_NEWEST[is_any]
        return list(self.session.scalars(query, values))

    def seen(self, ids: list[int]) -> list[SearchEntry]:
        """Give those of some entries that this person may find, newest first."""
        if self.is_sqlite:
            given = sa.func.json_each(json.dumps(ids)).table_valued("value")
            query = sa.select(SearchEntry).where(SearchEntry.id.in_(sa.select(given.c.value)))
        else:
            array = sa.literal(ids, sa.ARRAY(sa.BigInteger()))
            query = sa.select(SearchEntry).where(SearchEntry.id == sa.any_(array))
        query = query.where(SearchEntry.body_id == self.scope.body_id)
        if self.scope.is_current_only:
            query = query.where(SearchEntry.is_current)
        if self.where is not None:
            query = query.where(self.where)
        return list(self.session.scalars(query.order_by(SearchEntry.id.desc())))

    def by_words(self, tier: int, wanted: list[int]) -> None:
        """Add what has all these keys."""
        found: list[SearchEntry] = []
        missing = self.limit - len(self.hits)
        for ids in self.newest(wanted):
            fresh = [one for one in ids if one not in self.known]
            if fresh:
                found += self.seen(fresh)
            if len(found) >= missing:
                break
        self._take(tier, found[:missing])

    def by_code(self, tier: int, how: Any) -> None:
        """Add what has this code, or one that begins so."""
        query = sa.select(SearchEntry).where(SearchEntry.body_id == self.scope.body_id, how)
        if self.scope.is_current_only:
            query = query.where(SearchEntry.is_current)
        if self.where is not None:
            query = query.where(self.where)
        query = query.order_by(SearchEntry.code_folded, SearchEntry.id)
        found = self.session.scalars(query.limit(self.limit)).all()
        fresh = [one for one in found if one.id not in self.known]
        self._take(tier, fresh[: self.limit - len(self.hits)])

    def _take(self, tier: int, found: list[SearchEntry]) -> None:
        behind = self.scope.behind
        for entry in sorted(found, key=lambda one: (not one.is_current, one.kind in behind)):
            self.known.add(entry.id)
            self.hits.append(Hit(entry, tier))

    @property
    def is_full(self) -> bool:
        return len(self.hits) >= self.limit


def _code_tiers(code: str) -> list[Any]:
    if len(code) < 2:
        return []
    column = SearchEntry.code_folded
    after = code[:-1] + chr(ord(code[-1]) + 1)
    return [column == code, sa.and_(column >= code, column < after)]


def _word_tiers(looking: _Looking, text: str) -> list[list[int]]:
    """Give the questions to ask one after the other: title, text; exact before folded."""
    typed = spelled(text)[:MOST_WORDS]
    folded = [fold(word) for word in typed]
    make = looking.key

    def all_of(sort: str, listed: list[str]) -> list[int]:
        return [make(sort, word) for word in listed]

    def starts(sort: str, word: str) -> int:
        return make(sort, word[:_LONGEST_START])

    pairs = [make("G", f"{one} {two}") for one, two in pairwise(folded)]
    tiers = [
        [*all_of("T", typed[:-1]), starts("P", typed[-1])],
        [*all_of("U", folded[:-1]), starts("Q", folded[-1])],
    ]
    if pairs and any(looking.newest(pairs)):  # many words lie nowhere in such a row
        tiers += [[*pairs, *all_of("X", typed)], pairs]
    tiers += [all_of("X", typed), all_of("F", folded)]
    tiers.append([*all_of("F", folded[:-1]), starts("R", folded[-1])])
    return [list(dict.fromkeys(keys)) for keys in tiers]


def find(session: Session, text: str, *, scope: Scope, where: Any = None, limit: int = 20) -> Hits:
    """Find revisions by code, title or text; exact spelling first, newest first within a tier
    (codes in their order).

    `where` is the condition of what the person may see. Tone marks, case, punctuation in codes and
    the form of Unicode do not matter; typed marks only move exact spellings up.
    """
    looking = _Looking(session, scope, where, limit)
    if not words(text):
        return looking.hits
    codes = _code_tiers(folded_code(text))
    for tier, how in enumerate(codes):
        if not looking.is_full:
            looking.by_code(tier, how)
    for tier, wanted in enumerate(_word_tiers(looking, text), start=len(codes)):
        if not looking.is_full:
            looking.by_words(tier, wanted)
    return looking.hits


def titled(session: Session, text: str, *, body_id: int, most: int = 500) -> list[int]:
    """Give documents of a body whose titles have these words, the last one perhaps begun."""
    typed = [fold(word) for word in spelled(text)[:MOST_WORDS]]
    if not typed:
        return []
    looking = _Looking(session, Scope(body_id), None, most)
    wanted = [looking.key("U", word) for word in typed[:-1]]
    wanted.append(looking.key("Q", typed[-1][:_LONGEST_START]))
    found: list[int] = []
    for ids in looking.newest(list(dict.fromkeys(wanted))):
        found += [entry.document_id for entry in looking.seen(ids)]
        if len(found) >= most:
            break
    return found[:most]


def _thirds(text: str) -> set[str]:
    """Give the runs of three letters of a text, its edges padded."""
    padded = f"  {text} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def nearest(
    session: Session, text: str, *, scope: Scope, where: Any = None, limit: int = 3
) -> list[SearchEntry]:
    """Give the entries whose titles look most like what was typed and not found."""
    folded = [fold(word) for word in spelled(text)[:MOST_WORDS]]
    starts = sorted({word[:2] for word in folded if len(word) > 1})
    if not starts:
        return []
    looking = _Looking(session, scope, where, 200)
    mine = _thirds(" ".join(folded))
    scored = []
    for ids in looking.newest([looking.key("Q", start) for start in starts], is_any=True):
        for entry in looking.seen(ids):
            theirs = _thirds(entry.title_folded)
            scored.append((len(mine & theirs) / len(mine | theirs), entry.id, entry))
        if len(scored) >= looking.limit:
            break
    best = sorted(scored, key=lambda one: (-one[0], -one[1]))
    return [entry for likeness, _id, entry in best[:limit] if likeness >= 0.12]
