"""Who does what and what is covered, as people bring, see and print it (O5, L24)."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa
from docx import Document as read_word

from app.kernel.db import db
from documents.models import Assignment, Scope
from tests.builders import PASSWORD, Office, form_token, sign_in
from tests.documents.content.files import an_xlsx
from tests.documents.content.hostile import REFUSED
from tests.documents.test_scope import approved, drafted


def signed_in_as(client, person):
    client.delete_cookie("nenep")
    sign_in(client, person)


def sent(client, path, page, **values):
    return client.post(
        path,
        data={"csrf_token": form_token(client, page), **values},
        content_type="multipart/form-data",
    )


def a_list(code: str) -> bytes:
    return an_xlsx(
        [
            ["Mã thủ tục", "Tên thủ tục", "Đơn vị chủ trì", "Quy trình"],
            ["1.001193", "Đăng ký khai sinh", "Phòng Tư pháp", code],
            ["1.000656", "Đăng ký khai tử", "Phòng Tư pháp hộ tịch", code],
            ["1.000894", "Đăng ký kết hôn", "", ""],
        ]
    )


@pytest.mark.covers("O5", "L24")
def test_a_spreadsheet_is_looked_at_and_then_brought_in_one_act(app, client):
    office = Office()
    code = office.effective().document.code
    signed_in_as(client, office.officer)
    page = "/assignments/import"
    content = (BytesIO(a_list(code)), "danh-muc.xlsx")
    seen = sent(client, page, page, file=content).get_data(as_text=True)
    assert "Có phải là Phòng Tư pháp (TP)?" in seen
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 0
    assert sent(client, "/assignments/import/rows", page).status_code == 303
    text = client.get("/assignments").get_data(as_text=True)
    assert "Đủ 1 trên 2" in text
    assert "Đăng ký kết hôn" in text
    assert "Chưa có đơn vị chủ trì" in text
    assert sent(client, "/assignments/import/rows", page).status_code == 409
    gaps = client.get("/assignments?lack=unit").get_data(as_text=True)
    assert "Đăng ký kết hôn" in gaps
    assert "Đăng ký khai sinh" not in gaps


@pytest.mark.covers("O5", "L24")
def test_rows_that_cannot_be_done_are_mended_on_the_page_and_nothing_typed_is_lost(app, client):
    office = Office()
    code = office.effective().document.code
    signed_in_as(client, office.officer)
    page, act = "/assignments/import", "/assignments/import/rows"
    seen = sent(client, page, page, file=(BytesIO(a_list(code)), "ds.xlsx")).get_data(as_text=True)
    assert 'name="row-3-don_vi_chu_tri" value="Phòng Tư pháp hộ tịch"' in seen
    assert "row-2-" not in seen  # what can be done asks for nothing
    values = {"row-3-don_vi_chu_tri": "Phòng Tư", "row-3-ten": "Khai tử", "answer": "look"}
    again = sent(client, act, page, **values)
    text = again.get_data(as_text=True)
    assert again.status_code == 200
    assert 'name="row-3-don_vi_chu_tri" value="Phòng Tư"' in text
    assert 'name="row-3-ten" value="Khai tử"' in text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 0
    odd = {"row-3-don_vi_chu_tri": "TP", "row-99999-ma": "x", "row-0-ma": "x", "row-3-id": "7"}
    assert sent(client, act, page, **odd, answer="do").status_code == 303
    rows = db.session.scalars(sa.select(Assignment).order_by(Assignment.code_sort)).all()
    assert [(row.code, row.name) for row in rows] == [
        ("1.000656", "Khai tử"),
        ("1.000894", "Đăng ký kết hôn"),
        ("1.001193", "Đăng ký khai sinh"),
    ]
    assert rows[0].lead_unit == office.unit


@pytest.mark.covers("O5", "T10")
def test_what_is_no_table_is_refused_in_words(app, client):
    office = Office()
    signed_in_as(client, office.officer)
    page = "/assignments/import"
    hostile = [(name, data) for _reason, name, data in REFUSED.values()]
    for name, data in [*hostile, ("a.csv", b"\xff\xfe"), ("a.xlsx", b"PK\x03\x04hong")]:
        answer = sent(client, page, page, file=(BytesIO(data), name))
        assert answer.status_code == 422, name
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 0
    assert sent(client, page, page).status_code == 422


@pytest.mark.covers("O5", "O3")
def test_it_answers_as_of_a_day_and_leaves_as_a_spreadsheet(app, client):
    office = Office()
    signed_in_as(client, office.officer)
    form = {"kind": "procedure", "name": "=1+1", "valid_from": "1/1/2026"}
    new = "/assignments/new"
    answer = sent(client, new, new, **form, code="1.1", lead_unit=str(office.unit.id))
    assert answer.status_code == 303
    assert sent(client, new, new, **form, code="1.1").status_code == 422
    assert sent(client, new, new, **form, code="1.2", document="QT-XX-9").status_code == 422
    assert "1.1" in client.get("/assignments?on=02/01/2026").get_data(as_text=True)
    assert "Ngày này chưa phân công gì" in client.get(
        "/assignments?on=31/12/2025").get_data(as_text=True)  # fmt: skip
    assert client.get("/assignments?on=không").status_code == 200
    sheet = sent(client, "/assignments/export?on=02/01/2026", "/assignments")
    rows = list(openpyxl.load_workbook(BytesIO(sheet.data)).active.values)
    assert "02/01/2026" in rows[1][0]
    assert rows[4][:3] == ("1.1", "=1+1", "Thủ tục hành chính")
    assert rows[4][4] == "Phòng Tư pháp"
    row = db.session.scalars(sa.select(Assignment)).one()
    path = f"/assignments/{row.id}"
    changed = {**form, "code": "1.1", "valid_until": "31/3/2026", "row_version": row.row_version}
    assert sent(client, path, path, **changed).status_code == 303
    assert sent(client, path, path, **changed).status_code == 409
    signed_in_as(client, office.staff)
    assert client.get("/assignments").status_code == 200
    assert client.get(path).status_code == 403
    signed_in_as(client, Office().officer)
    assert client.get(path).status_code == 404


@pytest.mark.covers("O5", "a56")
def test_the_scope_is_drafted_signed_and_declared(app, client):
    office = Office()
    signed_in_as(client, office.officer)
    values = {
        "covers": "Thủ tục hành chính",
        "units": str(office.unit.id),
        "exclusions": "8.3: Dịch vụ do luật định",
        "effective_on": "1/1/2026",
        "standard": "TCVN ISO 9001:2015",
    }
    wrong = {**values, "exclusions": "tám: vì"}
    assert sent(client, "/scope", "/scope", **wrong).status_code == 422
    assert sent(client, "/scope", "/scope", **values).status_code == 303
    signed_in_as(client, office.leader)
    assert "chờ ký" in client.get("/scope").get_data(as_text=True)
    sign = {"sign-row_version": "1"}
    assert sent(client, "/scope/approval", "/scope", **sign).status_code == 422
    answer = sent(client, "/scope/approval", "/scope", **sign, **{"sign-password": PASSWORD})
    assert answer.status_code == 303
    text = client.get("/scope").get_data(as_text=True)
    assert "1 trên 1 đơn vị" in text
    assert "8.3" in text
    assert sent(client, "/scope/approval", "/scope", **sign).status_code == 409
    assert sent(client, "/scope/9/declaration", "/scope").status_code == 404
    file = sent(client, "/scope/1/declaration", "/scope")
    word = read_word(BytesIO(file.data))
    said = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "Điều 1. Công bố Hệ thống quản lý chất lượng" in said
    assert "Không áp dụng điều khoản 8.3: Dịch vụ do luật định." in said
    assert "Đơn vị áp dụng (1 đơn vị): Phòng Tư pháp" in said


@pytest.mark.covers("O5")
def test_the_declaration_is_laid_out_as_a_decision(app, client):
    office = Office()
    approved(office, drafted(office))
    signed_in_as(client, office.staff)
    word = read_word(BytesIO(sent(client, "/scope/1/declaration", "/work").data))
    section = word.sections[0]
    millimetres = [round(one.mm) for one in (
        section.page_width, section.page_height, section.top_margin, section.bottom_margin,
        section.left_margin, section.right_margin)]  # fmt: skip
    assert millimetres == [210, 297, 20, 20, 30, 15]
    head = word.tables[0]
    assert head.cell(0, 1).text.startswith(
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    )
    assert "ỦY BAN NHÂN DÂN" in head.cell(0, 0).text
    assert head.cell(1, 0).text == "Số:        /QĐ-UBND"
    foot = word.tables[1]
    assert foot.cell(0, 1).text.startswith("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH")
    assert foot.cell(0, 1).text.endswith(office.leader.name)
    assert db.session.scalars(sa.select(Scope)).one().approved_by_id == office.leader.id
