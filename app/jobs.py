"""The timetable: when, which function, why; and the one process that keeps to it (T17, a25)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask, current_app

from app.digest import Post
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.files import named_among
from app.kernel.install import installation
from app.kernel.jobs import beat
from app.kernel.organisation import Body
from app.kernel.sealing import chains, seal
from app.kernel.staging import staging, sweep_staged
from app.kernel.sweeping import (
    AT_ONCE,
    INCOMING_KEPT,
    sweep_accounts,
    sweep_drawn,
    sweep_incoming,
)
from app.kernel.trail_keeping import check_if_due
from app.kernel.work import unit_of_work
from app.leadership import Leadership
from app.web.documents.marks import sealed_marks
from audits.proposal import proposals_wanted, work_out
from audits.report_drawing import draw_reports
from documents.content.rendition import WAITS_SECONDS, WarmOffice
from documents.distribution import call_readers, calls_due
from documents.importing import batches
from documents.importing.reading_files import Tools
from documents.issue import issue_if_due, packages_due
from documents.models import (
    Distribution,
    Document,
    Package,
    RevisionFile,
    Withdrawal,
)
from documents.overdue_review import climb, overdue_documents
from documents.passing_on import pass_seats_on
from documents.passing_proposals_on import pass_decisions_on
from documents.recognising import recognise_next
from documents.releasing import files_to_remove, remove_file
from documents.rendering import make_wanted_renditions
from documents.retention_notices import notice_due, tell_ahead
from documents.seal_state import seal_states, trust_of
from documents.sealing import Tools as SealTools
from documents.sealing import seal_revision, seals_wanted
from documents.withdrawal_effect import carry_out_if_due, withdrawals_due

log = logging.getLogger("nenep.jobs")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job still running is no news
IMPORT_SECONDS = 10.0  # so that the process ends soon when it is told to
CLOCK_STEP = 30.0  # seconds by which the wall clock may drift from the steady one unnoticed


def show_life(now: datetime) -> int:
    """Note that the jobs process works."""
    with unit_of_work(None, now=now) as work:
        beat(work)
    return 1


def switch_revisions(now: datetime) -> int:
    """Put every approved package into force whose day has come; one that fails stops no other."""
    tried: set[int] = set()
    switched = failed = 0
    while due := [package_id for package_id in _due(now) if package_id not in tried]:
        for package_id in due:
            tried.add(package_id)
            try:
                with unit_of_work(None, now=now) as work:
                    switched += issue_if_due(work, work.session.get_one(Package, package_id))
            except Exception:
                failed += 1
                log.exception("package did not come into force", extra={"number": package_id})
    if failed:
        raise JobIncomplete(switched, failed)
    return switched


def _due(now: datetime) -> list[int]:
    days = {body.id: today_of(body, now) for body in _bodies()}
    return packages_due(db.session(), days)


def _bodies() -> list[Body]:
    return list(db.session.scalars(sa.select(Body).order_by(Body.id)))


def name_overdue_reviews(now: datetime) -> int:
    """Tell those in charge of reviews that are late, each rung of the ladder once (D7)."""
    climbed = 0
    for body_id, today in [(body.id, today_of(body, now)) for body in _bodies()]:
        for document_id in overdue_documents(db.session(), body_id, today):
            with unit_of_work(None, now=now) as work:
                climbed += climb(work, work.session.get_one(Document, document_id), today)
    return climbed


def pass_on_seats(now: datetime) -> int:
    """Give seats by post to whoever holds the post today (O1, L16)."""
    days = [(body.id, today_of(body, now)) for body in _bodies()]
    return sum(
        pass_seats_on(body_id, today, now) + pass_decisions_on(body_id, today, now)
        for body_id, today in days
    )


def carry_out_withdrawals(now: datetime) -> int:
    """Withdraw every document whose approved day has come (D8, a28)."""
    done = 0
    for body_id, today in [(body.id, today_of(body, now)) for body in _bodies()]:
        for withdrawal_id in withdrawals_due(db.session(), body_id, today):
            with unit_of_work(None, now=now) as work:
                done += carry_out_if_due(work, work.session.get_one(Withdrawal, withdrawal_id))
    return done


def tell_of_retention(now: datetime) -> int:
    """Tell ahead what comes to the end of its retention, each body once a month (a49)."""
    told = 0
    for body_id in [body.id for body in _bodies()]:
        body = db.session.get_one(Body, body_id)
        if notice_due(db.session(), body, today_of(body, now)):
            with unit_of_work(None, now=now) as work:
                body = work.session.get_one(Body, body_id)
                told += tell_ahead(work, body, today_of(body, now))
    return told


def remove_released_files(now: datetime) -> int:
    """Remove the bytes of files that a disposal let go of (D5)."""
    here = installation()
    gone = 0
    for file_id in files_to_remove(db.session()):
        with unit_of_work(None, now=now) as work:
            gone += remove_file(work, file_id, here.store, here.data / "marked")
    return gone


def ask_readers(now: datetime) -> int:
    """Ask whoever must read a revision and was not asked yet: newly in force, moved, again."""
    asked = 0
    for body_id, today in [(body.id, today_of(body, now)) for body in _bodies()]:
        for distribution_id in calls_due(db.session(), body_id, today):
            with unit_of_work(None, now=now) as work:
                distribution = work.session.get_one(Distribution, distribution_id)
                asked += call_readers(work, distribution, today)
    return asked


class Drawing:
    """Makes the PDFs that are wanted, with a LibreOffice ready while files come in."""

    def __init__(self) -> None:
        self._office = WarmOffice()
        self._newest: int | None = None

    def make_renditions(self, _now: datetime) -> int:
        """Make the most urgent PDF, one a time: so the process ends soon when it is told to."""
        newest = db.session.scalar(sa.select(sa.func.max(RevisionFile.id))) or 0
        somebody_writes = self._newest is not None and newest != self._newest
        self._newest = newest
        workshop, store = current_app.extensions["nenep.workshop"], installation().store
        made = make_wanted_renditions(db.session(), store, workshop, limit=1, warm=self._office)
        made += draw_reports(db.session(), store, workshop, limit=1, warm=self._office)
        if made or somebody_writes:
            self._office.prepare()
        self._office.let_go(older_than=WAITS_SECONDS)
        return made


def recognise_scans(_now: datetime) -> int:
    """Recognise one page of a scan: so the process ends soon when it is told to (a54)."""
    workshop = current_app.extensions["nenep.workshop"]
    return recognise_next(db.session(), installation().store, workshop)


def seal_copies(now: datetime) -> int:
    """Seal one revision in force of each body whose certificate seals now (L19)."""
    here, sealed = installation(), 0
    states = seal_states(db.session(), here, now)
    tools = SealTools(
        here.store, current_app.extensions["nenep.workshop"], trust_of(here), here.timestamp_url
    )
    for body_id, state in states.items():
        if state.key is None:
            continue
        for revision_id in seals_wanted(db.session(), [body_id], now=now, limit=1):
            sealed += seal_revision(db.session(), revision_id, tools, state.key, sealed_marks)
    return sealed


def bring_imports(_now: datetime) -> int:
    """Read files of imports and bring documents in, some seconds at a time (a52)."""
    here = installation()
    tools = Tools(here.store, staging(), current_app.extensions["nenep.workshop"])
    until = time.monotonic() + IMPORT_SECONDS
    count = 0
    for batch_id in batches.at_work(db.session()):
        count += batches.advance(
            db.session(), batch_id, tools, until=lambda: time.monotonic() > until
        )
    return count


def plan_years(now: datetime) -> int:
    """Work out the audit programmes somebody waits for, one after the other (b8)."""
    return sum(work_out(one, now) for one in proposals_wanted(db.session(), now))


def seal_heads(now: datetime) -> int:
    """Sign where every chain stands and keep it outside the database (T3)."""
    sealed = 0
    for chain in chains(db.session()):
        with unit_of_work(None, now=now) as work:
            here = installation()
            sealed += seal(work, chain, keys=here.keys, folder=here.data) is not None
    return sealed


def sweep(now: datetime) -> int:
    """Throw away what nobody needs; report stored files that no row names, and leave them."""
    gone = sweep_incoming(installation().store, now) + sweep_incoming(staging(), now)
    gone += sweep_staged(now) + sweep_drawn(installation().data / "marked", now)
    while True:
        with unit_of_work(None, now=now) as work:
            went = sweep_accounts(work)
        gone += went
        if went < AT_ONCE:
            break
    orphans = sum(1 for _ in orphaned_files(now))
    if orphans:
        log.warning("stored files that no record names", extra={"count": orphans})
    return gone


def orphaned_files(now: datetime) -> Iterator[str]:
    """Give stored files older than a day that no record names: an upload that was given up."""
    oldest = (now - INCOMING_KEPT).timestamp()
    stored = (
        sha256 for sha256, _path, changed in installation().store.everything() if changed < oldest
    )
    while some := list(islice(stored, 500)):
        named = named_among(db.session.connection(), some)
        yield from (sha256 for sha256 in some if sha256 not in named)


class JobIncomplete(Exception):
    """A job that did part of its work; what it could not do is in the log."""

    def __init__(self, done: int, failed: int) -> None:
        super().__init__(f"{done} done, {failed} failed")


@dataclass(frozen=True)
class Job:
    """One line of the timetable."""

    name: str
    every: int  # seconds
    run: Callable[[datetime], int]
    why: str


def timetable() -> tuple[Job, ...]:
    """Give what is done, how often, and why."""
    return (
        Job(
            "heartbeat", 15, show_life, "so that /health sees within minutes that jobs stand still"
        ),
        Job("switch", 30, switch_revisions, "an approved revision is in force on its day (D4)"),
        Job("seats", 30, pass_on_seats, "a seat by post goes with the post (O1, L16)"),
        Job("withdrawals", 30, carry_out_withdrawals, "a document is withdrawn on its day (D8)"),
        Job("retention", 3600, tell_of_retention, "what may soon be disposed of is told (a49)"),
        Job("disposal", 60, remove_released_files, "what was disposed of is gone (D5)"),
        Job("reviews", 900, name_overdue_reviews, "overdue reviews are named, then upward (D7)"),
        Job("readers", 60, ask_readers, "who must read what is in force is asked, once (a34, a35)"),
        Job("letters", 60, Post().send_digests, "one letter a day at the body's hour (e18)"),
        Job("seals", 10, seal_copies, "what is in force carries the body's seal (L19)"),
        Job(
            "renditions",
            1,
            Drawing().make_renditions,
            "a submitted file soon has its PDF (a59)",
        ),
        Job("scans", 2, recognise_scans, "the words of scans can be found, too (a54)"),
        Job("imports", 2, bring_imports, "what a body brings comes in while people go on (a52)"),
        Job("programmes", 1, plan_years, "somebody waits for the plan of a year (b8)"),
        Job("heads", 3600, seal_heads, "signed heads leave the database every hour (T3)"),
        Job("proof", 3600, check_if_due, "once a day the whole trail is proved (T3)"),
        Job("sweep", 3600, sweep, "sign-ins, guesses, drafts and halves of uploads end"),
    )


@dataclass(frozen=True)
class Outcome:
    """What one run of one job came to."""

    job: str
    count: int
    seconds: float
    problem: str = ""


def perform(app: Flask, job: Job, now: datetime | None = None) -> Outcome:
    """Run a job once; what goes wrong is logged and stops no other job."""
    began = time.monotonic()
    count, problem = 0, ""
    with app.app_context():
        try:
            count = job.run(now or datetime.now(UTC))
        except Exception as failure:
            problem = f"{type(failure).__name__}: {failure}".splitlines()[0][:300]
            log.exception("job failed", extra={"job": job.name})
        finally:
            db.session.remove()
    seconds = round(time.monotonic() - began, 3)
    if count and job.name != "heartbeat":
        log.info("job", extra={"job": job.name, "count": count, "seconds": seconds})
    return Outcome(job.name, count, seconds, problem)


@dataclass
class JobsProcess:
    """Waits until nobody else works, then keeps to the timetable until it is told to stop."""

    app: Flask
    leadership: Leadership
    jobs: tuple[Job, ...] = field(default_factory=timetable)
    stopping: threading.Event = field(default_factory=threading.Event)
    on_change: Callable[[str], None] = lambda _what: None

    def run(self) -> None:
        """Work or wait, until `stopping` is set."""
        waited = False
        while not self.stopping.is_set():
            if self.leadership.take():
                self.on_change("Jobs: at work.")
                waited = False
                self._work()
            elif not waited:
                waited = True
                self.on_change("Jobs: another process is at work; waiting to take over.")
            self.stopping.wait(1)

    def _work(self) -> None:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in self.jobs:
            scheduler.add_job(
                perform,
                IntervalTrigger(seconds=job.every, timezone=UTC),
                args=(self.app, job),
                id=job.name,
                next_run_time=datetime.now(UTC),
            )
        scheduler.start()
        try:
            self._watch(scheduler)
        finally:
            scheduler.shutdown(wait=True)
            self.leadership.release()

    def _watch(self, scheduler: BackgroundScheduler) -> None:
        """Stay while the lock is ours; a clock that was set starts the timetable anew."""
        offset = time.time() - time.monotonic()
        while not self.stopping.wait(1) and self.leadership.holds():
            drifted = time.time() - time.monotonic() - offset
            if abs(drifted) > CLOCK_STEP:
                offset += drifted
                for job in self.jobs:
                    scheduler.modify_job(job.name, next_run_time=datetime.now(UTC))
