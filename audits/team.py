"""Who audits: every change of a team is checked for independence and days (A1; b8-b11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Body
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.auditor_register import days_of
from audits.availability import Hindered, Span, hindrances
from audits.facts import AuditFact
from audits.independence import AuditorTies, Independence, Place, Refusal, refusals
from audits.models import BINDING, Audit, Auditor, TeamMember, TeamPart
from audits.permissions import AuditPermission
from audits.plan_facts import PlanNotice
from audits.telling import tell_all
from audits.ties import independence_of, places_of, ties_of


@dataclass(frozen=True)
class Broken:
    """What stands against one auditor in one audit: A1 by unit, and their days."""

    auditor: Auditor
    refused: tuple[tuple[int, Refusal], ...] = ()  # unit, reason
    hindered: tuple[Hindered, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Say whether anything stands against them but what a leader has signed."""
        return bool(self.hindered) or any(not one.is_excepted for _unit, one in self.refused)


@dataclass(frozen=True)
class Checks:
    """Everything that is needed to check teams of a body, read once for all of them."""

    ties: dict[int, AuditorTies]
    places: dict[int, Place]
    rule: Independence
    taken: dict[int, tuple[tuple[int, Span], ...]]  # auditor -> audit, its days

    def ties_of(self, auditor_id: int) -> AuditorTies:
        """Give what ties one of them to units."""
        return self.ties.get(auditor_id, AuditorTies(auditor_id))

    def place(self, unit_id: int) -> Place:
        """Give a unit as the rule sees it."""
        return self.places.get(unit_id, Place(unit_id))

    def of(self, auditor: Auditor, part: TeamPart, audit: Audit, first: date, last: date) -> Broken:
        """Say what stands against somebody taking part on some days; observers only watch."""
        units = [] if part is TeamPart.OBSERVER else [one.unit_id for one in audit.units]
        return self.against(auditor, units, first, last, but=audit.id)

    def against(
        self, auditor: Auditor, unit_ids: Iterable[int], first: date, last: date, *, but: int = 0
    ) -> Broken:
        """Say what stands against somebody auditing units on some days, one audit apart."""
        ties = self.ties_of(auditor.id)
        refused = [
            (unit_id, why)
            for unit_id in unit_ids
            for why in refusals(ties, self.place(unit_id), first, self.rule)
        ]
        elsewhere = tuple(span for key, span in self.taken.get(auditor.id, ()) if key != but)
        return Broken(auditor, tuple(refused), hindrances(days_of(auditor, elsewhere), first, last))

    def take(self, auditor_id: int, audit: Audit) -> None:
        """Count days just given to an audit."""
        if audit.from_on is not None and audit.until_on is not None:
            span = Span(audit.from_on, audit.until_on, audit.number)
            self.taken[auditor_id] = (*self.taken.get(auditor_id, ()), (audit.id, span))


def checks_for(session: Session, body: Body, auditors: Sequence[Auditor]) -> Checks:
    """Read what the teams of a body are checked by; as many queries for many as for one."""
    ids = {one.id for one in auditors}
    rows = session.execute(
        sa.select(TeamMember.auditor_id, Audit.id, Audit.number, Audit.from_on, Audit.until_on)
        .join(Audit, Audit.id == TeamMember.audit_id)
        .where(
            TeamMember.auditor_id.in_(ids),
            TeamMember.left_at.is_(None),
            Audit.state.in_(BINDING),
            Audit.from_on.is_not(None),
        )
    )
    taken: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for auditor_id, audit_id, number, first, last in rows:
        if first is None or last is None:
            continue
        taken[auditor_id].append((audit_id, Span(first, last, number)))
    return Checks(
        ties_of(session, auditors),
        places_of(session, body.id),
        independence_of(body),
        {key: tuple(spans) for key, spans in taken.items()},
    )


def breaks_of(session: Session, body: Body, audits: Sequence[Audit]) -> dict[int, list[Broken]]:
    """Say of audits to come who may not or cannot take part any more, whatever changed since."""
    open_ones = [audit for audit in audits if audit.state in BINDING]
    auditors = {one.auditor.id: one.auditor for audit in open_ones for one in audit.team}
    if not auditors:
        return {}
    checks = checks_for(session, body, list(auditors.values()))
    found: dict[int, list[Broken]] = {}
    for audit in open_ones:
        for one in audit.team:
            broken = checks.of(one.auditor, one.part, audit, audit.first_on, _last(audit))
            if broken.is_broken:
                found.setdefault(audit.id, []).append(broken)
    return found


def _last(audit: Audit) -> date:
    """Give the last day that is certain: of a window only its first is asked for."""
    return audit.until_on or audit.window_from


def _refuse(audit: Audit, broken: Broken) -> None:
    """Refuse with the first thing that stands in the way, named."""
    units = {one.unit_id: one.unit.name for one in audit.units}
    for unit_id, why in broken.refused:
        if not why.is_excepted:
            raise RuleBroken(
                N_("%(name)s may not audit %(unit)s: %(why)s."),
                rule="A1",
                name=broken.auditor.shown_name,
                unit=units.get(unit_id, ""),
                why=why.bond,
            )
    for one in broken.hindered:
        raise RuleBroken(
            N_("%(name)s is not free then: %(why)s. %(what)s"),
            name=broken.auditor.shown_name,
            why=one.by,
            what=one.what,
        )


def team_free(work: Work, audit: Audit, first: date, last: date) -> None:
    """Refuse days on which somebody of the team may not or cannot audit."""
    team = audit.team
    if not team:
        return
    body = work.session.get_one(Body, audit.body_id)
    checks = checks_for(work.session, body, [one.auditor for one in team])
    for one in team:
        broken = checks.of(one.auditor, one.part, audit, first, last)
        if broken.is_broken:
            _refuse(audit, broken)


def join_team(work: Work, audit: Audit, auditor: Auditor, part: TeamPart) -> TeamMember:
    """Put somebody into the team; of two who schedule the same auditor the second is refused."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    auditor = work.fresh(auditor)  # whoever plans with them elsewhere waits here
    if auditor.body_id != audit.body_id:
        raise InvalidInput(N_("This is not in the list. Choose again."), field="auditor")
    if obstacle := audit.join_obstacle(auditor, part):
        raise obstacle
    body = work.session.get_one(Body, audit.body_id)
    broken = checks_for(work.session, body, [auditor]).of(
        auditor, part, audit, audit.first_on, _last(audit)
    )
    if broken.is_broken:
        _refuse(audit, broken)
    member = _member(work, audit, auditor, part)
    is_told = audit.tell_anew()
    work.record(AuditFact.MEMBER_JOINED, member, audit=audit if is_told else None)
    if is_told:
        tell_all(work, audit, PlanNotice.JOINED, auditor=auditor.shown_name)
    return member


def _member(work: Work, audit: Audit, auditor: Auditor, part: TeamPart) -> TeamMember:
    return work.add(
        TeamMember(
            body_id=audit.body_id,
            audit=audit,
            auditor=auditor,
            auditor_id=auditor.id,
            part=part,
            joined_at=work.now,
        )
    )


def join_checked(
    work: Work, checks: Checks, audit: Audit, auditor: Auditor, part: TeamPart
) -> TeamMember:
    """Put somebody into the team of a new audit by checks read once; the act tells the fact."""
    if obstacle := audit.join_obstacle(auditor, part):
        raise obstacle
    broken = checks.of(auditor, part, audit, audit.first_on, _last(audit))
    if broken.is_broken:
        _refuse(audit, broken)
    checks.take(auditor.id, audit)
    return _member(work, audit, auditor, part)


def leave_team(work: Work, member: TeamMember, *, reason: str) -> None:
    """Take somebody out of the team, with the reason."""
    audit = work.fresh(member.audit)
    work.require(AuditPermission.LEAD_AUDIT, audit)
    if obstacle := audit.team_obstacle():
        raise obstacle
    reason = nfc(reason).strip()
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    member = work.fresh(member)
    member.leave(reason, at=work.now)
    is_told = audit.tell_anew()
    work.record(AuditFact.MEMBER_LEFT, member, reason=reason, audit=audit if is_told else None)
    if is_told:
        tell_all(work, audit, PlanNotice.LEFT, auditor=member.auditor.shown_name)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take part, with what stands against them."""

    auditor: Auditor
    broken: Broken


def candidates(session: Session, body: Body, audit: Audit) -> list[Candidate]:
    """Give everybody on the list with why each can or cannot take part; those who can first."""
    present = {one.auditor_id for one in audit.team}
    rows = [
        one
        for one in session.scalars(
            sa.select(Auditor)
            .where(
                Auditor.body_id == body.id,
                sa.or_(Auditor.ended_on.is_(None), Auditor.ended_on >= audit.first_on),
            )
            .options(
                joinedload(Auditor.person),
                selectinload(Auditor.leaves),
                selectinload(Auditor.competences),
            )
            .order_by(Auditor.sort_key, Auditor.id)
            .limit(500)
        ).unique()
        if one.id not in present
    ]
    checks = checks_for(session, body, rows)
    found = [
        Candidate(one, checks.of(one, TeamPart.AUDITOR, audit, audit.first_on, _last(audit)))
        for one in rows
    ]
    return sorted(found, key=lambda one: one.broken.is_broken)
