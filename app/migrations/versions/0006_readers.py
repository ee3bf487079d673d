"""Who must read a revision, who was asked, who has confirmed it."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("revision", sa.Column("training_until", sa.Date(), nullable=True))
    op.create_table(
        "distribution",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("counts_from_id", _KEY, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("asks_reading", sa.Boolean(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("cycle_began_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("keep_reason", sa.Text(), nullable=False),
        sa.Column("reask_months", sa.Integer(), nullable=True),
        sa.Column("pass_mark", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "counts_from_id = revision_id OR keep_reason <> ''",
            name=op.f("ck_distribution_keeping_has_reason"),
        ),
        sa.CheckConstraint(
            "asked_on IS NULL OR due_on IS NOT NULL",
            name=op.f("ck_distribution_asking_has_due_date"),
        ),
        sa.CheckConstraint(
            "pass_mark BETWEEN 1 AND 100", name=op.f("ck_distribution_pass_mark_is_percent")
        ),
        sa.CheckConstraint(
            "reask_months IS NULL OR reask_months > 0",
            name=op.f("ck_distribution_interval_is_positive"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_distribution_body_id")),
        sa.ForeignKeyConstraint(
            ["counts_from_id"], ["revision.id"], name=op.f("fk_distribution_counts_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_distribution_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_distribution_revision_id")),
    )
    op.create_index(
        "ix_distribution_asked",
        "distribution",
        ["body_id", "asks_reading", "asked_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_counts_from_id"), "distribution", ["counts_from_id"], unique=False
    )
    op.create_table(
        "unit_meeting",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes_number", sa.String(length=80), nullable=False),
        sa.Column("others_present", sa.Integer(), nullable=False),
        sa.Column("recorded_by_id", _KEY, nullable=False),
        sa.Column("recorded_for_id", _KEY, nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("others_present >= 0", name=op.f("ck_unit_meeting_others_not_negative")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_unit_meeting_body_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_unit_meeting_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_for_id"], ["person.id"], name=op.f("fk_unit_meeting_recorded_for_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_unit_meeting_revision_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_meeting_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_meeting")),
        sa.UniqueConstraint(
            "revision_id",
            "unit_id",
            "minutes_number",
            "held_on",
            name=op.f("uq_unit_meeting_revision_id_unit_id_minutes_number_held_on"),
        ),
    )
    op.create_index(
        op.f("ix_unit_meeting_revision_id"), "unit_meeting", ["revision_id"], unique=False
    )
    op.create_index(op.f("ix_unit_meeting_unit_id"), "unit_meeting", ["unit_id"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("counts_from_id", _KEY, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=False),
        sa.Column("meeting_id", _KEY, nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_acknowledgement_body_id")),
        sa.ForeignKeyConstraint(
            ["counts_from_id"], ["revision.id"], name=op.f("fk_acknowledgement_counts_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["unit_meeting.id"], name=op.f("fk_acknowledgement_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_acknowledgement_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_acknowledgement_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "revision_id",
            "person_id",
            "cycle",
            name=op.f("uq_acknowledgement_revision_id_person_id_cycle"),
        ),
    )
    op.create_index(
        "ix_acknowledgement_counted",
        "acknowledgement",
        ["counts_from_id", "cycle", "person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_acknowledgement_meeting_id"), "acknowledgement", ["meeting_id"], unique=False
    )
    op.create_index(
        "ix_acknowledgement_of_person", "acknowledgement", ["person_id", "id"], unique=False
    )
    op.create_table(
        "distribution_person",
        sa.Column("distribution_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["distribution.id"],
            name=op.f("fk_distribution_person_distribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_distribution_person_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution_person")),
        sa.UniqueConstraint(
            "distribution_id",
            "person_id",
            name=op.f("uq_distribution_person_distribution_id_person_id"),
        ),
    )
    op.create_index(
        op.f("ix_distribution_person_person_id"), "distribution_person", ["person_id"], unique=False
    )
    op.create_table(
        "distribution_unit",
        sa.Column("distribution_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["distribution.id"],
            name=op.f("fk_distribution_unit_distribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_distribution_unit_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution_unit")),
        sa.UniqueConstraint(
            "distribution_id", "unit_id", name=op.f("uq_distribution_unit_distribution_id_unit_id")
        ),
    )
    op.create_index(
        op.f("ix_distribution_unit_unit_id"), "distribution_unit", ["unit_id"], unique=False
    )
    op.create_table(
        "reading_call",
        sa.Column("distribution_id", _KEY, nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"], ["distribution.id"], name=op.f("fk_reading_call_distribution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_call")),
        sa.UniqueConstraint("distribution_id", name=op.f("uq_reading_call_distribution_id")),
    )
    op.create_index(op.f("ix_reading_call_called_on"), "reading_call", ["called_on"], unique=False)
    op.create_table(
        "reading_request",
        sa.Column("distribution_id", _KEY, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["distribution.id"],
            name=op.f("fk_reading_request_distribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reading_request_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_request")),
        sa.UniqueConstraint(
            "distribution_id",
            "cycle",
            "person_id",
            name=op.f("uq_reading_request_distribution_id_cycle_person_id"),
        ),
    )
    op.create_index(
        "ix_reading_request_person",
        "reading_request",
        ["person_id", "distribution_id", "cycle"],
        unique=False,
    )
    op.create_table(
        "quiz_attempt",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("right_answers", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "right_answers BETWEEN 0 AND questions",
            name=op.f("ck_quiz_attempt_right_within_questions"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_quiz_attempt_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_quiz_attempt_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_quiz_attempt_revision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
    )
    op.create_index("ix_quiz_attempt_of_person", "quiz_attempt", ["person_id", "revision_id"])
    op.create_index(op.f("ix_quiz_attempt_revision_id"), "quiz_attempt", ["revision_id"])
    op.create_table(
        "quiz_question",
        sa.Column("distribution_id", _KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("right_choice", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["distribution.id"],
            name=op.f("fk_quiz_question_distribution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_question")),
        sa.UniqueConstraint(
            "distribution_id", "position", name=op.f("uq_quiz_question_distribution_id_position")
        ),
    )


def downgrade() -> None:
    """Refuse: what people confirmed is evidence."""
    raise NotImplementedError("go back by restoring the backup made before the upgrade")
