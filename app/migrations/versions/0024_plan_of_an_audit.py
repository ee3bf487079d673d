"""The plan of an audit: agenda, reading, answers of units, meetings; calendars by address."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what is new; audits that were announced count as told once."""
    _columns()
    _agenda()
    _meetings()


def _columns() -> None:
    with op.batch_alter_table("audit") as batch:
        batch.add_column(
            sa.Column("remote_address", sa.String(length=300), nullable=False, server_default="")
        )
        batch.add_column(
            sa.Column("told_edition", sa.Integer(), nullable=False, server_default="0")
        )
    op.execute("UPDATE audit SET told_edition = 1 WHERE announced_at IS NOT NULL")
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("remote_address", server_default=None)
        batch.alter_column("told_edition", server_default=None)


def _agenda() -> None:
    op.create_table(
        "agenda_item",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("begins", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("unit_id", _KEY, nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("met", sa.String(length=300), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("ends > begins", name=op.f("ck_agenda_item_hours_in_order")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_agenda_item_audit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_agenda_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_agenda_item_in_order", ["audit_id", "held_on", "begins"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_agenda_item_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "agenda_auditor",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_agenda_auditor_auditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_agenda_auditor_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_auditor")),
        sa.UniqueConstraint(
            "item_id", "auditor_id", name=op.f("uq_agenda_auditor_item_id_auditor_id")
        ),
    )
    with op.batch_alter_table("agenda_auditor", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_agenda_auditor_auditor_id"), ["auditor_id"], unique=False
        )

    op.create_table(
        "audit_document",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_audit_document_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_audit_document_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_document")),
        sa.UniqueConstraint(
            "audit_id", "document_id", name=op.f("uq_audit_document_audit_id_document_id")
        ),
    )
    with op.batch_alter_table("audit_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_document_document_id"), ["document_id"], unique=False
        )

    op.create_table(
        "audit_reading",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_reading_audit_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_reading_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_audit_reading_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_reading")),
        sa.UniqueConstraint(
            "audit_id",
            "revision_id",
            "person_id",
            name=op.f("uq_audit_reading_audit_id_revision_id_person_id"),
        ),
    )
    with op.batch_alter_table("audit_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_reading_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_reading_revision_id"), ["revision_id"], unique=False
        )

    op.create_table(
        "unit_answer",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("unsuited_on", sa.Date(), nullable=True),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("reply", sa.String(length=1000), nullable=False),
        sa.Column("replied_by_id", _KEY, nullable=True),
        sa.Column("replied_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(replied_at IS NULL) = (reply = '')", name=op.f("ck_unit_answer_reply_is_whole")
        ),
        sa.CheckConstraint(
            "is_confirmed OR words <> ''", name=op.f("ck_unit_answer_objection_has_words")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_unit_answer_audit_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_unit_answer_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_unit_answer_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["replied_by_id"], ["person.id"], name=op.f("fk_unit_answer_replied_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_answer_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_answer")),
    )
    with op.batch_alter_table("unit_answer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_unit_answer_in_order", ["audit_id", "unit_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_unit_answer_unit_id"), ["unit_id"], unique=False)


def _meetings() -> None:
    op.create_table(
        "audit_meeting",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "closing",
                name="meetingkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("begins", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("chair", sa.String(length=200), nullable=False),
        sa.Column("secretary", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "ends = '' OR ends > begins", name=op.f("ck_audit_meeting_hours_in_order")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_meeting_audit_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_meeting_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_meeting")),
        sa.UniqueConstraint("audit_id", "kind", name=op.f("uq_audit_meeting_audit_id_kind")),
    )
    op.create_table(
        "meeting_attendance",
        sa.Column("meeting_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=200), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["audit_meeting.id"], name=op.f("fk_meeting_attendance_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_meeting_attendance_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendance")),
    )
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_attendance_meeting_id"), ["meeting_id"], unique=False
        )

    op.create_table(
        "meeting_signature",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("meeting_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "team",
                "unit",
                name="meetingside",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("signature_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_meeting_signature_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["audit_meeting.id"], name=op.f("fk_meeting_signature_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_meeting_signature_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_meeting_signature_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_signature")),
        sa.UniqueConstraint(
            "meeting_id", "person_id", name=op.f("uq_meeting_signature_meeting_id_person_id")
        ),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_calendar_feed_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(
            "ix_calendar_feed_one",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
