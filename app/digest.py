"""One letter a person a day: what waits for them, in their language, with links (e18, D14, P7)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.install import installation
from app.kernel.notices import KernelNotice, Notice, NoticeKind
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from app.mail import Line, NotTaken, Server, Unreachable, server_of
from app.web.formats import as_date
from documents.copy_facts import CopyNotice
from documents.facts import DocumentNotice
from documents.models import (
    ChangeRequest,
    ControlledCopy,
    Document,
    IssuanceDecision,
    Package,
    Revision,
)
from documents.readers import owes

log = logging.getLogger("nenep.mail")
KINDS: dict[str, NoticeKind] = {
    str(kind): kind for kind in (*DocumentNotice, *CopyNotice, *KernelNotice)
}
ASKED = {
    str(kind)
    for kind in (
        DocumentNotice.REVIEW_ASKED,
        DocumentNotice.APPROVAL_ASKED,
        DocumentNotice.REMINDER,
    )
}
TO_READ = {str(DocumentNotice.READING_ASKED), str(DocumentNotice.READING_REMINDER)}
# how long a letter that was not taken rests before it is tried again; after the last, no more
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
MOST_TRIES = len(RESTS) + 1
FORGOTTEN = timedelta(days=14)  # nobody is mailed what is older, whatever kept it from leaving


@dataclass(frozen=True)
class LetterLine:
    """One thing to do or to know, and where."""

    text: str
    url: str


def digest_moment(body: Body, now: datetime) -> datetime:
    """Give today's hour of letters, on the wall clock of the body."""
    zone = ZoneInfo(body.time_zone)
    day = today_of(body, now)
    return datetime(day.year, day.month, day.day, int(body.setting("digest_hour")), tzinfo=zone)


def unsent(session: Session, body: Body, now: datetime) -> dict[int, list[Notice]]:
    """Give the notices that may leave now, by person: the hour has come, no letter today yet."""
    moment = digest_moment(body, now)
    if now < moment:
        return {}
    day_began = moment.replace(hour=0)
    had_one = sa.select(Notice.person_id).where(
        Notice.body_id == body.id, Notice.sent_at >= day_began
    )
    found = session.scalars(
        sa.select(Notice)
        .join(Person, Person.id == Notice.person_id)
        .options(joinedload(Notice.person))
        .where(
            Notice.body_id == body.id,
            Notice.sent_at.is_(None),
            Notice.seen_at.is_(None),
            Notice.tries < MOST_TRIES,
            Notice.made_at < moment,
            Notice.made_at > now - FORGOTTEN,
            Person.email != "",
            Person.disabled_at.is_(None),
            Notice.person_id.not_in(had_one),
        )
        .order_by(Notice.person_id, Notice.id)
    )
    waiting: dict[int, list[Notice]] = {}
    for notice in found:
        waiting.setdefault(notice.person_id, []).append(notice)
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
    if notice.kind == str(CopyNotice.RECALLED):
        copy = session.get(ControlledCopy, notice.record_id)
        return copy is not None and copy.is_out
    if notice.kind == str(DocumentNotice.ISSUANCE_TO_CONFIRM):
        decision = session.get(IssuanceDecision, notice.record_id)
        return decision is not None and not (decision.confirmed_at or decision.refused_at)
    if notice.kind == str(DocumentNotice.CHANGE_ASKED):
        request = session.get(ChangeRequest, notice.record_id)
        return request is not None and request.decide_obstacle() is None
    if notice.kind == str(DocumentNotice.REVIEW_OVERDUE):
        document = session.get(Document, notice.record_id)
        due_on = document.next_review_on if document is not None else None
        return due_on is not None and due_on.isoformat() == notice.values.get("due_on")
    return notice.kind in KINDS


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
    return f"{installation().public_url}/b/{body.code}{place}"


def line_text(notice: Notice) -> str:
    """Write a notice in the language that is set now."""
    values = {name: _shown(name, value) for name, value in notice.values.items()}
    return str(gettext(KINDS[notice.kind].label, **values))


def _shown(name: str, value: Any) -> Any:
    if name.endswith("_on") and isinstance(value, str):
        return as_date(date.fromisoformat(value))
    return "" if value is None else value


def letter_for(person: Person, lines: list[LetterLine], now: datetime) -> EmailMessage:
    """Write the letter; its subject names the product and a number, never a title or a name."""
    here = installation()
    with force_locale(person.language):
        count = len(lines)
        values = {
            "person": person,
            "lines": lines,
            "count": count,
            "work_url": f"{here.public_url}/b/{person.body.code}/work",
        }
        templates = current_app.jinja_env
        letter = EmailMessage()
        letter["Subject"] = ngettext(
            "Nền Nếp: %(num)s matter, %(date)s",
            "Nền Nếp: %(num)s matters, %(date)s",
            count,
            date=as_date(now),
        )
        letter["From"] = formataddr(("Nền Nếp", here.mail_from))
        letter["To"] = formataddr((person.name, person.email))
        letter["Date"] = format_datetime(now)
        letter["Message-ID"] = _message_id(person, now)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(templates.get_template("mail/digest.txt").render(values))
        letter.add_alternative(
            templates.get_template("mail/digest.html").render(values), subtype="html"
        )
        letter["Content-Language"] = person.language  # the parts above would take it away
    return letter


def _message_id(person: Person, now: datetime) -> str:
    """One id a person a day: a letter sent again after a broken line is known as the same one."""
    here = installation()
    told = f"{here.keys.installation}\0{person.id}\0{today_of(person.body, now)}"
    domain = here.mail_from.rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{domain}>"


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
            waiting = {
                person_id: [notice.id for notice in notices]
                for person_id, notices in unsent(db.session(), body, now).items()
            }
            for person_id, ids in waiting.items():
                try:
                    sent += _send_one(server, person_id, ids, now)
                    self.silences, self.rest_until = 0, None
                except Unreachable as problem:
                    self.silences += 1
                    self.rest_until = now + min(
                        timedelta(seconds=30) * 2 ** min(self.silences, 6), timedelta(minutes=15)
                    )
                    log.warning("mail server unreachable", extra={"why": str(problem)[:300]})
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
        except NotTaken as problem:
            log.warning("letter not taken", extra={"why": str(problem)[:300]})
            return 0
        with unit_of_work(None, now=now) as work:
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
                line = LetterLine(line_text(notice), url_of(work.session, notice, person.body))
            if line not in lines:
                lines.append(line)
        letter = letter_for(person, lines, now) if lines else None
    return letter, ids
