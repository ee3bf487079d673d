"""Units, people and appointments from a spreadsheet: looked at, done once, never twice (e6)."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
import xlsxwriter

from app.kernel.db import db
from app.kernel.errors import InvalidInput
from app.kernel.organisation import Unit, UnitKind, root_unit, units_of
from app.kernel.organisation_import import import_people, import_units, rows_of_csv
from app.kernel.people import Appointment, Person, Role
from app.kernel.row_import import MOST_ROWS, Outcome, looked_at, rows_of_table
from app.kernel.trail import TrailEntry
from app.kernel.unit_succession import UnitSuccessor, successors_of
from app.kernel.work import unit_of_work
from tests.builders import MONDAY, Office, a_body, form_token, sign_in

UNITS = """ma,ten,loai,truc_thuoc,hoat_dong_tu,hoat_dong_den,don_vi_ke_thua
HT,Tổ Hộ tịch,bộ phận,VP,2025-07-01,,
AH,UBND phường An Hòa,phường,,2025-07-01,,
VP,Văn phòng HĐND và UBND,phòng,AH,2025-07-01,,
KT,"Phòng Kinh tế, Hạ tầng và Đô thị",phòng,AH,1/7/2025,30/6/2026,
"""
PEOPLE = """ho_ten;don_vi;chuc_vu;tai_khoan;email;vai_tro;pham_vi;tu_ngay;den_ngay;so_quyet_dinh
Nguyễn Thị Hoa;TP;Trưởng phòng;hoa.nt;hoa@example.vn;trưởng phòng;;1/7/2025;;12/QĐ
Nguyễn Thị Hoa;TP;;hoa.nt;;đánh giá viên;;1/1/2026;31/12/2026;
Trần Văn Tá;TP;Chuyên viên;;;;;;;
"""


def outcomes(result):
    """What each row did, by its number."""
    return {row.number: str(row.outcome) for row in result.rows}


def as_operator(act, body, rows):
    """Import as the command line does, without an actor."""
    with unit_of_work(None, now=MONDAY) as work:
        return act(work, work.fresh(body), rows)


@pytest.mark.covers("e6")
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_with_or_without_mark_comma_or_semicolon(mark, separator):
    text = f"{mark}Mã{separator}Trực thuộc\r\nVP{separator}AH\r\n\r\nKT{separator}\r\n"
    rows = rows_of_csv(text.encode())
    assert rows[0] == {"ma": "VP", "truc_thuoc": "AH"}
    assert rows[2] == {"ma": "KT", "truc_thuoc": ""}
    quoted = f'ten{separator}ma\n"A, B; C"{separator}x\n'
    assert rows_of_csv(quoted.encode()) == [{"ten": "A, B; C", "ma": "x"}]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "Mã,Tên\nVP,Văn phòng".encode("utf-16"),
        b"\xff\xfe\x00",
        b'ma,ten\n"VP,never closed\n',
        b"ma\n" + b"x\n" * (MOST_ROWS + 1),
        b"x" * 5_000_001,
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content):
    with pytest.raises(InvalidInput) as refused:
        rows_of_csv(content)
    assert refused.value.field == "file"


@pytest.mark.covers("e6")
def test_units_come_below_those_above_them_in_any_order_and_never_twice(app):
    body = a_body("an-hoa", "UBND phường An Hòa")
    rows = rows_of_csv(UNITS.encode())
    first = as_operator(import_units, body, rows)
    assert outcomes(first) == {2: "add", 3: "change", 4: "add", 5: "add"}
    units = {unit.code: unit for unit in units_of(db.session(), body.id)}
    assert set(units) == {"AH", "VP", "HT", "KT"}
    assert units["AH"] == root_unit(db.session(), body.id)
    assert units["HT"].parent == units["VP"]
    assert (units["KT"].kind, units["KT"].active_until) == (UnitKind.DEPARTMENT, date(2026, 6, 30))
    assert units["AH"].kind is UnitKind.WARD
    again = as_operator(import_units, body, rows)
    assert set(outcomes(again).values()) == {"keep"}
    assert len(units_of(db.session(), body.id)) == 4


@pytest.mark.covers("e6")
def test_rows_that_cannot_be_done_say_why_and_the_others_are_done(app):
    body = a_body()
    rows = rows_of_csv(
        "ma,ten,loai,truc_thuoc,hoat_dong_tu,hoat_dong_den\n"
        "A,Phòng A,phòng,GOC,,\n"
        ",Không mã,phòng,GOC,,\n"
        "B,,phòng,GOC,,\n"
        "A,Hai lần,phòng,GOC,,\n"
        "C,Tự dưới mình,phòng,C,,\n"
        "D,Dưới không ai,phòng,XX,,\n"
        "E,Loại lạ,hội quán,GOC,,\n"
        "F,Ngày lạ,phòng,GOC,31/2/2025,,\n"
        "G,Ngược,phòng,GOC,1/1/2026,1/1/2025\n"
        "H,Dưới dòng hỏng,phòng,E,,\n"
        "GOC,Cơ quan,phường,,,\n"
        "GOC2,Hai gốc,phường,,,\n".encode()
    )
    result = as_operator(import_units, body, rows)
    good = {2: "add", 12: "change"}
    assert outcomes(result) == {n: good.get(n, "refuse") for n in range(2, 14)}
    assert all(row.text for row in result.rows if row.outcome is Outcome.REFUSE)
    assert {unit.code for unit in units_of(db.session(), body.id)} == {"A", "GOC"}


@pytest.mark.covers("e6", "T1")
def test_looking_leaves_nothing_and_says_what_doing_then_does(app):
    office = Office()
    rows = rows_of_csv(UNITS.replace("AH,UBND", f"{office.body.code.upper()},UBND").encode())
    for row in rows:
        row["truc_thuoc"] = row["truc_thuoc"].replace("AH", office.body.code.upper())
    body = office.body

    def act(work):
        return import_units(work, work.fresh(body), rows)

    entries = sa.select(sa.func.count()).select_from(TrailEntry)
    before = (db.session.scalar(entries), len(units_of(db.session(), body.id)))
    looked = looked_at(office.administrator, act)
    assert (db.session.scalar(entries), len(units_of(db.session(), body.id))) == before
    with unit_of_work(office.administrator) as work:
        done = act(work)
    assert outcomes(done) == outcomes(looked)
    assert done.changes == 3
    assert db.session.scalar(entries) == before[0] + 3  # one fact a unit


@pytest.mark.covers("e6", "O4")
def test_people_and_their_appointments_come_once(app):
    office = Office()
    rows = rows_of_csv(PEOPLE.encode())
    with unit_of_work(office.administrator) as work:
        first = import_people(work, work.actor.body, rows)
    assert outcomes(first) == {2: "add", 3: "add", 4: "add"}
    hoa = db.session.scalars(sa.select(Person).where(Person.login == "hoa.nt")).one()
    held = db.session.scalars(sa.select(Appointment).where(Appointment.person_id == hoa.id)).all()
    assert {(each.role, each.until_on, each.decision_number) for each in held} == {
        (Role.MANAGER, None, "12/QĐ"),
        (Role.AUDITOR, date(2026, 12, 31), ""),
    }
    assert {each.appointed_by_id for each in held} == {office.administrator.id}
    with unit_of_work(office.administrator) as work:
        again = import_people(work, work.actor.body, rows)
    assert set(outcomes(again).values()) == {"keep"}
    people = sa.select(sa.func.count()).select_from(Person).where(Person.name == "Trần Văn Tá")
    assert db.session.scalar(people) == 1


@pytest.mark.covers("O4")
def test_no_list_appoints_its_importer_or_takes_people_of_others(app):
    office, other = Office(), Office()
    rows = rows_of_csv(
        "ho_ten,don_vi,tai_khoan,vai_tro,pham_vi\n"
        f"{office.administrator.name},TP,{office.administrator.login},lãnh đạo,\n"
        f"{other.staff.name},TP,{other.staff.login},,\n"
        f"Tên khác hẳn,TP,{office.staff.login},,\n"
        "Ai đó,XX,,,\n"
        "Ai đó,TP,,vua,\n"
        "Ai đó,TP,có dấu cách,,\n"
        ",TP,,,\n".encode()
    )
    with unit_of_work(office.administrator) as work:
        result = import_people(work, work.actor.body, rows)
    assert set(outcomes(result).values()) == {"refuse"}
    assert len({row.text for row in result.rows}) == 7
    held = sa.select(Appointment.role).where(Appointment.person_id == office.administrator.id)
    assert db.session.scalars(held).all() == [Role.ADMINISTRATOR]


def test_missing_columns_are_named():
    with pytest.raises(InvalidInput) as refused:
        import_units(None, None, rows_of_table([["ma"], ["VP"]]))
    assert refused.value.values["names"] == "ten"


def workbook(lines):
    """An .xlsx with gaps, dates and a second sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet("Đơn vị"), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value, day)
                elif value:
                    sheet.write(number, place, value)
        book.add_worksheet("Khác").write(0, 0, "không đọc")
    return content.getvalue()


@pytest.mark.covers("e6", "T15")
def test_a_workbook_is_looked_at_and_imported_on_the_page(app, client):
    office = Office()
    sign_in(client, office.administrator)
    lines = [
        ["ma", "ten", "loai", "truc_thuoc", "hoat_dong_tu", "hoat_dong_den"],
        ["VP", "Văn phòng", "", office.body.code, "", date(2026, 12, 31)],
        ["HT", "Tổ Hộ tịch", "tổ", "VP", date(2025, 7, 1)],
        ["XX", "Dưới không ai", "tổ", "ZZ"],
    ]
    token = form_token(client, "/profile")

    def bring(content, name="don-vi.xlsx", what="units"):
        data = {"csrf_token": token, "what": what, "file": (io.BytesIO(content), name)}
        return client.post("/organisation/import", data=data)

    looked = bring(workbook(lines))
    page = looked.get_data(as_text=True)
    assert looked.status_code == 200
    assert "2 dòng sẽ được nhập; 0 dòng đã có; 1 dòng không làm được." in page
    assert "Không có đơn vị cấp trên ZZ." in page
    db.session.rollback()
    assert {unit.code for unit in units_of(db.session(), office.body.id)}.isdisjoint({"VP", "HT"})
    act = "/organisation/import/units"
    assert client.post(act, data={"csrf_token": token}).status_code == 303
    db.session.rollback()
    made = db.session.scalars(sa.select(Unit).where(Unit.code.in_(["VP", "HT"]))).all()
    assert {(unit.code, unit.active_from, unit.active_until) for unit in made} == {
        ("VP", date(2020, 1, 1), date(2026, 12, 31)),
        ("HT", date(2025, 7, 1), None),
    }
    assert client.post(act, data={"csrf_token": token}).status_code == 409  # once
    assert "2 dòng đã có" in bring(workbook(lines)).get_data(as_text=True)
    assert bring(b"PK\x03\x04 not a workbook").status_code == 422
    assert bring(b"%PDF-1.7", "don-vi.pdf").status_code == 422
    assert bring(b"a,b\n1,2\n", "don-vi.csv").status_code == 422
    assert bring(PEOPLE.encode(), "nguoi.csv", "people").status_code == 200
    assert client.post("/organisation/import/kings", data={"csrf_token": token}).status_code == 409


@pytest.mark.covers("O3")
def test_the_list_of_units_says_who_took_over_from_whom(app):
    body = a_body("ke-thua", "UBND phường Kế Thừa")
    rows = rows_of_csv(
        "ma,ten,loai,truc_thuoc,hoat_dong_tu,hoat_dong_den,don_vi_ke_thua\n"
        "KT,UBND phường Kế Thừa,phường,,2025-07-01,,\n"
        "VX,Phòng Văn hóa - Xã hội,phòng,KT,2025-07-01,,\n"
        "LD,Phòng Lao động,phòng,KT,,2025-06-30,VX\n".encode()
    )
    for _again in range(2):
        with unit_of_work(None, now=MONDAY) as work:
            import_units(work, work.fresh(body), rows)
    units = {unit.code: unit for unit in units_of(db.session(), body.id)}
    assert units["LD"].active_until == date(2025, 6, 30)
    assert successors_of(db.session(), [units["LD"].id]) == {units["LD"].id: units["VX"].id}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(UnitSuccessor)) == 1
