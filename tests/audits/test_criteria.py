"""Criteria as data: read from files, loaded once, asked of units or of the leadership (b4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, Stale
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.criteria.files import read_criteria, usual
from audits.models import AskedOf, CriterionKind, Standard
from audits.standards import (
    DEFAULT_STANDARD,
    ask_clauses,
    asked_by_body,
    asked_record,
    latest_counterparts,
    leaves_of,
    load_criteria,
    load_own_criteria,
    standard_of,
    standards_of,
)
from tests.builders import MONDAY, a_body, a_person

HEAD = "standard,number,title_en,title_vi,parent\n"


def _load() -> None:
    with unit_of_work(None, now=MONDAY) as work:
        load_own_criteria(work)


def _iso(body_id: int) -> Standard:
    return next(one for one in standards_of(db.session(), body_id) if one.name == DEFAULT_STANDARD)


@pytest.mark.covers("b4")
def test_the_product_brings_standards_and_loading_again_changes_nothing(app):
    _load()
    body = a_body()
    found = standards_of(db.session(), body.id)
    assert [one.name for one in found] == [
        "ISO 9001:2015",
        "ISO 19011:2018",
        "ISO 9001:2008",
        "Chỉ số cải cách hành chính",
    ]
    assert [one.kind for one in found][-1] is CriterionKind.REFORM
    iso = found[0]
    assert (iso.family, iso.edition, len(iso.clauses)) == ("ISO 9001", "2015", 91)
    assert found[-1].edition == ""
    entries = sa.select(sa.func.count()).select_from(TrailEntry)
    before = db.session.scalar(entries)
    _load()
    assert db.session.scalar(entries) == before


@pytest.mark.covers("b4")
def test_a_body_may_audit_against_a_directive_of_its_own_and_others_do_not_see_it(app):
    _load()
    body, other = a_body(), a_body()
    text = HEAD + "Chỉ thị 05/CT-UBND,1,,Trả lời dân đúng hạn,\n"
    with unit_of_work(None, now=MONDAY) as work:
        (made,) = load_criteria(work, text, CriterionKind.DIRECTIVE, work.fresh(body))
    assert made in standards_of(db.session(), body.id)
    assert made not in standards_of(db.session(), other.id)
    assert standard_of(db.session(), body.id, made.id) == made
    more = text + "Chỉ thị 05/CT-UBND,2,,Niêm yết công khai,\n"
    with unit_of_work(None, now=MONDAY) as work:
        load_criteria(work, more, CriterionKind.DIRECTIVE, work.fresh(body))
    assert [clause.number for clause in made.clauses] == ["1", "2"]
    with pytest.raises(InvalidInput), unit_of_work(None, now=MONDAY) as work:
        load_criteria(work, text, CriterionKind.REFORM, work.fresh(body))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "columns"),
        (HEAD, "no clause"),
        (HEAD + ",1,,x,\n", "no standard"),
        (HEAD + "S,1,,x,\nS,1,,y,\n", "twice"),
        (HEAD + "S,1.1,,x,1\n", "does not stand above"),
        (HEAD + "".join(f"S,{n},,x,\n" for n in range(5001)), "5,000"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_criteria(text)
    assert told in refused.value.text


@pytest.mark.covers("b4")
@pytest.mark.parametrize(
    ("number", "of"),
    [
        ("4.1", AskedOf.LEADERSHIP),
        ("7.1.2", AskedOf.LEADERSHIP),
        ("7.1.3", AskedOf.DEPARTMENTS),
        ("7.5.1", AskedOf.LEADERSHIP),
        ("7.5.3", AskedOf.DEPARTMENTS),
        ("8.5.6", AskedOf.DEPARTMENTS),
        ("9.1.2", AskedOf.DEPARTMENTS),
        ("9.2", AskedOf.LEADERSHIP),
        ("10.2", AskedOf.DEPARTMENTS),
        ("10.3", AskedOf.LEADERSHIP),
    ],
)
def test_clauses_are_asked_of_whom_practice_asks_them(number: str, of: AskedOf) -> None:
    assert usual(DEFAULT_STANDARD, number) is of
    assert usual("Chỉ thị 05/CT-UBND", "1") is AskedOf.DEPARTMENTS


@pytest.mark.covers("b4", "O1")
def test_a_body_asks_clauses_of_others_and_only_the_difference_is_kept(app):
    _load()
    body = a_body()
    officer = a_person(body, Role.QUALITY_OFFICER)
    iso = _iso(body.id)
    asked = {one.clause.number: one.of for one in asked_by_body(db.session(), body.id, iso)}
    assert "4.4" in asked  # its parts have no title: it is asked as a whole
    assert "4.4.1" not in asked
    assert "7.1" not in asked  # it is asked in its parts
    wanted = {**asked, "9.2": AskedOf.BOTH, "8.3.1": AskedOf.NOBODY}
    with unit_of_work(officer, now=MONDAY) as work:
        assert ask_clauses(work, work.fresh(body), _iso(body.id), wanted)
    record = asked_record(db.session(), body.id, _iso(body.id))
    assert record is not None
    assert record.asked == {"8.3.1": "nobody", "9.2": "both"}
    own = [one for one in asked_by_body(db.session(), body.id, _iso(body.id)) if one.is_own]
    assert {one.clause.number for one in own} == {"8.3.1", "9.2"}
    with unit_of_work(officer, now=MONDAY) as work:
        assert not ask_clauses(work, work.fresh(body), _iso(body.id), wanted)
    with pytest.raises(Stale), unit_of_work(officer, now=MONDAY) as work:
        ask_clauses(work, work.fresh(body), _iso(body.id), asked, seen=9)
    with pytest.raises(InvalidInput), unit_of_work(officer, now=MONDAY) as work:
        ask_clauses(work, work.fresh(body), _iso(body.id), {"99": AskedOf.BOTH})


@pytest.mark.covers("b4", "O4")
def test_only_the_quality_officer_of_the_body_says_of_whom_clauses_are_asked(app):
    _load()
    body = a_body()
    people = [a_person(body, Role.AUDITOR), a_person(a_body(), Role.QUALITY_OFFICER)]
    for person in people:
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            ask_clauses(work, work.fresh(body), _iso(body.id), {"9.2": AskedOf.BOTH})


@pytest.mark.covers("b4")
def test_older_editions_are_compared_by_what_asks_the_same_today(app):
    _load()
    body = a_body()
    standards = {one.name: one for one in standards_of(db.session(), body.id)}
    old = {one.number: one.id for one in standards["ISO 9001:2008"].clauses}
    new = {one.number: one.id for one in standards[DEFAULT_STANDARD].clauses}
    found = latest_counterparts(db.session(), [old["4.2.3"], old["8.5.2"], new["7.5.2"]])
    assert found[old["4.2.3"]] == {new["7.5.2"], new["7.5.3"]}
    assert found[old["8.5.2"]] == {new["10.2"]}
    assert found[new["7.5.2"]] == {new["7.5.2"]}


def test_of_whom_a_clause_is_asked_reaches_the_right_units() -> None:
    assert AskedOf.BOTH.reaches(leadership=True)
    assert AskedOf.BOTH.reaches(leadership=False)
    assert AskedOf.LEADERSHIP.reaches(leadership=True)
    assert not AskedOf.LEADERSHIP.reaches(leadership=False)
    assert not AskedOf.NOBODY.reaches(leadership=True)


def test_only_the_lowest_clauses_with_a_title_are_asked(app):
    _load()
    numbers = [one.number for one in leaves_of(_iso(a_body().id))]
    assert len(numbers) == len(set(numbers))
    assert {"4.4", "5.1.1", "8.5.6", "10.3"} <= set(numbers)
    assert not {"4", "5.1", "8.5"} & set(numbers)
