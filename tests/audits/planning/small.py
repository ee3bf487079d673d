"""Small years to plan, and judges of plans that share no code with the planner.

`faults` reads instance and plan as plain JSON and looks at each rule the long way; `least_points`
tries every plan there is.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from random import Random
from typing import Any

Values = dict[str, Any]


def unit(name: str, site: str = "s1", **changed: Any) -> Values:
    """A school of small risk that asks one visit of one day, and competence x."""
    return {
        "id": name, "name": name, "kind": "school", "site": site, "risk": 40, "visits": 1,
        "gap": 3, "due": 12, "blackout": [], "needs": ["x"], "days": 1, "procedures": [],
        "others": [], **changed,
    }  # fmt: skip


def auditor(name: str, home: str = "elsewhere", **changed: Any) -> Values:
    """Somebody from outside who knows x, may not lead and gives two days in each of 12 months."""
    return {
        "id": name, "name": name, "home": home, "former": [], "wrote": [], "conflicts": [],
        "competences": ["x"], "lead": False, "qualified_until": "2030-12", "days": [2] * 12,
        "leave": [], **changed,
    }  # fmt: skip


def lead(name: str, home: str = "elsewhere", **changed: Any) -> Values:
    """The same, who may lead."""
    return auditor(name, home, lead=True, **changed)


def year(units: list[Values], auditors: list[Values], **changed: Any) -> Values:
    """An instance of twelve months."""
    return {
        "format": "planner-instance/1", "name": "small", "year": 2027,
        "months": list(range(1, 13)), "team": {"min": 2, "max": 3},
        "weights": {"late": 1, "missed": 100, "unfair": 10, "trip": 20, "third": 10},
        "units": units, "auditors": auditors, **changed,
    }  # fmt: skip


def random_year(
    seed: int, *, units: int = 4, auditors: int = 4, periods: int = 4, scarce: bool = True
) -> Values:
    """Something drawn: closed periods, scarce days, barred people, competences that few hold."""
    rng = Random(seed)
    places = [f"s{rng.randint(1, 2)}" for _ in range(units)]

    def some(items: list[Any], most: int) -> list[Any]:
        return sorted(rng.sample(items, rng.randint(0, min(most, len(items)))))

    numbers = list(range(1, periods + 1))
    names = [f"u{n}" for n in range(units)]
    return year(
        [
            unit(
                name, place, risk=rng.randint(3, 99), visits=rng.choice([1, 1, 1, 2]),
                gap=rng.randint(1, 3), due=rng.choice([1, 2, 12]),
                blackout=some(numbers, periods - 1), days=rng.choice([1, 1, 2]),
                needs=some(["x", "y"], 2), procedures=some(["P1", "P2"], 1),
                others=[{"by": "T", "from": 2, "to": 3}] if rng.random() < 0.3 else [],
            )
            for name, place in zip(names, places, strict=True)
        ],
        [
            auditor(
                f"a{n}", rng.choice([*names, "elsewhere"]), lead=n == 0 or rng.random() < 0.4,
                competences=some(["x", "y"], 2), leave=some(numbers, 2),
                former=[{"unit": rng.choice(names), "left": f"2026-{rng.randint(1, 12):02d}"}]
                if rng.random() < 0.3 else [],
                wrote=["P1"] if rng.random() < 0.15 else [],
                conflicts=some(names, 1) if rng.random() < 0.2 else [],
                qualified_until=f"2027-{rng.randint(2, 12):02d}",
                days=[rng.randint(0, 2 if scarce else 4) for _ in numbers],
            )
            for n in range(auditors)
        ],
        months=numbers,
    )  # fmt: skip


def _months(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:])


def barred(problem: Values, one: Values, person: Values, period: int) -> set[str]:
    """Why this person may not audit this unit in this period; days other than given apart."""
    now = problem["year"] * 12 + problem["months"][period - 1]
    found = set()
    if person["home"] == one["id"]:
        found.add("home")
    if any(f["unit"] == one["id"] and now <= _months(f["left"]) + 12 for f in person["former"]):
        found.add("former")
    if set(person["wrote"]) & set(one["procedures"]):
        found.add("wrote")
    if one["id"] in person["conflicts"]:
        found.add("conflict")
    if now > _months(person["qualified_until"]):
        found.add("unqualified")
    if period in person["leave"]:
        found.add("leave")
    if person["days"][period - 1] < one["days"]:
        found.add("no_days")
    return found


def good_team(problem: Values, one: Values, team: list[Values]) -> bool:
    """Whether these people, somebody of them leading, are a lawful team for the unit."""
    size = problem["team"]["min"] <= len(team) <= problem["team"]["max"]
    knows = {c for person in team for c in person["competences"]}
    return size and any(person["lead"] for person in team) and set(one["needs"]) <= knows


def every_team(problem: Values, one: Values, people: list[Values]) -> bool:
    """Whether any lawful team can be made of these people."""
    sizes = range(problem["team"]["min"], problem["team"]["max"] + 1)
    return any(
        good_team(problem, one, list(team)) for n in sizes for team in combinations(people, n)
    )


def faults(problem: Values, plan: Values) -> list[str]:
    """Everything unlawful or untrue in a plan, in words."""
    units = {one["id"]: one for one in problem["units"]}
    people = {one["id"]: one for one in problem["auditors"]}
    used: dict[tuple[str, int], int] = defaultdict(int)
    at: dict[str, list[int]] = defaultdict(list)
    found = []
    for visit in plan["visits"]:
        one, period = units[visit["unit"]], visit["period"]
        names = [visit["lead"], *visit["members"]]
        at[one["id"]].append(period)
        if period in one["blackout"]:
            found.append(f"{one['id']} is closed in {period}")
        if not good_team(problem, one, [people[n] for n in names]) or len(set(names)) < len(names):
            found.append(f"{one['id']}: {names} is no team")
        if not people[visit["lead"]]["lead"]:
            found.append(f"{visit['lead']} may not lead")
        for name in names:
            used[name, period] += one["days"]
            if barred(problem, one, people[name], period):
                found.append(f"{name} in {one['id']}: {barred(problem, one, people[name], period)}")
    for (name, period), days in used.items():
        if days > people[name]["days"][period - 1]:
            found.append(f"{name} works {days} days in {period}")
    for name, periods in at.items():
        if any(abs(a - b) < units[name]["gap"] for a, b in combinations(periods, 2)):
            found.append(f"{name}: {periods} too near")
    for one in problem["units"]:
        entries = [entry for entry in plan["unplaced"] if entry["unit"] == one["id"]]
        if len(at[one["id"]]) + len(entries) != one["visits"]:
            found.append(f"{one['id']}: visits do not add up")
        if entries:
            found += _untrue(problem, one, at[one["id"]], entries, used)
    return found


def _untrue(
    problem: Values,
    one: Values,
    placed: list[int],
    entries: list[Values],
    used: dict[tuple[str, int], int],
) -> list[str]:
    """What is said about a visit left out, and is not so."""
    found = []
    open_ = [
        p
        for p in range(1, len(problem["months"]) + 1)
        if p not in one["blackout"] and all(abs(p - q) >= one["gap"] for q in placed)
    ]
    codes: dict[tuple[str, int], set[str]] = {}
    free: dict[int, list[Values]] = {}
    for p in open_:
        for person in problem["auditors"]:
            why = barred(problem, one, person, p)
            given = person["days"][p - 1]
            if given >= one["days"] > given - used[person["id"], p]:
                why.add("full")
            codes[person["id"], p] = why or {"spare"}
            if not why:
                free.setdefault(p, []).append(person)
    if any(every_team(problem, one, free.get(p, [])) for p in open_):
        found.append(f"{one['id']} could be placed")
    truth = {
        "no_period": not open_,
        "no_team": bool(open_),
        "no_lead": bool(open_) and not any(x["lead"] for p in open_ for x in free.get(p, [])),
        "no_competence": bool(open_)
        and all(
            set(one["needs"]) - {c for x in free.get(p, []) for c in x["competences"]}
            for p in open_
        ),
    }
    for entry in entries:
        if not truth[entry["reason"]]:
            found.append(f"{one['id']}: {entry['reason']} is not true")
        for person in problem["auditors"] if open_ else []:
            said = set(entry["auditors"][person["id"]])
            if any(not said & codes[person["id"], p] for p in open_):
                found.append(f"{one['id']}: {person['id']} {said} does not explain everything")
            if any(all(c not in codes[person["id"], p] for p in open_) for c in said):
                found.append(f"{one['id']}: {person['id']} {said} is not true")
    alone = len(_best_alone(problem, one))
    if sum(entry["impossible"] for entry in entries) != min(len(entries), one["visits"] - alone):
        found.append(f"{one['id']}: what is impossible is not so")
    return found


def _best_alone(problem: Values, one: Values) -> tuple[int, ...]:
    """The most periods the unit could be visited in if it were alone."""
    possible = [
        p
        for p in range(1, len(problem["months"]) + 1)
        if p not in one["blackout"]
        and every_team(
            problem, one, [x for x in problem["auditors"] if not barred(problem, one, x, p)]
        )
    ]
    for n in range(one["visits"], 0, -1):
        for chosen in combinations(possible, n):
            if all(abs(a - b) >= one["gap"] for a, b in combinations(chosen, 2)):
                return chosen
    return ()


def least_points(problem: Values) -> int:
    """The fewest points any lawful plan leaves out, by trying all."""
    wanted = [one for one in problem["units"] for _ in range(one["visits"])]
    options = []
    for one in wanted:
        ways = []
        for p in range(1, len(problem["months"]) + 1):
            if p in one["blackout"]:
                continue
            able = [x for x in problem["auditors"] if not barred(problem, one, x, p)]
            ways += [
                (p, [x["id"] for x in team])
                for n in range(problem["team"]["min"], problem["team"]["max"] + 1)
                for team in combinations(able, n)
                if good_team(problem, one, list(team))
            ]
        options.append(ways)
    days = {x["id"]: x["days"] for x in problem["auditors"]}
    best = sum(100 + one["risk"] for one in wanted)
    used: dict[tuple[str, int], int] = defaultdict(int)
    at: dict[str, list[int]] = defaultdict(list)

    def place(n: int, points: int) -> None:
        nonlocal best
        if points >= best:
            return
        if n == len(wanted):
            best = points
            return
        one = wanted[n]
        for p, team in options[n]:
            if any(abs(p - q) < one["gap"] for q in at[one["id"]]) or any(
                used[name, p] + one["days"] > days[name][p - 1] for name in team
            ):
                continue
            for name in team:
                used[name, p] += one["days"]
            at[one["id"]].append(p)
            place(n + 1, points)
            at[one["id"]].pop()
            for name in team:
                used[name, p] -= one["days"]
        place(n + 1, points + 100 + one["risk"])

    place(0, 0)
    return best
