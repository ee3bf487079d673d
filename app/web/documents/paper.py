"""Registers and requests as printed forms and spreadsheets; taking one away is told (9.1-9.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app.kernel.calendar import today_of
from app.kernel.coded import N_, Coded
from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body, Unit
from app.kernel.permissions import Standing
from app.kernel.work import unit_of_work
from app.web.administration.settings import own_body
from app.web.body_address import shown_body
from app.web.documents.change_request import read_filters as change_filters
from app.web.documents.master_list import XLSX, conditions_of
from app.web.documents.master_list import read_filters as list_filters
from app.web.documents.own_forms import for_distribution, for_laws, for_records, on_form
from app.web.documents.records import read_filters as record_filters
from app.web.formats import as_date
from app.web.guard import must, requires, signed_in, standing
from documents import readers, register
from documents.change_register import change
from documents.copy_register import every_copy
from documents.master_list import Row, everything
from documents.models import (
    ChangeRequest,
    ChangeState,
    ControlledCopy,
    CopyKind,
    DisposalMethod,
    Document,
    QualityRecord,
    Revision,
    TemplatePurpose,
)
from documents.permissions import DocumentPermission, sees_whole_distribution
from documents.printed_registers import approved_on, codes_citing, every_change, every_law, read_at
from documents.records import every_record, ways_disposed
from forms.paper.catalogue import Printing
from forms.paper.change_request import ChangePaper, build_change_list, print_change_request
from forms.paper.distribution_list import (
    DistributionLine,
    DistributionPaper,
    build_distribution_list,
    print_distribution_list,
)
from forms.paper.external_register import (
    ExternalLine,
    build_external_register,
    print_external_register,
)
from forms.paper.layout import DOCX
from forms.paper.printed_master_list import MasterListLine, print_master_list
from forms.paper.record_list import RecordLine, print_record_list

bp = Blueprint("paper", __name__)
MOST_ON_PAPER = 2_000  # lines of one printed list: some 150 sheets
TOO_LONG = N_(
    "This list has more than %(most)s lines, too many for one printed form. Narrow it by unit or "
    "kind, or take the spreadsheet."
)


def _printing(body: Body) -> Printing:
    above = body.overseer
    now = datetime.now(UTC).astimezone(ZoneInfo(body.time_zone))
    return Printing(body.name, above.name if above is not None else "", signed_in().name, now)


def _given(content: bytes, kind: str, name: str, *, what: str, count: int) -> Response:
    """Answer with a file, after telling that it was taken away."""
    body = shown_body()
    with unit_of_work(signed_in()) as work:
        work.record_outside(KernelFact.EXPORTED, "document", what=what, count=count, body=body.code)
    answer = Response(content, mimetype=kind)
    ending = "xlsx" if kind == XLSX else "docx"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe}.{ending}"'
    return answer


def _word(value: Coded) -> str:
    """Give a coded value in the language of printed forms."""
    with force_locale("vi"):
        return str(gettext(value.label))


def _day(body: Body, moment: datetime | None) -> date | None:
    return today_of(body, moment) if moment is not None else None


# --- 9.1


@bp.post("/documents/paper")
@requires(DocumentPermission.EXPORT_REGISTER)
def master_list() -> ResponseReturnValue:
    """Give the master list as a printed form: exactly what is shown."""
    filters, body = list_filters(request.args), shown_body()
    rows = everything(db.session(), standing(), body.id, filters, today=standing().on)
    if len(rows) > MOST_ON_PAPER:
        raise RuleBroken(TOO_LONG, most=MOST_ON_PAPER)
    lines = master_list_lines(db.session(), body, rows)
    with force_locale("vi"):
        narrowed = " · ".join(conditions_of(filters, body.id))
    content = print_master_list(_printing(body), lines, narrowed=narrowed)
    name = f"danh-muc-tai-lieu-{standing().on:%Y-%m-%d}"
    return _given(content, DOCX, name, what="master_list", count=len(rows))


def master_list_lines(session: Session, body: Body, rows: list[Row]) -> tuple[MasterListLine, ...]:
    """Give the lines of the master list as they are printed."""
    keys = [row.current.id for row in rows if row.current is not None]
    approved = approved_on(session, keys)
    return tuple(_listed(body, row, approved) for row in rows)


def _listed(body: Body, row: Row, approved: dict[int, datetime]) -> MasterListLine:
    document, current, coming = row.document, row.current, row.coming
    shown = current or row.cancelled or coming
    return MasterListLine(
        code=document.code or "",
        title=document.title,
        kind=_word(document.kind),
        edition=shown.label if shown is not None else "",
        approved_on=_day(body, approved.get(current.id)) if current is not None else None,
        effective_on=_day(body, current.effective_at) if current is not None else None,
        unit=document.lead_unit.name,
        state=_word(shown.state) if shown is not None else "",
        remark=f"{coming.label} {_word(coming.state)}" if current and coming else "",
    )


# --- 9.2


def law_lines(session: Session, held: Standing, body: Body) -> tuple[ExternalLine, ...]:
    """Give the lines of the register of external documents as they are printed."""
    cited = codes_citing(session, held, body.id)
    return tuple(
        ExternalLine(
            number=law.number,
            subject=law.subject,
            issuer=law.issuer,
            issued_on=law.issued_on,
            in_force_on=law.in_force_on,
            state=_word(law.state),
            replaced_by=law.changed_by.number if law.changed_by is not None else "",
            procedures=cited.get(law.id, ()),
        )
        for law in every_law(session, body.id)
    )


@bp.post("/external/paper")
@requires(DocumentPermission.READ_EXTERNAL)
def external_register() -> ResponseReturnValue:
    """Give the register of external documents as a printed form."""
    lines = law_lines(db.session(), standing(), shown_body())
    if len(lines) > MOST_ON_PAPER:
        raise RuleBroken(TOO_LONG, most=MOST_ON_PAPER)
    body = shown_body()
    content = on_form(
        TemplatePurpose.EXTERNAL_REGISTER,
        body,
        lambda: for_laws(lines, body, standing().on),
        lambda: print_external_register(_printing(body), lines),
    )
    name = f"danh-muc-ben-ngoai-{standing().on:%Y-%m-%d}"
    return _given(content, DOCX, name, what="external_register", count=len(lines))


@bp.post("/external/export")
@requires(DocumentPermission.READ_EXTERNAL)
def external_sheet() -> ResponseReturnValue:
    """Give the same register as a spreadsheet."""
    lines = law_lines(db.session(), standing(), shown_body())
    content = build_external_register(_printing(shown_body()), lines)
    name = f"danh-muc-ben-ngoai-{standing().on:%Y-%m-%d}"
    return _given(content, XLSX, name, what="external_register", count=len(lines))


# --- 9.3


@bp.post("/changes/<number>/paper")
@requires(DocumentPermission.LIST_CHANGES)
def change_request(number: str) -> ResponseReturnValue:
    """Give one request as its printed form."""
    found = change(db.session(), standing(), shown_body().id, number[:40])
    content = print_change_request(_printing(shown_body()), change_paper(found, shown_body()))
    return _given(content, DOCX, found.number, what="change_request", count=1)


@bp.post("/registers/changes")
@requires(DocumentPermission.LIST_CHANGES)
def change_list() -> ResponseReturnValue:
    """Give the requests that are listed as a spreadsheet."""
    body = shown_body()
    found = every_change(db.session(), standing(), body.id, change_filters())
    papers = tuple(change_paper(one, body) for one in found)
    content = build_change_list(_printing(body), papers)
    name = f"yeu-cau-sua-doi-{standing().on:%Y-%m-%d}"
    return _given(content, XLSX, name, what="change_list", count=len(papers))


def change_paper(found: ChangeRequest, body: Body) -> ChangePaper:
    """Give a request as it is printed."""
    accepted = {ChangeState.REJECTED: False, ChangeState.OPEN: None, ChangeState.PARKED: None}
    law = found.external
    return ChangePaper(
        number=found.number,
        asked_on=_day(body, found.asked_at),
        asked_by=found.asked_by.name,
        unit=found.asked_by.home_unit.name,
        sort="☐ Ban hành mới    ☒ Sửa đổi    ☐ Hủy bỏ",
        documents=tuple(
            f"{item.document.code or ''} {item.document.title}".strip() for item in found.items
        ),
        passages=tuple(item.passage for item in found.items if item.passage),
        reason=found.reason,
        source=_word(found.source),
        impact=found.impact,
        law=f"{law.number} {law.subject}".strip() if law is not None else "",
        state=_word(found.state),
        is_accepted=accepted.get(found.state, True),
        decision_reason=found.decision_reason,
        owner=found.owner.name if found.owner is not None else "",
        due_on=found.due_on,
        decided_by=found.decided_by.name if found.decided_by is not None else "",
        decided_on=_day(body, found.decided_at),
    )


# --- 9.4


def _distribution(document_id: int) -> DistributionPaper:
    document = register.document_by_id(db.session(), standing(), document_id)
    must(DocumentPermission.SEE_COPIES, document)
    return distribution_paper(db.session(), standing(), document)


def distribution_paper(session: Session, held: Standing, document: Document) -> DistributionPaper:
    """Give who got a document as it is printed."""
    copies = every_copy(session, document)
    current = register.effective_revision(session, document)
    read = read_at(session, {copy.revision_id for copy in copies})
    lines = [_copy_line(document, copy, read) for copy in copies]
    if current is not None:
        sees = sees_whole_distribution(held, document)
        lines += _on_screen(session, document, current, held.on) if sees else []
    return DistributionPaper(
        code=document.code or "",
        title=document.title,
        edition=current.label if current is not None else "",
        lines=tuple(lines),
    )


def _copy_line(
    document: Document, copy: ControlledCopy, read: dict[tuple[int, int], datetime]
) -> DistributionLine:
    old = copy.replaces
    came_back = old is not None and old.ended_on is not None
    return DistributionLine(
        number=copy.label,
        edition=copy.revision.label,
        where=f"{copy.unit.name}: {copy.place}",
        form="Giấy, niêm yết" if copy.kind is CopyKind.NOTICE else "Giấy",
        given_on=copy.handed_over_on,
        given_by=copy.issued_by.name,
        received_by=copy.holder.name,
        read=as_date(_day(document.body, read.get((copy.revision_id, copy.holder_id)))),
        old_copy=f"{old.label}, {as_date(old.ended_on)}" if came_back and old is not None else "",
        state=_word(copy.state),
    )


def _on_screen(
    session: Session, document: Document, current: Revision, on: date
) -> list[DistributionLine]:
    """Give a line for each unit that reads it on screen, to whoever sees the distribution."""
    distribution = current.distribution
    if distribution is None or not distribution.is_asking:
        return []
    given = _day(document.body, current.effective_at)
    return [
        DistributionLine(
            number="",
            edition=current.label,
            where=bar.unit.name,
            form="Điện tử",
            given_on=distribution.asked_on or given,
            given_by="",
            received_by="",
            read=f"{bar.confirmed}/{bar.asked} người",
            old_copy="",
            state="",
        )
        for bar in readers.bars(session, distribution, on)
    ]


@bp.post("/copies/of/<int:document_id>/paper")
@requires(DocumentPermission.SEE_COPIES)
def distribution_list(document_id: int) -> ResponseReturnValue:
    """Give who got a document as a printed form."""
    paper = _distribution(document_id)
    body = shown_body()
    content = on_form(
        TemplatePurpose.DISTRIBUTION_LIST,
        body,
        lambda: for_distribution(paper, body, standing().on),
        lambda: print_distribution_list(_printing(body), paper),
    )
    name = f"phan-phoi-{paper.code}"
    return _given(content, DOCX, name, what="distribution_list", count=len(paper.lines))


@bp.post("/copies/of/<int:document_id>/export")
@requires(DocumentPermission.SEE_COPIES)
def distribution_sheet(document_id: int) -> ResponseReturnValue:
    """Give the same list as a spreadsheet."""
    paper = _distribution(document_id)
    content = build_distribution_list(_printing(shown_body()), paper)
    name = f"phan-phoi-{paper.code}"
    return _given(content, XLSX, name, what="distribution_list", count=len(paper.lines))


# --- 9.6


@bp.post("/records/paper")
@requires(DocumentPermission.LIST_RECORDS)
def record_list() -> ResponseReturnValue:
    """Give the list of records as a printed form: exactly what is shown."""
    session, filters = db.session(), record_filters()
    found = every_record(session, standing(), filters, most=MOST_ON_PAPER + 1)
    if len(found) > MOST_ON_PAPER:
        raise RuleBroken(TOO_LONG, most=MOST_ON_PAPER)
    lines = record_lines(session, found)
    unit = session.get(Unit, filters.unit_id) if filters.unit_id is not None else None
    narrowed = " · ".join(
        filter(
            None,
            (
                filters.text,
                unit.name if unit is not None and unit.body_id == standing().body_id else "",
                "Đã tiêu hủy" if filters.disposed else "",
            ),
        )
    )
    body = own_body()
    content = on_form(
        TemplatePurpose.RECORD_LIST,
        body,
        lambda: for_records(lines, body, standing().on, narrowed=narrowed),
        lambda: print_record_list(_printing(body), lines, narrowed=narrowed),
    )
    name = f"danh-muc-ho-so-{standing().on:%Y-%m-%d}"
    return _given(content, DOCX, name, what="record_list", count=len(lines))


def record_lines(session: Session, found: list[QualityRecord]) -> tuple[RecordLine, ...]:
    """Give the lines of the list of records as they are printed."""
    ways = ways_disposed(session, {one.id for one in found})
    return tuple(_record_line(one, ways.get(one.id)) for one in found)


def _record_line(found: QualityRecord, went: DisposalMethod | None) -> RecordLine:
    return RecordLine(
        title=found.title,
        number=found.number,
        period=found.period,
        form_code=found.form_code,
        unit=found.unit.name,
        has_file=found.sha256 is not None,
        keep_years=found.keep_years,
        keep_until=found.keep_until,
        place=found.place,
        disposal=_word(went) if went is not None else "",
    )
