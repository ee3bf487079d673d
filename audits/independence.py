"""Who may audit which unit on which day, and every reason why not: rule A1 over plain facts.

Absolute: one's own unit, what one leads, a declared conflict. By setting of the body: a unit one
left less than so many months ago, predecessors included, and a unit whose procedure one wrote.
Nothing here reads a database: page, act and planner ask the same function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.kernel.coded import N_, Coded


class Bond(Coded):
    """What ties an auditor to a unit."""

    HOME = "home", N_("works there")
    POST = "post", N_("has a second post there")
    LEADS = "leads", N_("leads it")
    CONFLICT = "conflict", N_("a conflict is declared")
    FORMER = "former", N_("worked there until lately")
    LED = "led", N_("led it until lately")
    WROTE = "wrote", N_("wrote a procedure of it")

    @property
    def is_absolute(self) -> bool:
        """Say whether no setting and no signature lifts it."""
        return self in (Bond.HOME, Bond.POST, Bond.LEADS, Bond.CONFLICT)


_ENDED = {Bond.HOME: Bond.FORMER, Bond.POST: Bond.FORMER, Bond.LEADS: Bond.LED}


@dataclass(frozen=True)
class Tie:
    """One bond of an auditor to a unit, from a day until a day; `what` names a procedure."""

    bond: Bond
    unit_id: int
    from_on: date | None = None
    until_on: date | None = None
    what: str = ""


@dataclass(frozen=True)
class Permit:
    """A leader's signed exception, for one unit and some days."""

    unit_id: int
    from_on: date
    until_on: date


@dataclass(frozen=True)
class AuditorTies:
    """Everything that ties one auditor to units."""

    auditor_id: int
    ties: tuple[Tie, ...] = ()
    permits: tuple[Permit, ...] = ()


@dataclass(frozen=True)
class Place:
    """A unit as the rule sees it: what is at or below it, above it, and what it took over from."""

    unit_id: int
    below: frozenset[int] = frozenset()  # itself and everything below
    above: frozenset[int] = frozenset()  # everything above, the whole body included
    whole_body: int = 0  # the unit that stands for the whole body
    before: frozenset[int] = frozenset()  # what it and those below took over from
    before_above: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Independence:
    """What a body sets: for how many months a former unit counts, whether what one wrote does."""

    former_months: int = 12
    counts_wrote: bool = True


@dataclass(frozen=True)
class Refusal:
    """One reason why an auditor may not audit a unit on a day."""

    bond: Bond
    unit_id: int
    what: str = ""
    until_on: date | None = None  # of a former unit: the last day there
    is_excepted: bool = False

    @property
    def is_absolute(self) -> bool:
        """Say whether no leader can sign it away."""
        return self.bond.is_absolute


def refusals(
    auditor: AuditorTies, place: Place, on: date, rule: Independence | None = None
) -> tuple[Refusal, ...]:
    """Give every reason why an auditor may not audit a unit on a day, signed exceptions marked."""
    rule = rule or Independence()
    permitted = any(
        permit.unit_id == place.unit_id and permit.from_on <= on <= permit.until_on
        for permit in auditor.permits
    )
    found: dict[tuple[Bond, int, str], Refusal] = {}
    for tie in auditor.ties:
        bond = _bond_on(tie, on, rule)
        if bond is None or not _touches(tie, place):
            continue
        key = (bond, tie.unit_id, tie.what)
        kept = found.get(key)
        if kept is None or (tie.until_on or date.max) > (kept.until_on or date.max):
            found[key] = Refusal(
                bond,
                tie.unit_id,
                tie.what,
                tie.until_on,
                permitted and not bond.is_absolute,
            )
    order = list(Bond)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.bond), one.what)))


def is_independent(reasons: Iterable[Refusal]) -> bool:
    """Say whether nothing stands in the way but what a leader has signed."""
    return all(reason.is_excepted for reason in reasons)


def _bond_on(tie: Tie, on: date, rule: Independence) -> Bond | None:
    """Say what a tie means on a day; None where it means nothing."""
    if tie.bond is Bond.WROTE:
        return Bond.WROTE if rule.counts_wrote else None
    if tie.from_on is not None and on < tie.from_on:
        return None
    if tie.until_on is None or on <= tie.until_on:
        return tie.bond
    ended = _ENDED.get(tie.bond)
    if ended is None or _months_between(tie.until_on, on) > rule.former_months:
        return None
    return ended if rule.former_months else None


def _months_between(left: date, on: date) -> int:
    """Count whole calendar months: who left in September may come back in October a year later."""
    return (on.year - left.year) * 12 + on.month - left.month


def _touches(tie: Tie, place: Place) -> bool:
    """Say whether a tie to a unit is a tie to the audited one.

    Working in a unit ties to it, to its parts and to what it is a part of, except to everything
    because one works for the whole body; leading and conflicts reach everything below.
    """
    own = place.below | place.before
    if tie.unit_id in own:
        return True
    if tie.bond is Bond.WROTE:
        return False
    above = place.above | place.before_above
    if tie.bond in (Bond.HOME, Bond.POST):
        above -= {place.whole_body}
    return tie.unit_id in above
