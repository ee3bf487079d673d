"""The programme of a year: drawn up, submitted, signed, taken up again (9.2.2 a; b1-b3; A2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.coded import N_
from app.kernel.errors import Forbidden, InvalidInput
from app.kernel.organisation import Body, Unit, root_unit
from app.kernel.people import Role
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof
from app.kernel.work import Work
from audits.coverage_register import coverage_of
from audits.facts import AuditFact
from audits.models import AuditedUnit, Programme, ProgrammeStandard, Standard
from audits.permissions import AuditPermission

_LONGEST = 8000


@dataclass(frozen=True)
class ProgrammeData:
    """What a programme says besides its audits."""

    objectives: str
    scope_text: str
    standards: Sequence[Standard]
    risks: str = ""
    resources: str = ""


def programme_in(session: Session, body_id: int, year: int) -> Programme | None:
    """Give the programme of a year; None where nobody began it."""
    return session.scalars(
        sa.select(Programme).where(Programme.body_id == body_id, Programme.year == year)
    ).one_or_none()


def draft_programme(
    work: Work, body: Body, year: int, data: ProgrammeData, *, seen: int | None = None
) -> Programme:
    """Begin the programme of a year, or change its draft; one for each year."""
    work.require(AuditPermission.KEEP_PROGRAMME, body)
    if not 1990 <= year <= 2199:
        raise InvalidInput(N_("This is no year of a programme."), field="year")
    work.fresh(body)  # of two who begin it the second changes the first's draft
    programme = programme_in(work.session, body.id, year)
    is_new = programme is None
    if programme is None:
        programme = Programme(
            body_id=body.id, year=year, drafted_by_id=work.actor.id, drafted_at=work.now
        )
    else:
        programme = work.fresh(programme, seen=seen)
        if obstacle := programme.change_obstacle():
            raise obstacle
    names = _put(programme, body, data)
    work.add(programme)
    fact = AuditFact.PROGRAMME_DRAFTED if is_new else AuditFact.PROGRAMME_CHANGED
    work.record(fact, programme, criteria=names)
    return programme


def _put(programme: Programme, body: Body, data: ProgrammeData) -> list[str]:
    for name in ("objectives", "scope_text", "risks", "resources"):
        text = nfc(getattr(data, name)).strip()
        if len(text) > _LONGEST:
            raise InvalidInput(N_("The text is too long: 8,000 characters at most."), field=name)
        setattr(programme, name, text)
    if any(one.body_id not in (None, body.id) for one in data.standards):
        raise InvalidInput(N_("This is not in the list. Choose again."), field="standards")
    wanted = {one.id: one for one in data.standards}
    kept = [one for one in programme.criteria if one.standard_id in wanted]
    known = {one.standard_id for one in kept}
    programme.criteria = [
        *kept,
        *(
            ProgrammeStandard(standard_id=key, standard=one)
            for key, one in wanted.items()
            if key not in known
        ),
    ]
    return sorted(one.name for one in data.standards)


def submit_programme(work: Work, programme: Programme, *, seen: int | None = None) -> None:
    """Lay the programme before the leaders; what it does not cover is named beside (A2)."""
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    programme = work.fresh(programme, seen=seen)
    programme.submit(work.actor, at=work.now)
    work.record(AuditFact.PROGRAMME_SUBMITTED, programme)


def return_programme(work: Work, programme: Programme, *, reason: str) -> None:
    """Give the programme back with the reason."""
    work.require(AuditPermission.APPROVE_PROGRAMME, programme)
    reason = _said(reason)
    programme = work.fresh(programme)
    programme.give_back(work.actor, reason)
    work.record(AuditFact.PROGRAMME_RETURNED, programme, reason=reason)


def approve_programme(
    work: Work, programme: Programme, *, proof: Proof, seen: int | None = None
) -> None:
    """Sign the programme: its text, its audits, and what it leaves uncovered (9.2.2 a; A2)."""
    work.require(AuditPermission.APPROVE_PROGRAMME, programme)
    if proof.person_id != work.actor.id:
        raise Forbidden(AuditPermission.APPROVE_PROGRAMME, programme)
    programme = work.fresh(programme)
    if obstacle := programme.decide_obstacle(work.actor):
        raise obstacle
    programme = work.fresh(programme, seen=seen)
    root = root_unit(work.session, programme.body_id)
    signature = work.add(
        proof.over(
            programme_content(work.session, programme),
            body_id=programme.body_id,
            meaning=Meaning.APPROVED,
            at=work.now,
            capacity=work.standing.capacity_for((Role.LEADER,), root.id),
        )
    )
    version = programme.approve(work.actor, signature, at=work.now)
    work.add(version)
    work.record(
        AuditFact.PROGRAMME_APPROVED, programme, signature=signature, signed_version=version
    )


def programme_content(session: Session, programme: Programme) -> dict[str, Any]:
    """Give what is signed: the text, the audits, and by name what is left uncovered."""
    body = session.get_one(Body, programme.body_id)
    found = coverage_of(session, body, programme.year)
    return {
        "year": programme.year,
        "version": programme.version,
        "objectives": programme.objectives,
        "scope": programme.scope_text,
        "risks": programme.risks,
        "resources": programme.resources,
        "criteria": sorted(one.name for one in programme.standards),
        "audits": [
            {
                "number": audit.number,
                "kind": str(audit.kind),
                "method": str(audit.method),
                "units": sorted(one.unit.code for one in audit.units),
                "from": audit.first_on.isoformat(),
                "until": audit.last_on.isoformat(),
                "clauses": [one.clause.number for one in audit.clauses],
                "procedures": sorted(one.document.code or "" for one in audit.procedures),
                "team": [[one.auditor.number, str(one.part)] for one in audit.team],
            }
            for audit in programme.audits
            if audit.counts
        ],
        "uncovered": {
            gap.unit.code: [clause.number for clause in gap.clauses] for gap in found.gaps
        },
    }


def revise_programme(work: Work, programme: Programme, *, reason: str) -> None:
    """Begin the next version of a signed programme; the signed one counts meanwhile."""
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    reason = _said(reason)
    programme = work.fresh(programme)
    programme.begin_version(reason)
    programme.drafted_by_id, programme.drafted_at = work.actor.id, work.now
    work.record(AuditFact.PROGRAMME_REOPENED, programme, reason=reason)


def close_programme(work: Work, programme: Programme) -> None:
    """Close the year's programme once every audit has come to its end."""
    work.require(AuditPermission.KEEP_PROGRAMME, programme)
    programme = work.fresh(programme)
    programme.close(at=work.now)
    work.record(AuditFact.PROGRAMME_CLOSED, programme)


def _said(reason: str) -> str:
    reason = nfc(reason).strip()[:2000]
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    return reason


@dataclass(frozen=True)
class UnitData:
    """What planning must know of a unit."""

    importance: int = 3
    visits: int = 1
    days: int = 1
    needs: tuple[str, ...] = ()
    closed_days: tuple[str, ...] = ()


def weigh_unit(work: Work, unit: Unit, data: UnitData, *, seen: int | None = None) -> bool:
    """Say how important a unit is and what its audits take; True if anything changed (A5)."""
    body = work.session.get_one(Body, unit.body_id)
    work.require(AuditPermission.KEEP_PROGRAMME, body)
    for value, (least, most), name in (
        (data.importance, (1, 5), "importance"),
        (data.visits, (0, 12), "visits"),
        (data.days, (1, 20), "days"),
    ):
        if not least <= value <= most:
            raise InvalidInput(
                N_("Give a number from %(least)s to %(most)s."), field=name, least=least, most=most
            )
    work.fresh(body)
    found = work.session.scalars(
        sa.select(AuditedUnit).where(
            AuditedUnit.body_id == unit.body_id, AuditedUnit.unit_id == unit.id
        )
    ).one_or_none()
    if found is None:
        found = AuditedUnit(body_id=unit.body_id, unit_id=unit.id, unit=unit)
    else:
        found = work.fresh(found, seen=seen)
    found.importance, found.visits, found.days = data.importance, data.visits, data.days
    found.needs, found.closed_days = list(data.needs)[:20], list(data.closed_days)[:50]
    work.add(found)
    if not work.has_changed(found):
        return False
    work.record(AuditFact.UNIT_WEIGHED, found)
    return True
