"""Findings: the list, one of them, writing, the unit's answer, the lead's decision (b27-b31)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.organisation import Unit
from app.kernel.work import Work, unit_of_work
from app.web.audits.history import history_of
from app.web.body_address import shown_body
from app.web.documents.pages import whole
from app.web.guard import may_now, must, requires, signed_in, standing
from app.web.page import at_field, done, page
from audits.finding import (
    FindingData,
    change_finding,
    data_from,
    decide_finding,
    respond,
    send_findings,
    settle_claim,
    withdraw_finding,
    write_finding,
)
from audits.finding_register import FindingFilter, answers_of, finding_of
from audits.finding_register import findings as findings_of_body
from audits.models import (
    Answer,
    Audit,
    Clause,
    Finding,
    FindingGrade,
    FindingState,
    LeadDecision,
    ProgrammeStandard,
    Standard,
)
from audits.permissions import AuditPermission, answers_in_place_of
from audits.recurrence import found_elsewhere
from audits.register import audit_of
from documents.models import Confidentiality, Document
from forms.screen.finding import DecisionForm, FindingForm, ResponseForm

bp = Blueprint("findings", __name__)
_KEPT = ("grade", "state", "unit", "clause", "year")


@bp.get("/findings")
@requires(AuditPermission.LIST_FINDINGS)
def listing() -> ResponseReturnValue:
    """List the findings one may see, across audits; the filter stands in the address."""
    body, grade = shown_body(), request.args.get("grade", "")
    unit_id = whole(request.args.get("unit"))
    wanted = FindingFilter(
        grade=next((one for one in FindingGrade if str(one) == grade), None),
        open_only=request.args.get("state") == "open",
        unit_id=unit_id,
        clause=request.args.get("clause", "").strip()[:40],
        year=whole(request.args.get("year")),
    )
    before = whole(request.args.get("before"))
    found = findings_of_body(db.session(), standing(), body, wanted, before=before)
    unit = db.session.get(Unit, unit_id) if unit_id else None
    return page(
        "audits/findings.html",
        found=found,
        pills=_pills(wanted),
        wanted=wanted,
        unit=unit if unit is not None and unit.body_id == body.id else None,
        older=_address(before=found.before) if found.before else None,
        without_unit=_address(unit=""),
    )


def _address(**changed: Any) -> str:
    kept = {name: request.args.get(name, "")[:40] for name in _KEPT}
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return url_for("findings.listing") + (f"?{query}" if query else "")


def _pills(wanted: FindingFilter) -> list[dict[str, Any]]:
    every = wanted.grade is None and not wanted.open_only
    return [
        {"label": gettext("All"), "url": _address(grade="", state=""), "current": every},
        {
            "label": gettext("Not decided yet"),
            "url": _address(grade="", state="open"),
            "current": wanted.open_only,
        },
        *(
            {
                "label": gettext(one.label),
                "url": _address(grade=one, state=""),
                "current": wanted.grade is one,
            }
            for one in FindingGrade
        ),
    ]


def _audit(number: str) -> Audit:
    return audit_of(db.session(), standing(), shown_body().id, number[:40])


@bp.route("/audits/<number>/findings/new", methods=["GET", "POST"])
@requires(AuditPermission.WRITE_FINDING)
def add(number: str) -> ResponseReturnValue:
    """Write a finding down that comes from no line of the checklist."""
    audit = _audit(number)
    must(AuditPermission.WRITE_FINDING, audit)
    form, status = _offer(FindingForm(), audit), 200
    if not form.is_submitted():
        form.grade.data = str(FindingGrade.MINOR)
        form.unit.data = audit.units[0].unit_id if audit.units else None
    elif not form.validate():
        status = 422
    else:
        try:
            with unit_of_work(signed_in()) as work:
                fresh = work.fresh(audit)
                made = write_finding(work, fresh, _data(work, form)).number
            said = gettext("%(number)s is written down.", number=made)
            return done(said, to=url_for("findings.show", number=made))
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
    return page("audits/finding_form.html", status=status, form=form, audit=audit, found=None)


@bp.post("/audits/<number>/findings/from/<int:answer_id>")
@requires(AuditPermission.WRITE_FINDING)
def from_line(number: str, answer_id: int) -> ResponseReturnValue:
    """Make a finding of a line in one step: its notes, its clause, its evidence (b28)."""
    audit = _audit(number)
    must(AuditPermission.WRITE_FINDING, audit)
    answer = db.session.get(Answer, answer_id)
    if answer is None or answer.question.checklist.audit_id != audit.id:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        fresh = work.fresh(audit)
        made = write_finding(work, fresh, data_from(work.fresh(answer), fresh)).number
    return done(
        gettext("%(number)s is written down.", number=made),
        to=url_for("findings.show", number=made),
    )


def _offer(form: FindingForm, audit: Audit) -> FindingForm:
    """Fill the lists to choose from: audited units, clauses of the criteria, lines, procedures."""
    session = db.session()
    form.unit.choices = [SelectChoice(str(one.unit_id), one.unit.name) for one in audit.units]
    asked = sa.select(ProgrammeStandard.standard_id).where(
        ProgrammeStandard.programme_id == audit.programme_id
    )
    clauses = session.execute(
        sa.select(Clause.id, Clause.number, Clause.title, Standard.name)
        .join(Standard, Standard.id == Clause.standard_id)
        .where(Clause.standard_id.in_(asked))
        .order_by(Standard.id, Clause.position)
    ).all()
    named = [SelectChoice(str(key), f"{no} {title} ({name})") for key, no, title, name in clauses]
    form.clause.choices = [SelectChoice("", gettext("not chosen yet")), *named]
    form.others.choices = named
    form.answers.choices = [
        SelectChoice(str(one.id), f"{one.question.text[:90]} – {gettext(one.grade.label)}")
        for one in answers_of(session, audit)
        if one.grade is not None
    ]
    readable = [
        one.document
        for one in audit.procedures
        if one.document.confidentiality is not Confidentiality.NAMED
    ]
    form.document.choices = [
        SelectChoice("", gettext("none")),
        *(SelectChoice(str(one.id), f"{one.code} {one.title}") for one in readable),
    ]
    return form


def _data(work: Work, form: FindingForm) -> FindingData:
    session = work.session
    clause_id, document_id = whole(form.clause.data), whole(form.document.data)
    others, answers = form.others.data or [], form.answers.data or []
    return FindingData(
        unit=session.get(Unit, form.unit.data) if form.unit.data else None,
        statement=form.statement.data or "",
        grade=form.grade.coded,
        clause=session.get(Clause, clause_id) if clause_id else None,
        others=list(session.scalars(sa.select(Clause).where(Clause.id.in_(others)))),
        evidence=form.evidence.data or "",
        document=session.get(Document, document_id) if document_id else None,
        answers=list(session.scalars(sa.select(Answer).where(Answer.id.in_(answers)))),
    )


def _finding(number: str) -> Finding:
    return finding_of(db.session(), standing(), shown_body().id, number[:60])


@bp.get("/findings/<number>")
@requires(AuditPermission.SEE_FINDING)
def show(number: str) -> ResponseReturnValue:
    """Show one finding: what was found on which evidence, the unit's word, the lead's decision."""
    return _page(_finding(number))


def _page(found: Finding, status: int = 200, **given: Any) -> ResponseReturnValue:
    session, on = db.session(), standing().on
    answer = given.get("answer") or ResponseForm(formdata=None, prefix="answer-", obj=found)
    decide = given.get("decide") or DecisionForm(formdata=None, prefix="decide-", obj=found)
    if "decide" not in given:
        decide.reason.data = ""
    decide.grade.choices = grades_beside(found)
    may_decide = may_now(AuditPermission.DECIDE_FINDING, found)
    may_answer = may_now(AuditPermission.ANSWER_FINDING, found) and found.respond_obstacle() is None
    sees_programme = may_now(AuditPermission.SEE_PROGRAMME, found)
    other = found_elsewhere(session, found, shown_body(), on) if found.systemic_claim else []
    return page(
        "audits/finding.html",
        status=status,
        found=found,
        audit=found.audit,
        forms={"answer": answer, "decide": decide},
        is_wrong=bool(answer.errors or decide.errors),
        may_answer=may_answer,
        answers_for=_instead_of(found) if may_answer else "",
        may_decide=may_decide and found.counts and found.decide_obstacle(on) is None,
        may_withdraw=may_decide and found.counts and not found.audit.is_reported,
        may_settle=may_decide and found.counts and not found.audit.is_reported,
        may_write=may_now(AuditPermission.WRITE_FINDING, found) and found.write_obstacle() is None,
        elsewhere=[one for one in other if may_now(AuditPermission.SEE_FINDING, one)],
        told=history_of(finding={found.id}) if sees_programme else [],
        states=FindingState,
    )


def _instead_of(found: Finding) -> str:
    person = answers_in_place_of(standing(), found.unit_id)
    return person.name if person is not None else ""


def grades_beside(found: Finding) -> list[SelectChoice]:
    """Give the grades a finding has not, to choose from."""
    return [
        SelectChoice("", gettext("the same")),
        *(SelectChoice(str(one), gettext(one.label)) for one in FindingGrade if one != found.grade),
    ]


@bp.route("/findings/<number>/edit", methods=["GET", "POST"])
@requires(AuditPermission.WRITE_FINDING)
def edit(number: str) -> ResponseReturnValue:
    """Change a finding's words until the unit has answered."""
    found = _finding(number)
    must(AuditPermission.WRITE_FINDING, found)
    audit = _audit(found.audit.number)
    if obstacle := found.write_obstacle():
        raise obstacle
    form, status = _offer(FindingForm(), audit), 200
    if not form.is_submitted():
        _filled(form, found)
    elif not form.validate():
        status = 422
    else:
        try:
            with unit_of_work(signed_in()) as work:
                fresh = work.fresh(found)
                change_finding(work, fresh, _data(work, form), seen=form.row_version.data)
            said = gettext("The finding is changed.")
            return done(said, to=url_for("findings.show", number=found.number))
        except (InvalidInput, RuleBroken, Stale) as refused:
            status = at_field(form, refused)
            found = _finding(number)
            form.row_version.data = found.row_version
    return page("audits/finding_form.html", status=status, form=form, audit=audit, found=found)


def _filled(form: FindingForm, found: Finding) -> None:
    form.row_version.data = found.row_version
    form.unit.data, form.grade.data = found.unit_id, str(found.grade)
    form.statement.data, form.evidence.data = found.statement, found.evidence
    form.clause.data = str(found.clause_id or "")
    form.document.data = str(found.document_id or "")
    form.others.data = [one.clause_id for one in found.others]
    form.answers.data = [one.answer_id for one in found.answers]


@bp.post("/audits/<number>/findings/sending")
@requires(AuditPermission.DECIDE_FINDING)
def send(number: str) -> ResponseReturnValue:
    """Make the findings known to their units, which answer within some working days."""
    audit = _audit(number)
    must(AuditPermission.DECIDE_FINDING, audit)
    with unit_of_work(signed_in()) as work:
        count = send_findings(work, work.fresh(audit))
    return done(
        gettext("%(count)s findings are made known to their units.", count=count),
        to=url_for("reports.show", number=audit.number),
    )


@bp.post("/findings/<number>/response")
@requires(AuditPermission.ANSWER_FINDING)
def answer(number: str) -> ResponseReturnValue:
    """Take the unit's word on a finding."""
    found, form = _finding(number), ResponseForm(prefix="answer-")
    must(AuditPermission.ANSWER_FINDING, found)
    if not form.validate_on_submit():
        return _page(found, 422, answer=form)
    try:
        with unit_of_work(signed_in()) as work:
            respond(
                work,
                work.fresh(found),
                form.response.coded,
                words=form.words.data or "",
                seen=form.row_version.data,
            )
    except (InvalidInput, RuleBroken, Stale) as refused:
        found, status = _finding(number), at_field(form, refused)
        form.row_version.data = found.row_version
        return _page(found, status, answer=form)
    return done(
        gettext("The answer of the unit is recorded; the team was told."),
        to=url_for("findings.show", number=found.number),
    )


@bp.post("/findings/<number>/decision")
@requires(AuditPermission.DECIDE_FINDING)
def decide(number: str) -> ResponseReturnValue:
    """Uphold a finding, give it another grade, or withdraw it; each with a reason."""
    found, form = _finding(number), DecisionForm(prefix="decide-")
    must(AuditPermission.DECIDE_FINDING, found)
    form.grade.choices = grades_beside(found)
    if not form.validate_on_submit():
        return _page(found, 422, decide=form)
    try:
        with unit_of_work(signed_in()) as work:
            _decided(work, found, form)
    except (InvalidInput, RuleBroken, Stale) as refused:
        found, status = _finding(number), at_field(form, refused)
        form.row_version.data = found.row_version
        return _page(found, status, decide=form)
    return done(gettext("The decision is recorded."), to=_back(found))


def _decided(work: Work, found: Finding, form: DecisionForm) -> None:
    fresh, reason, seen = work.fresh(found), form.reason.data or "", form.row_version.data
    if request.form.get("answer") == "withdraw":
        withdraw_finding(work, fresh, reason=reason, seen=seen)
        return
    grade = next((one for one in FindingGrade if str(one) == form.grade.data), None)
    decision = LeadDecision.UPHOLD if grade is None else LeadDecision.REGRADE
    decide_finding(work, fresh, decision, reason=reason, grade=grade, seen=seen)


def _back(found: Finding) -> str:
    if request.form.get("back") == "report":
        return url_for("reports.show", number=found.audit.number)
    return url_for("findings.show", number=found.number)


@bp.post("/findings/<number>/claims")
@requires(AuditPermission.DECIDE_FINDING)
def settle(number: str) -> ResponseReturnValue:
    """Confirm or refuse what the system proposed: that it repeats one, that it is systemic."""
    found, said = _finding(number), request.form.get("answer", "")
    must(AuditPermission.DECIDE_FINDING, found)
    acts: dict[str, Callable[[Work], None]] = {
        "repeats": lambda work: settle_claim(work, work.fresh(found), repeat=True),
        "new": lambda work: settle_claim(work, work.fresh(found), repeat=False),
        "systemic": lambda work: settle_claim(work, work.fresh(found), systemic=True),
        "single": lambda work: settle_claim(work, work.fresh(found), systemic=False),
    }
    if said not in acts:
        raise NotFound()
    with unit_of_work(signed_in()) as work:
        acts[said](work)
    return done(gettext("Noted."), to=_back(found))
