"""Who may join a visit and why not, changes by hand, and what would let a visit in (A1, A6)."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from audits.planning.explain import explain, free_people, visit_obstacles
from audits.planning.improve import Limits
from audits.planning.lawful import breaches, check_move
from audits.planning.plan import Plan, Visit
from audits.planning.prices import price
from audits.planning.problem import ProblemUnreadable, month_number, month_text, read_problem
from audits.planning.relaxing import Change, Relaxation, relaxations
from audits.planning.rules import Why, obstacles
from audits.planning.year import complete, plan_year
from tests.audits.planning.small import auditor, lead, random_year, unit, year

VALUES = year(
    [unit("ward", "s2", procedures=["QT-1"], blackout=[2], days=2), unit("school", "s2")],
    [
        lead("L"),
        auditor("home", "ward"),
        auditor("former", former=[{"unit": "ward", "left": "2026-03"}]),
        auditor("wrote", wrote=["QT-1"]),
        auditor("conflict", conflicts=["ward"]),
        auditor("lapsed", qualified_until="2027-05"),
        auditor("away", leave=[6]),
        auditor("short", days=[1] * 12),
        auditor("m"),
    ],
)


def why(name: str, period: int, taken: int = 0) -> list[Why]:
    problem = read_problem(VALUES)
    person = next(one for one in problem.auditors if one.id == name)
    return obstacles(problem, problem.units[0], person, period, taken)


@pytest.mark.covers("A1")
def test_each_rule_of_independence_keeps_a_person_from_a_visit() -> None:
    assert why("home", 4) == [Why.HOME]
    assert why("wrote", 4) == [Why.WROTE]
    assert why("conflict", 4) == [Why.CONFLICT]
    assert why("m", 4) == []


@pytest.mark.covers("A1")
def test_who_left_in_march_may_come_in_april_a_year_later() -> None:
    assert why("former", 3) == [Why.FORMER]
    assert why("former", 4) == []


@pytest.mark.covers("A1", "b8")
def test_qualification_leave_and_days_keep_a_person_from_a_visit() -> None:
    assert [why("lapsed", 5), why("lapsed", 6)] == [[], [Why.UNQUALIFIED]]
    assert [why("away", 5), why("away", 6)] == [[], [Why.LEAVE]]
    assert why("short", 5) == [Why.NO_DAYS]
    assert [why("m", 5, taken=0), why("m", 5, taken=1)] == [[], [Why.FULL]]


@pytest.mark.covers("A1", "L1")
@pytest.mark.parametrize(
    ("rule", "visits"),
    [
        ("home", [("ward", 4, "L", "home")]),
        ("former", [("ward", 3, "L", "former")]),
        ("wrote", [("ward", 4, "L", "wrote")]),
        ("conflict", [("ward", 4, "L", "conflict")]),
        ("unqualified", [("ward", 6, "L", "lapsed")]),
        ("leave", [("ward", 6, "L", "away")]),
        ("no_days", [("ward", 6, "L", "short")]),
        ("full", [("ward", 6, "L", "m"), ("school", 6, "L", "away")]),
        ("lead", [("ward", 4, "m", "L")]),
        ("team_size", [("ward", 4, "L")]),
        ("team_size", [("school", 4, "L", "m", "away", "wrote")]),
        ("team_repeat", [("ward", 4, "L", "L")]),
        ("blackout", [("ward", 2, "L", "m")]),
        ("period", [("ward", 13, "L", "m")]),
        ("gap", [("ward", 4, "L", "m"), ("ward", 6, "L", "m")]),
        ("count", [("school", 4, "L", "m"), ("school", 8, "L", "m")]),
    ],
)
def test_a_plan_that_breaks_a_rule_is_told_which(rule: str, visits: list[tuple[Any, ...]]) -> None:
    problem = read_problem(VALUES)
    asked = [Visit(name, period, first, tuple(rest)) for name, period, first, *rest in visits]
    assert rule in {one.rule for one in breaches(problem, asked)}


@pytest.mark.covers("L1")
def test_a_team_without_a_needed_competence_is_told_so() -> None:
    values = year([unit("hall", needs=["x", "y"])], [lead("L"), auditor("m")])
    broken = breaches(read_problem(values), [Visit("hall", 1, "L", ("m",))])
    assert [str(one) for one in broken] == ["competence: hall in period 1"]


@pytest.mark.covers("A1", "L1")
def test_a_move_by_hand_names_what_it_breaks_and_the_nearest_period_that_would_do() -> None:
    problem = read_problem(VALUES)
    ward = Visit("ward", 5, "L", ("lapsed",))
    school = Visit("school", 4, "L", ("m",))
    plan = Plan("small", (ward, school))
    assert check_move(problem, plan, ward, period=3).lawful
    closed = check_move(problem, plan, ward, period=2)
    assert [one.rule for one in closed.broken] == ["blackout"]
    assert closed.nearest == 1
    late = check_move(problem, plan, ward, period=8)
    assert [(one.rule, one.auditor) for one in late.broken] == [("unqualified", "lapsed")]
    assert late.nearest == 5
    busy = check_move(problem, plan, ward, period=4)
    assert {(one.rule, one.auditor) for one in busy.broken} == {("full", "L")}
    assert busy.nearest == 3
    own = check_move(problem, plan, ward, team=["L", "home"])
    assert ([one.rule for one in own.broken], own.nearest) == (["home"], None)
    assert check_move(problem, plan, ward, team=["L", "m"]).lawful


@pytest.mark.covers("A1")
def test_every_reason_against_one_name_is_told_with_the_days_the_plan_uses() -> None:
    problem = read_problem(VALUES)
    ward, school = Visit("ward", 5, "L", ("m",)), Visit("school", 6, "L", ("m",))
    plan = Plan("small", (ward, school))
    assert visit_obstacles(problem, plan, ward, "m") == []
    assert visit_obstacles(problem, plan, ward, "away") == [Why.SPARE]
    assert visit_obstacles(problem, plan, ward, "m", period=6) == [Why.FULL]
    assert visit_obstacles(problem, plan, ward, "away", period=6) == [Why.LEAVE]
    assert free_people(problem, plan, ward, 6) == ("former",)
    assert set(free_people(problem, plan, ward, 5)) == {"L", "former", "lapsed", "away", "m"}


@pytest.mark.covers("A5", "A6", "L1", "L25")
def test_a_visit_is_explained_by_risk_due_month_shared_trip_and_what_others_would_cost() -> None:
    values = year(
        [
            unit("ward", "s2", risk=80, due=4, blackout=[1], days=1,
                 others=[{"by": "Thanh tra", "from": 3, "to": 4}]),
            unit("school", "s2"),
        ],
        [lead("L", days=[2] * 12), auditor("m", days=[2] * 12), auditor("home", "ward"),
         auditor("other", days=[2] * 12)],
    )  # fmt: skip
    problem = read_problem(values)
    ward, school = Visit("ward", 3, "L", ("m",)), Visit("school", 3, "L", ("m",))
    plan = complete(problem, (ward, school))
    found = explain(problem, plan, ward)
    assert (found.risk, found.due, found.month, found.late) == (80, 4, 3, 0)
    assert [one.by for one in found.meets] == ["Thanh tra"]
    assert found.together == ("school",)
    assert found.load["m"] == (2, 0)
    assert found.not_taken["home"].why == (Why.HOME,)
    spare = found.not_taken["other"]
    assert spare.why == (Why.SPARE,)
    swapped = complete(problem, (replace(ward, members=("other",)), school))
    assert spare.dearer == price(problem, swapped).cost - price(problem, plan).cost
    periods = {one.period: one for one in found.periods}
    assert periods[1].rule == "blackout"
    later = complete(problem, (replace(ward, period=6), school))
    assert periods[6].dearer is not None
    assert 0 < periods[6].dearer <= price(problem, later).cost - price(problem, plan).cost


@pytest.mark.covers("L1")
def test_every_explained_price_is_true_on_drawn_years() -> None:
    values = random_year(11, units=6, auditors=7, periods=6, scarce=False)
    problem = read_problem(values)
    plan = plan_year(problem, limits=Limits(200))
    for visit in plan.visits:
        found = explain(problem, plan, visit)
        assert set(found.not_taken) == {one.id for one in problem.auditors} - set(visit.team)
        assert len(found.periods) == 5
        for name, one in found.not_taken.items():
            assert list(one.why) == visit_obstacles(problem, plan, visit, name)


def _placed(values: dict[str, Any]) -> int:
    return len(plan_year(read_problem(values), limits=Limits(100)).visits)


def _changed(values: dict[str, Any], one: Relaxation) -> dict[str, Any]:
    """Make the change in the instance itself."""
    values = copy.deepcopy(values)
    hall = values["units"][0]
    person = next((x for x in values["auditors"] if x["id"] == one.auditor), {})
    if one.change is Change.OPEN_PERIOD:
        hall["blackout"].remove(one.period)
    elif one.change is Change.SHORTER_GAP:
        hall["gap"] = one.amount
    elif one.change is Change.MORE_DAYS:
        person["days"][one.period - 1] += one.amount
    elif one.change is Change.LEAVE:
        person["leave"].remove(one.period)
    elif one.change is Change.COMPETENCE:
        person["competences"].append(one.competence)
    elif one.change is Change.LEAD:
        person["lead"] = True
    elif one.change is Change.QUALIFICATION:
        person["qualified_until"] = "2027-12"
    else:
        values["team"]["max"] = one.amount
    return values


SHUT = list(range(2, 13))
THREE = [auditor(f"m{c}", competences=[c]) for c in "yz"]
STUCK: dict[str, tuple[dict[str, Any], set[Change]]] = {
    "closed": (
        year([unit("hall", blackout=[*range(1, 13)])], [lead("L"), auditor("m")]),
        {Change.OPEN_PERIOD},
    ),
    "gap": (
        year([unit("hall", visits=2, blackout=[1, *range(4, 13)])], [lead("L"), auditor("m")]),
        {Change.OPEN_PERIOD, Change.SHORTER_GAP},
    ),
    "away": (
        year([unit("hall", blackout=SHUT)], [lead("L"), auditor("m", leave=[1])]),
        {Change.OPEN_PERIOD, Change.LEAVE},
    ),
    "days": (
        year([unit("hall", blackout=SHUT, days=3)], [lead("L", days=[3] * 12), auditor("m")]),
        {Change.MORE_DAYS},
    ),
    "competence": (
        year([unit("hall", blackout=SHUT, needs=["x", "rare"])], [lead("L"), auditor("m")]),
        {Change.COMPETENCE},
    ),
    "lead": (year([unit("hall")], [auditor("n"), auditor("m")]), {Change.LEAD}),
    "lapsed": (
        year(
            [unit("hall", blackout=[*range(1, 12)])],
            [lead("L", qualified_until="2027-11"), auditor("m")],
        ),
        {Change.OPEN_PERIOD, Change.LEAD, Change.QUALIFICATION} - {Change.LEAD},
    ),
    "team": (
        year([unit("hall", needs=["x", "y", "z"])], [lead("L"), *THREE], team={"min": 2, "max": 2}),
        {Change.COMPETENCE, Change.LARGER_TEAM},
    ),
}


@pytest.mark.covers("L1")
@pytest.mark.parametrize("name", STUCK)
def test_each_nearest_relaxation_lets_one_more_visit_be_placed(name: str) -> None:
    values, expected = STUCK[name]
    problem = read_problem(values)
    plan = plan_year(problem, limits=Limits(100))
    found = relaxations(problem, plan, "hall")
    assert {one.change for one in found} == expected
    for one in found:
        assert _placed(_changed(values, one)) > len(plan.visits), one
    assert relaxations(problem, plan, "hall") == found


@pytest.mark.covers("L1")
def test_what_is_placed_needs_no_relaxation() -> None:
    problem = read_problem(year([unit("hall")], [lead("L"), auditor("m")]))
    assert relaxations(problem, plan_year(problem, limits=Limits(10)), "hall") == []


@pytest.mark.covers("L1")
def test_an_instance_that_breaks_its_form_is_refused_where_it_does() -> None:
    good = year([unit("hall")], [lead("L")])
    read_problem(good)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"format": "x"}, "format is not planner-instance/1"),
        ({"months": []}, "months"),
        ({"months": [2, 1]}, "out of order"),
        ({"months": [1, 13]}, "months 2"),
        ({"units": 3}, "'units' is not a list"),
        ({"units": ["hall"]}, "units 1 has no 'id'"),
        ({"units": [unit("a"), unit("a")]}, "unit 'a' stands twice"),
        ({"units": [unit("a", risk="high")]}, "units 1: 'risk' is not a whole number"),
        ({"units": [unit("a", blackout=[13])]}, "blackout 1"),
        ({"units": [unit("a", others=[{"by": "T", "from": 1}])]}, "no 'to'"),
        ({"auditors": [auditor("a", days=[1])]}, "1 numbers of days, 12 periods"),
        ({"auditors": [auditor("a", lead="yes")]}, "neither true nor false"),
        ({"auditors": [auditor("a", qualified_until="soon")]}, "not a month"),
        ({"team": None}, "team is not an object"),
        ({"team": {"min": 3, "max": 2}}, "'max'"),
        ({"name": 7}, "'name' is not text"),
    ]
    for changed, said in cases:
        with pytest.raises(ProblemUnreadable, match=said):
            read_problem({**good, **changed})
    with pytest.raises(ProblemUnreadable, match="not an object"):
        read_problem([])
    assert month_text(month_number("2027-12")) == "2027-12"
