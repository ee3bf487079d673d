"""Keeping the trail proved: checks with their results, heads that leave, sealed exports (T3)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.kernel.access import KernelPermission
from app.kernel.coded import N_
from app.kernel.db import Record, db
from app.kernel.facts import KernelFact
from app.kernel.files import whole_file
from app.kernel.install import Installation, installation
from app.kernel.keys import Keys
from app.kernel.organisation import Body
from app.kernel.people import Person
from app.kernel.sealing import HEADS, chains, head_line, seal
from app.kernel.trail import Trailed, TrailEntry, TrailHead, canonical, moment_text
from app.kernel.trail_check import Head, verify
from app.kernel.trail_verdict import Verdict, Wrong
from app.kernel.work import unit_of_work

EVERY = timedelta(hours=20)  # so that a night is not missed for having begun a little early
_SEALED = ("installation", "chain", "sequence", "hash", "at", "key", "signature")
_HEX = {"hash": re.compile("[0-9a-f]{64}"), "signature": re.compile("[0-9a-f]{128}")}


class TrailCheck(Trailed, Record):
    """One check of the trail and what it found; without a body it looked at everything."""

    __tablename__ = "trail_check"

    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("body.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    seconds: Mapped[float]
    is_complete: Mapped[bool]
    is_sound: Mapped[bool]
    entries: Mapped[int] = mapped_column(sa.BigInteger())
    heads: Mapped[int]
    files: Mapped[int]
    strays: Mapped[int] = mapped_column(default=0)  # stored files that no record names
    wrong_record: Mapped[str] = mapped_column(sa.String(60), default="")
    wrong_chain: Mapped[int | None] = mapped_column(sa.BigInteger())
    wrong_sequence: Mapped[int | None] = mapped_column(sa.BigInteger())
    why: Mapped[str] = mapped_column(sa.Text(), default="")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # entries by chain

    asked_by: Mapped[Person | None] = relationship()

    def told(self) -> dict[str, Any]:
        found = {"why": self.why, "values": self.values} if self.why else {}
        return {"entries": self.entries, "files": self.files, **found}


class HeadsUnreadable(ValueError):
    """The file of kept heads holds a line that is no head; the message names it."""


def read_heads(path: Path, *, is_growing: bool = False) -> list[Head]:
    """Read the heads that were kept outside the database; none when there is no file yet.

    In a file that grows, a last line without its end is being written, or was at a power cut.
    """
    heads: list[Head] = []
    if not path.exists():
        return heads
    raw_lines = path.read_bytes().splitlines(keepends=True)
    if is_growing and raw_lines and not raw_lines[-1].endswith(b"\n"):
        raw_lines.pop()
    for number, raw in enumerate(raw_lines, start=1):
        try:
            head = json.loads(raw)
            shaped = (
                {*head} == {"type", *_SEALED}
                and head["type"] == "head"
                and all(type(head[name]) is int for name in ("chain", "sequence"))
                and all(type(head[name]) is str for name in ("installation", "at", "key"))
                and all(shape.fullmatch(head[name]) for name, shape in _HEX.items())
            )
        except (ValueError, TypeError, RecursionError):
            shaped = False
        if not shaped:
            raise HeadsUnreadable(f"{path.name}, line {number}: this is no signed head")
        heads.append(head)
    return heads


def sign_heads() -> None:
    """Sign where every chain stands, in the database and outside of it."""
    place = installation()
    for chain in chains(db.session()):
        with unit_of_work(None) as work:
            seal(work, chain, keys=place.keys, folder=place.data)


def check_now(
    *,
    only: frozenset[int] | None = None,
    more_heads: Iterable[Head] = (),
    seconds: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Look at the trail and at the files, with the heads kept in the data folder; write nothing."""
    place = installation()
    session = db.session()
    session.rollback()  # what is read is the present state
    try:
        kept = [*read_heads(place.data / HEADS, is_growing=True), *more_heads]
    except HeadsUnreadable as problem:
        text = N_("The file of kept heads cannot be read: %(problem)s.")
        wrong = Wrong("kept_head", text, values={"problem": str(problem)})
        return Verdict(entries={}, heads=0, files=0, wrong=wrong)
    try:
        return verify(
            session,
            place.keys,
            place.store,
            kept_heads=kept,
            chains=only,
            seconds=seconds,
            progress=progress,
        )
    finally:
        session.rollback()


def keep_result(verdict: Verdict, *, actor: Person | None = None, body: Body | None = None) -> int:
    """Write what a check found, with its fact; give the key of the row."""
    with unit_of_work(actor) as work:
        if work.actor_or_none is not None:
            work.require(KernelPermission.READ_TRAIL, body)
        wrong = verdict.wrong
        check = TrailCheck(
            body_id=body.id if body is not None else None,
            asked_by_id=work.actor_or_none.id if work.actor_or_none is not None else None,
            at=work.now,
            seconds=verdict.seconds,
            is_complete=verdict.is_complete,
            is_sound=verdict.is_sound,
            entries=verdict.total,
            heads=verdict.heads,
            files=verdict.files,
            strays=len(verdict.notes),
            wrong_record=wrong.record if wrong is not None else "",
            wrong_chain=wrong.chain if wrong is not None else None,
            wrong_sequence=wrong.sequence if wrong is not None else None,
            why=wrong.text if wrong is not None else "",
            values=wrong.values if wrong is not None else {},
            counts={str(chain): count for chain, count in verdict.entries.items()},
        )
        work.add(check)
        work.record(
            KernelFact.TRAIL_CHECKED if verdict.wrong is None else KernelFact.TRAIL_BROKEN, check
        )
    return check.id


def run_check(
    *, more_heads: Iterable[Head] = (), progress: Callable[[int], None] | None = None
) -> Verdict:
    """Check everything, keep the result and, only if all holds, sign where the chains stand.

    The nightly job calls this; signing a broken chain would seal what was done to it.
    """
    verdict = check_now(more_heads=more_heads, progress=progress)
    keep_result(verdict)
    if verdict.is_sound:
        sign_heads()
    return verdict


def check_if_due(now: datetime) -> int:
    """Check everything once a day, whenever that was last: for the timetable (T3)."""
    whole = sa.select(sa.func.max(TrailCheck.at)).where(TrailCheck.body_id.is_(None))
    last = db.session.scalar(whole)
    if last is not None and now - last < EVERY:
        return 0
    run_check()
    return 1


def check_body(actor: Person, body: Body, *, seconds: float) -> Verdict:
    """Check one body's chain because somebody asked for it, within a time that a page may take."""
    verdict = check_now(only=frozenset({body.id}), seconds=seconds)
    keep_result(verdict, actor=actor, body=body)
    return verdict


def last_check(session: Session, body_id: int) -> TrailCheck | None:
    """Give the newest finished check that says something of a body's chain.

    One that stopped at a wrong record of another body does not: that is not this body's to know.
    """
    return session.scalars(
        sa.select(TrailCheck)
        .where(
            sa.or_(TrailCheck.body_id == body_id, TrailCheck.body_id.is_(None)),
            TrailCheck.is_complete.is_(True),
            sa.or_(
                TrailCheck.is_sound.is_(True),
                TrailCheck.wrong_chain.is_(None),
                TrailCheck.wrong_chain == body_id,
            ),
        )
        .order_by(TrailCheck.id.desc())
        .limit(1)
    ).one_or_none()


def tell_export(actor: Person | None, body: Body | None) -> None:
    """Tell that the trail leaves the system, then sign what the export will hold."""
    with unit_of_work(actor) as work:
        if body is not None:
            if work.actor_or_none is not None:
                work.require(KernelPermission.EXPORT_TRAIL, body)
            work.record(KernelFact.TRAIL_EXPORTED, work.fresh(body))
        else:
            work.record_outside(KernelFact.TRAIL_EXPORTED, "trail", name="*")
    sign_heads()


def export_trail(path: Path, *, actor: Person | None = None, body: Body | None = None) -> int:
    """Write the sealed export that `check_trail.py` proves; give the number of entries in it."""
    tell_export(actor, body)
    place = installation()
    session = db.session()
    session.rollback()
    with whole_file(path) as target:
        count = 0
        for line in _export_lines(session, place, body.id if body is not None else None):
            count += line["type"] == "entry"
            target.write(canonical(line) + b"\n")
    session.rollback()
    return count


def _export_lines(session: Session, place: Installation, chain: int | None) -> Iterator[Head]:
    """Give the lines of an export: up to the newest signed head of each chain, and no further."""
    query = sa.select(TrailHead).order_by(TrailHead.chain, TrailHead.sequence, TrailHead.id)
    if chain is not None:
        query = query.where(TrailHead.chain == chain)
    heads = session.scalars(query).all()
    newest = {head.chain: head for head in heads}
    yield {
        "type": "export",
        "format": 1,
        "installation": place.keys.installation,
        "at": moment_text(max(head.at for head in heads)),
        "chains": [
            {"chain": head.chain, "entries": head.sequence, "hash": head.hash}
            for head in newest.values()
        ],
    }
    yield from _key_lines(place.keys)
    for head in newest.values():
        entries = session.scalars(
            sa.select(TrailEntry)
            .where(TrailEntry.chain == head.chain, TrailEntry.sequence <= head.sequence)
            .order_by(TrailEntry.sequence)
            .execution_options(yield_per=1000)
        )
        for entry in entries:
            yield {
                "type": "entry",
                "entry": entry.content(),
                "hash": entry.hash,
                "mac": entry.mac,
                "key": entry.key,
            }
    yield from (json.loads(head_line(head)) for head in heads)
    yield {"type": "end", "entries": sum(head.sequence for head in newest.values())}


def _key_lines(keys: Keys) -> Iterator[Head]:
    for key_id, public in keys.public_keys().items():
        yield {"type": "key", "id": key_id, "public": public.hex()}
