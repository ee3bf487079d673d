"""Screen 34: the trail reads as sentences, to those who may, and says whether it holds (T1-T4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import event

from app.kernel.db import Record, db
from app.kernel.organising import change_settings, delegate, disable_person
from app.kernel.people import Role
from app.kernel.permissions import standing_of
from app.kernel.trail import Trailed, TrailEntry, is_told
from app.kernel.trail_keeping import run_check
from app.kernel.work import unit_of_work
from app.web.trail_fields import FIELDS, NOT_SHOWN
from app.web.trail_sentences import Sentence, facts, in_short, sentences
from documents.approval import answer_package
from documents.document_trail import entries_of_document
from documents.models import Answer, Confidentiality
from documents.retention import place_hold
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_document,
    a_draft,
    a_person,
    a_proof,
    form_token,
    sign_in,
    submitted,
)
from tests.deploy.exports import tool
from tests.documents.test_withdrawal import withdrawn
from tests.trails import drop_guards


def told(chain: int, language: str = "en", **where: object) -> list[Sentence]:
    query = sa.select(TrailEntry).filter_by(chain=chain, **where).order_by(TrailEntry.sequence)
    entries = db.session.scalars(query).all()
    from_app = db.session()
    with force_locale(language):
        return sentences(from_app, entries)


@pytest.fixture
def requested(app: Flask) -> Iterator[Flask]:
    """Sentences are made while answering somebody."""
    with app.test_request_context("/trail"):
        yield app


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.covers("T4", "e1", "e18")
def test_life_of_a_revision_reads_as_sentences_in_both_languages(requested: Flask) -> None:
    office = Office()
    revision = office.effective()
    code = revision.code
    english = [one.sentence for one in told(office.body.id)]
    for sentence in (
        "Lê Quang Huy opened a new document: Đăng ký khai sinh.",
        f"Trần Văn Quý submitted {code} 01/00 (round 1).",
        f"Phạm Thu Hà reviewed {code} 01/00 and agrees.",
        f"Đỗ Minh Anh signed the approval of {code} 01/00.",
        f"{code} 01/00 is approved, in force from 23/11/2026.",
    ):
        assert sentence in english
    vietnamese = [one.sentence for one in told(office.body.id, "vi")]
    assert f"Đỗ Minh Anh đã ký phê duyệt {code} 01/00." in vietnamese
    assert not any("%(" in sentence or "…" in sentence for sentence in english + vietnamese)


@pytest.mark.covers("T4", "e1")
def test_changed_fields_read_as_old_and_new_words(requested: Flask) -> None:
    office = Office()
    office.effective()
    changes = [line for one in told(office.body.id) for line in one.changes]
    assert "state: Draft → In review" in changes
    assert "state: Awaiting approval → Approved" in changes
    with unit_of_work(office.officer, now=MONDAY) as work:
        scheme = {**office.body.setting("code_scheme"), "procedure": "{kind}.{unit}.{serial}"}
        change_settings(work, work.fresh(office.body), {"code_scheme": scheme, "answer_days": 7})
    changed = told(office.body.id, "vi", fact="body.settings_changed")[-1]
    assert changed.changes == (
        "số ngày làm việc để trả lời: 5 → 7",
        "quy tắc mã (Quy trình): {kind}-{unit}-{serial} → {kind}.{unit}.{serial}",
    )


@pytest.mark.covers("T4", "e5")
def test_personal_field_shows_only_that_it_changed(requested: Flask) -> None:
    office = Office()
    with unit_of_work(office.administrator, now=MONDAY) as work:
        person = work.fresh(office.staff)
        disable_person(work, person, reason="nghỉ hưu")
    lines = [
        line for one in told(office.body.id, fact="account.password_set") for line in one.changes
    ]
    assert "password: changed" in lines
    closed = told(office.body.id, fact="person.disabled")[-1]
    assert closed.sentence == "Vũ Hải Đăng closed the account of Bùi Thị Lan: nghỉ hưu"


@pytest.mark.covers("O2", "a22", "T4")
def test_act_of_a_deputy_reads_x_for_y(requested: Flask) -> None:
    office = Office()
    deputy = a_person(office.body, Role.STAFF, name="Ngô Bảo Trâm")
    with unit_of_work(office.manager, now=MONDAY) as work:
        delegate(
            work, work.actor, work.fresh(deputy), from_on=TODAY, until_on=TODAY, reason="nghỉ phép"
        )
    revision = submitted(a_draft(office.author, office.document()), office.author)
    with unit_of_work(deputy, now=MONDAY) as work:
        answer_package(
            work,
            work.fresh(revision.package),
            Answer.APPROVE,
            proof=a_proof(deputy),
            seat=work.fresh(office.manager),
        )
    given = told(office.body.id, fact="revision.review_given")[-1]
    assert given.sentence.startswith("Ngô Bảo Trâm for Phạm Thu Hà reviewed")
    assert told(office.body.id, "vi", fact="revision.review_given")[-1].sentence.startswith(
        "Ngô Bảo Trâm thay Phạm Thu Hà đã xem xét"
    )


@pytest.mark.covers("T4")
def test_every_fact_and_field_has_words(requested: Flask) -> None:
    for language in ("vi", "en"):
        with force_locale(language):
            assert all(in_short(fact).strip("… .:") for fact in facts().values())
    fields = {
        attribute.key
        for mapper in Record.registry.mappers
        if issubclass(mapper.class_, Trailed)
        for attribute in mapper.column_attrs
        if is_told(attribute.key) and attribute.key not in ("id", "body_id")
    }
    missing = fields - {*FIELDS} - NOT_SHOWN
    assert missing <= {"step_id", "values", "counts"}


@pytest.mark.covers("T4", "T10")
def test_hostile_text_of_entries_comes_out_as_text(client: FlaskClient) -> None:
    office = Office()
    title = "<img src=x onerror=alert(1)> {{ 7*7 }} %(actor)s %s 2026-99-99 \"'"
    a_document(office.officer, office.unit, title=title)
    sign_in(client, office.officer)
    page = client.get("/trail").get_data(as_text=True)
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; {{ 7*7 }} %(actor)s %s 2026-99-99" in page


@pytest.mark.covers("T4")
def test_fact_of_a_later_version_shows_its_code(requested: Flask) -> None:
    office = Office()
    entry = db.session.scalars(sa.select(TrailEntry).limit(1)).one()
    strange = TrailEntry(
        **{c.name: getattr(entry, c.name) for c in TrailEntry.__table__.columns if c.name != "id"}
    )
    strange.fact, strange.details, strange.chain = "later.fact", "[1]", office.body.id
    assert sentences(db.session(), [strange])[0].sentence == "later.fact"


@pytest.mark.covers("T4", "e7", "e21")
def test_trail_is_narrowed_by_record_person_day_and_fact(client: FlaskClient) -> None:
    office = Office()
    revision = office.effective()
    office.document("Cấp giấy phép xây dựng")
    sign_in(client, office.officer)

    def found(query: str) -> str:
        answer = client.get(f"/trail?lang=en&{query}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True).rpartition("</form>")[2]

    document_id = revision.document_id
    by_record = found(f"record=document:{document_id}")
    assert "opened a new document: Đăng ký khai sinh" in by_record
    assert f"submitted {revision.code}" in by_record
    assert "Cấp giấy phép xây dựng" not in by_record
    assert f"submitted {revision.code}" in found(f"code={revision.code.lower()}")
    assert "No document XX-99 is known" in client.get("/trail?lang=en&code=XX-99").get_data(
        as_text=True
    )
    by_person = found(f"who={office.manager.id}")
    assert "Phạm Thu Hà reviewed" in by_person
    assert "Trần Văn Quý submitted" not in by_person
    assert "Phạm Thu Hà reviewed" in found("who_typed=pham thu")
    assert "Phạm Thu Hà reviewed" in found("day=23/11/2026")
    assert "No entry fits" in found("day=22/11/2026")
    by_fact = found("fact=document.created")
    assert by_fact.count("opened a new document") == 2
    for spoilt in ("before=x", "after=-1", "record=a:b", "day=99/99/9999", "fact=nope"):
        found(spoilt)


@pytest.mark.covers("T4", "e7")
def test_trail_pages_by_key_with_a_steady_number_of_queries(client: FlaskClient) -> None:
    office = Office()
    for number in range(60):
        office.document(f"Quy trình {number}")
    sign_in(client, office.officer)
    with counted() as few:
        first = client.get("/trail?lang=en&fact=document.created").get_data(as_text=True)
    assert "Quy trình 59" in first
    assert "Quy trình 9." not in first
    assert len(few) <= 25, "\n".join(few)
    last = db.session.scalars(
        sa.select(TrailEntry.sequence)
        .where(TrailEntry.fact == "document.created", TrailEntry.chain == office.body.id)
        .order_by(TrailEntry.sequence.desc())
        .offset(49)
        .limit(1)
    ).one()
    assert f"before={last}" in first
    second = client.get(f"/trail?lang=en&fact=document.created&before={last}").get_data(
        as_text=True
    )
    assert "Quy trình 9." in second
    assert "Quy trình 59" not in second
    newer = client.get(f"/trail?lang=en&fact=document.created&after={last - 1}").get_data(
        as_text=True
    )
    assert "Quy trình 59" in newer


@pytest.mark.covers("O4", "e9", "T06")
def test_trail_of_another_body_is_never_shown(client: FlaskClient) -> None:
    office, other = Office(), Office()
    secret = other.document("Chuyện của nơi khác")
    sign_in(client, office.officer)
    for query in ("", f"?record=document:{secret.id}", f"?who={other.officer.id}"):
        page = client.get(f"/trail{query}").get_data(as_text=True)
        assert "Chuyện của nơi khác" not in page


@pytest.mark.covers("D6", "T06")
def test_document_for_named_people_is_not_told_to_others(client: FlaskClient) -> None:
    office = Office()
    document = a_document(
        office.officer,
        office.unit,
        title="Danh sách mật",
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader,),
    )
    submitted(a_draft(office.author, document, by=office.officer), office.officer)
    sign_in(client, office.administrator)
    page = client.get("/trail?lang=en").get_data(as_text=True)
    assert "Danh sách mật" not in page
    assert "did something with a document for named people only" in page
    session = db.session()
    for person, may_read in ((office.administrator, False), (office.manager, True)):
        standing = standing_of(session, person, TODAY)
        if may_read:
            assert entries_of_document(session, standing, document).entries
        else:
            with pytest.raises(Exception, match="nothing at this address"):
                entries_of_document(session, standing, document)


@pytest.mark.covers("D6", "a50", "T06")
def test_hold_on_a_document_for_named_people_is_not_told_to_others(client: FlaskClient) -> None:
    office = Office()
    document = a_document(
        office.officer,
        office.unit,
        title="Danh sách mật",
        confidentiality=Confidentiality.NAMED,
        readers=(office.leader,),
    )
    with unit_of_work(office.officer, now=MONDAY) as work:
        place_hold(work, document, reason="Đang thanh tra kín")
    sign_in(client, office.administrator)
    assert "Đang thanh tra kín" not in client.get("/trail?lang=en").get_data(as_text=True)


@pytest.mark.covers("T4", "D8", "a50")
def test_history_of_a_document_tells_of_its_withdrawal_and_holds(app: Flask) -> None:
    office = Office()
    revision = withdrawn(office)
    with unit_of_work(office.officer, now=MONDAY) as work:
        place_hold(work, work.fresh(revision.document), reason="Thanh tra")
    session = db.session()
    standing = standing_of(session, office.officer, TODAY)
    found = entries_of_document(session, standing, revision.document)
    told_of = {entry.fact for entry in found.entries}
    assert told_of >= {"withdrawal.proposed", "withdrawal.agreed", "hold.placed"}


@pytest.mark.covers("T4", "O1")
def test_history_of_a_document_is_read_by_whoever_reads_the_document(app: Flask) -> None:
    office, other = Office(), Office()
    revision = office.effective()
    session = db.session()
    standing = standing_of(session, office.staff, TODAY)
    found = entries_of_document(session, standing, revision.document)
    assert {entry.record_type for entry in found.entries} >= {"document", "revision", "package"}
    with pytest.raises(Exception, match="nothing at this address"):
        entries_of_document(session, standing_of(session, other.staff, TODAY), revision.document)


@pytest.mark.covers("T3", "e4")
def test_chain_is_checked_on_asking_and_the_result_stays(client: FlaskClient) -> None:
    office = Office()
    sign_in(client, office.officer)
    assert "was not checked yet" in client.get("/trail?lang=en").get_data(as_text=True)
    token = form_token(client, "/trail")
    answer = client.post("/trail/check", data={"csrf_token": token}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "The chain holds" in page
    assert "Lê Quang Huy" in page
    assert db.session.scalars(
        sa.select(TrailEntry.fact).where(TrailEntry.fact == "trail.checked")
    ).all() == ["trail.checked"]


@pytest.mark.covers("T3", "e4")
def test_broken_chain_names_the_entry_what_to_do_and_whom_to_tell(client: FlaskClient) -> None:
    office, other = Office(), Office()
    connection = db.session.connection()
    drop_guards(connection)
    connection.execute(
        sa.text("UPDATE trail_entry SET fact = 'x' WHERE chain = :c AND sequence = 4"),
        {"c": office.body.id},
    )
    db.session.commit()
    assert run_check().wrong is not None
    sign_in(client, office.officer)
    page = client.get("/trail?lang=en").get_data(as_text=True)
    assert "The chain does not hold" in page
    assert "Entry 4" in page
    assert "it was changed" in page
    assert "What to do" in page
    assert "Đỗ Minh Anh" in page
    elsewhere = client.application.test_client()
    sign_in(elsewhere, other.officer)
    theirs = elsewhere.get("/trail?lang=en").get_data(as_text=True)
    assert "The chain does not hold" not in theirs


@pytest.mark.covers("T3")
def test_check_that_takes_too_long_says_when_it_happens(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    sign_in(client, office.officer)
    monkeypatch.setattr("app.web.administration.trail.SECONDS", 0.0)
    token = form_token(client, "/trail")
    page = client.post("/trail/check", data={"csrf_token": token}, follow_redirects=True)
    assert "Toàn bộ nhật ký được kiểm tra hằng đêm" in page.get_data(as_text=True)


@pytest.mark.covers("T3", "e2")
def test_sealed_export_is_handed_out_and_is_a_fact(client: FlaskClient, tmp_path: Path) -> None:
    office = Office()
    office.effective()
    sign_in(client, office.officer)
    token = form_token(client, "/trail")
    answer = client.post("/trail/export", data={"csrf_token": token})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    target = tmp_path / "export.jsonl"
    target.write_bytes(answer.get_data())
    assert tool("check_trail").main([str(target)]) == 0
    assert len(told_facts(office.body.id, "trail.exported")) == 1
    assert b'"chain":0' not in answer.get_data()
    sign_in(client, office.leader)
    refused = client.post("/trail/export", data={"csrf_token": form_token(client, "/trail")})
    assert refused.status_code == 403


def told_facts(chain: int, fact: str) -> list[Any]:
    query = sa.select(TrailEntry).where(TrailEntry.chain == chain, TrailEntry.fact == fact)
    return list(db.session.scalars(query))


@pytest.mark.covers("T1", "T07")
def test_looking_at_the_trail_changes_nothing(client: FlaskClient) -> None:
    office = Office()
    sign_in(client, office.officer)
    client.get("/trail")
    before = db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry))
    client.get("/trail?lang=en&day=23/11/2026")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry)) == before
    assert client.get("/trail/check").status_code in (404, 405)
