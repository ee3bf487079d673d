"""Acts by themselves: a signed approval, an upload until it is found, the trail."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.kernel.db import WRITING, db
from app.kernel.install import installation
from app.kernel.organisation import Unit
from app.kernel.people import Person, Role
from app.kernel.permissions import standing_of
from app.kernel.trail import EMPTY_HASH, TrailEntry, append, canonical, entry_hash, entry_mac
from app.kernel.trail_check import verify
from app.kernel.work import unit_of_work
from documents import finding
from documents.approval import answer_package
from documents.content.blocks import READER, to_json
from documents.drafting import BroughtFile, DraftData, begin_revision, bring_file, change_draft
from documents.models import Answer, Document, Revision
from documents.submission import submit_package
from tests.bench.pages import living
from tests.bench.population import person_with
from tests.bench.syllables import Writer
from tests.builders import TODAY, a_document, a_proof
from tests.documents.content.files import a_docx
from tests.faults.stage import FAR

_ENTRIES = 20_000
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _figures(page: str, act: Callable[[Any], None], over: list[Any]) -> dict[str, Any]:
    """Do an act on each thing; give its times."""
    times, worked = [], time.process_time()
    for one in over:
        began = time.perf_counter()
        act(one)
        times.append((time.perf_counter() - began) * 1000)
    worked = (time.process_time() - worked) * 1000 / len(over)
    times.sort()
    return {
        "page": page,
        "cpu_ms": round(worked, 1),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95) - 1], 1),
    }


def _approvals(body_id: int) -> dict[str, Any]:
    waiting = living(body_id)[1] + living(body_id)[1]
    leader_id = person_with(Role.LEADER, body_id).id
    db.session.remove()

    def approve(revision_id: int) -> None:
        leader = db.session.get_one(Person, leader_id)
        proof = a_proof(leader)
        with unit_of_work(leader, now=datetime.now(UTC)) as work:
            package = work.session.get_one(Revision, revision_id).package
            answer_package(work, package, Answer.APPROVE, proof=proof)
        db.session.remove()

    approve(waiting[0])
    return _figures("approve", approve, waiting[1:])


def _uploads(app: Flask, body_id: int) -> dict[str, Any]:
    officer, author = person_with(Role.QUALITY_OFFICER, body_id), person_with(Role.STAFF, body_id)
    unit = db.session.get_one(Unit, author.home_unit_id)
    author_id, writer = author.id, Writer(3)
    documents = [
        a_document(officer, unit, title=f"Tải lên {n}", keeper=author).id for n in range(12)
    ]
    db.session.remove()
    workshop, store = app.extensions["nenep.workshop"], installation().store
    # six pages are some 2,400 syllables
    files = [
        a_docx(
            code="",
            title=f"Tải lên {n}",
            paragraphs=[writer.paragraph(480) for _ in range(28)] + [f"dấu{n}riêng"],
        )
        for n in documents
    ]

    def bring(number: int) -> None:
        path, sha256, size = store.receive(io.BytesIO(files[number]), at_most=1 << 26)
        reading = workshop.read(path, "QT.docx")
        store.keep(path, sha256)
        brought = BroughtFile(sha256, "QT.docx", size, _DOCX, READER, to_json(reading))
        author = db.session.get_one(Person, author_id)
        with unit_of_work(author) as work:
            document = work.session.get_one(Document, documents[number])
            revision = begin_revision(work, document, authors=[work.actor])
            bring_file(work, revision, brought)
            data = DraftData(
                title=document.title,
                code="",
                edition=revision.edition,
                amendment=revision.amendment,
                reason="",
                change_summary="",
                effective_on=FAR,
                authors=(work.actor,),
            )
            change_draft(work, revision, data)
            submit_package(work, revision.package)
        standing = standing_of(db.session(), db.session.get_one(Person, author_id), TODAY)
        found = finding.search(
            db.session(), standing, f"dấu{documents[number]}riêng", body_id=body_id,
            every_revision=True,
        )  # fmt: skip
        assert len(found) == 1
        db.session.remove()

    bring(0)
    return _figures("upload, six pages, until found", bring, list(range(1, len(documents))))


def _content(number: int) -> dict[str, Any]:
    return {
        "chain": 0, "actor": 1, "acting_for": None, "fact": "document.created",
        "record": "document", "record_id": number, "body": None,
        "details": {"subject": {"code": f"QT-{number}", "title": "Đăng ký khai sinh"}},
    }  # fmt: skip


def _rolled_back(act: Callable[[Any], None]) -> float:
    """Time something inside a transaction that is given up."""
    session = db.session()
    session.rollback()
    session.connection(execution_options={WRITING: True})
    began = time.process_time()
    started = time.perf_counter()
    act(session)
    took = max(time.process_time() - began, time.perf_counter() - started)
    session.rollback()
    db.session.remove()
    return took


def _appending() -> dict[str, Any]:
    contents = [_content(number) for number in range(_ENTRIES)]
    now, keys = datetime.now(UTC), installation().keys
    plain = [
        {
            "chain": 999_999, "sequence": n, "at": now, "actor_id": 1, "acting_for_id": None,
            "fact": one["fact"], "record_type": "document", "record_id": n, "body_id": None,
            "details": canonical(one["details"]).decode(), "hash": EMPTY_HASH, "mac": EMPTY_HASH,
            "key": keys.mac_id,
        }
        for n, one in enumerate(contents, start=1)
    ]  # fmt: skip
    table = TrailEntry.__table__

    def bare(session: Any) -> None:
        session.connection().execute(sa.insert(table), plain)

    best = [
        (
            _rolled_back(bare),
            _rolled_back(lambda session: append(session, keys, contents, now)),
        )
        for _ in range(3)
    ]
    without, ours = min(one[0] for one in best), min(one[1] for one in best)
    return {
        "page": "trail append",
        "entries_per_second": round(_ENTRIES / ours),
        "of_bare_percent": round(without / ours * 100),
    }


def _verifying() -> dict[str, Any]:
    keys = installation().keys
    rows = db.session.execute(
        sa.select(TrailEntry.chain, TrailEntry.sequence, TrailEntry.details).limit(50_000)
    ).all()
    contents = [
        {**_content(row.sequence), "at": "2026-01-01T00:00:00.000000Z", "sequence": row.sequence}
        for row in rows
    ]
    mac, previous = keys.mac_keys[keys.mac_id], EMPTY_HASH
    began = time.process_time()
    for content in contents:
        previous = entry_hash(previous, content)
        entry_mac(mac, previous)
    alone = (time.process_time() - began) / len(contents)
    chains = frozenset(db.session.scalars(sa.select(TrailEntry.chain).distinct().limit(1)))
    began = time.process_time()
    verdict = verify(db.session(), keys, _NoFiles(), chains=chains)  # type: ignore[arg-type]
    ours = (time.process_time() - began) / max(sum(verdict.entries.values()), 1)
    db.session.remove()
    return {
        "page": "trail verify",
        "entries_per_second": round(1 / ours),
        "of_hashing_percent": round(alone / ours * 100),
    }


class _NoFiles:
    """A store that is not looked at: files are not what is measured here."""

    def digest_of(self, sha256: str) -> str:
        return sha256

    def everything(self) -> Iterator[tuple[str, Path, float]]:
        return iter(())


def measured(app: Flask, body_id: int, _folder: Path) -> Iterator[dict[str, Any]]:
    """Measure each."""
    with app.app_context():
        yield _approvals(body_id)
        yield _uploads(app, body_id)
        yield _appending()
        yield _verifying()
