"""Endings raced by two connections at one moment: one lawful outcome each (T03; D5, D8, O4)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import Refusal
from app.kernel.people import Person, Role
from app.kernel.trail import TrailEntry
from app.kernel.work import Work, unit_of_work
from documents.change_request import ChangeData, ask_for_change
from documents.disposing import sign_disposal
from documents.drafting import begin_revision
from documents.facts import DocumentFact
from documents.models import (
    OPEN_STATES,
    Adoption,
    ChangeRequest,
    Disposal,
    Document,
    Hold,
    Publication,
    Revision,
    RevisionState,
    Withdrawal,
    WithdrawalState,
)
from documents.publication import AdoptionData, Offer, adopt
from documents.restoring import restore_revision
from documents.retention import place_hold
from documents.submission import submit_package
from documents.withdrawal import (
    WithdrawalData,
    agree_to_withdrawal,
    propose_withdrawal,
    refuse_withdrawal,
)
from tests.builders import MONDAY, TODAY, Office, a_body, a_draft, a_person, a_proof
from tests.conftest import DATABASES, migrated_app
from tests.documents.test_disposal import YEARS_LATER, listed, obsolete
from tests.documents.test_publications import Province, Ward, published
from tests.documents.test_withdrawal import LATER, proposed
from tests.web.test_reading_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.covers("T03")]
ROUNDS = 4
Act = Callable[[Work], object]


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """A database that keeps what is committed, so that two connections see each other."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    app = migrated_app(request.param, tmp_path_factory.mktemp("ends"), f"nenep_ends_{worker}")
    yield app
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()


def within(app: Flask, build: Callable[[], Any]) -> Any:
    with app.app_context():
        made = build()
        db.session.remove()
    return made


def acting(app: Flask, person_id: int, act: Act, now: datetime = MONDAY) -> Callable[[], str]:
    """Give an act on a connection of its own, and what it came to."""

    def run() -> str:
        with app.app_context():
            try:
                with unit_of_work(db.session.get_one(Person, person_id), now=now) as work:
                    act(work)
            except Refusal as refused:
                return type(refused).__name__
            finally:
                db.session.remove()
        return "done"

    return run


def agreeing(withdrawal_id: int) -> Act:
    return lambda work: agree_to_withdrawal(
        work, work.session.get_one(Withdrawal, withdrawal_id), proof=a_proof(work.actor)
    )


def refusing(withdrawal_id: int) -> Act:
    return lambda work: refuse_withdrawal(
        work, work.session.get_one(Withdrawal, withdrawal_id), reason="Vẫn cần."
    )


def facts_about(revision_id: int, fact: DocumentFact) -> int:
    return db.session.scalar(
        sa.select(sa.func.count(TrailEntry.id)).where(
            TrailEntry.fact == str(fact),
            TrailEntry.record_type == "revision",
            TrailEntry.record_id == revision_id,
        )
    )


def a_proposal(*, on: date = TODAY) -> tuple[int, int, int, list[int]]:
    """Propose to withdraw a document two leaders decide on; give keys, the officer's last."""
    office = Office(a_body())
    second = a_person(office.body, Role.LEADER, name="Ngô Bá Khá")
    revision = office.effective()
    withdrawal = proposed(office, revision, on=on)
    people = [office.leader.id, second.id, office.officer.id]
    return withdrawal.id, revision.id, revision.document_id, people


@pytest.mark.covers("D8", "a28")
@pytest.mark.parametrize("other", [agreeing, refusing])
def test_of_two_who_decide_on_one_withdrawal_at_once_one_does(world, other):
    for _ in range(ROUNDS):
        number, revision_id, _document, people = within(world, a_proposal)
        answers = at_once(
            acting(world, people[0], agreeing(number)), acting(world, people[1], other(number))
        )
        assert answers.count("done") == 1
        assert set(answers) - {"done"} <= {"RuleBroken", "Stale"}

        def look(number=number, revision_id=revision_id):
            found = db.session.get_one(Withdrawal, number)
            gone = facts_about(revision_id, DocumentFact.REVISION_WITHDRAWN)
            return found.state, found.decided_by_id, found.revision.state, gone

        state, decided_by, revision_state, gone = within(world, look)
        assert decided_by == people[answers.index("done")]
        if state is WithdrawalState.REFUSED:
            assert (revision_state, gone) == (RevisionState.EFFECTIVE, 0)
        else:
            assert state is WithdrawalState.CARRIED_OUT
            assert (revision_state, gone) == (RevisionState.WITHDRAWN, 1)


@pytest.mark.covers("D1", "D8")
def test_a_withdrawal_decided_while_a_revision_begins_is_before_it_or_stops_it(world):
    for _ in range(ROUNDS):
        number, revision_id, document_id, people = within(world, a_proposal)

        def begin(work, document_id=document_id):
            begin_revision(work, work.session.get_one(Document, document_id))

        decided, begun = at_once(
            acting(world, people[0], agreeing(number)), acting(world, people[2], begin)
        )
        assert decided == "done"
        assert begun in ("done", "RuleBroken", "Stale")

        def look(revision_id=revision_id, document_id=document_id):
            open_ones = sa.select(sa.func.count(Revision.id)).where(
                Revision.document_id == document_id, Revision.state.in_(OPEN_STATES)
            )
            return db.session.get_one(Revision, revision_id).state, db.session.scalar(open_ones)

        state, coming = within(world, look)
        assert state is RevisionState.WITHDRAWN
        assert coming == (1 if begun == "done" else 0)


@pytest.mark.covers("D1", "D8")
@pytest.mark.parametrize("is_drafted", [True, False])
def test_a_withdrawal_proposed_while_a_revision_is_begun_or_submitted_never_has_both(
    world, is_drafted
):
    for _ in range(ROUNDS):

        def build():
            office = Office(a_body())
            revision = office.effective()
            author, draft_id = office.author, 0
            if is_drafted:
                draft_id = a_draft(author, revision.document, text="Bản hai.").id
            return revision.id, revision.document_id, draft_id, office.officer.id, author.id

        revision_id, document_id, draft_id, officer_id, author_id = within(world, build)

        def propose(work, revision_id=revision_id, document_id=document_id):
            document = work.session.get_one(Document, document_id)
            data = WithdrawalData("Bãi bỏ.", LATER)
            propose_withdrawal(work, document, data, revision_id=revision_id)

        def move(work, document_id=document_id, draft_id=draft_id):
            if draft_id:
                submit_package(work, work.session.get_one(Revision, draft_id).package)
            else:
                begin_revision(work, work.session.get_one(Document, document_id))

        answers = at_once(acting(world, officer_id, propose), acting(world, author_id, move))
        assert answers.count("done") == 1

        def look(document_id=document_id):
            pending = sa.select(sa.func.count(Withdrawal.id)).where(
                Withdrawal.document_id == document_id
            )
            open_ones = sa.select(sa.func.count(Revision.id)).where(
                Revision.document_id == document_id, Revision.state.in_(OPEN_STATES)
            )
            return db.session.scalar(pending), db.session.scalar(open_ones)

        assert within(world, look) == ((1, 0) if answers[0] == "done" else (0, 1))


@pytest.mark.covers("D5", "a49", "a50")
def test_a_disposal_decided_while_a_hold_is_placed_is_before_it_or_stopped_by_it(world):
    for _ in range(ROUNDS):

        def build():
            office = Office(a_body())
            first = obsolete(office)
            disposal = listed(office, first)
            return disposal.id, first.id, first.document_id, office.leader.id, office.officer.id

        disposal_id, revision_id, document_id, leader_id, officer_id = within(world, build)

        def sign(work, disposal_id=disposal_id):
            disposal = work.session.get_one(Disposal, disposal_id)
            sign_disposal(work, disposal, proof=a_proof(work.actor))

        def hold(work, document_id=document_id):
            place_hold(work, work.session.get_one(Document, document_id), reason="Thanh tra.")

        signed, held = at_once(
            acting(world, leader_id, sign, YEARS_LATER),
            acting(world, officer_id, hold, YEARS_LATER),
        )
        assert signed in ("done", "RuleBroken", "Stale")
        assert held in ("done", "Stale")
        assert "done" in (signed, held)

        def look(revision_id=revision_id, document_id=document_id, disposal_id=disposal_id):
            revision = db.session.get_one(Revision, revision_id)
            holds = sa.select(sa.func.count(Hold.id)).where(Hold.document_id == document_id)
            disposal = db.session.get_one(Disposal, disposal_id)
            return revision.disposed_at, db.session.scalar(holds), disposal.signature_id

        disposed_at, holds, signature = within(world, look)
        assert holds == (1 if held == "done" else 0)
        assert (disposed_at is not None) == (signature is not None) == (signed == "done")


@pytest.mark.covers("D5", "a29", "a49")
def test_a_disposal_decided_while_the_edition_is_restored_never_loses_the_draft_its_file(world):
    for _ in range(ROUNDS):

        def build():
            office = Office(a_body())
            first = obsolete(office)
            disposal = listed(office, first)
            return disposal.id, first.id, office.leader.id, office.officer.id

        disposal_id, revision_id, leader_id, officer_id = within(world, build)

        def sign(work, disposal_id=disposal_id):
            disposal = work.session.get_one(Disposal, disposal_id)
            sign_disposal(work, disposal, proof=a_proof(work.actor))

        def restore(work, revision_id=revision_id):
            restore_revision(work, work.session.get_one(Revision, revision_id), reason="Cần.")

        signed, restored = at_once(
            acting(world, leader_id, sign, YEARS_LATER),
            acting(world, officer_id, restore, YEARS_LATER),
        )
        assert signed == "done"
        assert restored in ("done", "RuleBroken", "Stale")

        def look(revision_id=revision_id):
            sha256 = db.session.get_one(Revision, revision_id).main_file.sha256
            released = sa.text("SELECT released_at FROM stored_file WHERE sha256 = :sha256")
            return db.session.scalar(released, {"sha256": sha256})

        assert (within(world, look) is None) == (restored == "done")


@pytest.mark.covers("O4", "D8")
def test_a_higher_body_withdrawing_what_three_bodies_adopt_leaves_no_adoption_standing(world):
    for _ in range(ROUNDS):

        def build():
            place = Province()
            place.wards.append(Ward(place.office.body, "Phường Cẩm"))
            given = published(place)
            withdrawal = proposed(place.office, place.revision)
            leaders = [ward.leader.id for ward in place.wards]
            return given.id, place.revision.id, withdrawal.id, place.office.leader.id, leaders

        given_id, revision_id, number, leader_id, wards = within(world, build)

        def adopting(work, given_id=given_id, revision_id=revision_id):
            given = work.session.get_one(Publication, given_id)
            offer = Offer(given, work.session.get_one(Revision, revision_id))
            data = AdoptionData(TODAY, "15/QĐ-UBND")
            adopt(work, [offer], data, proof=a_proof(work.actor))

        decided, *adopted = at_once(
            acting(world, leader_id, agreeing(number)),
            *(acting(world, person_id, adopting) for person_id in wards),
        )
        assert decided == "done"
        assert set(adopted) <= {"done", "RuleBroken", "NotFound", "Stale", "Forbidden"}

        def look(given_id=given_id, revision_id=revision_id):
            rows = db.session.scalars(
                sa.select(Adoption).where(Adoption.publication_id == given_id)
            ).all()
            open_ones = [row for row in rows if row.ended_at is None]
            state = db.session.get_one(Revision, revision_id).state
            return len(rows), len(open_ones), state

        count, standing, state = within(world, look)
        assert (count, standing) == (adopted.count("done"), 0)
        assert state is RevisionState.WITHDRAWN


@pytest.mark.covers("D8", "a42")
def test_a_request_asked_while_the_withdrawal_is_decided_is_closed_by_it_or_refused(world):
    for _ in range(ROUNDS):
        number, _revision, document_id, people = within(world, a_proposal)

        def ask(work, document_id=document_id):
            ask_for_change(work, ChangeData("Sửa."), [work.session.get_one(Document, document_id)])

        decided, asked = at_once(
            acting(world, people[0], agreeing(number)), acting(world, people[2], ask)
        )
        assert decided == "done"
        assert asked in ("done", "InvalidInput", "Stale")

        def look(number=number):
            withdrawal = db.session.get_one(Withdrawal, number)
            query = sa.select(ChangeRequest).where(ChangeRequest.body_id == withdrawal.body_id)
            requests = db.session.scalars(query).all()
            ends = [(one.items[0].withdrawal_id, one.is_waiting) for one in requests]
            return withdrawal.state, ends

        state, ends = within(world, look)
        assert state is WithdrawalState.CARRIED_OUT
        assert ends == ([(number, False)] if asked == "done" else [])
