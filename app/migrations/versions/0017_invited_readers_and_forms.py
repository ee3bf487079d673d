"""Invited readers, why a scan was not recognised, a body's own template for more forms."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PURPOSES = (
    "'manual', 'policy', 'procedure', 'work_instruction', 'form', 'record_type', 'master_list', "
    "'change_request', 'external_register', 'distribution_list', 'disposal_minutes', "
    "'record_list', 'declaration'"
)


def upgrade() -> None:
    """Add what is new; what is there stays as it was."""
    op.create_table(
        "invitation",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("package_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("invited_by_id", _KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("invited_at", Moment(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_invitation_has_reason")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_invitation_body_id")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["package.id"], name=op.f("fk_invitation_package_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"])
    op.create_index(
        "ix_invitation_one_open",
        "invitation",
        ["package_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("file_recognition") as batch:
        batch.add_column(
            sa.Column("problem", sa.String(length=40), nullable=False, server_default="")
        )
    with op.batch_alter_table("file_recognition") as batch:
        batch.alter_column("problem", server_default=None)
    with op.batch_alter_table("word_template") as batch:
        batch.drop_constraint(op.f("ck_word_template_templatepurpose"), type_="check")
        batch.create_check_constraint("templatepurpose", f"purpose IN ({_PURPOSES})")
