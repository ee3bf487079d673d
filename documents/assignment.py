"""Keeping the assignment matrix: by hand and from a spreadsheet (ISO 9001:2015, 5.3; rule O5)."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Body, Unit
from app.kernel.row_import import (
    ImportResult,
    Outcome,
    Row,
    RowImport,
    Wrong,
    day_in,
    head_of,
    need_columns,
)
from app.kernel.search import code_key, fold, nfc
from app.kernel.work import Work
from documents.facts import DocumentFact
from documents.models import (
    Assignment,
    AssignmentKind,
    AssignmentUnit,
    Document,
)
from documents.permissions import DocumentPermission
from documents.visibility import visible

COLUMNS = (
    *("ma", "ten", "loai", "linh_vuc", "don_vi_chu_tri", "don_vi_phoi_hop", "ma_tai_lieu"),
    *("tu_ngay", "den_ngay", "co_quan_co_tham_quyen", "uy_quyen_tu", "uy_quyen_den"),
)
_ALIASES = {
    "ma_thu_tuc": "ma",
    "ma_tthc": "ma",
    "ma_so": "ma",
    "ten_thu_tuc": "ten",
    "ten_thu_tuc_hanh_chinh": "ten",
    "ten_tthc": "ten",
    "chuc_nang,_nhiem_vu": "ten",
    "don_vi": "don_vi_chu_tri",
    "chu_tri": "don_vi_chu_tri",
    "phoi_hop": "don_vi_phoi_hop",
    "quy_trinh": "ma_tai_lieu",
    "tai_lieu": "ma_tai_lieu",
    "ngay_hieu_luc": "tu_ngay",
    "hieu_luc_tu": "tu_ngay",
    "hieu_luc_den": "den_ngay",
    "tham_quyen": "co_quan_co_tham_quyen",
}
_FUNCTIONS = ("function", "chuc nang", "nhiem vu", "chuc nang, nhiem vu")


@dataclass(frozen=True)
class AssignmentData:
    """What is said of one function or procedure."""

    kind: AssignmentKind
    code: str
    name: str
    valid_from: date | None
    lead_unit: Unit | None = None
    others: tuple[Unit, ...] = ()
    document: Document | None = None
    procedure_field: str = ""
    legal_owner: str = ""
    valid_until: date | None = None
    delegated_from: date | None = None
    delegated_until: date | None = None


def add_assignment(work: Work, body: Body, data: AssignmentData) -> Assignment:
    """Put a function or procedure into the matrix."""
    work.require(DocumentPermission.KEEP_ASSIGNMENTS, body)
    work.fresh(body)  # of two who add the same code the second is told
    row = Assignment(body_id=body.id)
    _put(work, row, data)
    work.add(row)
    work.record(DocumentFact.ASSIGNED, row, **_links(row))
    return row


def change_assignment(work: Work, row: Assignment, data: AssignmentData) -> None:
    """Change who does what, or until when; the trail keeps what stood there."""
    work.require(DocumentPermission.KEEP_ASSIGNMENTS, row)
    work.fresh(work.actor.body)
    before = _links(row)
    _put(work, row, data)
    after = _links(row)
    if work.has_changed(row) or before != after:
        work.record(DocumentFact.ASSIGNMENT_CHANGED, row, **after)


def _links(row: Assignment) -> dict[str, list[str]]:
    return {"coordinating": sorted(one.unit.code for one in row.others)}


def _put(work: Work, row: Assignment, data: AssignmentData) -> None:
    code, name = " ".join(nfc(data.code).split()), " ".join(nfc(data.name).split())
    _check(data, code, name)
    _check_units(row.body_id, data)
    first = data.valid_from or work.today
    row.kind = data.kind
    row.give_name(code, name)
    row.valid_from, row.valid_until = first, data.valid_until
    row.procedure_field = " ".join(nfc(data.procedure_field).split())[:200]
    row.legal_owner = " ".join(nfc(data.legal_owner).split())[:250]
    row.delegated_from, row.delegated_until = data.delegated_from, data.delegated_until
    row.lead_unit = data.lead_unit
    row.lead_unit_id = data.lead_unit.id if data.lead_unit is not None else None
    row.document = data.document
    row.document_id = data.document.id if data.document is not None else None
    _coordinate(row, data.others)
    _check_twins(work, row)


def _check(data: AssignmentData, code: str, name: str) -> None:
    if not code_key(code):
        raise InvalidInput(N_("Give the code."), field="code")
    if len(code) > 80:
        raise InvalidInput(N_("The code is too long: 80 characters at most."), field="code")
    if not name:
        raise InvalidInput(N_("Give the name."), field="name")
    if len(name) > 500:
        raise InvalidInput(N_("The name is too long: 500 characters at most."), field="name")
    if data.valid_from is None:
        raise InvalidInput(N_("Give the day it begins."), field="valid_from")
    if data.valid_until is not None and data.valid_until < data.valid_from:
        raise InvalidInput(N_("The last day lies before the first."), field="valid_until")
    first, last = data.delegated_from, data.delegated_until
    if first is not None and last is not None and last < first:
        raise InvalidInput(N_("The last day lies before the first."), field="delegated_until")
    if (first is not None or last is not None) and not data.legal_owner.strip():
        raise InvalidInput(
            N_("Name the body whose procedure it is by law: it is delegated."), field="legal_owner"
        )


def _check_units(body_id: int, data: AssignmentData) -> None:
    for unit in (data.lead_unit, *data.others):
        if unit is not None and unit.body_id != body_id:
            raise InvalidInput(N_("A unit is of another body."), field="lead_unit")
    if data.lead_unit is not None and data.lead_unit in data.others:
        raise InvalidInput(N_("The lead unit does not coordinate with itself."), field="others")


def _coordinate(row: Assignment, units: tuple[Unit, ...]) -> None:
    wanted = {unit.id: unit for unit in units}
    kept = [one for one in row.others if one.unit_id in wanted]
    known = {one.unit_id for one in kept}
    added = [
        AssignmentUnit(unit_id=key, unit=unit) for key, unit in wanted.items() if key not in known
    ]
    row.others = [*kept, *added]


def _check_twins(work: Work, row: Assignment) -> None:
    """Refuse the same code twice on one day: one function has one lead unit."""
    with work.session.no_autoflush:
        twins = work.session.scalars(
            sa.select(Assignment).where(
                Assignment.body_id == row.body_id,
                Assignment.code_key == row.code_key,
                Assignment.id != (row.id or 0),
                sa.or_(Assignment.valid_until.is_(None), Assignment.valid_until >= row.valid_from),
            )
        ).all()
    for twin in twins:
        if row.valid_until is None or twin.valid_from <= row.valid_until:
            raise InvalidInput(
                N_("%(code)s is in the matrix for these days already: %(name)s."),
                field="code",
                code=twin.code,
                name=twin.name,
            )


# --- from a spreadsheet


def named_as_ours(rows: list[Row]) -> list[Row]:
    """Name columns as lists of procedures do: `Mã thủ tục` is `ma`."""
    return [
        {_ALIASES.get(head_of(name), head_of(name)): cell for name, cell in row.items()}
        for row in rows
    ]


def import_assignments(work: Work, body: Body, rows: list[Row]) -> ImportResult:
    """Put the rows of a list into the matrix; the same list brought twice adds nothing twice."""
    work.require(DocumentPermission.KEEP_ASSIGNMENTS, body)
    return _Matrix(work, body, named_as_ours(rows)).run()


class _Matrix(RowImport):
    def __init__(self, work: Work, body: Body, rows: list[Row]) -> None:
        need_columns(rows, ("ma", "ten"))
        super().__init__(work, body, rows)
        self.by_name = {fold(unit.name): unit for unit in self.units.values()}
        self.known: dict[str, list[Assignment]] = {}
        for one in work.session.scalars(sa.select(Assignment).where(Assignment.body_id == body.id)):
            self.known.setdefault(one.code_key, []).append(one)
        codes = {code_key(row.get("ma_tai_lieu", "")) for row in rows} - {""}
        self.documents = {
            document.code_key: document
            for document in work.session.scalars(
                sa.select(Document)
                .where(
                    Document.body_id.in_({body.id, *work.standing.above_body_ids}),
                    Document.code_key.in_(codes),
                    visible(work.standing),
                )
                .order_by(Document.body_id == body.id)  # one's own last: it counts
            )
        }

    def run(self) -> ImportResult:
        """Do row after row."""
        self.each(lambda row: f"{row.get('ma', '')} {row.get('ten', '')}".strip(), self._do)
        return self.result()

    def _do(self, number: int, row: Row) -> None:
        if not row.get("ma") or not row.get("ten"):
            raise Wrong(N_("The row lacks %(column)s."), column="ten" if row.get("ma") else "ma")
        lead = self._unit(row["don_vi_chu_tri"]) if row.get("don_vi_chu_tri") else None
        others = tuple(
            unit
            for part in re.split(r"[;,+]", row.get("don_vi_phoi_hop", ""))
            if part.strip() and (unit := self._unit(part.strip())) != lead
        )
        data = AssignmentData(
            kind=self._kind(row.get("loai", "")),
            code=row["ma"],
            name=row["ten"],
            valid_from=day_in(row, "tu_ngay") or self.work.today,
            valid_until=day_in(row, "den_ngay"),
            lead_unit=lead,
            others=tuple(dict.fromkeys(others)),
            document=self._document(row.get("ma_tai_lieu", "")),
            procedure_field=row.get("linh_vuc", ""),
            legal_owner=row.get("co_quan_co_tham_quyen", ""),
            delegated_from=day_in(row, "uy_quyen_tu"),
            delegated_until=day_in(row, "uy_quyen_den"),
        )
        if self._is_there(number, row, data):
            return
        added = add_assignment(self.work, self.body, data)
        self.known.setdefault(added.code_key, []).append(added)
        missing = [
            text
            for text, is_missing in (
                (N_("New; it has no lead unit yet."), lead is None),
                (N_("New; no document governs it yet."), data.document is None),
            )
            if is_missing
        ]
        self.put(number, Outcome.ADD, missing[0] if missing else "")

    def _is_there(self, number: int, row: Row, data: AssignmentData) -> bool:
        """Leave alone what the matrix says already in the same words."""
        for one in self.known.get(code_key(data.code), []):
            same_days = one.valid_until == data.valid_until and (
                one.valid_from == data.valid_from or not row.get("tu_ngay")
            )
            lead_id = data.lead_unit.id if data.lead_unit is not None else None
            if same_days and fold(one.name) == fold(data.name) and one.lead_unit_id == lead_id:
                self.put(number, Outcome.KEEP)
                return True
        return False

    def _kind(self, typed: str) -> AssignmentKind:
        return (
            AssignmentKind.FUNCTION if fold(typed).strip() in _FUNCTIONS
            else AssignmentKind.PROCEDURE
        )  # fmt: skip

    def _unit(self, typed: str) -> Unit:
        """Give a unit by code or name; for one that is not known say which may be meant."""
        found = self.units.get(typed.upper()) or self.by_name.get(fold(typed))
        if found is not None:
            return found
        near = difflib.get_close_matches(fold(typed), list(self.by_name), n=1, cutoff=0.6)
        if near:
            unit = self.by_name[near[0]]
            raise Wrong(
                N_("There is no unit %(typed)s. Is %(name)s (%(code)s) meant?"),
                typed=typed,
                name=unit.name,
                code=unit.code,
            )
        raise Wrong(N_("There is no unit %(code)s."), code=typed)

    def _document(self, code: str) -> Document | None:
        if not code:
            return None
        found = self.documents.get(code_key(code))
        if found is None:
            raise Wrong(N_("There is no document %(code)s."), code=code)
        return found
