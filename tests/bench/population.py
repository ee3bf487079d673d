"""Fill an installation with documents: `python -m tests.bench.population N --data DIR`.

Nine documents of ten are of one large body, the rest of fifty small ones. Rows go straight into
the tables (SQLite) or through COPY (PostgreSQL, where NENEP_TEST_POSTGRES names a server); the
trail is a true chain that `nenep trail verify` accepts. Eight documents share a file, so that a
million of them do not need a million files on disk.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.kernel.db import WRITING, db
from app.kernel.install import installation
from app.kernel.keys import Keys
from app.kernel.organisation import Body, Unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.search import code_key, fold, folded_code, name_sort_key, sort_key
from app.kernel.search_index import CHUNK_BITS, key, terms
from app.kernel.trail import EMPTY_HASH, TrailChain, canonical
from documents.content.blocks import READER, Block, Proposal, Reading, plain_text, to_json
from documents.models.document import FAR_MOMENT
from tests.bench.syllables import Writer
from tests.builders import a_body, a_person, a_unit, root
from tests.conftest import DATABASES, migrated_app

SHARED = 8  # documents of one file
SMALL_BODIES = 50
IN_HALF = "Căn cứ quy định chung về kiểm soát thông tin dạng văn bản."
_START = datetime(2024, 1, 1, 1, 0, tzinfo=UTC)
_KINDS = ["procedure", "form", "form", "work_instruction", "record_type"]
_PREFIX = {"procedure": "QT", "form": "BM", "work_instruction": "HD", "record_type": "HS"}
_AT_ONCE = 4000
_PLAIN_INDEXES = sa.text(
    "SELECT one.indexname, one.indexdef FROM pg_indexes one WHERE one.tablename = ANY(:tables)"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = one.indexname)"
)
COLUMNS = {  # in the order in which rows refer to each other
    "person": "id body_id home_unit_id name name_folded sort_key post email language single_keys"
    " wants_letters signed_name row_version",
    "stored_file": "id sha256 size media_type stored_at",
    "file_reading": "id sha256 reader content read_at",
    "document": "id body_id lead_unit_id keeper_id kind code code_key code_sort title title_en"
    " title_folded title_sort confidentiality clauses process next_review_on effect_sort"
    " review_sort is_left time_limit fee row_version",
    "document_unit": "id document_id unit_id",
    "document_reader": "id document_id person_id",
    "revision": "id body_id document_id predecessor_id edition amendment state title"
    " proposed_code reason change_summary effective_on drafted_at submitted_at approved_at"
    " effective_at ended_at cancel_reason token row_version",
    "revision_author": "id revision_id person_id",
    "revision_file": "id body_id revision_id round role sha256 name size",
    "search_entry": "id body_id document_id revision_id is_current kind code code_folded"
    " title_folded made_from dated_on",
    "search_index": "rowid keys",
    "trail_entry": "id chain sequence at actor_id fact record_type record_id body_id details"
    " hash mac key",
}


@dataclass
class Place:
    """One body with what its documents need."""

    body_id: int
    units: list[int]
    people: list[int]
    sequence: int = 0
    hash: str = EMPTY_HASH
    codes: dict[str, int] = field(default_factory=dict)


class Sink:
    """Rows on their way into the tables, in the driver's fastest form."""

    def __init__(self, connection: Any) -> None:
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.raw = connection.connection.driver_connection
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        self.next: dict[str, int] = {}
        for name in COLUMNS:
            if name != "search_index":
                highest = connection.scalar(sa.text(f"SELECT max(id) FROM {name}"))
                self.next[name] = (highest or 0) + 1
        # a chunk of the index begins with the population, whatever was written before
        if self.next["search_entry"] > 1:
            raise SystemExit("the population goes into an empty installation")

    def add(self, table: str, *values: Any) -> int:
        """Note a row; give its id."""
        number = self.next[table]
        self.next[table] = number + 1
        self.rows[table].append((number, *values))
        return number

    def moment(self, at: datetime) -> str:
        return at.strftime("%Y-%m-%d %H:%M:%S.%f") + ("" if self.is_sqlite else "+00")

    def truth(self, value: bool) -> Any:
        return int(value) if self.is_sqlite else "t" if value else "f"

    def flush(self) -> None:
        """Write what was noted."""
        for table, rows in self.rows.items():
            names = COLUMNS[table].split()
            if self.is_sqlite and rows:
                marks = ", ".join("?" * len(names))
                self.raw.executemany(
                    f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                    rows,
                )
            elif rows:
                names = ["entry_id" if name == "rowid" else name for name in names]
                with self.raw.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as to:
                    for row in rows:
                        to.write_row(row)
            rows.clear()


class Filling:
    """One filling of one database."""

    def __init__(self, connection: Any, keys: Keys, places: list[Place], seed: int = 7) -> None:
        self.sink, self.keys, self.places = Sink(connection), keys, places
        self.chance = random.Random(seed)
        self.writer = Writer(seed)
        self.pool = [self.writer.paragraph(480) for _ in range(3000)]
        self.forms: dict[str, str] = {}
        self.mac = keys.mac_keys[keys.mac_id]
        self._file: tuple[str, int, str] = ("", 0, "")
        self._keys: dict[tuple[int, int], Any] = {}
        self._of: dict[int, list[int]] = {}
        self._key_in_large = cache(partial(key, places[0].body_id))
        self._made: set[tuple[str, str]] = set()

    def run(self, count: int, store: Any, told: Any = None) -> None:
        """Write so many documents, and a person for every two hundred of them."""
        large = self.places[0]
        for number in range(count // 200):
            name = f"Trần Thị {number}"
            large.people.append(
                self.sink.add(
                    "person", large.body_id, self.chance.choice(large.units), name, fold(name),
                    name_sort_key(name), "", "", "vi", self.sink.truth(True),
                    self.sink.truth(True), "", 1,
                )
            )  # fmt: skip
        for number in range(count):
            if number % SHARED == 0:
                self._new_file(number, store)
            group = number // SHARED
            small = 1 + group // 10 % SMALL_BODIES
            self._document(number, self.places[small if group % 10 == 9 else 0])
            if number % _AT_ONCE == _AT_ONCE - 1:
                self.sink.flush()
                if told is not None and number % 100_000 == 99_999:
                    told(number + 1)
        self.sink.flush()

    def _new_file(self, number: int, store: Any) -> None:
        texts = self.chance.sample(self.pool, 4)
        texts[0] = f"{self.writer.sentence(12)}. {texts[0]}"
        if number // SHARED % 2:
            texts.insert(1, IN_HALF)
        blocks = (Block("heading", "Mục đích", 1, "1"), *(Block("paragraph", t) for t in texts))
        words = sum(len(text.split()) for text in texts)
        reading = Reading(reader=READER, blocks=blocks, proposal=Proposal(), words=words)
        content = "\n".join(texts).encode()
        sha256 = hashlib.sha256(content).hexdigest()
        path = store.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        at = self.sink.moment(_START)
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        self.sink.add("stored_file", sha256, len(content), kind, at)
        self.sink.add("file_reading", sha256, READER, to_json(reading), at)
        self._file = (sha256, len(content), "")
        self._made = terms("", plain_text(reading))
        self._of.clear()
        self._keys.clear()

    def _code(self, place: Place, kind: str) -> str:
        serial = place.codes[kind] = place.codes.get(kind, 0) + 1
        return f"{_PREFIX[kind]}-{serial // 1000:03d}-{serial % 1000:03d}"

    def _document(self, number: int, place: Place) -> None:
        sink, chance = self.sink, self.chance
        kind = _KINDS[number % len(_KINDS)]
        code = self._code(place, kind)
        title = self.writer.sentence(5)
        title = title[:1].upper() + title[1:]
        folded = fold(title)
        at = _START + timedelta(seconds=number * 60 % 80_000_000)
        keeper = chance.choice(place.people)
        level = "named" if number % 50 == 7 else "public" if number % 9 == 0 else "body"
        review = date(2027, 1, 1) + timedelta(days=number % 700 - 120)
        unit = chance.choice(place.units)
        document = sink.add(
            "document", place.body_id, unit, keeper, kind, code, code_key(code), sort_key(code),
            title, "", folded, sort_key(title), level, "[]", "", review.isoformat(),
            sink.moment(FAR_MOMENT if number % 100 == 99 else at), review.isoformat(),
            sink.truth(number % 100 == 99), "", "", 1,
        )  # fmt: skip
        if number % 4 == 0:
            sink.add("document_unit", document, chance.choice(place.units))
        if level == "named":
            sink.add("document_reader", document, chance.choice(place.people))
        self._tell(place, at, keeper, "document.created", "document", document, code, title)
        former = None
        if number % 5 == 0:
            former = self._revision(place, document, 1, "obsolete", title, at, code, kind)
        if number % 100 == 99:
            self._revision(place, document, 1, "withdrawn", title, at, code, kind)
            return
        last = self._revision(
            place, document, 1 if former is None else 2, "effective", title, at, code, kind, former
        )
        if number % 40 == 3:
            edition = 2 if former is None else 3
            self._revision(place, document, edition, "draft", title, at, code, kind, last)

    def _revision(
        self, place: Place, document: int, edition: int, state: str, title: str, at: datetime,
        code: str, kind: str, former: int | None = None,
    ) -> int:  # fmt: skip
        sink = self.sink
        day, moment = at.date().isoformat(), sink.moment(at)
        fixed = None if state == "draft" else moment
        ended = moment if state in ("obsolete", "withdrawn") else None
        revision = sink.add(
            "revision", place.body_id, document, former, edition, 0, state, title, "",
            "Cập nhật" if former else "", "", day, moment, fixed, fixed, fixed, ended, "",
            f"bench-{sink.next['revision']}", 1,
        )  # fmt: skip
        person = place.people[document % len(place.people)]
        sink.add("revision_author", revision, person)
        sha256, size, _ = self._file
        sink.add("revision_file", place.body_id, revision, 1, "main", sha256, f"{code}.docx", size)
        if state == "draft":
            return revision
        fact = "revision.effective" if state == "effective" else "revision.approved"
        self._tell(place, at, person, fact, "revision", revision, code, title)
        made_from = hashlib.sha256(f"{place.body_id}\0{title}\0{sha256}".encode()).hexdigest()
        entry = sink.add(
            "search_entry", place.body_id, document, revision, sink.truth(state == "effective"),
            kind, code, folded_code(code), fold(title), made_from, day,
        )  # fmt: skip
        sink.rows["search_index"].append((entry, self._kept(place.body_id, entry, title)))
        return revision

    def _kept(self, body_id: int, entry: int, title: str) -> str:
        """Give the keys of an entry as text: those of the file once, those of the title added."""
        is_large = body_id == self.places[0].body_id
        number_of = self._key_in_large if is_large else partial(key, body_id)
        if body_id not in self._of:
            self._of[body_id] = [number_of(sort, term) for sort, term in self._made]
        mine = [number_of(sort, term) for sort, term in terms(title, "") - self._made]
        chunk = 0 if self.sink.is_sqlite else entry >> CHUNK_BITS << 40
        if (body_id, chunk) not in self._keys:
            self._keys[body_id, chunk] = self._text([chunk | one for one in self._of[body_id]])
        both = self._keys[body_id, chunk], self._text([chunk | one for one in mine])
        return " ".join(both) if self.sink.is_sqlite else "{" + ",".join(both) + "}"

    def _text(self, keys: list[int]) -> str:
        if self.sink.is_sqlite:
            return " ".join(f"{one:010x}" for one in keys)
        return ",".join(map(str, keys))

    def _tell(
        self, place: Place, at: datetime, actor: int, fact: str, record: str, record_id: int,
        code: str, title: str,
    ) -> None:  # fmt: skip
        place.sequence += 1
        details = {"subject": {"code": code, "title": title}}
        content = {
            "chain": place.body_id,
            "sequence": place.sequence,
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": actor,
            "acting_for": None,
            "fact": fact,
            "record": record,
            "record_id": record_id,
            "body": place.body_id,
            "details": details,
        }
        digest = hashlib.sha256(bytes.fromhex(place.hash) + canonical(content)).digest()
        place.hash = digest.hex()
        self.sink.add(
            "trail_entry", place.body_id, place.sequence, self.sink.moment(at), actor, fact,
            record, record_id, place.body_id, canonical(details).decode(), place.hash,
            hmac.digest(self.mac, digest, "sha256").hex(), self.keys.mac_id,
        )  # fmt: skip


def _places() -> list[Place]:
    """Make the bodies, their units and people by the real acts."""
    found = []
    for number in range(SMALL_BODIES + 1):
        body = a_body(f"bench{number}", f"UBND phường {number}")
        units = [root(body).id]
        people = []
        if number == 0:
            above: Body | Unit = body
            for branch in range(40):
                unit = a_unit(above, name=f"Phòng {branch}")
                above = unit if branch % 4 == 0 else above if branch % 4 < 3 else body
                units.append(unit.id)
                people.append(a_person(unit, Role.STAFF, name=f"Nguyễn Văn {branch}").id)
            for role in (Role.LEADER, Role.QUALITY_OFFICER, Role.ADMINISTRATOR, Role.MANAGER):
                people.append(a_person(body, role).id)
        people.append(a_person(body, Role.STAFF).id)
        end = db.session.scalars(sa.select(TrailChain).where(TrailChain.chain == body.id)).one()
        found.append(Place(body.id, units, people, end.sequence, end.hash))
    return found


@contextmanager
def _fast(connection: Any) -> Iterator[None]:
    """Take what makes bulk writing slow away, and give it back."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 400000000)"
        )
        yield
        connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('optimize')")
        connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 1048576)"
        )
        return
    connection.exec_driver_sql("SET maintenance_work_mem = '1GB'")
    connection.exec_driver_sql("SET session_replication_role = replica")  # rows refer rightly
    connection.exec_driver_sql("ALTER TABLE search_index ALTER keys SET STORAGE EXTERNAL")
    made_later = connection.execute(_PLAIN_INDEXES, {"tables": list(COLUMNS)}).all()
    for name, _ in made_later:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, statement in made_later:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    for table in COLUMNS:
        if table != "search_index":
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )


def populate(app: Flask, count: int, told: Any = None) -> Place:
    """Fill a fresh installation; give the large body."""
    with app.app_context():
        places = _places()
        db.session.remove()
        with db.engine.connect().execution_options(**{WRITING: True}) as connection:
            with _fast(connection):
                filling = Filling(connection, installation().keys, places)
                filling.run(count, installation().store, told)
            for place in places:
                connection.execute(
                    sa.update(TrailChain)
                    .where(TrailChain.chain == place.body_id)
                    .values(sequence=place.sequence, hash=place.hash)
                )
            connection.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tidying:
            if tidying.dialect.name == "postgresql":
                tidying.execute(sa.text("VACUUM ANALYZE"))
            else:
                tidying.exec_driver_sql("ANALYZE")
                tidying.commit()
                tidying.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return places[0]


def person_with(role: Role, body_id: int) -> Person:
    """Give somebody of a body with a role, as the population made them."""
    query = sa.select(Person).join(Appointment, Appointment.person_id == Person.id)
    query = query.where(Appointment.role == role, Appointment.body_id == body_id)
    return db.session.scalars(query.order_by(Person.id.desc()).limit(1)).one()


def main() -> None:
    """Fill and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kind", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    app = migrated_app(given.kind, given.data, "nenep_population")
    began = time.monotonic()
    populate(app, given.count, lambda done: print(f"{done} {time.monotonic() - began:.0f} s"))
    print(f"{given.kind}: {given.count} documents in {time.monotonic() - began:.0f} s")
    app.extensions["nenep.workshop"].close()


if __name__ == "__main__":
    main()
