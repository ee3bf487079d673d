"""Who may audit which unit, over plain facts (A1)."""

from __future__ import annotations

from datetime import date

import pytest

from audits.availability import AuditorDays, Hindrance, Span, hindrances
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

# body 1: departments 10 and 20, section 11 below 10; 20 took over from 90
BODY, JUSTICE, SECTION, ECONOMY, FORMER = 1, 10, 11, 20, 90
PLACES = {
    BODY: Place(BODY, frozenset({1, 10, 11, 20}), frozenset(), BODY, frozenset({FORMER})),
    JUSTICE: Place(JUSTICE, frozenset({10, 11}), frozenset({BODY}), BODY),
    SECTION: Place(SECTION, frozenset({11}), frozenset({10, BODY}), BODY),
    ECONOMY: Place(ECONOMY, frozenset({20}), frozenset({BODY}), BODY, frozenset({FORMER})),
}
DAY = date(2026, 11, 23)


def _bonds(tie: Tie, unit: int, on: date = DAY, rule: Independence | None = None) -> list[Bond]:
    found = refusals(AuditorTies(1, (tie,)), PLACES[unit], on, rule)
    return [one.bond for one in found]


@pytest.mark.covers("A1", "b8")
@pytest.mark.parametrize(
    ("home", "refused"),
    [
        (JUSTICE, {JUSTICE, SECTION, BODY}),
        (SECTION, {JUSTICE, SECTION, BODY}),
        (ECONOMY, {ECONOMY, BODY}),
        (BODY, {BODY}),  # working for the whole body is working for none of its departments
        (FORMER, {ECONOMY, BODY}),  # what one works in was taken over
    ],
)
def test_nobody_audits_the_unit_they_work_in(home: int, refused: set[int]) -> None:
    assert {unit for unit in PLACES if _bonds(Tie(Bond.HOME, home), unit)} == refused


@pytest.mark.covers("A1")
@pytest.mark.parametrize(
    ("led", "refused"), [(BODY, set(PLACES)), (JUSTICE, {JUSTICE, SECTION, BODY})]
)
@pytest.mark.parametrize("bond", [Bond.LEADS, Bond.CONFLICT])
def test_leading_and_conflicts_reach_everything_below(
    bond: Bond, led: int, refused: set[int]
) -> None:
    assert {unit for unit in PLACES if _bonds(Tie(bond, led), unit)} == refused


@pytest.mark.covers("A1")
@pytest.mark.parametrize(
    ("on", "refused"),
    [
        (date(2026, 9, 30), [Bond.HOME]),  # the last day still counts
        (date(2026, 10, 1), [Bond.FORMER]),
        (date(2027, 9, 30), [Bond.FORMER]),  # left in September:
        (date(2027, 10, 1), []),  # back in October a year later
    ],
)
def test_a_unit_one_left_counts_for_twelve_months(on: date, refused: list[Bond]) -> None:
    assert _bonds(Tie(Bond.HOME, ECONOMY, until_on=date(2026, 9, 30)), ECONOMY, on) == refused


@pytest.mark.covers("A1")
def test_a_former_unit_counts_through_what_it_became() -> None:
    tie = Tie(Bond.LEADS, FORMER, until_on=date(2026, 6, 30))
    assert _bonds(tie, ECONOMY) == [Bond.LED]
    assert _bonds(tie, JUSTICE) == []


@pytest.mark.covers("A1")
def test_what_is_by_setting_follows_the_setting_and_the_absolute_does_not() -> None:
    rule = Independence(former_months=0, counts_wrote=False)
    left = Tie(Bond.HOME, ECONOMY, until_on=date(2026, 11, 1))
    assert _bonds(left, ECONOMY, rule=rule) == []
    assert _bonds(Tie(Bond.WROTE, ECONOMY, what="QT-KT-01"), ECONOMY, rule=rule) == []
    assert _bonds(Tie(Bond.HOME, ECONOMY), ECONOMY, rule=rule) == [Bond.HOME]
    assert _bonds(left, ECONOMY, rule=Independence(former_months=1)) == [Bond.FORMER]


@pytest.mark.covers("A1")
def test_a_post_that_has_not_begun_ties_nobody_yet() -> None:
    tie = Tie(Bond.POST, ECONOMY, from_on=date(2026, 12, 1))
    assert _bonds(tie, ECONOMY) == []
    assert _bonds(tie, ECONOMY, date(2026, 12, 1)) == [Bond.POST]


@pytest.mark.covers("A1")
def test_whoever_wrote_a_procedure_does_not_audit_its_lead_unit_and_audits_others() -> None:
    tie = Tie(Bond.WROTE, SECTION, what="QT-TP-01")
    assert {unit for unit in PLACES if _bonds(tie, unit)} == {JUSTICE, SECTION, BODY}


@pytest.mark.covers("A1")
def test_a_signed_exception_lifts_what_is_by_setting_and_nothing_else() -> None:
    permit = Permit(ECONOMY, date(2026, 11, 1), date(2026, 11, 30))
    wrote, home = Tie(Bond.WROTE, ECONOMY, what="QT-KT-01"), Tie(Bond.HOME, ECONOMY)
    lifted = refusals(AuditorTies(1, (wrote,), (permit,)), PLACES[ECONOMY], DAY)
    assert [one.is_excepted for one in lifted] == [True]
    assert is_independent(lifted)
    both = refusals(AuditorTies(1, (wrote, home), (permit,)), PLACES[ECONOMY], DAY)
    assert not is_independent(both)
    late = refusals(AuditorTies(1, (wrote,), (permit,)), PLACES[ECONOMY], date(2026, 12, 1))
    assert not is_independent(late)


@pytest.mark.covers("A1")
def test_every_reason_is_given_and_each_once() -> None:
    ties = (
        Tie(Bond.HOME, ECONOMY),
        Tie(Bond.HOME, ECONOMY, from_on=date(2020, 1, 1)),
        Tie(Bond.WROTE, ECONOMY, what="QT-KT-02"),
        Tie(Bond.WROTE, ECONOMY, what="QT-KT-01"),
        Tie(Bond.CONFLICT, BODY),
    )
    found = refusals(AuditorTies(1, ties), PLACES[ECONOMY], DAY)
    assert [(one.bond, one.what) for one in found] == [
        (Bond.HOME, ""),
        (Bond.CONFLICT, ""),
        (Bond.WROTE, "QT-KT-01"),
        (Bond.WROTE, "QT-KT-02"),
    ]


@pytest.mark.covers("b9", "b10")
def test_who_is_not_free_is_told_every_reason() -> None:
    days = AuditorDays(
        1,
        qualified_from=date(2026, 1, 1),
        qualified_until=date(2026, 11, 24),
        away=(Span(date(2026, 11, 24), date(2026, 11, 27)),),
        elsewhere=(Span(date(2026, 11, 20), date(2026, 11, 23), "DG-2026-04"),),
    )
    first, last = DAY, date(2026, 11, 25)
    assert [(one.by, one.what) for one in hindrances(days, first, last)] == [
        (Hindrance.UNQUALIFIED, ""),
        (Hindrance.LEAVE, ""),
        (Hindrance.BUSY, "DG-2026-04"),
    ]
    assert hindrances(days, date(2025, 12, 31), date(2025, 12, 31))[0].by is Hindrance.NOT_YET
    assert hindrances(days, date(2026, 5, 4), date(2026, 5, 5)) == ()
    ended = AuditorDays(1, ended_on=date(2026, 6, 30))
    assert [one.by for one in hindrances(ended, DAY, DAY)] == [Hindrance.ENDED]
