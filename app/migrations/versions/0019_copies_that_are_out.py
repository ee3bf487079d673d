"""Find the copies a body has out without reading those that are gone."""

from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_controlled_copy_of_body", "controlled_copy", ["body_id", "state"])
    op.drop_index("ix_controlled_copy_body_id", table_name="controlled_copy")
