"""What stands on the sheet of a report: plain values, gathered from its audit and findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.organisation import root_unit
from app.kernel.people import Appointment, Capacity, Person, Role
from app.web.audits.printing import PARTS
from app.web.formats import as_date
from audits.models import (
    Audit,
    AuditReport,
    Finding,
    IndependenceException,
    LeadDecision,
    UnitResponse,
)
from audits.reporting import ReportData
from documents.routing import holders
from forms.paper.audit_report import GRADES, AuditReportPaper, FindingLine

# paper is in Vietnamese, whatever language the page is read in
_RESPONSES = {
    UnitResponse.ACCEPT: "Đơn vị đồng ý.",
    UnitResponse.COMMENT: "Đơn vị đồng ý, có ý kiến: {words}",
    UnitResponse.DISPUTE: "Đơn vị không đồng ý: {words}",
}
_DECISIONS = {
    LeadDecision.UPHOLD: "Trưởng đoàn giữ nguyên: {reason}",
    LeadDecision.REGRADE: "Trưởng đoàn đổi mức độ (trước là {first}): {reason}",
}


def paper_of(
    audit: Audit,
    findings: Sequence[Finding],
    words: ReportData,
    report: AuditReport | None = None,
    *,
    on: date,
) -> AuditReportPaper:
    """Gather the values of the sheet; what was withdrawn is not printed."""
    leader, is_deputy = _leader(audit, on)
    days = dict.fromkeys((as_date(audit.first_on), as_date(audit.last_on)))
    clauses = ", ".join(one.clause.number for one in audit.clauses)
    codes = ", ".join(one.document.code or "" for one in audit.procedures if one.document.code)
    standards = dict.fromkeys(one.clause.standard.name for one in audit.clauses)
    lead = audit.lead
    return AuditReportPaper(
        number=audit.number,
        units=audit.unit_names,
        objective=audit.objective or "Xác nhận hệ thống phù hợp và được duy trì có hiệu lực.",
        scope=f"Các điều khoản {clauses}" + (f"; quy trình {codes}" if codes else ""),
        criteria=", ".join(standards),
        days=" - ".join(days),
        team=tuple(f"{one.auditor.shown_name}, {PARTS[one.part].lower()}" for one in audit.team),
        lead=lead.auditor.shown_name if lead is not None else "",
        findings=tuple(_line(one) for one in findings if one.counts),
        conclusions=words.conclusions,
        comparison=words.comparison,
        causes=words.causes,
        demands=words.demands,
        due_on=words.due_on,
        exceptions=_exceptions(audit),
        amendments=tuple(f"{one.text} (lý do: {one.reason})" for one in report.amendments)
        if report is not None
        else (),
        signer=leader.name if leader is not None else "",
        is_deputy=is_deputy,
    )


def _line(one: Finding) -> FindingLine:
    shown = [one.evidence, *_of_answers(one)]
    return FindingLine(
        number=one.number,
        unit=one.unit.name,
        clauses=one.clause_numbers,
        grade=str(one.grade),
        statement=one.statement,
        evidence="; ".join(text for text in shown if text),
        opinion=_opinion(one),
        repeated=one.times_reported if one.is_repeated else 0,
        is_systemic=one.is_systemic,
    )


def _of_answers(one: Finding) -> list[str]:
    """Name the evidence that was taken with the lines: its kind, its number, its own day."""
    kinds = {"photo": "ảnh", "file": "tệp", "record": "hồ sơ", "posted_page": "bản niêm yết"}
    return [
        " ".join(
            part
            for part in (kinds[str(each.kind)], each.reference or each.name, as_date(each.dated_on))
            if part
        )
        for link in one.answers
        for each in link.answer.evidence
    ]


def _opinion(one: Finding) -> str:
    said = []
    if one.response is not None:
        said.append(_RESPONSES[one.response].format(words=one.response_words))
    elif one.response_due_on is not None and str(one.grade) != "strength":
        said.append("Đơn vị không có ý kiến trong thời hạn.")
    if one.decision in _DECISIONS:
        first = GRADES[str(one.first_grade)].lower()
        said.append(_DECISIONS[one.decision].format(reason=one.decision_reason, first=first))
    return "\n".join(said)


def _exceptions(audit: Audit) -> tuple[str, ...]:
    """Name what a leader signed for members of the team in these units and days (A1)."""
    rows = db.session.scalars(
        sa.select(IndependenceException).where(
            IndependenceException.auditor_id.in_([one.auditor_id for one in audit.team]),
            IndependenceException.unit_id.in_([one.unit_id for one in audit.units]),
            IndependenceException.from_on <= audit.last_on,
            IndependenceException.until_on >= audit.first_on,
        )
    )
    names = {one.auditor_id: one.auditor.shown_name for one in audit.team}
    return tuple(
        f"{names[one.auditor_id]}: {one.reason}; biện pháp: {one.safeguards}" for one in rows
    )


def _leader(audit: Audit, on: date) -> tuple[Person | None, bool]:
    """Give who signs the notice for the body, and whether a deputy does."""
    root = root_unit(db.session(), audit.body_id)
    found = holders(db.session(), Role.LEADER, root.id, on)
    if not found:
        return None, False
    capacity = db.session.scalar(
        sa.select(Appointment.capacity)
        .where(
            Appointment.person_id == found[0].id,
            Appointment.role == Role.LEADER,
            Appointment.unit_id == root.id,
        )
        .order_by(Appointment.id.desc())
        .limit(1)
    )
    return found[0], capacity is Capacity.KT
