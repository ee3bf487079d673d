"""Jobs as functions: safe to run twice, late rather than never, one failure stops no other."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.jobs import (
    Job,
    JobIncomplete,
    name_overdue_reviews,
    orphaned_files,
    perform,
    seal_heads,
    show_life,
    sweep,
    switch_revisions,
    timetable,
)
from app.kernel.accounts import Draft, Guess, SignInSession
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.files import named_among
from app.kernel.install import installation
from app.kernel.jobs import Heartbeat
from app.kernel.notices import Notice
from app.kernel.sweeping import sweep_drawn
from app.kernel.trail import HEAD_PREFIX, TrailEntry, TrailHead, canonical
from app.kernel.work import unit_of_work
from app.web.health import health
from documents import issue
from documents.controlled_copy import CopyData, issue_copy, photograph
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Document, RevisionState, TemplatePurpose
from documents.records import RecordData, keep_record
from tests.builders import (
    MONDAY,
    TODAY,
    Office,
    a_brought_file,
    a_draft,
    a_person,
    a_template,
    answered,
    submitted,
)

DAY = timedelta(days=1)


def approved(office: Office, in_days: int, title: str = "Đăng ký khai sinh"):
    """Take a revision through its route, its day still to come."""
    revision = a_draft(
        office.author, office.document(title), effective_on=TODAY + timedelta(days=in_days)
    )
    submitted(revision, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(revision, person)
    return revision


def facts(fact: object, **values: object) -> list[TrailEntry]:
    """Give the entries of one fact."""
    return list(db.session.scalars(sa.select(TrailEntry).filter_by(fact=str(fact), **values)).all())


@pytest.mark.covers("a25", "D4", "T17")
def test_a_revision_comes_into_force_on_its_day_and_once(app) -> None:
    revision = approved(Office(), 3)
    assert switch_revisions(MONDAY + 2 * DAY) == 0
    assert revision.state is RevisionState.APPROVED
    midnight = MONDAY.replace(hour=17) + 2 * DAY  # 00:00 of the day in Hà Nội is 17:00 UTC before
    assert switch_revisions(midnight - timedelta(seconds=1)) == 0
    assert switch_revisions(midnight) == 1
    assert revision.state is RevisionState.EFFECTIVE
    assert switch_revisions(midnight) == 0
    assert switch_revisions(midnight + DAY) == 0
    assert len(facts(DocumentFact.REVISION_EFFECTIVE, record_id=revision.id)) == 1


@pytest.mark.covers("T17", "D1", "a27")
def test_after_a_downtime_each_late_switch_happens_once_and_in_one_step(app) -> None:
    office = Office()
    first = office.effective()
    second = a_draft(office.author, first.document, effective_on=TODAY + timedelta(days=1))
    submitted(second, office.author)
    for person in (office.manager, office.officer, office.leader):
        answered(second, person)
    other = approved(office, 2, "Chứng thực")
    assert switch_revisions(MONDAY + 9 * DAY) == 2
    assert (first.state, second.state, other.state) == (
        RevisionState.OBSOLETE,
        RevisionState.EFFECTIVE,
        RevisionState.EFFECTIVE,
    )
    assert switch_revisions(MONDAY + 9 * DAY) == 0


@pytest.mark.covers("D4", "T18")
def test_a_package_that_fails_stops_no_other_and_turns_health_red(app, monkeypatch) -> None:
    office = Office()
    spoiled, good = approved(office, 1), approved(office, 1, "Chứng thực")
    really = issue.issue_obstacle

    def obstacle(session, package):
        if package.id == spoiled.package_id:
            raise RuntimeError("the signatures are gone")
        return really(session, package)

    monkeypatch.setattr(issue, "issue_obstacle", obstacle)
    later = MONDAY + 2 * DAY
    with pytest.raises(JobIncomplete, match="1 done, 1 failed"):
        switch_revisions(later)
    assert good.state is RevisionState.EFFECTIVE
    assert spoiled.state is RevisionState.APPROVED
    assert issue.switches_late(db.session(), later, by=timedelta(minutes=10)) == 1
    assert not facts(DocumentFact.REVISION_EFFECTIVE, record_id=spoiled.id)
    monkeypatch.undo()
    assert switch_revisions(later) == 1
    assert issue.switches_late(db.session(), later, by=timedelta(minutes=10)) == 0


def test_a_job_that_fails_is_an_outcome_and_not_the_end(app) -> None:
    def fail(_now) -> int:
        raise ValueError("no\nsecond line")

    outcome = perform(app, Job("letters", 60, fail, "to see it fail"), MONDAY)
    assert outcome.problem == "ValueError: no"
    assert perform(app, Job("letters", 60, lambda _now: 3, "to see it work"), MONDAY).count == 3


def test_the_timetable_says_what_when_and_why() -> None:
    jobs = timetable()
    assert len({job.name for job in jobs}) == len(jobs)
    assert {job.name: job.every for job in jobs}.items() >= {
        "heartbeat": 15, "switch": 30, "heads": 3600, "sweep": 3600,
    }.items()  # fmt: skip
    assert all(job.why for job in jobs)


@pytest.mark.covers("T17")
def test_a_clock_that_went_back_is_recorded_once(app) -> None:
    show_life(MONDAY)
    show_life(MONDAY - timedelta(minutes=4))
    assert not facts(KernelFact.CLOCK_WENT_BACK)
    show_life(MONDAY)
    for seconds in (0, 15, 30):
        show_life(MONDAY - DAY + timedelta(seconds=seconds))
    [entry] = facts(KernelFact.CLOCK_WENT_BACK)
    assert entry.chain == 0
    assert json.loads(entry.details)["seconds"] == 86400
    beats = db.session.scalars(sa.select(Heartbeat)).all()
    assert [beat.at for beat in beats] == [MONDAY - DAY + timedelta(seconds=30)]


# --- reviews (D7)


def told_of_review(person) -> int:
    """Count the lines somebody got about an overdue review."""
    query = sa.select(sa.func.count()).where(
        Notice.person_id == person.id, Notice.kind == str(DocumentNotice.REVIEW_OVERDUE)
    )
    return db.session.scalar(query)


def due(document: Document):
    """Give the moment of the review's due day."""
    return MONDAY + (document.next_review_on - TODAY)


@pytest.mark.covers("D7", "T17")
def test_a_late_review_climbs_one_rung_after_another_each_once(app) -> None:
    office = Office()
    document = office.effective().document
    people = (office.author, office.manager, office.officer, office.leader)
    day = due(document)
    seen = []
    for days in (-1, 0, 0, 3, 9, 10, 13, 19, 20, 20, 60):
        name_overdue_reviews(day + timedelta(days=days))
        seen.append(tuple(told_of_review(person) for person in people))
    nobody, owner, officer, leader = (0, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 1)
    assert seen[0] == nobody
    assert seen[1:4] == [owner] * 3
    assert officer in seen
    assert seen[-1] == leader
    assert seen == sorted(seen), "nobody is told twice, nothing is taken back"
    assert len(facts(DocumentFact.REVIEW_OVERDUE, record_id=document.id)) == 3


@pytest.mark.covers("D7", "T17")
def test_after_a_downtime_everybody_is_told_once_not_three_times(app) -> None:
    office = Office()
    document = office.effective().document
    for _ in range(3):
        name_overdue_reviews(due(document) + timedelta(days=40))
    for person in (office.author, office.manager, office.officer, office.leader):
        assert told_of_review(person) == 1
    assert told_of_review(office.staff) == 0
    assert len(facts(DocumentFact.REVIEW_OVERDUE, record_id=document.id)) == 1


@pytest.mark.covers("D7")
def test_who_holds_two_rungs_is_told_once_and_a_new_due_date_starts_anew(app) -> None:
    office = Office()
    document = office.effective().document
    with unit_of_work(office.officer, now=MONDAY) as work:
        kept = work.fresh(document)
        kept.keeper_id = office.officer.id
        work.record(DocumentFact.KEEPER_CHANGED, kept, keeper=office.officer)
    first = due(document)
    name_overdue_reviews(first)
    name_overdue_reviews(first + timedelta(days=30))
    assert told_of_review(office.officer) == 1
    with unit_of_work(office.officer, now=MONDAY) as work:
        kept = work.fresh(document)
        kept.next_review_on = TODAY + timedelta(days=900)
        work.record(DocumentFact.RECORD_CHANGED, kept)
    name_overdue_reviews(first + timedelta(days=30))
    assert told_of_review(office.officer) == 1
    name_overdue_reviews(due(document))
    assert told_of_review(office.officer) == 2


@pytest.mark.covers("D14")
def test_nobody_is_told_anything_before_submission(app) -> None:
    office = Office()
    draft = a_draft(office.author, office.document())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0
    submitted(draft, office.author)
    told = db.session.scalars(sa.select(Notice.person_id)).all()
    assert told == [office.manager.id]


# --- sealing and sweeping


@pytest.mark.covers("T3")
def test_signed_heads_leave_the_database_every_time_something_happened(app) -> None:
    heads = installation().data / "heads.jsonl"
    heads.unlink(missing_ok=True)
    office = Office()
    sealed = seal_heads(MONDAY)
    assert sealed >= 1
    assert seal_heads(MONDAY + DAY) == 0
    office.document()
    assert seal_heads(MONDAY + DAY) == 1
    with heads.open("ab") as torn:  # as a power cut leaves it
        torn.write(b'{"chain":1,"ha')
    office.document("Chứng thực")
    assert seal_heads(MONDAY + DAY) == 1
    lines = [json.loads(line) for line in heads.read_text().splitlines()]
    stored = db.session.scalars(sa.select(TrailHead).order_by(TrailHead.id)).all()
    assert len(lines) == len(stored) == sealed + 2
    public = installation().keys.public_keys()
    for line, head in zip(lines, stored, strict=True):
        assert (line["type"], line["chain"], line["hash"]) == ("head", head.chain, head.hash)
        content = {name: line[name] for name in head.content()}
        assert canonical(content) == canonical(head.content())
        Ed25519PublicKey.from_public_bytes(public[line["key"]]).verify(
            bytes.fromhex(line["signature"]), HEAD_PREFIX + canonical(content)
        )


def test_old_sign_ins_guesses_drafts_and_halves_of_uploads_go_and_nothing_else(app) -> None:
    person = a_person(Office().body)
    store = installation().store
    old_half, new_half = store.incoming / "in-old", store.incoming / "in-new"
    for half in (old_half, new_half):
        half.write_bytes(b"half")
    yesterday = (MONDAY - DAY - timedelta(minutes=1)).timestamp()
    os.utime(old_half, (yesterday, yesterday))
    os.utime(new_half, (MONDAY.timestamp(),) * 2)
    with unit_of_work(None, now=MONDAY) as work:
        for name, days in (("old", 31), ("new", 29)):
            when = MONDAY - timedelta(days=days)
            work.add(
                SignInSession(
                    token_digest=name,
                    person_id=person.id,
                    started_at=when,
                    seen_at=when,
                    ended_at=when,
                )
            )
        for name, hours in (("old", 25), ("new", 23)):
            work.add(Guess(login_digest=name, device="", at=MONDAY - timedelta(hours=hours)))
        for name, days in (("old", 8), ("new", 6)):
            work.add(
                Draft(
                    person_id=person.id,
                    place=name,
                    content="…",
                    saved_at=MONDAY - timedelta(days=days),
                )
            )
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry))
    assert sweep(MONDAY) >= 4
    assert db.session.scalars(sa.select(SignInSession.token_digest)).all() == ["new"]
    assert db.session.scalars(sa.select(Guess.login_digest)).all() == ["new"]
    assert db.session.scalars(sa.select(Draft.place)).all() == ["new"]
    assert not old_half.exists()
    assert new_half.exists()
    new_half.unlink()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TrailEntry)) == entries


def test_a_stored_file_that_no_record_names_is_reported_and_kept(app) -> None:
    store = installation().store
    lonely = store.put(b"nobody names this")
    past = (MONDAY - 2 * DAY).timestamp()
    os.utime(store.path(lonely), (past, past))
    named = Office().effective().main_file.sha256
    os.utime(store.path(named), (past, past))
    found = set(orphaned_files(MONDAY))
    assert lonely in found
    assert named not in found
    sweep(MONDAY)
    assert store.path(lonely).exists()
    store.path(lonely).unlink()


@pytest.mark.covers("T3", "D2")
def test_a_photo_a_records_file_and_a_template_are_never_taken_for_orphans(app) -> None:
    office = Office()
    document = office.effective().document
    template = a_template(office.officer, TemplatePurpose.CHANGE_REQUEST, "{{ so }}")
    brought = a_brought_file("Tờ khai đã điền.", "khai.docx")
    with unit_of_work(office.officer, now=MONDAY) as work:
        copy = issue_copy(work, work.fresh(document), CopyData(office.unit, office.staff, "Quầy"))
        photo = a_brought_file("Ảnh.", "anh.jpg")
        photograph(work, copy, replace(photo, reader="", reading=""))
        keep_record(work, RecordData(work.fresh(office.unit), "Tờ khai", TODAY), brought)
    store, past = installation().store, (MONDAY - 2 * DAY).timestamp()
    kept = {template.sha256, brought.sha256, copy.photo_sha256}
    assert None not in kept
    for sha256 in kept:
        if store.path(sha256).exists():
            os.utime(store.path(sha256), (past, past))
    assert kept.isdisjoint(orphaned_files(MONDAY))
    assert named_among(db.session.connection(), [*kept, "0" * 64]) == kept


@pytest.mark.covers("D5")
def test_marked_copies_kept_aside_are_bounded_by_age_and_size(app, tmp_path) -> None:
    folder = tmp_path / "marked"
    assert sweep_drawn(folder, MONDAY) == 0  # nobody drew one yet
    folder.mkdir()

    def drawn(name: str, size: int, age: timedelta) -> Path:
        path, at = folder / f"{name}.pdf", (MONDAY - age).timestamp()
        path.write_bytes(b"x" * size)
        os.utime(path, (at, at))
        return path

    old = drawn("old", 10, 8 * DAY)
    rarely, often = drawn("rarely", 600, 2 * DAY), drawn("often", 600, DAY)
    for name, age in (("left", 2 * DAY), ("drawing", timedelta(minutes=1))):
        (folder / name).mkdir()
        os.utime(folder / name, ((MONDAY - age).timestamp(),) * 2)
    assert sweep_drawn(folder, MONDAY) == 2
    assert not old.exists()
    assert not (folder / "left").exists()
    assert (folder / "drawing").exists()
    assert sweep_drawn(folder, MONDAY, at_most=1000) == 1
    assert (rarely.exists(), often.exists()) == (False, True)
    here = installation().data / "marked"
    here.mkdir(exist_ok=True)
    (here / "a.pdf").write_bytes(b"x")
    os.utime(here / "a.pdf", ((MONDAY - 9 * DAY).timestamp(),) * 2)
    sweep(MONDAY)
    assert not (here / "a.pdf").exists()


# --- health


@pytest.mark.covers("T18")
def test_health_is_red_while_jobs_are_silent_and_green_when_they_beat(app, client) -> None:
    assert client.get("/health").status_code == 503
    show_life(_now())
    answer = client.get("/health")
    assert (answer.status_code, answer.json["jobs"]["status"]) == (200, "ok")
    show_life(_now() - timedelta(minutes=4))
    with unit_of_work(None) as work:
        work.session.execute(sa.update(Heartbeat).values(at=_now() - timedelta(minutes=4)))
    assert client.get("/health").json["jobs"]["status"] == "failed"
    assert health.open_reason


@pytest.mark.covers("T18")
def test_health_is_red_when_the_store_takes_nothing(app, client, monkeypatch) -> None:
    show_life(_now())
    assert client.get("/health").json["store"] == "ok"
    store = installation().store
    monkeypatch.setattr(store, "incoming", Path("/proc/1"))
    answer = client.get("/health")
    assert (answer.status_code, answer.json["store"]) == (503, "failed")


@pytest.mark.covers("T18", "D4")
def test_health_is_red_when_a_switch_is_over_ten_minutes_late(app, client, monkeypatch) -> None:
    approved(Office(), 1)  # its day is long past when the page is asked for
    monkeypatch.setattr("app.web.health.switches_late", _as_of(MONDAY + 2 * DAY))
    show_life(_now())
    answer = client.get("/health")
    assert (answer.status_code, answer.json["jobs"]["switches_late"]) == (503, 1)
    switch_revisions(MONDAY + 2 * DAY)
    assert client.get("/health").status_code == 200


def _as_of(moment):
    return lambda session, _now, *, by: issue.switches_late(session, moment, by=by)


def _now():
    return datetime.now(UTC)
