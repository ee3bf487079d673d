"""Proving the trail: chains, keys, signed heads and stored files (ISO 9001:2015, 7.5.3; rule T3).

It names the first record that is wrong. It reads beside writers and never raises a false alarm:
what a later statement shows is only ever more than what an earlier one did, and is judged so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.files import FileStore, named_files, released_files
from app.kernel.keys import Keys
from app.kernel.released import told_released
from app.kernel.trail import (
    EMPTY_HASH,
    HEAD_PREFIX,
    TrailChain,
    TrailEntry,
    TrailHead,
    entry_bytes,
)
from app.kernel.trail_verdict import Verdict, Wrong

_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)
_ENTRY = (
    *("id", "chain", "sequence", "actor_id", "acting_for_id", "fact", "record_type", "record_id"),
    *("body_id", "details", "hash", "mac", "key"),
)
_BATCH = 2000
_SQLITE_MOMENT = len("2026-01-31 10:20:30.000000")
_POSTGRES_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"BC'
_HEX128 = re.compile("[0-9a-f]{128}")
Head = dict[str, Any]


class _Found(Exception):
    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.text)
        self.wrong = wrong


class _OutOfTime(Exception):
    pass


def verify(
    session: Session,
    keys: Keys,
    store: FileStore,
    *,
    kept_heads: Iterable[Head] | None = None,
    progress: Callable[[int], None] | None = None,
    chains: frozenset[int] | None = None,
    seconds: float | None = None,
) -> Verdict:
    """Prove every chain (or some) and every stored file; stop at the first wrong record.

    `kept_heads` are heads read from outside before the call; `seconds` limits the time.
    """
    started = time.monotonic()
    check = _Check(session, keys, store, chains, progress)
    check.deadline = started + seconds if seconds is not None else None
    wrong, is_complete = None, True
    try:
        check.read_heads(list(kept_heads or ()))
        check.read_chains()
        check.read_files()
    except _Found as found:
        wrong = found.wrong
    except _OutOfTime:
        is_complete = False
    return Verdict(
        entries=check.entries,
        heads=check.head_count,
        files=check.file_count,
        wrong=wrong,
        notes=tuple(check.notes),
        is_complete=is_complete,
        seconds=time.monotonic() - started,
    )


def _need(holds: bool, place: tuple[str, Any, Any], text: str, **values: Any) -> None:
    """Every check is one call of this."""
    if not holds:
        record, chain, sequence = place
        chain, sequence = (x if isinstance(x, int) else None for x in (chain, sequence))
        raise _Found(Wrong(record, text, chain, sequence, values))


def _moment_column(session: Session, column: Any) -> Any:
    """Read a moment as text: no driver stumbles over a spoilt one, and none is lost in reading."""
    if session.get_bind().dialect.name == "postgresql":
        return sa.func.to_char(sa.func.timezone("UTC", column), _POSTGRES_MOMENT)
    return sa.type_coerce(column, sa.String())


def _moment(raw: Any) -> str | None:
    """Give the text that was hashed; None for what no writer of ours can have stored."""
    if not isinstance(raw, str):
        return None
    if raw.endswith("ZAD"):
        return raw[:-2]
    # whatever else stands in it is hashed as it is
    if len(raw) == _SQLITE_MOMENT and raw[10] == " ":
        return f"{raw[:10]}T{raw[11:]}Z"
    return None


class _Check:
    """One run over the trail; what it has seen so far is what the verdict says."""

    def __init__(
        self,
        session: Session,
        keys: Keys,
        store: FileStore,
        chains: frozenset[int] | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.session, self.keys, self.store = session, keys, store
        self.chains, self.progress = chains, progress
        self.deadline: float | None = None
        self.entries: dict[int, int] = {}
        self.last: dict[int, str] = {}
        self.heads: dict[int, dict[int, set[str]]] = {}
        self.head_count = self.file_count = self._seen = 0
        self.notes: list[str] = []

    def _tick(self, count: int) -> None:
        self._seen += count
        if self.progress is not None:
            self.progress(self._seen)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise _OutOfTime

    def _is_asked(self, chain: Any) -> bool:
        return self.chains is None or chain in self.chains

    def read_heads(self, kept: list[Head]) -> None:
        """Prove every head, stored or kept outside; what it seals is compared on the way."""
        public = {
            key_id: Ed25519PublicKey.from_public_bytes(raw)
            for key_id, raw in self.keys.public_keys().items()
        }
        columns = [column for column in TrailHead.__table__.columns if column.name != "at"]
        query = sa.select(*columns, _moment_column(self.session, TrailHead.at).label("at"))
        for row in self.session.execute(query.order_by(TrailHead.id)).mappings():
            head = {**row, "at": _moment(row["at"])}
            if self._is_asked(head["chain"]):
                self._prove_head(head, public, "trail_head")
        for head in kept:
            if self._is_asked(head.get("chain")):
                self._prove_head(head, public, "kept_head")

    def _prove_head(self, head: Head, public: dict[str, Ed25519PublicKey], record: str) -> None:
        place = (record, head.get("chain"), head.get("sequence"))
        content = {
            name: head.get(name) for name in ("installation", "chain", "sequence", "hash", "at")
        }
        _need(
            head.get("key") in public,
            place,
            N_("This head is signed with the key %(key)s, which this installation does not know."),
            key=str(head.get("key")),
        )
        signature = head.get("signature")
        _need(
            isinstance(signature, str)
            and bool(_HEX128.fullmatch(signature))
            and _signed(public[head["key"]], signature, HEAD_PREFIX + _encoded(content)),
            place,
            N_("The signature of this head does not hold."),
        )
        _need(
            head["installation"] == self.keys.installation,
            place,
            N_("This head is of another installation."),
        )
        sealed = self.heads.setdefault(head["chain"], {})
        sealed.setdefault(head["sequence"], set()).add(head["hash"])
        self.head_count += 1

    def read_chains(self) -> None:
        """Prove every entry in its order, then that each chain ends where it should."""
        before = {chain: end[0] for chain, end in self._ends().items()}
        for chain, rows in groupby(self._rows(), key=attrgetter("chain")):
            self._prove_chain(chain, rows, before.get(chain, 0))
        for chain in sorted({*before, *self.heads} - {*self.entries}):
            self._prove_chain(chain, iter(()), before.get(chain, 0))
        after = self._ends()
        for chain, count in self.entries.items():
            end = after.get(chain, (0, EMPTY_HASH))
            _need(
                end[0] > count or end == (count, self.last[chain]),
                ("trail_chain", chain, count),
                N_("The end of the chain is noted at another place or with another hash."),
            )

    def _ends(self) -> dict[int, tuple[int, str]]:
        ends: dict[int, tuple[int, str]] = {}
        query = sa.select(TrailChain.chain, TrailChain.sequence, TrailChain.hash)
        for chain, sequence, digest in self.session.execute(query):
            _need(
                isinstance(chain, int) and isinstance(sequence, int),
                ("trail_chain", chain, sequence),
                N_("The end of the chain is noted with something that is no number."),
            )
            if self._is_asked(chain):
                ends[chain] = (sequence, digest)
        return ends

    def _rows(self) -> Iterator[Any]:
        """Stream the entries as the database holds them, without making records of them."""
        columns = [TrailEntry.__table__.c[name] for name in _ENTRY]
        query = sa.select(*columns, _moment_column(self.session, TrailEntry.at).label("at"))
        query = query.order_by(TrailEntry.chain, TrailEntry.sequence, TrailEntry.id)
        if self.chains is not None:
            query = query.where(TrailEntry.chain.in_(self.chains))
        chain, sequence, size = -1, 0, _BATCH
        while size:
            try:
                streamed = self.session.execute(query.execution_options(yield_per=size))
                for batch in streamed.partitions():
                    yield from batch
                    chain, sequence = batch[-1].chain, batch[-1].sequence
                    self._tick(len(batch))
                return
            except DBAPIError:  # letters that are none, as only SQLite keeps them: look one by one
                later = sa.and_(TrailEntry.chain == chain, TrailEntry.sequence > sequence)
                query = query.where(sa.or_(TrailEntry.chain > chain, later))
                size = 1 if size > 1 else 0
        spoilt = self.session.execute(
            query.with_only_columns(TrailEntry.chain, TrailEntry.sequence)
        )
        text = N_("The database cannot read this entry.")
        raise _Found(Wrong("trail_entry", text, *spoilt.first() or (chain, sequence + 1)))

    def _prove_chain(self, chain: Any, rows: Iterator[Any], noted: int) -> None:
        sealed = self.heads.get(chain, {})
        self.entries[chain], self.last[chain] = 0, EMPTY_HASH
        previous_id = 0
        for row in rows:
            sequence = self.entries[chain] + 1
            digest = self._prove_entry(row, sequence, previous_id)
            if sequence in sealed:
                _need(
                    sealed[sequence] == {digest},
                    ("trail_entry", chain, sequence),
                    N_("This entry, or one before it, is not what its signed head sealed."),
                )
            self.entries[chain], self.last[chain] = sequence, digest
            previous_id = row.id
        count = self.entries[chain]
        gone = ("trail_entry", chain, count + 1)
        _need(
            max(sealed, default=0) <= count,
            gone,
            N_("Entries are gone from here on; a signed head sealed %(sequence)s of them."),
            sequence=max(sealed, default=0),
        )
        _need(
            noted <= count,
            gone,
            N_("Entries are gone from here on; the chain had %(sequence)s of them."),
            sequence=noted,
        )

    def _prove_entry(self, row: Any, sequence: int, previous_id: int) -> str:
        """Prove one entry where it stands; give its hash."""
        number, chain, found, actor, acting_for, fact, record, record_id, body, details, *rest = row
        digest, mac, key_id, at = rest
        written = _entry_written(
            chain, found, _moment(at), actor, acting_for, fact, record, record_id, body, details
        )
        made = hashlib.sha256(bytes.fromhex(self.last[chain]) + written).digest()
        key = self.keys.mac_keys.get(key_id) if isinstance(key_id, str) else None
        if not (
            found == sequence
            and number > previous_id
            and digest == made.hex()
            and key is not None
            and mac == hmac.digest(key, made, "sha256").hex()
        ):
            self._name_wrong(row, sequence, previous_id, made, key)
        return made.hex()

    def _name_wrong(
        self, row: Any, sequence: int, previous_id: int, made: bytes, key: bytes | None
    ) -> None:
        """Say what is the first thing wrong with an entry, and where."""
        found, chain = row.sequence, row.chain
        place = ("trail_entry", chain, min(sequence, found) if isinstance(found, int) else sequence)
        _need(
            found == sequence,
            place,
            N_("An entry is missing, or stands where it does not belong."),
        )
        _need(row.id > previous_id, place, N_("An entry was moved: the order is broken."))
        _need(
            row.hash == made.hex(),
            place,
            N_("The hash does not follow from the content and the entry before: it was changed."),
        )
        _need(
            key is not None,
            place,
            N_("This entry was keyed with %(key)s, which this installation does not know."),
            key=str(row.key),
        )
        _need(
            row.mac == hmac.digest(key or b"", made, "sha256").hex(),
            place,
            N_("The entry was made without the key of this installation."),
        )

    def read_files(self) -> None:
        """Prove that every file a record names is in the store, byte for byte."""
        named = named_files(self.session.connection())
        told = told_released(self.session)
        for sha256 in sorted(released_files(self.session.connection())):
            _need(
                sha256 in told,
                ("stored_file", None, None),
                N_(
                    "The stored file %(sha256)s is marked as disposed of, "
                    "and no entry of the trail tells of that."
                ),
                sha256=str(sha256),
            )
        for sha256 in sorted(named):
            _need(
                self._digest_of(sha256) == sha256,
                ("stored_file", None, None),
                N_("The stored file %(sha256)s is missing or holds other bytes."),
                sha256=str(sha256),
            )
            self.file_count += 1
            self._tick(0)
        self.notes = [name for name, _path, _at in self.store.everything() if name not in named]

    def _digest_of(self, sha256: str) -> str | None:
        try:
            return self.store.digest_of(sha256)
        except (ValueError, OSError):
            return None


def _signed(key: Ed25519PublicKey, signature: str, content: bytes) -> bool:
    try:
        key.verify(bytes.fromhex(signature), content)
    except InvalidSignature:
        return False
    return True


def _encoded(value: Any) -> bytes:
    """Write what a spoilt row may hold, too: nothing of that has the hash of a sound one."""
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError, RecursionError):
        return b""


def _entry_written(
    chain: Any,
    sequence: Any,
    at: str | None,
    actor: Any,
    acting_for: Any,
    fact: Any,
    record: Any,
    record_id: Any,
    body: Any,
    details: Any,
) -> bytes:
    """Write an entry as it was hashed; nothing where a field holds what no writer of ours wrote.

    Details stand in it as they are kept: written in any other way they have another hash.
    """
    for number in (chain, sequence, actor, acting_for, record_id, body):
        if number is not None and type(number) is not int:
            return b""
    if at is None or type(fact) is not str or type(record) is not str or type(details) is not str:
        return b""
    try:
        return entry_bytes(
            chain, sequence, at, actor, acting_for, fact, record, record_id, body, details
        )
    except UnicodeError:
        return b""
