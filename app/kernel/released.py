"""What the trail tells of stored files that were let go of by a decision (D5, T3)."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.facts import KernelFact
from app.kernel.trail import TrailEntry


def told_released(session: Session) -> set[Any]:
    """Give the files whose disposal entries of the trail tell: they may be gone."""
    query = sa.select(TrailEntry.details).where(TrailEntry.fact == str(KernelFact.FILES_RELEASED))
    told: set[Any] = set()
    for details in session.scalars(query):
        with contextlib.suppress(ValueError, TypeError, KeyError):  # spoilt: the chain says so
            told.update(file["sha256"] for file in json.loads(details)["files"])
    return told
