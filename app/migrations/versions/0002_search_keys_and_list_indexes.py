"""Search by keys instead of words, made anew from the words kept so far; lists by index."""

import hashlib
import unicodedata
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INDEX = {
    "sqlite": [
        "DROP TABLE search_index",
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "keys, content='', columnsize=0, detail=none, tokenize='ascii')",
    ],
    "postgresql": [
        "DROP INDEX ix_search_words",
        "CREATE TABLE search_index (entry_id bigint PRIMARY KEY, keys bigint[] NOT NULL)",
    ],
}
_AFTER = {
    "sqlite": [],
    "postgresql": [
        "CREATE INDEX ix_search_index_keys ON search_index USING gin (keys)"
        " WITH (fastupdate = off)",
    ],
}
_ENTRY = sa.table(
    "search_entry",
    *(sa.column(name) for name in ("id", "body_id", "title", "title_folded", "text")),
)
_AT_ONCE = 500


# what follows is the rule of the index as it stood then
def _fold(word: str) -> str:
    word = word.replace("đ", "d").replace("Đ", "D")
    letters = (c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(letters)).casefold()


def _keys(body_id: int, title: list[str], listed: list[str]) -> list[int]:
    folds = {word: _fold(word) for word in {*listed, *title}}
    folded = [folds[word] for word in listed]
    found = {("X", word) for word in listed} | {("F", word) for word in folded}
    found |= {("G", f"{one} {two}") for one, two in pairwise(folded)}
    found |= {
        ("R", word[:end]) for word in set(folded) for end in range(1, min(len(word) - 1, 12) + 1)
    }
    for word in title:
        found |= {("T", word), ("U", folds[word])}
        for sort, form in (("P", word), ("Q", folds[word])):
            found |= {(sort, form[:end]) for end in range(1, min(len(form), 12) + 1)}
    digests = {
        hashlib.blake2b(f"{body_id}\0{sort}\0{term}".encode("utf-8", "replace"), digest_size=5)
        for sort, term in found
    }
    return sorted({int.from_bytes(one.digest(), "big") for one in digests})


def _fill() -> None:
    """Index every entry from the words the old table keeps, each with its body in front."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    name = "rowid" if is_sqlite else "entry_id"
    keep = sa.text(f"INSERT INTO search_index ({name}, keys) VALUES (:id, :keys)")  # noqa: S608
    after = 0
    while rows := connection.execute(
        sa.select(_ENTRY).where(_ENTRY.c.id > after).order_by(_ENTRY.c.id).limit(_AT_ONCE)
    ).all():
        kept = []
        for row in rows:
            front = len(f"b{row.body_id}z")
            title = [token[front:] for token in row.title.split(" ") if token]
            text = [token[front:] for token in row.text.split(" ") if token]
            keys = _keys(row.body_id, title, text)
            chunk = row.id >> 14 << 40
            written = (
                " ".join(f"{one:010x}" for one in keys)
                if is_sqlite
                else [chunk | one for one in keys]
            )
            kept.append({"id": row.id, "keys": written})
            plain = " ".join(token[front:] for token in row.title_folded.split(" "))
            connection.execute(
                sa.update(_ENTRY).where(_ENTRY.c.id == row.id).values(title_folded=plain)
            )
        connection.execute(keep, kept)
        after = rows[-1].id


def upgrade() -> None:
    """Apply."""
    dialect = op.get_bind().dialect.name
    for statement in _INDEX[dialect]:
        op.execute(statement)
    _fill()
    for statement in _AFTER[dialect]:
        op.execute(statement)
    with op.batch_alter_table(
        "search_entry", table_kwargs={"sqlite_autoincrement": True}, recreate="auto"
    ) as batch_op:
        batch_op.drop_column("title")
        batch_op.drop_column("text")
        batch_op.drop_column("text_folded")
        batch_op.add_column(
            sa.Column("made_from", sa.String(length=64), nullable=False, server_default="")
        )
    with op.batch_alter_table("search_entry", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("made_from", server_default=None)
        batch.create_index("ix_search_entry_body", ["body_id", "id"], unique=False)
    with op.batch_alter_table("document") as batch:
        batch.drop_index("ix_document_lead_unit_id")  # the third of these begins with it
        batch.create_index("ix_document_by_kind", ["body_id", "kind", "code_sort", "id"])
        batch.create_index(
            "ix_document_by_confidentiality", ["body_id", "confidentiality", "code_sort", "id"]
        )
        batch.create_index("ix_document_by_unit", ["lead_unit_id", "code_sort", "id"])
        batch.create_index("ix_document_keeper_id", ["keeper_id"])
    with op.batch_alter_table("revision") as batch:
        batch.drop_index("ix_revision_body_id")
        batch.create_index("ix_revision_by_state", ["body_id", "state", "document_id"])


def downgrade() -> None:
    """Refuse: the words are not kept any more."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
