"""Lists sorted by effect and review by index; the PDFs still to be made as rows of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FAR, _FAR_DAY = "9999-01-01 00:00:00.000000", "9999-01-01"
_ONLY = (("revision", "package_id"), ("document", "parent_id"))


def upgrade() -> None:
    """Apply."""
    far, day = sa.DateTime(timezone=True), sa.Date()
    op.add_column("document", sa.Column("effect_sort", far, nullable=False, server_default=_FAR))
    op.add_column(
        "document", sa.Column("review_sort", day, nullable=False, server_default=_FAR_DAY)
    )
    op.add_column(
        "document", sa.Column("is_left", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE document SET is_left = true"
        " WHERE id IN (SELECT document_id FROM revision WHERE state = 'withdrawn')"
        " AND id NOT IN (SELECT document_id FROM revision WHERE state = 'effective')"
    )
    op.drop_index("ix_document_keeper_id", "document")
    op.create_index("ix_document_by_keeper", "document", ["keeper_id", "next_review_on", "id"])
    op.create_index("ix_document_left", "document", ["body_id", "is_left", "code_sort", "id"])
    op.execute(
        "UPDATE document SET effect_sort = (SELECT effective_at FROM revision"
        " WHERE revision.document_id = document.id AND revision.state = 'effective')"
        " WHERE id IN (SELECT document_id FROM revision WHERE state = 'effective')"
    )
    op.execute("UPDATE document SET review_sort = next_review_on WHERE next_review_on IS NOT NULL")
    op.create_index("ix_document_by_effect", "document", ["body_id", "effect_sort", "id"])
    op.create_index("ix_document_by_review", "document", ["body_id", "review_sort", "id"])
    op.create_index("ix_unit_by_name", "unit", ["body_id", "sort_key", "id"])
    for table, column in _ONLY:
        name, some = f"ix_{table}_{column}", sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [column], sqlite_where=some, postgresql_where=some)
    some = sa.text("sha256 IS NULL OR method = 'text'")
    op.create_index(
        "ix_file_rendition_open", "file_rendition", ["id"], sqlite_where=some, postgresql_where=some
    )
    op.execute(
        "INSERT INTO file_rendition (source_sha256, method, pages, made_at, tries)"
        " SELECT revision_file.sha256, '', 0, min(revision.drafted_at), 0 FROM revision_file"
        " JOIN revision ON revision.id = revision_file.revision_id"
        " WHERE revision_file.role = 'main' AND revision_file.replaced_at IS NULL"
        " AND revision.state NOT IN ('draft', 'cancelled')"
        " AND revision_file.sha256 NOT IN (SELECT source_sha256 FROM file_rendition)"
        " GROUP BY revision_file.sha256"
    )
