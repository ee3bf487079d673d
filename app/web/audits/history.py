"""What the trail tells of a programme, an audit or an auditor, on its own page (T4)."""

from __future__ import annotations

from app.kernel.db import db
from app.kernel.trail_register import Wanted, entries_in_chain
from app.web.body_address import shown_body
from app.web.trail_sentences import Sentence, sentences

_SHOWN = 15


def history_of(**records: set[int]) -> list[Sentence]:
    """Give the newest entries about some records, by the names of their tables."""
    wanted = Wanted(records={name: frozenset(ids) for name, ids in records.items() if ids})
    found = entries_in_chain(db.session(), shown_body(), wanted)
    return sentences(db.session(), found.entries[:_SHOWN])
