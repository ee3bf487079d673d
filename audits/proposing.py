"""A year proposed: who goes when and why, who was not taken and why not, what stands in the way.

Pure, and told in plain values, so that a proposal can be kept as it was (b8; A1, A5, A6, L1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.kernel.coded import N_, Coded
from audits.availability import Span, hindrances
from audits.independence import refusals
from audits.laying import LaidYear, lay_year
from audits.planning.board import Board
from audits.planning.explain import explain
from audits.planning.improve import Limits
from audits.planning.plan import Plan, Reason, Unplaced, Visit, laid_out
from audits.planning.relaxing import Change, Relaxation, relaxations
from audits.planning.rules import Why
from audits.wish import Doing
from audits.year_facts import AuditorOfYear, UnitOfYear, Week, Year

Told = dict[str, Any]
STEPS = 40  # of the search for each audit wanted: a second for thirty, six for a hundred
MOST_STEPS = 4_000
SECONDS = 8.0


class Hint(Coded):
    """Why a name was not taken, beside independence and days away."""

    NO_DAYS = "no_days", N_("gives fewer days in a week than the audit takes")
    NO_YEAR = "no_year", N_("has given all the days of the year")
    FULL = "full", N_("audits elsewhere that week")
    SPARE = "spare", N_("was free; the year as a whole is better so")


class Stands(Coded):
    """Which rule stands in the way of an audit that could not be placed."""

    NO_PERIOD = "no_period", N_("the unit is closed, or its audits would lie too near")
    NO_LEAD = "no_lead", N_("nobody who may lead is independent and free")
    NO_COMPETENCE = "no_competence", N_("nobody independent and free knows a field it needs")
    NO_TEAM = "no_team", N_("those who are independent and free make no whole team")
    NO_AUDITOR = "no_auditor", N_("there is no auditor")


def propose(
    year: Year,
    *,
    seed: int = 1,
    limits: Limits | None = None,
    doing: Callable[[Doing, int], None] | None = None,
) -> Told:
    """Propose the audits of a year, with every reason, as plain values."""
    tell = doing or (lambda _what, _count: None)
    if not year.weeks or not year.auditors:
        return _nothing(year)
    tell(Doing.PLACING, 0)
    laid = lay_year(
        year,
        limits or _limits(year),
        seed=seed,
        first=lambda plan: tell(Doing.IMPROVING, len(plan.visits)),
    )
    tell(Doing.EXPLAINING, len(laid.plan.visits))
    return _Telling(year, laid).told()


def _limits(year: Year) -> Limits:
    wanted = sum(unit.visits for unit in year.units)
    return Limits(max(200, min(MOST_STEPS, STEPS * wanted)), SECONDS)


def _nothing(year: Year) -> Told:
    reason = Stands.NO_AUDITOR if year.weeks else Stands.NO_PERIOD
    unplaced = [
        {"unit": unit.id, "reason": str(reason), "impossible": True, "auditors": [], "change": []}
        for unit in year.units
        for _ in range(unit.visits - len(unit.has))
    ]
    return {"visits": [], "unplaced": unplaced}


class _Telling:
    """One plan, told: it is laid out once for all that is asked of it."""

    def __init__(self, year: Year, laid: LaidYear) -> None:
        self.year, self.laid = year, laid
        self.units = {str(unit.id): unit for unit in year.units}
        self.people = {str(one.id): one for one in year.auditors}
        self.board: Board = laid_out(laid.problem, laid.plan)
        self.load = {str(one.id): one.used for one in year.auditors}
        for visit in laid.plan.visits:
            for name in visit.team:
                self.load[name] += self.units[visit.unit].days

    def told(self) -> Told:
        plan: Plan = self.laid.plan
        return {
            "visits": [self._visit(visit) for visit in self._in_order(plan.visits)],
            "unplaced": [self._unplaced(one) for one in plan.unplaced],
        }

    def _in_order(self, visits: Iterable[Visit]) -> list[Visit]:
        return sorted(visits, key=lambda one: (self._span(one).first, int(one.unit)))

    def _span(self, visit: Visit) -> Span:
        return self.laid.days[visit.unit, visit.period]

    def _visit(self, visit: Visit) -> Told:
        found = explain(self.laid.problem, self.laid.plan, visit, board=self.board)
        unit, span = self.units[visit.unit], self._span(visit)
        return {
            "unit": unit.id,
            "first": span.first.isoformat(),
            "last": span.last.isoformat(),
            "lead": int(visit.lead),
            "members": [int(name) for name in visit.members],
            "risk": unit.risk,
            "due": unit.due,
            "late": max(0, found.month - unit.due) if found.late else 0,
            "together": [int(name) for name in found.together],
            "at_home": [int(name) for name in found.no_trip],
            "not_taken": [
                {"auditor": int(name), "why": why}
                for name, one in found.not_taken.items()
                for why in [
                    self._why(unit, self.people[name], one.why, [span], visit.period)
                    or [{"code": str(Hint.SPARE), "dearer": one.dearer}]
                ]
            ],
        }

    def _why(
        self,
        unit: UnitOfYear,
        who: AuditorOfYear,
        codes: Iterable[Why],
        spans: list[Span],
        period: int = 0,
    ) -> list[Told]:
        """Say in the words of the rules themselves what keeps somebody from an audit."""
        found = _refused(self.year, unit, who, spans, period, _INDEPENDENCE & set(codes))
        for span in spans:
            for one in hindrances(who.days, span.first, span.last):
                said = {
                    "code": str(one.by),
                    "first": one.first.isoformat() if one.first else "",
                    "last": one.last.isoformat() if one.last else "",
                    "what": one.what,
                }
                if said not in found:
                    found.append(said)
            if found:
                break
        if found:
            return found[:4]
        if Why.NO_DAYS in codes or Why.LEAVE in codes:
            left = who.per_year - self.load[str(who.id)]
            hint = Hint.NO_YEAR if left < unit.days else Hint.NO_DAYS
            return [{"code": str(hint)}]
        return [{"code": str(Hint.FULL)}] if Why.FULL in codes else []

    def _unplaced(self, one: Unplaced) -> Told:
        unit = self.units[one.unit]
        open_weeks = [week for week in self.year.weeks if unit.runs(week)]
        changes = [
            change
            for change in relaxations(self.laid.problem, self.laid.plan, one.unit, board=self.board)
            if change.change is not Change.LARGER_TEAM  # teams are of three at most here
        ]
        return {
            "unit": unit.id,
            "reason": str(_STANDS[one.reason]),
            "impossible": one.impossible,
            "auditors": [
                {
                    "auditor": int(name),
                    "why": self._over_weeks(unit, self.people[name], codes, open_weeks),
                }
                for name, codes in one.auditors.items()
            ],
            "change": [self._change(unit, change) for change in changes[:4]],
        }

    def _over_weeks(
        self, unit: UnitOfYear, who: AuditorOfYear, codes: tuple[Why, ...], weeks: list[Week]
    ) -> list[Told]:
        """Give what keeps somebody away over the weeks that are open: of each sort one example."""
        spans = [Span(week.days[0], week.days[-1]) for week in weeks]
        found: list[Told] = []
        for code in codes:
            if code in (Why.LEAVE,):
                away = [s for s in spans if hindrances(who.days, s.first, s.last)]
                found += self._why(unit, who, (code,), away[:1])
            elif code in _HINTS:
                hint = _HINTS[code]
                left = who.per_year - self.load[str(who.id)]
                if left < unit.days and code is not Why.SPARE:
                    hint = Hint.NO_YEAR
                found.append({"code": str(hint)})
            else:
                found += self._why(unit, who, (code,), spans[:1])
        return [one for at, one in enumerate(found) if one not in found[:at]]

    def _change(self, unit: UnitOfYear, one: Relaxation) -> Told:
        week = self.year.week(one.period)
        change = str(one.change)
        if one.change is Change.OPEN_PERIOD and unit.runs(week):
            change = str(Change.SHORTER_GAP)  # closed only because an audit it has lies near
        if one.change is Change.LEAVE:
            who = self.people[one.auditor]
            kinds = {str(h.by) for d in week.days for h in hindrances(who.days, d, d)}
            change = str(Change.LEAVE) if kinds <= {"leave", "busy"} else str(Change.QUALIFICATION)
        return {
            "change": change,
            "auditor": int(one.auditor) if one.auditor else 0,
            "field": one.competence,
            "amount": one.amount,
            "first": week.days[0].isoformat(),
            "last": week.days[-1].isoformat(),
        }


_STANDS = {
    Reason.NO_PERIOD: Stands.NO_PERIOD,
    Reason.NO_LEAD: Stands.NO_LEAD,
    Reason.NO_COMPETENCE: Stands.NO_COMPETENCE,
    Reason.NO_TEAM: Stands.NO_TEAM,
}


_HINTS = {Why.NO_DAYS: Hint.NO_DAYS, Why.FULL: Hint.FULL, Why.SPARE: Hint.SPARE}
_INDEPENDENCE = {Why.HOME, Why.FORMER, Why.WROTE, Why.CONFLICT}


def _refused(
    year: Year,
    unit: UnitOfYear,
    who: AuditorOfYear,
    spans: list[Span],
    period: int,
    barred_by: set[Why],
) -> list[Told]:
    """Give what independence says on the days asked, or else in the part of the year it counts."""
    found = [
        why
        for span in spans[:1]
        for why in refusals(who.ties, unit.place, span.first, year.rule)
        if not why.is_excepted
    ]
    if not found and barred_by:  # the planner counts whole months, or the whole year
        barred = year.barred(who, unit)
        found = list(barred[min(barred, key=lambda one: abs(one - period))]) if barred else []
    return [
        {
            "code": str(why.bond),
            "unit": why.unit_id,
            "what": why.what,
            "last": why.until_on.isoformat() if why.until_on else "",
        }
        for why in found[:3]
    ]
