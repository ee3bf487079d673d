"""What bodies give to those below, who adopted it; who does what, and what the system covers."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("ended_at IS NULL")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _coded(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    _publications()


def _publications() -> None:
    op.create_table(
        "publication",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("mode", _coded("publicationmode", "binding", "to_adopt"), nullable=False),
        sa.Column("is_for_all", sa.Boolean(), nullable=False),
        sa.Column("published_by_id", _KEY, nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by_id", _KEY, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR end_reason <> ''",
            name=op.f("ck_publication_ending_has_reason"),
        ),
        _to("publication", "body_id", "body"),
        _to("publication", "document_id", "document"),
        _to("publication", "published_by_id", "person"),
        _to("publication", "ended_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index(
        "ix_publication_one_open",
        "publication",
        ["document_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_publication_of_body", "publication", ["body_id", "document_id"])
    op.create_table(
        "publication_body",
        sa.Column("publication_id", _KEY, nullable=False),
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        _to("publication_body", "publication_id", "publication"),
        _to("publication_body", "body_id", "body"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_body")),
        sa.UniqueConstraint(
            "publication_id", "body_id", name=op.f("uq_publication_body_publication_id_body_id")
        ),
    )
    op.create_index(op.f("ix_publication_body_body_id"), "publication_body", ["body_id"])
    op.create_table(
        "adoption",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("publication_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decision_number", sa.String(length=80), nullable=False),
        sa.Column("own_code", sa.String(length=80), nullable=False),
        sa.Column("adopted_by_id", _KEY, nullable=False),
        sa.Column("adopted_at", Moment(), nullable=False),
        sa.Column("signature_id", _KEY, nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_because", _coded("adoptionend", "replaced", "withdrawn"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_because IS NULL)",
            name=op.f("ck_adoption_ending_has_cause"),
        ),
        _to("adoption", "body_id", "body"),
        _to("adoption", "publication_id", "publication"),
        _to("adoption", "revision_id", "revision"),
        _to("adoption", "adopted_by_id", "person"),
        _to("adoption", "signature_id", "signature"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
    )
    op.create_index(
        "ix_adoption_one_open",
        "adoption",
        ["publication_id", "body_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_adoption_of_body", "adoption", ["body_id", "ended_at", "publication_id"])
    op.create_index(op.f("ix_adoption_publication_id"), "adoption", ["publication_id"])
    op.create_index(op.f("ix_adoption_revision_id"), "adoption", ["revision_id"])


def downgrade() -> None:
    """Refuse: what bodies decided is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
