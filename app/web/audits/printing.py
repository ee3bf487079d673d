"""Printed forms of audits: who prints for whom, the file handed out, and that it was (9.25)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body
from app.kernel.work import unit_of_work
from app.web.audits.plan_papers import PARTS
from app.web.body_address import shown_body
from app.web.formats import as_date
from app.web.guard import requires, signed_in, standing
from audits.auditor_register import auditor_of, taken_part
from audits.models import Auditor, EntryKind, TeamMember
from audits.permissions import AuditPermission
from forms.paper.auditor_record import AuditLine, AuditorRecord, RecordLine, print_auditor_record
from forms.paper.catalogue import Printing
from forms.paper.layout import DOCX

bp = Blueprint("audit_paper", __name__)


def printing_of(body: Body) -> Printing:
    """Say whose sheet it is, who prints it, and when."""
    above = body.overseer
    now = datetime.now(UTC).astimezone(ZoneInfo(body.time_zone))
    return Printing(body.name, above.name if above is not None else "", signed_in().name, now)


def given(content: bytes, name: str, *, what: str, count: int) -> Response:
    """Answer with a Word file, after telling that it was taken away."""
    body = shown_body()
    with unit_of_work(signed_in()) as work:
        work.record_outside(KernelFact.EXPORTED, "audit", what=what, count=count, body=body.code)
    answer = Response(content, mimetype=DOCX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return answer


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
