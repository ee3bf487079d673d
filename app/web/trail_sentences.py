"""Entries of the trail as sentences in the reader's language (T4, e1, a22).

What an entry holds was typed by people: it comes out as plain text, which templates escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kernel.coded import Coded
from app.kernel.db import Record
from app.kernel.organisation import DEFAULT_SETTINGS, Unit, UnitKind
from app.kernel.people import Person, Role
from app.kernel.trail import Fact, TrailEntry
from app.web.formats import WEEKDAYS, as_date, as_moment, as_number, language
from app.web.trail_fields import FIELDS, NOT_SHOWN
from audits.models import AskedOf
from audits.risk import FACTORS
from documents.models import Document, DocumentKind, Need, StepKind, TemplatePurpose

_BLANK = re.compile(r"%\((\w+)\)s")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
_PEOPLE = frozenset({"person", "keeper", "deputy", "delegator", "owner", "holder", "former_holder"})
_LINKS = frozenset({"authors", "readers", "steps", "units"})  # told as [old, new] lists of keys
_SETTINGS_PEOPLE = frozenset({"escalation_person_id"})
_UNTOLD = [None, "…"]
_LONGEST = 300
_RISKS = {factor.code: factor.label for factor in FACTORS}


@dataclass(frozen=True)
class Sentence:
    """One entry as people read it."""

    sequence: int
    at: datetime
    sentence: str
    name: str
    changes: tuple[str, ...] = ()


@dataclass
class _Names:
    """Names of what the entries of one page point to; looked up once for all of them."""

    people: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    documents: dict[int, str] = field(default_factory=dict)

    def of(self, table: str, key: Any) -> str:
        known = {"person": self.people, "unit": self.units, "document": self.documents}
        return known.get(table, {}).get(key, f"#{key}")


def facts() -> dict[str, Fact]:
    """Give every fact that any part can tell, by its code."""
    found: dict[str, Fact] = {}
    waiting = list(Fact.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.update({str(fact): fact for fact in kind})
    return found


def in_short(fact: Fact) -> str:
    """Give what a fact says with its blanks left open, for lists to choose from."""
    return _BLANK.sub("…", gettext(fact.label))


def sentences(
    session: Session, entries: Iterable[TrailEntry], *, hidden: frozenset[int] = frozenset()
) -> list[Sentence]:
    """Turn entries into sentences; of hidden ones only that there was something."""
    listed = [(entry, _details(entry)) for entry in entries]
    names = _names(session, listed)
    known = facts()
    return [
        Sentence(
            sequence=entry.sequence,
            at=entry.at,
            sentence=_hidden(entry, names)
            if entry.id in hidden
            else _sentence(entry, details, names, known),
            name=_actor(entry, names),
            changes=() if entry.id in hidden else tuple(_changes(entry, details, names)),
        )
        for entry, details in listed
    ]


def _details(entry: TrailEntry) -> dict[str, Any]:
    try:
        details = entry.content()["details"]
    except (ValueError, RecursionError):  # spoilt from outside: the check names it, pages go on
        return {}
    return details if isinstance(details, dict) else {}


def _actor(entry: TrailEntry, names: _Names) -> str:
    if entry.actor_id is None:
        return str(gettext("The system"))
    name = names.of("person", entry.actor_id)
    if entry.acting_for_id is None or entry.acting_for_id == entry.actor_id:
        return name
    other = names.of("person", entry.acting_for_id)
    return str(gettext("%(deputy)s for %(delegator)s", deputy=name, delegator=other))


def _hidden(entry: TrailEntry, names: _Names) -> str:
    return str(
        gettext(
            "%(actor)s did something with a document for named people only.",
            actor=_actor(entry, names),
        )
    )


def _sentence(
    entry: TrailEntry, details: dict[str, Any], names: _Names, known: dict[str, Fact]
) -> str:
    fact = known.get(entry.fact)
    if fact is None:
        return entry.fact
    label = gettext(fact.label)
    values = {name: _value(name, entry, details, names) for name in _BLANK.findall(label)}
    return _BLANK.sub(lambda blank: values[blank.group(1)], label)


def _value(name: str, entry: TrailEntry, details: dict[str, Any], names: _Names) -> str:
    """Fill one blank of a sentence."""
    subject = details.get("subject")
    told = {**(subject if isinstance(subject, dict) else {}), **details}
    if name == "actor":
        return _actor(entry, names)
    if name == "record" and entry.record_id is not None:
        return names.of(entry.record_type, entry.record_id)
    value = told.get(name, told.get(f"{name}_id"))
    if name in _PEOPLE and isinstance(value, int):
        return names.of("person", value)
    if name == "role":
        return _labelled(Role, value)
    if name == "unit_kind":
        return _labelled(UnitKind, value)
    if name == "purpose":
        return _labelled(TemplatePurpose, value)
    if name == "why":
        return in_words(str(value), told.get("values"))
    if name == "code" and not value:  # no code before the first submission
        value = told.get("title")
    return _shown(value)


def in_words(text: str, values: Any) -> str:
    """Write a message of the domain that was kept with its values."""
    try:
        return str(gettext(text, **values) if values else gettext(text))
    except (KeyError, TypeError, ValueError):
        return text


def _shown(value: Any) -> str:
    """Write a plain value in words."""
    match value:
        case None | "" | [] | {}:
            return str(gettext("empty"))
        case True:
            return str(gettext("yes"))
        case False:
            return str(gettext("no"))
        case int():
            return as_number(value, language())
        case str():
            if _MOMENT.fullmatch(value) or _DATE.fullmatch(value):
                return _moment(value)
            return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        case list():
            return ", ".join(_shown(item) for item in value)
        case dict():
            return ", ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    return str(value)


def _moment(text: str) -> str:
    try:
        if _DATE.fullmatch(text):
            return as_date(date.fromisoformat(text))
        return as_moment(datetime.fromisoformat(text))
    except ValueError:  # typed by somebody, and no date
        return text


# --- what changed, field by field


def _told(entry: TrailEntry, details: dict[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """Give table, field, [old, new] of every changed field; new records have no old values."""
    parts = [{"record": entry.record_type, "changes": details.get("changes")}]
    also = details.get("also")
    parts += [part for part in also if isinstance(part, dict)] if isinstance(also, list) else []
    for part in parts:
        changes = part.get("changes")
        if not isinstance(changes, dict) or _is_new(str(part.get("record")), changes):
            continue
        for name, values in changes.items():
            if isinstance(values, list) and len(values) == 2 and name not in NOT_SHOWN:
                yield str(part.get("record")), name, values
    for name in sorted(_LINKS & {*details}):
        values = details[name]
        if isinstance(values, list) and [type(value) for value in values] == [list, list]:
            yield name, name, values


def _is_new(table: str, changes: dict[str, Any]) -> bool:
    values = changes.get("code" if table == "body" else "body_id")
    return isinstance(values, list) and len(values) == 2 and values[0] is None


def _changes(entry: TrailEntry, details: dict[str, Any], names: _Names) -> Iterator[str]:
    seen = set()
    for table, name, (old, new) in _told(entry, details):
        if isinstance(new, dict):
            lines = [
                _line(f"{_label(part)}{_of_kind(key)}", part, table, was, now, names)
                for part, key, was, now in _settings(old if isinstance(old, dict) else {}, new)
            ]
        else:
            lines = [_line(_label(name), name, table, old, new, names)]
        for line in lines:
            if line not in seen:
                seen.add(line)
                yield line


def _settings(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    """Give what differs between two sets of settings: name, key within it, old, new.

    What a body has not set is the product's default, and is told as that.
    """
    for name in sorted({*old, *new}):
        default = DEFAULT_SETTINGS.get(name)
        if isinstance(default, dict):
            before = {**default, **(old.get(name) or {})}
            after = {**default, **(new.get(name) or {})}
            for key in before | after:
                if before.get(key) != after.get(key):
                    yield name, key, before.get(key), after.get(key)
        elif (was := old.get(name, default)) != (now := new.get(name, default)):
            yield name, "", was, now


def _of_kind(key: str) -> str:
    if not key:
        return ""
    known = {**{str(kind): kind.label for kind in DocumentKind}, **_RISKS}
    return f" ({gettext(known[key]) if key in known else key})"


def _label(name: str) -> str:
    return str(gettext(FIELDS[name])) if name in FIELDS else name


def _line(label: str, name: str, table: str, old: Any, new: Any, names: _Names) -> str:
    if [old, new] == _UNTOLD:
        return str(gettext("%(field)s: changed", field=label))
    was, now = (_field_value(table, name, value, names) for value in (old, new))
    return str(gettext("%(field)s: %(old)s → %(new)s", field=label, old=was, new=now))


def _field_value(table: str, name: str, value: Any, names: _Names) -> str:
    """Write a field's value as people know it: names for keys, labels for codes."""
    target = _points_to(table, name)
    if table == "asked_clauses":  # whose fields are the numbers of clauses
        return _labelled(AskedOf, value) if value else str(gettext("as usual"))
    if name == "weekend_days" and isinstance(value, list):
        return ", ".join(WEEKDAYS[language()][day] for day in value)
    if isinstance(value, int) and target:
        return names.of(target, value)
    if isinstance(value, list) and value:
        parts = (
            _step(one, names) if isinstance(one, dict) else _field_value(table, name, one, names)
            for one in value
        )
        return ("; " if name == "steps" else ", ").join(parts)
    kind = getattr(_column(table, name), "type", None)
    members = getattr(kind, "enum_class", None)
    if isinstance(members, type) and issubclass(members, Coded):
        return _labelled(members, value)
    return _shown(value)


def _step(step: dict[str, Any], names: _Names) -> str:
    """Write a step of a route: what it asks, of whom, and of how many."""
    people = step.get("people")
    who = [names.of("person", key) for key in people] if isinstance(people, list) else []
    if step.get("role"):
        who = [_labelled(Role, step["role"])]
    need = _labelled(Need, step.get("need"))
    if step.get("need") == str(Need.QUORUM):
        need = str(step.get("quorum"))
    return f"{_labelled(StepKind, step.get('kind'))}: {', '.join(who)} ({need})"


def _step_people(lists: list[Any]) -> Iterator[int]:
    for steps in lists:
        for step in steps if isinstance(steps, list) else []:
            people = step.get("people") if isinstance(step, dict) else None
            yield from (key for key in people or [] if isinstance(key, int))


def _labelled(members: type[Coded], code: Any) -> str:
    return next((str(gettext(one.label)) for one in members if str(one) == code), str(code))


def _column(table: str, name: str) -> Any:
    known = Record.metadata.tables.get(table)
    return known.columns.get(name) if known is not None else None


def _points_to(table: str, name: str) -> str:
    if name in _SETTINGS_PEOPLE or name in ("authors", "readers"):
        return "person"
    if name == "units":
        return "unit"
    column = _column(table, name)
    links = list(column.foreign_keys) if column is not None else []
    return str(links[0].column.table.name) if links else ""


def _names(session: Session, listed: list[tuple[TrailEntry, dict[str, Any]]]) -> _Names:
    """Look up every person, unit and document of a page, one query each."""
    wanted: dict[str, set[int]] = {"person": set(), "unit": set(), "document": set()}
    for entry, details in listed:
        subject = details.get("subject")
        told = {**details, **(subject if isinstance(subject, dict) else {})}
        wanted["person"].update(
            value
            for value in [
                entry.actor_id,
                entry.acting_for_id,
                entry.record_id if entry.record_type == "person" else None,
                *(told.get(name) for name in _PEOPLE),
                *(told.get(f"{name}_id") for name in _PEOPLE),
            ]
            if isinstance(value, int)
        )
        for table, name, values in _told(entry, details):
            if (target := _points_to(table, name)) in wanted:
                keys = [
                    key
                    for value in values
                    for key in (value if isinstance(value, list) else [value])
                ]
                wanted[target].update(key for key in keys if isinstance(key, int))
            if name == "steps":
                wanted["person"].update(_step_people(values))
            if name == "settings":
                wanted["person"].update(
                    key
                    for value in values
                    if isinstance(value, dict)
                    for part in _SETTINGS_PEOPLE
                    if isinstance(key := value.get(part), int)
                )
    return _Names(
        people=_read(session, Person.id, Person.name, wanted["person"]),
        units=_read(session, Unit.id, Unit.name, wanted["unit"]),
        documents=_read(session, Document.id, Document.code, wanted["document"]),
    )


def _read(session: Session, key: Any, name: Any, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(sa.select(key, name).where(key.in_(ids)))
    return {found: text or f"#{found}" for found, text in rows}
