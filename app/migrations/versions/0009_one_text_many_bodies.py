"""What bodies give to those below, who adopted it; who does what, and what the system covers."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0009"
down_revision = "0008"
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
    _assignments()
    _scopes()


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


def _assignments() -> None:
    op.create_table(
        "assignment",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("kind", _coded("assignmentkind", "function", "procedure"), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("code_key", sa.String(length=80), nullable=False),
        sa.Column("code_sort", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("name_folded", sa.String(length=500), nullable=False),
        sa.Column("procedure_field", sa.String(length=200), nullable=False),
        sa.Column("legal_owner", sa.String(length=250), nullable=False),
        sa.Column("lead_unit_id", _KEY, nullable=True),
        sa.Column("document_id", _KEY, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("delegated_from", sa.Date(), nullable=True),
        sa.Column("delegated_until", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "code <> '' AND name <> ''", name=op.f("ck_assignment_has_code_and_name")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from",
            name=op.f("ck_assignment_valid_in_order"),
        ),
        sa.CheckConstraint(
            "delegated_until IS NULL OR delegated_from IS NULL"
            " OR delegated_until >= delegated_from",
            name=op.f("ck_assignment_delegated_in_order"),
        ),
        sa.CheckConstraint(
            "delegated_from IS NULL OR legal_owner <> ''",
            name=op.f("ck_assignment_delegation_names_owner"),
        ),
        _to("assignment", "body_id", "body"),
        _to("assignment", "lead_unit_id", "unit"),
        _to("assignment", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_by_code", "assignment", ["body_id", "code_sort", "id"])
    op.create_index("ix_assignment_by_key", "assignment", ["body_id", "code_key"])
    op.create_index(op.f("ix_assignment_lead_unit_id"), "assignment", ["lead_unit_id"])
    op.create_index(op.f("ix_assignment_document_id"), "assignment", ["document_id"])
    _pairs("assignment_unit", "assignment_id", "assignment")


def _pairs(table: str, column: str, other: str) -> None:
    """Make a table that ties units to a record."""
    op.create_table(
        table,
        sa.Column(column, _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        _to(table, column, other),
        _to(table, "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(column, "unit_id", name=op.f(f"uq_{table}_{column}_unit_id")),
    )
    op.create_index(op.f(f"ix_{table}_unit_id"), table, ["unit_id"])


def _scopes() -> None:
    op.create_table(
        "scope",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", _coded("scopestate", "draft", "approved", "replaced"), nullable=False),
        sa.Column("standard", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("drafted_by_id", _KEY, nullable=False),
        sa.Column("drafted_at", Moment(), nullable=False),
        sa.Column("approved_by_id", _KEY, nullable=True),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("signature_id", _KEY, nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (approved_at IS NOT NULL AND signature_id IS NOT NULL)",
            name=op.f("ck_scope_approval_is_signed"),
        ),
        _to("scope", "body_id", "body"),
        _to("scope", "drafted_by_id", "person"),
        _to("scope", "approved_by_id", "person"),
        _to("scope", "signature_id", "signature"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("body_id", "version", name=op.f("uq_scope_body_id_version")),
    )
    for state in ("draft", "approved"):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_scope_one_{state}",
            "scope",
            ["body_id"],
            unique=True,
            sqlite_where=only,
            postgresql_where=only,
        )
    _pairs("scope_unit", "scope_id", "scope")
    op.create_table(
        "scope_exclusion",
        sa.Column("scope_id", _KEY, nullable=False),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_scope_exclusion_has_reason")),
        _to("scope_exclusion", "scope_id", "scope"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope_exclusion")),
        sa.UniqueConstraint("scope_id", "clause", name=op.f("uq_scope_exclusion_scope_id_clause")),
    )


def downgrade() -> None:
    """Refuse: what bodies decided is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
