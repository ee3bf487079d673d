"""The report of an audit: written, signed by the lead, issued once (A3, A4, A9)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.kernel.calendar import working_days_after
from app.kernel.coded import N_
from app.kernel.errors import RuleBroken, Stale
from app.kernel.numbering import next_number
from app.kernel.organisation import Body
from app.kernel.search import nfc
from app.kernel.signatures import Meaning, Proof
from app.kernel.trail import canonical
from app.kernel.work import Work
from audits.finding import findings_now, heads_of, team_people
from audits.finding_facts import FindingFact, FindingNotice
from audits.models import (
    RECOMMENDING,
    Audit,
    AuditReport,
    Finding,
    FindingState,
    Recommendation,
)
from audits.permissions import AuditPermission
from documents.models import FileRendition
from documents.storing import BroughtFile, store_rows

_LONGEST = 20_000


@dataclass(frozen=True)
class ReportData:
    """The words of a report beside its findings."""

    conclusions: str = ""
    comparison: str = ""
    causes: str = ""
    demands: str = ""
    due_on: date | None = None

    def cleaned(self) -> ReportData:
        """Give the words as they are kept."""
        return ReportData(
            nfc(self.conclusions).strip()[:_LONGEST],
            nfc(self.comparison).strip()[:_LONGEST],
            nfc(self.causes).strip()[:_LONGEST],
            nfc(self.demands).strip()[:_LONGEST],
            self.due_on,
        )


def words_of(report: AuditReport | None) -> ReportData:
    """Give the words a report has."""
    if report is None:
        return ReportData()
    return ReportData(
        report.conclusions, report.comparison, report.causes, report.demands, report.due_on
    )


@dataclass(frozen=True)
class Hindrance:
    """What stands in the way of issuing: the rule broken, and of which finding."""

    why: RuleBroken
    finding: Finding | None = None


def hindrances_to_issue(
    audit: Audit, findings: Sequence[Finding], words: ReportData, on: date
) -> list[Hindrance]:
    """List everything that stands in the way of issuing a report, finding by finding (A3, A9)."""
    found: list[Hindrance] = []
    if obstacle := audit.report_obstacle():
        found.append(Hindrance(obstacle))
    for one in findings:
        if not one.counts:
            continue
        if gaps := one.gaps():
            text = (
                N_("%(number)s names neither a criterion nor evidence.")
                if len(gaps) > 1
                else N_("%(number)s names no criterion.")
                if one.clause_id is None
                else N_("%(number)s names no evidence.")
            )
            found.append(Hindrance(RuleBroken(text, rule="A3", number=one.number), one))
        elif one.state is FindingState.DRAFT:
            text = N_("%(number)s is not made known to its unit yet.")
            found.append(Hindrance(RuleBroken(text, rule="A9", number=one.number), one))
        elif one.state is FindingState.DISPUTED:
            text = N_("%(number)s is disputed: decide on it.")
            found.append(Hindrance(RuleBroken(text, rule="A9", number=one.number), one))
        elif one.state is FindingState.WAITING and not one.is_silent(on):
            text = N_("The unit may answer %(number)s until %(day)s.")
            why = RuleBroken(text, rule="A9", number=one.number, day=one.response_due_on)
            found.append(Hindrance(why, one))
    if not words.conclusions.strip():
        found.append(Hindrance(RuleBroken(N_("The conclusions are not written yet."))))
    return found


def digest_of(findings: Sequence[Finding]) -> str:
    """Give the digest of everything that is printed and signed of the findings."""
    said = [
        {
            "number": one.number,
            "unit": one.unit_id,
            "statement": one.statement,
            "clauses": one.clause_numbers,
            "evidence": one.evidence,
            "grade": str(one.grade),
            "first_grade": str(one.first_grade),
            "state": str(one.state),
            "response": str(one.response or ""),
            "response_words": one.response_words,
            "decision": str(one.decision or ""),
            "decision_reason": one.decision_reason,
            "repeated": one.times_reported if one.is_repeated else 0,
            "systemic": one.is_systemic,
        }
        for one in findings
    ]
    return hashlib.sha256(canonical({"findings": said})).hexdigest()


def report_in(work: Work, audit: Audit) -> AuditReport | None:
    """Give the report of an audit as it is now."""
    return work.session.scalars(
        sa.select(AuditReport)
        .where(AuditReport.audit_id == audit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def write_report(work: Work, audit: Audit, data: ReportData, *, seen: int | None) -> AuditReport:
    """Write on the report until it is issued; of two who write the second is told so."""
    work.require(AuditPermission.WRITE_FINDING, audit)
    audit = work.fresh(audit)
    return _write(work, audit, data, seen)


def _write(work: Work, audit: Audit, data: ReportData, seen: int | None) -> AuditReport:
    report = report_in(work, audit)
    if report is not None and report.is_issued and seen != report.row_version:
        raise Stale(
            N_(
                "The report was issued meanwhile. It does not change any more; what you typed is "
                "still here: the lead can add it as an amendment."
            )
        )
    if report is not None and seen != report.row_version:
        raise Stale()
    if report is not None and (obstacle := report.write_obstacle()):
        raise obstacle
    if obstacle := audit.report_obstacle():
        raise obstacle
    words = data.cleaned()
    if report is None:
        report = AuditReport(
            body_id=audit.body_id,
            audit=audit,
            audit_id=audit.id,
            begun_by_id=work.actor.id,
            begun_on=work.today,
        )
    report.conclusions, report.comparison = words.conclusions, words.comparison
    report.causes, report.demands, report.due_on = words.causes, words.demands, words.due_on
    work.add(report)
    if work.has_changed(report):
        work.record(FindingFact.REPORT_WRITTEN, report)
    return report


def issue_report(
    work: Work,
    audit: Audit,
    data: ReportData,
    *,
    printed: BroughtFile,
    digest: str,
    proof: Proof,
    seen: int | None,
) -> AuditReport:
    """Sign and issue a report, once: the sheet that was printed is kept, recommendations begin.

    `digest` is that of the findings the sheet was printed from: who changed one since is heard.
    """
    work.require(AuditPermission.DECIDE_FINDING, audit)
    audit = work.fresh(audit)
    report = _write(work, audit, data, seen)
    findings = findings_now(work, audit)
    for hindrance in hindrances_to_issue(audit, findings, data, work.today):
        raise hindrance.why
    if digest_of(findings) != digest:
        raise Stale()
    store_rows(work, printed)
    content: dict[str, Any] = {
        "audit": audit.number,
        "sheet": printed.sha256,
        "findings": digest,
        "conclusions": report.conclusions,
        "comparison": report.comparison,
        "causes": report.causes,
        "demands": report.demands,
        "due_on": report.due_on.isoformat() if report.due_on is not None else "",
    }
    signature = work.add(
        checked(work, proof).over(
            content, body_id=audit.body_id, meaning=Meaning.APPROVED, at=work.now
        )
    )
    report.issue(signature, printed.sha256, at=work.now)
    audit.report(work.today)
    work.session.add(
        FileRendition(source_sha256=printed.sha256, method="wanted", tries=0, made_at=work.now)
    )
    standing = [one for one in findings if one.counts]
    work.record(
        FindingFact.REPORT_ISSUED, report, count=len(standing), audit=audit, signature=signature
    )
    _recommend(work, audit, standing)
    for one in audit.units:
        work.notify(
            FindingNotice.REPORT_ISSUED,
            audit,
            to=[*heads_of(work.session, one.unit_id, work), *team_people(audit)],
            number=audit.number,
        )
    return report


def checked(work: Work, proof: Proof) -> Proof:
    """Refuse a proof of somebody else."""
    if proof.person_id != work.actor.id:
        raise RuleBroken(N_("Only the person who signs can prove it."))
    return proof


def _recommend(work: Work, audit: Audit, findings: Sequence[Finding]) -> None:
    """Give observations and opportunities numbers of their own, followed until answered."""
    body = work.session.get_one(Body, audit.body_id)
    due = working_days_after(body, work.today, int(body.setting("recommendation_days")))
    for finding in findings:
        if finding.grade not in RECOMMENDING:
            continue
        serial = next_number(work.session, audit.body_id, f"recommendation {work.today.year}")
        made = work.add(
            Recommendation(
                body_id=audit.body_id,
                number=f"KN-{work.today.year}-{serial:03d}",
                finding=finding,
                finding_id=finding.id,
                unit_id=finding.unit_id,
                made_at=work.now,
                due_on=due,
            )
        )
        work.record(FindingFact.RECOMMENDED, made)
        work.notify(
            FindingNotice.RECOMMENDED,
            made,
            to=heads_of(work.session, finding.unit_id, work),
            number=made.number,
            due_on=due,
        )
