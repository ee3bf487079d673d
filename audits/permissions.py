"""Who may try what with audits: one table (rules O1, O4, A1)."""

from __future__ import annotations

from typing import Any

from app.kernel.coded import N_
from app.kernel.organisation import Unit
from app.kernel.people import Person, Role
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
from audits.models import AFTER_ISSUE, Audit, Auditor, Finding, Recommendation, TeamPart

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
# whose work it is to see how the body audits itself: the working papers of every team
SEES_WORKING_PAPERS = (
    Role.QUALITY_OFFICER,
    Role.QUALITY_REPRESENTATIVE,
    Role.INSPECTOR,
)


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
    LIST_FINDINGS = "audits.finding.list"
    SEE_FINDING = "audits.finding.see"
    WRITE_FINDING = "audits.finding.write"
    ANSWER_FINDING = "audits.finding.answer"
    DECIDE_FINDING = "audits.finding.decide"
    SEE_REPORT = "audits.report.see"
    RATE_AUDIT = "audits.audit.rate"
    SEE_CHECKLIST = "audits.checklist.see"
    KEEP_CHECKLIST = "audits.checklist.keep"
    OPEN_FIELDWORK = "audits.fieldwork.open"
    ANSWER = "audits.answer.give"
    ANSWER_AS_UNIT = "audits.answer.own_line"
    CHOOSE_ANSWER = "audits.answer.choose"
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


@because(N_("Records in the team of the audit"))
def records_in_team(standing: Standing, record: Any) -> bool:
    """Be in the team of the audit now and not only watch."""
    if not isinstance(record, Audit):
        return record is None
    return any(
        one.auditor.person_id == standing.person.id
        for one in record.team
        if one.part is not TeamPart.OBSERVER
    )


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


def _audit_of(record: Any) -> Any:
    if isinstance(record, Recommendation):
        return record.finding.audit
    return record.audit if isinstance(record, Finding) else record


@because(N_("Judges in the team of the audit"))
def judges_in_team(standing: Standing, record: Any) -> bool:
    """Be in the team of the audit now, and not only to watch."""
    audit = _audit_of(record)
    if not isinstance(audit, Audit):
        return audit is None
    return any(
        one.auditor.person_id == standing.person.id and one.part is not TeamPart.OBSERVER
        for one in audit.team
    )


@because(N_("Leads the team of the audit"))
def decides_on_findings(standing: Standing, record: Any) -> bool:
    """Lead the team of the audit the finding is of (A9)."""
    return leads_team(standing, _audit_of(record))


@because(N_("Is in the team of the audit"))
def is_on_team_of(standing: Standing, record: Any) -> bool:
    """Be in the team of the audit the finding is of."""
    return is_on_team(standing, _audit_of(record))


@because(N_("It was made known"))
def is_made_known(_standing: Standing, record: Any) -> bool:
    """The unit was told of the finding; what is being written is the team's alone."""
    if isinstance(record, Finding):
        return record.is_sent
    return record is None or isinstance(record, Recommendation)


@because(N_("The report is issued"))
def is_reported(_standing: Standing, record: Any) -> bool:
    """The report of the audit is given out."""
    return not isinstance(record, Audit) or record.state in AFTER_ISSUE


@because(N_("Works in the unit it is about"))
def is_of_unit(standing: Standing, record: Any) -> bool:
    """Work in the unit a finding or a recommendation is about."""
    if isinstance(record, Finding | Recommendation):
        return record.unit_id in standing.unit_ids
    return is_audited(standing, record)


def _heads(standing: Standing, unit_id: int) -> bool:
    return standing.has(Role.MANAGER, Role.LEADER, unit_id=unit_id)


def _places_of(record: Any) -> list[int]:
    if isinstance(record, Audit):
        return [one.unit_id for one in record.units]
    return [record.id if isinstance(record, Unit) else record.unit_id]


@because(N_("Heads the unit, or acts for whoever does"))
def answers_for_unit(standing: Standing, record: Any) -> bool:
    """Head the unit or one above it, or act for somebody who does (O1, O2)."""
    people = (standing, *standing.delegators)
    if record is None:
        return any(one.has(Role.MANAGER, Role.LEADER) for one in people)
    if record.body_id != standing.body_id:
        return False
    return any(_heads(one, unit_id) for one in people for unit_id in _places_of(record))


def answers_in_place_of(standing: Standing, unit_id: int) -> Person | None:
    """Give for whom somebody answers; None where they head the unit themselves (O2)."""
    if _heads(standing, unit_id):
        return None
    return next((one.person for one in standing.delegators if _heads(one, unit_id)), None)


_concerned = any_of(sees_audits, is_on_team_of, is_of_unit, overseen_body)


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
        AuditPermission.LIST_FINDINGS: any_of(same_body, overseen_body),
        AuditPermission.SEE_FINDING: any_of(
            holds_over_body(Role.QUALITY_OFFICER),
            is_on_team_of,
            all_of(is_made_known, any_of(_concerned, answers_for_unit)),
        ),
        AuditPermission.WRITE_FINDING: judges_in_team,
        AuditPermission.ANSWER_FINDING: answers_for_unit,
        AuditPermission.DECIDE_FINDING: decides_on_findings,
        AuditPermission.SEE_REPORT: any_of(
            holds_over_body(Role.QUALITY_OFFICER), is_on_team, all_of(is_reported, _concerned)
        ),
        AuditPermission.RATE_AUDIT: is_audited,
        AuditPermission.SEE_CHECKLIST: any_of(holds_over_body(*SEES_WORKING_PAPERS), is_on_team),
        AuditPermission.KEEP_CHECKLIST: any_of(
            holds_over_body(Role.QUALITY_OFFICER), records_in_team
        ),
        AuditPermission.OPEN_FIELDWORK: any_of(
            holds_over_body(*SEES_WORKING_PAPERS), is_on_team, is_audited
        ),
        AuditPermission.ANSWER: records_in_team,
        AuditPermission.ANSWER_AS_UNIT: is_audited,
        AuditPermission.CHOOSE_ANSWER: leads_team,
        AuditPermission.READ_FOR_AUDIT: is_on_team,
        AuditPermission.ANSWER_PLAN: heads_audited,
        AuditPermission.SIGN_MINUTES: any_of(leads_team, heads_audited),
    }
)
