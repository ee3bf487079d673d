"""Printed forms of audits: who prints for whom, the file handed out, and that it was (9.25)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body
from app.kernel.work import unit_of_work
from app.web.audits.loading import body_of_audit, found_audit
from app.web.audits.plan_papers import (
    PARTS,
    audit_plan,
    minutes_paper,
    programme_paper,
    team_decision,
)
from app.web.body_address import shown_body
from app.web.formats import as_date
from app.web.guard import requires, signed_in, standing
from audits.auditor_register import auditor_of, taken_part
from audits.meeting import meeting_of
from audits.models import Audit, Auditor, EntryKind, MeetingKind, TeamMember
from audits.permissions import AuditPermission
from audits.register import programme_of
from forms.paper.audit_plan import build_audit_plan
from forms.paper.audit_programme import build_programme
from forms.paper.audit_team import build_team_decision
from forms.paper.auditor_record import AuditLine, AuditorRecord, RecordLine, print_auditor_record
from forms.paper.catalogue import Printing
from forms.paper.layout import DOCX
from forms.paper.meeting_minutes import build_minutes

bp = Blueprint("audit_paper", __name__)


def printing_of(body: Body) -> Printing:
    """Say whose sheet it is, who prints it, and when."""
    above = body.overseer
    now = datetime.now(UTC).astimezone(ZoneInfo(body.time_zone))
    return Printing(body.name, above.name if above is not None else "", signed_in().name, now)


def given(content: bytes, name: str, *, what: str, count: int) -> Response:
    """Answer with a Word file, after telling that it was taken away."""
    tell_taken(what, count)
    answer = Response(content, mimetype=DOCX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return answer


def tell_taken(what: str, count: int) -> None:
    """Tell that something was taken away."""
    body = shown_body()
    with unit_of_work(signed_in()) as work:
        work.record_outside(KernelFact.EXPORTED, "audit", what=what, count=count, body=body.code)


@bp.post("/auditors/<number>/record")
@requires(AuditPermission.SEE_AUDITOR)
def auditor_record(number: str) -> ResponseReturnValue:
    """Print an auditor's record (9.25)."""
    body = shown_body()
    found = auditor_of(db.session(), standing(), body.id, number[:20])
    content = print_auditor_record(printing_of(body), record_of(found))
    return given(content, f"ho-so-{found.number.lower()}", what="auditor", count=1)


def record_of(found: Auditor) -> AuditorRecord:
    """Give an auditor's record as it is printed."""
    person = found.person
    unit = found.organisation if person is None else person.home_unit.name
    since, until = as_date(found.qualified_from), as_date(found.qualified_until)
    said = [f"từ {since}" if since else "", f"đến {until}" if until else "không thời hạn"]
    return AuditorRecord(
        number=found.number,
        name=found.shown_name,
        unit=unit if person is None or not found.is_invited else f"{unit}, {person.body.name}",
        post=person.post if person is not None else "",
        may="Trưởng đoàn, đánh giá viên" if found.may_lead else "Đánh giá viên",
        fields=", ".join(found.fields),
        qualified=", ".join(part for part in said if part),
        courses=_lines(found, EntryKind.COURSE),
        assessments=_lines(found, EntryKind.ASSESSMENT),
        audits=tuple(_audit_line(one) for one in taken_part(db.session(), found)),
    )


@bp.post("/audits/<number>/papers/<kind>")
@requires(AuditPermission.SEE_AUDIT)
def of_audit(number: str, kind: str) -> ResponseReturnValue:
    """Print a paper of an audit: decision on its team, plan, minutes of a meeting."""
    found = found_audit(number)
    body = body_of_audit(found)
    content = _paper(body, found, kind)
    return given(content, f"{kind}-{found.number.lower()}", what=kind, count=1)


def _paper(body: Body, found: Audit, kind: str) -> bytes:
    session = db.session()
    if kind == "team_decision":
        return build_team_decision(team_decision(session, body, found))
    if kind == "audit_plan":
        return build_audit_plan(audit_plan(session, body, found))
    which = {f"{one}_minutes": one for one in MeetingKind}.get(kind)
    meeting = meeting_of(found, which) if which is not None else None
    if meeting is None:
        raise NotFound()
    return build_minutes(minutes_paper(body, meeting))


@bp.post("/programmes/<int:year>/paper")
@requires(AuditPermission.SEE_PROGRAMME)
def of_programme(year: int) -> ResponseReturnValue:
    """Print the programme of a year."""
    body = shown_body()
    found = programme_of(db.session(), standing(), body, year)
    if found is None:
        raise NotFound()
    content = build_programme(programme_paper(db.session(), body, found))
    return given(content, f"chuong-trinh-danh-gia-{year}", what="audit_programme", count=1)


def _audit_line(member: TeamMember) -> AuditLine:
    audit = member.audit
    days = dict.fromkeys((as_date(audit.first_on), as_date(audit.last_on)))
    return AuditLine(audit.number, audit.unit_names, " - ".join(days), PARTS[member.part])


def _lines(found: Auditor, kind: EntryKind) -> tuple[RecordLine, ...]:
    return tuple(
        RecordLine(one.held_on, one.title, one.certificate)
        for one in found.entries
        if one.kind is kind
    )
