"""Notices: what one was told, seen by a button and never by opening the page (F3; e18)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.access import KernelPermission
from app.kernel.account import choose_letters, see_notices
from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.install import installation
from app.kernel.notices import (
    ASKS_BY_DAY,
    AT_ONCE,
    Notice,
    NoticeKind,
    Urgency,
    next_letter_on,
)
from app.kernel.work import unit_of_work
from app.web.audits.places import place_of
from app.web.formats import as_date, parse_date
from app.web.guard import requires, signed_in
from app.web.page import at_field, done, page
from audits.models import Audit
from documents.facts import DocumentNotice
from documents.models import (
    ChangeRequest,
    ControlledCopy,
    CopyRound,
    Disposal,
    Document,
    Package,
    Publication,
    Revision,
    Scope,
    Withdrawal,
)
from documents.together_facts import TogetherNotice
from forms.screen.account import LettersForm

bp = Blueprint("notices", __name__)
PAGE = 50
TO_READ = {str(DocumentNotice.READING_ASKED), str(DocumentNotice.READING_REMINDER)}


@dataclass(frozen=True)
class Line:
    """One notice as it is read: its sentence and where it leads."""

    id: int
    sentence: str
    url: str
    at: datetime
    is_seen: bool
    why_now: str = ""


def sentence_of(notice: Notice) -> str:
    """Tell a notice in the reader's language."""
    kinds = {str(kind): kind for each in NoticeKind.__subclasses__() for kind in each}
    kind = kinds.get(notice.kind)
    if kind is None:
        return notice.kind
    values = {name: _shown(value) for name, value in notice.values.items()}
    try:
        return str(gettext(kind.label, **values))
    except KeyError:
        return str(gettext(kind.label))


def _shown(value: object) -> object:
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
        return as_date(parse_date(value)) or value
    return value


def _codes(notices: list[Notice]) -> dict[tuple[str, int], str]:
    """Give the codes of the documents the notices are about, in two queries."""
    wanted: dict[str, set[int]] = {}
    for notice in notices:
        wanted.setdefault(notice.record_type, set()).add(notice.record_id)
    found: dict[tuple[str, int], str] = {}
    revisions = (
        sa.select(Revision.id, Revision.package_id, Document.code)
        .join(Document, Document.id == Revision.document_id)
        .where(
            sa.or_(
                Revision.id.in_(wanted.get(Revision.__tablename__, set())),
                Revision.package_id.in_(wanted.get(Package.__tablename__, set())),
            )
        )
        .order_by(Revision.id)
    )
    for revision_id, package_id, code in db.session.execute(revisions):
        if code:
            found[Revision.__tablename__, revision_id] = code
            found.setdefault((Package.__tablename__, package_id or 0), code)
    return found


def _url(notice: Notice, codes: dict[tuple[str, int], str]) -> str:
    key = (notice.record_type, notice.record_id)
    if notice.kind == str(TogetherNotice.INVITED):
        return url_for("review.show", revision_id=notice.record_id)
    if notice.kind in TO_READ:
        return url_for("reading.show", revision_id=notice.record_id)
    if key in codes:
        return url_for("document.show", code=codes[key])
    if notice.record_type == ChangeRequest.__tablename__:
        return url_for("changes.show", number=str(notice.values.get("number", "")))
    if place := place_of(notice):
        return request.script_root + place
    if notice.record_type == ControlledCopy.__tablename__:
        return url_for("copies.show", copy_id=notice.record_id)
    if notice.record_type == Audit.__tablename__:
        return audit_address(notice, signed_in().body.code)
    if notice.record_type == CopyRound.__tablename__ and notice.values.get("code"):
        return url_for("copies.listing", code=notice.values["code"])
    if notice.record_type == Scope.__tablename__:
        return url_for("scope.show")
    if notice.record_type == Withdrawal.__tablename__:
        return url_for("withdrawal.show", withdrawal_id=notice.record_id)
    if notice.record_type == Disposal.__tablename__ and notice.values.get("number"):
        return url_for("disposals.show", number=notice.values["number"])
    if notice.record_type == Publication.__tablename__:
        is_ours = notice.kind == str(DocumentNotice.ADOPTED)  # told to who published it
        return url_for("publications.listing" if is_ours else "adoptions.listing")
    return ""


def audit_address(notice: Notice, home: str) -> str:
    """Give where an audit stands for somebody: a guest's carries its body (O4)."""
    number, body = str(notice.values.get("number", "")), str(notice.values.get("body", home))
    return url_for("audits.show", number=number if body == home else f"{number}@{body}")


def _why_now(notice: Notice) -> str:
    if notice.urgency is Urgency.DAILY:
        return ""
    return gettext(AT_ONCE.get(notice.kind, notice.urgency.label))


@bp.get("/notices")
@requires(KernelPermission.WORK)
def listing() -> ResponseReturnValue:
    """List what the viewer was told, the newest first."""
    before = request.args.get("before", "")
    query = sa.select(Notice).where(Notice.person_id == signed_in().id)
    if before.isascii() and before.isdigit() and len(before) < 16:
        query = query.where(Notice.id < int(before))
    rows = list(db.session.scalars(query.order_by(Notice.id.desc()).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    codes = _codes(rows)
    lines = [
        Line(
            id=notice.id,
            sentence=sentence_of(notice),
            url=_url(notice, codes),
            at=notice.made_at,
            is_seen=notice.seen_at is not None,
            why_now=_why_now(notice),
        )
        for notice in rows
    ]
    return page(
        "account/notices.html",
        lines=lines,
        unseen=sum(not line.is_seen for line in lines),
        following=url_for("notices.listing", before=rows[-1].id) if more else None,
        previous=url_for("notices.listing") if before else None,
    )


@bp.route("/notices/letters", methods=["GET", "POST"])
@requires(KernelPermission.WORK)
def letters() -> ResponseReturnValue:
    """Choose when the daily letter comes; show what does not wait for it, and why (e20)."""
    person, form, status = signed_in(), LettersForm(), 200
    if not form.is_submitted():
        form.wants.data, form.at.data = person.wants_letters, person.digest_time or ""
    elif not form.validate():
        status = 422
    else:
        try:
            with unit_of_work(person) as work:
                choose_letters(work, wants=form.wants.data, at=form.at.data or "")
            return done(gettext("Your choice is kept."), to=url_for("notices.letters"))
        except InvalidInput as refused:
            status = at_field(form, refused)
    return page(
        "account/letters.html",
        status=status,
        form=form,
        person=person,
        usual=person.body.setting("digest_time"),
        next_on=next_letter_on(person, datetime.now(UTC)),
        at_once=[(_told_of(kind), gettext(why)) for kind, why in AT_ONCE.items()],
        by_day=[_told_of(kind) for kind in sorted(ASKS_BY_DAY)],
        example=_example_letter(),
    )


def _told_of(code: str) -> str:
    """Give what a notice of a kind says to somebody, with an example in each blank."""
    kinds = {str(kind): kind for each in NoticeKind.__subclasses__() for kind in each}
    label = gettext(kinds[code].label)
    examples = _examples(next_letter_on(signed_in(), datetime.now(UTC)))
    return re.sub(r"%\((\w+)\)s", lambda blank: examples.get(blank[1], "…"), label)


def _examples(day: date) -> dict[str, str]:
    """Give what stands in the blanks of an example; nothing of it is a record."""
    return {
        "code": "QT-VP-05",
        "codes": "QT-VP-05, BM-VP-05.02",
        "edition": "02/01",
        "number": "YC-2026-015",
        "due_on": as_date(day),
        "from_on": as_date(day),
        "old_on": as_date(day - timedelta(days=7)),
        "units": gettext("the reception office"),
        "count": "3",
        "until_on": as_date(day + timedelta(days=4)),
        "reason": gettext("a course for a week"),
        "place": gettext("the wall of the reception office"),
        **dict.fromkeys(("delegator", "owner", "former"), gettext("Nguyen Van A")),
    }


def _example_letter() -> str:
    """Write a daily letter as its reader gets it, with examples in it."""
    here, person = installation(), signed_in()
    place = f"{here.public_url}/b/{person.body.code}"
    shown = (DocumentNotice.REVIEW_ASKED, DocumentNotice.READING_ASKED, DocumentNotice.EFFECTIVE)
    lines = [{"text": _told_of(str(kind)), "url": f"{place}/work", "why_now": ""} for kind in shown]
    return render_template(
        "mail/digest.txt",
        person=person,
        lines=lines,
        count=len(lines),
        is_urgent=False,
        work_url=f"{place}/work",
        choice_url=f"{place}/notices/letters",
    )


@bp.post("/notices")
@requires(KernelPermission.WORK)
def see() -> ResponseReturnValue:
    """Mark one notice, or all up to the newest shown, as seen."""
    query = sa.select(Notice).where(Notice.seen_at.is_(None))
    only, newest = request.form.get("only", ""), request.form.get("newest", "")
    if only.isascii() and only.isdigit() and len(only) < 16:
        query = query.where(Notice.id == int(only))
    elif newest.isascii() and newest.isdigit() and len(newest) < 16:
        query = query.where(Notice.id <= int(newest))
    with unit_of_work(signed_in()) as work:
        mine = query.where(Notice.person_id == work.actor.id).order_by(Notice.id)
        see_notices(work, list(work.session.scalars(mine)))
    return done(gettext("Marked as seen."), to=url_for("notices.listing"))
