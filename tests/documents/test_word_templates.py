"""A body's own templates: versioned, offered where a draft begins, filled for printing (a51)."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from app.web.documents.own_forms import for_minutes
from documents.change_request import ChangeData, ask_for_change
from documents.controlled_copy import CopyData, issue_copy
from documents.external_document import ExternalData, register_law
from documents.models import TemplatePurpose, WordTemplate
from documents.records import RecordData, keep_record
from documents.scope import ScopeData, approve_scope, draft_scope
from documents.word_template import BLANKS, in_use, retire_template
from forms.paper.disposal_minutes import DisposedItem, MinutesPaper
from tests.builders import (
    MONDAY,
    Office,
    a_proof,
    a_template,
    a_word_file,
    form_token,
    raw,
    sign_in,
)

PROCEDURE = TemplatePurpose.PROCEDURE


def words(content: bytes) -> str:
    """Give the words of a Word file, tables included."""
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def brought(client: FlaskClient, content: bytes, name: str = "mau.docx", **more: str) -> Any:
    """Bring a template through the page."""
    path = "/settings/templates/procedure"
    data = {"csrf_token": form_token(client, path), "file": (io.BytesIO(content), name), **more}
    return client.post(f"{path}?lang=en", data=data)


@pytest.mark.covers("a51", "T1")
def test_each_version_stays_and_one_is_in_use(app) -> None:
    office = Office()
    first = a_template(office.officer, PROCEDURE, "{{code}}")
    second = a_template(office.officer, PROCEDURE, "{{code}} {{title}}")
    other = a_template(office.officer, TemplatePurpose.FORM, "{{code}}")
    assert (first.version, second.version, other.version) == (1, 2, 1)
    assert not first.is_in_use
    assert in_use(db.session(), office.body.id, PROCEDURE) == second
    with unit_of_work(office.officer, now=MONDAY) as work:
        retire_template(work, work.fresh(second))
    assert in_use(db.session(), office.body.id, PROCEDURE) is None
    facts = db.session.scalars(
        sa.select(TrailEntry.fact).where(TrailEntry.fact.startswith("template."))
    ).all()
    assert facts == [
        "template.brought",
        "template.retired",
        "template.brought",
        "template.brought",
        "template.retired",
    ]
    with pytest.raises(IntegrityError):  # the database itself refuses two in use
        raw("UPDATE word_template SET retired_at = NULL WHERE purpose = 'procedure'")


@pytest.mark.covers("a51", "O4")
def test_only_the_quality_officer_of_the_body_brings_templates(app, client) -> None:
    office, other = Office(), Office()
    made = a_template(office.officer, PROCEDURE, "{{code}}")
    for person in (office.manager, office.administrator, office.leader):
        with pytest.raises(Forbidden), unit_of_work(person, now=MONDAY) as work:
            retire_template(work, work.fresh(made))
    sign_in(client, other.officer)
    for part in ("file", "preview"):
        assert client.get(f"/settings/templates/versions/{made.id}/{part}").status_code == 404


@pytest.mark.covers("a51", "T15")
def test_a_template_with_code_is_refused_in_words_and_nothing_is_kept(client) -> None:
    office = Office()
    sign_in(client, office.officer)
    before = db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile))
    stored = len(list(installation().store.everything()))
    for text, said in (
        ("{{ ''.__class__.__mro__ }}", "The template holds code"),
        ("{% import os %}", "The template holds code"),
        ("{{salary}}", "These blanks are not known: salary"),
    ):
        answer = brought(client, a_word_file(text))
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    assert brought(client, b"PK\x03\x04 no Word file").status_code == 422
    assert brought(client, a_word_file("x"), name="mau.pdf").status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == before
    assert len(list(installation().store.everything())) == stored
    assert db.session.scalar(sa.select(sa.func.count()).select_from(WordTemplate)) == 0


@pytest.mark.covers("a51")
def test_it_is_brought_looked_at_with_sample_data_and_begins_a_draft(client) -> None:
    office = Office()
    document = office.effective().document
    sign_in(client, office.officer)
    begin = f"/d/{document.code}/revise"
    assert f"{begin}/template" not in client.get(begin).get_data(as_text=True)
    assert client.get(f"{begin}/template").status_code == 409
    content = a_word_file(*("{{" + name + "}}" for name in BLANKS[PROCEDURE] if "." not in name))
    assert brought(client, content, note="Thêm chân trang").status_code == 303
    page = client.get("/settings/templates/procedure?lang=vi").get_data(as_text=True)
    assert "Thêm chân trang" in page
    found = re.search(r"/settings/templates/versions/(\d+)/preview", page)
    assert found
    answer = client.get(found[0])
    assert "Tên cơ quan" in words(answer.data), "in the words of the body"
    kept = client.get(found[0].replace("preview", "file"))
    assert kept.data == content, "as it was brought"
    assert f"{begin}/template" in client.get(begin).get_data(as_text=True)
    answer = client.get(f"{begin}/template")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    filled = words(answer.data)
    for part in (document.code, document.title, "02/00", office.unit.name, office.body.name):
        assert part in filled
    assert "{{" not in filled
    assert "/documents/new/template/procedure" in client.get("/documents/new").get_data(
        as_text=True
    )
    assert "{{" not in words(client.get("/documents/new/template/procedure").data)


@pytest.mark.covers("a51")
def test_a_request_and_the_master_list_print_on_the_bodys_form(client) -> None:
    office = Office()
    document = office.effective().document
    with unit_of_work(office.staff, now=MONDAY) as work:
        asked = ask_for_change(work, ChangeData("Sửa <b> & mục 2."), [work.fresh(document)])
    a_template(office.officer, TemplatePurpose.CHANGE_REQUEST, "{{number}}: {{reason}}")
    a_template(office.officer, TemplatePurpose.MASTER_LIST, "{{count}} của {{body}}")
    sign_in(client, office.officer)
    assert f"/changes/{asked.number}/form" in client.get(f"/changes/{asked.number}").get_data(
        as_text=True
    )
    answer = client.get(f"/changes/{asked.number}/form")
    assert words(answer.data) == f"{asked.number}: Sửa <b> & mục 2."
    token = form_token(client, "/documents")
    answer = client.post("/documents/export/form", data={"csrf_token": token})
    assert words(answer.data) == f"1 của {office.body.name}"
    exported = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == "access.exported")
    ).all()
    assert len(exported) == 1


@pytest.mark.covers("a51", "T15")
@pytest.mark.parametrize("purpose", list(TemplatePurpose), ids=str)
def test_every_form_has_an_example_that_passes_the_check_and_is_filled(client, purpose) -> None:
    office = Office()
    sign_in(client, office.officer)
    where = f"/settings/templates/{purpose}"
    assert f"{where}/example" in client.get(where).get_data(as_text=True)
    example = client.get(f"{where}/example").data
    for name in BLANKS[purpose]:
        assert "{{" + name + "}}" in words(example)
    data = {"csrf_token": form_token(client, where), "file": (io.BytesIO(example), "mau.docx")}
    assert client.post(where, data=data).status_code == 303
    page = client.get(where).get_data(as_text=True)
    found = re.search(r"/settings/templates/versions/(\d+)/preview", page)
    assert found
    filled = words(client.get(found[0]).data)
    assert "{{" not in filled
    assert "Tên cơ quan" in filled


@pytest.mark.covers("a51", "a48", "a46")
def test_registers_lists_and_declarations_print_on_the_bodys_form_too(client) -> None:
    office = Office()
    document = office.effective().document
    with unit_of_work(office.officer, now=MONDAY) as work:
        register_law(work, ExternalData("60/2014/QH13", "Luật Hộ tịch", "Quốc hội"))
        unit = work.fresh(office.unit)
        copy = CopyData(unit, work.fresh(office.staff), "Quầy 1")
        issue_copy(work, work.fresh(document), copy)
        keep_record(work, RecordData(unit, "Sổ theo dõi hồ sơ", MONDAY.date(), place="Tủ 2"))
        scope = draft_scope(work, work.actor.body, ScopeData("Dịch vụ công", [unit], MONDAY.date()))
    with unit_of_work(office.leader, now=MONDAY) as work:
        approve_scope(work, work.fresh(scope), proof=a_proof(office.leader))
    sign_in(client, office.officer)
    token = {"csrf_token": form_token(client, "/documents")}
    papers = {
        TemplatePurpose.EXTERNAL_REGISTER: ("/external/paper", "60/2014/QH13"),
        TemplatePurpose.DISTRIBUTION_LIST: (f"/copies/of/{document.id}/paper", "Quầy 1"),
        TemplatePurpose.RECORD_LIST: ("/records/paper", "Sổ theo dõi hồ sơ"),
        TemplatePurpose.DECLARATION: ("/scope/1/declaration", "Dịch vụ công"),
    }
    for purpose, (where, value) in papers.items():
        before = words(client.post(where, data=token).data)
        assert value in before, "as the product prints it"
        example = client.get(f"/settings/templates/{purpose}/example").data
        own = io.BytesIO()
        laid = docx.Document(io.BytesIO(example))
        laid.add_paragraph("MẪU RIÊNG của {{body}}")
        laid.save(own)
        own.seek(0)
        brought = client.post(
            f"/settings/templates/{purpose}", data={**token, "file": (own, "mau.docx")}
        )
        assert brought.status_code == 303
        after = words(client.post(where, data=token).data)
        assert value in after
        assert f"MẪU RIÊNG của {office.body.name}" in after
        assert "{{" not in after


@pytest.mark.covers("a51", "a49")
def test_the_minutes_of_a_disposal_fill_every_blank_of_the_bodys_form(app) -> None:
    item = DisposedItem("QT-TP-01 Khai sinh", "01/00", "2", "01/01/2026", "ab" * 8)
    paper = MinutesPaper(
        superior="", body="UBND phường", symbol="UBND", number="TH-2026-001", reason="Hết hạn lưu",
        method="cắt vụn", proposed_by="A", decided_by="B", decided_at=MONDAY,
        signed_sha256="0" * 64, items=(item, item),
    )  # fmt: skip
    fill = for_minutes(paper, Office().body, MONDAY.date())
    assert fill.values["minutes"] == "TH-2026-001"
    assert [row["number"] for row in fill.rows["items"]] == ["1", "2"]
    known = BLANKS[TemplatePurpose.DISPOSAL_MINUTES]
    assert set(fill.values) | {f"items.{key}" for key in fill.rows["items"][0]} == set(known)
