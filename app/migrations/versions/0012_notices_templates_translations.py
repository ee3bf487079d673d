"""Working calendars, when letters leave, how the mail server answers."""

import json

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    _calendar()
    _letters()
    _templates()
    _translations()
    _hours_of_letters()


def _calendar() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday",
                "working",
                "ordinary",
                name="daykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_calendar_day_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("body_id", "day", name=op.f("uq_calendar_day_body_id_day")),
    )


def _letters() -> None:
    op.create_table(
        "mail_state",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("taken_at", Moment(), nullable=True),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column(
            "problem",
            sa.Enum(
                "unknown_host",
                "refused",
                "silent",
                "broken",
                "no_encryption",
                "no_sign_in",
                "not_taken",
                name="mailproblem",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_state")),
        sa.UniqueConstraint("name", name=op.f("uq_mail_state_name")),
    )
    with op.batch_alter_table("person") as batch:
        batch.add_column(
            sa.Column("wants_letters", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.add_column(sa.Column("digest_time", sa.String(length=5), nullable=True))
    with op.batch_alter_table("person") as batch:
        batch.alter_column("wants_letters", server_default=None)
    urgency = sa.Enum(
        "daily",
        "at_once",
        "due",
        name="urgency",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    with op.batch_alter_table("notice") as batch:
        batch.add_column(sa.Column("urgency", urgency, nullable=False, server_default="daily"))
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("urgency", server_default=None)


def _templates() -> None:
    op.create_table(
        "word_template",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "manual",
                "policy",
                "procedure",
                "work_instruction",
                "form",
                "record_type",
                "master_list",
                "change_request",
                name="templatepurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("brought_by_id", _KEY, nullable=False),
        sa.Column("brought_at", Moment(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_word_template_body_id")),
        sa.ForeignKeyConstraint(
            ["brought_by_id"], ["person.id"], name=op.f("fk_word_template_brought_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_word_template_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_template")),
        sa.UniqueConstraint(
            "body_id", "purpose", "version", name=op.f("uq_word_template_body_id_purpose_version")
        ),
    )
    op.create_index(
        "ix_word_template_one_in_use",
        "word_template",
        ["body_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def _translations() -> None:
    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("translates_id", _KEY, nullable=True))
        batch.create_foreign_key(
            op.f("fk_document_translates_id"), "document", ["translates_id"], ["id"]
        )
        batch.create_unique_constraint(op.f("uq_document_translates_id"), ["translates_id"])
    with op.batch_alter_table("revision") as batch:
        batch.add_column(sa.Column("follows_id", _KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_revision_follows_id"), "revision", ["follows_id"], ["id"])
        batch.create_index(op.f("ix_revision_follows_id"), ["follows_id"])


def _hours_of_letters() -> None:
    """A body that set its hour of letters keeps it: it was a whole hour, it is a time now."""
    connection = op.get_bind()
    body = sa.table("body", sa.column("id", _KEY), sa.column("settings", sa.JSON()))
    for body_id, settings in connection.execute(sa.select(body.c.id, body.c.settings)).all():
        settings = json.loads(settings) if isinstance(settings, str) else dict(settings or {})
        if "digest_hour" not in settings:
            continue
        hour = settings.pop("digest_hour")
        if isinstance(hour, int):
            settings["digest_time"] = f"{hour:02d}:00"
        connection.execute(sa.update(body).where(body.c.id == body_id).values(settings=settings))


def downgrade() -> None:
    """Refuse: what people chose and were told is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
