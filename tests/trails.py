"""Trails for tests: long ones written at once, and the hands of an owner of the database."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection

from app.kernel.db import db
from app.kernel.install import Installation
from app.kernel.keys import Keys
from app.kernel.trail import (
    EMPTY_HASH,
    TrailChain,
    TrailEntry,
    TrailHead,
    canonical,
    entry_hash,
    entry_mac,
)
from app.kernel.trail_check import verify
from app.kernel.trail_verdict import Verdict

STARTED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ENTRIES = TrailEntry.__table__
CHAINS = TrailChain.__table__
HEADS = TrailHead.__table__


def place(app: Flask) -> Installation:
    """Give keys and store of an application."""
    found: Installation = app.extensions["nenep"]
    return found


def checked(app: Flask, kept: list[dict[str, Any]] | None = None, **how: Any) -> Verdict:
    """Check the trail of an application as the command does, against heads kept outside."""
    there = place(app)
    return verify(db.session(), there.keys, there.store, kept_heads=kept, **how)


def entry_rows(keys: Keys, chain: int, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Make a sound chain as plain rows, the way acts write them one by one."""
    choice = random.Random(seed)
    previous, rows = EMPTY_HASH, []
    for sequence in range(1, count + 1):
        details = {
            "subject": {"code": f"QT-TP-{sequence:02d}", "title": "Đăng ký khai sinh"},
            "changes": {"title": ["Cấp bản sao", f"Cấp bản sao {choice.randint(1, 99)}"]},
            "comment": "Đồng ý, đề nghị ban hành trước ngày 01 hằng tháng.",
        }
        row = {
            "chain": chain,
            "sequence": sequence,
            "at": STARTED + timedelta(seconds=sequence, microseconds=choice.randint(0, 999_999)),
            "actor_id": choice.randint(2, 40),
            "acting_for_id": choice.choice([None, None, 41]),
            "fact": choice.choice(["revision.submitted", "revision.review_given"]),
            "record_type": "revision",
            "record_id": choice.randint(1, 5000),
            "body_id": chain or None,
            "details": canonical(details).decode(),
        }
        entry = TrailEntry(**row)
        row["hash"] = previous = entry_hash(previous, entry.content())
        row["key"] = keys.mac_id
        row["mac"] = entry_mac(keys.mac_keys[keys.mac_id], previous)
        rows.append(row)
    return rows


def write_chain(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put a chain into the database as it would stand there."""
    for start in range(0, len(rows), 5000):
        connection.execute(sa.insert(ENTRIES), rows[start : start + 5000])
    connection.execute(
        sa.insert(CHAINS),
        [{"chain": rows[-1]["chain"], "sequence": len(rows), "hash": rows[-1]["hash"]}],
    )


def drop_guards(connection: Connection) -> None:
    """Take away what the database itself refuses: the owner can, and the check must see it."""
    sqlite = connection.dialect.name == "sqlite"
    for table in ("trail_entry", "trail_head"):
        for what in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            where = "" if sqlite else f" ON {table}"
            connection.execute(sa.text(f"DROP TRIGGER {table}_no_{what}{where}"))


def drop_uniqueness(connection: Connection) -> None:
    """Let a chain hold a sequence twice (PostgreSQL; SQLite needs the table made anew)."""
    name = sa.inspect(connection).get_unique_constraints("trail_entry")[0]["name"]
    connection.execute(sa.text(f'ALTER TABLE trail_entry DROP CONSTRAINT "{name}"'))
