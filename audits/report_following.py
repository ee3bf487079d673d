"""What follows an issued report: receipt, number, signed copy, amendments, answers (A4, A9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput, RuleBroken
from app.kernel.organisation import Unit
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof
from app.kernel.work import Work
from audits.finding import heads_of, not_of_team, team_people, tell_decided
from audits.finding_facts import FindingFact, FindingNotice
from audits.models import (
    Audit,
    AuditReport,
    Finding,
    FindingGrade,
    LeadDecision,
    Recommendation,
    ReportAmendment,
    ReportReceipt,
)
from audits.permissions import AuditPermission, answers_in_place_of
from audits.reporting import checked, report_in
from documents.storing import BroughtFile, store_rows

_LONGEST = 20_000


def _issued(work: Work, audit: Audit) -> AuditReport:
    report = report_in(work, audit)
    if report is None or not report.is_issued:
        raise RuleBroken(N_("The report is not issued yet."))
    return report


def receive_report(work: Work, audit: Audit, unit: Unit, *, refused: str | None = None) -> None:
    """Confirm for a unit that the report arrived, or refuse it: recorded, and blocks nothing."""
    work.require(AuditPermission.ANSWER_FINDING, unit)
    audit = work.fresh(audit)
    report = _issued(work, audit)
    if all(one.unit_id != unit.id for one in audit.units):
        raise InvalidInput(N_("Choose a unit that is audited."), field="unit")
    not_of_team(work, audit)
    if any(one.unit_id == unit.id for one in report.receipts):
        raise RuleBroken(N_("%(unit)s has answered for the receipt already."), unit=unit.name)
    reason = nfc(refused or "").strip()[:_LONGEST]
    if refused is not None and not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    work.acting_for = answers_in_place_of(work.standing, unit.id)
    receipt = work.add(
        ReportReceipt(
            body_id=audit.body_id,
            report=report,
            unit=unit,
            unit_id=unit.id,
            is_refused=refused is not None,
            reason=reason,
            person=work.actor,
            person_id=work.actor.id,
            acting_for_id=work.acting_for.id if work.acting_for is not None else None,
            recorded_at=work.now,
        )
    )
    if refused is None:
        work.record(FindingFact.REPORT_RECEIVED, receipt)
    else:
        work.record(FindingFact.RECEIPT_REFUSED, receipt, reason=reason)
    work.notify(
        FindingNotice.RECEIPT, audit, to=team_people(audit), unit=unit.name, number=audit.number
    )


def register_report(work: Work, audit: Audit, *, number: str, on: date | None) -> None:
    """Add number and day of the registry after issue, once (A4)."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    report = _issued(work, audit)
    number = " ".join(nfc(number).split())[:80]
    if not number:
        raise InvalidInput(N_("Give the number of the report."), field="registry_number")
    if on is None or on > work.today:
        raise InvalidInput(N_("Give a day that is not to come."), field="registered_on")
    report.register(number, on, work.actor, at=work.now)
    work.record(FindingFact.REPORT_REGISTERED, report, given=number)


def add_signed_copy(work: Work, audit: Audit, brought: BroughtFile) -> None:
    """Keep the copy that was signed on paper, once (A4)."""
    work.require(AuditPermission.LEAD_AUDIT, audit)
    audit = work.fresh(audit)
    report = _issued(work, audit)
    report.take_signed_copy(brought.sha256, brought.name)
    store_rows(work, brought)
    work.record(FindingFact.COPY_ADDED, report)


@dataclass(frozen=True)
class AmendmentData:
    """What an issued report is corrected by, and why; a finding may be regraded or withdrawn."""

    reason: str
    text: str
    finding: Finding | None = None
    decision: LeadDecision | None = None
    grade: FindingGrade | None = None


def amend_report(work: Work, audit: Audit, data: AmendmentData, *, proof: Proof) -> ReportAmendment:
    """Correct an issued report by a signed amendment; what was issued stays as it was (A4)."""
    work.require(AuditPermission.DECIDE_FINDING, audit)
    audit = work.fresh(audit)
    report = _issued(work, audit)
    reason, text = nfc(data.reason).strip()[:_LONGEST], nfc(data.text).strip()[:_LONGEST]
    if not reason:
        raise InvalidInput(N_("Give the reason."), field="reason")
    if not text:
        raise InvalidInput(N_("Say what is different from the report."), field="text")
    serial = len(report.amendments) + 1
    finding = _amended(work, audit, data, reason)
    content = {
        "audit": audit.number,
        "sheet": report.docx_sha256,
        "amendment": serial,
        "reason": reason,
        "text": text,
        "finding": finding.number if finding is not None else "",
        "grade": str(finding.grade) if finding is not None else "",
        "state": str(finding.state) if finding is not None else "",
    }
    signature = work.add(
        checked(work, proof).over(
            content, body_id=audit.body_id, meaning=Meaning.APPROVED, at=work.now
        )
    )
    made = work.add(
        ReportAmendment(
            body_id=audit.body_id,
            report=report,
            serial=serial,
            reason=reason,
            text=text,
            finding=finding,
            finding_id=finding.id if finding is not None else None,
            signature=signature,
            made_at=work.now,
        )
    )
    told = {"finding": finding} if finding is not None else {}
    work.record(FindingFact.REPORT_AMENDED, made, reason=reason, signature=signature, **told)
    if finding is not None:
        tell_decided(work, finding, reason)
    for one in audit.units:
        work.notify(
            FindingNotice.REPORT_AMENDED,
            made,
            to=heads_of(work.session, one.unit_id, work),
            number=audit.number,
            reason=reason,
        )
    return made


def _amended(work: Work, audit: Audit, data: AmendmentData, reason: str) -> Finding | None:
    if data.finding is None or data.decision in (None, LeadDecision.UPHOLD):
        return None
    finding = work.fresh(data.finding)
    if finding.audit_id != audit.id:
        raise InvalidInput(N_("This is not in the list. Choose again."), field="finding")
    if data.decision is LeadDecision.REGRADE and data.grade in (None, finding.grade):
        raise InvalidInput(N_("Choose another grade."), field="grade")
    decision = LeadDecision(str(data.decision))
    finding.settle(decision, reason, work.actor, at=work.now, grade=data.grade)
    return finding


def answer_recommendation(
    work: Work, recommendation: Recommendation, words: str, *, seen: int | None = None
) -> None:
    """Say for the unit what was done about a recommendation, or why nothing is."""
    work.require(AuditPermission.ANSWER_FINDING, recommendation)
    recommendation = work.fresh(recommendation, seen=seen)
    words = nfc(words).strip()[:_LONGEST]
    if not words:
        raise InvalidInput(N_("Say what was done, or why nothing is."), field="words")
    work.acting_for = answers_in_place_of(work.standing, recommendation.unit_id)
    recommendation.take_answer(words, work.actor, at=work.now)
    work.record(FindingFact.ANSWERED, recommendation)
