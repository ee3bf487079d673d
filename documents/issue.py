"""Coming into force: both revisions switch in one transaction, once (D1, D4, D7; a25, a27)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import months_after, today_of
from app.kernel.coded import N_
from app.kernel.errors import RuleBroken
from app.kernel.organisation import Body
from app.kernel.work import Work
from documents import change_request, citing, register
from documents.controlled_copy import tell_holders
from documents.distribution import distribute
from documents.facts import DocumentFact, DocumentNotice
from documents.models import (
    ImportedHistory,
    IssuanceDecision,
    IssuanceItem,
    Package,
    Revision,
    RevisionState,
)
from documents.publication import edition_came_into_force


def issue_obstacle(session: Session, package: Package) -> RuleBroken | None:
    """Say why an approved package cannot come into force whatever the day; None when it can."""
    if package.is_signed_through():
        return None
    confirmed = session.scalars(
        sa.select(IssuanceItem)
        .join(IssuanceDecision)
        .where(IssuanceItem.package_id == package.id, IssuanceDecision.confirmed_at.is_not(None))
    )
    if not _was_approved_before(session, package) and not any(
        item.covers_present_content for item in confirmed
    ):
        return RuleBroken(
            N_("The signatures of %(code)s do not cover its present content."),
            rule="D4",
            code=package.lead.code,
        )
    return None


def _was_approved_before(session: Session, package: Package) -> bool:
    """Say whether every revision came with an approval from before this system (a53)."""
    found = {
        history.revision_id: history
        for history in session.scalars(
            sa.select(ImportedHistory).where(
                ImportedHistory.revision_id.in_([one.id for one in package.revisions])
            )
        )
    }
    return bool(package.revisions) and all(
        revision.id in found and found[revision.id].covers(package)
        for revision in package.revisions
    )


def issue_if_due(work: Work, package: Package) -> bool:
    """Put an approved package into force when the day has come; doing it twice changes nothing."""
    package = work.fresh(package)
    today = today_of(package.lead.document.body, work.now)
    if any(revision.effect_obstacle(today) is not None for revision in package.revisions):
        return False
    if obstacle := issue_obstacle(work.session, package):
        raise obstacle
    for revision in package.revisions:
        _switch(work, revision)
    change_request.revisions_in_force(work, package.revisions)
    work.notify(
        DocumentNotice.EFFECTIVE,
        package,
        to=package.authors,
        code=package.lead.code,
        edition=package.lead.label,
    )
    return True


def _switch(work: Work, revision: Revision) -> None:
    document = work.fresh(revision.document)
    former = register.effective_revision(work.session, document)
    if former is not None:
        former = work.fresh(former)
        former.become_obsolete(at=work.now)
        work.session.flush()  # D1: the database allows one effective revision at any moment
        work.record(DocumentFact.REVISION_OBSOLETE, former, successor=revision.label)
        register.index_revision(work.session, former)
        tell_holders(work, former)
    revision.come_into_force(at=work.now)
    document.give_title(revision.title)
    document.next_review_on = months_after(
        today_of(document.body, work.now), document.months_between_reviews
    )
    work.record(DocumentFact.REVISION_EFFECTIVE, revision, document=document)
    citing.keep_citations(work.session, revision)
    register.index_revision(work.session, revision)
    distribute(work, revision)
    edition_came_into_force(work, revision)


def _is_trained(day: date) -> Any:
    """Condition on revisions: no training days hold them back on a day (D4)."""
    return sa.or_(Revision.training_until.is_(None), Revision.training_until <= day)


def packages_due(session: Session, today_by_body: dict[int, date]) -> list[int]:
    """Give the ids of approved packages whose day has come in their body."""
    due: list[int] = []
    for body_id, today in today_by_body.items():
        found = session.scalars(
            sa.select(Revision.package_id)
            .where(
                Revision.body_id == body_id,
                Revision.state == RevisionState.APPROVED,
                Revision.effective_on <= today,
                _is_trained(today),
                Revision.package_id.is_not(None),
            )
            .distinct()
            .order_by(Revision.package_id)
            .limit(200)
        )
        due += [package_id for package_id in found if package_id is not None]
    return due


def switches_late(session: Session, now: datetime, *, by: timedelta) -> int:
    """Count approved revisions whose day began longer ago than `by` and that are not in force."""
    late = 0
    for body in session.scalars(sa.select(Body)):
        day = today_of(body, now - by)
        late += (
            session.scalar(
                sa.select(sa.func.count())
                .select_from(Revision)
                .where(
                    Revision.body_id == body.id,
                    Revision.state == RevisionState.APPROVED,
                    Revision.effective_on <= day,
                    _is_trained(day),
                )
            )
            or 0
        )
    return late
