"""Who reads a revision in each body it was given to, beside its own."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("distribution") as batch:
        batch.drop_constraint("uq_distribution_revision_id", type_="unique")
        batch.create_unique_constraint(
            "uq_distribution_revision_id_body_id", ["revision_id", "body_id"]
        )
