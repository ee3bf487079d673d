"""The battery of T04: what an owner of the database can do to a trail, and what must be named.

Each case changes a sound trail by direct SQL, with a generator for what it picks, and gives the
record that the check has to name. The mutation test runs them all against a weakened check.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as with_changes
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection

from app.kernel.db import db
from app.kernel.files import FileStore, StoredFile
from app.kernel.keys import Keys, new_keys, rotated
from app.kernel.trail import (
    EMPTY_HASH,
    HEAD_PREFIX,
    TrailEntry,
    canonical,
    entry_hash,
    entry_mac,
    moment_text,
)
from tests.trails import CHAINS, ENTRIES, HEADS, STARTED, drop_guards, entry_rows, write_chain

Place = tuple[str, int | None, int | None]
Attack = Callable[["World", random.Random], Place]
CHAIN = 2  # the chain that is attacked; chain 1 before it and 3 after it stay sound
E = ENTRIES.c


@dataclass
class World:
    """A small sound trail in a database whose guards were dropped."""

    connection: Connection
    keys: Keys
    store: FileStore
    length: int
    rows: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    seals: tuple[int, ...]
    sha256: str
    spoilt_files: list[Path] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def change(self, place: int, /, **values: Any) -> None:
        """Change columns of one entry, as anybody with SQL can."""
        where = (E.chain == CHAIN) & (E.sequence == place)
        self.connection.execute(sa.update(ENTRIES).where(where).values(**values))

    def raw(self, sequence: int, column: str, value: Any) -> None:
        """Write what no type of ours would let through."""
        self.connection.execute(
            sa.text(f"UPDATE trail_entry SET {column} = :v WHERE chain = 2 AND sequence = :s"),
            {"v": value, "s": sequence},
        )

    def delete(self, first: int, last: int) -> None:
        """Take entries out."""
        between = E.sequence.between(first, last)
        self.connection.execute(sa.delete(ENTRIES).where(E.chain == CHAIN, between))

    def note_end(self, **values: Any) -> None:
        """Change what is noted as the end of the chain."""
        self.connection.execute(sa.update(CHAINS).where(CHAINS.c.chain == CHAIN).values(**values))

    def drop_heads(self, above: int = 0) -> None:
        """Take signed heads out of the database; those kept outside stay."""
        gone = (HEADS.c.chain == CHAIN) & (HEADS.c.sequence > above)
        self.connection.execute(sa.delete(HEADS).where(gone))

    def hash_at(self, sequence: int) -> str:
        """Give the hash an entry had."""
        return str(self.rows[sequence - 1]["hash"]) if sequence else EMPTY_HASH

    def rewrite(self, first: int, *, with_key: bool) -> None:
        """Give an entry another content and make every later hash agree with it again."""
        previous = self.hash_at(first - 1)
        for row in self.rows[first - 1 :]:
            changed = {**row, "actor_id": 666} if row["sequence"] == first else dict(row)
            entry = TrailEntry(
                **{k: v for k, v in changed.items() if k not in ("hash", "mac", "key")}
            )
            previous = entry_hash(previous, entry.content())
            mac = row["mac"]
            if with_key:
                mac = entry_mac(self.keys.mac_keys[row["key"]], previous)
            self.change(row["sequence"], actor_id=changed["actor_id"], hash=previous, mac=mac)
        self.note_end(hash=previous)

    def sealed_from(self, sequence: int) -> Place:
        """Name the first entry at or after this one that a head seals."""
        return ("trail_entry", CHAIN, min(seal for seal in self.seals if seal >= sequence))


def a_head(keys: Keys, chain: int, sequence: int, digest: str, **changes: Any) -> dict[str, Any]:
    """Sign a head as the system does."""
    head: dict[str, Any] = {
        "installation": keys.installation,
        "chain": chain,
        "sequence": sequence,
        "hash": digest,
        "at": moment_text(STARTED),
        **changes,
    }
    return {
        **head,
        "key": keys.seal_id,
        "signature": keys.seal(HEAD_PREFIX + canonical(head)).hex(),
    }


@contextmanager
def a_world(app: Flask, folder: Path, length: int = 12) -> Iterator[World]:
    """Write three sound chains, heads inside and outside, and a stored file."""
    keys = rotated(new_keys())
    keys = with_changes(keys, installation="ubnd-thu-nghiem")
    store = FileStore(folder)
    store.prepare()
    connection: Connection = db.session.connection()
    drop_guards(connection)
    _without_constraints(connection)
    seals = (length // 2, length)
    kept, rows = [], {}
    for chain in (1, CHAIN, 3):
        rows[chain] = entry_rows(keys, chain, length, seed=chain)
        write_chain(connection, rows[chain])
        for seal in seals:
            head = a_head(keys, chain, seal, rows[chain][seal - 1]["hash"])
            kept.append({"type": "head", **head})
            stored = {**head, "at": datetime.fromisoformat(head["at"])}
            connection.execute(sa.insert(HEADS), [stored])
    sha256 = store.put(b"the approved procedure")
    connection.execute(
        sa.insert(StoredFile.__table__),
        [{"sha256": sha256, "size": 22, "media_type": "text/plain", "stored_at": STARTED}],
    )
    yield World(connection, keys, store, length, rows[CHAIN], kept, seals, sha256)


def _without_constraints(connection: Connection) -> None:
    """Make the tables anew without what would refuse a doubled row."""
    for table in ("trail_entry", "trail_chain", "trail_head"):
        connection.execute(sa.text(f"CREATE TABLE plain_copy AS SELECT * FROM {table} WHERE 1 = 0"))
        connection.execute(sa.text(f"DROP TABLE {table}"))
        connection.execute(sa.text(f"ALTER TABLE plain_copy RENAME TO {table}"))
    serial = "CREATE TRIGGER number_{t} AFTER INSERT ON {t} WHEN new.id IS NULL BEGIN "
    serial += "UPDATE {t} SET id = (SELECT coalesce(max(id), 0) + 1 FROM {t}) "
    serial += "WHERE rowid = new.rowid; END"
    for table in ("trail_entry", "trail_chain", "trail_head"):
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text(serial.format(t=table)))
        else:
            connection.execute(sa.text(f"CREATE SEQUENCE plain_{table}"))
            connection.execute(
                sa.text(f"ALTER TABLE {table} ALTER id SET DEFAULT nextval('plain_{table}')")
            )


# --- the twelve kinds of attack, and what else an owner can spoil


def edit(column: str) -> Attack:
    """Change one column of one entry."""

    def attack(world: World, pick: random.Random) -> Place:
        place = pick.randint(2, world.length)
        row = world.rows[place - 1]
        values: dict[str, Any] = {
            "id": -place,
            "chain": 9,
            "sequence": place + 1000,
            "at": row["at"] + timedelta(microseconds=pick.choice([1, -1, 86_400_000_000])),
            "actor_id": pick.choice([None, 41 + place]),
            "acting_for_id": 77,
            "fact": pick.choice(["revision.approved", row["fact"] + " "]),
            "record_type": pick.choice(["document", "Revision"]),
            "record_id": pick.choice([None, row["record_id"] + 1]),
            "body_id": pick.choice([None, 3]),
            "details": row["details"].replace("Đồng ý", "Không đồng ý"),
            "hash": pick.choice([EMPTY_HASH, row["hash"].upper(), world.hash_at(place - 1)]),
            "mac": pick.choice([EMPTY_HASH, world.rows[place - 2]["mac"]]),
            "key": next(key for key in world.keys.mac_keys if key != row["key"]),
        }
        world.change(place, **{column: values[column]})
        return ("trail_entry", CHAIN, place)

    attack.__name__ = f"edit {column}"
    return attack


def delete(which: str) -> Attack:
    """Take out one entry, or a range."""

    def attack(world: World, pick: random.Random) -> Place:
        first = {"first": 1, "last": world.length}.get(which) or pick.randint(2, world.length - 3)
        last = first + (2 if which == "range" else 0)
        world.delete(first, last)
        return ("trail_entry", CHAIN, first)

    attack.__name__ = f"delete {which}"
    return attack


def swap_two(world: World, pick: random.Random) -> Place:
    first, second = sorted(pick.sample(range(1, world.length + 1), 2))
    world.change(first, sequence=10_000)
    world.change(second, sequence=first)
    world.change(10_000, sequence=second)
    return ("trail_entry", CHAIN, first)


def swap_contents(world: World, pick: random.Random) -> Place:
    first, second = sorted(pick.sample(range(1, world.length + 1), 2))
    for here, there in ((first, second), (second, first)):
        row = world.rows[there - 1]
        world.change(here, **{name: row[name] for name in ("details", "hash", "mac", "at")})
    return ("trail_entry", CHAIN, first)


def insert(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    for sequence in range(world.length, place - 1, -1):
        world.change(sequence, sequence=sequence + 1)
    forged = {**world.rows[place - 1], "actor_id": 666}
    plain = {name: value for name, value in forged.items() if name not in ("hash", "mac", "key")}
    forged["hash"] = entry_hash(world.hash_at(place - 1), TrailEntry(**plain).content())
    world.connection.execute(sa.insert(ENTRIES), [forged])
    return ("trail_entry", CHAIN, place)


def append_forged(world: World, _pick: random.Random) -> Place:
    row = {**world.rows[-1], "sequence": world.length + 1}
    plain = {name: value for name, value in row.items() if name not in ("hash", "mac", "key")}
    row["hash"] = entry_hash(world.hash_at(world.length), TrailEntry(**plain).content())
    world.connection.execute(sa.insert(ENTRIES), [row])
    world.note_end(sequence=row["sequence"], hash=row["hash"])
    return ("trail_entry", CHAIN, world.length + 1)


def duplicate(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    world.connection.execute(sa.insert(ENTRIES), [world.rows[place - 1]])
    return ("trail_entry", CHAIN, place)


def change_time(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    moment = world.rows[place - 1]["at"]
    world.change(place, at=moment - timedelta(days=pick.randint(1, 400)))
    return ("trail_entry", CHAIN, place)


def time_as_nobody_writes_it(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    moment = world.rows[place - 1]["at"]
    if world.is_sqlite:
        world.raw(place, "at", f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z")
    else:  # the same letters, before Christ
        world.connection.execute(
            sa.text(
                "UPDATE trail_entry SET at = CAST(:v AS timestamptz) "
                "WHERE chain = 2 AND sequence = :s"
            ),
            {"v": f"{moment:%Y-%m-%d %H:%M:%S.%f}+00 BC", "s": place},
        )
    return ("trail_entry", CHAIN, place)


def change_actor(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    world.change(place, actor_id=world.rows[place - 1]["actor_id"] + 1)
    return ("trail_entry", CHAIN, place)


def cut_tail(world: World, pick: random.Random) -> Place:
    """Cut it and make the end agree: only a head kept outside tells."""
    left = pick.randint(world.seals[0], world.length - 1)
    world.delete(left + 1, world.length)
    world.drop_heads(above=left)
    world.note_end(sequence=left, hash=world.hash_at(left))
    return ("trail_entry", CHAIN, left + 1)


def rehash_tail(world: World, pick: random.Random) -> Place:
    place = pick.randint(2, world.length)
    world.rewrite(place, with_key=False)
    return ("trail_entry", CHAIN, place)


def rehash_tail_with_key(world: World, pick: random.Random) -> Place:
    """Somebody who stole the key of the trail: the sealing key and the kept heads are left."""
    place = pick.randint(2, world.length)
    world.rewrite(place, with_key=True)
    world.drop_heads()
    return world.sealed_from(place)


def take_out_with_key(world: World, pick: random.Random) -> Place:
    """The key is stolen: one entry goes, the later ones follow the one before it."""
    place = pick.randint(2, world.length - 1)
    world.delete(place, place)
    previous = world.hash_at(place - 1)
    for row in world.rows[place:]:
        plain = {name: row[name] for name in row if name not in ("hash", "mac", "key")}
        previous = entry_hash(previous, TrailEntry(**plain).content())
        mac = entry_mac(world.keys.mac_keys[row["key"]], previous)
        world.change(row["sequence"], hash=previous, mac=mac)
    world.drop_heads()
    world.note_end(hash=previous)
    return ("trail_entry", CHAIN, place)


def rehash_all(world: World, _pick: random.Random) -> Place:
    world.rewrite(1, with_key=False)
    world.drop_heads()
    return ("trail_entry", CHAIN, 1)


def rehash_all_with_key(world: World, _pick: random.Random) -> Place:
    world.rewrite(1, with_key=True)
    world.drop_heads()
    return world.sealed_from(1)


def swap_file(world: World, _pick: random.Random) -> Place:
    path = world.store.path(world.sha256)
    path.chmod(0o600)
    path.write_bytes(b"another procedure")
    world.spoilt_files.append(path)
    return ("stored_file", None, None)


def lose_file(world: World, _pick: random.Random) -> Place:
    path = world.store.path(world.sha256)
    path.unlink()
    world.spoilt_files.append(path)
    return ("stored_file", None, None)


def release_file_in_silence(world: World, _pick: random.Random) -> Place:
    """Let a file go as if a decision had said so, which none did."""
    files = StoredFile.__table__
    world.connection.execute(sa.update(files).values(released_at=STARTED))
    path = world.store.path(world.sha256)
    path.unlink()
    world.spoilt_files.append(path)
    return ("stored_file", None, None)


def misname_file(world: World, _pick: random.Random) -> Place:
    files = StoredFile.__table__
    world.connection.execute(sa.update(files).values(sha256="../keys.json"))
    return ("stored_file", None, None)


def roll_back(world: World, _pick: random.Random) -> Place:
    """Put yesterday's database in place of today's."""
    left = world.seals[0]
    for table in (ENTRIES, HEADS):
        late = table.c.sequence > left
        world.connection.execute(sa.delete(table).where(table.c.chain == CHAIN, late))
    world.note_end(sequence=left, hash=world.hash_at(left))
    return ("trail_entry", CHAIN, left + 1)


def lose_chain(world: World, _pick: random.Random) -> Place:
    for table in (ENTRIES, CHAINS, HEADS):
        world.connection.execute(sa.delete(table).where(table.c.chain == CHAIN))
    return ("trail_entry", CHAIN, 1)


def details(spoil: Callable[[str], str]) -> Attack:
    """Write what an entry says in another way."""

    def attack(world: World, pick: random.Random) -> Place:
        place = pick.randint(1, world.length)
        world.change(place, details=spoil(world.rows[place - 1]["details"]))
        return ("trail_entry", CHAIN, place)

    return attack


def unknown_key(world: World, pick: random.Random) -> Place:
    place = pick.randint(1, world.length)
    mac = entry_mac(b"", world.hash_at(place))
    world.change(place, key="f" * 16, mac=mac)
    return ("trail_entry", CHAIN, place)


def spoilt_type(column: str, value: Any) -> Attack:
    """SQLite takes any type anywhere."""

    def attack(world: World, pick: random.Random) -> Place:
        place = pick.randint(2, world.length)
        if not world.is_sqlite:
            return edit(column)(world, pick)
        world.raw(place, column, value)
        return ("trail_entry", CHAIN, place)

    return attack


def spoilt_letters(world: World, pick: random.Random) -> Place:
    if not world.is_sqlite:
        return change_actor(world, pick)
    place = pick.randint(1, world.length)
    world.connection.execute(
        sa.text(
            "UPDATE trail_entry SET details = CAST(x'fffe' AS TEXT) "
            "WHERE chain = 2 AND sequence = :s"
        ),
        {"s": place},
    )
    return ("trail_entry", CHAIN, place)


def end_noted(**values: Any) -> Attack:
    """Spoil what is noted as the end of a chain."""

    def attack(world: World, _pick: random.Random) -> Place:
        noted = dict(values)
        if "before" in noted:
            left = world.length - int(noted.pop("before"))
            noted = {"sequence": left, "hash": world.hash_at(left), **noted}
        if "later" in noted:
            noted = {"sequence": world.length + noted["later"]}
        world.note_end(**noted)
        if "sequence" in noted and noted["sequence"] > world.length:
            return ("trail_entry", CHAIN, world.length + 1)
        return ("trail_chain", CHAIN, world.length)

    return attack


def end_of_nothing(world: World, _pick: random.Random) -> Place:
    """A chain of no entries whose end is noted with some hash."""
    world.connection.execute(sa.insert(CHAINS), [{"chain": 7, "sequence": 0, "hash": "ab" * 32}])
    return ("trail_chain", 7, 0)


def end_is_text(world: World, pick: random.Random) -> Place:
    if not world.is_sqlite:
        return end_gone(world, pick)
    column = pick.choice(["chain", "sequence"])
    world.connection.execute(sa.text(f"UPDATE trail_chain SET {column} = 'two' WHERE chain = 2"))
    return (
        "trail_chain",
        None if column == "chain" else CHAIN,
        None if column == "sequence" else world.length,
    )


def end_gone(world: World, _pick: random.Random) -> Place:
    world.connection.execute(sa.delete(CHAINS).where(CHAINS.c.chain == CHAIN))
    return ("trail_chain", CHAIN, world.length)


def head(column: str) -> Attack:
    """Change one column of a stored head."""

    def attack(world: World, pick: random.Random) -> Place:
        seal = pick.choice(world.seals)
        values: dict[str, Any] = {
            "chain": 3,
            "sequence": seal - 1,
            "hash": EMPTY_HASH,
            "at": STARTED + timedelta(seconds=1),
            "installation": "another",
            "key": pick.choice([k for k in world.keys.seal_keys if k != world.keys.seal_id]),
            "signature": pick.choice(["00" * 64, "no signature"]),
        }
        where = (HEADS.c.chain == CHAIN) & (HEADS.c.sequence == seal)
        changed = {column: values[column]}
        world.connection.execute(sa.update(HEADS).where(where).values(**changed))
        return ("trail_head", changed.get("chain", CHAIN), changed.get("sequence", seal))

    attack.__name__ = f"head {column}"
    return attack


def head_of_unknown_key(world: World, _pick: random.Random) -> Place:
    other = with_changes(new_keys(), installation=world.keys.installation)
    world.kept.append({"type": "head", **a_head(other, CHAIN, 3, world.hash_at(3))})
    return ("kept_head", CHAIN, 3)


def head_of_another_installation(world: World, _pick: random.Random) -> Place:
    strange = a_head(world.keys, CHAIN, 3, world.hash_at(3), installation="another")
    stored = {**strange, "at": datetime.fromisoformat(strange["at"])}
    world.connection.execute(sa.insert(HEADS), [stored])
    return ("trail_head", CHAIN, 3)


COLUMNS = [column.name for column in ENTRIES.columns]
BATTERY: dict[str, Attack] = {
    **{f"1 edit {column}": edit(column) for column in COLUMNS},
    **{f"2 delete {which}": delete(which) for which in ("first", "middle", "last")},
    "3 delete a range": delete("range"),
    "4 swap two": swap_two,
    "4 swap what two say": swap_contents,
    "5 insert": insert,
    "5 append": append_forged,
    "6 duplicate": duplicate,
    "7 change a time": change_time,
    "7 a time as nobody writes it": time_as_nobody_writes_it,
    "8 change the actor": change_actor,
    "9 cut the tail": cut_tail,
    "10 re-hash the tail": rehash_tail,
    "10 re-hash the tail with the key": rehash_tail_with_key,
    "10 take one out with the key": take_out_with_key,
    "11 re-hash all": rehash_all,
    "11 re-hash all with the key": rehash_all_with_key,
    "12 swap a stored file": swap_file,
    "12 lose a stored file": lose_file,
    "12 let a stored file go untold": release_file_in_silence,
    "12 misname a stored file": misname_file,
    "13 roll the database back": roll_back,
    "13 lose a chain": lose_chain,
    "details with a space": details(lambda text: text.replace('":', '": ', 1)),
    "details that are none": details(lambda _text: "{"),
    "details that are a list": details(lambda _text: "[]"),
    "a key nobody knows": unknown_key,
    "a number that is text": spoilt_type("actor_id", "somebody"),
    "a text that is bytes": spoilt_type("fact", b"\xff\xfe"),
    "a text that is none": spoilt_letters,
    "a hash that is bytes": spoilt_type("hash", b"\xff"),
    "a mac that is a number": spoilt_type("mac", 7),
    "a key that is bytes": spoilt_type("key", b"\xff"),
    "details that are bytes": spoilt_type("details", b"{}"),
    "an end before the end": end_noted(before=1),
    "an end with another hash": end_noted(hash="ab" * 32),
    "an end later than the end": end_noted(later=1),
    "an end of nothing": end_of_nothing,
    "an end that is text": end_is_text,
    "no end": end_gone,
    **{
        f"head {column}": head(column)
        for column in ("chain", "sequence", "hash", "at", "installation", "key", "signature")
    },
    "a head of an unknown key": head_of_unknown_key,
    "a head of another installation": head_of_another_installation,
}


@contextmanager
def attacked(world: World, name: str, seed: str) -> Iterator[Place]:
    """Do one attack inside a savepoint and take it back afterwards."""
    kept = list(world.kept)
    nested = world.connection.begin_nested()
    try:
        yield BATTERY[name](world, random.Random(f"{name} {seed}"))
    finally:
        nested.rollback()
        world.kept[:] = kept
        for path in world.spoilt_files:
            path.unlink(missing_ok=True)
            world.store.put(b"the approved procedure")
        world.spoilt_files.clear()
