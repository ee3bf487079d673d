"""A whole year in one call: lawful, least left out, true reasons, never worse (A1, A5, A6, L1)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audits.planning.improve import Limits, steps_for
from audits.planning.lawful import breaches, check_move, move
from audits.planning.plan import Plan, PlanUnreadable, Reason, Visit, plan_values, read_plan
from audits.planning.prices import price
from audits.planning.problem import Problem, read_problem
from audits.planning.rules import Why
from audits.planning.tables import Tables
from audits.planning.year import Unlawful, complete, improve, plan_year
from tests.audits.planning.small import (
    auditor,
    faults,
    lead,
    least_points,
    random_year,
    unit,
    year,
)

FEW = Limits(steps=400)
ROOT = Path(__file__).resolve().parents[3]


def planned(values: dict[str, Any], seed: int = 1, steps: int = 400) -> tuple[Problem, Plan]:
    problem = read_problem(values)
    return problem, plan_year(problem, seed=seed, limits=Limits(steps))


@pytest.mark.covers("A1", "b8", "L1")
@pytest.mark.parametrize("seed", range(24))
def test_the_fewest_points_are_left_out_and_every_reason_is_true(seed: int) -> None:
    values = random_year(seed)
    problem, plan = planned(values)
    written = json.loads(json.dumps(plan_values(plan)))
    assert faults(values, written) == []
    assert price(problem, plan).points == least_points(values)


@pytest.mark.covers("A1", "L1")
@pytest.mark.parametrize("seed", range(6))
def test_a_larger_year_is_lawful_from_the_first_plan_on(seed: int) -> None:
    values = random_year(seed, units=14, auditors=8, periods=8, scarce=seed % 2 == 0)
    problem = read_problem(values)
    shown: list[Plan] = []
    final = plan_year(problem, limits=FEW, first=shown.append)
    assert faults(values, plan_values(shown[0])) == []
    assert faults(values, plan_values(final)) == []
    assert price(problem, final).worth <= price(problem, shown[0]).worth


@pytest.mark.covers("L1")
def test_the_same_seed_gives_the_same_plan_in_another_process() -> None:
    values = random_year(3, units=10, auditors=7, periods=8)
    code = (
        "import json,sys\n"
        "from audits.planning.improve import Limits\n"
        "from audits.planning.plan import plan_values\n"
        "from audits.planning.problem import read_problem\n"
        "from audits.planning.year import plan_year\n"
        "problem = read_problem(json.load(sys.stdin))\n"
        "print(json.dumps(plan_values(plan_year(problem, seed=5, limits=Limits(300)))))\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code], input=json.dumps(values), text=True, check=True,
            capture_output=True, cwd=ROOT, env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1
    assert answers == {json.dumps(plan_values(planned(values, 5, 300)[1])) + "\n"}


@pytest.mark.covers("L1")
def test_improving_is_never_worse_and_leaves_what_was_set_by_hand() -> None:
    values = random_year(7, units=12, auditors=8, periods=8, scarce=False)
    problem, plan = planned(values, steps=0)
    pinned = [replace(visit, pinned=n % 3 == 0) for n, visit in enumerate(plan.visits)]
    given = replace(plan, visits=tuple(pinned))
    for seed in range(4):
        better = improve(problem, given, seed=seed, limits=FEW)
        assert faults(values, plan_values(better)) == []
        assert price(problem, better).worth <= price(problem, given).worth
        assert {one for one in given.visits if one.pinned} <= set(better.visits)
    best = improve(problem, given, limits=Limits(1500))
    assert price(problem, best).worth < price(problem, given).worth
    assert improve(problem, best, limits=Limits(50)).visits
    assert (
        price(problem, improve(problem, best, limits=Limits(50))).worth
        <= price(problem, best).worth
    )


@pytest.mark.covers("L1")
def test_a_year_is_planned_around_visits_set_by_hand_and_refuses_unlawful_ones() -> None:
    values = year(
        [unit("hall"), unit("school"), unit("far", "s2")], [lead("L"), lead("K"), auditor("m")]
    )
    problem = read_problem(values)
    wish = Visit("hall", 9, "K", ("m",))
    plan = plan_year(problem, limits=FEW, pinned=(wish,))
    assert replace(wish, pinned=True) in plan.visits
    assert faults(values, plan_values(plan)) == []
    with pytest.raises(Unlawful, match="lead: hall in period 9"):
        plan_year(problem, limits=FEW, pinned=(Visit("hall", 9, "m", ("K",)),))


@pytest.mark.covers("L1")
def test_a_year_without_auditors_leaves_everything_out_and_says_so() -> None:
    values = year([unit("hall", visits=2), unit("school", blackout=list(range(1, 13)))], [])
    problem, plan = planned(values)
    assert [(one.unit, one.reason, one.impossible) for one in plan.unplaced] == [
        ("hall", Reason.NO_LEAD, True),
        ("hall", Reason.NO_LEAD, True),
        ("school", Reason.NO_PERIOD, True),
    ]
    assert price(problem, plan).points == 3 * 140
    assert faults(values, plan_values(plan)) == []


@pytest.mark.covers("A1", "L1")
def test_what_only_people_who_are_not_independent_know_is_impossible() -> None:
    values = year(
        [unit("hall", needs=["x", "rare"])],
        [
            lead("L"),
            auditor("own", "hall", competences=["rare"]),
            auditor("declared", competences=["rare"], conflicts=["hall"]),
            auditor("away", competences=["x"], leave=list(range(1, 13))),
        ],
    )
    _, plan = planned(values)
    (entry,) = plan.unplaced
    assert entry.reason is Reason.NO_COMPETENCE
    assert entry.impossible
    assert entry.auditors == {
        "L": (Why.SPARE,),
        "own": (Why.HOME,),
        "declared": (Why.CONFLICT,),
        "away": (Why.LEAVE,),
    }


@pytest.mark.covers("A5")
def test_where_not_all_fits_the_riskier_unit_is_visited() -> None:
    once = [0] * 11 + [1]
    values = year(
        [unit("calm", risk=10), unit("risky", risk=90, due=4), unit("middling", risk=50)],
        [lead("L", days=once), auditor("m", days=once)],
    )
    _, plan = planned(values)
    assert [visit.unit for visit in plan.visits] == ["risky"]
    assert sorted(one.unit for one in plan.unplaced) == ["calm", "middling"]
    assert not any(one.impossible for one in plan.unplaced)


@pytest.mark.covers("A5", "A6", "L25")
def test_a_visit_is_on_time_joins_the_inspection_of_others_and_shares_a_trip() -> None:
    values = year(
        [
            unit("ward", risk=80, due=4),
            unit("school", others=[{"by": "Thanh tra", "from": 3, "to": 3}]),
            unit("clinic"),
        ],
        [lead("L", days=[3] * 12), auditor("m", days=[3] * 12)],
    )
    problem, plan = planned(values)
    found = price(problem, plan)
    assert {part.name: part.count for part in found.parts} == {
        "late": 0, "missed": 0, "trip": 2, "unfair": 0, "third": 0,
    }  # fmt: skip
    assert {visit.period for visit in plan.visits} == {3}


@pytest.mark.covers("A5")
def test_two_visits_of_a_unit_keep_their_gap_though_only_one_way_allows_it() -> None:
    closed = [2, 3, 4, 6, 7, 8, 9, 11, 12]  # open in 1, 5, 10: with a gap of 5 only 5 and 10, or 1
    values = year([unit("ward", visits=2, gap=5, blackout=closed)], [lead("L"), auditor("m")])
    problem, plan = planned(values)
    assert not plan.unplaced
    assert breaches(problem, plan.visits) == []


@pytest.mark.covers("L1")
def test_a_team_of_three_is_made_where_no_pair_knows_enough() -> None:
    values = year(
        [unit("hall", needs=["x", "y", "z"])],
        [lead("L"), auditor("my", competences=["y"]), auditor("mz", competences=["z"])],
    )
    problem, plan = planned(values)
    (visit,) = plan.visits
    assert set(visit.team) == {"L", "my", "mz"}
    assert [part.count for part in price(problem, plan).parts if part.name == "third"] == [1]
    values["team"] = {"min": 1, "max": 1}
    values["units"][0]["needs"] = ["x"]
    alone, plan = planned(values)
    assert [visit.team for visit in plan.visits] == [("L",)]
    assert price(alone, plan).cost == 20 + 0
    values["team"] = {"min": 3, "max": 5}
    _, plan = planned(values)
    assert len(plan.visits[0].team) == 3


@pytest.mark.covers("L1")
def test_the_price_is_five_plain_numbers_with_what_causes_each() -> None:
    values = year(
        [
            unit("ward", "s2", risk=80, due=4),
            unit("school", "s2", others=[{"by": "T", "from": 5, "to": 6}]),
            unit("hall", "s1", days=2),
            unit("closed", blackout=list(range(1, 13))),
        ],
        [lead("L1", "hall"), lead("L2"), auditor("m1", "school"), auditor("m2")],
    )
    problem = read_problem(values)
    visits = (
        Visit("ward", 6, "L1", ("m1",)),
        Visit("school", 7, "L1", ("m2",)),
        Visit("hall", 7, "L2", ("m1", "m2")),
    )
    with pytest.raises(Unlawful, match="full: hall in period 7 m2"):
        complete(problem, visits)
    visits = (*visits[:2], Visit("hall", 8, "L2", ("m1", "m2")))
    found = price(problem, complete(problem, visits))
    parts = {part.name: part for part in found.parts}
    assert (found.unplaced, found.points) == (1, 140)
    assert (parts["late"].count, parts["late"].visits) == (2 * 80 + 40, (visits[0],))
    assert parts["late"].units == ("closed",)
    assert (parts["missed"].cost, parts["missed"].units) == (100, ("school",))
    # L1 and m2 to s2 in 6 and 7, where m1 is at home; L2, m1 and m2 to s1
    assert (parts["trip"].count, parts["trip"].cost) == (6, 120)
    assert (parts["third"].count, parts["third"].visits) == (2, (visits[2],))
    # leads carry 2 and 2, members 3 and 3
    assert parts["unfair"].count == 0
    assert found.cost == 200 + 100 + 120 + 20


@pytest.mark.covers("L1")
def test_a_plan_that_is_none_is_refused_with_the_reason() -> None:
    problem, plan = planned(year([unit("hall")], [lead("L"), auditor("m")]))
    values = plan_values(plan)
    assert read_plan(problem, values) == plan
    pinned = replace(plan, visits=(replace(plan.visits[0], pinned=True),))
    assert read_plan(problem, plan_values(pinned)) == pinned
    visit = values["visits"][0]
    for broken, said in [
        ({**values, "format": "other"}, "format"),
        ({**values, "instance": "other"}, "not one of small"),
        ({**values, "visits": [{**visit, "unit": "nowhere"}]}, "no unit"),
        ({**values, "visits": [{**visit, "period": 13}]}, "no period"),
        ({**values, "visits": [{**visit, "period": "3"}]}, "no period"),
        ({**values, "visits": [{**visit, "lead": "nobody"}]}, "no auditor"),
        ({**values, "visits": [{"unit": "hall"}]}, "missing or unknown"),
        ({**values, "visits": 3}, "missing or unknown"),
        ({**values, "unplaced": [{"unit": "hall", "reason": "x"}]}, "missing or unknown"),
        (
            {**values, "unplaced": [{"unit": "no", "reason": "no_team", "impossible": True}]},
            "no unit",
        ),
        ([], "format"),
    ]:
        with pytest.raises(PlanUnreadable, match=said):
            read_plan(problem, broken)


@pytest.mark.covers("L1")
def test_the_clock_only_stops_a_search_that_runs_away() -> None:
    problem = read_problem(random_year(2, units=10, auditors=7, periods=8))
    stopped = plan_year(problem, limits=Limits(steps=10**9, seconds=0.0))
    assert breaches(problem, stopped.visits) == []
    assert steps_for(problem) < 30_000


@pytest.mark.covers("L1")
def test_a_change_by_hand_is_kept_when_the_year_is_improved_again() -> None:
    values = random_year(5, units=8, auditors=8, periods=8, scarce=False)
    problem, plan = planned(values)
    tables = Tables(problem)
    for visit in plan.visits:
        free = [
            p
            for p in problem.periods
            if p != visit.period and check_move(problem, plan, visit, period=p).lawful
        ]
        if free:
            moved = move(visit, period=free[0])
            visits = tuple(moved if one == visit else one for one in plan.visits)
            again = improve(problem, complete(problem, visits), limits=FEW)
            assert moved in again.visits
            assert faults(values, plan_values(again)) == []
            break
    else:
        pytest.fail("nothing could be moved")
    assert tables.last == 8


@pytest.mark.covers("L1")
@pytest.mark.parametrize("number", [11, 12, 13])
def test_a_small_year_ends_at_one_price_whatever_the_seed(number: int) -> None:
    values = random_year(number, units=8, auditors=6, periods=12)
    ends = [planned(values, seed, 4000) for seed in (1, 2)]
    assert len({price(problem, plan).worth for problem, plan in ends}) == 1
    assert all(faults(values, plan_values(plan)) == [] for _, plan in ends)
