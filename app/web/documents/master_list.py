"""The master list: browse, filter, print, export (screen 4; a3, a60, e15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app.kernel.calendar import today_of
from app.kernel.coded import Coded
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.organisation import Body, UnitLine, unit_lines
from app.kernel.permissions import may
from app.kernel.work import unit_of_work
from app.web.body_address import shown_body
from app.web.documents.given import sentence_of_mark
from app.web.documents.links import link_to, link_to_revision
from app.web.formats import local_now
from app.web.fragments import drawn, kept_for_reader
from app.web.guard import requires, signed_in, standing
from app.web.page import page
from documents import register
from documents.adoption_register import marks
from documents.master_list import (
    Filters,
    Row,
    SortBy,
    everything,
    listed,
)
from documents.models import Confidentiality, DocumentKind, RevisionState, TemplatePurpose
from documents.permissions import READS_BODY, READS_UNIT, DocumentPermission
from documents.translation import lags_of
from documents.word_template import is_in_use
from forms.paper.master_list import MasterListSheet, build_master_list

bp = Blueprint("documents", __name__)
ABOVE = "above"  # in the address: only what higher bodies published
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/documents")
@requires(DocumentPermission.LIST)
def master_list() -> ResponseReturnValue:
    """Show the master list."""
    body, today = shown_body(), _today()
    filters = read_filters(request.args)
    shown = listed(
        db.session(),
        standing(),
        body.id,
        filters,
        today=today,
        after_id=_number(request.args.get("after")),
        before_id=_number(request.args.get("before")),
    )
    units = unit_lines(db.session(), body.id, today)
    front = "" if body.id == signed_in().body_id else f"/b/{body.code}"
    is_counted = shown.by_unit is not None and not filters.is_given  # these are of other units
    counts = tuple((shown.by_unit or {}).items()) if is_counted else None
    given = _given(shown.rows)
    return page(
        "documents/master_list.html",
        part="documents/_master_list.html",
        rows=_with_lags(_without_keepers(shown.rows, given)),
        front=front,
        given=given,
        day=local_now().date(),
        listed=shown,
        filters=filters,
        columns=_columns(filters),
        tree=_tree(tuple(units), counts, filters),
        unit=next((unit for unit in units if unit.id == filters.unit_id), None),
        pills=_pills(filters, is_in_charge(), shown.has_given),
        removals=_removals(filters, units),
        kinds=tuple(DocumentKind),
        levels=tuple(Confidentiality),
        previous=_address(filters, before=shown.before_id) if shown.before_id else None,
        following=_address(filters, after=shown.after_id) if shown.after_id else None,
        whole_list=_address(Filters()),
        all_units=_address(filters, unit=None),
        own_form=body.id == standing().body_id
        and is_in_use(db.session(), body.id, TemplatePurpose.MASTER_LIST),
        query_of=_query(filters),
        carried=_carried(filters),
        units=tuple(units),
        body=body,
        may_open=may(standing(), DocumentPermission.OPEN_DOCUMENT)
        and body.id == standing().body_id,
    )


@bp.get("/documents/<int:document_id>")
@requires(DocumentPermission.READ_EFFECTIVE)
def by_number(document_id: int) -> ResponseReturnValue:
    """Lead from a document's number to its page, or to its first draft while it has no code."""
    found = register.document_by_id(db.session(), standing(), document_id)
    if found.code is not None:
        return redirect(link_to(found))
    return page(
        "documents/unnumbered.html",
        document=found,
        revisions=_readable(found),
        revision_url=link_to_revision,
    )


@bp.get("/documents/print")
@requires(DocumentPermission.LIST)
def printed() -> ResponseReturnValue:
    """Show the list as it is printed on A4."""
    filters = read_filters(request.args)
    body = shown_body()
    rows = everything(db.session(), standing(), body.id, filters, today=_today())
    return page(
        "documents/master_list_print.html",
        rows=rows,
        of=_from_above(rows),
        filters=filters,
        conditions=_conditions(filters, unit_lines(db.session(), body.id)),
        body_name=body.name,
        printed_by=signed_in().name,
        printed_at=datetime.now(UTC),
    )


@bp.post("/documents/export")
@requires(DocumentPermission.EXPORT_REGISTER)
def export() -> ResponseReturnValue:
    """Give exactly what is shown as a spreadsheet; taking it away is a fact."""
    filters = read_filters(request.args)
    body = shown_body()
    rows = everything(db.session(), standing(), body.id, filters, today=_today())
    of = _from_above(rows)
    sheet = MasterListSheet(
        title=gettext("Master list of documents"),
        remark=" · ".join([body.name, *_conditions(filters, unit_lines(db.session(), body.id))]),
        columns=_sheet_columns(filters),
        rows=tuple(_sheet_row(row, filters, of) for row in rows),
    )
    content = build_master_list(sheet)
    with unit_of_work(signed_in()) as work:
        work.record_outside(
            KernelFact.EXPORTED, "document", what="master_list", count=len(rows), body=body.code
        )
    answer = Response(content, mimetype=XLSX)
    name = f"danh-muc-tai-lieu-{local_now():%Y-%m-%d}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def read_filters(values: Mapping[str, str]) -> Filters:
    """Take filters from an address; what is not one of ours is left out."""
    return Filters(
        kind=_coded(DocumentKind, values.get("kind")),
        unit_id=_number(values.get("unit")),
        state=_coded(RevisionState, values.get("state")),
        confidentiality=_coded(Confidentiality, values.get("for")),
        is_overdue=values.get("review") == "overdue",
        is_given=values.get("from") == ABOVE,
        text=" ".join(values.get("q", "")[:200].split()),
        sort=_coded(SortBy, values.get("sort")) or SortBy.CODE,
        is_descending=values.get("order") == "down",
    )


def is_in_charge() -> bool:
    """Say whether the viewer sees documents on their way, beyond their own."""
    return standing().has(*READS_UNIT, *READS_BODY)


def _coded(kind: type[Any], value: str | None) -> Any:
    return next((member for member in kind if str(member) == value), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _today() -> Any:
    return today_of(shown_body(), datetime.now(UTC))


def _query(filters: Filters, **changes: Any) -> str:
    values = {
        "q": filters.text,
        "kind": filters.kind,
        "unit": filters.unit_id,
        "state": filters.state,
        "for": filters.confidentiality,
        "review": "overdue" if filters.is_overdue else None,
        "from": ABOVE if filters.is_given else None,
        "sort": filters.sort if filters.sort is not SortBy.CODE else None,
        "order": "down" if filters.is_descending else None,
        **changes,
    }
    return urlencode({name: str(value) for name, value in values.items() if value})


def _address(filters: Filters, **changes: Any) -> str:
    query = _query(filters, **changes)
    return request.script_root + "/documents" + (f"?{query}" if query else "")


def _carried(filters: Filters) -> tuple[tuple[str, str], ...]:
    """Give what the form of filters carries along without showing it."""
    kept = {
        "state": filters.state,
        "review": "overdue" if filters.is_overdue else None,
        "from": ABOVE if filters.is_given else None,
        "sort": filters.sort if filters.sort is not SortBy.CODE else None,
        "order": "down" if filters.is_descending else None,
    }
    return tuple((name, str(value)) for name, value in kept.items() if value)


@dataclass(frozen=True)
class Given:
    """What a line of a higher body's document says of itself, and where its address begins."""

    of: str
    front: str


def _given(rows: list[Row]) -> dict[int, Given]:
    """Give for the lines of higher bodies whose they are (O4); nothing in most lists."""
    others = _from_above(rows)
    found = {}
    for row in rows:
        if row.document.id in others:
            body = db.session.get_one(Body, row.document.body_id)
            found[row.document.id] = Given(others[row.document.id], f"/of/{body.code}")
    return found


def _without_keepers(rows: list[Row], given: dict[int, Given]) -> list[Row]:
    """Leave out who keeps a document of another body: nobody here knows them."""
    if not given:
        return rows
    return [
        row._replace(document=row.document._replace(keeper=None))
        if row.document.id in given
        else row
        for row in rows
    ]


def _from_above(rows: list[Row]) -> dict[int, str]:
    body_id = shown_body().id
    given = [row.document.id for row in rows if row.document.body_id != body_id]
    found = marks(db.session(), body_id, given)
    return {key: sentence_of_mark(mark) for key, mark in found.items()}


@dataclass(frozen=True)
class Column:
    """The head of one column: its words, the address that sorts by it, how it is sorted now."""

    label: str
    sort: str | None = None
    direction: str | None = None
    number: bool = False
    hidden: bool = False


def _with_lags(rows: list[Row]) -> list[Row]:
    """Say of translations among the rows how far they are behind their originals (D16)."""
    followers = [row.current.id for row in rows if row.current and row.current.follows_id]
    if not followers:
        return rows
    lags = lags_of(db.session(), followers)
    return [
        row._replace(behind=lags[row.current.id].behind)
        if row.current is not None and row.current.id in lags
        else row
        for row in rows
    ]


@kept_for_reader(256)
def _columns(filters: Filters) -> tuple[Column, ...]:
    def column(label: str, by: SortBy | None = None) -> Column:
        if by is None:
            return Column(label)
        active = filters.sort is by
        turn = "down" if active and not filters.is_descending else None
        direction = ("descending" if filters.is_descending else "ascending") if active else None
        by_this = _address(filters, sort=by if by is not SortBy.CODE else None, order=turn)
        return Column(label, by_this, direction)

    last = (
        column(gettext("Reason"))
        if filters.state is RevisionState.CANCELLED
        else column(gettext("Next review"), SortBy.REVIEW)
    )
    return (
        column(gettext("Code"), SortBy.CODE),
        column(gettext("Title"), SortBy.TITLE),
        column(gettext("Edition")),
        column(gettext("State")),
        column(gettext("Effective since"), SortBy.EFFECTIVE),
        last,
        column(gettext("Lead unit, keeper"), SortBy.UNIT),
    )


@kept_for_reader(128)
def _tree(
    units: tuple[UnitLine, ...], counted: tuple[tuple[int, int], ...] | None, filters: Filters
) -> Markup:
    """Draw the units with how many documents stand at or below each, where counted."""
    counts = None if counted is None else dict(counted)
    front = _address(filters, unit=None, **{"from": None})  # units are one's own
    front += "&" if "?" in front else "?"
    children: dict[int | None, list[UnitLine]] = {}
    known = {unit.id for unit in units}
    for unit in units:
        above = unit.parent_id if unit.parent_id in known else None
        children.setdefault(above, []).append(unit)

    def node(unit: UnitLine) -> dict[str, Any]:
        below = [node(child) for child in children.get(unit.id, [])]
        count = None
        if counts is not None:
            count = counts.get(unit.id, 0) + sum(child["count"] for child in below)
        is_current = filters.unit_id == unit.id
        return {
            "label": unit.name,
            "url": f"{front}unit={unit.id}",
            "count": count,
            "current": is_current,
            "open": unit.parent_id is None or any(c["current"] or c["open"] for c in below),
            "children": below,
        }

    nodes = [node(unit) for unit in children.get(None, [])]
    return drawn("components/tree.html", "tree", gettext("Lead units"), nodes)


@kept_for_reader(256)
def _pills(filters: Filters, in_charge: bool, has_given: bool) -> Markup | str:
    """Draw the states as filters, and what comes from above where there is any (O4).

    Staff have no states: what is in force is all they see.
    """
    every = {"state": None, "review": None, "from": None}
    states = [s for s in RevisionState if s is not RevisionState.OBSOLETE] if in_charge else []
    is_plain = not filters.is_overdue and not filters.is_given
    pills = [
        {
            "label": label,
            "url": _address(filters, **{**every, "state": state}),
            "current": filters.state is state and is_plain,
        }
        for label, state in [
            (gettext("All"), None),
            *((gettext(state.label), state) for state in states),
        ]
    ]
    if in_charge:
        pills.append(
            {
                "label": gettext("Review overdue"),
                "url": _address(filters, **{**every, "review": "overdue"}),
                "current": filters.is_overdue and not filters.is_given,
                "icon": "clock",
            }
        )
    if has_given or filters.is_given:
        pills.append(
            {
                "label": gettext("Of higher bodies"),
                "url": _address(filters, unit=None, **{**every, "from": ABOVE}),
                "current": filters.is_given,
                "icon": "up",
            }
        )
    if len(pills) == 1:
        return ""
    return drawn("components/pills.html", "pills", gettext("State"), pills)


def _removals(filters: Filters, units: list[UnitLine]) -> list[dict[str, str]]:
    """Give every active filter with the address that takes it off: none acts unseen."""
    found = []
    named: list[tuple[str, Coded | None]] = [
        ("kind", filters.kind),
        ("state", filters.state if not is_in_charge() else None),
        ("for", filters.confidentiality),
    ]
    for name, value in named:
        if value is not None:
            address = _address(filters, **{name: None})
            found.append({"label": gettext(value.label), "url": address})
    if filters.text:
        found.append({"label": f"“{filters.text}”", "url": _address(filters, q=None)})
    for unit in units:
        if unit.id == filters.unit_id:
            found.append({"label": unit.name, "url": _address(filters, unit=None)})
    return found


def conditions_of(filters: Filters, body_id: int) -> list[str]:
    """Say in words which part of a body's list a filter leaves."""
    return _conditions(filters, unit_lines(db.session(), body_id))


def _conditions(filters: Filters, units: list[UnitLine]) -> list[str]:
    """Say in words what the list was narrowed to, for paper and spreadsheets."""
    found = [
        gettext(value.label)
        for value in (filters.kind, filters.state, filters.confidentiality)
        if value is not None
    ]
    found += [unit.name for unit in units if unit.id == filters.unit_id]
    if filters.is_overdue:
        found.append(gettext("Review overdue"))
    if filters.is_given:
        found.append(gettext("Of higher bodies"))
    if filters.text:
        found.append(f"“{filters.text}”")
    return found


def _sheet_columns(filters: Filters) -> tuple[tuple[str, int], ...]:
    last = [(gettext("Reason"), 40)] if filters.state is RevisionState.CANCELLED else []
    return (
        (gettext("Code"), 16),
        (gettext("Title"), 48),
        (gettext("Kind"), 20),
        (gettext("Edition"), 10),
        (gettext("State"), 18),
        (gettext("On its way"), 22),
        (gettext("Effective since"), 14),
        (gettext("Next review"), 14),
        (gettext("Lead unit"), 30),
        (gettext("Keeper"), 24),
        (gettext("Who may read it"), 24),
        *last,
    )


def _sheet_row(row: Row, filters: Filters, of: dict[int, str]) -> tuple[Any, ...]:
    document, current, coming = row.document, row.current, row.coming
    on_its_way = f"{coming.label} {gettext(coming.state.label)}" if coming is not None else ""
    reason = [row.cancelled.cancel_reason if row.cancelled else ""]
    state = current.state if current else row.cancelled.state if row.cancelled else None
    return (
        document.code or "",
        document.title,
        gettext(document.kind.label),
        current.label if current else "",
        gettext(state.label) if state else "",
        on_its_way,
        _local_day(current.effective_at) if current else None,
        document.next_review_on,
        " · ".join(filter(None, (document.lead_unit.name, of.get(document.id)))),
        document.keeper.name if document.keeper and document.id not in of else "",
        gettext(document.confidentiality.label),
        *(reason if filters.state is RevisionState.CANCELLED else []),
    )


def _local_day(moment: datetime | None) -> Any:
    return today_of(shown_body(), moment) if moment is not None else None


def _readable(document: Any) -> list[Any]:
    return [
        revision
        for revision in document.revisions
        if may(standing(), DocumentPermission.READ_REVISION, revision)
    ]
