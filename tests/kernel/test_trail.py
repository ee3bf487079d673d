"""Every act leaves one entry per fact, nothing changes an entry, secrets stay out (T1-T4)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DatabaseError

from app.kernel import work as work_module
from app.kernel.db import db
from app.kernel.errors import InvalidInput, TrailIncomplete
from app.kernel.facts import KernelFact
from app.kernel.organising import PersonData, add_person, change_person, change_unit
from app.kernel.people import Person
from app.kernel.signing_in import (
    hash_password,
    make_link,
    open_link,
    prove,
    set_password,
    sign_in,
)
from app.kernel.trail import TrailEntry, TrailHead
from app.kernel.trail_keeping import run_check
from app.kernel.work import unit_of_work
from documents.drafting import DocumentData, change_record
from documents.facts import DocumentFact
from documents.models import Document
from tests.builders import MONDAY, PASSWORD, Office
from tests.builders import sign_in as sign_in_browser
from tests.conftest import DATABASES, migrated_app
from tests.trails import checked


def entries(**where: object) -> list[TrailEntry]:
    query = sa.select(TrailEntry).filter_by(**where).order_by(TrailEntry.id)
    return list(db.session.scalars(query))


@pytest.mark.covers("T1", "T2")
def test_each_fact_of_an_act_is_one_entry_of_its_bodys_chain(app: Flask) -> None:
    office = Office()
    before = len(entries(chain=office.body.id))
    document = office.document()
    added = entries(chain=office.body.id)[before:]
    assert [entry.fact for entry in added] == ["document.created"]
    assert (added[0].record_type, added[0].record_id) == ("document", document.id)
    assert added[0].actor_id == office.officer.id
    assert added[0].sequence == before + 1
    assert checked(app).is_sound


@pytest.mark.covers("T1")
def test_silent_change_of_a_record_aborts_everything(app: Flask) -> None:
    office = Office()
    document = office.document()
    with pytest.raises(TrailIncomplete), unit_of_work(office.officer, now=MONDAY) as work:
        work.fresh(document).give_title("Im lặng")
    assert db.session.get(Document, document.id).title == "Đăng ký khai sinh"


@pytest.mark.covers("T1")
def test_fact_told_twice_aborts_everything(app: Flask) -> None:
    office = Office()
    document = office.document()
    count = len(entries())

    def tell_twice() -> None:
        with unit_of_work(office.officer, now=MONDAY) as work:
            work.record(DocumentFact.CONFIDENTIAL_OPENED, document)
            work.record(DocumentFact.CONFIDENTIAL_OPENED, document)

    with pytest.raises(TrailIncomplete):
        tell_twice()
    assert len(entries()) == count


@pytest.mark.covers("T1", "T18")
def test_act_whose_entry_cannot_be_written_does_not_happen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    document = office.document()

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(work_module, "append", full_disk)
    data = DocumentData(kind=document.kind, lead_unit=office.unit, title="Tên khác")
    with pytest.raises(OSError, match="space"), unit_of_work(office.officer, now=MONDAY) as work:
        change_record(work, work.fresh(document), data)
    assert db.session.get(Document, document.id).title == "Đăng ký khai sinh"


@pytest.mark.covers("T1")
def test_records_change_only_inside_a_unit_of_work(app: Flask) -> None:
    office = Office()
    office.unit.name = "Bên ngoài"
    with pytest.raises(RuntimeError, match="unit of work"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.covers("T2", "e8")
@pytest.mark.parametrize("model", [TrailEntry, TrailHead])
def test_session_refuses_to_change_or_delete_the_trail(
    app: Flask, model: type[TrailEntry] | type[TrailHead]
) -> None:
    Office()
    run_check()

    def change() -> None:
        with unit_of_work(None) as work:
            work.session.scalars(sa.select(model)).first().hash = "0" * 64

    def delete() -> None:
        with unit_of_work(None) as work:
            work.session.delete(work.session.scalars(sa.select(model)).first())

    with pytest.raises(RuntimeError, match="only added to"):
        change()
    with pytest.raises(RuntimeError, match="never deleted"):
        delete()
    for statement in (sa.update(model).values(hash="0" * 64), sa.delete(model)):
        with pytest.raises(RuntimeError, match="one by one"), unit_of_work(None) as work:
            work.session.execute(statement)


@pytest.mark.covers("T2", "e8")
@pytest.mark.parametrize("table", ["trail_entry", "trail_head"])
@pytest.mark.parametrize("what", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_database_itself_refuses_to_change_the_trail(app: Flask, table: str, what: str) -> None:
    Office()
    run_check()
    connection = db.session.connection()
    nested = connection.begin_nested()
    with pytest.raises(DatabaseError):  # SQLite knows no TRUNCATE, which refuses it as well
        connection.execute(sa.text(what.format(table)))
    nested.rollback()
    assert checked(app).is_sound


@pytest.mark.covers("T4", "e1")
def test_changed_fields_carry_their_old_and_new_values(app: Flask) -> None:
    office = Office()
    with unit_of_work(office.administrator, now=MONDAY) as work:
        change_unit(
            work,
            work.fresh(office.unit),
            code="TPHT",
            name="Phòng Tư pháp - Hộ tịch",
            name_en="",
            kind=office.unit.kind,
            active_until=None,
        )
    changes = entries(fact="unit.changed")[-1].content()["details"]["changes"]
    assert changes == {
        "code": ["TP", "TPHT"],
        "name": ["Phòng Tư pháp", "Phòng Tư pháp - Hộ tịch"],
    }


@pytest.mark.covers("T4", "e5", "T29")
def test_secrets_and_personal_data_never_enter_the_trail(client: FlaskClient) -> None:
    office = Office()
    canary = secrets.token_hex(6)
    data = PersonData(
        name=f"Người {canary}",
        unit=office.unit,
        login=f"tk{canary}",
        email=f"{canary}@example.vn",
    )
    with unit_of_work(office.administrator, now=MONDAY) as work:
        person = add_person(work, data)
        token = make_link(work, person)
    with unit_of_work(None, now=MONDAY) as work:
        person = work.fresh(person)
        link = open_link(token, MONDAY)
        set_password(work, person, hash_password(f"bốn từ {canary}"), link=link)
    sign_in_browser(client, person, f"bốn từ {canary}")
    for wrong in (f"sai {canary}", f"sai nữa {canary}"):
        with pytest.raises(InvalidInput):
            sign_in(f"tk{canary}", wrong, device="", browser=f"browser {canary}")
        with pytest.raises(InvalidInput):
            prove(person, wrong)
    with unit_of_work(office.administrator, now=MONDAY) as work:
        other = replace(data, name=f"{canary} hai", login=f"{canary}2", email=f"h{canary}@e.vn")
        change_person(work, work.fresh(person), other)
    told = "\n".join(f"{e.fact} {e.record_type} {e.details}" for e in entries())
    for secret in (canary, token, PASSWORD, str(office.staff.password_hash)):
        assert secret not in told, secret
    changed = entries(fact="person.changed")[-1].content()["details"]["changes"]
    assert {*changed} == {"name", "login", "email"}
    assert all(values == [None, "…"] for values in changed.values())


@pytest.mark.covers("T1", "T08")
def test_refusal_of_somebody_signed_in_is_an_entry(client: FlaskClient) -> None:
    office = Office()
    sign_in_browser(client, office.staff)
    count = len(entries(fact="access.refused"))
    assert client.get("/trail").status_code == 403
    refused = entries(fact="access.refused")[count:]
    assert [entry.actor_id for entry in refused] == [office.staff.id]
    assert refused[0].content()["details"]["permission"] == "trail.entry.read"


@pytest.fixture(params=DATABASES)
def own_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application with a database of its own, where threads really commit."""
    app = migrated_app(request.param, tmp_path, f"nenep_trail_{secrets.token_hex(3)}")
    yield app
    app.extensions["nenep.workshop"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.slow
@pytest.mark.covers("T3", "T04")
def test_checks_beside_a_writer_raise_no_false_alarm(own_app: Flask) -> None:
    with own_app.app_context():
        office = Office()
        unit_id = office.unit.id
        person_id = office.administrator.id
    stop, wrong, written = threading.Event(), [], [0]

    def write() -> None:
        with own_app.app_context():
            while not stop.is_set():
                person = db.session.get(Person, person_id)
                with unit_of_work(person) as work:
                    work.record(KernelFact.SIGNED_OUT, work.actor, unit=unit_id)
                written[0] += 1
                if written[0] % 10 == 0:
                    run_check()  # signs heads too, beside the other checks

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with own_app.app_context():
            for _ in range(150):
                verdict = checked(own_app)
                db.session.rollback()
                if not verdict.is_sound:
                    wrong.append(verdict.wrong)
    finally:
        stop.set()
        writer.join()
    assert not wrong
    assert written[0] >= 20
    with own_app.app_context():
        assert checked(own_app).is_sound
