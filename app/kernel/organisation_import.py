"""Bringing units, people and appointments from a spreadsheet (ISO 9001:2015, 5.3).

The same rows brought twice add nothing twice; what cannot be done is named with its reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from app.kernel.coded import N_
from app.kernel.organisation import Body, Unit, UnitKind, root_unit
from app.kernel.organising import PersonData, add_person, add_unit, appoint, change_unit
from app.kernel.people import Appointment, Person, Role
from app.kernel.row_import import (
    ImportResult,
    Outcome,
    Row,
    RowImport,
    Wrong,
    day_in,
    need_columns,
)
from app.kernel.row_import import rows_of_csv as rows_of_csv
from app.kernel.search import fold
from app.kernel.signing_in import login_name
from app.kernel.unit_succession import name_successor
from app.kernel.work import Work

UNIT_COLUMNS = (
    *("ma", "ten", "loai", "truc_thuoc", "hoat_dong_tu", "hoat_dong_den"),
    "don_vi_ke_thua",
)
_TAKEN_OVER_BY = "don_vi_ke_thua"
PEOPLE_COLUMNS = (
    *("ho_ten", "don_vi", "chuc_vu", "tai_khoan", "email"),
    *("vai_tro", "pham_vi", "tu_ngay", "den_ngay", "so_quyet_dinh"),
)

_KINDS = {
    UnitKind.LEADERSHIP: ("lanh dao", "uy ban nhan dan", "ubnd"),
    UnitKind.DEPARTMENT: ("phong", "ban", "van phong", "so", "chi cuc", "phong ban"),
    UnitKind.WARD: ("phuong", "xa", "thi tran", "dac khu", "phuong xa"),
    UnitKind.SCHOOL: ("truong", "truong hoc"),
    UnitKind.SERVICE: ("trung tam", "don vi su nghiep", "tram", "tram y te", "ban quan ly"),
    UnitKind.TEAM: ("bo phan", "to", "doi", "nhom"),
}


def kind_of(typed: str) -> UnitKind:
    """Understand the kind of a unit as lists write it, or as the product does."""
    wanted = fold(typed).strip()
    for kind, names in _KINDS.items():
        if wanted in (str(kind), fold(kind.label), *names):
            return kind
    if not wanted:
        return UnitKind.DEPARTMENT
    raise Wrong(N_("%(typed)s is no kind of unit."), typed=typed)


@dataclass(frozen=True)
class _NewUnit:
    number: int
    code: str
    name: str
    name_en: str
    kind: UnitKind
    above: str
    first: date
    last: date | None


def import_units(work: Work, body: Body, rows: list[Row]) -> ImportResult:
    """Add the units of a list, each below the one above it.

    The row without a unit above it stands for the whole body.
    """
    return _Units(work, body, rows).run()


class _Units(RowImport):
    def __init__(self, work: Work, body: Body, rows: list[Row]) -> None:
        need_columns(rows, ("ma", "ten"))
        super().__init__(work, body, rows)
        self.root = root_unit(work.session, body.id)
        self.there_before = set(self.units)
        self.codes: set[str] = set()
        self.waiting: list[_NewUnit] = []
        self.has_root_row = False

    def run(self) -> ImportResult:
        """Understand every row, then place the new ones from the top down."""
        self.each(lambda row: f"{row.get('ma', '')} {row.get('ten', '')}".strip(), self._read)
        while ready := [unit for unit in self.waiting if unit.above in self.units]:
            self.waiting = [unit for unit in self.waiting if unit not in ready]
            for unit in ready:
                self.guard(unit.number, self._add, unit)
        for unit in self.waiting:
            self.put(
                unit.number,
                Outcome.REFUSE,
                N_("There is no unit %(code)s to stand below."),
                code=unit.above,
            )
        self._name_successors()
        return self.result()

    def _name_successors(self) -> None:
        """Note which units took over from which; a list of before is read by it (O3)."""
        for row in self.rows:
            former = self.units.get(row.get("ma", "").upper())
            for code in re.split(r"[,;+]", row.get(_TAKEN_OVER_BY, "")):
                heir = self.units.get(code.strip().upper())
                if former is not None and heir is not None:
                    name_successor(self.work.session, former.id, heir.id)

    def _read(self, number: int, row: Row) -> None:
        code, name = row.get("ma", "")[:40], row.get("ten", "")
        if not code or not name:
            raise Wrong(N_("The row lacks %(column)s."), column="ten" if code else "ma")
        if code.upper() in self.codes:
            raise Wrong(N_("The code %(code)s stands in this list twice."), code=code)
        self.codes.add(code.upper())
        kind, above = kind_of(row.get("loai", "")), row.get("truc_thuoc", "").upper()
        if not above:
            self._root(number, code, name, kind)
        elif above == code.upper():
            raise Wrong(N_("A unit cannot stand below itself."))
        elif code.upper() in self.there_before:
            self._compare(number, self.units[code.upper()], name)
        else:
            first, last = day_in(row, "hoat_dong_tu"), day_in(row, "hoat_dong_den")
            first = first or min(self.root.active_from, last or self.root.active_from)
            english = row.get("ten_tieng_anh", "")
            self.waiting.append(_NewUnit(number, code, name, english, kind, above, first, last))

    def _compare(self, number: int, there: Unit, name: str) -> None:
        if fold(there.name) != fold(name):
            self.put(
                number,
                Outcome.KEEP,
                N_("It is called %(name)s here. Change that on its page if you mean to."),
                name=there.name,
            )

    def _root(self, number: int, code: str, name: str, kind: UnitKind) -> None:
        """Let the row without a unit above it stand for the whole body."""
        if self.has_root_row:
            raise Wrong(N_("Only one row may stand below no unit: the body itself."))
        self.has_root_row = True
        if self.root.code.upper() == code.upper():
            self._compare(number, self.root, name)
            return
        change_unit(
            self.work,
            self.root,
            code=code,
            name=self.root.name,
            name_en=self.root.name_en,
            kind=kind,
            active_until=self.root.active_until,
        )
        self.units[code.upper()] = self.root
        self.put(number, Outcome.CHANGE, N_("The whole body gets the code %(code)s."), code=code)

    def _add(self, unit: _NewUnit) -> None:
        self.units[unit.code.upper()] = add_unit(
            self.work,
            self.units[unit.above],
            unit.code,
            unit.name,
            unit.kind,
            active_from=unit.first,
            active_until=unit.last,
            name_en=unit.name_en,
        )
        self.put(unit.number, Outcome.ADD)


# --- people and appointments

_ROLES = {
    Role.ADMINISTRATOR: ("quan tri", "quan tri vien", "quan tri he thong"),
    Role.QUALITY_OFFICER: ("thu ky iso", "can bo iso", "can bo chat luong"),
    Role.QUALITY_REPRESENTATIVE: ("dai dien lanh dao", "dai dien lanh dao ve chat luong", "dldcl"),
    Role.MANAGER: ("truong don vi", "quan ly", "truong phong", "phu trach don vi"),
    Role.LEADER: ("lanh dao", "lanh dao cao nhat", "chu tich", "pho chu tich"),
    Role.AUDITOR: ("danh gia vien", "chuyen gia danh gia"),
    Role.LEAD_AUDITOR: ("truong doan", "truong doan danh gia", "danh gia vien truong"),
    Role.STAFF: ("cong chuc", "vien chuc", "nhan vien", "can bo", "chuyen vien"),
    Role.INSPECTOR: ("nguoi kiem tra", "doan kiem tra", "thanh tra"),
}


def role_of(typed: str) -> Role:
    """Understand a role as lists write it, or as the product does."""
    wanted = fold(typed).strip()
    for role, names in _ROLES.items():
        if wanted in (str(role), fold(role.label), *names):
            return role
    raise Wrong(N_("%(typed)s is no role."), typed=typed)


def import_people(work: Work, body: Body, rows: list[Row]) -> ImportResult:
    """Add the people of a list and their appointments; several rows may be of one person."""
    return _People(work, body, rows).run()


class _People(RowImport):
    def run(self) -> ImportResult:
        """Do row after row."""
        need_columns(self.rows, ("ho_ten", "don_vi"))
        self.each(lambda row: f"{row.get('ho_ten', '')} {row.get('vai_tro', '')}".strip(), self._do)
        return self.result()

    def _unit(self, code: str) -> Unit:
        found = self.units.get(code.upper())
        if found is None:
            raise Wrong(N_("There is no unit %(code)s."), code=code)
        return found

    def _do(self, number: int, row: Row) -> None:
        name, home = row.get("ho_ten", ""), row.get("don_vi", "")
        if not name or not home:
            raise Wrong(N_("The row lacks %(column)s."), column="don_vi" if name else "ho_ten")
        unit = self._unit(home)
        role = role_of(row["vai_tro"]) if row.get("vai_tro") else None
        over = self._unit(row["pham_vi"]) if row.get("pham_vi") else unit
        first = day_in(row, "tu_ngay") or self.work.today
        last = day_in(row, "den_ngay")
        person = self._find(row, unit)
        is_new = person is None
        if person is None:
            person = add_person(
                self.work,
                PersonData(
                    name=name,
                    unit=unit,
                    post=row.get("chuc_vu", ""),
                    email=row.get("email", ""),
                    login=row.get("tai_khoan", ""),
                ),
            )
            self.put(number, Outcome.ADD, N_("Person"))
        if role is None or self._is_appointed(person, role, over, first):
            return
        appoint(
            self.work,
            person,
            role,
            over,
            from_on=first,
            until_on=last,
            decision_number=row.get("so_quyet_dinh", ""),
        )
        self.put(
            number,
            Outcome.ADD,
            N_("Person and appointment: %(role)s over %(unit)s")
            if is_new
            else N_("Appointment: %(role)s over %(unit)s"),
            role=role,
            unit=over.name,
        )

    def _find(self, row: Row, unit: Unit) -> Person | None:
        """Give the person of a row: by account name, without one by name and unit."""
        query = sa.select(Person)
        login = login_name(row.get("tai_khoan", ""))
        if login:
            query = query.where(Person.login == login)
        else:
            query = query.where(
                Person.body_id == self.body.id,
                Person.home_unit_id == unit.id,
                Person.name == row["ho_ten"],
            )
        found = list(self.work.session.scalars(query.limit(2)))
        if len(found) > 1:
            raise Wrong(
                N_("Two people of this name are in the unit. Give the account name in tai_khoan.")
            )
        if found and found[0].body_id != self.body.id:
            raise Wrong(N_("The account name %(login)s is taken. Choose another."), login=login)
        if found and fold(found[0].name) != fold(row["ho_ten"]):
            raise Wrong(
                N_("The account %(login)s is that of %(name)s."), login=login, name=found[0].name
            )
        return found[0] if found else None

    def _is_appointed(self, person: Person, role: Role, over: Unit, first: date) -> bool:
        """Say whether the very appointment is there: same role and unit, on the first day."""
        same = self.work.session.scalars(
            sa.select(Appointment).where(
                Appointment.person_id == person.id,
                Appointment.role == role,
                Appointment.unit_id == over.id,
            )
        )
        return any(each.from_on == first or each.holds(first) for each in same)
