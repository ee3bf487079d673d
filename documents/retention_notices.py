"""Telling ahead what comes to the end of its retention, once a month at most (a49; 7.5.3.2 d)."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.organisation import Body, root_unit
from app.kernel.people import Role
from app.kernel.work import Work
from documents.facts import DocumentNotice
from documents.models import RetentionNotice
from documents.retention import count_due
from documents.routing import holders


def notice_due(session: Session, body: Body, today: date) -> bool:
    """Say whether a body was told nothing this month although something comes to its end."""
    month = f"{today:%Y-%m}"
    told = sa.select(RetentionNotice.id).where(
        RetentionNotice.body_id == body.id, RetentionNotice.month == month
    )
    return session.scalar(told) is None and count_due(session, body, _until(body, today), today) > 0


def _until(body: Body, today: date) -> date:
    return today + timedelta(days=int(body.setting("retention_notice_days")))


def tell_ahead(work: Work, body: Body, today: date) -> bool:
    """Tell the quality officers how much comes to its end; a second time changes nothing."""
    body = work.fresh(body)
    if not notice_due(work.session, body, today):
        return False
    work.add(RetentionNotice(body_id=body.id, month=f"{today:%Y-%m}", told_at=work.now))
    until = _until(body, today)
    root = root_unit(work.session, body.id)
    work.notify(
        DocumentNotice.RETENTION_ENDS,
        body,
        to=holders(work.session, Role.QUALITY_OFFICER, root.id, today),
        count=count_due(work.session, body, until, today),
        until=until,
    )
    return True
