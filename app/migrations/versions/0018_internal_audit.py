"""Internal audit: criteria, auditors, programme and audits."""

import sqlalchemy as sa
from alembic import op

from app.kernel.db import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "standard",
        sa.Column("body_id", _KEY, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "standard",
                "reform",
                "directive",
                name="criterionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("loaded_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_standard_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
        sa.UniqueConstraint("body_id", "name", name=op.f("uq_standard_body_id_name")),
    )
    with op.batch_alter_table("standard", schema=None) as batch_op:
        batch_op.create_index(
            "ix_standard_of_product",
            ["name"],
            unique=True,
            sqlite_where=sa.text("body_id IS NULL"),
            postgresql_where=sa.text("body_id IS NULL"),
        )

    op.create_table(
        "asked_clauses",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("standard_id", _KEY, nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_asked_clauses_body_id")),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["standard.id"], name=op.f("fk_asked_clauses_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_clauses")),
        sa.UniqueConstraint(
            "body_id", "standard_id", name=op.f("uq_asked_clauses_body_id_standard_id")
        ),
    )
    op.create_table(
        "audited_unit",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("importance", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("closed_days", sa.JSON(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "importance BETWEEN 1 AND 5", name=op.f("ck_audited_unit_importance_in_range")
        ),
        sa.CheckConstraint(
            "visits BETWEEN 0 AND 12 AND days BETWEEN 1 AND 20",
            name=op.f("ck_audited_unit_in_range"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audited_unit_body_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_audited_unit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audited_unit")),
        sa.UniqueConstraint("body_id", "unit_id", name=op.f("uq_audited_unit_body_id_unit_id")),
    )
    with op.batch_alter_table("audited_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audited_unit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "clause",
        sa.Column("standard_id", _KEY, nullable=False),
        sa.Column("parent_id", _KEY, nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("title_en", sa.String(length=500), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["clause.id"], name=op.f("fk_clause_parent_id")),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["standard.id"], name=op.f("fk_clause_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("standard_id", "number", name=op.f("uq_clause_standard_id_number")),
    )
    with op.batch_alter_table("clause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clause_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "auditor",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("person_id", _KEY, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=250), nullable=False),
        sa.Column("sort_key", sa.String(length=500), nullable=False),
        sa.Column("may_lead", sa.Boolean(), nullable=False),
        sa.Column("qualified_from", sa.Date(), nullable=True),
        sa.Column("qualified_until", sa.Date(), nullable=True),
        sa.Column("days_per_week", sa.Integer(), nullable=False),
        sa.Column("days_per_year", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_because <> ''", name=op.f("ck_auditor_end_has_reason")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR name <> ''", name=op.f("ck_auditor_is_somebody")
        ),
        sa.CheckConstraint(
            "days_per_week BETWEEN 0 AND 7 AND days_per_year BETWEEN 0 AND 366",
            name=op.f("ck_auditor_days_in_range"),
        ),
        sa.CheckConstraint(
            "qualified_until >= qualified_from", name=op.f("ck_auditor_qualified_in_order")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_auditor_body_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_auditor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_auditor_body_id_number")),
        sa.UniqueConstraint("body_id", "person_id", name=op.f("uq_auditor_body_id_person_id")),
    )
    with op.batch_alter_table("auditor", schema=None) as batch_op:
        batch_op.create_index("ix_auditor_by_name", ["body_id", "sort_key", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditor_person_id"), ["person_id"], unique=False)

    op.create_table(
        "clause_counterpart",
        sa.Column("clause_id", _KEY, nullable=False),
        sa.Column("later_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"], ["clause.id"], name=op.f("fk_clause_counterpart_clause_id")
        ),
        sa.ForeignKeyConstraint(
            ["later_id"], ["clause.id"], name=op.f("fk_clause_counterpart_later_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_counterpart")),
        sa.UniqueConstraint(
            "clause_id", "later_id", name=op.f("uq_clause_counterpart_clause_id_later_id")
        ),
    )
    with op.batch_alter_table("clause_counterpart", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_clause_counterpart_later_id"), ["later_id"], unique=False
        )

    op.create_table(
        "programme",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "closed",
                name="programmestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("objectives", sa.Text(), nullable=False),
        sa.Column("scope_text", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.Column("change_reason", sa.Text(), nullable=False),
        sa.Column("drafted_by_id", _KEY, nullable=False),
        sa.Column("drafted_at", Moment(), nullable=False),
        sa.Column("submitted_by_id", _KEY, nullable=True),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "state <> 'submitted' OR submitted_at IS NOT NULL", name=op.f("ck_programme_is_dated")
        ),
        sa.CheckConstraint(
            "version = 1 OR change_reason <> ''", name=op.f("ck_programme_change_has_reason")
        ),
        sa.CheckConstraint("year BETWEEN 1990 AND 2199", name=op.f("ck_programme_year_in_range")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_programme_body_id")),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["person.id"], name=op.f("fk_programme_drafted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_programme_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("body_id", "year", name=op.f("uq_programme_body_id_year")),
    )
    op.create_table(
        "audit",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("programme_id", _KEY, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "planned",
                "unscheduled",
                "follow_up",
                "self_assessment",
                "external",
                name="auditkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "on_site",
                "remote",
                "mixed",
                name="auditmethod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "announced",
                "under_way",
                "reporting",
                "reported",
                "closed",
                "postponed",
                "cancelled",
                name="auditstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_until", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("announced_at", Moment(), nullable=True),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("fieldwork_ended_at", Moment(), nullable=True),
        sa.Column("report_number", sa.String(length=80), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("planned_by_id", _KEY, nullable=False),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "kind <> 'unscheduled' OR reason <> ''", name=op.f("ck_audit_unscheduled_has_reason")
        ),
        sa.CheckConstraint(
            "state NOT IN ('postponed', 'cancelled') OR state_reason <> ''",
            name=op.f("ck_audit_stop_has_reason"),
        ),
        sa.CheckConstraint(
            "(from_on IS NULL) = (until_on IS NULL)", name=op.f("ck_audit_dates_are_whole")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_audit_dates_in_order")),
        sa.CheckConstraint("window_until >= window_from", name=op.f("ck_audit_window_in_order")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_body_id")),
        sa.ForeignKeyConstraint(
            ["planned_by_id"], ["person.id"], name=op.f("fk_audit_planned_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_audit_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("body_id", "number", name=op.f("uq_audit_body_id_number")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_by_day", ["body_id", "window_from", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "auditor_competence",
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("field_key", sa.String(length=120), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_auditor_competence_auditor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_competence")),
        sa.UniqueConstraint(
            "auditor_id", "field_key", name=op.f("uq_auditor_competence_auditor_id_field_key")
        ),
    )
    with op.batch_alter_table("auditor_competence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_auditor_competence_field_key"), ["field_key"], unique=False
        )

    op.create_table(
        "auditor_conflict",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("entered_by_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on",
            name=op.f("ck_auditor_conflict_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_auditor_conflict_auditor_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_auditor_conflict_body_id")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_auditor_conflict_entered_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_auditor_conflict_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_conflict")),
    )
    with op.batch_alter_table("auditor_conflict", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_auditor_conflict_auditor_id"), ["auditor_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_auditor_conflict_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "auditor_entry",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course",
                "assessment",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("certificate", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", _KEY, nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_auditor_entry_says_something")),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_auditor_entry_auditor_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_auditor_entry_body_id")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_auditor_entry_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_entry")),
    )
    with op.batch_alter_table("auditor_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_auditor_entry_auditor_id"), ["auditor_id"], unique=False
        )

    op.create_table(
        "auditor_leave",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("entered_by_id", _KEY, nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_auditor_leave_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_auditor_leave_auditor_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_auditor_leave_body_id")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_auditor_leave_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_leave")),
    )
    with op.batch_alter_table("auditor_leave", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_auditor_leave_auditor_id"), ["auditor_id"], unique=False
        )

    op.create_table(
        "independence_exception",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("safeguards", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("signature_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.CheckConstraint(
            "reason <> '' AND safeguards <> ''",
            name=op.f("ck_independence_exception_says_why_and_how"),
        ),
        sa.CheckConstraint(
            "until_on >= from_on", name=op.f("ck_independence_exception_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_independence_exception_auditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_independence_exception_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_independence_exception_signature_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_independence_exception_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_independence_exception")),
    )
    with op.batch_alter_table("independence_exception", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_independence_exception_auditor_id"), ["auditor_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_independence_exception_unit_id"), ["unit_id"], unique=False
        )

    op.create_table(
        "programme_standard",
        sa.Column("programme_id", _KEY, nullable=False),
        sa.Column("standard_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_standard_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["standard.id"], name=op.f("fk_programme_standard_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_standard")),
        sa.UniqueConstraint(
            "programme_id",
            "standard_id",
            name=op.f("uq_programme_standard_programme_id_standard_id"),
        ),
    )
    op.create_table(
        "programme_version",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("programme_id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by_id", _KEY, nullable=False),
        sa.Column("approved_at", Moment(), nullable=False),
        sa.Column("signature_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_programme_version_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["body.id"], name=op.f("fk_programme_version_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_version_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_programme_version_signature_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint(
            "programme_id", "version", name=op.f("uq_programme_version_programme_id_version")
        ),
    )
    op.create_table(
        "audit_clause",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("clause_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_clause_audit_id")),
        sa.ForeignKeyConstraint(
            ["clause_id"], ["clause.id"], name=op.f("fk_audit_clause_clause_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_clause")),
        sa.UniqueConstraint(
            "audit_id", "clause_id", name=op.f("uq_audit_clause_audit_id_clause_id")
        ),
    )
    with op.batch_alter_table("audit_clause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_clause_clause_id"), ["clause_id"], unique=False)

    op.create_table(
        "audit_move",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("old_from", sa.Date(), nullable=False),
        sa.Column("old_until", sa.Date(), nullable=False),
        sa.Column("new_from", sa.Date(), nullable=True),
        sa.Column("new_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved_by_id", _KEY, nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_move_audit_id")),
        sa.ForeignKeyConstraint(
            ["moved_by_id"], ["person.id"], name=op.f("fk_audit_move_moved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_move")),
    )
    with op.batch_alter_table("audit_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_move_audit_id"), ["audit_id"], unique=False)

    op.create_table(
        "audit_procedure",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("document_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_audit_procedure_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_audit_procedure_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_procedure")),
        sa.UniqueConstraint(
            "audit_id", "document_id", name=op.f("uq_audit_procedure_audit_id_document_id")
        ),
    )
    with op.batch_alter_table("audit_procedure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_procedure_document_id"), ["document_id"], unique=False
        )

    op.create_table(
        "audit_unit",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("unit_id", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_unit_audit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_audit_unit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_unit")),
        sa.UniqueConstraint("audit_id", "unit_id", name=op.f("uq_audit_unit_audit_id_unit_id")),
    )
    with op.batch_alter_table("audit_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_unit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "team_member",
        sa.Column("body_id", _KEY, nullable=False),
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("auditor_id", _KEY, nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "lead",
                "auditor",
                "trainee",
                "expert",
                "observer",
                name="teampart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", Moment(), nullable=False),
        sa.Column("left_at", Moment(), nullable=True),
        sa.Column("left_reason", sa.String(length=500), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_team_member_audit_id")),
        sa.ForeignKeyConstraint(
            ["auditor_id"], ["auditor.id"], name=op.f("fk_team_member_auditor_id")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_team_member_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_auditor_id"), ["auditor_id"], unique=False)
        batch_op.create_index(
            "ix_team_member_one_lead",
            ["audit_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL AND part = 'lead'"),
            postgresql_where=sa.text("left_at IS NULL AND part = 'lead'"),
        )
        batch_op.create_index(
            "ix_team_member_present",
            ["audit_id", "auditor_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_team_member_present",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_team_member_one_lead",
            sqlite_where=sa.text("left_at IS NULL AND part = 'lead'"),
            postgresql_where=sa.text("left_at IS NULL AND part = 'lead'"),
        )
        batch_op.drop_index(batch_op.f("ix_team_member_auditor_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("audit_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_unit_unit_id"))

    op.drop_table("audit_unit")
    with op.batch_alter_table("audit_procedure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_procedure_document_id"))

    op.drop_table("audit_procedure")
    with op.batch_alter_table("audit_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_move_audit_id"))

    op.drop_table("audit_move")
    with op.batch_alter_table("audit_clause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_clause_clause_id"))

    op.drop_table("audit_clause")
    op.drop_table("programme_version")
    op.drop_table("programme_standard")
    with op.batch_alter_table("independence_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_independence_exception_unit_id"))
        batch_op.drop_index(batch_op.f("ix_independence_exception_auditor_id"))

    op.drop_table("independence_exception")
    with op.batch_alter_table("auditor_leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditor_leave_auditor_id"))

    op.drop_table("auditor_leave")
    with op.batch_alter_table("auditor_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditor_entry_auditor_id"))

    op.drop_table("auditor_entry")
    with op.batch_alter_table("auditor_conflict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditor_conflict_unit_id"))
        batch_op.drop_index(batch_op.f("ix_auditor_conflict_auditor_id"))

    op.drop_table("auditor_conflict")
    with op.batch_alter_table("auditor_competence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditor_competence_field_key"))

    op.drop_table("auditor_competence")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_programme_id"))
        batch_op.drop_index("ix_audit_by_day")

    op.drop_table("audit")
    op.drop_table("programme")
    with op.batch_alter_table("clause_counterpart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clause_counterpart_later_id"))

    op.drop_table("clause_counterpart")
    with op.batch_alter_table("auditor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditor_person_id"))
        batch_op.drop_index("ix_auditor_by_name")

    op.drop_table("auditor")
    with op.batch_alter_table("clause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clause_parent_id"))

    op.drop_table("clause")
    with op.batch_alter_table("audited_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audited_unit_unit_id"))

    op.drop_table("audited_unit")
    op.drop_table("asked_clauses")
    with op.batch_alter_table("standard", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_standard_of_product",
            sqlite_where=sa.text("body_id IS NULL"),
            postgresql_where=sa.text("body_id IS NULL"),
        )

    op.drop_table("standard")
