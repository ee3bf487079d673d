"""One act, one transaction, one entry per fact; silence and doubling abort it (T1, T2)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.kernel import work as kernel_work
from app.kernel.db import db
from app.kernel.errors import Forbidden, Stale, TrailIncomplete
from app.kernel.facts import KernelFact
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.organising import add_unit
from app.kernel.people import Person
from app.kernel.trail import EMPTY_HASH, TrailChain, TrailEntry, entry_hash, entry_mac
from app.kernel.work import Work, unit_of_work
from documents.drafting import DocumentData, open_document
from documents.facts import DocumentFact
from documents.models import Document, DocumentKind, Package, Revision
from documents.submission import join_package
from tests.builders import (
    MONDAY,
    Office,
    a_draft,
    a_person,
    a_unit,
    form_token,
    raw,
    sign_in,
)


def _count() -> int:
    return db.session.query(TrailEntry).count()


def _try(act: Callable[[Work], object], actor: Person | None = None) -> None:
    with unit_of_work(actor, now=MONDAY) as work:
        act(work)


@pytest.mark.covers("T1")
def test_a_change_without_a_fact_aborts_the_act(app):
    office = Office()
    entries = _count()
    with pytest.raises(TrailIncomplete, match="Unit"), unit_of_work(None, now=MONDAY) as work:
        work.fresh(office.unit).code = "KHAC"
    assert office.unit.code == "TP"
    assert _count() == entries


@pytest.mark.covers("T1")
def test_a_change_after_its_fact_was_told_aborts_the_act(app):
    office = Office()

    def change_told_too_early(work: Work) -> None:
        unit = work.fresh(office.unit)
        unit.code = "MOT"
        work.record(KernelFact.UNIT_CHANGED, unit)
        unit.code = "HAI"

    with pytest.raises(TrailIncomplete):
        _try(change_told_too_early)
    assert office.unit.code == "TP"


@pytest.mark.covers("T1")
def test_a_change_through_a_relationship_is_a_change_too(app):
    office = Office()
    first = a_draft(office.author, office.document())
    second = a_draft(office.author, office.document("Tờ khai"))
    former = second.package_id
    with (
        pytest.raises(TrailIncomplete, match="package_id"),
        unit_of_work(None, now=MONDAY) as work,
    ):
        work.fresh(second).package = work.fresh(first.package)
    assert second.package_id == former
    with unit_of_work(office.author, now=MONDAY) as work:
        join_package(work, work.fresh(first.package), work.fresh(second))
    entry = db.session.query(TrailEntry).filter_by(fact="revision.package_joined").one()
    assert json.loads(entry.details)["changes"]["package_id"] == [former, first.package_id]


@pytest.mark.covers("T1")
def test_one_fact_about_one_record_is_told_once(app):
    office = Office()
    entries = _count()

    def tell_twice(work: Work) -> None:
        unit = work.fresh(office.unit)
        unit.code = "MOT"
        work.record(KernelFact.UNIT_CHANGED, unit)
        work.record(KernelFact.UNIT_CHANGED, unit)

    with pytest.raises(TrailIncomplete, match="twice"):
        _try(tell_twice)
    assert _count() == entries
    assert office.unit.code == "TP"


@pytest.mark.covers("T1")
def test_an_act_that_fails_leaves_neither_change_nor_entry(app):
    office = Office()
    entries = _count()

    def open_and_stumble(work: Work) -> None:
        unit = work.fresh(office.unit)
        open_document(work, DocumentData(kind=DocumentKind.FORM, lead_unit=unit, title="Một"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _try(open_and_stumble, office.officer)
    assert _count() == entries
    assert db.session.query(Document).count() == 0


@pytest.mark.covers("T1", "T18")
def test_without_its_entry_no_act_happens(app, monkeypatch):
    office = Office()

    def broken(*_arguments: object) -> None:
        raise OSError("no room for the entry")

    monkeypatch.setattr(kernel_work, "append", broken)
    with pytest.raises(OSError, match="room"), unit_of_work(None, now=MONDAY) as work:
        add_unit(work, work.fresh(office.unit), "MOI", "Tổ mới", office.unit.kind,
                 active_from=MONDAY.date())  # fmt: skip
    assert db.session.query(Unit).filter_by(code="MOI").count() == 0


@pytest.mark.covers("T1")
def test_records_change_only_inside_a_unit_of_work(app):
    office = Office()
    office.unit.code = "KHAC"
    with pytest.raises(RuntimeError, match="inside a unit of work"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.covers("T1", "T2")
@pytest.mark.parametrize("what", ["orm", "core", "insert", "delete"])
def test_trailed_tables_are_not_changed_in_bulk(app, what):
    Office()
    statement = {
        "orm": sa.update(Person).values(post="Trưởng phòng"),
        "core": sa.update(Revision.__table__).values(title="Khác"),
        "insert": sa.insert(Package).values(body_id=1, lead_unit_id=1),
        "delete": sa.delete(TrailEntry),
    }[what]
    with pytest.raises(RuntimeError, match="one by one"), unit_of_work(None) as work:
        work.session.execute(statement)


@pytest.mark.covers("T2")
def test_evidence_is_never_deleted_and_the_trail_never_changed(app):
    office = Office()

    def rewrite(work: Work) -> None:
        work.session.query(TrailEntry).first().fact = "unit.changed"

    with pytest.raises(RuntimeError, match="never deleted"):
        _try(lambda work: work.session.delete(work.fresh(office.unit)))
    with pytest.raises(RuntimeError, match="only added to"):
        _try(rewrite)


@pytest.mark.covers("T2")
@pytest.mark.parametrize(
    "statement", ["UPDATE trail_entry SET fact = 'unit.added'", "DELETE FROM trail_entry"]
)
def test_the_database_itself_refuses_to_change_the_trail(app, statement):
    Office()
    entries = _count()
    with pytest.raises(DBAPIError, match="only added to"):
        raw(statement)
    assert _count() == entries > 0


@pytest.mark.covers("T2", "T3")
def test_entries_are_chained_and_keyed_in_the_order_they_happened(app):
    office = Office()
    office.effective()
    keys = installation().keys
    chains = db.session.query(TrailChain).all()
    assert {chain.chain for chain in chains} >= {office.body.id}
    for chain in chains:
        previous, sequence = EMPTY_HASH, 0
        for entry in (
            db.session.query(TrailEntry).filter_by(chain=chain.chain).order_by(TrailEntry.sequence)
        ):
            sequence += 1
            assert entry.sequence == sequence
            assert entry.hash == entry_hash(previous, entry.content())
            assert entry.mac == entry_mac(keys.mac_keys[entry.key], entry.hash)
            previous = entry.hash
        assert (chain.sequence, chain.hash) == (sequence, previous)


@pytest.mark.covers("T1", "T05")
def test_a_refusal_is_recorded_once_in_a_unit_of_work_of_its_own(app, client):
    office = Office()
    document = office.document()
    revision = a_draft(office.author, document)
    sign_in(client, office.manager)
    entries = _count()
    token = form_token(client, "/work")
    answer = client.post(
        f"/r/{revision.id}/cancellation", data={"reason": "Thử", "csrf_token": token}
    )
    assert answer.status_code == 403
    refusals = db.session.query(TrailEntry).filter_by(fact="access.refused").all()
    assert len(refusals) == 1
    assert _count() == entries + 1
    told = json.loads(refusals[0].details)
    assert refusals[0].actor_id == office.manager.id
    assert told["permission"] == "documents.revision.cancel"
    assert (refusals[0].record_type, told["about"]) == ("revision", revision.id)
    assert str(revision.state) == "draft"


@pytest.mark.covers("T1", "T05")
def test_strangers_refusals_are_not_in_the_trail(app, client):
    office = Office()
    revision = a_draft(office.author, office.document())
    entries = _count()
    for path in (f"/r/{revision.id}", "/work", "/documents/new"):
        assert client.get(path).status_code in (303, 404)
    assert _count() == entries


@pytest.mark.covers("T03", "e1")
def test_what_was_seen_in_an_older_state_is_refused(app):
    office = Office()
    seen = office.unit.row_version
    with unit_of_work(None, now=MONDAY) as work:
        unit = work.fresh(office.unit, seen=seen)
        unit.code = "MOT"
        work.record(KernelFact.UNIT_CHANGED, unit)
    with pytest.raises(Stale), unit_of_work(None, now=MONDAY) as work:
        work.fresh(office.unit, seen=seen)


@pytest.mark.covers("O1", "T08")
def test_a_closed_account_acts_no_more(app):
    office = Office()
    raw("UPDATE person SET disabled_at = :at WHERE id = :id", at=MONDAY, id=office.officer.id)
    with pytest.raises(Forbidden), unit_of_work(office.officer, now=MONDAY):
        pytest.fail("nobody gets here")


@pytest.mark.covers("T4", "e1")
def test_a_fact_holds_old_and_new_values_and_no_name_of_a_person(app):
    office = Office()
    person = a_person(a_unit(office.body), name="Nguyễn Văn Bí Mật")
    with unit_of_work(None, now=MONDAY) as work:
        fresh = work.fresh(person)
        fresh.rename("Trần Thị Kín Đáo")
        fresh.post = "Chuyên viên"
        work.record(KernelFact.PERSON_CHANGED, fresh)
    entry = db.session.query(TrailEntry).order_by(TrailEntry.id.desc()).first()
    told = json.loads(entry.details)
    assert told["changes"]["post"] == ["", "Chuyên viên"]
    assert set(told["changes"]) == {"name", "post"}
    for secret in ("Bí Mật", "Kín Đáo"):
        found = sa.select(sa.func.count()).where(TrailEntry.details.contains(secret))
        assert db.session.scalar(found) == 0


@pytest.mark.covers("T1")
def test_only_one_unit_of_work_is_open_at_a_time(app):
    with (
        pytest.raises(RuntimeError, match="one unit of work"),
        unit_of_work(None),
        unit_of_work(None),
    ):
        pytest.fail("nobody gets here")


@pytest.mark.covers("T1", "T4")
def test_every_fact_of_a_revisions_life_is_told_exactly_once(app):
    office = Office()
    revision = office.effective()
    facts = [
        entry.fact
        for entry in db.session.query(TrailEntry)
        .filter(TrailEntry.fact.startswith("revision."))
        .order_by(TrailEntry.sequence)
    ]
    assert facts == [
        str(fact)
        for fact in (
            DocumentFact.REVISION_DRAFTED,
            DocumentFact.FILE_BROUGHT,
            DocumentFact.DRAFT_CHANGED,
            DocumentFact.REVISION_SUBMITTED,
            DocumentFact.REVIEW_GIVEN,
            DocumentFact.REVIEW_GIVEN,
            DocumentFact.APPROVAL_GIVEN,
            DocumentFact.REVISION_APPROVED,
            DocumentFact.REVISION_EFFECTIVE,
            DocumentFact.DISTRIBUTED,
        )
    ]
    assert str(revision.state) == "effective"
