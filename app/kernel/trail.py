"""The trail: one entry per fact, chained, keyed, sealed (ISO 9001:2015, 7.5.3; rules T1-T4)."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.coded import Coded
from app.kernel.db import Record
from app.kernel.keys import Keys

EMPTY_HASH = "0" * 64
HEAD_PREFIX = b"nenep-head-v1\n"
_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)
_quoted = json.encoder.encode_basestring
# what `_ENCODER.encode` makes anew for each value; made once, an entry is written in half the time
_MAKER = getattr(json.encoder, "c_make_encoder", None)  # None where Python has no C parts
_WRITER: Any = _MAKER and _MAKER(
    None, _ENCODER.default, _quoted, None, ":", ",", True, False, False
)
_NEVER_TOLD = frozenset({"row_version", "sort_key", "title_sort"})


class Fact(Coded):
    """Base of every list of facts: code and the sentence that tells it (an English message id)."""


class Trailed:
    """A record whose every change must be told by a fact in the same unit of work.

    Of `untold` fields the trail says only that they changed; `derived` ones follow from others
    and are no change of their own.
    """

    untold: ClassVar[frozenset[str]] = frozenset()
    derived: ClassVar[frozenset[str]] = frozenset()

    def told(self) -> dict[str, Any]:
        """Give the plain values that name this record in a sentence; nothing personal (T4)."""
        return {}


class TrailChain(Record):
    """The end of one body's chain; chain 0 holds acts outside any body."""

    __tablename__ = "trail_chain"

    chain: Mapped[int] = mapped_column(sa.BigInteger(), unique=True)
    sequence: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    hash: Mapped[str] = mapped_column(sa.String(64), default=EMPTY_HASH)


class TrailEntry(Record):
    """One fact, for ever; session and database refuse any change (T2)."""

    __tablename__ = "trail_entry"
    __table_args__ = (
        sa.UniqueConstraint("chain", "sequence"),
        sa.Index("ix_trail_entry_record", "record_type", "record_id", "id"),
        sa.Index("ix_trail_entry_actor", "actor_id", "id"),
        sa.Index("ix_trail_entry_chain_at", "chain", "at"),
    )

    chain: Mapped[int] = mapped_column(sa.BigInteger())
    sequence: Mapped[int] = mapped_column(sa.BigInteger())
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    acting_for_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    fact: Mapped[str] = mapped_column(sa.String(80))
    record_type: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    body_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    details: Mapped[str] = mapped_column(sa.Text())
    hash: Mapped[str] = mapped_column(sa.String(64))
    mac: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(16))

    def content(self) -> dict[str, Any]:
        """Give what the hash is taken over."""
        return {
            "chain": self.chain,
            "sequence": self.sequence,
            "at": moment_text(self.at),
            "actor": self.actor_id,
            "acting_for": self.acting_for_id,
            "fact": self.fact,
            "record": self.record_type,
            "record_id": self.record_id,
            "body": self.body_id,
            "details": json.loads(self.details),
        }


class TrailHead(Record):
    """A signed statement of where a chain stood; copies of it leave the system (T3)."""

    __tablename__ = "trail_head"

    chain: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    sequence: Mapped[int] = mapped_column(sa.BigInteger())
    hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    installation: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(16))
    signature: Mapped[str] = mapped_column(sa.String(128))

    def content(self) -> dict[str, Any]:
        """Give what is signed."""
        return {
            "installation": self.installation,
            "chain": self.chain,
            "sequence": self.sequence,
            "hash": self.hash,
            "at": moment_text(self.at),
        }


_CHAIN: Any = TrailChain.__table__
_END = (
    sa.select(_CHAIN.c.sequence, _CHAIN.c.hash)
    .where(_CHAIN.c.chain == sa.bindparam("of"))
    .with_for_update()
)
_END_UPDATE = (
    sa.update(_CHAIN)
    .where(_CHAIN.c.chain == sa.bindparam("of"))
    .values(sequence=sa.bindparam("to"), hash=sa.bindparam("with"))
)
_ENTRY_INSERT = sa.insert(TrailEntry.__table__)  # type: ignore[arg-type]

# What the database itself refuses; the tests compare what the migrations made with it.
GUARD_DDL: dict[str, list[str]] = {
    "sqlite": [
        f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END"
        for table in ("trail_entry", "trail_head")
        for what in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION trail_only_added() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the trail is only added to'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} "
            f"FOR EACH {'STATEMENT' if what == 'truncate' else 'ROW'} "
            f"EXECUTE FUNCTION trail_only_added()"
            for table in ("trail_entry", "trail_head")
            for what in ("update", "delete", "truncate")
        ),
    ],
}


def moment_text(moment: datetime) -> str:
    """Write a moment as the trail does: UTC with microseconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: dict[str, Any]) -> bytes:
    """Write a dictionary in its one canonical form: sorted keys, no spaces, UTF-8."""
    return canonical_text(value).encode("utf-8")


def canonical_text(value: dict[str, Any]) -> str:
    """Write the same as letters."""
    return "".join(_WRITER(value, 0)) if _WRITER is not None else _ENCODER.encode(value)


def plain(value: Any) -> Any:
    """Turn a value of the domain into one that canonical JSON can hold."""
    match value:
        case None | bool() | int():
            return value
        case Coded():
            return str(value)
        case str():
            return unicodedata.normalize("NFC", value).encode("utf-8", "replace").decode("utf-8")
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
        case float():
            return repr(value)
        case Record():
            return value.id
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case Iterable():
            return [plain(item) for item in value]
    raise TypeError(f"the trail cannot hold a {type(value).__name__}")


def entry_hash(previous: str, content: dict[str, Any]) -> str:
    """Chain an entry: SHA-256 over the previous hash and the canonical entry."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical(content)).hexdigest()


def entry_mac(key: bytes, digest: str) -> str:
    """Key an entry, so that nobody without the key can re-hash a chain unnoticed."""
    return hmac.new(key, bytes.fromhex(digest), hashlib.sha256).hexdigest()


def is_told(field: str) -> bool:
    """Say whether a field is worth telling: keys derived from other fields are not."""
    return not (field in _NEVER_TOLD or field.endswith("_folded"))


def entry_bytes(
    chain: int,
    sequence: int,
    at: str,
    actor: int | None,
    acting_for: int | None,
    fact: str,
    record: str,
    record_id: int | None,
    body: int | None,
    details: str,
) -> bytes:
    """Write an entry in its canonical form, from details that are canonical already.

    The same bytes as `canonical` gives for the whole, without encoding the details twice.
    """
    return (
        f'{{"acting_for":{_number(acting_for)},"actor":{_number(actor)},"at":{_quoted(at)},'
        f'"body":{_number(body)},"chain":{chain},"details":{details},"fact":{_quoted(fact)},'
        f'"record":{_quoted(record)},"record_id":{_number(record_id)},"sequence":{sequence}}}'
    ).encode()


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def append(session: Session, keys: Keys, contents: list[dict[str, Any]], at: datetime) -> None:
    """Add entries to the ends of their chains; the chain's row is the last lock taken.

    Each content has chain, actor, acting_for, fact, record, record_id, body, details.
    """
    connection = session.connection()
    moment = moment_text(at)
    mac_key = keys.mac_keys[keys.mac_id]
    for chain in sorted({content["chain"] for content in contents}):
        sequence, digest = _locked_end(session, chain)
        previous = bytes.fromhex(digest)
        rows: list[dict[str, Any]] = []
        for content in contents:
            if content["chain"] != chain:
                continue
            sequence += 1
            details = canonical_text(content["details"])
            written = entry_bytes(
                chain,
                sequence,
                moment,
                content["actor"],
                content["acting_for"],
                content["fact"],
                content["record"],
                content["record_id"],
                content["body"],
                details,
            )
            previous = hashlib.sha256(previous + written).digest()
            rows.append(
                {
                    "chain": chain,
                    "sequence": sequence,
                    "at": at,
                    "actor_id": content["actor"],
                    "acting_for_id": content["acting_for"],
                    "fact": content["fact"],
                    "record_type": content["record"],
                    "record_id": content["record_id"],
                    "body_id": content["body"],
                    "details": details,
                    "hash": previous.hex(),
                    "mac": hmac.digest(mac_key, previous, "sha256").hex(),
                    "key": keys.mac_id,
                }
            )
        connection.execute(_ENTRY_INSERT, rows)
        connection.execute(_END_UPDATE, {"of": chain, "to": sequence, "with": previous.hex()})


def _locked_end(session: Session, chain: int) -> tuple[int, str]:
    """Lock the end of a chain, the last lock taken; give its sequence and hash."""
    connection = session.connection()
    end = connection.execute(_END, {"of": chain}).one_or_none()
    if end is None:
        if connection.dialect.name == "postgresql":
            # two first acts of a body: the second waits here for the first one's row
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(7_311_000 + chain)))
            end = connection.execute(_END, {"of": chain}).one_or_none()
        if end is None:
            connection.execute(
                sa.insert(_CHAIN), {"chain": chain, "sequence": 0, "hash": EMPTY_HASH}
            )
            return 0, EMPTY_HASH
    return end.sequence, end.hash


def sign_head(session: Session, keys: Keys, chain: int, at: datetime) -> TrailHead | None:
    """Sign where a chain stands; None when it is empty or its end is signed already."""
    sequence, digest = _locked_end(session, chain)
    newest = session.scalars(
        sa.select(TrailHead)
        .where(TrailHead.chain == chain)
        .order_by(TrailHead.sequence.desc(), TrailHead.id.desc())
        .limit(1)
    ).one_or_none()
    if sequence == 0 or (newest is not None and newest.sequence == sequence):
        return None
    head = TrailHead(
        chain=chain,
        sequence=sequence,
        hash=digest,
        at=at,
        installation=keys.installation,
        key=keys.seal_id,
    )
    head.signature = keys.seal(HEAD_PREFIX + canonical(head.content())).hex()
    session.add(head)
    session.flush()
    return head
