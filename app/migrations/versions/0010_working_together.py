"""Impact kept with decisions, suggestions, check-outs, delegation by post."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0010"
down_revision = "0009"
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
    with op.batch_alter_table("comment") as batch:
        for added in (
            sa.Column("kind", sa.String(length=32), nullable=False, server_default="remark"),
            sa.Column("proposed", sa.Text(), nullable=False, server_default=""),
            sa.Column("answer", sa.String(length=32), nullable=True),
            sa.Column("acting_for_id", _KEY, nullable=True),
            sa.Column("is_accepted", sa.Boolean(), nullable=True),
            sa.Column("went_into_id", _KEY, nullable=True),
            sa.Column("went_into_round", sa.Integer(), nullable=True),
        ):
            batch.add_column(added)
        batch.create_foreign_key(
            op.f("fk_comment_acting_for_id"), "person", ["acting_for_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_comment_went_into_id"), "revision", ["went_into_id"], ["id"]
        )
        batch.create_check_constraint("commentkind", "kind IN ('remark', 'suggestion', 'opinion')")
        batch.create_check_constraint("answer", "answer IN ('agree', 'approve', 'return')")
    with op.batch_alter_table("comment") as batch:
        batch.alter_column("kind", server_default=None)
        batch.alter_column("proposed", server_default=None)
    _files_of_drafts()
    op.create_index(op.f("ix_impact_revision_id"), "impact", ["revision_id"], unique=False)


def _files_of_drafts() -> None:
    """Who holds a draft's file, and what came too late."""
    op.create_table(
        "check_out",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("held_until", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by_id", _KEY, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_check_out_body_id")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_check_out_ended_by_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_check_out_person_id")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_check_out_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_out")),
    )
    op.create_index(
        "ix_check_out_one_open",
        "check_out",
        ["revision_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_check_out_revision", "check_out", ["revision_id", "person_id", "id"])
    op.create_table(
        "aside_file",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("brought_by_id", _KEY, nullable=False),
        sa.Column("brought_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_aside_file_body_id")),
        sa.ForeignKeyConstraint(
            ["brought_by_id"], ["person.id"], name=op.f("fk_aside_file_brought_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_aside_file_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_aside_file_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aside_file")),
    )
    op.create_index(op.f("ix_aside_file_revision_id"), "aside_file", ["revision_id"])


def downgrade() -> None:
    """Refuse: what was kept is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
