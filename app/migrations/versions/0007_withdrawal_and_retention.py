"""Withdrawals, holds, disposals, quality records, and people who left under a pseudonym."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "retention_notice",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_retention_notice_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_notice")),
        sa.UniqueConstraint("body_id", "month", name=op.f("uq_retention_notice_body_id_month")),
    )
    op.create_table(
        "disposal",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "shredded",
                "burnt",
                "handed_over",
                "deleted",
                name="disposalmethod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "carried_out",
                "refused",
                name="disposalstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("proposed_by_id", _KEY, nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("decided_by_id", _KEY, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("signature_id", _KEY, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_disposal_has_reason")),
        sa.CheckConstraint(
            "state <> 'carried_out' OR signature_id IS NOT NULL",
            name=op.f("ck_disposal_decision_is_signed"),
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_reason <> ''",
            name=op.f("ck_disposal_refusal_has_reason"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_disposal_body_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_disposal_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_disposal_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_disposal_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_disposal_body_id_number")),
    )
    op.create_index("ix_disposal_by_state", "disposal", ["body_id", "state", "id"], unique=False)
    op.create_index(
        op.f("ix_disposal_proposed_by_id"), "disposal", ["proposed_by_id"], unique=False
    )
    op.create_table(
        "disposal_seat",
        sa.Column("disposal_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "named",
                "post",
                "passed_up",
                "overseer",
                name="seatreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["disposal_id"], ["disposal.id"], name=op.f("fk_disposal_seat_disposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_disposal_seat_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_seat")),
        sa.UniqueConstraint(
            "disposal_id", "person_id", name=op.f("uq_disposal_seat_disposal_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_disposal_seat_person_id"), "disposal_seat", ["person_id"], unique=False
    )
    op.create_table(
        "quality_record",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("form_id", _KEY, nullable=True),
        sa.Column("form_revision_id", _KEY, nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("words_folded", sa.String(length=1000), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=80), nullable=False),
        sa.Column("holder_id", _KEY, nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=250), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("keep_years", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", _KEY, nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("disposed_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "sha256 IS NOT NULL OR place <> ''", name=op.f("ck_quality_record_is_somewhere")
        ),
        sa.CheckConstraint(
            "disposed_at IS NULL OR keep_until IS NOT NULL",
            name=op.f("ck_quality_record_permanent_is_never_disposed"),
        ),
        sa.CheckConstraint("keep_years >= 0", name=op.f("ck_quality_record_years_not_negative")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_quality_record_body_id")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["document.id"], name=op.f("fk_quality_record_form_id")
        ),
        sa.ForeignKeyConstraint(
            ["form_revision_id"], ["revision.id"], name=op.f("fk_quality_record_form_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["person.id"], name=op.f("fk_quality_record_holder_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_quality_record_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_quality_record_sha256")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_quality_record_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_record")),
    )
    op.create_index(
        "ix_quality_record_due", "quality_record", ["body_id", "keep_until", "id"], unique=False
    )
    op.create_index(op.f("ix_quality_record_form_id"), "quality_record", ["form_id"], unique=False)
    op.create_index(
        op.f("ix_quality_record_holder_id"), "quality_record", ["holder_id"], unique=False
    )
    op.create_index(
        "ix_quality_record_newest", "quality_record", ["body_id", "made_on", "id"], unique=False
    )
    op.create_index(
        "ix_quality_record_of_unit", "quality_record", ["unit_id", "made_on", "id"], unique=False
    )
    op.create_index(op.f("ix_quality_record_sha256"), "quality_record", ["sha256"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("replaced_by_id", _KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdraw_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "agreed",
                "carried_out",
                "refused",
                "given_up",
                name="withdrawalstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", _KEY, nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("decided_by_id", _KEY, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("signature_id", _KEY, nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_withdrawal_has_reason")),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_reason <> ''",
            name=op.f("ck_withdrawal_refusal_has_reason"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'carried_out') OR signature_id IS NOT NULL",
            name=op.f("ck_withdrawal_approval_is_signed"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_withdrawal_body_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_withdrawal_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_withdrawal_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_withdrawal_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["document.id"], name=op.f("fk_withdrawal_replaced_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_withdrawal_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_withdrawal_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_document_id"), "withdrawal", ["document_id"], unique=False)
    op.create_index(
        "ix_withdrawal_due", "withdrawal", ["body_id", "state", "withdraw_on"], unique=False
    )
    op.create_index(
        "ix_withdrawal_one_pending",
        "withdrawal",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'agreed')"),
        postgresql_where=sa.text("state IN ('proposed', 'agreed')"),
    )
    op.create_index(
        op.f("ix_withdrawal_proposed_by_id"), "withdrawal", ["proposed_by_id"], unique=False
    )
    op.create_index(op.f("ix_withdrawal_revision_id"), "withdrawal", ["revision_id"], unique=False)
    op.create_table(
        "disposal_item",
        sa.Column("disposal_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=True),
        sa.Column("record_id", _KEY, nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("sheets", sa.String(length=80), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(revision_id IS NULL) <> (record_id IS NULL)",
            name=op.f("ck_disposal_item_names_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["disposal_id"], ["disposal.id"], name=op.f("fk_disposal_item_disposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["quality_record.id"], name=op.f("fk_disposal_item_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_disposal_item_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_item")),
        sa.UniqueConstraint(
            "disposal_id", "record_id", name=op.f("uq_disposal_item_disposal_id_record_id")
        ),
        sa.UniqueConstraint(
            "disposal_id", "revision_id", name=op.f("uq_disposal_item_disposal_id_revision_id")
        ),
    )
    op.create_index(
        op.f("ix_disposal_item_record_id"), "disposal_item", ["record_id"], unique=False
    )
    op.create_index(
        op.f("ix_disposal_item_revision_id"), "disposal_item", ["revision_id"], unique=False
    )
    op.create_table(
        "hold",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=True),
        sa.Column("record_id", _KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("placed_by_id", _KEY, nullable=False),
        sa.Column("placed_at", Moment(), nullable=False),
        sa.Column("ended_by_id", _KEY, nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hold_has_reason")),
        sa.CheckConstraint(
            "(document_id IS NULL) <> (record_id IS NULL)", name=op.f("ck_hold_holds_one_thing")
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_hold_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_hold_body_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_hold_document_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_hold_ended_by_id")),
        sa.ForeignKeyConstraint(["placed_by_id"], ["person.id"], name=op.f("fk_hold_placed_by_id")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["quality_record.id"], name=op.f("fk_hold_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_body_id"), "hold", ["body_id"], unique=False)
    op.create_index(op.f("ix_hold_document_id"), "hold", ["document_id"], unique=False)
    op.create_index(op.f("ix_hold_record_id"), "hold", ["record_id"], unique=False)
    op.create_table(
        "record_note",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("record_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_record_note_says_something")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_record_note_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_record_note_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["quality_record.id"], name=op.f("fk_record_note_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_note")),
    )
    op.create_index(op.f("ix_record_note_record_id"), "record_note", ["record_id"], unique=False)
    op.create_table(
        "withdrawal_seat",
        sa.Column("withdrawal_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "named",
                "post",
                "passed_up",
                "overseer",
                name="seatreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_withdrawal_seat_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["withdrawal.id"], name=op.f("fk_withdrawal_seat_withdrawal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_seat")),
        sa.UniqueConstraint(
            "withdrawal_id", "person_id", name=op.f("uq_withdrawal_seat_withdrawal_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_withdrawal_seat_person_id"), "withdrawal_seat", ["person_id"], unique=False
    )
    op.add_column("person", sa.Column("pseudonym_at", Moment(), nullable=True))
    op.add_column(
        "person", sa.Column("signed_name", sa.String(length=200), server_default="", nullable=False)
    )
    op.add_column("revision", sa.Column("disposed_at", Moment(), nullable=True))
    op.add_column("stored_file", sa.Column("released_at", Moment(), nullable=True))
    op.add_column("stored_file", sa.Column("removed_at", Moment(), nullable=True))


def downgrade() -> None:
    """Refuse: what was decided and disposed of is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
