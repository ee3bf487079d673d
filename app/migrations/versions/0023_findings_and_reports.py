"""Findings of audits, their reports and what follows them."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_rating",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("competent", sa.Integer(), nullable=False),
        sa.Column("fair", sa.Integer(), nullable=False),
        sa.Column("undisturbed", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "announced BETWEEN 1 AND 5 AND competent BETWEEN 1 AND 5 AND fair BETWEEN 1 AND "
            "5 AND undisturbed BETWEEN 1 AND 5 AND helpful BETWEEN 1 AND 5",
            name=op.f("ck_audit_rating_scores_in_range"),
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_rating_audit_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_rating_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_rating_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rating")),
        sa.UniqueConstraint(
            "audit_id", "person_id", name=op.f("uq_audit_rating_audit_id_person_id")
        ),
    )
    with op.batch_alter_table("audit_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_rating_person_id"), ["person_id"], unique=False)

    op.create_table(
        "audit_report",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("conclusions", sa.Text(), nullable=False),
        sa.Column("comparison", sa.Text(), nullable=False),
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("demands", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("begun_by_id", _KEY, nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=True),
        sa.Column("signature_id", _KEY, nullable=True),
        sa.Column("docx_sha256", sa.String(length=64), nullable=True),
        sa.Column("registry_number", sa.String(length=80), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("registered_by_id", _KEY, nullable=True),
        sa.Column("registered_at", Moment(), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_file_name", sa.String(length=250), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "registered_at IS NULL OR (issued_at IS NOT NULL AND registry_number <> '' AND "
            "registered_on IS NOT NULL)",
            name=op.f("ck_audit_report_registration_is_whole"),
        ),
        sa.CheckConstraint(
            "(issued_at IS NULL) = (signature_id IS NULL) AND (issued_at IS NULL) = "
            "(docx_sha256 IS NULL)",
            name=op.f("ck_audit_report_issue_is_whole"),
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_report_audit_id")),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["person.id"], name=op.f("fk_audit_report_begun_by_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_report_body_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["person.id"], name=op.f("fk_audit_report_registered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_audit_report_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_report")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_report_audit_id")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_audit_report_signature_id")),
    )
    op.create_table(
        "finding",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("clause_id", _KEY, nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "major",
                "minor",
                "observation",
                "opportunity",
                "strength",
                name="findinggrade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "first_grade",
            sa.Enum(
                "major",
                "minor",
                "observation",
                "opportunity",
                "strength",
                name="first_grade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_id", _KEY, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "accepted",
                "disputed",
                "decided",
                "noted",
                "withdrawn",
                name="findingstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("written_by_id", _KEY, nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("response_due_on", sa.Date(), nullable=True),
        sa.Column(
            "response",
            sa.Enum(
                "accept",
                "comment",
                "dispute",
                name="unitresponse",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("response_words", sa.Text(), nullable=False),
        sa.Column("responded_by_id", _KEY, nullable=True),
        sa.Column("responded_for_id", _KEY, nullable=True),
        sa.Column("responded_at", Moment(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "uphold",
                "regrade",
                "withdraw",
                name="leaddecision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", _KEY, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("repeats_id", _KEY, nullable=True),
        sa.Column(
            "repeat_claim",
            sa.Enum(
                "proposed",
                "confirmed",
                "refused",
                name="claim",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("times_reported", sa.Integer(), nullable=False),
        sa.Column(
            "systemic_claim",
            sa.Enum(
                "proposed",
                "confirmed",
                "refused",
                name="systemic_claim",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "response NOT IN ('dispute', 'comment') OR response_words <> ''",
            name=op.f("ck_finding_response_has_words"),
        ),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR decision_reason <> ''",
            name=op.f("ck_finding_withdrawal_has_reason"),
        ),
        sa.CheckConstraint("statement <> ''", name=op.f("ck_finding_has_statement")),
        sa.CheckConstraint(
            "(asked_at IS NULL) = (response_due_on IS NULL)",
            name=op.f("ck_finding_asking_has_date"),
        ),
        sa.CheckConstraint(
            "(repeats_id IS NULL) = (repeat_claim IS NULL)",
            name=op.f("ck_finding_repeat_names_earlier"),
        ),
        sa.CheckConstraint(
            "response IS NULL OR (responded_by_id IS NOT NULL AND responded_at IS NOT NULL)",
            name=op.f("ck_finding_response_has_person"),
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_finding_audit_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_finding_body_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_finding_clause_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_finding_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_finding_document_id")
        ),
        sa.ForeignKeyConstraint(["repeats_id"], ["finding.id"], name=op.f("fk_finding_repeats_id")),
        sa.ForeignKeyConstraint(
            ["responded_by_id"], ["person.id"], name=op.f("fk_finding_responded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["responded_for_id"], ["person.id"], name=op.f("fk_finding_responded_for_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_finding_unit_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_finding_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("audit_id", "serial", name=op.f("uq_finding_audit_id_serial")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_finding_body_id_number")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(
            "ix_finding_by_clause", ["body_id", "clause_id", "unit_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_finding_clause_id"), ["clause_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_repeats_id"), ["repeats_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "finding_clause",
        sa.Column("finding_id", _KEY, nullable=False),
        sa.Column("clause_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"], ["clause.id"], name=op.f("fk_finding_clause_clause_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_clause_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_clause")),
        sa.UniqueConstraint(
            "finding_id", "clause_id", name=op.f("uq_finding_clause_finding_id_clause_id")
        ),
    )
    with op.batch_alter_table("finding_clause", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_finding_clause_clause_id"), ["clause_id"], unique=False
        )

    op.create_table(
        "recommendation",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("finding_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", _KEY, nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL) AND (answered_at IS NULL) = "
            "(answer = '')",
            name=op.f("ck_recommendation_answer_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_recommendation_answered_by_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_recommendation_body_id")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_recommendation_finding_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_recommendation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_recommendation_body_id_number")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_recommendation_finding_id")),
    )
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "report_amendment",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("report_id", _KEY, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("finding_id", _KEY, nullable=True),
        sa.Column("signature_id", _KEY, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "reason <> '' AND text <> ''", name=op.f("ck_report_amendment_says_what_and_why")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_report_amendment_body_id")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_report_amendment_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["audit_report.id"], name=op.f("fk_report_amendment_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_report_amendment_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_amendment")),
        sa.UniqueConstraint(
            "report_id", "serial", name=op.f("uq_report_amendment_report_id_serial")
        ),
        sa.UniqueConstraint("signature_id", name=op.f("uq_report_amendment_signature_id")),
    )
    with op.batch_alter_table("report_amendment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_amendment_finding_id"), ["finding_id"], unique=False
        )

    op.create_table(
        "report_receipt",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("report_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("acting_for_id", _KEY, nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "NOT is_refused OR reason <> ''", name=op.f("ck_report_receipt_refusal_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["acting_for_id"], ["person.id"], name=op.f("fk_report_receipt_acting_for_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_report_receipt_body_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_report_receipt_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["audit_report.id"], name=op.f("fk_report_receipt_report_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_receipt_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_receipt")),
        sa.UniqueConstraint(
            "report_id", "unit_id", name=op.f("uq_report_receipt_report_id_unit_id")
        ),
    )
    with op.batch_alter_table("report_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_receipt_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "finding_answer",
        sa.Column("finding_id", _KEY, nullable=False),
        sa.Column("answer_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_finding_answer_answer_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_answer_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_answer")),
        sa.UniqueConstraint(
            "finding_id", "answer_id", name=op.f("uq_finding_answer_finding_id_answer_id")
        ),
    )
    with op.batch_alter_table("finding_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_finding_answer_answer_id"), ["answer_id"], unique=False
        )
