"""Impact kept with decisions, suggestions, check-outs, delegation by post."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ROLES = (
    "'administrator', 'quality_officer', 'quality_representative', 'manager', 'leader', "
    "'auditor', 'lead_auditor', 'staff', 'inspector'"
)


def upgrade() -> None:
    """Add the tables and columns of working together; what is there stays as it was."""
    op.create_table(
        "impact",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("decision_id", _KEY, nullable=True),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_impact_body_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_impact_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_impact_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact")),
        sa.UniqueConstraint(
            "revision_id", "decision_id", name=op.f("uq_impact_revision_id_decision_id")
        ),
    )
    for table, column in (("delegation", "role"), ("step_person", "role")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.String(length=32), nullable=True))
    for table, column, target in (
        ("delegation", "unit_id", "unit"),
        ("change_request", "decided_for_id", "person"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, _KEY, nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_{column}"), target, [column], ["id"])
    with op.batch_alter_table("delegation") as batch:
        batch.create_check_constraint("post_is_whole", "(role IS NULL) = (unit_id IS NULL)")
        batch.create_check_constraint("role", f"role IN ({_ROLES})")
    with op.batch_alter_table("step_person") as batch:
        batch.create_check_constraint("role", f"role IN ({_ROLES})")
    op.create_index(op.f("ix_impact_revision_id"), "impact", ["revision_id"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
