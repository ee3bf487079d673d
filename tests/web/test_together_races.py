"""Two at once: a draft's file taken twice, a number of people deciding (T03; a7, a13, O2, D3)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organising import end_delegation
from app.kernel.people import Delegation, Person, Role
from app.kernel.work import unit_of_work
from documents.drafting import change_draft
from documents.models import CheckOut, Decision, Need, Revision, RevisionState
from tests.browser import Live
from tests.builders import (
    MONDAY,
    PASSWORD,
    Office,
    a_deputy,
    a_draft,
    a_person,
    a_route,
    a_step,
    draft_data,
    submitted,
)
from tests.web.test_reading_races import at_once, browsers


@pytest.mark.browser
@pytest.mark.covers("T03", "a7")
def test_of_two_who_take_a_file_at_once_one_holds_it(live: Live):
    def build():
        office = Office()
        second = a_person(office.unit)
        draft = a_draft(office.author, office.document())
        with unit_of_work(office.author, now=MONDAY) as work:
            draft = work.fresh(draft)
            authors = (work.fresh(office.author), work.fresh(second))
            change_draft(work, draft, draft_data(draft, authors=authors))
        return draft.id, office.author.id, second.id

    revision_id, *people = live.run(build)
    opened = [browsers(live, person_id, 1)[0] for person_id in people]

    def take(client, token):
        path = f"/r/{revision_id}/check-out"
        return lambda: client.post(path, data={"csrf_token": token}).status_code

    answers = at_once(*(take(*pair) for pair in opened))
    assert sorted(answers) == [303, 409]
    held = live.run(lambda: db.session.scalar(sa.select(sa.func.count(CheckOut.id))))
    assert held == 1


def _deciding(client, token, revision_id, version, seat_id, answer="approve"):
    prefix = "a-" if answer == "approve" else "b-"
    data = {
        "csrf_token": token,
        "answer": answer,
        f"{prefix}password": PASSWORD,
        f"{prefix}row_version": version,
        f"{prefix}seat": seat_id,
        f"{prefix}comment": "Sai căn cứ.",
    }
    return lambda: client.post(f"/r/{revision_id}/decision", data=data).status_code


@pytest.mark.browser
@pytest.mark.covers("T03", "a13", "D3")
@pytest.mark.parametrize("answer", ["approve", "return"])
def test_two_answers_at_once_where_a_number_decides_are_both_counted_once(live: Live, answer):
    def build():
        office = Office()
        people = [a_person(office.body, Role.LEADER) for _ in range(3)]
        a_route(office.body, a_step(*people, need=Need.QUORUM, quorum=2))
        revision = submitted(a_draft(office.author, office.document()), office.author)
        return revision.id, revision.package.row_version, [person.id for person in people[:2]]

    revision_id, version, people = live.run(build)
    opened = [browsers(live, person_id, 1)[0] for person_id in people]
    answers = at_once(
        *(
            _deciding(*pair, revision_id, version, person_id, answer)
            for pair, person_id in zip(opened, people, strict=True)
        )
    )
    assert set(answers) <= {303, 409}

    def look():
        decisions = list(db.session.scalars(sa.select(Decision.decided_by_id)))
        return decisions, db.session.get_one(Revision, revision_id).state

    decisions, state = live.run(look)
    assert len(decisions) == len(set(decisions)) == answers.count(303)
    both = RevisionState.DRAFT if answer == "return" else RevisionState.EFFECTIVE
    assert state is (both if answers == [303, 303] else RevisionState.IN_APPROVAL)


@pytest.mark.browser
@pytest.mark.covers("T03", "O2", "a21")
def test_a_deputy_deciding_while_the_delegation_ends_counts_before_or_not_at_all(live: Live):
    def build():
        office = Office()
        delegation = a_deputy(office.manager, office.staff)
        revision = submitted(a_draft(office.author, office.document()), office.author)
        version = revision.package.row_version
        return revision.id, version, delegation.id, office.staff.id, office.manager.id

    revision_id, version, delegation_id, deputy_id, seat_id = live.run(build)
    [(client, token)] = browsers(live, deputy_id, 1)

    def end():
        with live.app.app_context():
            manager = db.session.get_one(Person, seat_id)
            with unit_of_work(manager) as work:
                end_delegation(work, work.session.get_one(Delegation, delegation_id))
            db.session.remove()

    decide = _deciding(client, token, revision_id, version, seat_id)
    status, _ = at_once(decide, end)
    assert status in (303, 403, 404, 409)

    def look():
        return db.session.scalar(sa.select(sa.func.count(Decision.id)))

    assert live.run(look) == (1 if status == 303 else 0)
    assert decide() in (403, 404)  # from the next request on it gives nothing
