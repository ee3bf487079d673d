"""Laws, what cites them, requests to change, periodic reviews; citations read so far are kept."""

import json
import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 200
_READ = sa.text(
    "SELECT r.id, r.body_id, d.code_key AS own, f.sha256,"
    " (SELECT content FROM file_reading fr WHERE fr.sha256 = f.sha256 ORDER BY fr.id DESC LIMIT 1)"
    " AS content FROM revision r JOIN document d ON d.id = r.document_id"
    " JOIN revision_file f ON f.revision_id = r.id AND f.role = 'main' AND f.replaced_at IS NULL"
    " AND f.round = (SELECT MAX(o.round) FROM revision_file o"
    " WHERE o.revision_id = r.id AND o.role = 'main')"
    " WHERE r.state = 'effective' AND r.id > :after ORDER BY r.id LIMIT :most"
)

# what follows is the rule of numbers as it stood then
_KINDS = frozenset(
    re.findall(
        r"\w+",
        "nghi dinh luat bo thong tu lien tich quyet chi thi phap lenh cong van so tieu chuan quoc "
        "gia quy hien ket luan huong dan",
    )
)


def _fold(text: str) -> str:
    for letter in "\u0111\u0110\u00d0\u00f0":
        text = text.replace(letter, "d")
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(letters)).casefold()


def _law_key(number: str) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", re.sub(r"\bngay\b.*", "", _fold(number), flags=re.DOTALL))
    while len(runs) > 1 and runs[0] in _KINDS:
        runs.pop(0)
    joined: list[str] = []
    for run in runs:
        if joined and joined[-1][-1].isalpha() and run[0].isalpha():
            joined[-1] += run
        else:
            joined.append(run.lstrip("0") or run)
    return "/".join(joined)[:120]


def _code_key(code: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", code).upper())[:120]


def _fill() -> None:
    """Keep the citations of every revision in force as rows."""
    connection, after = op.get_bind(), 0
    document = sa.table("document", *(sa.column(name) for name in ("id", "body_id", "code_key")))
    citation = sa.table(
        "citation",
        *(sa.column(name) for name in ("body_id", "revision_id", "number", "number_key")),
        *(sa.column(name) for name in ("times", "passage", "cited_id")),
        sa.column("is_law", sa.Boolean()),
    )
    while rows := connection.execute(_READ, {"after": after, "most": _AT_ONCE}).all():
        found: dict[tuple[int, str], tuple[int, bool, dict[str, Any]]] = {}
        for row in rows:
            for one in json.loads(row.content)["citations"] if row.content else ():
                law = one["kind"] in ("law", "standard")
                key = _law_key(one["number"]) if law else _code_key(one["number"])
                if key and key != row.own:
                    found.setdefault((row.id, key), (row.body_id, law, one))
        keys = {(body_id, key) for (_, key), (body_id, law, _one) in found.items() if not law}
        known = {
            (body_id, key): document_id
            for document_id, body_id, key in connection.execute(
                sa.select(document.c.id, document.c.body_id, document.c.code_key).where(
                    document.c.code_key.in_({key for _, key in keys})
                )
            )
        }
        if found:
            connection.execute(
                sa.insert(citation),
                [
                    {
                        "body_id": body_id,
                        "revision_id": revision_id,
                        "is_law": law,
                        "number": one["number"][:120],
                        "number_key": key,
                        "times": one["times"],
                        "passage": one["passage"],
                        "cited_id": None if law else known.get((body_id, key)),
                    }
                    for (revision_id, key), (body_id, law, one) in found.items()
                ],
            )
        after = rows[-1].id


def upgrade() -> None:
    """Apply."""
    _make()
    _fill()


def downgrade() -> None:
    """Refuse: what was asked, decided and reviewed would be lost."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")


def _make() -> None:
    op.create_table(
        "external_document",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("number_key", sa.String(length=120), nullable=False),
        sa.Column("number_sort", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("subject_folded", sa.String(length=500), nullable=False),
        sa.Column("issuer", sa.String(length=250), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("in_force_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "in_force",
                "amended",
                "replaced",
                name="externalstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("changed_at", Moment(), nullable=True),
        sa.Column("changed_by_id", _KEY, nullable=True),
        sa.Column("registered_at", Moment(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("number_key <> ''", name=op.f("ck_external_document_has_number")),
        sa.CheckConstraint(
            "state = 'in_force' OR changed_on IS NOT NULL",
            name=op.f("ck_external_document_change_is_dated"),
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_external_document_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["external_document.id"],
            name=op.f("fk_external_document_changed_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_document")),
        sa.UniqueConstraint(
            "body_id", "number_key", name=op.f("uq_external_document_body_id_number_key")
        ),
    )
    with op.batch_alter_table("external_document", schema=None) as batch_op:
        batch_op.create_index(
            "ix_external_document_by_number", ["body_id", "number_sort", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_external_document_changed_by_id"), ["changed_by_id"], unique=False
        )

    op.create_table(
        "change_request",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "work",
                "law",
                "document",
                "feedback",
                "audit",
                "review",
                name="changesource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("external_id", _KEY, nullable=True),
        sa.Column("asked_by_id", _KEY, nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "answered",
                "closed",
                "rejected",
                "parked",
                name="changestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", _KEY, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("owner_id", _KEY, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_change_request_has_reason")),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'answered', 'closed')"
            " OR (decided_at IS NOT NULL AND due_on IS NOT NULL)",
            name=op.f("ck_change_request_acceptance_has_date"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'parked')"
            " OR (decided_at IS NOT NULL AND decision_reason <> '')",
            name=op.f("ck_change_request_refusal_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_change_request_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_change_request_body_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_change_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["external_id"], ["external_document.id"], name=op.f("fk_change_request_external_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name=op.f("fk_change_request_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_change_request_body_id_number")),
    )
    with op.batch_alter_table("change_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_change_request_asked_by_id"), ["asked_by_id"], unique=False
        )
        batch_op.create_index(
            "ix_change_request_by_state", ["body_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_request_external_id"), ["external_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_change_request_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "change_item",
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("revision_id", _KEY, nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("left_reason", sa.Text(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_change_item_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["change_request.id"], name=op.f("fk_change_item_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_change_item_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_item")),
        sa.UniqueConstraint(
            "request_id", "document_id", name=op.f("uq_change_item_request_id_document_id")
        ),
    )
    with op.batch_alter_table("change_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_change_item_document", ["document_id", "request_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_item_revision_id"), ["revision_id"], unique=False
        )

    op.create_table(
        "citation",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("is_law", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("number_key", sa.String(length=120), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("external_id", _KEY, nullable=True),
        sa.Column("cited_id", _KEY, nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_citation_body_id")),
        sa.ForeignKeyConstraint(["cited_id"], ["document.id"], name=op.f("fk_citation_cited_id")),
        sa.ForeignKeyConstraint(
            ["external_id"], ["external_document.id"], name=op.f("fk_citation_external_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_citation_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
        sa.UniqueConstraint(
            "revision_id", "number_key", name=op.f("uq_citation_revision_id_number_key")
        ),
    )
    with op.batch_alter_table("citation", schema=None) as batch_op:
        batch_op.create_index("ix_citation_cited", ["cited_id", "revision_id"], unique=False)
        batch_op.create_index("ix_citation_external", ["external_id", "revision_id"], unique=False)
        batch_op.create_index("ix_citation_number", ["body_id", "number_key"], unique=False)

    op.create_table(
        "periodic_review",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "keep",
                "revise",
                "withdraw",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("reviewed_by_id", _KEY, nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=False),
        sa.Column("request_id", _KEY, nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_periodic_review_has_reason")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_periodic_review_body_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_periodic_review_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["change_request.id"], name=op.f("fk_periodic_review_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["person.id"], name=op.f("fk_periodic_review_reviewed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_periodic_review_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periodic_review")),
    )
    with op.batch_alter_table("periodic_review", schema=None) as batch_op:
        batch_op.create_index("ix_periodic_review_of", ["document_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_periodic_review_reviewed_by_id"), ["reviewed_by_id"], unique=False
        )
