"""The trail: its sentences, the last check of its chain, the sealed export (screen 34; T1-T4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.kernel.access import KernelPermission
from app.kernel.calendar import parse_date
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.install import installation
from app.kernel.organisation import Body, root_unit
from app.kernel.people import Person, Role
from app.kernel.search import fold
from app.kernel.trail_keeping import TrailCheck, check_body, export_trail, last_check
from app.kernel.trail_register import Records, Wanted, entries_of_body
from app.web.formats import as_day, language
from app.web.guard import may_now, requires, signed_in, standing
from app.web.page import done, page
from app.web.trail_sentences import Sentence, facts, in_short, in_words, sentences
from documents import register
from documents.document_trail import hidden_from, records_of
from documents.routing import holders

bp = Blueprint("trail", __name__)
SECONDS = 10.0  # as long as a person may be kept waiting; the nightly check has no limit
_RECORD = re.compile(r"([a-z_]{1,40}):([0-9]{1,15})")


@dataclass(frozen=True)
class Filters:
    """What the address asks for, as it was typed, and what was understood of it."""

    wanted: Wanted
    code: str = ""
    record: str = ""
    person: Person | None = None
    who_typed: str = ""
    day_typed: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def is_set(self) -> bool:
        """Say whether anything narrows the list."""
        return bool(self.wanted.records or self.person or self.wanted.day or self.wanted.fact)


@bp.get("/trail")
@requires(KernelPermission.READ_TRAIL)
def entries() -> ResponseReturnValue:
    """Show what was done, newest first, and whether the chain holds."""
    session, body = db.session(), _body()
    filters = _filters()
    found = entries_of_body(
        session,
        standing(),
        body,
        filters.wanted,
        before=_number("before"),
        after=_number("after"),
    )
    hidden = hidden_from(session, standing(), found.entries)
    return page(
        "administration/trail.html",
        days=_by_day(sentences(session, found.entries, hidden=hidden)),
        filters=filters,
        facts=sorted(((code, in_short(fact)) for code, fact in facts().items()), key=_by_words),
        check=_shown_check(body),
        may_export=may_now(KernelPermission.EXPORT_TRAIL, body),
        newer=_page_url(after=found.newer_than) if found.newer_than else None,
        older=_page_url(before=found.older_than) if found.older_than else None,
    )


@bp.post("/trail/check")
@requires(KernelPermission.READ_TRAIL)
def check() -> ResponseReturnValue:
    """Check the chain of the body while somebody waits; the whole is checked every night."""
    verdict = check_body(signed_in(), _body(), seconds=SECONDS)
    if verdict.wrong is not None:
        message = gettext("The chain does not hold. Read below what is wrong and what to do.")
    elif not verdict.is_complete:
        message = gettext(
            "There is more to check than fits while you wait; what was looked at holds. "
            "The whole trail is checked every night."
        )
    else:
        message = gettext("The chain holds: nothing was changed, taken out or put in.")
    return done(message, to=url_for("trail.entries"))


@bp.post("/trail/export")
@requires(KernelPermission.EXPORT_TRAIL)
def export() -> ResponseReturnValue:
    """Hand out the sealed export of the body's chain; that it left is a fact of its own."""
    body, day = _body(), standing().on
    name = f"nenep-{body.code}-{day:%Y%m%d}.jsonl"
    path = installation().data / f"export-{body.id}-{signed_in().id}.jsonl"
    export_trail(path, actor=signed_in(), body=body)
    content = path.open("rb")
    path.unlink()  # it lives as long as it is being sent
    return send_file(
        content, mimetype="application/x-ndjson", as_attachment=True, download_name=name
    )


def _body() -> Body:
    body = db.session.get(Body, standing().body_id)
    if body is None:
        raise NotFound()
    return body


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _page_url(**keys: int | None) -> str:
    kept: dict[str, Any] = {
        name: value
        for name, value in request.args.items()
        if name in ("code", "record", "who", "who_typed", "day", "fact") and value
    }
    return url_for("trail.entries", **kept | keys)


def _by_words(pair: tuple[str, str]) -> str:
    return fold(pair[1].lstrip("… "))


def _by_day(told: list[Sentence]) -> list[tuple[str, list[Sentence]]]:
    days: list[tuple[str, list[Sentence]]] = []
    for one in told:
        day = as_day(one.at, language())
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(one)
    return days


def _filters() -> Filters:
    """Read the filters; what cannot be understood narrows to nothing known and is said."""
    unknown: list[str] = []
    records, code, record = _asked_records(unknown)
    person = _asked_person(unknown)
    day_typed = request.args.get("day", "").strip()[:20]
    day: date | None = parse_date(day_typed) if day_typed else None
    if day_typed and day is None:
        unknown.append(gettext("%(typed)s is no date. Type day/month/year.", typed=day_typed))
    fact = request.args.get("fact", "")
    return Filters(
        wanted=Wanted(
            records=records,
            person_id=person.id if person is not None else None,
            day=day,
            fact=fact if fact in facts() else "",
        ),
        code=code,
        record=record,
        person=person,
        who_typed=request.args.get("who_typed", "").strip()[:80],
        day_typed=day_typed,
        unknown=tuple(unknown),
    )


def _asked_records(unknown: list[str]) -> tuple[Records, str, str]:
    """Give the records asked for: those of a document by its code, or one by type and key."""
    session, code = db.session(), request.args.get("code", "").strip()[:80]
    record = request.args.get("record", "")
    try:
        if code:
            return records_of(session, register.document(session, standing(), code)), code, ""
        if match := _RECORD.fullmatch(record):
            kind, key = match[1], int(match[2])
            if kind != "document":
                return {kind: frozenset({key})}, "", record
            found = register.document_by_id(session, standing(), key)
            return records_of(session, found), found.code or "", "" if found.code else record
    except NotFound:
        unknown.append(gettext("No document %(code)s is known.", code=code or record))
        return {"document": frozenset({0})}, code, ""
    return {}, "", ""


def _asked_person(unknown: list[str]) -> Person | None:
    """Give the person chosen with the picker or, without script, typed by name."""
    chosen, typed = _number("who"), request.args.get("who_typed", "").strip()[:80]
    of_body = sa.select(Person).where(Person.body_id == standing().body_id)
    if chosen is not None:
        return db.session.scalars(of_body.where(Person.id == chosen)).one_or_none()
    if not typed:
        return None
    named = of_body.where(Person.name_folded.contains(fold(typed), autoescape=True))
    found = db.session.scalars(named.order_by(Person.sort_key, Person.id).limit(1)).one_or_none()
    if found is None:
        unknown.append(gettext("Nobody called %(name)s is known here.", name=typed))
    return found


def _shown_check(body: Body) -> dict[str, Any] | None:
    """Give the last check as the page shows it, with nothing of another body (O4)."""
    check = last_check(db.session(), body.id)
    if check is None:
        return None
    return {
        "at": check.at,
        "is_sound": check.is_sound,
        "entries": check.counts.get(str(body.id), 0),
        "why": in_words(check.why, check.values),
        "place": _place(check),
        "tell": _to_tell(body) if not check.is_sound else [],
    }


def _place(check: TrailCheck) -> str:
    if check.wrong_sequence is None:
        return ""
    return gettext("Entry %(sequence)s", sequence=check.wrong_sequence)


def _to_tell(body: Body) -> list[str]:
    session = db.session()
    unit = root_unit(session, body.id)
    return [
        person.name
        for role in (Role.QUALITY_REPRESENTATIVE, Role.LEADER)
        for person in holders(session, role, unit.id, standing().on)
    ]
