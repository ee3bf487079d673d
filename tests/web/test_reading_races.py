"""Confirming at once from two places, and while the next edition comes into force (T03; a34)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.people import Person
from app.kernel.work import unit_of_work
from documents.issue import issue_if_due
from documents.models import Acknowledgement, Package, Revision, RevisionState
from tests.browser import Live
from tests.builders import (
    TODAY,
    Office,
    a_draft,
    answered,
    form_token,
    settings_changed,
    sign_in,
    submitted,
)


def at_once(*acts):
    """Let several acts begin at the same moment; give what each came to."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        barrier.wait(10)
        found[number] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def browsers(live: Live, person_id: int, count: int):
    """Open several browsers of one person, each with its own form token."""
    opened = []
    with live.app.app_context():
        person = db.session.get_one(Person, person_id)
        login = person.login
        db.session.remove()
    for _ in range(count):
        client = FlaskClient(live.app, live.app.response_class)
        sign_in(client, SimpleNamespace(login=login))
        opened.append((client, form_token(client, "/work")))
    return opened


@pytest.mark.browser
@pytest.mark.covers("T03", "a34")
def test_one_person_confirming_in_four_places_at_once_is_kept_once(live: Live):
    def build():
        office = Office()
        return office.effective().id, office.staff.id

    revision_id, person_id = live.run(build)
    opened = browsers(live, person_id, 4)

    def confirm(client, token):
        return lambda: client.post(f"/read/{revision_id}", data={"csrf_token": token}).status_code

    answers = at_once(*(confirm(*pair) for pair in opened))
    assert set(answers) <= {303, 409}
    assert 303 in answers
    kept = live.run(lambda: db.session.scalar(sa.select(sa.func.count(Acknowledgement.id))))
    assert kept == 1


@pytest.mark.browser
@pytest.mark.covers("T03", "a34", "D6")
def test_confirming_while_the_next_edition_comes_into_force_is_kept_before_or_refused_after(
    live: Live,
):
    def build():
        office = Office()
        old = office.effective()
        settings_changed(office.body, training_days=1)
        draft = a_draft(office.author, old.document, text="Bản hai.", effective_on=TODAY)
        submitted(draft, office.author)
        for person in (office.manager, office.officer, office.leader):
            answered(draft, person)
        return old.id, draft.package_id, office.staff.id

    old_id, package_id, person_id = live.run(build)
    [(client, token)] = browsers(live, person_id, 1)

    def confirm():
        return client.post(f"/read/{old_id}", data={"csrf_token": token}).status_code

    def switch():
        with live.app.app_context():
            with unit_of_work(None, now=datetime(2027, 1, 4, 3, 0, tzinfo=UTC)) as work:
                done = issue_if_due(work, work.session.get_one(Package, package_id))
            db.session.remove()
        return done

    status, switched = at_once(confirm, switch)
    assert switched

    def look():
        rows = list(db.session.scalars(sa.select(Acknowledgement.revision_id)))
        return rows, db.session.get_one(Revision, old_id).state

    rows, state = live.run(look)
    assert state is RevisionState.OBSOLETE
    assert (status, rows) in ((303, [old_id]), (409, []))
