"""The report: issued once by its lead, amended with a reason, received or refused (A4, A9, b35)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken, Stale
from app.kernel.install import installation
from app.kernel.notices import Notice
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from audits.finding import decide_finding, findings_now
from audits.models import (
    SCORES,
    AuditReport,
    AuditState,
    FindingGrade,
    FindingState,
    LeadDecision,
    Recommendation,
    UnitResponse,
)
from audits.planned_audit import close_audit
from audits.rating import has_rated, rate_audit, ratings_of
from audits.report_drawing import draw_reports
from audits.report_following import (
    AmendmentData,
    add_signed_copy,
    amend_report,
    answer_recommendation,
    receive_report,
    register_report,
)
from audits.reporting import (
    ReportData,
    digest_of,
    hindrances_to_issue,
    issue_report,
    words_of,
    write_report,
)
from documents.register import rendition_of
from documents.storing import BroughtFile
from forms.paper.audit_report import build_audit_report
from forms.paper.layout import DOCX
from tests.audits.test_findings import an_audit
from tests.audits.world import Auditing, in_days
from tests.builders import MONDAY, TODAY, a_brought_file, a_proof
from tests.forms.test_audit_report import PRINTING, a_report

WORDS = ReportData("Hệ thống phù hợp.", "Ít hơn lần trước.")


def writes(office, audit, words=WORDS, seen=None, person=None):
    with unit_of_work(person or office.lead_person, now=MONDAY) as work:
        return write_report(work, work.fresh(audit), words, seen=seen)


def closes(office, audit):
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        close_audit(work, work.fresh(audit))


@pytest.mark.covers("A3", "A9", "b34")
def test_what_stands_in_the_way_of_issuing_is_listed_finding_by_finding(app):
    office = Auditing()
    audit = an_audit(office)
    found = [office.finding(audit, f"Điều {n}") for n in range(3)]
    office.sent(audit)
    bare = office.finding(audit, "Thiếu", evidence="")
    office.finding(audit, "Thiếu cả", clause="0", evidence="")
    late = office.finding(audit, "Chưa gửi")
    office.answered_by(office.manager, found[0])
    office.answered_by(office.manager, found[1], UnitResponse.DISPUTE, "Không đúng")
    everything = [*found, bare, audit.findings[-2], late]
    listed = hindrances_to_issue(audit, everything, ReportData(), TODAY)
    said = [(one.why.rule, one.finding.serial if one.finding else None) for one in listed]
    assert said == [("A9", 2), ("A9", 3), ("A3", 4), ("A3", 5), ("A9", 6), ("", None)]
    later = hindrances_to_issue(audit, [found[2]], WORDS, in_days(30))
    assert later == []  # silence does not hold the report up
    with pytest.raises(RuleBroken):
        office.issued(audit)


@pytest.mark.covers("A4", "b34", "T1")
def test_the_lead_signs_once_what_was_printed_and_recommendations_begin(app):
    office = Auditing()
    audit = an_audit(office)
    minor = office.finding(audit)
    hint = office.finding(audit, "Nên gộp sổ", FindingGrade.OPPORTUNITY)
    office.finding(audit, "Nhanh", FindingGrade.STRENGTH)
    office.sent(audit)
    office.answered_by(office.manager, minor)
    office.answered_by(office.manager, hint)
    report = office.issued(audit)
    assert (audit.state, audit.reported_on) == (AuditState.REPORTED, TODAY)
    signed = json.loads(report.signature.content)
    assert signed["sheet"] == report.docx_sha256
    assert signed["findings"] == digest_of(audit.findings)
    assert report.signature.person_id == office.lead_person.id
    (made,) = db.session.scalars(sa.select(Recommendation))
    assert (made.number, made.finding_id, made.is_open) == ("KN-2026-001", hint.id, True)
    with pytest.raises(RuleBroken) as refused:
        office.issued(audit, ReportData("Khác"), now=MONDAY + timedelta(hours=1))
    assert refused.value.rule == "A4"
    told = db.session.scalars(
        sa.select(TrailEntry.fact).where(TrailEntry.fact.like("report.%"))
    ).all()
    assert told == ["report.written", "report.issued"]
    with pytest.raises(Forbidden), unit_of_work(office.staff, now=MONDAY) as work:
        answer_recommendation(work, work.fresh(made), "Đã làm")
    with unit_of_work(office.manager, now=MONDAY) as work:
        answer_recommendation(work, work.fresh(made), "Đã gộp từ 01/12.")
    with pytest.raises(RuleBroken), unit_of_work(office.manager, now=MONDAY) as work:
        answer_recommendation(work, work.fresh(made), "Lần nữa")
    closes(office, audit)


@pytest.mark.covers("A4", "T05")
def test_only_the_lead_signs_and_only_what_is_there_now(app):
    office = Auditing()
    audit = an_audit(office)
    finding = office.finding(audit)
    office.sent(audit)
    office.answered_by(office.manager, finding, UnitResponse.DISPUTE, "Không đúng")
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        before = digest_of(findings_now(work, work.fresh(audit)))
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        decide_finding(work, work.fresh(finding), LeadDecision.UPHOLD, reason="Đủ bằng chứng")

    def signs(person, proof, digest):
        with unit_of_work(person, now=MONDAY) as work:
            issue_report(
                work,
                work.fresh(audit),
                WORDS,
                printed=a_brought_file("Báo cáo", "bao-cao.docx"),
                digest=digest,
                proof=proof,
                seen=None,
            )

    after = digest_of([finding])
    with pytest.raises(Stale):
        signs(office.lead_person, a_proof(office.lead_person), before)
    with pytest.raises(Forbidden):
        signs(office.officer, a_proof(office.officer), after)
    with pytest.raises(RuleBroken):
        signs(office.lead_person, a_proof(office.officer), after)
    assert db.session.scalars(sa.select(AuditReport)).all() == []
    signs(office.lead_person, a_proof(office.lead_person), after)
    assert finding.is_unresolved  # both opinions are printed


@pytest.mark.covers("A4", "T06")
def test_of_two_who_write_the_second_is_told_and_after_issue_nothing_changes(app):
    office = Auditing()
    audit = an_audit(office)
    report = writes(office, audit)
    seen = report.row_version
    writes(office, audit, ReportData("Bản hai"), seen)
    with pytest.raises(Stale):
        writes(office, audit, ReportData("Bản khác"), seen)
    with pytest.raises(Stale):
        writes(office, audit, ReportData("Bản đầu"), None)
    with pytest.raises(Forbidden):
        writes(office, audit, WORDS, report.row_version, office.manager)
    seen = report.row_version
    office.issued(audit, WORDS)
    with pytest.raises(Stale, match="issued meanwhile"):
        writes(office, audit, ReportData("Muộn"), seen)
    with pytest.raises(RuleBroken) as refused:
        writes(office, audit, ReportData("Muộn"), report.row_version)
    assert refused.value.rule == "A4"
    assert words_of(report) == WORDS


@pytest.mark.covers("A4")
def test_an_amendment_says_why_and_leaves_the_issued_report_as_it_was(app):
    office = Auditing()
    audit = an_audit(office)
    finding, other = office.finding(audit), office.finding(audit, "Hai")
    office.sent(audit)
    for one in (finding, other):
        office.answered_by(office.manager, one)
    report = office.issued(audit)
    signed = report.signature.content
    with pytest.raises(RuleBroken), unit_of_work(office.lead_person, now=MONDAY) as work:
        decide_finding(work, work.fresh(finding), LeadDecision.WITHDRAW, reason="Nhầm")

    def amends(data, person=office.lead_person):
        with unit_of_work(person, now=MONDAY) as work:
            return amend_report(work, work.fresh(audit), data, proof=a_proof(person))

    for wrong, field in (
        (AmendmentData(" ", "x"), "reason"),
        (AmendmentData("x", " "), "text"),
        (AmendmentData("x", "y", finding, LeadDecision.REGRADE, FindingGrade.MINOR), "grade"),
    ):
        with pytest.raises(InvalidInput) as refused:
            amends(wrong)
        assert refused.value.field == field
    with pytest.raises(Forbidden):
        amends(AmendmentData("x", "y"), office.officer)
    amends(AmendmentData("Sai số", "Bốn hồ sơ, không phải ba."))
    gone = amends(AmendmentData("Có hồ sơ", "Bỏ phát hiện 01.", finding, LeadDecision.WITHDRAW))
    amends(AmendmentData("Nhẹ hơn", "x", other, LeadDecision.REGRADE, FindingGrade.OBSERVATION))
    assert gone.serial == 2
    assert (finding.state, other.grade) == (FindingState.WITHDRAWN, FindingGrade.OBSERVATION)
    assert report.signature.content == signed
    assert [one.serial for one in report.amendments] == [1, 2, 3]


@pytest.mark.covers("A4")
def test_number_day_and_signed_copy_are_added_once_after_issue(app):
    office = Auditing()
    audit = an_audit(office)

    def registers(number="12/BC-ĐGNB", on=TODAY, person=office.officer):
        with unit_of_work(person, now=MONDAY) as work:
            register_report(work, work.fresh(audit), number=number, on=on)

    with pytest.raises(RuleBroken):
        registers()
    report = office.issued(audit)
    for number, on in (("", TODAY), ("1", None), ("1", in_days(1))):
        with pytest.raises(InvalidInput):
            registers(number, on)
    registers()
    with pytest.raises(RuleBroken) as refused:
        registers("13/BC")
    assert refused.value.rule == "A4"
    assert report.registry_number == "12/BC-ĐGNB"
    brought = a_brought_file("đã ký", "da-ky.pdf")
    with unit_of_work(office.officer, now=MONDAY) as work:
        add_signed_copy(work, work.fresh(audit), brought)
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        add_signed_copy(work, work.fresh(audit), a_brought_file("khác", "khac.pdf"))
    assert (report.signed_sha256, report.signed_file_name) == (brought.sha256, "da-ky.pdf")


@pytest.mark.covers("A9", "b26")
def test_units_confirm_the_receipt_and_a_refusal_blocks_nothing(app):
    office = Auditing()
    audit = an_audit(office, office.unit, office.economy)
    report = office.issued(audit)

    def receives(person, unit, refused=None):
        with unit_of_work(person, now=MONDAY) as work:
            receive_report(work, work.fresh(audit), work.fresh(unit), refused=refused)

    for person in (office.staff, office.lead_person):
        with pytest.raises(Forbidden):
            receives(person, office.unit)
    with pytest.raises(InvalidInput):
        receives(office.manager, office.unit, " ")
    receives(office.manager, office.unit, "Không đồng ý kết luận 2")
    with pytest.raises(RuleBroken):
        receives(office.manager, office.unit)
    with pytest.raises(InvalidInput):
        receives(office.leader, office.culture)  # not audited
    receives(office.leader, office.economy)  # nobody heads it: passed up the tree
    assert [one.is_refused for one in report.receipts] == [True, False]
    closes(office, audit)
    assert audit.is_over


@pytest.mark.covers("A9")
def test_an_audit_cannot_close_while_a_finding_has_no_decision(app):
    office = Auditing()
    audit = an_audit(office)
    finding = office.finding(audit)
    office.sent(audit)
    later = MONDAY + timedelta(days=9)
    office.issued(audit, now=later)  # the unit let its days pass
    assert not finding.has_decision
    with pytest.raises(RuleBroken) as refused:
        closes(office, audit)
    assert (refused.value.rule, refused.value.values["numbers"]) == ("A9", finding.number)
    office.answered_by(office.manager, finding, UnitResponse.DISPUTE, "Không đúng", now=later)
    with pytest.raises(RuleBroken):
        closes(office, audit)
    with unit_of_work(office.lead_person, now=later) as work:
        decide_finding(work, work.fresh(finding), LeadDecision.UPHOLD, reason="Đủ bằng chứng")
    closes(office, audit)


@pytest.mark.covers("b35")
def test_the_audited_rate_the_audit_and_nobody_reads_by_whom(app):
    office = Auditing()
    audit = an_audit(office)

    def rates(person, score=4, comment=""):
        with unit_of_work(person, now=MONDAY) as work:
            rate_audit(work, work.fresh(audit), dict.fromkeys(SCORES, score), comment=comment)

    with pytest.raises(RuleBroken):
        rates(office.staff)
    office.issued(audit)
    with pytest.raises(InvalidInput):
        rates(office.staff, 6)
    with pytest.raises(Forbidden):
        rates(office.lead_person)
    rates(office.staff, 5, "Hỏi kỹ, đúng việc")
    rates(office.manager, 2)
    with pytest.raises(RuleBroken):
        rates(office.staff)
    found = ratings_of(db.session(), audit)
    assert (found.count, found.averages) == (2, (3.5,) * 5)
    assert has_rated(db.session(), audit, office.staff)
    entries = db.session.scalars(
        sa.select(TrailEntry.details).where(TrailEntry.fact == "audit.rated")
    ).all()
    assert len(entries) == 2
    assert not any("Hỏi kỹ" in str(one) or '"fair":[null,5' in str(one) for one in entries)


@pytest.mark.covers("e18")
def test_everybody_concerned_is_told_when_the_report_is_issued(app):
    office = Auditing()
    audit = an_audit(office)
    office.issued(audit)
    told = db.session.scalars(
        sa.select(Notice.person_id).where(Notice.kind == "report.issued")
    ).all()
    assert list(told) == [office.manager.id]


@pytest.mark.covers("A4", "b34")
def test_the_sheet_that_was_signed_gets_its_pdf_by_the_job_once(app):
    office = Auditing()
    audit = an_audit(office)
    sheet = build_audit_report(PRINTING, a_report())
    sha256 = installation().store.put(sheet)
    with unit_of_work(office.lead_person, now=MONDAY) as work:
        report = issue_report(
            work,
            work.fresh(audit),
            WORDS,
            printed=BroughtFile(sha256, "bao-cao.docx", len(sheet), DOCX, "", ""),
            digest=digest_of([]),
            proof=a_proof(office.lead_person),
            seen=None,
        )
    store, workshop = installation().store, app.extensions["nenep.workshop"]
    assert rendition_of(db.session(), sha256) is None
    assert draw_reports(db.session(), store, workshop) == 1
    assert draw_reports(db.session(), store, workshop) == 0
    made = rendition_of(db.session(), report.docx_sha256)
    assert store.path(made.sha256).read_bytes()[:5] == b"%PDF-"
    assert made.pages >= 1
