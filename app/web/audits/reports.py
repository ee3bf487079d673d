"""The report of an audit: written, signed, issued once; what follows it (screen 21; A4, A9)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.work import unit_of_work
from app.web.audits.history import history_of
from app.web.audits.printing import given, printing_of, tell_taken
from app.web.audits.report_paper import paper_of
from app.web.body_address import shown_body
from app.web.documents.serving import DAMAGED
from app.web.documents.uploads import take_in
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from app.web.page import words as words_said
from app.web.signing import proof_of
from audits.finding_register import findings_of, last_time, lines_without_finding
from audits.models import (
    SCORES,
    Audit,
    AuditReport,
    Finding,
    FindingGrade,
    FindingState,
    LeadDecision,
)
from audits.models.report import QUESTIONS
from audits.permissions import AuditPermission
from audits.rating import has_rated, rate_audit, rating_obstacle, ratings_of
from audits.register import audit_of
from audits.report_following import (
    AmendmentData,
    add_signed_copy,
    amend_report,
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
from forms.paper.audit_report import build_audit_report, build_conclusion_notice
from forms.paper.layout import DOCX
from forms.screen.finding import (
    AmendmentForm,
    IssueForm,
    RatingForm,
    ReceiptForm,
    RegistrationForm,
    ReportWordsForm,
    SignedReportForm,
)

bp = Blueprint("reports", __name__)


def _audit(number: str) -> Audit:
    found = audit_of(db.session(), standing(), shown_body().id, number[:40])
    if not may_now(AuditPermission.SEE_REPORT, found):
        raise NotFound()
    return found


@bp.get("/audits/<number>/report")
@requires(AuditPermission.SEE_REPORT)
def show(number: str) -> ResponseReturnValue:
    """Show the report: findings in order, wording beside the notes, what is missing."""
    return _page(_audit(number))


def _page(found: Audit, status: int = 200, **shown: Any) -> ResponseReturnValue:
    session, on = db.session(), standing().on
    findings = findings_of(session, found)
    report = found.written_report
    forms = _forms(found, report, findings, shown)
    may_write = may_now(AuditPermission.WRITE_FINDING, found) and not found.is_reported
    may_sign = may_now(AuditPermission.DECIDE_FINDING, found)
    words = _typed(forms["words"]) if may_write else words_of(report)
    missing = [] if found.is_reported else hindrances_to_issue(found, findings, words, on)
    typed_last = [one for one in missing if one.finding is not None or not _of_words(one)]
    return page(
        "audits/report.html",
        status=status,
        found=found,
        report=report,
        findings=findings,
        forms=forms,
        is_wrong=any(form.errors for form in forms.values()),
        opened=next((name for name, form in forms.items() if form.errors), ""),
        missing=typed_last,
        compared=last_time(session, found, findings),
        lines=lines_without_finding(session, found) if may_write else [],
        drafts=sum(one.state is FindingState.DRAFT for one in findings),
        may_write=may_write,
        may_sign=may_sign,
        may_register=may_now(AuditPermission.LEAD_AUDIT, found),
        pdf=rendition_of(session, report.docx_sha256)
        if report is not None and report.docx_sha256
        else None,
        receiving=_receiving(found, report),
        grades=list(FindingGrade),
        questions=QUESTIONS,
        words_of=words_said,
        told=history_of(audit_report={report.id})
        if report is not None and may_now(AuditPermission.SEE_PROGRAMME, found)
        else [],
        **_rated(found),
    )


def _of_words(hindrance: Any) -> bool:
    return "conclusions" in hindrance.why.text.casefold()


def _rated(found: Audit) -> dict[str, Any]:
    session = db.session()
    asked = may_now(AuditPermission.RATE_AUDIT, found) and not rating_obstacle(found, signed_in())
    keeps = found.is_reported and may_now(AuditPermission.KEEP_PROGRAMME, found)
    return {
        "may_rate": asked and not has_rated(session, found, signed_in()),
        "ratings": ratings_of(session, found) if keeps else None,
    }


def _forms(
    found: Audit, report: AuditReport | None, findings: list[Finding], shown: dict[str, Any]
) -> dict[str, Any]:
    words = shown.get("words")
    if words is None:
        words = IssueForm(formdata=None, prefix="words-", obj=report)
        words.row_version.data = report.row_version if report is not None else None
    amend = shown.get("amend") or AmendmentForm(formdata=None, prefix="amend-")
    _offer(amend, findings)
    return {
        "words": words,
        "register": shown.get("register") or RegistrationForm(formdata=None, prefix="register-"),
        "receipt": shown.get("receipt") or ReceiptForm(formdata=None, prefix="receipt-"),
        "rating": shown.get("rating") or RatingForm(formdata=None, prefix="rating-"),
        "amend": amend,
        "paper": shown.get("paper") or SignedReportForm(formdata=None),
    }


def _offer(form: AmendmentForm, findings: list[Finding]) -> None:
    form.finding.choices = [
        SelectChoice("", gettext("none")),
        *(SelectChoice(str(one.id), one.number) for one in findings if one.counts),
    ]
    form.change.choices = [
        SelectChoice("", gettext("not at all")),
        SelectChoice("withdraw", gettext(LeadDecision.WITHDRAW.label)),
        *(SelectChoice(str(one), gettext(one.label)) for one in FindingGrade),
    ]


def _receiving(found: Audit, report: AuditReport | None) -> list[Unit]:
    """Give the units whose receipt is open and for which the viewer answers."""
    if report is None or not report.is_issued:
        return []
    answered = {one.unit_id for one in report.receipts}
    return [
        one.unit
        for one in found.units
        if one.unit_id not in answered and may_now(AuditPermission.ANSWER_FINDING, one.unit)
    ]


def _typed(form: ReportWordsForm) -> ReportData:
    return ReportData(
        form.conclusions.data or "",
        form.comparison.data or "",
        form.causes.data or "",
        form.demands.data or "",
        form.due_on.data,
    )


def _to(found: Audit) -> str:
    return url_for("reports.show", number=found.number)


@bp.post("/audits/<number>/report")
@requires(AuditPermission.WRITE_FINDING)
def write(number: str) -> ResponseReturnValue:
    """Save the words of the report."""
    found, form = _audit(number), ReportWordsForm(prefix="words-")
    must(AuditPermission.WRITE_FINDING, found)
    if not form.validate_on_submit():
        return _page(found, 422, words=_again(form))
    try:
        with unit_of_work(signed_in()) as work:
            write_report(work, work.fresh(found), _typed(form), seen=form.row_version.data)
    except (InvalidInput, RuleBroken, Stale) as refused:
        again = _again(form)
        return _page(_audit(number), at_field(again, refused), words=again)
    return done(gettext("The report is saved."), to=_to(found))


def _again(form: ReportWordsForm) -> IssueForm:
    """Show what was typed again in the form that can be signed."""
    again = IssueForm(formdata=None, prefix="words-")
    for name in ("conclusions", "comparison", "causes", "demands", "due_on", "row_version"):
        again[name].data = form[name].data
        again[name].errors = form[name].errors
    return again


@bp.post("/audits/<number>/report/issue")
@requires(AuditPermission.DECIDE_FINDING)
def issue(number: str) -> ResponseReturnValue:
    """Sign the report and give it out, once; the sheet that is signed is kept as printed."""
    found, form = _audit(number), IssueForm(prefix="words-")
    must(AuditPermission.DECIDE_FINDING, found)
    if not form.validate_on_submit():
        return _page(found, 422, words=form)
    try:
        proof = proof_of(form)
        findings, words = findings_of(db.session(), found), _typed(form)
        for hindrance in hindrances_to_issue(found, findings, words, standing().on):
            raise hindrance.why
        digest = digest_of(findings)
        printed = _printed(found, findings, words)
        with unit_of_work(signed_in()) as work:
            issue_report(
                work,
                work.fresh(found),
                words,
                printed=printed,
                digest=digest,
                proof=proof,
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        return _page(_audit(number), at_field(form, refused), words=form)
    return done(gettext("The report is issued. The units and the team were told."), to=_to(found))


def _printed(found: Audit, findings: list[Finding], words: ReportData) -> BroughtFile:
    """Print the sheet and put it into the store before anything names it."""
    values = paper_of(found, findings, words, on=standing().on)
    content = build_audit_report(printing_of(shown_body()), values)
    name = f"bao-cao-{found.number.lower()}.docx"
    sha256 = installation().store.put(content)
    return BroughtFile(sha256, name, len(content), DOCX, "", "")


@bp.post("/audits/<number>/report/sheet")
@requires(AuditPermission.SEE_REPORT)
def sheet(number: str) -> ResponseReturnValue:
    """Hand out a sheet: as it would be printed now, or as it was signed; or the notice."""
    found, wanted = _audit(number), request.form.get("what", "")
    report, name = found.written_report, found.number.lower()
    findings = findings_of(db.session(), found)
    if wanted == "notice" and report is not None and report.is_issued:
        values = paper_of(found, findings, words_of(report), report, on=standing().on)
        content = build_conclusion_notice(printing_of(shown_body()), values)
        return given(content, f"thong-bao-{name}", what="conclusion notice", count=1)
    if wanted == "draft" and not found.is_reported:
        values = paper_of(found, findings, words_of(report), on=standing().on)
        content = build_audit_report(printing_of(shown_body()), values)
        return given(content, f"du-thao-bao-cao-{name}", what="audit report", count=1)
    kept = _kept(report, wanted)
    if kept is None:
        raise NotFound()
    sha256, ending, kind = kept
    if installation().store.digest_of(sha256) != sha256:
        raise RuleBroken(DAMAGED)
    path = installation().store.path(sha256)
    tell_taken("audit report", 1)
    return send_file(
        path,
        mimetype=kind,
        as_attachment=True,
        download_name=f"bao-cao-{name}{ending}",
        conditional=False,
        etag=False,
    )


def _kept(report: AuditReport | None, wanted: str) -> tuple[str, str, str] | None:
    if report is None or report.docx_sha256 is None:
        return None
    if wanted == "docx":
        return report.docx_sha256, ".docx", DOCX
    if wanted == "signed" and report.signed_sha256:
        ending = "." + report.signed_file_name.rpartition(".")[2]
        return report.signed_sha256, ending, "application/octet-stream"
    made = rendition_of(db.session(), report.docx_sha256)
    if wanted == "pdf" and made is not None and made.sha256:
        return made.sha256, ".pdf", "application/pdf"
    return None


@bp.post("/audits/<number>/report/receipt")
@requires(AuditPermission.ANSWER_FINDING)
def receive(number: str) -> ResponseReturnValue:
    """Confirm for a unit that the report arrived, or refuse it with the reason."""
    found, form = _audit(number), ReceiptForm(prefix="receipt-")
    wanted = request.form.get("unit", "")
    unit = next((one.unit for one in found.units if str(one.unit_id) == wanted), None)
    if unit is None:
        raise NotFound()
    must(AuditPermission.ANSWER_FINDING, unit)
    if not form.validate_on_submit():
        return _page(found, 422, receipt=form)
    refused = form.reason.data or "" if request.form.get("answer") == "refuse" else None
    try:
        with unit_of_work(signed_in()) as work:
            receive_report(work, work.fresh(found), work.fresh(unit), refused=refused)
    except (InvalidInput, RuleBroken) as problem:
        return _page(_audit(number), at_field(form, problem), receipt=form)
    return done(gettext("Noted; the team was told."), to=_to(found))


@bp.post("/audits/<number>/report/registration")
@requires(AuditPermission.LEAD_AUDIT)
def register(number: str) -> ResponseReturnValue:
    """Add number and day of the registry, once."""
    found, form = _audit(number), RegistrationForm(prefix="register-")
    must(AuditPermission.LEAD_AUDIT, found)
    if not form.validate_on_submit():
        return _page(found, 422, register=form)
    try:
        with unit_of_work(signed_in()) as work:
            register_report(
                work,
                work.fresh(found),
                number=form.registry_number.data or "",
                on=form.registered_on.data,
            )
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), register=form)
    return done(gettext("Number and day are entered."), to=_to(found))


@bp.post("/audits/<number>/report/copy")
@requires(AuditPermission.LEAD_AUDIT)
def copy(number: str) -> ResponseReturnValue:
    """Keep the copy that was signed on paper, once."""
    found, form = _audit(number), SignedReportForm()
    must(AuditPermission.LEAD_AUDIT, found)
    if not form.validate_on_submit():
        return _page(found, 422, paper=form)
    try:
        brought, _reading = take_in(form.file.data)
        with unit_of_work(signed_in()) as work:
            add_signed_copy(work, work.fresh(found), brought)
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), paper=form)
    return done(gettext("The signed copy is kept."), to=_to(found))


@bp.post("/audits/<number>/report/amendment")
@requires(AuditPermission.DECIDE_FINDING)
def amend(number: str) -> ResponseReturnValue:
    """Correct an issued report by a signed amendment; what was issued stays."""
    found, form = _audit(number), AmendmentForm(prefix="amend-")
    must(AuditPermission.DECIDE_FINDING, found)
    findings = findings_of(db.session(), found)
    _offer(form, findings)
    if not form.validate_on_submit():
        return _page(found, 422, amend=form)
    changed = next((one for one in findings if str(one.id) == form.finding.data), None)
    grade = next((one for one in FindingGrade if str(one) == form.change.data), None)
    decision = LeadDecision.REGRADE if grade is not None else None
    if form.change.data == "withdraw":
        decision = LeadDecision.WITHDRAW
    try:
        proof = proof_of(form)
        with unit_of_work(signed_in()) as work:
            data = AmendmentData(
                form.reason.data or "",
                form.text.data or "",
                work.fresh(changed) if changed is not None else None,
                decision,
                grade,
            )
            amend_report(work, work.fresh(found), data, proof=proof)
    except (InvalidInput, RuleBroken) as refused:
        return _page(_audit(number), at_field(form, refused), amend=form)
    return done(gettext("The amendment is signed; the report stays as it was."), to=_to(found))


@bp.post("/audits/<number>/rating")
@requires(AuditPermission.RATE_AUDIT)
def rate(number: str) -> ResponseReturnValue:
    """Say as somebody of an audited unit how the audit was."""
    found, form = _audit(number), RatingForm(prefix="rating-")
    must(AuditPermission.RATE_AUDIT, found)
    if not form.validate_on_submit():
        return _page(found, 422, rating=form)
    scores = {name: int(form[name].data) for name in SCORES}
    with unit_of_work(signed_in()) as work:
        rate_audit(work, work.fresh(found), scores, comment=form.comment.data or "")
    return done(gettext("Thank you. Only averages are shown, never who gave them."), to=_to(found))
