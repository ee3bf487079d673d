"""A year proposed from plain facts: what is placed holds by the rules asked by hand (b8, A1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from audits.availability import AuditorDays, Span, hindrances
from audits.independence import (
    AuditorTies,
    Bond,
    Independence,
    Permit,
    Place,
    Tie,
    is_independent,
    refusals,
)
from audits.planning.explain import explain
from audits.planning.improve import Limits
from audits.planning.plan import laid_out
from audits.planning.relaxing import relaxations
from audits.planning.year import plan_year
from audits.proposing import propose
from audits.wish import Wish
from audits.year_facts import (
    AuditorOfYear,
    UnitOfYear,
    Week,
    Year,
    problem_of,
    weeks_of,
)

YEAR = 2027
FEW = Limits(steps=150)
SOON = date(YEAR, 1, 1)


def working_weeks(first: date = SOON, last: date = date(YEAR, 12, 31)) -> tuple[Week, ...]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return weeks_of([day for day in days if day.weekday() < 5])


def a_unit(key: int, **said: object) -> UnitOfYear:
    place = Place(key, frozenset({key}))
    return replace(UnitOfYear(place, f"Đơn vị {key}", str(key), 50, 12), **said)


def an_auditor(key: int, *ties: Tie, permits: tuple[Permit, ...] = (), **said) -> AuditorOfYear:
    days = said.pop("days", AuditorDays(key))
    return replace(
        AuditorOfYear(AuditorTies(key, ties, permits), days, f"Người {key}", may_lead=True), **said
    )


def _day(rng: Random, least: int = 0, most: int = 364) -> date:
    return SOON + timedelta(days=rng.randint(least, most))


def _span(rng: Random, longest: int) -> Span:
    first = _day(rng)
    return Span(first, first + timedelta(days=rng.randint(0, longest)))


def _tie(rng: Random, units: int) -> Tie:
    bond = rng.choice([*list(Bond)[:4], Bond.WROTE])
    first = rng.choice([None, _day(rng, -900, 364)])
    last = rng.choice([None, _day(rng, -500, 300)])
    if first is not None and last is not None and last < first:
        first = None
    if bond is Bond.WROTE:
        first = last = None
    return Tie(bond, rng.randint(1, units), first, last)


def a_random_year(seed: int, units: int = 9, auditors: int = 6) -> Year:
    rng = Random(seed)
    fields = ("hộ tịch", "đất đai")
    people = []
    for key in range(101, 101 + auditors):
        home = rng.randint(1, units)
        ties = [Tie(Bond.HOME, home), *(_tie(rng, units) for _ in range(rng.randint(0, 2)))]
        permits = [Permit(rng.randint(1, units), _day(rng, -30, 200), _day(rng, 200, 364))]
        days = AuditorDays(
            key,
            qualified_from=rng.choice([None, _day(rng, -300, 100)]),
            qualified_until=rng.choice([None, _day(rng, 150, 500)]),
            ended_on=rng.choice([None, None, _day(rng, 200, 364)]),
            away=tuple(_span(rng, 40) for _ in range(rng.randint(0, 3))),
            elsewhere=tuple(_span(rng, 1) for _ in range(rng.randint(0, 3))),
        )
        people.append(
            an_auditor(
                key,
                *ties,
                permits=tuple(permits) if rng.random() < 0.4 else (),
                days=days,
                home=home,
                fields=frozenset(rng.sample(fields, rng.randint(0, 2))),
                may_lead=rng.random() < 0.6,
                per_week=rng.randint(1, 3),
                per_year=rng.randint(2, 12),
                used=rng.randint(0, 3),
            )
        )
    placed = [
        a_unit(
            key,
            site=rng.choice(["house", str(key)]),
            risk=rng.randint(1, 99),
            due=rng.choice([4, 8, 12]),
            visits=rng.randint(0, 2),
            days=rng.randint(1, 3),
            needs=frozenset(rng.sample(fields, rng.randint(0, 1))),
            closed=tuple(_span(rng, 60) for _ in range(rng.randint(0, 2))),
            has=tuple(_span(rng, 1) for _ in range(rng.randint(0, 1))),
        )
        for key in range(1, units + 1)
    ]
    weeks = working_weeks(_day(rng, 0, 60))
    rule = Independence(rng.choice([0, 6, 12, 18]), rng.random() < 0.7)
    wish = rng.choice(list(Wish))
    return Year(YEAR, weeks, tuple(placed), tuple(people), rule, wish, rng.randint(1, 2))


def assert_holds(year: Year, found: dict) -> None:
    """Ask of everything proposed what is asked of teams put together by hand."""
    units = {unit.id: unit for unit in year.units}
    people = {one.id: one for one in year.auditors}
    busy: dict[int, list[Span]] = {}
    given: dict[int, int] = {one.id: one.used for one in year.auditors}
    dated: dict[int, list[Span]] = {key: list(unit.has) for key, unit in units.items()}
    working = {day for week in year.weeks for day in week.days}
    for visit in found["visits"]:
        unit = units[visit["unit"]]
        first, last = date.fromisoformat(visit["first"]), date.fromisoformat(visit["last"])
        team = [visit["lead"], *visit["members"]]
        assert {first, last} <= working
        assert first.isocalendar()[:2] == last.isocalendar()[:2]
        assert sum(first <= day <= last for day in working) == unit.days
        assert not any(span.meets(first, last) for span in unit.closed)
        assert year.team_min <= len(set(team)) == len(team) <= 3
        assert people[visit["lead"]].may_lead
        assert unit.needs <= frozenset().union(*(people[key].fields for key in team))
        for key in team:
            who = people[key]
            assert is_independent(refusals(who.ties, unit.place, first, year.rule))
            assert hindrances(who.days, first, last) == ()
            assert not any(span.meets(first, last) for span in busy.get(key, []))
            busy.setdefault(key, []).append(Span(first, last))
            given[key] += unit.days
        for other in dated[unit.id]:
            apart = max((first - other.last).days, (other.first - last).days)
            assert apart > 7 * (unit.gap - 1)
        dated[unit.id].append(Span(first, last))
        told = {one["auditor"] for one in visit["not_taken"]}
        assert told == set(people) - set(team)
        assert all(one["why"] for one in visit["not_taken"])
    for one in found["unplaced"]:
        assert one["reason"] == "no_period" or all(each["why"] for each in one["auditors"])
    assert all(given[key] <= max(one.per_year, one.used) for key, one in people.items())
    for key, spans in busy.items():
        for week in year.weeks:
            days = sum(
                span.meets(day, day)
                for day in week.days
                for span in [*spans, *people[key].days.elsewhere]
            )
            there = sum(s.meets(d, d) for d in week.days for s in people[key].days.elsewhere)
            assert days <= max(people[key].per_week, there)
    wanted = sum(max(0, unit.visits - len(unit.has)) for unit in year.units)
    assert len(found["visits"]) + len(found["unplaced"]) == wanted


@pytest.mark.covers("A1", "b8", "b9", "b10", "L1")
@pytest.mark.parametrize("seed", range(40))
def test_what_is_proposed_holds_by_the_rules_asked_by_hand(seed: int) -> None:
    year = a_random_year(seed)
    assert_holds(year, propose(year, limits=FEW))


@pytest.mark.covers("A1", "L1")
@pytest.mark.parametrize("seed", range(12))
def test_every_reason_against_a_name_is_true(seed: int) -> None:
    year = a_random_year(seed)
    units = {unit.id: unit for unit in year.units}
    people = {one.id: one for one in year.auditors}
    bonds = {str(bond) for bond in Bond}
    for visit in propose(year, limits=FEW)["visits"]:
        unit, first = units[visit["unit"]], date.fromisoformat(visit["first"])
        last = date.fromisoformat(visit["last"])
        for one in visit["not_taken"]:
            who = people[one["auditor"]]
            for why in one["why"]:
                if why["code"] in bonds:
                    barred = year.barred(who, unit)
                    assert any(
                        why["code"] == str(each.bond)
                        for each in [
                            *refusals(who.ties, unit.place, first, year.rule),
                            *(said for reasons in barred.values() for said in reasons),
                        ]
                    )
                elif why["code"] in ("leave", "busy", "unqualified", "ended", "not_yet"):
                    assert hindrances(who.days, first, last)


@pytest.mark.covers("b8")
def test_the_same_year_is_proposed_the_same_again() -> None:
    year = a_random_year(3)
    assert propose(year, limits=FEW) == propose(year, limits=FEW)


@pytest.mark.covers("b8", "L1")
def test_a_year_without_auditors_names_every_unit_and_says_so() -> None:
    year = Year(YEAR, working_weeks(), (a_unit(1), a_unit(2, visits=2)), ())
    found = propose(year)
    assert found["visits"] == []
    assert [one["unit"] for one in found["unplaced"]] == [1, 2, 2]
    assert {one["reason"] for one in found["unplaced"]} == {"no_auditor"}
    over = replace(year, weeks=(), auditors=(an_auditor(101),))
    assert {one["reason"] for one in propose(over)["unplaced"]} == {"no_period"}


@pytest.mark.covers("A1", "L1")
def test_what_cannot_be_placed_names_the_rule_and_the_nearest_change() -> None:
    own = an_auditor(101, Tie(Bond.HOME, 1), home=1)
    other = an_auditor(102, Tie(Bond.CONFLICT, 1))
    learner = an_auditor(103, may_lead=False)
    year = Year(YEAR, working_weeks(), (a_unit(1),), (own, other, learner), team_min=1)
    one = propose(year, limits=FEW)["unplaced"][0]
    assert (one["reason"], one["impossible"]) == ("no_lead", True)
    said = {each["auditor"]: [why["code"] for why in each["why"]] for each in one["auditors"]}
    assert said == {101: ["home"], 102: ["conflict"], 103: ["spare"]}
    assert [(each["change"], each["auditor"]) for each in one["change"]] == [("lead", 103)]


@pytest.mark.covers("b9")
def test_nobody_gives_more_days_than_they_give_in_a_year() -> None:
    units = tuple(a_unit(key) for key in range(1, 9))
    people = (an_auditor(101, per_year=3), an_auditor(102, per_year=5, used=1))
    found = propose(Year(YEAR, working_weeks(), units, people, team_min=1), limits=FEW)
    assert len(found["visits"]) == 7
    why = {w["code"] for one in found["unplaced"][0]["auditors"] for w in one["why"]}
    assert why == {"no_year"}


@pytest.mark.covers("b9")
def test_a_visit_longer_than_a_week_gives_is_left_out_with_its_reason() -> None:
    people = (an_auditor(101, per_week=2), an_auditor(102, per_week=2))
    year = Year(YEAR, working_weeks(), (a_unit(1, days=3),), people)
    found = propose(year, limits=FEW)
    assert found["visits"] == []
    assert {"more_days", "no_days"} & {
        *(one["change"] for one in found["unplaced"][0]["change"]),
        *(w["code"] for one in found["unplaced"][0]["auditors"] for w in one["why"]),
    }


@pytest.mark.covers("b8")
def test_reasons_and_relaxations_share_one_table() -> None:
    year = a_random_year(5)
    problem = problem_of(year)
    plan = plan_year(problem, limits=FEW)
    board = laid_out(problem, plan)
    for visit in plan.visits:
        shared = explain(problem, plan, visit, board=board)
        assert shared == explain(problem, plan, visit)
    for one in plan.unplaced:
        shared_changes = relaxations(problem, plan, one.unit, board=board)
        assert shared_changes == relaxations(problem, plan, one.unit)
