"""What is thrown away and when: sign-ins, guesses, drafts, halves of uploads; never evidence."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.kernel.accounts import LONGEST, Draft, Guess, OneTimeLink, SignInSession
from app.kernel.files import FileStore
from app.kernel.work import Work

SESSIONS_KEPT = timedelta(days=30)
GUESSES_KEPT = timedelta(days=1)
DRAFTS_KEPT = timedelta(days=7)
INCOMING_KEPT = timedelta(hours=24)
DRAWN_KEPT = timedelta(days=7)  # since it was last looked at
DRAWN_AT_MOST = 512 << 20  # bytes of marked copies kept aside
AT_ONCE = 200  # rows in one transaction, so that nobody waits for the sweep


def sweep_accounts(work: Work) -> int:
    """Throw away at most 200 rows of each kind that nobody needs; give how many went."""
    now = work.now
    old = {
        SignInSession: sa.or_(
            SignInSession.ended_at < now - SESSIONS_KEPT,
            SignInSession.started_at < now - SESSIONS_KEPT - LONGEST,
        ),
        OneTimeLink: OneTimeLink.made_at < now - SESSIONS_KEPT,
        Guess: Guess.at < now - GUESSES_KEPT,
        Draft: Draft.saved_at < now - DRAFTS_KEPT,
    }
    gone = 0
    for kind, is_old in old.items():
        ids = work.session.scalars(sa.select(kind.id).where(is_old).limit(AT_ONCE)).all()
        if ids:
            work.session.execute(sa.delete(kind).where(kind.id.in_(ids)))
            gone += len(ids)
    return gone


def sweep_incoming(store: FileStore, now: datetime) -> int:
    """Throw away halves of uploads older than a day; no row ever names a file before it is kept.

    The time is looked at again just before: an upload may have been writing meanwhile.
    """
    oldest = (now - INCOMING_KEPT).timestamp()
    gone = 0
    for path in [path for path in store.incoming.iterdir() if path.is_file()]:
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue  # it was kept or refused in this moment
    return gone


def sweep_drawn(folder: Path, now: datetime, *, at_most: int = DRAWN_AT_MOST) -> int:
    """Throw away marked copies nobody looked at for a week, and the oldest beyond a size.

    They are drawn again when asked for; a folder in which one is being drawn goes after a day.
    """
    gone, kept = 0, []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            found = path.stat()
        except FileNotFoundError:
            continue  # another reader's drawing has just ended
        if path.is_dir():
            if found.st_mtime < (now - INCOMING_KEPT).timestamp():
                shutil.rmtree(path, ignore_errors=True)
                gone += 1
        else:
            kept.append((found.st_mtime, found.st_size, path))
    room = at_most
    for looked_at, size, path in sorted(kept, reverse=True):
        room -= size
        if room < 0 or looked_at < (now - DRAWN_KEPT).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
