"""Every printed form of the product, a line each: what it is called and how one is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.kernel.organisation import Body
from app.kernel.permissions import Standing
from app.web.audits.plan_papers import audit_plan, minutes_paper, programme_paper, team_decision
from app.web.audits.printing import record_of
from app.web.documents.disposal_minutes import minutes_paper as disposal_paper
from app.web.documents.paper import (
    MOST_ON_PAPER,
    change_paper,
    distribution_paper,
    law_lines,
    master_list_lines,
    record_lines,
)
from app.web.documents.scope import declaration_of
from audits.auditor_register import auditor_of
from audits.meeting import meeting_of
from audits.models import (
    AgendaItem,
    Audit,
    AuditMeeting,
    Auditor,
    AuditState,
    MeetingKind,
    Programme,
)
from audits.register import audit_of, programme_of
from documents.change_register import change
from documents.disposing import disposal_by_number
from documents.master_list import Filters, everything
from documents.models import ChangeRequest, ControlledCopy, Disposal, DisposalState, Document
from documents.records import RecordFilters, every_record
from documents.register import document
from documents.scope import approved_scope, scope_of
from forms.paper import catalogue
from forms.paper.audit_plan import build_audit_plan
from forms.paper.audit_programme import build_programme
from forms.paper.audit_team import build_team_decision
from forms.paper.auditor_record import print_auditor_record
from forms.paper.catalogue import Printing
from forms.paper.change_request import print_change_request
from forms.paper.declaration import build_declaration
from forms.paper.disposal_minutes import build_disposal_minutes
from forms.paper.distribution_list import print_distribution_list
from forms.paper.external_register import print_external_register
from forms.paper.meeting_minutes import build_minutes
from forms.paper.printed_master_list import print_master_list
from forms.paper.record_list import print_record_list


@dataclass(frozen=True)
class Desk:
    """Whose papers are printed, as seen by whom, at which moment."""

    session: Session
    body: Body
    held: Standing
    now: datetime

    @property
    def printing(self) -> Printing:
        """Say whose sheet it is and that the command printed it."""
        overseer = self.body.overseer
        at = self.now.astimezone(ZoneInfo(self.body.time_zone))
        return Printing(self.body.name, overseer.name if overseer else "", "lệnh nenep", at)

    def one(self, query: Any) -> Any:
        """Give the first of what is asked for."""
        return self.session.scalars(query.limit(1)).first()


@dataclass(frozen=True)
class PrintedForm:
    """One form; `decree30` is the type by which its layout is checked, none for other sheets."""

    kind: str
    title: str
    decree30: str | None
    example: Callable[[Desk], str | None]
    build: Callable[[Desk, str], bytes]


# --- lists of a body: the record is the body's own code


def _body(desk: Desk) -> str:
    return desk.body.code


def _own(desk: Desk, record: str) -> None:
    if record.casefold() != desk.body.code.casefold():
        raise NotFound()


def _master_list(desk: Desk, record: str) -> bytes:
    _own(desk, record)
    rows = everything(desk.session, desk.held, desk.body.id, Filters(), today=desk.held.on)
    lines = master_list_lines(desk.session, desk.body, rows[:MOST_ON_PAPER])
    return print_master_list(desk.printing, lines)


def _external_register(desk: Desk, record: str) -> bytes:
    _own(desk, record)
    lines = law_lines(desk.session, desk.held, desk.body)[:MOST_ON_PAPER]
    return print_external_register(desk.printing, lines)


def _record_list(desk: Desk, record: str) -> bytes:
    _own(desk, record)
    found = every_record(desk.session, desk.held, RecordFilters(), most=MOST_ON_PAPER)
    return print_record_list(desk.printing, record_lines(desk.session, found))


# --- one record by its number or code


def _change_number(desk: Desk) -> str | None:
    query = sa.select(ChangeRequest).where(ChangeRequest.body_id == desk.body.id)
    found = desk.one(query.order_by(ChangeRequest.id))
    return found.number if found is not None else None


def _change(desk: Desk, record: str) -> bytes:
    found = change(desk.session, desk.held, desk.body.id, record)
    return print_change_request(desk.printing, change_paper(found, desk.body))


def _copied_code(desk: Desk) -> str | None:
    query = (
        sa.select(Document)
        .join(ControlledCopy, ControlledCopy.document_id == Document.id)
        .where(Document.body_id == desk.body.id)
    )
    found = desk.one(query.order_by(Document.code_sort, Document.id))
    return found.code if found is not None else None


def _distribution(desk: Desk, record: str) -> bytes:
    found = document(desk.session, desk.held, record, body_id=desk.body.id)
    paper = distribution_paper(desk.session, desk.held, found)
    return print_distribution_list(desk.printing, paper)


def _disposal_number(desk: Desk) -> str | None:
    query = sa.select(Disposal).where(
        Disposal.body_id == desk.body.id, Disposal.state == DisposalState.CARRIED_OUT
    )
    found = desk.one(query.order_by(Disposal.id))
    return found.number if found is not None else None


def _disposal(desk: Desk, record: str) -> bytes:
    found = disposal_by_number(desk.session, desk.held, desk.body.id, record)
    if found.state is not DisposalState.CARRIED_OUT:
        raise NotFound()
    return build_disposal_minutes(disposal_paper(found))


def _scope_version(desk: Desk) -> str | None:
    found = approved_scope(desk.session, desk.body.id)
    return str(found.version) if found is not None else None


def _declaration(desk: Desk, record: str) -> bytes:
    found = scope_of(desk.session, desk.body.id, _whole(record))
    return build_declaration(declaration_of(desk.session, desk.held, desk.body, found))


def _whole(record: str) -> int:
    if not record.isascii() or not record.isdigit() or len(record) > 6:
        raise NotFound()
    return int(record)


# --- audits


def _auditor_number(desk: Desk) -> str | None:
    query = sa.select(Auditor).where(Auditor.body_id == desk.body.id)
    found = desk.one(query.order_by(Auditor.id))
    return found.number if found is not None else None


def _auditor(desk: Desk, record: str) -> bytes:
    found = auditor_of(desk.session, desk.held, desk.body.id, record)
    return print_auditor_record(desk.printing, record_of(found))


def _programme_year(desk: Desk) -> str | None:
    query = sa.select(Programme).where(Programme.body_id == desk.body.id)
    found = desk.one(query.order_by(Programme.year.desc()))
    return str(found.year) if found is not None else None


def _programme(desk: Desk, record: str) -> bytes:
    found = programme_of(desk.session, desk.held, desk.body, _whole(record))
    if found is None:
        raise NotFound()
    return build_programme(programme_paper(desk.session, desk.body, found))


def audit_number(desk: Desk) -> str | None:
    """Give an audit that shows most: one that was announced, with an agenda where there is one."""
    has_agenda = sa.exists().where(AgendaItem.audit_id == Audit.id)
    query = sa.select(Audit).where(
        Audit.body_id == desk.body.id,
        Audit.from_on.is_not(None),
        Audit.state != AuditState.CANCELLED,
    )
    found = desk.one(
        query.order_by(has_agenda.desc(), Audit.announced_at.is_(None), Audit.id.desc())
    )
    return found.number if found is not None else None


def audit_by_number(desk: Desk, record: str) -> Audit:
    """Give an audit by the number that was typed."""
    return audit_of(desk.session, desk.held, desk.body.id, record)


def _decision(desk: Desk, record: str) -> bytes:
    return build_team_decision(
        team_decision(desk.session, desk.body, audit_by_number(desk, record))
    )


def _plan(desk: Desk, record: str) -> bytes:
    return build_audit_plan(audit_plan(desk.session, desk.body, audit_by_number(desk, record)))


def _met(kind: MeetingKind) -> Callable[[Desk], str | None]:
    def number(desk: Desk) -> str | None:
        query = (
            sa.select(Audit)
            .join(AuditMeeting, AuditMeeting.audit_id == Audit.id)
            .where(Audit.body_id == desk.body.id, AuditMeeting.kind == kind)
        )
        found = desk.one(query.order_by(AuditMeeting.notes == "", Audit.id))
        return found.number if found is not None else None

    return number


def _minutes(kind: MeetingKind) -> Callable[[Desk, str], bytes]:
    def build(desk: Desk, record: str) -> bytes:
        meeting = meeting_of(audit_by_number(desk, record), kind)
        if meeting is None:
            raise NotFound()
        return build_minutes(minutes_paper(desk.body, meeting))

    return build


_OPENING, _CLOSING = MeetingKind.OPENING, MeetingKind.CLOSING
# a form is known to `nenep paper` once it has its line here; PL: a sheet that goes with a procedure
FORMS: Final[tuple[PrintedForm, ...]] = (
    PrintedForm("master_list", catalogue.MASTER_LIST.title, "PL", _body, _master_list),
    PrintedForm(
        "external_register", catalogue.EXTERNAL_REGISTER.title, "PL", _body, _external_register
    ),
    PrintedForm("record_list", catalogue.RECORD_LIST.title, "PL", _body, _record_list),
    PrintedForm("change_request", catalogue.CHANGE_REQUEST.title, "PL", _change_number, _change),
    PrintedForm(
        "distribution_list", catalogue.DISTRIBUTION_LIST.title, "PL", _copied_code, _distribution
    ),
    PrintedForm("disposal_minutes", "Biên bản tiêu hủy", "BB", _disposal_number, _disposal),
    PrintedForm("declaration", "Quyết định công bố hợp chuẩn", "QD", _scope_version, _declaration),
    PrintedForm("auditor_record", catalogue.AUDITOR_RECORD.title, "PL", _auditor_number, _auditor),
    PrintedForm("audit_programme", "Chương trình đánh giá", "CTR", _programme_year, _programme),
    PrintedForm("team_decision", "Quyết định lập đoàn đánh giá", "QD", audit_number, _decision),
    PrintedForm("audit_plan", "Kế hoạch đánh giá", "KH", audit_number, _plan),
    PrintedForm(
        "opening_minutes", "Biên bản họp khai mạc", "BB", _met(_OPENING), _minutes(_OPENING)
    ),
    PrintedForm(
        "closing_minutes", "Biên bản họp kết thúc", "BB", _met(_CLOSING), _minutes(_CLOSING)
    ),
)
