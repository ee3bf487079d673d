"""Posts behind the seats of endings, requests closed by a withdrawal, impact at issuance."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ROLES = (
    "'administrator', 'quality_officer', 'quality_representative', 'manager', 'leader', "
    "'auditor', 'lead_auditor', 'staff', 'inspector'"
)
_SEATS = ("withdrawal_seat", "disposal_seat")
_LINKS = (
    ("change_item", "withdrawal_id", "withdrawal"),
    ("impact", "issuance_id", "issuance_decision"),
)


def upgrade() -> None:
    """Add the columns; seats of a disposal that came with a post came with the leader's."""
    for table in _SEATS:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("role", sa.String(length=32), nullable=True))
        with op.batch_alter_table(table) as batch:
            batch.create_check_constraint("role", f"role IN ({_ROLES})")
    op.execute("UPDATE disposal_seat SET role = 'leader' WHERE reason IN ('post', 'passed_up')")
    for table, column, target in _LINKS:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, _KEY, nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_{column}"), target, [column], ["id"])
    op.create_index(op.f("ix_change_item_withdrawal_id"), "change_item", ["withdrawal_id"])


def downgrade() -> None:
    """Refuse: what was kept is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
