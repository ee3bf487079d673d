"""A proposal as one looks at it: draft bars, reasons in words, changes as links (screen 16; L1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kernel.organisation import Body
from app.kernel.permissions import Standing
from app.kernel.search import fold
from app.web.formats import as_date
from audits.availability import Hindrance
from audits.coverage_register import coverage_of
from audits.independence import Bond
from audits.models import Auditor, ProgrammeProposal
from audits.proposal import clashes_of, span_of, team_of
from audits.proposing import Hint, Stands
from audits.register import programme_of, weighed_units
from audits.team import breaks_of
from audits.year_plan import Bar, half_of, load_of, rows_of
from audits.year_reading import auditors_of

_SAID = {str(one): one.label for kind in (Bond, Hindrance, Hint) for one in kind}
_STANDS = {str(one): one.label for one in Stands}


@dataclass(frozen=True)
class Named:
    """One auditor of the year, and every reason against them in words."""

    auditor: Auditor | None
    words: str


def proposed_view(
    session: Session, viewer: Standing, body: Body, proposal: ProgrammeProposal, chosen: int | None
) -> dict[str, Any]:
    """Gather everything a proposal shows."""
    year = proposal.programme.year
    programme = programme_of(session, viewer, body, year)
    listed = list(programme.audits) if programme is not None else []
    units = weighed_units(session, body, min(viewer.on, date(year, 12, 31)))
    auditors = auditors_of(session, body, year)
    people, names = {one.id: one for one in auditors}, {one.unit.id: one.unit.name for one in units}
    fields = {fold(field)[:120]: field for one in units if one.needs for field in one.needs.needs}
    clashes = clashes_of(session, body, proposal)
    bars, more = [], []
    for at, visit in enumerate(proposal.visits):
        first, last = span_of(visit)
        look = "clash" if at in clashes else "draft"
        bars.append((int(visit["unit"]), Bar(None, half_of(first, year), look, first, at)))
        days = (last - first).days + 1
        more += [(key, days) for key, _part in team_of(visit)]
    coverage = coverage_of(
        session, body, year, also=[int(visit["unit"]) for visit in proposal.visits]
    )
    load = load_of(listed, auditors, more)
    at = chosen if chosen is not None and 0 <= chosen < len(proposal.visits) else 0
    return {
        "rows": rows_of(units, listed, breaks_of(session, body, listed), year, bars),
        "visits": [_visit(one, people, names) for one in proposal.visits],
        "chosen": at if proposal.visits else None,
        "not_taken": _not_taken(proposal.visits[at], people, names) if proposal.visits else [],
        "clashes": clashes,
        "coverage": coverage,
        "load": load,
        "trips": sum(bool(visit["together"]) for visit in proposal.visits),
        "unplaced": [_unplaced(one, people, names, fields, year) for one in proposal.unplaced],
        "names": names,
    }


def _visit(
    visit: Mapping[str, Any], people: Mapping[int, Auditor], names: Mapping[int, str]
) -> dict[str, Any]:
    first, last = span_of(dict(visit))
    reasons = [gettext("risk %(score)s", score=visit["risk"])]
    if visit["late"]:
        reasons.append(gettext("due by month %(month)s; no team was free then", month=visit["due"]))
    else:
        reasons.append(gettext("in time: due by month %(month)s", month=visit["due"]))
    home = [people[key].shown_name for key in visit["at_home"] if key in people]
    if home:
        reasons.append(gettext("no trip for %(names)s", names=", ".join(home)))
    return {
        "unit": names.get(visit["unit"], ""),
        "first": first,
        "last": last,
        "team": [people[key].shown_name for key, _part in team_of(dict(visit)) if key in people],
        "reasons": reasons,
        "together": ", ".join(names.get(key, "") for key in visit["together"]),
    }


def _not_taken(
    visit: Mapping[str, Any], people: Mapping[int, Auditor], names: Mapping[int, str]
) -> list[Named]:
    return [
        Named(people.get(one["auditor"]), _words(one["why"], names)) for one in visit["not_taken"]
    ]


def _words(why: list[dict[str, Any]], names: Mapping[int, str]) -> str:
    """Say the reasons of one auditor as one sentence."""
    said = []
    for one in why:
        text = gettext(_SAID.get(one["code"], one["code"]))
        beside = [
            names.get(one.get("unit", 0), ""),
            one.get("what", ""),
            *(
                as_date(date.fromisoformat(one[key]))
                for key in ("first", "last")
                if one.get(key) and not (key == "last" and one.get("first") == one["last"])
            ),
        ]
        more = " – ".join(part for part in beside if part)
        said.append(f"{text} ({more})" if more else text)
    return "; ".join(dict.fromkeys(said))


def _unplaced(
    one: Mapping[str, Any],
    people: Mapping[int, Auditor],
    names: Mapping[int, str],
    fields: Mapping[str, str],
    year: int,
) -> dict[str, Any]:
    changes = [
        _change(
            {**each, "field": fields.get(each["field"], each["field"])}, one["unit"], people, year
        )
        for each in one["change"]
    ]
    return {
        "unit": names.get(one["unit"], ""),
        "unit_id": one["unit"],
        "reason": gettext(_STANDS.get(one["reason"], "")),
        "impossible": one["impossible"],
        "auditors": [
            Named(people.get(each["auditor"]), _words(each["why"], names))
            for each in one["auditors"]
        ],
        "changes": [each for each in changes if each is not None]
        or [(gettext("Put somebody from another body on the list"), url_for("auditors.add"))],
    }


def _change(
    one: Mapping[str, Any], unit_id: int, people: Mapping[int, Auditor], year: int
) -> tuple[str, str] | None:
    """Say the smallest change that would help, and where it is made."""
    who = people.get(one["auditor"])
    name = who.shown_name if who is not None else ""
    day = as_date(date.fromisoformat(one["first"]))
    at_unit = url_for("programmes.unit", year=year, unit_id=unit_id)
    said = {
        "open_period": (
            gettext("Let the unit be audited in the week of %(day)s", day=day),
            at_unit,
        ),
        "shorter_gap": (gettext("Ask for fewer audits of it in the year"), at_unit),
        "more_days": (
            gettext("%(name)s gives %(days)s more days a week", name=name, days=one["amount"]),
            "",
        ),
        "leave": (gettext("%(name)s is there on %(day)s", name=name, day=day), ""),
        "competence": (
            gettext("%(name)s is qualified for %(field)s", name=name, field=one["field"]),
            "",
        ),
        "lead": (gettext("%(name)s may lead a team", name=name), ""),
        "qualification": (gettext("The qualification of %(name)s is renewed", name=name), ""),
    }.get(one["change"])
    if said is None or (not said[1] and who is None):
        return None
    return said[0], said[1] or url_for("auditors.show", number=who.number if who else "")
