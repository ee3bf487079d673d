"""Retention, holds and disposal of revisions and records (a49, a50; D2, D3, D5, T3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, NotFound, RuleBroken, Stale
from app.kernel.files import StoredFile, named_files
from app.kernel.install import installation
from app.kernel.notices import Notice
from app.kernel.permissions import standing_of
from app.kernel.trail import TrailEntry
from app.kernel.trail_check import verify
from app.kernel.work import unit_of_work
from documents import register, rendering
from documents.disposing import (
    DisposalData,
    disposal_by_number,
    disposal_of,
    disposals_to_decide,
    propose_disposal,
    refuse_disposal,
    sign_disposal,
    take_minutes,
)
from documents.drafting import begin_revision, bring_file
from documents.exporting import leaving
from documents.facts import DocumentFact, DocumentNotice
from documents.finding import search
from documents.models import (
    Disposal,
    DisposalState,
    FileReading,
    FileRendition,
    Hold,
    Revision,
    RevisionState,
)
from documents.records import RecordData, keep_record
from documents.releasing import files_to_remove, remove_file
from documents.restoring import restore_revision
from documents.retention import (
    count_due,
    dispose_obstacle,
    due_page,
    kept_until,
    lift_hold,
    place_hold,
)
from documents.retention_notices import tell_ahead
from documents.storing import BroughtFile
from documents.submission import cancel_package
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_body,
    a_brought_file,
    a_proof,
    settings_changed,
)

YEARS_LATER = MONDAY.replace(year=2036, month=11, day=24)  # ten years and a day
THEN = date(2036, 11, 24)


def obsolete(office: Office) -> Revision:
    first = office.effective(text="Bản một có chữ riêng biệt.")
    office.effective(first.document, text="Bản hai.")
    return first


def listed(office: Office, *things, now=YEARS_LATER) -> Disposal:
    with unit_of_work(office.officer, now=now) as work:
        return propose_disposal(
            work,
            work.fresh(office.body),
            DisposalData("Hết thời hạn lưu."),
            [work.fresh(thing) for thing in things],
        )


def signed(office: Office, disposal: Disposal, now=YEARS_LATER) -> Disposal:
    with unit_of_work(office.leader, now=now) as work:
        sign_disposal(work, work.fresh(disposal), proof=a_proof(office.leader))
    return disposal


def removed(now=YEARS_LATER) -> int:
    count = 0
    for file_id in files_to_remove(db.session()):
        with unit_of_work(None, now=now) as work:
            here = installation()
            count += remove_file(work, file_id, here.store, here.data / "marked")
    return count


def proved():
    here = installation()
    return verify(db.session(), here.keys, here.store)


def on_disk(sha256: str) -> bool:
    return installation().store.path(sha256).exists()


@pytest.mark.covers("a49")
def test_retention_counts_from_the_end_by_kind_or_as_the_document_says(app):
    office = Office()
    first = obsolete(office)
    assert kept_until(first) == date(2036, 11, 23)
    assert dispose_obstacle(db.session(), first, date(2036, 11, 23)) is not None
    assert dispose_obstacle(db.session(), first, THEN) is None
    current = register.effective_revision(db.session(), first.document)
    assert kept_until(current) is None
    settings_changed(office.body, retention_years={"procedure": 0})
    assert kept_until(first) is None  # for ever
    assert due_page(db.session(), office.body, date(2099, 1, 1)).revisions == []
    with unit_of_work(office.officer, now=MONDAY) as work:
        document = work.fresh(first.document)
        document.retention_years = 1
        work.record(DocumentFact.RECORD_CHANGED, document)
    assert kept_until(first) == date(2027, 11, 23)
    assert due_page(db.session(), office.body, date(2027, 11, 23)).revisions == []
    assert due_page(db.session(), office.body, date(2027, 11, 24)).revisions == [first]


@pytest.mark.covers("a49")
def test_what_comes_to_its_end_is_told_ahead_once(app):
    office = Office()
    obsolete(office)
    soon = date(2036, 10, 1)
    for expected in (True, False):
        with unit_of_work(None, now=YEARS_LATER) as work:
            assert tell_ahead(work, work.fresh(office.body), soon) is expected
    notice = db.session.scalars(
        sa.select(Notice).where(Notice.kind == str(DocumentNotice.RETENTION_ENDS))
    ).one()
    assert notice.person_id == office.officer.id
    assert notice.values["count"] == 1
    with unit_of_work(None, now=MONDAY) as work:
        assert tell_ahead(work, work.fresh(office.body), TODAY) is False


@pytest.mark.covers("a49", "D5", "D3")
def test_a_disposal_is_signed_over_its_list_and_leaves_row_digest_and_trail(app):
    office = Office()
    first = obsolete(office)
    sha256 = first.main_file.sha256
    disposal = listed(office, first)
    assert disposal.number == "TH-2036-001"
    assert [
        one.id
        for one in disposals_to_decide(db.session(), standing_of(db.session(), office.leader, THEN))
    ] == [disposal.id]
    with pytest.raises(Forbidden), unit_of_work(office.officer, now=YEARS_LATER) as work:
        sign_disposal(work, work.fresh(disposal), proof=a_proof(office.officer))
    signed(office, disposal)
    assert disposal.state is DisposalState.CARRIED_OUT
    assert disposal.signature.covers(disposal.content())
    assert sha256 in disposal.signature.content
    assert first.state is RevisionState.OBSOLETE
    assert first.disposed_at == YEARS_LATER
    assert first.main_file.sha256 == sha256
    assert disposal_of(db.session(), first) == disposal
    assert (
        db.session.scalars(sa.select(FileReading).where(FileReading.sha256 == sha256)).all() == []
    )
    assert removed() == 1
    assert removed() == 0
    assert not on_disk(sha256)
    entry = db.session.scalars(
        sa.select(TrailEntry).where(TrailEntry.fact == str(DocumentFact.DISPOSAL_CARRIED_OUT))
    ).one()
    assert entry.actor_id == office.leader.id
    with unit_of_work(office.officer, now=YEARS_LATER) as work:
        take_minutes(work, work.fresh(disposal))


@pytest.mark.covers("T3", "D5")
def test_the_proof_knows_what_is_lawfully_gone_and_still_reports_what_is_not(app):
    office = Office()
    first = obsolete(office)
    gone = first.main_file.sha256
    kept = register.effective_revision(db.session(), first.document).main_file.sha256
    signed(office, listed(office, first))
    removed()
    assert proved().wrong is None
    assert gone not in named_files(db.session.connection())
    path = installation().store.path(kept)
    content = path.read_bytes()
    path.unlink()
    assert kept in str(proved().wrong.values)
    installation().store.put(content)
    assert proved().wrong is None


@pytest.mark.covers("T3", "D5")
def test_a_file_marked_as_gone_without_a_decision_is_reported(app):
    office = Office()
    sha256 = office.effective().main_file.sha256
    db.session.execute(
        sa.update(StoredFile).where(StoredFile.sha256 == sha256).values(released_at=MONDAY)
    )
    db.session.commit()
    installation().store.path(sha256).unlink()
    wrong = proved().wrong
    assert wrong is not None
    assert "no entry of the trail" in wrong.text


@pytest.mark.covers("D5", "a50")
def test_a_hold_stops_a_disposal_proposed_or_about_to_be_signed(app):
    office = Office()
    first = obsolete(office)
    disposal = listed(office, first)
    with unit_of_work(office.officer, now=YEARS_LATER) as work:
        hold = place_hold(work, work.fresh(first.document), reason="Thanh tra tỉnh.")
    with pytest.raises(RuleBroken) as refused:
        signed(office, disposal)
    assert refused.value.values["reason"] == "Thanh tra tỉnh."
    assert disposal.state is DisposalState.PROPOSED
    assert on_disk(first.main_file.sha256)
    assert count_due(db.session(), office.body, THEN, THEN) == 0
    with pytest.raises(RuleBroken):
        listed(office, first)
    with unit_of_work(office.officer, now=YEARS_LATER) as work:
        lift_hold(work, work.fresh(hold), reason="Thanh tra đã kết luận.")
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=YEARS_LATER) as work:
        lift_hold(work, work.fresh(hold), reason="Lần nữa.")
    signed(office, disposal)
    assert first.disposed_at is not None


@pytest.mark.covers("a50")
def test_a_hold_needs_a_reason_its_time_and_a_person_who_may(app):
    office = Office()
    first = obsolete(office)
    document = first.document
    for reason, until in ((" ", None), ("Kiện.", TODAY - timedelta(days=1))):
        with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
            place_hold(work, work.fresh(document), reason=reason, until_on=until)
    with pytest.raises(Forbidden), unit_of_work(office.manager, now=MONDAY) as work:
        place_hold(work, work.fresh(document), reason="Kiện.")
    with unit_of_work(office.officer, now=MONDAY) as work:
        place_hold(work, work.fresh(document), reason="Kiện.", until_on=TODAY)
    assert dispose_obstacle(db.session(), first, THEN) is None  # it ended by itself
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Hold)) == 1


@pytest.mark.covers("D5")
def test_what_is_in_force_or_kept_longer_or_listed_or_gone_is_not_put_on_a_list(app):
    office = Office()
    first = obsolete(office)
    current = register.effective_revision(db.session(), first.document)
    with pytest.raises(RuleBroken):
        listed(office, current)
    with pytest.raises(RuleBroken):
        listed(office, first, now=MONDAY)
    with pytest.raises(InvalidInput):
        listed(office)
    disposal = listed(office, first)
    with pytest.raises(RuleBroken):
        listed(office, first)
    signed(office, disposal)
    with pytest.raises(RuleBroken):
        listed(office, first)


@pytest.mark.covers("D5")
def test_retention_prolonged_while_a_list_waits_stops_it(app):
    office = Office()
    first = obsolete(office)
    disposal = listed(office, first)
    settings_changed(office.body, retention_years={"procedure": 20})
    with pytest.raises(RuleBroken):
        signed(office, disposal)
    with unit_of_work(office.leader, now=YEARS_LATER) as work:
        refuse_disposal(work, work.fresh(disposal), reason="Kéo dài thời hạn.")
    assert disposal.state is DisposalState.REFUSED
    with pytest.raises(RuleBroken):
        signed(office, disposal)


@pytest.mark.covers("D2", "D5")
def test_a_file_held_by_another_revision_or_another_body_stays(app):
    office, other = Office(), Office(a_body())
    first = obsolete(office)
    shared = first.main_file
    brought = BroughtFile(shared.sha256, "Chung.docx", shared.size, "application/x", "", "")
    document = other.document()
    with unit_of_work(other.author, now=MONDAY) as work:
        draft = begin_revision(work, work.fresh(document))
    with unit_of_work(other.author, now=MONDAY) as work:
        bring_file(work, work.fresh(draft), brought)
    signed(office, listed(office, first))
    assert first.disposed_at is not None
    assert removed() == 0
    assert on_disk(shared.sha256)
    assert proved().wrong is None


@pytest.mark.covers("D2", "D5")
def test_two_revisions_of_one_file_both_disposed_of_let_it_go_with_the_last(app):
    office = Office()
    first = obsolete(office)
    shared = first.main_file
    second = office.effective(first.document, text="Bản ba.")
    middle = register.effective_revision(db.session(), first.document)
    assert middle == second
    with unit_of_work(office.author, now=MONDAY) as work:
        restored = restore_revision(work, work.fresh(first), reason="Quay lại.")
    assert restored.main_file.sha256 == shared.sha256
    signed(office, listed(office, first))
    assert on_disk(shared.sha256)
    with unit_of_work(office.author, now=YEARS_LATER) as work:
        cancel_package(work, work.fresh(restored), reason="Thôi.")
    assert removed() == 0  # a cancelled draft is no past revision: it keeps its file
    assert proved().wrong is None


@pytest.mark.covers("D2", "D5")
def test_a_file_brought_again_after_its_disposal_is_kept_again(app):
    office = Office()
    first = obsolete(office)
    sha256, size = first.main_file.sha256, first.main_file.size
    content = installation().store.path(sha256).read_bytes()
    signed(office, listed(office, first))
    again = BroughtFile(sha256, "Lại.docx", size, "application/x", "", "")
    with unit_of_work(office.author, now=YEARS_LATER) as work:
        draft = begin_revision(work, work.fresh(first.document))
        bring_file(work, draft, again)  # before the job came: the bytes are there still
    assert removed() == 0
    assert on_disk(sha256)
    unrelated = office.document("Khác")
    with unit_of_work(office.author, now=YEARS_LATER) as work:
        other = begin_revision(work, work.fresh(unrelated))
    installation().store.path(sha256).unlink()
    raw_release(sha256)
    with pytest.raises(Stale), unit_of_work(office.author, now=YEARS_LATER) as work:
        bring_file(work, work.fresh(other), again)
    installation().store.put(content)
    with unit_of_work(office.author, now=YEARS_LATER) as work:
        bring_file(work, work.fresh(other), again)
    assert sha256 in named_files(db.session.connection())


def raw_release(sha256: str) -> None:
    db.session.execute(
        sa.update(StoredFile)
        .where(StoredFile.sha256 == sha256)
        .values(released_at=MONDAY, removed_at=MONDAY)
    )
    db.session.commit()


@pytest.mark.covers("D5", "a29")
def test_what_was_disposed_of_cannot_be_restored_shown_or_found(app):
    office = Office()
    first = obsolete(office)
    officer = standing_of(db.session(), office.officer, THEN)
    words = "chữ riêng biệt"
    assert search(db.session(), officer, words, body_id=office.body.id, every_revision=True)
    signed(office, listed(office, first))
    with pytest.raises(RuleBroken) as refused, unit_of_work(office.author, now=YEARS_LATER) as work:
        restore_revision(work, work.fresh(first), reason="Cần lại.")
    assert refused.value.rule == "D5"
    assert rendering.base_of(db.session(), first) is None
    assert not search(db.session(), officer, words, body_id=office.body.id, every_revision=True)
    found = {one.revision.id: one for one in leaving(db.session(), office.body)}
    assert found[first.id].files == ()
    assert found[first.id].row is not None


@pytest.mark.covers("D5", "a59")
def test_the_pdf_made_of_a_file_goes_with_it_also_one_that_was_being_drawn(app):
    office = Office()
    first = obsolete(office)
    source = first.main_file.sha256
    pdf = installation().store.put(b"%PDF-1.7 one")
    late = installation().store.put(b"%PDF-1.7 late")
    wanted = rendering.Wanted(source, "QT.docx", 0)
    rendering.keep_rendition(wanted, rendering.Made(pdf, "office", 1, 12))
    signed(office, listed(office, first))
    rendering.keep_rendition(wanted, rendering.Made(late, "office", 1, 13))
    of_it = sa.select(FileRendition).where(FileRendition.source_sha256 == source)
    assert db.session.scalars(of_it).all() == []
    while removed():
        pass
    assert not on_disk(pdf)
    assert not on_disk(late)
    assert not on_disk(source)
    assert proved().wrong is None
    wanted_now = rendering.renditions_wanted(db.session(), now=YEARS_LATER, limit=50)
    assert source not in {one.sha256 for one in wanted_now}


@pytest.mark.covers("D5", "O4")
def test_another_bodys_revision_is_on_no_list_and_its_disposals_are_not_seen(app):
    office, other = Office(), Office(a_body())
    foreign = obsolete(other)
    with pytest.raises(NotFound):
        listed(office, foreign)
    disposal = listed(other, foreign)
    with pytest.raises(NotFound):
        disposal_by_number(
            db.session(), standing_of(db.session(), office.leader, THEN), other.body.id,
            disposal.number,
        )  # fmt: skip
    with pytest.raises(Forbidden):
        signed(office, disposal)


@pytest.mark.covers("a49")
def test_a_record_is_disposed_of_by_the_same_decision_with_its_file(app):
    office = Office()
    brought = a_brought_file("Phiếu đã điền.")
    with unit_of_work(office.staff, now=MONDAY) as work:
        record = keep_record(
            work, RecordData(work.fresh(office.unit), "Sổ họp", TODAY, number="01/2026"), brought
        )
    assert record.keep_until == date(2031, 11, 23)
    later = MONDAY.replace(year=2031, day=24)
    assert due_page(db.session(), office.body, date(2031, 11, 24)).records == [record]
    signed(office, listed(office, record, now=later), now=later)
    assert record.disposed_at == later
    assert removed() == 1
    assert not on_disk(brought.sha256)
    assert proved().wrong is None
