"""How long search takes: `python -m tests.bench.search [rows ...]` (L20).

    python deploy/postgres.py -- python -m tests.bench.search [rows ...]     PostgreSQL too

Fifty hits with their passages, asked by a reader of the large body, by its quality officer and by
a reader of a small one. Goals at 1,000,000: 95 of 100 within 20 ms on SQLite, 50 ms on PostgreSQL.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.kernel.db import db
from app.kernel.organisation import Body
from app.kernel.people import Role
from app.kernel.permissions import Standing, standing_of
from documents import finding
from tests.bench.population import person_with, populate
from tests.builders import TODAY
from tests.conftest import DATABASES, migrated_app

ASKED = {
    "code": "qt-000-501",
    "phrase in half": "kiểm soát thông tin dạng văn bản",
    "the same, no marks": "kiem soat thong tin dang van ban",
    "absent phrase": "chính nhân hành thủ công tục",
    "three common words": "công hồ thủ",
    "eight common words": "và của các có trong được cho không",
    "rare word": "zambia",
    "absent word": "xyzzy",
    "one letter": "đ",
    "beginning": "khai si",
}


def timed(standing: Standing, text: str, *, times: int = 20) -> dict[str, Any]:
    """Give middle and 95th of 100 times, processor time (all ms), and how much was found."""
    taken, found = [], 0
    worked = time.process_time()
    for _ in range(times):
        db.session.rollback()
        began = time.perf_counter()
        found = len(
            finding.search(db.session(), standing, text, body_id=standing.body_id, limit=50)
        )
        taken.append((time.perf_counter() - began) * 1000)
    worked = (time.process_time() - worked) * 1000 / times
    taken.sort()
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(times * 0.95) - 1], 1),
        "cpu_ms": round(worked, 1),
        "found": found,
    }


def measured(app: Flask, *, times: int = 20) -> Iterator[dict[str, Any]]:
    """Ask everything of a populated installation."""
    with app.app_context():
        bodies = {
            code: db.session.scalars(sa.select(Body.id).where(Body.code == code)).one()
            for code in ("bench0", "bench1")
        }
        viewers = {
            "reader": (Role.STAFF, "bench0"),
            "quality officer": (Role.QUALITY_OFFICER, "bench0"),
            "reader of a small body": (Role.STAFF, "bench1"),
        }
        for who, (role, code) in viewers.items():
            standing = standing_of(db.session(), person_with(role, bodies[code]), TODAY)
            for what, text in ASKED.items():
                yield {"who": who, "what": what, **timed(standing, text, times=times)}
        db.session.remove()


def main() -> None:
    """Measure and print."""
    for kind in DATABASES:
        for rows in [int(one) for one in sys.argv[1:]] or [1_000, 100_000]:
            with tempfile.TemporaryDirectory() as folder:
                app = migrated_app(kind, Path(folder), "nenep_bench")
                populate(app, rows)
                for line in measured(app):
                    print(kind, rows, line, flush=True)
                with app.app_context():
                    db.engine.dispose()
                app.extensions["nenep.workshop"].close()


if __name__ == "__main__":
    main()
