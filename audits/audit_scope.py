"""What one audit covers and how it is done: until it is announced, or telling again (b4, b36)."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body, Unit
from app.kernel.search import nfc
from app.kernel.work import Work
from audits.models import (
    Audit,
    AuditClause,
    AuditMethod,
    AuditProcedure,
    AuditUnit,
    ProgrammeState,
)
from audits.permissions import AuditPermission
from audits.plan_facts import PlanFact, PlanNotice
from audits.planned_audit import checked_units, usual_clauses, usual_procedures
from audits.team import team_free
from audits.telling import tell_all


def change_units(
    work: Work, audit: Audit, units: Sequence[Unit], *, reason: str = "", seen: int | None = None
) -> bool:
    """Give an audit other units until it is announced; clauses and procedures follow (A1, A6)."""
    work.require(AuditPermission.KEEP_PROGRAMME, audit)
    work.fresh_all([one.auditor for one in audit.team])
    audit = work.fresh(audit, seen=seen)
    if obstacle := audit.scope_obstacle():
        raise obstacle
    wanted = checked_units(audit.programme, units)
    if {unit.id for unit in wanted} == {one.unit_id for one in audit.units}:
        return False
    reason = nfc(reason).strip()[:2000]
    if not reason and audit.programme.state is not ProgrammeState.DRAFT:
        raise InvalidInput(N_("Give the reason."), field="reason")
    kept = {unit.id for unit in wanted}
    present = {one.unit_id for one in audit.units}
    audit.units = [one for one in audit.units if one.unit_id in kept] + [
        AuditUnit(unit=unit, unit_id=unit.id) for unit in wanted if unit.id not in present
    ]
    work.session.flush()
    team_free(work, audit, audit.first_on, audit.last_on)
    _follow(work, audit)
    for item in audit.agenda:
        if item.unit_id not in kept:
            item.unit_id = None
    work.session.flush()
    names = ", ".join(unit.name for unit in wanted)
    work.record(PlanFact.SCOPE_CHANGED, audit, units=names, reason=reason or None)
    return True


def _follow(work: Work, audit: Audit) -> None:
    """Let clauses and procedures follow the units, keeping what is there already."""
    body = work.session.get_one(Body, audit.body_id)
    clauses = {one.clause_id: one for one in audit.clauses}
    audit.clauses = [
        clauses.get(one.id) or AuditClause(clause=one, clause_id=one.id)
        for one in usual_clauses(work, body, audit)
    ]
    procedures = {one.document_id: one for one in audit.procedures}
    audit.procedures = [
        procedures.get(one.id) or AuditProcedure(document=one, document_id=one.id)
        for one in usual_procedures(work.session, {one.unit_id for one in audit.units})
    ]


def change_method(
    work: Work,
    audit: Audit,
    method: AuditMethod,
    *,
    address: str = "",
    objective: str = "",
    seen: int | None = None,
) -> bool:
    """Say what it is to find out and how it is done; from afar only where people know where."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit, seen=seen)
    if obstacle := audit.plan_obstacle():
        raise obstacle
    address = " ".join(nfc(address).split())[:300]
    if method is not AuditMethod.ON_SITE and not address:
        raise InvalidInput(
            N_("Say where people meet who take part from afar."), field="remote_address"
        )
    is_other = (audit.method, audit.remote_address) != (method, address)
    audit.method, audit.remote_address = method, address
    audit.objective = nfc(objective).strip()[:4000]
    is_told = is_other and audit.tell_anew()
    if not work.has_changed(audit):
        return False
    work.record(PlanFact.METHOD_CHANGED, audit)
    if is_told:
        tell_all(work, audit, PlanNotice.METHOD_CHANGED, address=address)
    return True
