"""Asking for a year's plan, working it out apart from every request, taking it or not (b8, L1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.kernel.calendar import today_of
from app.kernel.coded import N_
from app.kernel.db import db
from app.kernel.errors import InvalidInput, RuleBroken, Stale
from app.kernel.organisation import Body, Unit
from app.kernel.work import Work, unit_of_work
from audits.coverage_register import asked_clauses, leads
from audits.facts import AuditFact
from audits.models import (
    Audit,
    Auditor,
    Clause,
    Programme,
    ProgrammeProposal,
    ProposalState,
    TeamPart,
)
from audits.models.proposal import COMING, OPEN
from audits.permissions import AuditPermission
from audits.planned_audit import AuditData, add_audit, usual_procedures
from audits.programme import ProgrammeData, draft_programme, programme_in
from audits.proposing import propose
from audits.team import Broken, Checks, checks_for, join_checked
from audits.wish import Doing, Wish
from audits.year_reading import auditors_of, read_year
from documents.models import Document

log = logging.getLogger("nenep.planner")
MOST_IN_TEAM = 3


def proposal_of(session: Session, programme: Programme) -> ProgrammeProposal | None:
    """Give the proposal that is open for a programme, or the last one that failed."""
    return session.scalars(
        sa.select(ProgrammeProposal)
        .where(
            ProgrammeProposal.programme_id == programme.id,
            ProgrammeProposal.state.in_((*OPEN, ProposalState.FAILED)),
        )
        .options(joinedload(ProgrammeProposal.asked_by))
        .order_by(ProgrammeProposal.id.desc())
        .limit(1)
    ).one_or_none()


def ask_for_proposal(
    work: Work,
    body: Body,
    year: int,
    *,
    wish: Wish = Wish.BALANCED,
    team_min: int = 2,
    text: ProgrammeData | None = None,
) -> ProgrammeProposal:
    """Ask the planner for a year; a year nobody began is begun, with the text given.

    One is open at a time: a ready one gives way, one that is being worked out is waited for.
    """
    work.require(AuditPermission.KEEP_PROGRAMME, body)
    if not 1 <= team_min <= MOST_IN_TEAM:
        raise InvalidInput(
            N_("Give a number from %(least)s to %(most)s."),
            field="team_min",
            least=1,
            most=MOST_IN_TEAM,
        )
    if year < work.today.year:
        raise RuleBroken(N_("The year %(year)s is over; nothing can be planned."), year=str(year))
    if not auditors_of(work.session, body, year):
        raise RuleBroken(
            N_("There is nobody on the list of auditors yet. Name auditors, then plan the year.")
        )
    programme = programme_in(work.session, body.id, year)
    if programme is None:
        said = text or ProgrammeData("", "", ())
        programme = draft_programme(work, body, year, said)
    programme = work.fresh(programme)
    if obstacle := programme.change_obstacle():
        raise obstacle
    for known in _open(work.session, programme):
        if known.state in COMING:
            return known
        known = work.fresh(known)
        known.drop(at=work.now)
        work.session.flush()
    proposal = work.add(
        ProgrammeProposal(
            body_id=body.id,
            programme_id=programme.id,
            programme=programme,
            wish=wish,
            team_min=team_min,
            asked_by_id=work.actor.id,
            asked_at=work.now,
        )
    )
    work.record(AuditFact.PROPOSAL_ASKED, programme, wish=wish, team=team_min)
    return proposal


def _open(session: Session, programme: Programme) -> list[ProgrammeProposal]:
    return list(
        session.scalars(
            sa.select(ProgrammeProposal).where(
                ProgrammeProposal.programme_id == programme.id, ProgrammeProposal.state.in_(OPEN)
            )
        )
    )


def drop_proposal(work: Work, proposal: ProgrammeProposal) -> None:
    """Give a proposal up, ready or not; nothing of it was planned."""
    programme = work.fresh(proposal.programme)
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    proposal = work.fresh(proposal)
    proposal.drop(at=work.now)
    work.record(AuditFact.PROPOSAL_DROPPED, programme)


# ---- working it out, in the jobs process


def proposals_wanted(session: Session, now: datetime) -> list[int]:
    """Give the proposals somebody waits for, the oldest first."""
    coming = session.scalars(
        sa.select(ProgrammeProposal)
        .where(ProgrammeProposal.state.in_(COMING))
        .order_by(ProgrammeProposal.id)
        .limit(20)
    )
    return [one.id for one in coming if one.is_wanted(now)]


def work_out(proposal_id: int, now: datetime) -> bool:
    """Work a proposal out and keep it; what fails is tried again, then said to have failed."""
    mine = _begin(proposal_id, now)
    if mine is None:
        return False
    session = db.session()
    try:
        proposal = session.get_one(ProgrammeProposal, proposal_id)
        body = session.get_one(Body, proposal.body_id)
        facts = read_year(
            session,
            body,
            proposal.programme.year,
            today_of(body, now),
            wish=proposal.wish,
            team_min=proposal.team_min,
        )
        session.rollback()  # nothing is held while it thinks
        found = propose(facts, doing=lambda what, count: _tell(proposal_id, mine, what, count, now))
    except Exception:
        log.exception("a year could not be planned", extra={"number": proposal_id})
        _keep(proposal_id, mine, None, now)
        raise
    return _keep(proposal_id, mine, found, now)


def _begin(proposal_id: int, now: datetime) -> int | None:
    with unit_of_work(None, now=now) as work:
        proposal = work.fresh(work.session.get_one(ProgrammeProposal, proposal_id))
        if not proposal.is_wanted(now):
            return None
        proposal.begin(now)
        return proposal.tries if proposal.state is ProposalState.AT_WORK else None


def _is_mine(proposal: ProgrammeProposal, mine: int) -> bool:
    return proposal.state is ProposalState.AT_WORK and proposal.tries == mine


def _tell(proposal_id: int, mine: int, what: Doing, count: int, now: datetime) -> None:
    with unit_of_work(None, now=now) as work:
        proposal = work.fresh(work.session.get_one(ProgrammeProposal, proposal_id))
        if _is_mine(proposal, mine):
            proposal.doing, proposal.count = what, count


def _keep(proposal_id: int, mine: int, found: dict[str, object] | None, now: datetime) -> bool:
    with unit_of_work(None, now=now) as work:
        proposal = work.fresh(work.session.get_one(ProgrammeProposal, proposal_id))
        if not _is_mine(proposal, mine):
            return False  # dropped meanwhile, or somebody else took it up
        if found is None:
            proposal.fail(at=work.now)
        else:
            proposal.answer(found, at=work.now)
        return found is not None


# ---- taking it


@dataclass(frozen=True)
class Clash:
    """A proposed audit that does not hold any more: by whom, or because of the unit."""

    unit: Unit | None
    broken: tuple[Broken, ...] = ()


def span_of(visit: dict[str, object]) -> tuple[date, date]:
    """Give the days of a proposed audit."""
    return date.fromisoformat(str(visit["first"])), date.fromisoformat(str(visit["last"]))


def team_of(visit: dict[str, object]) -> list[tuple[int, TeamPart]]:
    """Give who is proposed, the lead first."""
    members = visit["members"]
    keys = [int(str(one)) for one in members] if isinstance(members, list) else []
    return [
        (int(str(visit["lead"])), TeamPart.LEAD),
        *((key, TeamPart.AUDITOR) for key in keys),
    ]


def clashes_of(session: Session, body: Body, proposal: ProgrammeProposal) -> dict[int, Clash]:
    """Say of proposed audits which do not hold any more, whatever changed since; by their place."""
    visits = proposal.visits
    people = {one.id: one for one in _auditors(session, visits)}
    if not people:
        return {}
    checks = checks_for(session, body, list(people.values()))
    found = {}
    for at, visit in enumerate(visits):
        first, last = span_of(visit)
        broken = [
            checks.against(people[key], [visit["unit"]], first, last)
            for key, _part in team_of(visit)
            if key in people
        ]
        if standing := tuple(one for one in broken if one.is_broken):
            found[at] = Clash(None, standing)
    return found


def _auditors(session: Session, visits: Sequence[dict[str, object]]) -> list[Auditor]:
    keys = {key for visit in visits for key, _part in team_of(visit)}
    return list(session.scalars(sa.select(Auditor).where(Auditor.id.in_(keys))))


def take_proposal(
    work: Work, proposal: ProgrammeProposal, *, seen: int | None = None
) -> list[Audit]:
    """Plan every audit of a proposal with its team, all or none; each is checked again (A1)."""
    programme = work.fresh(proposal.programme)
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    if obstacle := programme.change_obstacle():
        raise obstacle
    proposal = work.fresh(proposal, seen=seen)
    proposal.take(at=work.now)
    visits = proposal.visits
    people = {one.id: one for one in work.fresh_all(_auditors(work.session, visits))}
    body = work.session.get_one(Body, programme.body_id)
    taking = _Taking(work, body, programme, checks_for(work.session, body, list(people.values())))
    taking.read({int(visit["unit"]) for visit in visits})
    made = [taking.plan(visit, people) for visit in visits]
    work.record(AuditFact.PROPOSAL_TAKEN, programme, count=len(made), audits=made)
    return made


class _Taking:
    """What a whole year is planned with, read once."""

    def __init__(self, work: Work, body: Body, programme: Programme, checks: Checks) -> None:
        self.work, self.body, self.programme, self.checks = work, body, programme, checks
        self.units: dict[int, Unit] = {}
        self.procedures: dict[int, list[Document]] = {}
        self.clauses: dict[bool, list[Clause]] = {}

    def read(self, unit_ids: set[int]) -> None:
        """Read units, their procedures, and the clauses each sort of unit is asked."""
        session = self.work.session
        self.units = {
            unit.id: unit for unit in session.scalars(sa.select(Unit).where(Unit.id.in_(unit_ids)))
        }
        for one in usual_procedures(session, unit_ids, most=20_000):
            self.procedures.setdefault(one.lead_unit_id, []).append(one)
        asked, clauses = asked_clauses(session, self.body, self.programme.year)
        for sort in (True, False):
            self.clauses[sort] = [
                clauses[key] for key, of in asked.items() if of.reaches(leadership=sort)
            ]

    def plan(self, visit: dict[str, object], people: dict[int, Auditor]) -> Audit:
        """Plan one audit with its team; whatever changed meanwhile is named."""
        unit = self.units.get(int(str(visit["unit"])))
        first, last = span_of(visit)
        if unit is None or (unit.active_until is not None and unit.active_until < first):
            raise Stale(
                N_("%(unit)s has ended meanwhile. Ask for a new proposal."),
                unit=unit.name if unit is not None else "",
            )
        data = AuditData(
            [unit],
            (None, None),
            (first, last),
            clauses=self.clauses[leads(unit)],
            procedures=self.procedures.get(unit.id, []),
        )
        audit = add_audit(self.work, self.programme, data)
        team = [
            join_checked(self.work, self.checks, audit, people[key], part)
            for key, part in team_of(visit)
        ]
        self.work.record(AuditFact.AUDIT_PLANNED, audit, units=unit.name, team=team)
        return audit
