"""Checklists, their templates, samples, answers and the evidence to them."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checklist_template",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column(
            "unit_kind",
            sa.Enum(
                "leadership",
                "department",
                "ward",
                "school",
                "service",
                "team",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_checklist_template_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_template")),
        sa.UniqueConstraint(
            "body_id", "unit_kind", name=op.f("uq_checklist_template_body_id_unit_kind")
        ),
    )
    op.create_table(
        "checklist",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "ready",
                name="checkliststate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("copied_from_id", _KEY, nullable=True),
        sa.Column("made_by_id", _KEY, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("ready_at", Moment(), nullable=True),
        sa.Column("ready_by_id", _KEY, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "state <> 'ready' OR ready_at IS NOT NULL", name=op.f("ck_checklist_dated")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_checklist_audit_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_checklist_body_id")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["checklist.id"], name=op.f("fk_checklist_copied_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_checklist_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ready_by_id"], ["person.id"], name=op.f("fk_checklist_ready_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_checklist_audit_id")),
    )
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checklist_copied_from_id"), ["copied_from_id"], unique=False
        )

    op.create_table(
        "question",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("checklist_id", _KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("clause_id", _KEY, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "template",
                "clause",
                "step",
                "own",
                name="questionsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_id", _KEY, nullable=True),
        sa.Column("revision_id", _KEY, nullable=True),
        sa.Column("step_anchor", sa.String(length=200), nullable=False),
        sa.Column("step_text", sa.Text(), nullable=False),
        sa.Column("step_sha256", sa.String(length=64), nullable=False),
        sa.Column("parent_id", _KEY, nullable=True),
        sa.Column("shown_when", sa.JSON(), nullable=False),
        sa.Column("unit_id", _KEY, nullable=True),
        sa.Column("is_for_auditee", sa.Boolean(), nullable=False),
        sa.Column("earlier_id", _KEY, nullable=True),
        sa.Column("left_out_at", Moment(), nullable=True),
        sa.Column("left_out_reason", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(revision_id IS NULL) = (step_sha256 = '')", name=op.f("ck_question_step_is_whole")
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_question_says_something")),
        sa.CheckConstraint("weight BETWEEN 0 AND 10", name=op.f("ck_question_weight_in_range")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_question_body_id")),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklist.id"], name=op.f("fk_question_checklist_id")
        ),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_question_clause_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_question_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["earlier_id"], ["question.id"], name=op.f("fk_question_earlier_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["question.id"], name=op.f("fk_question_parent_id")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_question_revision_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_question_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_clause_id"), ["clause_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_earlier_id"), ["earlier_id"], unique=False)
        batch_op.create_index(
            "ix_question_of_checklist", ["checklist_id", "position", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_question_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_revision_id"), ["revision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("question_id", _KEY, nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "auditor",
                "auditee",
                name="answerpart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "grade",
            sa.Enum(
                "conforms",
                "major",
                "minor",
                "observation",
                "opportunity",
                "strength",
                "not_applicable",
                name="grade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("people_met", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("chosen_at", Moment(), nullable=True),
        sa.Column("chosen_by_id", _KEY, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "(part = 'auditor') = (grade IS NOT NULL)", name=op.f("ck_answer_auditors_grade")
        ),
        sa.CheckConstraint(
            "chosen_at IS NULL OR part = 'auditor'", name=op.f("ck_answer_chosen_is_graded")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_answer_author_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_answer_body_id")),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["person.id"], name=op.f("fk_answer_chosen_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "question_id", "author_id", name=op.f("uq_answer_question_id_author_id")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_answer_uid")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_author_id"), ["author_id"], unique=False)

    op.create_table(
        "answer_draft",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("question_id", _KEY, nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "auditor",
                "auditee",
                name="answerpart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "grade",
            sa.Enum(
                "conforms",
                "major",
                "minor",
                "observation",
                "opportunity",
                "strength",
                "not_applicable",
                name="grade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("people_met", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_answer_draft_author_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_answer_draft_body_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_draft_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_draft")),
        sa.UniqueConstraint(
            "question_id", "author_id", name=op.f("uq_answer_draft_question_id_author_id")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_answer_draft_uid")),
    )
    with op.batch_alter_table("answer_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_draft_author_id"), ["author_id"], unique=False)

    op.create_table(
        "answer_evidence",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("answer_uid", sa.String(length=36), nullable=False),
        sa.Column("question_id", _KEY, nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "photo",
                "file",
                "record",
                "posted_page",
                name="evidencekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_masked", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("revision_id", _KEY, nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("taken_back_at", Moment(), nullable=True),
        sa.Column("taken_back_reason", sa.Text(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "kind <> 'posted_page' OR revision_id IS NOT NULL",
            name=op.f("ck_answer_evidence_has_page"),
        ),
        sa.CheckConstraint(
            "kind <> 'record' OR reference <> ''", name=op.f("ck_answer_evidence_has_number")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('photo', 'file') OR sha256 IS NOT NULL",
            name=op.f("ck_answer_evidence_has_file"),
        ),
        sa.CheckConstraint(
            "taken_back_at IS NULL OR taken_back_reason <> ''",
            name=op.f("ck_answer_evidence_taken_back_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_answer_evidence_author_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_answer_evidence_body_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_evidence_question_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_answer_evidence_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_answer_evidence_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_evidence")),
        sa.UniqueConstraint("uid", name=op.f("uq_answer_evidence_uid")),
    )
    with op.batch_alter_table("answer_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_answer_evidence_answer_uid"), ["answer_uid"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_answer_evidence_question_id"), ["question_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_answer_evidence_revision_id"), ["revision_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_answer_evidence_sha256"), ["sha256"], unique=False)

    op.create_table(
        "sample",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("checklist_id", _KEY, nullable=False),
        sa.Column("question_id", _KEY, nullable=True),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "random",
                "systematic",
                "judgement",
                name="samplemethod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("listed", sa.JSON(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("drawn_by_id", _KEY, nullable=False),
        sa.Column("drawn_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("about <> ''", name=op.f("ck_sample_says_of_what")),
        sa.CheckConstraint("size > 0 AND size <= population", name=op.f("ck_sample_size_in_range")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_sample_body_id")),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklist.id"], name=op.f("fk_sample_checklist_id")
        ),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["person.id"], name=op.f("fk_sample_drawn_by_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_sample_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
    )
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_checklist_id"), ["checklist_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_question_id"), ["question_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_question_id"))
        batch_op.drop_index(batch_op.f("ix_sample_checklist_id"))

    op.drop_table("sample")
    with op.batch_alter_table("answer_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_evidence_sha256"))
        batch_op.drop_index(batch_op.f("ix_answer_evidence_revision_id"))
        batch_op.drop_index(batch_op.f("ix_answer_evidence_question_id"))
        batch_op.drop_index(batch_op.f("ix_answer_evidence_answer_uid"))

    op.drop_table("answer_evidence")
    with op.batch_alter_table("answer_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_draft_author_id"))

    op.drop_table("answer_draft")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_author_id"))

    op.drop_table("answer")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_unit_id"))
        batch_op.drop_index(batch_op.f("ix_question_revision_id"))
        batch_op.drop_index(batch_op.f("ix_question_parent_id"))
        batch_op.drop_index("ix_question_of_checklist")
        batch_op.drop_index(batch_op.f("ix_question_earlier_id"))
        batch_op.drop_index(batch_op.f("ix_question_document_id"))
        batch_op.drop_index(batch_op.f("ix_question_clause_id"))

    op.drop_table("question")
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checklist_copied_from_id"))

    op.drop_table("checklist")
    op.drop_table("checklist_template")
