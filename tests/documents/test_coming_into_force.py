"""Into force only on signatures over the same content, on its day, in one transaction (D4, D5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.kernel.db import db
from app.kernel.errors import RuleBroken
from app.kernel.permissions import standing_of
from app.kernel.search_index import Scope, SearchEntry, find
from app.kernel.trail import TrailEntry
from app.kernel.work import unit_of_work
from documents import register
from documents.drafting import change_record
from documents.issue import issue_if_due, packages_due, switches_late
from documents.models import Answer, DocumentKind, RevisionState
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_document,
    a_draft,
    answered,
    joined,
    raw,
    record_data,
    submitted,
)

THURSDAY = date(2026, 11, 26)
AT_THURSDAY = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)  # half past midnight in Hanoi


def _approved(office: Office, *, on: date = THURSDAY, document=None):
    revision = a_draft(office.author, document or office.document(), effective_on=on)
    submitted(revision, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    return revision


def _issue(revision, at: datetime) -> bool:
    with unit_of_work(None, now=at) as work:
        return issue_if_due(work, work.fresh(revision.package))


@pytest.mark.covers("D4", "a25", "a27")
def test_an_approved_revision_waits_for_its_day_where_the_body_is(app):
    office = Office()
    revision = _approved(office)
    assert revision.state is RevisionState.APPROVED
    assert not _issue(revision, AT_THURSDAY - timedelta(minutes=31))
    assert revision.state is RevisionState.APPROVED
    assert _issue(revision, AT_THURSDAY)
    assert revision.state is RevisionState.EFFECTIVE
    assert revision.effective_at == AT_THURSDAY
    assert not _issue(revision, AT_THURSDAY)  # a second call changes nothing
    facts = db.session.query(TrailEntry).filter_by(fact="revision.effective").count()
    assert facts == 1


@pytest.mark.covers("D4", "a27")
def test_what_is_due_is_found_on_its_day_and_not_before(app):
    office = Office()
    revision = _approved(office)
    session, body_id = db.session(), office.body.id
    assert packages_due(session, {body_id: THURSDAY - timedelta(days=1)}) == []
    assert packages_due(session, {body_id: THURSDAY}) == [revision.package_id]


@pytest.mark.covers("D4", "D1")
def test_the_predecessor_becomes_obsolete_in_the_same_transaction(app):
    office = Office()
    first = office.effective()
    second = _approved(office, document=first.document)
    assert first.state is RevisionState.EFFECTIVE
    _issue(second, AT_THURSDAY)
    assert (first.state, second.state) == (RevisionState.OBSOLETE, RevisionState.EFFECTIVE)
    assert first.ended_at == second.effective_at
    old, new = (
        db.session.query(TrailEntry).filter_by(fact=fact).order_by(TrailEntry.id.desc()).first()
        for fact in ("revision.obsolete", "revision.effective")
    )
    assert (old.at, old.sequence + 1) == (new.at, new.sequence)


@pytest.mark.covers("D4", "T1")
def test_where_the_switch_fails_the_predecessor_stays_in_force(app, monkeypatch):
    office = Office()
    first = office.effective()
    second = _approved(office, document=first.document)

    def broken(*_arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(register, "index_revision", broken)
    with pytest.raises(OSError, match="disk"):
        _issue(second, AT_THURSDAY)
    db.session.rollback()
    assert (first.state, second.state) == (RevisionState.EFFECTIVE, RevisionState.APPROVED)
    monkeypatch.undo()
    assert _issue(second, AT_THURSDAY)


@pytest.mark.covers("D4", "T21", "a56")
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE revision SET title = 'Tên khác' WHERE id = :id",
        "UPDATE revision SET edition = 7 WHERE id = :id",
        "UPDATE revision SET effective_on = '2026-11-25' WHERE id = :id",
        "UPDATE revision_file SET name = 'khac.docx' WHERE revision_id = :id",
        "UPDATE document SET code = 'QT-TP-99'"
        " WHERE id = (SELECT document_id FROM revision WHERE id = :id)",
        "UPDATE signature SET content_sha256 = 'f' || substr(content_sha256, 2)"
        " WHERE content_sha256 NOT LIKE 'f%'",
    ],
)
def test_signatures_over_other_content_do_not_count(app, tampering):
    office = Office()
    revision = _approved(office)
    values = {"id": revision.id} if ":id" in tampering else {}
    raw(tampering, **values)
    with pytest.raises(RuleBroken) as refused:
        _issue(revision, AT_THURSDAY)
    assert refused.value.rule == "D4"
    assert revision.state is RevisionState.APPROVED
    early = AT_THURSDAY - timedelta(minutes=25)  # five past midnight
    assert switches_late(db.session(), AT_THURSDAY, by=timedelta(minutes=10)) == 1
    if "effective_on" not in tampering:
        assert switches_late(db.session(), early, by=timedelta(minutes=10)) == 0


@pytest.mark.covers("D4", "T18")
def test_health_is_red_while_a_switch_is_refused(app, client):
    office = Office()
    revision = _approved(office)
    raw("UPDATE revision SET title = 'Tên khác', effective_on = '2020-01-01' WHERE id = :id",
        id=revision.id)  # fmt: skip
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json["jobs"]["switches_late"] == 1


@pytest.mark.covers("D4", "a16")
def test_signatures_of_an_earlier_round_do_not_count(app):
    office = Office()
    revision = submitted(
        a_draft(office.author, office.document(), effective_on=THURSDAY), office.author
    )
    for person in (office.manager, office.officer):
        answered(revision, person)
    answered(revision, office.leader, Answer.RETURN, "Sửa thời hạn.")
    submitted(revision, office.author)
    assert not revision.package.is_signed_through()
    answered(revision, office.manager)
    assert not revision.package.is_signed_through()
    raw(
        "UPDATE revision SET state = 'approved', approved_at = drafted_at WHERE id = :id",
        id=revision.id,
    )
    with pytest.raises(RuleBroken):
        _issue(revision, AT_THURSDAY)


@pytest.mark.covers("D4")
@pytest.mark.parametrize("state", ["draft", "in_review", "in_approval"])
def test_only_an_approved_revision_comes_into_force(app, state):
    office = Office()
    revision = a_draft(office.author, office.document())
    if state != "draft":
        submitted(revision, office.author)
    if state == "in_approval":
        for person in (office.manager, office.officer):
            answered(revision, person)
    assert str(revision.state) == state
    assert not _issue(revision, MONDAY)
    assert revision.effect_obstacle(TODAY).rule == "D4"


@pytest.mark.covers("D5", "D6", "a28")
def test_staff_find_the_effective_revision_and_no_other(app):
    office = Office()
    first = office.effective(text="Nộp hồ sơ tại bộ phận một cửa.")
    second = a_draft(office.author, first.document, text="Nộp hồ sơ trực tuyến.")
    staff = standing_of(db.session(), office.staff, TODAY)
    officer = standing_of(db.session(), office.officer, TODAY)

    def current():
        document = register.document(db.session(), staff, "qttp01")
        return register.effective_revision(db.session(), document)

    assert current() == first
    for revision, person, sees in (
        (first, staff, True),
        (second, staff, False),
        (second, officer, True),
    ):
        assert (register.may(person, "documents.revision.read", revision)) is sees
    submitted(second, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(second, person)
    assert current() == second
    entries = {
        entry.revision_id: entry.is_current
        for entry in db.session.query(SearchEntry).filter_by(document_id=first.document_id)
    }
    assert entries == {first.id: False, second.id: True}
    hits = find(db.session(), "một cửa", scope=Scope(office.body.id))
    assert hits == []
    assert not register.may(staff, "documents.revision.read", first)
    assert register.may(officer, "documents.revision.read", first)  # D5: it stays readable


@pytest.mark.covers("D7", "a39")
@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        (DocumentKind.PROCEDURE, None, date(2028, 11, 23)),
        (DocumentKind.POLICY, None, date(2027, 11, 23)),
        (DocumentKind.FORM, None, date(2029, 11, 23)),
        (DocumentKind.FORM, 3, date(2027, 2, 23)),
    ],
)
def test_every_effective_document_has_its_next_review(app, kind, own, expected):
    office = Office()
    document = a_document(office.officer, office.unit, kind=kind, keeper=office.author)
    if own:
        with unit_of_work(office.officer, now=MONDAY) as work:
            document = work.fresh(document)
            change_record(work, document, record_data(document, review_months=own))
    revision = _approved(office, on=TODAY, document=document)
    assert revision.state is RevisionState.EFFECTIVE
    assert document.next_review_on == expected


@pytest.mark.covers("D7")
def test_a_document_that_never_came_into_force_has_no_review(app):
    office = Office()
    revision = _approved(office)
    assert revision.document.next_review_on is None


@pytest.mark.covers("D4", "a25")
def test_a_package_switches_all_its_documents_at_once(app):
    office = Office()
    lead = a_draft(office.author, office.document(), effective_on=THURSDAY)
    form = a_draft(office.author, office.document("Tờ khai"), effective_on=THURSDAY)
    joined(lead, form, by=office.author)
    submitted(lead, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(lead, person)
    _issue(lead, AT_THURSDAY)
    assert [one.state for one in (lead, form)] == [RevisionState.EFFECTIVE] * 2
    assert lead.effective_at == form.effective_at
