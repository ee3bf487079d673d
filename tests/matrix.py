"""The two tables of who may do what, and where: read from tests/permissions.csv and routes.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTSIDE = ("anonymous", "disabled")
# what somebody may be to some record of their own body
WITHIN = (
    "own unit",
    "parent unit",
    "author",
    "keeper",
    "assignee",
    "named reader",
    "oneself",
)


@dataclass(frozen=True)
class Row:
    """Who may try an act: the first row that fits counts."""

    act: str
    roles: frozenset[str]
    relations: frozenset[str]
    expect: str

    def fits(self, act: str, role: str, relation: str) -> bool:
        """Say whether this row speaks of that."""
        return (
            self.act in ("*", act)
            and (self.roles & {"*", role}) != frozenset()
            and (self.relations & {"*", relation}) != frozenset()
        )


@dataclass(frozen=True)
class Route:
    """One endpoint and method with a sample of its arguments; several rows may name one."""

    endpoint: str
    method: str
    act: str
    scope: str
    path: str
    form: str

    @property
    def permission(self) -> str:
        """Give the permission as the code names it; what stands in brackets tells records apart."""
        return self.act.partition(" (")[0]

    @property
    def name(self) -> str:
        """Name it in a report."""
        return f"{self.method} {self.endpoint} {self.path}"


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@cache
def permissions() -> tuple[Row, ...]:
    """Give the rows of permissions.csv in their order."""
    return tuple(
        Row(
            row["act"],
            frozenset(row["role"].split("|")),
            frozenset(row["relation"].split("|")),
            row["expect"],
        )
        for row in _read("permissions.csv")
    )


@cache
def routes() -> tuple[Route, ...]:
    """Give the rows of routes.csv."""
    return tuple(Route(**row) for row in _read("routes.csv"))


def acts() -> set[str]:
    """Name the acts of permissions.csv, brackets taken off."""
    return {row.act.partition(" (")[0] for row in permissions()} - {"*"}


def expected(act: str, role: str, relation: str) -> str:
    """Give allow, deny or redirect; an act without rows is an error of the table."""
    if act == "open":
        return "allow"
    for row in permissions():
        if row.fits(act, role, relation):
            return row.expect
    raise LookupError(f"permissions.csv says nothing of {act} by {role}, {relation}")


def expected_at(route: Route, role: str, relation: str) -> str:
    """Give what a route must answer: of a record, of one's own body, or only at its door.

    At the door anybody passes who might do the act to some record of theirs.
    """
    if relation in OUTSIDE or route.scope == "record":
        return expected(route.act, role, relation)
    if route.scope == "body":
        own = "own unit" if relation in ("other body", "overseeing body") else relation
        return expected(route.act, role, own)
    role = "staff" if relation == "former" else role
    given = {expected(route.act, role, one) for one in (*WITHIN, relation)}
    return "allow" if "allow" in given else "deny"
