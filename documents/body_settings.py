"""How a body works: codes, intervals, days, whom to ask; checked first (D7, D10, O6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.calendar import clock_time
from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import DEFAULT_SETTINGS, Body, Unit
from app.kernel.organising import change_settings
from app.kernel.people import Appointment, Person, Role
from app.kernel.search import nfc
from app.kernel.work import Work
from documents.coding import check_scheme, fill
from documents.models import Document, DocumentKind

_PREFIX = re.compile(r"[^\W_][\w.]{0,19}")
_PHONE = re.compile(r"[0-9+(). /-]{0,40}")
_LIMITS = {
    "answer_days": (1, 60),
    "effective_after_days": (0, 365),
    "check_out_hours": (1, 240),
    "reading_days": (1, 120),
    "training_days": (0, 120),
    "retention_notice_days": (0, 365),
}
_NUMBERS = ("review_months", "retention_years")  # of each kind, and part of no code
_ESCALATION = (Role.LEADER, Role.QUALITY_REPRESENTATIVE)


@dataclass(frozen=True)
class Effect:
    """What one change of the settings means: for which kind, from what, to what, for how many."""

    name: str
    kind: DocumentKind | None
    before: Any
    after: Any
    documents: int = 0
    example_before: str = ""
    example_after: str = ""


def example(scheme: str, prefix: str, kind: DocumentKind, unit: Unit | None, year: int) -> str:
    """Show the code a scheme would give a first document; refuse a scheme that gives none."""
    check_scheme(scheme)
    unit_code = unit.code if unit is not None else "VP"
    parent = f"{DEFAULT_SETTINGS['kind_prefixes']['procedure']}-{unit_code}-05"
    stem = fill(
        scheme,
        prefix=prefix,
        unit=unit_code,
        parent=parent if kind is DocumentKind.FORM else "",
        year=year,
    )
    return stem.replace("{serial}", "01")


def check_settings(session: Session, body: Body, changes: dict[str, Any]) -> None:
    """Refuse what could not work; the field that is wrong is named as name or name_kind."""
    for kind, scheme in changes.get("code_scheme", {}).items():
        try:
            check_scheme(scheme)
        except InvalidInput as refused:
            raise InvalidInput(refused.text, field=f"scheme_{kind}", **refused.values) from refused
        if len(scheme) > 60:
            raise InvalidInput(
                N_("The code scheme is too long: 60 characters at most."), field=f"scheme_{kind}"
            )
    for kind, prefix in changes.get("kind_prefixes", {}).items():
        if not _PREFIX.fullmatch(prefix):
            raise InvalidInput(
                N_("A prefix holds letters, digits and dots, such as QT."), field=f"prefix_{kind}"
            )
    for kind, months in changes.get("review_months", {}).items():
        _within(months, 1, 120, f"months_{kind}")
    for kind, years in changes.get("retention_years", {}).items():
        _within(years, 0, 100, f"years_{kind}")
    for name, (least, most) in _LIMITS.items():
        if name in changes:
            _within(changes[name], least, most, name)
    if "digest_time" in changes:
        changes["digest_time"] = clock_time(changes["digest_time"], "digest_time")
    if not _PHONE.fullmatch(changes.get("help_phone", "")):
        raise InvalidInput(
            N_("A telephone number holds digits, spaces and + ( ) . - only."), field="help_phone"
        )
    key = changes.get("escalation_person_id")
    if key is not None and key not in {person.id for person in may_escalate_to(session, body)}:
        raise InvalidInput(
            N_("Choose a leader or quality representative of the overseeing body."),
            field="escalation_person_id",
            rule="O6",
        )


def _within(value: int, least: int, most: int, name: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(
            N_("Give a number from %(least)s to %(most)s."), field=name, least=least, most=most
        )


def may_escalate_to(session: Session, body: Body) -> list[Person]:
    """Give those of the overseeing body to whom a decision may pass when nobody is left (O6)."""
    if body.overseer_id is None:
        return []
    return list(
        session.scalars(
            sa.select(Person)
            .where(
                Person.body_id == body.overseer_id,
                Person.disabled_at.is_(None),
                sa.exists().where(
                    Appointment.person_id == Person.id, Appointment.role.in_(_ESCALATION)
                ),
            )
            .order_by(Person.sort_key, Person.id)
        )
    )


def differing(body: Body, wanted: dict[str, Any]) -> dict[str, Any]:
    """Give what differs from the present settings, each set of kinds kept as the body set it."""
    changes: dict[str, Any] = {}
    for name, value in wanted.items():
        present = body.setting(name)
        if isinstance(value, dict):
            differs = {key: part for key, part in value.items() if present.get(key) != part}
            if differs:
                changes[name] = {**(body.settings.get(name) or {}), **differs}
        elif value != present:
            changes[name] = value
    return changes


def effects(session: Session, body: Body, wanted: dict[str, Any], year: int) -> list[Effect]:
    """Say what a change means before it is saved: codes that were given stay as they are."""
    rows = session.execute(
        sa.select(Document.kind, sa.func.count())
        .where(Document.body_id == body.id)
        .group_by(Document.kind)
    )
    counts: dict[DocumentKind, int] = {kind: count for kind, count in rows}  # noqa: C416
    unit = session.scalars(
        sa.select(Unit)
        .where(Unit.body_id == body.id)
        .order_by(Unit.parent_id.is_(None), Unit.sort_key, Unit.id)
        .limit(1)
    ).one_or_none()
    found = []
    for name, value in differing(body, wanted).items():
        before = body.setting(name)
        if not isinstance(value, dict):
            found.append(Effect(name, None, before, value))
            continue
        for key, part in value.items():
            if before.get(key) == part:
                continue
            kind = DocumentKind(key)
            examples = [
                example(
                    {**body.setting("code_scheme"), **given.get("code_scheme", {})}[key],
                    {**body.setting("kind_prefixes"), **given.get("kind_prefixes", {})}[key],
                    kind,
                    unit,
                    year,
                )
                for given in ({}, wanted)
            ]
            shown = examples if name not in _NUMBERS else ["", ""]
            found.append(Effect(name, kind, before.get(key), part, counts.get(kind, 0), *shown))
    return found


def change_body_settings(work: Work, body: Body, wanted: dict[str, Any]) -> None:
    """Change how a body works from now on; old and new values go into the trail (e1)."""
    changes = differing(body, wanted)
    check_settings(work.session, body, changes)
    if "help_phone" in changes:
        changes["help_phone"] = nfc(changes["help_phone"]).strip()
    if changes:
        change_settings(work, body, changes)
