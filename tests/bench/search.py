"""How long search takes with 1,000 and 200,000 texts, on either database.

    python -m tests.bench.search [rows ...]        SQLite in a temporary folder
    python deploy/postgres.py -- python -m tests.bench.search [rows ...]     PostgreSQL too

Half of the texts are of one large body, the other half of 200 small ones: the figures are those of
somebody of the large body, then of a small one. Target: 95 of 100 answers within 150 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.kernel.db import WRITING, db
from app.kernel.organisation import Body
from app.kernel.people import Role
from app.kernel.permissions import Standing, standing_of
from app.kernel.search import SearchEntry, fold, sort_key, tokens
from documents import finding
from documents.models import Confidentiality, Document, DocumentKind, Revision, RevisionState
from tests.builders import MONDAY, TODAY, a_body, a_person, root
from tests.conftest import DATABASES, migrated_app

_WORDS = """
đăng ký khai sinh hồ sơ tiếp nhận giải quyết thủ tục hành chính công dân phường xã ủy ban nhân
cán bộ chức tư pháp hộ tịch chứng thực bản sao kiểm tra thời hạn trả kết quả lưu trữ quy trình
biểu mẫu phê duyệt ban hành sửa đổi đánh giá nội không phù hợp khắc phục phòng ngừa trách nhiệm
lãnh đạo đơn vị văn phòng kinh tế xây dựng đất đai môi trường giáo dục y lao động thương binh
"""
SYLLABLES = _WORDS.split()
ASKED = {
    "code": "qt-000-501",
    "common words": "hồ sơ",
    "common words, no marks": "ho so",
    "four words": "dang ky khai sinh",
    "phrase found nowhere": "sinh khai ký đăng bộ cán",
    "rare word": "zambia",
    "absent word": "xyzzy",
    "one letter": "đ",
    "beginning": "khai si",
}


def fill(rows: int, bodies: list[Body]) -> None:
    """Write documents, revisions and entries straight into the tables."""
    chance = random.Random(7)
    small = bodies[1:]
    connection = db.session.connection(execution_options={WRITING: True})
    units = {body.id: root(body).id for body in bodies}
    for start in range(0, rows, 2000):
        parts: dict[Any, list[dict[str, Any]]] = {Document: [], Revision: [], SearchEntry: []}
        for number in range(start + 1, min(start + 2000, rows) + 1):
            body = bodies[0] if number % 2 else small[number % len(small)]
            _one(parts, number, body, units[body.id], chance)
        for table, values in parts.items():
            connection.execute(sa.insert(table), values)
        if connection.dialect.name == "sqlite":
            connection.execute(
                sa.text(
                    "INSERT INTO search_index (rowid, title, title_folded, text,"
                    " text_folded) SELECT id, title, title_folded, text, text_folded"
                    " FROM search_entry WHERE id > :start"
                ),
                {"start": start},
            )
    connection.commit()
    if connection.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as analysing:
            analysing.execute(sa.text("VACUUM ANALYZE"))


def _one(parts: Any, number: int, body: Body, unit: int, chance: random.Random) -> None:
    title = " ".join(chance.choices(SYLLABLES, k=6))
    text = " ".join(chance.choices(SYLLABLES, k=300)) + (" zambia" if number % 20_000 == 1 else "")
    code = f"QT-{number // 1000:03d}-{number % 1000:03d}"
    parts[Document].append(
        {
            "id": number,
            "body_id": body.id,
            "lead_unit_id": unit,
            "kind": DocumentKind.PROCEDURE,
            "code": code,
            "code_key": code.replace("-", ""),
            "code_sort": sort_key(code),
            "title": title,
            "title_folded": fold(title),
            "confidentiality": Confidentiality.BODY,
            "clauses": [],
        }
    )
    parts[Revision].append(
        {
            "id": number,
            "body_id": body.id,
            "document_id": number,
            "edition": 1,
            "state": RevisionState.EFFECTIVE,
            "title": title,
            "drafted_at": MONDAY,
            "approved_at": MONDAY,
            "effective_at": MONDAY,
            "token": f"bench-{number}",
        }
    )
    parts[SearchEntry].append(
        {
            "id": number,
            "body_id": body.id,
            "document_id": number,
            "revision_id": number,
            "is_current": True,
            "kind": "procedure",
            "code": code,
            "code_folded": fold(code.replace("-", "")),
            "title": tokens(body.id, title.split()),
            "title_folded": tokens(body.id, fold(title).split()),
            "text": tokens(body.id, f"{title} {text}".split()),
            "text_folded": tokens(body.id, fold(f"{title} {text}").split()),
            "dated_on": date(2026, 1, 1),
        }
    )


def timed(standing: Standing, text: str, *, times: int = 20) -> tuple[float, float, float, int]:
    """Give middle and 95th of 100 times, processor time (all ms), and how much was found."""
    taken = []
    worked = time.process_time()
    found = 0
    for _ in range(times):
        db.session.rollback()
        began = time.perf_counter()
        hits = finding.search(db.session(), standing, text, body_id=standing.body_id)
        if not hits:
            finding.nearest_titles(db.session(), standing, text, body_id=standing.body_id)
        taken.append((time.perf_counter() - began) * 1000)
        found = len(hits)
    taken.sort()
    worked = (time.process_time() - worked) * 1000 / times
    return statistics.median(taken), taken[int(len(taken) * 0.95) - 1], worked, found


def measured(kind: str, rows: int) -> Iterator[str]:
    """Measure one database with one number of rows."""
    with tempfile.TemporaryDirectory() as folder:
        app = migrated_app(kind, Path(folder), "nenep_bench")
        with app.app_context():
            bodies = [a_body(f"bench{number}") for number in range(201)]
            people = [a_person(bodies[0], Role.STAFF), a_person(bodies[1], Role.STAFF)]
            fill(rows, bodies)
            for place, person in zip(("large body", "small body"), people, strict=True):
                standing = standing_of(db.session(), person, TODAY)
                for what, text in ASKED.items():
                    middle, late, worked, found = timed(standing, text)
                    yield (
                        f"{kind:10} {rows:>7} {place:10} {what:24} "
                        f"{middle:7.1f} ms {late:7.1f} ms {worked:7.1f} ms {found:3} found"
                    )
            db.session.remove()
            db.engine.dispose()
        app.extensions["nenep.workshop"].close()


def main() -> None:
    """Measure and print."""
    print("middle, 95th of 100, processor time of this process")
    for kind in DATABASES:
        for rows in [int(one) for one in sys.argv[1:]] or [1_000, 200_000]:
            for line in measured(kind, rows):
                print(line, flush=True)


if __name__ == "__main__":
    main()
