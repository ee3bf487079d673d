"""Numbered copies and posted notices, rounds over them; time limit and fee of a service."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _coded(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _tie(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Apply."""
    for name in ("time_limit", "fee"):
        column = sa.Column(name, sa.String(length=200), nullable=False, server_default="")
        op.add_column("document", column)
    with op.batch_alter_table("document") as batch:
        for name in ("time_limit", "fee"):
            batch.alter_column(name, server_default=None)
    _copies()
    _rounds()


def _copies() -> None:
    op.create_table(
        "controlled_copy",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _coded("copykind", "copy", "notice"), nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("holder_id", _KEY, nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("photo_at", Moment(), nullable=True),
        sa.Column(
            "state",
            _coded("copystate", "issued", "held", "recalled", "returned", "lost", "destroyed"),
            nullable=False,
        ),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("issued_by_id", _KEY, nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=True),
        sa.Column("replaces_id", _KEY, nullable=True),
        sa.Column("recalled_at", Moment(), nullable=True),
        sa.Column("recall_reason", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by_id", _KEY, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_controlled_copy_number_is_positive")),
        sa.CheckConstraint("place <> ''", name=op.f("ck_controlled_copy_has_place")),
        sa.CheckConstraint(
            "state <> 'held' OR handed_over_on IS NOT NULL",
            name=op.f("ck_controlled_copy_handing_over_is_dated"),
        ),
        sa.CheckConstraint(
            "state IN ('issued', 'held', 'recalled')"
            " OR (ended_on IS NOT NULL AND ended_by_id IS NOT NULL)",
            name=op.f("ck_controlled_copy_ending_is_dated"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('lost', 'destroyed') OR end_reason <> ''",
            name=op.f("ck_controlled_copy_loss_has_reason"),
        ),
        _tie("controlled_copy", "body_id", "body.id"),
        _tie("controlled_copy", "document_id", "document.id"),
        _tie("controlled_copy", "revision_id", "revision.id"),
        _tie("controlled_copy", "unit_id", "unit.id"),
        _tie("controlled_copy", "holder_id", "person.id"),
        _tie("controlled_copy", "photo_sha256", "stored_file.sha256"),
        _tie("controlled_copy", "issued_by_id", "person.id"),
        _tie("controlled_copy", "replaces_id", "controlled_copy.id"),
        _tie("controlled_copy", "ended_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controlled_copy")),
        sa.UniqueConstraint(
            "document_id", "number", name=op.f("uq_controlled_copy_document_id_number")
        ),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_controlled_copy_replaces_id")),
    )
    for name, columns in (
        ("ix_controlled_copy_body_id", ["body_id"]),
        ("ix_controlled_copy_of_holder", ["holder_id", "state"]),
        ("ix_controlled_copy_of_revision", ["revision_id", "state"]),
        ("ix_controlled_copy_of_unit", ["unit_id", "state"]),
    ):
        op.create_index(name, "controlled_copy", columns, unique=False)


def _rounds() -> None:
    op.create_table(
        "copy_round",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("begun_by_id", _KEY, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("due_on >= begun_on", name=op.f("ck_copy_round_due_after_begin")),
        _tie("copy_round", "body_id", "body.id"),
        _tie("copy_round", "document_id", "document.id"),
        _tie("copy_round", "begun_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_round")),
    )
    op.create_index("ix_copy_round_body_id", "copy_round", ["body_id"], unique=False)
    op.create_index("ix_copy_round_document_id", "copy_round", ["document_id"], unique=False)
    op.create_index(
        "ix_copy_round_one_open",
        "copy_round",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "copy_question",
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("copy_id", _KEY, nullable=False),
        sa.Column("answer", _coded("copyanswer", "here", "replaced", "missing"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_by_id", _KEY, nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        _tie("copy_question", "round_id", "copy_round.id"),
        _tie("copy_question", "copy_id", "controlled_copy.id"),
        _tie("copy_question", "answered_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_question")),
        sa.UniqueConstraint("round_id", "copy_id", name=op.f("uq_copy_question_round_id_copy_id")),
    )
    op.create_index("ix_copy_question_copy_id", "copy_question", ["copy_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("copy_question")
    op.drop_table("copy_round")
    op.drop_table("controlled_copy")
    with op.batch_alter_table("document") as batch:
        batch.drop_column("fee")
        batch.drop_column("time_limit")
