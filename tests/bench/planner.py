"""Plan one instance: `python -m tests.bench.planner INSTANCE.json -o PLAN.json`.

Prints the parts of the price and how long it took, in processor seconds.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

from audits.planning.improve import Limits, steps_for
from audits.planning.plan import Plan, plan_values
from audits.planning.prices import price
from audits.planning.problem import Problem, read_problem
from audits.planning.year import plan_year


def _write(path: Path, plan: Plan) -> None:
    path.write_text(json.dumps(plan_values(plan), ensure_ascii=False) + "\n", encoding="utf-8")


def _say(problem: Problem, plan: Plan, seconds: float) -> None:
    found = price(problem, plan)
    parts = "  ".join(f"{part.name} {part.count}" for part in found.parts)
    print(
        f"unplaced {found.unplaced} ({found.points} points)  cost {found.cost}  {parts}  "
        f"{seconds:.1f} s",
        flush=True,
    )


def main() -> None:
    """Read, plan, write, tell."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("instance", type=Path)
    asked.add_argument("-o", "--out", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--steps", type=int, help="work instead of what the size is worth")
    asked.add_argument("--seconds", type=float, default=math.inf, help="emergency stop")
    asked.add_argument("--first", type=Path, help="write the first lawful plan here")
    given = asked.parse_args()
    began = time.process_time()
    problem = read_problem(json.loads(given.instance.read_text(encoding="utf-8")))

    def first(plan: Plan) -> None:
        print("first: ", end="")
        _say(problem, plan, time.process_time() - began)
        if given.first:
            _write(given.first, plan)

    steps = steps_for(problem) if given.steps is None else given.steps
    plan = plan_year(problem, seed=given.seed, limits=Limits(steps, given.seconds), first=first)
    print("final: ", end="")
    _say(problem, plan, time.process_time() - began)
    _write(given.out, plan)


if __name__ == "__main__":
    main()
