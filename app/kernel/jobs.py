"""Signs of life of the jobs process, for /health; and what they tell about the clock (T17)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Record
from app.kernel.facts import KernelFact
from app.kernel.work import Work

JOBS = "jobs"
CLOCK_MAY_DIFFER = timedelta(minutes=5)


class Heartbeat(Record):
    """When a jobs process was last seen working."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    at: Mapped[datetime]


def beat(work: Work) -> None:
    """Show life; a clock that went back is recorded once, as the next beat starts from there."""
    newest = work.session.scalars(
        sa.select(Heartbeat).where(Heartbeat.name == JOBS).with_for_update()
    ).one_or_none()
    if newest is None:
        work.add(Heartbeat(name=JOBS, at=work.now))
        return
    if work.now < newest.at - CLOCK_MAY_DIFFER:
        work.record_outside(
            KernelFact.CLOCK_WENT_BACK,
            "system",
            seconds=round((newest.at - work.now).total_seconds()),
        )
    newest.at = work.now
