"""A proposal is asked for, worked out apart, taken as one act or not at all (b8, L1; A1, T1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.facts import KernelFact
from app.kernel.people import Role
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.auditor import enter_leave
from audits.models import (
    Audit,
    Auditor,
    AuditState,
    ProgrammeProposal,
    ProposalState,
    TeamMember,
)
from audits.models.proposal import GIVEN_UP
from audits.planning.year import Unlawful
from audits.programme import ProgrammeData, programme_in
from audits.proposal import (
    ask_for_proposal,
    clashes_of,
    drop_proposal,
    proposal_of,
    proposals_wanted,
    span_of,
    take_proposal,
    work_out,
)
from audits.team import breaks_of
from audits.wish import Doing, Wish
from audits.year_reading import read_year
from tests.audits.test_proposing import assert_holds
from tests.audits.world import SAID, Auditing, in_days
from tests.builders import MONDAY, TODAY, Office, a_person, a_unit, root
from tests.counting import queries

NEXT = TODAY.year + 1


class Planning(Auditing):
    """A body that can plan a year: six departments, wards, four auditors."""

    def __init__(self) -> None:
        super().__init__()
        for code in ("TC", "NV", "YT"):
            home = a_unit(self.body, code, f"Phòng {code}")
            self.auditor(a_person(home, Role.STAFF), may_lead=code != "YT")

    def asked(self, year: int = NEXT, **said) -> ProgrammeProposal:
        """Ask for a year."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            body = work.fresh(self.body)
            text = ProgrammeData(SAID, "Toàn bộ", ())
            return ask_for_proposal(work, body, year, text=text, **said)

    def proposed(self, year: int = NEXT, **said) -> ProgrammeProposal:
        """Have a year worked out."""
        asked = self.asked(year, **said)
        assert work_out(asked.id, MONDAY)
        return db.session.get_one(ProgrammeProposal, asked.id)

    def taken(self, proposal: ProgrammeProposal) -> list[Audit]:
        """Take a proposal."""
        with unit_of_work(self.officer, now=MONDAY) as work:
            return take_proposal(work, work.fresh(proposal))


def facts_of(*kinds: str) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TrailEntry.fact)
            .where(TrailEntry.record_type.in_(kinds))
            .order_by(TrailEntry.id)
        )
    )


@pytest.mark.covers("b8", "L1", "A1", "T1")
def test_a_year_is_begun_proposed_and_taken_in_one_act(app):
    office = Planning()
    proposal = office.proposed()
    year = read_year(db.session(), office.body, NEXT, TODAY)
    assert_holds(year, proposal.found)
    whole = root(office.body).id  # everybody works there: nobody may audit it
    assert {visit["unit"] for visit in proposal.visits} == {
        unit.id for unit in year.units if unit.id != whole
    }
    assert [one["unit"] for one in proposal.unplaced] == [whole]
    assert (proposal.state, proposal.doing) == (ProposalState.READY, Doing.EXPLAINING)
    assert db.session.scalar(sa.select(sa.func.count(Audit.id))) == 0
    made = office.taken(proposal)
    assert len(made) == len(proposal.visits)
    assert breaks_of(db.session(), office.body, made) == {}
    for audit, visit in zip(made, proposal.visits, strict=True):
        assert (audit.from_on, audit.until_on) == span_of(visit)
        assert [one.auditor_id for one in audit.team] == [visit["lead"], *visit["members"]]
        assert audit.clauses
    assert facts_of("programme") == [
        "programme.drafted",
        "programme.proposal_asked",
        "programme.proposal_taken",
    ]
    assert facts_of("audit", "team_member") == ["audit.planned"] * len(made)
    assert proposal.state is ProposalState.TAKEN
    with pytest.raises(RuleBroken):
        office.taken(proposal)
    assert proposal_of(db.session(), made[0].programme) is None


@pytest.mark.covers("b8", "L1")
def test_audits_that_are_fixed_already_stay_and_count(app):
    office = Planning()
    programme = office.programme(NEXT)
    day = date(NEXT, 3, 2)
    audit = office.audit(programme, office.unit, days=(day, day))
    office.joins(audit, office.lead)
    proposal = office.proposed()
    assert office.unit.id not in [visit["unit"] for visit in proposal.visits]
    office.taken(proposal)
    assert (audit.from_on, audit.state) == (day, AuditState.PLANNED)
    again = office.proposed()
    assert again.visits == []


@pytest.mark.covers("A1", "b8")
def test_what_changed_meanwhile_is_named_and_nothing_is_half_in(app):
    office = Planning()
    proposal = office.proposed()
    visit = proposal.visits[-1]
    first, last = span_of(visit)
    lead = db.session.get_one(Auditor, visit["lead"])
    with unit_of_work(office.officer, now=MONDAY) as work:
        enter_leave(work, work.fresh(lead), from_on=first, until_on=last)
    clashes = clashes_of(db.session(), office.body, proposal)
    assert set(clashes) == {len(proposal.visits) - 1}
    assert clashes[len(proposal.visits) - 1].broken[0].auditor == lead
    with pytest.raises(RuleBroken) as refused:
        office.taken(proposal)
    assert refused.value.values["name"] == lead.shown_name
    assert db.session.scalar(sa.select(sa.func.count(Audit.id))) == 0
    assert db.session.scalar(sa.select(sa.func.count(TeamMember.id))) == 0
    assert db.session.get_one(ProgrammeProposal, proposal.id).state is ProposalState.READY
    again = office.proposed()
    assert clashes_of(db.session(), office.body, again) == {}
    assert len(office.taken(again)) == len(again.visits)


@pytest.mark.covers("A1", "b8")
def test_an_auditor_who_moved_unit_meanwhile_is_named(app):
    office = Planning()
    proposal = office.proposed()
    visit = proposal.visits[0]
    lead = db.session.get_one(Auditor, visit["lead"])
    with unit_of_work(office.officer, now=MONDAY) as work:
        person = work.fresh(lead.person)
        person.home_unit_id = visit["unit"]
        work.record(KernelFact.PERSON_CHANGED, person)
    with pytest.raises(RuleBroken) as refused:
        office.taken(proposal)
    assert refused.value.rule == "A1"


@pytest.mark.covers("b8", "O1")
def test_who_does_not_keep_the_programme_neither_asks_nor_takes_nor_drops(app):
    office = Planning()
    proposal = office.proposed()
    for person in (office.leader, office.staff, office.lead_person, Auditing().officer):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            ask_for_proposal(work, work.fresh(office.body), NEXT)
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            take_proposal(work, work.fresh(proposal))
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            drop_proposal(work, work.fresh(proposal))


@pytest.mark.covers("b8")
def test_one_proposal_is_open_and_a_new_wish_replaces_it(app):
    office = Planning()
    first = office.asked()
    assert office.asked(wish=Wish.EVEN).id == first.id  # it is being waited for
    assert work_out(first.id, MONDAY)
    second = office.proposed(wish=Wish.EVEN, team_min=1)
    assert second.id != first.id
    assert first.state is ProposalState.DROPPED
    assert {len(visit["members"]) for visit in second.visits} == {0}
    with unit_of_work(office.officer, now=MONDAY) as work:
        drop_proposal(work, work.fresh(second))
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        drop_proposal(work, work.fresh(second))
    assert facts_of("programme")[-1] == "programme.proposal_dropped"
    assert proposal_of(db.session(), second.programme) is None


@pytest.mark.covers("b8", "b2")
def test_what_cannot_be_planned_is_refused_with_what_to_do(app):
    office = Planning()
    with pytest.raises(InvalidInput):
        office.asked(team_min=4)
    with pytest.raises(RuleBroken):
        office.asked(TODAY.year - 1)
    programme = office.programme(NEXT)
    office.joins(office.audit(programme, days=(date(NEXT, 3, 2),) * 2), office.lead)
    office.signed(programme)
    with pytest.raises(RuleBroken, match="signed"):
        office.asked()
    alone = Office()
    with (
        pytest.raises(RuleBroken, match="Name auditors"),
        unit_of_work(alone.officer, now=MONDAY) as work,
    ):
        ask_for_proposal(work, work.fresh(alone.body), NEXT)
    assert programme_in(db.session(), alone.body.id, NEXT) is None


@pytest.mark.covers("b8", "T17")
def test_a_proposal_given_up_midway_is_taken_up_again_and_ends_in_the_end(app, monkeypatch):
    office = Planning()
    asked = office.asked()

    def breaks(*_args, **_more):
        raise Unlawful("x")

    assert proposals_wanted(db.session(), MONDAY) == [asked.id]
    with unit_of_work(None, now=MONDAY) as work:
        work.fresh(asked).begin(MONDAY)
    assert proposals_wanted(db.session(), MONDAY) == []
    assert not work_out(asked.id, MONDAY)
    later = MONDAY + GIVEN_UP + timedelta(seconds=1)
    assert proposals_wanted(db.session(), later) == [asked.id]
    monkeypatch.setattr("audits.proposal.propose", breaks)
    with pytest.raises(Unlawful):
        work_out(asked.id, later)
    failed = db.session.get_one(ProgrammeProposal, asked.id)
    assert failed.state is ProposalState.FAILED
    assert proposal_of(db.session(), failed.programme) == failed
    monkeypatch.undo()
    assert office.proposed().state is ProposalState.READY


@pytest.mark.covers("b8")
def test_a_proposal_dropped_while_it_is_worked_out_stays_dropped(app, monkeypatch):
    office = Planning()
    asked = office.asked()

    def dropped(_facts, **_more):
        with unit_of_work(office.officer, now=MONDAY) as work:
            drop_proposal(work, work.session.get_one(ProgrammeProposal, asked.id))
        return {"visits": [], "unplaced": []}

    monkeypatch.setattr("audits.proposal.propose", dropped)
    assert not work_out(asked.id, MONDAY)
    assert db.session.get_one(ProgrammeProposal, asked.id).state is ProposalState.DROPPED


@pytest.mark.covers("b8")
def test_a_unit_that_ended_meanwhile_is_named(app):
    office = Planning()
    proposal = office.proposed()
    with unit_of_work(office.officer, now=MONDAY) as work:
        unit = work.fresh(office.economy)
        unit.active_until = in_days(1)
        work.record(KernelFact.UNIT_CHANGED, unit)
    with pytest.raises(Stale, match="ended meanwhile"):
        office.taken(proposal)


@pytest.mark.covers("b8")
def test_a_year_is_read_in_as_many_queries_for_many_as_for_few(app):
    office = Planning()
    read_year(db.session(), office.body, NEXT, TODAY)
    db.session.expire_all()
    with queries() as few:
        read_year(db.session(), office.body, NEXT, TODAY)
    for number in range(6):
        home = a_unit(office.body, f"X{number}", f"Phường {number}")
        office.auditor(a_person(home, Role.STAFF))
    db.session.expire_all()
    with queries() as many:
        read_year(db.session(), office.body, NEXT, TODAY)
    assert len(many) <= len(few) + 1
