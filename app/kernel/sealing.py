"""Heads of the chains, signed every hour and kept outside the database (rule T3)."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.keys import Keys
from app.kernel.trail import TrailChain, TrailHead, canonical, sign_head
from app.kernel.work import Work

HEADS = "heads.jsonl"


def chains(session: Session) -> list[int]:
    """Give the number of every chain that has a row."""
    return list(session.scalars(sa.select(TrailChain.chain).order_by(TrailChain.chain)))


def head_line(head: TrailHead) -> bytes:
    """Write a head as exports do, so that the independent checker reads it."""
    line = {**head.content(), "type": "head", "key": head.key, "signature": head.signature}
    return canonical(line) + b"\n"


def seal(work: Work, chain: int, *, keys: Keys, folder: Path) -> TrailHead | None:
    """Sign where one chain stands and add it to the file; None when nothing happened since.

    The file comes first: it states what was committed long before, whether or not the row for
    it comes about, and a head in the database that no file holds would prove nothing.
    """
    head = sign_head(work.session, keys, chain, work.now)
    if head is not None:
        append_line(folder / HEADS, head_line(head))
    return head


def append_line(path: Path, line: bytes) -> None:
    """Add a line that is on the disk when this returns; half a line of a power cut goes first."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # a page may seal one chain while the job seals another
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(max(0, size - len(line) * 4))
            tail = file.read()
            size -= len(tail) - (tail.rfind(b"\n") + 1)
            file.truncate(size)
        file.seek(size)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
