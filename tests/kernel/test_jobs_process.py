"""Several jobs processes: one works, the next takes over when it is killed, all happens once."""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.jobs import Job, JobsProcess
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.jobs import Heartbeat
from app.kernel.notices import Notice
from app.kernel.trail import TrailEntry
from app.leadership import leadership_for
from documents.facts import DocumentFact, DocumentNotice
from documents.models import Revision, RevisionState
from tests.builders import Office, a_draft, answered, submitted
from tests.conftest import DATABASES, fresh_postgres
from tests.installed import Installed, eventually

DUE = 24  # revisions whose day has come while nobody was at work


@pytest.fixture(params=DATABASES)
def installed(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Installed:
    """A migrated installation on each database."""
    url = fresh_postgres(f"nenep_jobs_{worker_id}") if request.param == "postgresql" else ""
    made = Installed(tmp_path / "data", url)
    made.nenep("migrate")
    return made


def _approve_some(installed: Installed, count: int) -> None:
    """Let revisions be approved two days ago that come into force today."""
    now = datetime.now(UTC)
    then = now - timedelta(days=2)
    with installed.opened():
        office = Office()
        for number in range(count):
            revision = a_draft(
                office.author,
                office.document(f"Thủ tục {number}"),
                effective_on=today_of(None, now),
                now=then,
            )
            submitted(revision, office.author, now=then)
            for person in (office.manager, office.officer, office.leader):
                answered(revision, person, now=then)


def _switched(installed: Installed) -> int:
    with installed.opened():
        query = (
            sa.select(sa.func.count())
            .select_from(Revision)
            .where(Revision.state == RevisionState.EFFECTIVE)
        )
        return db.session.scalar(query) or 0


def _read_until(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if word in line:
            return
    raise AssertionError(f"{word!r} was never said")


@pytest.mark.slow
@pytest.mark.covers("T17", "a25", "D1")
def test_a_killed_leader_is_followed_and_every_due_switch_happens_exactly_once(
    installed: Installed,
) -> None:
    _approve_some(installed, DUE)
    with installed.running("jobs") as first, installed.running("jobs") as second:
        leaders = {}
        for child in (first, second):
            assert child.stdout is not None
            line = child.stdout.readline()
            leaders["waiting" if "waiting" in line else "at work"] = child
        assert set(leaders) == {"at work", "waiting"}
        time.sleep(0.2)  # somewhere in the midst of its first round
        leaders["at work"].send_signal(signal.SIGKILL)
        began = time.monotonic()
        _read_until(leaders["waiting"], "at work")
        assert time.monotonic() - began < 10
        eventually(lambda: _switched(installed) == DUE, "every switch")
        assert "Another jobs process" in installed.nenep("jobs", "--once", code=1)
        leaders["waiting"].send_signal(signal.SIGTERM)
        assert leaders["waiting"].wait(40) == 0
    with installed.opened():
        told = db.session.execute(
            sa.select(TrailEntry.record_id, sa.func.count())
            .where(TrailEntry.fact == str(DocumentFact.REVISION_EFFECTIVE))
            .group_by(TrailEntry.record_id)
        ).all()
        assert len(told) == DUE
        assert {count for _record, count in told} == {1}
        notices = db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Notice)
            .where(Notice.kind == str(DocumentNotice.EFFECTIVE))
        )
        assert notices == DUE


@pytest.mark.slow
@pytest.mark.covers("T17")
def test_once_runs_every_job_and_a_second_time_changes_nothing(installed: Installed) -> None:
    _approve_some(installed, 2)
    first = {one["job"]: one for one in installed.objects("jobs", "--once", "--json")}
    assert first["switch"]["count"] == 2
    assert first["heads"]["count"] >= 1
    assert not [one for one in first.values() if one["problem"]]
    second = {one["job"]: one for one in installed.objects("jobs", "--once", "--json")}
    assert {name: second[name]["count"] for name in ("switch", "reviews", "heads", "sweep")} == {
        "switch": 0,
        "reviews": 0,
        "heads": 0,
        "sweep": 0,
    }
    with installed.opened():
        assert db.session.scalars(sa.select(Heartbeat)).one()


@pytest.mark.covers("T17")
def test_only_one_leads_and_the_next_may_when_it_lets_go(installed: Installed) -> None:
    with installed.opened() as app:
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        first, second = (leadership_for(url, installed.data) for _ in range(2))
        assert first.take()
        assert first.take(), "asking again changes nothing"
        assert first.holds()
        assert not second.take()
        assert not second.holds()
        first.release()
        assert not first.holds()
        assert second.take()
        second.release()


@pytest.mark.covers("T17")
def test_a_clock_that_is_set_back_does_not_stop_the_timetable(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[float] = []
    with installed.opened() as app:
        leadership = leadership_for(app.config["SQLALCHEMY_DATABASE_URI"], installed.data)
        job = Job("often", 3600, lambda _now: runs.append(time.monotonic()) or 0, "to count")
        process = JobsProcess(app, leadership, jobs=(job,))
        real, offset = time.time, [0.0]
        monkeypatch.setattr("app.jobs.time.time", lambda: real() + offset[0])
        holds = leadership.holds
        ticks = iter(range(1000))

        def watched() -> bool:
            tick = next(ticks)
            if tick == 1:
                offset[0] = -86400.0
            if tick == 4:
                process.stopping.set()
            return holds()

        monkeypatch.setattr(leadership, "holds", watched)
        process.run()
    assert len(runs) == 2, "at the start, and once more when the clock was set"
    assert not leadership.holds()


@pytest.mark.covers("T17", "T18")
def test_losing_the_lock_stops_the_work_until_it_is_held_again(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with installed.opened() as app:
        leadership = leadership_for(app.config["SQLALCHEMY_DATABASE_URI"], installed.data)
        process = JobsProcess(app, leadership, jobs=(), on_change=said.append)
        answers = iter([True, False, True])

        def holds() -> bool:
            answer = next(answers, None)
            if answer is None:
                process.stopping.set()
            return bool(answer)

        monkeypatch.setattr(leadership, "holds", holds)
        process.run()
    assert said == ["Jobs: at work.", "Jobs: at work."]
