"""One letter a person a working day: what waits for them, in their language (e18, e20, D14, P7).

What cannot wait for it leaves at once, in a letter of its own that says why.

What is promised: at least once, with the same id. A letter is noted as tried before it is handed to
the mail server and as sent after the server took it. Where this process ends between the two, the
next round hands the same letter over again, once for each such end; both carry one Message-ID, by
which mail programs show them as one. Nothing is lost; without such an end nothing is sent twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import is_working_day, today_of
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.mail_state import note_mail
from app.kernel.notices import (
    AT_ONCE,
    KernelNotice,
    Notice,
    NoticeKind,
    Urgency,
    letter_moment,
)
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.mail import Line, NotTaken, Server, Unreachable, envelope, server_of
from app.web.formats import as_date
from documents.copy_facts import CopyNotice
from documents.facts import DocumentNotice
from documents.models import (
    ChangeRequest,
    ControlledCopy,
    Disposal,
    Document,
    IssuanceDecision,
    Package,
    Publication,
    Revision,
    Scope,
    Withdrawal,
)
from documents.readers import owes
from documents.together_facts import TogetherNotice

log = logging.getLogger("nenep.mail")
KINDS: dict[str, NoticeKind] = {
    str(kind): kind for kind in (*DocumentNotice, *CopyNotice, *TogetherNotice, *KernelNotice)
}
ASKED = {
    str(kind)
    for kind in (
        DocumentNotice.REVIEW_ASKED,
        DocumentNotice.APPROVAL_ASKED,
        DocumentNotice.REMINDER,
        TogetherNotice.SEAT_TAKEN,
    )
}
TO_READ = {str(DocumentNotice.READING_ASKED), str(DocumentNotice.READING_REMINDER)}
TO_DECIDE = {
    str(kind)
    for kind in (
        DocumentNotice.WITHDRAWAL_ASKED,
        DocumentNotice.DISPOSAL_ASKED,
        TogetherNotice.WITHDRAWAL_TAKEN,
        TogetherNotice.DISPOSAL_TAKEN,
    )
}
# how long a letter that was not taken rests before it is tried again; after the last, no more
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
MOST_TRIES = len(RESTS) + 1
FORGOTTEN = timedelta(days=14)  # nobody is mailed what is older, whatever kept it from leaving


@dataclass(frozen=True)
class LetterLine:
    """One thing to do or to know, and where."""

    text: str
    url: str
    why_now: str = ""


def unsent(session: Session, body: Body, now: datetime) -> dict[int, list[Notice]]:
    """Give the notices that may leave with the daily letter now, by person.

    Their hour has come, they had no such letter today, and today somebody works here (P7).
    """
    today = today_of(body, now)
    if not is_working_day(body, today):
        return {}
    day_began = datetime.combine(today, time(), tzinfo=ZoneInfo(body.time_zone))
    had_one = sa.select(Notice.person_id).where(
        Notice.body_id == body.id,
        Notice.sent_at >= day_began,
        Notice.urgency == Urgency.DAILY,
    )
    waiting: dict[int, list[Notice]] = {}
    for notice in _waiting(
        session,
        body,
        now,
        Notice.urgency == Urgency.DAILY,
        Person.wants_letters,
        Notice.person_id.not_in(had_one),
    ):
        moment = letter_moment(notice.person, today)
        if notice.made_at < moment <= now:
            waiting.setdefault(notice.person_id, []).append(notice)
    return _rested(waiting, now)


def urgent(session: Session, body: Body, now: datetime) -> dict[int, list[Notice]]:
    """Give the notices that cannot wait for the daily letter, by person."""
    waiting: dict[int, list[Notice]] = {}
    for notice in _waiting(session, body, now, Notice.urgency != Urgency.DAILY):
        waiting.setdefault(notice.person_id, []).append(notice)
    return _rested(waiting, now)


def _waiting(session: Session, body: Body, now: datetime, *more: Any) -> Iterable[Notice]:
    return session.scalars(
        sa.select(Notice)
        .join(Person, Person.id == Notice.person_id)
        .options(joinedload(Notice.person))
        .where(
            Notice.body_id == body.id,
            Notice.sent_at.is_(None),
            Notice.seen_at.is_(None),
            Notice.tries < MOST_TRIES,
            Notice.made_at <= now,
            Notice.made_at > now - FORGOTTEN,
            Person.email != "",
            Person.disabled_at.is_(None),
            *more,
        )
        .order_by(Notice.person_id, Notice.id)
    )


def _rested(waiting: dict[int, list[Notice]], now: datetime) -> dict[int, list[Notice]]:
    return {
        person_id: notices
        for person_id, notices in waiting.items()
        if all(_has_rested(notice, now) for notice in notices)
    }


def _has_rested(notice: Notice, now: datetime) -> bool:
    if notice.tried_at is None or notice.tries == 0:
        return True
    return now >= notice.tried_at + RESTS[min(notice.tries, len(RESTS)) - 1]


def still_matters(session: Session, notice: Notice) -> bool:
    """Say whether there is anything left to do or know: what others did meanwhile is left out."""
    if notice.kind in ASKED:
        package = _package(session, notice)
        step = package.current_step if package is not None else None
        return step is not None and notice.person_id in {person.id for person in step.waiting}
    if notice.kind in TO_READ:
        revision = session.get(Revision, notice.record_id)
        return revision is not None and owes(session, revision, notice.person)
    if notice.kind == str(TogetherNotice.INVITED):
        package = _package(session, notice)
        today = today_of(notice.person.body, datetime.now(UTC))
        return package is not None and any(
            one.person_id == notice.person_id and one.holds(today) for one in package.invitations
        )
    if notice.kind == str(CopyNotice.RECALLED):
        copy = session.get(ControlledCopy, notice.record_id)
        return copy is not None and copy.is_out
    if notice.kind == str(DocumentNotice.ISSUANCE_TO_CONFIRM):
        decision = session.get(IssuanceDecision, notice.record_id)
        return decision is not None and not (decision.confirmed_at or decision.refused_at)
    if notice.kind in TO_DECIDE:
        proposal = _proposal(session, notice)
        return proposal is not None and proposal.decide_obstacle(notice.person) is None
    if notice.kind == str(DocumentNotice.SCOPE_ASKED):
        scope = session.get(Scope, notice.record_id)
        return scope is not None and scope.approve_obstacle(notice.person) is None
    if notice.kind == str(DocumentNotice.CHANGE_ASKED):
        request = session.get(ChangeRequest, notice.record_id)
        return request is not None and request.decide_obstacle() is None
    if notice.kind == str(DocumentNotice.REVIEW_OVERDUE):
        document = session.get(Document, notice.record_id)
        due_on = document.next_review_on if document is not None else None
        return due_on is not None and due_on.isoformat() == notice.values.get("due_on")
    return notice.kind in KINDS


def _proposal(session: Session, notice: Notice) -> Withdrawal | Disposal | None:
    if notice.record_type == Withdrawal.__tablename__:
        return session.get(Withdrawal, notice.record_id)
    return session.get(Disposal, notice.record_id)


def _package(session: Session, notice: Notice) -> Package | None:
    if notice.record_type == Package.__tablename__:
        return session.get(Package, notice.record_id)
    if notice.record_type == Revision.__tablename__:
        revision = session.get(Revision, notice.record_id)
        return revision.package if revision is not None else None
    return None


def url_of(session: Session, notice: Notice, body: Body) -> str:
    """Give the full address of what a notice is about; it carries the body."""
    place = "/work"
    package = _package(session, notice)
    if notice.kind in TO_READ:
        place = f"/read/{notice.record_id}"
    elif package is not None:
        revision_id = notice.record_id if notice.record_type == "revision" else package.lead.id
        place = f"/r/{revision_id}"
    elif notice.record_type == Document.__tablename__:
        document = session.get(Document, notice.record_id)
        if document is not None and document.code:
            place = f"/d/{quote(document.code, safe='/')}"
            if notice.kind == str(DocumentNotice.REVIEW_OVERDUE):
                place = f"/reviews?document={quote(document.code)}"
    elif notice.record_type == IssuanceDecision.__tablename__:
        place = f"/issuances/{notice.record_id}"
    elif notice.record_type == ChangeRequest.__tablename__:
        place = f"/changes/{quote(str(notice.values.get('number', '')))}"
    elif notice.record_type == ControlledCopy.__tablename__:
        place = f"/copies/{notice.record_id}"
    elif notice.record_type == Scope.__tablename__:
        place = "/scope"
    elif notice.record_type == Publication.__tablename__:
        is_ours = notice.kind == str(DocumentNotice.ADOPTED)  # told to who published it
        place = "/publications" if is_ours else "/adoptions"
    elif notice.record_type == Withdrawal.__tablename__:
        place = f"/withdrawals/{notice.record_id}"
    elif notice.record_type == Disposal.__tablename__:
        place = f"/disposals/{quote(str(notice.values.get('number', '')))}"
    return f"{installation().public_url}/b/{body.code}{place}"


def line_text(notice: Notice) -> str:
    """Write a notice in the language that is set now."""
    values = {name: _shown(name, value) for name, value in notice.values.items()}
    return str(gettext(KINDS[notice.kind].label, **values))


def _shown(name: str, value: Any) -> Any:
    if name.endswith("_on") and isinstance(value, str):
        return as_date(date.fromisoformat(value))
    return "" if value is None else value


def letter_for(
    person: Person, lines: list[LetterLine], now: datetime, key: str, *, is_urgent: bool = False
) -> EmailMessage:
    """Write the letter; its subject names the product and a number, never a title or a name."""
    here = installation()
    with force_locale(person.language):
        count = len(lines)
        values = {
            "person": person,
            "lines": lines,
            "count": count,
            "is_urgent": is_urgent,
            "work_url": f"{here.public_url}/b/{person.body.code}/work",
            "choice_url": f"{here.public_url}/b/{person.body.code}/notices/letters",
        }
        templates = current_app.jinja_env
        subject = (
            ngettext(
                "Nền Nếp: %(num)s matter that cannot wait, %(date)s",
                "Nền Nếp: %(num)s matters that cannot wait, %(date)s",
                count,
                date=as_date(now),
            )
            if is_urgent
            else ngettext(
                "Nền Nếp: %(num)s matter, %(date)s",
                "Nền Nếp: %(num)s matters, %(date)s",
                count,
                date=as_date(now),
            )
        )
        letter = envelope(person, subject, now, key)
        letter.set_content(templates.get_template("mail/digest.txt").render(values))
        letter.add_alternative(
            templates.get_template("mail/digest.html").render(values), subtype="html"
        )
        letter["Content-Language"] = person.language  # the parts above would take it away
    return letter


@dataclass
class Post:
    """The round of letters; remembers only how long to leave a silent server alone."""

    rest_until: datetime | None = None
    silences: int = 0

    def send_digests(self, now: datetime) -> int:
        """Send what is due; give the number of letters the server took."""
        if not installation().smtp_url or (self.rest_until is not None and now < self.rest_until):
            return 0
        server = server_of(installation().smtp_url)
        sent = 0
        for body_id in db.session.scalars(sa.select(Body.id).order_by(Body.id)).all():
            body = db.session.get_one(Body, body_id)
            waiting = [
                (person_id, [notice.id for notice in notices])
                for found in (urgent(db.session(), body, now), unsent(db.session(), body, now))
                for person_id, notices in found.items()
            ]
            for person_id, ids in waiting:
                try:
                    sent += _send_one(server, person_id, ids, now)
                    self.silences, self.rest_until = 0, None
                except Unreachable as failure:
                    self.silences += 1
                    self.rest_until = now + min(
                        timedelta(seconds=30) * 2 ** min(self.silences, 6), timedelta(minutes=15)
                    )
                    log.warning("mail server unreachable", extra={"why": str(failure)[:300]})
                    with unit_of_work(None, now=now) as work:
                        note_mail(work, failure.problem)
                    return sent
        return sent


def _send_one(server: Server, person_id: int, notice_ids: Iterable[int], now: datetime) -> int:
    """Send one person's letter: noted as tried before it leaves, as sent once it was taken."""
    with Line(server) as line:
        letter, ids = _claimed(person_id, notice_ids, now)
        if letter is None:
            return 0
        try:
            line.hand_over(letter)
        except NotTaken as failure:
            log.warning("letter not taken", extra={"why": str(failure)[:300]})
            with unit_of_work(None, now=now) as work:
                note_mail(work, failure.problem)
            return 0
        with unit_of_work(None, now=now) as work:
            note_mail(work, None)
            for notice_id in ids:
                notice = work.session.get_one(Notice, notice_id)
                notice.sent_at = notice.sent_at or now
    return 1


def _claimed(
    person_id: int, notice_ids: Iterable[int], now: datetime
) -> tuple[EmailMessage | None, list[int]]:
    """Count the attempt and write the letter, in one transaction: two rounds never send one."""
    with unit_of_work(None, now=now) as work:
        person = work.session.get_one(Person, person_id)
        lines: list[LetterLine] = []
        ids: list[int] = []
        urgency = Urgency.DAILY
        for notice_id in sorted(notice_ids):
            notice = work.fresh(work.session.get_one(Notice, notice_id))
            if notice.sent_at is not None or not _has_rested(notice, now):
                continue
            if not still_matters(work.session, notice):
                notice.seen_at = now
                continue
            notice.tries, notice.tried_at = notice.tries + 1, now
            ids.append(notice.id)
            with force_locale(person.language):
                why = str(gettext(AT_ONCE.get(notice.kind, notice.urgency.label)))
                line = LetterLine(
                    line_text(notice),
                    url_of(work.session, notice, person.body),
                    "" if notice.urgency is Urgency.DAILY else why,
                )
            urgency = notice.urgency
            if line not in lines:
                lines.append(line)
        letter = None
        if lines:
            is_urgent = urgency is not Urgency.DAILY
            # what is sent at once is a letter of its own; the daily one is known by its day
            key = ",".join(map(str, ids)) if is_urgent else str(today_of(person.body, now))
            letter = letter_for(person, lines, now, key, is_urgent=is_urgent)
    return letter, ids
