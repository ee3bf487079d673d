"""How the audited found the audit: once each, read as averages, never by name (b35)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.people import Person
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.finding_facts import FindingFact
from audits.models import AFTER_ISSUE, SCORES, Audit, AuditRating
from audits.permissions import AuditPermission


def rate_audit(work: Work, audit: Audit, scores: dict[str, int], *, comment: str = "") -> None:
    """Say as somebody of an audited unit how the audit was; once each (b35)."""
    work.require(AuditPermission.RATE_AUDIT, audit)
    audit = work.fresh(audit)
    if obstacle := rating_obstacle(audit, work.actor):
        raise obstacle
    known = work.session.scalar(
        sa.select(AuditRating.id).where(
            AuditRating.audit_id == audit.id, AuditRating.person_id == work.actor.id
        )
    )
    if known is not None:
        raise RuleBroken(N_("You have rated this audit already."))
    for name in SCORES:
        if not 1 <= scores.get(name, 0) <= 5:
            raise InvalidInput(N_("Choose from 1 to 5."), field=name)
    made = work.add(
        AuditRating(
            body_id=audit.body_id,
            audit=audit,
            audit_id=audit.id,
            person_id=work.actor.id,
            comment=nfc(comment).strip()[:2000],
            rated_on=work.today,
            **{name: scores[name] for name in SCORES},
        )
    )
    work.record(FindingFact.RATED, made)


def rating_obstacle(audit: Audit, person: Person) -> RuleBroken | None:
    """Say why somebody cannot rate an audit; None once it is reported, but for its team."""
    if audit.state not in AFTER_ISSUE:
        return RuleBroken(N_("The report is not issued yet."))
    if any(one.auditor.person_id == person.id for one in audit.members):
        return RuleBroken(N_("Whoever audited does not rate the audit."))
    return None


@dataclass(frozen=True)
class Ratings:
    """What an audit was given: how many answered, the average of each question, their words."""

    count: int
    averages: tuple[float, ...] = ()
    comments: tuple[str, ...] = ()


def ratings_of(session: Session, audit: Audit) -> Ratings:
    """Give the averages of an audit, and what was written, in no order that tells by whom."""
    columns = [sa.func.avg(getattr(AuditRating, name)) for name in SCORES]
    row = session.execute(
        sa.select(sa.func.count(AuditRating.id), *columns).where(AuditRating.audit_id == audit.id)
    ).one()
    if not row[0]:
        return Ratings(0)
    comments = session.scalars(
        sa.select(AuditRating.comment)
        .where(AuditRating.audit_id == audit.id, AuditRating.comment != "")
        .order_by(AuditRating.comment)
    )
    return Ratings(int(row[0]), tuple(float(one) for one in row[1:]), tuple(comments))


def has_rated(session: Session, audit: Audit, person: Person) -> bool:
    """Say whether somebody has rated an audit."""
    query = sa.select(AuditRating.id).where(
        AuditRating.audit_id == audit.id, AuditRating.person_id == person.id
    )
    return session.scalar(query) is not None
