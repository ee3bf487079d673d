"""Who may try what with audits: one table (rules O1, O4, A1)."""

from __future__ import annotations

from typing import Any

from app.kernel.coded import N_
from app.kernel.people import Role
from app.kernel.permissions import (
    Permission,
    Standing,
    add_table,
    all_of,
    any_of,
    because,
    holds_over_body,
    overseen_body,
    same_body,
)
from audits.models import Audit, Auditor

SEES_AUDITS = (
    Role.MANAGER,
    Role.LEADER,
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
    Role.AUDITOR,
    Role.LEAD_AUDITOR,
    Role.INSPECTOR,
)
SEES_AUDITORS = tuple(role for role in SEES_AUDITS if role is not Role.MANAGER)


class AuditPermission(Permission):
    """Permissions of internal audit; values read area.record.act."""

    SEE_CRITERIA = "audits.criteria.see"
    CHANGE_CRITERIA = "audits.criteria.change"
    LIST_AUDITORS = "audits.auditor.list"
    SEE_AUDITOR = "audits.auditor.see"
    KEEP_AUDITORS = "audits.auditor.keep"
    DECLARE = "audits.auditor.declare"
    SIGN_EXCEPTION = "audits.exception.sign"
    SEE_PROGRAMME = "audits.programme.see"
    KEEP_PROGRAMME = "audits.programme.keep"
    APPROVE_PROGRAMME = "audits.programme.approve"
    LIST_AUDITS = "audits.audit.list"
    SEE_AUDIT = "audits.audit.see"
    LEAD_AUDIT = "audits.audit.lead"
    READ_FOR_AUDIT = "audits.audit.read"
    ANSWER_PLAN = "audits.plan.answer"
    SIGN_MINUTES = "audits.minutes.sign"


def _body_of(record: Any) -> int | None:
    return getattr(record, "body_id", None)


@because(N_("Has to do with audits in this body"))
def sees_audits(standing: Standing, record: Any) -> bool:
    """Hold a post in the body that has to do with audits."""
    return standing.has(*SEES_AUDITS) and (record is None or _body_of(record) == standing.body_id)


@because(N_("Has to do with audits in this body"))
def sees_auditors(standing: Standing, record: Any) -> bool:
    """Hold a post in the body that plans, does or oversees audits."""
    return standing.has(*SEES_AUDITORS) and (record is None or _body_of(record) == standing.body_id)


@because(N_("It is their own"))
def is_that_auditor(standing: Standing, record: Any) -> bool:
    """Be the auditor the record is about, also one invited from another body (O4)."""
    if record is None:
        return True
    return isinstance(record, Auditor) and record.person_id == standing.person.id


@because(N_("It is somebody else's"))
def is_not_that_auditor(standing: Standing, record: Any) -> bool:
    """Nobody signs an exception for themselves."""
    return not isinstance(record, Auditor) or record.person_id != standing.person.id


@because(N_("Is in the team of the audit"))
def is_on_team(standing: Standing, record: Any) -> bool:
    """Be in the team of the audit now, also from another body: of it alone one sees more (O4)."""
    if not isinstance(record, Audit):
        return record is None
    return any(one.auditor.person_id == standing.person.id for one in record.team)


@because(N_("Leads the team of the audit"))
def leads_team(standing: Standing, record: Any) -> bool:
    """Lead the team of the audit now."""
    if not isinstance(record, Audit):
        return record is None
    lead = record.lead
    return lead is not None and lead.auditor.person_id == standing.person.id


@because(N_("Works in a unit that is audited"))
def is_audited(standing: Standing, record: Any) -> bool:
    """Work in one of the units audited; drafts of a programme are nobody's announcement."""
    if not isinstance(record, Audit):
        return record is None
    return record.announced_at is not None and any(
        one.unit_id in standing.unit_ids for one in record.units
    )


@because(N_("Heads a unit that is audited"))
def heads_audited(standing: Standing, record: Any) -> bool:
    """Head one of the units audited, once that was announced to them."""
    if not isinstance(record, Audit):
        return record is None
    return (
        record.body_id == standing.body_id
        and record.announced_at is not None
        and any(
            standing.has(Role.MANAGER, Role.LEADER, unit_id=one.unit_id) for one in record.units
        )
    )


add_table(
    {
        AuditPermission.SEE_CRITERIA: any_of(sees_audits, overseen_body),
        AuditPermission.CHANGE_CRITERIA: holds_over_body(Role.QUALITY_OFFICER),
        AuditPermission.LIST_AUDITORS: any_of(sees_auditors, overseen_body),
        AuditPermission.SEE_AUDITOR: any_of(sees_auditors, is_that_auditor, overseen_body),
        AuditPermission.KEEP_AUDITORS: holds_over_body(Role.QUALITY_OFFICER),
        AuditPermission.DECLARE: any_of(holds_over_body(Role.QUALITY_OFFICER), is_that_auditor),
        AuditPermission.SIGN_EXCEPTION: all_of(holds_over_body(Role.LEADER), is_not_that_auditor),
        AuditPermission.SEE_PROGRAMME: any_of(sees_audits, overseen_body),
        AuditPermission.KEEP_PROGRAMME: holds_over_body(Role.QUALITY_OFFICER),
        AuditPermission.APPROVE_PROGRAMME: holds_over_body(Role.LEADER),
        AuditPermission.LIST_AUDITS: any_of(same_body, overseen_body),
        AuditPermission.SEE_AUDIT: any_of(sees_audits, is_on_team, is_audited, overseen_body),
        AuditPermission.LEAD_AUDIT: any_of(holds_over_body(Role.QUALITY_OFFICER), leads_team),
        AuditPermission.READ_FOR_AUDIT: is_on_team,
        AuditPermission.ANSWER_PLAN: heads_audited,
        AuditPermission.SIGN_MINUTES: any_of(leads_team, heads_audited),
    }
)
