"""Two who schedule the same auditor at one moment, on two connections: one lawful outcome (T03)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from app.kernel.db import db
from app.kernel.work import Work
from audits.models import Audit, Auditor, ProgrammeProposal, TeamPart
from audits.planned_audit import move_audit
from audits.proposal import ask_for_proposal, take_proposal
from audits.team import join_team
from tests.audits.test_proposals import NEXT, Planning
from tests.conftest import DATABASES, migrated_app
from tests.documents.test_ending_races import acting, within
from tests.web.test_reading_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.covers("T03", "A1", "b9")]
ROUNDS = 3
DAY, LATER = date(NEXT, 3, 2), date(NEXT, 3, 9)


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """A database that keeps what is committed, so that two connections see each other."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    app = migrated_app(request.param, tmp_path_factory.mktemp("plan"), f"nenep_plan_{worker}")
    yield app
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()


def joining(audit_id: int, auditor_id: int) -> Callable[[Work], object]:
    return lambda work: join_team(
        work,
        work.session.get_one(Audit, audit_id),
        work.session.get_one(Auditor, auditor_id),
        TeamPart.LEAD,
    )


def moving(audit_id: int) -> Callable[[Work], object]:
    return lambda work: move_audit(
        work, work.session.get_one(Audit, audit_id), days=(DAY, DAY), reason="Sớm hơn"
    )


def days_of_auditor(auditor_id: int) -> list[date]:
    audits = db.session.scalars(sa.select(Audit).order_by(Audit.id)).unique()
    return [
        one.first_on
        for one in audits
        if any(member.auditor_id == auditor_id for member in one.team)
    ]


def test_of_two_who_join_one_auditor_to_two_audits_of_a_day_one_does(world):
    for _ in range(ROUNDS):

        def build():
            office = Planning()
            programme = office.programme(NEXT)
            audits = [
                office.audit(programme, unit, days=(DAY, DAY))
                for unit in (office.unit, office.economy)
            ]
            return [one.id for one in audits[:2]], office.lead.id, office.officer.id

        (first, second), auditor, officer = within(world, build)
        answers = at_once(
            acting(world, officer, joining(first, auditor)),
            acting(world, officer, joining(second, auditor)),
        )
        assert sorted(answers) == ["RuleBroken", "done"]
        assert within(world, lambda auditor=auditor: days_of_auditor(auditor)) == [DAY]


def test_a_move_and_a_team_at_once_never_put_somebody_in_two_places(world):
    for _ in range(ROUNDS):

        def build():
            office = Planning()
            programme = office.programme(NEXT)
            units = (office.unit, office.economy)
            moved = office.audit(programme, units[0], days=(LATER, LATER))
            office.joins(moved, office.lead)
            other = office.audit(programme, units[1], days=(DAY, DAY))
            return moved.id, other.id, office.lead.id, office.officer.id

        moved, other, auditor, officer = within(world, build)
        answers = at_once(
            acting(world, officer, moving(moved)), acting(world, officer, joining(other, auditor))
        )
        assert answers.count("done") == 1
        assert set(answers) - {"done"} <= {"RuleBroken", "Stale"}
        days = within(world, lambda auditor=auditor: days_of_auditor(auditor))
        assert len(days) == len(set(days))


def test_of_two_who_take_one_proposal_at_once_one_does(world):
    def build():
        office = Planning()
        proposal = office.proposed()
        return proposal.id, len(proposal.visits), office.officer.id, office.body.id

    number, count, officer, body = within(world, build)

    def taking(work: Work) -> object:
        return take_proposal(work, work.session.get_one(ProgrammeProposal, number))

    answers = at_once(acting(world, officer, taking), acting(world, officer, taking))
    assert answers.count("done") == 1
    assert set(answers) - {"done"} <= {"RuleBroken", "Stale"}

    def look():
        return db.session.scalar(sa.select(sa.func.count(Audit.id)).where(Audit.body_id == body))

    assert within(world, look) == count


def test_of_two_who_ask_for_a_year_at_once_one_proposal_is_open(world):
    def build():
        office = Planning()
        office.programme(NEXT)
        return office.officer.id, office.body.id

    officer, body = within(world, build)

    def asking(work: Work) -> object:
        return ask_for_proposal(work, work.actor.body, NEXT)

    answers = at_once(acting(world, officer, asking), acting(world, officer, asking))
    assert set(answers) <= {"done", "Stale"}
    assert "done" in answers

    def look():
        return db.session.scalar(
            sa.select(sa.func.count(ProgrammeProposal.id)).where(ProgrammeProposal.body_id == body)
        )

    assert within(world, look) == 1
