"""What Tesseract saw on the pages of scans; every scan that is kept asks for it."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "file_recognition",
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_recognition")),
        sa.UniqueConstraint("source_sha256", name=op.f("uq_file_recognition_source_sha256")),
    )
    some = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_file_recognition_open",
        "file_recognition",
        ["id"],
        sqlite_where=some,
        postgresql_where=some,
    )
    op.get_bind().execute(
        sa.text(
            "INSERT INTO file_recognition"
            " (source_sha256, pages, wanted, done, tries, tried_at, failed, texts, said)"
            " SELECT sha256, 0, 0, 0, 0, min(read_at), :no, '[]', '' FROM file_reading"
            " WHERE content LIKE :scan GROUP BY sha256"
        ).bindparams(sa.bindparam("no", False, sa.Boolean())),
        {"scan": '%"scan":true%'},
    )
