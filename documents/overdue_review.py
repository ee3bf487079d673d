"""Overdue periodic reviews climb: keeper, quality officer, leader, each once (D7)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import working_days_after
from app.kernel.organisation import ancestor_ids, root_unit
from app.kernel.people import Person, Role
from app.kernel.work import Work
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Document, ReviewRung, Revision, RevisionState
from documents.routing import holders

# working days after the due date, and who is told then
LADDER: tuple[tuple[int, int, Role | None], ...] = (
    (1, 0, None),  # whoever keeps the document, and the manager of its unit
    (2, 7, Role.QUALITY_OFFICER),
    (3, 14, Role.LEADER),
)


def overdue_documents(session: Session, body_id: int, today: date) -> list[int]:
    """Give the ids of effective documents due for review that have a rung not yet climbed."""
    climbed = (
        sa.select(sa.func.count())
        .where(
            ReviewRung.document_id == Document.id,
            ReviewRung.due_on == Document.next_review_on,
        )
        .correlate(Document)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            sa.select(Document.id)
            .where(
                Document.body_id == body_id,
                Document.next_review_on <= today,
                climbed < len(LADDER),
                sa.exists().where(
                    Revision.document_id == Document.id,
                    Revision.state == RevisionState.EFFECTIVE,
                ),
            )
            .order_by(Document.next_review_on, Document.id)
        )
    )


def climb(work: Work, document: Document, today: date) -> int:
    """Tell whoever a late review has climbed to; give how many rungs that were.

    Safe to run twice: a rung is a row that the database holds once. After a downtime every rung
    that has passed is climbed now, each person told once.
    """
    document = work.fresh(document)
    due_on = document.next_review_on
    if due_on is None or due_on > today:
        return 0
    before = work.session.scalars(
        sa.select(ReviewRung).where(
            ReviewRung.document_id == document.id, ReviewRung.due_on == due_on
        )
    ).all()
    done = {rung.rung for rung in before}
    told = {person_id for rung in before for person_id in rung.person_ids}
    climbed = 0
    for rung, days, role in LADDER:
        if rung in done or working_days_after(document.body, due_on, days) > today:
            continue
        people = [
            person for person in _holders(work, document, role, today) if str(person.id) not in told
        ]
        row = ReviewRung(
            document_id=document.id,
            due_on=due_on,
            rung=rung,
            climbed_at=work.now,
            person_ids=[str(person.id) for person in people],
        )
        work.add(row)
        told |= set(row.person_ids)
        work.notify(
            DocumentNotice.REVIEW_OVERDUE, document, to=people, code=document.code, due_on=due_on
        )
        climbed += 1
    if climbed:
        work.record(
            DocumentFact.REVIEW_OVERDUE,
            document,
            due_on=due_on,
            rung=len(done) + climbed,
            people=sorted(int(person_id) for person_id in told),
        )
    return climbed


def _holders(work: Work, document: Document, role: Role | None, today: date) -> list[Person]:
    """Give who is told at a rung: open accounts only, the nearest manager up the tree."""
    if role is not None:
        root = root_unit(work.session, document.body_id)
        return holders(work.session, role, root.id, today)
    people = [document.keeper] if document.keeper is not None else []
    people = [person for person in people if person.disabled_at is None]
    for unit_id in ancestor_ids(work.session, document.lead_unit_id):
        if managers := holders(work.session, Role.MANAGER, unit_id, today):
            return people + [person for person in managers if person not in people]
    return people
