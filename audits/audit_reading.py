"""What the team reads before an audit, and who has read it (7.5.3; L5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.people import Person
from app.kernel.work import Work
from audits.models import Audit, AuditDocument, AuditReading
from audits.permissions import AuditPermission
from audits.plan_facts import PlanFact
from documents.models import Confidentiality, Document, Revision, RevisionState

MOST_CHOSEN = 40


@dataclass(frozen=True)
class ToRead:
    """One document of the list: its revision in force, and who of the team read which."""

    document: Document
    revision: Revision | None
    is_chosen: bool
    read_by: tuple[Person, ...]
    read_before: tuple[Person, ...]  # an edition that is replaced by now


def to_read(session: Session, audit: Audit) -> list[ToRead]:
    """Give the procedures audited and what was chosen beside, in the order of their codes."""
    chosen = {one.document_id for one in audit.documents}
    listed = {one.document_id: one.document for one in audit.procedures}
    listed |= {one.document_id: one.document for one in audit.documents}
    shown = [one for one in listed.values() if one.confidentiality is not Confidentiality.NAMED]
    in_force = {
        one.document_id: one
        for one in session.scalars(
            sa.select(Revision).where(
                Revision.document_id.in_({one.id for one in shown}),
                Revision.state == RevisionState.EFFECTIVE,
            )
        )
    }
    marks = list(
        session.scalars(
            sa.select(AuditReading)
            .where(AuditReading.audit_id == audit.id)
            .options(joinedload(AuditReading.person), joinedload(AuditReading.revision))
            .order_by(AuditReading.id)
        )
    )
    found = []
    for document in sorted(shown, key=lambda one: (one.code_sort or "", one.id)):
        revision = in_force.get(document.id)
        own = [one for one in marks if one.revision.document_id == document.id]
        now = [one for one in own if revision is not None and one.revision_id == revision.id]
        readers = {one.person_id for one in now}
        found.append(
            ToRead(
                document,
                revision,
                document.id in chosen,
                tuple(one.person for one in now),
                tuple(
                    {one.person_id: one.person for one in own if one.person_id not in readers}
                    .values()
                ),
            )
        )  # fmt: skip
    return found


def choose_documents(work: Work, audit: Audit, documents: Sequence[Document]) -> bool:
    """Choose what is read beside the procedures audited; nothing for named people only."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := audit.plan_obstacle():
        raise obstacle
    wanted = {one.id: one for one in documents}
    if len(wanted) > MOST_CHOSEN:
        raise InvalidInput(
            N_("Choose %(most)s documents at most."), field="documents", most=MOST_CHOSEN
        )
    for one in wanted.values():
        if one.body_id != audit.body_id or one.confidentiality is Confidentiality.NAMED:
            raise InvalidInput(N_("This is not in the list. Choose again."), field="documents")
    present = {one.document_id: one for one in audit.documents}
    audited = {one.document_id for one in audit.procedures}
    keys = set(wanted) - audited
    if keys == set(present):
        return False
    audit.documents = [one for key, one in present.items() if key in keys] + [
        AuditDocument(document=wanted[key], document_id=key)
        for key in wanted
        if key in keys and key not in present
    ]
    work.session.flush()
    work.record(PlanFact.READING_CHOSEN, audit)
    return True


def note_read(work: Work, audit: Audit, revision: Revision) -> None:
    """Note that somebody of the team read the revision in force; once for each revision."""
    work.require(AuditPermission.READ_FOR_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := audit.plan_obstacle():
        raise obstacle
    listed = {one.document_id for one in audit.procedures}
    listed |= {one.document_id for one in audit.documents}
    if revision.document_id not in listed or revision.state is not RevisionState.EFFECTIVE:
        raise RuleBroken(N_("This revision is not among what is read for %(number)s."),
                         number=audit.number)  # fmt: skip
    if any(
        one.revision_id == revision.id and one.person_id == work.actor.id for one in audit.readings
    ):
        return
    audit.readings.append(
        AuditReading(
            audit_id=audit.id, revision_id=revision.id, person_id=work.actor.id, read_at=work.now
        )
    )
    work.session.flush()
    work.record(PlanFact.REVISION_READ, audit, code=revision.document.code, edition=revision.label)
