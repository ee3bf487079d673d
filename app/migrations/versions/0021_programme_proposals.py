"""What the planner proposes for a year, kept until it is taken or dropped."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = "state IN ('wanted', 'at_work', 'ready')"


def _coded(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    state = _coded("proposalstate", "wanted", "at_work", "ready", "failed", "taken", "dropped")
    doing = _coded("doing", "waiting", "reading", "placing", "improving", "explaining")
    op.create_table(
        "programme_proposal",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("programme_id", _KEY, nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("wish", _coded("wish", "balanced", "early", "few_trips", "even"), nullable=False),
        sa.Column("team_min", sa.Integer(), nullable=False),
        sa.Column("doing", doing, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", _KEY, nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("ready_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_programme_proposal_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_proposal_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_programme_proposal_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_proposal")),
    )
    op.create_index(
        "ix_programme_proposal_open",
        "programme_proposal",
        ["programme_id"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index("ix_programme_proposal_coming", "programme_proposal", ["state", "id"])
    op.create_index(
        op.f("ix_programme_proposal_programme_id"), "programme_proposal", ["programme_id"]
    )
