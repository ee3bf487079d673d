"""What is thrown away and when: sign-ins, guesses, drafts, halves of uploads; never evidence."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.kernel.accounts import LONGEST, Draft, Guess, OneTimeLink, SignInSession
from app.kernel.files import FileStore
from app.kernel.work import Work

SESSIONS_KEPT = timedelta(days=30)
GUESSES_KEPT = timedelta(days=1)
DRAFTS_KEPT = timedelta(days=7)
INCOMING_KEPT = timedelta(hours=24)
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
