"""Bringing a past revision back as a new one, which is approved anew (D5; a29)."""

from __future__ import annotations

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.drafting import begin_revision
from documents.facts import DocumentFact
from documents.models import Revision, RevisionFile
from documents.permissions import DocumentPermission

_LONGEST = 4000


def restore_revision(work: Work, revision: Revision, *, reason: str) -> Revision:
    """Make a new draft of a past revision's files; it needs an approval of its own (a29)."""
    work.require(DocumentPermission.DRAFT_REVISION, revision.document)
    document = work.fresh(revision.document)
    revision = work.fresh(revision)  # of two who restore, or one who disposes, one is first
    if obstacle := revision.restore_obstacle():
        raise obstacle
    if not reason.strip():
        raise InvalidInput(N_("Say why it is restored."), field="reason")
    restored = begin_revision(work, document)
    restored.title = revision.title
    restored.reason = nfc(reason).strip()[:_LONGEST]
    files = [
        RevisionFile(
            body_id=file.body_id,
            revision=restored,
            role=file.role,
            sha256=file.sha256,
            name=file.name,
            size=file.size,
        )
        for file in revision.files
    ]
    work.session.add_all(files)
    work.session.flush()
    work.session.refresh(restored, ["all_files"])
    work.record(
        DocumentFact.REVISION_RESTORED,
        restored,
        restored_from=revision.label,
        restored_files=files,
        files=[{"sha256": file.sha256} for file in files],
    )
    return restored
