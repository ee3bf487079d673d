"""Who of the demo body has read what: most have, some have not, one unit by its head's minutes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from app.demo_data.stage import Stage
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from documents.distribution import call_readers
from documents.models import Distribution, Revision
from documents.readers import unread_people
from documents.reading import MeetingData, acknowledge, acknowledge_for_unit, without_accounts

# only named: they clean and drive, and go through papers at the meetings of their unit
WITHOUT_ACCOUNT = (("Bế Thị Lành", "VP", "Phục vụ"), ("Lường Văn Tải", "VP", "Lái xe"))
MEETING = "HD-VP-01"  # confirmed at the office's meeting
SLOW = ("cv2.ql", "cv1.vh", "cv2.vp", "cv2.tp", "truong.gd", "chuyen.vien")


def _asked(revision: Revision) -> Distribution | None:
    distribution = revision.distribution
    return distribution if distribution is not None and distribution.is_asking else None


def ask(revision: Revision, now: datetime) -> None:
    """Ask whom a revision concerns, as the job does it some minutes after the switch."""
    distribution = _asked(revision)
    if distribution is not None:
        with unit_of_work(None, now=now) as work:
            call_readers(work, distribution, today_of(revision.document.body, now))


def read(revision: Revision, now: datetime, *, recent: bool) -> None:
    """Let those who read in time confirm, each by their own act."""
    distribution = _asked(revision)
    if distribution is None or revision.ended_at is not None:
        return
    day = today_of(revision.document.body, now)
    people = db.session.scalars(
        unread_people(db.session(), distribution, day).where(Person.login.is_not(None))
    ).all()
    for person in people:
        late = person.login in SLOW or (recent and (person.id + revision.id) % 3 == 0)
        if not late:
            with unit_of_work(person, now=now) as work:
                acknowledge(work, work.fresh(revision))


def meet(stage: Stage, revision: Revision, now: datetime) -> None:
    """Let the head of the office confirm for those at its meeting who have no account."""
    distribution = _asked(revision)
    if distribution is None:
        return
    head = stage.person("truong.vp")
    day = today_of(revision.document.body, now)
    people = without_accounts(db.session(), distribution, stage.unit("VP"), day)
    with unit_of_work(head, now=now) as work:
        present = work.session.scalars(
            sa.select(Person).where(Person.id.in_([person.id for person in people]))
        )
        data = MeetingData(day, "14/BB-VP", tuple(present), others_present=1)
        acknowledge_for_unit(work, work.fresh(revision), stage.unit("VP"), data)
