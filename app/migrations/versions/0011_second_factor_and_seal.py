"""The second factor of a sign-in; the seal of a body, and signatures brought from outside."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STAGES = sa.Enum(
    "open", "code", "setup", name="stage", native_enum=False, create_constraint=True, length=32
)
_KINDS = sa.Enum(
    *("stamped", "sealed", "signed"),
    name="copykind",
    native_enum=False,
    create_constraint=True,
    length=32,
)


def upgrade() -> None:
    """Apply."""
    _second_factor()
    _digital_copies()


def _second_factor() -> None:
    with op.batch_alter_table("sign_in_session") as batch:
        batch.add_column(sa.Column("stage", _STAGES, nullable=False, server_default="open"))
        batch.add_column(
            sa.Column("challenge", sa.String(length=200), nullable=False, server_default="")
        )
    with op.batch_alter_table("sign_in_session") as batch:
        batch.alter_column("stage", server_default=None)
        batch.alter_column("challenge", server_default=None)
    op.create_table(
        "second_factor",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("person_id", name=op.f("uq_second_factor_person_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"])
    op.create_table(
        "passkey",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"])


def _digital_copies() -> None:
    op.create_table(
        "digital_copy",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _KINDS, nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("brought_by_id", _KEY, nullable=True),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("timestamp_problem", sa.String(length=200), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_digital_copy_body_id")),
        sa.ForeignKeyConstraint(
            ["brought_by_id"], ["person.id"], name=op.f("fk_digital_copy_brought_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_digital_copy_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digital_copy")),
        sa.UniqueConstraint(
            "revision_id", "number", name=op.f("uq_digital_copy_revision_id_number")
        ),
    )
    op.create_index(op.f("ix_digital_copy_revision_id"), "digital_copy", ["revision_id"])
    op.create_table(
        "seal_try",
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", Moment(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_seal_try_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_try")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_seal_try_revision_id")),
    )


def downgrade() -> None:
    """Refuse: a lowered guard would go unnoticed, and a seal is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
