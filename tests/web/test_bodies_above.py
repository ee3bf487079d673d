"""What a page costs somebody whose body is overseen, levels deep (O4)."""

from __future__ import annotations

import pytest

from app.kernel.db import db
from app.kernel.organisation import bodies_above
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from tests.builders import TODAY, Office, a_body, a_person, sign_in
from tests.counting import queries


def asked(app, person, path):
    client = app.test_client()
    sign_in(client, person)
    client.get(path)
    with queries() as made:
        assert client.get(path).status_code == 200
    return made


@pytest.mark.covers("O4", "T05")
def test_the_way_up_is_one_question_however_long_and_ends_where_bodies_go_round(app):
    top = a_body()
    middle = a_body(overseer=top)
    low = a_body(overseer=middle)
    lowest = a_body(overseer=low)
    with queries() as made:
        assert bodies_above(db.session(), lowest.id) == {top.id, middle.id, low.id}
    assert len([one for one in made if "RECURSIVE" in one]) == 1
    assert bodies_above(db.session(), top.id) == frozenset()


@pytest.mark.covers("O4")
def test_an_ordinary_page_four_levels_below_asks_no_more_than_one_at_the_top(app):
    top = a_body()
    lowest = a_body(overseer=a_body(overseer=a_body(overseer=top)))
    people = [a_person(body, Role.STAFF) for body in (top, lowest)]
    own = [Office(body).effective() for body in (top, lowest)]
    for path in ("/profile", "/notices"):
        at_top, below = (asked(app, person, path) for person in people)
        assert len(below) == len(at_top), path
        assert not [one for one in below if "RECURSIVE" in one]
    codes = [revision.document.code for revision in own]
    at_top, below = (
        asked(app, person, f"/d/{code}") for person, code in zip(people, codes, strict=True)
    )
    assert len(below) <= len(at_top) + 2
    for path in ("/documents", "/work", "/search?q=khai"):
        at_top, below = (asked(app, person, path) for person in people)
        assert len([one for one in below if "RECURSIVE" in one]) <= 1, path


@pytest.mark.covers("O4", "O1")
def test_a_standing_asks_for_the_bodies_above_once_and_only_when_asked(app):
    top = a_body()
    person = a_person(a_body(overseer=a_body(overseer=top)), Role.STAFF)
    with queries() as made:
        held = standing_of(db.session(), person, TODAY)
        assert held.is_below
    before = len(made)
    with queries() as made:
        assert len(held.above_body_ids) == 2
        assert len(held.above_body_ids) == 2
    assert len(made) == 1
    assert before <= 6
